#include <string.h>

#include "base/err.h"
#include "desk/lock.h"

/* What is done to one card. */
struct locking {
	struct ss_turn *turn;
	struct ss_session *session;
	const struct ss_tries *tries;
	enum ss_order order;
	enum ss_step step;
	const char *kind, *how;
	bool known;		/* the register has it so already */
};

/* What was reported stays, and locked is when the chip was. */
static int
add_locked(const struct locking *l, const char *now)
{
	struct ss_turn *t = l->turn;
	const struct ss_value *was = ss_record_get(t->rec, "loss"), *v;
	struct ss_bytes *b = ss_record_set(t->rec, "loss");
	const char *name;
	void *iter = NULL;
	int r = 0;

	ss_json_open(b, NULL, '{');
	while (r == 0 && ss_value_each(was, &iter, &name, &v)) {
		if (strcmp(name, "locked") == 0)
			continue;
		ss_json_key(b, name);
		r = ss_value_canonical(v, b);
	}
	ss_json_add(b, "locked", now);
	ss_json_close(b, '}');
	return r;
}

/* The member loss of a card that was in use. */
static void
write_loss(const struct locking *l, enum ss_status status, const char *now)
{
	struct ss_turn *t = l->turn;
	struct ss_bytes *b = ss_turn_write(t, "loss");

	ss_json_add(b, "kind", l->kind);
	ss_json_add(b, "channel", "counter");
	if (l->how != NULL)
		ss_json_add(b, "identified", l->how);
	ss_json_add(b, "status", ss_status_word(status));
	if (l->order == SS_ORDER_BLOCK)
		ss_json_add(b, "locked", now);
	ss_json_close(b, '}');
}

static int
store(const struct locking *l)
{
	struct ss_turn *t = l->turn;
	struct ss_stand at = t->entry->at;
	char now[SS_INSTANT_MAX];
	int r;

	at.status = t->status;
	if ((r = ss_life_step(l->step, &at)) != 0)
		return r;
	ss_instant_format(t->now, now);
	if (l->step != SS_LOCK_FOUND)
		write_loss(l, at.status, now);
	else if ((r = add_locked(l, now)) != 0)
		return r;
	ss_record_remove(t->rec, SS_COUNTER_INPUT);
	ss_record_remove(t->rec, "already");
	return ss_step_now(t->step, t->rec, t->worker, l->step);
}

/* The key is used first: what fails for want of it changes nothing. */
static int
carry_out(const struct locking *l)
{
	const struct ss_profile *p = l->session->who.profile;
	bool wanted = l->order == SS_ORDER_BLOCK;
	bool done = l->session->who.locked == wanted;
	int r;

	if (l->turn->desk->dry_run)
		return 0;
	if (done && l->known) {
		ss_record_already(l->turn->rec);
		return 0;
	}
	if (!done && (r = ss_tries_use_key(l->tries, l->session,
	    p->orders[l->order].auth)) != 0)
		return r;
	if (!l->known && (r = store(l)) != 0)
		return r;
	return done ? 0 : ss_card_order(l->session, l->order, NULL);
}

static bool
is_locked(const struct ss_turn *t)
{
	return ss_record_string(t->rec, "loss.locked") != NULL;
}

/* Which step it is, by what the register knows of the card. */
static void
find_lock(struct locking *l)
{
	const struct ss_turn *t = l->turn;

	l->order = SS_ORDER_BLOCK;
	l->kind = "lock";
	l->known = t->status == SS_LOCKED || is_locked(t);
	l->step = t->status == SS_LOST || t->status == SS_LOST_FOR_NOW ||
	    t->status == SS_CARD_CANCELLED ? SS_LOCK_FOUND : SS_LOCK;
}

static void
find_unlock(struct locking *l)
{
	l->order = SS_ORDER_UNBLOCK;
	l->kind = "unlock";
	l->known = l->turn->status == SS_NORMAL && !is_locked(l->turn);
	l->step = SS_UNLOCK;
}

static int
work(struct ss_showing *s)
{
	struct locking *l = s->ctx;

	l->session = &s->session;
	l->tries = &s->tries;
	return carry_out(l);
}

int
ss_lock_one(struct ss_turn *t, void *ctx)
{
	struct ss_lock *lock = ctx;
	struct locking l = { .turn = t };
	struct ss_stand at = t->entry->at;
	int r;

	if (lock->unlock)
		find_unlock(&l);
	else
		find_lock(&l);
	at.status = t->status;
	if (!l.known && (r = ss_life_step(l.step, &at)) != 0)
		return r;
	/* Anybody may have a card locked that he found. */
	if (lock->unlock && (r = ss_counter_identify(&lock->counter, t,
	    &l.how)) != 0)
		return r;
	return ss_counter_show(&lock->counter, t, work, &l);
}

int
ss_lock_found(struct ss_turn *t, struct ss_session *s,
    const struct ss_tries *tries, bool *locked)
{
	struct locking l = { .turn = t, .session = s, .tries = tries };
	int r;

	*locked = s->who.locked;
	if (!t->policy->loss.lock_found || s->keys == NULL)
		return 0;
	find_lock(&l);
	if (l.step != SS_LOCK_FOUND || (r = carry_out(&l)) != 0)
		return l.step != SS_LOCK_FOUND ? 0 : r;
	*locked = !t->desk->dry_run || *locked;
	return 0;
}
