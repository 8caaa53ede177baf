/*
 * bench-register: the register at its interface beside the bare engine that
 * writes the same rows, in turns.
 *
 *	bench-register pair FOLDER|URL COUNT GROUP ROUNDS
 *	bench-register cost FOLDER|URL COUNT TIMES
 *	bench-register move FOLDER|URL COUNT
 *
 * FOLDER is for SQLite files; URL an empty PostgreSQL database whose tables
 * are dropped between the rounds. pair prints steps a second; cost
 * microseconds of one look-up and one step among COUNT applications; move
 * lines a second of an export and an import. JSON Lines.
 */
#include <postgresql/libpq-fe.h>
#include <sqlite3.h>

#include <err.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/err.h"
#include "books/export.h"
#include "books/store.h"

#define GROUP_MAX 256

enum bare_query {
	BARE_INSERT,
	BARE_UPDATE,
	BARE_EVENT,
	BARE_STATION,
	BARE_QUERIES,
};

enum { BARE_ARGS = 20 };

static const char *where;	/* folder or URL */
static char name[512];		/* of the register in use */
static struct ss_sm3 *sm3;

static void
must(int r)
{
	if (r != 0)
		errx(1, "%s", ss_message());
}

static double
now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static bool
is_pg(void)
{
	return strncmp(where, "postgresql:", 11) == 0;
}

/* libpq by itself; what is sent goes out in pipeline mode. */
static void
pg_end(PGconn *c, PGresult *r)
{
	ExecStatusType s = PQresultStatus(r);

	if (s != PGRES_COMMAND_OK && s != PGRES_TUPLES_OK &&
	    s != PGRES_PIPELINE_SYNC)
		errx(1, "postgresql: %s", PQerrorMessage(c));
	PQclear(r);
}

static void
quiet(void *ctx, const char *message)
{
	(void)ctx;
	(void)message;
}

static PGconn *
pg_connect(const char *url)
{
	PGconn *c = PQconnectdb(url);

	if (PQstatus(c) != CONNECTION_OK)
		errx(1, "postgresql: %s", PQerrorMessage(c));
	PQsetNoticeProcessor(c, quiet, NULL);
	return c;
}

static void
pg_drop(const char *url)
{
	PGconn *c = pg_connect(url);

	pg_end(c, PQexec(c, "DROP SCHEMA public CASCADE;"
	    "CREATE SCHEMA public"));
	PQfinish(c);
}

static const char *const query_names[] = { "insert", "update", "event",
	"station" };

static void
pg_send(PGconn *c, enum bare_query q, const char *const *args, size_t n)
{
	if (!PQsendQueryPrepared(c, query_names[q], (int)n, args, NULL, NULL,
	    0))
		errx(1, "postgresql: %s", PQerrorMessage(c));
}

static void
pg_control(PGconn *c, const char *sql)
{
	if (!PQsendQueryParams(c, sql, 0, NULL, NULL, NULL, NULL, 0))
		errx(1, "postgresql: %s", PQerrorMessage(c));
}

/* Reads what so many statements gave. */
static void
pg_settle(PGconn *c, long n)
{
	PGresult *r;
	long i;

	if (!PQpipelineSync(c))
		errx(1, "postgresql: %s", PQerrorMessage(c));
	for (i = 0; i < n; i++) {
		while ((r = PQgetResult(c)) != NULL)
			pg_end(c, r);
	}
	pg_end(c, PQgetResult(c));
}

/* A register with nothing in it. */
static void
fresh(const char *file)
{
	static const char *const ends[] = { "", "-wal", "-shm" };
	char path[600];
	size_t i;

	if (is_pg()) {
		snprintf(name, sizeof(name), "%s", where);
		pg_drop(where);
		return;
	}
	snprintf(name, sizeof(name), "sqlite:%s/%s", where, file);
	for (i = 0; i < 3; i++) {
		snprintf(path, sizeof(path), "%s%s", name + 7, ends[i]);
		unlink(path);
	}
}

static struct ss_registry *
open_it(void)
{
	struct ss_registry *reg;
	bool made;

	must(ss_registry_open(&reg, name, "bench", &made));
	return reg;
}

/* A change with what it borrows. */
struct made {
	struct ss_entry entry;
	struct ss_bytes record;
	struct ss_change change;
};

/* The record of an application: as long as a real one without a photo. */
static void
make(struct made *m, long i, enum ss_step step, const char *state)
{
	struct ss_value *root;

	ss_bytes_reset(&m->record);
	ss_bytes_addf(&m->record, "{\"applied\":{\"by\":\"wang\",\"revision\":1,"
	    "\"station\":\"bench\",\"through\":\"holder\",\"time\":"
	    "\"2026-03-01T09:00:00Z\"},\"id\":\"a%011ld\",\"kind\":\"new\","
	    "\"person\":{\"address\":\"%0200ld\",\"birth_date\":\"1990-01-01\","
	    "\"id_number\":\"p%017ld\",\"id_type\":\"citizen\",\"name\":"
	    "\"\xe7\x8e\x8b\xe5\xb0\x8f\xe6\x98\x8e\",\"social_number\":"
	    "\"p%017ld\"},\"region\":\"110101\",\"state\":\"%s\",\"v\":1}",
	    i, i, i, i, state);
	m->change = (struct ss_change){ .entry = &m->entry, .step = step,
		.record = &m->record, .operator = "wang",
		.time = 1772355600000 };
	m->change.after = m->entry;
	must(ss_json_parse(m->record.data, m->record.len, &root));
	must(ss_entry_read(&m->change.after, root, &m->record, sm3));
	memcpy(m->entry.id, m->change.after.id, sizeof(m->entry.id));
	ss_json_free(root);
}

/* One step of each; the records are made before the clock starts. */
static double
ours(struct ss_registry *reg, struct made *all, long n, long group,
    enum ss_step step, const char *state)
{
	struct ss_change changes[GROUP_MAX];
	double begin;
	long i, j, k;

	for (i = 0; i < n; i++)
		make(&all[i], i, step, state);
	begin = now();
	for (i = 0; i < n; i += k) {
		for (k = 0; k < group && i + k < n; k++)
			changes[k] = all[i + k].change;
		must(ss_registry_store(reg, changes, (size_t)k));
		for (j = 0; j < k; j++)
			if (changes[j].code != 0)
				errx(1, "%s", changes[j].message);
	}
	return (double)n / (now() - begin);
}

/* A row as it stands after a step, and its event. */
struct row {
	struct ss_entry e;
	char *record;
	struct ss_event event;
};

static int
keep_row(const struct ss_entry *e, const char *record, void *ctx)
{
	struct row **at = ctx;

	(*at)->e = *e;
	(*at)->record = strdup(record);
	++*at;
	return 0;
}

static int
keep_event(const struct ss_event *e, void *ctx)
{
	struct row *rows = ctx, *row = &rows[atol(e->id + 1)];
	const char **to[] = { &row->event.id, &row->event.step,
		&row->event.state, &row->event.status, &row->event.time,
		&row->event.operator, &row->event.station,
		&row->event.record_sm3, &row->event.prev,
		&row->event.digest };
	size_t i;

	row->event = *e;	/* the last one stays */
	for (i = 0; i < sizeof(to) / sizeof(to[0]); i++)
		*to[i] = strdup(*to[i]);
	return 0;
}

static struct row *
keep(struct ss_registry *reg, long n)
{
	struct row *rows = calloc((size_t)n, sizeof(*rows)), *at = rows;
	struct ss_filter all = { .state = NULL };

	if (rows == NULL)
		err(1, "rows");
	must(ss_registry_each(reg, &all, keep_row, &at));
	must(ss_registry_events_between(reg, rows[0].e.id,
	    rows[n - 1].e.id, keep_event, rows));
	return rows;
}

#define COLUMNS "id, person, region, kind, state, status, revision, " \
    "record_sm3, form_sm3, events, head, changed, number, chip, until, record"
#define SETS "person = $2, region = $3, kind = $4, state = $5, status = $6," \
    " revision = $7, record_sm3 = $8, form_sm3 = $9, events = $10," \
    " head = $11, changed = $12, number = $13, chip = $14, until = $15," \
    " record = $16"

static const char *const bare_sql[BARE_QUERIES] = {
	[BARE_INSERT] = "INSERT INTO application (" COLUMNS ") VALUES ($1, $2,"
	    " $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)",
	[BARE_UPDATE] = "UPDATE application SET " SETS " WHERE id = $1",
	[BARE_EVENT] = "INSERT INTO event (id, number, step, state, status,"
	    " time, operator, station, station_number, record_sm3, prev,"
	    " digest) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11,"
	    " $12)",
	[BARE_STATION] = "UPDATE station SET events = $2 WHERE name = $1",
};

/* The arguments of a row as text, numbers too. */
static size_t
row_args(const struct row *r, char numbers[2][24], const char **args)
{
	const struct ss_entry *e = &r->e;
	const char *const all[] = { e->id, e->person, e->region, e->kind,
		ss_state_word(e->at.state), ss_status_word(e->at.status),
		numbers[0], e->record_sm3, e->form_sm3, numbers[1], e->head,
		e->changed, e->number, e->chip, e->until, r->record };

	snprintf(numbers[0], 24, "%lld", (long long)e->revision);
	snprintf(numbers[1], 24, "%lld", (long long)e->events);
	memcpy(args, all, sizeof(all));
	return sizeof(all) / sizeof(all[0]);
}

static size_t
event_args(const struct ss_event *e, char numbers[2][24], const char **args)
{
	const char *const all[] = { e->id, numbers[0], e->step, e->state,
		e->status, e->time, e->operator, e->station, numbers[1],
		e->record_sm3, e->prev, e->digest };

	snprintf(numbers[0], 24, "%lld", (long long)e->number);
	snprintf(numbers[1], 24, "%lld", (long long)e->station_number);
	memcpy(args, all, sizeof(all));
	return sizeof(all) / sizeof(all[0]);
}

/* SQLite by itself. */
struct lite {
	sqlite3 *db;
	sqlite3_stmt *q[BARE_QUERIES];
};

static void
lite_check(struct lite *l, int code)
{
	if (code != SQLITE_OK && code != SQLITE_DONE)
		errx(1, "sqlite: %s", sqlite3_errmsg(l->db));
}

static void
lite_open(struct lite *l)
{
	char text[1024], *p;
	int i;

	lite_check(l, sqlite3_open(name + 7, &l->db));
	lite_check(l, sqlite3_exec(l->db, "PRAGMA journal_mode = WAL;"
	    "PRAGMA synchronous = FULL", NULL, NULL, NULL));
	for (i = 0; i < BARE_QUERIES; i++) {
		snprintf(text, sizeof(text), "%s", bare_sql[i]);
		for (p = text; *p != '\0'; p++)
			if (*p == '$')
				*p = '?';
		lite_check(l, sqlite3_prepare_v2(l->db, text, -1, &l->q[i],
		    NULL));
	}
}

static void
lite_run(struct lite *l, enum bare_query q, const char *const *args, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		sqlite3_bind_text(l->q[q], (int)i + 1, args[i], -1,
		    SQLITE_STATIC);
	lite_check(l, sqlite3_step(l->q[q]));
	sqlite3_reset(l->q[q]);
}

static void
lite_exec(struct lite *l, const char *sql)
{
	lite_check(l, sqlite3_exec(l->db, sql, NULL, NULL, NULL));
}

static void
lite_close(struct lite *l)
{
	int i;

	for (i = 0; i < BARE_QUERIES; i++)
		sqlite3_finalize(l->q[i]);
	sqlite3_close(l->db);
}

/* The same rows, by the engine alone: row, event, and the station's count. */
static double
bare(struct lite *lite, PGconn *pg, const struct row *rows, long n,
    long group, enum bare_query what)
{
	char numbers[2][24], count[24];
	const char *args[BARE_ARGS];
	double begin = now();
	size_t k;
	long i, j;

	for (i = 0; i < n; i += group) {
		if (lite != NULL)
			lite_exec(lite, "BEGIN IMMEDIATE");
		else
			pg_control(pg, "BEGIN");
		for (j = i; j < i + group && j < n; j++) {
			k = row_args(&rows[j], numbers, args);
			if (lite != NULL)
				lite_run(lite, what, args, k);
			else
				pg_send(pg, what, args, k);
			k = event_args(&rows[j].event, numbers, args);
			if (lite != NULL)
				lite_run(lite, BARE_EVENT, args, k);
			else
				pg_send(pg, BARE_EVENT, args, k);
		}
		snprintf(count, sizeof(count), "%ld", j);
		args[0] = "bench";
		args[1] = count;
		if (lite != NULL) {
			lite_run(lite, BARE_STATION, args, 2);
			lite_exec(lite, "COMMIT");
		} else {
			pg_send(pg, BARE_STATION, args, 2);
			pg_control(pg, "COMMIT");
			pg_settle(pg, 2 * (j - i) + 3);
		}
	}
	return (double)n / (now() - begin);
}

static void
bare_round(const struct row *first, const struct row *second, long n,
    long group, double out[2])
{
	struct lite lite = { NULL, { NULL } };
	PGconn *pg = NULL;
	int i;

	fresh("bare.db");
	ss_registry_close(open_it());
	if (is_pg())
		pg = pg_connect(where);
	else
		lite_open(&lite);
	for (i = 0; pg != NULL && i < BARE_QUERIES; i++)
		pg_end(pg, PQprepare(pg, query_names[i], bare_sql[i], 0,
		    NULL));
	if (pg != NULL && !PQenterPipelineMode(pg))
		errx(1, "postgresql: no pipeline mode");
	out[0] = bare(pg == NULL ? &lite : NULL, pg, first, n, group,
	    BARE_INSERT);
	out[1] = bare(pg == NULL ? &lite : NULL, pg, second, n, group,
	    BARE_UPDATE);
	if (pg != NULL)
		PQfinish(pg);
	else
		lite_close(&lite);
}

static void
pair(long n, long group, long rounds)
{
	struct made *all = calloc((size_t)n, sizeof(*all));
	struct row *first = NULL, *second = NULL;
	struct ss_registry *reg;
	double mine[2], theirs[2];
	long r, i;

	if (all == NULL || group < 1 || group > GROUP_MAX)
		errx(2, "GROUP is 1 to %d", GROUP_MAX);
	for (r = 0; r < rounds; r++) {
		for (i = 0; i < n; i++)
			all[i].entry = (struct ss_entry){ .events = 0 };
		fresh("ours.db");
		reg = open_it();
		mine[0] = ours(reg, all, n, group, SS_APPLY, "applied");
		if (first == NULL)
			first = keep(reg, n);
		mine[1] = ours(reg, all, n, group, SS_HOLD, "pending");
		if (second == NULL)
			second = keep(reg, n);
		ss_registry_close(reg);
		bare_round(first, second, n, group, theirs);
		printf("{\"group\":%ld,\"insert\":%.0f,\"bare_insert\":%.0f,"
		    "\"step\":%.0f,\"bare_step\":%.0f}\n", group, mine[0],
		    theirs[0], mine[1], theirs[1]);
		fflush(stdout);
	}
}

static void
fill(struct ss_registry *reg, long n)
{
	struct made some[GROUP_MAX] = { 0 };
	struct ss_change changes[GROUP_MAX];
	long i, k;

	for (i = 0; i < n; i += k) {
		for (k = 0; k < GROUP_MAX && i + k < n; k++) {
			some[k].entry = (struct ss_entry){ .events = 0 };
			make(&some[k], i + k, SS_APPLY, "applied");
			changes[k] = some[k].change;
		}
		must(ss_registry_store(reg, changes, (size_t)k));
	}
	for (k = 0; k < GROUP_MAX; k++)
		ss_bytes_free(&some[k].record);
}

/* One look-up and one step, of applications all over the register. */
static void
cost(long n, long times)
{
	struct made one = { .entry = { .events = 0 } };
	struct ss_registry *reg;
	double begin, look = 0, step = 0;
	long i, k;

	fresh("cost.db");
	reg = open_it();
	begin = now();
	fill(reg, n);
	begin = now() - begin;
	printf("{\"applications\":%ld,\"fill\":%.0f", n, (double)n / begin);
	for (i = 0; i < times; i++) {
		k = (long)((unsigned long)i * 2654435761u % (unsigned long)n);
		snprintf(one.entry.id, sizeof(one.entry.id), "a%011ld", k);
		begin = now();
		must(ss_registry_load(reg, &one.entry));
		look += now() - begin;
		make(&one, k, SS_HOLD, "pending");
		begin = now();
		must(ss_registry_store(reg, &one.change, 1));
		step += now() - begin;
		if (one.change.code != 0)
			errx(1, "%s", one.change.message);
	}
	printf(",\"look_us\":%.1f,\"step_us\":%.1f}\n", look * 1e6 /
	    (double)times, step * 1e6 / (double)times);
	ss_bytes_free(&one.record);
	ss_registry_close(reg);
}

static int
write_line(const struct ss_bytes *line, void *ctx)
{
	return fwrite(line->data, 1, line->len, ctx) == line->len &&
	    fputc('\n', ctx) != EOF ? 0 : ss_fail_errno("the export");
}

static void
move(long n)
{
	char path[] = "/tmp/sscard-bench.XXXXXX";
	const char *operands[] = { path };
	struct ss_registry *reg;
	struct ss_input input;
	struct ss_lines lines;
	struct ss_source source;
	double begin, out;
	FILE *f;
	int fd;

	if ((fd = mkstemp(path)) == -1 || (f = fdopen(fd, "w")) == NULL)
		err(1, "%s", path);
	fresh("move.db");
	reg = open_it();
	fill(reg, n);
	begin = now();
	must(ss_export(reg, write_line, f));
	out = now() - begin;
	ss_registry_close(reg);
	fclose(f);
	fresh("moved.db");
	reg = open_it();
	ss_input_init(&input, operands, 1, NULL);
	must(ss_lines_init(&lines, &input, 1 << 26));
	source = ss_lines_source(&lines);
	begin = now();
	must(ss_import(reg, &source, true));
	begin = now() - begin;
	printf("{\"lines\":%ld,\"export\":%.0f,\"import\":%.0f}\n", n,
	    (double)n / out, (double)n / begin);
	ss_registry_close(reg);
	ss_lines_wipe(&lines);
	ss_input_wipe(&input);
	unlink(path);
}

int
main(int argc, char **argv)
{
	must(ss_sm3_new(&sm3));
	if (argc < 4)
		errx(2, "usage: bench-register pair|cost|move WHERE COUNT ...");
	where = argv[2];
	if (strcmp(argv[1], "pair") == 0 && argc == 6)
		pair(atol(argv[3]), atol(argv[4]), atol(argv[5]));
	else if (strcmp(argv[1], "cost") == 0 && argc == 5)
		cost(atol(argv[3]), atol(argv[4]));
	else if (strcmp(argv[1], "move") == 0 && argc == 4)
		move(atol(argv[3]));
	else
		errx(2, "usage: bench-register pair|cost|move WHERE COUNT ...");
	ss_sm3_free(sm3);
	return 0;
}
