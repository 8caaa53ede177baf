/* The software card by its commands, beside the client's own arithmetic. */
#include "../card.h"

#define NAME_IN "091ed5c5c8fd0000000000000000000000000000000000000000000000000000"
#define WRITE_NAME "00dc023420" NAME_IN

static struct ss_profiles *profiles;
static char folder[] = "/tmp/sscard-card.XXXXXX";

/* --- what every card does */

static void
test_select(struct card *c)
{
	int64_t g = c->profile->generation;

	said(c, "00a4040010ffffffffffffffffffffffffffffffff", "6a82",
	    "a foreign name");
	said(c, "00a404000f7378312e73682ec9e7bbe1b1a3d5ce", "6a82",
	    "nearly SSSE");
	said(c, "00a404000e7378312e73682ec9e7bbe1b1a3d5", "6a82",
	    "a part of its name");
	said(c, "00a40000023f00", "6117", "MF");
	said(c, "00c0000017",
	    "6f15840e315041592e5359532e4444463031a5038801019000", "its name");
	said(c, "00c0000017", "6985", "which is gone then");
	said(c, "00a404000e315041592e5359532e4444463031", "6117",
	    "MF by name");
	said(c, SSSE, g == 1 ? "6118" : "611e", "SSSE by name");
	said(c, "00c00000ff", g == 1 ? "6c18" : "6c1e", "too much is wanted");
	said(c, "00c0000002", g == 1 ? "6f166116" : "6f1c611c", "a part");
	ask(c, SSSE);
	is(c->hex, g == 1 ? "6f16840f7378312e73682ec9e7bbe1b1a3d5cfa50388011e"
	    "9000" : g == 2 ? "6f1c840f7378312e73682ec9e7bbe1b1a3d5cfa5098801"
	    "1e9f0c038601019000" : "6f1c840f7378312e73682ec9e7bbe1b1a3d5cfa509"
	    "88011e9f0c038601039000", "its FCI");
	said(c, "00a4000002ddf1", g == 1 ? "6118" : "611e", "SSSE by FID");
	said(c, "00a4000c02ddf1", "9000", "without FCI");
	said(c, "00a4000002ef05", "6110", "EF05");
	said(c, "00c0000010", g == 3 || g == 2 || g == 1 ?
	    "6f0e800200408201048302ef058801289000" : "", "its header");
	said(c, "00a4020002ef06", "6110", "EF06 with P1 02");
	said(c, "00a4020002df01", "6a82", "which no folder takes");
	said(c, "00a4000002ef09", "6a82", "a file that is not there");
	said(c, "00a40000023f01", "6a82", "nor a folder");
	said(c, "00a4000002df06", "6a82", "nor that");
	said(c, "00a4040006d15600000503", "610f", "DF04 by name");
	said(c, "00c000000f", "6f0d8406d15600000503a5038801019000",
	    "its name");
	said(c, "00a4040006d15600000505", "6a82", "there is no DF06");
	said(c, "00a4000002df02", "610f", "DF02 by FID");
	said(c, "00a4000002ef05", "6a82", "which has no EF05");
	said(c, "00a4010002df01", "6a86", "P1 01");
	said(c, "00a4000402df01", "6a86", "P2 04");
	said(c, "00a4000003df0100", "6700", "three bytes");
	said(c, "00a40400", "6700", "no name");
	said(c, "00a40000", "6117", "no FID is MF");
}

static void
test_refusals(struct card *c)
{
	static const struct {
		const char *command, *sw;
	} rows[] = {
		{ "", "6700" }, { "00", "6700" }, { "00a404", "6700" },
		{ "00a404000f73", "6700" }, { "00a40400017378", "6700" },
		{ "00a40400007378", "6700" }, { "00e00000", "6d00" },
		{ "0070000001", "6d00" }, { "0060000000", "6d00" },
		{ "8070000001", "6d00" }, { "8411000000", "6d00" },
		{ "80a40000023f00", "6e00" }, { "ffa40000023f00", "6e00" },
		{ "a0a40000023f00", "6e00" }, { "01a40000023f00", "6e00" },
		{ "c0b0000000", "6e00" }, { "04200000", "6e00" },
		{ "0084010008", "6a86" }, { "0084000108", "6a86" },
		{ "0084000005", "6700" }, { "00840000", "6700" },
		{ "0084000000", "6700" }, { "008400000800000000000000ff",
		    "6700" }, { "00c0010001", "6a86" },
		{ "00c0000001", "6985" }, { "00200001", "6a86" },
		{ "00200000", "6700" }, { "002000000112", "6700" },
		{ "0020000009123456789012345678", "6700" },
		{ "805e000006123456ff654321", "6a86" },
		{ "805e010000", "6700" }, { "805e010003123456", "6700" },
		{ "805e010006123456654321", "6a80" },
		{ "805e01000a12341234123412341234", "6a80" },
		{ "805e010007123456ff123456", "6a80" },	/* the initial one */
		{ "805e010007123456ff12345a", "6a80" },
		{ "805e010005123456ff12", "6a80" },
		{ "0088000010" "00000000000000000000000000000000", "6a88" },
		{ "0082000410" "00000000000000000000000000000000", "6a88" },
		{ "84240000", "6987" }, { "8424000004" "00000000", "6985" },
		{ "84240002", "6a86" }, { "841e000200", "6a86" },
		{ "8424000103" "000000", "6700" },
		{ "8424000104" "00000000", "6700" },
		{ "00b0000001", "6986" }, { "00b2010412", "6986" },
		{ "00b0850001", "6a82" }, { "00b2012c12", "6a82" },
		{ "00b09f0001", "6a86" }, { "00b0800001", "6a86" },
		{ "00b0a50001", "6a86" }, { "00b201fc12", "6a86" },
		{ "00b2010612", "6a86" }, { "00dc010512", "6700" },
		{ "00dc01050101", "6a86" }, { "00d60000", "6700" },
		{ "00d600000100", "6986" },
	};
	size_t i;

	card_again(c);
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		said(c, rows[i].command, rows[i].sw, rows[i].command);
}

/* Blank files, each way to read them. */
static void
test_reading(struct card *c)
{
	bool third = c->profile->generation == 3;

	card_again(c);
	enter_ssse(c);
	said(c, "00b2012c12", "0110440305d15600000501020304ffffffff9000",
	    "the identifier by SFI");
	said(c, "00b2020403", "0201319000", "the class, from the current EF");
	said(c, "00b2030406", third ? "0304332e30309000" :
	    c->profile->generation == 2 ? "0304322e30309000" :
	    "0304312e30309000", "the version");
	said(c, "00b2040400", "6c0e", "Le 00 by T=0");
	said(c, "00b204040d", "6c0e", "Le too small");
	said(c, "00b204040f", "6c0e", "Le too large");
	said(c, "00b2030006", third ? "0304332e30309000" :
	    c->profile->generation == 2 ? "0304322e30309000" :
	    "0304312e30309000", "by tag");
	said(c, "00b2032806", third ? "0304332e30309000" :
	    c->profile->generation == 2 ? "0304322e30309000" :
	    "0304312e30309000", "by SFI and tag");
	said(c, "00b2050406", "0504ffffffff9000", "the blank issue date");
	said(c, "00b2070400", third ? "6982" : "6c0b", "the card number");
	said(c, "00b2082c00", "6a83", "there is no record 8");
	said(c, "00b2002c00", "6a83", "nor 0");
	said(c, "00b2992800", "6a83", "nor tag 99");
	said(c, "00b2012d00", third ? "6982" : "6c40", "all of EF05");
	said(c, "00b2052d00", third ? "6982" : "6c17", "from 5 to the end");
	said(c, "00b0850000", "6981", "as bytes");
	said(c, "00b2013400", third ? "6982" : "6c14", "the holder's number");
	said(c, "00b2013c00", c->profile->generation == 1 ? "6a82" : "6981",
	    "EF07 as records");
	said(c, "00b0870010", c->profile->generation == 1 ? "6a82" : "6982",
	    "EF07 without key");
	if (c->profile->generation == 1)
		return;
	authenticate(c, third ? SS_KEY_RKSSSE : SS_KEY_UKSSSE);
	said(c, "00b0870004", "ffffffff9000", "EF07 with it");
	means(c, say(c, "00b0880000"), 0x9000, "EF08");
	ok(c->len == 258, "%s: 256 bytes of it", c->profile->name);
	said(c, "00b00ffc04", "ffffffff9000", "the last four");
	said(c, "00b00ffc05", "6c04", "and one more");
	said(c, "00b00ffc00", "6c04", "or as many as there are");
	said(c, "00b0100001", "6b00", "behind them");
	if (third) {
		said(c, "00b207040b", "6981", "the current file has none");
		said(c, "00b2072c0b", "0709ffffffffffffffffff9000",
		    "the number with key");
	}
}

static void
test_writing(struct card *c)
{
	bool first = c->profile->generation == 1;

	card_again(c);
	enter_ssse(c);
	said(c, WRITE_NAME, "6982", "no writing without key");
	means(c, authenticate(c, SS_KEY_UKSSSE), 0x9000, "UKSSSE");
	said(c, WRITE_NAME, "9000", "the name");
	if (c->profile->generation == 3)
		said(c, "00b2023420", "6982", "not read with this key");
	means(c, authenticate(c, SS_KEY_RKSSSE), 0x9000, "RKSSSE");
	said(c, "00b2023420", NAME_IN "9000", "read");
	said(c, "00dc0934200930" "ff", "6700", "a length that is wrong");
	said(c, "00dc02340409010203", "6700", "a record too short");
	said(c, "00dc0134140912" "303132333435363738393031323334353637",
	    "6a80", "another tag");
	said(c, "00dc0134140811" "303132333435363738393031323334353637",
	    "6a80", "another length inside");
	said(c, "00dc083014" "0812303132333435363738393031323334353637",
	    "9000", "by tag, both keys being held");
	said(c, "00b2013414" , "0812303132333435363738393031323334353637"
	    "9000", "and read");
	said(c, "00dc0a34030a0131", "6a83", "no record 10");
	if (!first) {
		said(c, "00d6880004deadbeef", "9000", "EF08");
		said(c, "00d60ffe021122", "9000", "its end");
		said(c, "00d60ffe03112233", "6a84", "over its end");
		said(c, "00d610000111", "6b00", "behind its end");
		said(c, "00dc010403080131", "6981", "as records");
	}
	card_reopen(c);
	enter_ssse(c);
	means(c, authenticate(c, SS_KEY_RKSSSE), 0x9000, "again");
	said(c, "00b2023420", NAME_IN "9000", "it was kept");
	if (!first) {
		authenticate(c, SS_KEY_UKSSSE);
		said(c, "00b0880005", "deadbeefff9000", "EF08 too");
	}
	said(c, "00a4000002ddf1", first ? "6118" : "611e", "selected again");
	said(c, WRITE_NAME, "6982", "the keys are forgotten");
}

/* --- authentication */

static void
test_internal(struct card *c)
{
	uint8_t data[17], auth[SS_AUTH_LEN];
	char want[2 * SS_AUTH_LEN + 5];

	card_again(c);
	enter_ssse(c);
	must(ss_random(data, 16) == 0 && ss_calc_auth(c->calc,
	    c->keys[SS_KEY_IRK], data, data + 8, auth) == 0, "IRK");
	ss_hex(auth, sizeof(auth), want);
	strcat(want, "9000");
	means(c, say_data(c, "00880000", data, 16), 0x6108, "INTERNAL");
	said(c, "00c0000008", want, "the card and its client agree");
	data[16] = 1;
	means(c, say_data(c, "00880000", data, 17), 0x6108, "version 1");
	said(c, "00c0000008", want, "is the same key");
	data[16] = 2;
	means(c, say_data(c, "00880000", data, 17), 0x6a88, "no version 2");
	means(c, say_data(c, "00880000", data, 8), 0x6700, "a part");
	means(c, say_data(c, "00880100", data, 16), 0x6a86, "P1");
}

static void
test_external(struct card *c)
{
	uint8_t factor[SS_FACTOR_LEN], data[17] = { 0 };

	card_again(c);
	enter_ssse(c);
	means(c, say_data(c, "00820004", data, 16), 0x6984, "no challenge");
	challenge(c, factor);
	means(c, authenticate_with(c, SS_KEY_BK, factor, 0), 0x9000, "BK");
	means(c, authenticate_with(c, SS_KEY_BK, factor, 0), 0x6984,
	    "a challenge serves once");
	challenge(c, factor);
	means(c, authenticate_with(c, SS_KEY_BK, factor, 1), 0x63c2,
	    "two tries are left");
	means(c, authenticate_with(c, SS_KEY_BK, factor, 0), 0x6984,
	    "a wrong one uses it up too");
	challenge(c, factor);
	means(c, authenticate_with(c, SS_KEY_BK, factor, 1), 0x63c1, "one");
	means(c, authenticate(c, SS_KEY_BK), 0x9000, "right again");
	challenge(c, factor);
	say(c, "00b2012c12");
	means(c, authenticate_with(c, SS_KEY_UKSSSE, factor, 0), 0x9000,
	    "other commands leave the challenge alone");
	say(c, "0084000010");
	memcpy(factor, c->response, sizeof(factor));
	means(c, authenticate_with(c, SS_KEY_UKSSSE, factor, 0), 0x6984,
	    "sixteen bytes, where eight are wanted");
	say(c, "0084000004");
	memset(factor, 0, sizeof(factor));
	memcpy(factor, c->response, 4);
	means(c, authenticate_with(c, SS_KEY_UKSSSE, factor, 0), 0x6984,
	    "and four; no try is lost");
	challenge(c, factor);
	data[16] = 9;
	means(c, say_data(c, "00820004", data, 17), 0x6a88, "no version 9");
	means(c, say_data(c, "00820000", data, 16), 0x6a88, "IRK is not one");
	means(c, say_data(c, "00820077", data, 16), 0x6a88, "no such key");
	means(c, say_data(c, "00820104", data, 16), 0x6a86, "P1");
	means(c, say_data(c, "00820004", data, 15), 0x6700, "a part");
	means(c, authenticate_with(c, SS_KEY_UKSSSE, factor, 0), 0x9000,
	    "none of these used it");
}

/* A key that is worn out stays so; the last of the tests with it. */
static void
test_worn_out(struct card *c)
{
	uint8_t factor[SS_FACTOR_LEN];
	int i;

	card_again(c);
	enter_ssse(c);
	authenticate(c, SS_KEY_UKSSSE);
	for (i = 2; i >= 0; i--) {
		challenge(c, factor);
		means(c, authenticate_with(c, SS_KEY_UKSSSE, factor, 1),
		    0x63c0 + (unsigned int)i, "wrong");
	}
	said(c, WRITE_NAME, "6982", "what was held is lost");
	means(c, authenticate(c, SS_KEY_UKSSSE), 0x6983, "blocked");
	card_reopen(c);
	enter_ssse(c);
	means(c, authenticate(c, SS_KEY_UKSSSE), 0x6983, "for good");
	means(c, authenticate(c, SS_KEY_RKSSSE), 0x9000, "others are not");
}

/* --- the PIN */

static void
test_pin(struct card *c)
{
	card_again(c);
	said(c, "0020000003123456", "9000", "the initial PIN");
	said(c, "0020000003654321", "63c5", "a wrong one");
	said(c, "00200000041234560f", "63c4", "longer");
	said(c, "0020000003123456", "9000", "all tries again");
	said(c, "805e010007111111ff654321", "63c5", "CHANGE, a wrong old one");
	said(c, "805e010007123456ff654321", "9000", "CHANGE");
	said(c, "0020000003123456", "63c5", "the old one is wrong now");
	card_reopen(c);
	said(c, "0020000003654321", "9000", "the new one");
	said(c, "805e010007654321ff12345f", "9000", "five digits");
	said(c, "002000000312345f", "9000", "verified");
	said(c, "805e01000c12345fff1234567890123456", "9000", "sixteen");
	said(c, "00200000081234567890123456", "9000", "verified");
}

static void
test_orders_of_pin(struct card *c)
{
	int i;

	card_again(c);
	enter_ssse(c);
	for (i = 5; i >= 0; i--) {
		say(c, "0020000003000000");
		means(c, sw_of(c), 0x63c0 + (unsigned int)i, "wrong");
	}
	said(c, "0020000003123456", "6983", "blocked");
	said(c, "805e010007123456ff111111", "6983", "for CHANGE");
	means(c, order(c, SS_ORDER_UNBLOCK_PIN, NULL, 0), 0x6982,
	    "PUK comes first");
	means(c, authenticate(c, SS_KEY_PUK), 0x9000, "PUK");
	said(c, "842400000400000000", "6984", "and a challenge");
	means(c, order(c, SS_ORDER_UNBLOCK_PIN, NULL, 1), 0x6988,
	    "a wrong MAC");
	means(c, order(c, SS_ORDER_UNBLOCK_PIN, NULL, 0), 0x9000, "unblocked");
	said(c, "0020000003123456", "9000", "the PIN is the same");
	means(c, order(c, SS_ORDER_RELOAD_PIN, "135791", 1), 0x6988,
	    "reload, a wrong MAC");
	means(c, order(c, SS_ORDER_RELOAD_PIN, "135791", 0), 0x9000, "reload");
	said(c, "0020000003135791", "9000", "the new PIN");
	means(c, order(c, SS_ORDER_RELOAD_PIN, "1234567890123456", 0), 0x9000,
	    "one that needs more blocks");
	said(c, "00200000081234567890123456", "9000", "is set");
	means(c, order(c, SS_ORDER_RELOAD_PIN, "12345", 0), 0x9000, "odd");
	said(c, "002000000312345f", "9000", "is set");
}

/* --- locks */

static bool
selected(struct card *c, unsigned int sw, const char *what)
{
	return means(c, ask(c, SSSE), sw, what);
}

static void
test_block(struct card *c)
{
	card_again(c);
	enter_ssse(c);
	means(c, order(c, SS_ORDER_BLOCK, NULL, 0), 0x6982, "BK comes first");
	means(c, authenticate(c, SS_KEY_BK), 0x9000, "BK");
	means(c, order(c, SS_ORDER_UNBLOCK, NULL, 0), 0x6985, "not blocked");
	means(c, order(c, SS_ORDER_BLOCK, NULL, 1), 0x6988, "a wrong MAC");
	means(c, order(c, SS_ORDER_BLOCK, NULL, 0), 0x9000, "blocked");
	means(c, order(c, SS_ORDER_BLOCK, NULL, 0), 0x6985, "already");
	card_reopen(c);
	selected(c, 0x6283, "says so");
	ok(c->len > 20, "%s: with its FCI", c->profile->name);
	said(c, "00b2012c12", "0110440305d15600000501020304ffffffff9000",
	    "which card can be seen");
	authenticate(c, SS_KEY_UKSSSE);
	said(c, WRITE_NAME, "6a81", "nothing is written");
	said(c, "0020000003123456", "6a81", "no PIN");
	say(c, "00a40000023f00");
	said(c, "0020000003123456", "6a81", "nor from elsewhere");
	enter_ssse(c);
	means(c, authenticate(c, SS_KEY_BK), 0x9000, "BK");
	means(c, order(c, SS_ORDER_UNBLOCK, NULL, 1), 0x6988, "wrong once");
	means(c, order(c, SS_ORDER_UNBLOCK, NULL, 0), 0x9000, "unblocked");
	selected(c, 0x9000, "as before");
}

static void
test_locked(struct card *c)
{
	card_again(c);
	enter_ssse(c);
	authenticate(c, SS_KEY_BK);
	order(c, SS_ORDER_BLOCK, NULL, 0);
	means(c, order(c, SS_ORDER_UNBLOCK, NULL, 1), 0x6988, "wrong");
	means(c, order(c, SS_ORDER_UNBLOCK, NULL, 1), 0x6988, "twice");
	means(c, order(c, SS_ORDER_UNBLOCK, NULL, 1), 0x9303, "thrice");
	means(c, order(c, SS_ORDER_UNBLOCK, NULL, 0), 0x9303, "for good");
	selected(c, 0x9303, "SSSE");
	said(c, "00b2012c12", "9303", "no reading");
	said(c, "00a40000023f00", "6117", "MF is there");
	ss_softcard_reset(c->card);
	card_again(c);
	selected(c, 0x9000, "a new card");
	authenticate(c, SS_KEY_BK);
	means(c, order(c, SS_ORDER_BLOCK_FOREVER, NULL, 0), 0x9000, "forever");
	selected(c, 0x9303, "is forever");
}

static void
test_dead(struct card *c)
{
	ss_softcard_reset(c->card);
	card_again(c);
	enter_ssse(c);
	authenticate(c, SS_KEY_BK);
	means(c, order(c, SS_ORDER_BLOCK_CARD, NULL, 0), 0x9000, "the card");
	card_reopen(c);
	said(c, SSSE, "6a81", "is locked");
	said(c, "00a40000023f00", "6a81", "all of it");
	said(c, "0084000008", "6a81", "whatever is said");
	said(c, "00", "6a81", "also nonsense");
	ss_softcard_reset(c->card);
	card_again(c);
	selected(c, 0x9000, "until it is made anew");
}

int
main(void)
{
	static void (*const tests[])(struct card *) = { test_select,
		test_refusals, test_reading, test_writing, test_internal,
		test_external, test_worn_out, test_pin, test_orders_of_pin,
		test_block, test_locked, test_dead };
	struct card c;
	size_t i, j;

	must(ss_profiles_open(&profiles, data_dir()) == 0 &&
	    mkdtemp(folder) != NULL, "start");
	for (i = 0; i < ss_profiles_count(profiles); i++) {
		card_new(&c, folder, profiles, ss_profiles_at(profiles, i));
		for (j = 0; j < sizeof(tests) / sizeof(tests[0]); j++) {
			ss_softcard_reset(c.card);
			tests[j](&c);
		}
		card_end(&c);
	}
	rmdir(folder);
	ss_profiles_close(profiles);
	return done();
}
