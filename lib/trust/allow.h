/*
 * What a client of a key store may have done with which key, and how often: a
 * file of rules (ss-keys(5), section WHAT IS ALLOWED).
 */
#ifndef SS_TRUST_ALLOW_H
#define SS_TRUST_ALLOW_H

#include "trust/keystore_wire.h"

struct ss_allow;

/* SS_EPOLICY for a fault in the file, the sentence naming file, member and
 * cure; SS_EMISSING, SS_EIO, SS_EMEMORY. */
int ss_allow_open(struct ss_allow **out, const char *path);
void ss_allow_close(struct ss_allow *);

/* Whether some rule is about the key: all others are as if they were not
 * there. NULL shows all. */
bool ss_allow_shows(const struct ss_allow *, const struct ss_master *);

/* Counts the request at the first rule that has it and is not used up;
 * SS_EPOLICY without one. NULL has all. The key is as the store has it. */
int ss_allow_ask(struct ss_allow *, const struct ss_wire_request *,
    const struct ss_master *);

#endif
