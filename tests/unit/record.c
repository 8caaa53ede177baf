/* Records: one line each, changed by splicing. */
#include <stdlib.h>

#include "base/record.h"
#include "base/text.h"
#include "../tap.h"

#define LEN(array) (sizeof(array) / sizeof((array)[0]))

static struct ss_record rec;

/* Takes a line into rec; its outcome. */
static enum ss_outcome
take(const char *text, size_t len)
{
	const struct ss_line line = { .data = text, .len = len,
		.full_len = len, .number = 7 };

	if (ss_record_keep(&rec, &line) != 0 || ss_record_parse(&rec) != 0)
		ok(false, "%s", ss_message());
	return rec.outcome;
}

static const char *
composed(void)
{
	int r = ss_record_compose(&rec, "ss-test", SS_LINE_LIMIT);

	return r == 0 ? rec.out.data : ss_message();
}

/* In the edits, "name=value" sets a member and "-name" removes one. */
static void
test_splice(void)
{
	static const char *const cases[][3] = {
		{ "{}", "a=1", "{\"a\":1}" },
		{ " { } ", "a=1", "{\"a\":1}" },
		{ "{\"a\":1}", "b=2", "{\"a\":1,\"b\":2}" },
		{ "{\"a\":1}", "a=2", "{\"a\":2}" },
		{ "{\"a\":1,\"b\":2,\"c\":3}", "a=9",
		    "{\"a\":9,\"b\":2,\"c\":3}" },
		{ "{\"a\":1,\"b\":2,\"c\":3}", "b=9",
		    "{\"a\":1,\"b\":9,\"c\":3}" },
		{ "{\"a\":1,\"b\":2,\"c\":3}", "c=9 d=0",
		    "{\"a\":1,\"b\":2,\"c\":9,\"d\":0}" },
		{ "{\"a\":1,\"b\":2,\"c\":3}", "-a", "{\"b\":2,\"c\":3}" },
		{ "{\"a\":1,\"b\":2,\"c\":3}", "-b", "{\"a\":1,\"c\":3}" },
		{ "{\"a\":1,\"b\":2,\"c\":3}", "-c", "{\"a\":1,\"b\":2}" },
		{ "{\"a\":1}", "-a", "{}" },
		{ "{\"a\":null}", "-a", "{}" },
		{ "{\"a\":1}", "-a b=2", "{\"b\":2}" },
		{ "{\"a\":1,\"b\":2}", "-b -a", "{}" },
		{ "{\"a\":1}", "-none", "{\"a\":1}" },
		{ "{\"a\":1}", "", "{\"a\":1}" },
		{ "{\"\\u0061\":1,\"b\":2}", "a=9", "{\"a\":9,\"b\":2}" },
		{ "{\"b\":2,\"\\u0061\":1}", "-a", "{\"b\":2}" },
		{ "{\"\\\"a\":1,\"a\":2}", "a=9", "{\"\\\"a\":1,\"a\":9}" },
		{ "{\"a\\\\\":{\"}\":\"\\\"}\"},\"a\":[\"]\",{}]}", "a=9",
		    "{\"a\\\\\":{\"}\":\"\\\"}\"},\"a\":9}" },
		{ "{\"ab\":1,\"a\":2,\"\":3}", "a=9",
		    "{\"ab\":1,\"a\":9,\"\":3}" },
		{ "\t{ \"a\" : 1.50e+01 ,\r \"b\" :\t[ 1 , 2 ] } \r", "c=3",
		    "{\"a\" : 1.50e+01,\"b\" :\t[ 1 , 2 ],\"c\":3}" },
		{ "{ \"a\" : \"\\/\\u793e\" , \"b\":-0}", "b=1",
		    "{\"a\" : \"\\/\\u793e\",\"b\":1}" },
		{ "  { \"a\" : 1 }\r", "", "  { \"a\" : 1 }\r" },
		{ "{\"a\":true,\"b\":null,\"c\":12 }", "b=\"x\"",
		    "{\"a\":true,\"b\":\"x\",\"c\":12}" },
	};
	char edits[64], *word, *value;
	size_t i;

	for (i = 0; i < LEN(cases); i++) {
		take(cases[i][0], strlen(cases[i][0]));
		strcpy(edits, cases[i][1]);
		for (word = strtok(edits, " "); word != NULL;
		    word = strtok(NULL, " ")) {
			if (word[0] == '-') {
				ss_record_remove(&rec, word + 1);
				continue;
			}
			value = strchr(word, '=');
			*value++ = '\0';
			ss_bytes_adds(ss_record_set(&rec, word), value);
		}
		is(composed(), cases[i][2], cases[i][1]);
		ok(rec.outcome == SS_DONE && rec.code == 0, "done");
	}
}

static void
test_set(void)
{
	struct ss_bytes canonical = { 0 }, *b;

	take("{\"keep\":1}", 10);
	b = ss_record_set(&rec, "obj");
	ss_json_open(b, NULL, '{');
	ss_json_add(b, "x", "y");
	ss_json_addi(b, "n", 5);
	ss_json_close(b, '}');
	b = ss_record_set(&rec, "str");
	ss_json_add(b, NULL, "z");
	ss_record_set(&rec, "nothing");
	ss_record_already(&rec);
	is(composed(), "{\"keep\":1,\"obj\":{\"x\":\"y\",\"n\":5},"
	    "\"str\":\"z\",\"already\":true}", "values of several members");
	ok(rec.outcome == SS_ALREADY, "done before");
	take("{\"already\":false}", 17);
	ss_record_already(&rec);
	is(composed(), "{\"already\":true}", "said once");
	take("{\"already\":true,\"a\":1}", 22);
	ok(ss_record_canonical(&rec, &canonical) == 0, "canonical");
	is(canonical.data, "{\"a\":1}", "is without it");
	ss_record_remove(&rec, "already");
	is(composed(), "{\"a\":1}", "and it can still be removed");
	ss_bytes_free(&canonical);
	take("{\"a\": 1}", 8);
	ss_bytes_adds(ss_record_set(&rec, "a"), "2");
	is(composed(), "{\"a\":2}", "set");
	ss_record_undo(&rec);
	is(composed(), "{\"a\": 1}", "undone");
	ss_bytes_adds(ss_record_set(&rec, "a"), "3");
	is(composed(), "{\"a\":3}", "and set anew");
	ok(take("{\"p\":{\"q\":\"v\"}}", 15) == SS_DONE, "another line");
	is(ss_record_string(&rec, "p.q"), "v", "read through a path");
	ok(ss_record_string(&rec, "p") == NULL &&
	    ss_record_get(&rec, "x") == NULL, "and what is not there");
	is(ss_record_message(&rec), "", "no message");
	is(composed(), "{\"p\":{\"q\":\"v\"}}", "as it was");
}

static void
test_fail(void)
{
	take("{\"a\":1,\"error\":null}", 20);
	ok(rec.outcome == SS_DONE, "no error in null");
	ss_bytes_adds(ss_record_set(&rec, "a"), "2");
	ss_record_fail(&rec, ss_fail(SS_EPOLICY, "not \"here\""));
	ok(rec.outcome == SS_FAILED && rec.code == SS_EPOLICY, "failed");
	is(ss_record_message(&rec), "not \"here\"", "its sentence");
	is(composed(), "{\"a\":1,\"error\":{\"tool\":\"ss-test\","
	    "\"code\":\"policy\",\"message\":\"not \\\"here\\\"\"}}",
	    "edits dropped, the error added");
	ok(take("{\"error\":{},\"a\":1}", 18) == SS_UPSTREAM, "upstream's");
	is(composed(), "{\"error\":{},\"a\":1}", "passes untouched");
	ok(take("{\"error\":\"x\"}", 13) == SS_UPSTREAM, "of any kind");
	/* What a message quotes may be cut, or a path that is not UTF-8. */
	take("{}", 2);
	ss_record_fail(&rec, ss_fail(SS_EIO, "a\xe7\xa4 b\xff"));
	composed();
	ok(ss_utf8_valid(rec.out.data, rec.out.len),
	    "a message that is not UTF-8 leaves a record that is");
}

#define NO_RECORD(code, message) "{\"error\":{\"tool\":\"ss-test\"," \
	"\"code\":\"" code "\",\"message\":\"" message "\"}," \
	"\"line\":{\"number\":7,"

static void
no_record(const char *text, size_t len, const char *want)
{
	ok(take(text, len) == SS_FAILED && rec.root == NULL &&
	    rec.code == SS_EINVALID, "no record");
	is(composed(), want, "but one is made of it");
}

static void
test_no_record(void)
{
	struct ss_line line = { .data = "half", .len = 4, .full_len = 4,
		.number = 7, .code = SS_EINVALID, .message = "no row" };

	no_record("", 0, NO_RECORD("invalid", "an empty line")
	    "\"text\":\"\"}}");
	no_record(" \t\r", 3, NO_RECORD("invalid", "an empty line")
	    "\"text\":\" \\u0009\\u000d\"}}");
	no_record("{\"a\":1", 6, NO_RECORD("invalid",
	    "byte 6: ends too early") "\"text\":\"{\\\"a\\\":1\"}}");
	no_record("[1]", 3, NO_RECORD("invalid", "an array, not an object")
	    "\"text\":\"[1]\"}}");
	no_record("\xc9\xe7", 2, NO_RECORD("invalid", "byte 0: not UTF-8")
	    "\"encoding\":\"base64\",\"text\":\"yec=\"}}");
	no_record("{}\0", 3, NO_RECORD("invalid",
	    "byte 3: holds a NUL character")
	    "\"encoding\":\"base64\",\"text\":\"e30A\"}}");
	no_record("{\"\":1\0}", 7, NO_RECORD("invalid",
	    "byte 6: holds a NUL character")
	    "\"encoding\":\"base64\",\"text\":\"eyIiOjEAfQ==\"}}");
	ss_record_keep(&rec, &line);
	ss_record_parse(&rec);
	is(composed(), NO_RECORD("invalid", "no row") "\"text\":\"half\"}}",
	    "its reader's reason");
	line = (struct ss_line){ .data = "head", .len = 4, .full_len = 9999,
		.sm3 = "abc", .number = 7 };
	ss_record_keep(&rec, &line);
	ss_record_parse(&rec);
	is(composed(), NO_RECORD("invalid", "longer than the line limit")
	    "\"length\":9999,\"sm3\":\"abc\",\"head\":\"head\"}}",
	    "a line that was cut");
}

/* A record of len bytes: {"a":"xxx..."}. */
static void
take_long(size_t len, int c)
{
	char *text = malloc(len + 1);

	memset(text, c, len);
	memcpy(text, "{\"a\":\"", 6);
	memcpy(text + len - 2, "\"}", 3);
	take(text, len);
	free(text);
}

static void
test_limit(void)
{
	const size_t limit = SS_LINE_LIMIT_MIN;

	take_long(limit, 'x');
	ok(ss_record_compose(&rec, "t", limit) == 0 &&
	    rec.out.len == limit && rec.outcome == SS_DONE, "of the limit");
	take_long(limit - 8, 'x');
	ss_bytes_adds(ss_record_set(&rec, "b"), "12");
	ok(ss_record_compose(&rec, "t", limit) == 0 &&
	    rec.out.len == limit - 1 && rec.outcome == SS_DONE, "near it");
	take_long(limit - 6, 'x');
	ss_bytes_adds(ss_record_set(&rec, "b"), "12");
	ok(ss_record_compose(&rec, "t", limit) == 0 &&
	    rec.outcome == SS_FAILED && rec.out.len < 1024, "beyond it");
	is(ss_record_message(&rec), "the record would pass the line limit",
	    "says so");
	ok(strstr(rec.out.data, "\"length\":4090,\"sm3\":\"") != NULL &&
	    strstr(rec.out.data, "\"head\":\"{\\\"a\\\":\\\"xxx") != NULL,
	    "keeps length, digest and head");
	take_long(limit, 'x');
	ss_record_fail(&rec, ss_fail(SS_EPOLICY, "no"));
	ok(ss_record_compose(&rec, "t", limit) == 0 && rec.out.len < 1024 &&
	    strcmp(ss_record_message(&rec), "no") == 0 && rec.code ==
	    SS_EPOLICY, "its own error stays, beyond the limit");
	take_long(limit, 1);
	ok(rec.root == NULL && ss_record_compose(&rec, "t", limit) == 0 &&
	    rec.out.len <= limit, "a text that escapes make longer");
	take_long(limit, 0x80);
	ok(rec.root == NULL && ss_record_compose(&rec, "t", limit) == 0 &&
	    rec.out.len <= limit && strstr(rec.out.data, "base64") != NULL,
	    "or base64 does");
}

int
main(void)
{
	test_splice();
	test_set();
	test_fail();
	test_no_record();
	test_limit();
	ss_record_free(&rec);
	ok(rec.out.data == NULL && rec.root == NULL, "freed");
	return done();
}
