/* Software cards of other kinds than the three: T=1, extended lengths, chains,
 * and each setting of the arithmetic, beside the client's. */
#include "../card.h"

static char folder[] = "/tmp/sscard-card.XXXXXX";
static char data[64];
static struct ss_profiles *profiles;

/* A profile each: the first generation that it is like, and what is changed. */
static const struct {
	const char *name, *text;
} kinds[] = {
	{ "long", "{\"like\":\"gen3\",\"match\":{\"versions\":[\"9.10\"]},"
	    "\"extended\":true}" },
	{ "retail", "{\"like\":\"gen2\",\"match\":{\"versions\":[\"9.20\"]},"
	    "\"arithmetic\":{\"mac_rule\":\"retail\",\"mac_start\":"
	    "\"challenge\",\"mac_key\":\"none\"}}" },
	{ "pads", "{\"like\":\"gen2\",\"match\":{\"versions\":[\"9.30\"]},"
	    "\"arithmetic\":{\"pin_pad\":\"zero\",\"mac_pad\":\"80-partial\","
	    "\"mac_key\":\"pair\",\"session\":\"pair\"}}" },
	{ "fold", "{\"like\":\"gen3\",\"match\":{\"versions\":[\"9.40\"]},"
	    "\"arithmetic\":{\"auth_cut\":\"left\",\"mac_cut\":\"left\","
	    "\"session\":\"pair\",\"mac_start\":\"challenge\","
	    "\"mac_pad\":\"zero\"}}" },
	{ "old", "{\"like\":\"gen1\",\"match\":{\"versions\":[\"9.50\"]},"
	    "\"select\":{\"fid\":\"3F00\"},\"auth\":{\"together\":false},"
	    "\"pin\":{\"query\":true,\"tries\":3},\"keys\":{\"BK\":{\"tries\":0"
	    "}},\"orders\":{\"unblock_tries\":0},\"city_prefecture\":false}" },
};
#define KINDS (sizeof(kinds) / sizeof(kinds[0]))

static void
make_profiles(void)
{
	static const char *const given[] = { "gen1", "gen2", "gen3" };
	char path[256], at[256], *to;
	FILE *f;
	size_t i;

	snprintf(data, sizeof(data), "%s/data", folder);
	snprintf(path, sizeof(path), "%s/profiles", data);
	must(mkdir(data, 0700) == 0 && mkdir(path, 0700) == 0, "folders");
	for (i = 0; i < 3; i++) {
		snprintf(at, sizeof(at), "%s/profiles/%s.json", data_dir(),
		    given[i]);
		snprintf(path, sizeof(path), "%s/profiles/%s.json", data,
		    given[i]);
		must((to = realpath(at, NULL)) != NULL &&
		    symlink(to, path) == 0, "profiles");
		free(to);
	}
	for (i = 0; i < KINDS; i++) {
		snprintf(path, sizeof(path), "%s/profiles/%s.json", data,
		    kinds[i].name);
		must((f = fopen(path, "w")) != NULL &&
		    fputs(kinds[i].text, f) != EOF && fclose(f) == 0,
		    "profiles");
	}
	must(ss_profiles_open(&profiles, data) == 0, "profiles");
}

static void
remove_profiles(void)
{
	static const char *const given[] = { "gen1", "gen2", "gen3" };
	char path[256];
	size_t i;

	ss_profiles_close(profiles);
	for (i = 0; i < 3 + KINDS; i++) {
		snprintf(path, sizeof(path), "%s/profiles/%s.json", data,
		    i < 3 ? given[i] : kinds[i - 3].name);
		unlink(path);
	}
	snprintf(path, sizeof(path), "%s/profiles", data);
	rmdir(path);
	rmdir(data);
	rmdir(folder);
}

static void
make(struct card *c, const char *name, bool t1, int version)
{
	struct ss_softcard_setup setup = { .region = "440305",
		.serial = 77, .key_version = version, .t1 = t1,
		.ta1 = t1 ? 0x96 : 0 };

	must(ss_profiles_find(profiles, name, &setup.profile) == 0, name);
	card_make(c, folder, profiles, &setup);
}

/* Everything that a key has a part in. */
static void
test_arithmetic(const char *name, int version)
{
	uint8_t bytes[17], auth[SS_AUTH_LEN];
	struct card c;

	make(&c, name, true, version);
	enter_ssse(&c);
	memset(bytes, 0x33, sizeof(bytes));
	bytes[16] = (uint8_t)version;
	must(ss_calc_auth(c.calc, c.keys[SS_KEY_IRK], bytes, bytes + 8,
	    auth) == 0, "auth");
	means(&c, say_data(&c, "00880000", bytes, 17), 0x6700,
	    "T=1: without Le nothing was wanted");
	say(&c, "0088000011" "33333333333333333333333333333333" "0108");
	ok(version != 1 || (c.len == 10 && memcmp(c.response, auth, 8) == 0),
	    "%s: genuine", name);
	ok(version == 1 || sw_of(&c) == 0x6a88, "%s: only its version", name);
	means(&c, authenticate(&c, SS_KEY_PUK), 0x9000, "PUK");
	means(&c, order(&c, SS_ORDER_RELOAD_PIN, "1234567890123456", 0),
	    0x9000, "a long PIN");
	said(&c, "00200000081234567890123456", "9000", "is set");
	means(&c, order(&c, SS_ORDER_RELOAD_PIN, "246802", 0), 0x9000,
	    "a short one");
	said(&c, "0020000003246802", "9000", "is set");
	means(&c, order(&c, SS_ORDER_RELOAD_PIN, "246802", 1), 0x6988,
	    "a wrong MAC");
	means(&c, order(&c, SS_ORDER_UNBLOCK_PIN, NULL, 0), 0x9000, "unblock");
	means(&c, authenticate(&c, SS_KEY_BK), 0x9000, "BK");
	means(&c, order(&c, SS_ORDER_BLOCK, NULL, 0), 0x9000, "block");
	means(&c, order(&c, SS_ORDER_UNBLOCK, NULL, 0), 0x9000, "unblock");
	card_end(&c);
}

static void
test_t1(void)
{
	static const uint8_t atr[] = { 0x3b, 0xfd, 0x96, 0x00, 0x00, 0x81, 0x31,
		0xfe, 0x45, 0x53, 0x53, 0x4f, 0x53, 0x31, 0x53, 0x43, 0x44,
		0x03, 0x00, 0x00, 0x00, 0x4d };
	const uint8_t *got;
	struct ss_atr parsed;
	struct card c;
	size_t len;

	make(&c, "gen3", true, 1);
	got = ss_softcard_atr(c.card, &len);
	ok(len == sizeof(atr) + 1 && memcmp(got, atr, sizeof(atr)) == 0,
	    "the ATR of T=1");
	ok(ss_atr_parse(got, len, &parsed) == 0 && parsed.t1 && !parsed.t0 &&
	    parsed.ta1 == 0x96, "with TA1 and a right TCK");
	said(&c, SSSE, "9000", "SELECT without Le");
	said(&c, SSSE "00", "6f1c840f7378312e73682ec9e7bbe1b1a3d5cfa50988011e"
	    "9f0c038601039000", "and with Le 00, at once");
	said(&c, SSSE "05", "6c1e", "a Le that is wrong");
	said(&c, "00b2032c00", "0304332e30309000", "Le 00 is all there is");
	said(&c, "00b2032c07", "6c06", "more than there is");
	said(&c, "00b2032c", "6700", "no Le");
	said(&c, "00c0000000", "6985", "GET RESPONSE has nothing");
	said(&c, "00b2032c000006", "6700", "no extended lengths");
	said(&c, "0084000008" "00", "6700", "a challenge of no length");
	card_end(&c);
}

/* Data of a pattern, as the photo. */
static void
fill(uint8_t *p, size_t len)
{
	size_t i;

	for (i = 0; i < len; i++)
		p[i] = (uint8_t)(i * 7 + i / 256);
}

static void
test_extended(void)
{
	static const uint8_t header[] = { 0x00, 0xd6, 0x88, 0x00, 0x00, 0x10,
		0x00 };
	uint8_t command[7 + 4096], photo[4096];
	struct card c;

	make(&c, "long", true, 1);
	enter_ssse(&c);
	authenticate(&c, SS_KEY_UKSSSE);
	authenticate(&c, SS_KEY_RKSSSE);
	memcpy(command, header, sizeof(header));
	fill(photo, sizeof(photo));
	memcpy(command + 7, photo, sizeof(photo));
	send_bytes(&c, command, sizeof(command));
	means(&c, sw_of(&c), 0x9000, "4096 bytes in one command");
	means(&c, say(&c, "00b0880000" "0000"), 0x9000, "and read");
	ok(c.len == 4098 && memcmp(c.response, photo, 4096) == 0,
	    "all of them");
	means(&c, say(&c, "00b0880000" "1000"), 0x9000, "with their number");
	ok(c.len == 4098, "all of them");
	means(&c, say(&c, "00b0880000" "0800"), 0x9000, "half");
	ok(c.len == 2050, "of them");
	card_end(&c);
}

static void
test_chain(void)
{
	uint8_t photo[600];
	struct card c;

	make(&c, "gen3", false, 1);
	enter_ssse(&c);
	authenticate(&c, SS_KEY_UKSSSE);
	authenticate(&c, SS_KEY_RKSSSE);
	fill(photo, sizeof(photo));
	means(&c, say_data(&c, "10d68800", photo, 255), 0x9000, "a link");
	means(&c, say_data(&c, "10d68800", photo + 255, 255), 0x9000, "next");
	said(&c, "00b0880004", "6883", "another command breaks the chain");
	said(&c, "00b0880004", "000000009000", "and nothing was done");
	say_data(&c, "10d68800", photo, 255);
	say_data(&c, "10d68800", photo + 255, 255);
	means(&c, say_data(&c, "00d68800", photo + 510, 90), 0x9000, "last");
	say(&c, "00b0880000");
	ok(c.len == 258 && memcmp(c.response, photo, 256) == 0, "the start");
	say(&c, "00b0020058");
	ok(c.len == 90 && memcmp(c.response, photo + 512, 88) == 0, "the end");
	said(&c, "10b0880004", "6700", "no link without data");
	said(&c, "90d688000100", "6e00", "class 90 is another one");
	say_data(&c, "10d68800", photo, 255);
	card_again(&c);
	enter_ssse(&c);
	said(&c, "00b2032c06", "0304332e30309000", "power ends a chain");
	card_end(&c);
}

/* SSSE is the master file, keys replace each other, VERIFY tells the tries. */
static void
test_old(void)
{
	uint8_t factor[SS_FACTOR_LEN];
	struct card c;
	int i;

	make(&c, "old", false, 3);
	said(&c, "00b2032c06", "0304392e35309000", "SSSE is there at once");
	said(&c, "00a40000023f00", "6118", "as 3F00");
	said(&c, "00200000", "63c3", "VERIFY without data");
	said(&c, "0020000003000000", "63c2", "a wrong PIN");
	said(&c, "0020000000", "63c2", "and again without");
	means(&c, authenticate(&c, SS_KEY_UKSSSE), 0x9000, "UKSSSE");
	said(&c, "00dc052c060504" "20260101", "9000", "holds");
	means(&c, authenticate(&c, SS_KEY_RKSSSE), 0x9000, "RKSSSE");
	said(&c, "00dc052c060504" "20260101", "6982", "instead of UKSSSE");
	for (i = 0; i < 20; i++) {
		challenge(&c, factor);
		authenticate_with(&c, SS_KEY_BK, factor, 1);
	}
	means(&c, sw_of(&c), 0x6300, "a key without counter");
	authenticate(&c, SS_KEY_BK);
	means(&c, order(&c, SS_ORDER_BLOCK, NULL, 0), 0x9000, "blocked");
	for (i = 0; i < 20; i++)
		order(&c, SS_ORDER_UNBLOCK, NULL, 1);
	means(&c, sw_of(&c), 0x6988, "any number of wrong MACs");
	means(&c, order(&c, SS_ORDER_UNBLOCK, NULL, 0), 0x9000, "unblocked");
	card_end(&c);
}

int
main(void)
{
	size_t i;

	must(mkdtemp(folder) != NULL, "start");
	make_profiles();
	test_t1();
	test_extended();
	test_chain();
	test_old();
	for (i = 0; i < KINDS; i++)
		test_arithmetic(kinds[i].name, i % 2 == 0 ? 1 : 200);
	remove_profiles();
	return done();
}
