/*
 * Lines of a bounded length, and the interface of everything that gives them:
 * files of JSON Lines here, CSV and options elsewhere.
 */
#ifndef SS_BASE_LINE_H
#define SS_BASE_LINE_H

#include <stdbool.h>

#include "base/input.h"
#include "base/record.h"

enum ss_next {
	SS_LINE,	/* *line is set */
	SS_NO_LINE_YET,	/* none is complete, and the call was not to wait */
	SS_NO_MORE,
};

/* Where the lines of a run come from. */
struct ss_source {
	int (*next)(void *ctx, bool wait, struct ss_line *line,
	    enum ss_next *what);
	void *ctx;
	struct ss_input *input;	/* what it reads; may be NULL */
};

struct ss_lines {
	struct ss_input *in;
	size_t limit;
	uint64_t number;

	/* private: a line that is too long, while it is read past */
	size_t seen;		/* bytes of buf known to hold no newline */
	size_t long_len;
	char head[SS_LINE_HEAD];
	struct ss_sm3 *sm3;
};

/* Lines of an input, longer ones than limit cut; the input is borrowed. */
int ss_lines_init(struct ss_lines *, struct ss_input *, size_t limit);
void ss_lines_wipe(struct ss_lines *);
struct ss_source ss_lines_source(struct ss_lines *);

/* One ready line, for a record made from options. */
struct ss_one {
	struct ss_bytes text;
	bool given;
};

struct ss_source ss_one_source(struct ss_one *);

#endif
