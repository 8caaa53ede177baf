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
} given;

static struct ss_task task = { .input = SS_COLLECT_INPUT,
	.one = ss_collect_one, .ctx = &given.collect };

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
read_reason(struct ss_front *f, struct ss_desk *desk, struct ss_work *work,
    struct ss_source *source)
{
	int r;

	(void)f;
	(void)work;
	(void)source;
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

static void
free_reason(struct ss_front *f)
{
	(void)f;
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
		.check = check,
		.task = &task,
		.open = read_reason,
		.close = free_reason,
	};

	return ss_front_main(&front, argc, argv);
}
