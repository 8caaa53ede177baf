/*
 * usage: make-card [-g URL] [--spoil | --stop-after make]
 *
 * Does to the register what ss-encode does when it makes a card, without any
 * chip: for each approved record read, a job, a number, a chip made up of the
 * number, and the record with its card is written. --spoil gives the card up
 * instead of finishing it; --stop-after make leaves it in the making, and the
 * next run, of any station, takes it over and goes on. Who and
 * where: SSCARD_OPERATOR, SSCARD_STATION; the register: SSCARD_REGISTRY; rules:
 * SSCARD_DATA. What cannot be done is said and not written, and the status is
 * 1.
 */
#include "one-step.h"

#include "rules/policy.h"

#define RESET 26		/* hexadecimal digits of 13 bytes */
#define IDENTIFIER 32		/* of 16, of which the chip has 12 */
#define YEARS 10

struct what {
	struct ss_policies *policies;
	bool spoil, stop;
};

/* The card's members; what only a finished one has, too. */
static int
card_of(const struct one *one, const struct ss_policy *policy,
    const char *number, bool finished, struct ss_bytes *b)
{
	char hex[SS_SM3_HEX], date[SS_DATE_MAX], now[SS_INSTANT_MAX];
	ss_day today = ss_instant_day(ss_now());
	int r;

	if ((r = ss_sm3_hex(one->sm3, number, strlen(number), hex)) != 0)
		return r;
	ss_bytes_reset(b);
	ss_json_open(b, NULL, '{');
	ss_json_open(b, "card", '{');
	ss_json_add(b, "number", number);
	ss_json_addn(b, "chip", hex, RESET + IDENTIFIER - 8);
	if (finished) {
		ss_json_addn(b, "reset", hex, RESET);
		ss_json_addn(b, "identifier", hex + RESET, IDENTIFIER);
		ss_json_addi(b, "generation", policy->card.generation);
		ss_day_format(today, date);
		ss_json_add(b, "issued", date);
		ss_day_format(ss_day_add_months(today, 12 * YEARS), date);
		ss_json_add(b, "expires", date);
		ss_json_add(b, "by", one->operator);
		ss_json_add(b, "station", one->station);
		ss_instant_format(ss_now(), now);
		ss_json_add(b, "time", now);
	}
	ss_json_close(b, '}');
	ss_json_close(b, '}');
	return ss_bytes_check(b);
}

static int
give_up(struct one *one, struct ss_bytes *b)
{
	ss_bytes_reset(b);
	ss_bytes_adds(b, "{\"card\":null}");
	return one_step(one, SS_GIVE_UP, b);
}

static int
work(struct one *one, void *ctx)
{
	const struct what *what = ctx;
	const struct ss_policy *policy;
	struct ss_card_numbers numbers;
	struct ss_bytes b = { 0 };
	bool begun = one->entry.at.state == SS_MAKING && !what->stop;
	struct ss_job job;
	int r;

	if (one->entry.at.state != SS_APPROVED && !begun)
		return ss_fail(SS_ESTATE, "the application is %s, not "
		    "approved", ss_state_word(one->entry.at.state));
	if ((r = ss_policies_get(what->policies, one->entry.region,
	    &policy)) != 0 ||
	    (r = ss_card_numbers_init(&numbers, policy)) != 0 ||
	    (r = ss_job_begin(one->reg, &one->entry, &numbers, ss_now(),
	    &job)) != 0)
		return r;
	one->epoch = job.epoch;
	if (!begun && (r = card_of(one, policy, job.number, false, &b)) == 0)
		r = one_step(one, SS_MAKE, &b);
	if (r == 0 && !what->stop) {
		if (what->spoil)
			r = give_up(one, &b);
		else if ((r = card_of(one, policy, job.number, true,
		    &b)) == 0)
			r = one_step(one, SS_FINISH, &b);
	}
	ss_bytes_free(&b);
	return r;
}

int
main(int argc, char **argv)
{
	static const struct option longs[] = {
		{ "registry", required_argument, NULL, 'g' },
		{ "spoil", no_argument, NULL, 's' },
		{ "stop-after", required_argument, NULL, 'a' },
		{ NULL, 0, NULL, 0 },
	};
	const char *data = one_setting("SSCARD_DATA", SS_DATADIR);
	const char *registry = NULL;
	struct what what = { NULL, false, false };
	struct ss_words *words = NULL;
	struct one one = { 0 };
	int c, status;

	while ((c = getopt_long(argc, argv, "g:", longs, NULL)) != -1) {
		if (c == 'g')
			registry = optarg;
		else if (c == 's')
			what.spoil = true;
		else if (c == 'a' && strcmp(optarg, "make") == 0)
			what.stop = true;
		else
			return 2;
	}
	if (optind != argc || (what.spoil && what.stop))
		errx(2, "usage: make-card [-g URL] [--spoil | "
		    "--stop-after make]");
	if (ss_words_open(&words, data) != 0 ||
	    ss_policies_open(&what.policies, data, words) != 0)
		errx(3, "%s", ss_message());
	one_open(&one, registry);
	status = one_filter(&one, work, &what);
	ss_policies_close(what.policies);
	ss_words_close(words);
	return status;
}
