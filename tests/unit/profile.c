/*
 * The profiles as they are installed, and every kind of fault in one that is
 * put beside them in a folder of its own.
 */
#include <sys/stat.h>

#include <limits.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/err.h"
#include "chip/profile.h"
#include "../tap.h"

static const char *data_dir;
static char dir[] = "/tmp/profile.XXXXXX";

static void
must(bool good, const char *what)
{
	if (good)
		return;
	printf("Bail out! %s: %s\n", what, ss_message());
	exit(1);
}

static void
put(const char *name, const char *text)
{
	char path[PATH_MAX];
	FILE *f;

	snprintf(path, sizeof(path), "%s/profiles/%s", dir, name);
	must((f = fopen(path, "w")) != NULL, path);
	must(fputs(text, f) != EOF && fclose(f) == 0, path);
}

static void
drop(const char *name)
{
	char path[PATH_MAX];

	snprintf(path, sizeof(path), "%s/profiles/%s", dir, name);
	must(unlink(path) == 0, path);
}

static void
copy(const char *name)
{
	struct ss_bytes text = { 0 };
	char path[PATH_MAX];

	snprintf(path, sizeof(path), "%s/profiles/%s", data_dir, name);
	must(ss_bytes_read_file(&text, path, path, 1 << 20) == 0, path);
	put(name, text.data);
	ss_bytes_free(&text);
}

/* The profiles with x.json beside them; what opening them gives. */
static int
open_with(const char *text, struct ss_profiles **out)
{
	int r;

	put("x.json", text);
	r = ss_profiles_open(out, dir);
	drop("x.json");
	return r;
}

/* The sentence without the folder. */
static const char *
said(void)
{
	const char *s = ss_message();
	size_t n = strlen(dir);

	return strncmp(s, dir, n) == 0 ? s + n + 1 : s;
}

static const struct ss_profile *
profile(const struct ss_profiles *set, const char *name)
{
	const struct ss_profile *p;

	must(ss_profiles_find(set, name, &p) == 0, name);
	return p;
}

/* An item's record, tag, len and who reads it. */
static bool
has(const struct ss_profile *p, const char *file, const char *name,
    int record, int tag, int len, int read)
{
	const struct ss_card_file *f;
	const struct ss_item *item = ss_profile_item(p, name, &f);

	return item != NULL && f == ss_profile_file(p, file) &&
	    item == &f->items[record - 1] && item->record == record &&
	    item->tag == tag && item->len == len && item->read == read &&
	    item->write == SS_KEY_UKSSSE;
}

static void
test_generations(const struct ss_profiles *set)
{
	static const uint8_t name[] = { 's', 'x', '1', '.', 's', 'h', '.',
		0xc9, 0xe7, 0xbb, 0xe1, 0xb1, 0xa3, 0xd5, 0xcf };
	const struct ss_profile *p[3] = { profile(set, "gen1"),
		profile(set, "gen2"), profile(set, "gen3") };
	struct ss_arithmetic a;
	size_t i;

	ok(ss_profiles_count(set) == 3 && ss_profiles_at(set, 0) == p[0] &&
	    ss_profiles_at(set, 2) == p[2], "three, by their names");
	for (i = 0; i < 3; i++) {
		ok(p[i]->generation == (int64_t)i + 1 &&
		    p[i]->match.cipher_code == (i == 2 ? 3 : 1),
		    "%s: generation, cipher", p[i]->name);
		ok(p[i]->select.by_name && p[i]->select.fid == 0xddf1 &&
		    p[i]->select.name_len == 15 &&
		    memcmp(p[i]->select.name, name, 15) == 0,
		    "%s: the environment", p[i]->name);
		ss_arithmetic_init(&a, i == 2 ? SS_SM4 : SS_3DES);
		ok(memcmp(&a, &p[i]->arithmetic, sizeof(a)) == 0,
		    "%s: arithmetic and headers are the cipher's defaults",
		    p[i]->name);
		ok(p[i]->keys[SS_KEY_IRK].tries == 0 &&
		    p[i]->keys[SS_KEY_RKSSSE].tries == 3 &&
		    p[i]->keys[SS_KEY_RKSSSE].kid == 0x0a &&
		    p[i]->keys[SS_KEY_UKSSSE].kid == 4, "%s: keys",
		    p[i]->name);
		ok(p[i]->orders[SS_ORDER_RELOAD_PIN].auth == SS_KEY_PUK &&
		    p[i]->orders[SS_ORDER_BLOCK].auth == SS_KEY_BK &&
		    p[i]->orders[SS_ORDER_BLOCK].mac == SS_KEY_STK &&
		    p[i]->blocked_sw == 0x6a81, "%s: orders", p[i]->name);
		ok(p[i]->pin.min == 4 && p[i]->pin.max == 16 &&
		    p[i]->pin.tries == 6 && !p[i]->pin.query &&
		    strcmp(p[i]->pin.initial, "123456") == 0, "%s: PIN",
		    p[i]->name);
		ok(p[i]->blank.fills == 2 && p[i]->blank.fill[0] == 0 &&
		    p[i]->blank.fill[1] == 0xff && !p[i]->identifier_check &&
		    !p[i]->ships_locked && p[i]->city_prefecture,
		    "%s: blank cards", p[i]->name);
	}
	is(p[0]->encoding, "GBK", "the first in GBK");
	is(p[2]->encoding, "GB18030", "the third in GB18030");
	ok(!p[1]->contactless && p[2]->contactless, "contactless");
}

static void
test_files(const struct ss_profiles *set)
{
	const struct ss_profile *one = profile(set, "gen1"),
	    *two = profile(set, "gen2"), *three = profile(set, "gen3");
	const struct ss_card_file *f;

	ok(one->files_count == 2 && two->files_count == 4 &&
	    three->files_count == 4, "files");
	ok(has(two, "EF05", "identifier", 1, 1, 16, SS_ACCESS_FREE) &&
	    has(two, "EF05", "version", 3, 3, 4, SS_ACCESS_FREE) &&
	    has(two, "EF05", "number", 7, 7, 9, SS_ACCESS_FREE), "EF05");
	ok(has(three, "EF05", "number", 7, 7, 9, SS_KEY_RKSSSE) &&
	    has(three, "EF05", "issued", 5, 5, 4, SS_ACCESS_FREE),
	    "the third reads the card number by key");
	ok(has(two, "EF06", "name-rest", 3, 0x4e, 20, SS_ACCESS_FREE) &&
	    has(two, "EF06", "birth-date", 7, 0x0d, 4, SS_ACCESS_FREE),
	    "EF06");
	ok(has(three, "EF06", "name", 2, 9, 30, SS_KEY_RKSSSE) &&
	    has(three, "EF06", "birthplace", 6, 0x0c, 3, SS_KEY_RKSSSE),
	    "of the third by key");
	ok(ss_profile_item(one, "name-rest", &f) == NULL && f == NULL &&
	    has(one, "EF06", "sex", 3, 0x0a, 1, SS_ACCESS_FREE) &&
	    has(one, "EF06", "birth-date", 6, 0x0d, 4, SS_ACCESS_FREE) &&
	    ss_profile_file(one, "EF06")->items_count == 6,
	    "of the first without the rest of the name");
	f = ss_profile_file(two, "EF08");
	ok(f != NULL && f->binary && f->size == 4096 && f->sfi == 8 &&
	    f->fid == 0xef08 && strcmp(f->source, "photo") == 0 &&
	    f->read == SS_KEY_UKSSSE && f->items_count == 0, "the photo");
	f = ss_profile_file(three, "EF07");
	ok(f != NULL && f->size == 1024 && f->source == NULL &&
	    f->read == SS_KEY_RKSSSE && f->write == SS_KEY_UKSSSE,
	    "the fingerprint");
	ok(ss_profile_file(one, "EF08") == NULL, "the first has neither");
	is(ss_profile_item(two, "name-rest", NULL)->source, "person.name",
	    "a name has two items");
	ok(ss_profile_item(two, "name-rest", NULL)->encoded &&
	    !ss_profile_item(two, "number", NULL)->encoded &&
	    ss_profile_item(two, "agency", NULL)->source == NULL,
	    "encoded, and kept");
}

static int
match(const struct ss_profiles *set, int cipher, const char *version,
    size_t len, const char *made, const char **name)
{
	uint8_t historical[SS_HISTORICAL_LEN] = { 0 };
	const struct ss_profile *p;
	int r;

	memcpy(historical, made, strlen(made));
	r = ss_profiles_match(set, cipher, version, len, historical, &p);
	*name = p != NULL ? p->name : "none";
	return r;
}

static void
test_match(const struct ss_profiles *set)
{
	static const struct {
		const char *version;
		int cipher;
		size_t len;
		const char *name;
	} good[] = {
		{ "1.00", 1, 4, "gen1" },
		{ "1.0\0", 1, 4, "gen1" },
		{ "1.0 ", 1, 4, "gen1" },
		{ "2.00", 1, 4, "gen2" },
		{ "2.01\0\0", 1, 6, "gen2" },
		{ "3.00", 3, 4, "gen3" },
	};
	struct ss_profiles *more;
	const char *name;
	size_t i;

	for (i = 0; i < sizeof(good) / sizeof(*good); i++) {
		ok(match(set, good[i].cipher, good[i].version, good[i].len,
		    "", &name) == 0, "version %s", good[i].version);
		is(name, good[i].name, "is of its generation");
	}
	ok(match(set, 3, "2.00", 4, "", &name) == SS_ECARD, "another cipher");
	is(ss_message(), "no profile for a card of version \"2.00\" with "
	    "cipher code 3", "says what was looked for");
	ok(match(set, 1, "4.\x1b\"", 4, "", &name) == SS_ECARD,
	    "another version");
	is(ss_message(), "no profile for a card of version \"4.??\" with "
	    "cipher code 1", "what cannot be shown is not");
	ok(match(set, 1, "\0\0", 2, "", &name) == SS_ECARD, "no version");
	ok(match(set, 1, "0123456789abcdefgh", 18, "", &name) == SS_ECARD,
	    "a long one");
	is(ss_message(), "no profile for a card of version "
	    "\"0123456789abcdef\" with cipher code 1", "is cut");
	ok(match(set, 2, "2.00", 4, "", &name) == SS_ECARD, "SSF33");
	is(ss_message(), "the card's cipher is SSF33, which is secret and not "
	    "supported", "says so");
	must(open_with("{\"like\":\"gen3\"}", &more) == 0, "a copy");
	ok(match(more, 3, "3.00", 4, "", &name) == SS_ECARD, "two that fit");
	is(ss_message(), "the profiles gen3 and x both fit a card of version "
	    "\"3.00\" with cipher code 3; one must be chosen", "names them");
	ss_profiles_close(more);
	put("y.json", "{\"like\":\"x\",\"match\":{\"maker\":\"4142\"}}");
	must(open_with("{\"like\":\"gen3\",\"match\":{\"maker\":\"41\"}}",
	    &more) == 0, "a maker's");
	drop("y.json");
	ok(match(more, 3, "3.00", 4, "AX", &name) == 0 &&
	    strcmp(name, "x") == 0, "the maker's own");
	ok(match(more, 3, "3.00", 4, "AB", &name) == 0 &&
	    strcmp(name, "y") == 0, "the nearest");
	ok(match(more, 3, "3.00", 4, "BA", &name) == 0 &&
	    strcmp(name, "gen3") == 0, "another maker's");
	ss_profiles_close(more);
}

static void
test_small(const struct ss_profiles *set)
{
	static const uint8_t id[SS_IDENTIFIER_LEN] = { 0x11, 0x01, 0x05 },
	    blank[SS_IDENTIFIER_LEN] = { 0xff, 0xff, 0xff };
	struct ss_profile p = *profile(set, "gen3");
	const struct ss_profile *found;
	char city[7];
	int k;

	ok(ss_profile_city(&p, id, city) == 0, "a city");
	is(city, "110100", "is a prefecture");
	p.city_prefecture = false;
	ok(ss_profile_city(&p, id, city) == 0, "a county");
	is(city, "110105", "is one");
	ok(ss_profile_city(&p, blank, city) == SS_ECARD && city[0] == '\0',
	    "no digits");
	for (k = 0; k < SS_KEYS; k++)
		ok(ss_card_key_find(ss_card_key_word((enum ss_card_key)k)) ==
		    (enum ss_card_key)k, "%s",
		    ss_card_key_word((enum ss_card_key)k));
	ok(ss_card_key_find("RK") == SS_KEYS, "no key");
	ok(ss_profiles_find(set, "gen4", &found) == SS_EMISSING &&
	    found == NULL, "no profile");
	is(ss_message(), "no card profile \"gen4\"; there are gen1, gen2, "
	    "gen3", "names those there are");
}

#define X "profiles/x.json: "
#define LIKE(rest) "{\"like\":\"gen2\"," rest "}"
#define ITEMS(file, rest) LIKE("\"files\":{\"" file "\":{\"items\":{" rest \
	"}}}")
#define LONG "0123456789abcdef0123456789abcdef0123456789abcdef01234567"
#define NEW(record, tag, rest) "{\"record\":" record ",\"tag\":\"" tag "\"," \
	"\"format\":\"an\",\"len\":1,\"read\":\"free\",\"write\":\"never\"" \
	rest "}"
#define EF(name, sfi) "\"" name "\":{\"fid\":\"" name "\",\"sfi\":" sfi "," \
	"\"kind\":\"binary\",\"size\":1,\"read\":\"free\"," \
	"\"write\":\"never\"}"

static const struct {
	const char *text, *says;
} faults[] = {
	/* What is no profile at all. */
	{ "[1]", X "a profile is an object" },
	{ "{\"like\":}", X "byte 9: not JSON" },
	{ "{\"extended\":true,\"extended\":true}",
	    X "byte 27: names a member twice" },
	{ "{\"like\":\"gen9\"}", X "like: no profile \"gen9\"" },
	{ "{\"like\":\"x\"}", X "like: in the end it is like itself" },
	{ "{}", X "generation: given neither here nor by what it is like" },
	{ "{\"generation\":2}",
	    X "encoding: given neither here nor by what it is like" },
	/* Names that are none. */
	{ LIKE("\"pin\":{\"trys\":1}"),
	    X "pin.trys: no such member; perhaps pin.tries" },
	{ LIKE("\"recrods\":{}"),
	    X "recrods: no such member; perhaps records" },
	{ LIKE("\"qwertyuiop\":1"), X "qwertyuiop: no such member" },
	{ LIKE("\"keys\":{\"RKSSE\":{}}"),
	    X "keys.RKSSE: no such member; perhaps keys.RKSSSE" },
	{ LIKE("\"orders\":{\"lock\":{}}"),
	    X "orders.lock: no such member; perhaps orders.block" },
	{ LIKE("\"pin.tries\":3"), X "pin.tries: a name with a dot; write an "
	    "object" },
	{ ITEMS("EF06", "\"name\":{\"length\":3}"),
	    X "files.EF06.items.name.length: no such member; perhaps "
	    "files.EF06.items.name.len" },
	{ LIKE("\"files\":{\"EF06\":{\"item\":{}}}"),
	    X "files.EF06.item: no such member; perhaps files.EF06.items" },
	{ LIKE("\"files\":{\"ef06\":{}}"), X "files.ef06: a file is named EF "
	    "and two digits, such as EF05" },
	{ ITEMS("EF06", "\"Name\":{}"), X "files.EF06.items.Name: an item is "
	    "named by letters a to z, digits and -, such as birth-date" },
	/* Values of another type, or beyond their limits. */
	{ LIKE("\"pin\":7"), X "pin: an object is wanted, not a whole "
	    "number" },
	{ LIKE("\"files\":{\"EF06\":1}"), X "files.EF06: an object or null is "
	    "wanted, not a whole number" },
	{ LIKE("\"pin\":null"), X "pin: an object is wanted, not null" },
	{ LIKE("\"pin\":{\"tries\":\"6\"}"), X "pin.tries: a whole number is "
	    "wanted, not a string" },
	{ LIKE("\"pin\":{\"tries\":0}"), X "pin.tries: 1 to 15 is wanted" },
	{ LIKE("\"pin\":{\"tries\":16}"), X "pin.tries: 1 to 15 is wanted" },
	{ LIKE("\"pin\":{\"tries\":null}"), X "pin.tries: a whole number is "
	    "wanted, not null" },
	{ LIKE("\"pin\":{\"query\":1}"), X "pin.query: true or false is "
	    "wanted, not a whole number" },
	{ ITEMS("EF06", "\"name\":{\"len\":65}"),
	    X "files.EF06.items.name.len: 1 to 64 is wanted" },
	{ ITEMS("EF06", "\"name\":{\"len\":0}"),
	    X "files.EF06.items.name.len: 1 to 64 is wanted" },
	{ ITEMS("EF06", "\"name\":{\"record\":13}"),
	    X "files.EF06.items.name.record: 1 to 12 is wanted" },
	{ LIKE("\"files\":{\"EF08\":{\"size\":32769}}"),
	    X "files.EF08.size: 1 to 32768 is wanted" },
	{ LIKE("\"files\":{\"EF08\":{\"sfi\":31}}"),
	    X "files.EF08.sfi: 1 to 30 is wanted" },
	{ LIKE("\"binary\":{\"read_chunk\":257}"),
	    X "binary.read_chunk: 1 to 256 is wanted" },
	/* Words. */
	{ LIKE("\"encoding\":\"GB10830\""), X "encoding: no such word "
	    "\"GB10830\"; perhaps \"GB18030\"" },
	{ LIKE("\"encoding\":1"), X "encoding: a string is wanted, not a "
	    "whole number" },
	{ ITEMS("EF06", "\"name\":{\"read\":\"RKSSS\"}"),
	    X "files.EF06.items.name.read: no such word \"RKSSS\"; perhaps "
	    "\"RKSSSE\"" },
	{ ITEMS("EF06", "\"name\":{\"read\":\"everyone\"}"),
	    X "files.EF06.items.name.read: no such word \"everyone\"" },
	{ LIKE("\"orders\":{\"block\":{\"mac\":\"none\"}}"),
	    X "orders.block.mac: no such word \"none\"" },
	{ ITEMS("EF06", "\"sex\":{\"source\":\"person.seks\"}"),
	    X "files.EF06.items.sex.source: no such word \"person.seks\"; "
	    "perhaps \"person.sex\"" },
	{ LIKE("\"identifier_check\":true"), X "identifier_check: a string "
	    "is wanted, not true or false" },
	/* Hexadecimal. */
	{ LIKE("\"select\":{\"name\":\"7378312E7\"}"), X "select.name: an "
	    "even number of hexadecimal digits is wanted" },
	{ LIKE("\"select\":{\"name\":\"7378312E7G\"}"), X "select.name: an "
	    "even number of hexadecimal digits is wanted" },
	{ LIKE("\"select\":{\"name\":\"73783131\"}"),
	    X "select.name: 5 to 16 bytes is wanted" },
	{ LIKE("\"select\":{\"name\":\"0123456789012345678901234567890123\"}"),
	    X "select.name: 5 to 16 bytes is wanted" },
	{ LIKE("\"match\":{\"maker\":\"0123456789012345678901234567\"}"),
	    X "match.maker: 0 to 13 bytes is wanted" },
	{ LIKE("\"select\":{\"fid\":\"F1\"}"),
	    X "select.fid: 4 hexadecimal digits are wanted" },
	{ LIKE("\"select\":{\"fid\":\"" LONG LONG LONG "\"}"),
	    X "select.fid: 4 hexadecimal digits are wanted" },
	{ LIKE("\"select\":{\"name\":\"" LONG LONG LONG "\"}"),
	    X "select.name: 5 to 16 bytes is wanted" },
	{ LIKE("\"keys\":{\"PUK\":{\"kid\":6}}"), X "keys.PUK.kid: a string "
	    "is wanted, not a whole number" },
	{ LIKE("\"keys\":{\"PUK\":{\"kid\":\"6\"}}"), X "keys.PUK.kid: an "
	    "even number of hexadecimal digits is wanted" },
	{ LIKE("\"pin\":{\"verify\":\"002000\"}"),
	    X "pin.verify: 4 bytes is wanted" },
	{ LIKE("\"blank\":{\"fill\":\"FF\"}"), X "blank.fill: an array of "
	    "strings is wanted, not a string" },
	{ LIKE("\"blank\":{\"fill\":[]}"),
	    X "blank.fill: 1 to 2 strings is wanted" },
	{ LIKE("\"blank\":{\"fill\":[\"00\",\"00\"]}"),
	    X "blank.fill: \"00\" stands there twice" },
	{ LIKE("\"blank\":{\"fill\":[\"0000\"]}"),
	    X "blank.fill: 2 hexadecimal digits are wanted" },
	{ LIKE("\"match\":{\"versions\":[3]}"), X "match.versions: a string "
	    "is wanted, not a whole number" },
	{ LIKE("\"match\":{\"versions\":[\"1\",\"2\",\"3\",\"4\",\"5\"]}"),
	    X "match.versions: 1 to 4 strings is wanted" },
	/* What a file of one kind has and needs. */
	{ LIKE("\"files\":{\"EF06\":{\"size\":9}}"),
	    X "files.EF06.size: only a binary file has it" },
	{ LIKE("\"files\":{\"EF08\":{\"read\":null}}"),
	    X "files.EF08.read: a binary file needs it" },
	{ LIKE("\"files\":{\"EF08\":{\"items\":{\"x\":" NEW("1", "31", "")
	    "}}}"), X "files.EF08.items: a binary file has none" },
	{ LIKE("\"files\":{\"EF09\":{\"fid\":\"EF09\",\"sfi\":9,"
	    "\"kind\":\"records\"}}"), X "files.EF09.items: a file of records "
	    "needs one at least" },
	{ LIKE("\"files\":{\"EF09\":{\"sfi\":9}}"), X "files.EF09.fid: given "
	    "neither here nor by what it is like" },
	{ ITEMS("EF06", "\"x\":{\"record\":8}"), X "files.EF06.items.x.tag: "
	    "given neither here nor by what it is like" },
	{ LIKE("\"files\":{" EF("EF10", "10") "," EF("EF11", "11") ","
	    EF("EF12", "12") "," EF("EF13", "13") "," EF("EF14", "14") "}"),
	    X "files: at most 8 are wanted" },
	{ ITEMS("EF06", "\"a\":" NEW("8", "31", "") ",\"b\":" NEW("9", "32",
	    "") ",\"c\":" NEW("10", "33", "") ",\"d\":" NEW("11", "34", "")
	    ",\"e\":" NEW("12", "35", "") ",\"f\":" NEW("12", "36", "")),
	    X "files.EF06.items: at most 12 are wanted" },
	/* What stands there twice. */
	{ LIKE("\"files\":{\"EF08\":{\"sfi\":7}}"),
	    X "files.EF08.sfi: 7 is that of EF07" },
	{ LIKE("\"files\":{\"EF08\":{\"fid\":\"ef07\"}}"),
	    X "files.EF08.fid: EF07 is that of EF07" },
	{ LIKE("\"files\":{\"EF07\":{\"source\":\"photo\"}}"),
	    X "files.EF08.source: another file has the photo" },
	{ ITEMS("EF06", "\"ethnic\":{\"tag\":\"0A\"}"),
	    X "files.EF06.items.ethnic.tag: 0A is that of sex" },
	{ ITEMS("EF06", "\"x\":" NEW("7", "31", "")),
	    X "files.EF06.items.x.record: 7 is that of birth-date" },
	{ ITEMS("EF06", "\"number\":" NEW("8", "31", "")),
	    X "files.EF06.items.number: there is one in EF05 too; item names "
	    "are given once" },
	{ ITEMS("EF06", "\"x\":" NEW("8", "31",
	    ",\"source\":\"person.sex\"")),
	    X "files.EF06.items.x.source: person.sex is that of sex" },
	{ ITEMS("EF05", "\"x\":" NEW("8", "31", ",\"encoded\":true,"
	    "\"source\":\"person.name\"")),
	    X "files.EF06.items.name.source: person.name is that of x" },
	{ ITEMS("EF06", "\"x\":" NEW("8", "31", ",\"encoded\":true,"
	    "\"source\":\"person.name\"")),
	    X "files.EF06.items: more than two items of a name" },
	{ LIKE("\"keys\":{\"BK\":{\"kid\":\"04\"}}"),
	    X "keys.BK.kid: 04 is that of UKSSSE" },
	/* Records and tags. */
	{ ITEMS("EF06", "\"sex\":null"), X "files.EF06.items: no item has "
	    "record 4; they are numbered from 1 without a gap" },
	{ ITEMS("EF06", "\"sex\":{\"tag\":\"00\"}"),
	    X "files.EF06.items.sex.tag: 01 to FE is wanted" },
	{ ITEMS("EF06", "\"sex\":{\"tag\":\"FF\"}"),
	    X "files.EF06.items.sex.tag: 01 to FE is wanted" },
	/* EF05, and the items that each card has. */
	{ LIKE("\"files\":{\"EF05\":null}"),
	    X "files.EF05.items.identifier: every card has it there" },
	{ ITEMS("EF05", "\"number\":null"),
	    X "files.EF05.items.number: every card has it there" },
	{ ITEMS("EF05", "\"version\":null,\"x\":" NEW("3", "03", "")),
	    X "files.EF05.items.version: every card has it there" },
	{ ITEMS("EF05", "\"identifier\":{\"len\":12}"),
	    X "files.EF05.items.identifier.len: 16 is wanted, in format b" },
	{ ITEMS("EF05", "\"version\":{\"read\":\"RKSSSE\"}"),
	    X "files.EF05.items.version.read: it is read before any key is "
	    "known: free is wanted" },
	{ ITEMS("EF05", "\"version\":{\"source\":\"person.sex\"}"),
	    X "files.EF06.items.sex.source: person.sex is that of version" },
	{ LIKE("\"files\":{\"EF05\":{\"items\":{\"version\":{\"source\":"
	    "\"person.sex\"}}},\"EF06\":{\"items\":{\"sex\":{\"source\":"
	    "null}}}}"), X "files.EF05.items.version.source: the maker writes "
	    "it: null is wanted" },
	{ ITEMS("EF05", "\"number\":{\"source\":null}"),
	    X "files.EF05.items.number.source: card.number is wanted" },
	/* Sources and formats. */
	{ ITEMS("EF05", "\"number\":{\"format\":\"cn\"}"),
	    X "files.EF05.items.number.format: its source is text: an" },
	{ ITEMS("EF05", "\"issued\":{\"format\":\"b\"}"),
	    X "files.EF05.items.issued.format: its source is digits: cn or "
	    "an" },
	{ ITEMS("EF05", "\"issued\":{\"len\":3}"), X "files.EF05.items."
	    "issued.len: its source has up to 8 characters" },
	{ ITEMS("EF06", "\"social-number\":{\"len\":17}"), X "files.EF06."
	    "items.social-number.len: its source has up to 18 characters" },
	{ ITEMS("EF06", "\"name\":{\"encoded\":false}"), X "files.EF06.items."
	    "name.encoded: a name is written in the encoding: true is "
	    "wanted" },
	{ ITEMS("EF06", "\"sex\":{\"format\":\"cn\",\"encoded\":true}"),
	    X "files.EF06.items.sex.encoded: only format an has an "
	    "encoding" },
	/* Ciphers, challenges, PIN, versions. */
	{ LIKE("\"match\":{\"cipher_code\":2}"), X "match.cipher_code: 2 is "
	    "SSF33, which is secret and not supported; 1 or 3 is wanted" },
	{ LIKE("\"match\":{\"cipher_code\":3}"), X "match.cipher_code: 1 is "
	    "wanted with arithmetic.cipher 3des" },
	{ LIKE("\"arithmetic\":{\"cipher\":\"sm4\"}"), X "match.cipher_code: "
	    "3 is wanted with arithmetic.cipher sm4" },
	{ "{\"like\":\"gen3\",\"arithmetic\":{\"mac_rule\":\"retail\"}}",
	    X "arithmetic.mac_rule: cbc is wanted; the retail MAC is for 3des "
	    "alone" },
	{ LIKE("\"auth\":{\"challenge\":5}"),
	    X "auth.challenge: 4, 8 or 16 is wanted" },
	{ LIKE("\"orders\":{\"challenge\":12}"),
	    X "orders.challenge: 4, 8 or 16 is wanted" },
	{ LIKE("\"pin\":{\"min\":7,\"max\":6}"),
	    X "pin.min: more than pin.max" },
	{ LIKE("\"pin\":{\"initial\":\"12345x\"}"),
	    X "pin.initial: 4 to 16 digits are wanted" },
	{ LIKE("\"pin\":{\"max\":5}"),
	    X "pin.initial: 4 to 5 digits are wanted" },
	{ LIKE("\"match\":{\"versions\":[\"2.001\"]}"), X "match.versions: 1 "
	    "to 4 bytes are wanted of each, no blank at its end" },
	{ LIKE("\"match\":{\"versions\":[\"2.0 \"]}"), X "match.versions: 1 "
	    "to 4 bytes are wanted of each, no blank at its end" },
};

static void
test_faults(void)
{
	struct ss_profiles *set;
	size_t i;
	int r;

	for (i = 0; i < sizeof(faults) / sizeof(*faults); i++) {
		r = open_with(faults[i].text, &set);
		if (r == SS_EPOLICY && set == NULL)
			is(said(), faults[i].says, faults[i].says);
		else
			ok(false, "%s: %d", faults[i].says, r);
		ss_profiles_close(set);
	}
}

/* What a regional profile may well say. */
static void
test_good(void)
{
	static const char *const good[] = {
		LIKE("\"note\":\"县\""),
		LIKE("\"select\":{\"name\":\"a000000003\",\"fid\":\"3f00\"}"),
		ITEMS("EF06", "\"x\":" NEW("8", "31", "")),
		ITEMS("EF06", "\"sex\":{\"source\":null}"),
		ITEMS("EF06", "\"name\":{\"len\":64}"),
		ITEMS("EF06", "\"birth-date\":{\"format\":\"an\",\"len\":8}"),
		ITEMS("EF06", "\"birth-date\":null,\"name\":{\"record\":1},"
		    "\"social-number\":{\"record\":2}"),
		LIKE("\"files\":{\"EF08\":{\"source\":null},\"EF07\":null}"),
		LIKE("\"files\":{" EF("EF10", "10") "}"),
		LIKE("\"pin\":{\"min\":6,\"max\":6}"),
		LIKE("\"blank\":{\"fill\":[\"ff\"]}"),
		LIKE("\"match\":{\"versions\":[\"1\",\"2\",\"3\",\"4\"]}"),
		LIKE("\"arithmetic\":{\"mac_rule\":\"retail\",\"mac_key\":"
		    "\"none\",\"mac_start\":\"challenge\"},"
		    "\"orders\":{\"challenge\":4}"),
		LIKE("\"orders\":{\"block\":{\"auth\":\"none\"}}"),
		LIKE("\"match\":{\"maker\":null}"),
	};
	struct ss_profiles *set;
	size_t i;

	for (i = 0; i < sizeof(good) / sizeof(*good); i++) {
		if (!ok(open_with(good[i], &set) == 0, "%s", good[i]))
			printf("# %s\n", ss_message());
		ss_profiles_close(set);
	}
	must(open_with(LIKE("\"identifier_check\":\"write\",\"orders\":{"
	    "\"block\":{\"auth\":\"none\",\"mac\":\"BK\"}},\"arithmetic\":{"
	    "\"mac_rule\":\"retail\",\"pin_pad\":\"80-partial\"},"
	    "\"blank\":{\"fill\":[\"ff\"]},\"select\":{\"file_p1\":\"02\"},"
	    "\"auth\":{\"internal\":\"80880102\"}"), &set) == 0, "a region's");
	ok(profile(set, "x")->identifier_check &&
	    profile(set, "x")->orders[SS_ORDER_BLOCK].auth == SS_ACCESS_FREE &&
	    profile(set, "x")->orders[SS_ORDER_BLOCK].mac == SS_KEY_BK &&
	    profile(set, "x")->arithmetic.mac_rule == SS_MAC_RETAIL &&
	    profile(set, "x")->arithmetic.pin_pad == SS_PAD_80_PARTIAL &&
	    profile(set, "x")->blank.fills == 1 &&
	    profile(set, "x")->blank.fill[0] == 0xff &&
	    profile(set, "x")->select.file_p1 == 2 &&
	    memcmp(profile(set, "x")->auth.internal, "\x80\x88\1\2", 4) == 0,
	    "words and codes are what they say");
	ok(profile(set, "x")->pin.tries == 6 &&
	    profile(set, "gen2")->select.file_p1 == 0,
	    "the rest is inherited, and nothing is left behind");
	ss_profiles_close(set);
}

#define FORTY "abcdefghijklmnopqrstuvwxyz0123456789-_AZ"

static void
test_folder(void)
{
	struct ss_profiles *set;
	char empty[64];

	put("y.json", "{\"like\":\"x\"}");
	ok(open_with("{\"like\":\"y\"}", &set) == SS_EPOLICY && set == NULL,
	    "like each other");
	ok(strstr(ss_message(), ".json: like: in the end it is like itself") !=
	    NULL, "says so");
	ok(open_with("{\"like\":\"gen2\",\"pin\":{\"tries\":9}}", &set) == 0 &&
	    profile(set, "y")->pin.tries == 9, "like one that is like one");
	ss_profiles_close(set);
	drop("y.json");
	put("two words.json", "{}");
	ok(ss_profiles_open(&set, dir) == SS_EPOLICY, "a name that is none");
	is(said(), "profiles/two words.json: a profile is named by 1 to 40 "
	    "letters, digits, - and _, and .json", "is named");
	drop("two words.json");
	put(FORTY "x.json", "{}");
	ok(ss_profiles_open(&set, dir) == SS_EPOLICY, "a name too long");
	drop(FORTY "x.json");
	put(FORTY ".json", "{\"like\":\"gen2\"}");
	ok(ss_profiles_open(&set, dir) == 0, "one of 40 letters");
	is(profile(set, FORTY)->name, FORTY, "is its name");
	ss_profiles_close(set);
	drop(FORTY ".json");
	put("x.json~", "no profile");
	put(".x.json", "no profile");
	ok(ss_profiles_open(&set, dir) == 0 && ss_profiles_count(set) == 3,
	    "what is no .json, or is hidden, is passed over");
	ss_profiles_close(set);
	drop("x.json~");
	drop(".x.json");
	drop("gen1.json");
	drop("gen2.json");
	ok(ss_profiles_open(&set, dir) == SS_EPOLICY, "what it is like is "
	    "gone");
	is(said(), "profiles/gen3.json: like: no profile \"gen2\"", "named");
	drop("gen3.json");
	ok(ss_profiles_open(&set, dir) == SS_EMISSING && set == NULL,
	    "no profile at all");
	is(said(), "profiles: no profile", "says so");
	snprintf(empty, sizeof(empty), "%s/profiles", dir);
	must(rmdir(empty) == 0 && rmdir(dir) == 0, "rmdir");
	ok(ss_profiles_open(&set, dir) == SS_EMISSING, "no folder");
	ss_profiles_close(NULL);
}

int
main(void)
{
	struct ss_profiles *set;
	char path[64];

	data_dir = getenv("SSCARD_DATA") != NULL ? getenv("SSCARD_DATA") :
	    "lib/data";
	must(ss_profiles_open(&set, data_dir) == 0, data_dir);
	must(mkdtemp(dir) != NULL, dir);
	snprintf(path, sizeof(path), "%s/profiles", dir);
	must(mkdir(path, 0700) == 0, path);
	copy("gen1.json");
	copy("gen2.json");
	copy("gen3.json");
	test_generations(set);
	test_files(set);
	test_match(set);
	test_small(set);
	ss_profiles_close(set);
	test_faults();
	test_good();
	test_folder();
	return done();
}
