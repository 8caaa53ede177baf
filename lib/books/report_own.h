/*
 * The reports' own: what their files share, and nobody else uses.
 */
#ifndef SS_BOOKS_REPORT_OWN_H
#define SS_BOOKS_REPORT_OWN_H

#include "books/registry_own.h"
#include "books/report.h"

/*
 * Counts by a key, in memory that grows with the keys there are. A key is a
 * region of 6 digits or fewer, a day, what is counted, and a detail of that,
 * and they are walked in that order.
 */
struct ss_tally_key {
	int64_t region;		/* below 2^20 */
	int64_t day;		/* below 2^22 */
	int64_t what;		/* below 2^5 */
	int64_t detail;		/* below 2^11 */
};

struct ss_tally;

int ss_tally_new(struct ss_tally **out);
void ss_tally_free(struct ss_tally *);

/* Adds to the count of a key, or raises it to at least n. SS_EMEMORY. */
int ss_tally_add(struct ss_tally *, const struct ss_tally_key *, int64_t n);
int ss_tally_raise(struct ss_tally *, const struct ss_tally_key *, int64_t n);

/* Calls each in order until one returns not 0; nothing can be added after. */
int ss_tally_each(struct ss_tally *, int (*each)(const struct ss_tally_key *,
    int64_t n, void *ctx), void *ctx);

/* The slot of a waiting time in seconds, below 2^11, and the time that stands
 * for a slot: less than 1 % away from all that are in it. */
int64_t ss_wait_slot(int64_t seconds);
int64_t ss_wait_of_slot(int64_t slot);

/* Calls each region of a file in order, its six digits as a number; and what
 * the file says of one, -1 for nothing. */
int ss_population_each(const struct ss_population *,
    int (*each)(int64_t code, void *ctx), void *ctx);
int64_t ss_population_of(const struct ss_population *, int64_t code);

/* What a mark says of a station, 0 for one it does not have. */
int64_t ss_mark_of(const struct ss_mark *, const char *station);
bool ss_mark_fresh(const struct ss_mark *);	/* there was no file */
int ss_mark_set(struct ss_mark *, const char *station, int64_t events);

/* Calls each station of the mark as it was read. */
int ss_mark_each(const struct ss_mark *, int (*each)(const char *station,
    int64_t events, void *ctx), void *ctx);

/* Two cells: the code of a region, cut to digits, and its newest name.
 * SS_EMEMORY. */
int ss_report_region(const struct ss_report *, struct ss_table *,
    const char *code, int digits);

/* Opens a table, lets rows be added to it within one moment of the register,
 * and ends it. */
int ss_report_table(struct ss_registry *, const struct ss_report *,
    const struct ss_column *columns, size_t count,
    int (*work)(struct ss_registry *, struct ss_table *, void *ctx),
    void *ctx);

#endif
