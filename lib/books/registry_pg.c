/*
 * The register in PostgreSQL, and in what speaks its language: transactions,
 * and the tables at first use.
 */
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "base/err.h"
#include "books/registry_pg.h"

#define ROUNDS 20	/* in which another may make the tables instead */
#define NO_TABLE "42P01"
#define TABLE_THERE "42P07"

struct db {
	struct ss_pg *pg;
	bool within;		/* a transaction */
};

static int
run_text(struct ss_pg *pg, const char *text, ss_row_fn *row, void *ctx)
{
	struct ss_statement st = { .query = SS_Q_TEXT, .text = text };

	return ss_pg_run(pg, &st, row, ctx, NULL);
}

static int
take_number(const struct ss_cell *cells, void *ctx)
{
	*(int64_t *)ctx = strtoll(cells[0].text, NULL, 10);
	return 0;
}

/* The version of the tables; -1: there are none. */
static int
find_version(struct ss_pg *pg, int64_t *version)
{
	int r;

	*version = 0;
	r = run_text(pg, "SELECT version FROM sscard_schema", take_number,
	    version);
	if (r == 0 || strcmp(ss_pg_state(pg), NO_TABLE) != 0)
		return r;
	*version = -1;
	return 0;
}

/*
 * Text is in the order of its bytes. Said of the columns only where it is not
 * so by itself: some servers know no other order and no name for it.
 */
static int
write_part(const char *text, bool by_bytes, struct ss_bytes *out)
{
	ss_bytes_reset(out);
	for (; *text != '\0'; text++) {
		ss_bytes_addc(out, *text);
		if (!by_bytes && strncmp(text, " TEXT", 5) == 0) {
			ss_bytes_adds(out, "TEXT COLLATE \"C\"");
			text += 4;
		}
	}
	return ss_bytes_check(out);
}

/*
 * The version's table comes first, so that another who does the same waits
 * there; its row last.
 */
static int
run_parts(struct ss_pg *pg)
{
	const struct ss_sql_part *part;
	struct ss_bytes b = { 0 };
	int64_t by_bytes = 0;
	int r;

	if ((r = run_text(pg, "SELECT 1 WHERE 'B' < 'a'", take_number,
	    &by_bytes)) == 0)
		r = ss_pg_command(pg, "CREATE TABLE sscard_schema"
		    " (version BIGINT PRIMARY KEY)");
	for (part = ss_sql_schema; r == 0 && part->text != NULL; part++)
		if ((r = write_part(part->text, by_bytes == 1, &b)) == 0)
			r = run_text(pg, b.data, NULL, NULL);
	ss_bytes_reset(&b);
	ss_bytes_addf(&b, "INSERT INTO sscard_schema (version) VALUES (%d)",
	    SS_SCHEMA_VERSION);
	if (r == 0 && (r = ss_bytes_check(&b)) == 0)
		r = run_text(pg, b.data, NULL, NULL);
	ss_bytes_free(&b);
	return r;
}

static int
make_tables(struct ss_pg *pg)
{
	int r;

	if ((r = ss_pg_command(pg, "BEGIN")) == 0 && (r = run_parts(pg)) == 0)
		r = ss_pg_command(pg, "COMMIT");
	if (r != 0)
		ss_pg_undo(pg);
	return r;
}

static int
check_version(const struct ss_pg *pg, int64_t version)
{
	const char *name = ss_pg_database(pg);

	if (version > SS_SCHEMA_VERSION)
		return ss_fail(SS_EREGISTRY, "database %s: of schema %lld, "
		    "made by a newer sscard; this one knows %d", name,
		    (long long)version, SS_SCHEMA_VERSION);
	if (version < SS_SCHEMA_VERSION)
		return ss_fail(SS_EREGISTRY, "database %s: of schema %lld, "
		    "which this sscard does not renew; export it with the one "
		    "that made it, and import that into a new database", name,
		    (long long)version);
	return 0;
}

/* Finds the tables or makes them; others may be about to do so as well. */
static int
find_tables(struct ss_pg *pg, bool *made)
{
	bool taken = false;
	int64_t version;
	int i, r = SS_AGAIN;

	for (i = 0; r == SS_AGAIN && i < ROUNDS; i++) {
		if ((r = ss_pg_mend(pg)) != 0)
			return r;
		if ((r = find_version(pg, &version)) != 0)
			continue;
		if (version >= 0)
			return check_version(pg, version);
		if (made == NULL)
			return ss_fail(SS_EMISSING, "database %s: no register "
			    "there", ss_pg_database(pg));
		if (taken)
			return ss_fail(SS_EREGISTRY, "database %s: no "
			    "register of sscard, but tables of the same names",
			    ss_pg_database(pg));
		if ((r = make_tables(pg)) == 0) {
			*made = true;
		} else if (strcmp(ss_pg_state(pg), TABLE_THERE) == 0) {
			taken = true;
			r = SS_AGAIN;
		}
	}
	return r;
}

static void
close_db(void *p)
{
	struct db *db = p;

	ss_pg_close(db->pg);
	free(db);
}

static int
open_db(void **out, const char *name, bool *made)
{
	struct db *db;
	int r;

	*out = NULL;
	if ((db = calloc(1, sizeof(*db))) == NULL)
		return ss_fail(SS_EMEMORY, "out of memory");
	if ((r = ss_pg_open(&db->pg, name)) == 0)
		r = find_tables(db->pg, made);
	if (r != 0) {
		close_db(db);
		return r == SS_AGAIN ? ss_fail_as(SS_EREGISTRY) : r;
	}
	*out = db;
	return 0;
}

static int
start(struct db *db, const char *command)
{
	int r;

	if ((r = ss_pg_mend(db->pg)) == 0 &&
	    (r = ss_pg_command(db->pg, command)) == 0)
		db->within = true;
	return r;
}

/* Where two collide one waits for the other and then sees what it did. */
static int
begin(void *db)
{
	return start(db, "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE");
}

static int
look(void *db)
{
	return start(db, "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY");
}

/* The end of the connection may come before or behind that of the
 * transaction: SS_AGAIN says nothing of what is stored. */
static int
commit(void *p)
{
	struct db *db = p;
	int r;

	if ((r = ss_pg_command(db->pg, "COMMIT")) == 0)
		db->within = false;
	return r;
}

static void
rollback(void *p)
{
	struct db *db = p;

	if (db->within)
		ss_pg_undo(db->pg);
	db->within = false;
}

/* A connection made again is outside of every transaction. */
static int
run(void *p, const struct ss_statement *st, ss_row_fn *row, void *ctx,
    int64_t *changed)
{
	struct db *db = p;
	int r;

	if (!db->within && (r = ss_pg_mend(db->pg)) != 0)
		return r;
	return ss_pg_run(db->pg, st, row, ctx, changed);
}

static int
batch(void *p, const struct ss_statement *st, size_t n, int64_t *changed)
{
	struct db *db = p;

	return ss_pg_batch(db->pg, st, n, changed);
}

const struct ss_engine ss_engine_postgresql = { "postgresql:", open_db,
	close_db, begin, look, commit, rollback, run, batch };
const struct ss_engine ss_engine_postgres = { "postgres:", open_db,
	close_db, begin, look, commit, rollback, run, batch };
