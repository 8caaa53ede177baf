/*
 * The counter where cards come into use (ss-activate): the holder or who
 * collected it is identified, the card proves to be the one of the register,
 * and the register makes it the live one.
 */
#ifndef SS_DESK_ACTIVATE_H
#define SS_DESK_ACTIVATE_H

#include "desk/counter.h"

/* The work of a task whose input is SS_COUNTER_INPUT; ctx is a struct
 * ss_counter. */
int ss_activate_one(struct ss_turn *, void *ctx);

#endif
