#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "books/export.h"
#include "books/registry_own.h"

#define PAGE 256

void
ss_event_write(const struct ss_event *e, bool id, struct ss_bytes *b)
{
	ss_json_open(b, NULL, '{');
	if (id)
		ss_json_add(b, "id", e->id);
	ss_json_addi(b, "number", e->number);
	ss_json_add(b, "step", e->step);
	ss_json_add(b, "state", e->state);
	ss_json_add(b, "status", e->status);
	ss_json_add(b, "time", e->time);
	ss_json_add(b, "operator", e->operator);
	ss_json_add(b, "station", e->station);
	ss_json_addi(b, "station_number", e->station_number);
	ss_json_add(b, "record_sm3", e->record_sm3);
	ss_json_add(b, "prev", e->prev);
	ss_json_add(b, "digest", e->digest);
	ss_json_close(b, '}');
}

/* A page of applications, each line in the making. */
struct export {
	struct ss_registry *reg;
	struct {
		char id[SS_ID_SIZE];
		struct ss_bytes line;
	} rows[PAGE];
	size_t count, at;
	int (*line)(const struct ss_bytes *, void *ctx);
	void *ctx;
	const struct ss_sql_table *table;
};

static int
begin_line(const struct ss_entry *e, const char *record, void *ctx)
{
	struct export *x = ctx;
	struct ss_bytes *b = &x->rows[x->count].line;

	memcpy(x->rows[x->count++].id, e->id, sizeof(e->id));
	ss_bytes_reset(b);
	ss_json_open(b, NULL, '{');
	ss_json_add(b, "application", e->id);
	if (e->claim[0] != '\0') {
		ss_json_open(b, "claim", '{');
		ss_json_add(b, "until", e->claim);
		ss_json_add(b, "station", e->claimant);
		ss_json_close(b, '}');
	}
	ss_json_add(b, "status", ss_status_word(e->at.status));
	ss_json_add(b, "form_sm3", e->form_sm3);
	ss_json_key(b, "record");
	ss_bytes_adds(b, record);
	ss_json_open(b, "events", '[');
	return ss_bytes_check(b);
}

/* Events come in the order of the page. */
static int
add_event(const struct ss_event *e, void *ctx)
{
	struct export *x = ctx;

	while (x->at < x->count && strcmp(x->rows[x->at].id, e->id) < 0)
		x->at++;
	if (x->at < x->count && strcmp(x->rows[x->at].id, e->id) == 0)
		ss_event_write(e, false, &x->rows[x->at].line);
	return 0;
}

static int
end_lines(struct export *x)
{
	struct ss_bytes *b;
	size_t i;
	int r = 0;

	for (i = 0; r == 0 && i < x->count; i++) {
		b = &x->rows[i].line;
		ss_json_close(b, ']');
		ss_json_close(b, '}');
		if ((r = ss_bytes_check(b)) == 0)
			r = x->line(b, x->ctx);
	}
	return r;
}

static int
export_applications(struct export *x)
{
	char behind[SS_ID_SIZE] = "";
	int r;

	do {
		x->count = x->at = 0;
		if ((r = ss_registry_page(x->reg, &(struct ss_filter){ 0 },
		    behind, PAGE, begin_line, x)) != 0 || x->count == 0)
			return r;
		memcpy(behind, x->rows[x->count - 1].id, sizeof(behind));
		if ((r = ss_registry_events_between(x->reg, x->rows[0].id,
		    behind, add_event, x)) == 0)
			r = end_lines(x);
	} while (r == 0);
	return r;
}

static int
export_row(const struct ss_cell *cells, void *ctx)
{
	struct export *x = ctx;
	struct ss_bytes *b = &x->rows[0].line;
	const char *const *column = x->table->columns;
	int r;

	ss_bytes_reset(b);
	ss_json_open(b, NULL, '{');
	ss_json_add(b, "table", x->table->name);
	for (; *column != NULL; column++, cells++) {
		if (ss_sql_is_number(x->table, *column))
			ss_json_addi(b, *column, ss_cell_int(cells));
		else
			ss_json_add(b, *column, cells->text);
	}
	ss_json_close(b, '}');
	return (r = ss_bytes_check(b)) != 0 ? r : x->line(b, x->ctx);
}

/* "a, b, c", or "$1, $2, $3". */
static size_t
add_columns(const struct ss_sql_table *table, bool names, struct ss_bytes *b)
{
	size_t i;

	for (i = 0; table->columns[i] != NULL; i++) {
		ss_bytes_adds(b, i > 0 ? ", " : "");
		if (names)
			ss_bytes_adds(b, table->columns[i]);
		else
			ss_bytes_addf(b, "$%zu", i + 1);
	}
	return i;
}

static int
export_table(struct export *x)
{
	struct ss_bytes sql = { 0 };
	int r;

	ss_bytes_adds(&sql, "SELECT ");
	add_columns(x->table, true, &sql);
	ss_bytes_addf(&sql, " FROM %s ORDER BY %s, %s", x->table->name,
	    x->table->columns[0], x->table->columns[1]);
	if ((r = ss_bytes_check(&sql)) == 0)
		r = ss_registry_select(x->reg, sql.data, NULL, 0, export_row,
		    x);
	ss_bytes_free(&sql);
	return r;
}

int
ss_export(struct ss_registry *reg, int (*line)(const struct ss_bytes *,
    void *ctx), void *ctx)
{
	struct export *x;
	size_t i;
	int r;

	if ((x = calloc(1, sizeof(*x))) == NULL)
		return ss_fail(SS_EMEMORY, "out of memory");
	x->reg = reg;
	x->line = line;
	x->ctx = ctx;
	if ((r = ss_registry_look(reg)) == 0) {
		r = export_applications(x);
		for (x->table = ss_sql_tables; r == 0 &&
		    x->table->name != NULL; x->table++)
			r = export_table(x);
		ss_registry_end(reg, false);
	}
	for (i = 0; i < PAGE; i++)
		ss_bytes_free(&x->rows[i].line);
	free(x);
	return r;
}
