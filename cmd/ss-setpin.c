/* ss-setpin: the PIN of a card. */
#include <stdio.h>
#include <string.h>

#include "cli/secret.h"
#include "desk/setpin.h"
#include "front/chip.h"
#include "front/counter.h"

static struct ss_setpin setpin;
static const char *attest;
static long pin_fd = -1;
static bool reset, unblock;

static struct ss_task task = { .input = SS_COUNTER_INPUT,
	.one = ss_setpin_one, .ctx = &setpin, .singly = true };

static const struct ss_option options[] = {
	{ 0, "reset", NULL, NULL, "a new PIN from the issuer",
	    SS_OPTION_FLAG, &reset, 0, 0 },
	{ 0, "unblock", NULL, NULL, "the counter of tries alone",
	    SS_OPTION_FLAG, &unblock, 0, 0 },
	{ 0, "pin-fd", "N", NULL, "PINs from this descriptor, one a line, the "
	    "old one first", SS_OPTION_NUMBER, &pin_fd, 0, SS_FD_MAX },
	{ 0, "attest", "WORD", NULL, "identity: a document was shown to the "
	    "operator", SS_OPTION_STRING, &attest, 0, 0 },
	{ 0, "force", NULL, NULL, "also the last try, or a key that the card "
	    "refused before", SS_OPTION_FLAG, &setpin.counter.force, 0, 0 },
	{ 0 },
};

/* Whether records, or a person's number, come from standard input. */
static bool
reads_input(const struct ss_command *c)
{
	size_t i;

	for (i = 0; i < c->operand_count; i++)
		if (strcmp(c->operand[i], "-") == 0)
			return true;
	return c->common.person != NULL && strcmp(c->common.person, "-") == 0;
}

static int
check(struct ss_front *f)
{
	if (pin_fd == 0 && reads_input(&f->command))
		return ss_usage_error(&f->command, "--pin-fd 0 and records "
		    "from standard input exclude each other");
	setpin.once = pin_fd >= 0;
	if (reset && unblock)
		return ss_usage_error(&f->command, "--reset and --unblock "
		    "exclude each other");
	setpin.kind = reset ? SS_SETPIN_RESET : unblock ? SS_SETPIN_UNBLOCK :
	    SS_SETPIN_CHANGE;
	return ss_counter_check(f, &setpin.counter, attest);
}

static int
ask(bool new, char pin[SS_PIN_SIZE], void *ctx)
{
	const struct ss_secret_source source = { pin_fd,
		new ? "new PIN" : "old PIN", "--pin-fd" };

	(void)ctx;
	return new ? ss_secret_choose(&source, pin, SS_PIN_SIZE) :
	    ss_secret_read(&source, pin, SS_PIN_SIZE);
}

static void
tell(int left, int full, void *ctx)
{
	ss_note(ctx, "%d of %d tries are left, as far as is known", left,
	    full);
}

static int
open_task(struct ss_front *f, struct ss_desk *desk, struct ss_work *work,
    struct ss_source *source)
{
	(void)work;
	setpin.ask = ask;
	setpin.tell = tell;
	setpin.ctx = &f->command;
	return ss_counter_begin(f, &setpin.counter, desk, source);
}

static void
close_task(struct ss_front *f)
{
	(void)f;
	ss_counter_end(&setpin.counter);
}

int
main(int argc, char **argv)
{
	struct ss_front front = {
		.command = {
			.name = "ss-setpin",
			.about = "Changes the PIN of a card, gives a new one, "
			    "or unblocks it.",
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

	return ss_chip_end(ss_terminal_left(&setpin.counter.terminal),
	    status);
}
