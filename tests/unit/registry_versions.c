/*
 * A register of the first version is opened: it becomes one of the present
 * version, nothing of it is lost, and it goes on; also where several processes
 * open it at once.
 */
#include <sqlite3.h>

#include <sys/wait.h>

#include "../books.h"

/* The first version, as it was made. */
static const char first_schema[] =
    "CREATE TABLE application (id TEXT PRIMARY KEY, person TEXT NOT NULL,"
    " region TEXT NOT NULL, state TEXT NOT NULL CHECK (state IN ('applied',"
    " 'pending', 'approved', 'returned', 'rejected', 'making', 'made',"
    " 'collected', 'active', 'cancelled')), revision INTEGER NOT NULL,"
    " record TEXT NOT NULL, record_sm3 TEXT NOT NULL, form_sm3 TEXT NOT NULL,"
    " events INTEGER NOT NULL, head TEXT NOT NULL, changed TEXT NOT NULL);"
    "CREATE UNIQUE INDEX application_open ON application (person) WHERE state"
    " IN ('applied', 'pending', 'approved', 'returned', 'making', 'made',"
    " 'collected');"
    "CREATE INDEX application_state ON application (state, region);"
    "CREATE TABLE event (id TEXT NOT NULL, number INTEGER NOT NULL,"
    " step TEXT NOT NULL, state TEXT NOT NULL, time TEXT NOT NULL,"
    " operator TEXT NOT NULL, station TEXT NOT NULL,"
    " station_number INTEGER NOT NULL, record_sm3 TEXT NOT NULL,"
    " prev TEXT NOT NULL, digest TEXT NOT NULL, PRIMARY KEY (id, number))"
    " WITHOUT ROWID;"
    "CREATE UNIQUE INDEX event_station ON event (station, station_number);"
    "CREATE TABLE station (name TEXT PRIMARY KEY, events INTEGER NOT NULL)"
    " WITHOUT ROWID;"
    "PRAGMA journal_mode = WAL;"
    "PRAGMA application_id = 1936941924;"
    "PRAGMA user_version = 1";

static const char columns[] = "SELECT id || person || region || state ||"
    " revision || record || record_sm3 || form_sm3 || events || head ||"
    " changed FROM application ORDER BY id";
static const char event_columns[] = "SELECT id || number || step || state ||"
    " time || operator || station || station_number || record_sm3 || prev ||"
    " digest FROM event ORDER BY id, number";

static const struct {
	const char *id, *person, *kind, *steps;
} applications[] = {
	{ "A", "p1", "new", "apply hold approve" },
	{ "B", "p2", "new", "apply" },
	{ "C", "p3", "new", "apply return mend" },
	{ "D", "p4", "new", "apply reject" },
	{ "E", "p4", "new", "apply approve" },
};

static int numbers[2];		/* of the stations d1 and d2 */

static int
execute(sqlite3 *db, const char *sql)
{
	char *error = NULL;
	int r = sqlite3_exec(db, sql, NULL, NULL, &error);

	if (error != NULL)
		printf("# %s\n", error);
	sqlite3_free(error);
	return r;
}

static sqlite3 *
open_file(void)
{
	sqlite3 *db;

	sqlite3_open(name + strlen("sqlite:"), &db);
	return db;
}

static int
add_row(void *ctx, int n, char **cells, char **titles)
{
	(void)titles;
	for (; n > 0; n--, cells++)
		ss_bytes_addf(ctx, "%s ", *cells != NULL ? *cells : "NULL");
	ss_bytes_addc(ctx, '\n');
	return 0;
}

/* What a query gives, as text. */
static struct ss_bytes
dump(const char *sql)
{
	struct ss_bytes b = { 0 };
	sqlite3 *db = open_file();

	ss_bytes_adds(&b, "");
	if (sqlite3_exec(db, sql, add_row, &b, NULL) != SQLITE_OK)
		printf("# %s\n", sqlite3_errmsg(db));
	sqlite3_close(db);
	return b;
}

static void
dumps(const char *sql, const char *want, const char *what)
{
	struct ss_bytes b = dump(sql);

	is(b.data != NULL ? b.data : "", want, what);
	ss_bytes_free(&b);
}

/* The event as the first version chained it: ten lines. */
static void
put_event(sqlite3 *db, struct ss_entry *e, const char *step)
{
	struct ss_bytes b = { 0 };
	char prev[SS_SM3_HEX];
	const char *state = ss_state_word(e->at.state);
	int station = strcmp(step, "apply") != 0 && strcmp(step, "mend") != 0;
	int number = ++numbers[station];

	memcpy(prev, e->head, sizeof(prev));
	ss_bytes_addf(&b, "%s\n%d\n%s\n%s\n%s\n%s\nd%d\n%d\n%s\n%s\n", e->id,
	    (int)e->events, step, state, e->changed, "wang", station + 1,
	    number, e->record_sm3, prev);
	ss_sm3_hex(sm3, b.data, b.len, e->head);
	ss_bytes_reset(&b);
	ss_bytes_addf(&b, "INSERT INTO event VALUES ('%s', %d, '%s', '%s',"
	    " '%s', 'wang', 'd%d', %d, '%s', '%s', '%s')", e->id,
	    (int)e->events, step, state, e->changed, station + 1, number,
	    e->record_sm3, prev, e->head);
	execute(db, b.data);
	ss_bytes_free(&b);
}

static void
put_application(sqlite3 *db, size_t i)
{
	struct brought b = { .record = { 0 } };
	struct ss_entry e = { .events = 0 };
	struct ss_bytes sql = { 0 };
	char steps[32], *step, *rest = steps;

	snprintf(e.id, sizeof(e.id), "%s", applications[i].id);
	snprintf(steps, sizeof(steps), "%s", applications[i].steps);
	while ((step = strsep(&rest, " ")) != NULL) {
		b.entry = e;
		bring(&b, ss_step_find(step), (struct facts){
		    .person = applications[i].person,
		    .kind = applications[i].kind });
		e = b.change.after;
		ss_life_step(ss_step_find(step), &e.at);
		ss_instant_format(now += 60000, e.changed);
		e.events++;
		put_event(db, &e, step);
	}
	ss_bytes_addf(&sql, "INSERT INTO application VALUES ('%s', '%s',"
	    " '%s', '%s', %d, '%s', '%s', '%s', %d, '%s', '%s')", e.id,
	    e.person, e.region, ss_state_word(e.at.state), (int)e.revision,
	    b.record.data, e.record_sm3, e.form_sm3, (int)e.events, e.head,
	    e.changed);
	execute(db, sql.data);
	ss_bytes_free(&sql);
	ss_bytes_free(&b.record);
}

static void
make_first(const char *file)
{
	sqlite3 *db;
	char sql[96];
	size_t i;

	snprintf(name, sizeof(name), "sqlite:%s/%s", folder, file);
	db = open_file();
	execute(db, first_schema);
	numbers[0] = numbers[1] = 0;
	for (i = 0; i < sizeof(applications) / sizeof(applications[0]); i++)
		put_application(db, i);
	snprintf(sql, sizeof(sql), "INSERT INTO station VALUES ('d1', %d),"
	    " ('d2', %d)", numbers[0], numbers[1]);
	execute(db, sql);
	sqlite3_close(db);
}

/* Tables, columns and indexes: those of a register that was made so. */
static void
test_same_schema(void)
{
	static const char *const queries[] = {
		"SELECT type, name, tbl_name FROM sqlite_schema"
		    " ORDER BY type, name",
		"SELECT t.name, c.name, c.\"notnull\", c.dflt_value, c.pk,"
		    " replace(c.type, 'BIGINT', 'INTEGER') FROM"
		    " sqlite_schema t, pragma_table_info(t.name) c WHERE"
		    " t.type = 'table' ORDER BY t.name, c.name",
		"SELECT name, sql FROM sqlite_schema WHERE type = 'index'"
		    " ORDER BY name",
		"PRAGMA application_id", "PRAGMA user_version",
		"PRAGMA journal_mode",
	};
	struct ss_bytes made[6];
	char migrated[sizeof(name)];
	size_t i;

	memcpy(migrated, name, sizeof(name));
	snprintf(name, sizeof(name), "sqlite:%s/new.db", folder);
	ss_registry_close(open_as("s"));
	for (i = 0; i < 6; i++)
		made[i] = dump(queries[i]);
	memcpy(name, migrated, sizeof(name));
	ok(made[1].len > 500, "the schema is seen");
	for (i = 0; i < 6; i++) {
		dumps(queries[i], made[i].data, queries[i]);
		ss_bytes_free(&made[i]);
	}
}

static void
test_migration(void)
{
	static const struct ss_card_numbers range = { .name =
		"V:0000000-9999999", .count = 10000000, .base = 10,
		.prefix = "V" };
	struct ss_bytes rows, events;
	struct ss_registry *reg;
	struct ss_entry e;
	sqlite3 *db;
	bool made = true;

	make_first("first.db");
	rows = dump(columns);
	events = dump(event_columns);
	ok(rows.len > 1000 && events.len > 2000, "a register of version 1");
	ok(ss_registry_open(&reg, name, "d1", NULL) == 0 && reg != NULL,
	    "opened to look at it");
	dumps("PRAGMA user_version", "2 \n", "it is of version 2");
	dumps(columns, rows.data, "its applications are what they were");
	dumps(event_columns, events.data, "so are its events");
	dumps("SELECT name, events, actions FROM station ORDER BY name",
	    "d1 6 0 \nd2 5 0 \n", "and its stations");
	dumps("SELECT id, kind, status, number, chip, until, claim, claimant"
	    " FROM application ORDER BY id", "A new none      \n"
	    "B new none      \nC new none      \nD new none      \n"
	    "E new none      \n", "none replaces a card of this register");
	dumps("SELECT DISTINCT status FROM event", "none \n",
	    "no event is of a card");
	audit(reg, "after it");
	test_same_schema();
	ok(approve(reg, "F", (struct facts){ .person = "p2" }) == SS_EEXISTS,
	    "an open application is one still");
	ok(activate(reg, "A", "V-1", &range) == 0 &&
	    take(reg, "C", SS_APPROVE, (struct facts){ 0 }) == 0 &&
	    approve(reg, "G", (struct facts){ .person = "p7" }) == 0,
	    "it goes on, up to a card");
	e = load(reg, "A");
	ok(e.events == 7 && e.at.status == SS_NORMAL, "by its chain");
	audit(reg, "when it has gone on");
	ss_registry_close(reg);
	ok(ss_registry_open(&reg, name, "d1", &made) == 0 && !made &&
	    load(reg, "A").events == 7, "opened again");
	ss_registry_close(reg);
	db = open_file();
	ok(sqlite3_exec(db, "UPDATE application SET status = 'good'", NULL,
	    NULL, NULL) == SQLITE_CONSTRAINT, "no other status than the six");
	sqlite3_close(db);
	ss_bytes_free(&rows);
	ss_bytes_free(&events);
}

/* One that cannot be renewed is left as it was. */
static void
test_failure(void)
{
	struct ss_registry *reg;
	sqlite3 *db;

	make_first("broken.db");
	db = open_file();
	execute(db, "CREATE TABLE tries (a)");
	sqlite3_close(db);
	ok(ss_registry_open(&reg, name, "d1", NULL) == SS_EREGISTRY &&
	    reg == NULL && strstr(ss_message(), "tries") != NULL,
	    "one that has a table of its own is refused");
	dumps("SELECT count(*) FROM pragma_table_info('application')",
	    "11 \n", "and is of version 1 still");
	dumps("PRAGMA user_version", "1 \n", "and says so");
}

/* A process that opens it and takes a step there. */
static int
join(int i)
{
	char id[16], person[16], station[16];
	struct ss_registry *reg;

	snprintf(id, sizeof(id), "P%d", i);
	snprintf(person, sizeof(person), "q%d", i);
	snprintf(station, sizeof(station), "s%d", i);
	if ((reg = open_as(station)) == NULL ||
	    load(reg, "A").events != 3 ||
	    take(reg, id, SS_APPLY, (struct facts){ .person = person }) != 0)
		return 1;
	ss_registry_close(reg);
	return 0;
}

static void
test_crowd(void)
{
	enum { CROWD = 8 };
	struct ss_registry *reg;
	int i, status, bad = 0;
	pid_t pids[CROWD];

	make_first("crowd.db");
	fflush(stdout);
	for (i = 0; i < CROWD; i++)
		if ((pids[i] = fork()) == 0) {
			bad = join(i);
			fflush(stdout);
			_exit(bad);
		}
	for (i = 0; i < CROWD; i++)
		bad += waitpid(pids[i], &status, 0) != pids[i] || status != 0;
	ok(bad == 0, "%d open it at once: none fails", CROWD);
	dumps("SELECT count(*), sum(events) FROM application", "13 19 \n",
	    "each has taken its step");
	reg = open_as("d1");
	audit(reg, "after the crowd");
	ss_registry_close(reg);
}

int
main(void)
{
	if (!begin_tests())
		return 1;
	test_migration();
	test_failure();
	test_crowd();
	return end_tests();
}
