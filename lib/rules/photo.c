#include <setjmp.h>
#include <stdint.h>
#include <stdio.h>	/* jpeglib.h leaves FILE to us */
#include <string.h>

#include <jpeglib.h>
#include <jerror.h>

#include "base/err.h"
#include "rules/photo_backdrop.h"
#include "rules/exif.h"
#include "rules/photo.h"

/* Enough for the coefficients of the largest photo, 4 channels of 2 bytes. */
#define MEMORY_MAX ((long)SS_PHOTO_MAX_PIXELS * 10)

struct decoder {
	struct jpeg_decompress_struct jpeg;
	struct jpeg_error_mgr err;
	struct jpeg_progress_mgr progress;
	jmp_buf stop;
	int code;
	struct ss_backdrop backdrop;
	struct ss_photo *out;
};

/* What people hand in instead; a magic may stand at an offset. */
static const struct kind {
	const char *name;
	size_t offset;
	const char *magic;
	size_t len;
} kinds[] = {
	{ "a PNG", 0, "\x89PNG", 4 },
	{ "a BMP", 0, "BM", 2 },
	{ "a GIF", 0, "GIF8", 4 },
	{ "a TIFF", 0, "II*\0", 4 },
	{ "a TIFF", 0, "MM\0*", 4 },
	{ "a WebP", 8, "WEBP", 4 },
	{ "a HEIC", 4, "ftyphe", 6 },
	{ "a HEIC", 4, "ftypmif1", 8 },
	{ "a HEIC", 4, "ftypmsf1", 8 },
	{ "an AVIF", 4, "ftypavif", 8 },
	{ "a JPEG 2000", 4, "jP  ", 4 },
	{ "a JPEG 2000", 0, "\xff\x4f\xff\x51", 4 },
	{ "a Photoshop file", 0, "8BPS", 4 },
	{ "a PDF", 0, "%PDF", 4 },
};

static int
check_kind(const void *data, size_t len)
{
	const struct kind *k;
	size_t i;

	if (len == 0)
		return ss_fail(SS_EINVALID,
		    "the photo is empty: copy it again from its source");
	if (memcmp(data, "\xff\xd8", len < 2 ? len : 2) == 0)
		return 0;
	for (i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		k = &kinds[i];
		if (len >= k->offset + k->len && memcmp((const char *)data +
		    k->offset, k->magic, k->len) == 0)
			return ss_fail(SS_EINVALID, "the photo is %s, not a "
			    "JPEG: open it and save it as JPEG", k->name);
	}
	return ss_fail(SS_EINVALID, "the photo is not a JPEG: "
	    "open it and save it as JPEG");
}

static int
fail_bits(int bits)
{
	return ss_fail(SS_EINVALID, "the photo has %d bits a sample, 8 are "
	    "needed: save it as an ordinary JPEG", bits);
}

static int
fail_rare(void)
{
	return ss_fail(SS_EINVALID, "the photo is a rare kind of JPEG that "
	    "few programs open: save it as an ordinary JPEG");
}

/* The mapper of libjpeg's errors and warnings. */
static int
fail_jpeg(const struct jpeg_error_mgr *err)
{
	switch (err->msg_code) {
	case JERR_OUT_OF_MEMORY:
		return ss_fail(SS_EMEMORY, "out of memory");
	case JERR_BAD_PRECISION:
		return fail_bits(err->msg_parm.i[0]);
	case JERR_IMAGE_TOO_BIG:
	case JERR_WIDTH_OVERFLOW:
	case JERR_NO_BACKING_STORE:
		return ss_fail(SS_EINVALID, "the photo is too large to open: "
		    "save it with fewer pixels");
	case JERR_SOF_UNSUPPORTED:
	case JERR_ARITH_NOTIMPL:
	case JERR_CCIR601_NOTIMPL:
	case JERR_FRACT_SAMPLE_NOTIMPL:
	case JERR_CONVERSION_NOTIMPL:
	case JERR_NOT_COMPILED:
		return fail_rare();
	case JERR_INPUT_EOF:
	case JWRN_JPEG_EOF:
	case JWRN_HIT_MARKER:
		return ss_fail(SS_EINVALID, "the photo is cut off before its "
		    "end: copy it again from its source");
	default:
		return ss_fail(SS_EINVALID, "the photo is damaged: copy it "
		    "again from its source");
	}
}

static _Noreturn void
stop(struct decoder *d, int code)
{
	d->code = code;
	longjmp(d->stop, 1);
}

static _Noreturn void
on_error(j_common_ptr jpeg)
{
	stop(jpeg->client_data, fail_jpeg(jpeg->err));
}

/* A warning (level -1) means damage that libjpeg would paint over. */
static void
on_message(j_common_ptr jpeg, int level)
{
	if (level < 0)
		on_error(jpeg);
}

static void
on_output(j_common_ptr jpeg)
{
	(void)jpeg;
}

/* A small file can hold thousands of scans, each as dear as a decode. */
static void
on_progress(j_common_ptr jpeg)
{
	struct decoder *d = jpeg->client_data;

	if (d->jpeg.input_scan_number > SS_PHOTO_MAX_SCANS)
		stop(d, ss_fail(SS_EINVALID, "the photo is stored in more "
		    "than %d scans: save it as an ordinary JPEG",
		    SS_PHOTO_MAX_SCANS));
}

static int
check_header(const struct jpeg_decompress_struct *jpeg)
{
	if (jpeg->data_precision != 8)
		return fail_bits(jpeg->data_precision);
	if ((uint64_t)jpeg->image_width * jpeg->image_height >
	    SS_PHOTO_MAX_PIXELS)
		return ss_fail(SS_EINVALID, "the photo is %u x %u px, too "
		    "large to open: save it with fewer pixels",
		    jpeg->image_width, jpeg->image_height);
	if (jpeg->arith_code)
		return fail_rare();
	switch (jpeg->jpeg_color_space) {
	case JCS_GRAYSCALE:
	case JCS_YCbCr:
	case JCS_RGB:
	case JCS_CMYK:
	case JCS_YCCK:
		return 0;
	default:
		return fail_rare();
	}
}

static void
set_density(struct ss_photo *out, uint64_t dots, uint64_t units, bool per_cm)
{
	uint64_t whole, inch;

	if (units == 0)
		return;
	whole = (dots + units / 2) / units;
	inch = per_cm ? (dots * 254 + units * 50) / (units * 100) : whole;
	if (inch > UINT16_MAX * UINT64_C(3))
		return;
	out->dpi = (int)inch;
	out->dpcm = per_cm ? (int)whole : 0;
}

static int
read_exif(struct ss_photo *out, jpeg_saved_marker_ptr m, bool density)
{
	struct ss_exif exif;
	int r;

	while (m != NULL && (m->data_length < 6 ||
	    memcmp(m->data, "Exif\0\0", 6) != 0))
		m = m->next;
	if (m == NULL)
		return 0;
	if ((r = ss_exif_read(&exif, m->data, m->data_length)) != 0)
		return r;
	memcpy(out->taken, exif.taken, sizeof(out->taken));
	if (density)
		set_density(out, exif.dots, exif.units, exif.per_cm);
	return 0;
}

static int
read_header(struct ss_photo *out, const struct jpeg_decompress_struct *jpeg)
{
	bool jfif = jpeg->saw_JFIF_marker && jpeg->X_density != 0 &&
	    (jpeg->density_unit == 1 || jpeg->density_unit == 2);

	out->width = (int)jpeg->image_width;
	out->height = (int)jpeg->image_height;
	out->bits = jpeg->num_components * 8;
	out->progressive = jpeg->progressive_mode;
	if (jfif && jpeg->X_density == jpeg->Y_density)
		set_density(out, jpeg->X_density, 1, jpeg->density_unit == 2);
	return read_exif(out, jpeg->marker_list, !jfif);
}

/*
 * To the last row and on to the end of the file, or faults go unseen. The row
 * lies at an odd address because libjpeg-turbo writes aligned ones past the
 * cache, and fetching them back would cost a quarter of the decode.
 */
static void
read_rows(struct decoder *d)
{
	struct jpeg_decompress_struct *jpeg = &d->jpeg;
	JSAMPROW row = (JSAMPROW)(*jpeg->mem->alloc_large)(
	    (j_common_ptr)jpeg, JPOOL_IMAGE, 1 + (size_t)jpeg->output_width *
	    (size_t)jpeg->output_components);
	bool ink = jpeg->out_color_space == JCS_CMYK;
	int y;

	row++;
	while (jpeg->output_scanline < jpeg->output_height) {
		y = (int)jpeg->output_scanline;
		jpeg_read_scanlines(jpeg, &row, 1);
		if (!ink)
			ss_backdrop_add(&d->backdrop, row, y);
	}
	jpeg_finish_decompress(jpeg);
}

static void
decode(struct decoder *d, const void *data, size_t len,
    const struct ss_photo_zone *zone)
{
	struct jpeg_decompress_struct *jpeg = &d->jpeg;
	int r;

	jpeg_create_decompress(jpeg);
	jpeg->mem->max_memory_to_use = MEMORY_MAX;
	jpeg->progress = &d->progress;
	jpeg_save_markers(jpeg, JPEG_APP0 + 1, 0xffff);
	jpeg_mem_src(jpeg, data, (unsigned long)len);
	jpeg_read_header(jpeg, TRUE);
	if ((r = check_header(jpeg)) != 0 ||
	    (r = read_header(d->out, jpeg)) != 0)
		stop(d, r);
	ss_backdrop_init(&d->backdrop, zone, d->out->width, d->out->height);
	jpeg->out_color_space = jpeg->num_components == 4 ?
	    JCS_CMYK : JCS_RGB;
	jpeg_start_decompress(jpeg);
	read_rows(d);
	ss_backdrop_result(&d->backdrop, d->out);
}

/* Apart from decode's caller, so that no local of it is lost by longjmp. */
static void
run(struct decoder *d, const void *data, size_t len,
    const struct ss_photo_zone *zone)
{
	if (setjmp(d->stop) == 0)
		decode(d, data, len, zone);
	jpeg_destroy_decompress(&d->jpeg);
}

int
ss_photo_measure(const void *jpeg, size_t len,
    const struct ss_photo_zone *zone, struct ss_photo *out)
{
	struct decoder d;
	int r;

	memset(out, 0, sizeof(*out));
	if ((r = check_kind(jpeg, len)) != 0)
		return r;
	memset(&d, 0, sizeof(d));
	d.out = out;
	d.jpeg.client_data = &d;
	d.jpeg.err = jpeg_std_error(&d.err);
	d.err.error_exit = on_error;
	d.err.emit_message = on_message;
	d.err.output_message = on_output;
	d.progress.progress_monitor = on_progress;
	run(&d, jpeg, len, zone);
	if (d.code != 0)
		memset(out, 0, sizeof(*out));
	else
		out->bytes = len;
	return d.code;
}
