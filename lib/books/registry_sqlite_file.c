/* A register's file: made whole, opened, and known for what it is. */
#include <sqlite3.h>

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/bytes.h"
#include "base/err.h"
#include "base/files.h"
#include "books/registry_sql.h"
#include "books/registry_sqlite.h"

#define APPLICATION_ID 0x73736364	/* "sscd" */
#define BUSY_MS 20000

int
ss_sqlite_fail(sqlite3 *db, const char *what)
{
	return ss_fail(SS_EREGISTRY, "%s: %s", what, sqlite3_errmsg(db));
}

static int
open_file(sqlite3 **out, const char *path)
{
	sqlite3 *db;
	int code;

	code = sqlite3_open_v2(path, out, SQLITE_OPEN_READWRITE |
	    SQLITE_OPEN_FULLMUTEX, NULL);
	db = *out;
	if (code != SQLITE_OK)
		return ss_sqlite_fail(db, path);
	sqlite3_busy_timeout(db, BUSY_MS);
	return 0;
}

/* The log is kept by the file, the other by each process. */
static int
set_modes(sqlite3 *db, const char *path)
{
	if (sqlite3_exec(db, "PRAGMA journal_mode = WAL;"
	    "PRAGMA synchronous = FULL", NULL, NULL, NULL) != SQLITE_OK)
		return ss_sqlite_fail(db, path);
	return 0;
}

static int
pragma(sqlite3 *db, const char *text, int *value)
{
	sqlite3_stmt *s = NULL;

	if (sqlite3_prepare_v2(db, text, -1, &s, NULL) != SQLITE_OK ||
	    sqlite3_step(s) != SQLITE_ROW) {
		sqlite3_finalize(s);
		return -1;
	}
	*value = sqlite3_column_int(s, 0);
	sqlite3_finalize(s);
	return 0;
}

static int
run_parts(sqlite3 *db, const struct ss_sql_part *part)
{
	struct ss_bytes b = { 0 };
	int r = 0;

	for (; r == 0 && part->text != NULL; part++) {
		ss_bytes_reset(&b);
		ss_bytes_addf(&b, "%s%s", part->text,
		    part->clustered ? " WITHOUT ROWID" : "");
		if ((r = ss_bytes_check(&b)) == 0 && sqlite3_exec(db, b.data,
		    NULL, NULL, NULL) != SQLITE_OK)
			r = SS_EREGISTRY;
	}
	ss_bytes_free(&b);
	return r;
}

/* From a version, 0 being none, to this one. */
static int
run_versions(sqlite3 *db, int version)
{
	struct ss_bytes b = { 0 };
	int r = 0;

	if (version == 0)
		r = run_parts(db, ss_sql_schema);
	for (; r == 0 && version > 0 && version < SS_SCHEMA_VERSION; version++)
		r = run_parts(db, ss_sql_migrations[version - 1]);
	ss_bytes_addf(&b, "PRAGMA application_id = %d;"
	    "PRAGMA user_version = %d", APPLICATION_ID, SS_SCHEMA_VERSION);
	if (r == 0 && (r = ss_bytes_check(&b)) == 0 && sqlite3_exec(db, b.data,
	    NULL, NULL, NULL) != SQLITE_OK)
		r = SS_EREGISTRY;
	ss_bytes_free(&b);
	return r;
}

/* Makes or renews the tables, unless another process has done so meanwhile. */
static int
make_tables(sqlite3 *db, const char *path)
{
	int version = 0;

	if (sqlite3_exec(db, "BEGIN IMMEDIATE", NULL, NULL, NULL) !=
	    SQLITE_OK)
		return ss_sqlite_fail(db, path);
	if (pragma(db, "PRAGMA user_version", &version) == 0 &&
	    version < SS_SCHEMA_VERSION && run_versions(db, version) != 0) {
		ss_sqlite_fail(db, path);
		sqlite3_exec(db, "ROLLBACK", NULL, NULL, NULL);
		return SS_EREGISTRY;
	}
	if (sqlite3_exec(db, "COMMIT", NULL, NULL, NULL) != SQLITE_OK)
		return ss_sqlite_fail(db, path);
	return 0;
}

/* Ours, of this version or an earlier one; a file that is empty becomes so. */
static int
check_tables(sqlite3 *db, const char *path)
{
	int id = 0, version = 0, tables = 0;

	/* All three of one moment. */
	if (sqlite3_exec(db, "BEGIN", NULL, NULL, NULL) != SQLITE_OK ||
	    pragma(db, "PRAGMA application_id", &id) != 0 ||
	    pragma(db, "PRAGMA user_version", &version) != 0 ||
	    pragma(db, "SELECT count(*) FROM sqlite_schema", &tables) != 0 ||
	    sqlite3_exec(db, "COMMIT", NULL, NULL, NULL) != SQLITE_OK)
		return ss_sqlite_fail(db, path);
	if (id == 0 && version == 0 && tables == 0)
		return make_tables(db, path);
	if (id != APPLICATION_ID || version < 1)
		return ss_fail(SS_EREGISTRY, "%s: a database, but no register "
		    "of sscard", path);
	if (version > SS_SCHEMA_VERSION)
		return ss_fail(SS_EREGISTRY, "%s: of schema %d, made by a "
		    "newer sscard; this one knows %d", path, version,
		    SS_SCHEMA_VERSION);
	return version < SS_SCHEMA_VERSION ? make_tables(db, path) : 0;
}

/* Fills a new file of mode 0600 and puts it in place, unless one is there. */
static int
make_whole(char *path, char *name, bool *made)
{
	sqlite3 *db = NULL;
	int fd, r;

	if ((fd = mkstemp(name)) == -1) {
		ss_fail_errno(path);
		return SS_EREGISTRY;
	}
	close(fd);
	if ((r = open_file(&db, name)) == 0)
		r = make_tables(db, name);
	if (r == 0)
		r = set_modes(db, name);
	sqlite3_close(db);
	if (r == 0 && link(name, path) == 0) {
		*made = true;
	} else if (r == 0 && errno != EEXIST) {
		ss_fail_errno(path);
		r = SS_EREGISTRY;
	}
	unlink(name);
	return r;
}

/*
 * Made under another name, so that no other process sees it half made: several
 * begin at once in a pipe.
 */
static int
make_file(const char *path, bool *made)
{
	struct ss_bytes copy = { 0 }, name = { 0 };
	int r;

	if (access(path, F_OK) == 0)
		return 0;
	ss_bytes_adds(&copy, path);
	ss_bytes_addf(&name, "%s.XXXXXX", path);
	if ((r = ss_bytes_check(&copy)) == 0 &&
	    (r = ss_bytes_check(&name)) == 0) {
		ss_folders_make(copy.data);
		r = make_whole(copy.data, name.data, made);
	}
	ss_bytes_free(&copy);
	ss_bytes_free(&name);
	return r;
}

int
ss_sqlite_open(sqlite3 **out, const char *path, bool *made)
{
	int r;

	*out = NULL;
	if (made == NULL && access(path, F_OK) == -1)
		return ss_fail_errno(path);
	if (made != NULL && (r = make_file(path, made)) != 0)
		return r;
	if ((r = open_file(out, path)) != 0)
		return r;
	/* A database that is another's is not touched. */
	if ((r = check_tables(*out, path)) != 0)
		return r;
	return set_modes(*out, path);
}
