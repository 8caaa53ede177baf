/*
 * Records taken from the register instead of an input.
 */
#ifndef SS_DESK_PICK_H
#define SS_DESK_PICK_H

#include "base/line.h"
#include "desk/desk.h"

/*
 * Makes one line of the record of a card, by its number or by the person who
 * holds it live, else that of the person's open application; SS_EMISSING,
 * SS_EINVALID for a number that is none.
 */
int ss_pick_card(struct ss_desk *, const char *number, struct ss_one *);
int ss_pick_person(struct ss_desk *, const char *number, struct ss_one *);

/* A walk over applications, by pages; zeroed but for the first three. */
struct ss_pick {
	struct ss_desk *desk;
	struct ss_filter filter;
	/* Whether one is to be taken; a code but SS_EMISSING ends the walk.
	 * NULL: whatever has not ended. */
	int (*due)(struct ss_desk *, const char *record);

	struct ss_bytes key;		/* of ss_pick_all */
	struct ss_bytes text;		/* of the page, NUL behind each */
	size_t at;
	char behind[SS_ID_SIZE];
	uint64_t number;
	bool ended;
};

/* Readies a walk over all of a person's that have not ended. */
int ss_pick_all(struct ss_pick *, struct ss_desk *, const char *number);

struct ss_source ss_pick_source(struct ss_pick *);
void ss_pick_wipe(struct ss_pick *);

#endif
