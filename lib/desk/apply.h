/*
 * The application desk (ss-apply): forms become applications. What is given is
 * normalised, what the number implies is filled in, photo and documents are
 * measured and stored, time, id and revision are stamped.
 */
#ifndef SS_DESK_APPLY_H
#define SS_DESK_APPLY_H

#include "base/stream.h"
#include "desk/desk.h"

struct ss_apply;

/* The desk is borrowed. */
int ss_apply_open(struct ss_apply **out, struct ss_desk *);
void ss_apply_close(struct ss_apply *);

/*
 * Fills in a record whose form is given: what ss-apply makes of it, but for
 * the step. id is for one that has none. *own: a failure is that of this
 * record alone.
 */
int ss_apply_fill(struct ss_desk *, struct ss_hand *, struct ss_record *,
    const char *id, int64_t revision, ss_instant now, bool *own);

/* The work of a run: one at a time. */
struct ss_work ss_apply_work(struct ss_apply *);

#endif
