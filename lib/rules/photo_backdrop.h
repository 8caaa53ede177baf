/*
 * The background of a photo, summed up row by row as it is decoded; see
 * rules/photo.h for what the frame and the figures are. Internal to photo.c.
 */
#ifndef SS_RULES_PHOTO_BACKDROP_H
#define SS_RULES_PHOTO_BACKDROP_H

#include <stdint.h>

#include "rules/photo.h"

enum ss_backdrop_part {
	SS_BACKDROP_INSIDE,
	SS_BACKDROP_TOP,
	SS_BACKDROP_LEFT,
	SS_BACKDROP_RIGHT,
	SS_BACKDROP_PARTS
};

struct ss_backdrop {
	int width;
	int top, side, side_rows;	/* the zone, clamped, px */
	struct ss_backdrop_sum {
		uint64_t pixels;
		uint64_t low;		/* of each pixel's lowest channel */
		uint64_t luma;
		uint64_t square;	/* of luma squared */
	} sum[SS_BACKDROP_PARTS];
};

/* width * height is at most SS_PHOTO_MAX_PIXELS, which sums rely on. */
void ss_backdrop_init(struct ss_backdrop *, const struct ss_photo_zone *,
    int width, int height);

/* Adds row y, width pixels of R, G, B; rows outside the zone cost nothing. */
void ss_backdrop_add(struct ss_backdrop *, const unsigned char *rgb, int y);

/* Sets white, even and border. */
void ss_backdrop_result(const struct ss_backdrop *, struct ss_photo *);

#endif
