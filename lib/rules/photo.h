/*
 * A holder's photo, measured: what the file is and what its background is
 * like. Whether that will do is policy, decided elsewhere.
 *
 * Only photo.c knows libjpeg, and only exif.c knows libexif. Nothing is kept
 * between calls, so threads may measure at the same time.
 */
#ifndef SS_RULES_PHOTO_H
#define SS_RULES_PHOTO_H

#include <stdbool.h>
#include <stddef.h>

#include "base/time.h"

/* More is refused from the header alone, before memory is taken by size. */
#define SS_PHOTO_MAX_PIXELS 16000000

/* Some encoders write 10 scans, none writes more than these. */
#define SS_PHOTO_MAX_SCANS 64

/* Where the background is measured; clamped to the photo. */
struct ss_photo_zone {
	int top;		/* the top rows, px, over the whole width */
	int side;		/* columns at the left and right, px ... */
	int side_height;	/* ... down to this share of the height, % */
};

/*
 * The frame is what lies in the zone within 2 px of the top, left or right
 * edge (at the bottom the edge is clothes). The background is the rest of the
 * zone. Its three figures are 0 when it is empty, and when bits is 32, as the
 * colours of ink say little about light.
 */
struct ss_photo {
	size_t bytes;
	int width, height;	/* px */
	int dpi;	/* dots an inch; 0: the file says none, or two */
	int dpcm;	/* dots a cm when the file counts so, else 0 */
	int bits;	/* a pixel: 8 grey, 24 colour, 32 CMYK or YCCK */
	bool progressive;
	char taken[SS_DATE_MAX];	/* "YYYY-MM-DD" by EXIF, or "" */
	int white;	/* background: mean of the lowest channel, 0-255 */
	int even;	/* background: standard deviation of luma, upward */
	int border;	/* largest distance, in mean luma, of the background
			 * from a side of the frame */
};

/*
 * Measures a JPEG (ITU-T T.81: baseline, extended or progressive, Huffman, 8
 * bits a sample) from its first byte to its end. The resolution is that of
 * JFIF (ITU-T T.871), and where JFIF gives none, that of EXIF.
 *
 * SS_EINVALID with the fault and its cure: empty, not a JPEG, cut off,
 * damaged, of a rare kind, too large, too many scans. SS_EMEMORY. *out is
 * zeroed on failure.
 */
int ss_photo_measure(const void *jpeg, size_t len,
    const struct ss_photo_zone *, struct ss_photo *out);

#endif
