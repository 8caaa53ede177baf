#include <string.h>

#include "base/bytes.h"
#include "base/err.h"
#include "books/life.h"

#define S(state) (1u << SS_##state)
#define ANY_STATUS (~0u)

static const char *const state_words[SS_STATES] = { "none", "applied",
	"pending", "approved", "returned", "rejected", "making", "made",
	"collected", "active", "cancelled" };

static const struct {
	const char *word;
	int code;
} statuses[SS_STATUSES] = {
	[SS_NO_CARD] = { "none", -1 },
	[SS_DORMANT] = { "dormant", 0 },
	[SS_NORMAL] = { "normal", 1 },
	[SS_LOST] = { "lost", 2 },
	[SS_LOCKED] = { "locked", 3 },
	[SS_LOST_FOR_NOW] = { "temporarily-lost", 4 },
	[SS_CARD_CANCELLED] = { "cancelled", 9 },
};

static const char *const stock_words[SS_STOCKS] = { "none", "blank", "made",
	"spoiled", "returned", "destroyed" };

#define NO_CARD S(NO_CARD)
#define LIVE (S(NORMAL) | S(LOST) | S(LOCKED) | S(LOST_FOR_NOW))
#define OPEN (S(APPLIED) | S(PENDING) | S(APPROVED) | S(RETURNED))

const struct ss_transition ss_life[SS_STEPS] = {
	[SS_APPLY] = { SS_APPLY, "apply", S(STATE_NONE), SS_APPLIED,
	    NO_CARD, SS_SAME, 0, SS_SAME, "clerk", NULL },
	[SS_MEND] = { SS_MEND, "mend", S(RETURNED), SS_APPLIED,
	    NO_CARD, SS_SAME, 0, SS_SAME, "clerk", NULL },
	[SS_HOLD] = { SS_HOLD, "hold", S(APPLIED) | S(PENDING), SS_PENDING,
	    NO_CARD, SS_SAME, 0, SS_SAME, "reviewer", "review" },
	[SS_APPROVE] = { SS_APPROVE, "approve", S(APPLIED) | S(PENDING),
	    SS_APPROVED, NO_CARD, SS_SAME, 0, SS_SAME, "reviewer", "review" },
	[SS_RETURN] = { SS_RETURN, "return", S(APPLIED) | S(PENDING),
	    SS_RETURNED, NO_CARD, SS_SAME, 0, SS_SAME, "reviewer", "review" },
	[SS_REJECT] = { SS_REJECT, "reject", S(APPLIED) | S(PENDING),
	    SS_REJECTED, NO_CARD, SS_SAME, 0, SS_SAME, "reviewer", "review" },
	[SS_NOTIFY] = { SS_NOTIFY, "notify", S(RETURNED) | S(REJECTED) |
	    S(MADE), SS_SAME, NO_CARD | S(DORMANT), SS_SAME, 0, SS_SAME,
	    "counter", "notice" },
	[SS_MAKE] = { SS_MAKE, "make", S(APPROVED), SS_MAKING,
	    NO_CARD, SS_SAME, S(NO_STOCK) | S(SPOILED), SS_BLANK, "maker",
	    "card" },
	[SS_UNBIND] = { SS_UNBIND, "unbind", S(MAKING), SS_APPROVED,
	    NO_CARD, SS_SAME, S(BLANK), SS_NO_STOCK, "maker", "card" },
	[SS_GIVE_UP] = { SS_GIVE_UP, "give-up", S(MAKING), SS_APPROVED,
	    NO_CARD, SS_SAME, S(BLANK), SS_SPOILED, "maker", "card" },
	[SS_FINISH] = { SS_FINISH, "finish", S(MAKING), SS_MADE,
	    NO_CARD, SS_DORMANT, S(BLANK), SS_STOCK_MADE, "maker", "card" },
	[SS_COLLECT] = { SS_COLLECT, "collect", S(MADE), SS_COLLECTED,
	    S(DORMANT), SS_SAME, S(STOCK_MADE), SS_SAME, "counter",
	    "collection" },
	[SS_TAKE_BACK] = { SS_TAKE_BACK, "take-back", S(COLLECTED), SS_MADE,
	    S(DORMANT), SS_SAME, S(STOCK_MADE), SS_SAME, "counter",
	    "collection" },
	[SS_ACTIVATE] = { SS_ACTIVATE, "activate", S(COLLECTED), SS_ACTIVE,
	    S(DORMANT), SS_NORMAL, S(STOCK_MADE), SS_SAME, "counter",
	    "activation" },
	[SS_TRY_PIN] = { SS_TRY_PIN, "try-pin", S(COLLECTED) | S(ACTIVE),
	    SS_SAME, S(DORMANT) | S(NORMAL), SS_SAME, 0, SS_SAME,
	    "counter", "pin" },
	[SS_SET_PIN] = { SS_SET_PIN, "set-pin", S(COLLECTED) | S(ACTIVE),
	    SS_SAME, S(DORMANT) | S(NORMAL), SS_SAME, 0, SS_SAME,
	    "counter", "pin" },
	[SS_LOSE_FOR_NOW] = { SS_LOSE_FOR_NOW, "lose-for-now", S(ACTIVE),
	    SS_SAME, S(NORMAL), SS_LOST_FOR_NOW, 0, SS_SAME,
	    "counter", "loss" },
	[SS_LAPSE] = { SS_LAPSE, "lapse", S(ACTIVE), SS_SAME,
	    S(LOST_FOR_NOW), SS_NORMAL, 0, SS_SAME, NULL, NULL },
	[SS_LOSE] = { SS_LOSE, "lose", S(ACTIVE), SS_SAME,
	    S(NORMAL) | S(LOCKED) | S(LOST_FOR_NOW), SS_LOST, 0, SS_SAME,
	    "counter", "loss" },
	[SS_RELEASE] = { SS_RELEASE, "release", S(ACTIVE), SS_SAME,
	    S(LOST) | S(LOST_FOR_NOW), SS_NORMAL, 0, SS_SAME, "counter",
	    "loss" },
	[SS_LOCK] = { SS_LOCK, "lock", S(ACTIVE), SS_SAME,
	    S(NORMAL), SS_LOCKED, 0, SS_SAME, "counter", "loss" },
	[SS_LOCK_FOUND] = { SS_LOCK_FOUND, "lock-found", S(ACTIVE) |
	    S(CANCELLED), SS_SAME, S(LOST) | S(LOST_FOR_NOW) |
	    S(CARD_CANCELLED), SS_SAME, 0, SS_SAME, "counter", "loss" },
	[SS_UNLOCK] = { SS_UNLOCK, "unlock", S(ACTIVE), SS_SAME,
	    S(NORMAL) | S(LOCKED), SS_NORMAL, 0, SS_SAME, "counter", "loss" },
	[SS_CANCEL] = { SS_CANCEL, "cancel", OPEN | S(MADE) | S(COLLECTED) |
	    S(ACTIVE), SS_CANCELLED, ANY_STATUS & ~S(CARD_CANCELLED),
	    SS_CARD_CANCELLED, 0, SS_SAME, "manager", "cancellation" },
	[SS_SEAL] = { SS_SEAL, "seal", S(MADE), SS_SAME,
	    S(DORMANT), SS_SAME, 0, SS_SAME, "manager", "cancellation" },
	[SS_REPLACE] = { SS_REPLACE, "replace", S(ACTIVE), SS_CANCELLED,
	    LIVE, SS_CARD_CANCELLED, 0, SS_SAME, NULL, "cancellation" },
	[SS_HAND_IN] = { SS_HAND_IN, "hand-in", S(ACTIVE) | S(CANCELLED),
	    SS_SAME, ANY_STATUS, SS_SAME, S(STOCK_MADE), SS_STOCK_RETURNED,
	    "counter", "cancellation" },
	[SS_DESTROY] = { SS_DESTROY, "destroy", S(ACTIVE) | S(CANCELLED),
	    SS_SAME, ANY_STATUS, SS_SAME, S(STOCK_RETURNED), SS_DESTROYED,
	    "manager", "cancellation" },
};

const char *
ss_state_word(enum ss_state state)
{
	return state_words[state];
}

const char *
ss_status_word(enum ss_status status)
{
	return statuses[status].word;
}

const char *
ss_stock_word(enum ss_stock stock)
{
	return stock_words[stock];
}

int
ss_status_code(enum ss_status status)
{
	return statuses[status].code;
}

enum ss_state
ss_state_find(const char *word)
{
	int i;

	for (i = 0; i < SS_STATES && strcmp(state_words[i], word) != 0; i++)
		;
	return (enum ss_state)i;
}

enum ss_status
ss_status_find(const char *word)
{
	int i;

	for (i = 0; i < SS_STATUSES && strcmp(statuses[i].word, word) != 0; i++)
		;
	return (enum ss_status)i;
}

enum ss_stock
ss_stock_find(const char *word)
{
	int i;

	for (i = 0; i < SS_STOCKS && strcmp(stock_words[i], word) != 0; i++)
		;
	return (enum ss_stock)i;
}

bool
ss_state_open(enum ss_state state)
{
	return (1u << state & (OPEN | S(MAKING) | S(MADE) | S(COLLECTED))) != 0;
}

bool
ss_status_live(enum ss_status status)
{
	return (1u << status & LIVE) != 0;
}

enum ss_step
ss_step_find(const char *word)
{
	int i;

	for (i = 0; i < SS_STEPS && strcmp(ss_life[i].word, word) != 0; i++)
		;
	return (enum ss_step)i;
}

int
ss_life_step(enum ss_step step, struct ss_stand *at)
{
	const struct ss_transition *t = &ss_life[step];

	if ((t->states & 1u << at->state) == 0)
		return ss_fail(SS_ESTATE, "the application is %s, which "
		    "\"%s\" does not begin from", ss_state_word(at->state),
		    t->word);
	if ((t->statuses & 1u << at->status) == 0)
		return ss_fail(SS_ESTATE, "the card is %s, which \"%s\" does "
		    "not begin from", ss_status_word(at->status), t->word);
	if (t->stocks != 0 && (t->stocks & 1u << at->stock) == 0)
		return ss_fail(SS_ESTATE, "the plastic is %s, which \"%s\" "
		    "does not begin from", ss_stock_word(at->stock), t->word);
	if (t->state != SS_SAME)
		at->state = (enum ss_state)t->state;
	if (t->status != SS_SAME && (at->status != SS_NO_CARD ||
	    step == SS_FINISH))
		at->status = (enum ss_status)t->status;
	if (t->stock != SS_SAME)
		at->stock = (enum ss_stock)t->stock;
	return 0;
}
