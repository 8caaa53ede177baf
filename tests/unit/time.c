/* Days, instants and periods, beside those of the C library. */
#include <limits.h>
#include <time.h>

#include "base/err.h"
#include "base/time.h"
#include "../tap.h"

#define LEN(array) (sizeof(array) / sizeof((array)[0]))
#define DAY_MS INT64_C(86400000)

/* Every day of 1600 to 2400, and one before and after. */
static void
test_every_day(void)
{
	struct tm tm = { .tm_year = 1600 - 1900, .tm_mday = 1 };
	ss_day d, first = (ss_day)(timegm(&tm) / 86400);
	int y, m, day, bad = 0, count = 0;
	char date[SS_DATE_MAX], want[32];
	time_t t;

	for (d = first;; d++, count++) {
		t = (time_t)d * 86400;
		gmtime_r(&t, &tm);
		if (tm.tm_year + 1900 > 2400)
			break;
		ss_day_split(d, &y, &m, &day);
		ss_day_format(d, date);
		snprintf(want, sizeof(want), "%04d-%02d-%02d",
		    tm.tm_year + 1900, tm.tm_mon + 1, tm.tm_mday);
		bad += y != tm.tm_year + 1900 || m != tm.tm_mon + 1 ||
		    day != tm.tm_mday || ss_day_make(y, m, day) != d ||
		    strcmp(date, want) != 0 || ss_day_parse(want) != d;
	}
	ok(bad == 0 && count == 292560, "%d days as timegm has them", count);
	ss_day_format(SS_DAY_FOREVER, date);
	is(date, "9999-12-31", "for life");
	ok(ss_day_make(9999, 12, 31) == SS_DAY_FOREVER, "and back");
	d = ss_day_make(1, 1, 1);
	ss_day_format(d, date);
	ok(d == -719162 && strcmp(date, "0001-01-01") == 0, "the first day");
}

static void
test_no_days(void)
{
	static const int none[][3] = { { 2023, 2, 29 }, { 1900, 2, 29 },
		{ 2024, 2, 30 }, { 2024, 4, 31 }, { 2024, 0, 1 },
		{ 2024, 13, 1 }, { 2024, 1, 0 }, { 2024, 1, 32 },
		{ 0, 1, 1 }, { 10000, 1, 1 }, { 2024, -1, 1 },
		{ 2024, 1, -1 }, { -1, 1, 1 }, { INT_MAX, 1, 1 },
		{ INT_MIN, 1, 1 }, { 2024, INT_MIN, 1 },
		{ 2024, 1, INT_MAX } };
	static const char *const texts[] = { "", "2024", "2024-1-01",
		"2024-01-1", "2024-01-011", "2024/01/01", "2024-01-01 ",
		" 024-01-01", "20240101xx", "2024-+1-01", "2024-01--1",
		"-024-01-01", "2023-02-29", "0000-01-01", "2024-01-0x" };
	size_t i;

	for (i = 0; i < LEN(none); i++)
		ok(ss_day_make(none[i][0], none[i][1], none[i][2]) ==
		    SS_DAY_NONE, "no %d-%d-%d", none[i][0], none[i][1],
		    none[i][2]);
	for (i = 0; i < LEN(texts); i++)
		ok(ss_day_parse(texts[i]) == SS_DAY_NONE, "no '%s'", texts[i]);
	ok(ss_day_make(2000, 2, 29) == 11016 && ss_day_make(1970, 1, 1) == 0,
	    "but these are days");
}

static void
months_is(const char *from, int n, const char *want)
{
	ss_day d = ss_day_add_months(ss_day_parse(from), n);
	char date[SS_DATE_MAX] = "none", what[64];

	if (d != SS_DAY_NONE)
		ss_day_format(d, date);
	snprintf(what, sizeof(what), "%s and %d months", from, n);
	is(date, want, what);
}

static void
test_months(void)
{
	months_is("2024-01-31", 1, "2024-02-29");
	months_is("2023-01-31", 1, "2023-02-28");
	months_is("2024-02-29", 12, "2025-02-28");
	months_is("2024-02-29", 48, "2028-02-29");
	months_is("2024-02-29", -48, "2020-02-29");
	months_is("2024-03-31", -1, "2024-02-29");
	months_is("2024-01-15", -1, "2023-12-15");
	months_is("2024-12-15", 1, "2025-01-15");
	months_is("2024-05-31", 0, "2024-05-31");
	months_is("2024-10-31", 120, "2034-10-31");
	months_is("2024-08-31", -24 * 12, "2000-08-31");
	months_is("9999-12-01", 1, "none");
	months_is("2026-01-31", 9999 * 12, "none");
	months_is("2026-01-31", -2025 * 12, "0001-01-31");
	/* A policy may say "9999 years" of a photo's age. */
	months_is("2026-01-31", -2026 * 12, "none");
	months_is("2026-03-31", -2026 * 12 - 3, "none");
	months_is("2026-01-31", -9999 * 12, "none");
	months_is("2026-08-31", -9999, "1193-05-31");
}

static void
age_is(const char *birth, const char *on, int want)
{
	int age = ss_day_age(ss_day_parse(birth), ss_day_parse(on));

	ok(age == want, "%s on %s is %d", birth, on, want);
	if (age != want)
		printf("# %d\n", age);
}

static void
test_ages(void)
{
	age_is("2008-02-29", "2024-02-28", 15);
	age_is("2008-02-29", "2024-02-29", 16);
	age_is("2008-02-29", "2023-02-28", 14);
	age_is("2008-02-29", "2023-03-01", 15);
	age_is("2010-03-01", "2026-02-28", 15);
	age_is("2010-03-01", "2026-03-01", 16);
	age_is("2010-12-31", "2026-12-30", 15);
	age_is("2010-12-31", "2027-01-01", 16);
	age_is("2026-05-05", "2026-05-05", 0);
	age_is("2026-05-05", "2027-05-04", 0);
	age_is("1926-05-05", "2026-05-05", 100);
}

static void
instant_is(const char *text, ss_instant want)
{
	ss_instant t = -77;
	int r = ss_instant_parse(text, &t);

	ok(r == 0 && t == want, "%s", text);
	if (r != 0 || t != want)
		printf("# %d %lld\n", r, (long long)t);
}

static void
test_instants(void)
{
	static const char *const none[] = { "", "2026-11-23",
		"2026-11-23T16:27:55", "2026-11-23 16:27:55Z",
		"2026-11-23T24:00:00Z", "2026-11-23T16:60:00Z",
		"2026-11-23T16:00:60Z", "2026-11-31T16:00:00Z",
		"2026-11-23T16:27Z", "2026-11-23T16:27:55z",
		"2026-11-23T16:27:55+0800", "2026-11-23T16:27:55+24:00",
		"2026-11-23T16:27:55+08:60", "2026-11-23T16:27:55+08:00x",
		"2026-11-23T16:27:55ZZ", "2026-11-23T16:27:55.5",
		"2026-11-23T16:27:55,5Z", "2026-11-23T16:27:55.Z",
		"2026-11-23T16-27:55Z", "2026-11-23T1 :27:55Z",
		"+026-11-23T16:27:55Z", "2026-11-23T16:27:55.5.5Z",
		"2026-11-23T16:27:55.+08:00", "2026-11-23T16:27:+5Z" };
	const ss_instant t = INT64_C(1795451275000);
	ss_instant keep;
	size_t i;

	instant_is("1970-01-01T00:00:00Z", 0);
	instant_is("2026-11-23T16:27:55Z", t);
	instant_is("2026-11-24T00:27:55+08:00", t);
	instant_is("2026-11-23T06:57:55-09:30", t);
	instant_is("2026-11-23T16:27:55-00:00", t);
	instant_is("2026-11-23T16:27:55.5Z", t + 500);
	instant_is("2026-11-23T16:27:55.123Z", t + 123);
	instant_is("2026-11-23T16:27:55.1239999999999999999999Z", t + 123);
	instant_is("2026-11-24T00:27:55.007+08:00", t + 7);
	instant_is("1969-12-31T23:59:59.999Z", -1);
	instant_is("0001-01-01T00:00:00Z", -719162 * DAY_MS);
	instant_is("9999-12-31T23:59:59Z", (SS_DAY_FOREVER + 1) * DAY_MS -
	    1000);
	for (i = 0; i < LEN(none); i++) {
		keep = 5;
		ok(ss_instant_parse(none[i], &keep) == SS_EINVALID &&
		    keep == 5, "no '%s'", none[i]);
	}
}

static void
test_instant_text(void)
{
	static const ss_instant edges[] = { 0, -1, -1000, 999, -DAY_MS,
		DAY_MS - 1, INT64_C(1795451275123), -DAY_MS - 1 };
	char text[SS_INSTANT_MAX], want[SS_INSTANT_MAX];
	struct tm tm;
	int bad = 0;
	ss_instant t;
	time_t s;
	size_t i;

	for (i = 0; i < LEN(edges); i++) {
		t = edges[i];
		s = (time_t)(t / 1000 - (t % 1000 < 0));
		gmtime_r(&s, &tm);
		strftime(want, sizeof(want), "%Y-%m-%dT%H:%M:%SZ", &tm);
		ss_instant_format(t, text);
		bad += strcmp(text, want) != 0;
	}
	ok(bad == 0, "written as strftime does");
	t = INT64_C(1795449600000);	/* 2026-11-23T16:00:00Z */
	ok(ss_instant_day(t) == ss_day_make(2026, 11, 24) &&
	    ss_instant_day(t - 1) == ss_day_make(2026, 11, 23),
	    "China's day begins at 16:00 UTC");
	ok(ss_day_start(ss_day_make(2026, 11, 24)) == t &&
	    ss_day_start(0) == -8 * INT64_C(3600000) &&
	    ss_day_start(-1) == -32 * INT64_C(3600000),
	    "a day starts where the one before it ends");
	ok(ss_instant_day(-8 * INT64_C(3600000)) == 0 &&
	    ss_instant_day(-8 * INT64_C(3600000) - 1) == -1,
	    "also before 1970");
	ok(ss_now() / 1000 - time(NULL) < 2 && ss_monotonic() <=
	    ss_monotonic(), "the clocks");
}

static void
test_periods(void)
{
	static const struct {
		const char *text;
		struct ss_period want;
	} good[] = {
		{ "1 minute", { 1, SS_MINUTES } },
		{ "30 minutes", { 30, SS_MINUTES } },
		{ "24 hours", { 24, SS_HOURS } },
		{ "10 days", { 10, SS_DAYS } },
		{ "1 days", { 1, SS_DAYS } },
		{ "3 working days", { 3, SS_WORKING_DAYS } },
		{ "1 working day", { 1, SS_WORKING_DAYS } },
		{ "6 months", { 6, SS_MONTHS } },
		{ "9999 years", { 9999, SS_YEARS } },
	};
	static const char *const none[] = { "", "10", "10 ", "10days",
		"0 days", "10000 days", "-1 days", "1.5 days", "10  days",
		" 10 days", "10 dayss", "10 day s", "10 weeks", "10 Days",
		"10 days ", "ten days", "1 working", "1 working  day", "1\tday",
		"0000 days", "days" };
	struct ss_period p;
	size_t i;

	for (i = 0; i < LEN(good); i++)
		ok(ss_period_parse(good[i].text, &p) == 0 &&
		    p.n == good[i].want.n && p.unit == good[i].want.unit,
		    "%s", good[i].text);
	for (i = 0; i < LEN(none); i++)
		ok(ss_period_parse(none[i], &p) == SS_EINVALID, "no '%s'",
		    none[i]);
}

int
main(void)
{
	test_every_day();
	test_no_days();
	test_months();
	test_ages();
	test_instants();
	test_instant_text();
	test_periods();
	return done();
}
