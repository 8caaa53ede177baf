/*
 * The counter that hands cards over (ss-collect): who collects is identified
 * by a document and, where it is not the holder, by what shows the right to;
 * a wrong card is taken back (ss-record(5), member collection).
 */
#ifndef SS_DESK_COLLECT_H
#define SS_DESK_COLLECT_H

#include "desk/task.h"

#define SS_COLLECT_INPUT "collector"

struct ss_collect {
	bool take_back;
	const char *reason;	/* why it is taken back; NULL: not said */
};

/* The work of a task whose input is SS_COLLECT_INPUT; ctx is a struct
 * ss_collect. */
int ss_collect_one(struct ss_turn *, void *ctx);

/*
 * Whether who the input member names is the holder, the guardian of the
 * application, or who collected the card, by the document shown: SS_EPOLICY,
 * SS_EINVALID. Nothing is kept.
 */
int ss_collector_identify(struct ss_turn *);

#endif
