/*
 * Cards in the register: jobs and their numbers, tries, claims, actions, and
 * what becomes of a chip.
 */
#include <pthread.h>

#include "books/claim.h"
#include "../books.h"

#define OF(who) (struct facts){ .person = (who) }
#define SAME (struct facts){ 0 }

static const struct ss_card_numbers many = { .name = "C:0000000-9999999",
	.count = 10000000, .base = 10, .prefix = "C" };

static int
step_with(struct ss_registry *reg, const char *id, enum ss_step step,
    const struct ss_job *job, const char *chip)
{
	return take(reg, id, step, (struct facts){ .number = job->number,
	    .chip = chip, .epoch = job->epoch });
}

/* A job taken over: what its earlier owner still stores is refused. */
static void
test_take_over(struct ss_registry *one, struct ss_registry *two)
{
	struct ss_job a, b, c;

	ok(approve(one, "J1", OF("j1")) == 0 &&
	    ss_job_load(one, "J1", &a) == 0 && a.epoch == 0, "no job yet");
	ok(begin_job(one, "J1", &many, &a) == 0 && a.epoch == 1 &&
	    strcmp(a.id, "J1") == 0 && a.chip[0] == '\0' &&
	    strcmp(a.station, "j-1") == 0 &&
	    strcmp(a.since, "2026-03-01T09:00:00Z") == 0 &&
	    strncmp(a.number, "C0000000", 8) == 0, "begun, with a number");
	ok(begin_job(two, "J1", &many, &b) == 0 && b.epoch == 2 &&
	    strcmp(b.number, a.number) == 0 &&
	    strcmp(b.station, "j-2") == 0, "taken over, with the same one");
	ok(step_with(one, "J1", SS_MAKE, &a, "J-1") == SS_ESTATE &&
	    load(one, "J1").at.state == SS_APPROVED,
	    "the earlier owner cannot bind a card");
	ok(ss_registry_find(one, SS_FIND_CHIP, "J-1",
	    &(struct ss_entry){ 0 }) == 0 && step_with(two, "J1", SS_MAKE,
	    &b, "J-1") == 0 && ss_job_load(one, "J1", &c) == 0 &&
	    strcmp(c.chip, "J-1") == 0 && c.epoch == 2, "the present one can");
	ok(begin_job(one, "J1", &many, &c) == 0 && c.epoch == 3 &&
	    strcmp(c.chip, "J-1") == 0, "taken back while it is bound");
	ok(step_with(two, "J1", SS_FINISH, &b, "J-1") == SS_ESTATE &&
	    take(two, "J1", SS_UNBIND, (struct facts){ .epoch = 2 }) ==
	    SS_ESTATE && take(two, "J1", SS_GIVE_UP, (struct facts){
	    .epoch = 2 }) == SS_ESTATE, "whoever lost it can do nothing");
	ok(step_with(one, "J1", SS_FINISH, &c, "J-1") == 0 &&
	    ss_job_load(one, "J1", &a) == 0 && a.epoch == 0,
	    "made, and the job is over");
	ok(begin_job(one, "J1", &many, &a) == SS_ESTATE,
	    "no job for one that is made");
}

/* A chip: bound, let go, bound again, spoiled, known ever after. */
static void
test_chips(struct ss_registry *reg)
{
	struct ss_entry e;
	struct ss_job a, b;

	ok(approve(reg, "J2", OF("j2")) == 0 &&
	    begin_job(reg, "J2", &many, &a) == 0 &&
	    step_with(reg, "J2", SS_MAKE, &a, "J-1") == SS_EEXISTS,
	    "a chip of another application");
	ok(step_with(reg, "J2", SS_MAKE, &a, "J-2") == 0 && ss_registry_find(
	    reg, SS_FIND_CHIP, "J-2", &e) == 0 && strcmp(e.id, "J2") == 0 &&
	    e.at.stock == SS_BLANK && e.at.state == SS_MAKING,
	    "a blank one is bound, and found");
	ok(ss_registry_find(reg, SS_FIND_NUMBER, a.number, &e) == 0 &&
	    strcmp(e.id, "J2") == 0, "by its number too");
	ok(take(reg, "J2", SS_UNBIND, (struct facts){ .epoch = 1 }) == 0 &&
	    ss_registry_find(reg, SS_FIND_CHIP, "J-2", &e) == 0 &&
	    e.at.state == SS_STATE_NONE &&
	    load(reg, "J2").at.state == SS_APPROVED, "let go: not known");
	ok(ss_job_load(reg, "J2", &b) == 0 && b.epoch == 1 &&
	    b.chip[0] == '\0' && strcmp(b.number, a.number) == 0,
	    "the job goes on");
	ok(step_with(reg, "J2", SS_MAKE, &a, "J-2") == 0 && take(reg, "J2",
	    SS_GIVE_UP, (struct facts){ .epoch = 1 }) == 0 &&
	    ss_registry_find(reg, SS_FIND_CHIP, "J-2", &e) == 0 &&
	    strcmp(e.id, "J2") == 0 && e.at.stock == SS_SPOILED,
	    "bound again, spoiled");
	ok(ss_registry_find(reg, SS_FIND_NUMBER, a.number, &e) == 0 &&
	    e.at.state == SS_STATE_NONE && begin_job(reg, "J2", &many, &b) ==
	    0 && b.epoch == 1 && strcmp(b.number, a.number) != 0,
	    "its number is burnt");
	ok(step_with(reg, "J2", SS_MAKE, &b, "J-2") == SS_EEXISTS,
	    "and it is refused");
	ok(step_with(reg, "J2", SS_MAKE, &b, "J-3") == 0 &&
	    step_with(reg, "J2", SS_FINISH, &b, "J-3") == 0 &&
	    take(reg, "J2", SS_SEAL, SAME) == 0 &&
	    load(reg, "J2").at.state == SS_MADE &&
	    load(reg, "J2").at.status == SS_DORMANT &&
	    take(reg, "J2", SS_CANCEL, SAME) == 0 &&
	    take(reg, "J2", SS_HAND_IN, SAME) == 0 &&
	    load(reg, "J2").at.stock == SS_STOCK_RETURNED &&
	    take(reg, "J2", SS_HAND_IN, SAME) == SS_ESTATE &&
	    take(reg, "J2", SS_DESTROY, SAME) == 0 &&
	    load(reg, "J2").at.stock == SS_DESTROYED &&
	    load(reg, "J2").at.status == SS_CARD_CANCELLED,
	    "another one: made, never collected, destroyed");
	ok(ss_registry_find(reg, SS_FIND_CHIP, "J-3", &e) == 0 &&
	    e.at.stock == SS_DESTROYED, "and still known");
}

/* A range made wider begins anew, with numbers that were given. */
static void
test_wider(struct ss_registry *reg)
{
	struct ss_card_numbers wide = many;
	struct ss_job job;

	strcpy(wide.name, "C:0000000-9999998");
	ok(approve(reg, "WIDE", OF("wide")) == 0 &&
	    begin_job(reg, "WIDE", &wide, &job) == SS_EPOLICY &&
	    strstr(ss_message(), wide.name) != NULL &&
	    ss_job_load(reg, "WIDE", &job) == 0 && job.epoch == 0 &&
	    take(reg, "WIDE", SS_CANCEL, SAME) == 0,
	    "a number of another range: refused, and no job is left");
}

static int
name_one(const char *id, const char *record, void *ctx)
{
	ss_bytes_addf(ctx, "%s%s ", id, strstr(record, id) != NULL ? "" : "!");
	return 0;
}

/* What a claim gives: the ids, in a line. */
static struct ss_bytes
claimed(struct ss_registry *reg, const char *region, int64_t hours,
    int64_t most)
{
	struct ss_claim c = { region, "zhou", now, now + hours * 3600000,
		most, false };
	struct ss_bytes b = { 0 };
	int64_t count;
	int r;

	ss_bytes_adds(&b, ":");
	if ((r = ss_claim_take(reg, &c, name_one, &b, &count)) != 0)
		ss_bytes_addf(&b, "error %d", r);
	ss_bytes_addf(&b, "%" PRId64, count);
	return b;
}

static void
claims(struct ss_registry *reg, const char *region, int64_t hours,
    int64_t most, const char *want)
{
	struct ss_bytes b = claimed(reg, region, hours, most);

	is(b.data + 1, want, "a claim");
	ss_bytes_free(&b);
}

static void
holds(struct ss_registry *reg, const char *region, const char *want)
{
	struct ss_claim c = { region, "zhou", now, now, 100, false };
	struct ss_bytes b = { 0 };
	int64_t count;

	ss_bytes_adds(&b, ":");
	ok(ss_claim_held(reg, &c, name_one, &b, &count) == 0, "held");
	ss_bytes_addf(&b, "%" PRId64, count);
	is(b.data + 1, want, "these");
	ss_bytes_free(&b);
}

/* Whether an application is a station's to make is looked up when its job
 * begins; a number is lost for none that is not. */
static void
test_begin(struct ss_registry *one, struct ss_registry *two)
{
	struct ss_entry old;
	struct ss_job a;

	ok(approve(one, "J3", (struct facts){ .person = "j3",
	    .region = "130102" }) == 0, "approved");
	old = load(one, "J3");
	claims(two, "130102", 1, 10, "J3 1");
	ok(ss_job_begin(one, &old, &many, now, &a) == SS_ESTATE &&
	    a.epoch == 0 && strstr(ss_message(), "station j-2 holds") != NULL,
	    "held by another station since it was loaded");
	now += 3600000;
	ok(begin_job(one, "J3", &many, &a) == SS_ESTATE,
	    "until the end of its last second");
	now += 1000;
	ok(begin_job(one, "J3", &many, &a) == 0 && a.epoch == 1, "then not");
	ok(begin_job(two, "J3", &many, &a) == 0 && a.epoch == 2,
	    "nor by the one that held it");
	old = load(one, "J3");
	ok(take(one, "J3", SS_CANCEL, SAME) == 0 &&
	    ss_job_load(one, "J3", &a) == 0 && a.epoch == 0,
	    "cancelled: its job is over");
	ok(ss_job_begin(one, &old, &many, now, &a) == SS_ESTATE &&
	    ss_job_load(one, "J3", &a) == 0 && a.epoch == 0,
	    "and none begins by what was loaded before");
	old = (struct ss_entry){ .id = "J9", .at.state = SS_APPROVED };
	ok(ss_job_begin(one, &old, &many, now, &a) == SS_ESTATE,
	    "nor one of what is not there");
	now -= 3601000;
}

/* Numbers come by blocks of a hundred for each station, until none is left. */
static void
test_numbers(struct ss_registry *one, struct ss_registry *two)
{
	const struct ss_card_numbers few = { .name = "D:0000000-0000149",
		.count = 150, .base = 10, .prefix = "D" };
	struct ss_registry *regs[] = { one, two };
	char id[16], person[16], want[SS_CARD_NUMBER_SIZE];
	int next[] = { 0, 100 }, i, bad = 0;
	struct ss_job job;

	for (i = 0; i < 152; i++) {
		snprintf(id, sizeof(id), "D%d", i);
		snprintf(person, sizeof(person), "d%d", i);
		bad += approve(one, id, OF(person)) != 0;
	}
	for (i = 0; i < 100; i++) {
		snprintf(id, sizeof(id), "D%d", i);
		bad += begin_job(regs[i % 2], id, &few, &job) != 0;
		ss_card_number_make(&few, next[i % 2]++, want);
		bad += strcmp(job.number, want) != 0;
	}
	ok(bad == 0, "fifty each, of a block each");
	ok(begin_job(two, "D150", &few, &job) == SS_EPOLICY &&
	    job.epoch <= 1 && strstr(ss_message(), few.name) != NULL &&
	    ss_job_load(two, "D150", &job) == 0 && job.epoch == 0,
	    "the shorter block is used up, and with it the range");
	for (; i < 150; i++) {
		snprintf(id, sizeof(id), "D%d", i);
		bad += begin_job(one, id, &few, &job) != 0;
		ss_card_number_make(&few, i - 50, want);
		bad += strcmp(job.number, want) != 0;
	}
	ok(bad == 0, "the other station's goes on");
	ok(begin_job(one, "D150", &few, &job) == SS_EPOLICY, "to its end");
	ok(begin_job(one, "D150", &many, &job) == 0 && job.epoch == 1,
	    "another range has numbers");
}

static void
test_tries(struct ss_registry *one, struct ss_registry *two)
{
	int n = 0;

	ok(ss_tries_load(one, "J-1", "pin", &n) == 0 && n == -1,
	    "tries: never seen");
	ok(ss_tries_store(one, "J-1", "pin", 3) == 0 &&
	    ss_tries_store(two, "J-1", "pin", 0) == 0 &&
	    ss_tries_store(two, "J-1", "key", 5) == 0 &&
	    ss_tries_load(one, "J-1", "pin", &n) == 0 && n == 0,
	    "the last count, of any station");
	ok(ss_tries_load(one, "J-1", "key", &n) == 0 && n == 5 &&
	    ss_tries_load(one, "J-2", "key", &n) == 0 && n == -1,
	    "of each secret of each chip");
}

static void
test_claims(struct ss_registry *one, struct ss_registry *two)
{
	char id[] = "C0", person[] = "c0";
	bool done;
	int i, bad = 0;

	for (i = 0; i < 5; i++, id[1]++, person[1]++)
		bad += approve(one, id, (struct facts){ .person = person,
		    .region = i < 4 ? "210102" : "210202" }) != 0;
	ok(bad == 0 && take(one, id, SS_APPLY, (struct facts){
	    .person = person, .region = "210102" }) == 0, "five are approved");
	claims(one, "2101", 1, 2, "C0 C1 2");
	claims(two, "2101", 2, 2, "C2 C3 2");
	claims(two, "2101", 2, 2, "0");
	claims(two, "21", 1, 0, "0");
	claims(two, "", 0, 0, "0");
	claims(two, "21", 1, 2, "C4 1");
	holds(one, "", "C0 C1 2");
	holds(two, "2101", "C2 C3 2");
	holds(two, "22", "0");
	ok(strcmp(load(one, "C0").claimant, "j-1") == 0 &&
	    strcmp(load(one, "C0").claim, "2026-03-01T10:00:00Z") == 0,
	    "whose, and how long");
	ok(ss_claim_release(two, "C0", "zhou", &done) == 0 && !done &&
	    ss_claim_release(two, "C5", "zhou", &done) == 0 && !done &&
	    ss_claim_release(two, "C9", "zhou", &done) == 0 && !done,
	    "another's, none's and what is not there is not let go of");
	ok(ss_claim_release(one, "C1", "zhou", &done) == 0 && done &&
	    load(one, "C1").claim[0] == '\0' &&
	    load(one, "C1").claimant[0] == '\0' &&
	    ss_claim_release(one, "C1", "zhou", &done) == 0 && !done,
	    "one's own is, once");
	claims(two, "2101", 1, 1, "C1 1");
	now += 3600000;
	holds(one, "", "C0 1");
	claims(two, "2101", 1, 9, "0");
	now += 1000;
	holds(one, "", "0");
	claims(one, "2101", 1, 9, "C0 C1 2");
	now -= 3601000;
}

static int
write_counts(const char *station, int64_t events, int64_t actions, void *ctx)
{
	if (strncmp(station, "j-", 2) == 0)
		ss_bytes_addf(ctx, "%s %" PRId64 " ", station, actions);
	(void)events;
	return 0;
}

static void
test_actions(struct ss_registry *one)
{
	struct ss_bytes b = { 0 };
	struct ss_audit a;

	ss_registry_stations(one, write_counts, &b);
	is(b.data, "j-1 3 j-2 4 ", "claims and releases are actions");
	ok(ss_audit_run(one, &a, print_fault, NULL) == 0 && a.faults == 0 &&
	    a.actions >= 7 && a.cards >= 3, "the audit has seen them");
	ss_bytes_free(&b);
}

/* A crowd that takes until nothing is left. */
struct taker {
	pthread_t thread;
	struct ss_registry *reg;
	struct ss_bytes ids;
	int failed;
};

static void *
take_all(void *p)
{
	struct taker *t = p;
	struct ss_claim c = { "310102", "zhou", now, now + 3600000, 3,
		false };
	int64_t count;

	do {
		t->failed |= ss_claim_take(t->reg, &c, name_one, &t->ids,
		    &count);
	} while (t->failed == 0 && count > 0);
	return NULL;
}

static void
test_crowd(struct ss_registry *one, struct ss_registry *two)
{
	enum { CROWD = 8, FORMS = 120 };
	struct taker takers[CROWD] = { { .failed = 0 } };
	struct ss_bytes all = { 0 };
	char id[16], person[16];
	int i, bad = 0;

	for (i = 0; i < FORMS; i++) {
		snprintf(id, sizeof(id), "W%d", i);
		snprintf(person, sizeof(person), "w%d", i);
		bad += approve(one, id, (struct facts){ .person = person,
		    .region = "310102" }) != 0;
	}
	ok(bad == 0, "%d are approved", FORMS);
	/* Two share a handle, the others have their own. */
	for (i = 0; i < CROWD; i++) {
		snprintf(id, sizeof(id), "w-%d", i);
		takers[i].reg = i == 0 ? one : i == 1 ? one :
		    i == 2 ? two : open_as(id);
	}
	for (i = 0; i < CROWD; i++)
		pthread_create(&takers[i].thread, NULL, take_all, &takers[i]);
	ss_bytes_adds(&all, " ");
	for (i = 0; i < CROWD; i++) {
		pthread_join(takers[i].thread, NULL);
		bad += takers[i].failed != 0;
		if (takers[i].ids.len > 0)
			ss_bytes_adds(&all, takers[i].ids.data);
		ss_bytes_free(&takers[i].ids);
		if (i > 2)
			ss_registry_close(takers[i].reg);
	}
	ok(bad == 0, "%d at once: none fails", CROWD);
	for (i = 0; i < FORMS; i++) {
		const char *at;

		snprintf(id, sizeof(id), " W%d ", i);
		at = strstr(all.data, id);
		bad += at == NULL || strstr(at + 1, id) != NULL;
	}
	ok(bad == 0, "each is exactly one's");
	ss_bytes_free(&all);
}

/* Numbers and jobs, by a crowd: no number twice. */
struct maker {
	pthread_t thread;
	struct ss_registry *reg;
	struct ss_bytes numbers;
	int first, failed;
};

static void *
begin_all(void *p)
{
	struct maker *m = p;
	struct ss_job job;
	char id[16];
	int i;

	for (i = m->first; i < 120; i += 4) {
		snprintf(id, sizeof(id), "W%d", i);
		m->failed |= begin_job(m->reg, id, &many, &job) != 0 ||
		    job.epoch != 1;
		ss_bytes_addf(&m->numbers, "%s ", job.number);
	}
	return NULL;
}

static void
test_makers(struct ss_registry *one, struct ss_registry *two)
{
	struct maker makers[4] = { { .first = 0 } };
	struct ss_bytes all = { 0 };
	int i, bad = 0;
	char *at;

	now += 2 * 3600000;		/* the crowd's leases are over */
	for (i = 0; i < 4; i++) {
		makers[i].first = i;
		makers[i].reg = i < 2 ? one : i == 2 ? two : open_as("j-1");
		pthread_create(&makers[i].thread, NULL, begin_all, &makers[i]);
	}
	for (i = 0; i < 4; i++) {
		pthread_join(makers[i].thread, NULL);
		bad += makers[i].failed;
		ss_bytes_adds(&all, makers[i].numbers.data);
		ss_bytes_free(&makers[i].numbers);
	}
	ok(bad == 0, "four begin jobs at once");
	for (i = 0; i < 119; i++) {
		at = all.data + i * (SS_CARD_NUMBER_LEN + 1);
		at[SS_CARD_NUMBER_LEN] = '\0';
		bad += strstr(at + SS_CARD_NUMBER_LEN + 1, at) != NULL;
	}
	ok(bad == 0 && all.len == 120 * (SS_CARD_NUMBER_LEN + 1),
	    "no number is given twice");
	now -= 2 * 3600000;
	ss_bytes_free(&all);
	ss_registry_close(makers[3].reg);
}

int
main(void)
{
	struct ss_registry *one, *two;

	if (!begin_tests())
		return 1;
	use("cards.db");
	one = open_as("j-1");
	two = open_as("j-2");
	test_take_over(one, two);
	test_chips(one);
	test_wider(one);
	test_begin(one, two);
	test_numbers(one, two);
	test_tries(one, two);
	test_claims(one, two);
	test_actions(one);
	test_crowd(one, two);
	test_makers(one, two);
	audit(one, "at the end");
	ss_registry_close(one);
	ss_registry_close(two);
	return end_tests();
}
