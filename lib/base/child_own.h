/*
 * What every way of running a command of the shell has in common: how it is
 * started, seen to end, and written to.
 */
#ifndef SS_BASE_CHILD_OWN_H
#define SS_BASE_CHILD_OWN_H

#include <sys/types.h>

#include <signal.h>
#include <stdbool.h>

#define SS_CHILD_GRACE_MS 2000	/* between being asked to end and being made */
#define SS_CHILD_NAP_MAX 16	/* the longest between two looks, in ms */

/* What becomes of its descriptors 0 to 2; -1 is /dev/null. It has no other. */
struct ss_child_files {
	int in, out, err;
};

/*
 * /bin/sh -c command in a process group of its own, with signals as they are
 * by default. alone: in a session of its own too, so that it has no terminal.
 * The child has ended, and keeps its number, until waitpid.
 */
int ss_child_start(const char *command, const struct ss_child_files *,
    bool alone, pid_t *pid);

/* A pipe whose end of ours does not wait, nor goes into a child. into: ours is
 * the one that is written to. SS_EIO. */
int ss_child_pipe(bool into, int *ours, int *theirs);

/* Whether it has ended; it stays to be waited for. */
bool ss_child_ended(pid_t);

/* Holds SIGPIPE back from this thread, and lets it through again without the
 * one that our own writing has made. */
struct ss_child_hold {
	sigset_t only, old;
	bool before;		/* one was waiting already */
};

void ss_child_hold(struct ss_child_hold *);
void ss_child_release(const struct ss_child_hold *);

#endif
