/*
 * usage: take-step [-g URL] [--until TIME] [--pin-changed] STEP
 *
 * Takes a step of the table of life, as sscard(7) has it, on the application
 * of each record read, and writes the record as the register has it then. The
 * state becomes what the step leaves; --until becomes loss.until, and
 * with --pin-changed the present time pin.changed. Who and where:
 * SSCARD_OPERATOR, SSCARD_STATION; the register: SSCARD_REGISTRY. What cannot
 * be done is said and not written, and the status is 1.
 */
#include "one-step.h"

struct what {
	enum ss_step step;
	const char *until;
	bool pin_changed;
};

static int
work(struct one *one, void *ctx)
{
	const struct what *what = ctx;
	struct ss_bytes members = { 0 };
	char now[SS_INSTANT_MAX];
	int r;

	ss_json_open(&members, NULL, '{');
	if (what->until != NULL) {
		ss_json_open(&members, "loss", '{');
		ss_json_add(&members, "until", what->until);
		ss_json_close(&members, '}');
	}
	if (what->pin_changed) {
		ss_instant_format(ss_now(), now);
		ss_json_open(&members, "pin", '{');
		ss_json_add(&members, "changed", now);
		ss_json_close(&members, '}');
	}
	ss_json_close(&members, '}');
	r = one_step(one, what->step, &members);
	ss_bytes_free(&members);
	return r;
}

int
main(int argc, char **argv)
{
	static const struct option longs[] = {
		{ "registry", required_argument, NULL, 'g' },
		{ "until", required_argument, NULL, 'u' },
		{ "pin-changed", no_argument, NULL, 'p' },
		{ NULL, 0, NULL, 0 },
	};
	struct what what = { SS_STEPS, NULL, false };
	const char *registry = NULL;
	struct one one = { 0 };
	int c;

	while ((c = getopt_long(argc, argv, "g:", longs, NULL)) != -1) {
		if (c == 'g')
			registry = optarg;
		else if (c == 'u')
			what.until = optarg;
		else if (c == 'p')
			what.pin_changed = true;
		else
			return 2;
	}
	if (optind + 1 == argc)
		what.step = ss_step_find(argv[optind]);
	if (what.step == SS_STEPS)
		errx(2, "usage: take-step [-g URL] [--until TIME] "
		    "[--pin-changed] STEP");
	one_open(&one, registry);
	return one_filter(&one, work, &what);
}
