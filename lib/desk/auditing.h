/*
 * The audit at a desk: that of the books, and in the same look what seals
 * prove of every record, and what checkpoints say that there must be.
 */
#ifndef SS_DESK_AUDITING_H
#define SS_DESK_AUDITING_H

#include "books/audit.h"
#include "desk/checkpoint.h"
#include "desk/desk.h"

struct ss_auditing {
	struct ss_desk *desk;		/* with a register */
	const char *region;		/* of who signs checkpoints, six
					 * digits; NULL: any */
	const struct ss_checkpoint *against;	/* that were read */
	size_t against_count;

	/* What was found. */
	struct ss_audit audit;
	int64_t seals, signatures;	/* different ones */
	struct ss_checkpoint now;	/* what the register holds */
};

/*
 * Calls fault for each thing that is wrong, as ss_audit_run does; a
 * checkpoint that proves nothing is one, and so are, once and not for each,
 * seals without a trust file to prove them. 0 also when there are faults.
 */
int ss_auditing_run(struct ss_auditing *, ss_fault_fn *fault, void *ctx);
void ss_auditing_wipe(struct ss_auditing *);

#endif
