/* An exchange: the form, a command behind its length, and the card's answers,
 * each behind its own; what a card may say must come to an end. */
#define _GNU_SOURCE	/* memfd_create */
#include "../fuzz-main.h"
#include "base/err.h"
#include "chip/apdu.h"
#include "chip/status.h"

struct tape {
	const uint8_t *p;
	size_t len;
};

/* The next stretch of the tape, which may be shorter than its length says. */
static struct tape
cut(struct tape *tape)
{
	struct tape t = { tape->p, 0 };

	if (tape->len == 0)
		return t;
	t.p = tape->p + 1;
	t.len = tape->p[0];
	if (t.len > tape->len - 1)
		t.len = tape->len - 1;
	tape->p = t.p + t.len;
	tape->len -= t.len + 1;
	return t;
}

/* What can be sent reads as what it is. */
static void
check_sent(const struct ss_apdu *a, enum ss_apdu_form form)
{
	static uint8_t room[SS_APDU_ROOM];
	struct ss_apdu b;
	size_t n, i;

	if (ss_apdu_encode(a, form, room, sizeof(room), &n) != 0) {
		FUZZ_CHECK(n == 0 && form != SS_APDU_EXTENDED);
		return;
	}
	FUZZ_CHECK(n >= 4 && ss_apdu_parse(room, n, &b) == 0 &&
	    b.cla == a->cla && b.ins == a->ins && b.p1 == a->p1 &&
	    b.p2 == a->p2 && b.len == a->len && (b.le == a->le ||
	    (form == SS_APDU_T0 && a->len > 0 && b.le == 0)) &&
	    (a->len == 0 || memcmp(a->data, b.data, a->len) == 0));
	for (i = 0; i < ss_apdu_links(a); i++)
		FUZZ_CHECK(ss_apdu_link(a, i, &b) == 0 &&
		    b.len <= SS_APDU_SHORT_DATA);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct tape tape, t;
	struct ss_exchange x = { .form = SS_APDU_T0 };
	struct ss_response r;
	struct ss_apdu a;
	bool more = true;
	int bad = 0;

	if (size == 0)
		return 0;
	tape = (struct tape){ data + 1, size - 1 };
	x.form = (enum ss_apdu_form)(data[0] % 3);
	t = cut(&tape);
	if (ss_apdu_parse(t.p, t.len, &a) != 0)
		return 0;
	while (more && bad == 0 && tape.len > 0) {
		check_sent(&a, x.form);
		t = cut(&tape);
		if ((bad = ss_response_parse(t.p, t.len, &r)) != 0)
			break;
		FUZZ_CHECK(r.len + 2 == t.len);
		bad = ss_apdu_next(&x, &a, &r, &a, &more);
		FUZZ_CHECK(x.turns <= SS_EXCHANGE_TURNS && x.len <=
		    SS_APDU_LE && !(more && bad != 0));
		if (bad == 0 && !more)
			FUZZ_CHECK((r.sw == SS_SW_OK) ==
			    (ss_status_fail(r.sw, "fuzz") == 0));
	}
	FUZZ_CHECK(bad == 0 || (bad == SS_ECARD && ss_message()[0] != '\0'));
	return 0;
}
