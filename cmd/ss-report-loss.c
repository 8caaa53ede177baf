/* ss-report-loss: cards lost, for now or for good, and found again. */
#include "base/err.h"
#include "desk/loss.h"
#include "front/front.h"

static struct {
	const char *kind, *channel, *reporter;
	struct ss_loss loss;
} given;

static struct ss_task task = { .one = ss_loss_one, .ctx = &given.loss };

static const struct ss_option options[] = {
	{ 0, "kind", "KIND", NULL, "temporary, formal or release",
	    SS_OPTION_STRING, &given.kind, 0, 0 },
	{ 0, "channel", "WORD", NULL, "how it was reported (default: counter)",
	    SS_OPTION_STRING, &given.channel, 0, 0 },
	{ 0, "reporter", "WORD", NULL, "by whom (default: holder)",
	    SS_OPTION_STRING, &given.reporter, 0, 0 },
	{ 0 },
};

static int
check(struct ss_front *f)
{
	if (given.kind == NULL || (given.loss.kind = ss_loss_find(
	    given.kind)) == SS_LOSS_KINDS)
		return ss_usage_error(&f->command, "--kind is temporary, "
		    "formal or release");
	return SS_CONTINUE;
}

static int
find_word(const struct ss_desk *desk, const char *set, const char *text,
    const char *fallback, const char **out)
{
	*out = ss_words_find(desk->words, set, text != NULL ? text : fallback);
	return *out != NULL ? 0 : ss_fail_in(ss_words_fail(desk->words, set),
	    "--%s", set[0] == 'c' ? "channel" : "reporter");
}

static int
find_words(struct ss_front *f, struct ss_desk *desk, struct ss_work *work,
    struct ss_source *source)
{
	int r;

	(void)f;
	(void)work;
	(void)source;
	if ((r = find_word(desk, "channel", given.channel, "counter",
	    &given.loss.channel)) != 0)
		return r;
	return find_word(desk, "through", given.reporter, "holder",
	    &given.loss.reporter);
}

int
main(int argc, char **argv)
{
	struct ss_front front = {
		.command = {
			.name = "ss-report-loss",
			.about = "Reports cards lost, for now or formally, "
			    "or found again.",
			.operands = "[file ...]",
			.takes = SS_TAKES_REGION | SS_TAKES_WHO |
			    SS_TAKES_RECORDS | SS_TAKES_REGISTRY |
			    SS_TAKES_CARD,
			.options = options,
		},
		.check = check,
		.task = &task,
		.open = find_words,
	};

	return ss_front_main(&front, argc, argv);
}
