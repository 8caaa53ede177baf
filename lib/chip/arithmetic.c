#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/text.h"
#include "chip/arithmetic.h"

/* Header, Lc, data and padding of a MAC. */
#define MESSAGE_MAX (SS_HEADER_LEN + 1 + SS_MAC_DATA_MAX + SS_BLOCK_MAX)

struct ss_calc {
	struct ss_arithmetic rules;
	const struct ss_calc_engine *engine;
	void *ctx;		/* the engine's */
	struct ss_cipher *cipher;	/* in memory, else NULL */
	size_t block;
};

static int
memory_ecb(void *ctx, const uint8_t key[SS_KEY_LEN], const void *in,
    size_t len, void *out)
{
	struct ss_cipher *cipher = ctx;
	int r;

	if ((r = ss_cipher_set_key(cipher, key)) == 0)
		r = ss_cipher_ecb(cipher, in, len, out);
	ss_cipher_forget(cipher);
	return r;
}

static int
memory_derive(void *ctx, const uint8_t key[SS_KEY_LEN],
    const uint8_t in[SS_KEY_LEN], uint8_t made[SS_KEY_LEN])
{
	return memory_ecb(ctx, key, in, SS_KEY_LEN, made);
}

static int
memory_left(void *ctx, const uint8_t key[SS_KEY_LEN],
    uint8_t made[SS_KEY_LEN])
{
	(void)ctx;
	memcpy(made, key, SS_KEY_LEN / 2);
	memcpy(made + SS_KEY_LEN / 2, key, SS_KEY_LEN / 2);
	return 0;
}

static int
memory_cbc_mac(void *ctx, const uint8_t key[SS_KEY_LEN], const uint8_t *iv,
    const void *data, size_t len, uint8_t *mac)
{
	struct ss_cipher *cipher = ctx;
	int r;

	if ((r = ss_cipher_set_key(cipher, key)) == 0)
		r = ss_cipher_cbc_mac(cipher, iv, data, len, mac);
	ss_cipher_forget(cipher);
	return r;
}

static void
memory_drop(void *ctx, uint8_t made[SS_KEY_LEN])
{
	(void)ctx;
	ss_wipe(made, SS_KEY_LEN);
}

static const struct ss_calc_engine memory = {
	.derive = memory_derive,
	.left = memory_left,
	.ecb = memory_ecb,
	.cbc_mac = memory_cbc_mac,
	.drop = memory_drop,
};

const char *const ss_derive_words[] = { "short", "pair", "none", NULL };
const char *const ss_cut_words[] = { "left", "fold", NULL };
const char *const ss_start_words[] = { "zero", "challenge", NULL };
const char *const ss_rule_words[] = { "cbc", "retail", NULL };
const char *const ss_pad_words[] = { "80", "80-partial", "zero", NULL };
const char *const ss_order_words[] = { "reload_pin", "unblock_pin", "block",
	"block_forever", "unblock", "block_card", NULL };

void
ss_arithmetic_init(struct ss_arithmetic *a, enum ss_cipher_name cipher)
{
	*a = (struct ss_arithmetic){
		.cipher = cipher,
		.diversify = SS_DERIVE_PAIR,
		.session = SS_DERIVE_SHORT,
		.mac_key = SS_DERIVE_SHORT,
		.auth_cut = SS_CUT_FOLD,
		.mac_cut = cipher == SS_SM4 ? SS_CUT_FOLD : SS_CUT_LEFT,
		.mac_start = SS_START_ZERO,
		.mac_rule = SS_MAC_CBC,
		.pin_pad = SS_PAD_80,
		.mac_pad = SS_PAD_80,
		.header = {
			[SS_ORDER_RELOAD_PIN] = { 0x84, 0x24, 0x00, 0x01 },
			[SS_ORDER_UNBLOCK_PIN] = { 0x84, 0x24, 0x00, 0x00 },
			[SS_ORDER_BLOCK] = { 0x84, 0x1e, 0x00, 0x00 },
			[SS_ORDER_BLOCK_FOREVER] = { 0x84, 0x1e, 0x00, 0x01 },
			[SS_ORDER_UNBLOCK] = { 0x84, 0x18, 0x00, 0x00 },
			[SS_ORDER_BLOCK_CARD] = { 0x84, 0x16, 0x00, 0x00 },
		},
	};
}

int
ss_calc_over(struct ss_calc **out, const struct ss_arithmetic *a,
    const struct ss_calc_engine *engine, void *ctx)
{
	struct ss_calc *c;

	*out = NULL;
	if (a->mac_rule == SS_MAC_RETAIL && a->cipher != SS_3DES)
		return ss_fail(SS_EINVALID, "the retail MAC is for 3DES alone");
	if ((c = calloc(1, sizeof(*c))) == NULL)
		return ss_fail(SS_EMEMORY, "out of memory");
	c->rules = *a;
	c->engine = engine;
	c->ctx = ctx;
	c->block = a->cipher == SS_SM4 ? 16 : 8;
	*out = c;
	return 0;
}

int
ss_calc_new(struct ss_calc **out, const struct ss_arithmetic *a)
{
	struct ss_cipher *cipher;
	int r;

	*out = NULL;
	if ((r = ss_cipher_new(&cipher, a->cipher)) != 0)
		return r;
	r = ss_calc_over(out, a, &memory, cipher);
	if (*out != NULL)
		(*out)->cipher = cipher;
	else
		ss_cipher_free(cipher);
	return r;
}

void
ss_calc_free(struct ss_calc *c)
{
	if (c == NULL)
		return;
	ss_cipher_free(c->cipher);
	free(c);
}

static int
diversifier(const char *digits, size_t n, const char *rest,
    uint8_t f[SS_FACTOR_LEN])
{
	memset(f, 0, SS_FACTOR_LEN);
	if (strlen(digits) != n || !ss_is_digits(digits, n))
		return ss_fail(SS_EINVALID, "\"%s\" is no region of %zu digits",
		    digits, n);
	memcpy(f, digits, n);
	memcpy(f + n, rest, SS_FACTOR_LEN - n);
	return 0;
}

int
ss_diversifier_province(const char *digits, uint8_t f[SS_FACTOR_LEN])
{
	return diversifier(digits, 2, "0000sh", f);
}

int
ss_diversifier_city(const char *digits, uint8_t f[SS_FACTOR_LEN])
{
	return diversifier(digits, 6, "sx", f);
}

void
ss_diversifier_card(const uint8_t historical[SS_HISTORICAL_LEN],
    uint8_t f[SS_FACTOR_LEN])
{
	memcpy(f, historical + SS_HISTORICAL_LEN - SS_FACTOR_LEN,
	    SS_FACTOR_LEN);
}

/* The key of a rule. It may be key itself, and is then not to be dropped. */
static int
derive(struct ss_calc *c, enum ss_derive rule, const uint8_t key[SS_KEY_LEN],
    const uint8_t f[SS_FACTOR_LEN], uint8_t out[SS_KEY_LEN])
{
	uint8_t in[SS_KEY_LEN] = { 0 }, made[SS_KEY_LEN] = { 0 };
	int i, r = 0;

	memcpy(in, f, SS_FACTOR_LEN);
	if (rule == SS_DERIVE_PAIR)
		for (i = 0; i < SS_FACTOR_LEN; i++)
			in[SS_FACTOR_LEN + i] = (uint8_t)~f[i];
	else if (c->block == SS_FACTOR_LEN)	/* equal halves */
		memcpy(in + SS_FACTOR_LEN, f, SS_FACTOR_LEN);
	if (rule == SS_DERIVE_NONE)
		memcpy(made, key, SS_KEY_LEN);
	else
		r = c->engine->derive(c->ctx, key, in, made);
	/* Only now, since out may be key. */
	memset(out, 0, SS_KEY_LEN);
	if (r == 0)
		memcpy(out, made, SS_KEY_LEN);
	ss_wipe(made, sizeof(made));
	ss_wipe(in, sizeof(in));
	return r;
}

/* Drops the key of a rule. */
static void
drop(struct ss_calc *c, enum ss_derive rule, uint8_t key[SS_KEY_LEN])
{
	if (rule != SS_DERIVE_NONE)
		c->engine->drop(c->ctx, key);
	ss_wipe(key, SS_KEY_LEN);
}

int
ss_calc_diversify(struct ss_calc *c, const uint8_t master[SS_KEY_LEN],
    const uint8_t f[SS_FACTOR_LEN], uint8_t key[SS_KEY_LEN])
{
	return derive(c, c->rules.diversify, master, f, key);
}

int
ss_calc_session(struct ss_calc *c, const uint8_t key[SS_KEY_LEN],
    const uint8_t factor[SS_FACTOR_LEN], uint8_t session[SS_KEY_LEN])
{
	return derive(c, c->rules.session, key, factor, session);
}

/* The first n bytes of a block, or all its parts of n bytes on each other. */
static void
cut(const struct ss_calc *c, enum ss_cut rule, const uint8_t *block,
    uint8_t *out, size_t n)
{
	size_t i;

	memcpy(out, block, n);
	for (i = n; rule == SS_CUT_FOLD && i < c->block; i++)
		out[i % n] ^= block[i];
}

int
ss_calc_auth(struct ss_calc *c, const uint8_t key[SS_KEY_LEN],
    const uint8_t factor[SS_FACTOR_LEN],
    const uint8_t original[SS_FACTOR_LEN], uint8_t auth[SS_AUTH_LEN])
{
	uint8_t session[SS_KEY_LEN], block[SS_BLOCK_MAX] = { 0 };
	int r;

	memcpy(block, original, SS_FACTOR_LEN);
	memset(auth, 0, SS_AUTH_LEN);
	if ((r = ss_calc_session(c, key, factor, session)) != 0)
		return r;
	if ((r = c->engine->ecb(c->ctx, session, block, c->block,
	    block)) == 0)
		cut(c, c->rules.auth_cut, block, auth, SS_AUTH_LEN);
	drop(c, c->rules.session, session);
	ss_wipe(block, sizeof(block));
	return r;
}

/* Fills the last block of what stands in buf; the new length. */
static size_t
pad(const struct ss_calc *c, enum ss_pad rule, uint8_t *buf, size_t len)
{
	size_t whole;

	if (rule == SS_PAD_80 ||
	    (rule == SS_PAD_80_PARTIAL && len % c->block != 0))
		buf[len++] = 0x80;
	whole = (len + c->block - 1) / c->block * c->block;
	memset(buf + len, 0, whole - len);
	return whole;
}

/* All blocks but the last with the left half of the key alone. */
static int
retail_mac(struct ss_calc *c, const uint8_t key[SS_KEY_LEN],
    const uint8_t *iv, const uint8_t *message, size_t len, uint8_t *block)
{
	uint8_t left[SS_KEY_LEN], last[SS_BLOCK_MAX] = { 0 };
	size_t before = len - c->block;
	int r;

	memcpy(last, iv, c->block);
	if (before > 0) {
		if ((r = c->engine->left(c->ctx, key, left)) != 0)
			return r;
		r = c->engine->cbc_mac(c->ctx, left, iv, message, before,
		    last);
		c->engine->drop(c->ctx, left);
		if (r != 0)
			goto out;
	}
	r = c->engine->cbc_mac(c->ctx, key, last, message + before, c->block,
	    block);
out:
	ss_wipe(last, sizeof(last));
	return r;
}

int
ss_calc_mac(struct ss_calc *c, const uint8_t key[SS_KEY_LEN],
    const uint8_t factor[SS_FACTOR_LEN], const uint8_t header[SS_HEADER_LEN],
    const void *data, size_t len, uint8_t mac[SS_MAC_LEN])
{
	uint8_t message[MESSAGE_MAX], mac_key[SS_KEY_LEN];
	uint8_t iv[SS_BLOCK_MAX] = { 0 }, block[SS_BLOCK_MAX] = { 0 };
	size_t n = SS_HEADER_LEN;
	int r;

	memset(mac, 0, SS_MAC_LEN);
	if (len > SS_MAC_DATA_MAX)
		return ss_fail(SS_EINVALID, "%zu bytes are too many for a MAC",
		    len);
	memcpy(message, header, SS_HEADER_LEN);
	message[n++] = (uint8_t)(len + SS_MAC_LEN);
	if (len > 0)
		memcpy(message + n, data, len);
	n = pad(c, c->rules.mac_pad, message, n + len);
	if (c->rules.mac_start == SS_START_CHALLENGE)
		memcpy(iv, factor, SS_FACTOR_LEN / 2);
	if ((r = derive(c, c->rules.mac_key, key, factor, mac_key)) != 0)
		goto out;
	if (c->rules.mac_rule == SS_MAC_RETAIL)
		r = retail_mac(c, mac_key, iv, message, n, block);
	else
		r = c->engine->cbc_mac(c->ctx, mac_key, iv, message, n, block);
	if (r == 0)
		cut(c, c->rules.mac_cut, block, mac, SS_MAC_LEN);
	drop(c, c->rules.mac_key, mac_key);
out:
	ss_wipe(message, sizeof(message));
	ss_wipe(block, sizeof(block));
	return r;
}

/* Length, BCD filled with F, padding: one block or, for 3DES, two. */
static int
put_pin(const struct ss_calc *c, const char *pin, uint8_t block[SS_BLOCK_MAX],
    size_t *len)
{
	size_t i, digits = pin != NULL ? strlen(pin) : 0;

	if (digits < SS_PIN_DIGITS_MIN || digits > SS_PIN_DIGITS_MAX ||
	    !ss_is_digits(pin, digits))
		return ss_fail(SS_EINVALID, "a PIN is %d to %d digits",
		    SS_PIN_DIGITS_MIN, SS_PIN_DIGITS_MAX);
	*len = 1 + (digits + 1) / 2;
	block[0] = (uint8_t)(*len - 1);
	memset(block + 1, 0xff, *len - 1);
	for (i = 0; i < digits; i++)
		block[1 + i / 2] = (uint8_t)(i % 2 == 0 ?
		    (pin[i] - '0') << 4 | 0x0f :
		    (block[1 + i / 2] & 0xf0) | (pin[i] - '0'));
	*len = pad(c, c->rules.pin_pad, block, *len);
	return 0;
}

static int
encrypt_pin(struct ss_calc *c, const uint8_t key[SS_KEY_LEN],
    const uint8_t factor[SS_FACTOR_LEN], const char *pin,
    struct ss_secured *out)
{
	uint8_t session[SS_KEY_LEN], block[SS_BLOCK_MAX] = { 0 };
	int r;

	if ((r = put_pin(c, pin, block, &out->len)) == 0 &&
	    (r = ss_calc_session(c, key, factor, session)) == 0) {
		r = c->engine->ecb(c->ctx, session, block, out->len,
		    out->data);
		drop(c, c->rules.session, session);
	}
	ss_wipe(block, sizeof(block));
	return r;
}

int
ss_calc_order(struct ss_calc *c, enum ss_order order,
    const uint8_t key[SS_KEY_LEN], const uint8_t factor[SS_FACTOR_LEN],
    const char *pin, struct ss_secured *out)
{
	int r = 0;

	memset(out, 0, sizeof(*out));
	if (order == SS_ORDER_RELOAD_PIN)
		r = encrypt_pin(c, key, factor, pin, out);
	else if (pin != NULL)
		r = ss_fail(SS_EINVALID, "only a PIN reload takes a PIN");
	if (r == 0)
		r = ss_calc_mac(c, key, factor, c->rules.header[order],
		    out->data, out->len, out->data + out->len);
	if (r == 0)
		out->len += SS_MAC_LEN;
	else
		ss_wipe(out, sizeof(*out));
	return r;
}

int
ss_calc_kcv(struct ss_calc *c, const uint8_t key[SS_KEY_LEN],
    uint8_t kcv[SS_KCV_LEN])
{
	uint8_t block[SS_BLOCK_MAX] = { 0 };
	int r;

	memset(kcv, 0, SS_KCV_LEN);
	if ((r = c->engine->ecb(c->ctx, key, block, c->block, block)) == 0)
		memcpy(kcv, block, SS_KCV_LEN);
	ss_wipe(block, sizeof(block));
	return r;
}
