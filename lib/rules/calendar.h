/*
 * The calendar: when a period that begins at an instant ends, by the civil
 * days of China (+08:00) and the working days of lib/data/workdays.json.
 *
 * Minutes and hours are exact. Days, months and years end on a civil day at
 * the same time of day; a month that lacks the day ends on its last
 * (ss_day_add_months). Working days end with the n-th one after the day on
 * which they begin, at 24:00, whatever the time of day was.
 *
 * The file is read when working days are first asked for. Any number of
 * threads may use one calendar at once.
 */
#ifndef SS_RULES_CALENDAR_H
#define SS_RULES_CALENDAR_H

#include "base/time.h"

struct ss_calendar;

/* Reads nothing yet; *out is the caller's. SS_EMEMORY. */
int ss_calendar_open(struct ss_calendar **out, const char *data_dir);
void ss_calendar_close(struct ss_calendar *);

/*
 * The instant a period after from. SS_EPOLICY for working days outside the
 * years that the file covers, for a file that is not there or wrong, the
 * sentence naming file, member and cure, and for days that no calendar date
 * of the years 1 to 9999 has. SS_EINVALID for a period of nothing, which
 * ss_period_parse never makes. *out is untouched by a failure.
 */
int ss_calendar_add(const struct ss_calendar *, ss_instant from,
    const struct ss_period *, ss_instant *out);

/*
 * The latest instant t for which t + period <= now: what is older has ended.
 * Of working days, days, hours and minutes all before t has ended and nothing
 * after it. With months and years nothing after it has; but what began late
 * on one of the days before it, up to three, can end later on the same last
 * day of a month, so whoever acts asks ss_calendar_add of each. Errors as
 * above.
 */
int ss_calendar_back(const struct ss_calendar *, ss_instant now,
    const struct ss_period *, ss_instant *out);

#endif
