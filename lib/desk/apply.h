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

/* The work of a run: one at a time. */
struct ss_work ss_apply_work(struct ss_apply *);

#endif
