/* Lines of a file, each taken as a record, changed and composed. The first
 * byte says what is done to them. */
#define _GNU_SOURCE	/* memfd_create */
#include "../fuzz-main.h"
#include "base/line.h"
#include "base/text.h"

enum { NOTHING, ADD, REPLACE, REMOVE, FAIL, WAYS };

/* Appends JSON text without the white space between its tokens. */
static void
squeeze(struct ss_bytes *out, const char *p, size_t len)
{
	bool inside = false;
	size_t i;

	for (i = 0; i < len; i++) {
		if (inside || strchr(" \t\r", p[i]) == NULL)
			ss_bytes_addc(out, p[i]);
		if (inside && p[i] == '\\')
			ss_bytes_addc(out, p[++i]);
		else if (p[i] == '"')
			inside = !inside;
	}
}

/* Every member of a but the touched one has an equal in b. */
static void
check_others(const struct ss_value *a, const struct ss_value *b,
    const char *touched)
{
	struct ss_bytes x = { 0 }, y = { 0 };
	const struct ss_value *v;
	const char *name;
	void *iter = NULL;

	while (ss_value_each(a, &iter, &name, &v)) {
		if (strcmp(name, touched) == 0)
			continue;
		ss_bytes_reset(&x);
		ss_bytes_reset(&y);
		FUZZ_CHECK(ss_value_member(b, name) != NULL);
		ss_value_write(v, &x);
		ss_value_write(ss_value_member(b, name), &y);
		FUZZ_CHECK(strcmp(x.data, y.data) == 0);
	}
	ss_bytes_free(&x);
	ss_bytes_free(&y);
}

/* A line that is no record can be had back from the one made of it. */
static void
check_line_kept(const struct ss_line *line, const struct ss_value *root)
{
	const struct ss_value *text = ss_value_get(root, "line.text");
	struct ss_bytes b = { 0 };

	FUZZ_CHECK(text != NULL || (line->full_len > SS_LINE_HEAD &&
	    ss_value_string(ss_value_get(root, "line.sm3")) != NULL));
	if (text == NULL)
		return;
	if (ss_value_get(root, "line.encoding") != NULL)
		ss_base64(&b, line->data, line->len);
	else
		ss_bytes_add(&b, line->data, line->len);
	FUZZ_CHECK(ss_value_string_len(text) == b.len && (b.len == 0 ||
	    memcmp(ss_value_string(text), b.data, b.len) == 0));
	ss_bytes_free(&b);
}

/* Adding a member leaves the text of the others as it was. */
static void
check_added(const struct ss_line *line, const struct ss_record *rec)
{
	struct ss_bytes x = { 0 }, y = { 0 };

	squeeze(&x, line->data, line->len);
	x.len--;
	ss_bytes_adds(&x, ss_value_count(rec->root) > 0 ? ",\"zz\":[1]}" :
	    "\"zz\":[1]}");
	squeeze(&y, rec->out.data, rec->out.len);
	FUZZ_CHECK(strcmp(x.data, y.data) == 0);
	ss_bytes_free(&x);
	ss_bytes_free(&y);
}

/* The name of the first member that can be named; "zz" when there is none. */
static const char *
first_name(const struct ss_record *rec)
{
	const struct ss_value *v;
	const char *name;
	void *iter = NULL;

	while (ss_value_each(rec->root, &iter, &name, &v))
		if (strlen(name) < 32 && strchr(name, '.') == NULL)
			return name;
	return "zz";
}

static void
check_record(const struct ss_line *line, int way)
{
	struct ss_record rec = { .number = 0 };
	const char *name;
	struct ss_value *root = NULL;

	FUZZ_CHECK(ss_record_keep(&rec, line) == 0 &&
	    ss_record_parse(&rec) == 0);
	name = way == ADD ? "zz" : first_name(&rec);
	if (rec.outcome != SS_DONE)
		way = NOTHING;
	if (way == ADD && ss_record_get(&rec, "zz") != NULL)
		way = REPLACE;
	if (way == ADD || way == REPLACE)
		ss_bytes_adds(ss_record_set(&rec, name), "[1]");
	else if (way == REMOVE)
		ss_record_remove(&rec, name);
	else if (way == FAIL)
		ss_record_fail(&rec, ss_fail(SS_EPOLICY, "\"no\""));
	FUZZ_CHECK(ss_record_compose(&rec, "fuzz", SS_LINE_LIMIT_MIN) == 0 &&
	    rec.out.len <= SS_LINE_LIMIT_MIN &&
	    memchr(rec.out.data, '\n', rec.out.len) == NULL &&
	    ss_json_parse(rec.out.data, rec.out.len, &root) == 0 &&
	    ss_value_kind(root) == SS_OBJECT);
	if (rec.root == NULL || ss_value_get(root, "line.length") != NULL)
		check_line_kept(line, root);
	else if (way == NOTHING)
		FUZZ_CHECK(rec.out.len == line->len && memcmp(rec.out.data,
		    line->data, line->len) == 0);
	else if (way == ADD)
		check_added(line, &rec);
	else
		check_others(rec.root, root, way == FAIL ? "error" : name);
	if (way == REMOVE && rec.outcome == SS_DONE)
		FUZZ_CHECK(ss_value_member(root, name) == NULL);
	ss_json_free(root);
	ss_record_free(&rec);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *text = (const char *)data + 1, *paths[1];
	char path[32];
	struct ss_source source;
	struct ss_lines lines;
	struct ss_input in;
	struct ss_line line;
	enum ss_next what;
	size_t at = 0, i;
	int fd;

	if (size-- == 0)
		return 0;
	fd = fuzz_file(text, size, path);
	paths[0] = path;
	ss_input_init(&in, paths, 1, NULL);
	FUZZ_CHECK(ss_lines_init(&lines, &in, SS_LINE_LIMIT_MIN) == 0);
	source = ss_lines_source(&lines);
	while (source.next(source.ctx, true, &line, &what) == 0 &&
	    what == SS_LINE) {
		FUZZ_CHECK(at + line.full_len <= size && (line.len == 0 ||
		    memcmp(line.data, text + at, line.len) == 0));
		for (i = 0; i < line.full_len; i++)
			FUZZ_CHECK(text[at + i] != '\n');
		at += line.full_len;
		FUZZ_CHECK(at == size || text[at] == '\n');
		at += at < size;
		check_record(&line, data[0] % WAYS);
	}
	FUZZ_CHECK(what == SS_NO_MORE && at == size);
	ss_lines_wipe(&lines);
	ss_input_wipe(&in);
	close(fd);
	return 0;
}
