/*
 * How far a long run has come, on standard error when that is a terminal.
 */
#ifndef SS_CLI_PROGRESS_H
#define SS_CLI_PROGRESS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/stream.h"

struct ss_progress {
	bool on;
	bool shown;
	int64_t start, last;		/* ss_monotonic */
	const struct ss_input *input;	/* for the time left; may be NULL */
};

/* On when standard error is a terminal and quiet is not asked for. */
void ss_progress_init(struct ss_progress *, const struct ss_input *,
    bool quiet);

/* Shows the line, at most five times a second. */
void ss_progress_show(struct ss_progress *, const struct ss_counts *);

/* Wipes the line, so that what follows stands on a line of its own. */
void ss_progress_clear(struct ss_progress *);

#endif
