/* The register in SQLite: one file, WAL, every commit on the disk. */
#include <sqlite3.h>

#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "books/registry_ops.h"
#include "books/registry_sqlite.h"

enum query {
	Q_BEGIN, Q_LOOK, Q_COMMIT, Q_LOAD, Q_LOAD_OPEN, Q_RECORD, Q_HAD,
	Q_INSERT, Q_UPDATE, Q_ADD_EVENT, Q_GET_STATION, Q_SET_STATION,
	QUERIES,
};

struct db {
	sqlite3 *handle;
	sqlite3_stmt *queries[QUERIES];
};

#define ENTRY "id, person, region, state, revision, record_sm3, form_sm3, " \
    "events, head, changed"
#define EVENT "id, number, step, state, time, operator, station, " \
    "station_number, record_sm3, prev, digest"

static const char *const texts[QUERIES] = {
	[Q_BEGIN] = "BEGIN IMMEDIATE",
	[Q_COMMIT] = "COMMIT",
	[Q_LOOK] = "BEGIN",
	[Q_LOAD] = "SELECT " ENTRY " FROM application WHERE id = ?1",
	[Q_LOAD_OPEN] = "SELECT " ENTRY " FROM application WHERE person = ?1"
	    " AND state IN ('applied', 'pending', 'approved', 'returned',"
	    " 'making', 'made', 'collected')",
	[Q_RECORD] = "SELECT record FROM application WHERE id = ?1",
	[Q_HAD] = "SELECT 1 FROM event WHERE id = ?1 AND record_sm3 = ?2",
	[Q_INSERT] = "INSERT INTO application (" ENTRY ", record) VALUES"
	    " (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)"
	    " ON CONFLICT DO NOTHING",
	[Q_UPDATE] = "UPDATE OR IGNORE application SET person = ?2,"
	    " region = ?3, state = ?4, revision = ?5, record_sm3 = ?6,"
	    " form_sm3 = ?7,"
	    " events = ?8, head = ?9, changed = ?10, record = ?11"
	    " WHERE id = ?1 AND events = ?12",
	[Q_ADD_EVENT] = "INSERT INTO event (" EVENT ") VALUES"
	    " (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)",
	[Q_GET_STATION] = "SELECT events FROM station WHERE name = ?1",
	[Q_SET_STATION] = "REPLACE INTO station (name, events) VALUES (?1, ?2)",
};

/* The one place where SQLite's errors become ours. */
static int
sql_fail(const struct db *db, const char *what)
{
	return ss_sqlite_fail(db->handle, what);
}

/* A query, prepared at its first use and reset since. */
static sqlite3_stmt *
query(struct db *db, enum query q)
{
	if (db->queries[q] == NULL)
		sqlite3_prepare_v3(db->handle, texts[q], -1,
		    SQLITE_PREPARE_PERSISTENT, &db->queries[q], NULL);
	return db->queries[q];
}

static void
bind_text(sqlite3_stmt *s, int i, const char *text)
{
	sqlite3_bind_text(s, i, text, -1, SQLITE_STATIC);
}

/* Runs a query to its first row or its end; *row says which. */
static int
run(struct db *db, enum query q, bool *row)
{
	sqlite3_stmt *s = query(db, q);
	int r;

	*row = false;
	if (s == NULL)
		return sql_fail(db, "the register");
	r = sqlite3_step(s);
	*row = r == SQLITE_ROW;
	if (r == SQLITE_ROW || r == SQLITE_DONE)
		return 0;
	r = sql_fail(db, "the register");
	sqlite3_reset(s);
	return r;
}

static int
run_simply(struct db *db, enum query q)
{
	bool row;
	int r = run(db, q, &row);

	if (r == 0)
		sqlite3_reset(query(db, q));
	return r;
}

static void
copy(char *to, size_t size, sqlite3_stmt *s, int column)
{
	const char *text = (const char *)sqlite3_column_text(s, column);

	strncpy(to, text != NULL ? text : "", size - 1);
	to[size - 1] = '\0';
}

static int
read_entry(sqlite3_stmt *s, struct ss_entry *e)
{
	char state[16];

	copy(e->id, sizeof(e->id), s, 0);
	copy(e->person, sizeof(e->person), s, 1);
	copy(e->region, sizeof(e->region), s, 2);
	copy(state, sizeof(state), s, 3);
	e->revision = sqlite3_column_int64(s, 4);
	copy(e->record_sm3, sizeof(e->record_sm3), s, 5);
	copy(e->form_sm3, sizeof(e->form_sm3), s, 6);
	e->events = sqlite3_column_int64(s, 7);
	copy(e->head, sizeof(e->head), s, 8);
	copy(e->changed, sizeof(e->changed), s, 9);
	if ((e->state = ss_state_find(state)) == SS_STATES)
		return ss_fail(SS_EREGISTRY, "the register: application %s "
		    "has an unknown state", e->id);
	return 0;
}

static void
close_db(void *p)
{
	struct db *db = p;
	int i;

	for (i = 0; i < QUERIES; i++)
		sqlite3_finalize(db->queries[i]);
	sqlite3_close(db->handle);
	free(db);
}

static int
open_db(void **out, const char *path, bool *made)
{
	struct db *db;
	int r;

	*out = NULL;
	if ((db = calloc(1, sizeof(*db))) == NULL)
		return ss_fail(SS_EMEMORY, "out of memory");
	if ((r = ss_sqlite_open(&db->handle, path, made)) != 0) {
		close_db(db);
		return r;
	}
	*out = db;
	return 0;
}

static int
look(void *db)
{
	return run_simply(db, Q_LOOK);
}

static int
begin(void *db)
{
	return run_simply(db, Q_BEGIN);
}

static int
commit(void *db)
{
	return run_simply(db, Q_COMMIT);
}

/* Keeps the sentence of what made it necessary. */
static void
rollback(void *p)
{
	struct db *db = p;

	if (!sqlite3_get_autocommit(db->handle))
		sqlite3_exec(db->handle, "ROLLBACK", NULL, NULL, NULL);
}

static int
load_by(struct db *db, enum query q, const char *key, struct ss_entry *e)
{
	sqlite3_stmt *s = query(db, q);
	bool row;
	int r;

	e->state = SS_STATE_NONE;
	e->events = 0;
	e->head[0] = '\0';
	if (s == NULL)
		return sql_fail(db, "the register");
	bind_text(s, 1, key);
	if ((r = run(db, q, &row)) == 0 && row)
		r = read_entry(s, e);
	sqlite3_reset(s);
	return r;
}

static int
load(void *db, struct ss_entry *e)
{
	char id[SS_ID_SIZE];

	memcpy(id, e->id, sizeof(id));
	return load_by(db, Q_LOAD, id, e);
}

static int
load_open(void *db, struct ss_entry *e)
{
	char person[SS_PERSON_SIZE];

	memcpy(person, e->person, sizeof(person));
	return load_by(db, Q_LOAD_OPEN, person, e);
}

static int
get_record(void *p, const char *id, struct ss_bytes *out)
{
	struct db *db = p;
	sqlite3_stmt *s = query(db, Q_RECORD);
	bool row;
	int r;

	if (s == NULL)
		return sql_fail(db, "the register");
	bind_text(s, 1, id);
	if ((r = run(db, Q_RECORD, &row)) == 0 && !row)
		r = ss_fail(SS_EMISSING, "application %s is not in the "
		    "register", id);
	else if (r == 0)
		ss_bytes_add(out, sqlite3_column_text(s, 0),
		    (size_t)sqlite3_column_bytes(s, 0));
	sqlite3_reset(s);
	return r != 0 ? r : ss_bytes_check(out);
}

static int
had(void *p, const char *id, const char *sm3, bool *out)
{
	struct db *db = p;
	sqlite3_stmt *s = query(db, Q_HAD);
	int r;

	if (s == NULL)
		return sql_fail(db, "the register");
	bind_text(s, 1, id);
	bind_text(s, 2, sm3);
	r = run(db, Q_HAD, out);
	sqlite3_reset(s);
	return r;
}

/* Writes an application's row; *done: whether there was one to write. */
static int
write_entry(struct db *db, enum query q, const struct ss_entry *e,
    const struct ss_bytes *record, bool *done)
{
	sqlite3_stmt *s = query(db, q);
	int r;

	*done = false;
	if (s == NULL)
		return sql_fail(db, "the register");
	bind_text(s, 1, e->id);
	bind_text(s, 2, e->person);
	bind_text(s, 3, e->region);
	bind_text(s, 4, ss_state_word(e->state));
	sqlite3_bind_int64(s, 5, e->revision);
	bind_text(s, 6, e->record_sm3);
	bind_text(s, 7, e->form_sm3);
	sqlite3_bind_int64(s, 8, e->events);
	bind_text(s, 9, e->head);
	bind_text(s, 10, e->changed);
	sqlite3_bind_text(s, 11, record->data, (int)record->len,
	    SQLITE_STATIC);
	if ((r = run_simply(db, q)) == 0)
		*done = sqlite3_changes(db->handle) > 0;
	return r;
}

static int
insert(void *db, const struct ss_entry *e, const struct ss_bytes *record,
    bool *done)
{
	return write_entry(db, Q_INSERT, e, record, done);
}

static int
update(void *p, const struct ss_entry *e, const struct ss_bytes *record,
    int64_t events, bool *done)
{
	struct db *db = p;
	sqlite3_stmt *s = query(db, Q_UPDATE);

	if (s == NULL)
		return sql_fail(db, "the register");
	sqlite3_bind_int64(s, 12, events);
	return write_entry(db, Q_UPDATE, e, record, done);
}

static int
add_event(void *p, const struct ss_event *e)
{
	struct db *db = p;
	sqlite3_stmt *s = query(db, Q_ADD_EVENT);

	if (s == NULL)
		return sql_fail(db, "the register");
	bind_text(s, 1, e->id);
	sqlite3_bind_int64(s, 2, e->number);
	bind_text(s, 3, e->step);
	bind_text(s, 4, e->state);
	bind_text(s, 5, e->time);
	bind_text(s, 6, e->operator);
	bind_text(s, 7, e->station);
	sqlite3_bind_int64(s, 8, e->station_number);
	bind_text(s, 9, e->record_sm3);
	bind_text(s, 10, e->prev);
	bind_text(s, 11, e->digest);
	return run_simply(db, Q_ADD_EVENT);
}

static int
get_station(void *p, const char *name, int64_t *events)
{
	struct db *db = p;
	sqlite3_stmt *s = query(db, Q_GET_STATION);
	bool row;
	int r;

	*events = 0;
	if (s == NULL)
		return sql_fail(db, "the register");
	bind_text(s, 1, name);
	if ((r = run(db, Q_GET_STATION, &row)) == 0 && row)
		*events = sqlite3_column_int64(s, 0);
	sqlite3_reset(s);
	return r;
}

static int
set_station(void *p, const char *name, int64_t events)
{
	struct db *db = p;
	sqlite3_stmt *s = query(db, Q_SET_STATION);

	if (s == NULL)
		return sql_fail(db, "the register");
	bind_text(s, 1, name);
	sqlite3_bind_int64(s, 2, events);
	return run_simply(db, Q_SET_STATION);
}

/* A condition of the list: NULL asks for nothing. */
static const char list[] = "SELECT " ENTRY ", record FROM application WHERE"
    " (?1 IS NULL OR state = ?1) AND"
    " (?2 IS NULL OR substr(region, 1, length(?2)) = ?2) AND"
    " (?3 IS NULL OR person = ?3) AND (?4 IS NULL OR id = ?4) AND"
    " (?5 IS NULL OR changed >= ?5) AND (?6 IS NULL OR changed < ?6)"
    " ORDER BY id";

static int
each_entry(void *p, const struct ss_filter *f,
    int (*each)(const struct ss_entry *, const char *record, void *ctx),
    void *ctx)
{
	const char *const values[] = { f->state, f->region, f->person, f->id,
		f->since, f->until };
	struct db *db = p;
	struct ss_entry e;
	sqlite3_stmt *s;
	int i, step = SQLITE_DONE, r = 0;

	if (sqlite3_prepare_v2(db->handle, list, -1, &s, NULL) != SQLITE_OK)
		return sql_fail(db, "the register");
	for (i = 0; i < 6; i++)
		bind_text(s, i + 1, values[i]);
	while (r == 0 && (step = sqlite3_step(s)) == SQLITE_ROW)
		if ((r = read_entry(s, &e)) == 0)
			r = each(&e, (const char *)sqlite3_column_text(s, 10),
			    ctx);
	if (r == 0 && step != SQLITE_DONE)
		r = sql_fail(db, "the register");
	sqlite3_finalize(s);
	return r;
}

static const char *
column(sqlite3_stmt *s, int i)
{
	const char *text = (const char *)sqlite3_column_text(s, i);

	return text != NULL ? text : "";
}

static int
each_event(void *p, const char *id,
    int (*each)(const struct ss_event *, void *ctx), void *ctx)
{
	struct db *db = p;
	sqlite3_stmt *s;
	struct ss_event e;
	int step = SQLITE_DONE, r = 0;

	if (sqlite3_prepare_v2(db->handle, id != NULL ?
	    "SELECT " EVENT " FROM event WHERE id = ?1 ORDER BY number" :
	    "SELECT " EVENT " FROM event ORDER BY station, station_number",
	    -1, &s, NULL) != SQLITE_OK)
		return sql_fail(db, "the register");
	if (id != NULL)
		bind_text(s, 1, id);
	while (r == 0 && (step = sqlite3_step(s)) == SQLITE_ROW) {
		e = (struct ss_event){ column(s, 0),
			sqlite3_column_int64(s, 1), column(s, 2),
			column(s, 3), column(s, 4), column(s, 5),
			column(s, 6), sqlite3_column_int64(s, 7),
			column(s, 8), column(s, 9), column(s, 10) };
		r = each(&e, ctx);
	}
	if (r == 0 && step != SQLITE_DONE)
		r = sql_fail(db, "the register");
	sqlite3_finalize(s);
	return r;
}

static int
each_station(void *p, int (*each)(const char *, int64_t, void *ctx),
    void *ctx)
{
	struct db *db = p;
	sqlite3_stmt *s;
	int step = SQLITE_DONE, r = 0;

	if (sqlite3_prepare_v2(db->handle, "SELECT name, events FROM station"
	    " ORDER BY name", -1, &s, NULL) != SQLITE_OK)
		return sql_fail(db, "the register");
	while (r == 0 && (step = sqlite3_step(s)) == SQLITE_ROW)
		r = each(column(s, 0), sqlite3_column_int64(s, 1), ctx);
	if (r == 0 && step != SQLITE_DONE)
		r = sql_fail(db, "the register");
	sqlite3_finalize(s);
	return r;
}

const struct ss_registry_ops ss_registry_sqlite = { "sqlite:", open_db,
	close_db, begin, look, commit, rollback, load, load_open, get_record,
	had, insert, update, add_event, get_station, set_station, each_entry,
	each_event, each_station };
