#include "base/err.h"
#include "chip/tlv.h"

/* 7816-4, 5.2.2.1: b5-b1 all 1 say that the tag goes on; b6 that the value is
 * made of objects. */
#define TAG_LONG 0x1f
#define TAG_CONSTRUCTED 0x20

void
ss_tlv_open(struct ss_tlv_walk *walk, enum ss_tlv_form form, const void *data,
    size_t len)
{
	*walk = (struct ss_tlv_walk){ .form = form, .data = data, .end = len };
}

static bool
is_long(unsigned int first)
{
	return (first & TAG_LONG) == TAG_LONG;
}

static int
cut_short(size_t start)
{
	return ss_fail(SS_ECARD, "the data object at byte %zu is cut short",
	    start);
}

/* The second byte is 00-7F; from 80 on a third would follow. */
static bool
tag_valid(enum ss_tlv_form form, unsigned int tag)
{
	unsigned int first = tag >> 8, last = tag & 0xff;

	if (form == SS_TLV_RECORD)
		return tag > 0x00 && tag < 0xff;
	if (tag <= 0xff)
		return tag != 0x00 && !is_long(tag);
	return first < 0xff && is_long(first) && last <= 0x7f;
}

/* The tag at *at, which moves behind it. */
static int
read_tag(const struct ss_tlv_walk *walk, size_t *at, uint16_t *out)
{
	size_t start = *at;
	unsigned int tag = walk->data[(*at)++];

	if (walk->form == SS_TLV_BER && is_long(tag)) {
		if (*at == walk->end)
			return cut_short(start);
		tag = tag << 8 | walk->data[(*at)++];
	}
	if (!tag_valid(walk->form, tag))
		return ss_fail(SS_ECARD, "no tag of a data object at byte %zu",
		    start);
	*out = (uint16_t)tag;
	return 0;
}

/* The length at *at, of the object that begins at start. */
static int
read_len(const struct ss_tlv_walk *walk, size_t *at, size_t start, size_t *out)
{
	size_t i, more, len;

	if (*at == walk->end)
		return cut_short(start);
	len = walk->data[(*at)++];
	if (walk->form == SS_TLV_BER && len >= 0x80) {
		more = len & 0x7f;
		if (more < 1 || more > 2)
			return ss_fail(SS_ECARD, "no length of a data object "
			    "at byte %zu", *at - 1);
		if (more > walk->end - *at)
			return cut_short(start);
		for (len = 0, i = 0; i < more; i++)
			len = len << 8 | walk->data[(*at)++];
	} else if (walk->form == SS_TLV_RECORD && len > SS_TLV_RECORD_MAX) {
		return ss_fail(SS_ECARD, "no length of a record's item at "
		    "byte %zu", *at - 1);
	}
	if (len > walk->end - *at)
		return cut_short(start);
	*out = len;
	return 0;
}

/* Where the next object begins, or the end. */
static size_t
skip_filler(const struct ss_tlv_walk *walk)
{
	size_t at = walk->at;

	if (walk->form == SS_TLV_BER)
		while (at < walk->end && (walk->data[at] == 0x00 ||
		    walk->data[at] == 0xff))
			at++;
	return at;
}

int
ss_tlv_next(struct ss_tlv_walk *walk, struct ss_tlv *out, bool *more)
{
	size_t start = skip_filler(walk), at = start;
	size_t len = 0;
	uint16_t tag = 0;
	int r;

	*out = (struct ss_tlv){ 0 };
	*more = false;
	if (start == walk->end) {
		walk->at = start;
		return 0;
	}
	if ((r = read_tag(walk, &at, &tag)) != 0 ||
	    (r = read_len(walk, &at, start, &len)) != 0)
		return r;
	*out = (struct ss_tlv){ tag, walk->data + at, len };
	*more = true;
	walk->at = at + len;
	return 0;
}

int
ss_tlv_end(const struct ss_tlv_walk *walk)
{
	size_t at = skip_filler(walk);

	if (at != walk->end)
		return ss_fail(SS_ECARD, "%zu bytes too many at byte %zu",
		    walk->end - at, at);
	return 0;
}

int
ss_tlv_inside(const struct ss_tlv_walk *walk, const struct ss_tlv *tlv,
    struct ss_tlv_walk *out)
{
	unsigned int first = tlv->tag > 0xff ? tlv->tag >> 8 : tlv->tag;
	size_t at = (size_t)(tlv->value - walk->data);

	*out = *walk;
	out->at = at;
	out->end = at + tlv->len;
	if (walk->form != SS_TLV_BER || (first & TAG_CONSTRUCTED) == 0) {
		out->end = at;
		return ss_fail(SS_ECARD, "the value at byte %zu holds no data "
		    "objects", at);
	}
	return 0;
}

/* The one object of a tag on the level of walk, which is read to its end. */
static int
find_on_level(struct ss_tlv_walk *walk, uint16_t tag, struct ss_tlv *out)
{
	struct ss_tlv tlv;
	bool more;
	int r;

	*out = (struct ss_tlv){ 0 };
	while ((r = ss_tlv_next(walk, &tlv, &more)) == 0 && more) {
		if (tlv.tag != tag)
			continue;
		if (out->tag != 0)
			return ss_fail(SS_ECARD, "the data object %02X is "
			    "there twice, again before byte %zu", tag,
			    walk->at);
		*out = tlv;
	}
	if (r == 0 && out->tag == 0)
		r = ss_fail(SS_EMISSING, "no data object %02X", tag);
	return r;
}

int
ss_tlv_find(enum ss_tlv_form form, const void *data, size_t len,
    const uint16_t *path, struct ss_tlv *out)
{
	struct ss_tlv_walk walk;
	struct ss_tlv tlv = { 0 };
	int r;

	*out = (struct ss_tlv){ 0 };
	ss_tlv_open(&walk, form, data, len);
	for (; *path != 0; path++) {
		if (tlv.tag != 0 && (r = ss_tlv_inside(&walk, &tlv,
		    &walk)) != 0)
			return r;
		if ((r = find_on_level(&walk, *path, &tlv)) != 0)
			return r;
	}
	*out = tlv;
	return 0;
}

int
ss_tlv_add(struct ss_bytes *out, enum ss_tlv_form form, unsigned int tag,
    const void *value, size_t len)
{
	size_t max = form == SS_TLV_BER ? SS_TLV_BER_MAX : SS_TLV_RECORD_MAX;

	if (!tag_valid(form, tag))
		return ss_fail(SS_EINVALID, "%02X is no tag", tag);
	if (len > max)
		return ss_fail(SS_EINVALID, "data object %02X: %zu bytes, at "
		    "most %zu", tag, len, max);
	if (tag > 0xff)
		ss_bytes_addc(out, (char)(tag >> 8));
	ss_bytes_addc(out, (char)(tag & 0xff));
	if (form == SS_TLV_BER && len > 0xff) {
		ss_bytes_addc(out, (char)0x82);
		ss_bytes_addc(out, (char)(len >> 8));
	} else if (form == SS_TLV_BER && len > 0x7f) {
		ss_bytes_addc(out, (char)0x81);
	}
	ss_bytes_addc(out, (char)(len & 0xff));
	ss_bytes_add(out, value, len);
	return 0;
}
