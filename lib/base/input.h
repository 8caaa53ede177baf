/*
 * Bytes from files in turn, by read(2) and pselect(2) alone, so that what is at
 * hand can be told from what has to be waited for. stdio would hide it.
 */
#ifndef SS_BASE_INPUT_H
#define SS_BASE_INPUT_H

#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"

enum ss_fill {
	SS_FILLED,	/* bytes were added */
	SS_NOT_YET,	/* nothing at hand, and the call was not to wait */
	SS_FILE_END,	/* this file ended; the next call opens another */
	SS_INPUT_END,	/* no more files, or a stop was asked for */
};

struct ss_input {
	struct ss_bytes buf;
	size_t pos;		/* bytes of buf that have been used */
	uint64_t total;		/* bytes in all the files, 0 when not known */
	uint64_t read;		/* bytes read so far */
	const char *name;	/* of the present file, for messages */
	bool ended;		/* set it to read no more */

	/* private */
	const char *const *paths;
	size_t count, next;
	int fd;
	const volatile sig_atomic_t *stop;
};

/*
 * paths are borrowed; "-" is standard input, and so is an empty list. *stop not
 * 0 ends the input, also while it waits when a signal set it (may be NULL).
 */
void ss_input_init(struct ss_input *, const char *const *paths, size_t count,
    const volatile sig_atomic_t *stop);
void ss_input_wipe(struct ss_input *);

/* Adds bytes to buf, after cutting off the used ones. SS_EIO, SS_EMISSING. */
int ss_input_fill(struct ss_input *, bool wait, enum ss_fill *what);

#endif
