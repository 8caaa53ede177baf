/* How much was done, and how long it took: one pass over the events. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "books/report_own.h"

#define PAGE 4096		/* events */
#define SLOTS 2048		/* of a waiting time */
#define NEVER INT64_MIN

enum what {
	APPLIED,
	APPROVED,
	RETURNED,
	REJECTED,
	MADE,
	COLLECTED,
	ACTIVATED,
	LOST,
	CANCELLED,
	HOLDERS,
	OPEN,
	COUNTS,
	WAITED = COUNTS,	/* a stage's slots, and its longest */
	STAGES = 4,
	LONGEST = WAITED + STAGES,
};

static const struct {
	enum ss_step step;
	enum what what;
} counted[] = {
	{ SS_APPLY, APPLIED }, { SS_APPROVE, APPROVED },
	{ SS_RETURN, RETURNED }, { SS_REJECT, REJECTED },
	{ SS_FINISH, MADE }, { SS_COLLECT, COLLECTED },
	{ SS_ACTIVATE, ACTIVATED }, { SS_LOSE, LOST },
	{ SS_CANCEL, CANCELLED }, { SS_REPLACE, CANCELLED },
};

/* A stage runs from the last of its steps from[] to the next step to. */
static const struct {
	const char *word;
	enum ss_step from[2], to;
} stages[STAGES] = {
	{ "review", { SS_APPLY, SS_MEND }, SS_APPROVE },
	{ "making", { SS_APPROVE, SS_APPROVE }, SS_FINISH },
	{ "collection", { SS_FINISH, SS_TAKE_BACK }, SS_COLLECT },
	{ "activation", { SS_COLLECT, SS_COLLECT }, SS_ACTIVATE },
};

/* The last two only with a population; what is now is of no day. */
static const struct ss_column count_columns[] = {
	{ "region", false }, { "name", false }, { "applied", true },
	{ "approved", true }, { "returned", true }, { "rejected", true },
	{ "made", true }, { "collected", true }, { "activated", true },
	{ "lost", true }, { "cancelled", true }, { "holders", true },
	{ "open", true }, { "population", true }, { "coverage", true },
};
static const struct ss_column day_columns[] = {
	{ "region", false }, { "name", false }, { "day", false },
	{ "applied", true }, { "approved", true }, { "returned", true },
	{ "rejected", true }, { "made", true }, { "collected", true },
	{ "activated", true }, { "lost", true }, { "cancelled", true },
};
static const struct ss_column wait_columns[] = {
	{ "region", false }, { "name", false }, { "stage", false },
	{ "count", true }, { "median", true }, { "p90", true },
	{ "longest", true },
};
static const struct ss_column day_wait_columns[] = {
	{ "region", false }, { "name", false }, { "day", false },
	{ "stage", false }, { "count", true }, { "median", true },
	{ "p90", true }, { "longest", true },
};

/* How long a stage took, by slots that ascend. */
struct spread {
	struct {
		int64_t slot, n;
	} part[SLOTS];
	size_t parts;
	int64_t total, longest;
};

struct job {
	const struct ss_report *report;
	const struct ss_stats *stats;
	struct ss_tally *tally;
	struct ss_table *table;

	/* The chain that is walked, and how far. */
	char id[SS_ID_SIZE];
	int64_t number;
	size_t rows;		/* of the page */
	ss_instant began[STAGES];

	/* The row that is made. */
	struct ss_tally_key row;
	bool rows_begun;
	int64_t counts[COUNTS];
	struct spread waits[STAGES];
};

/* What cuts six digits to those asked for. */
static int64_t
cut(const struct ss_stats *s)
{
	return s->digits == 2 ? 10000 : s->digits == 4 ? 100 : 1;
}

static struct ss_tally_key
key_of(const struct job *j, const char *region, ss_day day, int64_t what)
{
	return (struct ss_tally_key){
		atoi(region) / cut(j->stats),
		j->stats->by_day && day > 0 ? day : 0, what, 0 };
}

static int
add_waits(struct job *j, enum ss_step step, ss_instant time, bool within,
    struct ss_tally_key key)
{
	int64_t seconds;
	int i, r = 0;

	for (i = 0; r == 0 && i < STAGES; i++) {
		if (step == stages[i].to && j->began[i] != NEVER) {
			seconds = time > j->began[i] ?
			    (time - j->began[i]) / 1000 : 0;
			j->began[i] = NEVER;
			if (!within)
				continue;
			key.what = WAITED + i;
			key.detail = ss_wait_slot(seconds);
			if ((r = ss_tally_add(j->tally, &key, 1)) != 0)
				break;
			key.what = LONGEST + i;
			key.detail = 0;
			r = ss_tally_raise(j->tally, &key, seconds);
		} else if (step == stages[i].from[0] ||
		    step == stages[i].from[1]) {
			j->began[i] = time;
		}
	}
	return r;
}

static int
take_event(const struct ss_cell *c, void *ctx)
{
	struct job *j = ctx;
	const struct ss_stats *s = j->stats;
	enum ss_step step = ss_step_find(c[2].text);
	struct ss_tally_key key;
	ss_instant time;
	ss_day day;
	bool within;
	size_t i;
	int r = 0;

	j->rows++;
	if (strcmp(j->id, c[0].text) != 0)
		for (i = 0; i < STAGES; i++)
			j->began[i] = NEVER;
	ss_cell_copy(&c[0], j->id, sizeof(j->id));
	j->number = ss_cell_int(&c[1]);
	if (ss_instant_parse(c[3].text, &time) != 0)
		return ss_fail(SS_EREGISTRY, "the register: application %s "
		    "has an event without a time", j->id);
	day = ss_instant_day(time);
	within = (s->since == SS_DAY_NONE || day >= s->since) &&
	    (s->until == SS_DAY_NONE || day <= s->until);
	key = key_of(j, c[4].text, day, 0);
	if (s->waits)
		return add_waits(j, step, time, within, key);
	for (i = 0; within && r == 0 &&
	    i < sizeof(counted) / sizeof(counted[0]); i++)
		if (counted[i].step == step) {
			key.what = counted[i].what;
			r = ss_tally_add(j->tally, &key, 1);
		}
	return r;
}

static int
pass_events(struct ss_registry *reg, struct job *j)
{
	char behind[SS_ID_SIZE];
	int r;

	do {
		j->rows = 0;
		memcpy(behind, j->id, sizeof(behind));
		r = ss_registry_run(reg, SS_Q_PASSED, (struct ss_arg[]){
		    ss_arg_text(behind), ss_arg_number(j->number),
		    ss_arg_text(j->report->region), ss_arg_number(PAGE) }, 4,
		    take_event, j, NULL);
	} while (r == 0 && j->rows == PAGE);
	return r;
}

static int
take_standing(const struct ss_cell *c, void *ctx)
{
	struct job *j = ctx;
	struct ss_tally_key key = key_of(j, c[0].text, 0, HOLDERS);
	enum ss_state state = ss_state_find(c[1].text);
	enum ss_status status = ss_status_find(c[2].text);
	int64_t n = ss_cell_int(&c[3]);
	int r = 0;

	if (status < SS_STATUSES && ss_status_live(status))
		r = ss_tally_add(j->tally, &key, n);
	key.what = OPEN;
	if (r == 0 && state < SS_STATES && ss_state_open(state))
		r = ss_tally_add(j->tally, &key, n);
	return r;
}

/* A region that is asked for has a row, though nothing happened there. */
static int
take_place(int64_t code, void *ctx)
{
	struct job *j = ctx;
	int digits = code % 10000 == 0 ? 2 : code % 100 == 0 ? 4 : 6;
	struct ss_tally_key key;
	char region[24];

	snprintf(region, sizeof(region), "%06lld", (long long)code);
	if (digits != j->stats->digits || strncmp(region, j->report->region,
	    strlen(j->report->region)) != 0)
		return 0;
	key = key_of(j, region, 0, HOLDERS);
	return ss_tally_add(j->tally, &key, 0);
}

static int
add_place(struct job *j)
{
	long long region = j->row.region * cut(j->stats);
	char code[24], date[SS_DATE_MAX];
	int r;

	snprintf(code, sizeof(code), "%06lld", region);
	if ((r = ss_report_region(j->report, j->table, code,
	    j->stats->digits)) == 0 && j->stats->by_day) {
		ss_day_format((ss_day)j->row.day, date);
		ss_table_add(j->table, date);
	}
	return r;
}

/* Holders in hundredths of a per cent. */
static void
add_coverage(struct job *j)
{
	int64_t people = ss_population_of(j->stats->population,
	    j->row.region * cut(j->stats));

	if (people < 0)
		ss_table_none(j->table);
	else
		ss_table_addi(j->table, people);
	if (people <= 0)
		ss_table_none(j->table);
	else
		ss_table_add_hundredths(j->table,
		    j->counts[HOLDERS] * 10000 / people);
}

static int
end_counts(struct job *j)
{
	int i, n = j->stats->by_day ? HOLDERS : COUNTS, r;

	if ((r = add_place(j)) != 0)
		return r;
	for (i = 0; i < n; i++)
		ss_table_addi(j->table, j->counts[i]);
	if (j->stats->population != NULL)
		add_coverage(j);
	return ss_table_row(j->table);
}

/* The least time that so many of a hundred did not exceed, in seconds. */
static int64_t
percentile(const struct spread *s, int64_t percent)
{
	int64_t rank = (s->total * percent + 99) / 100, time;
	size_t i = 0;

	if (rank == s->total)
		return s->longest;
	for (; rank > s->part[i].n; i++)
		rank -= s->part[i].n;
	time = ss_wait_of_slot(s->part[i].slot);
	return time < s->longest ? time : s->longest;
}

/* Seconds as hundredths of an hour. */
static int64_t
hours(int64_t seconds)
{
	return (seconds + 18) / 36;
}

static int
end_waits(struct job *j)
{
	const struct spread *s;
	int i, r = 0;

	for (i = 0; r == 0 && i < STAGES; i++) {
		s = &j->waits[i];
		if (s->total == 0)
			continue;
		if ((r = add_place(j)) != 0)
			break;
		ss_table_add(j->table, stages[i].word);
		ss_table_addi(j->table, s->total);
		ss_table_add_hundredths(j->table, hours(percentile(s, 50)));
		ss_table_add_hundredths(j->table, hours(percentile(s, 90)));
		ss_table_add_hundredths(j->table, hours(s->longest));
		r = ss_table_row(j->table);
	}
	return r;
}

static int
end_row(struct job *j)
{
	int i, r = 0;

	if (j->rows_begun)
		r = j->stats->waits ? end_waits(j) : end_counts(j);
	memset(j->counts, 0, sizeof(j->counts));
	for (i = 0; i < STAGES; i++) {
		j->waits[i].parts = 0;
		j->waits[i].total = j->waits[i].longest = 0;
	}
	return r;
}

static int
take_count(const struct ss_tally_key *key, int64_t n, void *ctx)
{
	struct job *j = ctx;
	struct spread *s;
	int r = 0;

	if (!j->rows_begun || key->region != j->row.region ||
	    key->day != j->row.day)
		r = end_row(j);
	j->rows_begun = true;
	j->row = *key;
	if (key->what < COUNTS) {
		j->counts[key->what] = n;
	} else if (key->what < LONGEST) {
		s = &j->waits[key->what - WAITED];
		s->part[s->parts].slot = key->detail;
		s->part[s->parts++].n = n;
		s->total += n;
	} else {
		j->waits[key->what - LONGEST].longest = n;
	}
	return r;
}

static int
work(struct ss_registry *reg, struct ss_table *table, void *ctx)
{
	struct job *j = ctx;
	const struct ss_stats *s = j->stats;
	int r;

	j->table = table;
	if ((r = pass_events(reg, j)) == 0 && !s->waits && !s->by_day)
		r = ss_registry_run(reg, SS_Q_STANDING, (struct ss_arg[]){
		    ss_arg_text(j->report->region) }, 1, take_standing, j,
		    NULL);
	if (r == 0 && s->population != NULL)
		r = ss_population_each(s->population, take_place, j);
	if (r == 0 && (r = ss_tally_each(j->tally, take_count, j)) == 0)
		r = end_row(j);
	return r;
}

#define LEN(array) (sizeof(array) / sizeof((array)[0]))

int
ss_report_stats(struct ss_registry *reg, const struct ss_report *report,
    const struct ss_stats *s)
{
	const struct ss_column *columns = count_columns;
	size_t count = LEN(count_columns) - (s->population == NULL ? 2 : 0);
	struct job *j;
	int r;

	if (s->waits && s->by_day)
		columns = day_wait_columns, count = LEN(day_wait_columns);
	else if (s->waits)
		columns = wait_columns, count = LEN(wait_columns);
	else if (s->by_day)
		columns = day_columns, count = LEN(day_columns);
	if ((j = calloc(1, sizeof(*j))) == NULL)
		return ss_fail(SS_EMEMORY, "out of memory");
	j->report = report;
	j->stats = s;
	if ((r = ss_tally_new(&j->tally)) == 0)
		r = ss_report_table(reg, report, columns, count, work, j);
	ss_tally_free(j->tally);
	free(j);
	return r;
}
