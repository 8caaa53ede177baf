/*
 * usage: activate [option ...] [file ...]
 *
 * Does to the register what ss-activate does when a card has proven genuine
 * and the holder's, without any card: a filter with the options that every
 * command has.
 */
#include "desk/activation.h"
#include "front/front.h"

static struct ss_task task;

static int
activate(struct ss_turn *turn, void *ctx)
{
	(void)ctx;
	return ss_activation_take(turn);
}

static int
open_task(struct ss_front *f, struct ss_desk *desk, struct ss_work *work,
    struct ss_source *source)
{
	int r;

	(void)f;
	(void)source;
	task = (struct ss_task){ .one = activate };
	r = ss_task_open(&task, desk);
	*work = ss_task_work(&task);
	return r;
}

static void
close_task(struct ss_front *f)
{
	(void)f;
	ss_task_close(&task);
}

int
main(int argc, char **argv)
{
	struct ss_front front = {
		.command = {
			.name = "activate",
			.about = "Activates cards in the register.",
			.operands = "[file ...]",
			.takes = SS_TAKES_REGION | SS_TAKES_WHO |
			    SS_TAKES_RECORDS | SS_TAKES_REGISTRY |
			    SS_TAKES_CARD,
		},
		.bound = true,
		.open = open_task,
		.close = close_task,
	};

	return ss_front_main(&front, argc, argv);
}
