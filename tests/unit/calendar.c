/* Periods from an instant: the calendar as it is installed, beside what was
 * counted by hand and by other code, and calendars that are broken. */
#include <limits.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/bytes.h"
#include "base/err.h"
#include "base/pool.h"
#include "rules/calendar.h"
#include "../tap.h"

#define LEN(array) (sizeof(array) / sizeof((array)[0]))
#define HOUR_MS INT64_C(3600000)

static ss_instant
at(const char *text)
{
	ss_instant t;

	if (ss_instant_parse(text, &t) != 0) {
		printf("Bail out! %s: %s\n", text, ss_message());
		exit(1);
	}
	return t;
}

static struct ss_period
period(const char *text)
{
	struct ss_period p;

	if (ss_period_parse(text, &p) != 0) {
		printf("Bail out! %s: %s\n", text, ss_message());
		exit(1);
	}
	return p;
}

/* An instant as a text with its milliseconds, in China. */
static const char *
show(ss_instant t)
{
	static char text[64];
	char instant[SS_INSTANT_MAX];

	ss_instant_format(t + 8 * HOUR_MS, instant);
	snprintf(text, sizeof(text), "%.19s.%03d", instant,
	    (int)((t % 1000 + 1000) % 1000));
	return text;
}

static void
add_is(const struct ss_calendar *calendar, const char *from, const char *p,
    const char *want)
{
	struct ss_period length = period(p);
	ss_instant end = 0;
	char what[80];

	snprintf(what, sizeof(what), "%s and %s", from, p);
	if (ss_calendar_add(calendar, at(from), &length, &end) != 0)
		ok(false, "%s: %s", what, ss_message());
	else
		is(show(end), want, what);
}

static void
back_is(const struct ss_calendar *calendar, const char *now, const char *p,
    const char *want)
{
	struct ss_period length = period(p);
	ss_instant from = 0;
	char what[80];

	snprintf(what, sizeof(what), "%s before %s", p, now);
	if (ss_calendar_back(calendar, at(now), &length, &from) != 0)
		ok(false, "%s: %s", what, ss_message());
	else
		is(show(from), want, what);
}

static void
test_units(const struct ss_calendar *c)
{
	add_is(c, "2026-12-31T23:59:30.250+08:00", "1 minute",
	    "2027-01-01T00:00:30.250");
	add_is(c, "2026-11-23T16:00:00+08:00", "8 hours",
	    "2026-11-24T00:00:00.000");
	add_is(c, "2026-11-23T07:00:00.999Z", "9999 hours",
	    "2028-01-14T06:00:00.999");
	add_is(c, "2026-11-23T16:27:55.123+08:00", "10 days",
	    "2026-12-03T16:27:55.123");
	/* The civil day of China is a day on from that of UTC. */
	add_is(c, "2024-02-27T16:00:00Z", "1 day", "2024-02-29T00:00:00.000");
	add_is(c, "2026-01-31T10:00:00.001+08:00", "1 month",
	    "2026-02-28T10:00:00.001");
	add_is(c, "2026-01-30T16:00:00Z", "1 month",
	    "2026-02-28T00:00:00.000");
	add_is(c, "2026-01-31T15:59:59.999Z", "1 month",
	    "2026-02-28T23:59:59.999");
	add_is(c, "2026-01-31T16:00:00Z", "1 month",
	    "2026-03-01T00:00:00.000");
	add_is(c, "2026-08-31T12:00:00+08:00", "6 months",
	    "2027-02-28T12:00:00.000");
	add_is(c, "2024-02-29T00:00:00+08:00", "10 years",
	    "2034-02-28T00:00:00.000");
	add_is(c, "2024-02-29T00:00:00+08:00", "4 years",
	    "2028-02-29T00:00:00.000");
	add_is(c, "1969-12-31T20:00:00.500+08:00", "1 month",
	    "1970-01-31T20:00:00.500");
}

/* Counted with another package than those the table was made from. */
static void
test_working(const struct ss_calendar *c)
{
	static const struct {
		const char *from;
		int n;
		const char *day_after;	/* at whose beginning it ends */
	} rows[] = {
		/* Spring Festival of 2026: 15 to 23 February off, Saturday
		 * the 14th and the 28th worked. */
		{ "2026-02-11", 1, "2026-02-13" },
		{ "2026-02-12", 1, "2026-02-14" },
		{ "2026-02-12", 2, "2026-02-15" },
		{ "2026-02-12", 3, "2026-02-25" },
		{ "2026-02-13", 1, "2026-02-15" },
		{ "2026-02-14", 1, "2026-02-25" },
		{ "2026-02-17", 1, "2026-02-25" },
		{ "2026-02-23", 4, "2026-02-28" },
		{ "2026-02-23", 5, "2026-03-01" },
		{ "2026-02-23", 6, "2026-03-03" },
		{ "2026-02-27", 1, "2026-03-01" },
		{ "2026-02-28", 1, "2026-03-03" },
		{ "2026-02-12", 15, "2026-03-12" },
		/* Of 2025: 28 January to 4 February off, Sunday the 26th and
		 * Saturday the 8th worked. */
		{ "2025-01-24", 1, "2025-01-27" },
		{ "2025-01-24", 2, "2025-01-28" },
		{ "2025-01-24", 3, "2025-02-06" },
		{ "2025-01-24", 10, "2025-02-14" },
		/* Over a year's end, and up to the last day. */
		{ "2025-12-31", 1, "2026-01-05" },
		{ "2025-12-31", 2, "2026-01-06" },
		{ "2021-12-01", 260, "2022-12-16" },
		{ "2026-09-30", 1, "2026-10-09" },
		{ "2026-09-30", 3, "2026-10-11" },
		{ "2026-12-30", 1, "2027-01-01" },
		{ "2026-12-21", 8, "2027-01-01" },
		{ "2026-11-23", 28, "2027-01-01" },
	};
	static const char *const times[] = { "T00:00:00+08:00",
		"T12:34:56.789+08:00", "T23:59:59.999+08:00" };
	char from[40], length[32], want[32];
	size_t i, j;

	for (i = 0; i < LEN(rows); i++)
		for (j = 0; j < LEN(times); j++) {
			snprintf(from, sizeof(from), "%s%s", rows[i].from,
			    times[j]);
			snprintf(length, sizeof(length), "%d working days",
			    rows[i].n);
			snprintf(want, sizeof(want), "%sT00:00:00.000",
			    rows[i].day_after);
			add_is(c, from, length, want);
		}
	/* What UTC calls the 12th is the 13th, which counts no more. */
	add_is(c, "2026-02-12T16:00:00Z", "1 working day",
	    "2026-02-15T00:00:00.000");
	add_is(c, "2026-02-12T15:59:59Z", "1 working day",
	    "2026-02-14T00:00:00.000");
	add_is(c, "2018-12-31T12:00:00+08:00", "1 working day",
	    "2019-01-03T00:00:00.000");
}

static void
refused(int r, ss_instant out, int code, const char *message,
    const char *what)
{
	if (!ok(r == code && out == 42 && strcmp(ss_message(), message) == 0,
	    "%s", what))
		printf("# %d %s\n", r, ss_message());
}

#define COVERS "the calendar covers 2019 to 2026; a period of working days " \
	"that reaches %d cannot be counted; update workdays.json"

static void
test_borders(const struct ss_calendar *c)
{
	static const struct {
		const char *from, *length;
		int reaches;
		bool back;
	} rows[] = {
		{ "2026-12-31T00:00:00+08:00", "1 working day", 2027, false },
		{ "2026-11-23T12:00:00+08:00", "29 working days", 2027,
		    false },
		{ "2030-01-01T00:00:00+08:00", "1 working day", 2030, false },
		{ "2026-11-23T12:00:00+08:00", "9999 working days", 2027,
		    false },
		{ "2018-12-30T12:00:00+08:00", "1 working day", 2018, false },
		{ "2027-01-02T00:00:00+08:00", "1 working day", 2027, true },
		{ "2019-01-02T12:00:00+08:00", "1 working day", 2018, true },
		{ "2019-01-04T12:00:00+08:00", "3 working days", 2018, true },
		{ "2026-11-23T12:00:00+08:00", "9999 working days", 2018,
		    true },
	};
	struct ss_period p;
	char message[256];
	ss_instant out;
	size_t i;
	int r;

	for (i = 0; i < LEN(rows); i++) {
		p = period(rows[i].length);
		out = 42;
		r = rows[i].back ? ss_calendar_back(c, at(rows[i].from), &p,
		    &out) : ss_calendar_add(c, at(rows[i].from), &p, &out);
		snprintf(message, sizeof(message), COVERS, rows[i].reaches);
		refused(r, out, SS_EPOLICY, message, rows[i].from);
	}
	back_is(c, "2027-01-01T23:00:00+08:00", "1 working day",
	    "2026-12-30T23:59:59.999");
	back_is(c, "2019-01-03T00:00:00+08:00", "1 working day",
	    "2019-01-01T23:59:59.999");
}

static void
test_refused(const struct ss_calendar *c)
{
	static const int none[] = { 0, -1, 10000, INT_MAX, INT_MIN };
	struct ss_period p = { 0, SS_MINUTES };
	ss_instant out = 42, now = at("2026-11-23T12:00:00Z");
	size_t i;
	int unit;

	for (unit = SS_MINUTES; unit <= SS_YEARS; unit++)
		for (i = 0; i < LEN(none); i++) {
			p = (struct ss_period){ none[i], (enum ss_unit)unit };
			refused(ss_calendar_add(c, now, &p, &out), out,
			    SS_EINVALID, "a period is of 1 to 9999 units",
			    "no period to add");
			refused(ss_calendar_back(c, now, &p, &out), out,
			    SS_EINVALID, "a period is of 1 to 9999 units",
			    "nor to go back");
		}
	p = period("9999 years");
	refused(ss_calendar_add(c, now, &p, &out), out, SS_EPOLICY,
	    "a period of 119988 months leaves the years 1 to 9999",
	    "after the year 9999");
	refused(ss_calendar_back(c, now, &p, &out), out, SS_EPOLICY,
	    "a period of 119988 months leaves the years 1 to 9999",
	    "before the year 1");
	back_is(c, "9999-12-31T12:00:00+08:00", "1 month",
	    "9999-11-30T23:59:59.999");
}

static void
test_back(const struct ss_calendar *c)
{
	back_is(c, "2026-11-24T00:00:00.500+08:00", "8 hours",
	    "2026-11-23T16:00:00.500");
	back_is(c, "2026-11-24T00:00:00+08:00", "15 minutes",
	    "2026-11-23T23:45:00.000");
	back_is(c, "2026-03-01T12:00:00+08:00", "2 days",
	    "2026-02-27T12:00:00.000");
	back_is(c, "2026-02-28T12:00:00+08:00", "1 month",
	    "2026-01-31T12:00:00.000");
	back_is(c, "2024-02-28T12:00:00+08:00", "1 month",
	    "2024-01-28T12:00:00.000");
	back_is(c, "2026-03-30T12:00:00+08:00", "1 month",
	    "2026-02-28T23:59:59.999");
	back_is(c, "2027-02-28T12:00:00+08:00", "3 years",
	    "2024-02-29T12:00:00.000");
	back_is(c, "2028-02-29T12:00:00+08:00", "1 year",
	    "2027-02-28T23:59:59.999");
	back_is(c, "2026-02-24T23:59:59.999+08:00", "1 working day",
	    "2026-02-13T23:59:59.999");
	back_is(c, "2026-02-25T00:00:00+08:00", "1 working day",
	    "2026-02-23T23:59:59.999");
	back_is(c, "2026-02-15T00:00:00+08:00", "1 working day",
	    "2026-02-13T23:59:59.999");
	back_is(c, "2026-02-15T00:00:00+08:00", "2 working days",
	    "2026-02-12T23:59:59.999");
}

/* That back is the latest instant whose end has come: it has, that of those
 * before it has, and that of none of those after it has, some of them days
 * away. Months are not asked about those before it: see the header. */
static bool
is_latest(const struct ss_calendar *c, ss_instant now,
    const struct ss_period *p)
{
	static const int64_t later[] = { 1, 1000, HOUR_MS, 11 * HOUR_MS,
		24 * HOUR_MS, 48 * HOUR_MS, 72 * HOUR_MS, 960 * HOUR_MS };
	ss_instant from, end;
	size_t i;

	if (ss_calendar_back(c, now, p, &from) != 0 ||
	    ss_calendar_add(c, from, p, &end) != 0 || end > now)
		return false;
	for (i = 0; i < LEN(later); i++) {
		if (ss_calendar_add(c, from + later[i], p, &end) == 0 &&
		    end <= now)
			return false;
		if (p->unit < SS_MONTHS && (ss_calendar_add(c, from -
		    later[i], p, &end) != 0 || end > now))
			return false;
	}
	return true;
}

static void
test_inverse(const struct ss_calendar *c)
{
	static const char *const lengths[] = { "15 minutes", "8 hours",
		"1 day", "60 days", "1 working day", "3 working days",
		"15 working days", "45 working days", "1 month", "6 months",
		"11 months", "1 year", "10 years" };
	static const int64_t times[] = { 0, 1, 12 * HOUR_MS + 7,
		24 * HOUR_MS - 1 };
	struct ss_period p;
	size_t i, j;
	ss_day d;
	int bad;

	for (i = 0; i < LEN(lengths); i++) {
		p = period(lengths[i]);
		bad = 0;
		for (d = ss_day_make(2023, 12, 1); d < ss_day_make(2026, 12,
		    31); d++)
			for (j = 0; j < LEN(times); j++)
				bad += !is_latest(c, ss_day_start(d) +
				    times[j], &p);
		ok(bad == 0, "%s before every day of three years", lengths[i]);
	}
}

/* A calendar of this text; NULL for one without a file. */
static int
add_in(const char *text, const char *length, char **message)
{
	static char said[SS_MESSAGE_MAX];
	char dir[] = "/tmp/calendar.XXXXXX", path[64];
	struct ss_period p = period(length);
	struct ss_calendar *c = NULL;
	ss_instant end;
	FILE *f;
	int r = -1;

	if (mkdtemp(dir) == NULL)
		exit(1);
	snprintf(path, sizeof(path), "%s/workdays.json", dir);
	if (text != NULL && (f = fopen(path, "w")) != NULL) {
		fputs(text, f);
		fclose(f);
	}
	if (ok(ss_calendar_open(&c, dir) == 0, "opens before it reads"))
		r = ss_calendar_add(c, at("2026-02-12T12:00:00Z"), &p, &end);
	snprintf(said, sizeof(said), "%s", r == 0 ? "" : ss_message());
	*message = said;
	if (strncmp(said, path, strlen(path)) == 0)
		*message += strlen(path);
	/* A second time the file is as it was. */
	if (c != NULL && ss_calendar_add(c, 0, &p, &end) == 0)
		r = -1;
	ss_calendar_close(c);
	unlink(path);
	rmdir(dir);
	return r;
}

#define FILE_OF(covers, off, worked) "{\"covers\":" covers ",\"holidays\":" \
	off ",\"workdays\":" worked "}"
#define ONE "[\"2026-01-01\"]"

static void
test_broken(void)
{
	static const struct {
		const char *text, *message;
	} bad[] = {
		{ NULL, ": No such file or directory" },
		{ "", ": byte 0: ends too early" },
		{ "[]", ": an object is wanted" },
		{ "{\"holiday\":[]}", ": holiday: no such member; covers, "
		    "holidays and workdays are wanted" },
		{ FILE_OF("2026", ONE, "[]"), ": covers: the first and the "
		    "last year are wanted, within 1996 to 2199" },
		{ FILE_OF("[2026]", ONE, "[]"), ": covers: the first" },
		{ FILE_OF("[2026,2025]", ONE, "[]"), ": covers: the first" },
		{ FILE_OF("[1995,2026]", ONE, "[]"), ": covers: the first" },
		{ FILE_OF("[2026,2200]", ONE, "[]"), ": covers: the first" },
		{ FILE_OF("[2026,\"2026\"]", ONE, "[]"),
		    ": covers: the first" },
		{ FILE_OF("[2026,2026]", "null", "[]"),
		    ": holidays: an array of dates is wanted, not null" },
		{ FILE_OF("[2026,2026]", ONE, "{}"),
		    ": workdays: an array of dates is wanted, not an object" },
		{ FILE_OF("[2026,2026]", "[\"2026-02-29\"]", "[]"),
		    ": holidays: \"2026-02-29\" is no date such as "
		    "2026-10-01" },
		{ FILE_OF("[2026,2026]", "[20260101]", "[]"),
		    ": holidays: \"\" is no date such as 2026-10-01" },
		{ FILE_OF("[2026,2026]", "[\"2025-12-31\"]", "[]"),
		    ": holidays: 2025-12-31 is not within the years of "
		    "covers" },
		{ FILE_OF("[2026,2026]", ONE, "[\"2027-01-02\"]"),
		    ": workdays: 2027-01-02 is not within the years of "
		    "covers" },
		{ FILE_OF("[2026,2026]", ONE, "[\"2026-02-13\"]"),
		    ": workdays: 2026-02-13 is neither a Saturday nor a "
		    "Sunday; take it out" },
		{ FILE_OF("[2026,2026]", "[\"2026-02-14\"]",
		    "[\"2026-02-14\"]"), ": workdays: 2026-02-14 stands there "
		    "twice, or among the holidays; take one out" },
		{ FILE_OF("[2026,2026]", "[\"2026-01-01\",\"2026-01-01\"]",
		    "[]"), ": holidays: 2026-01-01 stands there twice" },
		{ FILE_OF("[2025,2026]", ONE, "[]"), ": covers: no holidays "
		    "in 2025; add them, or do not cover it" },
		{ FILE_OF("[2026,2027]", ONE, "[]"), ": covers: no holidays "
		    "in 2027; add them, or do not cover it" },
	};
	char *message;
	size_t i;
	int r;

	for (i = 0; i < LEN(bad); i++) {
		r = add_in(bad[i].text, "1 working day", &message);
		if (!ok(r == SS_EPOLICY && strncmp(message, bad[i].message,
		    strlen(bad[i].message)) == 0, "%s", bad[i].message))
			printf("# %d %s\n", r, message);
	}
	r = add_in("{}", "1 working day", &message);
	ok(r == SS_EPOLICY, "an empty object");
	/* Whole stretches may stand there, with their Saturdays. */
	r = add_in(FILE_OF("[2026,2026]", "[\"2026-02-13\",\"2026-02-14\","
	    "\"2026-02-15\"]", "[]"), "229 working days", &message);
	ok(r == 0, "up to the last day of a small calendar");
	r = add_in(FILE_OF("[2026,2026]", "[\"2026-02-13\",\"2026-02-14\","
	    "\"2026-02-15\"]", "[]"), "230 working days", &message);
	ok(r == SS_EPOLICY, "and no further: %s", message);
}

static void
test_lazy(void)
{
	struct ss_period days = period("3 days"), month = period("1 month");
	struct ss_calendar *c = NULL;
	ss_instant end;

	ok(ss_calendar_open(&c, "/nonexistent") == 0 &&
	    ss_calendar_add(c, 0, &days, &end) == 0 &&
	    ss_calendar_back(c, 0, &month, &end) == 0,
	    "days and months need no file");
	ss_calendar_close(c);
	ss_calendar_close(NULL);
}

struct round {
	const struct ss_calendar *calendar;
	atomic_int good;
};

static void
each(size_t i, unsigned worker, void *ctx)
{
	struct round *round = ctx;
	struct ss_period p = { 1 + (int)i % 3, SS_WORKING_DAYS };
	ss_instant end;

	(void)worker;
	if (ss_calendar_add(round->calendar, at("2026-02-12T12:00:00+08:00"),
	    &p, &end) == 0 && ss_instant_day(end) == ss_day_make(2026, 2,
	    p.n == 3 ? 25 : 13 + p.n))
		round->good++;
}

static void
test_threads(const char *data)
{
	struct ss_calendar *c = NULL;
	struct ss_pool *pool = NULL;
	struct round round = { 0 };

	if (!ok(ss_calendar_open(&c, data) == 0 &&
	    ss_pool_open(&pool, 4) == 0, "a calendar for four threads"))
		return;
	round.calendar = c;
	ss_pool_run(pool, 300, each, &round);
	ok(round.good == 300, "they read it once and count alike");
	ss_pool_close(pool);
	ss_calendar_close(c);
}

int
main(void)
{
	const char *data = getenv("SSCARD_DATA");
	struct ss_calendar *c;

	if (data == NULL)
		data = "lib/data";
	if (!ok(ss_calendar_open(&c, data) == 0, "opens the calendar")) {
		printf("# %s\n", ss_message());
		return done();
	}
	test_units(c);
	test_working(c);
	test_borders(c);
	test_refused(c);
	test_back(c);
	test_inverse(c);
	ss_calendar_close(c);
	test_lazy();
	test_broken();
	test_threads(data);
	return done();
}
