/*
 * A thread for the session of a card, watched by the thread that asked for it.
 *
 * What talks to a reader may never come back (a mute card, a driver that
 * hangs). The session's thread says how long each such call may take; the
 * other one sleeps, and when that time is over leaves the session where it is
 * and goes on. A session that was left never runs on: it touches nothing more,
 * and what it used must stay as it is until the process ends by _exit(2).
 */
#ifndef SS_CARD_WATCH_H
#define SS_CARD_WATCH_H

#include <stdbool.h>
#include <stdint.h>

struct ss_watch;

int ss_watch_open(struct ss_watch **out);	/* SS_EMEMORY */
void ss_watch_close(struct ss_watch *);	/* nothing, after it was left */

/*
 * Runs the work on the session's thread and returns its code, with its
 * sentence. SS_EREADER when a call was not back in time (at most 50 ms are
 * added to it); ss_watch_left says so ever after, and nothing can be run any
 * more (SS_EREADER). A NULL watch is the caller's own thread.
 */
int ss_watch_run(struct ss_watch *, int (*work)(void *ctx), void *ctx);
bool ss_watch_left(const struct ss_watch *);

/* Around a call, on the session's thread: one atomic store and no lock. An
 * end that comes too late does not return. A NULL watch is never in a hurry. */
void ss_watch_begin(struct ss_watch *, int64_t timeout_ms);
void ss_watch_end(struct ss_watch *);

#endif
