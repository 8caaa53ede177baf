/*
 * The one way of every command that changes something: what the register has
 * of a group is loaded, each record is compared with it and its seals are
 * checked, it is worked on and sealed, and the group's steps are stored in one
 * transaction.
 *
 * Without a register (--registry none) records stand for themselves, and by
 * their seals. With an operator's key each step adds a seal, here and nowhere
 * else.
 */
#ifndef SS_DESK_STEP_H
#define SS_DESK_STEP_H

#include "base/stream.h"
#include "books/store.h"
#include "desk/desk.h"
#include "desk/proof.h"

/* What a record of the group is about to become. */
struct ss_step_slot {
	struct ss_entry entry;	/* as the register has it */
	struct ss_change change;
	struct ss_bytes canonical;
	bool taken;		/* a step is to be stored or sealed */
	struct ss_sealing sealing;
	unsigned version;	/* of the record, when its seals were checked */
	struct ss_value *root;	/* what it will be, for the register */
	struct ss_bytes seals;	/* as of the last step; empty: as it came */
	int64_t epoch;		/* of the job that its steps belong to */

	/* A step of another application that goes with it, before it. */
	struct ss_entry other;
	struct ss_change also;
	struct ss_bytes other_record;
	struct ss_sealing other_sealing;
	bool both;
};

struct ss_stepper {
	struct ss_desk *desk;
	struct ss_merkle tree;	/* over the seals of a group */

	/* What becomes of a record whose step fails when it is sealed: a code
	 * again. NULL: nothing. */
	int (*restore)(struct ss_record *, int code, void *ctx);
	void *ctx;
	struct ss_step_slot slots[SS_GROUP_RECORDS];
};

void ss_step_init(struct ss_stepper *, struct ss_desk *);
void ss_step_wipe(struct ss_stepper *);

/* In begin: loads what the register has, by id. */
int ss_step_begin(struct ss_stepper *, struct ss_record *const *, size_t n);

/*
 * In one, for a record that claims to be an application: its seals are good
 * and it is what the register has (0), or was so once (0, the record becomes
 * what it is now, with SS_ALREADY), or SS_EMISSING, or SS_EAUTH naming a member
 * that differs.
 */
int ss_step_check(struct ss_stepper *, struct ss_record *, unsigned worker);

/*
 * The same, for steps that go on from what it is now: an earlier form becomes
 * that without SS_ALREADY, and *became says so.
 */
int ss_step_recall(struct ss_stepper *, struct ss_record *, unsigned worker,
    bool *became);

/* The same, where the members from the form may differ: a mended one. */
int ss_step_check_mended(struct ss_stepper *, struct ss_record *,
    unsigned worker);

/* A form that has none of the members that later steps write: SS_EINVALID. */
int ss_step_check_form(const struct ss_record *);

/* As the register has it; SS_STATE_NONE: it does not. */
const struct ss_entry *ss_step_entry(const struct ss_stepper *,
    const struct ss_record *);

/* In one: the step that the record takes. */
void ss_step_take(struct ss_stepper *, struct ss_record *, enum ss_step,
    ss_instant now);

/* In one, before that, for the steps of making: they are stored only while
 * the job is still of this epoch. */
void ss_step_epoch(struct ss_stepper *, const struct ss_record *,
    int64_t epoch);

/* In one, before that, where something is done first that is not undone: the
 * operator may take the step. */
int ss_step_may(struct ss_stepper *, const struct ss_record *, enum ss_step);

/*
 * In one, after that: a step of another application goes with it, both or
 * neither. The entry as it was loaded is copied; the record, canonical and as
 * it is to be, is taken over.
 */
int ss_step_also(struct ss_stepper *, struct ss_record *, unsigned worker,
    enum ss_step, const struct ss_entry *, struct ss_bytes *record);

/*
 * In one, instead of taking it: the step is stored at once, for what happens
 * outside of the register before or behind it. The record keeps its edits,
 * which are a part of what was stored; ss_step_undo makes way for those of the
 * next step. Needs a register and no dry run. SS_ESTATE when the
 * application was changed since it was loaded, SS_EREGISTRY.
 */
int ss_step_now(struct ss_stepper *, struct ss_record *, unsigned worker,
    enum ss_step);

/* Forgets what was set of a record, but for the seals of what was stored. */
void ss_step_undo(struct ss_stepper *, struct ss_record *);

/* What seals the records of a group, for its work. */
struct ss_sealer ss_step_sealer(struct ss_stepper *);

/* In end. */
int ss_step_end(struct ss_stepper *, struct ss_record *const *, size_t n);

#endif
