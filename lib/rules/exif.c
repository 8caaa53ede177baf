#include <limits.h>
#include <string.h>

#include <libexif/exif-data.h>

#include "base/err.h"
#include "base/time.h"
#include "rules/exif.h"

/* ResolutionUnit (CIPA DC-008, 4.6.4 A); absent means inches. */
enum { UNIT_NONE = 1, UNIT_INCH = 2, UNIT_CM = 3 };

/* The entry, when it holds a value of the format and at least size bytes. */
static const ExifEntry *
find(ExifData *exif, ExifIfd ifd, ExifTag tag, ExifFormat format, size_t size)
{
	const ExifEntry *e = exif_content_get_entry(exif->ifd[ifd], tag);

	if (e == NULL || e->data == NULL || e->format != format ||
	    e->size < size)
		return NULL;
	return e;
}

/* "YYYY:MM:DD HH:MM:SS"; cameras whose clock was never set write zeros. */
static bool
read_day(char taken[SS_DATE_MAX], ExifData *exif, ExifTag tag)
{
	const ExifEntry *e = find(exif, EXIF_IFD_EXIF, tag,
	    EXIF_FORMAT_ASCII, 11);
	char day[SS_DATE_MAX] = "";

	if (e == NULL || e->data[4] != ':' || e->data[7] != ':' ||
	    (e->data[10] != ' ' && e->data[10] != '\0'))
		return false;
	memcpy(day, e->data, 10);
	day[4] = day[7] = '-';
	if (ss_day_parse(day) == SS_DAY_NONE)
		return false;
	memcpy(taken, day, sizeof(day));
	return true;
}

static void
read_resolution(struct ss_exif *out, ExifData *exif)
{
	ExifByteOrder order = exif_data_get_byte_order(exif);
	const ExifEntry *x = find(exif, EXIF_IFD_0, EXIF_TAG_X_RESOLUTION,
	    EXIF_FORMAT_RATIONAL, 8);
	const ExifEntry *y = find(exif, EXIF_IFD_0, EXIF_TAG_Y_RESOLUTION,
	    EXIF_FORMAT_RATIONAL, 8);
	const ExifEntry *u = find(exif, EXIF_IFD_0, EXIF_TAG_RESOLUTION_UNIT,
	    EXIF_FORMAT_SHORT, 2);
	int unit = u == NULL ? UNIT_INCH : exif_get_short(u->data, order);
	ExifRational rx, ry;

	if (x == NULL || y == NULL || (unit != UNIT_INCH && unit != UNIT_CM))
		return;
	rx = exif_get_rational(x->data, order);
	ry = exif_get_rational(y->data, order);
	if ((uint64_t)rx.numerator * ry.denominator !=
	    (uint64_t)ry.numerator * rx.denominator)
		return;
	out->dots = rx.numerator;
	out->units = rx.denominator;
	out->per_cm = unit == UNIT_CM;
}

int
ss_exif_read(struct ss_exif *out, const void *segment, size_t len)
{
	ExifData *exif;

	memset(out, 0, sizeof(*out));
	if (len > UINT_MAX)
		return 0;
	if ((exif = exif_data_new()) == NULL)
		return ss_fail(SS_EMEMORY, "out of memory");
	/* Read what is there: by default libexif adds what it misses. */
	exif_data_unset_option(exif, EXIF_DATA_OPTION_FOLLOW_SPECIFICATION);
	exif_data_set_option(exif, EXIF_DATA_OPTION_IGNORE_UNKNOWN_TAGS);
	exif_data_load_data(exif, segment, (unsigned int)len);
	if (!read_day(out->taken, exif, EXIF_TAG_DATE_TIME_ORIGINAL))
		read_day(out->taken, exif, EXIF_TAG_DATE_TIME_DIGITIZED);
	read_resolution(out, exif);
	exif_data_unref(exif);
	return 0;
}
