#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/err.h"
#include "books/registry_own.h"

#define PATIENCE 60000		/* ms in which a lost transaction is repeated */
#define LONGEST_PAUSE 1000	/* ms between them */

static const struct ss_engine *const engines[] = { &ss_engine_sqlite,
	&ss_engine_postgresql, &ss_engine_postgres };

static const struct ss_engine *
find_engine(const char *name)
{
	size_t i;

	if (name[0] == '/')
		return &ss_engine_sqlite;
	for (i = 0; i < sizeof(engines) / sizeof(engines[0]); i++)
		if (strncmp(name, engines[i]->prefix,
		    strlen(engines[i]->prefix)) == 0)
			return engines[i];
	return NULL;
}

int
ss_registry_open(struct ss_registry **out, const char *name,
    const char *station, bool *made)
{
	struct ss_registry *reg;
	int r;

	*out = NULL;
	if (made != NULL)
		*made = false;
	if ((reg = calloc(1, sizeof(*reg))) == NULL)
		return ss_fail(SS_EMEMORY, "out of memory");
	pthread_mutex_init(&reg->lock, NULL);
	if ((reg->engine = find_engine(name)) == NULL)
		r = ss_fail(SS_EINVALID, "a register is sqlite:PATH, an "
		    "absolute path, or postgresql://...");
	else if ((reg->station = strdup(station)) == NULL)
		r = ss_fail(SS_EMEMORY, "out of memory");
	else if ((r = ss_sm3_new(&reg->sm3)) == 0)
		r = reg->engine->open(&reg->db, name, made);
	ss_registry_show(name, &reg->name);
	if (r != 0 || (r = ss_bytes_check(&reg->name)) != 0) {
		ss_registry_close(reg);
		return r;
	}
	*out = reg;
	return 0;
}

void
ss_registry_close(struct ss_registry *reg)
{
	if (reg == NULL)
		return;
	if (reg->db != NULL)
		reg->engine->close(reg->db);
	ss_sm3_free(reg->sm3);
	ss_bytes_free(&reg->name);
	free(reg->station);
	pthread_mutex_destroy(&reg->lock);
	free(reg);
}

const char *
ss_registry_name(const struct ss_registry *reg)
{
	return reg->name.data;
}

struct ss_arg
ss_arg_text(const char *text)
{
	return (struct ss_arg){ text, strlen(text), 0 };
}

struct ss_arg
ss_arg_number(int64_t number)
{
	return (struct ss_arg){ NULL, 0, number };
}

int64_t
ss_cell_int(const struct ss_cell *cell)
{
	return strtoll(cell->text, NULL, 10);
}

void
ss_cell_copy(const struct ss_cell *cell, char *to, size_t size)
{
	size_t n = cell->len < size ? cell->len : size - 1;

	memcpy(to, cell->text, n);
	to[n] = '\0';
}

/* How often and how long something was repeated. */
struct again {
	int times;
	int64_t since;
};

/*
 * Whether what was undone is to be repeated: soon at first, since another
 * writer was in the way; later a server may be coming up again.
 */
static bool
wait_again(struct ss_registry *reg, int r, struct again *again)
{
	int ms = 1 << (again->times < 10 ? again->times : 10);
	struct timespec pause;

	if (r != SS_AGAIN || reg->open)
		return false;
	if (again->times == 0)
		again->since = ss_monotonic();
	else if (ss_monotonic() - again->since > PATIENCE)
		return false;
	if (ms > LONGEST_PAUSE)
		ms = LONGEST_PAUSE;
	pause = (struct timespec){ ms / 1000, ms % 1000 * 1000000L };
	nanosleep(&pause, NULL);
	again->times++;
	return true;
}

static int
give_up(int r)
{
	return r == SS_AGAIN ? ss_fail_as(SS_EREGISTRY) : r;
}

int
ss_registry_do(struct ss_registry *reg, enum ss_query query,
    const struct ss_arg *args, size_t n, ss_row_fn *row, void *ctx,
    int64_t *changed)
{
	struct ss_statement st = { .query = query, .count = n };

	if (n > 0)
		memcpy(st.args, args, n * sizeof(*args));
	return reg->engine->run(reg->db, &st, row, ctx, changed);
}

int
ss_registry_run(struct ss_registry *reg, enum ss_query query,
    const struct ss_arg *args, size_t n, ss_row_fn *row, void *ctx,
    int64_t *changed)
{
	struct again again = { 0, 0 };
	int r;

	pthread_mutex_lock(&reg->lock);
	do {
		r = ss_registry_do(reg, query, args, n, row, ctx, changed);
	} while (wait_again(reg, r, &again));
	pthread_mutex_unlock(&reg->lock);
	return give_up(r);
}

int
ss_registry_select(struct ss_registry *reg, const char *sql,
    const struct ss_arg *args, size_t n, ss_row_fn *row, void *ctx)
{
	struct ss_statement st = { SS_Q_TEXT, sql, n, { { NULL, 0, 0 } } };
	struct again again = { 0, 0 };
	int r;

	if (n > 0)
		memcpy(st.args, args, n * sizeof(*args));
	pthread_mutex_lock(&reg->lock);
	do {
		r = reg->engine->run(reg->db, &st, row, ctx, NULL);
	} while (wait_again(reg, r, &again));
	pthread_mutex_unlock(&reg->lock);
	return give_up(r);
}

int
ss_registry_transact(struct ss_registry *reg,
    int (*work)(struct ss_registry *, void *ctx), void *ctx)
{
	const struct ss_engine *engine = reg->engine;
	struct again again = { 0, 0 };
	int r;

	pthread_mutex_lock(&reg->lock);
	do {
		if ((r = engine->begin(reg->db)) == 0 &&
		    (r = work(reg, ctx)) == 0)
			r = engine->commit(reg->db);
		if (r != 0)
			engine->rollback(reg->db);
	} while (wait_again(reg, r, &again));
	pthread_mutex_unlock(&reg->lock);
	return give_up(r);
}

static int
change_mode(struct ss_registry *reg, int (*how)(void *db))
{
	struct again again = { 0, 0 };
	int r;

	pthread_mutex_lock(&reg->lock);
	do {
		r = how(reg->db);
	} while (wait_again(reg, r, &again));
	reg->open = r == 0;
	pthread_mutex_unlock(&reg->lock);
	return give_up(r);
}

int
ss_registry_begin(struct ss_registry *reg)
{
	return change_mode(reg, reg->engine->begin);
}

int
ss_registry_look(struct ss_registry *reg)
{
	return change_mode(reg, reg->engine->look);
}

int
ss_registry_end(struct ss_registry *reg, bool store)
{
	int r = 0;

	pthread_mutex_lock(&reg->lock);
	if (!store || (r = reg->engine->commit(reg->db)) != 0)
		reg->engine->rollback(reg->db);
	reg->open = false;
	pthread_mutex_unlock(&reg->lock);
	return give_up(r);
}

int
ss_entry_cells(struct ss_entry *e, const struct ss_cell *c)
{
	ss_cell_copy(&c[0], e->id, sizeof(e->id));
	ss_cell_copy(&c[1], e->person, sizeof(e->person));
	ss_cell_copy(&c[2], e->region, sizeof(e->region));
	ss_cell_copy(&c[3], e->kind, sizeof(e->kind));
	e->at = (struct ss_stand){ ss_state_find(c[4].text),
		ss_status_find(c[5].text), ss_stock_find(c[6].text) };
	e->revision = ss_cell_int(&c[7]);
	ss_cell_copy(&c[8], e->record_sm3, sizeof(e->record_sm3));
	ss_cell_copy(&c[9], e->form_sm3, sizeof(e->form_sm3));
	e->events = ss_cell_int(&c[10]);
	ss_cell_copy(&c[11], e->head, sizeof(e->head));
	ss_cell_copy(&c[12], e->changed, sizeof(e->changed));
	ss_cell_copy(&c[13], e->number, sizeof(e->number));
	ss_cell_copy(&c[14], e->chip, sizeof(e->chip));
	ss_cell_copy(&c[15], e->until, sizeof(e->until));
	ss_cell_copy(&c[16], e->claim, sizeof(e->claim));
	ss_cell_copy(&c[17], e->claimant, sizeof(e->claimant));
	if (e->at.state == SS_STATES || e->at.status == SS_STATUSES ||
	    e->at.stock == SS_STOCKS)
		return ss_fail(SS_EREGISTRY, "the register: application %s "
		    "stands where this version knows no place", e->id);
	return 0;
}

struct ss_event
ss_event_cells(const struct ss_cell *c)
{
	return (struct ss_event){ c[0].text, ss_cell_int(&c[1]), c[2].text,
		c[3].text, c[4].text, c[5].text, c[6].text, c[7].text,
		ss_cell_int(&c[8]), c[9].text, c[10].text, c[11].text };
}

size_t
ss_entry_args(const struct ss_entry *e, const struct ss_bytes *record,
    struct ss_arg args[SS_ARGS_MAX])
{
	const struct ss_arg all[] = { ss_arg_text(e->id),
		ss_arg_text(e->person), ss_arg_text(e->region),
		ss_arg_text(e->kind), ss_arg_text(ss_state_word(e->at.state)),
		ss_arg_text(ss_status_word(e->at.status)),
		ss_arg_number(e->revision), ss_arg_text(e->record_sm3),
		ss_arg_text(e->form_sm3), ss_arg_number(e->events),
		ss_arg_text(e->head), ss_arg_text(e->changed),
		ss_arg_text(e->number), ss_arg_text(e->chip),
		ss_arg_text(e->until), { record->data, record->len, 0 } };

	memcpy(args, all, sizeof(all));
	return sizeof(all) / sizeof(all[0]);
}

size_t
ss_event_args(const struct ss_event *e, struct ss_arg args[SS_ARGS_MAX])
{
	const struct ss_arg all[] = { ss_arg_text(e->id),
		ss_arg_number(e->number), ss_arg_text(e->step),
		ss_arg_text(e->state), ss_arg_text(e->status),
		ss_arg_text(e->time), ss_arg_text(e->operator),
		ss_arg_text(e->station), ss_arg_number(e->station_number),
		ss_arg_text(e->record_sm3), ss_arg_text(e->prev),
		ss_arg_text(e->digest) };

	memcpy(args, all, sizeof(all));
	return sizeof(all) / sizeof(all[0]);
}

static int
take_entry(const struct ss_cell *cells, void *ctx)
{
	return ss_entry_cells(ctx, cells);
}

int
ss_registry_load(struct ss_registry *reg, struct ss_entry *entry)
{
	char id[SS_ID_SIZE];

	memcpy(id, entry->id, sizeof(id));
	*entry = (struct ss_entry){ .events = 0 };
	memcpy(entry->id, id, sizeof(id));
	return ss_registry_run(reg, SS_Q_LOAD,
	    (struct ss_arg[]){ ss_arg_text(id) }, 1, take_entry, entry, NULL);
}

int
ss_registry_find(struct ss_registry *reg, enum ss_find by, const char *key,
    struct ss_entry *entry)
{
	static const enum ss_query queries[] = {
		[SS_FIND_OPEN] = SS_Q_LOAD_OPEN,
		[SS_FIND_HOLDER] = SS_Q_LOAD_LIVE,
		[SS_FIND_NUMBER] = SS_Q_LOAD_NUMBER,
		[SS_FIND_CHIP] = SS_Q_LOAD_CHIP,
	};

	*entry = (struct ss_entry){ .events = 0 };
	return ss_registry_run(reg, queries[by],
	    (struct ss_arg[]){ ss_arg_text(key) }, 1, take_entry, entry, NULL);
}

static int
take_text(const struct ss_cell *cells, void *ctx)
{
	struct ss_bytes *out = ctx;

	ss_bytes_add(out, cells[0].text, cells[0].len);
	return ss_bytes_check(out);
}

int
ss_registry_record(struct ss_registry *reg, const char *id,
    struct ss_bytes *out)
{
	size_t before = out->len;
	int r;

	r = ss_registry_run(reg, SS_Q_RECORD,
	    (struct ss_arg[]){ ss_arg_text(id) }, 1, take_text, out, NULL);
	if (r == 0 && out->len == before)
		r = ss_fail(SS_EMISSING, "application %s is not in the "
		    "register", id);
	return r;
}

static int
take_yes(const struct ss_cell *cells, void *ctx)
{
	(void)cells;
	*(bool *)ctx = true;
	return 0;
}

int
ss_registry_had(struct ss_registry *reg, const char *id, const char *sm3,
    bool *out)
{
	*out = false;
	return ss_registry_run(reg, SS_Q_HAD, (struct ss_arg[]){
	    ss_arg_text(id), ss_arg_text(sm3) }, 2, take_yes, out, NULL);
}

struct each_event {
	ss_event_fn *each;
	void *ctx;
};

static int
give_event(const struct ss_cell *cells, void *ctx)
{
	const struct each_event *x = ctx;
	struct ss_event e = ss_event_cells(cells);

	return x->each(&e, x->ctx);
}

int
ss_registry_events(struct ss_registry *reg, const char *id, ss_event_fn *each,
    void *ctx)
{
	return ss_registry_run(reg, SS_Q_EVENTS,
	    (struct ss_arg[]){ ss_arg_text(id) }, 1, give_event,
	    &(struct each_event){ each, ctx }, NULL);
}

int
ss_registry_events_between(struct ss_registry *reg, const char *first,
    const char *last, ss_event_fn *each, void *ctx)
{
	return ss_registry_run(reg, SS_Q_EVENTS_BETWEEN, (struct ss_arg[]){
	    ss_arg_text(first), ss_arg_text(last) }, 2, give_event,
	    &(struct each_event){ each, ctx }, NULL);
}

int
ss_registry_events_of(struct ss_registry *reg, const char *station,
    int64_t behind, int64_t n, ss_event_fn *each, void *ctx)
{
	return ss_registry_run(reg, SS_Q_EVENTS_OF, (struct ss_arg[]){
	    ss_arg_text(station), ss_arg_number(behind), ss_arg_number(n) }, 3,
	    give_event, &(struct each_event){ each, ctx }, NULL);
}

struct each_station {
	int (*each)(const char *, int64_t, int64_t, void *ctx);
	void *ctx;
};

static int
give_station(const struct ss_cell *cells, void *ctx)
{
	const struct each_station *x = ctx;

	return x->each(cells[0].text, ss_cell_int(&cells[1]),
	    ss_cell_int(&cells[2]), x->ctx);
}

int
ss_registry_stations(struct ss_registry *reg,
    int (*each)(const char *station, int64_t events, int64_t actions,
    void *ctx), void *ctx)
{
	return ss_registry_run(reg, SS_Q_STATIONS, NULL, 0, give_station,
	    &(struct each_station){ each, ctx }, NULL);
}
