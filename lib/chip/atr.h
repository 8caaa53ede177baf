/*
 * The answer to reset, ISO/IEC 7816-3 (2006), 8, and its contactless form by
 * PC/SC part 3, 3.1.3.2.3 (3B 8n 80 01, historical bytes, TCK).
 */
#ifndef SS_CHIP_ATR_H
#define SS_CHIP_ATR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SS_ATR_MAX 33

struct ss_atr {
	uint8_t ta1;		/* Fi and Di; 11 where it has none */
	bool t0, t1;		/* the protocols it offers */
	bool contactless;	/* of the form that readers make up for those */
	const uint8_t *historical;	/* borrowed */
	size_t historical_len;	/* 0 to 15 */
};

/* SS_ECARD for bytes that are no whole ATR, for a wrong TCK, for more bytes
 * than it says. */
int ss_atr_parse(const uint8_t *bytes, size_t len, struct ss_atr *out);

#endif
