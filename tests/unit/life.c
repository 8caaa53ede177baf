/*
 * The life of an application, a card and its plastic: each step from each
 * place against a table that was written from the design, not from the code.
 */
#include "base/err.h"
#include "books/life.h"
#include "../tap.h"

#define ANY " none dormant normal lost locked temporarily-lost cancelled "
#define LIVE " normal lost locked temporarily-lost "

/* Words with a space on either side; "" leaves it as it is, or asks for
 * nothing. */
static const struct {
	enum ss_step step;
	const char *word, *states, *state, *statuses, *status, *stocks,
	    *stock, *role;
} table[] = {
	{ SS_APPLY, "apply", " none ", "applied", " none ", "", "", "",
	    "clerk" },
	{ SS_MEND, "mend", " returned ", "applied", " none ", "", "", "",
	    "clerk" },
	{ SS_HOLD, "hold", " applied pending ", "pending", " none ", "", "",
	    "", "reviewer" },
	{ SS_APPROVE, "approve", " applied pending ", "approved", " none ",
	    "", "", "", "reviewer" },
	{ SS_RETURN, "return", " applied pending ", "returned", " none ", "",
	    "", "", "reviewer" },
	{ SS_REJECT, "reject", " applied pending ", "rejected", " none ", "",
	    "", "", "reviewer" },
	{ SS_NOTIFY, "notify", " returned rejected made ", "",
	    " none dormant ", "", "", "", "counter" },
	{ SS_MAKE, "make", " approved ", "making", " none ", "",
	    " none spoiled ", "blank", "maker" },
	{ SS_UNBIND, "unbind", " making ", "approved", " none ", "",
	    " blank ", "none", "maker" },
	{ SS_GIVE_UP, "give-up", " making ", "approved", " none ", "",
	    " blank ", "spoiled", "maker" },
	{ SS_FINISH, "finish", " making ", "made", " none ", "dormant",
	    " blank ", "made", "maker" },
	{ SS_COLLECT, "collect", " made ", "collected", " dormant ", "",
	    " made ", "", "counter" },
	{ SS_TAKE_BACK, "take-back", " collected ", "made", " dormant ", "",
	    " made ", "", "counter" },
	{ SS_ACTIVATE, "activate", " collected ", "active", " dormant ",
	    "normal", " made ", "", "counter" },
	{ SS_TRY_PIN, "try-pin", " collected active ", "",
	    " dormant normal ", "", "", "", "counter" },
	{ SS_SET_PIN, "set-pin", " collected active ", "",
	    " dormant normal ", "", "", "", "counter" },
	{ SS_LOSE_FOR_NOW, "lose-for-now", " active ", "", " normal ",
	    "temporarily-lost", "", "", "counter" },
	{ SS_LAPSE, "lapse", " active ", "", " temporarily-lost ", "normal",
	    "", "", NULL },
	{ SS_LOSE, "lose", " active ", "",
	    " normal locked temporarily-lost ", "lost", "", "", "counter" },
	{ SS_RELEASE, "release", " active ", "", " lost temporarily-lost ",
	    "normal", "", "", "counter" },
	{ SS_LOCK, "lock", " active ", "", " normal ", "locked", "", "",
	    "counter" },
	{ SS_LOCK_FOUND, "lock-found", " active cancelled ", "",
	    " lost temporarily-lost cancelled ", "", "", "", "counter" },
	{ SS_UNLOCK, "unlock", " active ", "", " normal locked ", "normal",
	    "", "", "counter" },
	{ SS_CANCEL, "cancel", " applied pending approved returned made "
	    "collected active ", "cancelled", " none dormant normal lost "
	    "locked temporarily-lost ", "cancelled", "", "", "manager" },
	{ SS_SEAL, "seal", " made ", "", " dormant ", "", "", "", "manager" },
	{ SS_REPLACE, "replace", " active ", "cancelled", LIVE, "cancelled",
	    "", "", NULL },
	{ SS_HAND_IN, "hand-in", " active cancelled ", "", ANY, "", " made ",
	    "returned", "counter" },
	{ SS_DESTROY, "destroy", " active cancelled ", "", ANY, "",
	    " returned ", "destroyed", "manager" },
};

static const char *const states[] = { "none", "applied", "pending",
	"approved", "returned", "rejected", "making", "made", "collected",
	"active", "cancelled" };

static const struct {
	const char *word;
	int code;
} statuses[] = { { "none", -1 }, { "dormant", 0 }, { "normal", 1 },
	{ "lost", 2 }, { "locked", 3 }, { "temporarily-lost", 4 },
	{ "cancelled", 9 } };

static const char *const stocks[] = { "none", "blank", "made", "spoiled",
	"returned", "destroyed" };

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static bool
has(const char *words, const char *word)
{
	char padded[32];

	snprintf(padded, sizeof(padded), " %s ", word);
	return strstr(words, padded) != NULL;
}

/* What a word becomes: itself when the step leaves it, or there is no card. */
static const char *
becomes(const char *next, const char *now, bool cancels)
{
	if (next[0] == '\0' || (cancels && strcmp(now, "none") == 0))
		return now;
	return next;
}

/* Whether the step may begin there, and if not, the word that is in its way. */
static const char *
barrier(size_t i, const struct ss_stand *at)
{
	if (!has(table[i].states, states[at->state]))
		return states[at->state];
	if (!has(table[i].statuses, statuses[at->status].word))
		return statuses[at->status].word;
	if (table[i].stocks[0] != '\0' &&
	    !has(table[i].stocks, stocks[at->stock]))
		return stocks[at->stock];
	return NULL;
}

static bool
check(size_t i, struct ss_stand at)
{
	const char *card = statuses[at.status].word;
	const char *bar = barrier(i, &at);
	struct ss_stand to = at;
	int r = ss_life_step(table[i].step, &to);
	bool good;

	if (bar == NULL)
		good = r == 0 && strcmp(ss_state_word(to.state),
		    becomes(table[i].state, states[at.state], false)) == 0 &&
		    strcmp(ss_status_word(to.status), becomes(table[i].status,
		    card, table[i].step == SS_CANCEL)) == 0 &&
		    strcmp(ss_stock_word(to.stock), becomes(table[i].stock,
		    stocks[at.stock], false)) == 0;
	else
		good = r == SS_ESTATE && memcmp(&to, &at, sizeof(at)) == 0 &&
		    strstr(ss_message(), table[i].word) != NULL &&
		    strstr(ss_message(), bar) != NULL;
	if (!good)
		printf("# %s from %s, %s, %s: %d to %s, %s, %s: %s\n",
		    table[i].word, states[at.state], card, stocks[at.stock],
		    r, ss_state_word(to.state), ss_status_word(to.status),
		    ss_stock_word(to.stock), ss_message());
	return good;
}

static void
test_steps(void)
{
	const int places = SS_STATES * SS_STATUSES * SS_STOCKS;
	size_t i;
	int n, bad;

	ok(COUNT(table) == SS_STEPS, "every step is in the table");
	for (i = 0; i < COUNT(table); i++) {
		bad = 0;
		for (n = 0; n < places; n++)
			bad += !check(i, (struct ss_stand){
			    (enum ss_state)(n % SS_STATES),
			    (enum ss_status)(n / SS_STATES % SS_STATUSES),
			    (enum ss_stock)(n / SS_STATES / SS_STATUSES) });
		ok(bad == 0, "%s, from each place", table[i].word);
	}
}

/* The rows themselves: in their place, named once, done by whom. */
static void
test_rows(void)
{
	const struct ss_transition *t;
	size_t i, j;
	int bad = 0, twice = 0;

	for (i = 0; i < COUNT(table); i++) {
		t = &ss_life[table[i].step];
		if (t->step != table[i].step ||
		    strcmp(t->word, table[i].word) != 0 ||
		    (t->role == NULL) != (table[i].role == NULL) ||
		    (t->role != NULL && strcmp(t->role, table[i].role) != 0))
			bad++;
		bad += ss_step_find(t->word) != table[i].step;
		for (j = 0; j < i; j++)
			twice += strcmp(t->word, ss_life[j].word) == 0;
	}
	ok(bad == 0, "words and roles");
	ok(twice == 0, "no word twice");
	ok(ss_step_find("seal") == SS_SEAL && ss_step_find("") == SS_STEPS &&
	    ss_step_find("Seal") == SS_STEPS, "steps by their words");
}

static void
test_words(void)
{
	size_t i;
	int bad = 0;

	ok(COUNT(states) == SS_STATES && COUNT(statuses) == SS_STATUSES &&
	    COUNT(stocks) == SS_STOCKS, "as many as there are");
	for (i = 0; i < COUNT(states); i++)
		bad += strcmp(ss_state_word((enum ss_state)i), states[i]) !=
		    0 || ss_state_find(states[i]) != (enum ss_state)i;
	ok(bad == 0, "states, both ways");
	for (i = 0; i < COUNT(statuses); i++)
		bad += strcmp(ss_status_word((enum ss_status)i),
		    statuses[i].word) != 0 ||
		    ss_status_find(statuses[i].word) != (enum ss_status)i ||
		    ss_status_code((enum ss_status)i) != statuses[i].code;
	ok(bad == 0, "statuses, both ways, and their codes");
	for (i = 0; i < COUNT(stocks); i++)
		bad += strcmp(ss_stock_word((enum ss_stock)i), stocks[i]) !=
		    0 || ss_stock_find(stocks[i]) != (enum ss_stock)i;
	ok(bad == 0, "stocks, both ways");
	ok(ss_state_find("") == SS_STATES &&
	    ss_state_find("Applied") == SS_STATES &&
	    ss_state_find("applied ") == SS_STATES &&
	    ss_status_find("loss") == SS_STATUSES &&
	    ss_status_find("1") == SS_STATUSES &&
	    ss_stock_find("active") == SS_STOCKS, "words that are none");
}

static void
test_sets(void)
{
	static const char open[] = " applied pending approved returned making "
	    "made collected ";
	size_t i;
	int bad = 0;

	for (i = 0; i < COUNT(states); i++)
		bad += ss_state_open((enum ss_state)i) != has(open, states[i]);
	ok(bad == 0, "open applications");
	for (i = 0; i < COUNT(statuses); i++)
		bad += ss_status_live((enum ss_status)i) !=
		    (statuses[i].code >= 1 && statuses[i].code <= 4);
	ok(bad == 0, "live cards: 1 to 4");
}

int
main(void)
{
	test_steps();
	test_rows();
	test_words();
	test_sets();
	return done();
}
