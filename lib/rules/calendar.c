#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "base/err.h"
#include "base/json.h"
#include "rules/calendar.h"

#define MINUTE_MS INT64_C(60000)
#define HOUR_MS INT64_C(3600000)

/* The week of five working days is older than the first of these. */
#define YEAR_MIN 1996
#define YEAR_MAX 2199

/* What the file says of a day; where it says nothing the week does. */
enum {
	USUAL,
	HOLIDAY,
	WORKDAY,
};

struct days {
	pthread_mutex_t lock;	/* until kind is there */
	char *kind;		/* of each day from first to last, or NULL */
	ss_day first, last;
	int first_year, last_year;
};

/* Constant for those who ask; the days come when they are needed. */
struct ss_calendar {
	struct ss_bytes path;
	struct days *days;
};

/* Monday is 0. */
static bool
is_weekend(ss_day d)
{
	return ((d + 3) % 7 + 7) % 7 >= 5;
}

static bool
is_working(const struct days *days, ss_day d)
{
	char kind = days->kind[d - days->first];

	return kind == USUAL ? !is_weekend(d) : kind == WORKDAY;
}

static int
check_names(const struct ss_value *root)
{
	static const char *const names[] = { "about", "source", "covers",
		"holidays", "workdays", NULL };
	const struct ss_value *v;
	const char *name;
	void *iter = NULL;
	size_t i;

	if (ss_value_kind(root) != SS_OBJECT)
		return ss_fail(SS_EINVALID, "an object is wanted");
	while (ss_value_each(root, &iter, &name, &v)) {
		for (i = 0; names[i] != NULL; i++)
			if (strcmp(names[i], name) == 0)
				break;
		if (names[i] == NULL)
			return ss_fail(SS_EINVALID, "%.40s: no such member; "
			    "covers, holidays and workdays are wanted", name);
	}
	return 0;
}

static int
read_covers(struct days *days, const struct ss_value *v)
{
	int64_t first, last;

	if (ss_value_kind(v) != SS_ARRAY || ss_value_count(v) != 2 ||
	    !ss_value_int(ss_value_at(v, 0), &first) ||
	    !ss_value_int(ss_value_at(v, 1), &last) ||
	    first < YEAR_MIN || last < first || last > YEAR_MAX)
		return ss_fail(SS_EINVALID, "covers: the first and the last "
		    "year are wanted, within %d to %d", YEAR_MIN, YEAR_MAX);
	days->first_year = (int)first;
	days->last_year = (int)last;
	days->first = ss_day_make(days->first_year, 1, 1);
	days->last = ss_day_make(days->last_year, 12, 31);
	days->kind = calloc((size_t)(days->last - days->first) + 1, 1);
	if (days->kind == NULL)
		return ss_fail(SS_EMEMORY, "out of memory");
	return 0;
}

static int
read_date(struct days *days, const char *text, const char *member, char kind)
{
	ss_day d = text != NULL ? ss_day_parse(text) : SS_DAY_NONE;

	if (d == SS_DAY_NONE)
		return ss_fail(SS_EINVALID, "%s: \"%.40s\" is no date such as "
		    "2026-10-01", member, text != NULL ? text : "");
	if (d < days->first || d > days->last)
		return ss_fail(SS_EINVALID,
		    "%s: %s is not within the years of covers", member, text);
	if (kind == WORKDAY && !is_weekend(d))
		return ss_fail(SS_EINVALID, "%s: %s is neither a Saturday nor "
		    "a Sunday; take it out", member, text);
	if (days->kind[d - days->first] != USUAL)
		return ss_fail(SS_EINVALID, "%s: %s stands there twice, or "
		    "among the holidays; take one out", member, text);
	days->kind[d - days->first] = kind;
	return 0;
}

static int
read_dates(struct days *days, const struct ss_value *root, const char *member,
    char kind)
{
	const struct ss_value *list = ss_value_get(root, member);
	size_t i;
	int r = 0;

	if (ss_value_kind(list) != SS_ARRAY)
		return ss_fail(SS_EINVALID, "%s: an array of dates is wanted, "
		    "not %s", member, ss_kind_word(ss_value_kind(list)));
	for (i = 0; r == 0 && i < ss_value_count(list); i++)
		r = read_date(days, ss_value_string(ss_value_at(list, i)),
		    member, kind);
	return r;
}

/* No year is without a day off: one that seems so was only covered. */
static int
check_years(const struct days *days)
{
	const char *kind;
	ss_day first, end;
	int year;

	for (year = days->first_year; year <= days->last_year; year++) {
		first = ss_day_make(year, 1, 1);
		end = ss_day_make(year + 1, 1, 1);
		kind = days->kind + (first - days->first);
		if (memchr(kind, HOLIDAY, (size_t)(end - first)) == NULL)
			return ss_fail(SS_EINVALID, "covers: no holidays in "
			    "%d; add them, or do not cover it", year);
	}
	return 0;
}

static int
load(struct days *days, const char *path)
{
	struct ss_value *root = NULL;
	int r;

	if ((r = ss_json_read_file(path, &root)) != 0)
		goto out;
	if ((r = check_names(root)) != 0 ||
	    (r = read_covers(days, ss_value_get(root, "covers"))) != 0 ||
	    (r = read_dates(days, root, "holidays", HOLIDAY)) != 0 ||
	    (r = read_dates(days, root, "workdays", WORKDAY)) != 0 ||
	    (r = check_years(days)) != 0)
		r = ss_fail_in(r, "%s", path);
out:
	if (r != 0) {
		free(days->kind);
		days->kind = NULL;
	}
	ss_json_free(root);
	return r == SS_EINVALID || r == SS_EMISSING ?
	    ss_fail_as(SS_EPOLICY) : r;
}

static int
need_days(const struct ss_calendar *calendar)
{
	struct days *days = calendar->days;
	int r = 0;

	pthread_mutex_lock(&days->lock);
	if (days->kind == NULL)
		r = load(days, calendar->path.data);
	pthread_mutex_unlock(&days->lock);
	return r;
}

int
ss_calendar_open(struct ss_calendar **out, const char *data_dir)
{
	struct ss_calendar *calendar;
	int r;

	*out = NULL;
	if ((calendar = calloc(1, sizeof(*calendar))) == NULL ||
	    (calendar->days = calloc(1, sizeof(*calendar->days))) == NULL) {
		free(calendar);
		return ss_fail(SS_EMEMORY, "out of memory");
	}
	pthread_mutex_init(&calendar->days->lock, NULL);
	ss_bytes_addf(&calendar->path, "%s/workdays.json", data_dir);
	if ((r = ss_bytes_check(&calendar->path)) != 0)
		ss_calendar_close(calendar);
	else
		*out = calendar;
	return r;
}

void
ss_calendar_close(struct ss_calendar *calendar)
{
	if (calendar == NULL)
		return;
	pthread_mutex_destroy(&calendar->days->lock);
	free(calendar->days->kind);
	free(calendar->days);
	ss_bytes_free(&calendar->path);
	free(calendar);
}

/*
 * The n-th working day from a day on, itself among them, in steps of one day
 * forwards or backwards.
 */
static int
find_working(const struct ss_calendar *calendar, ss_day d, int n, int step,
    ss_day *out)
{
	const struct days *days = calendar->days;
	int r, year, month, day;

	*out = SS_DAY_NONE;
	if ((r = need_days(calendar)) != 0)
		return r;
	for (; d >= days->first && d <= days->last; d += step) {
		if (is_working(days, d) && --n == 0) {
			*out = d;
			return 0;
		}
	}
	ss_day_split(d, &year, &month, &day);
	return ss_fail(SS_EPOLICY, "the calendar covers %d to %d; a period of "
	    "working days that reaches %d cannot be counted; update "
	    "workdays.json", days->first_year, days->last_year, year);
}

static int
check_period(const struct ss_period *period)
{
	if (period->n >= 1 && period->n <= 9999)
		return 0;
	return ss_fail(SS_EINVALID, "a period is of 1 to 9999 units");
}

static int
add_months(ss_day d, int n, ss_day *out)
{
	if ((*out = ss_day_add_months(d, n)) != SS_DAY_NONE)
		return 0;
	return ss_fail(SS_EPOLICY, "a period of %d months leaves the years 1 "
	    "to 9999", abs(n));
}

/* The milliseconds of a unit whose length is always the same, else 0. */
static int64_t
unit_ms(enum ss_unit unit)
{
	switch (unit) {
	case SS_MINUTES:
		return MINUTE_MS;
	case SS_HOURS:
		return HOUR_MS;
	case SS_DAYS:
		return 24 * HOUR_MS;	/* no summer time: base/time.h */
	default:
		return 0;
	}
}

static int
months_of(const struct ss_period *period)
{
	return period->unit == SS_YEARS ? period->n * 12 : period->n;
}

int
ss_calendar_add(const struct ss_calendar *calendar, ss_instant from,
    const struct ss_period *period, ss_instant *out)
{
	int64_t ms = unit_ms(period->unit);
	ss_day day = ss_instant_day(from), end;
	int r;

	if ((r = check_period(period)) != 0)
		return r;
	if (ms != 0) {
		*out = from + period->n * ms;
	} else if (period->unit == SS_WORKING_DAYS) {
		if ((r = find_working(calendar, day + 1, period->n, 1,
		    &end)) == 0)
			*out = ss_day_start(end + 1);
	} else if ((r = add_months(day, months_of(period), &end)) == 0) {
		*out = ss_day_start(end) + (from - ss_day_start(day));
	}
	return r;
}

/*
 * Several days have one end where a month is too short; the latest of them is
 * wanted. A last day of a month that no day reaches has its end before now.
 */
static int
back_months(ss_instant now, int months, ss_instant *out)
{
	ss_day today = ss_instant_day(now), day, end, next;
	int r;

	if ((r = add_months(today, -months, &day)) != 0)
		return r;
	end = ss_day_add_months(day, months);
	while ((next = ss_day_add_months(day + 1, months)) <= today &&
	    next != SS_DAY_NONE) {
		day++;
		end = next;
	}
	*out = end == today ? ss_day_start(day) + (now - ss_day_start(today)) :
	    ss_day_start(day + 1) - 1;
	return 0;
}

int
ss_calendar_back(const struct ss_calendar *calendar, ss_instant now,
    const struct ss_period *period, ss_instant *out)
{
	int64_t ms = unit_ms(period->unit);
	ss_day first;
	int r;

	if ((r = check_period(period)) != 0)
		return r;
	if (ms != 0) {
		*out = now - period->n * ms;
	} else if (period->unit == SS_WORKING_DAYS) {
		/* The last of them ended with yesterday at the latest. */
		if ((r = find_working(calendar, ss_instant_day(now) - 1,
		    period->n, -1, &first)) == 0)
			*out = ss_day_start(first) - 1;
	} else {
		r = back_months(now, months_of(period), out);
	}
	return r;
}
