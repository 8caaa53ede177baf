/*
 * One command of the shell, fed with a text on its standard input.
 */
#ifndef SS_BASE_CHILD_H
#define SS_BASE_CHILD_H

#include <stddef.h>
#include <stdint.h>

/*
 * Runs /bin/sh -c command, which gets the text on descriptor 0 and may leave
 * it unread; what it says on 1 and 2 goes to /dev/null. Nothing of ours is put
 * into the command, and it sees our environment as it is, but no other
 * descriptor of ours and no signal held back by us. It has a process group of
 * its own: Ctrl-C at the terminal lets the work at hand end.
 *
 * Done is when the shell has ended, whatever it left running. After timeout_ms
 * its group is asked to end, and what is left of the group two seconds later
 * is made to: a time that is over costs up to so much more. Any thread,
 * several at a time; a process that ignores SIGCHLD never learns how its
 * children ended.
 *
 * 0 when it ended with 0. Else SS_EIO, the sentence giving the status or the
 * signal and nothing that the command or the text says; *status is the exit
 * status, 128 and the signal's number, or -1 when it was stopped for its time
 * or could not be started (SS_EIO, SS_EMEMORY, SS_EMISSING without a shell).
 */
int ss_child_run(const char *command, const void *text, size_t len,
    int64_t timeout_ms, int *status);

#endif
