#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/json.h"
#include "books/audit.h"

/* What the events say of a station. */
struct station {
	char name[256];
	int64_t events, last;
	bool counted;		/* its own count was compared */
};

/* The audit at work, and where it is in a chain. */
struct run {
	struct ss_registry *reg;
	struct ss_audit *audit;
	void (*fault)(const char *subject, const char *what, void *ctx);
	void *ctx;
	struct ss_sm3 *sm3;

	enum ss_state state;		/* by the events so far */
	int64_t number;
	char prev[SS_SM3_HEX], record_sm3[SS_SM3_HEX];
	char time[SS_INSTANT_MAX];

	struct station *stations;	/* in the walk over all events */
	size_t count;
};

static void
fault(struct run *run, const char *subject, const char *what)
{
	run->audit->faults++;
	run->fault(subject, what, run->ctx);
}

/* The step of a word; SS_STEPS for none. */
static int
find_step(const char *word)
{
	int i;

	for (i = 0; i < SS_STEPS && strcmp(ss_life[i].word, word) != 0; i++)
		;
	return i;
}

static int
check_event(const struct ss_event *e, void *ctx)
{
	enum ss_status no_card = SS_NO_CARD;
	struct run *run = ctx;
	char digest[SS_SM3_HEX];
	int step, r;

	run->audit->events++;
	if (e->number != ++run->number)
		fault(run, e->id, "an event is missing from its chain");
	if (strcmp(e->prev, run->prev) != 0)
		fault(run, e->id, "an event does not follow the one before");
	if ((r = ss_event_digest(run->sm3, e, digest)) != 0)
		return r;
	if (strcmp(e->digest, digest) != 0)
		fault(run, e->id, "an event is not what its digest says");
	if ((step = find_step(e->step)) == SS_STEPS ||
	    ss_life_step((enum ss_step)step, &run->state, &no_card) != 0 ||
	    strcmp(ss_state_word(run->state), e->state) != 0)
		fault(run, e->id, "a step that the table does not have");
	run->number = e->number;
	snprintf(run->prev, sizeof(run->prev), "%s", e->digest);
	snprintf(run->time, sizeof(run->time), "%s", e->time);
	snprintf(run->record_sm3, sizeof(run->record_sm3), "%s",
	    e->record_sm3);
	if (ss_state_find(e->state) != SS_STATES)
		run->state = ss_state_find(e->state);
	return 0;
}

static bool
says(const struct ss_value *root, const char *path, const char *want)
{
	const char *text = ss_value_string(ss_value_get(root, path));

	return text != NULL && strcmp(text, want) == 0;
}

/* The columns are those of the record. */
static int
check_record(struct run *run, const struct ss_entry *e, const char *record)
{
	struct ss_value *root = NULL;
	char digest[SS_SM3_HEX], form[SS_SM3_HEX];
	int64_t revision = -1;
	bool changed;
	int r;

	if ((r = ss_sm3_hex(run->sm3, record, strlen(record), digest)) != 0)
		return r;
	changed = strcmp(digest, e->record_sm3) != 0;
	if (changed)
		fault(run, e->id, "the record is not what its digest says");
	if (ss_json_parse(record, strlen(record), &root) != 0) {
		fault(run, e->id, "the record is not JSON");
		return 0;
	}
	ss_value_int(ss_value_get(root, "applied.revision"), &revision);
	if (changed || (r = ss_form_digest(run->sm3, root, form)) != 0)
		goto out;
	if (!says(root, "id", e->id) || !says(root, "region", e->region) ||
	    !says(root, "person.social_number", e->person) ||
	    !says(root, "state", ss_state_word(e->state)) ||
	    revision != e->revision || strcmp(form, e->form_sm3) != 0)
		fault(run, e->id, "the columns are not those of the record");
out:
	ss_json_free(root);
	return r;
}

static int
check_entry(const struct ss_entry *e, const char *record, void *ctx)
{
	struct run *run = ctx;
	int r;

	run->audit->applications++;
	run->state = SS_STATE_NONE;
	run->time[0] = '\0';
	run->number = 0;
	run->prev[0] = run->record_sm3[0] = '\0';
	if ((r = check_record(run, e, record)) != 0 ||
	    (r = ss_registry_events(run->reg, e->id, check_event, run)) != 0)
		return r;
	if (run->number != e->events || strcmp(run->prev, e->head) != 0)
		fault(run, e->id, "the chain does not end as the "
		    "application says");
	if (run->state != e->state || strcmp(run->time, e->changed) != 0 ||
	    strcmp(run->record_sm3, e->record_sm3) != 0)
		fault(run, e->id, "the last event is of another record");
	return 0;
}

static struct station *
find_station(const struct run *run, const char *name)
{
	size_t i;

	for (i = run->count; i-- > 0;)
		if (strcmp(run->stations[i].name, name) == 0)
			return &run->stations[i];
	return NULL;
}

static int
add_station(struct run *run, const char *name)
{
	struct station *p;

	p = realloc(run->stations, (run->count + 1) * sizeof(*p));
	if (p == NULL)
		return ss_fail(SS_EMEMORY, "out of memory");
	run->stations = p;
	p += run->count++;
	*p = (struct station){ .events = 0 };
	snprintf(p->name, sizeof(p->name), "%s", name);
	return 0;
}

/* Over all events, by station: numbers without a gap, of known ids. */
static int
check_number(const struct ss_event *e, void *ctx)
{
	struct run *run = ctx;
	struct station *s = find_station(run, e->station);
	struct ss_entry entry = { 0 };
	int r;

	if (s == NULL) {
		if (add_station(run, e->station) != 0)
			return SS_EMEMORY;
		s = &run->stations[run->count - 1];
	}
	s->events++;
	if (e->station_number != ++s->last) {
		fault(run, e->station, "a number of the station is missing");
		s->last = e->station_number;
	}
	snprintf(entry.id, sizeof(entry.id), "%s", e->id);
	if ((r = ss_registry_load(run->reg, &entry)) != 0)
		return r;
	if (entry.state == SS_STATE_NONE)
		fault(run, e->id, "an event of an application that is not "
		    "there");
	return 0;
}

static int
check_station(const char *name, int64_t events, void *ctx)
{
	struct run *run = ctx;
	struct station *s = find_station(run, name);

	run->audit->stations++;
	if (s != NULL)
		s->counted = true;
	if ((s != NULL ? s->events : 0) != events)
		fault(run, name, "the station has counted other events");
	return 0;
}

int
ss_audit_run(struct ss_registry *reg, struct ss_audit *audit,
    void (*on_fault)(const char *subject, const char *what, void *ctx),
    void *ctx)
{
	struct run run = { .reg = reg, .audit = audit, .fault = on_fault,
		.ctx = ctx };
	size_t i;
	int r;

	*audit = (struct ss_audit){ 0 };
	if ((r = ss_sm3_new(&run.sm3)) != 0)
		return r;
	if ((r = ss_registry_look(reg)) != 0)
		goto out;
	if ((r = ss_registry_each(reg, &(struct ss_filter){ 0 }, check_entry,
	    &run)) != 0 ||
	    (r = ss_registry_events(reg, NULL, check_number, &run)) != 0)
		goto out;
	r = ss_registry_stations(reg, check_station, &run);
	for (i = 0; i < run.count; i++)
		if (!run.stations[i].counted)
			fault(&run, run.stations[i].name,
			    "the station is not there");
out:
	ss_registry_end(reg, false);
	ss_sm3_free(run.sm3);
	free(run.stations);
	return r;
}
