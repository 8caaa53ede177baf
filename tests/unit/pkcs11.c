/*
 * Keys in a token, one of SoftHSM in this test's folder: URIs; every setting
 * of the arithmetic beside ss_calc; operators' keys; what is left behind.
 */
#include <sys/stat.h>

#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/err.h"
#include "base/text.h"
#include "trust/pkcs11.h"
#include "trust/signer.h"
#include "trust/test_keys.h"
#include "../tap.h"

#define LEN(array) (sizeof(array) / sizeof((array)[0]))
#define MODULE "?module-path=/usr/lib/softhsm/libsofthsm2.so"
#define STORE "pkcs11:token=one" MODULE
#define SETTINGS 600		/* tried at random; SS_SWEEP: all of them */

/* The PIN, each byte changed, so that it stands nowhere by itself. */
#define MASK 0x55
static const char hidden[] = { '7' ^ MASK, '3' ^ MASK, '0' ^ MASK, '9' ^ MASK,
	'1' ^ MASK, '8' ^ MASK, '4' ^ MASK, '2' ^ MASK, 'q' ^ MASK };

static int asked;

static int
say(char out[SS_PASSPHRASE_MAX], void *ctx)
{
	size_t i;

	asked++;
	for (i = 0; i < sizeof(hidden); i++)
		out[i] = (char)(hidden[i] ^ MASK);
	if (ctx != NULL)
		out[0] = 'x';
	out[i] = '\0';
	return 0;
}

static const struct ss_passphrase good = { say, NULL }, bad = { say, &asked };

static void
make_token(const char *label)
{
	char pin[SS_PASSPHRASE_MAX], command[2 * SS_PASSPHRASE_MAX];

	say(pin, NULL);
	snprintf(command, sizeof(command), "softhsm2-util --init-token --free "
	    "--label %s --so-pin 12345678 --pin %s >/dev/null", label, pin);
	ok(system(command) == 0, "a token");
	ss_wipe(pin, sizeof(pin));
	ss_wipe(command, sizeof(command));
}

static char *
begin(char *folder)
{
	FILE *f;

	if (mkdtemp(folder) == NULL || chdir(folder) != 0 ||
	    mkdir("tokens", 0700) != 0 || (f = fopen("conf", "w")) == NULL)
		return NULL;
	fprintf(f, "directories.tokendir = %s/tokens\n"
	    "objectstore.backend = file\nlog.level = ERROR\n", folder);
	fclose(f);
	setenv("SOFTHSM2_CONF", "conf", 1);
	return folder;
}

static void
test_uris(void)
{
	static const char *const wrong[][2] = {
		{ "token", "NAME=VALUE" }, { "=x", "NAME=VALUE" },
		{ ";token=x", "NAME=VALUE" }, { "token=x;", "NAME=VALUE" },
		{ "token=", "token: nothing" }, { "tokens=x", "tokens" },
		{ "Token=x", "Token" }, { "module-path=/x", "module-path" },
		{ "?token=x", "token" }, { "x-vendor=1", "x-vendor" },
		{ "library-version=1", "library-version" },
		{ "token=a;token=a", "token: it is there twice" },
		{ "token=a b", "token: %XX" }, { "token=a/b", "token: %XX" },
		{ "token=%4", "token: %XX" }, { "token=%", "token: %XX" },
		{ "token=%4g", "token: %XX" }, { "token=%00", "token: a NUL" },
		{ "token=\xe5\xae\xb6", "token: %XX" },
		{ "serial=12345678901234567", "serial: more than 16" },
		{ "model=12345678901234567", "model: more than 16" },
		{ "slot-id=0x1", "slot-id: a decimal" },
		{ "slot-id=-1", "slot-id: a decimal" },
		{ "type=key", "type: public" },
		{ "?pin-value=73091842", "pin-value: others can see" },
		{ "?pin-source=/x", "pin-source: file:PATH" },
		{ "?pin-source=file:", "pin-source: file:PATH" },
		{ "?pin-source=%7ccat", "pin-source: file:PATH" },
		{ "?module-path=x.so", "module-path" },
		{ "?module-name=a/b", "module-name" },
		{ "?module-name=a&module-path=/b", "module-name" },
	};
	struct ss_p11_uri u;
	size_t i;

	for (i = 0; i < LEN(wrong); i++)
		ok(ss_p11_uri_read(&u, wrong[i][0]) == SS_EINVALID &&
		    strstr(ss_message(), wrong[i][1]) != NULL &&
		    strstr(ss_message(), "73091842") == NULL, "%s",
		    ss_message());
	ok(ss_p11_uri_read(&u, "") == 0 && u.token[0] == '\0', "nothing");
	ok(ss_p11_uri_read(&u, "?") == 0, "and nothing behind it");
	ok(ss_p11_uri_read(&u, "token=a%20B%3b%E5%AE%b6;slot-id=7;id=%00%ff;"
	    "type=private;object=x&y;manufacturer=m;model=o;serial=s;"
	    "slot-description=d;slot-manufacturer=n?module-path=/a/b?c&"
	    "pin-source=file:///p") == 0, "all of it");
	is(u.token, "a B;\xe5\xae\xb6", "token");
	is(u.slot_id, "7", "slot-id");
	ok(u.id_len == 2 && u.id[0] == 0 && u.id[1] == 0xff, "id");
	is(u.object, "x&y", "object");
	is(u.module_path, "/a/b?c", "module-path");
	is(u.pin_source, "/p", "pin-source");
	ok(strcmp(u.manufacturer, "m") == 0 && strcmp(u.model, "o") == 0 &&
	    strcmp(u.serial, "s") == 0 && strcmp(u.type, "private") == 0 &&
	    strcmp(u.slot_description, "d") == 0 &&
	    strcmp(u.slot_manufacturer, "n") == 0, "the others");
	ok(ss_p11_uri_is_token(&u) == SS_EINVALID &&
	    strstr(ss_message(), "object") != NULL, "%s", ss_message());
}

/* A generator of this test's own, from SS_SEED. */
static uint64_t seed;

static unsigned
draw(unsigned n)
{
	seed = seed * UINT64_C(6364136223846793005) +
	    UINT64_C(1442695040888963407);
	return (unsigned)(seed >> 33) % n;
}

static void
fill(uint8_t *to, size_t len)
{
	while (len-- > 0)
		*to++ = (uint8_t)draw(256);
}

/* One digit off a number that stands for all settings. */
static unsigned
digit(unsigned *number, unsigned base)
{
	unsigned d = *number % base;

	*number /= base;
	return d;
}

#define ALL (3 * 3 * 3 * 2 * 2 * 2 * 2 * 3 * 3)

static struct ss_arithmetic
settings(unsigned n, enum ss_cipher_name cipher)
{
	struct ss_arithmetic a;

	ss_arithmetic_init(&a, cipher);
	a.diversify = (enum ss_derive)digit(&n, 3);
	a.session = (enum ss_derive)digit(&n, 3);
	a.mac_key = (enum ss_derive)digit(&n, 3);
	a.auth_cut = (enum ss_cut)digit(&n, 2);
	a.mac_cut = (enum ss_cut)digit(&n, 2);
	a.mac_start = (enum ss_mac_start)digit(&n, 2);
	a.mac_rule = (enum ss_mac_rule)digit(&n, 2);
	a.pin_pad = (enum ss_pad)digit(&n, 3);
	a.mac_pad = (enum ss_pad)digit(&n, 3);
	if (cipher == SS_SM4)
		a.mac_rule = SS_MAC_CBC;
	return a;
}

static const char *const levels[] = { "000000", "220000", "220100" };
static uint8_t values[2][3][SS_KEY_LEN];	/* of cipher and level */

static void
put_keys(void)
{
	struct ss_master m = { .key = SS_KEY_STK };
	struct ss_keystore *ks;
	int i, r;

	r = ss_keystore_edit(&ks, STORE, &good, NULL);
	for (i = 0; r == 0 && i < 6; i++) {
		m.cipher = i < 3 ? SS_3DES : SS_SM4;
		m.version = 1 + i % 3;
		strcpy(m.region, levels[i % 3]);
		fill(values[m.cipher][i % 3], SS_KEY_LEN);
		r = ss_keystore_put(ks, &m, values[m.cipher][i % 3], false);
	}
	ok(r == 0 && ss_keystore_save(ks) == 0, "keys are put");
	for (i = 0; r == 0 && i < 6; i++)
		ok(ss_keystore_at(ks, (size_t)i)->where == (i < 3 ?
		    SS_IN_TOKEN : SS_IN_MEMORY), "where it is");
	ss_keystore_close(ks);
}

/* One card's question in two ways. */
struct question {
	struct ss_arithmetic a;
	struct ss_card_of card;
	int level;
	uint8_t historical[SS_HISTORICAL_LEN], factor[SS_FACTOR_LEN],
	    original[SS_FACTOR_LEN];
	char pin[SS_PIN_DIGITS_MAX + 1];
	enum ss_order order;
};

static void
ask_for(struct question *q, unsigned n, enum ss_cipher_name cipher)
{
	size_t i, digits = 4 + draw(13);

	q->a = settings(n, cipher);
	q->level = (int)draw(3);
	fill(q->historical, sizeof(q->historical));
	fill(q->factor, sizeof(q->factor));
	fill(q->original, sizeof(q->original));
	for (i = 0; i < digits; i++)
		q->pin[i] = (char)('0' + draw(10));
	q->pin[i] = '\0';
	q->order = (enum ss_order)draw(SS_ORDERS);
	q->card = (struct ss_card_of){ &q->a, "220100", q->historical,
		1 + q->level, false };
}

/* What the settings alone give: as the stores, but with the key at hand. */
static void
compute(const struct question *q, uint8_t auth[SS_AUTH_LEN],
    struct ss_secured *field)
{
	uint8_t key[SS_KEY_LEN], f[SS_FACTOR_LEN];
	struct ss_calc *c = NULL;

	memcpy(key, values[q->a.cipher][q->level], SS_KEY_LEN);
	ss_diversifier_card(q->historical, f);
	if (ss_calc_new(&c, &q->a) != 0 || ss_key_down(c,
	    ss_key_level(levels[q->level]), SS_LEVEL_CITY, "220100", key) != 0 ||
	    ss_calc_diversify(c, key, f, key) != 0 ||
	    ss_calc_auth(c, key, q->factor, q->original, auth) != 0 ||
	    ss_calc_order(c, q->order, key, q->factor, q->order ==
	    SS_ORDER_RELOAD_PIN ? q->pin : NULL, field) != 0)
		printf("# %s\n", ss_message());
	ss_calc_free(c);
}

static int
ask_store(struct ss_keystore *ks, const struct question *q,
    uint8_t auth[SS_AUTH_LEN], struct ss_secured *field)
{
	int r = ss_keystore_auth(ks, &q->card, SS_KEY_STK, q->factor,
	    q->original, auth);

	if (r != 0)
		return r;
	return q->order == SS_ORDER_RELOAD_PIN ?
	    ss_keystore_wrap_pin(ks, &q->card, SS_KEY_STK, q->factor, q->pin,
	    field) : ss_keystore_order(ks, &q->card, SS_KEY_STK, q->factor,
	    q->order, field);
}

/* Half of a master key itself is what a token does not give. */
static bool
is_refused(const struct question *q)
{
	return q->a.mac_rule == SS_MAC_RETAIL && q->a.diversify ==
	    SS_DERIVE_NONE && q->a.mac_key == SS_DERIVE_NONE &&
	    q->order == SS_ORDER_RELOAD_PIN;
}

static void
test_settings(struct ss_keystore *ks, enum ss_cipher_name cipher)
{
	const bool sweep = getenv("SS_SWEEP") != NULL;
	const unsigned count = sweep ? ALL : SETTINGS;
	unsigned i, same = 0, refused = 0, expected = 0;
	uint8_t auth[SS_AUTH_LEN], want_auth[SS_AUTH_LEN];
	struct ss_secured field, want;
	struct question q;
	int r;

	for (i = 0; i < count; i++) {
		ask_for(&q, sweep ? i : draw(ALL), cipher);
		compute(&q, want_auth, &want);
		r = ask_store(ks, &q, auth, &field);
		if (r == 0 && !is_refused(&q))
			same += memcmp(auth, want_auth, sizeof(auth)) == 0 &&
			    memcmp(&field, &want, sizeof(want)) == 0;
		else if (r == SS_EINVALID && is_refused(&q))
			refused += strstr(ss_message(), "half") != NULL &&
			    field.len == 0;
		else
			printf("# %d %s\n", r, ss_message());
		expected += is_refused(&q);
	}
	ok(refused == expected, "%s: %u that a token cannot do are refused",
	    ss_cipher_word(cipher), expected);
	ok(same + refused == count, "%s: %u of %u settings, the same bytes",
	    ss_cipher_word(cipher), same, count);
}

static void
test_kcv(struct ss_keystore *ks)
{
	uint8_t kcv[SS_KCV_LEN], want[SS_KCV_LEN];
	const struct ss_master *m;
	struct ss_arithmetic a;
	struct ss_calc *c;
	size_t i;

	for (i = 0; i < ss_keystore_count(ks); i++) {
		m = ss_keystore_at(ks, i);
		ss_arithmetic_init(&a, m->cipher);
		ss_calc_new(&c, &a);
		ss_calc_kcv(c, values[m->cipher][m->version - 1], want);
		ok(ss_keystore_kcv(ks, i, kcv) == 0 &&
		    memcmp(kcv, want, sizeof(kcv)) == 0, "check value");
		ss_calc_free(c);
	}
	ok(i == 6, "of all six");
}

#define OPERATOR "pkcs11:token=two;object=op" MODULE

static bool
signs(struct ss_signer *s, const void *text, size_t len)
{
	uint8_t sig[SS_SIGNATURE_MAX];
	size_t n;

	return ss_signer_sign(s, text, len, sig, &n) == 0 &&
	    ss_public_check(ss_signer_public(s), text, len, sig, n) == 0 &&
	    ss_public_check(ss_signer_public(s), "other", 5, sig, n) ==
	    SS_EAUTH;
}

static void
test_signer(struct ss_keystore *ks)
{
	struct ss_signer *s, *again;
	int i, good_ones = 0;
	char text[8];

	ok(ss_signer_open(&s, OPERATOR, &good) == SS_EMISSING && s == NULL &&
	    strstr(ss_message(), "no private key") != NULL, "%s",
	    ss_message());
	ok(ss_signer_make(&s, OPERATOR, SS_SM2, &good) == SS_EINVALID &&
	    strstr(ss_message(), "sm2") != NULL, "%s", ss_message());
	ok(ss_signer_make(&s, "pkcs11:token=two" MODULE, SS_P256, &good) ==
	    SS_EINVALID && ss_signer_open(&s, "pkcs11:token=two" MODULE,
	    &good) == SS_EINVALID && strstr(ss_message(), "object") != NULL,
	    "%s", ss_message());
	ok(ss_signer_open(&s, "pkcs11:token=two;object=op;type=public" MODULE,
	    &good) == SS_EINVALID, "%s", ss_message());
	ok(ss_signer_open(&s, OPERATOR, &bad) == SS_EAUTH, "%s",
	    ss_message());
	ok(ss_signer_make(&s, OPERATOR, SS_P256, &good) == 0, "one is made");
	ok(strlen(ss_signer_key(s)) == 64 &&
	    ss_public_algorithm(ss_signer_public(s)) == SS_P256, "key %s",
	    ss_signer_key(s));
	/* r and s with and without a leading zero. */
	for (i = 0; i < 300; i++)
		good_ones += signs(s, text, (size_t)snprintf(text,
		    sizeof(text), "%d", i));
	ok(good_ones == 300, "%d signatures are good", good_ones);
	ok(ss_signer_make(&again, OPERATOR, SS_P256, &good) == SS_EEXISTS, "%s",
	    ss_message());
	asked = 0;
	ok(ss_signer_open(&again, OPERATOR, &good) == 0 && asked == 0,
	    "opened again, logged in already");
	is(ss_signer_key(again), ss_signer_key(s), "it is the same");
	ss_signer_close(s);
	ss_keystore_close(ks);
	ok(signs(again, "text", 4), "signs when others have closed");
	ok(signs(again, "", 0), "nothing too");
	ss_signer_close(again);
	asked = 0;
	ok(ss_signer_open(&again, OPERATOR, &good) == 0 && asked == 1,
	    "closed is logged out");
	ss_signer_close(again);
}

#define SHADOW (1ul << 30)	/* and more: a sanitizer's, not ours */

/* Where the PIN stands in this process. */
static int
look_for_pin(void)
{
	static uint8_t page[1 << 16];
	unsigned long from, to, at;
	FILE *maps = fopen("/proc/self/maps", "r");
	int mem = open("/proc/self/mem", O_RDONLY), found = 0;
	char line[512], mode[8];
	ssize_t i, j, n;

	while (fgets(line, sizeof(line), maps) != NULL) {
		if (sscanf(line, "%lx-%lx %7s", &from, &to, mode) != 3 ||
		    mode[1] != 'w' || to - from > SHADOW)
			continue;
		for (at = from; at < to; at += (unsigned long)n) {
			n = pread(mem, page, sizeof(page), (off_t)at);
			if (n <= (ssize_t)sizeof(hidden))
				break;
			for (i = 0; i + (ssize_t)sizeof(hidden) <= n; i++) {
				for (j = 0; j < (ssize_t)sizeof(hidden); j++)
					if ((page[i + j] ^ MASK) != hidden[j])
						break;
				found += j == (ssize_t)sizeof(hidden);
			}
			ss_wipe(page, sizeof(page));
			if ((size_t)n == sizeof(page) && at + (size_t)n < to)
				n -= (ssize_t)sizeof(hidden);
		}
	}
	fclose(maps);
	close(mem);
	return found;
}

int
main(void)
{
	char folder[] = "/tmp/sscard-pkcs11.XXXXXX", here[64];
	const char *text = getenv("SS_SEED");
	struct ss_keystore *ks;
	char known[SS_PASSPHRASE_MAX];

	seed = text != NULL ? strtoull(text, NULL, 10) : 1;
	if (begin(folder) == NULL)
		return 1;
	test_uris();
	make_token("one");
	make_token("two");
	put_keys();
	ok(ss_keystore_open(&ks, STORE, &good) == 0 &&
	    ss_keystore_count(ks) == 6, "a store");
	ok(look_for_pin() == 0, "its PIN is not kept");
	test_kcv(ks);
	test_settings(ks, SS_3DES);
	test_settings(ks, SS_SM4);
	test_signer(ks);
	say(known, NULL);
	ok(look_for_pin() > 0, "a PIN is found where there is one");
	ss_wipe(known, sizeof(known));
	ok(look_for_pin() == 0, "and none when all is closed");
	snprintf(here, sizeof(here), "rm -rf %s", folder);
	ok(system(here) == 0, "folder");
	return done();
}
