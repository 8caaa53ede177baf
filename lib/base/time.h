/*
 * Instants, civil days and periods.
 *
 * An instant is milliseconds since 1970-01-01T00:00:00Z and is written in UTC
 * (RFC 3339). A day is a count of days since 1970-01-01 in the proleptic
 * Gregorian calendar; "today" is the civil day of China, UTC+08:00, the whole
 * year round (China has had no summer time since 1991).
 */
#ifndef SS_BASE_TIME_H
#define SS_BASE_TIME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef int64_t ss_instant;
typedef int32_t ss_day;

#define SS_DAY_NONE INT32_MIN
#define SS_DAY_FOREVER 2932896	/* 9999-12-31: a document valid for life */

#define SS_INSTANT_MAX 25	/* "2026-11-23T16:27:55Z" and room */
#define SS_DATE_MAX 11		/* "2026-11-23" and a NUL */

ss_instant ss_now(void);

/* A clock that is never set, in milliseconds: for rates and deadlines. */
int64_t ss_monotonic(void);

void ss_instant_format(ss_instant, char out[SS_INSTANT_MAX]);

/* "2026-11-23T16:27:55[.fff]Z" or with an offset; SS_EINVALID. */
int ss_instant_parse(const char *text, ss_instant *out);

/* The civil day in China at an instant. */
ss_day ss_instant_day(ss_instant);

/* The instant at which a civil day begins in China; it ends at the next. */
ss_instant ss_day_start(ss_day);

/* The day of a real calendar date, SS_DAY_NONE when there is none. */
ss_day ss_day_make(int year, int month, int day);
void ss_day_split(ss_day, int *year, int *month, int *day);
void ss_day_format(ss_day, char out[SS_DATE_MAX]);

/* "YYYY-MM-DD" and nothing else; SS_DAY_NONE otherwise. */
ss_day ss_day_parse(const char *text);

/* The same day n months on; the last of the month where it has none. */
ss_day ss_day_add_months(ss_day, int n);

/*
 * Whole years between birth and a day. Someone born on 29 February completes
 * a year on 1 March in common years (field practice).
 */
int ss_day_age(ss_day birth, ss_day on);

/* A period as a policy writes it: "10 days", "3 working days", "6 months". */
enum ss_unit {
	SS_MINUTES,
	SS_HOURS,
	SS_DAYS,
	SS_WORKING_DAYS,
	SS_MONTHS,
	SS_YEARS,
};

struct ss_period {
	int n;
	enum ss_unit unit;
};

/* A number from 1 to 9999 and a unit, singular or plural; SS_EINVALID. */
int ss_period_parse(const char *text, struct ss_period *out);

#endif
