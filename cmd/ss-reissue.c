/* ss-reissue: an application for the card that replaces another one. */
#include "desk/reissue.h"
#include "front/front.h"

static struct {
	const char *reason;
	struct ss_reissue reissue;
} given;

static struct ss_task task = { .input = SS_REISSUE_INPUT,
	.one = ss_reissue_one, .ctx = &given.reissue };

static const struct ss_option options[] = {
	{ 0, "reason", "WORD", NULL,
	    "lost, damaged, expiring or data-change", SS_OPTION_STRING,
	    &given.reason, 0, 0 },
	{ 0, "handed-in", NULL, NULL, "the old card is handed in with it",
	    SS_OPTION_FLAG, &given.reissue.handed_in, 0, 0 },
	{ 0 },
};

static int
check(struct ss_front *f)
{
	if (given.reason == NULL || (given.reissue.reason = ss_reissue_find(
	    given.reason)) == SS_REISSUE_REASONS)
		return ss_usage_error(&f->command, "--reason is lost, "
		    "damaged, expiring or data-change");
	if (given.reissue.handed_in &&
	    given.reissue.reason == SS_REISSUE_LOST)
		return ss_usage_error(&f->command, "a lost card cannot be "
		    "handed in");
	return SS_CONTINUE;
}

int
main(int argc, char **argv)
{
	struct ss_front front = {
		.command = {
			.name = "ss-reissue",
			.about = "Makes applications for cards that replace "
			    "others.",
			.operands = "[file ...]",
			.takes = SS_TAKES_REGION | SS_TAKES_FILES |
			    SS_TAKES_WHO | SS_TAKES_RECORDS |
			    SS_TAKES_REGISTRY | SS_TAKES_CARD,
			.options = options,
		},
		.check = check,
		.task = &task,
	};

	return ss_front_main(&front, argc, argv);
}
