/*
 * What the EXIF of a photo says of its resolution and of the day it was taken.
 * Only exif.c knows libexif; ss_photo_measure is its only caller.
 */
#ifndef SS_RULES_EXIF_H
#define SS_RULES_EXIF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/time.h"

struct ss_exif {
	uint32_t dots, units;	/* dots / units an inch or a cm; 0 / 0: none */
	bool per_cm;
	char taken[SS_DATE_MAX];	/* "YYYY-MM-DD", or "" */
};

/*
 * Reads the content of an APP1 segment, "Exif\0\0" first (CIPA DC-008,
 * 4.5.4 and 4.6). What is missing, odd or hostile is left empty, so the only
 * failure is SS_EMEMORY.
 */
int ss_exif_read(struct ss_exif *out, const void *segment, size_t len);

#endif
