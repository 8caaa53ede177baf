/*
 * The activation of a card: it becomes the person's live one, and the card
 * that it replaces is cancelled with it (ss-record(5), member activation).
 */
#ifndef SS_DESK_ACTIVATION_H
#define SS_DESK_ACTIVATION_H

#include "desk/task.h"

/*
 * In the work of a task, when the holder is identified and the card proven to
 * be the one of the record: SS_EPOLICY while the policy wants the initial PIN
 * changed first; already where the card is active.
 */
int ss_activation_take(struct ss_turn *);

#endif
