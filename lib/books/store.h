/*
 * Steps stored: what was loaded becomes what the step leaves, with its event,
 * and what belongs to it of card and job, in one transaction for a group.
 */
#ifndef SS_BOOKS_STORE_H
#define SS_BOOKS_STORE_H

#include "books/registry.h"

struct ss_change {
	struct ss_entry *entry;	/* as loaded; as it is, once stored */
	struct ss_entry after;	/* what the record says, by ss_entry_read */
	enum ss_step step;
	const struct ss_bytes *record;	/* canonical, afterwards */
	const char *operator;
	ss_instant time;
	int64_t epoch;		/* of the job, for the steps of making */
	bool together;		/* with the one before: both or neither */

	int code;		/* why it was not stored */
	char message[160];
	char other[SS_ID_SIZE];	/* the application in its way, or "" */
};

/*
 * Stores those changes whose code is 0. A change that collides gets a code and
 * is left out: SS_EEXISTS for an id that is taken, a person who has an open
 * application or holds a live card, or a chip that is known; SS_ESTATE for a
 * step that the table does not have, an entry that changed since it was
 * loaded, or a job that another has taken over. Any other failure undoes all
 * of them: SS_EREGISTRY.
 *
 * A temporary loss that has lapsed by the time of a step gets its event first.
 */
int ss_registry_store(struct ss_registry *, struct ss_change *, size_t n);

#endif
