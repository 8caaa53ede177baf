/* ss-key(1): master keys. */
#ifndef SS_FRONT_KEY_MASTERS_H
#define SS_FRONT_KEY_MASTERS_H

#include "front/key_work.h"

/* test, list, import, passwd, serve; the last has word NULL. */
extern const struct ss_key_verb ss_key_masters[];

#endif
