/*
 * The register by itself: what is stored, what collides and how, all or
 * nothing, and a thousand random steps beside a model in memory.
 */
#include <sqlite3.h>

#include <sys/stat.h>

#include <stdlib.h>
#include <unistd.h>

#include "base/err.h"
#include "books/audit.h"
#include "books/registry.h"
#include "../tap.h"

static char folder[] = "/tmp/sscard-registry.XXXXXX";
static char name[64];		/* of the register */
static struct ss_sm3 *sm3;
static int64_t revision = 1;	/* of the next records; tells them apart */

/* A change with all that it brings; not to be moved. */
struct brought {
	struct ss_entry entry;
	struct ss_bytes record;
	struct ss_change change;
};

static void
bring(struct brought *b, enum ss_step step, const char *person,
    const char *region)
{
	struct ss_change *c = &b->change;
	enum ss_state state = b->entry.state;
	enum ss_status card = SS_NO_CARD;
	struct ss_value *root = NULL;

	ss_life_step(step, &state, &card);
	ss_bytes_reset(&b->record);
	ss_bytes_addf(&b->record, "{\"applied\":{\"revision\":%lld},"
	    "\"id\":\"%s\",\"person\":{\"social_number\":\"%s\"},"
	    "\"region\":\"%s\",\"state\":\"%s\"}", (long long)revision,
	    b->entry.id, person, region, ss_state_word(state));
	*c = (struct ss_change){ .entry = &b->entry, .step = step,
		.record = &b->record, .revision = revision++,
		.operator = "wang", .time = 1772355600000 };
	ss_sm3_hex(sm3, b->record.data, b->record.len, c->record_sm3);
	if (ss_json_parse(b->record.data, b->record.len, &root) == 0)
		ss_form_digest(sm3, root, c->form_sm3);
	ss_json_free(root);
	snprintf(c->person, sizeof(c->person), "%s", person);
	snprintf(c->region, sizeof(c->region), "%s", region);
}

/* Loads an application and takes one step of it; the change's code. */
static int
take(struct ss_registry *reg, const char *id, const char *person,
    enum ss_step step)
{
	struct brought b = { .entry = { .person = "" } };
	int r;

	snprintf(b.entry.id, sizeof(b.entry.id), "%s", id);
	if ((r = ss_registry_load(reg, &b.entry)) == 0) {
		bring(&b, step, person, "110101");
		if ((r = ss_registry_store(reg, &b.change, 1)) == 0)
			r = b.change.code;
	}
	ss_bytes_free(&b.record);
	return r;
}

static struct ss_registry *
open_as(const char *station)
{
	struct ss_registry *reg;
	bool made;

	if (ss_registry_open(&reg, name, station, &made) != 0)
		printf("# %s\n", ss_message());
	return reg;
}

/* Another register from here on. */
static void
use(const char *file)
{
	snprintf(name, sizeof(name), "sqlite:%s/%s", folder, file);
}

static void
print_fault(const char *subject, const char *what, void *ctx)
{
	(void)ctx;
	printf("# %s: %s\n", subject, what);
}

static void
audit(struct ss_registry *reg, const char *when)
{
	struct ss_audit a = { 0 };

	ok(ss_audit_run(reg, &a, print_fault, NULL) == 0 && a.faults == 0,
	    "audit: clean %s", when);
}

static enum ss_state
state_of(struct ss_registry *reg, const char *id)
{
	struct ss_entry e = { .person = "" };

	snprintf(e.id, sizeof(e.id), "%s", id);
	return ss_registry_load(reg, &e) == 0 ? e.state : SS_STATES;
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
	struct ss_entry e = { .id = "A" }, by = { .person = "p1" };
	struct brought b = { .entry = { .id = "A" } };
	struct ss_bytes text = { 0 };
	bool had;

	ok(ss_registry_load(reg, &e) == 0 && e.state == SS_STATE_NONE &&
	    e.events == 0 && e.head[0] == '\0', "not there");
	ok(ss_registry_load_open(reg, &by) == 0 && by.state == SS_STATE_NONE,
	    "the person has none");
	ok(ss_registry_record(reg, "A", &text) == SS_EMISSING, "no record");
	bring(&b, SS_APPLY, "p1", "110101");
	ok(ss_registry_store(reg, &b.change, 1) == 0 && b.change.code == 0,
	    "stored");
	ok(b.entry.state == SS_APPLIED && b.entry.events == 1 &&
	    strlen(b.entry.head) == 64, "the entry is as it is now");
	ok(ss_registry_load(reg, &e) == 0 &&
	    memcmp(&e, &b.entry, sizeof(e.id)) == 0 &&
	    e.state == SS_APPLIED && strcmp(e.person, "p1") == 0 &&
	    strcmp(e.region, "110101") == 0 && e.revision == 1 &&
	    strcmp(e.head, b.entry.head) == 0 &&
	    strcmp(e.form_sm3, b.change.form_sm3) == 0 &&
	    strcmp(e.record_sm3, b.change.record_sm3) == 0, "loaded");
	is(e.changed, "2026-03-01T09:00:00Z", "when");
	ok(ss_registry_load_open(reg, &by) == 0 && strcmp(by.id, "A") == 0,
	    "by its person");
	ok(ss_registry_record(reg, "A", &text) == 0, "its record");
	is(text.data, b.record.data, "is what was stored");
	ok(ss_registry_had(reg, "A", b.change.record_sm3, &had) == 0 && had,
	    "had this record");
	ok(ss_registry_had(reg, "A", e.head, &had) == 0 && !had &&
	    ss_registry_had(reg, "B", b.change.record_sm3, &had) == 0 && !had,
	    "no other, nor had another");
	e = b.entry;
	ok(take(reg, "A", "p1", SS_HOLD) == 0, "a step");
	ok(ss_registry_had(reg, "A", e.record_sm3, &had) == 0 && had,
	    "had the earlier record");
	ok(take(reg, "A", "p1", SS_REJECT) == 0 &&
	    ss_registry_load_open(reg, &by) == 0 && by.state == SS_STATE_NONE,
	    "rejected: the person is free");
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

	ok(take(reg, "B", "p2", SS_APPLY) == 0, "one more");
	bring(&b[0], SS_APPLY, "p3", "110101");
	bring(&b[1], SS_APPLY, "p2", "110101");
	bring(&b[2], SS_APPLY, "p4", "110101");
	bring(&b[3], SS_APPROVE, "p5", "110101");
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
	ok(b[1].entry.state == SS_STATE_NONE, "the others' entries are not");

	changes[0].code = SS_EAUTH;
	ok(ss_registry_store(other, changes, 1) == 0 &&
	    changes[0].code == SS_EAUTH && b[0].entry.events == 1,
	    "what has a code is left alone");

	ok(ss_registry_load(reg, &b[0].entry) == 0, "loaded here");
	ok(take(other, "C", "p3", SS_HOLD) == 0, "changed there");
	bring(&b[0], SS_APPROVE, "p3", "110101");
	ok(ss_registry_store(reg, &b[0].change, 1) == 0 &&
	    b[0].change.code == SS_ESTATE, "what was loaded is old");
	ok(state_of(reg, "C") == SS_PENDING, "and not stored");

	ok(take(reg, "C", "p3", SS_RETURN) == 0, "returned");
	i = take(reg, "C", "p2", SS_MEND);
	ok(i == SS_EEXISTS || i == SS_ESTATE, "mended into a person who has an "
	    "open one: a collision, no trouble of the register");
	printf("# code %d: %s\n", i, ss_message());
	ok(state_of(reg, "C") == SS_RETURNED, "and not stored");
	ok(take(reg, "C", "p6", SS_MEND) == 0, "mended into one who has none");
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
	struct ss_change changes[3];
	int i, before = 0, after = 0;

	ss_registry_events(reg, NULL, count_event, &before);
	ok(execute("CREATE TRIGGER trouble BEFORE INSERT ON event WHEN "
	    "new.id = 'H' BEGIN SELECT RAISE(ABORT, 'trouble'); END") ==
	    SQLITE_OK, "trouble ahead");
	for (i = 0; i < 3; i++) {
		bring(&b[i], SS_APPLY, persons[i], "110101");
		changes[i] = b[i].change;
	}
	ok(ss_registry_store(reg, changes, 3) == SS_EREGISTRY,
	    "the register fails");
	ok(strstr(ss_message(), "trouble") != NULL, "and says why");
	ss_registry_events(reg, NULL, count_event, &after);
	ok(after == before && state_of(reg, "F") == SS_STATE_NONE &&
	    state_of(reg, "G") == SS_STATE_NONE, "nothing is stored");
	ok(b[0].entry.state == SS_STATE_NONE && b[0].entry.events == 0,
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
	const char *station;
	int64_t next;
	bool bad;
};

static int
see_number(const struct ss_event *e, void *ctx)
{
	struct station_seen *seen = ctx;

	if (strcmp(e->station, seen->station) == 0 &&
	    e->station_number != seen->next++)
		seen->bad = true;
	return 0;
}

static void
test_stations(void)
{
	struct ss_registry *one, *two, *other;
	struct station_seen s1 = { "s1", 1, false }, s2 = { "s2", 1, false };
	char id[8], person[8];
	int i, bad = 0;

	use("stations.db");
	one = open_as("s1");
	two = open_as("s1");
	other = open_as("s2");
	for (i = 0; i < 12; i++) {
		snprintf(id, sizeof(id), "N%d", i);
		snprintf(person, sizeof(person), "n%d", i);
		bad += take(i % 3 == 0 ? one : i % 3 == 1 ? two : other, id,
		    person, SS_APPLY) != 0;
	}
	ok(bad == 0, "two handles of a station, and another station");
	ss_registry_events(one, NULL, see_number, &s1);
	ss_registry_events(one, NULL, see_number, &s2);
	ok(!s1.bad && s1.next == 9, "the station's numbers: 1 to 8");
	ok(!s2.bad && s2.next == 5, "the other's: 1 to 4");
	audit(one, "with stations");
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
	int n = 0;

	use("filters.db");
	reg = open_as("s");
	take(reg, "b", "p1", SS_APPLY);
	take(reg, "a", "p2", SS_APPLY);
	take(reg, "c", "p3", SS_APPLY);
	take(reg, "a", "p2", SS_APPROVE);
	listed(reg, (struct ss_filter){ 0 }, "a b c ");
	listed(reg, (struct ss_filter){ .state = "applied" }, "b c ");
	listed(reg, (struct ss_filter){ .region = "1101" }, "a b c ");
	listed(reg, (struct ss_filter){ .region = "1102" }, "");
	listed(reg, (struct ss_filter){ .region = "%" }, "");
	listed(reg, (struct ss_filter){ .person = "p3" }, "c ");
	listed(reg, (struct ss_filter){ .id = "b" }, "b ");
	listed(reg, (struct ss_filter){ .id = "b", .person = "p3" }, "");
	listed(reg, (struct ss_filter){ .since = "2026-03-01T09:00:00Z" },
	    "a b c ");
	listed(reg, (struct ss_filter){ .until = "2026-03-01T09:00:00Z" }, "");
	ok(ss_registry_each(reg, &(struct ss_filter){ 0 }, stop_at_once,
	    &n) == 42 && n == 1, "ends where it is told to");
	ss_registry_close(reg);
}

/* The model. */
#define IDS 200
#define PERSONS 150
#define GROUP 4

static struct {
	enum ss_state state;
	int64_t events;
	int person;
} model[IDS];

static unsigned seed = 20260301;

static unsigned
pick(unsigned n)
{
	seed = seed * 1103515245u + 12345u;
	return (seed >> 16) % n;
}

static bool
is_open(enum ss_state s)
{
	return s != SS_STATE_NONE && s != SS_REJECTED && s != SS_ACTIVE &&
	    s != SS_CANCELLED;
}

/* What the step leaves of an application without a card; SS_STATES: no. */
static enum ss_state
leaves(enum ss_step step, enum ss_state s)
{
	bool review = s == SS_APPLIED || s == SS_PENDING;

	switch (step) {
	case SS_APPLY:
		return s == SS_STATE_NONE ? SS_APPLIED : SS_STATES;
	case SS_MEND:
		return s == SS_RETURNED ? SS_APPLIED : SS_STATES;
	case SS_HOLD:
		return review ? SS_PENDING : SS_STATES;
	case SS_APPROVE:
		return review ? SS_APPROVED : SS_STATES;
	case SS_RETURN:
		return review ? SS_RETURNED : SS_STATES;
	case SS_REJECT:
		return review ? SS_REJECTED : SS_STATES;
	case SS_CANCEL:
		return review || s == SS_APPROVED || s == SS_RETURNED ?
		    SS_CANCELLED : SS_STATES;
	default:
		return SS_STATES;
	}
}

/* The code that the register must give, and the model's next state. */
static int
expect(int id, int person, const struct ss_entry *loaded, enum ss_step step)
{
	enum ss_state next = leaves(step, loaded->state);
	int i;

	if (next == SS_STATES)
		return SS_ESTATE;
	if (loaded->state == SS_STATE_NONE) {
		if (model[id].state != SS_STATE_NONE)
			return SS_EEXISTS;
		for (i = 0; i < IDS; i++)
			if (model[i].person == person &&
			    is_open(model[i].state))
				return SS_EEXISTS;
	} else if (loaded->events != model[id].events) {
		return SS_ESTATE;
	}
	model[id].state = next;
	model[id].events++;
	model[id].person = person;
	return 0;
}

static void
test_random(void)
{
	static const enum ss_step steps[] = { SS_APPLY, SS_APPLY, SS_MEND,
		SS_HOLD, SS_APPROVE, SS_RETURN, SS_REJECT, SS_CANCEL };
	static struct ss_entry old[IDS];	/* as once loaded */
	struct brought b[GROUP] = { { .record = { 0 } } };
	struct ss_change changes[GROUP];
	struct ss_registry *regs[2];
	int want[GROUP], i, n, id, person, bad = 0, stored = 0;
	int step = 0, steps_wanted = getenv("SS_SLOW") != NULL ? 200 : 1000;
	char text[8];

	use("random.db");
	regs[0] = open_as("s1");
	regs[1] = open_as("s2");
	for (i = 0; i < IDS; i++)
		snprintf(old[i].id, sizeof(old[i].id), "R%d", i);
	while (step < steps_wanted) {
		n = 1 + (int)pick(GROUP);
		for (i = 0; i < n; i++, step++) {
			id = (int)pick(IDS);
			if (pick(4) != 0)
				ss_registry_load(regs[0], &old[id]);
			b[i].entry = old[id];
			person = old[id].state != SS_STATE_NONE ?
			    atoi(old[id].person + 1) : (int)pick(PERSONS);
			snprintf(text, sizeof(text), "q%d", person);
			bring(&b[i], steps[pick(8)], text, "440303");
			changes[i] = b[i].change;
			want[i] = expect(id, person, &b[i].entry,
			    changes[i].step);
		}
		if (ss_registry_store(regs[pick(2)], changes, (size_t)n) != 0)
			bad++;
		for (i = 0; i < n; i++) {
			stored += changes[i].code == 0;
			if (changes[i].code == want[i])
				continue;
			bad++;
			printf("# %s of %s: %d, not %d\n",
			    ss_life[changes[i].step].word, b[i].entry.id,
			    changes[i].code, want[i]);
		}
	}
	ok(bad == 0, "%d random steps go as the model says", steps_wanted);
	printf("# %d of them stored\n", stored);
	for (i = 0; i < IDS; i++) {
		ss_registry_load(regs[1], &old[i]);
		bad += old[i].state != model[i].state ||
		    old[i].events != model[i].events;
	}
	ok(bad == 0, "and end as it says");
	audit(regs[0], "after random steps");
	for (i = 0; i < GROUP; i++)
		ss_bytes_free(&b[i].record);
	ss_registry_close(regs[0]);
	ss_registry_close(regs[1]);
}

/* An import's way: as they are, or not at all. */
static void
test_put(void)
{
	struct ss_registry *reg;
	struct ss_entry e = { .id = "P", .person = "p", .region = "110101",
		.state = SS_APPLIED, .revision = 1, .events = 1 };
	const struct ss_bytes record = { .data = (char *)(uintptr_t)"{}",
		.len = 2 };
	const struct ss_event event = { "P", 1, "apply", "applied", "t", "o",
		"s9", 5, "", "", "" };

	use("put.db");
	reg = open_as("s");
	ok(ss_registry_begin(reg) == 0 &&
	    ss_registry_put(reg, &e, &record) == 0 &&
	    ss_registry_put_event(reg, &event) == 0 &&
	    ss_registry_end(reg, false) == 0 &&
	    state_of(reg, "P") == SS_STATE_NONE, "put, and not stored");
	ok(ss_registry_begin(reg) == 0 &&
	    ss_registry_put(reg, &e, &record) == 0 &&
	    ss_registry_put(reg, &e, &record) == SS_EEXISTS &&
	    ss_registry_end(reg, true) == 0 &&
	    state_of(reg, "P") == SS_APPLIED, "stored once");
	ss_registry_close(reg);
}

int
main(void)
{
	char command[64];

	if (mkdtemp(folder) == NULL || ss_sm3_new(&sm3) != 0)
		return 1;
	use("registry.db");
	test_open();
	test_one();
	test_conflicts();
	test_rollback();
	test_stations();
	test_filters();
	test_random();
	test_put();
	ss_sm3_free(sm3);
	snprintf(command, sizeof(command), "rm -r %s", folder);
	ok(system(command) == 0, "cleaned up");
	return done();
}
