/*
 * The card's side of the arithmetic, written from the standards and the
 * profile's settings alone: what it shares with its client is base/crypto's
 * encryption of one block.
 */
#include <string.h>

#include "softcard/softcard_own.h"

#define MESSAGE_MAX (SS_HEADER_LEN + 1 + 255 + SS_BLOCK_MAX)

static const struct ss_arithmetic *
rules(const struct ss_softcard *c)
{
	return &c->setup.profile->arithmetic;
}

/* Whole blocks, to and fro. */
static int
encrypt(struct ss_softcard *c, const uint8_t *key, const uint8_t *in,
    size_t len, uint8_t *out)
{
	int r = ss_cipher_set_key(c->cipher, key);

	if (r == 0)
		r = ss_cipher_ecb(c->cipher, in, len, out);
	ss_cipher_forget(c->cipher);
	return r;
}

static int
decrypt(struct ss_softcard *c, const uint8_t *key, const uint8_t *in,
    size_t len, uint8_t *out)
{
	int r = ss_cipher_set_key(c->cipher, key);

	if (r == 0)
		r = ss_cipher_ecb_decrypt(c->cipher, in, len, out);
	ss_cipher_forget(c->cipher);
	return r;
}

/* 3DES: one block for each half of the new key. */
static int
derive_3des(struct ss_softcard *c, bool pair, const uint8_t *key,
    const uint8_t *f, uint8_t *made)
{
	uint8_t other[SS_FACTOR_LEN];
	size_t i;
	int r;

	for (i = 0; i < SS_FACTOR_LEN; i++)
		other[i] = f[i] ^ 0xff;
	if ((r = encrypt(c, key, f, SS_FACTOR_LEN, made)) != 0)
		return r;
	if (pair)
		return encrypt(c, key, other, SS_FACTOR_LEN,
		    made + SS_FACTOR_LEN);
	memcpy(made + SS_FACTOR_LEN, made, SS_FACTOR_LEN);	/* DES */
	return 0;
}

static int
derive_sm4(struct ss_softcard *c, bool pair, const uint8_t *key,
    const uint8_t *f, uint8_t *made)
{
	uint8_t in[SS_KEY_LEN] = { 0 };
	size_t i;

	for (i = 0; i < SS_FACTOR_LEN; i++) {
		in[i] = f[i];
		in[SS_FACTOR_LEN + i] = pair ? f[i] ^ 0xff : 0;
	}
	return encrypt(c, key, in, SS_KEY_LEN, made);
}

/* out may be key. */
int
ss_soft_derive(struct ss_softcard *c, enum ss_derive rule, const uint8_t *key,
    const uint8_t f[SS_FACTOR_LEN], uint8_t out[SS_KEY_LEN])
{
	uint8_t made[SS_KEY_LEN] = { 0 };
	int r = 0;

	if (rule == SS_DERIVE_NONE)
		memcpy(made, key, SS_KEY_LEN);
	else if (rules(c)->cipher == SS_SM4)
		r = derive_sm4(c, rule == SS_DERIVE_PAIR, key, f, made);
	else
		r = derive_3des(c, rule == SS_DERIVE_PAIR, key, f, made);
	memcpy(out, made, SS_KEY_LEN);
	ss_wipe(made, sizeof(made));
	return r;
}

static int
session_key(struct ss_softcard *c, enum ss_card_key k, const uint8_t *factor,
    uint8_t *session)
{
	return ss_soft_derive(c, rules(c)->session, c->memory->keys[k], factor,
	    session);
}

int
ss_soft_authdata(struct ss_softcard *c, enum ss_card_key k,
    const uint8_t factor[SS_FACTOR_LEN],
    const uint8_t original[SS_FACTOR_LEN], uint8_t out[SS_AUTH_LEN])
{
	uint8_t session[SS_KEY_LEN], block[SS_BLOCK_MAX] = { 0 };
	size_t i, size = ss_cipher_block(c->cipher);
	int r;

	memcpy(block, original, SS_FACTOR_LEN);
	if ((r = session_key(c, k, factor, session)) == 0)
		r = encrypt(c, session, block, size, block);
	memcpy(out, block, SS_AUTH_LEN);
	if (rules(c)->auth_cut == SS_CUT_FOLD && size > SS_AUTH_LEN)
		for (i = 0; i < SS_AUTH_LEN; i++)
			out[i] ^= block[SS_AUTH_LEN + i];
	ss_wipe(session, sizeof(session));
	ss_wipe(block, sizeof(block));
	return r;
}

int
ss_soft_decrypt(struct ss_softcard *c, enum ss_card_key k,
    const uint8_t factor[SS_FACTOR_LEN], const uint8_t *in, size_t len,
    uint8_t *out)
{
	uint8_t session[SS_KEY_LEN];
	int r;

	if ((r = session_key(c, k, factor, session)) == 0)
		r = decrypt(c, session, in, len, out);
	ss_wipe(session, sizeof(session));
	return r;
}

/* The message of a MAC: header, Lc, data without the MAC, padding. */
static size_t
message(const struct ss_softcard *c, const struct ss_apdu *a, uint8_t *m)
{
	size_t n = a->len - SS_MAC_LEN, size = ss_cipher_block(c->cipher);
	enum ss_pad pad = rules(c)->mac_pad;

	m[0] = a->cla;
	m[1] = a->ins;
	m[2] = a->p1;
	m[3] = a->p2;
	m[4] = (uint8_t)a->len;
	memcpy(m + 5, a->data, n);
	n += 5;
	if (pad == SS_PAD_80 || (pad == SS_PAD_80_PARTIAL && n % size != 0))
		m[n++] = 0x80;
	while (n % size != 0)
		m[n++] = 0x00;
	return n;
}

/* CBC by hand, each block under key. */
static int
chain_blocks(struct ss_softcard *c, const uint8_t *key, const uint8_t *m,
    size_t len, uint8_t *block)
{
	size_t i, size = ss_cipher_block(c->cipher);
	int r = 0;

	for (; r == 0 && len >= size; m += size, len -= size) {
		for (i = 0; i < size; i++)
			block[i] ^= m[i];
		r = encrypt(c, key, block, size, block);
	}
	return r;
}

/* ISO/IEC 9797-1, algorithm 3: single DES throughout, and at the end a
 * decryption with the right half and an encryption with the left one. */
static int
retail(struct ss_softcard *c, const uint8_t *key, const uint8_t *m, size_t len,
    uint8_t *block)
{
	uint8_t left[SS_KEY_LEN], right[SS_KEY_LEN];
	int r;

	memcpy(left, key, 8);
	memcpy(left + 8, key, 8);
	memcpy(right, key + 8, 8);
	memcpy(right + 8, key + 8, 8);
	if ((r = chain_blocks(c, left, m, len, block)) == 0 &&
	    (r = decrypt(c, right, block, 8, block)) == 0)
		r = encrypt(c, left, block, 8, block);
	ss_wipe(left, sizeof(left));
	ss_wipe(right, sizeof(right));
	return r;
}

static int
make_mac(struct ss_softcard *c, enum ss_card_key k, const uint8_t *factor,
    const struct ss_apdu *a, uint8_t mac[SS_MAC_LEN])
{
	uint8_t m[MESSAGE_MAX], key[SS_KEY_LEN], block[SS_BLOCK_MAX] = { 0 };
	size_t i, len = message(c, a, m), size = ss_cipher_block(c->cipher);
	int r;

	r = ss_soft_derive(c, rules(c)->mac_key, c->memory->keys[k], factor,
	    key);
	if (rules(c)->mac_start == SS_START_CHALLENGE)
		memcpy(block, factor, 4);
	if (r == 0)
		r = rules(c)->mac_rule == SS_MAC_RETAIL ?
		    retail(c, key, m, len, block) :
		    chain_blocks(c, key, m, len, block);
	memset(mac, 0, SS_MAC_LEN);
	for (i = 0; i < (rules(c)->mac_cut == SS_CUT_FOLD ? size :
	    SS_MAC_LEN); i++)
		mac[i % SS_MAC_LEN] ^= block[i];
	ss_wipe(m, sizeof(m));
	ss_wipe(key, sizeof(key));
	ss_wipe(block, sizeof(block));
	return r;
}

uint16_t
ss_soft_check_mac(struct ss_softcard *c, enum ss_card_key k,
    const struct ss_apdu *a, const uint8_t factor[SS_FACTOR_LEN])
{
	uint8_t mac[SS_MAC_LEN];
	bool good;

	if (make_mac(c, k, factor, a, mac) != 0)
		return 0x6400;
	good = ss_equal(mac, a->data + a->len - SS_MAC_LEN, SS_MAC_LEN);
	ss_wipe(mac, sizeof(mac));
	return good ? 0x9000 : 0x6988;
}
