/*
 * What the audit finds of cards, jobs and actions that were changed behind the
 * register's back; and a register with all of them, exported and put back.
 */
#include <sqlite3.h>

#include "books/claim.h"
#include "books/export.h"
#include "../books.h"

#define OF(who) (struct facts){ .person = (who) }
#define SAME (struct facts){ 0 }

static const struct ss_card_numbers range = { .name = "A:0000000-9999999",
	.count = 10000000, .base = 10, .prefix = "A" };

static int
execute(const char *sql)
{
	char *error = NULL;
	sqlite3 *db;
	int r;

	sqlite3_open(name + strlen("sqlite:"), &db);
	r = sqlite3_exec(db, sql, NULL, NULL, &error);
	if (error != NULL)
		printf("# %s\n", error);
	if (r == SQLITE_OK && strncmp(sql, "VACUUM", 6) != 0 &&
	    sqlite3_changes(db) == 0)
		r = SQLITE_NOTFOUND;
	sqlite3_free(error);
	sqlite3_close(db);
	return r;
}

static int
no_line(const char *id, const char *record, void *ctx)
{
	(void)id;
	(void)record;
	(void)ctx;
	return 0;
}

static int
bind_card(struct ss_registry *reg, const char *id, const char *chip)
{
	struct ss_job job;
	int r = begin_job(reg, id, &range, &job);

	return r != 0 ? r : take(reg, id, SS_MAKE, (struct facts){
	    .number = job.number, .chip = chip, .epoch = job.epoch });
}

/*
 * A in use, B being made, C with a spoiled card and a job again, D never
 * collected and back, E lost for a while, F and G claimed.
 */
static int
fill(struct ss_registry *one, struct ss_registry *two)
{
	static const char *const ids[] = { "A", "B", "C", "D", "E", "F",
		"G" };
	struct ss_claim claim = { "31", "zhou", now, now + 3600000, 1,
		false };
	struct ss_job job;
	char person[16];
	int64_t count;
	bool done;
	int i, bad = 0;

	for (i = 0; i < 7; i++) {
		snprintf(person, sizeof(person), "a%d", i);
		bad += approve(i % 2 == 0 ? one : two, ids[i], (struct facts){
		    .person = person, .region = i < 5 ? NULL : "310102" });
		now += 60000;
	}
	bad += activate(one, "A", "A-1", &range);
	now += 60000;
	bad += bind_card(two, "B", "B-1") + bind_card(one, "C", "C-1") +
	    take(one, "C", SS_GIVE_UP, (struct facts){ .epoch = 1 }) +
	    begin_job(one, "C", &range, &job) + bind_card(one, "D", "D-1") +
	    take(one, "D", SS_FINISH, (struct facts){ .epoch = 1 });
	now += 60000;
	bad += take(two, "D", SS_SEAL, SAME) + take(two, "D", SS_CANCEL,
	    SAME) + take(two, "D", SS_HAND_IN, SAME) + activate(two, "E", "E-1", &range) + take(two, "E",
	    SS_LOSE_FOR_NOW, (struct facts){ .until =
	    "2026-03-02T00:00:00Z" });
	for (i = 0; i < 2; i++)
		bad += ss_claim_take(one, &claim, no_line, NULL, &count);
	bad += ss_claim_release(one, "F", "zhou", &done) +
	    ss_claim_take(two, &claim, no_line, NULL, &count) +
	    ss_tries_store(one, "A-1", "pin", 2);
	now += 86400000;
	return bad + take(two, "E", SS_LOCK, SAME);
}

static const struct tamper {
	const char *what, *sql, *subject, *fault;
} tampers[] = {
	{ "a card's status", "UPDATE application SET status = 'locked'"
	    " WHERE id = 'A'", "A", "the card is not where" },
	{ "a status of none", "UPDATE application SET status = 'none'"
	    " WHERE id = 'D'", "D", "the card is not where" },
	{ "a kind", "UPDATE application SET kind = 'lost' WHERE id = 'A'",
	    "A", "the columns are not" },
	{ "a number", "UPDATE application SET number = 'A00000009'"
	    " WHERE id = 'A'", "A", "the columns are not" },
	{ "a number that is the card's no more", "UPDATE application SET"
	    " number = '' WHERE id = 'A'", "A-1", "the card is not its" },
	{ "a chip", "UPDATE application SET chip = 'X-1' WHERE id = 'A'",
	    "A", "the columns are not" },
	{ "the end of a loss", "UPDATE application SET until ="
	    " '2036-03-02T00:00:00Z' WHERE id = 'E'", "E",
	    "the columns are not" },
	{ "an event's status", "UPDATE event SET status = 'lost' WHERE"
	    " id = 'A' AND step = 'activate'", "A", "not what its digest" },
	{ "an event that is of no card any more", "UPDATE event SET"
	    " status = 'none' WHERE id = 'A' AND step = 'finish'", "A",
	    "not what its digest" },
	{ "a status that no step leaves", "UPDATE event SET status ="
	    " 'locked' WHERE id = 'A' AND step = 'activate'", "A",
	    "the table does not have" },
	{ "the event of a lapse", "DELETE FROM event WHERE id = 'E' AND"
	    " step = 'lapse'", "E", "an event is missing" },
	{ "a card's number", "UPDATE card SET number = 'A99999999'"
	    " WHERE chip = 'A-1'", "A-1", "the card is not its" },
	{ "a card's chip", "UPDATE card SET chip = 'X-1' WHERE"
	    " chip = 'A-1'", "A", "the card is not where" },
	{ "which then is another's", "UPDATE card SET chip = 'X-1' WHERE"
	    " chip = 'A-1'", "X-1", "the card is not its" },
	{ "a card's application", "UPDATE card SET id = 'B' WHERE"
	    " chip = 'A-1'", "A-1", "the card is not its" },
	{ "one that is not there", "UPDATE card SET id = 'nobody' WHERE"
	    " chip = 'A-1'", "A-1", "the card is not its" },
	{ "a card's stock", "UPDATE card SET stock = 'returned' WHERE"
	    " chip = 'A-1'", "A", "the card is not where" },
	{ "a returned card's", "UPDATE card SET stock = 'destroyed' WHERE"
	    " chip = 'D-1'", "D", "the card is not where" },
	{ "a bound card's", "UPDATE card SET stock = 'spoiled' WHERE"
	    " chip = 'B-1'", "B", "the card is not where" },
	{ "a spoiled card's", "UPDATE card SET stock = 'blank' WHERE"
	    " chip = 'C-1'", "C-1", "the card is not its" },
	{ "a card's station", "UPDATE card SET station = 's-2' WHERE"
	    " chip = 'A-1'", "A-1", "the card is not its" },
	{ "a card's instant", "UPDATE card SET changed ="
	    " '2026-03-01T09:00:01Z' WHERE chip = 'A-1'", "A-1",
	    "the card is not its" },
	{ "a card removed", "DELETE FROM card WHERE chip = 'A-1'", "A",
	    "the card is not where" },
	{ "a bound card removed", "DELETE FROM card WHERE chip = 'B-1'",
	    "B", "the card is not where" },
	{ "a spoiled card removed", "DELETE FROM card WHERE chip = 'C-1'",
	    "C", "the spoiled cards" },
	{ "a spoiled card added", "INSERT INTO card SELECT 'X-1', 'A1', id,"
	    " stock, station, changed FROM card WHERE chip = 'C-1'", "C",
	    "the spoiled cards" },
	{ "a card added", "INSERT INTO card SELECT 'X-1', 'A1', id,"
	    " stock, station, changed FROM card WHERE chip = 'A-1'", "X-1",
	    "the card is not its" },
	{ "a job's chip", "UPDATE job SET chip = 'X-1' WHERE id = 'B'", "B",
	    "the job is not where" },
	{ "a job's number", "UPDATE job SET number = 'A1' WHERE id = 'B'",
	    "B", "the job is not where" },
	{ "a job let go", "UPDATE job SET chip = '' WHERE id = 'B'", "B",
	    "the job is not where" },
	{ "a job bound", "UPDATE job SET chip = 'X-1' WHERE id = 'C'", "C",
	    "the job is not where" },
	{ "a job removed", "DELETE FROM job WHERE id = 'B'", "B",
	    "the job is not where" },
	{ "a job of one that is made", "UPDATE job SET id = 'A' WHERE"
	    " id = 'C'", "A", "the job is not where" },
	{ "a job of none", "UPDATE job SET id = 'nobody' WHERE id = 'C'",
	    "nobody", "the job is not where" },
	{ "an action's time", "UPDATE action SET time = 'x' WHERE"
	    " station = 's-1' AND number = 2", "s-1", "an action is not" },
	{ "an action's operator", "UPDATE action SET operator = 'x' WHERE"
	    " station = 's-1' AND number = 2", "s-1", "an action is not" },
	{ "an action's word", "UPDATE action SET word = 'x' WHERE"
	    " station = 's-1' AND number = 2", "s-1", "an action is not" },
	{ "an action's subject", "UPDATE action SET subject = 'x' WHERE"
	    " station = 's-1' AND number = 2", "s-1", "an action is not" },
	{ "an action's detail", "UPDATE action SET detail = '{}' WHERE"
	    " station = 's-1' AND number = 2", "s-1", "an action is not" },
	{ "an action's predecessor", "UPDATE action SET prev = '' WHERE"
	    " station = 's-1' AND number = 2", "s-1", "does not follow" },
	{ "an action's digest", "UPDATE action SET digest = prev WHERE"
	    " station = 's-1' AND number = 2", "s-1", "does not follow" },
	{ "an action's number", "UPDATE action SET number = 9 WHERE"
	    " station = 's-1' AND number = 3", "s-1", "does not follow" },
	{ "an action's station", "UPDATE action SET station = 's-9' WHERE"
	    " station = 's-2'", "s-9", "the station is not there" },
	{ "an action removed", "DELETE FROM action WHERE station = 's-1'"
	    " AND number = 2", "s-1", "does not follow" },
	{ "the first action removed", "DELETE FROM action WHERE"
	    " station = 's-1' AND number = 1", "s-1", "does not follow" },
	{ "the last action removed", "DELETE FROM action WHERE"
	    " station = 's-1' AND number = 3", "s-1", "has counted other" },
	{ "an action added", "INSERT INTO action SELECT station, 4, time,"
	    " operator, word, subject, detail, prev, digest FROM action"
	    " WHERE station = 's-1' AND number = 3", "s-1",
	    "does not follow" },
	{ "a station's count of actions", "UPDATE station SET actions = 2"
	    " WHERE name = 's-1'", "s-1", "has counted other" },
};

struct search {
	const struct tamper *tamper;
	bool found;
	struct ss_bytes all;
};

static void
look_for(const char *subject, const char *what, void *ctx)
{
	struct search *s = ctx;

	ss_bytes_addf(&s->all, "# %s: %s\n", subject, what);
	s->found |= strcmp(subject, s->tamper->subject) == 0 &&
	    strstr(what, s->tamper->fault) != NULL;
}

/* A copy of the register, changed. */
static void
test_tamper(const char *original, const struct tamper *t)
{
	struct search s = { .tamper = t };
	struct ss_audit a = { 0 };
	struct ss_registry *reg;
	char sql[128], *path = name + strlen("sqlite:");

	snprintf(name, sizeof(name), "%s", original);
	snprintf(sql, sizeof(sql), "VACUUM INTO '%s/bad.db'", folder);
	if (execute(sql) != SQLITE_OK)
		printf("# no copy\n");
	snprintf(name, sizeof(name), "sqlite:%s/bad.db", folder);
	if (execute(t->sql) != SQLITE_OK)
		printf("# nothing is changed by %s\n", t->sql);
	reg = open_as("s-1");
	ss_bytes_adds(&s.all, "");
	if (!ok(ss_audit_run(reg, &a, look_for, &s) == 0 && a.faults > 0 &&
	    s.found, "the audit finds %s", t->what))
		printf("%s", s.all.len > 0 ? s.all.data : "");
	ss_bytes_free(&s.all);
	ss_registry_close(reg);
	unlink(path);
}

static int
keep(const struct ss_bytes *line, void *ctx)
{
	ss_bytes_add(ctx, line->data, line->len);
	ss_bytes_addc(ctx, '\n');
	return ss_bytes_check(ctx);
}

/* Lines of a text, as an import reads them. */
struct text_lines {
	char *rest;
	uint64_t number;
};

static int
next_line(void *ctx, bool wait, struct ss_line *line, enum ss_next *what)
{
	struct text_lines *t = ctx;

	(void)wait;
	*what = *t->rest == '\0' ? SS_NO_MORE : SS_LINE;
	if (*what == SS_NO_MORE)
		return 0;
	*line = (struct ss_line){ .data = t->rest,
		.len = strcspn(t->rest, "\n"), .number = ++t->number };
	line->full_len = line->len;
	t->rest += line->len;
	if (*t->rest != '\0')
		*t->rest++ = '\0';
	return 0;
}

static int
import(struct ss_registry *reg, const char *text)
{
	char *copy = strdup(text);
	struct text_lines t = { copy, 0 };
	struct ss_source source = { .next = next_line, .ctx = &t };
	int r = ss_import(reg, &source, true);

	free(copy);
	return r;
}

static void
test_export(struct ss_registry *reg)
{
	struct ss_bytes text = { 0 }, again = { 0 };
	struct ss_registry *other;
	struct ss_entry a, b;
	int n = -1;

	ok(ss_export(reg, keep, &text) == 0 && text.len > 5000, "exported");
	snprintf(name, sizeof(name), "sqlite:%s/other.db", folder);
	other = open_as("s-1");
	ok(import(other, text.data) == 0 &&
	    ss_export(other, keep, &again) == 0, "and put back");
	is(again.data, text.data, "is the same");
	audit(other, "after an import");
	a = load(reg, "F");
	b = load(other, "F");
	ok(a.claim[0] != '\0' && strcmp(a.claim, b.claim) == 0 &&
	    strcmp(a.claimant, b.claimant) == 0, "with its claims");
	ok(ss_tries_load(other, "A-1", "pin", &n) == 0 && n == 2,
	    "and tries");
	ok(take(other, "B", SS_FINISH, (struct facts){ .epoch = 1 }) == 0 &&
	    bind_card(other, "C", "C-1") == SS_EEXISTS &&
	    bind_card(other, "C", "C-2") == 0 &&
	    take(other, "D", SS_DESTROY, SAME) == 0, "and it goes on");
	audit(other, "then");
	ok(import(other, text.data) == SS_EEXISTS, "a second time: refused");
	ss_registry_close(other);
	ss_bytes_free(&text);
	ss_bytes_free(&again);
}

/* Lines of tables that are not as they should be. */
static void
test_bad_rows(void)
{
	static const struct {
		const char *line;
		int code;
	} rows[] = {
		{ "{\"table\":\"application\",\"id\":\"A\"}", SS_EINVALID },
		{ "{\"table\":\"nonsense\"}", SS_EINVALID },
		{ "{\"table\":\"station\",\"name\":\"x\",\"events\":1}",
		    SS_EINVALID },
		{ "{\"table\":\"station\",\"name\":\"x\",\"events\":\"1\","
		    "\"actions\":0}", SS_EINVALID },
		{ "{\"table\":\"number_span\",\"span\":1,\"next\":1}",
		    SS_EINVALID },
		{ "{\"table\":\"number_span\",\"span\":\"x\",\"next\":null}",
		    SS_EINVALID },
		{ "{\"table\":\"number_span\",\"span\":\"x\",\"next\":1}\n"
		    "{\"table\":\"number_span\",\"span\":\"x\",\"next\":2}",
		    SS_EEXISTS },
		{ "{\"table\":\"card\",\"chip\":\"x\",\"number\":\"n\","
		    "\"id\":\"A\",\"stock\":\"good\",\"station\":\"s\","
		    "\"changed\":\"\"}", SS_EREGISTRY },
	};
	struct ss_registry *reg;
	struct ss_bytes text = { 0 };
	size_t i;
	int r;

	snprintf(name, sizeof(name), "sqlite:%s/rows.db", folder);
	reg = open_as("s-1");
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		r = import(reg, rows[i].line);
		ok(r == rows[i].code && strncmp(ss_message(), "line ", 5) == 0,
		    "refused: row %zu", i);
	}
	ok(ss_export(reg, keep, &text) == 0 && text.len == 0,
	    "nothing of it is stored");
	ss_bytes_free(&text);
	ss_registry_close(reg);
}

int
main(void)
{
	size_t i, n = sizeof(tampers) / sizeof(tampers[0]);
	struct ss_registry *one, *two;
	char original[sizeof(name)];

	if (!begin_tests())
		return 1;
	snprintf(name, sizeof(name), "sqlite:%s/cards.db", folder);
	one = open_as("s-1");
	two = open_as("s-2");
	ok(fill(one, two) == 0, "cards, jobs and actions");
	audit(one, "as it was filled");
	test_export(one);
	ss_registry_close(two);
	snprintf(original, sizeof(original), "sqlite:%s/cards.db", folder);
	/* A few of them where all is slow. */
	for (i = 0; i < n; i += getenv("SS_SLOW") != NULL ? 9 : 1)
		test_tamper(original, &tampers[i]);
	snprintf(name, sizeof(name), "%s", original);
	ok(execute("UPDATE application SET claim = '', claimant = ''") ==
	    SQLITE_OK, "claims are in no chain");
	audit(one, "without them");
	ss_registry_close(one);
	test_bad_rows();
	return end_tests();
}
