/*
 * The desk for replacements (ss-reissue): a new application that carries what
 * the old one says, and is asked only for what is new (ss-record(5), member
 * replaces).
 */
#ifndef SS_DESK_REISSUE_H
#define SS_DESK_REISSUE_H

#include "base/stream.h"
#include "base/uuid.h"
#include "desk/task.h"

#define SS_REISSUE_INPUT "change"

enum ss_reissue_reason {
	SS_REISSUE_LOST,
	SS_REISSUE_DAMAGED,
	SS_REISSUE_EXPIRING,
	SS_REISSUE_DATA_CHANGE,
	SS_REISSUE_REASONS,
};

/* The reason and handed_in are the caller's; the rest begins zeroed. */
struct ss_reissue {
	enum ss_reissue_reason reason;
	bool handed_in;		/* the old card, with this application */
	struct ss_uuid_maker makers[SS_JOBS_MAX];	/* one a thread */
};

/* SS_REISSUE_REASONS for a word that is none. */
enum ss_reissue_reason ss_reissue_find(const char *word);

/* The work of a task whose input is SS_REISSUE_INPUT; ctx is a struct
 * ss_reissue. */
int ss_reissue_one(struct ss_turn *, void *ctx);

#endif
