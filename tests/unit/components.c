/* A key from components: what becomes of them, and what is refused. */
#include "base/err.h"
#include "base/text.h"
#include "trust/components.h"
#include "../tap.h"

#define A "00112233445566778899aabbccddeeff"
#define B "0123456789abcdeffedcba9876543210"

static void
is_hex(const void *data, size_t len, const char *want, const char *what)
{
	char hex[2 * SS_KEY_LEN + 1];

	ss_hex(data, len, hex);
	is(hex, want, what);
}

static int
add(struct ss_components *c, const char *text)
{
	uint8_t kcv[SS_KCV_LEN];

	return ss_components_add(c, text, kcv);
}

/* Check values by openssl(1): the first bytes of sixteen zeros. */
static void
test_join(void)
{
	struct ss_components c = { .cipher = SS_SM4 };
	uint8_t key[SS_KEY_LEN], kcv[SS_KCV_LEN];

	ok(ss_components_add(&c, "0123 4567 89AB cdef\tfedcba98 76543210",
	    kcv) == 0, "typed in groups");
	is_hex(kcv, sizeof(kcv), "2677f4", "its check value");
	ok(ss_components_join(&c, key, kcv) == SS_EINVALID, "one is no key");
	ok(add(&c, A) == 0 && ss_components_join(&c, key, kcv) == 0, "two");
	is_hex(key, sizeof(key), "01326754cdfeab9876451023ba89dcef", "the key");
	ok(add(&c, "80000000000000000000000000000000") == 0 &&
	    ss_components_join(&c, key, kcv) == 0, "three");
	is_hex(key, sizeof(key), "81326754cdfeab9876451023ba89dcef",
	    "another key");
	ss_components_drop(&c);
	ok(c.count == 2 && ss_components_join(&c, key, kcv) == 0 &&
	    key[0] == 0x01, "taken back");
}

static void
test_refused(void)
{
	static const char *const none[] = { "", "0", A "0", A "00", "g" A,
		"00112233445566778899aabbccddeef", "\xef\xbc\x91",
		"00112233445566778899aabbccddeefg",
		"00000000000000000000000000000000" };
	struct ss_components c = { .cipher = SS_SM4 };
	uint8_t key[SS_KEY_LEN], kcv[SS_KCV_LEN];
	size_t i;

	for (i = 0; i < sizeof(none) / sizeof(none[0]); i++)
		ok(add(&c, none[i]) == SS_EINVALID && c.count == 0,
		    "no component: %s", ss_message());
	ok(add(&c, A) == 0 && add(&c, A) == SS_EINVALID && c.count == 1,
	    "%s", ss_message());
	add(&c, B);
	ok(add(&c, "01326754cdfeab9876451023ba89dcef") == 0 &&
	    ss_components_join(&c, key, kcv) == SS_EINVALID &&
	    memcmp(key, (uint8_t[SS_KEY_LEN]){ 0 }, SS_KEY_LEN) == 0, "%s",
	    ss_message());
	ok(add(&c, "11111111111111111111111111111111") == 0 &&
	    add(&c, "22222222222222222222222222222222") == 0 &&
	    add(&c, "33333333333333333333333333333333") == SS_EINVALID &&
	    c.count == SS_COMPONENTS_MAX, "five are the most");

	c = (struct ss_components){ .cipher = SS_3DES };
	add(&c, "10325476983210fe10325476983210fe");
	add(&c, "01010101010101010000000000000000");
	ok(ss_components_join(&c, key, kcv) == SS_EINVALID &&
	    strstr(ss_message(), "single DES") != NULL, "%s", ss_message());
	c.cipher = SS_SM4;
	ok(ss_components_join(&c, key, kcv) == 0, "which SM4 may have");
}

int
main(void)
{
	test_join();
	test_refused();
	return done();
}
