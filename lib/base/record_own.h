/* The records' own: what composing one as text and as a value share. */
#ifndef SS_BASE_RECORD_OWN_H
#define SS_BASE_RECORD_OWN_H

#include "base/record.h"

struct ss_edit {
	char name[32];
	size_t from, to;		/* in edits; from == to removes */
	bool used;
};

/* Whether it removes its member; once it is ended. */
bool ss_edit_removes(const struct ss_edit *);

/* Ends the edit that is being written; before they are read. */
void ss_record_end_edit(struct ss_record *);

#endif
