/* ss-encode: cards are made. */
#include "base/err.h"
#include "desk/perso.h"
#include "front/chip.h"
#include "front/front.h"
#include "front/keys.h"

static struct ss_perso perso;

static const struct ss_option options[] = {
	{ 0, "loop", NULL, NULL, "a card for each record, until the input "
	    "ends", SS_OPTION_FLAG, &perso.loop, 0, 0 },
	{ 0, "all", NULL, NULL, "with --loop: every reader that fits, each by "
	    "itself", SS_OPTION_FLAG, &perso.all, 0, 0 },
	{ 0, "spoil", NULL, NULL, "the card in the making is spoiled",
	    SS_OPTION_FLAG, &perso.spoil, 0, 0 },
	{ 0, "release", NULL, NULL, "the card in the making, still blank, is "
	    "let go", SS_OPTION_FLAG, &perso.release, 0, 0 },
	{ 0, "force", NULL, NULL, "use a key that the card refused before",
	    SS_OPTION_FLAG, &perso.force, 0, 0 },
	{ 0 },
};

static int
check(struct ss_front *f)
{
	struct ss_common *c = &f->command.common;

	if (perso.all && (!perso.loop || perso.spoil))
		return ss_usage_error(&f->command, "--all goes with --loop");
	if (perso.spoil && perso.release)
		return ss_usage_error(&f->command, "--spoil and --release "
		    "exclude each other");
	if (c->jobs > 1)
		return ss_usage_error(&f->command, "--jobs: a reader makes "
		    "one card at a time");
	if (perso.all)
		c->jobs = SS_PERSO_READERS;
	return SS_CONTINUE;
}

static int
open_task(struct ss_front *f, struct ss_desk *desk, struct ss_work *work,
    struct ss_source *source)
{
	const struct ss_common *c = &f->command.common;
	int r;

	(void)source;
	ss_chip_setup(&perso.terminal, &f->command);
	if (!perso.spoil &&
	    (r = ss_keys_open(&f->command, &perso.terminal.keys)) != 0)
		return r;
	if ((r = ss_perso_open(&perso, desk, c->data)) == 0)
		*work = ss_perso_work(&perso);
	return r;
}

static void
close_task(struct ss_front *f)
{
	(void)f;
	ss_perso_close(&perso);
	ss_keystore_close(perso.terminal.keys);
}

int
main(int argc, char **argv)
{
	struct ss_front front = {
		.command = {
			.name = "ss-encode",
			.about = "Makes the cards of approved applications: "
			    "writes the chip and reads it back.",
			.operands = "[file ...]",
			.takes = SS_TAKES_REGION | SS_TAKES_FILES |
			    SS_TAKES_WHO | SS_TAKES_RECORDS |
			    SS_TAKES_REGISTRY | SS_TAKES_CARD |
			    SS_TAKES_READER | SS_TAKES_KEYS,
			.options = options,
		},
		.check = check,
		.open = open_task,
		.close = close_task,
	};
	int status = ss_front_main(&front, argc, argv);

	return ss_chip_end(ss_perso_left(&perso), status);
}
