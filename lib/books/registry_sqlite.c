/* The register in SQLite: one file, WAL, every commit on the disk. */
#include <sqlite3.h>

#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "base/err.h"
#include "books/registry_engine.h"
#include "books/registry_sqlite.h"

enum control { BEGIN, LOOK, COMMIT, CONTROLS };

struct db {
	sqlite3 *handle;
	sqlite3_stmt *controls[CONTROLS];
	sqlite3_stmt *queries[SS_QUERIES];
};

static const char *const control_texts[CONTROLS] = { "BEGIN IMMEDIATE",
	"BEGIN", "COMMIT" };

static int
sql_fail(const struct db *db)
{
	return ss_sqlite_fail(db->handle, "the register");
}

/*
 * SQLite's own way to write parameters; one writer at a time needs no locks of
 * rows.
 */
static int
translate(const char *text, struct ss_bytes *out)
{
	static const char *const needless[] = { " FOR UPDATE SKIP LOCKED",
		" FOR UPDATE" };
	size_t i, n;

	while (*text != '\0') {
		for (i = 0; i < 2; i++) {
			n = strlen(needless[i]);
			if (strncmp(text, needless[i], n) == 0)
				break;
		}
		if (i < 2)
			text += n;
		else
			ss_bytes_addc(out, *text == '$' ? '?' : *text), text++;
	}
	return ss_bytes_check(out);
}

static int
prepare(struct db *db, const char *text, unsigned flags, sqlite3_stmt **out)
{
	struct ss_bytes b = { 0 };
	int r;

	*out = NULL;
	if ((r = translate(text, &b)) == 0 && sqlite3_prepare_v3(db->handle,
	    b.data, (int)b.len, flags, out, NULL) != SQLITE_OK)
		r = sql_fail(db);
	ss_bytes_free(&b);
	return r;
}

/* A statement, prepared at its first use; others by their text alone. */
static int
find(struct db *db, const struct ss_statement *st, sqlite3_stmt **out)
{
	int r;

	if (st->query == SS_Q_TEXT)
		return prepare(db, st->text, 0, out);
	if (db->queries[st->query] == NULL && (r = prepare(db,
	    ss_sql[st->query], SQLITE_PREPARE_PERSISTENT,
	    &db->queries[st->query])) != 0)
		return r;
	*out = db->queries[st->query];
	return 0;
}

static void
leave(const struct ss_statement *st, sqlite3_stmt *s)
{
	if (st->query == SS_Q_TEXT)
		sqlite3_finalize(s);
	else
		sqlite3_reset(s);
}

static void
bind(sqlite3_stmt *s, const struct ss_statement *st)
{
	const struct ss_arg *arg;
	size_t i;

	for (i = 0; i < st->count; i++) {
		arg = &st->args[i];
		if (arg->text != NULL)
			sqlite3_bind_text(s, (int)i + 1, arg->text,
			    (int)arg->len, SQLITE_STATIC);
		else
			sqlite3_bind_int64(s, (int)i + 1, arg->number);
	}
}

static int
give_row(sqlite3_stmt *s, ss_row_fn *row, void *ctx)
{
	struct ss_cell cells[SS_ENTRY_CELLS + 2];
	int i, n = sqlite3_column_count(s);

	for (i = 0; i < n; i++) {
		cells[i].text = (const char *)sqlite3_column_text(s, i);
		cells[i].len = (size_t)sqlite3_column_bytes(s, i);
		if (cells[i].text == NULL)
			cells[i] = (struct ss_cell){ "", 0 };
	}
	return row(cells, ctx);
}

static int
run(void *p, const struct ss_statement *st, ss_row_fn *row, void *ctx,
    int64_t *changed)
{
	struct db *db = p;
	sqlite3_stmt *s;
	int step, before, r;

	if ((r = find(db, st, &s)) != 0)
		return r;
	bind(s, st);
	before = sqlite3_total_changes(db->handle);
	while ((step = sqlite3_step(s)) == SQLITE_ROW)
		if (row != NULL && (r = give_row(s, row, ctx)) != 0)
			break;
	if (r == 0 && step != SQLITE_DONE)
		r = sql_fail(db);
	if (changed != NULL)
		*changed = sqlite3_total_changes(db->handle) - before;
	leave(st, s);
	return r;
}

static int
batch(void *db, const struct ss_statement *st, size_t n, int64_t *changed)
{
	size_t i;
	int r = 0;

	for (i = 0; r == 0 && i < n; i++)
		r = run(db, &st[i], NULL, NULL, &changed[i]);
	return r;
}

static int
control(struct db *db, enum control which)
{
	sqlite3_stmt **s = &db->controls[which];
	int r;

	if (*s == NULL && prepare(db, control_texts[which],
	    SQLITE_PREPARE_PERSISTENT, s) != 0)
		return SS_EREGISTRY;
	r = sqlite3_step(*s) == SQLITE_DONE ? 0 : sql_fail(db);
	sqlite3_reset(*s);
	return r;
}

static int
begin(void *db)
{
	return control(db, BEGIN);
}

static int
look(void *db)
{
	return control(db, LOOK);
}

static int
commit(void *db)
{
	return control(db, COMMIT);
}

static void
rollback(void *p)
{
	struct db *db = p;

	if (!sqlite3_get_autocommit(db->handle))
		sqlite3_exec(db->handle, "ROLLBACK", NULL, NULL, NULL);
}

static void
close_db(void *p)
{
	struct db *db = p;
	int i;

	for (i = 0; i < CONTROLS; i++)
		sqlite3_finalize(db->controls[i]);
	for (i = 0; i < SS_QUERIES; i++)
		sqlite3_finalize(db->queries[i]);
	sqlite3_close(db->handle);
	free(db);
}

static int
open_db(void **out, const char *name, bool *made)
{
	const char *path = strncmp(name, "sqlite:", 7) == 0 ? name + 7 : name;
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

const struct ss_engine ss_engine_sqlite = { "sqlite:", open_db, close_db,
	begin, look, commit, rollback, run, batch };
