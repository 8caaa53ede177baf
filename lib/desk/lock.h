/*
 * The application of a card blocked and unblocked in the reader
 * (ss-report-loss --lock, --unlock): by its holder's wish, or because a card
 * that was lost turns up (ss-record(5), member loss).
 *
 * The register has it before the card does. A run that ends in between is
 * taken up by the next one, which sees on the card what is left to do.
 */
#ifndef SS_DESK_LOCK_H
#define SS_DESK_LOCK_H

#include "desk/counter.h"

struct ss_lock {
	struct ss_counter counter;
	bool unlock;
};

/* The work of a task whose input is SS_COUNTER_INPUT; ctx is a struct
 * ss_lock. */
int ss_lock_one(struct ss_turn *, void *ctx);

/*
 * On the terminal's thread, of a card that the register has as lost: it is
 * blocked when the policy wants that (loss.lock_found), and *locked says
 * whether it is. The record is the register's.
 */
int ss_lock_found(struct ss_turn *, struct ss_session *,
    const struct ss_tries *, bool *locked);

#endif
