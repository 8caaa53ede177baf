#include <stdlib.h>
#include <string.h>

#include "rules/photo_backdrop.h"

#define FRAME 2			/* px */

static int
min(int a, int b)
{
	return a < b ? a : b;
}

static int
clamp(int v, int max)
{
	return v < 0 ? 0 : min(v, max);
}

void
ss_backdrop_init(struct ss_backdrop *b, const struct ss_photo_zone *zone,
    int width, int height)
{
	memset(b, 0, sizeof(*b));
	b->width = width;
	b->top = clamp(zone->top, height);
	b->side = clamp(zone->side, width);
	b->side_rows = (int)((int64_t)height *
	    clamp(zone->side_height, 100) / 100);
}

/*
 * Adds the pixels from x to end of a row, none when end <= x. The sums are
 * local, for bytes may alias anything; 65,535 pixels of 255 squared fit.
 */
static void
add(struct ss_backdrop_sum *sum, const unsigned char *rgb, int x, int end)
{
	uint32_t r, g, b, y, low = 0, luma = 0, square = 0;
	int i, n = end - x;

	if (n <= 0)
		return;
	rgb += (ptrdiff_t)x * 3;
	for (i = 0; i < n; i++, rgb += 3) {
		r = rgb[0];
		g = rgb[1];
		b = rgb[2];
		y = (77 * r + 150 * g + 29 * b + 128) >> 8;
		g = r < g ? r : g;
		low += g < b ? g : b;
		luma += y;
		square += y * y;
	}
	sum->pixels += (uint32_t)n;
	sum->low += low;
	sum->luma += luma;
	sum->square += square;
}

void
ss_backdrop_add(struct ss_backdrop *b, const unsigned char *rgb, int y)
{
	struct ss_backdrop_sum *sum = b->sum;
	int w = b->width;
	int reach = y < b->top ? w : y < b->side_rows ? b->side : 0;
	int left = min(reach, FRAME);
	int right = w - min(reach, min(FRAME, w - left));

	if (y < FRAME && y < b->top) {
		add(&sum[SS_BACKDROP_TOP], rgb, 0, w);
		return;
	}
	add(&sum[SS_BACKDROP_LEFT], rgb, 0, left);
	add(&sum[SS_BACKDROP_RIGHT], rgb, right, w);
	if (reach * 2 >= w) {
		add(&sum[SS_BACKDROP_INSIDE], rgb, left, right);
	} else {
		add(&sum[SS_BACKDROP_INSIDE], rgb, left, reach);
		add(&sum[SS_BACKDROP_INSIDE], rgb, w - reach, right);
	}
}

static int
mean(uint64_t total, uint64_t pixels)
{
	return (int)((total + pixels / 2) / pixels);
}

/*
 * The smallest whole k that is no less than the standard deviation. No
 * product exceeds 64 bits: (SS_PHOTO_MAX_PIXELS * 255) squared is 1.67e19.
 */
static int
deviation(const struct ss_backdrop_sum *sum)
{
	uint64_t n = sum->pixels, k = 0;

	while (k * k * n * n < n * sum->square - sum->luma * sum->luma)
		k++;
	return (int)k;
}

void
ss_backdrop_result(const struct ss_backdrop *b, struct ss_photo *out)
{
	const struct ss_backdrop_sum *in = &b->sum[SS_BACKDROP_INSIDE];
	const struct ss_backdrop_sum *side;
	int apart, level;

	if (in->pixels == 0)
		return;
	level = mean(in->luma, in->pixels);
	out->white = mean(in->low, in->pixels);
	out->even = deviation(in);
	for (side = in + 1; side < in + SS_BACKDROP_PARTS; side++) {
		if (side->pixels == 0)
			continue;
		apart = abs(mean(side->luma, side->pixels) - level);
		if (apart > out->border)
			out->border = apart;
	}
}
