/* Tables: the same rows as text, CSV and JSON Lines; what does not fit. */
#include <stdlib.h>

#include "base/err.h"
#include "base/json.h"
#include "base/table.h"
#include "../tap.h"

#define LEN(array) (sizeof(array) / sizeof((array)[0]))

static const struct ss_column columns[] = { { "name", false },
	{ "n", true }, { "note", false } };
static struct ss_bytes written;
static size_t pieces;
static int answer;		/* of put */

static int
put(const char *text, size_t len, void *ctx)
{
	pieces++;
	ss_bytes_add(ctx, text, len);
	return answer;
}

static struct ss_table *
open_table(enum ss_table_format format)
{
	struct ss_table_sink sink = { format, put, &written };
	struct ss_table *t;

	ss_bytes_reset(&written);
	pieces = 0;
	answer = 0;
	if (ss_table_open(&t, &sink, columns, LEN(columns)) != 0)
		exit(1);
	return t;
}

static int
add_row(struct ss_table *t, const char *name, int64_t n, const char *note)
{
	ss_table_add(t, name);
	ss_table_addi(t, n);
	ss_table_add(t, note);
	return ss_table_row(t);
}

static const char *
end(struct ss_table *t)
{
	if (ss_table_end(t) != 0)
		printf("# %s\n", ss_message());
	ss_table_close(t);
	return written.data != NULL ? written.data : "";
}

static const char *
rows_as(enum ss_table_format format)
{
	struct ss_table *t = open_table(format);

	add_row(t, "北京", 7, "a,\"b\"");
	add_row(t, "x\x1b[1m\n", -12345, NULL);
	add_row(t, "", 0, "一二三");
	return end(t);
}

static void
test_formats(void)
{
	is(rows_as(SS_TABLE_TEXT),
	    "name         n  note\n"
	    "北京         7  a,\"b\"\n"
	    "x?[1m?  -12345  -\n"
	    "             0  一二三\n", "text: aligned, no control character");
	is(rows_as(SS_TABLE_CSV),
	    "name,n,note\r\n"
	    "北京,7,\"a,\"\"b\"\"\"\r\n"
	    "\"x\x1b[1m\n\",-12345,\r\n"
	    ",0,一二三\r\n", "CSV: quoted where it must be");
	is(rows_as(SS_TABLE_JSON),
	    "{\"name\":\"北京\",\"n\":7,\"note\":\"a,\\\"b\\\"\"}\n"
	    "{\"name\":\"x\\u001b[1m\\u000a\",\"n\":-12345,\"note\":null}\n"
	    "{\"name\":\"\",\"n\":0,\"note\":\"一二三\"}\n",
	    "JSON Lines: escaped, null for nothing");
}

static void
test_empty(void)
{
	is(end(open_table(SS_TABLE_TEXT)), "name  n  note\n",
	    "no row as text: the heading");
	is(end(open_table(SS_TABLE_CSV)), "name,n,note\r\n",
	    "no row as CSV: the heading");
	is(end(open_table(SS_TABLE_JSON)), "", "no row as JSON: nothing");
}

static void
test_hundredths(void)
{
	static const struct {
		int64_t n;
		const char *text;
	} cases[] = { { 0, "0.00" }, { 5, "0.05" }, { -5, "-0.05" },
		{ 100, "1.00" }, { 123456, "1234.56" }, { -250, "-2.50" } };
	struct ss_table *t;
	char want[64];
	size_t i;

	for (i = 0; i < LEN(cases); i++) {
		t = open_table(SS_TABLE_JSON);
		ss_table_none(t);
		ss_table_add_hundredths(t, cases[i].n);
		ss_table_none(t);
		ss_table_row(t);
		snprintf(want, sizeof(want),
		    "{\"name\":null,\"n\":%s,\"note\":null}\n", cases[i].text);
		is(end(t), want, cases[i].text);
	}
}

/* Rows flow on when enough are held, and then as they come. */
static void
test_many(void)
{
	struct ss_table *t = open_table(SS_TABLE_TEXT);
	size_t i, held, width, lines = 0, bad = 0;
	const char *p, *q;
	int r = 0;

	for (i = 0; r == 0 && pieces == 0 && i < 1000000; i++)
		r = add_row(t, "row", (int64_t)i, "x");
	held = i;
	ok(r == 0 && held > 1000 && held < 1000000, "%zu rows are held", held);
	pieces = 0;
	add_row(t, "row", 7, "x");
	ok(pieces == 1, "the next one is not");
	add_row(t, "a name that is wider than all before", 8, "x");
	width = strlen("name  ") + (size_t)snprintf(NULL, 0, "%zu",
	    held - 1) + strlen("  x");
	for (p = end(t); *p != '\0'; p = q + 1) {
		q = strchr(p, '\n');
		bad += lines > 0 && lines < held + 2 &&
		    (size_t)(q - p) != width;
		lines++;
	}
	ok(lines == held + 3 && bad == 0, "each is written, and aligned");
	ok(strstr(written.data, "\na name that is wider than all before") !=
	    NULL, "a wider one too");
}

static void
test_faults(void)
{
	struct ss_table_sink sink = { SS_TABLE_CSV, put, &written };
	struct ss_column many[SS_COLUMNS_MAX + 1] = { { "a", false } };
	struct ss_table *t = open_table(SS_TABLE_JSON);

	ss_table_add(t, "a");
	ok(ss_table_row(t) == SS_EINVALID, "a row that is too short");
	ss_table_close(t);
	t = open_table(SS_TABLE_CSV);
	answer = SS_EIO;
	ok(add_row(t, "a", 1, "b") == SS_EIO, "what put returns comes back");
	ss_table_close(t);
	t = open_table(SS_TABLE_TEXT);
	add_row(t, "a", 1, "b");
	answer = SS_EIO;
	ok(ss_table_end(t) == SS_EIO, "at the end too");
	ss_table_close(t);
	ok(ss_table_open(&t, &sink, many, LEN(many)) == SS_EINVALID &&
	    t == NULL, "too many columns");
	ss_table_close(NULL);
	ok(ss_table_format_find("csv") == SS_TABLE_CSV &&
	    ss_table_format_find("xml") == SS_TABLE_FORMATS, "formats");
}

static void
test_width(void)
{
	static const struct {
		const char *text;
		size_t width;
	} cases[] = { { "", 0 }, { "abc", 3 }, { "社会", 4 }, { "é", 1 },
		{ "e\xcc\x81", 1 }, { "ＡＢ", 4 }, { "\xf0\xa0\x80\x80", 2 },
		{ "（、）", 6 }, { "·", 1 }, { "가", 2 } };
	size_t i;

	for (i = 0; i < LEN(cases); i++)
		ok(ss_text_width(cases[i].text, strlen(cases[i].text)) ==
		    cases[i].width, "the width of \"%s\"", cases[i].text);
}

int
main(void)
{
	test_formats();
	test_empty();
	test_hundredths();
	test_many();
	test_faults();
	test_width();
	ss_bytes_free(&written);
	return done();
}
