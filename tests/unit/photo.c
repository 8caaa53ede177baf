#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../photo.h"
#include "../tap.h"
#include "base/bytes.h"
#include "base/err.h"
#include "rules/photo.h"

static const struct ss_photo_zone zone = { 7, 24, 50 };

static int
measure(const struct ss_bytes *b, struct ss_photo *p)
{
	return ss_photo_measure(b->data, b->len, &zone, p);
}

/* A made photo that must be measurable. */
static struct ss_photo
measured(const char *options)
{
	struct ss_bytes b = make(options);
	struct ss_photo p;

	if (measure(&b, &p) != 0)
		ok(false, "%s: %s", options, ss_message());
	ss_bytes_free(&b);
	return p;
}

static void
refused(const void *data, size_t len, const char *word, const char *what)
{
	static const struct ss_photo none;
	struct ss_photo p;
	int r;

	memset(&p, 1, sizeof(p));
	r = ss_photo_measure(data, len, &zone, &p);
	if (!ok(r == SS_EINVALID && strstr(ss_message(), word) != NULL &&
	    p.width == none.width && p.bytes == none.bytes &&
	    p.white == none.white, "refused: %s", what))
		printf("# %d %s\n", r, r == 0 ? "" : ss_message());
}

static void
made_refused(const char *options, const char *word)
{
	struct ss_bytes b = make(options);

	refused(b.data, b.len, word, options);
	ss_bytes_free(&b);
}

/* Where the bytes stand; they must be there. */
static unsigned char *
find(struct ss_bytes *b, const char *bytes, size_t n)
{
	size_t i;

	for (i = 0; i + n <= b->len; i++)
		if (memcmp(b->data + i, bytes, n) == 0)
			return (unsigned char *)b->data + i;
	puts("Bail out! the made photo is not as expected");
	exit(1);
}

static void
test_good(void)
{
	struct ss_bytes b = make(""), again = make("--seed 0");
	struct ss_bytes other = make("--seed 5");
	struct ss_photo p;

	ok(measure(&b, &p) == 0, "the default photo is measured");
	ok(p.bytes == b.len && p.bytes >= 14000 && p.bytes <= 40000,
	    "its bytes");
	ok(p.width == 358 && p.height == 441, "its size");
	ok(p.dpi == 350 && p.dpcm == 0, "its resolution");
	ok(p.bits == 24 && !p.progressive, "its kind");
	is(p.taken, "", "no EXIF, no day");
	ok(p.white >= 245 && p.even <= 4 && p.border <= 2,
	    "its background: %d %d %d", p.white, p.even, p.border);
	ok(b.len == again.len && memcmp(b.data, again.data, b.len) == 0,
	    "equal options give equal bytes");
	ok(b.len != other.len || memcmp(b.data, other.data, b.len) != 0,
	    "another seed gives another photo");
	ss_bytes_adds(&b, "trailing");
	ok(measure(&b, &p) == 0 && p.bytes == b.len,
	    "bytes after the end are counted");
	ss_bytes_free(&b);
	ss_bytes_free(&again);
	ss_bytes_free(&other);
}

static void
test_size(void)
{
	struct ss_photo p = measured("--bytes 16000");

	ok(p.bytes <= 16000 && p.bytes > 14000, "--bytes: %zu", p.bytes);
	ok(measured("--pad-to 40000").bytes == 40000, "--pad-to");
	ok(measured("--pad-to 200001").bytes == 200001, "--pad-to, far");
	p = measured("--width 1 --height 1");
	ok(p.width == 1 && p.height == 1 && p.white == 0, "one pixel");
	p = measured("--width 3000 --height 4000 --quality 20");
	ok(p.width == 3000 && p.height == 4000, "12 million pixels");
}

static void
test_other_files(void)
{
	static const struct {
		const char *bytes;
		size_t len;
		const char *name;
	} files[] = {
		{ "", 0, "is empty" },
		{ "\x89PNG\r\n\x1a\n", 8, "a PNG" },
		{ "BM......", 8, "a BMP" },
		{ "GIF89a", 6, "a GIF" },
		{ "II*\0....", 8, "a TIFF" },
		{ "MM\0*....", 8, "a TIFF" },
		{ "RIFF....WEBPVP8 ", 16, "a WebP" },
		{ "\0\0\0\x18" "ftypheic", 12, "a HEIC" },
		{ "\0\0\0\x18" "ftypmif1", 12, "a HEIC" },
		{ "\0\0\0\x18" "ftypavif", 12, "an AVIF" },
		{ "\0\0\0\x0cjP  \r\n", 10, "a JPEG 2000" },
		{ "%PDF-1.7", 8, "a PDF" },
		{ "some text", 9, "not a JPEG" },
		{ "B", 1, "not a JPEG" },
		{ "RIFF....WEB", 11, "not a JPEG" },
		{ "\xff", 1, "cut off" },
		{ "\xff\xd8", 2, "cut off" },
		{ "\xff\xd8\xff\xd9", 4, "damaged" },
	};
	size_t i;

	for (i = 0; i < sizeof(files) / sizeof(files[0]); i++)
		refused(files[i].bytes, files[i].len, files[i].name,
		    files[i].name);
}

static void
test_faults(void)
{
	struct ss_bytes b = make("--progressive");

	made_refused("--truncate 9000", "cut off");
	made_refused("--truncate 9000 --progressive", "cut off");
	made_refused("--precision 16", "16 bits a sample, 8 are needed");
	made_refused("--precision 12", "12 bits a sample, 8 are needed");
	made_refused("--claim 60000x60000", "60000 x 60000 px");
	made_refused("--claim 4000x4001", "4000 x 4001 px");
	made_refused("--claim 65535x65535", "too large");
	made_refused("--claim 0x441", "damaged");
	made_refused("--claim 358x600", "cut off");
	made_refused("--claim 358x200", "damaged");
	made_refused("--scans 65", "more than 64 scans");
	made_refused("--scans 190", "more than 64 scans");
	ok(measured("--scans 64").progressive, "64 scans are not too many");
	find(&b, "\xff\xc2", 2)[1] = 0xca;
	refused(b.data, b.len, "rare kind", "arithmetic coding");
	find(&b, "\xff\xca", 2)[1] = 0xc3;
	refused(b.data, b.len, "rare kind", "lossless");
	ss_bytes_free(&b);
}

static void
test_kinds(void)
{
	struct ss_photo p = measured("--grey");

	ok(p.bits == 8 && p.white >= 245 && p.border <= 2, "grey");
	p = measured("--cmyk");
	ok(p.bits == 32 && p.width == 358 && p.white == 0, "CMYK");
	p = measured("--progressive");
	ok(p.bits == 24 && p.progressive && p.white >= 245, "progressive");
}

static bool
dense(const struct ss_bytes *b, int dpi, int dpcm)
{
	struct ss_photo p;

	return measure(b, &p) == 0 && p.dpi == dpi && p.dpcm == dpcm;
}

static void
test_resolution(void)
{
	struct ss_bytes b;
	struct ss_photo p;

	ok(measured("--dpi 0").dpi == 0, "no resolution");
	p = measured("--dpcm 138");
	ok(p.dpi == 351 && p.dpcm == 138, "dots a cm");
	p = measured("--dpcm 118");
	ok(p.dpi == 300 && p.dpcm == 118, "dots a cm, rounded up");
	p = measured("--dpi 0 --exif-dpi 350");
	ok(p.dpi == 350 && p.dpcm == 0, "EXIF where JFIF says none");
	ok(measured("--dpi 72 --exif-dpi 350").dpi == 72, "JFIF comes first");

	b = make("--dpi 0 --exif-dpi 350");
	find(&b, "\xff\xe0", 2)[1] = 0xe3;
	ok(dense(&b, 350, 0), "EXIF without JFIF");
	find(&b, "\x28\1\3\0\1\0\0\0\2", 9)[8] = 3;
	ok(dense(&b, 889, 350), "EXIF, dots a cm");
	find(&b, "\x28\1\3\0\1\0\0\0\3", 9)[8] = 1;
	ok(dense(&b, 0, 0), "EXIF, no unit");
	find(&b, "\x28\1\3\0\1\0\0\0\1", 9)[0] = 0x29;
	ok(dense(&b, 350, 0), "EXIF, unit left out: inches");
	find(&b, "\x1b\1\5\0\1\0\0\0\x3e", 9)[8] = 0x3a;
	ok(dense(&b, 0, 0), "EXIF, x and y differ");
	ss_bytes_free(&b);

	b = make("--dpi 0 --exif-dpi 350");
	find(&b, "\x5e\1\0\0\1\0\0\0", 8)[4] = 0;
	ok(dense(&b, 0, 0), "EXIF, 350/0");
	find(&b, "\x5e\1\0\0\0\0\0\0", 8)[4] = 3;
	ok(dense(&b, 117, 0), "EXIF, 350/3");
	memset(find(&b, "\x5e\1\0\0\3\0\0\0", 8), 255, 4);
	ok(dense(&b, 0, 0), "EXIF, absurd");
	ss_bytes_free(&b);

	b = make("--exif-dpi 350");
	find(&b, "JFIF\0\1\1\1\1\x5e\1\x5e", 12)[9] = 0x5d;
	ok(dense(&b, 0, 0), "JFIF, x and y differ");
	ss_bytes_free(&b);
}

static void
test_day(void)
{
	static const char *const unreal[] = {
		"2026-02-30", "2025-02-29", "2026-13-01", "2026-00-10",
		"2026-04-00", "0000-00-00", "20 6-01-01", "2026-1x-01",
		"    -  -  ",
	};
	struct ss_bytes b = make("--exif 2024-02-29");
	struct ss_photo p;
	char options[64];
	size_t i;

	is(measured("--exif 2026-05-01").taken, "2026-05-01", "a day");
	is(measured("--exif 2026-05-01 --exif-dpi 350 --progressive").taken,
	    "2026-05-01", "a day beside a resolution");
	for (i = 0; i < sizeof(unreal) / sizeof(unreal[0]); i++) {
		snprintf(options, sizeof(options), "--exif '%s'", unreal[i]);
		is(measured(options).taken, "", unreal[i]);
	}
	find(&b, "\3\x90\2\0", 4)[0] = 4;
	measure(&b, &p);
	is(p.taken, "2024-02-29", "DateTimeDigitized");
	find(&b, "\4\x90\2\0", 4)[2] = 1;
	measure(&b, &p);
	is(p.taken, "", "a day of another type");
	ss_bytes_free(&b);
}

static void
test_background(void)
{
	struct ss_photo p = measured("--background 200,200,200");

	ok(p.white >= 198 && p.white <= 202 && p.even <= 4 && p.border <= 2,
	    "grey: %d %d %d", p.white, p.even, p.border);
	p = measured("--background 255,255,180");
	ok(p.white >= 176 && p.white <= 184, "yellow: %d %d %d", p.white,
	    p.even, p.border);
	p = measured("--gradient 40");
	ok(p.even >= 5, "gradient: %d %d %d", p.white, p.even, p.border);
	p = measured("--noise 20");
	ok(p.even >= 6, "noise: %d %d %d", p.white, p.even, p.border);
	p = measured("--border 3");
	ok(p.border >= 150, "border: %d %d %d", p.white, p.even, p.border);
	p = measured("--border 1");
	ok(p.border >= 50 && p.white >= 235, "border of 1 px: %d %d %d",
	    p.white, p.even, p.border);
}

static void
test_zone(void)
{
	static const struct ss_photo_zone none = { 0, 0, 0 };
	static const struct ss_photo_zone less = { -5, -5, -5 };
	static const struct ss_photo_zone all = { 1 << 30, 1 << 30, 1 << 30 };
	static const struct ss_photo_zone sides = { 0, 400, 100 };
	static const struct ss_photo_zone rim = { 2, 2, 100 };
	struct ss_bytes b = make("");
	struct ss_photo p, q;
	int r;

	r = ss_photo_measure(b.data, b.len, &none, &p);
	ok(r == 0 && p.white == 0 && p.border == 0, "an empty zone");
	r = ss_photo_measure(b.data, b.len, &less, &p);
	ok(r == 0 && p.white == 0 && p.border == 0, "a zone below zero");
	r = ss_photo_measure(b.data, b.len, &rim, &p);
	ok(r == 0 && p.white == 0 && p.border == 0, "a zone all frame");
	r = ss_photo_measure(b.data, b.len, &all, &p);
	ok(r == 0 && p.even > 60 && p.white < 200, "the whole photo");
	r = ss_photo_measure(b.data, b.len, &sides, &q);
	ok(r == 0 && abs(p.even - q.even) <= 1, "sides that overlap");
	ss_bytes_free(&b);
}

/* Lengths, counts and offsets that lie, at every place of the EXIF. */
static void
test_hostile_exif(void)
{
	static const uint32_t lies[] = {
		0, 1, 0x7f, 0xff, 0xffff, 0x10000, 0x7fffffff, 0x80000000,
		0xfffffff0, 0xffffffff, 0x55555556, 0x20000001
	};
	struct ss_bytes b = make("--width 64 --height 79 --dpi 0 "
	    "--exif 2026-05-01 --exif-dpi 350");
	unsigned char *exif = find(&b, "Exif\0\0", 6), kept[4];
	size_t at, i, bad = 0, len = (size_t)(exif[-2] << 8 | exif[-1]) - 2;
	struct ss_photo p;

	for (at = 0; at + 4 <= len; at++) {
		memcpy(kept, exif + at, 4);
		for (i = 0; i < sizeof(lies) / sizeof(lies[0]); i++) {
			memcpy(exif + at, &lies[i], 4);
			bad += measure(&b, &p) != 0 || p.width != 64;
		}
		memcpy(exif + at, kept, 4);
	}
	ok(bad == 0, "EXIF that lies leaves the photo measurable");
	exif[-2] = 255;
	refused(b.data, b.len, "cut off", "a segment longer than the file");
	exif[-2] = exif[-1] = 0;
	refused(b.data, b.len, "damaged", "a segment of no length");
	ss_bytes_free(&b);
}

/* Exact copies on the heap, so that a sanitizer sees one byte too far. */
static int
measure_copy(const char *data, size_t len)
{
	struct ss_photo p;
	char *copy = malloc(len + (len == 0));
	int r;

	if (copy == NULL)
		return SS_EMEMORY;
	memcpy(copy, data, len);
	r = ss_photo_measure(copy, len, &zone, &p);
	free(copy);
	return r;
}

static void
test_damage(const char *options)
{
	struct ss_bytes b = make(options);
	size_t at, cut = 0, odd = 0;
	int bit, r;

	for (at = 0; at < b.len; at++)
		cut += measure_copy(b.data, at) != SS_EINVALID;
	ok(cut == 0, "every prefix is refused: %s", options);
	for (at = 0; at < b.len; at++) {
		for (bit = 1; bit <= 256; bit *= 2) {
			b.data[at] = (char)(b.data[at] ^ (bit & 255 ? bit :
			    255));
			r = measure_copy(b.data, b.len);
			odd += r != 0 && r != SS_EINVALID;
			b.data[at] = (char)(b.data[at] ^ (bit & 255 ? bit :
			    255));
		}
	}
	ok(odd == 0, "every flip of a bit or a byte is borne: %s", options);
	ss_bytes_free(&b);
}

static void *
work(void *ctx)
{
	const struct ss_bytes *b = ctx;
	struct ss_photo p;
	int i, r, good = 0;

	for (i = 0; i < 40; i++) {
		r = ss_photo_measure(b->data, b->len - (size_t)(i & 1), &zone,
		    &p);
		good += i & 1 ? r == SS_EINVALID &&
		    strstr(ss_message(), "cut off") != NULL :
		    r == 0 && p.white >= 245;
	}
	return good == 40 ? ctx : NULL;
}

static void
test_threads(void)
{
	struct ss_bytes b = make("--exif 2026-05-01");
	pthread_t t[4];
	void *done_well;
	int i, good = 0;

	for (i = 0; i < 4; i++)
		pthread_create(&t[i], NULL, work, &b);
	for (i = 0; i < 4; i++) {
		pthread_join(t[i], &done_well);
		good += done_well != NULL;
	}
	ok(good == 4, "four threads at once");
	ss_bytes_free(&b);
}

int
main(void)
{
	test_good();
	test_size();
	test_other_files();
	test_faults();
	test_kinds();
	test_resolution();
	test_day();
	test_background();
	test_zone();
	test_hostile_exif();
	test_damage("--width 64 --height 79");
	test_damage("--width 48 --height 59 --progressive --exif 2026-05-01");
	test_damage("--width 48 --height 59 --grey");
	test_threads();
	return done();
}
