#include <jansson.h>

#include <stdint.h>
#include <string.h>

#include "base/err.h"
#include "base/json.h"

#define INT_LIMIT (INT64_C(1) << 53)
#define FILE_MAX (4u << 20)

/* struct ss_value is jansson's json_t under a name of our own. */
static const json_t *
in(const struct ss_value *v)
{
	return (const json_t *)v;
}

static const struct ss_value *
out_of(const json_t *j)
{
	return (const struct ss_value *)j;
}

/* jansson's own texts quote the input, which may be about a person. */
static const char *
fault(enum json_error_code code)
{
	switch (code) {
	case json_error_premature_end_of_input:
		return "ends too early";
	case json_error_end_of_input_expected:
		return "goes on after its end";
	case json_error_invalid_utf8:
		return "not UTF-8";
	case json_error_null_character:
	case json_error_null_byte_in_key:
		return "holds a NUL character";
	case json_error_duplicate_key:
		return "names a member twice";
	case json_error_numeric_overflow:
		return "a number too large";
	case json_error_stack_overflow:
		return "nested too deeply";
	case json_error_invalid_format:
	case json_error_wrong_type:
		return "neither an object nor an array";
	default:
		return "not JSON";
	}
}

int
ss_json_parse(const char *text, size_t len, struct ss_value **out)
{
	json_error_t error = { .text = "" };
	enum json_error_code code;
	const char *nul;
	json_t *j;

	*out = NULL;
	if (len >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0)
		return ss_fail(SS_EINVALID,
		    "byte 1: begins with a byte order mark, remove it");
	/* jansson 2.14 reads over a NUL behind a number. */
	if (len > 0 && (nul = memchr(text, '\0', len)) != NULL)
		return ss_fail(SS_EINVALID, "byte %zu: %s",
		    (size_t)(nul - text) + 1, fault(json_error_null_character));
	j = json_loadb(text, len, JSON_REJECT_DUPLICATES, &error);
	code = json_error_code(&error);
	/* jansson gives none for most of its own allocations that fail. */
	if (j == NULL && (code == json_error_unknown ||
	    code == json_error_out_of_memory))
		return ss_fail(SS_EMEMORY, "out of memory");
	if (j == NULL)
		return ss_fail(SS_EINVALID, "byte %d: %s", error.position,
		    fault(code));
	*out = (struct ss_value *)j;
	return 0;
}

int
ss_json_read_file(const char *path, struct ss_value **out)
{
	struct ss_bytes text = { 0 };
	int r;

	*out = NULL;
	if ((r = ss_bytes_read_file(&text, path, path, FILE_MAX)) == 0 &&
	    (r = ss_json_parse(text.data != NULL ? text.data : "", text.len,
	    out)) != 0)
		r = ss_fail_in(r, "%s", path);
	ss_bytes_free(&text);
	return r;
}

void
ss_json_free(struct ss_value *v)
{
	json_decref((json_t *)v);
}

enum ss_kind
ss_value_kind(const struct ss_value *v)
{
	if (v == NULL)
		return SS_NONE;
	switch (json_typeof(in(v))) {
	case JSON_OBJECT:
		return SS_OBJECT;
	case JSON_ARRAY:
		return SS_ARRAY;
	case JSON_STRING:
		return SS_STRING;
	case JSON_INTEGER:
		return SS_INT;
	case JSON_REAL:
		return SS_REAL;
	case JSON_TRUE:
	case JSON_FALSE:
		return SS_BOOL;
	default:
		return SS_NULL;
	}
}

const char *
ss_kind_word(enum ss_kind kind)
{
	static const char *const words[] = { "nothing", "null",
		"true or false", "a whole number", "a number with a fraction",
		"a string", "an array", "an object" };

	return words[kind];
}

const struct ss_value *
ss_value_get(const struct ss_value *v, const char *path)
{
	const json_t *j = in(v);
	const char *dot;

	while (j != NULL && (dot = strchr(path, '.')) != NULL) {
		j = json_object_getn(j, path, (size_t)(dot - path));
		path = dot + 1;
	}
	return out_of(j == NULL ? NULL : json_object_get(j, path));
}

const struct ss_value *
ss_value_member(const struct ss_value *v, const char *name)
{
	return out_of(json_object_get(in(v), name));
}

bool
ss_value_has(const struct ss_value *array, const char *string)
{
	const char *s;
	size_t i;

	for (i = 0; i < ss_value_count(array); i++) {
		s = ss_value_string(ss_value_at(array, i));
		if (s != NULL && strcmp(s, string) == 0)
			return true;
	}
	return false;
}

const char *
ss_value_string(const struct ss_value *v)
{
	return json_string_value(in(v));
}

size_t
ss_value_string_len(const struct ss_value *v)
{
	return json_string_length(in(v));
}

bool
ss_value_int(const struct ss_value *v, int64_t *out)
{
	json_int_t n;

	if (!json_is_integer(in(v)))
		return false;
	n = json_integer_value(in(v));
	if (n > INT_LIMIT || n < -INT_LIMIT)
		return false;
	*out = n;
	return true;
}

bool
ss_value_bool(const struct ss_value *v, bool fallback)
{
	return json_is_boolean(in(v)) ? json_is_true(in(v)) : fallback;
}

size_t
ss_value_count(const struct ss_value *v)
{
	if (json_is_array(in(v)))
		return json_array_size(in(v));
	return json_object_size(in(v));
}

const struct ss_value *
ss_value_at(const struct ss_value *v, size_t index)
{
	return out_of(json_array_get(in(v), index));
}

bool
ss_value_each(const struct ss_value *v, void **iter, const char **name,
    const struct ss_value **value)
{
	json_t *j = (json_t *)(uintptr_t)v;

	*iter = *iter == NULL ? json_object_iter(j) :
	    json_object_iter_next(j, *iter);
	if (*iter == NULL)
		return false;
	*name = json_object_iter_key(*iter);
	*value = out_of(json_object_iter_value(*iter));
	return true;
}

static int
merge_member(json_t *base, const char *name, const json_t *over)
{
	json_t *old = json_object_get(base, name), *copy;
	int r;

	if (json_is_null(over)) {
		json_object_del(base, name);
		return 0;
	}
	if (json_is_object(old) && json_is_object(over))
		return ss_value_merge((struct ss_value *)old, out_of(over));
	/* A new object is merged too, for the nulls in it. */
	copy = json_is_object(over) ? json_object() : json_deep_copy(over);
	if (copy == NULL)
		return ss_fail(SS_EMEMORY, "out of memory");
	if (json_is_object(over) &&
	    (r = ss_value_merge((struct ss_value *)copy, out_of(over))) != 0) {
		json_decref(copy);
		return r;
	}
	if (json_object_set_new(base, name, copy) != 0)
		return ss_fail(SS_EMEMORY, "out of memory");
	return 0;
}

int
ss_value_merge(struct ss_value *base, const struct ss_value *over)
{
	const struct ss_value *value;
	const char *name;
	void *iter = NULL;
	int r = 0;

	while (r == 0 && ss_value_each(over, &iter, &name, &value))
		r = merge_member((json_t *)base, name, in(value));
	return r;
}

struct ss_value *
ss_value_share(const struct ss_value *v)
{
	return (struct ss_value *)json_copy((json_t *)(uintptr_t)v);
}

struct ss_value *
ss_value_keep(const struct ss_value *v)
{
	return (struct ss_value *)json_incref((json_t *)(uintptr_t)v);
}

int
ss_value_put(struct ss_value *v, const char *name, struct ss_value *member)
{
	return json_object_set_new((json_t *)v, name, (json_t *)member) == 0 ?
	    0 : ss_fail(SS_EMEMORY, "out of memory");
}

void
ss_value_remove(struct ss_value *v, const char *name)
{
	json_object_del((json_t *)v, name);
}

struct ss_value *
ss_value_take(struct ss_value *v, const char *name)
{
	json_t *member = json_incref(json_object_get((json_t *)v, name));

	json_object_del((json_t *)v, name);
	return (struct ss_value *)member;
}

static int
append(const char *data, size_t len, void *ctx)
{
	ss_bytes_add(ctx, data, len);
	return 0;
}

int
ss_value_write(const struct ss_value *v, struct ss_bytes *out)
{
	if (json_dump_callback(in(v), append, out,
	    JSON_COMPACT | JSON_ENCODE_ANY) != 0)
		return ss_fail(SS_EMEMORY, "out of memory");
	return ss_bytes_check(out);
}

/* Appends a string with quotes; text must be UTF-8. */
static void
write_string(struct ss_bytes *b, const char *s, size_t len)
{
	size_t i, from = 0;
	unsigned char c;

	ss_bytes_room(b, len + 2);
	ss_bytes_addc(b, '"');
	for (i = 0; i < len; i++) {
		c = (unsigned char)s[i];
		if (c >= 0x20 && c != '"' && c != '\\' && c != 0x7f)
			continue;
		ss_bytes_add(b, s + from, i - from);
		from = i + 1;
		if (c == '"' || c == '\\')
			ss_bytes_add(b, (char[]){ '\\', (char)c }, 2);
		else
			ss_bytes_addf(b, "\\u%04x", c);
	}
	ss_bytes_add(b, s + from, len - from);
	ss_bytes_addc(b, '"');
}

void
ss_json_key(struct ss_bytes *b, const char *key)
{
	char last = b->len > 0 ? b->data[b->len - 1] : '{';

	if (last != '{' && last != '[' && last != ':' && last != '\n')
		ss_bytes_addc(b, ',');
	if (key != NULL) {
		write_string(b, key, strlen(key));
		ss_bytes_addc(b, ':');
	}
}

void
ss_json_open(struct ss_bytes *b, const char *key, char bracket)
{
	ss_json_key(b, key);
	ss_bytes_addc(b, bracket);
}

void
ss_json_close(struct ss_bytes *b, char bracket)
{
	ss_bytes_addc(b, bracket);
}

void
ss_json_add(struct ss_bytes *b, const char *key, const char *string)
{
	ss_json_addn(b, key, string, strlen(string));
}

void
ss_json_addn(struct ss_bytes *b, const char *key, const char *string,
    size_t len)
{
	ss_json_key(b, key);
	write_string(b, string, len);
}

void
ss_json_addi(struct ss_bytes *b, const char *key, int64_t n)
{
	ss_json_key(b, key);
	ss_bytes_addi(b, n);
}

void
ss_json_addb(struct ss_bytes *b, const char *key, bool value)
{
	ss_json_key(b, key);
	ss_bytes_adds(b, value ? "true" : "false");
}
