/*
 * The making of a card (ss-encode): the chip in the reader becomes the card of
 * a record (ss-record(5), member card), and all of it is read back.
 *
 * What is to happen is in the register before it happens: which chip is for
 * which application, with which number and dates. A run that ends anywhere is
 * taken up by the next one of whatever station has the chip, and ends with the
 * same card. A chip is written only when it is blank and the register does not
 * know it, or when it is the one of the record's open job.
 */
#ifndef SS_DESK_PERSO_H
#define SS_DESK_PERSO_H

#include "desk/task.h"
#include "desk/terminal.h"

struct ss_perso {
	/* To be given. */
	struct ss_terminal terminal;	/* of all its readers */
	bool all;		/* every reader that fits its name, each with
				 * a thread of its own: so many jobs */
	bool loop;		/* a card for each record; says what to do */
	bool spoil;		/* the card of a job is given up; no reader */
	bool release;		/* a bound card, shown and blank, is let go */
	bool force;		/* also a key that the card refused before */

	/* private */
	struct ss_task task;
	struct ss_perso_ids *ids;	/* of many readers */
	struct ss_terminal *terminals;	/* count of them, by worker */
	unsigned count;
	bool left;		/* a reader already when it was opened */
};

/* pcsc-lite drives no more readers. */
#define SS_PERSO_READERS 16

/* The codes of ss_terminal_open. */
int ss_perso_open(struct ss_perso *, struct ss_desk *, const char *data);
void ss_perso_close(struct ss_perso *);
struct ss_work ss_perso_work(struct ss_perso *);

/* Whether a session was left (desk/terminal.h): the process is to end by
 * _exit(2). */
bool ss_perso_left(const struct ss_perso *);

#endif
