/*
 * What applicants are told (ss-notify): that the card is ready, what must be
 * mended, or why the application was rejected (ss-record(5), member notice).
 *
 * A message has an id, the same whenever it is made: by it a message that was
 * sent is known, and is not sent twice. A command that sends is run between
 * two steps of the register, the intent and the outcome.
 */
#ifndef SS_DESK_NOTIFY_H
#define SS_DESK_NOTIFY_H

#include "desk/task.h"
#include "rules/notice.h"

enum ss_notify_channel {
	SS_NOTIFY_MAIL,
	SS_NOTIFY_SMS,
	SS_NOTIFY_RECORD,	/* both, for a gateway to choose */
	SS_NOTIFY_CHANNELS,
};

struct ss_notify {
	/* What is asked for; borrowed. */
	enum ss_notify_channel channel;
	const char *lang;	/* zh, en */
	const char *to;		/* the member with the address; NULL */
	const char *from;	/* an address; NULL: none */
	const char *send;	/* a command that sends a mail, or ... */
	const char *out;	/* ... a folder for them; NULL: neither */
	int64_t timeout_ms;	/* of the command */
	bool again;		/* also what was sent, or may have been */

	/* private */
	struct ss_task task;
	struct ss_notices *notices;
	enum ss_notice_kind kinds[SS_GROUP_RECORDS];	/* by slot */
	uint64_t counts[SS_NOTICE_REJECTED + 1];
};

/* SS_NOTIFY_CHANNELS for a word that is none. */
enum ss_notify_channel ss_notify_channel_find(const char *word);

/*
 * Opens it at a desk that has a register. With send the run must have one
 * thread, so that messages go out one by one. data is borrowed until close,
 * which is due after a failure too. SS_EMISSING, SS_EPOLICY as
 * ss_notices_open, SS_EMEMORY.
 */
int ss_notify_open(struct ss_notify *, struct ss_desk *, const char *data);
void ss_notify_close(struct ss_notify *);
struct ss_work ss_notify_work(struct ss_notify *);

/* How many were told so, by kind. */
uint64_t ss_notify_count(const struct ss_notify *, enum ss_notice_kind);

#endif
