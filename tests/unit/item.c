/* Items of cards: bytes and text, names shared out, photos made small. */
#include <stdlib.h>

#include "base/crypto.h"
#include "base/err.h"
#include "chip/item.h"
#include "../tap.h"

static const struct ss_item cn = { .name = "issued", .format = SS_FORMAT_CN,
	.len = 4 };
static const struct ss_item odd = { .name = "agency", .format = SS_FORMAT_CN,
	.len = 3 };
static const struct ss_item an = { .name = "number", .format = SS_FORMAT_AN,
	.len = 9 };
static const struct ss_item raw = { .name = "identifier",
	.format = SS_FORMAT_B, .len = 4 };

/* Encodes, and says the bytes as hexadecimal, or the code. */
static const char *
bytes_of(const struct ss_item *item, const char *text)
{
	static char hex[2 * SS_ITEM_LEN_MAX + 1];
	uint8_t value[SS_ITEM_LEN_MAX];
	int r = ss_item_encode(item, text, strlen(text), value);

	if (r != 0)
		return ss_code_word(r);
	ss_hex(value, item->len, hex);
	return hex;
}

static const char *
text_of(const struct ss_item *item, const char *bytes)
{
	static struct ss_bytes text;
	uint8_t value[SS_ITEM_LEN_MAX] = { 0 };
	size_t i;
	unsigned b;

	for (i = 0; i < item->len && bytes[2 * i] != '\0'; i++) {
		sscanf(bytes + 2 * i, "%2x", &b);
		value[i] = (uint8_t)b;
	}
	ss_bytes_reset(&text);
	if (ss_item_decode(item, value, NULL, &text) != 0)
		return ss_code_word(ss_last_code());
	return text.len > 0 ? text.data : "";
}

static void
test_formats(void)
{
	is(bytes_of(&cn, "2026-11-24"), "20261124", "a date is its digits");
	is(bytes_of(&cn, ""), "ffffffff", "no digits are filling");
	is(bytes_of(&odd, "12345"), "12345f", "an odd count is filled with F");
	is(bytes_of(&odd, "1234567"), "invalid", "too many digits");
	is(bytes_of(&odd, "12a"), "invalid", "no digit");
	is(bytes_of(&an, "A1"), "413100000000000000", "text is filled with 00");
	is(bytes_of(&an, "1234567890"), "invalid", "text that is too long");
	is(bytes_of(&raw, "0aFF10ee"), "0aff10ee", "bytes of either case");
	is(bytes_of(&raw, "0aff10"), "invalid", "too few bytes");
	is(bytes_of(&raw, "0aff10eg"), "invalid", "no bytes");

	is(text_of(&cn, "20261124"), "20261124", "digits come back");
	is(text_of(&cn, "ffffffff"), "", "filling is nothing");
	is(text_of(&odd, "12345f"), "12345", "without their filling");
	is(text_of(&odd, "12f45f"), "card", "F between digits");
	is(text_of(&an, "413100000000000000"), "A1", "text comes back");
	is(text_of(&an, "000000000000000000"), "", "an empty one too");
	is(text_of(&an, "410041000000000000"), "card", "00 inside of text");
	is(text_of(&an, "41ff41000000000000"), "card", "no ASCII");
	is(text_of(&raw, "0aff10ee"), "0aff10ee", "bytes come back");
}

/* A name is shared out at the end of a character, never inside one. */
static void
test_names(const struct ss_profiles *all, const char *profile,
    const char *name, size_t first, bool fits)
{
	const struct ss_profile *p = NULL;
	const struct ss_card_file *file;
	const struct ss_item *item;
	struct ss_codec *to = NULL, *from = NULL;
	struct ss_contents c;
	struct ss_bytes text = { 0 };
	size_t f, i, len;
	int r;

	if (ss_profiles_find(all, profile, &p) != 0 ||
	    ss_codec_open(&to, p->encoding, "UTF-8") != 0 ||
	    ss_codec_open(&from, "UTF-8", p->encoding) != 0) {
		ok(false, "%s: %s", profile, ss_message());
		return;
	}
	ss_contents_init(&c, p);
	r = ss_contents_set(&c, "person.name", name, to);
	ok((r == 0) == fits, "%s: %zu bytes of UTF-8 %s", profile,
	    strlen(name), fits ? "fit" : "do not fit");
	if (fits) {
		item = ss_profile_item(p, "name", &file);
		f = (size_t)(file - p->files);
		i = (size_t)(item - file->items);
		for (len = item->len; len > 0 && c.value[f][i][len - 1] == 0;)
			len--;
		ok(len == first, "%zu bytes stand in the first item", len);
		ok(ss_contents_get(&c, "person.name", from, &text) == 0,
		    "it is read again");
		is(text.data, name, "and is the same");
	} else {
		ok(r == SS_EINVALID && strstr(ss_message(), name) == NULL,
		    "and the sentence does not say it: %s", ss_message());
	}
	ss_bytes_free(&text);
	ss_contents_wipe(&c);
	ss_codec_close(to);
	ss_codec_close(from);
}

static void
test_differ(const struct ss_profiles *all)
{
	const struct ss_profile *p = ss_profiles_at(all, 0);
	struct ss_contents a, b;

	ss_contents_init(&a, p);
	ss_contents_init(&b, p);
	ok(ss_contents_differ(&a, &b) == NULL, "nothing wanted is there");
	ss_contents_set(&a, "card.number", "A00000003", NULL);
	is(ss_contents_differ(&a, &b), "number", "what is not there differs");
	ss_contents_set(&b, "card.number", "A00000003", NULL);
	ok(ss_contents_differ(&a, &b) == NULL, "equal items do not");
	ss_contents_set(&b, "card.number", "A00000002", NULL);
	is(ss_contents_differ(&a, &b), "number", "another value does");
	ss_contents_wipe(&a);
	ss_contents_wipe(&b);
}

int
main(void)
{
	const char *data = getenv("SSCARD_DATA");
	struct ss_profiles *all = NULL;

	test_formats();
	if (ss_profiles_open(&all, data != NULL ? data : "lib/data") != 0) {
		ok(false, "profiles: %s", ss_message());
		return done();
	}
	test_names(all, "gen2", "张三", 4, true);
	test_names(all, "gen2", "阿卜杜热西提·阿卜杜热合曼", 26, true);
	/* 29 bytes, then one of two that would straddle byte 30. */
	test_names(all, "gen2", "A买买提江阿卜杜热西提买买提江三四", 29, true);
	/* Four bytes at 28, 29 or 30 move whole. */
	test_names(all, "gen3", "买买提江阿卜杜热西提买买提江㐀三", 28, true);
	test_names(all, "gen3", "买买提江阿卜杜热西提买买提𠀀三", 30, true);
	test_names(all, "gen3", "A买买提江阿卜杜热西提买买提𠀀三", 27, true);
	test_names(all, "gen2", "买买提江阿卜杜热西提买买提江", 28, true);
	test_names(all, "gen1", "买买提江阿卜杜热西提买买提江三四", 0, false);
	test_names(all, "gen2", "𠀀三", 0, false);
	test_names(all, "gen3", "买买提江阿卜杜热西提买买提江三四五六七八九十"
	    "百千万亿", 0, false);
	test_differ(all);
	ss_profiles_close(all);
	return done();
}
