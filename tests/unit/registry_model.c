/*
 * Random steps beside a model in memory: several stations, people, kinds of
 * application, cards bound, spoiled, lost and replaced, losses that lapse,
 * jobs taken over, leases that end, and entries that are old when they are
 * used. The register must answer each as the model says, and never differ
 * from it.
 *
 * What may follow what is books/life here too: tests/unit/life.c has that
 * table. SS_MODEL_STEPS and SS_SEED say how many and which.
 */
#include "books/claim.h"
#include "../books.h"

enum { IDS = 2000, STATIONS = 3, GROUP = 4,
	CHIPS = 4096 };

static const struct ss_card_numbers numbers = { .name = "M:0000000-9999999",
	.count = 10000000, .base = 10, .prefix = "M" };
static const char *const kinds[] = { "new", "new", "renew", "lost" };

/* What is true. An entry's digests are not modelled. */
static struct {
	struct ss_entry e;
	struct ss_job job;
} model[IDS];
static struct {
	char chip[SS_CHIP_SIZE], number[SS_CARD_NUMBER_SIZE];
	int owner;
	enum ss_stock stock;
} cards[CHIPS];
static size_t card_count;

static struct ss_entry old[IDS];	/* as once loaded */
static struct ss_registry *regs[STATIONS];
static const char *const stations[STATIONS] = { "m-1", "m-2", "m-3" };
static char used[1 << 20];		/* numbers, one after another */
static int64_t seed, steps, stored, taken[SS_STEPS];
static int bad, in_use = 40;		/* ids so far */

static unsigned
pick(unsigned n)
{
	seed = (seed * 1103515245 + 12345) & 0x7fffffff;
	return (unsigned)(seed >> 12) % n;
}

static bool
one_in(unsigned n)
{
	return pick(n) == 0;
}

static void
differs(const char *what, const char *id)
{
	if (bad++ < 20)
		printf("# step %" PRId64 ": %s: %s\n", steps, id, what);
}

static size_t
find_card(const char *chip)
{
	size_t i;

	for (i = 0; i < card_count && strcmp(cards[i].chip, chip) != 0; i++)
		;
	return i;
}

static bool
is_new(const struct ss_entry *e)
{
	return strcmp(e->kind, "new") == 0;
}

/* Who else of the person is open, or holds the live card; IDS: none. */
static int
find_open(const char *person, int but)
{
	int i;

	for (i = 0; i < in_use; i++)
		if (i != but && ss_state_open(model[i].e.at.state) &&
		    strcmp(model[i].e.person, person) == 0)
			return i;
	return IDS;
}

static int
find_holder(const char *person, int but)
{
	int i;

	for (i = 0; i < in_use; i++)
		if (i != but && ss_status_live(model[i].e.at.status) &&
		    strcmp(model[i].e.person, person) == 0)
			return i;
	return IDS;
}

/* Whether a new row would stand in another one's way. */
static bool
collides(const struct ss_entry *e, int id, int replaced)
{
	int holder = find_holder(e->person, id);

	if (ss_state_open(e->at.state) && find_open(e->person, id) != IDS)
		return true;
	return (ss_status_live(e->at.status) || (is_new(e) &&
	    ss_state_open(e->at.state))) && holder != IDS &&
	    holder != replaced;
}

/* A step on its way: what is asked for, and what must come of it. */
struct trial {
	int id;
	enum ss_step step;
	struct brought b;
	struct ss_entry after;	/* in the model */
	int want;
};

/* By the table alone, from what was loaded. */
static int
plan(struct trial *t)
{
	bool lapses = t->b.entry.at.status == SS_LOST_FOR_NOW &&
	    ss_entry_status(&t->b.entry, now) == SS_NORMAL;

	t->after = t->b.change.after;
	t->after.at = t->b.entry.at;
	if (lapses)
		ss_life_step(SS_LAPSE, &t->after.at);
	if (ss_life_step(t->step, &t->after.at) != 0)
		return SS_ESTATE;
	t->after.events = t->b.entry.events + (lapses ? 2 : 1);
	ss_instant_format(now, t->after.changed);
	return 0;
}

/* By the books. */
static int
expect(struct trial *t, int replaced)
{
	const struct ss_entry *is = &model[t->id].e;
	const struct ss_job *job = &model[t->id].job;
	bool fresh = t->b.entry.at.state == SS_STATE_NONE;

	if (fresh && (is->at.state != SS_STATE_NONE ||
	    collides(&t->after, t->id, IDS)))
		return SS_EEXISTS;
	if (t->b.entry.events != is->events)
		return SS_ESTATE;
	if (!fresh && t->step == SS_ACTIVATE &&
	    collides(&t->after, t->id, replaced))
		return SS_EEXISTS;
	if (t->step == SS_MAKE && find_card(t->after.chip) < card_count)
		return SS_EEXISTS;
	if ((t->step == SS_MAKE || t->step == SS_UNBIND ||
	    t->step == SS_GIVE_UP || t->step == SS_FINISH) &&
	    (job->epoch == 0 || job->epoch != t->b.change.epoch))
		return SS_ESTATE;
	return 0;
}

/* What a step does to cards and jobs. */
static void
apply_things(const struct trial *t, const char *chip)
{
	struct ss_job *job = &model[t->id].job;
	size_t i = find_card(chip);

	switch (t->step) {
	case SS_MAKE:
		i = card_count++;
		snprintf(cards[i].chip, SS_CHIP_SIZE, "%s", t->after.chip);
		memcpy(cards[i].number, t->after.number, SS_CARD_NUMBER_SIZE);
		memcpy(job->chip, t->after.chip, sizeof(job->chip));
		cards[i].owner = t->id;
		break;
	case SS_UNBIND:
		cards[i] = cards[--card_count];
		job->chip[0] = '\0';
		return;
	case SS_GIVE_UP:
	case SS_FINISH:
	case SS_CANCEL:
		*job = (struct ss_job){ .epoch = 0 };
		break;
	default:
		break;
	}
	if (i < card_count)
		cards[i].stock = t->after.at.stock;
}

static void
apply(struct trial *t)
{
	char chip[SS_CHIP_SIZE];

	memcpy(chip, model[t->id].e.chip, sizeof(chip));
	memcpy(t->after.claim, model[t->id].e.claim, sizeof(t->after.claim));
	memcpy(t->after.claimant, model[t->id].e.claimant,
	    sizeof(t->after.claimant));
	model[t->id].e = t->after;
	apply_things(t, chip);
	/* The plastic of a card that is not its own any more is not seen. */
	if (t->after.chip[0] == '\0')
		model[t->id].e.at.stock = SS_NO_STOCK;
	stored++;
	taken[t->step]++;
}

static bool
same(const struct ss_entry *a, const struct ss_entry *b)
{
	return a->at.state == b->at.state && a->at.status == b->at.status &&
	    a->at.stock == b->at.stock && a->events == b->events &&
	    a->revision == b->revision && strcmp(a->id, b->id) == 0 &&
	    strcmp(a->person, b->person) == 0 &&
	    strcmp(a->region, b->region) == 0 &&
	    strcmp(a->kind, b->kind) == 0 &&
	    strcmp(a->number, b->number) == 0 &&
	    strcmp(a->chip, b->chip) == 0 && strcmp(a->until, b->until) == 0 &&
	    strcmp(a->changed, b->changed) == 0 &&
	    strcmp(a->claim, b->claim) == 0 &&
	    strcmp(a->claimant, b->claimant) == 0 &&
	    strcmp(a->record_sm3, b->record_sm3) == 0 &&
	    strcmp(a->form_sm3, b->form_sm3) == 0;
}

static void
check_found(enum ss_find by, const char *key, int want)
{
	struct ss_entry e;

	if (ss_registry_find(regs[pick(STATIONS)], by, key, &e) != 0 ||
	    (want == IDS ? e.at.state != SS_STATE_NONE :
	    strcmp(e.id, model[want].e.id) != 0))
		differs("another one is found", want == IDS ? key :
		    model[want].e.id);
}

/* One application, its person, card and job as the register has them. */
static void
check_one(int id)
{
	struct ss_registry *reg = regs[pick(STATIONS)];
	const struct ss_entry *is = &model[id].e;
	struct ss_entry e = load(reg, is->id);
	struct ss_job job;

	if (!same(&e, is))
		differs("the register has another one", is->id);
	if (ss_job_load(reg, is->id, &job) != 0 ||
	    job.epoch != model[id].job.epoch ||
	    strcmp(job.chip, model[id].job.chip) != 0 ||
	    strcmp(job.number, model[id].job.number) != 0 ||
	    strcmp(job.station, model[id].job.station) != 0)
		differs("another job", is->id);
	if (is->person[0] != '\0') {
		check_found(SS_FIND_OPEN, is->person,
		    find_open(is->person, IDS));
		check_found(SS_FIND_HOLDER, is->person,
		    find_holder(is->person, IDS));
	}
	if (is->number[0] != '\0')
		check_found(SS_FIND_NUMBER, is->number, id);
	if (is->chip[0] != '\0')
		check_found(SS_FIND_CHIP, is->chip, id);
}

static void
check_all(void)
{
	struct ss_entry e;
	size_t c;
	int i;

	for (i = 0; i < in_use; i++)
		check_one(i);
	for (c = 0; c < card_count; c++) {
		ss_registry_find(regs[0], SS_FIND_CHIP, cards[c].chip, &e);
		if (strcmp(e.id, model[cards[c].owner].e.id) != 0 ||
		    e.at.stock != cards[c].stock)
			differs("another card", cards[c].chip);
	}
}

/* A step that the table has from there, mostly. */
static enum ss_step
pick_step(struct ss_stand at)
{
	enum ss_step step = (enum ss_step)pick(SS_STEPS);
	struct ss_stand to;
	int i;

	for (i = 0; i < 40; i++, step = (enum ss_step)pick(SS_STEPS)) {
		to = at;
		if (ss_life_step(step, &to) == 0 && (i > 0 || one_in(2)) &&
		    (step != SS_CANCEL || one_in(20)) &&
		    (step != SS_NOTIFY || one_in(4)) &&
		    (step != SS_SEAL || one_in(6)) &&
		    (step != SS_HOLD || one_in(3)) &&
		    (step != SS_RETURN || one_in(3)) &&
		    (step != SS_GIVE_UP || one_in(3)) &&
		    (step != SS_UNBIND || one_in(3)) &&
		    (step != SS_TAKE_BACK || one_in(3)) &&
		    (step != SS_REPLACE || one_in(12)) &&
		    (step != SS_REJECT || one_in(3)))
			break;
		if (one_in(25))
			break;
	}
	return step;
}

static void
fill(struct trial *t, struct facts f)
{
	char chip[SS_CHIP_SIZE], until[SS_INSTANT_MAX];
	char number[SS_CARD_NUMBER_SIZE];
	const struct ss_job *job = &model[t->id].job;

	f.epoch = job->epoch - (one_in(12) ? 1 : 0);
	if (t->step == SS_MAKE) {
		if (card_count > 0 && one_in(10))
			snprintf(chip, SS_CHIP_SIZE, "%s",
			    cards[pick((unsigned)card_count)].chip);
		else
			snprintf(chip, SS_CHIP_SIZE, "M-%" PRId64, revision);
		f.chip = chip;
		if (job->epoch > 0)
			snprintf(number, SS_CARD_NUMBER_SIZE, "%s",
			    job->number);
		else
			snprintf(number, SS_CARD_NUMBER_SIZE, "Z%08u",
			    (unsigned)revision % 100000000);
		f.number = number;
	}
	if (t->step == SS_LOSE_FOR_NOW) {
		ss_instant_format(now + (int64_t)pick(6 * 86400) * 1000,
		    until);
		f.until = until;
	}
	bring(&t->b, t->step, f);
}

/* An application as the register has it, or had it. */
static void
look(struct trial *t, bool may_be_old)
{
	if (!may_be_old || !one_in(6))
		old[t->id] = load(regs[pick(STATIONS)], model[t->id].e.id);
	t->b.entry = old[t->id];
}

static void
make_trial(struct trial *t, int id, const char *person)
{
	struct facts f = { 0 };

	t->id = id;
	look(t, true);
	t->step = pick_step(t->b.entry.at);
	if (t->b.entry.at.state == SS_STATE_NONE) {
		f.person = person;
		f.kind = kinds[pick(4)];
	}
	fill(t, f);
}

/* The older card's step, before that of its successor. */
static bool
make_replacement(struct trial *first, struct trial *t)
{
	int holder = find_holder(t->b.entry.person, t->id);

	if (t->step != SS_ACTIVATE || holder == IDS || one_in(4))
		return false;
	first->id = holder;
	look(first, true);
	first->step = SS_REPLACE;
	fill(first, (struct facts){ 0 });
	return true;
}

/* In pairs or alone: what is wanted of each, and the model moved on. */
static void
decide(struct trial *t, bool pair)
{
	struct trial *last = pair ? t + 1 : t;
	struct trial *p;

	for (p = t; p <= last; p++)
		p->want = plan(p);
	for (p = t; p <= last && t->want == 0 && last->want == 0; p++)
		p->want = expect(p, pair && p == last ? t->id : IDS);
	if (pair && (t->want != 0) != (last->want != 0))
		*(t->want == 0 ? &t->want : &last->want) = SS_ESTATE;
	for (p = t; p <= last; p++)
		if (p->want == 0)
			apply(p);
}

/* Mostly one that has not ended, and often one that has a card. */
static int
pick_id(void)
{
	bool card = one_in(2);
	enum ss_state state;
	int i, id;

	for (i = 0; i < 60; i++) {
		id = (int)pick((unsigned)in_use);
		state = model[id].e.at.state;
		if (one_in(60) || (card ? state >= SS_MAKING && state <=
		    SS_ACTIVE : state != SS_REJECTED && state !=
		    SS_CANCELLED))
			return id;
	}
	return (int)pick((unsigned)in_use);
}

static bool
met_before(const struct trial *t, int n, const char *person, int id)
{
	int i;

	for (i = 0; i < n; i++)
		if (t[i].id == id ||
		    strcmp(t[i].b.change.after.person, person) == 0)
			return true;
	return false;
}

/* A group of changes, of different people, stored at once. */
static void
store_group(struct trial *t)
{
	struct ss_change changes[2 * GROUP];
	int i, n = 0, want = 1 + (int)pick(GROUP), id;
	char who[16];

	while (want-- > 0) {
		id = pick_id();
		snprintf(who, sizeof(who), "%s", model[id].e.person);
		if (who[0] == '\0')
			snprintf(who, sizeof(who), "m%u",
			    pick((unsigned)in_use / 3));
		if (met_before(t, n, who, id))
			continue;
		make_trial(&t[n + 1], id, who);
		if (make_replacement(&t[n], &t[n + 1])) {
			changes[n] = t[n].b.change;
			changes[n + 1] = t[n + 1].b.change;
			changes[n + 1].together = true;
			decide(&t[n], true);
			n += 2;
		} else {
			make_trial(&t[n], id, who);
			changes[n] = t[n].b.change;
			decide(&t[n], false);
			n++;
		}
	}
	if (ss_registry_store(regs[pick(STATIONS)], changes, (size_t)n) != 0)
		differs(ss_message(), "a group");
	for (i = 0; i < n; i++, steps++) {
		if (changes[i].code != t[i].want && bad++ < 20)
			printf("# step %" PRId64 ": %s of %s: %d %s, not %d\n",
			    steps, ss_life[t[i].step].word, t[i].b.entry.id,
			    changes[i].code, changes[i].message, t[i].want);
		check_one(t[i].id);
	}
}

static bool
claimed(const struct ss_entry *e)
{
	char text[SS_INSTANT_MAX];

	ss_instant_format(now, text);
	return strcmp(e->claim, text) >= 0;
}

/* A job begun or taken over, by what may be old. */
static void
begin(int id, int station)
{
	const struct ss_entry *is = &model[id].e;
	struct ss_job *job = &model[id].job, got;
	struct trial t = { .id = id };
	int r, want = 0;

	look(&t, true);
	if ((is->at.state != SS_APPROVED && is->at.state != SS_MAKING) ||
	    (is->at.state == SS_APPROVED && claimed(is) &&
	    strcmp(is->claimant, stations[station]) != 0))
		want = SS_ESTATE;
	r = ss_job_begin(regs[station], &t.b.entry, &numbers, now, &got);
	if (r != want || (r == 0 && (got.epoch != job->epoch + 1 ||
	    strcmp(got.station, stations[station]) != 0 ||
	    (job->epoch > 0 ? strcmp(got.number, job->number) != 0 :
	    strstr(used, got.number) != NULL))))
		differs("a job, and not as it should be", is->id);
	if (r != 0)
		return;
	if (job->epoch == 0 && strlen(used) + sizeof(got.number) <
	    sizeof(used))
		strcat(strcat(used, got.number), " ");
	*job = got;
}

/* The one that a claim must take next: the longest free, by its id. */
static int
next_free(void)
{
	int i, best = IDS, order;

	for (i = 0; i < in_use; i++) {
		if (model[i].e.at.state != SS_APPROVED ||
		    claimed(&model[i].e))
			continue;
		order = best == IDS ? -1 : strcmp(model[i].e.claim,
		    model[best].e.claim);
		if (order < 0 || (order == 0 && strcmp(model[i].e.id,
		    model[best].e.id) < 0))
			best = i;
	}
	return best;
}

static int
count_one(const char *id, const char *record, void *ctx)
{
	(void)id;
	(void)record;
	++*(int64_t *)ctx;
	return 0;
}

static void
claim(int station)
{
	struct ss_claim c = { "", "zhou", now, now + (int64_t)pick(86400) *
		1000, 1 + pick(4), false };
	int64_t count, given = 0, want;
	int id;

	for (want = 0; want < c.most && (id = next_free()) != IDS; want++) {
		ss_instant_format(c.until, model[id].e.claim);
		snprintf(model[id].e.claimant, SS_STATION_SIZE, "%s",
		    stations[station]);
	}
	if (ss_claim_take(regs[station], &c, count_one, &given, &count) != 0 ||
	    count != want || given != want)
		differs("another count of claims", stations[station]);
}

static void
release(int id, int station)
{
	struct ss_entry *e = &model[id].e;
	bool done, want = e->at.state == SS_APPROVED && e->claim[0] != '\0' &&
	    strcmp(e->claimant, stations[station]) == 0;

	if (ss_claim_release(regs[station], e->id, "zhou", &done) != 0 ||
	    done != want)
		differs("let go, or not", e->id);
	if (want)
		e->claim[0] = e->claimant[0] = '\0';
	check_one(id);
}

/* One that is approved or being made, if there is any. */
static int
pick_makeable(void)
{
	int i, id = (int)pick((unsigned)in_use);

	for (i = 0; i < in_use; i++, id = (id + 1) % in_use)
		if (model[id].e.at.state == SS_APPROVED ||
		    (model[id].e.at.state == SS_MAKING && one_in(4)))
			break;
	return id;
}

static void
act(struct trial *t)
{
	switch (pick(8)) {
	case 0:
		now += (int64_t)pick(12 * 3600) * 1000;
		break;
	case 1:
	case 2:
		begin(one_in(8) ? pick_id() : pick_makeable(),
		    (int)pick(STATIONS));
		break;
	case 3:
		if (one_in(3))
			claim((int)pick(STATIONS));
		else if (one_in(3))
			release(pick_makeable(), (int)pick(STATIONS));
		break;
	default:
		store_group(t);
		break;
	}
}

static int64_t
number_of(const char *variable, int64_t otherwise)
{
	const char *text = getenv(variable);

	return text != NULL ? strtoll(text, NULL, 10) : otherwise;
}

int
main(void)
{
	static struct trial trials[2 * GROUP + 1];
	int64_t wanted = number_of("SS_MODEL_STEPS",
	    getenv("SS_SLOW") != NULL ? 200 : 1000);
	int64_t next_check = 0;
	int i;

	seed = number_of("SS_SEED", 20260301);
	if (!begin_tests())
		return 1;
	use("model.db");
	for (i = 0; i < STATIONS; i++)
		regs[i] = open_as(stations[i]);
	for (i = 0; i < IDS; i++) {
		snprintf(model[i].e.id, SS_ID_SIZE, "M%03d", i);
		old[i] = model[i].e;
	}
	while (steps < wanted && bad < 20) {
		act(trials);
		if (steps / 12 + 40 > in_use && in_use < IDS)
			in_use++;
		if (steps < next_check)
			continue;
		check_all();
		next_check = steps + 250;
	}
	check_all();
	ok(bad == 0, "%" PRId64 " random steps go as the model says", steps);
	printf("# %" PRId64 " of them stored, %zu cards\n#", stored,
	    card_count);
	for (i = 0; i < SS_STEPS; i++)
		printf(" %s %" PRId64, ss_life[i].word, taken[i]);
	printf("\n");
	audit(regs[0], "after random steps");
	for (i = 0; i < 2 * GROUP + 1; i++)
		ss_bytes_free(&trials[i].b.record);
	for (i = 0; i < STATIONS; i++)
		ss_registry_close(regs[i]);
	return end_tests();
}
