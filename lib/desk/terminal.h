/*
 * The reader at a desk: the card that is put into it, a thread for its
 * session, and what the operator is told to do.
 *
 * Work with a card runs on the terminal's own thread (card/watch.h), so that a
 * card that never answers stops the run and not the process.
 */
#ifndef SS_DESK_TERMINAL_H
#define SS_DESK_TERMINAL_H

#include "base/line.h"
#include "card/session.h"
#include "desk/desk.h"

struct ss_terminal {
	/* To be given; strings are borrowed. */
	struct ss_reader_setup reader;	/* but for profiles and watch */
	struct ss_keystore *keys;	/* NULL: none */
	const char *profile;	/* NULL: the one that fits the card */
	int64_t wait_ms;	/* longest wait for a card */
	void (*tell)(const char *sentence, void *ctx);	/* the operator */
	void *tell_ctx;

	/* private */
	struct ss_profiles *profiles;
	struct ss_watch *watch;
	struct ss_reader *opened;
	bool used;		/* the card in the reader has had its turn */
	bool met;		/* a session with a card has begun */
	int64_t since;		/* when ss_terminal_ready began to wait; 0 */
	char name[SS_READER_NAME_MAX];	/* of one among several */
};

/* SS_EREADER, SS_EINVALID for the reader; SS_EPOLICY for a profile. */
int ss_terminal_open(struct ss_terminal *, const char *data);
void ss_terminal_close(struct ss_terminal *);

/* Runs work on the terminal's thread. SS_EREADER when the card or its reader
 * never answered: nothing runs on it any more, what it uses must stay, and the
 * process is to end by _exit(2) once the records are out. */
int ss_terminal_run(struct ss_terminal *, int (*work)(void *ctx), void *ctx);
bool ss_terminal_left(const struct ss_terminal *);

/* In work: until a card is there, or another one than the one that had its
 * turn. please is what the operator is told when there is none; SS_EREADER
 * when none came. */
int ss_terminal_wait(struct ss_terminal *, const char *please);
int ss_terminal_next(struct ss_terminal *, const char *please);

/* In work, among several readers: the same of ss_terminal_next, for a short
 * while at a time: SS_EMISSING while there is none yet. */
int ss_terminal_ready(struct ss_terminal *, const char *please);

/* In work: a session with the card; and its end, also of one that did not
 * begin, at which the code and the sentence stay what they are. */
int ss_terminal_start(struct ss_terminal *, struct ss_session *);
int ss_terminal_end(struct ss_terminal *, struct ss_session *, bool eject,
    int code);

/* What is known of a card, as members of a record (ss-record(5), card). */
void ss_terminal_write(const struct ss_identity *, struct ss_bytes *);

/* Whether a failure concerns the card alone: it left or was reset, and not that
 * none came. */
bool ss_terminal_alone(const struct ss_terminal *);

/*
 * The record that the register has of the card in the reader, as the only
 * line of a source; SS_EMISSING when it knows none. Not from within work.
 */
int ss_terminal_pick(struct ss_terminal *, struct ss_desk *, struct ss_one *);

#endif
