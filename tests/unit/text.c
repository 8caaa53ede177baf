/* UTF-8, hexadecimal, base64, and the Chinese encodings. */
#include "base/err.h"
#include "base/text.h"
#include "../tap.h"

#define LEN(array) (sizeof(array) / sizeof((array)[0]))

/* The UTF-8 of any number, well-formed or not. */
static size_t
encode(uint32_t c, char *p)
{
	if (c < 0x80) {
		p[0] = (char)c;
		return 1;
	}
	if (c < 0x800) {
		p[0] = (char)(0xc0 | c >> 6);
		p[1] = (char)(0x80 | (c & 0x3f));
		return 2;
	}
	if (c < 0x10000) {
		p[0] = (char)(0xe0 | c >> 12);
		p[1] = (char)(0x80 | (c >> 6 & 0x3f));
		p[2] = (char)(0x80 | (c & 0x3f));
		return 3;
	}
	p[0] = (char)(0xf0 | c >> 18);
	p[1] = (char)(0x80 | (c >> 12 & 0x3f));
	p[2] = (char)(0x80 | (c >> 6 & 0x3f));
	p[3] = (char)(0x80 | (c & 0x3f));
	return 4;
}

static void
test_every_character(void)
{
	uint32_t c;
	int bad = 0, cut = 0;
	char text[4];
	const char *p;
	size_t n, i;
	bool good;

	for (c = 0; c < 0x200000; c++) {
		n = encode(c, text);
		good = c <= 0x10ffff && (c < 0xd800 || c > 0xdfff);
		bad += ss_utf8_valid(text, n) != good;
		for (i = 1; i < n; i++)
			cut += ss_utf8_valid(text, i);
		p = text;
		bad += good && (ss_utf8_next(&p, text + n) != c ||
		    p != text + n);
	}
	ok(bad == 0, "every number up to U+1FFFFF");
	ok(cut == 0, "every character cut short");
}

/* All byte sequences of up to three, and the second bytes of four, beside the
 * table 3-7 of the Unicode standard. */
static bool
by_table(const unsigned char *b, size_t n)
{
	static const unsigned char table[][9] = {
		{ 1, 0x00, 0x7f },
		{ 2, 0xc2, 0xdf, 0x80, 0xbf },
		{ 3, 0xe0, 0xe0, 0xa0, 0xbf, 0x80, 0xbf },
		{ 3, 0xe1, 0xec, 0x80, 0xbf, 0x80, 0xbf },
		{ 3, 0xed, 0xed, 0x80, 0x9f, 0x80, 0xbf },
		{ 3, 0xee, 0xef, 0x80, 0xbf, 0x80, 0xbf },
		{ 4, 0xf0, 0xf0, 0x90, 0xbf, 0x80, 0xbf, 0x80, 0xbf },
		{ 4, 0xf1, 0xf3, 0x80, 0xbf, 0x80, 0xbf, 0x80, 0xbf },
		{ 4, 0xf4, 0xf4, 0x80, 0x8f, 0x80, 0xbf, 0x80, 0xbf },
	};
	size_t i, j;

	for (i = 0; i < LEN(table); i++) {
		if (table[i][0] > n)
			continue;
		for (j = 0; j < table[i][0] && b[j] >= table[i][2 * j + 1] &&
		    b[j] <= table[i][2 * j + 2]; j++)
			;
		if (j == table[i][0])
			return n == j || by_table(b + j, n - j);
	}
	return false;
}

static void
test_every_sequence(void)
{
	static const unsigned char edges[] = { 0x00, 0x41, 0x7f, 0x80, 0x8f,
		0x90, 0x9f, 0xa0, 0xbf, 0xc0, 0xc1, 0xc2, 0xdf, 0xe0, 0xed,
		0xef, 0xf0, 0xf4, 0xf5, 0xfe, 0xff };
	unsigned char b[4];
	unsigned i, j, k, l;
	int bad = 0;

	for (i = 0; i < 65536; i++) {
		b[0] = (unsigned char)(i >> 8);
		b[1] = (unsigned char)i;
		bad += ss_utf8_valid((char *)b, 2) != by_table(b, 2);
		for (j = 0; j < LEN(edges); j++) {
			b[2] = edges[j];
			bad += ss_utf8_valid((char *)b, 3) != by_table(b, 3);
		}
	}
	for (i = 0; i < 256; i++)
		for (j = 0; j < 256; j++)
			for (k = 0; k < LEN(edges); k++)
				for (l = 0; l < LEN(edges); l++) {
					b[0] = (unsigned char)i;
					b[1] = (unsigned char)j;
					b[2] = edges[k];
					b[3] = edges[l];
					bad += ss_utf8_valid((char *)b, 4) !=
					    by_table(b, 4);
				}
	ok(bad == 0, "sequences of two to four bytes as in Unicode's table");
	ok(ss_utf8_valid("", 0), "nothing is UTF-8");
	ok(ss_utf8_valid("a\0b", 3), "NUL is");
}

static void
test_next(void)
{
	static const char text[] = "a\xc3\xa9社\xf0\xa0\x80\x80";
	const char *p = text, *end = text + sizeof(text) - 1;

	ok(ss_utf8_next(&p, end) == 'a' && ss_utf8_next(&p, end) == 0xe9 &&
	    ss_utf8_next(&p, end) == 0x793e &&
	    ss_utf8_next(&p, end) == 0x20000, "one to four bytes");
	ok(ss_utf8_next(&p, end) == 0 && p == end, "0 at the end");
}

static void
test_digits(void)
{
	char hex[9];
	size_t len;

	ss_hex("\x00\x9f\xff\x10", 4, hex);
	is(hex, "009fff10", "hexadecimal");
	ss_hex("", 0, hex);
	is(hex, "", "of nothing");
	ok(ss_is_hex("00ff", 4) && ss_is_hex("", 0) && !ss_is_hex("00fF", 4) &&
	    !ss_is_hex("00ff0", 4) && !ss_is_hex("00f", 4) &&
	    !ss_is_hex("00fg", 4), "is hexadecimal");
	ok(ss_is_digits("0189x", 4) && ss_is_digits("", 0) &&
	    !ss_is_digits("01/9", 4) && !ss_is_digits("01:9", 4) &&
	    !ss_is_digits("０", 3), "is digits");
	len = 8;
	is(ss_trim("\t\v\f x y\r", &len), "x y\r", "trimmed in front");
	ok(len == 3, "and behind");
	len = 3;
	ss_trim(" \n ", &len);
	ok(len == 0, "all of it");
	len = 3;
	ss_trim("\xe3\x80\x80", &len);
	ok(len == 3, "an ideographic space stays");
}

static void
test_hex_read(void)
{
	static const char *const bad[] = { "", "009fff1", "009fff100",
		"009fff1g", "009fff1 ", "0x9fff10", "009fff1/", "009fff1:",
		"009fff1@", "009fff1`" };
	unsigned char four[4];
	size_t i;

	ok(ss_hex_read("009fFf10", four, 4) &&
	    memcmp(four, "\x00\x9f\xff\x10", 4) == 0, "hexadecimal read");
	ok(ss_hex_read("", four, 0), "nothing too");
	for (i = 0; i < LEN(bad); i++) {
		memset(four, 0xff, sizeof(four));
		ok(!ss_hex_read(bad[i], four, 4) &&
		    memcmp(four, "\0\0\0", 4) == 0, "not \"%s\"", bad[i]);
	}
}

/* Everything of four bytes is read as it would be written, or not at all. */
static void
test_base64_read(void)
{
	static const char *const bad[] = { "Z", "Zg", "Zg=", "Zg==Zg==",
		"Zh==", "Zm9=", "Zm9v=", "====", "Z===", "Zm9v\n", " Zm9v",
		"Zm-_", "Zg==Z", "Zm9vZ" };
	struct ss_bytes b = { 0 }, again = { 0 };
	uint8_t data[300];
	char four[5] = "";
	size_t i, n;
	int wrong = 0;

	for (i = 0; i < sizeof(data); i++)
		data[i] = (uint8_t)(i * 7);
	for (n = 0; n <= sizeof(data); n++) {
		ss_bytes_reset(&b);
		ss_bytes_reset(&again);
		ss_base64(&b, data, n);
		wrong += ss_base64_read(&again, b.data, b.len) != 0 ||
		    again.len != n || (n > 0 && memcmp(again.data, data, n) !=
		    0);
	}
	ok(wrong == 0, "base64 and back");
	for (i = 0; i < LEN(bad); i++) {
		ss_bytes_reset(&b);
		ss_bytes_adds(&b, "x");
		ok(ss_base64_read(&b, bad[i], strlen(bad[i])) == SS_EINVALID &&
		    b.len == 1, "no base64: %s", bad[i]);
	}
	for (i = 0, wrong = 0; i < (1 << 16); i++) {
		memcpy(four, (const char[]){ 'A', (char)i, (char)(i >> 8),
		    '=' }, 4);
		ss_bytes_reset(&b);
		ss_bytes_reset(&again);
		if (ss_base64_read(&b, four, 4) != 0)
			continue;
		ss_base64(&again, b.data, b.len);
		wrong += strcmp(again.data, four) != 0;
	}
	ok(wrong == 0, "one text for the same bytes");
	ss_bytes_free(&b);
	ss_bytes_free(&again);
}

static void
test_base64(void)
{
	static const struct {
		const char *text, *want;
	} vectors[] = { { "", "" }, { "f", "Zg==" }, { "fo", "Zm8=" },
		{ "foo", "Zm9v" }, { "foob", "Zm9vYg==" },
		{ "fooba", "Zm9vYmE=" }, { "foobar", "Zm9vYmFy" },
		{ "\xff\xfe\xfd\xfb\xf0", "//79+/A=" } };
	struct ss_bytes b = { 0 };
	size_t i;

	for (i = 0; i < LEN(vectors); i++) {
		ss_bytes_reset(&b);
		ss_base64(&b, vectors[i].text, strlen(vectors[i].text));
		is(b.len > 0 ? b.data : "", vectors[i].want, "base64");
	}
	ss_bytes_free(&b);
}

static void
test_distance(void)
{
	char a[100], b[100];

	ok(ss_distance("", "") == 0 && ss_distance("", "abc") == 3 &&
	    ss_distance("abc", "") == 3, "from nothing");
	ok(ss_distance("kitten", "sitting") == 3 &&
	    ss_distance("phone", "phnoe") == 2 &&
	    ss_distance("same", "same") == 0, "between words");
	memset(a, 'a', 99);
	memset(b, 'a', 99);
	a[99] = b[99] = '\0';
	b[63] = 'b';
	ok(ss_distance(a, b) == 0, "the 64th character is not looked at");
	b[62] = 'b';
	ok(ss_distance(a, b) == 1, "the 63rd is");
}

/* To an encoding and back; the bytes there, in hexadecimal. */
static void
there_and_back(const char *name, const char *text, const char *want)
{
	struct ss_codec *to, *from;
	struct ss_bytes there = { 0 }, back = { 0 };
	char hex[64] = "";

	if (ss_codec_open(&to, name, "UTF-8") != 0 ||
	    ss_codec_open(&from, "UTF-8", name) != 0) {
		ok(false, "%s: %s", name, ss_message());
		return;
	}
	ok(ss_codec_convert(to, text, strlen(text), &there) == 0 &&
	    ss_codec_convert(from, there.data, there.len, &back) == 0 &&
	    strcmp(back.data, text) == 0, "%s: %s and back", name, text);
	if (there.len < 32)
		ss_hex(there.data, there.len, hex);
	is(hex, want, "its bytes");
	ss_codec_close(to);
	ss_codec_close(from);
	ss_bytes_free(&there);
	ss_bytes_free(&back);
}

static void
test_codec_errors(void)
{
	static const char before[] = "before";
	struct ss_codec *codec, *from;
	struct ss_bytes out = { 0 };

	ok(ss_codec_open(&codec, "UTF-8", "no-such") == SS_EINVALID &&
	    codec == NULL, "no such encoding");
	ss_codec_close(NULL);
	ss_codec_open(&codec, "GBK", "UTF-8");
	ss_codec_open(&from, "UTF-8", "GB18030");
	ss_bytes_adds(&out, before);
	ok(ss_codec_convert(codec, "社\xf0\xa0\x80\x80", 7, &out) ==
	    SS_EINVALID, "a character that GBK has not");
	is(ss_message(), "byte 4 cannot be converted", "says where");
	is(out.data, before, "and leaves the buffer");
	ok(ss_codec_convert(codec, "ab\xe7", 3, &out) == SS_EINVALID &&
	    strcmp(out.data, before) == 0 && out.len == 6, "one cut short");
	is(ss_message(), "byte 3 cannot be converted", "says where");
	ok(ss_codec_convert(from, "\xff\xff", 2, &out) == SS_EINVALID &&
	    strcmp(out.data, before) == 0, "bytes that GB18030 has not");
	ok(ss_codec_convert(from, "\xc9\xe7", 2, &out) == 0 &&
	    strcmp(out.data, "before社") == 0, "good again afterwards");
	ok(ss_codec_convert(from, "", 0, &out) == 0 && out.len == 9,
	    "nothing adds nothing");
	ss_codec_close(codec);
	ss_codec_close(from);
	ss_bytes_free(&out);
}

static void
test_codec(void)
{
	struct ss_bytes text = { 0 }, out = { 0 }, back = { 0 };
	struct ss_codec *to, *from;
	uint32_t c;
	char utf8[4];

	there_and_back("GB18030", "社保卡", "c9e7b1a3bfa8");
	there_and_back("GBK", "朱镕基", "d6ece946bbf9");
	there_and_back("GB18030", "a·Á", "61a1a481308639");
	there_and_back("GB18030", "\xe9\xbe\xb4", "fe59");
	there_and_back("GB18030", "\xf0\xa0\x80\x80", "95328236");
	for (c = 1; c <= 0x10ffff; c++)
		if (c < 0xd800 || c > 0xf8ff)
			ss_bytes_add(&text, utf8, encode(c, utf8));
	ss_codec_open(&to, "GB18030", "UTF-8");
	ss_codec_open(&from, "UTF-8", "GB18030");
	ok(ss_codec_convert(to, text.data, text.len, &out) == 0,
	    "GB18030 has every character outside the private area");
	ok(ss_codec_convert(from, out.data, out.len, &back) == 0 &&
	    back.len == text.len && memcmp(back.data, text.data,
	    text.len) == 0, "and gives each back");
	ss_codec_close(to);
	ss_codec_close(from);
	ss_bytes_free(&text);
	ss_bytes_free(&out);
	ss_bytes_free(&back);
}

int
main(void)
{
	test_every_character();
	test_every_sequence();
	test_next();
	test_digits();
	test_base64();
	test_hex_read();
	test_base64_read();
	test_distance();
	test_codec();
	test_codec_errors();
	return done();
}
