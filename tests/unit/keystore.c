/*
 * Key stores: test keys and what is done with keys of every level, by values
 * computed with openssl(1); the file that holds them, changed in every byte,
 * cut, hostile, written by several, and its writer killed.
 */
#include <sys/stat.h>
#include <sys/wait.h>

#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/bytes.h"
#include "base/err.h"
#include "base/text.h"
#include "trust/keystore_own.h"
#include "trust/test_keys.h"
#include "../tap.h"

#define LEN(array) (sizeof(array) / sizeof((array)[0]))
#define STORE "store/keys"
#define URI "file:" STORE
#define CHEAP 10		/* of scrypt: 1024, where it is not the matter */

static const uint8_t historical[SS_HISTORICAL_LEN] = { 1, 2, 3, 4, 5, 6, 7, 8,
	0x22, 0x01, 0x00, 0x00, 0x01 };
static const uint8_t factor[SS_FACTOR_LEN] = { 0xa1, 0xa2, 0xa3, 0xa4, 0xa5,
	0xa6, 0xa7, 0xa8 };
static const uint8_t original[SS_FACTOR_LEN] = { 0xb1, 0xb2, 0xb3, 0xb4, 0xb5,
	0xb6, 0xb7, 0xb8 };

static int
say(char out[SS_PASSPHRASE_MAX], void *ctx)
{
	const char *text = ctx;

	if (text == NULL)
		return ss_fail(SS_EIO, "no passphrase");
	strcpy(out, text);
	return 0;
}

static char right[] = "open sesame", wrong[] = "open sesamf";
static const struct ss_passphrase good = { say, right }, bad = { say, wrong };
static const struct ss_passphrase none = { say, NULL };

/* The master of a region; with it, its test value. */
static struct ss_master
test_master(const char *region, enum ss_card_key key,
    enum ss_cipher_name cipher, int version, uint8_t value[SS_KEY_LEN])
{
	struct ss_master m = { .key = key, .version = version,
		.cipher = cipher, .test = true };

	strcpy(m.region, region);
	if (ss_test_key(region, key, cipher, version, value) != 0)
		printf("# %s\n", ss_message());
	return m;
}

static int
put_test(struct ss_keystore *ks, const char *region, enum ss_card_key key,
    enum ss_cipher_name cipher, int version)
{
	uint8_t value[SS_KEY_LEN];
	struct ss_master m = test_master(region, key, cipher, version, value);

	return ss_keystore_put(ks, &m, value, false);
}

static struct ss_keystore *
edit(const char *uri)
{
	struct ss_keystore *ks;
	bool made;

	if (ss_keystore_edit(&ks, uri, &good, &made) != 0 ||
	    ss_keystore_cost(ks, CHEAP) != 0)
		printf("# %s\n", ss_message());
	return ks;
}

static void
is_hex(const void *data, size_t len, const char *want, const char *what)
{
	char hex[2 * SS_SECURED_MAX + 1];

	ss_hex(data, len, hex);
	is(hex, want, what);
}

static void
test_test_keys(void)
{
	static const struct {
		const char *region;
		enum ss_card_key key;
		enum ss_cipher_name cipher;
		const char *want;
	} rows[] = {
		{ "000000", SS_KEY_IRK, SS_3DES,
		    "ba03a3595573f1a50efbc2ebf01ab3b6" },
		{ "220000", SS_KEY_IRK, SS_3DES,
		    "8faf4eea6ba0b9497187e5334e763112" },
		{ "220100", SS_KEY_IRK, SS_3DES,
		    "43c0de3e5965d3cc1422a99c7657f463" },
		{ "000000", SS_KEY_RKSSSE, SS_SM4,
		    "90092f19b08c7e28a7ab92ac7c843c93" },
		{ "220000", SS_KEY_RKSSSE, SS_SM4,
		    "fe821af32464712513618fc2c3e78256" },
		{ "220100", SS_KEY_RKSSSE, SS_SM4,
		    "547b341908bf9a4d0dbbf4fb35f4918d" },
	};
	uint8_t value[SS_KEY_LEN], other[SS_KEY_LEN];
	size_t i;

	for (i = 0; i < LEN(rows); i++) {
		test_master(rows[i].region, rows[i].key, rows[i].cipher, 1,
		    value);
		is_hex(value, SS_KEY_LEN, rows[i].want, rows[i].region);
	}
	test_master("000000", SS_KEY_RKSSSE, SS_SM4, 2, other);
	ok(memcmp(value, other, SS_KEY_LEN) != 0, "versions differ");
	ok(ss_test_key("22", SS_KEY_IRK, SS_SM4, 1, value) == SS_EINVALID &&
	    ss_test_key("22010x", SS_KEY_IRK, SS_SM4, 1, value) ==
	    SS_EINVALID, "regions are six digits");
}

static struct ss_card_of
card_of(const struct ss_arithmetic *a, const char *city, int version)
{
	return (struct ss_card_of){ a, city, historical, version, false };
}

/* What the card's key gives by the arithmetic alone. */
static void
expect_auth(const struct ss_arithmetic *a, const char *card_key,
    uint8_t auth[SS_AUTH_LEN])
{
	struct ss_calc *calc;
	uint8_t key[SS_KEY_LEN];

	ok(ss_hex_read(card_key, key, SS_KEY_LEN) &&
	    ss_calc_new(&calc, a) == 0 && ss_calc_auth(calc, key, factor,
	    original, auth) == 0, "what is expected");
	ss_calc_free(calc);
}

/* A store with one level alone gives what every other one gives. */
static void
test_levels(void)
{
	static const char *const regions[] = { "000000", "220000", "220100" };
	static const struct {
		enum ss_cipher_name cipher;
		const char *card_key;
	} rows[] = {
		{ SS_3DES, "d2ba472f47de121d874075a20f598767" },
		{ SS_SM4, "fc672afd4b38fdac1aa9f92fe3fff5b9" },
	};
	struct ss_arithmetic a;
	struct ss_card_of card;
	struct ss_keystore *ks;
	uint8_t auth[SS_AUTH_LEN], want[SS_AUTH_LEN];
	size_t i, j;

	for (i = 0; i < LEN(regions) * LEN(rows); i++) {
		j = i % LEN(rows);
		ks = edit("file:levels");
		put_test(ks, regions[i / LEN(rows)], SS_KEY_RKSSSE,
		    rows[j].cipher, 1);
		ss_arithmetic_init(&a, rows[j].cipher);
		card = card_of(&a, "220100", 0);
		expect_auth(&a, rows[j].card_key, want);
		ok(ss_keystore_auth(ks, &card, SS_KEY_RKSSSE, factor, original,
		    auth) == 0 && memcmp(auth, want, SS_AUTH_LEN) == 0,
		    "%s from %s", ss_cipher_word(rows[j].cipher),
		    regions[i / LEN(rows)]);
		ss_keystore_close(ks);
	}
}

static void
found(const struct ss_keystore *ks, const struct ss_card_of *card,
    const char *region, int version)
{
	const struct ss_master *m;
	int r = ss_keystore_find(ks, card, SS_KEY_IRK, &m);

	ok(region == NULL ? r == SS_EMISSING && m == NULL : r == 0 &&
	    strcmp(m->region, region) == 0 && m->version == version,
	    "%s version %d: %s", card->city, card->version,
	    region != NULL ? region : "none");
}

static void
test_find(void)
{
	struct ss_arithmetic a, des;
	struct ss_keystore *ks = edit("file:find");
	struct ss_card_of card;

	ss_arithmetic_init(&a, SS_SM4);
	ss_arithmetic_init(&des, SS_3DES);
	put_test(ks, "220100", SS_KEY_IRK, SS_SM4, 1);
	put_test(ks, "220000", SS_KEY_IRK, SS_SM4, 3);
	put_test(ks, "220000", SS_KEY_IRK, SS_SM4, 2);
	put_test(ks, "000000", SS_KEY_IRK, SS_SM4, 7);
	card = card_of(&a, "220100", 0);
	found(ks, &card, "220100", 1);
	card.version = 2;
	found(ks, &card, "220000", 2);
	card.version = 7;
	found(ks, &card, "000000", 7);
	card.version = 9;
	found(ks, &card, NULL, 0);
	ok(strstr(ss_message(), "sm4") != NULL &&
	    strstr(ss_message(), "IRK") != NULL &&
	    strstr(ss_message(), "version 9") != NULL &&
	    strstr(ss_message(), "220100") != NULL &&
	    strstr(ss_message(), "ss-key import") != NULL &&
	    strstr(ss_message(), "--keys") != NULL, "%s", ss_message());
	card = card_of(&a, "220200", 0);
	found(ks, &card, "220000", 3);
	card.city = "330100";
	found(ks, &card, "000000", 7);
	card.city = "220000";
	found(ks, &card, "220000", 3);
	card = card_of(&des, "220100", 0);
	found(ks, &card, NULL, 0);
	card = card_of(&a, "2201", 0);
	ok(ss_keystore_find(ks, &card, SS_KEY_IRK,
	    &(const struct ss_master *){ NULL }) == SS_EINVALID,
	    "a city has six digits");
	ss_keystore_close(ks);
}

/* The last card's keys are kept; another card's are its own. */
static void
test_operations(void)
{
	struct ss_keystore *ks = edit("file:operations");
	uint8_t other[SS_HISTORICAL_LEN], first[SS_AUTH_LEN],
	    again[SS_AUTH_LEN], kcv[SS_KCV_LEN];
	struct ss_arithmetic a, b;
	struct ss_secured field, same;
	struct ss_card_of card;
	int i;

	for (i = 0; i < SS_KEYS; i++)
		put_test(ks, "000000", (enum ss_card_key)i, SS_SM4, 1);
	put_test(ks, "000000", SS_KEY_IRK, SS_3DES, 1);
	ss_arithmetic_init(&a, SS_SM4);
	b = a;
	b.auth_cut = SS_CUT_LEFT;
	memcpy(other, historical, sizeof(other));
	other[SS_HISTORICAL_LEN - 1] ^= 1;
	card = card_of(&a, "220100", 1);
	ss_keystore_auth(ks, &card, SS_KEY_IRK, factor, original, first);
	ss_keystore_auth(ks, &card, SS_KEY_STK, factor, original, again);
	ok(memcmp(first, again, sizeof(first)) != 0, "another key");
	ss_keystore_auth(ks, &card, SS_KEY_IRK, factor, original, again);
	ok(memcmp(first, again, sizeof(first)) == 0, "the same again");
	card.historical = other;
	ss_keystore_auth(ks, &card, SS_KEY_IRK, factor, original, again);
	ok(memcmp(first, again, sizeof(first)) != 0, "another card");
	card = card_of(&b, "220100", 1);
	ss_keystore_auth(ks, &card, SS_KEY_IRK, factor, original, again);
	ok(memcmp(first, again, sizeof(first)) != 0, "other settings");
	card = card_of(&a, "220200", 1);
	ss_keystore_auth(ks, &card, SS_KEY_IRK, factor, original, again);
	ok(memcmp(first, again, sizeof(first)) != 0, "another city");
	card = card_of(&a, "220100", 0);
	ss_keystore_auth(ks, &card, SS_KEY_IRK, factor, original, again);
	ok(memcmp(first, again, sizeof(first)) == 0, "and back");

	ok(ss_keystore_wrap_pin(ks, &card, SS_KEY_STK, factor, "123456",
	    &field) == 0 && field.len == 20, "a PIN wrapped");
	ok(ss_keystore_wrap_pin(ks, &card, SS_KEY_STK, factor, "12", &same) ==
	    SS_EINVALID && same.len == 0, "not one that is none");
	ok(ss_keystore_order(ks, &card, SS_KEY_STK, factor, SS_ORDER_BLOCK,
	    &field) == 0 && field.len == SS_MAC_LEN, "an order");
	ok(ss_keystore_order(ks, &card, SS_KEY_STK, factor,
	    SS_ORDER_RELOAD_PIN, &field) == SS_EINVALID && field.len == 0,
	    "a reload is none");
	memset(first, 0xff, sizeof(first));
	card.version = 4;
	ok(ss_keystore_auth(ks, &card, SS_KEY_IRK, factor, original, first) ==
	    SS_EMISSING && memcmp(first, (uint8_t[SS_AUTH_LEN]){ 0 },
	    sizeof(first)) == 0, "zeros without a key");
	ok(ss_keystore_kcv(ks, 0, kcv) == 0, "a check value");
	is_hex(kcv, sizeof(kcv), "e60ebc", "of SM4");
	ok(ss_keystore_kcv(ks, SS_KEYS, kcv) == 0, "and one");
	is_hex(kcv, sizeof(kcv), "075516", "of 3DES");
	ok(ss_keystore_kcv(ks, SS_KEYS + 1, kcv) == SS_EMISSING &&
	    ss_keystore_at(ks, SS_KEYS + 1) == NULL, "there are no more");
	ss_keystore_close(ks);
}

static mode_t
mode_of(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 ? st.st_mode & 07777 : 0;
}

static void
test_file(void)
{
	struct ss_keystore *ks;
	uint8_t value[SS_KEY_LEN] = { 1 };
	struct ss_master m;
	bool made;

	ok(ss_keystore_open(&ks, URI, &none) == SS_EMISSING && ks == NULL,
	    "no store there: nothing is asked");
	ok(ss_keystore_edit(&ks, URI, &none, NULL) == SS_EMISSING, "none made");
	ok(access("store", F_OK) == -1, "no folder either");
	ok(ss_keystore_edit(&ks, URI, &good, &made) == 0 && made, "made");
	ss_keystore_cost(ks, CHEAP);
	ok(access(STORE, F_OK) == -1, "but not before it is saved");
	ok(put_test(ks, "220100", SS_KEY_BK, SS_3DES, 255) == 0, "a key");
	ok(put_test(ks, "220100", SS_KEY_BK, SS_3DES, 255) == SS_EEXISTS &&
	    strstr(ss_message(), "--replace") != NULL, "which is there");
	ok(put_test(ks, "220100", SS_KEY_BK, SS_3DES, 256) == SS_EINVALID &&
	    put_test(ks, "220100", SS_KEY_BK, SS_3DES, 0) == SS_EINVALID,
	    "versions are 1 to 255");
	ok(ss_keystore_save(ks) == 0, "saved");
	ss_keystore_close(ks);
	ok(mode_of(STORE) == 0600 && mode_of("store") == 0700, "for its owner");

	ok(ss_keystore_open(&ks, URI, &bad) == SS_EAUTH && ks == NULL &&
	    strstr(ss_message(), "passphrase") != NULL, "%s", ss_message());
	ok(ss_keystore_open(&ks, URI, &none) == SS_EIO, "no passphrase");
	ok(ss_keystore_open(&ks, URI, &good) == 0 &&
	    ss_keystore_count(ks) == 1, "opened");
	m = *ss_keystore_at(ks, 0);
	ok(strcmp(m.region, "220100") == 0 && m.key == SS_KEY_BK &&
	    m.version == 255 && m.cipher == SS_3DES && m.test,
	    "as it was put");
	ok(ss_keystore_put(ks, &m, value, true) == SS_EINVALID &&
	    ss_keystore_save(ks) == SS_EINVALID, "for use alone");
	ss_keystore_close(ks);

	ks = edit(URI);
	m.test = false;
	ok(ss_keystore_put(ks, &m, value, true) == 0 &&
	    ss_keystore_count(ks) == 1, "replaced");
	ok(ss_keystore_rekey(ks, &bad) == 0 && ss_keystore_save(ks) == 0,
	    "under another passphrase");
	ss_keystore_close(ks);
	ok(ss_keystore_open(&ks, URI, &good) == SS_EAUTH, "not the old one");
	ok(ss_keystore_open(&ks, URI, &bad) == 0 &&
	    !ss_keystore_at(ks, 0)->test, "the new one");
	ss_keystore_close(ks);

	ok(ss_keystore_open(&ks, "pkcs11:x", &good) == SS_EINVALID &&
	    ss_keystore_open(&ks, "file:", &good) == SS_EINVALID &&
	    ss_keystore_open(&ks, "", &good) == SS_EINVALID, "no store");
	ss_keystore_close(NULL);
	unlink(STORE);
}

static void
write_raw(const char *path, const void *data, size_t len)
{
	FILE *f = fopen(path, "w");

	if (f == NULL || fwrite(data, 1, len, f) != len || fclose(f) != 0)
		printf("# %s: not written\n", path);
	chmod(path, 0600);
}

static int
try_raw(const void *data, size_t len)
{
	struct ss_keystore *ks;
	int r;

	write_raw("raw", data, len);
	r = ss_keystore_open(&ks, "file:raw", &good);
	ss_keystore_close(ks);
	return r;
}

static void
sealed_store(struct ss_bytes *text)
{
	struct ss_keystore *ks = edit(URI);

	put_test(ks, "220100", SS_KEY_IRK, SS_SM4, 1);
	if (ss_keystore_save(ks) != 0 ||
	    ss_bytes_read_file(text, STORE, STORE, 1 << 20) != 0)
		printf("# %s\n", ss_message());
	ss_keystore_close(ks);
}

static void
test_altered(void)
{
	static const uint8_t masks[] = { 0x01, 0x03, 0x20, 0x80 };
	struct ss_bytes text = { 0 };
	size_t i, j, taken = 0, others = 0;
	char was;
	int r;

	sealed_store(&text);
	ok(try_raw(text.data, text.len) == 0, "a copy is a store");
	for (i = 0; i < text.len; i++) {
		was = text.data[i];
		for (j = 0; j < LEN(masks); j++) {
			text.data[i] = (char)(was ^ masks[j]);
			r = try_raw(text.data, text.len);
			taken += r == 0;
			others += r != SS_EAUTH && r != SS_EINVALID;
		}
		text.data[i] = was;
	}
	ok(taken == 0, "no byte of %zu changes unseen", text.len);
	ok(others == 0, "all by auth or invalid");
	for (i = taken = 0; i < text.len; i++)
		taken += try_raw(text.data, i) == 0;
	ok(taken == 0, "nor is it cut anywhere");
	ss_bytes_adds(&text, "\n");
	ok(try_raw(text.data, text.len) == SS_EAUTH, "nor longer");
	ss_bytes_free(&text);
}

/* text with the number behind "name": replaced. */
static int
try_number(const struct ss_bytes *text, const char *name, const char *number)
{
	struct ss_bytes b = { 0 };
	const char *at = strstr(text->data, name), *end = strchr(at, ',');
	int r;

	ss_bytes_add(&b, text->data, (size_t)(at - text->data));
	ss_bytes_addf(&b, "%s: %s", name, number);
	ss_bytes_adds(&b, end);
	r = try_raw(b.data, b.len);
	ss_bytes_free(&b);
	return r;
}

static void
test_hostile(void)
{
	static const char *const numbers[] = { "0", "1", "-1", "3", "1025",
		"1073741824", "1099511627776", "4503599627370496",
		"9007199254740992", "9223372036854775807",
		"99999999999999999999", "1.5", "\"1024\"", "null" };
	struct ss_bytes text = { 0 };
	size_t i;

	sealed_store(&text);
	for (i = 0; i < LEN(numbers); i++)
		ok(try_number(&text, "\"n\"", numbers[i]) == SS_EAUTH,
		    "N %s", numbers[i]);
	for (i = 5; i < LEN(numbers); i++)
		ok(try_number(&text, "\"r\"", numbers[i]) == SS_EAUTH &&
		    try_number(&text, "\"p\"", numbers[i]) == SS_EAUTH,
		    "r or p %s", numbers[i]);
	ok(try_number(&text, "\"p\"", "8388608") == SS_EAUTH, "p of 8 GiB");
	ok(try_number(&text, "\"version\"", "2") == SS_EINVALID &&
	    strstr(ss_message(), "version 2") != NULL, "%s", ss_message());
	ok(try_raw("", 0) == SS_EAUTH && try_raw("[]", 2) == SS_EAUTH &&
	    try_raw("{}", 2) == SS_EAUTH, "not even a store");
	ss_bytes_free(&text);
}

static void
test_mode(void)
{
	static const mode_t modes[] = { 0640, 0604, 0620, 0666 };
	struct ss_keystore *ks;
	size_t i;

	for (i = 0; i < LEN(modes); i++) {
		chmod(STORE, modes[i]);
		ok(ss_keystore_open(&ks, URI, &none) == SS_EAUTH &&
		    strstr(ss_message(), "chmod 600") != NULL, "mode %o",
		    (unsigned)modes[i]);
	}
	ok(mode_of(STORE) == modes[LEN(modes) - 1], "which is not ours to mend");
	chmod(STORE, 0600);
	chmod("store", 0755);
	ok(symlink("keys", "store/link") == 0, "a link");
	ks = edit("file:store/link");
	ok(ss_keystore_save(ks) == 0, "is written through");
	ss_keystore_close(ks);
	ok(readlink("store/link", (char[8]){ 0 }, 8) == 4 &&
	    mode_of(STORE) == 0600, "and stays one, in an open folder");
}

/* Each of several processes adds a key; none is lost. */
static void
test_writers(void)
{
	struct ss_keystore *ks;
	int i, status, failed = 0;

	for (i = 1; i <= 6; i++) {
		if (fork() != 0)
			continue;
		ks = edit("file:shared");
		status = put_test(ks, "220100", SS_KEY_IRK, SS_SM4, i) != 0 ||
		    ss_keystore_save(ks) != 0;
		ss_keystore_close(ks);
		_exit(status);
	}
	while (wait(&status) != -1)
		failed += status != 0;
	ok(failed == 0 && ss_keystore_open(&ks, "file:shared", &good) == 0 &&
	    ss_keystore_count(ks) == 6, "six at once");
	ss_keystore_close(ks);
}

/* Writes one version after the other until it is killed. */
static void
write_on(int fd)
{
	struct ss_keystore *ks = edit("file:killed");
	int i;

	for (i = 2; i <= 255; i++)
		if (put_test(ks, "220100", SS_KEY_IRK, SS_SM4, i) != 0 ||
		    ss_keystore_save(ks) != 0 || write(fd, "", 1) != 1)
			break;
	_exit(1);
}

static void
test_killed(void)
{
	struct ss_keystore *ks;
	size_t whole = 0, grown = 0;
	volatile int spin;
	int i, j, fds[2];
	pid_t pid;
	char c;

	for (i = 0; i < 30; i++) {
		unlink("killed");
		ks = edit("file:killed");
		put_test(ks, "220100", SS_KEY_IRK, SS_SM4, 1);
		ss_keystore_save(ks);
		ss_keystore_close(ks);
		if (pipe(fds) == -1 || (pid = fork()) == -1)
			break;
		if (pid == 0)
			write_on(fds[1]);
		for (j = 0; j <= i % 3; j++)
			if (read(fds[0], &c, 1) != 1)
				break;
		/* Somewhere in the next writing. */
		for (spin = 0; spin < i * 200000; spin++)
			;
		kill(pid, SIGKILL);
		waitpid(pid, NULL, 0);
		close(fds[0]);
		close(fds[1]);
		if (ss_keystore_open(&ks, "file:killed", &good) == 0) {
			whole++;
			grown += ss_keystore_count(ks) > (size_t)i % 3 + 1;
		}
		ss_keystore_close(ks);
	}
	ok(whole == 30, "whole after each of 30 kills");
	ok(grown == 30, "what was saved is kept");
}

int
main(void)
{
	char dir[] = "/tmp/sscard-keys.XXXXXX", command[64];
	int r;

	if (mkdtemp(dir) == NULL || chdir(dir) == -1)
		return 1;
	test_test_keys();
	test_levels();
	test_find();
	test_operations();
	test_file();
	test_altered();
	test_hostile();
	test_mode();
	test_writers();
	test_killed();
	r = done();
	snprintf(command, sizeof(command), "rm -rf %s", dir);
	return system(command) == 0 ? r : 1;
}
