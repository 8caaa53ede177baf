#include <setjmp.h>
#include <stdint.h>
#include <stdio.h>	/* jpeglib.h leaves FILE to us */
#include <stdlib.h>
#include <string.h>

#include <jpeglib.h>
#include <jerror.h>

#include "base/err.h"
#include "rules/photo.h"
#include "rules/photo_reduce.h"

#define EIGHTHS 8
#define QUALITY_MIN 50
#define QUALITY_LAST 10		/* of the smallest size */
#define QUALITY_MAX 92

/* Pixels, and the work of both directions. */
struct picture {
	struct jpeg_error_mgr err;
	jmp_buf stop;
	int code;

	struct jpeg_decompress_struct in;
	struct jpeg_compress_struct out;
	uint8_t *pixels;
	unsigned width, height, channels;

	uint8_t *room;		/* what is written, never more than ... */
	size_t max, len;
};

static _Noreturn void
on_error(j_common_ptr jpeg)
{
	struct picture *p = jpeg->client_data;

	p->code = jpeg->err->msg_code == JERR_OUT_OF_MEMORY ?
	    ss_fail(SS_EMEMORY, "out of memory") :
	    ss_fail(SS_EINVALID, "the photo is damaged: copy it again from "
	    "its source");
	longjmp(p->stop, 1);
}

static void
on_output(j_common_ptr jpeg)
{
	(void)jpeg;
}

static void
decode(struct picture *p, const void *jpeg, size_t len, unsigned eighths)
{
	struct jpeg_decompress_struct *in = &p->in;
	JSAMPROW row;
	size_t size;

	jpeg_create_decompress(in);
	jpeg_mem_src(in, jpeg, (unsigned long)len);
	jpeg_read_header(in, TRUE);
	in->scale_num = eighths;
	in->scale_denom = EIGHTHS;
	in->dct_method = JDCT_ISLOW;
	in->out_color_space = in->num_components == 1 ? JCS_GRAYSCALE :
	    JCS_RGB;
	jpeg_calc_output_dimensions(in);
	p->width = in->output_width;
	p->height = in->output_height;
	p->channels = in->num_components == 1 ? 1 : 3;
	size = (size_t)p->width * p->height * p->channels;
	if (size > (size_t)SS_PHOTO_MAX_PIXELS * 3 ||
	    (p->pixels = malloc(size)) == NULL) {
		p->code = ss_fail(SS_EMEMORY, "out of memory");
		longjmp(p->stop, 1);
	}
	jpeg_start_decompress(in);
	while (in->output_scanline < in->output_height) {
		row = p->pixels + (size_t)in->output_scanline * p->width *
		    p->channels;
		jpeg_read_scanlines(in, &row, 1);
	}
	jpeg_finish_decompress(in);
}

/* Apart from its caller, so that no local of it is lost by longjmp. */
static int
read_pixels(struct picture *p, const void *jpeg, size_t len, unsigned eighths)
{
	p->code = 0;
	free(p->pixels);
	p->pixels = NULL;
	p->in.client_data = p;
	p->in.err = &p->err;
	if (setjmp(p->stop) == 0)
		decode(p, jpeg, len, eighths);
	jpeg_destroy_decompress(&p->in);
	return p->code;
}

/* More than there is room for ends the work. */
static boolean
no_room(j_compress_ptr out)
{
	struct picture *p = out->client_data;

	p->len = p->max + 1;
	longjmp(p->stop, 1);
}

static void
init_room(j_compress_ptr out)
{
	struct picture *p = out->client_data;

	out->dest->next_output_byte = p->room;
	out->dest->free_in_buffer = p->max;
}

static void
end_room(j_compress_ptr out)
{
	struct picture *p = out->client_data;

	p->len = p->max - out->dest->free_in_buffer;
}

static void
encode(struct picture *p, int quality)
{
	struct jpeg_destination_mgr room = { .init_destination = init_room,
		.empty_output_buffer = no_room, .term_destination = end_room };
	struct jpeg_compress_struct *out = &p->out;
	JSAMPROW row;

	jpeg_create_compress(out);
	out->dest = &room;
	out->image_width = p->width;
	out->image_height = p->height;
	out->input_components = (int)p->channels;
	out->in_color_space = p->channels == 1 ? JCS_GRAYSCALE : JCS_RGB;
	jpeg_set_defaults(out);
	jpeg_set_quality(out, quality, TRUE);
	out->optimize_coding = TRUE;
	out->dct_method = JDCT_ISLOW;
	out->write_JFIF_header = FALSE;
	jpeg_start_compress(out, TRUE);
	while (out->next_scanline < out->image_height) {
		row = p->pixels + (size_t)out->next_scanline * p->width *
		    p->channels;
		jpeg_write_scanlines(out, &row, 1);
	}
	jpeg_finish_compress(out);
}

/* Whether the pixels fit in this quality; then they stand in room. */
static int
try(struct picture *p, int quality, bool *fits)
{
	p->code = 0;
	p->len = 0;
	p->out.client_data = p;
	p->out.err = &p->err;
	if (setjmp(p->stop) == 0)
		encode(p, quality);
	jpeg_destroy_compress(&p->out);
	*fits = p->code == 0 && p->len > 0 && p->len <= p->max;
	return p->code;
}

/* The highest quality from least on that fits; *best 0: none. */
static int
find_quality(struct picture *p, int least, int *best)
{
	int low = least, high = QUALITY_MAX, middle, r;
	bool fits;

	*best = 0;
	while (low <= high) {
		middle = *best == 0 && low == least ? least :
		    (low + high) / 2;
		if ((r = try(p, middle, &fits)) != 0)
			return r;
		if (!fits && *best == 0)
			return 0;
		if (fits) {
			*best = middle;
			low = middle + 1;
		} else {
			high = middle - 1;
		}
	}
	return try(p, *best, &fits);
}

static int
reduce(struct picture *p, const void *jpeg, size_t len)
{
	unsigned eighths;
	int r, best = 0;

	for (eighths = EIGHTHS; eighths > 0; eighths--) {
		if ((r = read_pixels(p, jpeg, len, eighths)) != 0 ||
		    (r = find_quality(p, eighths > 1 ? QUALITY_MIN :
		    QUALITY_LAST, &best)) != 0)
			return r;
		if (best > 0)
			return 0;
	}
	return ss_fail(SS_EINVALID, "the photo does not fit into %zu bytes of "
	    "a card", p->max);
}

int
ss_photo_reduce(const void *jpeg, size_t len, size_t max,
    struct ss_bytes *out)
{
	static const struct ss_photo_zone zone = { 1, 1, 1 };
	struct picture p;
	struct ss_photo photo;
	int r;

	if ((r = ss_photo_measure(jpeg, len, &zone, &photo)) != 0)
		return r;
	if (len <= max && !photo.progressive && photo.bits <= 24) {
		ss_bytes_add(out, jpeg, len);
		return ss_bytes_check(out);
	}
	if (photo.bits > 24)
		return ss_fail(SS_EINVALID, "the photo is in the colours of "
		    "ink: save it as an ordinary JPEG");
	memset(&p, 0, sizeof(p));
	jpeg_std_error(&p.err);
	p.err.error_exit = on_error;
	p.err.output_message = on_output;
	p.max = max;
	if ((p.room = malloc(max)) == NULL)
		return ss_fail(SS_EMEMORY, "out of memory");
	if ((r = reduce(&p, jpeg, len)) == 0) {
		ss_bytes_add(out, p.room, p.len);
		r = ss_bytes_check(out);
	}
	free(p.room);
	free(p.pixels);
	return r;
}
