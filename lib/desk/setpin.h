/*
 * The PIN of a card (ss-setpin): changed by who knows it, given anew by the
 * issuer, or unblocked (ss-record(5), member pin).
 *
 * Before the card is told to change it the register has that it may, so that
 * a run that ends in between is taken up: the new PIN is tried first. A PIN
 * never stands in the register, nor anything made of it.
 */
#ifndef SS_DESK_SETPIN_H
#define SS_DESK_SETPIN_H

#include "desk/counter.h"

enum ss_setpin_kind {
	SS_SETPIN_CHANGE,
	SS_SETPIN_RESET,	/* PIN reload: identified, keys PUK and STK */
	SS_SETPIN_UNBLOCK,	/* the counter alone */
};

struct ss_setpin {
	struct ss_counter counter;
	enum ss_setpin_kind kind;

	bool once;		/* the PINs are those of one card */

	/* Asks for a PIN, when it is needed: 0 or a code. new: twice. */
	int (*ask)(bool new, char pin[SS_PIN_SIZE], void *ctx);
	/* Says how many tries are left before one is asked for; -1: unknown. */
	void (*tell)(int left, int full, void *ctx);
	void *ctx;

	/* private */
	bool used;
};

/* The work of a task whose input is SS_COUNTER_INPUT; ctx is a struct
 * ss_setpin. */
int ss_setpin_one(struct ss_turn *, void *ctx);

#endif
