/*
 * A card shown at a counter: it must be genuine, the one of its record, and
 * whoever shows it is identified (ss-activate, ss-setpin, --lock).
 */
#ifndef SS_DESK_COUNTER_H
#define SS_DESK_COUNTER_H

#include "card/pin.h"
#include "desk/task.h"
#include "desk/terminal.h"
#include "desk/tries.h"

/* The member in which a record brings who stands at the counter. */
#define SS_COUNTER_INPUT "collector"

struct ss_counter {
	/* To be given. */
	struct ss_terminal terminal;
	bool attested;		/* the operator has seen a document */
	bool force;		/* what was refused before, and last tries */

	/* private */
	struct ss_one one;	/* the card's record, when it comes first */
};

/* The codes of ss_terminal_open; with card_first the record of the card in
 * the reader is read, for ss_counter_source. */
int ss_counter_open(struct ss_counter *, struct ss_desk *, const char *data,
    bool card_first);
void ss_counter_close(struct ss_counter *);
struct ss_source ss_counter_source(struct ss_counter *);

/*
 * Who stands there is the holder, the guardian of the application, or who
 * collected the card: by the record's input member as ss-collect(1) reads it,
 * or attested. SS_EPOLICY, SS_EINVALID. how becomes "document" or "attested".
 */
int ss_counter_identify(const struct ss_counter *, struct ss_turn *,
    const char **how);

/* One card, in the hands of a task. */
struct ss_showing {
	struct ss_counter *counter;
	struct ss_turn *turn;
	struct ss_session session;
	struct ss_tries tries;
	bool changed;	/* something was done to the card; commands of its own
			 * are durable in the register before it was */
	void *ctx;
};

/*
 * On the terminal's thread: waits for the card, and does work with it when it
 * is genuine and that of the record, its number too. SS_EAUTH, SS_ESTATE,
 * SS_ECARD, SS_EREADER.
 */
int ss_counter_show(struct ss_counter *, struct ss_turn *,
    int (*work)(struct ss_showing *), void *ctx);

/* In work: an order, its key used by what is known of its tries. */
int ss_showing_order(struct ss_showing *, enum ss_order, const char *pin);

#endif
