/* What the reports count with: keys in order, slots of waiting times. */
#include <stdlib.h>

#include "books/report_own.h"
#include "../tap.h"

/* Every slot is near all the times that are in it, and slots ascend. */
static void
test_slots(void)
{
	int64_t t, slot, is, before = -1, off, worst = 0;
	bool ascend = true;

	for (t = 0; t < INT64_C(400) * 365 * 86400; t += 1 + t / 5000) {
		slot = ss_wait_slot(t);
		is = ss_wait_of_slot(slot);
		off = is > t ? is - t : t - is;
		if (t > 0 && off * 10000 / t > worst)
			worst = off * 10000 / t;
		ascend &= slot >= before && slot < 2048;
		before = slot;
	}
	ok(ascend, "slots ascend");
	ok(worst > 0 && worst <= 100, "a slot is at most %lld in 10,000 away",
	    (long long)worst);
	ok(ss_wait_slot(-5) == 0, "a clock that was set back: no wait");
	ok(ss_wait_of_slot(127) == 127, "two minutes are exact");
	ok(ss_wait_slot(INT64_MAX) < 2048, "no wait is too long");
}

enum { REGIONS = 7, DAYS = 5, WHATS = 6, DETAILS = 40 };

static int64_t model[REGIONS][DAYS][WHATS][DETAILS];
static int64_t last;
static size_t seen, wrong;

static int
check(const struct ss_tally_key *k, int64_t n, void *ctx)
{
	int64_t place = ((k->region / 150000 * DAYS + k->day / 1000) * WHATS +
	    k->what) * DETAILS + k->detail / 50;
	int64_t want = (&model[0][0][0][0])[place];

	(void)ctx;
	seen++;
	wrong += place <= last || n != want || want == 0 ||
	    k->region % 150000 != 0 || k->day % 1000 != 0;
	last = place;
	return 0;
}

static void
test_tally(void)
{
	struct ss_tally *t;
	struct ss_tally_key key;
	size_t used = 0, i;
	int64_t *m, n;
	int r = 0;

	srandom(7);
	if (ss_tally_new(&t) != 0)
		exit(1);
	for (i = 0; r == 0 && i < 60000; i++) {
		key = (struct ss_tally_key){ random() % REGIONS,
			random() % DAYS, random() % WHATS,
			random() % DETAILS };
		m = &model[key.region][key.day][key.what][key.detail];
		n = 1 + random() % 9;
		used += *m == 0;
		key.region *= 150000;
		key.day *= 1000;
		key.detail *= 50;
		if (key.what == 0) {
			*m = *m < n ? n : *m;
			r = ss_tally_raise(t, &key, n);
		} else {
			*m += n;
			r = ss_tally_add(t, &key, n);
		}
	}
	last = -1;
	ok(r == 0 && ss_tally_each(t, check, NULL) == 0, "walked");
	ok(seen == used && wrong == 0, "%zu keys, each once and in order",
	    used);
	ss_tally_free(t);
	ss_tally_free(NULL);
}

int
main(void)
{
	test_slots();
	test_tally();
	return done();
}
