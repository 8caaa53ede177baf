/* Data objects, in both forms. */
#include <stdlib.h>

#include "base/err.h"
#include "chip/tlv.h"
#include "../tap.h"

/* The answer to SELECT of the environment: name, and issuer data in A5. */
static const uint8_t fci[] = { 0x6f, 0x1c, 0x84, 0x0f, 's', 'x', '1', '.', 's',
	'h', '.', 0xc9, 0xe7, 0xbb, 0xe1, 0xb1, 0xa3, 0xd5, 0xcf, 0xa5, 0x09,
	0x88, 0x01, 0x1e, 0x9f, 0x0c, 0x03, 0x86, 0x01, 0x03 };

static const uint8_t ef05[] = { 0x02, 0x01, '1', 0x03, 0x04, '3', '.', '0',
	'0', 0x07, 0x00 };

static uint64_t state = UINT64_C(0x2545f4914f6cdd1d);

static unsigned int
chance(unsigned int below)
{
	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return (unsigned int)(state >> 33) % below;
}

/* Walks all there is, to the end of every level: the objects, or -1. */
static int
count(struct ss_tlv_walk *walk)
{
	struct ss_tlv_walk inside;
	struct ss_tlv tlv;
	int n = 0, below;
	bool more;

	while (ss_tlv_next(walk, &tlv, &more) == 0) {
		if (!more)
			return n;
		n++;
		if (ss_tlv_inside(walk, &tlv, &inside) != 0)
			continue;
		if ((below = count(&inside)) == -1)
			return -1;
		n += below;
	}
	return -1;
}

static int
count_all(enum ss_tlv_form form, const void *data, size_t len)
{
	struct ss_tlv_walk walk;

	ss_tlv_open(&walk, form, data, len);
	return count(&walk);
}

static void
test_find(void)
{
	static const uint16_t name[] = { 0x6f, 0x84, 0 },
	    issuer[] = { 0x6f, 0xa5, 0x9f0c, 0 }, none[] = { 0x6f, 0x85, 0 },
	    through[] = { 0x6f, 0x84, 0x85, 0 }, top[] = { 0x84, 0 },
	    version[] = { 3, 0 }, deep[] = { 3, 4, 0 };
	struct ss_tlv t;

	ok(count_all(SS_TLV_BER, fci, sizeof(fci)) == 5, "five objects");
	ok(ss_tlv_find(SS_TLV_BER, fci, sizeof(fci), name, &t) == 0 &&
	    t.tag == 0x84 && t.len == 15 && t.value == fci + 4, "the name");
	ok(ss_tlv_find(SS_TLV_BER, fci, sizeof(fci), issuer, &t) == 0 &&
	    t.tag == 0x9f0c && t.len == 3 && t.value == fci + 27,
	    "the issuer's data, by a tag of two bytes");
	ok(ss_tlv_find(SS_TLV_BER, fci, sizeof(fci), none, &t) == SS_EMISSING &&
	    t.value == NULL && t.tag == 0, "not there");
	is(ss_message(), "no data object 85", "says so");
	ok(ss_tlv_find(SS_TLV_BER, fci, sizeof(fci), top, &t) == SS_EMISSING,
	    "not on this level");
	ok(ss_tlv_find(SS_TLV_BER, NULL, 0, top, &t) == SS_EMISSING,
	    "not in nothing");
	ok(ss_tlv_find(SS_TLV_BER, fci, sizeof(fci), through, &t) == SS_ECARD,
	    "a path through what holds none");
	is(ss_message(), "the value at byte 4 holds no data objects",
	    "says where");
	ok(ss_tlv_find(SS_TLV_RECORD, ef05, sizeof(ef05), version, &t) == 0 &&
	    t.len == 4 && memcmp(t.value, "3.00", 4) == 0, "a record's item");
	ok(ss_tlv_find(SS_TLV_RECORD, ef05, sizeof(ef05), deep, &t) ==
	    SS_ECARD && t.tag == 0, "records hold none");
	ok(ss_tlv_find(SS_TLV_BER, "\x84\1x\x84\1y", 6, top, &t) ==
	    SS_ECARD && t.tag == 0, "twice");
	is(ss_message(), "the data object 84 is there twice, again before "
	    "byte 6", "says so");
	ok(ss_tlv_find(SS_TLV_BER, "\x84\1x\x85\2y", 6, top, &t) ==
	    SS_ECARD && t.tag == 0, "what follows the hit is read too");
	is(ss_message(), "the data object at byte 3 is cut short", "and named");
}

/* Whatever is cut off is seen, but at the border between two objects. */
static void
test_truncation(void)
{
	static const uint16_t name[] = { 0x6f, 0x84, 0 };
	struct ss_tlv t;
	size_t n;
	int bad = 0, good = 0;

	for (n = 1; n < sizeof(fci); n++)
		bad += count_all(SS_TLV_BER, fci, n) == -1 &&
		    ss_tlv_find(SS_TLV_BER, fci, n, name, &t) == SS_ECARD &&
		    t.value == NULL;
	ok(bad == sizeof(fci) - 1, "an FCI that is cut short");
	bad = 0;
	for (n = 1; n < sizeof(ef05); n++) {
		good += count_all(SS_TLV_RECORD, ef05, n) > 0;
		bad += count_all(SS_TLV_RECORD, ef05, n) == -1;
	}
	ok(good == 2 && bad == sizeof(ef05) - 3, "records that are cut short");
}

static void
test_faults(void)
{
	static const struct {
		enum ss_tlv_form form;
		const char *bytes;
		size_t len;
		const char *says;
	} t[] = {
		{ SS_TLV_BER, "\x84", 1, "the data object at byte 0 is cut "
		    "short" },
		{ SS_TLV_BER, "\0\xff\x9f", 3, "the data object at byte 2 is "
		    "cut short" },
		{ SS_TLV_BER, "\x9f\x80\0", 3, "no tag of a data object at "
		    "byte 0" },
		{ SS_TLV_BER, "\x84\0\x9f\x81\1\0", 6, "no tag of a data "
		    "object at byte 2" },
		{ SS_TLV_BER, "\x84\x80\0\0", 4, "no length of a data object "
		    "at byte 1" },
		{ SS_TLV_BER, "\x84\x83\0\0\0", 5, "no length of a data "
		    "object at byte 1" },
		{ SS_TLV_BER, "\x84\xff", 2, "no length of a data object at "
		    "byte 1" },
		{ SS_TLV_BER, "\x84\x82\0", 3, "the data object at byte 0 is "
		    "cut short" },
		{ SS_TLV_BER, "\x84\x82\xff\xffx", 5, "the data object at "
		    "byte 0 is cut short" },
		{ SS_TLV_BER, "\xa5\4\x84\3ab", 6, "the data object at byte 2 "
		    "is cut short" },
		{ SS_TLV_RECORD, "\0\1x", 3, "no tag of a data object at byte "
		    "0" },
		{ SS_TLV_RECORD, "\1\0\xff\0", 4, "no tag of a data object at "
		    "byte 2" },
		{ SS_TLV_RECORD, "\1", 1, "the data object at byte 0 is cut "
		    "short" },
		{ SS_TLV_RECORD, "\1\xff\0\1x", 5, "no length of a record's "
		    "item at byte 1" },
	};
	size_t i;

	for (i = 0; i < sizeof(t) / sizeof(*t); i++) {
		ss_fail(SS_EIO, "nothing");
		ok(count_all(t[i].form, t[i].bytes, t[i].len) == -1 &&
		    ss_last_code() == SS_ECARD, "fault %zu", i);
		is(ss_message(), t[i].says, "says where");
	}
	ok(count_all(SS_TLV_BER, NULL, 0) == 0 &&
	    count_all(SS_TLV_RECORD, NULL, 0) == 0, "nothing is no fault");
	ok(count_all(SS_TLV_BER, "\0\xff\0", 3) == 0, "nor is filler");
	ok(count_all(SS_TLV_BER, "\xff\x84\1x\0\0\x85\0\xff", 9) == 2,
	    "about objects");
	ok(count_all(SS_TLV_BER, "\xa5\5\0\x84\1x\xff", 7) == 2,
	    "and inside");
	ok(count_all(SS_TLV_BER, "\x84\x82\0\1x\x84\x81\1y", 9) == 2,
	    "lengths longer than need be");
}

/* A walk that fails stays where it is, and one not ended is found out. */
static void
test_walk(void)
{
	struct ss_tlv_walk walk;
	struct ss_tlv t;
	bool more;

	ss_tlv_open(&walk, SS_TLV_BER, "\x84\1x\0\x85\2y", 7);
	ok(ss_tlv_next(&walk, &t, &more) == 0 && more && t.tag == 0x84 &&
	    t.len == 1 && *t.value == 'x', "an object");
	ok(ss_tlv_end(&walk) == SS_ECARD, "is not the end");
	is(ss_message(), "3 bytes too many at byte 4", "says what is left");
	ok(ss_tlv_next(&walk, &t, &more) == SS_ECARD && !more && t.tag == 0 &&
	    walk.at == 3, "a fault");
	ok(ss_tlv_next(&walk, &t, &more) == SS_ECARD && walk.at == 3,
	    "which stays");
	ss_tlv_open(&walk, SS_TLV_BER, "\x84\0\0", 3);
	ok(ss_tlv_next(&walk, &t, &more) == 0 && more && t.len == 0,
	    "an empty one");
	ok(ss_tlv_end(&walk) == 0, "filler is no more than the end");
	ok(ss_tlv_next(&walk, &t, &more) == 0 && !more &&
	    ss_tlv_next(&walk, &t, &more) == 0 && !more, "which stays too");
	ss_tlv_open(&walk, SS_TLV_RECORD, "\1\0\0", 3);
	ok(ss_tlv_next(&walk, &t, &more) == 0 && more &&
	    ss_tlv_end(&walk) == SS_ECARD, "of a record it is not");
}

static void
test_write(void)
{
	static const struct {
		size_t len, head;
		const char *bytes;
	} lengths[] = { { 0, 2, "\x84\0" }, { 127, 2, "\x84\x7f" },
		{ 128, 3, "\x84\x81\x80" }, { 255, 3, "\x84\x81\xff" },
		{ 256, 4, "\x84\x82\1\0" }, { 65535, 4, "\x84\x82\xff\xff" } };
	static const unsigned int bad_ber[] = { 0, 0x1f, 0xbf, 0xff, 0x9f80,
		0x8401, 0xff20, 0x9f0c01 };
	static const uint8_t value[65536];
	struct ss_bytes b = { 0 };
	int bad = 0;
	size_t i;

	for (i = 0; i < sizeof(lengths) / sizeof(*lengths); i++) {
		ss_bytes_reset(&b);
		ok(ss_tlv_add(&b, SS_TLV_BER, 0x84, value, lengths[i].len) ==
		    0 && b.len == lengths[i].head + lengths[i].len &&
		    memcmp(b.data, lengths[i].bytes, lengths[i].head) == 0,
		    "%zu bytes", lengths[i].len);
	}
	ss_bytes_reset(&b);
	ok(ss_tlv_add(&b, SS_TLV_BER, 0x84, value, 65536) == SS_EINVALID &&
	    b.len == 0, "too long");
	is(ss_message(), "data object 84: 65536 bytes, at most 65535",
	    "says so");
	ok(ss_tlv_add(&b, SS_TLV_RECORD, 9, value, 254) == 0 &&
	    b.len == 256 && memcmp(b.data, "\t\xfe", 2) == 0,
	    "the longest record");
	ok(ss_tlv_add(&b, SS_TLV_RECORD, 9, value, 255) == SS_EINVALID &&
	    b.len == 256, "too long");
	for (i = 0; i < sizeof(bad_ber) / sizeof(*bad_ber); i++)
		bad += ss_tlv_add(&b, SS_TLV_BER, bad_ber[i], "", 0) !=
		    SS_EINVALID;
	bad += ss_tlv_add(&b, SS_TLV_RECORD, 0, "", 0) != SS_EINVALID;
	bad += ss_tlv_add(&b, SS_TLV_RECORD, 0xff, "", 0) != SS_EINVALID;
	bad += ss_tlv_add(&b, SS_TLV_RECORD, 0x9f0c, "", 0) != SS_EINVALID;
	ok(bad == 0 && b.len == 256, "tags that are none");
	ss_bytes_free(&b);
}

#define TAGS 6

/* Random objects, half of them inside another, are read as written. */
static bool
round_trip(enum ss_tlv_form form)
{
	static const unsigned int tags[2][TAGS] = {
		{ 0x84, 0x88, 0x9f0c, 0x5f24, 0x01, 0xdf7f },
		{ 0x01, 0x4e, 0xfe, 0x1f, 0x84, 0x6f } };
	struct ss_bytes b = { 0 }, outer = { 0 };
	size_t len[TAGS], at[TAGS], i;
	uint16_t path[3] = { 0 }, *last = path;
	uint8_t value[300];
	struct ss_tlv t;
	bool good = true;

	for (i = 0; i < sizeof(value); i++)
		value[i] = (uint8_t)chance(256);
	for (i = 0; i < TAGS; i++) {
		len[i] = chance(form == SS_TLV_BER ? 290 : 255);
		at[i] = chance((unsigned int)(sizeof(value) - len[i] + 1));
		good = good && ss_tlv_add(&b, form, tags[form][i],
		    value + at[i], len[i]) == 0;
	}
	if (form == SS_TLV_BER && chance(2) == 0) {
		*last++ = 0x6f;
		good = good && ss_tlv_add(&outer, form, 0x6f, b.data,
		    b.len) == 0;
	} else {
		ss_bytes_add(&outer, b.data, b.len);
	}
	for (i = 0; i < TAGS; i++) {
		*last = (uint16_t)tags[form][i];
		good = good && ss_tlv_find(form, outer.data, outer.len, path,
		    &t) == 0 && t.tag == *last && t.len == len[i] &&
		    memcmp(t.value, value + at[i], len[i]) == 0;
	}
	ss_bytes_free(&b);
	ss_bytes_free(&outer);
	return good;
}

int
main(void)
{
	int i, bad = 0;

	test_find();
	test_truncation();
	test_faults();
	test_walk();
	test_write();
	for (i = 0; i < 1000; i++)
		bad += !round_trip(i % 2 ? SS_TLV_BER : SS_TLV_RECORD);
	ok(bad == 0, "a thousand times read as written");
	return done();
}
