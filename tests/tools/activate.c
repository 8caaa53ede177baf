/*
 * usage: activate [option ...] [file ...]
 *
 * Does to the register what ss-activate does when a card has proven genuine
 * and the holder's, without any card: a filter with the options that every
 * command has.
 */
#include "desk/activation.h"
#include "front/front.h"

static int
activate(struct ss_turn *turn, void *ctx)
{
	(void)ctx;
	return ss_activation_take(turn, NULL);
}

static struct ss_task task = { .one = activate };

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
		.task = &task,
	};

	return ss_front_main(&front, argc, argv);
}
