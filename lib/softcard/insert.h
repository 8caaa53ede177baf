/*
 * Cards that a process of their own keeps in a virtual reader. It holds the
 * lock of a file in the folder of each, by which another process finds it:
 * the kernel says who holds a lock, so that nobody else is ever ended.
 */
#ifndef SS_SOFTCARD_INSERT_H
#define SS_SOFTCARD_INSERT_H

#include "softcard/vpcd.h"

struct ss_insert {
	const char *const *dirs;	/* of cards */
	size_t count;
	uint16_t port;
	const struct ss_profiles *profiles;
};

/*
 * Serves the cards one after the other: one alone stays until the reader has
 * gone; of several each stays until it was used and has lost its power, then
 * comes the next. Writes a byte to fd when the first one is shown, or the
 * sentence of what went wrong, and closes it. For a process that was made for
 * it: every descriptor but 0, 1, 2 and fd is closed at first. Does not return
 * before the end.
 */
int ss_insert_serve(const struct ss_insert *, int fd);

/* Waits for that byte. SS_EREADER, with the sentence, or when wait_ms are
 * over. */
int ss_insert_wait(int fd, int64_t wait_ms);

/* Ends the process that holds this card, and returns when it is gone; *was:
 * there was one. SS_EMISSING for no such card; SS_EREADER for a process that
 * isn't ours to end; SS_EIO. */
int ss_insert_end(const char *dir, bool *was);

#endif
