/*
 * The register by itself: what is stored, what collides and how, all or
 * nothing, stations' numbers, and what is found.
 */
#include <sqlite3.h>

#include <sys/stat.h>

#include "../books.h"

static const struct ss_card_numbers numbers = { .name = "R:0000000-9999999",
	.count = 10000000, .base = 10, .prefix = "R" };

/* The usual one, of a person. */
#define OF(who) (struct facts){ .person = (who) }
#define SAME (struct facts){ 0 }

static enum ss_state
state_of(struct ss_registry *reg, const char *id)
{
	return load(reg, id).at.state;
}

static void
test_open(void)
{
	struct ss_registry *reg;
	struct stat st;
	bool made;

	ok(ss_registry_open(&reg, "nonsense", "s", &made) == SS_EINVALID &&
	    reg == NULL && !made, "a name of no kind");
	ok(ss_registry_open(&reg, name, "s", NULL) == SS_EMISSING &&
	    reg == NULL, "not there, not made");
	ok(ss_registry_open(&reg, name, "s", &made) == 0 && made, "made");
	ok(stat(name + strlen("sqlite:"), &st) == 0 &&
	    (st.st_mode & 0777) == 0600, "for its owner alone");
	ss_registry_close(reg);
	ok(ss_registry_open(&reg, name + strlen("sqlite:"), "s", &made) ==
	    0 && !made, "by its path, not made again");
	ok(ss_registry_store(reg, NULL, 0) == 0, "no change is stored");
	ss_registry_close(reg);
	ss_registry_close(NULL);
}

static void
test_one(void)
{
	struct ss_registry *reg = open_as("s1");
	struct ss_entry e = { .id = "A" }, by;
	struct brought b = { .entry = { .id = "A" } };
	struct ss_bytes text = { 0 };
	bool had;

	ok(ss_registry_load(reg, &e) == 0 && e.at.state == SS_STATE_NONE &&
	    e.events == 0 && e.head[0] == '\0', "not there");
	ok(ss_registry_find(reg, SS_FIND_OPEN, "p1", &by) == 0 &&
	    by.at.state == SS_STATE_NONE, "the person has none");
	ok(ss_registry_record(reg, "A", &text) == SS_EMISSING, "no record");
	bring(&b, SS_APPLY, OF("p1"));
	ok(ss_registry_store(reg, &b.change, 1) == 0 && b.change.code == 0,
	    "stored");
	ok(b.entry.at.state == SS_APPLIED && b.entry.events == 1 &&
	    strlen(b.entry.head) == 64, "the entry is as it is now");
	ok(ss_registry_load(reg, &e) == 0 &&
	    memcmp(&e, &b.entry, sizeof(e.id)) == 0 &&
	    e.at.state == SS_APPLIED && strcmp(e.person, "p1") == 0 &&
	    strcmp(e.region, "110101") == 0 &&
	    e.revision == b.change.after.revision &&
	    strcmp(e.head, b.entry.head) == 0 &&
	    strcmp(e.form_sm3, b.change.after.form_sm3) == 0 &&
	    strcmp(e.record_sm3, b.change.after.record_sm3) == 0, "loaded");
	is(e.changed, "2026-03-01T09:00:00Z", "when");
	ok(ss_registry_find(reg, SS_FIND_OPEN, "p1", &by) == 0 &&
	    strcmp(by.id, "A") == 0, "by its person");
	ok(ss_registry_find(reg, SS_FIND_HOLDER, "p1", &by) == 0 &&
	    by.at.state == SS_STATE_NONE, "who holds no card");
	ok(ss_registry_find(reg, SS_FIND_NUMBER, "", &by) == 0 &&
	    by.at.state == SS_STATE_NONE &&
	    ss_registry_find(reg, SS_FIND_CHIP, "", &by) == 0 &&
	    by.at.state == SS_STATE_NONE, "nor is one found by none");
	ok(ss_registry_record(reg, "A", &text) == 0, "its record");
	is(text.data, b.record.data, "is what was stored");
	ok(ss_registry_had(reg, "A", b.change.after.record_sm3, &had) == 0 &&
	    had, "had this record");
	ok(ss_registry_had(reg, "A", e.head, &had) == 0 && !had &&
	    ss_registry_had(reg, "B", b.change.after.record_sm3, &had) == 0 &&
	    !had, "no other, nor had another");
	e = b.entry;
	ok(take(reg, "A", SS_HOLD, SAME) == 0, "a step");
	ok(ss_registry_had(reg, "A", e.record_sm3, &had) == 0 && had,
	    "had the earlier record");
	ok(take(reg, "A", SS_REJECT, SAME) == 0 &&
	    ss_registry_find(reg, SS_FIND_OPEN, "p1", &by) == 0 &&
	    by.at.state == SS_STATE_NONE, "rejected: the person is free");
	ss_bytes_free(&text);
	ss_bytes_free(&b.record);
	ss_registry_close(reg);
}

static void
test_conflicts(void)
{
	struct ss_registry *reg = open_as("s1"), *other = open_as("s2");
	struct brought b[4] = { { .entry = { .id = "C" } },
		{ .entry = { .id = "D" } }, { .entry = { .id = "B" } },
		{ .entry = { .id = "E" } } };
	struct ss_change changes[4];
	int i;

	ok(take(reg, "B", SS_APPLY, OF("p2")) == 0, "one more");
	bring(&b[0], SS_APPLY, OF("p3"));
	bring(&b[1], SS_APPLY, OF("p2"));
	bring(&b[2], SS_APPLY, OF("p4"));
	bring(&b[3], SS_APPROVE, OF("p5"));
	for (i = 0; i < 4; i++)
		changes[i] = b[i].change;
	ok(ss_registry_store(other, changes, 4) == 0, "a group that collides");
	ok(changes[0].code == 0, "one is stored");
	ok(changes[1].code == SS_EEXISTS, "a person with an open one");
	ok(changes[2].code == SS_EEXISTS, "an id that is taken");
	ok(changes[3].code == SS_ESTATE, "a step that is not in the table");
	ok(changes[1].message[0] != '\0' && changes[3].message[0] != '\0',
	    "each says why");
	ok(state_of(reg, "C") == SS_APPLIED &&
	    state_of(reg, "D") == SS_STATE_NONE &&
	    state_of(reg, "E") == SS_STATE_NONE, "and only that one is there");
	ok(b[1].entry.at.state == SS_STATE_NONE, "the others' entries are not");

	changes[0].code = SS_EAUTH;
	ok(ss_registry_store(other, changes, 1) == 0 &&
	    changes[0].code == SS_EAUTH && b[0].entry.events == 1,
	    "what has a code is left alone");

	ok(ss_registry_load(reg, &b[0].entry) == 0, "loaded here");
	ok(take(other, "C", SS_HOLD, SAME) == 0, "changed there");
	bring(&b[0], SS_APPROVE, OF("p3"));
	ok(ss_registry_store(reg, &b[0].change, 1) == 0 &&
	    b[0].change.code == SS_ESTATE, "what was loaded is old");
	ok(state_of(reg, "C") == SS_PENDING, "and not stored");

	ok(take(reg, "C", SS_RETURN, SAME) == 0, "returned");
	ok(take(reg, "C", SS_MEND, OF("p2")) == SS_EEXISTS, "mended into a "
	    "person who has an open one: a collision");
	ok(state_of(reg, "C") == SS_RETURNED, "and not stored");
	ok(take(reg, "C", SS_MEND, OF("p6")) == 0,
	    "mended into one who has none");
	audit(reg, "after collisions");
	for (i = 0; i < 4; i++)
		ss_bytes_free(&b[i].record);
	ss_registry_close(other);
	ss_registry_close(reg);
}

static int
execute(const char *sql)
{
	sqlite3 *db;
	int r;

	r = sqlite3_open(name + strlen("sqlite:"), &db);
	if (r == SQLITE_OK)
		r = sqlite3_exec(db, sql, NULL, NULL, NULL);
	sqlite3_close(db);
	return r;
}

static int
count_event(const struct ss_event *e, void *ctx)
{
	(void)e;
	++*(int *)ctx;
	return 0;
}

static void
test_rollback(void)
{
	struct ss_registry *reg = open_as("s1");
	struct brought b[3] = { { .entry = { .id = "F" } },
		{ .entry = { .id = "G" } }, { .entry = { .id = "H" } } };
	const char *const persons[] = { "p10", "p11", "p12" };
	const char *const ids[] = { "F", "G", "H" };
	struct ss_change changes[3];
	int i, before = 0, after = 0;

	for (i = 0; i < 3; i++)
		ss_registry_events(reg, ids[i], count_event, &before);
	ok(execute("CREATE TRIGGER trouble BEFORE INSERT ON event WHEN "
	    "new.id = 'H' BEGIN SELECT RAISE(ABORT, 'trouble'); END") ==
	    SQLITE_OK, "trouble ahead");
	for (i = 0; i < 3; i++) {
		bring(&b[i], SS_APPLY, OF(persons[i]));
		changes[i] = b[i].change;
	}
	ok(ss_registry_store(reg, changes, 3) == SS_EREGISTRY,
	    "the register fails");
	ok(strstr(ss_message(), "trouble") != NULL, "and says why");
	ss_registry_events_between(reg, "F", "H", count_event, &after);
	ok(after == before && before == 0 &&
	    state_of(reg, "F") == SS_STATE_NONE &&
	    state_of(reg, "G") == SS_STATE_NONE, "nothing is stored");
	ok(b[0].entry.at.state == SS_STATE_NONE && b[0].entry.events == 0,
	    "the entries are as they were");
	audit(reg, "after trouble");
	ok(execute("DROP TRIGGER trouble") == SQLITE_OK, "mended");
	ok(ss_registry_store(reg, changes, 3) == 0 && changes[0].code == 0 &&
	    changes[2].code == 0 && b[2].entry.events == 1, "stored again");
	audit(reg, "after that");
	for (i = 0; i < 3; i++)
		ss_bytes_free(&b[i].record);
	ss_registry_close(reg);
}

struct station_seen {
	int64_t next;
	bool bad;
};

static int
see_number(const struct ss_event *e, void *ctx)
{
	struct station_seen *seen = ctx;

	if (e->station_number != seen->next++)
		seen->bad = true;
	return 0;
}

static int
see_station(const char *station, int64_t events, int64_t actions, void *ctx)
{
	struct ss_bytes *b = ctx;

	if (strncmp(station, "n-", 2) == 0)
		ss_bytes_addf(b, "%s %" PRId64 " %" PRId64 " ", station,
		    events, actions);
	return 0;
}

static void
test_stations(void)
{
	struct ss_registry *one, *two, *other;
	struct station_seen s1 = { 1, false }, s2 = { 3, false };
	struct ss_bytes b = { 0 };
	char id[16], person[16];
	int i, bad = 0;

	use("stations.db");
	one = open_as("n-1");
	two = open_as("n-1");
	other = open_as("n-2");
	for (i = 0; i < 12; i++) {
		snprintf(id, sizeof(id), "N%d", i);
		snprintf(person, sizeof(person), "n%d", i);
		bad += take(i % 3 == 0 ? one : i % 3 == 1 ? two : other, id,
		    SS_APPLY, OF(person)) != 0;
	}
	ok(bad == 0, "two handles of a station, and another station");
	ss_registry_events_of(one, "n-1", 0, 100, see_number, &s1);
	ok(!s1.bad && s1.next == 9, "the station's numbers: 1 to 8");
	ss_registry_events_of(one, "n-2", 2, 1, see_number, &s2);
	ok(!s2.bad && s2.next == 4, "the other's behind 2, at most one: 3");
	ss_registry_stations(one, see_station, &b);
	is(b.data, "n-1 8 0 n-2 4 0 ", "their own counts");
	audit(one, "with stations");
	ss_bytes_free(&b);
	ss_registry_close(one);
	ss_registry_close(two);
	ss_registry_close(other);
}

static int
join(const struct ss_entry *e, const char *record, void *ctx)
{
	struct ss_bytes *b = ctx;

	ss_bytes_addf(b, "%s%s", e->id, strstr(record, e->id) != NULL ? " " :
	    "! ");
	return 0;
}

static int
stop_at_once(const struct ss_entry *e, const char *record, void *ctx)
{
	(void)e;
	(void)record;
	++*(int *)ctx;
	return 42;
}

static void
listed(struct ss_registry *reg, struct ss_filter f, const char *want)
{
	struct ss_bytes b = { 0 };

	ss_bytes_adds(&b, ":");
	ss_registry_each(reg, &f, join, &b);
	is(b.data + 1, want, "a filter");
	ss_bytes_free(&b);
}

static void
test_filters(void)
{
	struct ss_registry *reg;
	struct ss_filter f = { .since = "2026-03-01T17:00:00+08:00",
		.state = "made", .status = "dormant" };
	struct ss_job job;
	int n = 0;

	use("filters.db");
	reg = open_as("f");
	take(reg, "b", SS_APPLY, OF("f1"));
	take(reg, "a", SS_APPLY, (struct facts){ .person = "f2",
	    .region = "120101" });
	take(reg, "c", SS_APPLY, OF("f3"));
	take(reg, "a", SS_APPROVE, SAME);
	now += 3600000;
	ok(approve(reg, "d", OF("f4")) == 0 &&
	    activate(reg, "d", "F-D", &numbers) == 0 &&
	    begin_job(reg, "a", &numbers, &job) == 0, "cards");
	now -= 3600000;
	listed(reg, (struct ss_filter){ 0 }, "a b c d ");
	listed(reg, (struct ss_filter){ .state = "applied" }, "b c ");
	listed(reg, (struct ss_filter){ .state = "approved" }, "a ");
	listed(reg, (struct ss_filter){ .status = "none" }, "a b c ");
	listed(reg, (struct ss_filter){ .status = "normal" }, "d ");
	listed(reg, (struct ss_filter){ .region = "1101" }, "b c d ");
	listed(reg, (struct ss_filter){ .region = "120101" }, "a ");
	listed(reg, (struct ss_filter){ .region = "1102" }, "");
	listed(reg, (struct ss_filter){ .region = "1201011" }, "");
	listed(reg, (struct ss_filter){ .region = "%" }, "");
	listed(reg, (struct ss_filter){ .region = "1_" }, "");
	listed(reg, (struct ss_filter){ .person = "f3" }, "c ");
	listed(reg, (struct ss_filter){ .id = "b" }, "b ");
	listed(reg, (struct ss_filter){ .id = "b", .person = "f3" }, "");
	listed(reg, (struct ss_filter){ .number = load(reg, "d").number },
	    "d ");
	listed(reg, (struct ss_filter){ .number = job.number }, "");
	listed(reg, (struct ss_filter){ .number = "" }, "");
	listed(reg, (struct ss_filter){ .since = "2026-03-01T09:00:00Z" },
	    "a b c d ");
	listed(reg, (struct ss_filter){ .since = "2026-03-01T09:00:01Z" },
	    "d ");
	listed(reg, (struct ss_filter){ .until = "2026-03-01T10:00:00Z" },
	    "a b c ");
	listed(reg, (struct ss_filter){ .until = "2026-03-01T09:00:00Z" }, "");
	listed(reg, (struct ss_filter){ "active", "normal", "11", "f4", "d",
	    load(reg, "d").number, "2026-03-01T10:00:00Z",
	    "2026-03-01T10:00:01Z", { "", "" }, "" }, "d ");
	ok(ss_registry_each(reg, &(struct ss_filter){ 0 }, stop_at_once,
	    &n) == 42 && n == 1, "ends where it is told to");
	ok(ss_filter_check(&f) == 0 &&
	    strcmp(f.since, "2026-03-01T09:00:00Z") == 0, "a filter in UTC");
	ok(ss_filter_check(&(struct ss_filter){ .status = "good" }) ==
	    SS_EINVALID && ss_filter_check(&(struct ss_filter){ .state =
	    "normal" }) == SS_EINVALID && ss_filter_check(&(struct ss_filter){
	    .until = "2026" }) == SS_EINVALID, "no filter");
	audit(reg, "with filters");
	ss_registry_close(reg);
}

/* What a walk over pages has seen: ids ascend, records are their own. */
struct walked {
	char last[SS_ID_SIZE];
	int count, bad;
	struct ss_registry *reg;
};

static int
walk(const struct ss_entry *e, const char *record, void *ctx)
{
	struct walked *w = ctx;
	struct ss_entry again = load(w->reg, e->id);

	w->bad += strcmp(w->last, e->id) >= 0 ||
	    strstr(record, e->id) == NULL || again.events != e->events;
	memcpy(w->last, e->id, sizeof(w->last));
	w->count++;
	return 0;
}

static void
test_pages(void)
{
	enum { MANY = 600 };
	struct ss_filter f = { .region = "650102" };
	struct brought *b = calloc(MANY, sizeof(*b));
	struct ss_change *changes = calloc(MANY, sizeof(*changes));
	struct ss_registry *reg;
	struct walked w;
	char person[16];
	int i, bad = 0;

	use("pages.db");
	reg = open_as("g");
	for (i = 0; i < MANY; i++) {
		snprintf(b[i].entry.id, sizeof(b[i].entry.id), "G%04d", i);
		snprintf(person, sizeof(person), "g%d", i);
		bring(&b[i], SS_APPLY, (struct facts){ .person = person,
		    .region = "650102" });
		changes[i] = b[i].change;
	}
	ok(ss_registry_store(reg, changes, MANY) == 0, "%d at once", MANY);
	for (i = 0; i < MANY; i++)
		bad += changes[i].code != 0 || b[i].entry.events != 1;
	ok(bad == 0, "all are stored");
	w = (struct walked){ .reg = reg };
	ok(ss_registry_each(reg, &f, walk, &w) == 0 && w.count == MANY &&
	    w.bad == 0, "each once, in order; the register is free meanwhile");
	w = (struct walked){ .reg = reg, .last = "G0009" };
	ok(ss_registry_page(reg, &f, "G0009", 300, walk, &w) == 0 &&
	    w.count == 300 && w.bad == 0 && strcmp(w.last, "G0309") == 0,
	    "300 behind the tenth");
	w = (struct walked){ .reg = reg };
	ok(ss_registry_page(reg, &f, "G0599", 256, walk, &w) == 0 &&
	    w.count == 0, "none behind the last");
	audit(reg, "over pages");
	for (i = 0; i < MANY; i++)
		ss_bytes_free(&b[i].record);
	free(changes);
	free(b);
	ss_registry_close(reg);
}

/* Two changes that go together, brought by two steps. */
struct pair {
	struct brought b[2];
	struct ss_change c[2];
};

static int
store_pair(struct ss_registry *reg, struct pair *p)
{
	int r;

	p->c[0] = p->b[0].change;
	p->c[1] = p->b[1].change;
	p->c[1].together = true;
	r = ss_registry_store(reg, p->c, 2);
	ss_bytes_free(&p->b[0].record);
	ss_bytes_free(&p->b[1].record);
	return r;
}

static struct pair
load_pair(struct ss_registry *reg, const char *one, const char *two)
{
	return (struct pair){ .b = { { .entry = load(reg, one) },
		{ .entry = load(reg, two) } } };
}

/* Neither is stored, whichever of the two is refused and when. */
static void
test_refused_pairs(struct ss_registry *reg)
{
	struct ss_entry was[2] = { load(reg, "T1"), load(reg, "T2") };
	const char *const why[] = { "the first in the table",
		"the second in the table", "the first, being old",
		"the second, being old", "the first by its caller",
		"the second by its caller" };
	struct pair p;
	int i, r;

	for (i = 0; i < 6; i++) {
		p = load_pair(reg, "T1", "T2");
		bring(&p.b[0], i == 0 ? SS_FINISH : SS_REPLACE, SAME);
		bring(&p.b[1], i == 1 ? SS_FINISH : SS_ACTIVATE, SAME);
		if (i == 2 || i == 3)
			p.b[i - 2].entry.events--;
		if (i >= 4)
			p.b[i - 4].change.code = SS_EAUTH;
		r = store_pair(reg, &p);
		ok(r == 0 && p.c[0].code != 0 && p.c[1].code != 0 &&
		    p.c[i % 2].code == (i < 4 ? SS_ESTATE : SS_EAUTH) &&
		    strstr(p.c[1 - i % 2].message, "what belongs to it") !=
		    NULL && load(reg, "T1").events == was[0].events &&
		    load(reg, "T2").events == was[1].events,
		    "refused: %s; neither is stored", why[i]);
	}
}

static void
test_pairs(void)
{
	struct ss_registry *reg;
	struct ss_entry e;
	struct pair p;

	use("pairs.db");
	reg = open_as("t");
	ok(approve(reg, "T1", OF("t1")) == 0 &&
	    activate(reg, "T1", "T-1", &numbers) == 0, "a card in use");
	ok(take(reg, "T3", SS_APPLY, OF("t1")) == SS_EEXISTS,
	    "no new application beside it");
	ok(approve(reg, "T2", (struct facts){ .person = "t1",
	    .kind = "renew" }) == 0, "but one to renew it");
	ok(take(reg, "T3", SS_APPLY, (struct facts){ .person = "t1",
	    .kind = "lost" }) == SS_EEXISTS, "and no second one");
	ok(activate(reg, "T2", "T-2", &numbers) == SS_EEXISTS,
	    "a second card is not activated beside it");
	test_refused_pairs(reg);
	p = load_pair(reg, "T1", "T2");
	bring(&p.b[0], SS_REPLACE, SAME);
	bring(&p.b[1], SS_ACTIVATE, SAME);
	ok(store_pair(reg, &p) == 0 && p.c[0].code == 0 && p.c[1].code == 0,
	    "both together are stored");
	e = load(reg, "T1");
	ok(e.at.state == SS_CANCELLED && e.at.status == SS_CARD_CANCELLED &&
	    e.at.stock == SS_STOCK_MADE, "the old one is cancelled");
	e = load(reg, "T2");
	ok(e.at.state == SS_ACTIVE && e.at.status == SS_NORMAL,
	    "the new one is normal");
	ok(ss_registry_find(reg, SS_FIND_HOLDER, "t1", &e) == 0 &&
	    strcmp(e.id, "T2") == 0, "and the one that the person holds");
	audit(reg, "after a pair");
	ss_registry_close(reg);
}

/* A renewal that was changed meanwhile is not taken for a second card. */
static void
test_causes(void)
{
	struct ss_registry *reg;
	struct brought b = { .entry = { .id = "K2" } };

	use("causes.db");
	reg = open_as("k");
	ok(approve(reg, "K1", OF("k1")) == 0 &&
	    activate(reg, "K1", "K-1", &numbers) == 0 && take(reg, "K2",
	    SS_APPLY, (struct facts){ .person = "k1", .kind = "renew" }) == 0,
	    "a card and its renewal");
	b.entry = load(reg, "K2");
	bring(&b, SS_APPROVE, SAME);
	ok(take(reg, "K2", SS_HOLD, SAME) == 0 &&
	    ss_registry_store(reg, &b.change, 1) == 0 &&
	    b.change.code == SS_ESTATE && b.change.other[0] == '\0',
	    "what was loaded is old, not in the card's way");
	b.entry = (struct ss_entry){ .id = "K1" };
	bring(&b, SS_APPLY, (struct facts){ .person = "k2",
	    .kind = "renew" });
	ok(ss_registry_store(reg, &b.change, 1) == 0 &&
	    b.change.code == SS_EEXISTS && strcmp(b.change.other, "K1") == 0 &&
	    strstr(b.change.message, "the id is taken") != NULL,
	    "an id that is taken is no card of the person");
	b.entry = (struct ss_entry){ .id = "K3" };
	bring(&b, SS_APPLY, OF("k1"));
	ok(ss_registry_store(reg, &b.change, 1) == 0 &&
	    b.change.code == SS_EEXISTS && strcmp(b.change.other, "K2") == 0,
	    "the open one is named first");
	ok(take(reg, "K2", SS_REJECT, SAME) == 0 &&
	    (b.change.code = 0) == 0 &&
	    ss_registry_store(reg, &b.change, 1) == 0 &&
	    b.change.code == SS_EEXISTS && strcmp(b.change.other, "K1") == 0 &&
	    strstr(b.change.message, "ss-reissue") != NULL, "then the card");
	ss_bytes_free(&b.record);
	ss_registry_close(reg);
}

static int
write_event(const struct ss_event *e, void *ctx)
{
	ss_bytes_addf(ctx, "%s %s %s %s\n", e->step, e->state, e->status,
	    e->time);
	return 0;
}

static int
write_late_event(const struct ss_event *e, void *ctx)
{
	return e->number > 6 ? write_event(e, ctx) : 0;
}

/* A loss for now ends by itself: at once to who looks, in the chain when the
 * next step comes. */
static void
test_lapses(void)
{
	struct ss_registry *reg;
	struct ss_bytes b = { 0 };
	struct ss_entry e;

	use("lapses.db");
	reg = open_as("l");
	ok(approve(reg, "L1", OF("l1")) == 0 &&
	    activate(reg, "L1", "L-1", &numbers) == 0 && take(reg, "L1",
	    SS_LOSE_FOR_NOW, (struct facts){ .until =
	    "2026-03-08T09:00:00Z" }) == 0, "lost for a week");
	e = load(reg, "L1");
	ok(ss_entry_status(&e, now) == SS_LOST_FOR_NOW &&
	    ss_entry_status(&e, now + 7 * 86400000 - 1) == SS_LOST_FOR_NOW &&
	    ss_entry_status(&e, now + 7 * 86400000) == SS_NORMAL,
	    "to the second");
	ok(take(reg, "L1", SS_LOCK, SAME) == SS_ESTATE,
	    "not to be locked meanwhile");
	now += 7 * 86400000;
	ok(take(reg, "L1", SS_RELEASE, SAME) == SS_ESTATE,
	    "nothing to release when it is over");
	ok(take(reg, "L1", SS_LOCK, SAME) == 0, "but to lock");
	e = load(reg, "L1");
	ok(e.events == 9 && e.at.status == SS_LOCKED, "by two events");
	ss_registry_events(reg, "L1", write_late_event, &b);
	is(b.data, "lose-for-now active temporarily-lost 2026-03-01T09:00:00Z\n"
	    "lapse active normal 2026-03-08T09:00:00Z\n"
	    "lock active locked 2026-03-08T09:00:00Z\n", "the lapse first");
	ok(ss_entry_status(&e, now + 86400000) == SS_LOCKED,
	    "an old instant means nothing to another status");
	ok(take(reg, "L1", SS_UNLOCK, SAME) == 0 && take(reg, "L1",
	    SS_LOSE_FOR_NOW, (struct facts){ .until =
	    "2026-03-09T09:00:00Z" }) == 0 && take(reg, "L1", SS_CANCEL,
	    SAME) == 0 && load(reg, "L1").events == 12,
	    "one that has not lapsed has no event of it");
	audit(reg, "after a lapse");
	now -= 7 * 86400000;
	ss_bytes_free(&b);
	ss_registry_close(reg);
}

int
main(void)
{
	if (!begin_tests())
		return 1;
	test_filters();		/* first, where the register is not its own */
	use("registry.db");
	if (!own_register())
		test_open();
	test_one();
	test_conflicts();
	if (!own_register())
		test_rollback();
	test_stations();
	test_pages();
	test_pairs();
	test_causes();
	test_lapses();
	return end_tests();
}
