/*
 * The desk for lost cards (ss-report-loss): a report that lapses by itself, a
 * formal one, and the release of either (ss-record(5), member loss).
 */
#ifndef SS_DESK_LOSS_H
#define SS_DESK_LOSS_H

#include "desk/task.h"

enum ss_loss_kind {
	SS_LOSS_TEMPORARY,
	SS_LOSS_FORMAL,
	SS_LOSS_RELEASE,
	SS_LOSS_KINDS,
};

struct ss_loss {
	enum ss_loss_kind kind;
	const char *channel;	/* a word of channel */
	const char *reporter;	/* a word of through */
};

/* SS_LOSS_KINDS for a word that is none. */
enum ss_loss_kind ss_loss_find(const char *word);

/* The work of a task; ctx is a struct ss_loss. */
int ss_loss_one(struct ss_turn *, void *ctx);

#endif
