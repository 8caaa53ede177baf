#include "base/err.h"
#include "desk/lock.h"
#include "desk/reading_own.h"

static int
lock(struct ss_sight *s)
{
	struct ss_desk *desk = s->reading->desk;
	const struct ss_tries tries = { desk->registry, s->reading->force };
	struct ss_turn t = { .desk = desk, .hand = s->hand,
		.worker = s->worker, .step = s->reading->step, .rec = s->rec,
		.status = s->status, .now = s->now };
	bool became, locked = false;
	int r;

	if ((r = ss_desk_policy(desk, s->entry.region, &t.policy)) != 0 ||
	    !t.policy->loss.lock_found || s->session.keys == NULL ||
	    (r = ss_step_begin(t.step, &s->rec, 1)) != 0 ||
	    (r = ss_step_recall(t.step, s->rec, s->worker, &became)) != 0)
		return r;
	t.entry = ss_step_entry(t.step, s->rec);
	if ((r = ss_lock_found(&t, &s->session, &tries, &locked)) == 0 &&
	    locked)
		ss_sight_fault(s, "locked-as-lost");
	return r;
}

int
ss_sight_lost(struct ss_sight *s)
{
	s->status = ss_entry_status(&s->entry, s->now);
	if (s->entry.at.state == SS_STATE_NONE ||
	    (s->status != SS_LOST && s->status != SS_LOST_FOR_NOW &&
	    s->status != SS_CARD_CANCELLED))
		return 0;
	ss_sight_fault(s, ss_status_word(s->status));
	return s->genuine ? lock(s) : 0;
}
