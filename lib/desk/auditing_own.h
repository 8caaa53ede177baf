/* The audit's own: its seals and its checkpoints. */
#ifndef SS_DESK_AUDITING_OWN_H
#define SS_DESK_AUDITING_OWN_H

#include "base/seen.h"
#include "desk/auditing.h"
#include "desk/proof.h"

/* An event that should have its seal. */
struct ss_due {
	int64_t number;
	size_t said;		/* where its text is */
};

/* The seals of one record after the other. */
struct ss_audit_seals {
	struct ss_sealing sealing;
	struct ss_seen *seen;		/* signatures */
	struct ss_bytes said;		/* step, time and operator of events */
	struct ss_due *due;		/* of the application so far */
	size_t count, cap;
	struct ss_bytes want;		/* the same of a seal */
	bool asked;			/* for the trust file */
	char no_trust[SS_MESSAGE_MAX];	/* why there is none; "" */
	int64_t unproven;		/* records */
};

/* What the register has of a checkpoint, or of now, in the walk. */
struct ss_tally {
	const struct ss_checkpoint *of;	/* NULL: all that there is */
	struct ss_merkle_run heads;
	int64_t applications, events;
	int64_t bound;			/* cards since then, by the events */
	char head[SS_SM3_HEX];		/* of the application so far; "" */
	bool behind;			/* it had an event since then */
};

struct ss_auditor {
	struct ss_auditing *a;
	struct ss_sm3 *sm3;
	ss_fault_fn *fault;
	void *ctx;
	struct ss_audit_seals seals;
	struct ss_tally *tally;		/* now, then those of checkpoints */
	size_t tallies;
};

void ss_auditor_fault(struct ss_auditor *, const char *subject,
    const char *fmt, ...) __attribute__((format(printf, 3, 4)));

/* An event, and the end of its application's; at the end of all of them. */
int ss_seals_event(struct ss_auditor *, const struct ss_event *);
int ss_seals_end(struct ss_auditor *, const struct ss_entry *,
    const struct ss_value *record);
void ss_seals_finish(struct ss_auditor *);
void ss_seals_wipe(struct ss_audit_seals *);

/* The same for the checkpoints, which are proven first. */
int ss_tallies_begin(struct ss_auditor *);
void ss_tallies_event(struct ss_auditor *, const struct ss_event *);
int ss_tallies_end(struct ss_auditor *, const struct ss_entry *);
int ss_tallies_station(struct ss_auditor *, const char *name, int64_t events,
    int64_t actions);
void ss_tallies_action(struct ss_auditor *, const struct ss_action *);
int ss_tallies_finish(struct ss_auditor *);

#endif
