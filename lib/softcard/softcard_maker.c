#include <stdio.h>
#include <string.h>

#include "base/err.h"
#include "softcard/softcard_own.h"

/* T1-T7: chip, operating system and card maker, of no real one. */
static const uint8_t maker[] = { 'S', 'S', 'O', 'S', '1', 'S', 'C' };

/* Two digits a byte, an odd last one with F behind it. */
static size_t
bcd(const char *digits, size_t n, uint8_t *out)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (i % 2 == 0)
			out[i / 2] = (uint8_t)((digits[i] - '0') << 4 | 0x0f);
		else
			out[i / 2] = (uint8_t)((out[i / 2] & 0xf0) |
			    (digits[i] - '0'));
	return (n + 1) / 2;
}

size_t
ss_soft_pin(const char *digits, uint8_t pin[SS_SOFT_PIN])
{
	memset(pin, 0, SS_SOFT_PIN);
	return bcd(digits, strnlen(digits, (size_t)SS_SOFT_PIN * 2), pin);
}

int64_t
ss_soft_tries(int64_t tries)
{
	return tries < 0 ? 0 : tries > 15 ? 15 : tries;
}

static void
put_serial(const struct ss_softcard *c, uint8_t *out)
{
	int i;

	for (i = 0; i < 4; i++)
		out[i] = (uint8_t)(c->setup.serial >> (24 - 8 * i) & 0xff);
}

void
ss_soft_identifier(const struct ss_softcard *c,
    uint8_t identifier[SS_IDENTIFIER_LEN])
{
	static const uint8_t rid[] = { 0xd1, 0x56, 0x00, 0x00, 0x05 };

	bcd(c->region, 6, identifier);
	memcpy(identifier + 3, rid, sizeof(rid));
	put_serial(c, identifier + 8);
	memset(identifier + 12, 0xff, 4);
}

/*
 * 7816-3, 8.2: TB1 and TC1 are always there. A card with T=1 says so in TD1,
 * and in TD2 that blocks of 254 bytes (TA3) and usual waiting times (TB3)
 * follow; only such a card has TCK.
 */
int
ss_soft_personify(struct ss_softcard *c)
{
	static const uint8_t t1[] = { 0x81, 0x31, 0xfe, 0x45 };
	const struct ss_profile *p = c->setup.profile;
	uint8_t *t = c->historical, *a = c->atr, check = 0;
	size_t i, n = 0;

	memcpy(t, maker, sizeof(maker));
	memcpy(t, p->match.maker, p->match.maker_len < sizeof(maker) ?
	    p->match.maker_len : sizeof(maker));
	bcd(c->region, 4, t + 7);
	put_serial(c, t + 9);

	a[n++] = 0x3b;
	a[n++] = (uint8_t)(0x60 | SS_HISTORICAL_LEN |
	    (c->setup.ta1 != 0 ? 0x10 : 0) | (c->setup.t1 ? 0x80 : 0));
	if (c->setup.ta1 != 0)
		a[n++] = c->setup.ta1;
	a[n++] = 0x00;
	a[n++] = 0x00;
	if (c->setup.t1) {
		memcpy(a + n, t1, sizeof(t1));
		n += sizeof(t1);
	}
	memcpy(a + n, t, SS_HISTORICAL_LEN);
	n += SS_HISTORICAL_LEN;
	for (i = 1; i < n; i++)
		check ^= a[i];
	if (c->setup.t1)
		a[n++] = check;
	c->atr_len = n;
	return 0;
}

/* The ministry's test key: everybody can make it. */
static int
test_key(const struct ss_softcard *c, enum ss_card_key k, uint8_t *key)
{
	const struct ss_profile *p = c->setup.profile;
	uint8_t digest[SS_SM3_LEN] = { 0 };
	struct ss_sm3 *sm3 = NULL;
	char text[64];
	int n, r;

	n = snprintf(text, sizeof(text), "sscard test key %s %s %d",
	    ss_card_key_word(k), p->arithmetic.cipher == SS_SM4 ? "sm4" :
	    "3des", c->setup.key_version);
	if ((r = ss_sm3_new(&sm3)) == 0 &&
	    (r = ss_sm3_update(sm3, text, (size_t)n)) == 0)
		r = ss_sm3_final(sm3, digest);
	ss_sm3_free(sm3);
	memcpy(key, digest, SS_KEY_LEN);
	ss_wipe(digest, sizeof(digest));
	return r;
}

/* Ministry, province, city, card. */
int
ss_soft_make_keys(struct ss_softcard *c, struct ss_soft_memory *m)
{
	const struct ss_profile *p = c->setup.profile;
	uint8_t identifier[SS_IDENTIFIER_LEN], f[3][SS_FACTOR_LEN];
	char city[7];
	int i, k, r;

	ss_soft_identifier(c, identifier);
	if ((r = ss_profile_city(p, identifier, city)) != 0)
		return r;
	memcpy(f[0], city, 2);
	memcpy(f[0] + 2, "0000sh", 6);
	memcpy(f[1], city, 6);
	memcpy(f[1] + 6, "sx", 2);
	memcpy(f[2], c->historical + 5, SS_FACTOR_LEN);	/* T6-T13 */
	for (k = 0; k < SS_KEYS; k++) {
		r = test_key(c, (enum ss_card_key)k, m->keys[k]);
		for (i = 0; r == 0 && i < 3; i++)
			r = ss_soft_derive(c, p->arithmetic.diversify,
			    m->keys[k], f[i], m->keys[k]);
		if (r != 0)
			return r;
	}
	return 0;
}
