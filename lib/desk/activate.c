#include <string.h>

#include "base/err.h"
#include "desk/activate.h"
#include "desk/activation.h"
#include "desk/lock.h"

/* A card that ships locked is opened, once all else is known to be right. */
static int
open_card(struct ss_showing *s)
{
	const struct ss_identity *who = &s->session.who;

	if (!who->locked)
		return 0;
	if (!who->profile->ships_locked)
		return ss_fail(SS_EBLOCKED, "the card's application is "
		    "blocked, and profile %s has cards that are not; it cannot "
		    "be activated: run ss-cancel, and make another",
		    who->profile->name);
	if (s->turn->desk->dry_run)
		return 0;
	return ss_showing_order(s, SS_ORDER_UNBLOCK, NULL);
}

static int
lock_lost(struct ss_showing *s)
{
	return ss_lock_found(s->turn, &s->session, &s->tries, s->ctx);
}

/* A card that was lost, or has ended, is kept, and locked where the policy
 * wants that. */
static int
keep_card(struct ss_counter *c, struct ss_turn *t)
{
	const char *word = ss_status_word(t->status);
	char message[SS_MESSAGE_MAX];
	bool locked = false;
	int r = 0;

	if (t->policy->loss.lock_found &&
	    (r = ss_counter_show(c, t, lock_lost, &locked)) == SS_ESTATE)
		return r;	/* another card is in the reader */
	if (r == 0)
		return ss_fail(SS_ESTATE, "this card is %s%s; keep it, and "
		    "tell its holder", word, locked ? " and now locked" : "");
	memcpy(message, ss_message(), sizeof(message));
	return ss_fail(SS_ESTATE, "this card is %s; keep it. It could not be "
	    "locked: %.300s", word, message);
}

/* Whether the card in the reader came first, and not a record. */
static bool
is_ended(const struct ss_counter *c, const struct ss_turn *t)
{
	return t->status == SS_CARD_CANCELLED && c->one.text.len > 0;
}

int
ss_activate_one(struct ss_turn *t, void *ctx)
{
	struct ss_counter *c = ctx;
	const char *how;
	bool done;
	int r;

	if (t->status == SS_LOST || t->status == SS_LOST_FOR_NOW ||
	    is_ended(c, t))
		return keep_card(c, t);
	if (t->entry->at.state < SS_MADE || t->entry->at.state ==
	    SS_CANCELLED) {
		t->rec->outcome = SS_PASSED;
		return 0;
	}
	if ((r = ss_activation_check(t, &done)) != 0)
		return r;
	if (!done && ((r = ss_step_may(t->step, t->rec, SS_ACTIVATE)) != 0 ||
	    (r = ss_counter_identify(c, t, &how)) != 0 ||
	    (r = ss_counter_show(c, t, open_card, NULL)) != 0))
		return r;
	return ss_activation_take(t, done ? NULL : how);
}
