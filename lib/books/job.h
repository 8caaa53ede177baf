/*
 * The making of a card: a job binds an application to a card number and then
 * to a chip. Its owner is whoever holds that chip; taking it over raises the
 * epoch, and what an earlier owner still writes is refused (struct ss_change).
 */
#ifndef SS_BOOKS_JOB_H
#define SS_BOOKS_JOB_H

#include "books/registry.h"
#include "rules/card_number.h"

struct ss_job {
	char id[SS_ID_SIZE];	/* of the application */
	char number[SS_CARD_NUMBER_SIZE];
	char chip[SS_CHIP_SIZE];	/* "": not bound yet */
	char station[SS_STATION_SIZE];
	int64_t epoch;		/* 0: there is none */
	char since[SS_INSTANT_MAX];
};

int ss_job_load(struct ss_registry *, const char *id, struct ss_job *);

/*
 * Begins the job of an approved application, giving it the next number of this
 * station's block, or takes over the one there is. A number is given once. An
 * application that is not to be made, as it stands now and not as it was
 * loaded, or that another station holds, is SS_ESTATE; a range with no numbers
 * left SS_EPOLICY. The job ends with SS_FINISH, SS_GIVE_UP or SS_CANCEL.
 */
int ss_job_begin(struct ss_registry *, const struct ss_entry *,
    const struct ss_card_numbers *, ss_instant now, struct ss_job *);

/* The tries that a chip was last seen to have left for a secret (a PIN or a
 * key); -1: never seen. */
int ss_tries_load(struct ss_registry *, const char *chip, const char *secret,
    int *remaining);
int ss_tries_store(struct ss_registry *, const char *chip,
    const char *secret, int remaining);

#endif
