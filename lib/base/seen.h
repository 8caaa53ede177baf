/*
 * What has been seen in this run: a set of keys that keeps a fingerprint of
 * each (12 bytes of SipHash-2-4 under a random key), not the key itself.
 *
 * Two different keys of a run of a hundred million meet by chance with a
 * probability of about 6 in 10^14. The set grows in many small steps, so that
 * it costs at most 24 bytes a key, and 128 KiB, at any moment.
 */
#ifndef SS_BASE_SEEN_H
#define SS_BASE_SEEN_H

#include <stdbool.h>
#include <stddef.h>

struct ss_seen;

int ss_seen_open(struct ss_seen **out);
void ss_seen_close(struct ss_seen *);

/* Whether the key was added. One thread. */
bool ss_seen_has(const struct ss_seen *, const char *key, size_t len);

/* *before says whether the key was added earlier. SS_EMEMORY. One thread. */
int ss_seen_add(struct ss_seen *, const char *key, size_t len, bool *before);

#endif
