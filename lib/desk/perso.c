#include <stdio.h>
#include <string.h>

#include "base/err.h"
#include "card/pin.h"
#include "desk/perso_own.h"

/* What has happened outside of the register is another's to repeat. */
static void
set_state(struct ss_turn *t, enum ss_state state)
{
	ss_json_add(ss_record_set(t->rec, "state"), NULL,
	    ss_state_word(state));
	ss_record_remove(t->rec, "already");
}

/* The step, durable when this returns, with what the record has then. */
static int
store(struct ss_making *m, enum ss_step step)
{
	struct ss_turn *t = m->turn;

	return ss_step_now(t->step, t->rec, t->worker, step);
}

static int
begin_job(struct ss_making *m)
{
	struct ss_turn *t = m->turn;
	struct ss_card_numbers numbers;
	int r;

	if (t->desk->dry_run)
		return 0;
	if ((r = ss_card_numbers_init(&numbers, t->policy)) != 0 ||
	    (r = ss_job_begin(t->desk->registry, t->entry, &numbers, t->now,
	    &m->job)) != 0)
		return r;
	ss_step_epoch(t->step, t->rec, m->job.epoch);
	return 0;
}

static int
keep_step(const struct ss_event *e, void *ctx)
{
	enum ss_step *last = ctx;

	*last = ss_step_find(e->step);
	return 0;
}

/* Whether the last thing that happened was that its card was given up. */
static int
find_given_up(const struct ss_making *m, bool *out)
{
	enum ss_step last = SS_STEPS;
	int r;

	r = ss_registry_events(m->turn->desk->registry, m->turn->entry->id,
	    keep_step, &last);
	*out = last == SS_GIVE_UP;
	return r;
}

/* The card of an open job is nobody's any more; its number is burnt. */
static int
spoil(struct ss_making *m)
{
	struct ss_turn *t = m->turn;
	bool done;
	int r;

	if ((r = find_given_up(m, &done)) != 0)
		return r;
	if (done) {
		ss_record_already(t->rec);
		return 0;
	}
	if (t->entry->at.state != SS_MAKING)
		return ss_fail(SS_ESTATE, "the application is %s: it has no "
		    "card in the making that could be spoiled",
		    ss_state_word(t->entry->at.state));
	if (t->desk->dry_run)
		return 0;
	if ((r = begin_job(m)) != 0)
		return r;
	ss_record_remove(t->rec, "card");
	set_state(t, SS_APPROVED);
	return store(m, SS_GIVE_UP);
}

static int
refuse(struct ss_making *m, int code)
{
	m->refused = true;
	return code;
}

/* A chip that the register knows is another application's. */
static int
refuse_known(struct ss_making *m, const struct ss_entry *other)
{
	struct ss_job job;
	int r;

	if (other->at.stock == SS_SPOILED)
		return refuse(m, ss_fail(SS_ESTATE, "this card was declared "
		    "spoiled in the making for application %s; put in another",
		    other->id));
	if (other->at.state != SS_MAKING)
		return refuse(m, ss_fail(SS_ESTATE, "this card is that of "
		    "application %s, which is %s; put in another", other->id,
		    ss_state_word(other->at.state)));
	if ((r = ss_job_load(m->turn->desk->registry, other->id, &job)) != 0)
		return r;
	return refuse(m, ss_fail(SS_ESTATE, "this card is in the making for "
	    "application %s at station %s since %s; put in another",
	    other->id, job.station, job.since));
}

/* Whether the card may be this record's, by what the register knows. */
static int
check_register(struct ss_making *m)
{
	const struct ss_turn *t = m->turn;
	struct ss_entry other = { .events = 0 };
	const char *chip = m->session.who.chip;
	int r;

	if (m->job.chip[0] != '\0' && strcmp(m->job.chip, chip) == 0)
		return 0;
	if ((r = ss_registry_find(t->desk->registry, SS_FIND_CHIP, chip,
	    &other)) != 0)
		return r;
	if (other.at.state != SS_STATE_NONE && (strcmp(other.id,
	    t->entry->id) != 0 || other.at.stock == SS_SPOILED))
		return refuse_known(m, &other);
	if (m->job.chip[0] == '\0')
		return 0;
	/* No blank will do; this one is for another record. */
	m->other = true;
	return ss_fail(SS_ESTATE, "this is not the card that was begun at "
	    "station %s with identifier %.24s; show that one, or "
	    "declare it spoiled (--spoil)", m->job.station,
	    m->job.chip + 2 * SS_HISTORICAL_LEN);
}

/* The generation that the region issues, unless the operator says which. */
static int
check_profile(struct ss_making *m)
{
	const struct ss_profile *p = m->session.who.profile;
	int64_t wanted = m->turn->policy->card.generation;

	if (m->terminal->profile != NULL ||
	    p->generation == wanted)
		return 0;
	return refuse(m, ss_fail(SS_EPOLICY, "the card is of generation %lld, "
	    "and card.generation of the region's policy is %lld",
	    (long long)p->generation, (long long)wanted));
}

/* What the register is to know before anything is written to the chip. */
static int
bind(struct ss_making *m)
{
	struct ss_bytes *b = ss_turn_write(m->turn, "card");
	int r;

	ss_json_add(b, "number", m->job.number);
	ss_json_add(b, "chip", m->session.who.chip);
	ss_json_add(b, "issued", m->issued);
	ss_json_add(b, "expires", m->expires);
	ss_json_close(b, '}');
	set_state(m->turn, SS_MAKING);
	if ((r = store(m, SS_MAKE)) == SS_EEXISTS)
		r = refuse(m, ss_fail(SS_ESTATE, "this card was declared "
		    "spoiled, or is another application's; put in another"));
	return r;
}

static int
finish(struct ss_making *m)
{
	struct ss_bytes *b;

	m->counts = *ss_reader_counts(m->session.reader);
	ss_step_undo(m->turn->step, m->turn->rec);
	b = ss_turn_write(m->turn, "card");
	ss_making_result(m, b);
	ss_json_close(b, '}');
	set_state(m->turn, SS_MADE);
	return store(m, SS_FINISH);
}

/* Whoever holds the card has the job, if it is still this card's: while one
 * was waited for it may have been spoiled, and begun anew with another. */
static int
take_over(struct ss_making *m)
{
	const struct ss_turn *t = m->turn;
	const struct ss_job was = m->job;
	int r;

	if ((r = ss_job_load(t->desk->registry, was.id, &m->job)) == 0 &&
	    strcmp(m->job.chip, was.chip) == 0 &&
	    strcmp(m->job.number, was.number) == 0 &&
	    (r = begin_job(m)) == 0 && strcmp(m->job.chip, was.chip) == 0 &&
	    strcmp(m->job.number, was.number) == 0)
		return 0;
	m->job = was;
	return r != 0 ? r : ss_fail(SS_ESTATE, "the card in the making was "
	    "given up by another station meanwhile; run again");
}

/* A card that was bound and on which nothing was written is a blank again. */
static int
release(struct ss_making *m)
{
	int r;

	if ((r = ss_making_check_blank(m)) != 0)
		return m->refused ? ss_fail(SS_ECARD, "the card is not blank "
		    "any more: without --release it is finished, with --spoil "
		    "given up") : r;
	if (m->turn->desk->dry_run)
		return 0;
	if ((r = take_over(m)) != 0)
		return r;
	ss_record_remove(m->turn->rec, "card");
	set_state(m->turn, SS_APPROVED);
	return store(m, SS_UNBIND);
}

/* A card that ships locked is opened when it is activated. */
static int
lock_card(struct ss_making *m)
{
	const struct ss_profile *p = m->session.who.profile;
	int r;

	if (!p->ships_locked || m->session.who.locked)
		return 0;
	if ((r = ss_making_use_key(m, p->orders[SS_ORDER_BLOCK].auth)) != 0)
		return r;
	return ss_card_order(&m->session, SS_ORDER_BLOCK, NULL);
}

/* A genuine card of the record's: bound before it is written. */
static int
personalise(struct ss_making *m)
{
	bool begun = m->job.chip[0] != '\0';
	int r;

	/* One that ships locked was locked when it was complete. */
	if (m->session.who.locked &&
	    !(begun && m->session.who.profile->ships_locked))
		return refuse(m, ss_fail(SS_EBLOCKED, "the card's application "
		    "is blocked; put in another"));
	if ((r = check_register(m)) != 0 || (r = check_profile(m)) != 0 ||
	    (r = ss_session_genuine(&m->session)) != 0)
		return r;
	if ((r = ss_making_fill(m, m->session.who.profile)) != 0)
		return r;
	if (m->perso->release)
		return release(m);
	if ((!begun && (r = ss_making_check_blank(m)) != 0) ||
	    m->turn->desk->dry_run)
		return r;
	if ((r = begun ? take_over(m) : bind(m)) != 0 ||
	    (r = ss_making_write(m, begun)) != 0 ||
	    (r = lock_card(m)) != 0)
		return r;
	return finish(m);
}

/* One card, from its coming until its session ends. */
static int
use_card(struct ss_making *m)
{
	struct ss_terminal *t = m->terminal;
	int r;

	m->refused = m->other = m->open = false;
	if ((r = ss_terminal_start(t, &m->session)) != 0) {
		m->refused = r == SS_ECARD;
	} else {
		m->open = true;
		m->session.real_keys = !m->turn->policy->keys.accept_test;
		r = personalise(m);
	}
	m->counts = *ss_reader_counts(t->opened);
	m->turn->own = m->turn->own || ss_terminal_alone(t);
	r = ss_terminal_end(t, &m->session, r == 0 || m->refused, r);
	t->used = t->used && !m->other;
	return r;
}

static int
wait_card(struct ss_making *m)
{
	struct ss_terminal *t = m->terminal;
	char please[128];

	snprintf(please, sizeof(please), "put in %s for application %s",
	    m->job.chip[0] != '\0' ? "the card that was begun" :
	    "a blank card", m->turn->entry->id);
	return m->perso->loop ? ss_terminal_next(t, please) :
	    ss_terminal_wait(t, please);
}

/* On the terminal's thread: until a card is made, or cannot be. In a loop a
 * card that is not for this record is only the wrong one. */
static int
make(void *ctx)
{
	struct ss_making *m = ctx;
	const struct ss_terminal *t = m->terminal;
	bool again;
	int r;

	do {
		if ((r = wait_card(m)) != 0)
			return r;
		r = use_card(m);
		again = r != 0 && m->refused && m->perso->loop &&
		    !ss_code_stops(r);
		if (again && t->tell != NULL)
			t->tell(ss_message(), t->tell_ctx);
	} while (again);
	return r;
}

/* Faults that need no card to be seen are found before one is wanted. */
static int
prepare(struct ss_making *m)
{
	const struct ss_terminal *t = m->terminal;
	const struct ss_profiles *all = t->profiles;
	const struct ss_profile *p = NULL;
	size_t i;
	int r;

	if (t->profile != NULL &&
	    (r = ss_profiles_find(all, t->profile, &p)) != 0)
		return r;
	for (i = 0; p == NULL && i < ss_profiles_count(all); i++)
		if (ss_profiles_at(all, i)->generation ==
		    m->turn->policy->card.generation)
			p = ss_profiles_at(all, i);
	return p == NULL ? 0 : ss_making_fill(m, p);
}

static int
no_bound(void)
{
	return ss_fail(SS_ESTATE, "no card is bound to this application; there "
	    "is nothing to release");
}

static int
begin(struct ss_making *m)
{
	struct ss_turn *t = m->turn;
	int r;

	if ((r = ss_job_load(t->desk->registry, t->entry->id,
	    &m->job)) != 0)
		return r;
	if (m->perso->spoil)
		return spoil(m);
	if (m->perso->release && m->job.chip[0] == '\0')
		return no_bound();
	/* One that is bound is taken over when its card is there. */
	if (m->job.chip[0] == '\0' && !m->perso->release &&
	    (r = begin_job(m)) != 0)
		return r;
	if ((r = ss_making_dates(m)) != 0 || (r = prepare(m)) != 0)
		return r;
	return ss_terminal_run(m->terminal, make, m);
}

static int
one(struct ss_turn *t, void *ctx)
{
	struct ss_perso *p = ctx;
	struct ss_making m = { .perso = p, .turn = t, .terminal =
		p->count > 0 ? &p->terminals[t->worker] : &p->terminal };
	int r;

	switch (t->entry->at.state) {
	case SS_APPROVED:
	case SS_MAKING:
		break;
	case SS_MADE:
	case SS_COLLECTED:
	case SS_ACTIVE:
		if (m.perso->spoil || m.perso->release)
			return ss_fail(SS_ESTATE, "the card is made; run "
			    "ss-cancel");
		ss_record_already(t->rec);
		return 0;
	default:
		t->rec->outcome = SS_PASSED;
		return 0;
	}
	if (p->all && t->worker >= p->count)
		return ss_fail(SS_ESTATE, "the application was changed by "
		    "another station meanwhile; run again");
	r = begin(&m);
	/* The other readers go on. */
	t->own = t->own || (p->count > 1 && r == SS_EREADER);
	/* A session that was left may still write where it was told to. */
	if (ss_terminal_left(m.terminal))
		return r;
	if (r != 0)
		ss_making_detail(&m, t->rec);
	ss_making_report(&m, r);
	ss_contents_wipe(&m.wanted);
	return r;
}

int
ss_perso_open(struct ss_perso *p, struct ss_desk *desk, const char *data)
{
	int r;

	p->task = (struct ss_task){ .one = one, .ctx = p, .singly = true };
	if ((r = ss_task_open(&p->task, desk)) != 0 || p->spoil)
		return r;
	return p->all ? ss_perso_open_all(p, data) :
	    ss_terminal_open(&p->terminal, data);
}

void
ss_perso_close(struct ss_perso *p)
{
	ss_task_close(&p->task);
	ss_terminal_close(&p->terminal);
	ss_perso_close_all(p);
}

struct ss_work
ss_perso_work(struct ss_perso *p)
{
	struct ss_work work = ss_task_work(&p->task);

	if (p->all)
		ss_perso_work_all(&work);
	return work;
}

bool
ss_perso_left(const struct ss_perso *p)
{
	unsigned i;

	for (i = 0; i < p->count; i++)
		if (ss_terminal_left(&p->terminals[i]))
			return true;
	return p->left || ss_terminal_left(&p->terminal);
}
