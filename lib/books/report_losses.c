/* The loss list: cards to be refused, or what has changed of them. */
#define _GNU_SOURCE	/* qsort_r */
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "books/report_own.h"

#define PAGE 1024

static const struct ss_column columns[] = {
	{ "number", false }, { "status", false }, { "code", true },
	{ "since", false }, { "until", false },
};

#define LEN(array) (sizeof(array) / sizeof((array)[0]))

/* A line of the list. */
struct loss {
	char number[SS_CARD_NUMBER_SIZE];
	enum ss_status status;
	char since[SS_INSTANT_MAX], until[SS_INSTANT_MAX];
};

struct job {
	const struct ss_report *report;
	struct ss_registry *reg;
	struct ss_table *table;
	struct ss_mark *mark;	/* NULL: the full list */

	char behind[SS_CARD_NUMBER_SIZE];
	size_t rows;		/* of the page */
	int64_t event;		/* the last one, of the station */
	struct ss_bytes stations;	/* name NUL events ... */

	struct ss_bytes ids;	/* of those that changed, each with its NUL */
	struct ss_bytes losses;	/* struct loss */
};

/* The card is in force up to its last day, by its record. */
static int
is_expired(const struct ss_cell *record, ss_instant now, bool *out)
{
	struct ss_value *root = NULL;
	const char *text;
	ss_day day;

	*out = false;
	if (strstr(record->text, "\"expires\"") == NULL)
		return 0;
	if (ss_json_parse(record->text, record->len, &root) != 0)
		return ss_fail_in(SS_EREGISTRY, "the register: the record of "
		    "a card");
	text = ss_value_string(ss_value_get(root, "card.expires"));
	if (text != NULL && (day = ss_day_parse(text)) != SS_DAY_NONE)
		*out = ss_instant_day(now) > day;
	ss_json_free(root);
	return 0;
}

/* A loss that has lapsed by now is none, since then. */
static int
read_loss(const struct ss_cell *c, ss_instant now, struct loss *out)
{
	struct ss_entry e = { .at = { .status = ss_status_find(c[1].text) } };
	const struct ss_cell *since = &c[2];

	memset(out, 0, sizeof(*out));
	if (e.at.status == SS_STATUSES)
		return ss_fail(SS_EREGISTRY, "the register: a card has a "
		    "status that this version does not know");
	ss_cell_copy(&c[3], e.until, sizeof(e.until));
	out->status = ss_entry_status(&e, now);
	if (out->status != e.at.status)
		since = &c[3];
	else if (out->status == SS_LOST_FOR_NOW)
		memcpy(out->until, e.until, sizeof(out->until));
	ss_cell_copy(&c[0], out->number, sizeof(out->number));
	ss_cell_copy(since, out->since, sizeof(out->since));
	return 0;
}

static int
add_line(struct job *j, const struct loss *loss)
{
	ss_table_add(j->table, loss->number);
	ss_table_add(j->table, ss_status_word(loss->status));
	ss_table_addi(j->table, ss_status_code(loss->status));
	ss_table_add(j->table, loss->since[0] != '\0' ? loss->since : NULL);
	ss_table_add(j->table, loss->until[0] != '\0' ? loss->until : NULL);
	return ss_table_row(j->table);
}

static int
take_refused(const struct ss_cell *c, void *ctx)
{
	struct job *j = ctx;
	struct loss loss;
	bool expired;
	int r;

	j->rows++;
	ss_cell_copy(&c[0], j->behind, sizeof(j->behind));
	if ((r = read_loss(c, j->report->now, &loss)) != 0 ||
	    (r = is_expired(&c[4], j->report->now, &expired)) != 0 ||
	    loss.status == SS_NORMAL || expired)
		return r;
	return add_line(j, &loss);
}

static int
list_refused(struct job *j)
{
	char behind[SS_CARD_NUMBER_SIZE];
	int r;

	do {
		j->rows = 0;
		memcpy(behind, j->behind, sizeof(behind));
		r = ss_registry_run(j->reg, SS_Q_LOSSES, (struct ss_arg[]){
		    ss_arg_text(behind), ss_arg_text(j->report->region),
		    ss_arg_number(PAGE) }, 3, take_refused, j, NULL);
	} while (r == 0 && j->rows == PAGE);
	return r;
}

/*
 * Whether an event concerns the list: it leaves a status, and not the first
 * one nor the first normal one, since a card that is made and activated was
 * on no list before.
 */
static bool
concerns(const struct ss_event *e)
{
	enum ss_step step = ss_step_find(e->step);

	return step == SS_STEPS || (ss_life[step].status != SS_SAME &&
	    step != SS_FINISH && step != SS_ACTIVATE);
}

static int
take_event(const struct ss_event *e, void *ctx)
{
	struct job *j = ctx;

	j->rows++;
	j->event = e->station_number;
	if (!concerns(e))
		return 0;
	ss_bytes_add(&j->ids, e->id, strlen(e->id) + 1);
	return ss_bytes_check(&j->ids);
}

static int
keep_station(const char *station, int64_t events, int64_t actions, void *ctx)
{
	struct job *j = ctx;

	(void)actions;
	ss_bytes_add(&j->stations, station, strlen(station) + 1);
	ss_bytes_add(&j->stations, &events, sizeof(events));
	return ss_bytes_check(&j->stations);
}

static int
pass_station(struct job *j, const char *station, int64_t events)
{
	int r;

	if ((r = ss_mark_set(j->mark, station, events)) != 0 ||
	    ss_mark_fresh(j->mark))
		return r;
	j->event = ss_mark_of(j->mark, station);
	do {
		j->rows = 0;
		r = ss_registry_events_of(j->reg, station, j->event, PAGE,
		    take_event, j);
	} while (r == 0 && j->rows == PAGE);
	if (r == 0 && j->event != events)
		return ss_fail(SS_EREGISTRY, "the events of station %.64s end "
		    "with number %lld, not %lld; run ss-registry audit",
		    station, (long long)j->event, (long long)events);
	return r;
}

/* The next station kept, from *at on; NULL behind the last. */
static const char *
next_station(const struct job *j, size_t *at, int64_t *events)
{
	const char *station;

	if (*at >= j->stations.len)
		return NULL;
	station = j->stations.data + *at;
	*at += strlen(station) + 1;
	memcpy(events, j->stations.data + *at, sizeof(*events));
	*at += sizeof(*events);
	return station;
}

/* A mark of another register, or of this one before it was put back. */
static int
check_behind(const char *station, int64_t events, void *ctx)
{
	const char *known;
	int64_t n = 0;
	size_t at = 0;

	while ((known = next_station(ctx, &at, &n)) != NULL &&
	    strcmp(known, station) != 0)
		;
	if (events <= (known != NULL ? n : 0))
		return 0;
	return ss_fail(SS_EINVALID, "the mark has %lld events of station "
	    "%.64s, the register %lld: it is another register's; remove it "
	    "and give out a full list", (long long)events, station,
	    known != NULL ? (long long)n : 0LL);
}

static int
pass_stations(struct job *j)
{
	const char *station;
	size_t at = 0;
	int64_t n;
	int r;

	if ((r = ss_registry_stations(j->reg, keep_station, j)) != 0 ||
	    (r = ss_mark_each(j->mark, check_behind, j)) != 0)
		return r;
	while (r == 0 && (station = next_station(j, &at, &n)) != NULL)
		r = pass_station(j, station, n);
	return r;
}

static int
take_changed(const struct ss_cell *c, void *ctx)
{
	struct job *j = ctx;
	struct loss loss;
	int r;

	if ((r = read_loss(c, j->report->now, &loss)) != 0)
		return r;
	ss_bytes_add(&j->losses, &loss, sizeof(loss));
	return ss_bytes_check(&j->losses);
}

static int
by_id(const void *a, const void *b, void *ids)
{
	const char *base = ids;

	return strcmp(base + *(const size_t *)a, base + *(const size_t *)b);
}

/* Each once, whatever happened to it. */
static int
load_changed(struct job *j, size_t *at, size_t n)
{
	const char *id, *last = "";
	size_t i;
	int r = 0;

	qsort_r(at, n, sizeof(*at), by_id, j->ids.data);
	for (i = 0; r == 0 && i < n; i++) {
		id = j->ids.data + at[i];
		if (strcmp(id, last) != 0)
			r = ss_registry_run(j->reg, SS_Q_LOSS,
			    (struct ss_arg[]){ ss_arg_text(id),
			    ss_arg_text(j->report->region) }, 2, take_changed,
			    j, NULL);
		last = id;
	}
	return r;
}

static int
by_number(const void *a, const void *b)
{
	return strcmp(((const struct loss *)a)->number,
	    ((const struct loss *)b)->number);
}

static int
list_changed(struct job *j)
{
	size_t *at, i, n = 0;
	struct loss *losses;
	int r;

	for (i = 0; i < j->ids.len; i++)
		n += j->ids.data[i] == '\0';
	if (n == 0)
		return 0;
	if ((at = malloc(n * sizeof(*at))) == NULL)
		return ss_fail(SS_EMEMORY, "out of memory");
	for (i = n = 0; i < j->ids.len; i += strlen(j->ids.data + i) + 1)
		at[n++] = i;
	r = load_changed(j, at, n);
	free(at);
	losses = (struct loss *)(void *)j->losses.data;
	n = j->losses.len / sizeof(*losses);
	if (r == 0 && n > 0)
		qsort(losses, n, sizeof(*losses), by_number);
	for (i = 0; r == 0 && i < n; i++)
		r = add_line(j, &losses[i]);
	return r;
}

static int
work(struct ss_registry *reg, struct ss_table *table, void *ctx)
{
	struct job *j = ctx;
	int r = 0;

	j->reg = reg;
	j->table = table;
	if (j->mark != NULL)
		r = pass_stations(j);
	if (r != 0)
		return r;
	return j->mark == NULL || ss_mark_fresh(j->mark) ? list_refused(j) :
	    list_changed(j);
}

int
ss_report_losses(struct ss_registry *reg, const struct ss_report *report,
    struct ss_mark *mark)
{
	struct job j = { .report = report, .mark = mark };
	int r;

	r = ss_report_table(reg, report, columns, LEN(columns), work, &j);
	ss_bytes_free(&j.stations);
	ss_bytes_free(&j.ids);
	ss_bytes_free(&j.losses);
	return r;
}
