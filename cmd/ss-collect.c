/* ss-collect: cards handed over, and wrong ones taken back. */
#include <string.h>

#include "base/err.h"
#include "base/text.h"
#include "desk/collect.h"
#include "front/front.h"

static struct {
	const char *reason;
	struct ss_bytes text;	/* of it, as a record has it */
	struct ss_collect collect;
	struct ss_task task;
} given;

static const struct ss_option options[] = {
	{ 0, "take-back", NULL, NULL, "a card handed over by mistake",
	    SS_OPTION_FLAG, &given.collect.take_back, 0, 0 },
	{ 0, "reason", "TEXT", NULL, "why it is taken back",
	    SS_OPTION_STRING, &given.reason, 0, 0 },
	{ 0 },
};

static int
check(struct ss_front *f)
{
	const struct ss_common *c = &f->command.common;

	if (given.collect.take_back)
		return SS_CONTINUE;
	if (given.reason != NULL)
		return ss_usage_error(&f->command, "--reason goes with "
		    "--take-back");
	/* Who collects stands in a record. */
	if (c->card != NULL || c->person != NULL)
		return ss_usage_error(&f->command, "--card and --person go "
		    "with --take-back");
	return SS_CONTINUE;
}

/* Made a text of a record, as a form's would be. */
static int
read_reason(const struct ss_desk *desk)
{
	int r;

	if (given.reason == NULL)
		return 0;
	if (!ss_utf8_valid(given.reason, strlen(given.reason)))
		return ss_fail(SS_EINVALID, "--reason: not UTF-8");
	if ((r = ss_entry_normalize(SS_ENTRY_TEXT, NULL, desk->words,
	    given.reason, &given.text)) != 0)
		return ss_fail_in(r, "--reason");
	if (given.text.len > 0)
		given.collect.reason = given.text.data;
	return ss_bytes_check(&given.text);
}

static int
open_task(struct ss_front *f, struct ss_desk *desk, struct ss_work *work,
    struct ss_source *source)
{
	int r;

	(void)f;
	(void)source;
	given.task = (struct ss_task){ .input = SS_COLLECT_INPUT,
		.one = ss_collect_one, .ctx = &given.collect };
	if ((r = read_reason(desk)) != 0 ||
	    (r = ss_task_open(&given.task, desk)) != 0)
		return r;
	*work = ss_task_work(&given.task);
	return 0;
}

static void
close_task(struct ss_front *f)
{
	(void)f;
	ss_task_close(&given.task);
	ss_bytes_free(&given.text);
}

int
main(int argc, char **argv)
{
	struct ss_front front = {
		.command = {
			.name = "ss-collect",
			.about = "Hands cards over to those who show who "
			    "they are.",
			.operands = "[file ...]",
			.takes = SS_TAKES_REGION | SS_TAKES_FILES |
			    SS_TAKES_WHO | SS_TAKES_RECORDS |
			    SS_TAKES_REGISTRY | SS_TAKES_CARD,
			.options = options,
		},
		.bound = true,
		.check = check,
		.open = open_task,
		.close = close_task,
	};

	return ss_front_main(&front, argc, argv);
}
