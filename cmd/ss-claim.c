/* ss-claim: approved applications for this station to make. */
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/text.h"
#include "desk/claiming.h"
#include "front/front.h"

static struct {
	const char *lease;
	int64_t count;
	struct ss_claiming claiming;
} given;

static const struct ss_option options[] = {
	{ 0, "lease", "PERIOD", NULL, "for so long (default: claim.lease)",
	    SS_OPTION_STRING, &given.lease, 0, 0 },
	{ 0, "held", NULL, NULL, "those that this station holds already",
	    SS_OPTION_FLAG, &given.claiming.held, 0, 0 },
	{ 0, "release", NULL, NULL, "let go of the records that come in",
	    SS_OPTION_FLAG, &given.claiming.release, 0, 0 },
	{ 0 },
};

/* Without --release the operand is a number, and nothing is read. */
static bool
feeds(const struct ss_front *f)
{
	(void)f;
	return !given.claiming.release;
}

static int
check(struct ss_front *f)
{
	struct ss_command *command = &f->command;
	const char *count = command->operand_count == 1 ?
	    command->operand[0] : "";
	size_t n = strlen(count);
	int r;

	if (given.claiming.held && given.claiming.release)
		return ss_usage_error(command, "--held and --release exclude "
		    "each other");
	if (given.lease != NULL && (given.claiming.held ||
	    given.claiming.release))
		return ss_usage_error(command, "--lease goes with a claim");
	if (given.lease != NULL && (r = ss_period_parse(given.lease,
	    &given.claiming.lease)) != 0) {
		ss_fail_in(r, "--lease");
		return ss_stop_error(command);
	}
	if (given.claiming.release)
		return SS_CONTINUE;
	if (command->operand_count != 1 || n == 0 || n > 9 ||
	    !ss_is_digits(count, n) ||
	    (given.count = atol(count)) == 0)
		return ss_usage_error(command, "how many is wanted: a number "
		    "from 1 to 999999999");
	given.claiming.want = given.count;
	command->operand_count = 0;
	return SS_CONTINUE;
}

static int
open_task(struct ss_front *f, struct ss_desk *desk, struct ss_work *work,
    struct ss_source *source)
{
	if (feeds(f))
		*source = ss_claiming_source(&given.claiming);
	int r = ss_claiming_open(&given.claiming, desk);

	if (r == 0)
		*work = ss_claiming_work(&given.claiming);
	return r;
}

/* Fewer than were asked for are no fault, but are said. */
static void
close_task(struct ss_front *f)
{
	const struct ss_claiming *c = &given.claiming;

	if (c->ended && c->want > 0)
		ss_note(&f->command, "%lld of %lld: no more are %s",
		    (long long)(given.count - c->want),
		    (long long)given.count, c->held ? "held" : "free");
	ss_claiming_close(&given.claiming);
}

int
main(int argc, char **argv)
{
	struct ss_front front = {
		.command = {
			.name = "ss-claim",
			.about = "Claims approved applications for this "
			    "station, or lets them go.",
			.operands = "[count | file ...]",
			.takes = SS_TAKES_REGION | SS_TAKES_WHO |
			    SS_TAKES_RECORDS | SS_TAKES_REGISTRY,
			.options = options,
		},
		.check = check,
		.feeds = feeds,
		.open = open_task,
		.close = close_task,
	};

	return ss_front_main(&front, argc, argv);
}
