/* Photos made to fit a card: small enough, whole, as good as they can be. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../photo.h"
#include "../tap.h"
#include "base/err.h"
#include "rules/photo.h"
#include "rules/photo_reduce.h"

static const struct ss_photo_zone zone = { 7, 24, 50 };

static void
fits(const char *options, size_t max)
{
	struct ss_bytes photo = make(options), a = { 0 }, b = { 0 };
	struct ss_photo before, after;
	int r, ratio;

	ss_photo_measure(photo.data, photo.len, &zone, &before);
	r = ss_photo_reduce(photo.data, photo.len, max, &a);
	if (!ok(r == 0, "%s into %zu bytes: %s", options, max,
	    r == 0 ? "" : ss_message()))
		goto out;
	ok(a.len <= max && a.len * 4 >= max * 3, "%zu bytes, and no fewer than "
	    "it must be", a.len);
	ok(ss_photo_measure(a.data, a.len, &zone, &after) == 0 &&
	    !after.progressive && after.bits == before.bits &&
	    after.taken[0] == '\0', "a plain JPEG without EXIF");
	ratio = after.width * before.height * 100 /
	    (after.height * before.width);
	ok(ratio >= 97 && ratio <= 103, "%d x %d, of %d x %d", after.width,
	    after.height, before.width, before.height);
	r = ss_photo_reduce(photo.data, photo.len, max, &b);
	ok(r == 0 && a.len == b.len && memcmp(a.data, b.data, a.len) == 0,
	    "the same again");
	/* Half a photo would be found here, too. */
	ok(after.white > 200, "with its white background, %d", after.white);
out:
	ss_bytes_free(&photo);
	ss_bytes_free(&a);
	ss_bytes_free(&b);
}

static void
refused(const void *data, size_t len, size_t max, const char *what)
{
	struct ss_bytes out = { 0 };

	ok(ss_photo_reduce(data, len, max, &out) == SS_EINVALID &&
	    out.len == 0, "%s: %s", what, ss_message());
	ss_bytes_free(&out);
}

int
main(void)
{
	struct ss_bytes photo = make("--seed 3"), out = { 0 };
	struct ss_bytes ink = make("--cmyk");
	size_t i;

	fits("--seed 1", 4096);
	fits("--seed 2", 2048);
	fits("--seed 4 --progressive", 4096);
	fits("--seed 5 --grey", 4096);
	fits("--seed 6 --noise 40", 4096);
	fits("--seed 7 --exif 2026:01:02", 4096);
	fits("--seed 8 --width 716 --height 882", 4096);

	ok(ss_photo_reduce(photo.data, photo.len, photo.len, &out) == 0 &&
	    out.len == photo.len && memcmp(out.data, photo.data, out.len) == 0,
	    "one that fits stays as it is");
	refused(photo.data, photo.len, 100, "no room for any picture");
	refused(ink.data, ink.len, 4096, "colours of ink");
	refused("", 0, 4096, "nothing");
	for (i = 1; i < photo.len; i += photo.len / 7)
		refused(photo.data, i, 4096, "a part of one");
	ss_bytes_free(&photo);
	ss_bytes_free(&ink);
	ss_bytes_free(&out);
	return done();
}
