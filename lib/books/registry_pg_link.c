/* libpq's home: the library, a connection, statements and what became of
 * them. */
#include <dlfcn.h>
#include <postgresql/libpq-fe.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "base/err.h"
#include "books/registry_pg.h"

#define LIBRARY "libpq.so.5"
#define BATCH 256	/* statements whose replies fit into any socket */
#define CONNECT_SECONDS "10"	/* for each host, if the URL says nothing */

/* PostgreSQL's numbers of types, the same everywhere. */
#define TYPE_NUMBER 20
#define TYPE_TEXT 25

/* The functions of the library that are used, each by its name. */
#define FUNCTIONS(f) f(PQclear) f(PQcmdStatus) f(PQcmdTuples) \
    f(PQconnectStartParams) f(PQconninfoFree) f(PQconninfoParse) f(PQdb) \
    f(PQenterPipelineMode) f(PQerrorMessage) f(PQexec) f(PQexecParams) \
    f(PQexecPrepared) f(PQexitPipelineMode) f(PQfinish) f(PQfreemem) \
    f(PQgetResult) f(PQgetlength) f(PQgetvalue) f(PQnfields) f(PQntuples) \
    f(PQpipelineSync) f(PQprepare) f(PQreset) f(PQresultErrorField) \
    f(PQresultStatus) f(PQsendQueryParams) f(PQsendQueryPrepared) \
    f(PQsetNoticeProcessor) f(PQstatus)

#define MEMBER(name) __typeof__(&(name)) name;
#define PLACE(name) { #name, offsetof(struct library, name) },

struct library {
	void *handle;
	FUNCTIONS(MEMBER)
};

struct ss_pg {
	struct library lib;
	PGconn *conn;
	bool lost;
	bool prepared[SS_QUERIES];
	char state[6];		/* of the last failure */
};

/* A statement as the library takes it. */
struct form {
	char name[8];
	const char *values[SS_ARGS_MAX];
	int lengths[SS_ARGS_MAX], formats[SS_ARGS_MAX];
	Oid types[SS_ARGS_MAX];
	char numbers[SS_ARGS_MAX][24];
};

static bool
load(struct library *lib)
{
	static const struct {
		const char *name;
		size_t at;
	} functions[] = { FUNCTIONS(PLACE) };
	void *symbol;
	size_t i;

	/* It stays when it is closed: what it uses has handlers at exit. */
	if ((lib->handle = dlopen(LIBRARY, RTLD_NOW | RTLD_NODELETE)) ==
	    NULL) {
		ss_fail(SS_EREGISTRY, "a register in PostgreSQL needs "
		    LIBRARY ", which is not there; install libpq5");
		return false;
	}
	for (i = 0; i < sizeof(functions) / sizeof(functions[0]); i++) {
		if ((symbol = dlsym(lib->handle, functions[i].name)) == NULL) {
			ss_fail(SS_EREGISTRY, LIBRARY " has no %s: install "
			    "libpq5 of PostgreSQL 14 or later",
			    functions[i].name);
			return false;
		}
		memcpy((char *)lib + functions[i].at, &symbol, sizeof(symbol));
	}
	return true;
}

/*
 * A user's password with "@" or "/" in it would end up in the host or the
 * port, which sentences name.
 */
static bool
is_plain(const char *url)
{
	const char *from = strstr(url, "//"), *at, *slash;
	size_t n;

	if (from == NULL || from != strchr(url, ':') + 1)
		return false;
	from += 2;
	n = strcspn(from, "?");
	if ((at = memchr(from, '@', n)) == NULL)
		return true;
	slash = memchr(from, '/', n);
	return (slash == NULL || at < slash) &&
	    memchr(at + 1, '@', n - (size_t)(at + 1 - from)) == NULL;
}

static bool
has_port(const PQconninfoOption *option)
{
	for (; option->keyword != NULL; option++)
		if (strcmp(option->keyword, "port") == 0 &&
		    option->val != NULL)
			return option->val[strspn(option->val,
			    "0123456789,")] == '\0';
	return true;
}

/* The library's own complaints are not passed on: they quote the URL. */
static int
check_url(struct library *lib, const char *url)
{
	PQconninfoOption *options = NULL;
	char *complaint = NULL;
	bool good;

	if (is_plain(url))
		options = lib->PQconninfoParse(url, &complaint);
	lib->PQfreemem(complaint);
	good = options != NULL && has_port(options);
	lib->PQconninfoFree(options);
	return good ? 0 : ss_fail(SS_EINVALID, "the register's name is no URL "
	    "as PostgreSQL has it, postgresql://USER@HOST:PORT/DATABASE with "
	    "special characters as %%40");
}

/* What the library says, on one line; those set in are advice. */
static void
say(const struct ss_pg *pg)
{
	const char *text = pg->lib.PQerrorMessage(pg->conn);
	struct ss_bytes b = { 0 };
	size_t n;

	for (; *text != '\0'; text += n + (text[n] != '\0')) {
		n = strcspn(text, "\n");
		if (n == 0 || *text == '\t')
			continue;
		ss_bytes_adds(&b, b.len > 0 ? "; " : "");
		ss_bytes_add(&b, text, n);
	}
	ss_fail(SS_EREGISTRY, "the register: %s", b.len > 0 ? b.data :
	    "no word from the server");
	ss_bytes_free(&b);
}

/* Serialization, deadlocks, a unique index hit in a race, the server's end. */
static bool
is_passing(const char *state)
{
	return strncmp(state, "40", 2) == 0 || strncmp(state, "08", 2) == 0 ||
	    strcmp(state, "23505") == 0 || strcmp(state, "57P01") == 0 ||
	    strcmp(state, "57P02") == 0 || strcmp(state, "57P03") == 0;
}

/*
 * Of the server's words only the first sentence: the details show values, as
 * does the first sentence where a value is no value of its type (class 22).
 */
static int
fail(struct ss_pg *pg, const PGresult *res)
{
	const char *state, *text;

	state = pg->lib.PQresultErrorField(res, PG_DIAG_SQLSTATE);
	text = pg->lib.PQresultErrorField(res, PG_DIAG_MESSAGE_PRIMARY);
	snprintf(pg->state, sizeof(pg->state), "%s",
	    state != NULL ? state : "");
	if (strncmp(pg->state, "22", 2) == 0)
		ss_fail(SS_EREGISTRY, "the register: PostgreSQL refuses a "
		    "value, SQLSTATE %s", pg->state);
	else if (text != NULL)
		ss_fail(SS_EREGISTRY, "the register: %s", text);
	else
		say(pg);
	/* Where the library itself fails nothing more can be said: what could
	 * not be written leaves a connection that looks good. */
	if (pg->state[0] == '\0' ||
	    pg->lib.PQstatus(pg->conn) == CONNECTION_BAD)
		pg->lost = true;
	return pg->lost || is_passing(pg->state) ? SS_AGAIN : SS_EREGISTRY;
}

static bool
is_good(const struct ss_pg *pg, const PGresult *res)
{
	ExecStatusType status = pg->lib.PQresultStatus(res);

	return status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK;
}

/* 0, or the failure; ends the result. */
static int
end(struct ss_pg *pg, PGresult *res)
{
	int r = is_good(pg, res) ? 0 : fail(pg, res);

	pg->lib.PQclear(res);
	return r;
}

static void
ignore(void *ctx, const char *notice)
{
	(void)ctx;
	(void)notice;
}

static int
connect_again(struct ss_pg *pg)
{
	memset(pg->prepared, 0, sizeof(pg->prepared));
	pg->lib.PQreset(pg->conn);
	pg->lost = pg->lib.PQstatus(pg->conn) != CONNECTION_OK;
	if (pg->lost) {
		say(pg);
		return SS_AGAIN;
	}
	return 0;
}

/*
 * Begun only to have something whose notices can be ignored: those that a
 * server sends while one connects would go to standard error.
 */
static int
connect_first(struct ss_pg *pg, const char *url)
{
	/* What stands behind the URL overrides it. */
	static const char *const keywords[] = { "connect_timeout",
		"fallback_application_name", "dbname", "client_encoding",
		NULL };
	const char *const values[] = { CONNECT_SECONDS, "sscard", url, "UTF8",
		NULL };

	if ((pg->conn = pg->lib.PQconnectStartParams(keywords, values, 1)) ==
	    NULL)
		return ss_fail(SS_EMEMORY, "out of memory");
	pg->lib.PQsetNoticeProcessor(pg->conn, ignore, NULL);
	if (pg->lib.PQstatus(pg->conn) == CONNECTION_BAD) {
		say(pg);
		return SS_EREGISTRY;
	}
	return connect_again(pg) == 0 ? 0 : SS_EREGISTRY;
}

int
ss_pg_open(struct ss_pg **out, const char *url)
{
	struct ss_pg *pg;
	int r;

	*out = NULL;
	if ((pg = calloc(1, sizeof(*pg))) == NULL)
		return ss_fail(SS_EMEMORY, "out of memory");
	if (!load(&pg->lib))
		r = SS_EREGISTRY;
	else if ((r = check_url(&pg->lib, url)) == 0)
		r = connect_first(pg, url);
	if (r != 0) {
		ss_pg_close(pg);
		return r;
	}
	*out = pg;
	return 0;
}

void
ss_pg_close(struct ss_pg *pg)
{
	if (pg == NULL)
		return;
	if (pg->conn != NULL)
		pg->lib.PQfinish(pg->conn);
	if (pg->lib.handle != NULL)
		dlclose(pg->lib.handle);
	free(pg);
}

int
ss_pg_mend(struct ss_pg *pg)
{
	return pg->lost ? connect_again(pg) : 0;
}

const char *
ss_pg_state(const struct ss_pg *pg)
{
	return pg->state;
}

const char *
ss_pg_database(const struct ss_pg *pg)
{
	return pg->lib.PQdb(pg->conn);
}

int
ss_pg_command(struct ss_pg *pg, const char *text)
{
	PGresult *res = pg->lib.PQexec(pg->conn, text);
	const char *done;
	int r = 0;

	if (!is_good(pg, res))
		return end(pg, res);
	done = pg->lib.PQcmdStatus(res);
	if (strncmp(text, done, strlen(done)) != 0)
		r = ss_fail(SS_EREGISTRY, "the register: the server answers "
		    "%s to %.20s", done, text);
	pg->lib.PQclear(res);
	return r;
}

void
ss_pg_undo(struct ss_pg *pg)
{
	PGresult *res;

	if (pg->lost)
		return;
	res = pg->lib.PQexec(pg->conn, "ROLLBACK");
	pg->lost = !is_good(pg, res);
	pg->lib.PQclear(res);
}

/* Texts go as they are, with their length; numbers in digits. */
static void
fill(struct form *form, const struct ss_statement *st)
{
	const struct ss_arg *arg;
	size_t i;

	snprintf(form->name, sizeof(form->name), "q%d", (int)st->query);
	for (i = 0; i < st->count; i++) {
		arg = &st->args[i];
		snprintf(form->numbers[i], sizeof(form->numbers[i]), "%lld",
		    (long long)arg->number);
		form->values[i] = arg->text != NULL ? arg->text :
		    form->numbers[i];
		form->types[i] = arg->text != NULL ? TYPE_TEXT : TYPE_NUMBER;
		form->formats[i] = arg->text != NULL;
		form->lengths[i] = (int)arg->len;
	}
}

static int
prepare(struct ss_pg *pg, const struct ss_statement *st,
    const struct form *form)
{
	int r;

	if (st->query == SS_Q_TEXT || pg->prepared[st->query])
		return 0;
	r = end(pg, pg->lib.PQprepare(pg->conn, form->name, ss_sql[st->query],
	    (int)st->count, form->types));
	pg->prepared[st->query] = r == 0;
	return r;
}

static int
give_rows(const struct ss_pg *pg, const PGresult *res, ss_row_fn *row,
    void *ctx)
{
	struct ss_cell cells[SS_ENTRY_CELLS + 2];
	int i, k, r = 0, n = pg->lib.PQnfields(res);

	for (i = 0; r == 0 && i < pg->lib.PQntuples(res); i++) {
		for (k = 0; k < n; k++)
			cells[k] = (struct ss_cell){
				pg->lib.PQgetvalue(res, i, k),
				(size_t)pg->lib.PQgetlength(res, i, k) };
		r = row(cells, ctx);
	}
	return r;
}

/* Rows written; those that were only read have a count too. */
static int64_t
written(const struct ss_pg *pg, PGresult *res)
{
	if (strncmp(pg->lib.PQcmdStatus(res), "SELECT", 6) == 0)
		return 0;
	return strtoll(pg->lib.PQcmdTuples(res), NULL, 10);
}

int
ss_pg_run(struct ss_pg *pg, const struct ss_statement *st, ss_row_fn *row,
    void *ctx, int64_t *changed)
{
	struct form form = { .name = "" };
	PGresult *res;
	int r;

	fill(&form, st);
	if ((r = prepare(pg, st, &form)) != 0)
		return r;
	if (st->query == SS_Q_TEXT)
		res = pg->lib.PQexecParams(pg->conn, st->text, (int)st->count,
		    form.types, form.values, form.lengths, form.formats, 0);
	else
		res = pg->lib.PQexecPrepared(pg->conn, form.name,
		    (int)st->count, form.values, form.lengths, form.formats,
		    0);
	if (!is_good(pg, res))
		return end(pg, res);
	if (changed != NULL)
		*changed = written(pg, res);
	if (row != NULL)
		r = give_rows(pg, res, row, ctx);
	pg->lib.PQclear(res);
	return r;
}

static int
send(struct ss_pg *pg, const struct ss_statement *st)
{
	struct form form = { .name = "" };
	int sent;

	fill(&form, st);
	if (st->query == SS_Q_TEXT)
		sent = pg->lib.PQsendQueryParams(pg->conn, st->text,
		    (int)st->count, form.types, form.values, form.lengths,
		    form.formats, 0);
	else
		sent = pg->lib.PQsendQueryPrepared(pg->conn, form.name,
		    (int)st->count, form.values, form.lengths, form.formats,
		    0);
	return sent ? 0 : fail(pg, NULL);
}

/*
 * The replies to n statements, up to the point where both sides agree again;
 * behind the first that failed all others are left undone.
 */
static int
receive(struct ss_pg *pg, size_t n, int64_t *changed)
{
	ExecStatusType status;
	PGresult *res;
	size_t i = 0;
	int r = 0, gaps = 0;

	/* There is one gap behind each statement's results. */
	while (gaps < 2 && !pg->lost &&
	    pg->lib.PQstatus(pg->conn) != CONNECTION_BAD) {
		res = pg->lib.PQgetResult(pg->conn);
		status = pg->lib.PQresultStatus(res);
		gaps = res == NULL ? gaps + 1 : 0;
		if (status == PGRES_PIPELINE_SYNC) {
			pg->lib.PQclear(res);
			return r;
		}
		if (res != NULL && r == 0 && is_good(pg, res) && i < n)
			changed[i++] = written(pg, res);
		else if (res != NULL && r == 0)
			r = fail(pg, res);
		pg->lib.PQclear(res);
	}
	pg->lost = true;
	return r != 0 ? SS_AGAIN : fail(pg, NULL);
}

/* So few that neither side waits for the other to read. */
static int
send_some(struct ss_pg *pg, const struct ss_statement *st, size_t n,
    int64_t *changed)
{
	size_t i;
	int r = 0;

	for (i = 0; r == 0 && i < n; i++)
		r = send(pg, &st[i]);
	if (r == 0 && !pg->lib.PQpipelineSync(pg->conn))
		r = fail(pg, NULL);
	return r != 0 ? r : receive(pg, n, changed);
}

int
ss_pg_batch(struct ss_pg *pg, const struct ss_statement *st, size_t n,
    int64_t *changed)
{
	struct form form = { .name = "" };
	size_t i, k;
	int r = 0;

	for (i = 0; r == 0 && i < n; i++) {
		if (st[i].query == SS_Q_TEXT || pg->prepared[st[i].query])
			continue;
		fill(&form, &st[i]);
		r = prepare(pg, &st[i], &form);
	}
	if (r == 0 && !pg->lib.PQenterPipelineMode(pg->conn))
		r = fail(pg, NULL);
	for (i = 0; r == 0 && i < n; i += k) {
		k = n - i < BATCH ? n - i : BATCH;
		r = send_some(pg, st + i, k, changed + i);
	}
	/* Where it can't be left, nothing more can be said on it. */
	if (!pg->lib.PQexitPipelineMode(pg->conn))
		pg->lost = true;
	return r;
}
