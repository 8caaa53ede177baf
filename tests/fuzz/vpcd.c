/* What a virtual reader sends: bytes cut into messages, and answered. */
#define _GNU_SOURCE	/* memfd_create */
#include "../fuzz-main.h"
#include "../card.h"
#include "softcard/vpcd.h"

static struct card *card;
static struct ss_profiles *profiles;
static char folder[] = "/tmp/sscard-fuzz.XXXXXX";

static void
remove_card(void)
{
	card_end(card);
	free(card);
	ss_profiles_close(profiles);
	rmdir(folder);
}

static void
make_card(void)
{
	const struct ss_profile *p;

	must(ss_profiles_open(&profiles, fuzz_data_dir()) == 0 &&
	    ss_profiles_find(profiles, "gen3", &p) == 0 &&
	    mkdtemp(folder) != NULL &&
	    (card = malloc(sizeof(*card))) != NULL, "start");
	card_new(card, folder, profiles, p);
	atexit(remove_card);
}

/* One answer at most, whole, and of the kind that was asked for. */
static void
check_answer(const struct ss_vpcd_message *m, int r, const struct ss_bytes *out)
{
	struct ss_vpcd_message a;

	FUZZ_CHECK(r == 0 || (r == SS_EREADER && m->kind == SS_VPCD_APDU));
	if (r != 0 || (m->kind != SS_VPCD_APDU && m->kind != SS_VPCD_ATR)) {
		FUZZ_CHECK(out->len == 0);
		return;
	}
	FUZZ_CHECK(ss_vpcd_parse(out->data, out->len, &a) == out->len);
	FUZZ_CHECK(a.len >= 2);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct ss_bytes out = { 0 };
	struct ss_vpcd_message m;
	size_t at = 0, n;
	int r = 0;

	if (card == NULL)
		make_card();
	ss_softcard_power(card->card, false);
	while (r == 0 && (n = ss_vpcd_parse(data + at, size - at, &m)) > 0) {
		FUZZ_CHECK(n == m.len + 2 && n <= size - at &&
		    m.body == data + at + 2);
		at += n;
		ss_bytes_reset(&out);
		r = ss_vpcd_answer(card->card, &m, &out);
		check_answer(&m, r, &out);
	}
	if (r == 0)
		FUZZ_CHECK(m.kind == SS_VPCD_NOTHING && m.body == NULL &&
		    size - at < 65537);
	ss_bytes_free(&out);
	return 0;
}
