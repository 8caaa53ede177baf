/*
 * What a region's administration counts: tables made of the register as it is
 * at one moment. Nothing is written to it, and no one's name is in a table.
 */
#ifndef SS_BOOKS_REPORT_H
#define SS_BOOKS_REPORT_H

#include "base/table.h"
#include "books/registry.h"
#include "rules/calendar.h"
#include "rules/region.h"

/* What every report is asked for. */
struct ss_report {
	const char *region;	/* the digits its code begins with; "" all */
	const struct ss_regions *regions;	/* for their names */
	ss_instant now;
	struct ss_table_sink sink;
};

/* What was asked for by options, of which NULL is the default: the digits of
 * a region and the word of a format. SS_EINVALID. */
int ss_report_read(struct ss_report *, const char *region,
    const char *format);

/* How many live in each region, by a CSV file of code and number. */
struct ss_population;

/* SS_EMISSING, SS_EIO; SS_EINVALID naming the row and its cure. */
int ss_population_open(struct ss_population **out, const char *path);
void ss_population_close(struct ss_population *);

struct ss_stats {
	int digits;		/* of a region: 2, 4 or 6 */
	bool by_day;		/* a row for each civil day of the events */
	bool waits;		/* how long steps took, instead of how many */
	ss_day since, until;	/* first and last day; SS_DAY_NONE: open */
	const struct ss_population *population;	/* may be NULL */
};

/* The same: province, city or county, and dates. SS_EINVALID. */
int ss_stats_read(struct ss_stats *, const char *level, const char *since,
    const char *until);

/*
 * Events of the period by region, and holders and open applications as they
 * are now; or waiting times, in hours: median and 90th percentile by nearest
 * rank, with a relative error of at most 1 %, and the longest.
 *
 * One pass over the events. Memory grows with regions and days, and with the
 * different waiting times of each, not with applications.
 */
int ss_report_stats(struct ss_registry *, const struct ss_report *,
    const struct ss_stats *);

/* What is on its way from approval to activation, and where: counts, with a
 * row for each pair of sums that must agree and do not. *differs: there was
 * one. */
int ss_report_reconcile(struct ss_registry *, const struct ss_report *,
    bool *differs);

/* The single applications that have been there for longer than a period. */
int ss_report_hanging(struct ss_registry *, const struct ss_report *,
    const struct ss_calendar *, const struct ss_period *);

/* Cards by where the plastic is; card numbers by range. */
int ss_report_stock(struct ss_registry *, const struct ss_report *);
int ss_report_numbers(struct ss_registry *, const struct ss_report *);

/* How far each station's events had come. */
struct ss_mark;

/* Reads path; one that is not there gives a mark of nothing, and a mark is
 * made by ss_mark_write. SS_EIO; SS_EINVALID for what is no mark. */
int ss_mark_open(struct ss_mark **out, const char *path);
void ss_mark_close(struct ss_mark *);

/* Replaces the file by how far the list has come: whole or not at all, mode
 * 0600, durable. Call it when the list is. SS_EIO. */
int ss_mark_write(const struct ss_mark *);

/*
 * The loss list for terminals, in the order of card numbers: every card that
 * is to be refused. With a mark that was read: every card whose status has
 * changed since, as it is now; the mark comes to where the list ends.
 * SS_EINVALID for a mark that is ahead of the register: it is another's.
 */
int ss_report_losses(struct ss_registry *, const struct ss_report *,
    struct ss_mark *);

#endif
