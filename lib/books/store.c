#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "books/registry_own.h"
#include "books/station.h"
#include "books/store.h"

#define REPEAT (-2)		/* without those that collided */
#define STATEMENTS_EACH 5	/* of a change, at most */

/* What a statement that writes nothing means. */
enum need { ROW, EVENT, CARD, JOB, NO_NEED };

/* A change on its way. */
struct plan {
	struct ss_entry after;
	char lapsed[SS_SM3_HEX];	/* digest of the event of a lapse */
};

struct store {
	struct ss_change *changes;
	size_t n;
	struct plan *plans;		/* by change */
	struct ss_statement *statements;
	struct {
		size_t change;
		enum need need;
	} *of;				/* by statement */
	int64_t *changed;
	size_t count;			/* statements */
	bool planned;
};

static int
refuse(struct ss_change *c, int code)
{
	c->code = code;
	snprintf(c->message, sizeof(c->message), "%s", ss_message());
	return 0;
}

static struct ss_arg
text(const char *s)
{
	return ss_arg_text(s);
}

static void
add(struct store *s, size_t change, enum need need, enum ss_query query,
    const struct ss_arg *args, size_t n)
{
	struct ss_statement *st = &s->statements[s->count];

	st->query = query;
	st->count = n;
	memcpy(st->args, args, n * sizeof(*args));
	s->of[s->count].change = change;
	s->of[s->count++].need = need;
}

#define ADD(s, change, need, query, ...) \
	add(s, change, need, query, (struct ss_arg[]){ __VA_ARGS__ }, \
	    sizeof((struct ss_arg[]){ __VA_ARGS__ }) / sizeof(struct ss_arg))

/* Whether the row may come to stand in another one's way. */
static bool
may_collide(const struct ss_entry *was, const struct ss_entry *is)
{
	return strcmp(was->person, is->person) != 0 ||
	    strcmp(was->kind, is->kind) != 0 ||
	    (ss_status_live(is->at.status) && !ss_status_live(was->at.status));
}

static void
add_row(struct store *s, size_t i)
{
	const struct ss_change *c = &s->changes[i];
	const struct ss_entry *e = &s->plans[i].after;
	bool is_new = c->entry->at.state == SS_STATE_NONE;
	struct ss_arg args[SS_ARGS_MAX];
	size_t n = ss_entry_args(e, c->record, args);

	if (is_new) {
		add(s, i, ROW, SS_Q_INSERT, args, n);
		return;
	}
	args[n++] = ss_arg_number(c->entry->events);
	add(s, i, ROW, may_collide(c->entry, e) ? SS_Q_UPDATE_ALONE :
	    SS_Q_UPDATE, args, n);
}

/* What a step does to the card, the plastic and the job. */
static void
add_things(struct store *s, size_t i, const struct ss_registry *reg)
{
	const struct ss_change *c = &s->changes[i];
	struct ss_entry *e = &s->plans[i].after;
	const struct ss_transition *t = &ss_life[c->step];
	const char *chip = c->entry->chip;

	switch (c->step) {
	case SS_MAKE:
		ADD(s, i, CARD, SS_Q_ADD_CARD, text(e->chip), text(e->number),
		    text(e->id), text("blank"), text(reg->station),
		    text(e->changed));
		ADD(s, i, JOB, SS_Q_BIND_JOB, text(e->id), text(e->chip),
		    ss_arg_number(c->epoch));
		break;
	case SS_UNBIND:
		ADD(s, i, CARD, SS_Q_DROP_CARD, text(chip), text(e->id));
		ADD(s, i, JOB, SS_Q_BIND_JOB, text(e->id), text(""),
		    ss_arg_number(c->epoch));
		break;
	case SS_CANCEL:		/* one that was begun is not to be made */
		ADD(s, i, NO_NEED, SS_Q_END_JOB, text(e->id));
		break;
	case SS_GIVE_UP:
	case SS_FINISH:
		ADD(s, i, JOB, SS_Q_DROP_JOB, text(e->id),
		    ss_arg_number(c->epoch));
		/* fallthrough */
	default:
		if (t->stock != SS_SAME)
			ADD(s, i, CARD, SS_Q_SET_STOCK, text(chip),
			    text(e->id),
			    text(ss_stock_word((enum ss_stock)t->stock)),
			    text(e->changed));
		break;
	}
}

static void
add_event(struct store *s, size_t i, const struct ss_event *e)
{
	struct ss_arg args[SS_ARGS_MAX];
	size_t n = ss_event_args(e, args);

	add(s, i, EVENT, SS_Q_ADD_EVENT, args, n);
}

/* Where the step leads, by the table; *lapses when a loss ends first. */
static int
find_place(const struct ss_change *c, struct ss_entry *after, bool *lapses)
{
	*after = c->after;
	after->at = c->entry->at;
	*lapses = c->entry->at.status == SS_LOST_FOR_NOW &&
	    ss_entry_status(c->entry, c->time) == SS_NORMAL;
	if (*lapses)
		ss_life_step(SS_LAPSE, &after->at);
	return ss_life_step(c->step, &after->at);
}

/*
 * The event of the step, and before it that of a loss that ended by itself,
 * which is written down when the next step comes.
 */
static void
make_events(const struct ss_change *c, struct plan *p, const char *station,
    bool lapses, struct ss_event e[2])
{
	const struct ss_entry *was = c->entry;
	struct ss_entry *is = &p->after;

	e[0] = (struct ss_event){ is->id, was->events + 1,
		ss_life[SS_LAPSE].word, ss_state_word(was->at.state),
		ss_status_word(SS_NORMAL), was->until, c->operator, station,
		0, was->record_sm3, was->head, p->lapsed };
	e[1] = (struct ss_event){ is->id, is->events, ss_life[c->step].word,
		ss_state_word(is->at.state), ss_status_word(is->at.status),
		is->changed, c->operator, station, 0, is->record_sm3,
		lapses ? p->lapsed : was->head, is->head };
}

static int
plan_one(struct store *s, size_t i, struct ss_registry *reg,
    int64_t *station_events)
{
	struct ss_change *c = &s->changes[i];
	struct plan *p = &s->plans[i];
	struct ss_event e[2];
	bool lapses;
	int r;

	if ((r = find_place(c, &p->after, &lapses)) != 0)
		return refuse(c, r);
	p->after.events = c->entry->events + (lapses ? 2 : 1);
	ss_instant_format(c->time, p->after.changed);
	make_events(c, p, reg->station, lapses, e);
	if (lapses) {
		e[0].station_number = ++*station_events;
		if ((r = ss_event_digest(reg->sm3, &e[0], p->lapsed)) != 0)
			return r;
	}
	e[1].station_number = ++*station_events;
	if ((r = ss_event_digest(reg->sm3, &e[1], p->after.head)) != 0)
		return r;
	add_row(s, i);
	if (lapses)
		add_event(s, i, &e[0]);
	add_event(s, i, &e[1]);
	add_things(s, i, reg);
	return 0;
}

/* One that goes together with a refused one is refused too. */
static void
settle_pairs(struct store *s)
{
	struct ss_change *a, *b;
	size_t i;

	for (i = 1; i < s->n; i++) {
		a = &s->changes[i - 1];
		b = &s->changes[i];
		if (!b->together || (a->code == 0) == (b->code == 0))
			continue;
		ss_fail(SS_ESTATE, "not stored: what belongs to it was "
		    "refused");
		refuse(a->code == 0 ? a : b, SS_ESTATE);
	}
}

static int
plan(struct store *s, struct ss_registry *reg, int64_t *station_events)
{
	size_t i;
	int r = 0;

	s->count = 0;
	for (i = 0; r == 0 && i < s->n; i++)
		if (s->changes[i].code == 0)
			r = plan_one(s, i, reg, station_events);
	settle_pairs(s);
	for (i = 0; r == 0 && i < s->count; i++)
		if (s->changes[s->of[i].change].code != 0)
			return REPEAT;
	return r;
}

static void
collide(struct ss_change *c, enum need need)
{
	if (need == CARD)
		refuse(c, ss_fail(SS_EEXISTS, "this card is known to the "
		    "register; take another one"));
	else if (need == JOB)
		refuse(c, ss_fail(SS_ESTATE, "another station has taken over "
		    "the making of this card"));
	else
		c->code = -1;	/* to be looked into, by name_cause */
}

/* Whether all was written; else which were not, for another turn. */
static int
check_counts(struct store *s, const struct ss_registry *reg)
{
	struct ss_change *c;
	size_t i, refused = 0;

	for (i = 0; i < s->count; i++) {
		c = &s->changes[s->of[i].change];
		if (s->changed[i] > 0 || c->code != 0 ||
		    s->of[i].need == NO_NEED)
			continue;
		/* Refused by settle_pairs: it was to follow what failed. */
		if (c->together && c > s->changes && c[-1].code != 0)
			continue;
		if (s->of[i].need == EVENT)
			return ss_fail(SS_EREGISTRY, "an event of station "
			    "%.64s is there already; run ss-registry audit",
			    reg->station);
		collide(c, s->of[i].need);
		refused++;
	}
	settle_pairs(s);
	return refused > 0 ? REPEAT : 0;
}

static int
take_head(const struct ss_cell *cells, void *ctx)
{
	ss_cell_copy(&cells[11], ctx, SS_SM3_HEX);
	return 0;
}

/* After a commit that nobody answered: was it stored? */
static int
find_stored(struct store *s, struct ss_registry *reg, bool *stored)
{
	char head[SS_SM3_HEX] = "";
	size_t i;
	int r;

	*stored = false;
	for (i = 0; i < s->n && s->changes[i].code != 0; i++)
		;
	if (!s->planned || i == s->n)
		return 0;
	if ((r = ss_registry_do(reg, SS_Q_LOAD, (struct ss_arg[]){
	    text(s->plans[i].after.id) }, 1, take_head, head, NULL)) != 0)
		return r;
	*stored = strcmp(head, s->plans[i].after.head) == 0;
	return 0;
}

static int
work(struct ss_registry *reg, void *ctx)
{
	struct store *s = ctx;
	struct ss_station_counts counts = { 0, 0 };
	bool stored;
	int r;

	/* Behind the lock: the commit that nobody answered holds it until it
	 * has ended. */
	if ((r = ss_station_lock(reg, &counts)) != 0 ||
	    (r = find_stored(s, reg, &stored)) != 0 || stored)
		return r;
	s->planned = false;
	if ((r = plan(s, reg, &counts.events)) != 0 || s->count == 0)
		return r;
	/* The station's count goes with them, on the same way. */
	ss_station_statement(reg, &counts, &s->statements[s->count]);
	if ((r = reg->engine->batch(reg->db, s->statements, s->count + 1,
	    s->changed)) != 0 || (r = check_counts(s, reg)) != 0)
		return r;
	s->planned = true;
	return 0;
}

/* Another of the person's, found by one of the two rules that it broke. */
static int
find_in_way(struct ss_registry *reg, enum ss_find by, const struct ss_change *c,
    struct ss_entry *other)
{
	int r;

	if ((r = ss_registry_find(reg, by, c->after.person, other)) == 0 &&
	    strcmp(other->id, c->after.id) == 0)
		other->at.state = SS_STATE_NONE;
	return r;
}

/* What is in its way: the id, another open one, another live card. */
static int
find_other(struct ss_registry *reg, const struct ss_change *c,
    struct ss_entry *other)
{
	struct ss_entry after;
	bool lapses, open, alone;
	int r;

	memcpy(other->id, c->after.id, sizeof(other->id));
	if ((r = ss_registry_load(reg, other)) != 0 ||
	    other->events != c->entry->events)
		return r;
	find_place(c, &after, &lapses);
	open = ss_state_open(after.at.state);
	alone = ss_status_live(after.at.status) ||
	    (open && strcmp(after.kind, "new") == 0);
	other->at.state = SS_STATE_NONE;
	if (open)
		r = find_in_way(reg, SS_FIND_OPEN, c, other);
	if (r == 0 && alone && other->at.state == SS_STATE_NONE)
		r = find_in_way(reg, SS_FIND_HOLDER, c, other);
	return r;
}

/* Why a row could not be written, when the transaction is over. */
static int
name_cause(struct ss_registry *reg, struct ss_change *c)
{
	struct ss_entry other;
	int r;

	if ((r = find_other(reg, c, &other)) != 0)
		return r;
	/* Changed itself, or what was in its way has gone meanwhile. */
	if (other.at.state == SS_STATE_NONE ||
	    (strcmp(other.id, c->entry->id) == 0 &&
	    c->entry->at.state != SS_STATE_NONE))
		return refuse(c, ss_fail(SS_ESTATE, "the application was "
		    "changed by another station meanwhile; run again"));
	memcpy(c->other, other.id, sizeof(c->other));
	if (ss_status_live(other.at.status) &&
	    strcmp(other.id, c->after.id) != 0)
		return refuse(c, ss_fail(SS_EEXISTS, "this person holds a "
		    "live card: %s; run ss-reissue to replace it", other.id));
	return refuse(c, ss_fail(SS_EEXISTS, "this person has an open "
	    "application, or the id is taken: %s, %s", other.id,
	    ss_state_word(other.at.state)));
}

static int
store(struct ss_registry *reg, struct store *s)
{
	size_t i;
	int r;

	do {
		s->planned = false;
		r = ss_registry_transact(reg, work, s);
	} while (r == REPEAT);
	for (i = 0; r == 0 && i < s->n; i++) {
		if (s->changes[i].code == -1)
			r = name_cause(reg, &s->changes[i]);
		else if (s->changes[i].code == 0)
			*s->changes[i].entry = s->plans[i].after;
	}
	return r;
}

int
ss_registry_store(struct ss_registry *reg, struct ss_change *changes, size_t n)
{
	size_t most = n * STATEMENTS_EACH + 1;
	struct store s = { .changes = changes, .n = n };
	int r;

	s.plans = calloc(n, sizeof(*s.plans));
	s.statements = malloc(most * sizeof(*s.statements));
	s.of = calloc(most, sizeof(*s.of));
	s.changed = calloc(most, sizeof(*s.changed));
	if (s.plans == NULL || s.statements == NULL || s.of == NULL ||
	    s.changed == NULL)
		r = ss_fail(SS_EMEMORY, "out of memory");
	else
		r = store(reg, &s);
	free(s.plans);
	free(s.statements);
	free(s.of);
	free(s.changed);
	return r;
}
