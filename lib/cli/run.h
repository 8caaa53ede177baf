/*
 * What every filter does around its work: signals, the rejects file, progress,
 * failures and the summary on standard error, and the exit status.
 */
#ifndef SS_CLI_RUN_H
#define SS_CLI_RUN_H

#include <signal.h>

#include "base/stream.h"
#include "cli/options.h"

struct ss_run {
	struct ss_command *command;
	struct ss_input input;
	struct ss_lines lines;
	/* The summary's own part, such as "3 approved, 1 returned"; or NULL. */
	void (*summary)(struct ss_bytes *, void *ctx);
	void *ctx;
};

/*
 * Readies signals and the input, whose files are the command's operands, so
 * that ss_run_stream can begin. SS_CONTINUE or an exit status.
 */
int ss_run_init(struct ss_run *, struct ss_command *);

/* JSON Lines from the operands. */
struct ss_source ss_run_lines(struct ss_run *);

/*
 * Runs to the end and returns the exit status. When a signal asked for the
 * end, or the reader of standard output has gone, it does not return: the
 * process ends by that signal, as the shell expects, everything being written
 * by then.
 */
int ss_run_stream(struct ss_run *, const struct ss_source *,
    const struct ss_work *);

/* What a signal sets that asks for the end, for work that waits. */
const volatile sig_atomic_t *ss_run_asked(void);

/* Ends by the signal that asked for the end, if there was one. */
void ss_run_end(void);

void ss_run_wipe(struct ss_run *);

/* Standard input is a terminal and no file is named: shows the synopsis. */
bool ss_run_lonely(const struct ss_command *);

#endif
