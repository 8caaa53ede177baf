#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/json.h"
#include "books/audit.h"
#include "books/registry_own.h"
#include "books/station.h"

#define PAGE 256

/* The audit at work, and where it is in a chain. */
struct run {
	struct ss_registry *reg;
	struct ss_audit *audit;
	const struct ss_audit_eye *eye;	/* NULL: none */
	ss_fault_fn *fault;
	void *ctx;
	struct ss_sm3 *sm3;

	struct ss_entry page[PAGE];
	struct ss_value *record[PAGE];	/* of each, while an eye is there */
	size_t count, current;

	struct ss_stand at;		/* by the events so far */
	int64_t number;
	char prev[SS_SM3_HEX], record_sm3[SS_SM3_HEX];
	char time[SS_INSTANT_MAX];
	char station[SS_STATION_SIZE];	/* in the walk over actions */
};

static void
fault(struct run *run, const char *subject, const char *what)
{
	run->audit->faults++;
	run->fault(subject, what, run->ctx);
}

static void
begin_chain(struct run *run)
{
	run->at = (struct ss_stand){ SS_STATE_NONE, SS_NO_CARD, SS_NO_STOCK };
	run->time[0] = run->prev[0] = run->record_sm3[0] = '\0';
	run->number = 0;
}

static void
check_step(struct run *run, const struct ss_event *e)
{
	enum ss_step step = ss_step_find(e->step);

	if (step == SS_STEPS || ss_life_step(step, &run->at) != 0 ||
	    strcmp(ss_state_word(run->at.state), e->state) != 0 ||
	    strcmp(ss_status_word(run->at.status), e->status) != 0)
		fault(run, e->id, "a step that the table does not have");
	if (ss_state_find(e->state) != SS_STATES)
		run->at.state = ss_state_find(e->state);
	if (ss_status_find(e->status) != SS_STATUSES)
		run->at.status = ss_status_find(e->status);
}

static int
check_event(struct run *run, const struct ss_event *e)
{
	char digest[SS_SM3_HEX];
	int r;

	if (e->number != ++run->number)
		fault(run, e->id, "an event is missing from its chain");
	if (strcmp(e->prev, run->prev) != 0)
		fault(run, e->id, "an event does not follow the one before");
	if ((r = ss_event_digest(run->sm3, e, digest)) != 0)
		return r;
	if (strcmp(e->digest, digest) != 0)
		fault(run, e->id, "an event is not what its digest says");
	check_step(run, e);
	run->number = e->number;
	snprintf(run->prev, sizeof(run->prev), "%s", e->digest);
	snprintf(run->time, sizeof(run->time), "%s", e->time);
	snprintf(run->record_sm3, sizeof(run->record_sm3), "%s",
	    e->record_sm3);
	return run->eye == NULL ? 0 : run->eye->event(e, run->eye->ctx);
}

/* The card that the last one of the chain left is the application's. */
static bool
has_card(const struct run *run, const struct ss_entry *e)
{
	if (run->at.stock == SS_SPOILED || run->at.stock == SS_NO_STOCK)
		return e->chip[0] == '\0' && e->number[0] == '\0';
	return run->at.stock == e->at.stock;
}

static int
end_chain(struct run *run)
{
	struct ss_value **record = &run->record[run->current];
	const struct ss_entry *e = &run->page[run->current++];
	int r = 0;

	if (run->number != e->events || strcmp(run->prev, e->head) != 0)
		fault(run, e->id, "the chain does not end as the "
		    "application says");
	if (run->at.state != e->at.state || strcmp(run->time, e->changed) !=
	    0 || strcmp(run->record_sm3, e->record_sm3) != 0)
		fault(run, e->id, "the last event is of another record");
	if (run->at.status != e->at.status || !has_card(run, e))
		fault(run, e->id, "the card is not where the events left it");
	begin_chain(run);
	if (run->eye != NULL)
		r = run->eye->end(e, *record, run->eye->ctx);
	ss_json_free(*record);
	*record = NULL;
	return r;
}

/* Events come in the order of the page. */
static int
take_event(const struct ss_event *e, void *ctx)
{
	struct run *run = ctx;
	int r = 0;

	run->audit->events++;
	while (r == 0 && run->current < run->count &&
	    strcmp(run->page[run->current].id, e->id) < 0)
		r = end_chain(run);
	if (r != 0)
		return r;
	if (run->current == run->count ||
	    strcmp(run->page[run->current].id, e->id) != 0)
		return 0;	/* of none that is there: find_strays */
	return check_event(run, e);
}

static bool
says(const struct ss_value *root, const char *path, const char *want)
{
	const char *text = ss_value_string(ss_value_get(root, path));

	return text != NULL && strcmp(text, want) == 0;
}

/* The columns are those of the record. */
static bool
same_columns(const struct ss_entry *e, const struct ss_entry *said,
    const struct ss_value *root)
{
	return says(root, "id", e->id) && says(root, "region", e->region) &&
	    says(root, "person.social_number", e->person) &&
	    says(root, "state", ss_state_word(e->at.state)) &&
	    said->revision == e->revision &&
	    strcmp(said->kind, e->kind) == 0 &&
	    strcmp(said->number, e->number) == 0 &&
	    strcmp(said->chip, e->chip) == 0 &&
	    strcmp(said->until, e->until) == 0 &&
	    strcmp(said->form_sm3, e->form_sm3) == 0;
}

static int
check_record(struct run *run, const struct ss_entry *e, const char *record)
{
	struct ss_bytes text = { (char *)record, strlen(record), 0, false };
	struct ss_entry said = { .events = 0 };
	struct ss_value *root = NULL;
	char digest[SS_SM3_HEX];
	bool same;
	int r;

	if ((r = ss_sm3_hex(run->sm3, record, text.len, digest)) != 0)
		return r;
	same = strcmp(digest, e->record_sm3) == 0;
	if (!same)
		fault(run, e->id, "the record is not what its digest says");
	if (ss_json_parse(record, text.len, &root) != 0) {
		if (same)
			fault(run, e->id, "the record is not JSON");
	} else if (same) {
		r = ss_entry_read(&said, root, &text, run->sm3);
		if (r == 0 && !same_columns(e, &said, root))
			fault(run, e->id, "the columns are not those of the "
			    "record");
	}
	if (run->eye != NULL)
		run->record[run->count - 1] = root;
	else
		ss_json_free(root);
	return r;
}

static int
take_entry(const struct ss_entry *e, const char *record, void *ctx)
{
	struct run *run = ctx;

	run->audit->applications++;
	run->page[run->count++] = *e;
	return check_record(run, e, record);
}

static int
check_applications(struct run *run)
{
	char behind[SS_ID_SIZE] = "";
	int r;

	do {
		run->count = run->current = 0;
		begin_chain(run);
		if ((r = ss_registry_page(run->reg, &(struct ss_filter){ 0 },
		    behind, PAGE, take_entry, run)) != 0 || run->count == 0)
			return r;
		memcpy(behind, run->page[run->count - 1].id, sizeof(behind));
		r = ss_registry_events_between(run->reg, run->page[0].id,
		    behind, take_event, run);
		while (r == 0 && run->current < run->count)
			r = end_chain(run);
	} while (r == 0);
	return r;
}

static int
take_stray(const struct ss_cell *cells, void *ctx)
{
	fault(ctx, cells[0].text, "an event of an application that is not "
	    "there");
	return 0;
}

/* By station: its own counts, and those of what it has stored. */
static int
take_station(const struct ss_cell *c, void *ctx)
{
	struct run *run = ctx;

	run->audit->stations++;
	if (c[1].len == 0)
		fault(run, c[0].text, "the station is not there");
	else if (ss_cell_int(&c[1]) != ss_cell_int(&c[2]) ||
	    ss_cell_int(&c[4]) != ss_cell_int(&c[5]))
		fault(run, c[0].text, "the station has counted other events");
	if (ss_cell_int(&c[2]) != ss_cell_int(&c[3]))
		fault(run, c[0].text, "a number of the station is missing");
	return run->eye == NULL ? 0 : run->eye->station(c[0].text,
	    ss_cell_int(&c[2]), ss_cell_int(&c[5]), run->eye->ctx);
}

static int
take_card(const struct ss_cell *cells, void *ctx)
{
	struct run *run = ctx;

	run->audit->cards++;
	if (cells[1].text[0] == '1')
		fault(run, cells[0].text, "the card is not its "
		    "application's");
	return 0;
}

static int
take_spoiled(const struct ss_cell *cells, void *ctx)
{
	fault(ctx, cells[0].text, "the spoiled cards are not as many as its "
	    "events");
	return 0;
}

static int
take_job(const struct ss_cell *cells, void *ctx)
{
	fault(ctx, cells[0].text, "the job is not where the application is");
	return 0;
}

static int
take_action(const struct ss_cell *c, void *ctx)
{
	struct run *run = ctx;
	struct ss_action a = { c[0].text, ss_cell_int(&c[1]), c[2].text,
		c[3].text, c[4].text, c[5].text, c[6].text, c[7].text,
		c[8].text };
	char digest[SS_SM3_HEX];
	int r;

	run->audit->actions++;
	if (strcmp(run->station, a.station) != 0) {
		begin_chain(run);
		snprintf(run->station, sizeof(run->station), "%s", a.station);
	}
	if ((r = ss_action_digest(run->sm3, &a, digest)) != 0)
		return r;
	if (a.number != ++run->number || strcmp(a.prev, run->prev) != 0)
		fault(run, a.station, "an action does not follow the one "
		    "before");
	if (strcmp(digest, a.digest) != 0)
		fault(run, a.station, "an action is not what its digest "
		    "says");
	run->number = a.number;
	snprintf(run->prev, sizeof(run->prev), "%s", a.digest);
	return run->eye == NULL ? 0 : run->eye->action(&a, run->eye->ctx);
}

static int
check_rows(struct run *run)
{
	static const struct {
		enum ss_query query;
		ss_row_fn *take;
	} walks[] = {
		{ SS_Q_STRAYS, take_stray }, { SS_Q_COUNTS, take_station },
		{ SS_Q_CARDS, take_card }, { SS_Q_SPOILED, take_spoiled },
		{ SS_Q_JOBS, take_job }, { SS_Q_ACTIONS, take_action },
	};
	size_t i;
	int r = 0;

	begin_chain(run);
	for (i = 0; r == 0 && i < sizeof(walks) / sizeof(walks[0]); i++)
		r = ss_registry_run(run->reg, walks[i].query, NULL, 0,
		    walks[i].take, run, NULL);
	return r;
}

int
ss_audit_run(struct ss_registry *reg, struct ss_audit *audit,
    ss_fault_fn *on_fault, void *ctx)
{
	return ss_audit_watch(reg, audit, NULL, on_fault, ctx);
}

int
ss_audit_watch(struct ss_registry *reg, struct ss_audit *audit,
    const struct ss_audit_eye *eye, ss_fault_fn *on_fault, void *ctx)
{
	struct run *run;
	size_t i;
	int r;

	*audit = (struct ss_audit){ 0 };
	if ((run = calloc(1, sizeof(*run))) == NULL)
		return ss_fail(SS_EMEMORY, "out of memory");
	run->reg = reg;
	run->audit = audit;
	run->eye = eye;
	run->fault = on_fault;
	run->ctx = ctx;
	if ((r = ss_sm3_new(&run->sm3)) == 0 &&
	    (r = ss_registry_look(reg)) == 0) {
		if ((r = check_applications(run)) == 0)
			r = check_rows(run);
		ss_registry_end(reg, false);
	}
	for (i = 0; i < PAGE; i++)
		ss_json_free(run->record[i]);
	ss_sm3_free(run->sm3);
	free(run);
	return r;
}
