/*
 * The reading of a card (ss-read): what it says, whether it is genuine, and
 * whether it is the one of a record (ss-record(5), member read). Nothing is
 * changed, but that a card which was lost is locked where the policy wants it
 * (loss.lock_found).
 */
#ifndef SS_DESK_READING_H
#define SS_DESK_READING_H

#include "base/stream.h"
#include "desk/step.h"
#include "desk/terminal.h"

struct ss_reading {
	/* To be given; strings are borrowed. */
	struct ss_terminal terminal;	/* keys: NULL, what is read without */
	bool raw;		/* the files too */
	bool force;		/* also a key that the card refused before */
	bool card_first;	/* the card says which record it is */
	const char *photo;	/* a file to write the photo to; or NULL */

	/* private */
	struct ss_desk *desk;
	struct ss_stepper *step;	/* NULL without a register */
	struct ss_one one;
};

/* The codes of ss_terminal_open. */
int ss_reading_open(struct ss_reading *, struct ss_desk *, const char *data);
void ss_reading_close(struct ss_reading *);

/* The work, and the source of card_first: a single line. */
struct ss_work ss_reading_work(struct ss_reading *);
struct ss_source ss_reading_source(struct ss_reading *);

#endif
