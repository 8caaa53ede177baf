/* Block ciphers by the vectors of their standards; what they refuse. */
#include <stdlib.h>
#include <string.h>

#include "base/crypto.h"
#include "base/err.h"
#include "base/text.h"
#include "../tap.h"

#define LEN(array) (sizeof(array) / sizeof((array)[0]))

#define DES_KEY "0123456789abcdef"
#define KEY "0123456789abcdeffedcba9876543210"

static size_t
unhex(const char *hex, uint8_t *out)
{
	size_t i, n = strlen(hex) / 2;

	for (i = 0; i < n; i++) {
		char two[3] = { hex[2 * i], hex[2 * i + 1], '\0' };

		out[i] = (uint8_t)strtoul(two, NULL, 16);
	}
	return n;
}

static struct ss_cipher *
keyed(enum ss_cipher_name name, const char *hex)
{
	struct ss_cipher *c;
	uint8_t key[SS_KEY_LEN];

	unhex(hex, key);
	ok(ss_cipher_new(&c, name) == 0 && ss_cipher_set_key(c, key) == 0,
	    "a cipher with a key");
	return c;
}

static void
test_ecb(void)
{
	static const struct {
		enum ss_cipher_name name;
		const char *key, *clear, *cipher, *from;
	} vectors[] = {
		{ SS_3DES, DES_KEY DES_KEY,
		    "4e6f77206973207468652074696d6520666f7220616c6c20",
		    "3fa40e8a984d48156a271787ab8883f9893d51ec4b563b53",
		    "DES, FIPS 81 table B1" },
		{ SS_3DES, "4cf15134a2850dd58a3d10ba80570d38",
		    "0000000000000000", "c7679b9f6b8d7d7a",
		    "two-key 3DES, SP 800-38B D.5" },
		{ SS_3DES, "4cf15134a2850dd58a3d10ba80570d38",
		    "e50e89dcf95a6579" /* the message XOR K1 */,
		    "4ff2ab813c53ce83", "its message of 8 bytes" },
		{ SS_SM4, KEY, KEY, "681edf34d206965e86b3e94f536e4246",
		    "SM4, GB/T 32907 annex A" },
	};
	uint8_t in[64], out[64];
	char hex[129];
	size_t i, n;

	for (i = 0; i < LEN(vectors); i++) {
		struct ss_cipher *c = keyed(vectors[i].name, vectors[i].key);

		n = unhex(vectors[i].clear, in);
		ok(ss_cipher_ecb(c, in, n, out) == 0, "encrypted");
		ss_hex(out, n, hex);
		is(hex, vectors[i].cipher, vectors[i].from);
		ok(ss_cipher_ecb_decrypt(c, out, n, out) == 0 &&
		    memcmp(out, in, n) == 0, "and back, in place");
		ss_cipher_free(c);
	}
}

/* GB/T 32907 annex A.2: the block of A.1, a million times over. */
static void
test_sm4_again(void)
{
	struct ss_cipher *c = keyed(SS_SM4, KEY);
	uint8_t block[16];
	char hex[33];
	int i, r = 0;

	unhex(KEY, block);
	for (i = 0; i < 1000000 && r == 0; i++)
		r = ss_cipher_ecb(c, block, 16, block);
	ss_hex(block, 16, hex);
	is(hex, "595298c7c6fd271f0402f804c33d3f66", "SM4, a million times");
	for (i = 0; i < 1000000 && r == 0; i++)
		r = ss_cipher_ecb_decrypt(c, block, 16, block);
	ss_hex(block, 16, hex);
	is(hex, KEY, "and back");
	ss_cipher_free(c);
}

static void
test_cbc_mac(void)
{
	struct ss_cipher *c = keyed(SS_3DES, DES_KEY DES_KEY);
	char text[33] = "7654321 Now is the time for \0\0\0\0";
	uint8_t mac[SS_BLOCK_MAX], half[8], key[32];
	char hex[33];

	ok(ss_cipher_cbc_mac(c, NULL, text, 32, mac) == 0, "a MAC");
	ss_hex(mac, 8, hex);
	is(hex, "f1d30f6849312ca4", "DES, FIPS 113 appendix 2");
	ss_cipher_cbc_mac(c, NULL, text, 16, half);
	ss_cipher_cbc_mac(c, half, text + 16, 16, mac);
	ss_hex(mac, 8, hex);
	is(hex, "f1d30f6849312ca4", "in two parts, by the start");
	ss_cipher_free(c);
	/* One block from zeros is ECB, whose vector is published. */
	c = keyed(SS_SM4, KEY);
	unhex(KEY KEY, key);
	ss_cipher_cbc_mac(c, NULL, key, 16, mac);
	ss_hex(mac, 16, hex);
	is(hex, "681edf34d206965e86b3e94f536e4246", "SM4, one block");
	ss_cipher_cbc_mac(c, NULL, key, 32, mac);
	ss_hex(mac, 16, hex);
	is(hex, "9ff11dcfd3afaa236c76090babc3bb85", "two");
	ss_cipher_cbc_mac(c, key, key, 32, mac);
	ss_hex(mac, 16, hex);
	is(hex, "f6125f7275ce552c3a2bbcf533de8a3b", "from another start");
	ss_cipher_free(c);
}

static void
test_refused(enum ss_cipher_name name, size_t block)
{
	struct ss_cipher *c;
	uint8_t data[32] = { 0 }, zeros[SS_BLOCK_MAX] = { 0 }, mac[32];
	uint8_t first[32], second[32];

	ok(ss_cipher_new(&c, name) == 0 && ss_cipher_block(c) == block,
	    "blocks of %zu bytes", block);
	ok(ss_cipher_ecb(c, data, 16, mac) == SS_ECRYPTO, "no key, no ECB");
	ok(ss_cipher_cbc_mac(c, NULL, data, 16, mac) == SS_ECRYPTO,
	    "and no MAC");
	ss_cipher_set_key(c, zeros);
	ok(ss_cipher_ecb(c, data, block + 1, mac) == SS_EINVALID &&
	    ss_cipher_ecb_decrypt(c, data, block - 1, mac) == SS_EINVALID &&
	    ss_cipher_cbc_mac(c, NULL, data, block + 1, mac) == SS_EINVALID,
	    "no part of a block");
	ok(ss_cipher_cbc_mac(c, NULL, data, 0, mac) == SS_EINVALID,
	    "no MAC of nothing");
	ok(ss_cipher_ecb(c, data, 0, mac) == 0, "ECB of nothing is nothing");
	ss_cipher_ecb(c, data, 16, first);
	zeros[0] = 0x80;
	ss_cipher_set_key(c, zeros);
	ss_cipher_ecb(c, data, 16, second);
	ok(memcmp(first, second, 16) != 0, "another key, another answer");
	ss_cipher_forget(c);
	ok(ss_cipher_ecb(c, data, 16, mac) == SS_ECRYPTO &&
	    ss_cipher_ecb_decrypt(c, data, 16, mac) == SS_ECRYPTO,
	    "a key forgotten is no key");
	zeros[0] = 0;
	ss_cipher_set_key(c, zeros);
	ss_cipher_ecb(c, data, 16, second);
	ok(memcmp(first, second, 16) == 0, "and can be set again");
	ss_cipher_free(c);
}

static void
test_equal(void)
{
	uint8_t a[16] = "fifteen letters", b[16] = "fifteen letters";

	ok(ss_equal(a, b, sizeof(a)), "equal");
	b[15] ^= 1;
	ok(!ss_equal(a, b, sizeof(a)), "not in the last bit");
	ok(ss_equal(a, b, 15), "equal before it");
	ss_wipe(a, 15);
	ok(a[0] == 0 && a[14] == 0 && a[15] == 0, "wiped");
	ss_wipe(b, 15);
	ok(b[14] == 0 && b[15] == 1, "and no further");
}

int
main(void)
{
	test_ecb();
	test_sm4_again();
	test_cbc_mac();
	test_refused(SS_3DES, 8);
	test_refused(SS_SM4, 16);
	test_equal();
	ss_cipher_free(NULL);
	return done();
}
