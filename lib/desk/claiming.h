/*
 * Work shared out among stations (ss-claim): approved applications become this
 * station's to make until a lease ends, or are let go again.
 */
#ifndef SS_DESK_CLAIMING_H
#define SS_DESK_CLAIMING_H

#include "base/stream.h"
#include "desk/task.h"

/* The first members are the caller's, the others begin zeroed. */
struct ss_claiming {
	struct ss_desk *desk;
	int64_t want;		/* so many; what is left of them, later */
	bool held;		/* those that this station holds already */
	bool release;		/* records that come in are let go */
	struct ss_period lease;	/* n 0: as the policy says */

	struct ss_task task;	/* of the release */
	char region[7];		/* the digits it begins with */
	struct ss_bytes text;	/* of a page, NUL behind each */
	size_t at;
	uint64_t number;
	bool ended;		/* no page comes behind this one */
};

/* Reads region and lease of the desk's policy; SS_EPOLICY, SS_EINVALID for a
 * lease that is no number of minutes, hours or days. */
int ss_claiming_open(struct ss_claiming *, struct ss_desk *);
void ss_claiming_close(struct ss_claiming *);

/* What was claimed, record by record; each page is stored before it is
 * given. */
struct ss_source ss_claiming_source(struct ss_claiming *);

/* Passes on what was claimed, or lets go what comes in. */
struct ss_work ss_claiming_work(struct ss_claiming *);

#endif
