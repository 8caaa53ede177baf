#include <stdlib.h>
#include <string.h>

#include "base/record_own.h"
#include "base/text.h"

struct ss_member {
	size_t key, key_end;		/* with its quotes */
	size_t value_end;
};

void
ss_record_free(struct ss_record *rec)
{
	ss_json_free(rec->root);
	ss_bytes_free(&rec->out);
	ss_bytes_free(&rec->text);
	ss_bytes_free(&rec->message);
	ss_bytes_free(&rec->detail);
	ss_bytes_free(&rec->edits);
	free(rec->members);
	free(rec->edit);
	*rec = (struct ss_record){ 0 };
}

/* Makes room for one more element of an array; NULL when memory is out. */
static void *
grow(void *array, size_t count, size_t *cap, size_t size)
{
	void *p;

	if (count < *cap)
		return array;
	if ((p = realloc(array, (*cap * 2 + 16) * size)) == NULL)
		return NULL;
	*cap = *cap * 2 + 16;
	return p;
}

static size_t
skip_space(const char *s, size_t i)
{
	while (s[i] == ' ' || s[i] == '\t' || s[i] == '\r' || s[i] == '\n')
		i++;
	return i;
}

/* The scanners below run over text that jansson has found to be JSON. */
static size_t
skip_string(const char *s, size_t i)
{
	const char *p = s + i, *b;

	/* A quote behind an odd number of backslashes is a part of it. */
	do {
		p = strchr(p + 1, '"');
		for (b = p; b[-1] == '\\'; b--)
			;
	} while ((p - b) % 2 != 0);
	return (size_t)(p - s) + 1;
}

static size_t
skip_value(const char *s, size_t i)
{
	int depth = 0;

	if (s[i] == '"')
		return skip_string(s, i);
	if (s[i] != '{' && s[i] != '[')
		return i + strcspn(s + i, ",} \t\r\n");
	do {
		if (s[i] == '"') {
			i = skip_string(s, i);
			continue;
		}
		if (s[i] == '{' || s[i] == '[')
			depth++;
		else if (s[i] == '}' || s[i] == ']')
			depth--;
		i++;
	} while (depth > 0);
	return i;
}

/* Finds where each top-level member stands. */
static int
find_members(struct ss_record *rec)
{
	const char *s = rec->text.data;
	size_t i = skip_space(s, skip_space(s, 0) + 1);
	struct ss_member *m;

	rec->member_count = 0;
	while (s[i] != '}') {
		m = grow(rec->members, rec->member_count, &rec->member_cap,
		    sizeof(*m));
		if (m == NULL)
			return ss_fail(SS_EMEMORY, "out of memory");
		rec->members = m;
		m += rec->member_count++;
		m->key = i;
		m->key_end = i = skip_string(s, i);
		i = skip_space(s, skip_space(s, i) + 1);
		m->value_end = i = skip_value(s, i);
		i = skip_space(s, i);
		if (s[i] == ',')
			i = skip_space(s, i + 1);
	}
	return 0;
}

/* Not the parsed value: freeing it is left to a thread of ss_record_parse. */
static void
clear(struct ss_record *rec)
{
	rec->outcome = SS_DONE;
	rec->code = 0;
	rec->member_count = rec->edit_count = 0;
	ss_bytes_reset(&rec->out);
	ss_bytes_reset(&rec->text);
	ss_bytes_reset(&rec->message);
	ss_bytes_reset(&rec->detail);
	ss_bytes_reset(&rec->edits);
}

static int
parse(struct ss_record *rec)
{
	int r;

	if (skip_space(rec->text.data, 0) == rec->text.len)
		return ss_fail(SS_EINVALID, "an empty line");
	if ((r = ss_json_parse(rec->text.data, rec->text.len, &rec->root)) != 0)
		return r;
	if (ss_value_kind(rec->root) != SS_OBJECT) {
		ss_json_free(rec->root);
		rec->root = NULL;
		return ss_fail(SS_EINVALID, "an array, not an object");
	}
	/* Half of its members would be a record that has lost the others. */
	if ((r = find_members(rec)) != 0) {
		ss_json_free(rec->root);
		rec->root = NULL;
	}
	return r;
}

int
ss_record_keep(struct ss_record *rec, const struct ss_line *line)
{
	clear(rec);
	rec->line = *line;
	rec->number = line->number;
	ss_bytes_add(&rec->text, line->data, line->len);
	rec->line.data = rec->text.len > 0 ? rec->text.data : "";
	return ss_bytes_check(&rec->text);
}

/* As jq's select(.error) sees it: neither null nor false. */
static bool
is_error(const struct ss_value *v)
{
	return ss_value_kind(v) > SS_NULL && ss_value_bool(v, true);
}

int
ss_record_parse(struct ss_record *rec)
{
	const struct ss_line *line = &rec->line;
	int r;

	ss_json_free(rec->root);
	rec->root = NULL;
	rec->version++;
	if (line->code != 0)
		r = ss_fail(line->code, "%s", line->message);
	else if (line->full_len > line->len)
		r = ss_fail(SS_EINVALID, "longer than the line limit");
	else if (line->len == 0)
		r = ss_fail(SS_EINVALID, "an empty line");
	else
		r = parse(rec);
	if (r == SS_EMEMORY)
		return r;
	if (r != 0)
		return ss_record_fail(rec, r);
	if (is_error(ss_value_get(rec->root, "error")))
		rec->outcome = SS_UPSTREAM;
	return 0;
}

const struct ss_value *
ss_record_get(const struct ss_record *rec, const char *path)
{
	return ss_value_get(rec->root, path);
}

const char *
ss_record_string(const struct ss_record *rec, const char *path)
{
	return ss_value_string(ss_value_get(rec->root, path));
}

bool
ss_edit_removes(const struct ss_edit *e)
{
	return e->to <= e->from;
}

void
ss_record_end_edit(struct ss_record *rec)
{
	if (rec->edit_count > 0 && rec->edit[rec->edit_count - 1].to == 0)
		rec->edit[rec->edit_count - 1].to = rec->edits.len;
}

static struct ss_edit *
new_edit(struct ss_record *rec, const char *name)
{
	struct ss_edit *e;
	size_t i;

	ss_record_end_edit(rec);
	/* What was said of this member before gives way. */
	for (i = 0; i < rec->edit_count; i++)
		if (strncmp(rec->edit[i].name, name,
		    sizeof(rec->edit[i].name) - 1) == 0) {
			memmove(&rec->edit[i], &rec->edit[i + 1],
			    (--rec->edit_count - i) * sizeof(*e));
			break;
		}
	/* A line of its own, so that ss_json_key sees a fresh start. */
	ss_bytes_addc(&rec->edits, '\n');
	e = grow(rec->edit, rec->edit_count, &rec->edit_cap, sizeof(*e));
	if (e == NULL) {
		rec->edits.failed = true;
		return NULL;
	}
	rec->edit = e;
	e += rec->edit_count++;
	*e = (struct ss_edit){ .from = rec->edits.len };
	strncpy(e->name, name, sizeof(e->name) - 1);
	return e;
}

struct ss_bytes *
ss_record_set(struct ss_record *rec, const char *name)
{
	new_edit(rec, name);
	return &rec->edits;
}

void
ss_record_remove(struct ss_record *rec, const char *name)
{
	struct ss_edit *e;

	/* The text may have what was taken out of the value already. */
	if ((e = new_edit(rec, name)) != NULL)
		e->to = e->from;
}

const char *
ss_record_edited(const struct ss_record *rec, size_t i)
{
	return i < rec->edit_count ? rec->edit[i].name : NULL;
}

void
ss_record_undo(struct ss_record *rec)
{
	rec->edit_count = 0;
	ss_bytes_reset(&rec->edits);
}

int
ss_record_fail(struct ss_record *rec, int code)
{
	rec->outcome = SS_FAILED;
	rec->stale = true;
	rec->code = code;
	ss_bytes_reset(&rec->message);
	ss_bytes_adds(&rec->message, ss_message());
	rec->edit_count = 0;
	ss_bytes_reset(&rec->edits);
	return 0;
}

void
ss_record_already(struct ss_record *rec)
{
	ss_bytes_adds(ss_record_set(rec, "already"), "true");
	rec->outcome = SS_ALREADY;
	rec->stale = true;
}

int
ss_record_become(struct ss_record *rec, const char *text, size_t len)
{
	struct ss_value *root;
	int r;

	if ((r = ss_json_parse(text, len, &root)) != 0)
		return r;
	ss_json_free(rec->root);
	rec->root = root;
	rec->version++;
	rec->edit_count = 0;
	rec->stale = true;
	ss_bytes_reset(&rec->edits);
	ss_bytes_reset(&rec->text);
	ss_bytes_add(&rec->text, text, len);
	if ((r = ss_bytes_check(&rec->text)) != 0)
		return r;
	rec->line.data = rec->text.data;
	rec->line.len = rec->line.full_len = len;
	return find_members(rec);
}

const char *
ss_record_message(const struct ss_record *rec)
{
	return rec->message.len > 0 ? rec->message.data : "";
}

/* The edit for a member of the text; its name may be written with escapes. */
static struct ss_edit *
edit_for(struct ss_record *rec, const struct ss_member *m)
{
	const char *key = rec->text.data + m->key;
	size_t i, len = m->key_end - m->key;
	struct ss_value *v = NULL;
	const char *name;
	struct ss_edit *found = NULL;
	struct ss_bytes quoted = { 0 };

	if (memchr(key, '\\', len) != NULL) {
		ss_bytes_addf(&quoted, "[%.*s]", (int)len, key);
		if (quoted.failed ||
		    ss_json_parse(quoted.data, quoted.len, &v) != 0) {
			rec->out.failed = true;
			goto out;
		}
		name = ss_value_string(ss_value_at(v, 0));
		len = strlen(name);
	} else {
		name = key + 1;
		len -= 2;
	}
	for (i = 0; i < rec->edit_count && found == NULL; i++)
		if (strlen(rec->edit[i].name) == len &&
		    memcmp(rec->edit[i].name, name, len) == 0)
			found = &rec->edit[i];
out:
	ss_json_free(v);
	ss_bytes_free(&quoted);
	return found;
}

static void
add_edit(struct ss_record *rec, struct ss_edit *e)
{
	e->used = true;
	if (ss_edit_removes(e))
		return;
	ss_json_key(&rec->out, e->name);
	ss_bytes_add(&rec->out, rec->edits.data + e->from, e->to - e->from);
}

static void
splice(struct ss_record *rec)
{
	struct ss_member *m;
	struct ss_edit *e;
	size_t i;

	for (i = 0; i < rec->edit_count; i++)
		rec->edit[i].used = false;
	ss_bytes_addc(&rec->out, '{');
	for (i = 0; i < rec->member_count; i++) {
		m = &rec->members[i];
		if ((e = edit_for(rec, m)) != NULL) {
			add_edit(rec, e);
			continue;
		}
		ss_json_key(&rec->out, NULL);
		ss_bytes_add(&rec->out, rec->text.data + m->key,
		    m->value_end - m->key);
	}
	for (i = 0; i < rec->edit_count; i++)
		if (!rec->edit[i].used)
			add_edit(rec, &rec->edit[i]);
	ss_bytes_addc(&rec->out, '}');
}

static void
add_error(const struct ss_record *rec, const char *tool, struct ss_bytes *b)
{
	ss_json_open(b, NULL, '{');
	ss_json_add(b, "tool", tool);
	ss_json_add(b, "code", ss_code_word(rec->code));
	ss_json_add(b, "message", ss_record_message(rec));
	if (rec->detail.len > 0) {
		ss_bytes_addc(b, ',');
		ss_bytes_add(b, rec->detail.data, rec->detail.len);
	}
	ss_json_close(b, '}');
}

/* {"error":...,"line":...}: the line itself, or its head when that is cut. */
static void
compose_line(struct ss_record *rec, const char *tool)
{
	const struct ss_line *l = &rec->line;
	const char *key = "text";
	struct ss_bytes *b = &rec->out;

	ss_bytes_reset(b);
	ss_bytes_adds(b, "{\"error\":");
	add_error(rec, tool, b);
	ss_json_open(b, "line", '{');
	ss_json_addi(b, "number", (int64_t)l->number);
	if (l->full_len > l->len) {
		ss_json_addi(b, "length", (int64_t)l->full_len);
		ss_json_add(b, "sm3", l->sm3);
		key = "head";
	}
	if (!ss_utf8_valid(l->data, l->len) ||
	    memchr(l->data, '\0', l->len) != NULL) {
		ss_json_add(b, "encoding", "base64");
		ss_json_key(b, key);
		ss_bytes_addc(b, '"');
		ss_base64(b, l->data, l->len);
		ss_bytes_addc(b, '"');
	} else {
		ss_json_addn(b, key, l->data, l->len);
	}
	ss_bytes_adds(b, "}}");
}

/* Keeps only the head of the line in the record, with length and digest. */
static int
cut(struct ss_record *rec)
{
	struct ss_line *l = &rec->line;
	struct ss_sm3 *sm3 = NULL;
	int r;

	if (l->full_len > l->len || l->len <= SS_LINE_HEAD)
		return 0;
	if ((r = ss_sm3_new(&sm3)) == 0)
		r = ss_sm3_hex(sm3, l->data, l->len, l->sm3);
	ss_sm3_free(sm3);
	l->full_len = l->len;
	l->len = SS_LINE_HEAD;
	return r;
}

/* What came in, with the edits or the error spliced. SS_EMEMORY. */
static int
build(struct ss_record *rec, const char *tool)
{
	ss_bytes_reset(&rec->out);
	ss_record_end_edit(rec);
	if (rec->outcome == SS_FAILED && rec->root != NULL) {
		/* Also when it was composed before: one error. */
		rec->edit_count = 0;
		ss_bytes_reset(&rec->edits);
		add_error(rec, tool, ss_record_set(rec, "error"));
		ss_record_end_edit(rec);
	}
	if (rec->message.failed || rec->detail.failed || rec->edits.failed) {
		rec->out.failed = true;
		return ss_bytes_check(&rec->out);
	}
	if (rec->root == NULL)
		compose_line(rec, tool);
	else if (rec->edit_count == 0)
		ss_bytes_add(&rec->out, rec->text.data, rec->text.len);
	else
		splice(rec);
	return ss_bytes_check(&rec->out);
}

int
ss_record_compose(struct ss_record *rec, const char *tool, size_t limit)
{
	int r;

	if ((r = build(rec, tool)) == 0 && rec->out.len > limit &&
	    rec->outcome != SS_FAILED) {
		/* With the error in place of the edits it may fit. */
		ss_fail(SS_EINVALID, "the record would pass the line limit");
		ss_record_fail(rec, SS_EINVALID);
		r = build(rec, tool);
	}
	rec->stale = false;
	if (r != 0 || rec->out.len <= limit)
		return r;
	if ((r = cut(rec)) != 0)
		return r;
	compose_line(rec, tool);
	return ss_bytes_check(&rec->out);
}
