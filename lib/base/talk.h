/*
 * A conversation with a command of the shell: a line to its standard input,
 * one line back from its standard output, and so on, as long as it lasts.
 */
#ifndef SS_BASE_TALK_H
#define SS_BASE_TALK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct ss_talk;

#define SS_TALK_SAID 160	/* bytes kept of standard error, with a NUL */

/*
 * Starts /bin/sh -c command in a session of its own: no terminal, no signal of
 * ours, no descriptor but the three. SS_EIO, SS_EMEMORY.
 */
int ss_talk_open(struct ss_talk **out, const char *command);

/*
 * Hangs up, and ends the command: it has a second to end by itself, then two
 * after SIGTERM, then none; what it left in its group has none. Nothing of it
 * is a zombie. A process that left the group is not ours to end.
 */
void ss_talk_close(struct ss_talk *);

/*
 * Says a line, which ends with a newline, and hears the next one: *answer,
 * without its newline, borrowed until the talk goes on. Takes timeout_ms at
 * most, and no more memory than limit, the longest answer. What the command
 * says on standard error is read away meanwhile.
 *
 * SS_EIO when it has ended or hung up, and ss_talk_gone; SS_EIO too when the
 * time is over; SS_EINVALID when it speaks unasked or without end. The
 * sentences hold nothing that it said or was told. After any failure there is
 * nothing left but to close. One thread at a time.
 */
int ss_talk_ask(struct ss_talk *, const char *line, size_t len, size_t limit,
    int64_t timeout_ms, const char **answer, size_t *answer_len);

/* It has ended, or hung up, by itself. */
bool ss_talk_gone(const struct ss_talk *);

/* The last line that it said on standard error, clean text, cut; or "". */
const char *ss_talk_said(const struct ss_talk *);

#endif
