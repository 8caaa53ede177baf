/*
 * A software card for the C tests: a blank one in a folder of its own, what is
 * said to it as hexadecimal text, and the client's arithmetic beside it.
 */
#ifndef SS_TESTS_CARD_H
#define SS_TESTS_CARD_H

#include <sys/stat.h>

#include <stdlib.h>
#include <unistd.h>

#include "base/err.h"
#include "base/text.h"
#include "softcard/softcard.h"
#include "tap.h"

struct card {
	char dir[128];
	const struct ss_profile *profile;
	const struct ss_profiles *profiles;
	struct ss_softcard *card;
	struct ss_calc *calc;
	uint8_t historical[SS_HISTORICAL_LEN];
	uint8_t keys[SS_KEYS][SS_KEY_LEN];	/* the client's idea of them */
	uint8_t response[SS_RESPONSE_ROOM];
	size_t len;
	int code;		/* of the last command */
	char hex[2 * SS_RESPONSE_ROOM + 1];
};

static inline const char *
data_dir(void)
{
	const char *dir = getenv("SSCARD_DATA");

	return dir != NULL ? dir : "lib/data";
}

static inline void
must(bool good, const char *what)
{
	if (good)
		return;
	printf("Bail out! %s: %s\n", what, ss_message());
	exit(1);
}

/* Bytes of hexadecimal text; how many. */
static inline size_t
unhex(const char *text, uint8_t *out)
{
	unsigned int byte;
	size_t n = 0;

	for (; sscanf(text, "%2x", &byte) == 1; text += 2)
		out[n++] = (uint8_t)byte;
	return n;
}

static inline void
send_bytes(struct card *c, const uint8_t *command, size_t len)
{
	c->code = ss_softcard_transmit(c->card, command, len, c->response,
	    &c->len);
	ss_hex(c->response, c->len, c->hex);
}

/* The status word of the last response. */
static inline unsigned int
sw_of(const struct card *c)
{
	return c->len < 2 ? 0 : (unsigned int)c->response[c->len - 2] << 8 |
	    c->response[c->len - 1];
}

/* Says a command and returns the status word. */
static inline unsigned int
say(struct card *c, const char *command)
{
	uint8_t bytes[512];

	send_bytes(c, bytes, unhex(command, bytes));
	return sw_of(c);
}

static inline bool
said(struct card *c, const char *command, const char *want, const char *what)
{
	char text[256];

	say(c, command);
	snprintf(text, sizeof(text), "%s: %s", c->profile->name, what);
	return is(c->hex, want, text);
}

/* The status word alone. */
static inline bool
means(const struct card *c, unsigned int got, unsigned int want,
    const char *what)
{
	bool good = ok(got == want, "%s: %s", c->profile->name, what);

	if (!good)
		printf("# got:  %04x\n# want: %04x\n", got, want);
	return good;
}

/* An answer whole: 61xx and 6Cxx followed up by chip/apdu. */
static inline unsigned int
ask(struct card *c, const char *command)
{
	struct ss_exchange x = { .form = SS_APDU_T0 };
	uint8_t bytes[512], all[4096];
	struct ss_apdu a, next;
	struct ss_response r;
	size_t len = unhex(command, bytes), n = 0;
	bool more = true;

	send_bytes(c, bytes, len);
	must(ss_apdu_parse(bytes, len, &a) == 0, "parse");
	if (a.le == 0)
		a.le = SS_APDU_SHORT_LE;
	while (ss_response_parse(c->response, c->len, &r) == 0) {
		memcpy(all + n, r.data, r.len);
		n += r.len;
		if (ss_apdu_next(&x, &a, &r, &next, &more) != 0 || !more)
			break;
		must(ss_apdu_encode(&next, SS_APDU_T0, bytes, sizeof(bytes),
		    &len) == 0, "encode");
		a = next;
		send_bytes(c, bytes, len);
	}
	all[n++] = (uint8_t)(r.sw >> 8);
	all[n++] = (uint8_t)(r.sw & 0xff);
	memcpy(c->response, all, n);
	c->len = n;
	ss_hex(all, n, c->hex);
	return sw_of(c);
}

/* Header, data of a length, as a short command. */
static inline unsigned int
say_data(struct card *c, const char *header, const uint8_t *data, size_t len)
{
	uint8_t bytes[5 + 255];
	size_t n = unhex(header, bytes);

	bytes[n++] = (uint8_t)len;
	memcpy(bytes + n, data, len);
	send_bytes(c, bytes, n + len);
	return sw_of(c);
}

/* Power off and on. */
static inline void
card_again(struct card *c)
{
	ss_softcard_power(c->card, false);
	ss_softcard_power(c->card, true);
}

/* Closed and opened. */
static inline void
card_reopen(struct card *c)
{
	ss_softcard_close(c->card);
	must(ss_softcard_open(&c->card, c->dir, c->profiles) == 0, "open");
	ss_softcard_power(c->card, true);
}

/* Ministry, province, city, card: by chip/arithmetic. */
static inline void
card_keys(struct card *c, const char *city, int version)
{
	uint8_t digest[SS_SM3_LEN], f[3][SS_FACTOR_LEN];
	char text[64], province[3] = { city[0], city[1], 0 };
	struct ss_sm3 *sm3;
	int i, k;

	must(ss_sm3_new(&sm3) == 0, "SM3");
	ss_diversifier_province(province, f[0]);
	ss_diversifier_city(city, f[1]);
	ss_diversifier_card(c->historical, f[2]);
	for (k = 0; k < SS_KEYS; k++) {
		snprintf(text, sizeof(text), "sscard test key %s %s %d",
		    ss_card_key_word((enum ss_card_key)k),
		    c->profile->arithmetic.cipher == SS_SM4 ? "sm4" : "3des",
		    version);
		must(ss_sm3_update(sm3, text, strlen(text)) == 0 &&
		    ss_sm3_final(sm3, digest) == 0, "SM3");
		memcpy(c->keys[k], digest, SS_KEY_LEN);
		for (i = 0; i < 3; i++)
			must(ss_calc_diversify(c->calc, c->keys[k], f[i],
			    c->keys[k]) == 0, "diversify");
	}
	ss_sm3_free(sm3);
}

/* A blank card of Shenzhen with T=0, its maker's fill FF. */
static inline void
card_make(struct card *c, const char *folder,
    const struct ss_profiles *profiles, const struct ss_softcard_setup *setup)
{
	static unsigned int made;
	const uint8_t *atr;
	struct ss_atr parsed;
	size_t len;

	*c = (struct card){ .profile = setup->profile, .profiles = profiles };
	snprintf(c->dir, sizeof(c->dir), "%s/%u", folder, ++made);
	must(ss_softcard_create(c->dir, setup) == 0, "create");
	must(ss_calc_new(&c->calc, &c->profile->arithmetic) == 0, "calc");
	must(ss_softcard_open(&c->card, c->dir, profiles) == 0, "open");
	ss_softcard_power(c->card, true);
	atr = ss_softcard_atr(c->card, &len);
	must(ss_atr_parse(atr, len, &parsed) == 0 &&
	    parsed.historical_len == SS_HISTORICAL_LEN, "ATR");
	memcpy(c->historical, parsed.historical, SS_HISTORICAL_LEN);
	card_keys(c, c->profile->city_prefecture ? "440300" : "440305",
	    setup->key_version);
}

static inline void
card_new(struct card *c, const char *folder,
    const struct ss_profiles *profiles, const struct ss_profile *profile)
{
	const struct ss_softcard_setup setup = { .profile = profile,
		.region = "440305", .serial = 0x01020304, .key_version = 1,
		.fill = 0xff };

	card_make(c, folder, profiles, &setup);
}

static inline void
card_remove(const char *dir)
{
	static const char *const names[] = { "card.json", "memory",
		"card.json.new", "memory.new" };
	char path[256];
	size_t i;

	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		snprintf(path, sizeof(path), "%s/%s", dir, names[i]);
		unlink(path);
	}
	rmdir(dir);
}

static inline void
card_end(struct card *c)
{
	ss_softcard_close(c->card);
	ss_calc_free(c->calc);
	card_remove(c->dir);
}

/* --- what a client does */

#define SSSE "00a404000f7378312e73682ec9e7bbe1b1a3d5cf"

static inline void
enter_ssse(struct card *c)
{
	say(c, SSSE);
}

/* The card's challenge, followed by zeros. */
static inline unsigned int
challenge(struct card *c, uint8_t factor[SS_FACTOR_LEN])
{
	memset(factor, 0, SS_FACTOR_LEN);
	if (say(c, "0084000008") == 0x9000)
		memcpy(factor, c->response, SS_FACTOR_LEN);
	return sw_of(c);
}

/* EXTERNAL AUTHENTICATE over a factor, bad of its bytes being changed. */
static inline unsigned int
authenticate_with(struct card *c, enum ss_card_key key, const uint8_t *factor,
    int bad)
{
	uint8_t data[SS_AUTH_LEN + SS_FACTOR_LEN];
	char header[9];
	const uint8_t *h = c->profile->auth.external;

	memset(data, 0x5a, sizeof(data));
	must(ss_calc_auth(c->calc, c->keys[key], factor, data + SS_AUTH_LEN,
	    data) == 0, "auth");
	data[0] ^= (uint8_t)bad;
	snprintf(header, sizeof(header), "%02x%02x%02x%02x", h[0], h[1], h[2],
	    c->profile->keys[key].kid);
	return say_data(c, header, data, sizeof(data));
}

static inline unsigned int
authenticate(struct card *c, enum ss_card_key key)
{
	uint8_t factor[SS_FACTOR_LEN];

	challenge(c, factor);
	return authenticate_with(c, key, factor, 0);
}

/* An order with a challenge of its own. */
static inline unsigned int
order(struct card *c, enum ss_order o, const char *pin, int bad)
{
	uint8_t factor[SS_FACTOR_LEN];
	struct ss_secured s;
	char header[9];

	challenge(c, factor);
	must(ss_calc_order(c->calc, o, c->keys[SS_KEY_STK], factor, pin,
	    &s) == 0, "order");
	s.data[s.len - 1] ^= (uint8_t)bad;
	ss_hex(c->profile->arithmetic.header[o], SS_HEADER_LEN, header);
	return say_data(c, header, s.data, s.len);
}

#endif
