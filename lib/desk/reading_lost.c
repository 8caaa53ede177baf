#include "desk/reading_own.h"

int
ss_sight_lost(struct ss_sight *s)
{
	s->status = ss_entry_status(&s->entry, s->now);
	if (s->entry.at.state != SS_STATE_NONE &&
	    (s->status == SS_LOST || s->status == SS_LOST_FOR_NOW))
		ss_sight_fault(s, ss_status_word(s->status));
	return 0;
}
