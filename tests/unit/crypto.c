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

/* RFC 7914, 12; of each the first 32 bytes. */
static void
test_scrypt(void)
{
	static const struct {
		const char *passphrase, *salt;
		struct ss_scrypt_cost cost;
		const char *want;
	} vectors[] = {
		{ "", "", { 16, 1, 1 }, "77d6576238657b203b19ca42c18a0497"
		    "f16b4844e3074ae8dfdffa3fede21442" },
		{ "password", "NaCl", { 1024, 8, 16 },
		    "fdbabe1c9d3472007856e7190d01e9fe"
		    "7c6ad7cbc8237830e77376634b373162" },
		{ "pleaseletmein", "SodiumChloride", { 16384, 8, 1 },
		    "7023bdcb3afd7348461c06cd81fd38eb"
		    "fda8fbba904f8e3ea9b543f6545da1f2" },
	};
	static const struct ss_scrypt_cost bad[] = { { 0, 8, 1 }, { 1, 8, 1 },
		{ 1000, 8, 1 }, { -1024, 8, 1 }, { 1024, 0, 1 }, { 1024, 8, 0 },
		{ 1024, -8, 1 }, { 1024, 8, -1 }, { INT64_C(1) << 40, 8, 1 },
		{ INT64_C(1) << 62, 4, 4 }, { INT64_MIN, 1, 1 },
		{ 1024, INT64_C(1) << 54, 1 }, { 1024, 8, INT64_C(1) << 51 },
		{ 1 << 20, 8, 1 }, { 2, 1, 1 << 23 }, { 2, 1 << 23, 1 } };
	uint8_t key[SS_AEAD_KEY_LEN];
	char hex[2 * SS_AEAD_KEY_LEN + 1];
	size_t i;

	for (i = 0; i < LEN(vectors); i++) {
		ok(ss_scrypt(&vectors[i].cost, vectors[i].passphrase,
		    vectors[i].salt, strlen(vectors[i].salt), key) == 0,
		    "scrypt");
		ss_hex(key, sizeof(key), hex);
		is(hex, vectors[i].want, "of its vector");
	}
	for (i = 0; i < LEN(bad); i++)
		ok(ss_scrypt(&bad[i], "", "", 0, key) == SS_EINVALID,
		    "cost %lld %lld %lld", (long long)bad[i].n,
		    (long long)bad[i].r, (long long)bad[i].p);
	ok(ss_scrypt_check(&(struct ss_scrypt_cost){ 1 << 19, 8, 1 }) == 0,
	    "half a gigabyte may be");
}

/* Test case 16 of McGrew and Viega, The Galois/Counter Mode of Operation. */
static void
test_seal(void)
{
	static const char clear[] = "d9313225f88406e5a55909c5aff5269a"
	    "86a7a9531534f7da2e4c303d8a318a72"
	    "1c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b39";
	static const char want[] = "522dc1f099567d07f47f37a32a84427d"
	    "643a8cdcbfe5c0c97598a2bd2555d1aa"
	    "8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0abcc9f662"
	    "76fc6ece0f4e1768cddf8853bb2d551b";
	uint8_t header[20], text[60], sealed[76], back[60], other[20];
	const uint8_t zeros[60] = { 0 };
	struct ss_aead s = { .header = header, .header_len = 20 };
	char hex[2 * sizeof(sealed) + 1];
	size_t i;
	int bad = 0;

	ok(ss_hex_read("feffe9928665731c6d6a8f9467308308"
	    "feffe9928665731c6d6a8f9467308308", s.key, 32) &&
	    ss_hex_read("CAFEBABEFACEDBADDECAF888", s.nonce, 12) &&
	    ss_hex_read("feedfacedeadbeeffeedfacedeadbeefabaddad2", header,
	    20) && ss_hex_read(clear, text, 60), "a vector");
	ok(ss_aead_seal(&s, text, sizeof(text), sealed) == 0, "sealed");
	ss_hex(sealed, sizeof(sealed), hex);
	is(hex, want, "as it says");
	ok(ss_aead_open(&s, sealed, sizeof(sealed), back) == 0 &&
	    memcmp(back, text, sizeof(text)) == 0, "opened");
	for (i = 0; i < sizeof(sealed); i++) {
		sealed[i] ^= 1;
		bad += ss_aead_open(&s, sealed, sizeof(sealed), back) != SS_EAUTH;
		bad += memcmp(back, zeros, sizeof(back)) != 0;
		sealed[i] ^= 1;
		if (i >= 60)
			bad += ss_aead_open(&s, sealed, i, back) != SS_EAUTH;
	}
	ok(bad == 0, "not with a bit changed, nor cut; then zeros");
	memcpy(other, header, sizeof(other));
	other[19] ^= 0x80;
	s.header = other;
	ok(ss_aead_open(&s, sealed, sizeof(sealed), back) == SS_EAUTH,
	    "nor with another header");
	s.header = header;
	s.key[0] ^= 1;
	ok(ss_aead_open(&s, sealed, sizeof(sealed), back) == SS_EAUTH,
	    "nor with another key");
	s.header_len = 0;
	ok(ss_aead_seal(&s, text, 0, sealed) == 0 && ss_aead_open(&s, sealed,
	    SS_AEAD_TAG_LEN, back) == 0, "nothing can be sealed");
}

static void
test_secret(void)
{
	char name[16];
	enum ss_cipher_name cipher;
	void *p;

	ok(ss_secret_new(&p, 5000) == 0 && ((char *)p)[4999] == 0,
	    "memory for secrets");
	memset(p, 1, 5000);
	ss_secret_free(p, 5000);
	ss_secret_free(NULL, 1);
	strcpy(name, ss_cipher_word(SS_SM4));
	ok(ss_cipher_find(name, &cipher) && cipher == SS_SM4 &&
	    ss_cipher_find("3des", &cipher) && cipher == SS_3DES &&
	    !ss_cipher_find("des", &cipher), "the words of ciphers");
}

int
main(void)
{
	test_sm3();
	test_hash();
	test_scrypt();
	test_seal();
	test_secret();
	test_random();
	test_uuid();
	return done();
}
