/* Digests and hashes by the vectors of their standards; ids that ascend. */
#include <string.h>

#include "base/crypto.h"
#include "base/err.h"
#include "base/text.h"
#include "base/uuid.h"
#include "../tap.h"

#define LEN(array) (sizeof(array) / sizeof((array)[0]))

/* GB/T 32905-2016, annex A. */
static void
test_sm3(void)
{
	static const char abc[] = "66c7f0f462eeedd9d1f2d46bdc10e4e2"
	    "4167c4875cf2f7a2297da02b8f4ba8e0";
	static const char abcd[] = "debe9ff92275b8a138604889c18e5a4d"
	    "6fdb70e5387e5765293dcba39c0c5732";
	char text[65] = "", hex[SS_SM3_HEX];
	uint8_t digest[SS_SM3_LEN];
	struct ss_sm3 *sm3;
	int i, bad = 0;

	ok(ss_sm3_new(&sm3) == 0, "SM3 is there");
	ok(ss_sm3_hex(sm3, "abc", 3, hex) == 0, "a digest");
	is(hex, abc, "of abc");
	for (i = 0; i < 16; i++)
		strcat(text, "abcd");
	ss_sm3_hex(sm3, text, 64, hex);
	is(hex, abcd, "of 64 bytes");
	for (i = 0; i <= 64; i++) {
		ss_sm3_update(sm3, text, (size_t)i);
		ss_sm3_update(sm3, text + i, (size_t)(64 - i));
		ss_sm3_final(sm3, digest);
		ss_hex(digest, sizeof(digest), hex);
		bad += strcmp(hex, abcd) != 0;
	}
	ok(bad == 0, "in two parts, cut anywhere");
	ss_sm3_hex(sm3, "", 0, hex);
	is(hex, "1ab21d8355cfa17f8e61194831e81a8f"
	    "22bec8c728fefb747ed035eb5082aa2b", "of nothing");
	ss_sm3_free(sm3);
	ss_sm3_free(NULL);
}

/* vectors.h of the reference implementation, key and data 00 01 02 ... */
static void
test_hash(void)
{
	static const struct {
		size_t len;
		const char *want;
	} vectors[] = {
		{ 0, "a3817f04ba25a8e66df67214c7550293" },
		{ 1, "da87c1d86b99af44347659119b22fc45" },
		{ 63, "5150d1772f50834a503e069a973fbd7c" },
	};
	static const struct ss_hash_key key = { {
		UINT64_C(0x0706050403020100), UINT64_C(0x0f0e0d0c0b0a0908) } };
	uint8_t data[64], bytes[16];
	uint64_t out[2];
	char hex[33];
	size_t i;

	for (i = 0; i < sizeof(data); i++)
		data[i] = (uint8_t)i;
	for (i = 0; i < LEN(vectors); i++) {
		ss_hash(&key, data, vectors[i].len, out);
		for (size_t j = 0; j < 16; j++)
			bytes[j] = (uint8_t)(out[j / 8] >> j % 8 * 8);
		ss_hex(bytes, 16, hex);
		is(hex, vectors[i].want, "SipHash-2-4-128");
	}
}

static void
test_random(void)
{
	uint8_t a[32] = { 0 }, b[32] = { 0 };

	ok(ss_random(a, sizeof(a)) == 0 && ss_random(b, sizeof(b)) == 0 &&
	    memcmp(a, b, sizeof(a)) != 0, "random bytes differ");
}

/* Whether it is a version 7 of that millisecond. */
static bool
is_uuid(const char *id, ss_instant from, ss_instant to)
{
	unsigned long long ms, high;

	return strlen(id) == 36 && id[8] == '-' && id[13] == '-' &&
	    id[14] == '7' && id[18] == '-' && id[23] == '-' &&
	    strchr("89ab", id[19]) != NULL &&
	    strspn(id, "0123456789abcdef-") == 36 &&
	    sscanf(id, "%8llx-%4llx", &high, &ms) == 2 &&
	    (ss_instant)(high << 16 | ms) >= from &&
	    (ss_instant)(high << 16 | ms) <= to;
}

static void
test_uuid(void)
{
	const ss_instant now = INT64_C(1795451275123);
	struct ss_uuid_maker maker = { 0 };
	char id[SS_UUID_MAX], last[SS_UUID_MAX] = "";
	int i, bad = 0, falls = 0;

	ok(ss_uuid_make(&maker, now, id) == 0 && is_uuid(id, now, now),
	    "version and variant");
	strcpy(last, id);
	for (i = 0; i < 10000; i++) {
		ss_uuid_make(&maker, now, id);
		bad += !is_uuid(id, now, now + 5);
		falls += strcmp(last, id) >= 0;
		strcpy(last, id);
	}
	ok(bad == 0, "10,000 within a millisecond stay near it");
	ok(falls == 0, "and ascend");
	for (i = 0; i < 10000; i++) {
		ss_uuid_make(&maker, now - 3600000 + i, id);
		bad += !is_uuid(id, now, now + 10);
		falls += strcmp(last, id) >= 0;
		strcpy(last, id);
	}
	ok(bad == 0 && falls == 0, "also with the clock set back");
	ss_uuid_make(&maker, now + 60000, id);
	ok(is_uuid(id, now + 60000, now + 60000) && strcmp(last, id) < 0,
	    "and with the clock again");
}

int
main(void)
{
	test_sm3();
	test_hash();
	test_random();
	test_uuid();
	return done();
}
