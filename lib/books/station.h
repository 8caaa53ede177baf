/*
 * A station's numbers, within a transaction: each stores its events and its
 * actions without a gap.
 */
#ifndef SS_BOOKS_STATION_H
#define SS_BOOKS_STATION_H

#include "books/registry.h"
#include "books/registry_engine.h"

struct ss_station_counts {
	int64_t events, actions;
};

/* Reads them, and keeps others of this station waiting until the end. */
int ss_station_lock(struct ss_registry *, struct ss_station_counts *);
int ss_station_set(struct ss_registry *, const struct ss_station_counts *);

/* The same as a statement, to be run with others; it borrows the station. */
void ss_station_statement(const struct ss_registry *,
    const struct ss_station_counts *, struct ss_statement *);

/*
 * What an operator did that is no step of one application: cards claimed, a
 * range of numbers opened, an import. Chained for each station by digests.
 */
struct ss_action {
	const char *station;
	int64_t number;		/* among the station's actions, from 1 */
	const char *time, *operator, *word, *subject;
	const char *detail;	/* JSON */
	const char *prev, *digest;
};

/* Which one was added; zeroed: none. */
struct ss_action_mark {
	int64_t number;
	char digest[SS_SM3_HEX];
};

/* Adds the next one, within the transaction of the lock. */
int ss_action_add(struct ss_registry *, struct ss_station_counts *,
    const char *operator, const char *word, const char *subject,
    const char *detail, struct ss_action_mark *);

/*
 * Behind the lock: whether one that was added is there. A transaction that is
 * repeated asks whether the commit that nobody answered was done.
 */
int ss_action_there(struct ss_registry *, const struct ss_action_mark *,
    bool *out);

int ss_action_digest(struct ss_sm3 *, const struct ss_action *,
    char out[SS_SM3_HEX]);

#endif
