/* What is on its way from approval to activation, and sums that must agree. */
#include <string.h>

#include "base/err.h"
#include "books/report_own.h"

/* Many: the statement looks at all that is on its way for each page. */
#define PAGE 65536

/* By the number that the statements give each. */
static const char *const stages[] = { "free", "claimed", "lease-over",
	"making", "not-told", "not-collected", "not-active" };

enum {
	STAGES = sizeof(stages) / sizeof(stages[0]),
	APPROVED_STAGES = 3,	/* the first of them */
};

/* What SS_Q_SUMS counts, by its number; and what this file does. */
enum sum {
	APPROVED,
	APPROVED_BY_EVENT,
	MAKING,
	JOBS,
	BLANK,
	WITH_CARD,
	CARDS,
	QUERIED,
	CLAIMED_AND_FREE = QUERIED,
	SUMS,
};

static const char *const sum_words[SUMS] = {
	[APPROVED] = "approved applications",
	[APPROVED_BY_EVENT] = "approved by their last event",
	[MAKING] = "applications being made",
	[JOBS] = "jobs with a card",
	[BLANK] = "blank cards bound",
	[WITH_CARD] = "applications with a card",
	[CARDS] = "cards made, returned and destroyed",
	[CLAIMED_AND_FREE] = "free, claimed and lease over",
};

static const enum sum pairs[][2] = {
	{ APPROVED, CLAIMED_AND_FREE }, { APPROVED, APPROVED_BY_EVENT },
	{ MAKING, JOBS }, { MAKING, BLANK }, { WITH_CARD, CARDS },
};

static const struct ss_column columns[] = {
	{ "stage", false }, { "region", false }, { "name", false },
	{ "station", false }, { "count", true }, { "since", false },
	{ "until", false }, { "note", false },
};
static const struct ss_column hanging_columns[] = {
	{ "id", false }, { "region", false }, { "name", false },
	{ "stage", false }, { "since", false }, { "station", false },
};

#define LEN(array) (sizeof(array) / sizeof((array)[0]))

struct job {
	const struct ss_report *report;
	struct ss_table *table;
	char now[SS_INSTANT_MAX];
	int64_t sums[SUMS];
	bool differs;

	/* Of the single applications. */
	const struct ss_calendar *calendar;
	const struct ss_period *period;
	char before[SS_INSTANT_MAX], behind[SS_ID_SIZE];
	size_t rows;
};

/* "" is nothing. */
static void
add_text(struct ss_table *t, const char *text)
{
	ss_table_add(t, text[0] != '\0' ? text : NULL);
}

static int
stage_of(const struct ss_cell *cell, int64_t *out)
{
	*out = ss_cell_int(cell);
	return *out >= 0 && *out < STAGES ? 0 : ss_fail(SS_EREGISTRY,
	    "the register: a stage that this version does not know");
}

static int
take_stage(const struct ss_cell *c, void *ctx)
{
	struct job *j = ctx;
	int64_t stage;
	int r;

	if ((r = stage_of(&c[0], &stage)) != 0)
		return r;
	if (stage < APPROVED_STAGES)
		j->sums[CLAIMED_AND_FREE] += ss_cell_int(&c[3]);
	ss_table_add(j->table, stages[stage]);
	if ((r = ss_report_region(j->report, j->table, c[1].text, 6)) != 0)
		return r;
	add_text(j->table, c[2].text);
	ss_table_addi(j->table, ss_cell_int(&c[3]));
	add_text(j->table, c[4].text);
	add_text(j->table, c[5].text);
	ss_table_none(j->table);
	return ss_table_row(j->table);
}

static int
take_sum(const struct ss_cell *c, void *ctx)
{
	struct job *j = ctx;
	int64_t sum = ss_cell_int(&c[0]);

	if (sum >= 0 && sum < QUERIED)
		j->sums[sum] = ss_cell_int(&c[1]);
	return 0;
}

static int
add_difference(struct job *j, enum sum a, enum sum b)
{
	struct ss_bytes note = { 0 };
	int r;

	if (j->sums[a] == j->sums[b])
		return 0;
	j->differs = true;
	ss_bytes_addf(&note, "%s: %lld; %s: %lld", sum_words[a],
	    (long long)j->sums[a], sum_words[b], (long long)j->sums[b]);
	if ((r = ss_bytes_check(&note)) == 0) {
		ss_table_add(j->table, "difference");
		ss_table_none(j->table);
		ss_table_none(j->table);
		ss_table_none(j->table);
		ss_table_addi(j->table, j->sums[a] - j->sums[b]);
		ss_table_none(j->table);
		ss_table_none(j->table);
		ss_table_add(j->table, note.data);
		r = ss_table_row(j->table);
	}
	ss_bytes_free(&note);
	return r;
}

static int
work(struct ss_registry *reg, struct ss_table *table, void *ctx)
{
	struct job *j = ctx;
	struct ss_arg now = ss_arg_text(j->now);
	struct ss_arg region = ss_arg_text(j->report->region);
	size_t i;
	int r;

	j->table = table;
	if ((r = ss_registry_run(reg, SS_Q_STAGES, (struct ss_arg[]){ now,
	    region }, 2, take_stage, j, NULL)) == 0)
		r = ss_registry_run(reg, SS_Q_SUMS, &region, 1, take_sum, j,
		    NULL);
	for (i = 0; r == 0 && i < LEN(pairs); i++)
		r = add_difference(j, pairs[i][0], pairs[i][1]);
	return r;
}

int
ss_report_reconcile(struct ss_registry *reg, const struct ss_report *report,
    bool *differs)
{
	struct job j = { .report = report };
	int r;

	ss_instant_format(report->now, j.now);
	r = ss_report_table(reg, report, columns, LEN(columns), work, &j);
	*differs = j.differs;
	return r;
}

/*
 * Whether it hangs by the calendar, too: the statement is right of all periods
 * but months and years, of which not all that began before an instant end
 * before another.
 */
static int
check_hanging(const struct job *j, const char *text, bool *out)
{
	ss_instant since, end;
	int r;

	*out = true;
	if (j->period->unit != SS_MONTHS && j->period->unit != SS_YEARS)
		return 0;
	if (ss_instant_parse(text, &since) != 0)
		return ss_fail(SS_EREGISTRY, "the register: application %s "
		    "has an event without a time", j->behind);
	if ((r = ss_calendar_add(j->calendar, since, j->period, &end)) == 0)
		*out = end <= j->report->now;
	return r;
}

static int
take_hanging(const struct ss_cell *c, void *ctx)
{
	struct job *j = ctx;
	int64_t stage;
	bool hangs;
	int r;

	j->rows++;
	ss_cell_copy(&c[0], j->behind, sizeof(j->behind));
	if ((r = stage_of(&c[2], &stage)) != 0 ||
	    (r = check_hanging(j, c[3].text, &hangs)) != 0 || !hangs)
		return r;
	ss_table_add(j->table, j->behind);
	if ((r = ss_report_region(j->report, j->table, c[1].text, 6)) != 0)
		return r;
	ss_table_add(j->table, stages[stage]);
	ss_table_add(j->table, c[3].text);
	add_text(j->table, c[4].text);
	return ss_table_row(j->table);
}

static int
list_hanging(struct ss_registry *reg, struct ss_table *table, void *ctx)
{
	struct job *j = ctx;
	char behind[SS_ID_SIZE];
	int r;

	j->table = table;
	do {
		j->rows = 0;
		memcpy(behind, j->behind, sizeof(behind));
		r = ss_registry_run(reg, SS_Q_HANGING, (struct ss_arg[]){
		    ss_arg_text(j->now), ss_arg_text(j->report->region),
		    ss_arg_text(j->before), ss_arg_text(behind),
		    ss_arg_number(PAGE) }, 5, take_hanging, j, NULL);
	} while (r == 0 && j->rows == PAGE);
	return r;
}

int
ss_report_hanging(struct ss_registry *reg, const struct ss_report *report,
    const struct ss_calendar *calendar, const struct ss_period *period)
{
	struct job j = { .report = report, .calendar = calendar,
		.period = period };
	ss_instant before;
	int r;

	if ((r = ss_calendar_back(calendar, report->now, period,
	    &before)) != 0)
		return r;
	ss_instant_format(report->now, j.now);
	ss_instant_format(before, j.before);
	return ss_report_table(reg, report, hanging_columns,
	    LEN(hanging_columns), list_hanging, &j);
}
