#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/err.h"
#include "base/text.h"
#include "base/time.h"

#define DAY_MS INT64_C(86400000)
#define CHINA_MS INT64_C(28800000)	/* UTC+08:00 */

static int64_t
clock_ms(clockid_t id)
{
	struct timespec ts;

	clock_gettime(id, &ts);
	return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

ss_instant
ss_now(void)
{
	return clock_ms(CLOCK_REALTIME);
}

int64_t
ss_monotonic(void)
{
	return clock_ms(CLOCK_MONOTONIC);
}

static int64_t
floor_div(int64_t a, int64_t b)
{
	return a / b - (a % b < 0);
}

void
ss_instant_format(ss_instant t, char out[SS_INSTANT_MAX])
{
	int64_t day = floor_div(t, DAY_MS);
	unsigned s = (unsigned)((t - day * DAY_MS) / 1000);
	char date[SS_DATE_MAX];

	ss_day_format((ss_day)day, date);
	snprintf(out, SS_INSTANT_MAX, "%sT%02u:%02u:%02uZ", date,
	    s / 3600 % 24, s / 60 % 60, s % 60);
}

/* Two digits below limit at p, else -1. */
static int
two(const char *p, int limit)
{
	int n;

	if (!ss_is_digits(p, 2))
		return -1;
	n = (p[0] - '0') * 10 + p[1] - '0';
	return n < limit ? n : -1;
}

/* The part after the seconds: fraction, then Z or an offset, in ms. */
static bool
parse_zone(const char *p, int64_t *ms)
{
	int64_t unit = 100;
	int h, m;

	*ms = 0;
	if (*p == '.') {
		if (!ss_is_digits(p + 1, 1))
			return false;
		for (p++; *p >= '0' && *p <= '9'; p++, unit /= 10)
			*ms += (*p - '0') * unit;
	}
	if (strcmp(p, "Z") == 0)
		return true;
	if (strlen(p) != 6 || (*p != '+' && *p != '-') || p[3] != ':' ||
	    (h = two(p + 1, 24)) == -1 || (m = two(p + 4, 60)) == -1)
		return false;
	*ms -= (*p == '+' ? 1 : -1) * (h * 60 + m) * INT64_C(60000);
	return true;
}

int
ss_instant_parse(const char *text, ss_instant *out)
{
	char date[SS_DATE_MAX];
	ss_day day;
	int64_t ms;
	int h, m, s;

	snprintf(date, sizeof(date), "%.10s", text);
	if (strlen(text) < 20 || (day = ss_day_parse(date)) == SS_DAY_NONE ||
	    text[10] != 'T' || text[13] != ':' || text[16] != ':' ||
	    (h = two(text + 11, 24)) == -1 || (m = two(text + 14, 60)) == -1 ||
	    (s = two(text + 17, 60)) == -1 || !parse_zone(text + 19, &ms))
		return ss_fail(SS_EINVALID,
		    "not an instant such as 2026-11-23T16:27:55Z");
	*out = day * DAY_MS + (h * 3600 + m * 60 + s) * INT64_C(1000) + ms;
	return 0;
}

ss_day
ss_instant_day(ss_instant t)
{
	return (ss_day)floor_div(t + CHINA_MS, DAY_MS);
}

ss_instant
ss_day_start(ss_day d)
{
	return d * DAY_MS - CHINA_MS;
}

static int
month_length(int year, int month)
{
	static const int days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30,
		31 };
	bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;

	return month == 2 && leap ? 29 : days[month - 1];
}

ss_day
ss_day_make(int year, int month, int day)
{
	int y, era, doy, yoe;

	if (year < 1 || year > 9999 || month < 1 || month > 12 || day < 1 ||
	    day > month_length(year, month))
		return SS_DAY_NONE;
	/* Years from March, so that the leap day is the last of its year. */
	y = month <= 2 ? year - 1 : year;
	era = y / 400;
	yoe = y - era * 400;
	doy = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
	return era * 146097 + yoe * 365 + yoe / 4 - yoe / 100 + doy - 719468;
}

void
ss_day_split(ss_day d, int *year, int *month, int *day)
{
	int z = d + 719468, era = (z >= 0 ? z : z - 146096) / 146097;
	int doe = z - era * 146097;
	int yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
	int doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
	int mp = (5 * doy + 2) / 153;

	*day = doy - (153 * mp + 2) / 5 + 1;
	*month = mp < 10 ? mp + 3 : mp - 9;
	*year = yoe + era * 400 + (*month <= 2);
}

/* The last n decimal digits of v. */
static void
put(char *out, unsigned v, int n)
{
	while (n-- > 0) {
		out[n] = (char)('0' + v % 10);
		v /= 10;
	}
}

void
ss_day_format(ss_day d, char out[SS_DATE_MAX])
{
	int y, m, day;

	ss_day_split(d, &y, &m, &day);
	put(out, (unsigned)y, 4);
	put(out + 5, (unsigned)m, 2);
	put(out + 8, (unsigned)day, 2);
	out[4] = out[7] = '-';
	out[10] = '\0';
}

ss_day
ss_day_parse(const char *text)
{
	if (strlen(text) != 10 || text[4] != '-' || text[7] != '-' ||
	    !ss_is_digits(text, 4))
		return SS_DAY_NONE;
	return ss_day_make(two(text, 100) * 100 + two(text + 2, 100),
	    two(text + 5, 100), two(text + 8, 100));
}

ss_day
ss_day_add_months(ss_day d, int n)
{
	int y, m, day, months;

	ss_day_split(d, &y, &m, &day);
	months = y * 12 + m - 1 + n;
	if (months < 12)
		return SS_DAY_NONE;	/* before year 1 */
	y = months / 12;
	m = months % 12 + 1;
	if (day > month_length(y, m))
		day = month_length(y, m);
	return ss_day_make(y, m, day);
}

int
ss_day_age(ss_day birth, ss_day on)
{
	int by, bm, bd, y, m, d;

	ss_day_split(birth, &by, &bm, &bd);
	ss_day_split(on, &y, &m, &d);
	return y - by - (m < bm || (m == bm && d < bd));
}

static const struct {
	const char *word;
	enum ss_unit unit;
} units[] = {
	{ "minute", SS_MINUTES },
	{ "hour", SS_HOURS },
	{ "day", SS_DAYS },
	{ "working day", SS_WORKING_DAYS },
	{ "month", SS_MONTHS },
	{ "year", SS_YEARS },
};

int
ss_period_parse(const char *text, struct ss_period *out)
{
	size_t i, len, digits = strspn(text, "0123456789");
	const char *word = text + digits + 1;

	if (digits < 1 || digits > 4 || text[digits] != ' ')
		goto bad;
	out->n = atoi(text);
	for (i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
		len = strlen(units[i].word);
		if (strncmp(word, units[i].word, len) == 0 &&
		    (word[len] == '\0' || strcmp(word + len, "s") == 0)) {
			out->unit = units[i].unit;
			if (out->n >= 1)
				return 0;
		}
	}
bad:
	return ss_fail(SS_EINVALID,
	    "not a period such as \"10 days\" or \"3 working days\"");
}
