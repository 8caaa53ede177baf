/*
 * UUID version 7 (RFC 9562, 5.7 and 6.2 method 1): the ids of applications.
 * Those of one maker ascend, also within a millisecond and when the clock is
 * set back.
 */
#ifndef SS_BASE_UUID_H
#define SS_BASE_UUID_H

#include <stdint.h>

#include "base/time.h"

#define SS_UUID_MAX 37	/* 36 characters and a NUL */

/* Zeroed to begin with; one thread. */
struct ss_uuid_maker {
	ss_instant last;
	uint16_t counter;	/* 12 bits */
};

int ss_uuid_make(struct ss_uuid_maker *, ss_instant now,
    char out[SS_UUID_MAX]);	/* SS_ECRYPTO */

#endif
