/*
 * A task on applications that the register has: each record is compared with
 * it, worked on as it stands now, and its step stored (desk/step). What a
 * desk of this kind does is one function. A second record of an application in
 * a group finds it done already when the first one is stored.
 */
#ifndef SS_DESK_TASK_H
#define SS_DESK_TASK_H

#include "base/stream.h"
#include "desk/desk.h"
#include "desk/step.h"

/* One record in work. */
struct ss_turn {
	struct ss_desk *desk;
	struct ss_hand *hand;
	unsigned worker;
	struct ss_stepper *step;
	struct ss_record *rec;		/* as the register has it */
	const struct ss_entry *entry;
	enum ss_status status;		/* of the card, at this time */
	const struct ss_policy *policy;
	const struct ss_value *given;	/* the input member; NULL */
	ss_instant now;
	bool own;		/* a failure that would stop the run is that of
				 * this record's file or card alone */
};

struct ss_task {
	const char *input;	/* a member that is for this desk alone, and
				 * is taken out of the record; NULL: none */
	int (*one)(struct ss_turn *, void *ctx);
	void *ctx;
	bool singly;		/* each record goes out before the next one is
				 * begun: it takes its time */

	/* private */
	struct ss_desk *desk;
	struct ss_stepper *step;
	struct ss_bytes *came;	/* by slot: each record as it came */
	/* By slot: the earlier record of the group with this id, or NULL. */
	const struct ss_record *earlier[SS_GROUP_RECORDS];
};

/* The desk is borrowed; SS_EMEMORY. */
int ss_task_open(struct ss_task *, struct ss_desk *);
void ss_task_close(struct ss_task *);
struct ss_work ss_task_work(struct ss_task *);

/*
 * Begins a member that says who did something and when: time, by, station.
 * The caller adds to it and closes it.
 */
struct ss_bytes *ss_turn_write(struct ss_turn *, const char *member);

/* Sets state, and takes the step. */
void ss_turn_take(struct ss_turn *, enum ss_step, enum ss_state);

#endif
