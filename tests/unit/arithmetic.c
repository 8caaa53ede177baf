/*
 * The arithmetic of cards by values of a second implementation
 * (tests/arithmetic.py), and what it refuses.
 */
#include <string.h>

#include "base/err.h"
#include "base/text.h"
#include "chip/arithmetic.h"
#include "../tap.h"

#define LEN(array) (sizeof(array) / sizeof((array)[0]))

static const uint8_t master[SS_KEY_LEN] = { 0x00, 0x11, 0x22, 0x33, 0x44, 0x55,
	0x66, 0x77, 0x88, 0x99, 0xaa, 0xbb, 0xcc, 0xdd, 0xee, 0xff };
static const uint8_t historical[SS_HISTORICAL_LEN] = { 1, 2, 3, 4, 5, 6, 7, 8,
	0x33, 0x07, 0x00, 0x00, 0x01 };
static const uint8_t factor[SS_FACTOR_LEN] = { 0xa1, 0xa2, 0xa3, 0xa4, 0xa5,
	0xa6, 0xa7, 0xa8 };
static const uint8_t original[SS_FACTOR_LEN] = { 0xb1, 0xb2, 0xb3, 0xb4, 0xb5,
	0xb6, 0xb7, 0xb8 };

/* What one cipher is to give with the defaults. */
struct expected {
	enum ss_cipher_name cipher;
	const char *key, *session, *auth, *kcv;
	const char *reload[3];
	const char *order[SS_ORDERS];
};

static const char *const pins[] = { "123456", "12345", "1234567890123456" };

static const struct expected both[] = {
	{ SS_3DES, "96c24dbf0e376e023778e7cec6e0455a",
	    "eb1c34662102a96feb1c34662102a96f", "f6e049624137053a", "817738",
	    { "239113c4085a60b4b4a0230d", "935fa6da4cc59341e83c5d54",
	    "59f8fdd909370552905c6d838e5157911b4ae458" },
	    { [SS_ORDER_UNBLOCK_PIN] = "e4e33332",
	    [SS_ORDER_BLOCK] = "1c099f63",
	    [SS_ORDER_BLOCK_FOREVER] = "b37f57f5",
	    [SS_ORDER_UNBLOCK] = "41a2b55d",
	    [SS_ORDER_BLOCK_CARD] = "91be5239" } },
	{ SS_SM4, "39a86aa48664f571eb6fddfbdeb0af67",
	    "d277905d98c3ef44e0afa7b5425ea5e1", "76e6f81673ee2047", "cfe23e",
	    { "a1392f675b095fa19b017d941b801604a6a35cab",
	    "31567907083e2f895e9680cfc11d267f0e0517ad",
	    "c203c1abb98381b6d3f3f817f4880d8afebb1b5e" },
	    { [SS_ORDER_UNBLOCK_PIN] = "31ccc42e",
	    [SS_ORDER_BLOCK] = "456770c3",
	    [SS_ORDER_BLOCK_FOREVER] = "fa9a4a86",
	    [SS_ORDER_UNBLOCK] = "bc6722da",
	    [SS_ORDER_BLOCK_CARD] = "550ae780" } },
};

static void
is_hex(const void *data, size_t len, const char *want, const char *what)
{
	char hex[2 * SS_SECURED_MAX + 1];

	ss_hex(data, len, hex);
	is(hex, want, what);
}

/* Ministry, province, city, card; always in the same place. */
static void
card_key(struct ss_calc *c, uint8_t key[SS_KEY_LEN])
{
	uint8_t f[3][SS_FACTOR_LEN];
	int i, bad = 0;

	bad += ss_diversifier_province("33", f[0]) != 0;
	bad += ss_diversifier_city("330784", f[1]) != 0;
	ss_diversifier_card(historical, f[2]);
	memcpy(key, master, SS_KEY_LEN);
	for (i = 0; i < 3; i++)
		bad += ss_calc_diversify(c, key, f[i], key) != 0;
	ok(bad == 0, "three steps down");
}

static void
test_defaults(const struct expected *e)
{
	struct ss_arithmetic a;
	struct ss_calc *c;
	struct ss_secured field;
	uint8_t key[SS_KEY_LEN], out[SS_KEY_LEN];
	size_t i;

	ss_arithmetic_init(&a, e->cipher);
	ok(ss_calc_new(&c, &a) == 0, "%s", e->cipher == SS_SM4 ? "SM4" :
	    "3DES");
	card_key(c, key);
	is_hex(key, sizeof(key), e->key, "the card's key");
	ss_calc_session(c, key, factor, out);
	is_hex(out, SS_KEY_LEN, e->session, "session key");
	ss_calc_auth(c, key, factor, original, out);
	is_hex(out, SS_AUTH_LEN, e->auth, "authentication data");
	ss_calc_kcv(c, key, out);
	is_hex(out, SS_KCV_LEN, e->kcv, "check value");
	for (i = 0; i < LEN(pins); i++) {
		ss_calc_order(c, SS_ORDER_RELOAD_PIN, key, factor, pins[i],
		    &field);
		is_hex(field.data, field.len, e->reload[i], "PIN reload");
	}
	for (i = SS_ORDER_UNBLOCK_PIN; i < SS_ORDERS; i++) {
		ss_calc_order(c, (enum ss_order)i, key, factor, NULL, &field);
		is_hex(field.data, field.len, e->order[i], "order");
	}
	ss_calc_mac(c, key, factor, a.header[SS_ORDER_BLOCK], NULL, 0, out);
	is_hex(out, SS_MAC_LEN, e->order[SS_ORDER_BLOCK], "its MAC alone");
	ss_calc_free(c);
}

/* The card's own key, its challenge as the start, the retail MAC. */
static void
test_payment(void)
{
	struct ss_arithmetic a;
	struct ss_calc *c;
	struct ss_secured field;
	uint8_t key[SS_KEY_LEN];

	ss_arithmetic_init(&a, SS_3DES);
	a.session = a.mac_key = SS_DERIVE_NONE;
	a.mac_start = SS_START_CHALLENGE;
	a.mac_rule = SS_MAC_RETAIL;
	ok(ss_calc_new(&c, &a) == 0, "as payment cards have it");
	card_key(c, key);
	ss_calc_order(c, SS_ORDER_RELOAD_PIN, key, factor, "123456", &field);
	is_hex(field.data, field.len, "92157532bd7be35773a3d9a1", "PIN reload");
	ss_calc_order(c, SS_ORDER_BLOCK, key, factor, NULL, &field);
	is_hex(field.data, field.len, "e3bf6fec", "block");
	ss_calc_free(c);
}

static void
test_headers(void)
{
	static const char *const want[SS_ORDERS] = {
		[SS_ORDER_RELOAD_PIN] = "84240001",
		[SS_ORDER_UNBLOCK_PIN] = "84240000",
		[SS_ORDER_BLOCK] = "841e0000",
		[SS_ORDER_BLOCK_FOREVER] = "841e0001",
		[SS_ORDER_UNBLOCK] = "84180000",
		[SS_ORDER_BLOCK_CARD] = "84160000",
	};
	struct ss_arithmetic a;
	int i;

	ss_arithmetic_init(&a, SS_SM4);
	for (i = 0; i < SS_ORDERS; i++)
		is_hex(a.header[i], SS_HEADER_LEN, want[i], "header");
}

static bool
is_zero(const void *data, size_t len)
{
	static const uint8_t zeros[sizeof(struct ss_secured)];

	return memcmp(data, zeros, len) == 0;
}

static void
test_refused(void)
{
	static const char *const not_pins[] = { "", "123", "12345678901234567",
		"12345a", "12 456", "\xef\xbc\x91\xef\xbc\x92" };
	static uint8_t data[SS_MAC_DATA_MAX + 1];
	struct ss_arithmetic a;
	struct ss_calc *c;
	struct ss_secured field;
	uint8_t out[SS_FACTOR_LEN];
	size_t i;

	ss_arithmetic_init(&a, SS_SM4);
	a.mac_rule = SS_MAC_RETAIL;
	ok(ss_calc_new(&c, &a) == SS_EINVALID && c == NULL,
	    "no retail MAC with SM4");
	a.cipher = SS_3DES;
	ok(ss_calc_new(&c, &a) == 0, "but with 3DES");
	for (i = 0; i < LEN(not_pins); i++) {
		memset(&field, 0xff, sizeof(field));
		ok(ss_calc_order(c, SS_ORDER_RELOAD_PIN, master, factor,
		    not_pins[i], &field) == SS_EINVALID &&
		    is_zero(&field, sizeof(field)), "\"%s\" is no PIN",
		    not_pins[i]);
		ok(not_pins[i][0] == '\0' ||
		    strstr(ss_message(), not_pins[i]) == NULL,
		    "which the sentence keeps to itself");
	}
	ok(ss_calc_order(c, SS_ORDER_RELOAD_PIN, master, factor, NULL,
	    &field) == SS_EINVALID, "no reload without a PIN");
	ok(ss_calc_order(c, SS_ORDER_BLOCK, master, factor, "123456",
	    &field) == SS_EINVALID, "no block with one");
	ok(ss_calc_mac(c, master, factor, a.header[0], data,
	    SS_MAC_DATA_MAX, out) == 0, "Lc can be FF");
	memset(out, 0xff, sizeof(out));
	ok(ss_calc_mac(c, master, factor, a.header[0], data,
	    SS_MAC_DATA_MAX + 1, out) == SS_EINVALID &&
	    is_zero(out, SS_MAC_LEN), "and no more");
	ok(ss_diversifier_province("330784", out) == SS_EINVALID &&
	    ss_diversifier_city("33", out) == SS_EINVALID &&
	    ss_diversifier_city("33078x", out) == SS_EINVALID &&
	    is_zero(out, sizeof(out)), "no diversifiers of other places");
	ss_calc_free(c);
	ss_calc_free(NULL);
}

int
main(void)
{
	size_t i;

	for (i = 0; i < LEN(both); i++)
		test_defaults(&both[i]);
	test_payment();
	test_headers();
	test_refused();
	return done();
}
