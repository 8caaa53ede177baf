/* ss-read: what a card says. */
#include "base/err.h"
#include "desk/reading.h"
#include "front/chip.h"
#include "front/front.h"
#include "front/keys.h"

static struct ss_reading reading;
static bool public, with_keys;

static const struct ss_option options[] = {
	{ 0, "public", NULL, NULL, "only what is read without keys",
	    SS_OPTION_FLAG, &public, 0, 0 },
	{ 0, "raw", NULL, NULL, "the files too, as hexadecimal",
	    SS_OPTION_FLAG, &reading.raw, 0, 0 },
	{ 0, "force", NULL, NULL, "use a key that the card refused before",
	    SS_OPTION_FLAG, &reading.force, 0, 0 },
	{ 0, "photo", "FILE", NULL, "write the photo there",
	    SS_OPTION_STRING, &reading.photo, 0, 0 },
	{ 0 },
};

/* Without files the card says which record it is. */
static bool
feeds(const struct ss_front *f)
{
	return f->command.operand_count == 0;
}

static int
check(struct ss_front *f)
{
	struct ss_common *c = &f->command.common;

	if (c->jobs > 1)
		return ss_usage_error(&f->command, "--jobs: a reader reads "
		    "one card at a time");
	/* Public data need no key; nobody is asked for a passphrase. */
	with_keys = c->keys != NULL && !public;
	reading.card_first = f->command.operand_count == 0;
	if (c->registry == NULL)	/* none is made for looking at a card */
		c->registry = "none";
	return SS_CONTINUE;
}

static int
open_task(struct ss_front *f, struct ss_desk *desk, struct ss_work *work,
    struct ss_source *source)
{
	const struct ss_common *c = &f->command.common;
	int r;

	ss_chip_setup(&reading.terminal, &f->command);
	if (with_keys &&
	    (r = ss_keys_open(&f->command, &reading.terminal.keys)) != 0)
		return r;
	if ((r = ss_reading_open(&reading, desk, c->data)) != 0)
		return r;
	*work = ss_reading_work(&reading);
	if (reading.card_first)
		*source = ss_reading_source(&reading);
	return 0;
}

static void
close_task(struct ss_front *f)
{
	(void)f;
	ss_reading_close(&reading);
	ss_keystore_close(reading.terminal.keys);
}

int
main(int argc, char **argv)
{
	struct ss_front front = {
		.command = {
			.name = "ss-read",
			.about = "Reads the card in the reader, and says "
			    "whether it is what it should be.",
			.operands = "[file ...]",
			.takes = SS_TAKES_WHO | SS_TAKES_RECORDS |
			    SS_TAKES_REGISTRY | SS_TAKES_NONE |
			    SS_TAKES_READER | SS_TAKES_KEYS,
			.options = options,
		},
		.check = check,
		.feeds = feeds,
		.looks = true,
		.open = open_task,
		.close = close_task,
	};
	int status = ss_front_main(&front, argc, argv);

	return ss_chip_end(ss_terminal_left(&reading.terminal), status);
}
