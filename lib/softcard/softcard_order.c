/*
 * The orders of an issuer: secured commands whose MAC is by a key of the card
 * over a challenge, after EXTERNAL AUTHENTICATE with another one.
 */
#include <string.h>

#include "softcard/softcard_own.h"

/* Which key was authenticated, and the MAC; the challenge is used up. */
static uint16_t
check_order(struct ss_softcard *c, const struct ss_apdu *a, enum ss_order o,
    uint8_t factor[SS_FACTOR_LEN])
{
	int auth = c->setup.profile->orders[o].auth;

	if (a->le != 0)
		return 0x6700;
	if (c->folder != SS_FOLDER_SSSE)
		return 0x6985;
	if (auth >= 0 && (c->held & 1u << auth) == 0)
		return 0x6982;
	if (c->challenge_len !=
	    (size_t)c->setup.profile->order_challenge)
		return 0x6984;
	memcpy(factor, c->challenge, SS_FACTOR_LEN);
	c->challenge_len = 0;
	return ss_soft_check_mac(c, c->setup.profile->orders[o].mac, a,
	    factor);
}

/* Nothing but a MAC. */
static uint16_t
check_lone_mac(const struct ss_apdu *a)
{
	return a->len == SS_MAC_LEN ? 0x9000 : a->len == 0 ? 0x6987 : 0x6700;
}

/* len, PIN, padding, as they came out of the cipher. */
static bool
parse_block(const struct ss_softcard *c, const uint8_t *block, size_t size)
{
	enum ss_pad rule = c->setup.profile->arithmetic.pin_pad;
	size_t at = 1u + block[0];

	if (block[0] == 0 || block[0] > ss_soft_longest(c) || at > size ||
	    !ss_soft_is_pin(c, block + 1, block[0]))
		return false;
	if (at < size && rule != SS_PAD_ZERO && block[at++] != 0x80)
		return false;
	for (; at < size; at++)
		if (block[at] != 0)
			return false;
	return true;
}

uint16_t
ss_soft_reload_pin(struct ss_softcard *c, const struct ss_apdu *a)
{
	const struct ss_profile *p = c->setup.profile;
	struct ss_soft_state s = c->memory->state;
	uint8_t factor[SS_FACTOR_LEN], block[SS_BLOCK_MAX] = { 0 };
	size_t len = a->len - SS_MAC_LEN, size = ss_cipher_block(c->cipher);
	uint16_t sw;

	if (a->len <= SS_MAC_LEN || len % size != 0 || len > sizeof(block))
		return a->len == 0 ? 0x6987 : 0x6700;
	if ((sw = check_order(c, a, SS_ORDER_RELOAD_PIN, factor)) != 0x9000)
		return sw;
	if (ss_soft_decrypt(c, p->orders[SS_ORDER_RELOAD_PIN].mac, factor,
	    a->data, len, block) != 0)
		sw = 0x6400;
	else if (!parse_block(c, block, len))
		sw = 0x6a80;
	else {
		ss_soft_set_pin(c, &s, block + 1, block[0]);
		sw = ss_soft_put_state(c, &s);
	}
	ss_wipe(block, sizeof(block));
	ss_wipe(&s, sizeof(s));
	return sw;
}

uint16_t
ss_soft_unblock_pin(struct ss_softcard *c, const struct ss_apdu *a)
{
	struct ss_soft_state s = c->memory->state;
	uint8_t factor[SS_FACTOR_LEN];
	uint16_t sw;

	if ((sw = check_lone_mac(a)) == 0x9000 && (sw = check_order(c, a,
	    SS_ORDER_UNBLOCK_PIN, factor)) == 0x9000) {
		s.pin_tries =
		    (uint8_t)ss_soft_tries(c->setup.profile->pin.tries);
		sw = ss_soft_put_state(c, &s);
	}
	ss_wipe(&s, sizeof(s));
	return sw;
}

static uint16_t
set_life(struct ss_softcard *c, const struct ss_apdu *a, enum ss_order o,
    uint8_t life)
{
	struct ss_soft_state s = c->memory->state;
	uint8_t factor[SS_FACTOR_LEN];
	uint16_t sw;

	if ((sw = check_lone_mac(a)) != 0x9000)
		return sw;
	if (life == s.life)
		return 0x6985;
	if ((sw = check_order(c, a, o, factor)) == 0x9000) {
		s.life = life;
		sw = ss_soft_put_state(c, &s);
	}
	ss_wipe(&s, sizeof(s));
	return sw;
}

uint16_t
ss_soft_block(struct ss_softcard *c, const struct ss_apdu *a)
{
	return set_life(c, a, SS_ORDER_BLOCK, SS_LIFE_BLOCKED);
}

uint16_t
ss_soft_block_forever(struct ss_softcard *c, const struct ss_apdu *a)
{
	return set_life(c, a, SS_ORDER_BLOCK_FOREVER, SS_LIFE_LOCKED);
}

uint16_t
ss_soft_block_card(struct ss_softcard *c, const struct ss_apdu *a)
{
	return set_life(c, a, SS_ORDER_BLOCK_CARD, SS_LIFE_DEAD);
}

/* A wrong MAC; the last of them locks the application for good. */
static uint16_t
count_wrong(struct ss_softcard *c, struct ss_soft_state *s)
{
	uint16_t sw = 0x6988, put;

	if (c->setup.profile->unblock_tries == 0)
		return sw;
	if (s->unblocks > 0)
		s->unblocks--;
	if (s->unblocks == 0) {
		s->life = SS_LIFE_LOCKED;
		sw = 0x9303;
	}
	put = ss_soft_put_state(c, s);
	return put != 0x9000 ? put : sw;
}

uint16_t
ss_soft_unblock(struct ss_softcard *c, const struct ss_apdu *a)
{
	struct ss_soft_state s = c->memory->state;
	uint8_t factor[SS_FACTOR_LEN];
	uint16_t sw;

	if ((sw = check_lone_mac(a)) != 0x9000)
		return sw;
	if (s.life != SS_LIFE_BLOCKED)
		return 0x6985;
	sw = check_order(c, a, SS_ORDER_UNBLOCK, factor);
	if (sw == 0x6988)
		sw = count_wrong(c, &s);
	else if (sw == 0x9000) {
		s.life = SS_LIFE_OPEN;
		s.unblocks = (uint8_t)ss_soft_tries(
		    c->setup.profile->unblock_tries);
		sw = ss_soft_put_state(c, &s);
	}
	ss_wipe(&s, sizeof(s));
	return sw;
}
