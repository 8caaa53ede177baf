/*
 * make-photo: writes a made-up portrait, a JPEG, to standard output. Equal
 * options give equal bytes. By default it is the photo that the rules ask
 * for; the options spoil it in one way each.
 */
#include <err.h>
#include <getopt.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jpeglib.h>

#include "base/bytes.h"

/* The drawing is made for these, and stretched to other sizes. */
enum { WIDTH = 358, HEIGHT = 441, FACE = 210 };

struct options {
	int width, height, dpi, dpcm, exif_dpi;
	int noise, gradient, border, seed;
	int quality, bytes, pad_to, truncate, precision;
	int progressive, scans, grey, cmyk;
	int background[3], claim[2];
	const char *exif;
};

enum kind { NUMBER, FLAG, COLOUR, SIZE, TEXT };

static const struct {
	const char *name;
	enum kind kind;
	size_t at;
} table[] = {
	{ "width", NUMBER, offsetof(struct options, width) },
	{ "height", NUMBER, offsetof(struct options, height) },
	{ "dpi", NUMBER, offsetof(struct options, dpi) },
	{ "dpcm", NUMBER, offsetof(struct options, dpcm) },
	{ "background", COLOUR, offsetof(struct options, background) },
	{ "noise", NUMBER, offsetof(struct options, noise) },
	{ "gradient", NUMBER, offsetof(struct options, gradient) },
	{ "border", NUMBER, offsetof(struct options, border) },
	{ "seed", NUMBER, offsetof(struct options, seed) },
	{ "quality", NUMBER, offsetof(struct options, quality) },
	{ "bytes", NUMBER, offsetof(struct options, bytes) },
	{ "pad-to", NUMBER, offsetof(struct options, pad_to) },
	{ "progressive", FLAG, offsetof(struct options, progressive) },
	{ "scans", NUMBER, offsetof(struct options, scans) },
	{ "grey", FLAG, offsetof(struct options, grey) },
	{ "cmyk", FLAG, offsetof(struct options, cmyk) },
	{ "exif", TEXT, offsetof(struct options, exif) },
	{ "exif-dpi", NUMBER, offsetof(struct options, exif_dpi) },
	{ "truncate", NUMBER, offsetof(struct options, truncate) },
	{ "precision", NUMBER, offsetof(struct options, precision) },
	{ "claim", SIZE, offsetof(struct options, claim) },
};

#define OPTIONS (sizeof(table) / sizeof(table[0]))

static void
set_option(struct options *o, size_t i, const char *arg)
{
	void *at = (char *)o + table[i].at;
	int *v = at, n = 0;
	bool good = true;

	switch (table[i].kind) {
	case FLAG:
		*v = 1;
		break;
	case NUMBER:
		good = sscanf(arg, "%d%n", v, &n) == 1 && arg[n] == '\0';
		break;
	case COLOUR:
		good = sscanf(arg, "%d,%d,%d%n", v, v + 1, v + 2, &n) == 3 &&
		    arg[n] == '\0';
		break;
	case SIZE:
		good = sscanf(arg, "%dx%d%n", v, v + 1, &n) == 2 &&
		    arg[n] == '\0';
		break;
	case TEXT:
		*(const char **)at = arg;
		break;
	}
	if (!good)
		errx(2, "--%s: bad value '%s'", table[i].name, arg);
}

static void
parse(struct options *o, int argc, char **argv)
{
	struct option longs[OPTIONS + 1] = { { 0 } };
	size_t i;
	int c;

	for (i = 0; i < OPTIONS; i++) {
		longs[i].name = table[i].name;
		longs[i].has_arg = table[i].kind != FLAG;
		longs[i].val = 256 + (int)i;
	}
	while ((c = getopt_long(argc, argv, "", longs, NULL)) != -1) {
		if (c < 256)
			exit(2);
		set_option(o, (size_t)c - 256, optarg);
	}
	if (optind != argc)
		errx(2, "no operands are expected");
	if (o->width < 1 || o->height < 1)
		errx(2, "the size must be positive");
	if (o->exif != NULL && strlen(o->exif) != 10)
		errx(2, "--exif: bad value '%s'", o->exif);
}

/*
 * The portrait: ellipses in units of an eighth of a px, the last one that
 * covers a point paints it. Hair from 14 px, eyes at 200 px from the top.
 */
enum paint { SKIN, SHADOW, HAIR, COAT, SHIRT, WHITE, IRIS, LIP, PAINTS };

static const struct shape {
	int x, y, rx, ry;
	enum paint paint;
} shapes[] = {
	{ 179, 470, 162, 118, COAT },
	{ 179, 400, 44, 40, SHIRT },
	{ 179, 350, 46, 58, SHADOW },
	{ 179, 162, 112, 148, HAIR },
	{ 76, 214, 9, 24, SKIN },
	{ 282, 214, 9, 24, SKIN },
	{ 179, 212, FACE / 2, 132, SKIN },
	{ 160, 92, 76, 22, HAIR },
	{ 232, 98, 40, 20, HAIR },
	{ 134, 178, 24, 4, HAIR },
	{ 224, 178, 24, 4, HAIR },
	{ 134, 200, 19, 9, WHITE },
	{ 224, 200, 19, 9, WHITE },
	{ 134, 200, 8, 8, IRIS },
	{ 224, 200, 8, 8, IRIS },
	{ 179, 254, 17, 8, SHADOW },
	{ 179, 248, 12, 9, SKIN },
	{ 179, 290, 31, 8, LIP },
};

#define SHAPES ((int)(sizeof(shapes) / sizeof(shapes[0])))

struct drawing {
	const struct options *o;
	int face;			/* width, px of the drawing */
	int colour[PAINTS][3];
};

static uint32_t
mix(uint32_t a, uint32_t b)
{
	uint32_t h = a * 0x9e3779b1u ^ (b + 0x7f4a7c15u) * 0x85ebca77u;

	h = (h ^ h >> 15) * 0x2c1b3c6du;
	h = (h ^ h >> 12) * 0x297a2d39u;
	return h ^ h >> 15;
}

/* An even choice from -n to n. */
static int
jitter(uint32_t a, uint32_t b, int n)
{
	return (int)(mix(a, b) % (uint32_t)(2 * n + 1)) - n;
}

static void
draw_init(struct drawing *d, const struct options *o)
{
	static const int base[PAINTS][3] = {
		{ 226, 184, 158 }, { 196, 150, 126 }, { 34, 29, 28 },
		{ 52, 60, 84 }, { 222, 226, 232 }, { 240, 238, 234 },
		{ 48, 34, 28 }, { 186, 104, 98 },
	};
	static const int range[PAINTS] = { 16, 16, 12, 40, 20, 4, 16, 14 };
	uint32_t seed = (uint32_t)o->seed;
	int c, p;

	d->o = o;
	d->face = FACE;
	memcpy(d->colour, base, sizeof(base));
	if (seed == 0)
		return;
	d->face += jitter(seed, 1, 14);
	for (p = 0; p < PAINTS; p++)
		for (c = 0; c < 3; c++)
			d->colour[p][c] += jitter(seed, 100u + (uint32_t)(
			    p == COAT ? p * 3 + c : p == SHADOW ? SKIN : p),
			    range[p]);
}

/* The shape at a point in eighths of a px, -1 for the background. */
static int
hit(const struct drawing *d, int x, int y)
{
	int64_t dx, dy, rx, ry;
	int i;

	x = 179 * 8 + (x - 179 * 8) * FACE / d->face;
	for (i = SHAPES - 1; i >= 0; i--) {
		rx = shapes[i].rx * 8;
		ry = shapes[i].ry * 8;
		dx = x - shapes[i].x * 8;
		dy = y - shapes[i].y * 8;
		if (dx > rx || -dx > rx || dy > ry || -dy > ry)
			continue;
		if (dx * dx * ry * ry + dy * dy * rx * rx <= rx * rx * ry * ry)
			return i;
	}
	return -1;
}

static int
background(const struct drawing *d, int y, int c)
{
	const struct options *o = d->o;

	return o->background[c] - (o->height < 2 ? 0 :
	    o->gradient * y / (o->height - 1));
}

static unsigned char
byte(int v)
{
	return (unsigned char)(v < 0 ? 0 : v > 255 ? 255 : v);
}

/* Four samples a pixel, light from the left, a little grain. */
static void
draw_pixel(const struct drawing *d, int x, int y, unsigned char *rgb)
{
	const struct options *o = d->o;
	int c, i, s, grain, figure = 0, sum[3] = { 0 };
	uint32_t at = (uint32_t)(y * o->width + x);

	for (s = 0; s < 4; s++) {
		i = hit(d, (x * 8 + 2 + (s & 1) * 4) * WIDTH / o->width,
		    (y * 8 + 2 + (s >> 1) * 4) * HEIGHT / o->height);
		figure += i >= 0;
		for (c = 0; c < 3; c++)
			sum[c] += i < 0 ? background(d, y, c) :
			    d->colour[shapes[i].paint][c];
	}
	grain = jitter((uint32_t)o->seed + 7, at, figure > 0 ? 7 : o->noise);
	if (figure > 0)
		grain += (WIDTH / 2 - x * WIDTH / o->width) * figure / 32;
	for (c = 0; c < 3; c++)
		rgb[c] = byte(sum[c] / 4 + grain);
	if (x < o->border || y < o->border || x >= o->width - o->border ||
	    y >= o->height - o->border)
		memset(rgb, 40, 3);
}

/* What the colour space of the file wants: 1, 3 or 4 bytes a pixel. */
static size_t
put_pixel(const struct options *o, unsigned char *to, const unsigned char *rgb)
{
	if (o->grey) {
		*to = byte((77 * rgb[0] + 150 * rgb[1] + 29 * rgb[2]) >> 8);
		return 1;
	}
	memcpy(to, rgb, 3);
	if (!o->cmyk)
		return 3;
	to[3] = 255;		/* no black: Adobe writes ink upside down */
	return 4;
}

static void
draw(const struct options *o, struct ss_bytes *pixels)
{
	struct drawing d;
	unsigned char rgb[3], to[4];
	int x, y;

	draw_init(&d, o);
	for (y = 0; y < o->height; y++) {
		for (x = 0; x < o->width; x++) {
			draw_pixel(&d, x, y, rgb);
			ss_bytes_add(pixels, to, put_pixel(o, to, rgb));
		}
	}
}

/* One entry of an EXIF directory, little-endian (TIFF 6.0, section 2). */
static void
put_entry(struct ss_bytes *b, int tag, int type, int count, int value)
{
	int field[] = { tag, type, count, count >> 16, value, value >> 16 };
	size_t i;

	for (i = 0; i < sizeof(field) / sizeof(field[0]); i++) {
		ss_bytes_addc(b, (char)(field[i] & 255));
		ss_bytes_addc(b, (char)(field[i] >> 8 & 255));
	}
}

/* Offsets count from "II"; the directory of resolution ends at 62. */
static void
make_exif(const struct options *o, struct ss_bytes *b)
{
	char stamp[11];
	int x, dpi = o->exif_dpi;

	ss_bytes_add(b, "Exif\0\0II*\0\10\0\0\0\4\0", 16);
	put_entry(b, 0x011a, 5, 1, 62);		/* XResolution */
	put_entry(b, 0x011b, 5, 1, 62);		/* YResolution */
	put_entry(b, 0x0128, 3, 1, dpi > 0 ? 2 : 1);	/* ResolutionUnit */
	put_entry(b, 0x8769, 4, 1, 70);		/* the EXIF directory */
	ss_bytes_add(b, "\0\0\0\0", 4);
	for (x = 0; x < 4; x++)
		ss_bytes_addc(b, (char)((dpi > 0 ? dpi : 1) >> x * 8 & 255));
	ss_bytes_add(b, "\1\0\0\0", 4);
	ss_bytes_addc(b, o->exif != NULL);
	ss_bytes_addc(b, 0);
	if (o->exif != NULL) {
		put_entry(b, 0x9003, 2, 20, 88);	/* DateTimeOriginal */
		snprintf(stamp, sizeof(stamp), "%s", o->exif);
		stamp[4] = stamp[7] = ':';
		ss_bytes_add(b, "\0\0\0\0", 4);
		ss_bytes_addf(b, "%s 10:00:00", stamp);
	}
	ss_bytes_add(b, "\0\0\0\0", 4);
}

/* Many scans: DC, then one coefficient of one component each. */
static void
write_scans(struct jpeg_compress_struct *jpeg, int n)
{
	static jpeg_scan_info scans[190];
	int i;

	if (n > 190 || jpeg->num_components != 3)
		errx(2, "--scans: at most 190, and in colour");
	scans[0].comps_in_scan = 3;
	for (i = 0; i < 3; i++)
		scans[0].component_index[i] = i;
	for (i = 1; i < n; i++) {
		scans[i].comps_in_scan = 1;
		scans[i].component_index[0] = (i - 1) % 3;
		scans[i].Ss = scans[i].Se = 1 + (i - 1) / 3;
	}
	jpeg->scan_info = scans;
	jpeg->num_scans = n;
}

static void
setup(struct jpeg_compress_struct *jpeg, const struct options *o, int quality)
{
	jpeg->image_width = (JDIMENSION)o->width;
	jpeg->image_height = (JDIMENSION)o->height;
	jpeg->input_components = o->grey ? 1 : o->cmyk ? 4 : 3;
	jpeg->in_color_space = o->grey ? JCS_GRAYSCALE :
	    o->cmyk ? JCS_CMYK : JCS_RGB;
	jpeg_set_defaults(jpeg);
	jpeg_set_quality(jpeg, quality, TRUE);
	if (o->progressive)
		jpeg_simple_progression(jpeg);
	if (o->scans > 0)
		write_scans(jpeg, o->scans);
	if (o->dpi > 0 || o->dpcm > 0) {
		jpeg->density_unit = o->dpcm > 0 ? 2 : 1;
		jpeg->X_density = (UINT16)(o->dpcm > 0 ? o->dpcm : o->dpi);
		jpeg->Y_density = jpeg->X_density;
	}
}

static void
encode(const struct options *o, const struct ss_bytes *pixels, int quality,
    struct ss_bytes *out)
{
	struct jpeg_compress_struct jpeg;
	struct jpeg_error_mgr err;
	struct ss_bytes exif = { 0 };
	unsigned char *data = NULL;
	unsigned long len = 0;
	JSAMPROW row;

	jpeg.err = jpeg_std_error(&err);
	jpeg_create_compress(&jpeg);
	jpeg_mem_dest(&jpeg, &data, &len);
	setup(&jpeg, o, quality);
	jpeg_start_compress(&jpeg, TRUE);
	if (o->exif != NULL || o->exif_dpi > 0) {
		make_exif(o, &exif);
		jpeg_write_marker(&jpeg, JPEG_APP0 + 1,
		    (const JOCTET *)exif.data, (unsigned int)exif.len);
	}
	while (jpeg.next_scanline < jpeg.image_height) {
		row = (JSAMPROW)pixels->data + (size_t)jpeg.next_scanline *
		    jpeg.image_width * (size_t)jpeg.input_components;
		jpeg_write_scanlines(&jpeg, &row, 1);
	}
	jpeg_finish_compress(&jpeg);
	ss_bytes_reset(out);
	ss_bytes_add(out, data, len);
	jpeg_destroy_compress(&jpeg);
	free(data);
	ss_bytes_free(&exif);
}

/* The best quality whose file is no larger than --bytes. */
static void
encode_to_fit(const struct options *o, const struct ss_bytes *pixels,
    struct ss_bytes *out)
{
	int low = 1, high = 100, quality;

	while (low < high) {
		quality = (low + high + 1) / 2;
		encode(o, pixels, quality, out);
		if (out->len <= (size_t)o->bytes)
			low = quality;
		else
			high = quality - 1;
	}
	encode(o, pixels, low, out);
	if (out->len > (size_t)o->bytes)
		errx(1, "no quality gives so few bytes");
}

/* Comments, at most 65,537 bytes each and 4 at least, after the APPn. */
static void
pad(struct ss_bytes *b, size_t to)
{
	struct ss_bytes padded = { 0 };
	size_t at = 2, n, want;

	while ((b->data[at + 1] & 0xf0) == 0xe0)
		at += 2 + ((size_t)(unsigned char)b->data[at + 2] << 8) +
		    (unsigned char)b->data[at + 3];
	if (to < b->len || (to > b->len && to - b->len < 4))
		errx(1, "cannot pad %zu bytes to %zu", b->len, to);
	ss_bytes_add(&padded, b->data, at);
	for (want = to - b->len; want > 0; want -= n) {
		n = want <= 65537 ? want : want < 65541 ? 65000 : 65537;
		ss_bytes_add(&padded, "\xff\xfe", 2);
		ss_bytes_addc(&padded, (char)((n - 2) >> 8));
		ss_bytes_addc(&padded, (char)((n - 2) & 255));
		memset(ss_bytes_room(&padded, n - 4), ' ', n - 4);
		padded.len += n - 4;
	}
	ss_bytes_add(&padded, b->data + at, b->len - at);
	ss_bytes_free(b);
	*b = padded;
}

/* Makes the frame header (SOF0 or SOF2) say what is not so. */
static void
lie(struct ss_bytes *b, const struct options *o)
{
	size_t at = 2;
	int i;

	while ((unsigned char)b->data[at + 1] != 0xc0 &&
	    (unsigned char)b->data[at + 1] != 0xc2)
		at += 2 + ((size_t)(unsigned char)b->data[at + 2] << 8) +
		    (unsigned char)b->data[at + 3];
	if (o->precision > 0)
		b->data[at + 4] = (char)o->precision;
	for (i = 0; i < 2 && o->claim[i] >= 0; i++) {
		b->data[at + 7 - (size_t)i * 2] = (char)(o->claim[i] >> 8);
		b->data[at + 8 - (size_t)i * 2] = (char)(o->claim[i] & 255);
	}
}

int
main(int argc, char **argv)
{
	struct options o = {
		.width = WIDTH, .height = HEIGHT, .dpi = 350, .noise = 2,
		.quality = 82, .background = { 252, 252, 252 },
		.claim = { -1, -1 }, .truncate = -1,
	};
	struct ss_bytes pixels = { 0 }, out = { 0 };
	size_t len;

	parse(&o, argc, argv);
	draw(&o, &pixels);
	if (ss_bytes_check(&pixels) != 0)
		errx(1, "out of memory");
	if (o.bytes > 0)
		encode_to_fit(&o, &pixels, &out);
	else
		encode(&o, &pixels, o.quality, &out);
	if (o.pad_to > 0)
		pad(&out, (size_t)o.pad_to);
	lie(&out, &o);
	len = out.len;
	if (o.truncate >= 0 && (size_t)o.truncate < len)
		len = (size_t)o.truncate;
	if (fwrite(out.data, 1, len, stdout) != len || fflush(stdout) != 0)
		err(1, "standard output");
	ss_bytes_free(&pixels);
	ss_bytes_free(&out);
	return 0;
}
