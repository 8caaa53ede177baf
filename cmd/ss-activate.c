/* ss-activate: cards come into use. */
#include <string.h>

#include "desk/activate.h"
#include "front/chip.h"
#include "front/counter.h"

static struct ss_counter counter;
static const char *attest;

static struct ss_task task = { .input = SS_COUNTER_INPUT,
	.one = ss_activate_one, .ctx = &counter, .singly = true };

static const struct ss_option options[] = {
	{ 0, "attest", "WORD", NULL, "identity: a document was shown to the "
	    "operator", SS_OPTION_STRING, &attest, 0, 0 },
	{ 0, "force", NULL, NULL, "use a key that the card refused before",
	    SS_OPTION_FLAG, &counter.force, 0, 0 },
	{ 0 },
};

static int
check(struct ss_front *f)
{
	return ss_counter_check(f, &counter, attest);
}

static int
open_task(struct ss_front *f, struct ss_desk *desk, struct ss_work *work,
    struct ss_source *source)
{
	(void)work;
	return ss_counter_begin(f, &counter, desk, source);
}

static void
close_task(struct ss_front *f)
{
	(void)f;
	ss_counter_end(&counter);
}

int
main(int argc, char **argv)
{
	struct ss_front front = {
		.command = {
			.name = "ss-activate",
			.about = "Brings cards into use, when they prove "
			    "genuine and the ones of the register.",
			.operands = "[file ...]",
			.takes = SS_TAKES_REGION | SS_TAKES_WHO |
			    SS_TAKES_RECORDS | SS_TAKES_REGISTRY |
			    SS_TAKES_CARD | SS_TAKES_READER | SS_TAKES_KEYS,
			.options = options,
		},
		.task = &task,
		.check = check,
		.feeds = ss_counter_feeds,
		.open = open_task,
		.close = close_task,
	};
	int status = ss_front_main(&front, argc, argv);

	return ss_chip_end(ss_terminal_left(&counter.terminal), status);
}
