/*
 * The activation of a card: it becomes the person's live one, and the card
 * that it replaces is cancelled with it (ss-record(5), member activation).
 */
#ifndef SS_DESK_ACTIVATION_H
#define SS_DESK_ACTIVATION_H

#include "desk/task.h"

/* Whether the record may become active, before any card is asked for: the
 * codes of ss_activation_take; *done where it is active. */
int ss_activation_check(const struct ss_turn *, bool *done);

/*
 * In the work of a task, when the holder is identified and the card proven to
 * be the one of the record: SS_EPOLICY while the policy wants the initial PIN
 * changed first; already where the card is active.
 */
/* identified: how whoever brought it was identified; NULL: not said. */
int ss_activation_take(struct ss_turn *, const char *identified);

#endif
