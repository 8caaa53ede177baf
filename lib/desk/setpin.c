#include <string.h>

#include "base/err.h"
#include "books/job.h"
#include "desk/setpin.h"
#include "rules/pin.h"

#define SECRET "PIN"		/* what its tries are called in the register */

static const char *const words[] = { "change", "reset", "unblock" };

/* A PIN in work; wiped when it is done. */
struct setting {
	struct ss_setpin *desk;
	const char *how;		/* who was identified */
	char from[SS_PIN_SIZE], to[SS_PIN_SIZE];
	int left, full;
	bool begun;	/* a run began to change it, and nobody knows */
};

static struct setting *
of(struct ss_showing *s)
{
	return s->ctx;
}

/* The member pin; begun says that it may be changed by now. */
static void
write_pin(struct ss_showing *s, bool begun, bool done)
{
	struct ss_turn *t = s->turn;
	const struct ss_value *was = ss_record_get(t->rec, "pin.changed");
	struct setting *set = of(s);
	char time[SS_INSTANT_MAX];
	struct ss_bytes *b;

	ss_step_undo(t->step, t->rec);
	ss_record_remove(t->rec, SS_COUNTER_INPUT);
	ss_record_remove(t->rec, "already");
	b = ss_turn_write(t, "pin");
	ss_json_add(b, "kind", words[set->desk->kind]);
	if (set->how != NULL)
		ss_json_add(b, "identified", set->how);
	if (begun)
		ss_json_addb(b, "begun", true);
	ss_instant_format(t->now, time);
	if (done)
		ss_json_add(b, "changed", time);
	else if (ss_value_kind(was) == SS_STRING)
		ss_json_add(b, "changed", ss_value_string(was));
	ss_json_close(b, '}');
}

static int
store(struct ss_showing *s, enum ss_step step, bool begun, bool done)
{
	struct ss_turn *t = s->turn;

	write_pin(s, begun, done);
	return ss_step_now(t->step, t->rec, t->worker, step);
}

/* What the card said is kept, whatever comes of it. */
static int
note_left(struct ss_showing *s, int code, int left)
{
	struct setting *set = of(s);
	char message[SS_MESSAGE_MAX];
	int r;

	if (left < 0)
		return code;
	set->left = left;
	memcpy(message, ss_message(), sizeof(message));
	r = ss_tries_store(s->turn->desk->registry, s->session.who.chip,
	    SECRET, left);
	if (r != 0)
		return r;
	return code == 0 ? 0 : ss_fail(code, "%s", message);
}

/* How many tries are left: by the card where it says so, by the register, or
 * as the card was made. */
static int
find_left(struct ss_showing *s)
{
	struct setting *set = of(s);
	int r;

	set->full = (int)s->session.who.profile->pin.tries;
	if ((r = ss_pin_tries(&s->session, &set->left)) != 0 ||
	    set->left >= 0)
		return r;
	if ((r = ss_tries_load(s->turn->desk->registry,
	    s->session.who.chip, SECRET, &set->left)) == 0 && set->left < 0)
		set->left = set->full;
	return r;
}

/* So many tries must be known to be left before one is taken. */
static int
need(const struct ss_showing *s, const struct setting *set, int tries)
{
	if (set->left > tries || (s->tries.force && set->left > 0))
		return 0;
	if (set->left == 0)
		return ss_fail(SS_EBLOCKED, "the PIN is blocked; nothing was "
		    "sent; run ss-setpin --reset or --unblock");
	return ss_fail(SS_EBLOCKED, "%d of %d tries are left, and nothing was "
	    "sent; run ss-setpin --reset, or say --force", set->left,
	    set->full);
}

static int
ask(struct ss_showing *s, bool new, char pin[SS_PIN_SIZE])
{
	struct ss_setpin *desk = of(s)->desk;
	const struct ss_profile *p = s->session.who.profile;
	int r;

	if ((r = desk->ask(new, pin, desk->ctx)) != 0)
		return r;
	return ss_pin_valid(p, pin) ? 0 : ss_fail(SS_EINVALID, "the %s PIN: "
	    "%lld to %lld digits are wanted", new ? "new" : "old",
	    (long long)p->pin.min, (long long)p->pin.max);
}

static int
ask_new(struct ss_showing *s)
{
	struct ss_turn *t = s->turn;
	struct setting *set = of(s);
	int r;

	if ((r = ask(s, true, set->to)) != 0)
		return r;
	if (strcmp(set->from, set->to) == 0)
		return ss_fail(SS_EPOLICY, "the new PIN is the old one; "
		    "choose another");
	return ss_pin_check(t->policy, t->rec->root, set->to);
}

/* The new PIN, proven. */
static int
prove(struct ss_showing *s)
{
	struct setting *set = of(s);
	int left, r;

	r = ss_pin_verify(&s->session, set->to, &left);
	return note_left(s, r, left);
}

/* A run before this one may have changed it: the new PIN says so. */
static int
look_whether_done(struct ss_showing *s, bool *done)
{
	struct setting *set = of(s);
	int r;

	*done = false;
	if (!set->begun)
		return 0;
	if ((r = need(s, set, 2)) != 0)
		return r;
	r = prove(s);
	*done = r == 0;
	return r == SS_EAUTH ? 0 : r;
}

/* CHANGE PIN; a card that says no has changed nothing now, and what an earlier
 * run may have done stays as open as it was. */
static int
change(struct ss_showing *s)
{
	struct setting *set = of(s);
	char message[SS_MESSAGE_MAX];
	int left, r, code;

	if ((r = need(s, set, 1)) != 0 ||
	    (r = store(s, SS_TRY_PIN, true, false)) != 0)
		return r;
	code = ss_pin_change(&s->session, set->from, set->to, &left);
	code = note_left(s, code, left);
	if (code == 0 || ss_code_stops(code))
		return code;
	memcpy(message, ss_message(), sizeof(message));
	r = store(s, SS_TRY_PIN, set->begun, false);
	return r != 0 ? r : ss_fail(code, "%s", message);
}

static int
change_pin(struct ss_showing *s)
{
	struct setting *set = of(s);
	bool done;
	int r;

	if ((r = need(s, set, 1)) != 0)
		return r;
	if (set->desk->tell != NULL)
		set->desk->tell(set->left, set->full, set->desk->ctx);
	if ((r = ask(s, false, set->from)) != 0 || (r = ask_new(s)) != 0 ||
	    s->turn->desk->dry_run ||
	    (r = look_whether_done(s, &done)) != 0)
		return r;
	if (!done && ((r = change(s)) != 0 || (r = prove(s)) != 0))
		return r;
	return store(s, SS_SET_PIN, false, true);
}

/* Given anew, as often as it takes: it takes no try. */
static int
reset_pin(struct ss_showing *s)
{
	const struct ss_profile *p = s->session.who.profile;
	struct setting *set = of(s);
	int r;

	if ((r = ask_new(s)) != 0 || s->turn->desk->dry_run ||
	    (r = ss_tries_use_key(&s->tries, &s->session,
	    p->orders[SS_ORDER_RELOAD_PIN].auth)) != 0 ||
	    (r = store(s, SS_TRY_PIN, true, false)) != 0 ||
	    (r = ss_showing_order(s, SS_ORDER_RELOAD_PIN, set->to)) != 0 ||
	    (r = prove(s)) != 0)
		return r;
	return store(s, SS_SET_PIN, false, true);
}

/* Only the counter begins anew; what is not known stays so. */
static int
unblock_pin(struct ss_showing *s)
{
	struct setting *set = of(s);
	int r;

	if (s->turn->desk->dry_run)
		return 0;
	if ((r = ss_showing_order(s, SS_ORDER_UNBLOCK_PIN, NULL)) != 0 ||
	    (r = note_left(s, 0, set->full)) != 0)
		return r;
	return store(s, SS_TRY_PIN, set->begun, false);
}

static int
set_pin(struct ss_showing *s)
{
	static int (*const work[])(struct ss_showing *) = { change_pin,
		reset_pin, unblock_pin };
	int r;

	if (s->session.who.locked)
		return ss_fail(SS_EBLOCKED, "the card's application is "
		    "blocked; its PIN cannot be changed");
	if ((r = find_left(s)) != 0)
		return r;
	return work[of(s)->desk->kind](s);
}

int
ss_setpin_one(struct ss_turn *t, void *ctx)
{
	struct ss_setpin *desk = ctx;
	struct setting set = { .desk = desk };
	struct ss_stand at = t->entry->at;
	int r;

	if (at.state < SS_MADE || at.state == SS_CANCELLED) {
		t->rec->outcome = SS_PASSED;
		return 0;
	}
	/* The PINs of another card would be tried on this one. */
	if (desk->once && desk->used)
		return ss_fail(SS_EINVALID, "--pin-fd has the PINs of one "
		    "card; this one was not tried");
	desk->used = true;
	at.status = t->status;
	if ((r = ss_life_step(SS_SET_PIN, &at)) != 0)
		return r;
	/* Who knows the PIN is identified by it. */
	if (desk->kind != SS_SETPIN_CHANGE &&
	    (r = ss_counter_identify(&desk->counter, t, &set.how)) != 0)
		return r;
	set.begun = ss_value_bool(ss_record_get(t->rec, "pin.begun"), false);
	r = ss_counter_show(&desk->counter, t, set_pin, &set);
	if (ss_terminal_left(&desk->counter.terminal))
		return r;
	ss_wipe(set.from, sizeof(set.from));
	ss_wipe(set.to, sizeof(set.to));
	return r;
}
