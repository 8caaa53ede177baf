/*
 * The life of an application, of a card and of the plastic: one table of
 * steps. No other code decides what may follow what.
 *
 * Card status: the six codes of the national register (AAZ502).
 */
#ifndef SS_BOOKS_LIFE_H
#define SS_BOOKS_LIFE_H

#include <stdbool.h>
#include <stddef.h>

enum ss_state {			/* of an application */
	SS_STATE_NONE,		/* not in the register */
	SS_APPLIED,
	SS_PENDING,
	SS_APPROVED,
	SS_RETURNED,
	SS_REJECTED,
	SS_MAKING,
	SS_MADE,
	SS_COLLECTED,
	SS_ACTIVE,
	SS_CANCELLED,
	SS_STATES,
};

enum ss_status {		/* of a card */
	SS_NO_CARD,
	SS_DORMANT,		/* 0 */
	SS_NORMAL,		/* 1 */
	SS_LOST,		/* 2 */
	SS_LOCKED,		/* 3 */
	SS_LOST_FOR_NOW,	/* 4 */
	SS_CARD_CANCELLED,	/* 9 */
	SS_STATUSES,
};

enum ss_stock {			/* of a chip card as a thing */
	SS_NO_STOCK,
	SS_BLANK,
	SS_STOCK_MADE,
	SS_SPOILED,
	SS_STOCK_RETURNED,	/* handed in, or taken back */
	SS_DESTROYED,
	SS_STOCKS,
};

enum ss_step {
	SS_APPLY,
	SS_MEND,
	SS_HOLD,		/* review: manual checks are open */
	SS_APPROVE,
	SS_RETURN,
	SS_REJECT,
	SS_NOTIFY,		/* a message to the applicant */
	SS_MAKE,		/* a blank card is bound */
	SS_UNBIND,		/* it was found blank and is let go */
	SS_GIVE_UP,		/* it is spoiled */
	SS_FINISH,		/* the card is made */
	SS_COLLECT,
	SS_TAKE_BACK,		/* a wrong card, before activation */
	SS_ACTIVATE,
	SS_TRY_PIN,		/* a PIN is about to be changed */
	SS_SET_PIN,
	SS_LOSE_FOR_NOW,
	SS_LAPSE,		/* temporary loss, by time */
	SS_LOSE,
	SS_RELEASE,
	SS_LOCK,
	SS_LOCK_FOUND,		/* the chip of a card that is lost or ended */
	SS_UNLOCK,
	SS_CANCEL,
	SS_SEAL,		/* not collected in time: put away */
	SS_REPLACE,		/* by the activation of the next card */
	SS_HAND_IN,		/* the plastic is back */
	SS_DESTROY,
	SS_STEPS,
};

#define SS_SAME (-1)		/* leaves it as it is */

/* Where an application, its card and the plastic stand. */
struct ss_stand {
	enum ss_state state;
	enum ss_status status;
	enum ss_stock stock;
};

/* A row: what a step needs and what it leaves. */
struct ss_transition {
	enum ss_step step;
	const char *word;
	unsigned states;	/* bits of the states it may begin from */
	int state;		/* what it leaves, or SS_SAME */
	unsigned statuses;	/* the same for the card ... */
	int status;
	unsigned stocks;	/* ... and for the plastic; 0: any */
	int stock;
	const char *role;	/* who may: clerk, reviewer, maker, counter,
				 * manager; NULL: time, or another step */
	const char *member;	/* of the record, that it writes beside
				 * state; NULL: what the form says */
};

extern const struct ss_transition ss_life[SS_STEPS];

const char *ss_state_word(enum ss_state);
const char *ss_status_word(enum ss_status);
const char *ss_stock_word(enum ss_stock);
int ss_status_code(enum ss_status);	/* AAZ502; -1 for no card */

/* SS_STATES, SS_STATUSES, SS_STOCKS for a word that is none. */
enum ss_state ss_state_find(const char *word);
enum ss_status ss_status_find(const char *word);
enum ss_stock ss_stock_find(const char *word);

/* An application that is open: no other may be for the same person. */
bool ss_state_open(enum ss_state);

/* A card that is live, status 1 to 4: no other may be of the same person. */
bool ss_status_live(enum ss_status);

/*
 * What a step leaves, in place: SS_ESTATE, naming where things stand and what
 * the step needs, when the table does not have it.
 */
int ss_life_step(enum ss_step, struct ss_stand *);

/* The step of a word; SS_STEPS for none. */
enum ss_step ss_step_find(const char *word);

#endif
