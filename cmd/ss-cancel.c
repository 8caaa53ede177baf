/* ss-cancel: the end of applications and cards. */
#include "desk/cancel.h"
#include "front/front.h"

static struct {
	const char *reason;
	bool overdue;
	struct ss_cancel cancel;
	struct ss_pick pick;
} given;

static struct ss_task task = { .one = ss_cancel_one, .ctx = &given.cancel };

static const struct ss_option options[] = {
	{ 0, "reason", "WORD", NULL, "death, emigration, withdrawn, error or "
	    "uncollected", SS_OPTION_STRING, &given.reason, 0, 0 },
	{ 0, "overdue", NULL, NULL, "all that the policy calls uncollected",
	    SS_OPTION_FLAG, &given.overdue, 0, 0 },
	{ 0, "handed-in", NULL, NULL, "the plastic has come back",
	    SS_OPTION_FLAG, &given.cancel.handed_in, 0, 0 },
	{ 0, "destroyed", NULL, NULL, "it has been destroyed",
	    SS_OPTION_FLAG, &given.cancel.destroyed, 0, 0 },
	{ 0 },
};

static bool
feeds(const struct ss_front *f)
{
	(void)f;
	return given.overdue;
}

static int
check(struct ss_front *f)
{
	const struct ss_cancel *c = &given.cancel;

	given.cancel.reason = given.reason != NULL ?
	    ss_cancel_find(given.reason) : SS_CANCEL_NOTHING;
	if ((given.reason != NULL) + c->handed_in + c->destroyed != 1)
		return ss_usage_error(&f->command, "one of --reason, "
		    "--handed-in and --destroyed is wanted");
	if (given.reason != NULL && c->reason == SS_CANCEL_NOTHING)
		return ss_usage_error(&f->command, "--reason is death, "
		    "emigration, withdrawn, error or uncollected");
	if (given.overdue && c->reason != SS_CANCEL_UNCOLLECTED)
		return ss_usage_error(&f->command, "--overdue goes with "
		    "--reason uncollected");
	if (given.overdue && (f->command.common.card != NULL ||
	    f->command.common.person != NULL))
		return ss_usage_error(&f->command, "--overdue excludes --card "
		    "and --person");
	return SS_CONTINUE;
}

static int
find_overdue(struct ss_front *f, struct ss_desk *desk, struct ss_work *work,
    struct ss_source *source)
{
	int r;

	(void)f;
	(void)work;
	if (!given.overdue)
		return 0;
	if ((r = ss_cancel_overdue(&given.cancel, desk, &given.pick)) == 0)
		*source = ss_pick_source(&given.pick);
	return r;
}

static void
free_pick(struct ss_front *f)
{
	(void)f;
	ss_pick_wipe(&given.pick);
}

int
main(int argc, char **argv)
{
	struct ss_front front = {
		.command = {
			.name = "ss-cancel",
			.about = "Ends applications and cards, and what "
			    "becomes of the plastic.",
			.operands = "[file ...]",
			.takes = SS_TAKES_REGION | SS_TAKES_WHO |
			    SS_TAKES_RECORDS | SS_TAKES_REGISTRY |
			    SS_TAKES_CARD,
			.options = options,
		},
		.check = check,
		.feeds = feeds,
		.all_of_person = true,
		.task = &task,
		.open = find_overdue,
		.close = free_pick,
	};

	return ss_front_main(&front, argc, argv);
}
