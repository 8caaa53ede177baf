/*
 * What commands with a card at a counter have in common: without operands the
 * card in the reader says which record it is.
 */
#ifndef SS_FRONT_COUNTER_H
#define SS_FRONT_COUNTER_H

#include "desk/counter.h"
#include "front/front.h"

/* In check: one card at a time; attest is "identity" or NULL. SS_CONTINUE or
 * a status. */
int ss_counter_check(struct ss_front *, struct ss_counter *,
    const char *attest);

/* The feeds of such a command: its card comes first. */
bool ss_counter_feeds(const struct ss_front *);

/* In open: reader and keys, and the record of the card that comes first. */
int ss_counter_begin(struct ss_front *, struct ss_counter *,
    struct ss_desk *, struct ss_source *);

/* In close. */
void ss_counter_end(struct ss_counter *);

#endif
