#include <stdio.h>
#include <string.h>

#include "base/err.h"
#include "books/export.h"

void
ss_event_write(const struct ss_event *e, struct ss_bytes *b)
{
	ss_json_open(b, NULL, '{');
	ss_json_addi(b, "number", e->number);
	ss_json_add(b, "step", e->step);
	ss_json_add(b, "state", e->state);
	ss_json_add(b, "time", e->time);
	ss_json_add(b, "operator", e->operator);
	ss_json_add(b, "station", e->station);
	ss_json_addi(b, "station_number", e->station_number);
	ss_json_add(b, "record_sm3", e->record_sm3);
	ss_json_add(b, "prev", e->prev);
	ss_json_add(b, "digest", e->digest);
	ss_json_close(b, '}');
}

struct export {
	struct ss_registry *reg;
	struct ss_bytes text;
	int (*line)(const struct ss_bytes *, void *ctx);
	void *ctx;
};

static int
add_event(const struct ss_event *e, void *ctx)
{
	ss_event_write(e, ctx);
	return 0;
}

static int
export_one(const struct ss_entry *e, const char *record, void *ctx)
{
	struct export *x = ctx;
	int r;

	ss_bytes_reset(&x->text);
	ss_json_open(&x->text, NULL, '{');
	ss_json_add(&x->text, "application", e->id);
	ss_json_add(&x->text, "form_sm3", e->form_sm3);
	ss_json_key(&x->text, "record");
	ss_bytes_adds(&x->text, record);
	ss_json_open(&x->text, "events", '[');
	if ((r = ss_registry_events(x->reg, e->id, add_event, &x->text)) != 0)
		return r;
	ss_json_close(&x->text, ']');
	ss_json_close(&x->text, '}');
	if ((r = ss_bytes_check(&x->text)) != 0)
		return r;
	return x->line(&x->text, x->ctx);
}

int
ss_export(struct ss_registry *reg, int (*line)(const struct ss_bytes *,
    void *ctx), void *ctx)
{
	struct export x = { reg, { 0 }, line, ctx };
	int r;

	if ((r = ss_registry_look(reg)) == 0)
		r = ss_registry_each(reg, &(struct ss_filter){ 0 }, export_one,
		    &x);
	ss_registry_end(reg, false);
	ss_bytes_free(&x.text);
	return r;
}

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
read_entry(const struct ss_value *v, struct ss_entry *e)
{
	const struct ss_value *record = ss_value_get(v, "record");
	const struct ss_value *events = ss_value_get(v, "events");
	struct ss_event last = { 0 };
	char state[16];
	int r;

	*e = (struct ss_entry){ .events = (int64_t)ss_value_count(events) };
	if (ss_value_kind(events) != SS_ARRAY || e->events == 0)
		return bad_line("events");
	if (!copy(v, "application", e->id, sizeof(e->id)) ||
	    !copy(v, "form_sm3", e->form_sm3, sizeof(e->form_sm3)) ||
	    !copy(record, "region", e->region, sizeof(e->region)) ||
	    !copy(record, "person.social_number", e->person,
	    sizeof(e->person)) ||
	    !copy(record, "state", state, sizeof(state)) ||
	    !ss_value_int(ss_value_get(record, "applied.revision"),
	    &e->revision) ||
	    (e->state = ss_state_find(state)) == SS_STATES)
		return bad_line("record");
	if ((r = read_event(ss_value_at(events, (size_t)e->events - 1), e->id,
	    &last)) != 0)
		return r;
	snprintf(e->head, sizeof(e->head), "%s", last.digest);
	snprintf(e->changed, sizeof(e->changed), "%s", last.time);
	snprintf(e->record_sm3, sizeof(e->record_sm3), "%s",
	    last.record_sm3);
	return 0;
}

static int
import_one(struct ss_registry *reg, const struct ss_value *v)
{
	const struct ss_value *events = ss_value_get(v, "events");
	struct ss_bytes record = { 0 };
	struct ss_entry entry;
	struct ss_event e;
	size_t i;
	int r;

	if ((r = read_entry(v, &entry)) != 0 || (r = ss_value_write(
	    ss_value_get(v, "record"), true, &record)) != 0 ||
	    (r = ss_registry_put(reg, &entry, &record)) != 0)
		goto out;
	for (i = 0; r == 0 && i < ss_value_count(events); i++)
		if ((r = read_event(ss_value_at(events, i), entry.id, &e)) == 0)
			r = ss_registry_put_event(reg, &e);
out:
	ss_bytes_free(&record);
	return r;
}

static int
import_line(struct ss_registry *reg, const struct ss_line *line)
{
	struct ss_value *v = NULL;
	int r;

	if (line->full_len > line->len)
		r = ss_fail(SS_EINVALID, "longer than the line limit");
	else if ((r = ss_json_parse(line->data, line->len, &v)) == 0)
		r = import_one(reg, v);
	ss_json_free(v);
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
	if (r != 0) {
		ss_registry_end(reg, false);
		return r;
	}
	return ss_registry_end(reg, store);
}
