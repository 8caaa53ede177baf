/* ss-key operator (ss-key(1)): private keys, and the trust file. */
#ifndef SS_FRONT_KEY_OPERATORS_H
#define SS_FRONT_KEY_OPERATORS_H

#include "front/key_work.h"

/* new, list, revoke, export, import are its first operand. */
extern const struct ss_key_verb ss_key_operators;

#endif
