/* The seals' own: what reading and making them share. */
#ifndef SS_TRUST_SEAL_OWN_H
#define SS_TRUST_SEAL_OWN_H

#include "trust/seal.h"

/* Whether a member is no part of a record, or the seals themselves. */
bool ss_fact_is_free(const char *name);

/* NULL: it is not there, or null. */
const struct ss_fact *ss_facts_find(const struct ss_facts *, const char *name);

/* Whether what a seal says of a member is what it is; never with a number that
 * is no integer, which has no canonical form. */
bool ss_fact_is(const struct ss_value *cover, const struct ss_fact *);

/* What the latest of the first count seals that covers a member says of it;
 * NULL: none does. */
const struct ss_value *ss_seals_latest(const struct ss_seals *, size_t count,
    const char *name);

/* 64 lower-case digits, and no other text. */
bool ss_hash_read(const char *hex, uint8_t out[SS_SM3_LEN]);

#endif
