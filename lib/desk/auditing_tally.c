/* Checkpoints in the audit: what one would say now, and whether the register
 * still holds what they said. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "desk/auditing_own.h"

/* One that proves nothing is a fault, and not compared with anything. */
static int
prove(struct ss_auditor *au, const struct ss_checkpoint *cp)
{
	struct ss_operators *operators;
	int r;

	if ((r = ss_desk_operators(au->a->desk, &operators)) != 0)
		return r;
	r = ss_checkpoint_prove(cp, operators, au->a->region);
	if (r == 0)
		au->tally[au->tallies++].of = cp;
	else if (!ss_code_stops(r))
		ss_auditor_fault(au, "", "the checkpoint %.200s proves "
		    "nothing: %s", cp->path, ss_message());
	return ss_code_stops(r) ? r : 0;
}

int
ss_tallies_begin(struct ss_auditor *au)
{
	size_t i, n = au->a->against_count;
	int r = 0;

	if ((au->tally = calloc(n + 1, sizeof(*au->tally))) == NULL)
		return ss_fail(SS_EMEMORY, "out of memory");
	au->tallies = 1;
	for (i = 0; r == 0 && i < n; i++)
		r = prove(au, &au->a->against[i]);
	return r;
}

/* Whether an event was there when the checkpoint was made. */
static bool
is_within(const struct ss_checkpoint *cp, const struct ss_event *e)
{
	const struct ss_checkpoint_station *s;

	if (cp == NULL)
		return true;
	s = ss_checkpoint_find(cp, e->station);
	return s != NULL && e->station_number <= s->events;
}

void
ss_tallies_event(struct ss_auditor *au, const struct ss_event *e)
{
	enum ss_step step = ss_step_find(e->step);
	struct ss_tally *t;
	size_t i;

	for (i = 0; i < au->tallies; i++) {
		t = &au->tally[i];
		if (!is_within(t->of, e)) {
			t->behind = true;
			t->bound += (step == SS_MAKE) - (step == SS_UNBIND);
			continue;
		}
		if (t->behind)
			ss_auditor_fault(au, e->id, "an event of the "
			    "checkpoint of %s stands behind a later one",
			    t->of->time);
		t->events++;
		snprintf(t->head, sizeof(t->head), "%s", e->digest);
	}
}

static int
add_head(struct ss_auditor *au, struct ss_tally *t, const struct ss_entry *e)
{
	struct ss_bytes text = { 0 };
	struct ss_hash leaf;
	int r;

	t->behind = false;
	if (t->head[0] == '\0')
		return 0;
	t->applications++;
	ss_bytes_add(&text, e->id, strlen(e->id) + 1);
	ss_bytes_adds(&text, t->head);
	t->head[0] = '\0';
	if ((r = ss_bytes_check(&text)) == 0 &&
	    (r = ss_merkle_leaf(au->sm3, text.data, text.len, &leaf)) == 0)
		r = ss_merkle_add(&t->heads, au->sm3, &leaf);
	ss_bytes_free(&text);
	return r;
}

int
ss_tallies_end(struct ss_auditor *au, const struct ss_entry *e)
{
	size_t i;
	int r = 0;

	for (i = 0; r == 0 && i < au->tallies; i++)
		r = add_head(au, &au->tally[i], e);
	return r;
}

int
ss_tallies_station(struct ss_auditor *au, const char *name, int64_t events,
    int64_t actions)
{
	struct ss_checkpoint_station *s;

	if ((s = ss_checkpoint_add(&au->a->now, name)) == NULL)
		return SS_EMEMORY;
	s->events = events;
	s->actions = actions;
	if (au->a->now.count > 1 && strcmp(s[-1].name, s->name) > 0)
		ss_checkpoint_sort(&au->a->now);
	return 0;
}

void
ss_tallies_action(struct ss_auditor *au, const struct ss_action *action)
{
	struct ss_checkpoint_station *s;
	size_t i;

	s = ss_checkpoint_find(&au->a->now, action->station);
	if (s != NULL)
		snprintf(s->action_head, sizeof(s->action_head), "%s",
		    action->digest);
	for (i = 1; i < au->tallies; i++) {
		s = ss_checkpoint_find(au->tally[i].of, action->station);
		if (s != NULL && s->actions == action->number &&
		    strcmp(s->action_head, action->digest) != 0)
			ss_auditor_fault(au, action->station, "action %" PRId64
			    " is not that of the checkpoint of %s",
			    action->number, au->tally[i].of->time);
	}
}

static void
compare_station(struct ss_auditor *au, const struct ss_checkpoint *cp,
    const struct ss_checkpoint_station *then)
{
	const struct ss_checkpoint_station *now =
	    ss_checkpoint_find(&au->a->now, then->name);
	int64_t events = now != NULL ? now->events : 0;
	int64_t actions = now != NULL ? now->actions : 0;

	if (events < then->events)
		ss_auditor_fault(au, then->name, "%" PRId64 " events, and %"
		    PRId64 " by the checkpoint of %s", events, then->events,
		    cp->time);
	if (actions < then->actions)
		ss_auditor_fault(au, then->name, "%" PRId64 " actions, and %"
		    PRId64 " by the checkpoint of %s", actions, then->actions,
		    cp->time);
}

static int
compare(struct ss_auditor *au, const struct ss_tally *t)
{
	const struct ss_checkpoint *cp = t->of;
	int64_t cards = au->a->audit.cards - t->bound;
	struct ss_hash root;
	size_t i;
	int r;

	for (i = 0; i < cp->count; i++)
		compare_station(au, cp, &cp->station[i]);
	if ((r = ss_merkle_root(&t->heads, au->sm3, &root)) != 0)
		return r;
	if (memcmp(&root, &cp->root, sizeof(root)) != 0 ||
	    t->applications != cp->applications || t->events != cp->events)
		ss_auditor_fault(au, "", "the root over the chains as of the "
		    "checkpoint of %s is another: what it signed was changed "
		    "or is gone", cp->time);
	if (cards != cp->cards)
		ss_auditor_fault(au, "", "%" PRId64 " cards as of the "
		    "checkpoint of %s, which has %" PRId64, cards, cp->time,
		    cp->cards);
	return 0;
}

int
ss_tallies_finish(struct ss_auditor *au)
{
	struct ss_checkpoint *now = &au->a->now;
	size_t i;
	int r;

	now->applications = au->tally[0].applications;
	now->events = au->tally[0].events;
	now->cards = au->a->audit.cards;
	now->actions = au->a->audit.actions;
	r = ss_merkle_root(&au->tally[0].heads, au->sm3, &now->root);
	for (i = 1; r == 0 && i < au->tallies; i++)
		r = compare(au, &au->tally[i]);
	return r;
}
