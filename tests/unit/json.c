/* JSON read through paths, merged and written. */
#include <stdlib.h>
#include <unistd.h>

#include "base/err.h"
#include "base/json.h"
#include "../tap.h"

#define LEN(array) (sizeof(array) / sizeof((array)[0]))

static struct ss_value *
parse(const char *text)
{
	struct ss_value *v;

	if (ss_json_parse(text, strlen(text), &v) != 0)
		ok(false, "%s: %s", text, ss_message());
	return v;
}

/* The value's text; borrowed until the next call. */
static const char *
text_of(const struct ss_value *v, bool canonical)
{
	static struct ss_bytes b;

	ss_bytes_free(&b);
	return (canonical ? ss_value_canonical(v, &b) :
	    ss_value_write(v, &b)) == 0 ? b.data : ss_message();
}

static void
test_paths(void)
{
	struct ss_value *v = parse("{\"a\":{\"b\":{\"c\":\"deep\"}},\"a.b\":1,"
	    "\"list\":[\"x\",2,null],\"\":\"empty\",\"t\":true,\"n\":null}");
	int64_t n = 7;

	is(ss_value_string(ss_value_get(v, "a.b.c")), "deep", "a path");
	ok(ss_value_string_len(ss_value_get(v, "a.b.c")) == 4, "its length");
	ok(ss_value_kind(ss_value_get(v, "a.b")) == SS_OBJECT,
	    "a dot joins names");
	ok(ss_value_int(ss_value_member(v, "a.b"), &n) && n == 1,
	    "but not those of members");
	is(ss_value_string(ss_value_get(v, "")), "empty", "no name");
	ok(ss_value_get(v, "a.x.c") == NULL && ss_value_get(v, "list.x") ==
	    NULL && ss_value_get(v, "a.b.c.d") == NULL &&
	    ss_value_get(v, ".") == NULL && ss_value_get(NULL, "a") == NULL,
	    "no value there");
	ok(ss_value_has(ss_value_get(v, "list"), "x") &&
	    !ss_value_has(ss_value_get(v, "list"), "2") &&
	    !ss_value_has(v, "x") && !ss_value_has(NULL, "x"), "has");
	ok(ss_value_count(v) == 6 && ss_value_count(ss_value_get(v, "list")) ==
	    3 && ss_value_count(ss_value_get(v, "t")) == 0 &&
	    ss_value_count(NULL) == 0, "count");
	ok(ss_value_at(ss_value_get(v, "list"), 3) == NULL &&
	    ss_value_at(v, 0) == NULL && ss_value_at(NULL, 0) == NULL, "at");
	ok(ss_value_bool(ss_value_get(v, "t"), false) &&
	    ss_value_bool(ss_value_get(v, "n"), true) &&
	    !ss_value_bool(NULL, false), "true, or what to fall back on");
	ok(ss_value_kind(ss_value_get(v, "n")) == SS_NULL &&
	    ss_value_kind(NULL) == SS_NONE, "null and nothing");
	ok(ss_value_string(ss_value_get(v, "t")) == NULL &&
	    ss_value_string(NULL) == NULL, "no string");
	ss_json_free(v);
	ss_json_free(NULL);
}

static void
test_numbers(void)
{
	struct ss_value *v = parse("[9007199254740992,-9007199254740992,"
	    "9007199254740993,9223372036854775807,1.0,1e3,-0]");
	int64_t n = 7;

	ok(ss_value_int(ss_value_at(v, 0), &n) && n == INT64_C(1) << 53,
	    "2^53");
	ok(ss_value_int(ss_value_at(v, 1), &n) && n == -(INT64_C(1) << 53),
	    "-2^53");
	ok(!ss_value_int(ss_value_at(v, 2), &n) &&
	    !ss_value_int(ss_value_at(v, 3), &n) &&
	    !ss_value_int(ss_value_at(v, 4), &n) &&
	    !ss_value_int(ss_value_at(v, 5), &n) &&
	    !ss_value_int(NULL, &n) && n == -(INT64_C(1) << 53),
	    "beyond, and reals");
	ok(ss_value_kind(ss_value_at(v, 4)) == SS_REAL, "1.0 is a real");
	ok(ss_value_int(ss_value_at(v, 6), &n) && n == 0, "-0");
	ss_json_free(v);
}

static void
test_each(void)
{
	struct ss_value *v = parse("{\"z\":1,\"a\":2,\"m\":3}");
	const struct ss_value *value;
	char names[16] = "";
	const char *name;
	void *iter = NULL;

	while (ss_value_each(v, &iter, &name, &value))
		strcat(names, name);
	is(names, "zam", "walked in the order written");
	iter = NULL;
	ok(!ss_value_each(NULL, &iter, &name, &value), "nothing in nothing");
	ss_json_free(v);
}

static void
test_merge(void)
{
	static const char *const cases[][3] = {
		{ "{\"a\":1}", "{\"b\":2}", "{\"a\":1,\"b\":2}" },
		{ "{\"a\":1}", "{\"a\":2}", "{\"a\":2}" },
		{ "{\"a\":1,\"b\":2}", "{\"a\":null}", "{\"b\":2}" },
		{ "{\"a\":{\"x\":1,\"y\":2}}", "{\"a\":{\"y\":3,\"z\":4}}",
		    "{\"a\":{\"x\":1,\"y\":3,\"z\":4}}" },
		{ "{\"a\":{\"x\":1,\"y\":2}}", "{\"a\":{\"x\":null}}",
		    "{\"a\":{\"y\":2}}" },
		{ "{\"a\":{\"x\":1}}", "{\"a\":[1]}", "{\"a\":[1]}" },
		{ "{\"a\":[1,2]}", "{\"a\":[3]}", "{\"a\":[3]}" },
		{ "{\"a\":1}", "{\"a\":{\"x\":1}}", "{\"a\":{\"x\":1}}" },
		{ "{\"a\":1}", "{\"no\":null}", "{\"a\":1}" },
		/* RFC 7396: a null in what is laid over is never kept. */
		{ "{}", "{\"a\":{\"x\":null,\"y\":1}}", "{\"a\":{\"y\":1}}" },
	};
	struct ss_value *base, *over;
	size_t i;

	for (i = 0; i < LEN(cases); i++) {
		base = parse(cases[i][0]);
		over = parse(cases[i][1]);
		ok(ss_value_merge(base, over) == 0, "merge %s", cases[i][1]);
		is(text_of(base, true), cases[i][2], cases[i][0]);
		is(text_of(over, false), cases[i][1], "leaves the upper one");
		ss_json_free(over);
		ss_json_free(base);
	}
}

static void
test_text(void)
{
	struct ss_value *v = parse(" { \"b\" : [ 1 , \"\\u00e9\\/\" ] ,\n"
	    "\"a\" : { \"d\" : true , \"c\" : null } } ");

	is(text_of(v, false), "{\"b\":[1,\"é/\"],\"a\":{\"d\":true,"
	    "\"c\":null}}", "compact");
	is(text_of(v, true), "{\"a\":{\"c\":null,\"d\":true},\"b\":[1,"
	    "\"é/\"]}", "canonical");
	is(text_of(ss_value_get(v, "a.d"), true), "true", "any value");
	ss_json_free(v);
}

static void
test_writer(void)
{
	struct ss_bytes b = { 0 };
	struct ss_value *v;

	ss_json_open(&b, NULL, '{');
	ss_json_add(&b, "s", "a\"b\\c/\n\x01\x7f社");
	ss_json_addi(&b, "i", -5);
	ss_json_open(&b, "list", '[');
	ss_json_addb(&b, NULL, true);
	ss_json_open(&b, NULL, '[');
	ss_json_close(&b, ']');
	ss_json_open(&b, NULL, '{');
	ss_json_close(&b, '}');
	ss_json_addn(&b, NULL, "x\0y", 3);
	ss_json_add(&b, NULL, "");
	ss_json_close(&b, ']');
	ss_json_addb(&b, "q\"", false);
	ss_json_key(&b, "last");
	ss_bytes_adds(&b, "null");
	ss_json_close(&b, '}');
	is(b.data, "{\"s\":\"a\\\"b\\\\c/\\u000a\\u0001\\u007f社\",\"i\":-5,"
	    "\"list\":[true,[],{},\"x\\u0000y\",\"\"],\"q\\\"\":false,"
	    "\"last\":null}", "commas and escapes where they belong");
	ss_bytes_addc(&b, '\n');
	ss_json_open(&b, NULL, '{');
	ok(strcmp(b.data + b.len - 2, "\n{") == 0, "no comma on a new line");
	ss_bytes_reset(&b);
	ss_json_add(&b, NULL, "{[:\n");
	ss_json_addi(&b, NULL, 1);
	is(b.data, "\"{[:\\u000a\",1", "nor is one left out for a string");
	ss_bytes_reset(&b);
	ss_json_open(&b, NULL, '[');
	ss_json_add(&b, NULL, "a\"b\\c\n\x01\x7f");
	ss_json_close(&b, ']');
	v = parse(b.data);
	is(ss_value_string(ss_value_at(v, 0)), "a\"b\\c\n\x01\x7f",
	    "escapes read back");
	ss_json_free(v);
	ss_bytes_free(&b);
}

/* The secret stands for what a record holds of a person. */
static void
test_errors(void)
{
	static const struct {
		const char *text, *message;
	} bad[] = {
		{ "", "byte 0: ends too early" },
		{ "{\"SECRET\":1", "byte 11: ends too early" },
		{ "{\"SECRET\":1}x", "byte 13: goes on after its end" },
		{ "{\"SECRET\":1}{}", "byte 13: goes on after its end" },
		{ "{\"SECRET\" 1}", "byte 11: not JSON" },
		{ "{\"a\":SECRET}", "byte 11: not JSON" },
		{ "SECRET", "byte 6: not JSON" },
		{ "\"SECRET\"", "byte 8: not JSON" },
		{ "{\"SECRET\":1,\"SECRET\":2}",
		    "byte 20: names a member twice" },
		{ "{\"\\u0053ECRET\":1,\"SECRET\":2}",
		    "byte 25: names a member twice" },
		{ "[\"SECRET\xff\"]", "byte 8: not UTF-8" },
		{ "[\"SECRET\xed\xa0\x80\"]", "byte 8: not UTF-8" },
		{ "[\"SECRET\\ud800\"]", "byte 15: not JSON" },
		{ "[\"SECRET\\udc00\"]", "byte 15: not JSON" },
		{ "[\"SECRET\\u0000\"]", "byte 15: holds a NUL character" },
		{ "{\"SECRET\\u0000\":1}", "byte 15: holds a NUL character" },
		{ "[9223372036854775808]", "byte 20: a number too large" },
		{ "[1e999]", "byte 6: a number too large" },
		{ "[01]", "byte 2: not JSON" },
		{ "[1,]", "byte 4: not JSON" },
		{ "[\"SECRET\t\"]", "byte 8: not JSON" },
		{ "[NaN]", "byte 4: not JSON" },
		{ "\xef\xbb\xbf{}",
		    "byte 1: begins with a byte order mark, remove it" },
	};
	struct ss_value *v;
	size_t i;
	int r;

	for (i = 0; i < LEN(bad); i++) {
		r = ss_json_parse(bad[i].text, strlen(bad[i].text), &v);
		ok(r == SS_EINVALID && v == NULL, "no '%s'", bad[i].text);
		is(ss_message(), bad[i].message, "says where and why");
		ok(strstr(ss_message(), "SECRET") == NULL, "but not what");
	}
	r = ss_json_parse("[\"a\0b\"]", 7, &v);
	ok(r == SS_EINVALID && v == NULL, "no raw NUL");
	is(ss_message(), "byte 4: holds a NUL character", "says where");
	/* jansson 2.14 reads over one behind a number. */
	r = ss_json_parse("[1\0]", 4, &v);
	ok(r == SS_EINVALID && v == NULL, "nor behind a number");
	ss_json_free(v);
}

static void
test_depth(void)
{
	struct ss_bytes b = { 0 };
	struct ss_value *v;
	int i, depth;

	for (depth = 2048; depth <= 100000; depth += 100000 - 2048) {
		ss_bytes_reset(&b);
		for (i = 0; i < depth; i++)
			ss_bytes_addc(&b, '[');
		for (i = 0; i < depth; i++)
			ss_bytes_addc(&b, ']');
		ok((ss_json_parse(b.data, b.len, &v) == 0) == (depth == 2048),
		    "%d arrays in each other", depth);
		ss_json_free(v);
	}
	is(ss_message(), "byte 2049: nested too deeply", "says so");
	ss_bytes_free(&b);
}

static void
test_file(void)
{
	char path[] = "/tmp/json.XXXXXX", want[64];
	int fd = mkstemp(path);
	struct ss_value *v;

	if (fd == -1 || write(fd, "{\"a\":}", 6) != 6)
		exit(1);
	ok(ss_json_read_file(path, &v) == SS_EINVALID && v == NULL,
	    "a broken file");
	snprintf(want, sizeof(want), "%s: byte 6: not JSON", path);
	is(ss_message(), want, "names it");
	if (pwrite(fd, "{\"a\":1}", 7, 0) != 7)
		exit(1);
	ok(ss_json_read_file(path, &v) == 0, "a good one");
	is(text_of(v, false), "{\"a\":1}", "its value");
	ss_json_free(v);
	if (ftruncate(fd, 0) == -1)
		exit(1);
	ok(ss_json_read_file(path, &v) == SS_EINVALID, "an empty one");
	if (ftruncate(fd, (4 << 20) + 1) == -1)
		exit(1);
	ok(ss_json_read_file(path, &v) == SS_EINVALID && v == NULL,
	    "one beyond 4 MiB");
	close(fd);
	unlink(path);
	ok(ss_json_read_file(path, &v) == SS_EMISSING && v == NULL, "none");
}

int
main(void)
{
	char words[128] = "";
	int i;

	for (i = SS_NONE; i <= SS_OBJECT; i++) {
		strcat(words, ss_kind_word((enum ss_kind)i));
		strcat(words, "|");
	}
	is(words, "nothing|null|true or false|a whole number|a number with a "
	    "fraction|a string|an array|an object|", "words of kinds");
	test_paths();
	test_numbers();
	test_each();
	test_merge();
	test_text();
	test_writer();
	test_errors();
	test_depth();
	test_file();
	return done();
}
