/* ss-report-loss: cards lost, for now or for good, and found again. */
#include "base/err.h"
#include "desk/lock.h"
#include "desk/loss.h"
#include "front/chip.h"
#include "front/counter.h"

static struct {
	const char *kind, *channel, *reporter, *attest;
	bool lock;
	struct ss_loss loss;
	struct ss_lock chip;
} given;

static struct ss_task task = { .one = ss_loss_one, .ctx = &given.loss };
static struct ss_task lock_task = { .input = SS_COUNTER_INPUT,
	.one = ss_lock_one, .ctx = &given.chip, .singly = true };

static const struct ss_option options[] = {
	{ 0, "kind", "KIND", NULL, "temporary, formal or release",
	    SS_OPTION_STRING, &given.kind, 0, 0 },
	{ 0, "channel", "WORD", NULL, "how it was reported (default: counter)",
	    SS_OPTION_STRING, &given.channel, 0, 0 },
	{ 0, "reporter", "WORD", NULL, "by whom (default: holder)",
	    SS_OPTION_STRING, &given.reporter, 0, 0 },
	{ 0, "lock", NULL, NULL, "block the card in the reader",
	    SS_OPTION_FLAG, &given.lock, 0, 0 },
	{ 0, "unlock", NULL, NULL, "unblock the card in the reader",
	    SS_OPTION_FLAG, &given.chip.unlock, 0, 0 },
	{ 0, "attest", "WORD", NULL, "unlock: identity, a document was shown "
	    "to the operator", SS_OPTION_STRING, &given.attest, 0, 0 },
	{ 0, "force", NULL, NULL, "use a key that the card refused before",
	    SS_OPTION_FLAG, &given.chip.counter.force, 0, 0 },
	{ 0 },
};

/* Whether it is about the chip, and needs it. */
static bool
is_chip(void)
{
	return given.lock || given.chip.unlock;
}

static bool
feeds(const struct ss_front *f)
{
	return is_chip() && ss_counter_feeds(f);
}

static int
check_chip(struct ss_front *f)
{
	if (given.lock && given.chip.unlock)
		return ss_usage_error(&f->command, "--lock and --unlock "
		    "exclude each other");
	if (given.kind != NULL || given.channel != NULL ||
	    given.reporter != NULL)
		return ss_usage_error(&f->command, "--lock and --unlock go "
		    "without --kind, --channel and --reporter");
	f->task = &lock_task;
	return ss_counter_check(f, &given.chip.counter, given.attest);
}

static int
check(struct ss_front *f)
{
	if (is_chip())
		return check_chip(f);
	if (given.attest != NULL || given.chip.counter.force)
		return ss_usage_error(&f->command, "--attest and --force go "
		    "with --lock or --unlock");
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

	(void)work;
	if (is_chip())
		return ss_counter_begin(f, &given.chip.counter, desk, source);
	if ((r = find_word(desk, "channel", given.channel, "counter",
	    &given.loss.channel)) != 0)
		return r;
	return find_word(desk, "through", given.reporter, "holder",
	    &given.loss.reporter);
}

static void
close_chip(struct ss_front *f)
{
	(void)f;
	ss_counter_end(&given.chip.counter);
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
			    SS_TAKES_CARD | SS_TAKES_READER | SS_TAKES_KEYS,
			.options = options,
		},
		.check = check,
		.task = &task,
		.feeds = feeds,
		.open = find_words,
		.close = close_chip,
	};
	int status = ss_front_main(&front, argc, argv);

	return ss_chip_end(ss_terminal_left(&given.chip.counter.terminal),
	    status);
}
