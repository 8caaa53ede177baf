/* An export, back into a register: all of it or nothing. */
#include <stdio.h>
#include <string.h>

#include "base/err.h"
#include "books/export.h"
#include "books/registry_own.h"

static bool
copy(const struct ss_value *root, const char *path, char *to, size_t size)
{
	const char *text = ss_value_string(ss_value_get(root, path));

	return text != NULL && (size_t)snprintf(to, size, "%s", text) < size;
}

static int
bad_line(const char *what)
{
	return ss_fail(SS_EINVALID, "no line of an export: %s", what);
}

static int
read_event(const struct ss_value *v, const char *id, struct ss_event *e)
{
	const struct {
		const char *name, **to;
	} texts[] = { { "step", &e->step }, { "state", &e->state },
		{ "time", &e->time }, { "operator", &e->operator },
		{ "station", &e->station }, { "record_sm3", &e->record_sm3 },
		{ "prev", &e->prev }, { "digest", &e->digest } };
	size_t i;

	e->id = id;
	e->status = ss_value_string(ss_value_get(v, "status"));
	if (e->status == NULL)		/* of the first version */
		e->status = "none";
	for (i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		*texts[i].to = ss_value_string(ss_value_get(v, texts[i].name));
		if (*texts[i].to == NULL)
			return bad_line("an event");
	}
	if (!ss_value_int(ss_value_get(v, "number"), &e->number) ||
	    !ss_value_int(ss_value_get(v, "station_number"),
	    &e->station_number))
		return bad_line("an event");
	return 0;
}

/* The application as its record and its last event say. */
static int
read_entry(struct ss_registry *reg, const struct ss_value *v,
    struct ss_entry *e, struct ss_bytes *text)
{
	const struct ss_value *record = ss_value_get(v, "record");
	const struct ss_value *events = ss_value_get(v, "events");
	struct ss_event last = { .id = "" };
	size_t n = ss_value_count(events);
	char said[SS_ID_SIZE];
	int r;

	*e = (struct ss_entry){ .events = (int64_t)n };
	if (ss_value_kind(events) != SS_ARRAY || n == 0)
		return bad_line("events");
	if (ss_value_kind(record) != SS_OBJECT)
		return bad_line("record");
	if ((r = ss_value_canonical(record, text)) != 0 ||
	    (r = ss_entry_read(e, record, text, reg->sm3)) != 0 ||
	    (r = read_event(ss_value_at(events, n - 1), e->id, &last)) != 0)
		return r;
	e->at.state = ss_state_find(last.state);
	e->at.status = ss_status_find(last.status);
	if (!copy(v, "application", said, sizeof(said)) ||
	    strcmp(said, e->id) != 0 || e->id[0] == '\0' ||
	    !copy(v, "form_sm3", e->form_sm3, sizeof(e->form_sm3)) ||
	    e->at.state == SS_STATES || e->at.status == SS_STATUSES ||
	    e->person[0] == '\0' || e->region[0] == '\0' ||
	    !copy(record, "state", said, sizeof(said)) ||
	    ss_state_find(said) == SS_STATES)
		return bad_line("record");
	copy(v, "claim.until", e->claim, sizeof(e->claim));
	copy(v, "claim.station", e->claimant, sizeof(e->claimant));
	snprintf(e->head, sizeof(e->head), "%s", last.digest);
	snprintf(e->changed, sizeof(e->changed), "%s", last.time);
	snprintf(e->record_sm3, sizeof(e->record_sm3), "%s",
	    last.record_sm3);
	return 0;
}

static struct ss_arg
text(const char *s)
{
	return ss_arg_text(s);
}

static int
put_entry(struct ss_registry *reg, const struct ss_entry *e,
    const struct ss_bytes *record)
{
	struct ss_arg args[SS_ARGS_MAX];
	int64_t written = 0;
	int r;

	if ((r = ss_registry_do(reg, SS_Q_INSERT, args, ss_entry_args(e,
	    record, args), NULL, NULL, &written)) != 0)
		return r;
	if (written == 0)
		return ss_fail(SS_EEXISTS, "application %s, or another one of "
		    "its person that is in its way, is in the register",
		    e->id);
	if (e->claim[0] == '\0')
		return 0;
	return ss_registry_do(reg, SS_Q_SET_CLAIM, (struct ss_arg[]){
	    text(e->id), text(e->claim), text(e->claimant) }, 3, NULL, NULL,
	    NULL);
}

static int
put_event(struct ss_registry *reg, const struct ss_event *e)
{
	struct ss_arg args[SS_ARGS_MAX];
	int64_t written = 0;
	int r;

	if ((r = ss_registry_do(reg, SS_Q_ADD_EVENT, args, ss_event_args(e,
	    args), NULL, NULL, &written)) != 0)
		return r;
	return written > 0 ? 0 : ss_fail(SS_EEXISTS, "event %lld of station "
	    "%.64s is in the register", (long long)e->station_number,
	    e->station);
}

static int
import_application(struct ss_registry *reg, const struct ss_value *v)
{
	const struct ss_value *events = ss_value_get(v, "events");
	struct ss_bytes record = { 0 };
	struct ss_entry entry = { .events = 0 };
	struct ss_event e = { .id = "" };
	size_t i;
	int r;

	if ((r = read_entry(reg, v, &entry, &record)) == 0)
		r = put_entry(reg, &entry, &record);
	for (i = 0; r == 0 && i < ss_value_count(events); i++)
		if ((r = read_event(ss_value_at(events, i), entry.id, &e)) == 0)
			r = put_event(reg, &e);
	ss_bytes_free(&record);
	return r;
}

static int
read_row(const struct ss_sql_table *table, const struct ss_value *v,
    struct ss_arg *args, struct ss_bytes *sql)
{
	const struct ss_value *cell;
	int64_t number = 0;
	size_t i;

	ss_bytes_addf(sql, "INSERT INTO %s (", table->name);
	for (i = 0; table->columns[i] != NULL; i++)
		ss_bytes_addf(sql, "%s%s", i > 0 ? ", " : "",
		    table->columns[i]);
	ss_bytes_adds(sql, ") VALUES (");
	for (i = 0; table->columns[i] != NULL; i++) {
		cell = ss_value_member(v, table->columns[i]);
		if (ss_sql_is_number(table, table->columns[i]) ?
		    !ss_value_int(cell, &number) :
		    ss_value_kind(cell) != SS_STRING)
			return bad_line(table->columns[i]);
		args[i] = ss_value_kind(cell) == SS_STRING ?
		    text(ss_value_string(cell)) : ss_arg_number(number);
		ss_bytes_addf(sql, "%s$%zu", i > 0 ? ", " : "", i + 1);
	}
	ss_bytes_adds(sql, ") ON CONFLICT DO NOTHING");
	return ss_bytes_check(sql);
}

static int
import_row(struct ss_registry *reg, const struct ss_value *v, const char *name)
{
	const struct ss_sql_table *table = ss_sql_tables;
	struct ss_statement st = { .query = SS_Q_TEXT };
	struct ss_bytes sql = { 0 };
	int64_t written = 0;
	int r;

	while (table->name != NULL && strcmp(table->name, name) != 0)
		table++;
	if (table->name == NULL)
		return bad_line("table");
	if ((r = read_row(table, v, st.args, &sql)) == 0) {
		while (table->columns[st.count] != NULL)
			st.count++;
		st.text = sql.data;
		r = reg->engine->run(reg->db, &st, NULL, NULL, &written);
	}
	if (r == 0 && written == 0)
		r = ss_fail(SS_EEXISTS, "this row of %s is in the register",
		    table->name);
	ss_bytes_free(&sql);
	return r;
}

static int
import_line(struct ss_registry *reg, const struct ss_line *line)
{
	struct ss_value *v = NULL;
	const char *table;
	int r;

	if (line->full_len > line->len)
		r = ss_fail(SS_EINVALID, "longer than the line limit");
	else if ((r = ss_json_parse(line->data, line->len, &v)) == 0) {
		table = ss_value_string(ss_value_get(v, "table"));
		r = table != NULL ? import_row(reg, v, table) :
		    import_application(reg, v);
	}
	ss_json_free(v);
	if (r == SS_AGAIN)
		r = ss_fail_as(SS_EREGISTRY);
	return r == 0 ? 0 : ss_fail_in(r, "line %llu",
	    (unsigned long long)line->number);
}

int
ss_import(struct ss_registry *reg, const struct ss_source *source, bool store)
{
	struct ss_line line;
	enum ss_next what;
	int r;

	if ((r = ss_registry_begin(reg)) != 0)
		return r;
	while ((r = source->next(source->ctx, true, &line, &what)) == 0 &&
	    what == SS_LINE && (r = import_line(reg, &line)) == 0)
		;
	if (r == 0)	/* the first version's lines do not tell of them */
		r = ss_registry_run(reg, SS_Q_MISSING_STATIONS, NULL, 0, NULL,
		    NULL, NULL);
	if (r != 0) {
		ss_registry_end(reg, false);
		return r;
	}
	return ss_registry_end(reg, store);
}
