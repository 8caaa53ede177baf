/*
 * The end of an application or a card (ss-cancel), and what becomes of the
 * plastic (ss-record(5), member cancellation).
 */
#ifndef SS_DESK_CANCEL_H
#define SS_DESK_CANCEL_H

#include "desk/pick.h"
#include "desk/task.h"

enum ss_cancel_reason {
	SS_CANCEL_DEATH,
	SS_CANCEL_EMIGRATION,
	SS_CANCEL_WITHDRAWN,
	SS_CANCEL_ERROR,
	SS_CANCEL_UNCOLLECTED,
	SS_CANCEL_NOTHING,	/* only the plastic */
};

struct ss_cancel {
	enum ss_cancel_reason reason;
	bool handed_in, destroyed;	/* the plastic, with NOTHING */
	char region[7];			/* of ss_cancel_overdue */
};

/* SS_CANCEL_NOTHING for a word that is none. */
enum ss_cancel_reason ss_cancel_find(const char *word);

/* The work of a task; ctx is a struct ss_cancel. */
int ss_cancel_one(struct ss_turn *, void *ctx);

/* Fills in a walk over the cards, in the region of -R, that the policy calls
 * uncollected by now. SS_EINVALID. */
int ss_cancel_overdue(struct ss_cancel *, struct ss_desk *, struct ss_pick *);

/* A record's cancellation, written into its canonical text by another step:
 * what the activation of the next card makes of this one. */
int ss_cancel_replaced(struct ss_turn *, const struct ss_entry *,
    struct ss_bytes *record);

#endif
