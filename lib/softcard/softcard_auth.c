#include <string.h>

#include "softcard/softcard_own.h"

#define VERSION_AT (SS_FACTOR_LEN * 2)

uint16_t
ss_soft_challenge(struct ss_softcard *c, const struct ss_apdu *a)
{
	if (a->len != 0 || (a->le != 4 && a->le != 8 && a->le != 16))
		return 0x6700;
	memset(c->challenge, 0, sizeof(c->challenge));
	c->challenge_len = 0;
	if (ss_random(c->challenge, a->le) != 0)
		return 0x6400;
	c->challenge_len = a->le;
	ss_soft_answer(c, c->challenge, a->le);
	return 0x9000;
}

/* Two parts of eight bytes, and perhaps the version of the key that is
 * meant: there is one only. */
static uint16_t
check_parts(const struct ss_softcard *c, const struct ss_apdu *a)
{
	if (a->len != VERSION_AT && a->len != VERSION_AT + 1)
		return 0x6700;
	if (c->folder != SS_FOLDER_SSSE || (a->len > VERSION_AT &&
	    a->data[VERSION_AT] != c->setup.key_version))
		return 0x6a88;
	return 0x9000;
}

uint16_t
ss_soft_internal(struct ss_softcard *c, const struct ss_apdu *a)
{
	uint8_t auth[SS_AUTH_LEN];
	uint16_t sw;

	if ((sw = check_parts(c, a)) != 0x9000)
		return sw;
	if (ss_soft_authdata(c, SS_KEY_IRK, a->data, a->data + SS_FACTOR_LEN,
	    auth) != 0)
		return 0x6400;
	ss_soft_answer(c, auth, sizeof(auth));
	return 0x9000;
}

/* The key for EXTERNAL AUTHENTICATE with an id; SS_KEYS. */
static enum ss_card_key
find_key(const struct ss_softcard *c, uint8_t kid)
{
	static const enum ss_card_key keys[] = { SS_KEY_UKSSSE, SS_KEY_BK,
		SS_KEY_PUK, SS_KEY_RKSSSE };
	size_t i;

	for (i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
		if (c->setup.profile->keys[keys[i]].kid == kid)
			return keys[i];
	return SS_KEYS;
}

static uint16_t
compare(struct ss_softcard *c, enum ss_card_key k, const struct ss_apdu *a)
{
	uint8_t auth[SS_AUTH_LEN];
	uint16_t sw = 0x9000;

	if (ss_soft_authdata(c, k, c->challenge, a->data + SS_AUTH_LEN,
	    auth) != 0)
		sw = 0x6400;
	else if (!ss_equal(auth, a->data, SS_AUTH_LEN))
		sw = 0x6300;
	ss_wipe(auth, sizeof(auth));
	c->challenge_len = 0;
	return sw;
}

/* A try is taken before it is looked at, so that pulling the card does not
 * give it back. */
static uint16_t
take_try(struct ss_softcard *c, struct ss_soft_state *s, enum ss_card_key k)
{
	if (c->setup.profile->keys[k].tries == 0)
		return 0x9000;
	s->key_tries[k]--;
	return ss_soft_put_state(c, s);
}

static uint16_t
external(struct ss_softcard *c, const struct ss_apdu *a,
    struct ss_soft_state *s)
{
	const struct ss_profile *p = c->setup.profile;
	enum ss_card_key k = find_key(c, a->p2);
	uint16_t sw;

	if ((sw = check_parts(c, a)) != 0x9000)
		return sw;
	if (k == SS_KEYS)
		return 0x6a88;
	if (p->keys[k].tries != 0 && s->key_tries[k] == 0)
		return 0x6983;
	if (c->challenge_len != (size_t)p->auth.challenge)
		return 0x6984;
	if ((sw = take_try(c, s, k)) != 0x9000)
		return sw;
	c->held &= ~(1u << k);
	if ((sw = compare(c, k, a)) == 0x6300 && p->keys[k].tries != 0)
		return (uint16_t)(0x63c0 | (s->key_tries[k] & 0x0f));
	if (sw != 0x9000)
		return sw;
	s->key_tries[k] = (uint8_t)ss_soft_tries(p->keys[k].tries);
	if ((sw = ss_soft_put_state(c, s)) != 0x9000)
		return sw;
	c->held = 1u << k | (p->auth.together ? c->held : 0);
	return 0x9000;
}

uint16_t
ss_soft_external(struct ss_softcard *c, const struct ss_apdu *a)
{
	struct ss_soft_state s = c->memory->state;
	uint16_t sw = external(c, a, &s);

	ss_wipe(&s, sizeof(s));
	return sw;
}
