#include <string.h>

#include "base/crypto.h"
#include "base/err.h"
#include "card/session_own.h"
#include "chip/status.h"

#define INS_GET_CHALLENGE 0x84
#define CHALLENGE_MAX 16
#define PAIR_LEN (2 * SS_FACTOR_LEN)

static int
no_keys(enum ss_card_key key)
{
	return ss_fail(SS_EMISSING, "no key store, and %s is needed; name one "
	    "with --keys", ss_card_key_word(key));
}

static struct ss_card_of
card_of(const struct ss_session *s, int version)
{
	return (struct ss_card_of){
		.arithmetic = &s->who.profile->arithmetic,
		.city = s->who.city,
		.historical = s->who.historical,
		.version = version,
		.real = s->real_keys,
	};
}

/* The version that the key of an authentication is of: that of the ones
 * before; else what the profile says; else the highest. */
static int
version_of(const struct ss_session *s)
{
	if (s->key_version != 0)
		return s->key_version;
	return (int)s->who.profile->auth.key_version;
}

static struct ss_apdu
command_of(const uint8_t header[SS_HEADER_LEN], const uint8_t *data,
    size_t len)
{
	return (struct ss_apdu){ header[0], header[1], header[2], header[3],
		data, len, 0 };
}

/* Two times eight bytes, and the version if the profile sends it. */
static size_t
put_version(const struct ss_session *s, uint8_t data[PAIR_LEN + 1])
{
	int64_t version = s->who.profile->auth.key_version;

	if (version == 0)
		return PAIR_LEN;
	data[PAIR_LEN] = (uint8_t)version;
	return PAIR_LEN + 1;
}

/* --- the card is genuine */

/* Whether an answer is that of a card with keys of this version. */
static int
answers(struct ss_session *s, int version, const uint8_t pair[PAIR_LEN],
    const uint8_t answer[SS_AUTH_LEN], bool *equal)
{
	struct ss_card_of of = card_of(s, version);
	uint8_t want[SS_AUTH_LEN];
	int r;

	*equal = false;
	r = ss_keystore_auth(s->keys, &of, SS_KEY_IRK, pair,
	    pair + SS_FACTOR_LEN, want);
	if (r == 0)
		*equal = ss_equal(answer, want, SS_AUTH_LEN);
	ss_wipe(want, sizeof(want));
	return r;
}

/*
 * The version whose key answers so: the highest, then every other that the
 * store has, since a card keeps the keys it was made with. What they answer is
 * computed here; the card is asked once.
 */
static int
find_version(struct ss_session *s, int highest, const uint8_t pair[PAIR_LEN],
    const uint8_t answer[SS_AUTH_LEN])
{
	const struct ss_master *m;
	size_t i, n = ss_keystore_count(s->keys);
	bool equal;
	int r;

	if ((r = answers(s, highest, pair, answer, &equal)) != 0)
		return r;
	if (equal) {
		s->key_version = highest;
		return 0;
	}
	for (i = 0; i < n && s->who.profile->auth.key_version == 0; i++) {
		m = ss_keystore_at(s->keys, i);
		if (m->key != SS_KEY_IRK || m->version == highest)
			continue;
		r = answers(s, m->version, pair, answer, &equal);
		if (r == SS_EMISSING)
			continue;	/* of another city or cipher */
		if (r != 0)
			return r;
		if (equal) {
			s->key_version = m->version;
			return 0;
		}
	}
	return ss_fail(SS_EAUTH, "the card is not genuine, or these are not "
	    "the keys of city %s", s->who.city);
}

int
ss_session_genuine(struct ss_session *s)
{
	const struct ss_profile *p = s->who.profile;
	struct ss_card_of of = card_of(s, version_of(s));
	const struct ss_master *master;
	uint8_t data[PAIR_LEN + 1];
	struct ss_bytes answer = { 0 };
	struct ss_apdu a;
	int r;

	if (s->keys == NULL)
		return no_keys(SS_KEY_IRK);
	if ((r = ss_keystore_find(s->keys, &of, SS_KEY_IRK, &master)) != 0 ||
	    (r = ss_random(data, PAIR_LEN)) != 0)
		return r;
	a = command_of(p->auth.internal, data, put_version(s, data));
	a.le = SS_AUTH_LEN;
	r = ss_session_say(s, &a, "INTERNAL AUTHENTICATE", SS_SHOWN, SS_SECRET,
	    &answer, NULL);
	if (r == 0 && answer.len != SS_AUTH_LEN)
		r = ss_fail(SS_ECARD, "INTERNAL AUTHENTICATE: %zu bytes, not "
		    "%d", answer.len, SS_AUTH_LEN);
	if (r == 0)
		r = find_version(s, master->version, data,
		    (const uint8_t *)answer.data);
	if (answer.len > 0)
		ss_wipe(answer.data, answer.len);
	ss_bytes_free(&answer);
	return r;
}

/* --- we are */

int
ss_session_challenge(struct ss_session *s, size_t want,
    uint8_t factor[SS_FACTOR_LEN])
{
	struct ss_apdu a = { .ins = INS_GET_CHALLENGE, .le = want };
	struct ss_bytes bytes = { 0 };
	int r;

	memset(factor, 0, SS_FACTOR_LEN);
	r = ss_session_say(s, &a, "GET CHALLENGE", SS_SHOWN, SS_SHOWN, &bytes,
	    NULL);
	if (r == 0 && bytes.len != want)
		r = ss_fail(SS_ECARD, "GET CHALLENGE: %zu bytes, not %zu",
		    bytes.len, want);
	if (r == 0)
		memcpy(factor, bytes.data, want < SS_FACTOR_LEN ? want :
		    SS_FACTOR_LEN);
	ss_bytes_free(&bytes);
	return r;
}

/* What the card said of the authentication: a refusal loses all that was
 * held, as far as anybody knows. */
static int
judge(struct ss_session *s, enum ss_card_key key, uint16_t sw)
{
	char what[64] = "EXTERNAL AUTHENTICATE with ";

	if (sw == SS_SW_OK) {
		if (!s->who.profile->auth.together)
			s->held = 0;
		s->held |= 1u << key;
		return 0;
	}
	s->held = 0;
	s->refused = true;
	s->tries_left = sw == 0x6983 ? 0 : ss_sw_tries(sw);
	strcat(what, ss_card_key_word(key));
	return ss_status_fail(sw, what);
}

/* Before a key is used that counts: the card is asked whether its keys are
 * ours at all, and of which version. A store may be without that key. */
static int
prove(struct ss_session *s)
{
	struct ss_card_of of = card_of(s, version_of(s));
	const struct ss_master *master;

	if (s->key_version != 0 ||
	    ss_keystore_find(s->keys, &of, SS_KEY_IRK, &master) != 0)
		return 0;
	return ss_session_genuine(s);
}

int
ss_session_authenticate(struct ss_session *s, enum ss_card_key key)
{
	const struct ss_profile *p = s->who.profile;
	struct ss_card_of of = card_of(s, 0);
	const struct ss_master *master;
	uint8_t factor[SS_FACTOR_LEN], data[PAIR_LEN + 1];
	struct ss_apdu a;
	uint16_t sw;
	int r;

	if (s->held & 1u << key)
		return 0;
	s->tries_left = -1;
	s->refused = false;
	if (s->keys == NULL)
		return no_keys(key);
	if ((r = prove(s)) != 0)
		return r;
	of.version = version_of(s);
	if ((r = ss_keystore_find(s->keys, &of, key, &master)) != 0)
		return r;
	of.version = master->version;
	if ((r = ss_session_challenge(s,
	    (size_t)p->auth.challenge, factor)) != 0 ||
	    (r = ss_random(data + SS_AUTH_LEN, SS_FACTOR_LEN)) != 0 ||
	    (r = ss_keystore_auth(s->keys, &of, key, factor, data +
	    SS_AUTH_LEN, data)) != 0)
		goto out;
	a = command_of(p->auth.external, data, put_version(s, data));
	a.p2 = p->keys[key].kid;
	if ((r = ss_session_say(s, &a, "EXTERNAL AUTHENTICATE", SS_SECRET,
	    SS_SHOWN, NULL, &sw)) != 0)
		goto out;
	r = judge(s, key, sw);
	if (r == 0)
		s->key_version = master->version;
out:
	ss_wipe(data, sizeof(data));
	return r;
}
