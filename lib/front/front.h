/*
 * A command that is a filter at a desk: what every one of them does around its
 * task, from the options to the exit status. It works with a register, and
 * without one only where it says SS_TAKES_NONE.
 */
#ifndef SS_FRONT_FRONT_H
#define SS_FRONT_FRONT_H

#include "cli/run.h"
#include "desk/pick.h"
#include "desk/task.h"

struct ss_front {
	struct ss_command command;

	/* Usage beyond the table; SS_CONTINUE or a status. May be NULL. */
	int (*check)(struct ss_front *);

	/* Whether its records come from elsewhere than its operands, beside
	 * --card and --person. May be NULL: they never do. */
	bool (*feeds)(const struct ss_front *);

	/* It looks at the register, and makes none. */
	bool looks;

	/* --person is for all of a person's applications that have not ended,
	 * else for the one with the live card, or the open one. */
	bool all_of_person;

	/* What is done with the records: a task, or what open says. */
	struct ss_task *task;

	/* Readies what the work needs, and says the work where it is no task,
	 * and the source where it is not the lines of the operands; a code.
	 * Either may be NULL. */
	int (*open)(struct ss_front *, struct ss_desk *, struct ss_work *,
	    struct ss_source *);
	void (*close)(struct ss_front *);	/* also after a failure */

	/* The summary's own part; may be NULL. */
	void (*summary)(struct ss_bytes *, void *ctx);
	void *ctx;		/* of summary */

	struct ss_run run;	/* from open to close */
	struct ss_pick pick;	/* of --person */
};

/* The whole of main. */
int ss_front_main(struct ss_front *, int argc, char **argv);

#endif
