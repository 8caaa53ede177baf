/*
 * Approved applications that are a station's to make, until a lease ends: each
 * exactly one station's at a time.
 */
#ifndef SS_BOOKS_CLAIM_H
#define SS_BOOKS_CLAIM_H

#include "books/registry.h"

struct ss_claim {
	const char *region;	/* the digits it begins with; "" all */
	const char *operator;
	ss_instant now, until;
	int64_t most;
	bool tried;		/* everything but storing */
};

/*
 * Takes the oldest ones that nobody holds, and gives each record, in the order
 * of their ids, when they are stored as taken. *count: so many.
 */
int ss_claim_take(struct ss_registry *, const struct ss_claim *,
    int (*each)(const char *id, const char *record, void *ctx), void *ctx,
    int64_t *count);

/* Gives those that this station holds already. */
int ss_claim_held(struct ss_registry *, const struct ss_claim *,
    int (*each)(const char *id, const char *record, void *ctx), void *ctx,
    int64_t *count);

/* Lets go of one of this station's; *done: it was. */
int ss_claim_release(struct ss_registry *, const char *id,
    const char *operator, bool *done);

#endif
