/*
 * The review desk (ss-verify): automatic checks of an application, manual ones
 * answered by the reviewer, and the decision: approved, pending, returned or
 * rejected (ss-record(5), member review).
 */
#ifndef SS_DESK_REVIEW_H
#define SS_DESK_REVIEW_H

#include <stdint.h>

#include "base/stream.h"
#include "desk/decisions.h"
#include "desk/desk.h"

struct ss_review;

struct ss_review_counts {
	uint64_t approved, pending, returned, rejected;
};

/* Desk and decisions are borrowed. */
int ss_review_open(struct ss_review **out, struct ss_desk *,
    struct ss_decisions *);
void ss_review_close(struct ss_review *);

struct ss_work ss_review_work(struct ss_review *);

/* The decisions of the groups that have ended. */
struct ss_review_counts ss_review_counts(const struct ss_review *);

#endif
