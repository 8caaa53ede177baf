#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/json.h"

/*
 * The canonical form (ss-record(5), SEALS), which is that of jansson's
 * JSON_COMPACT | JSON_SORT_KEYS. Everything that is stored or sealed is
 * written so, which makes the short way of doing it worth its lines.
 */
#define NEAR 24		/* members of an object that take no memory */

struct named {
	const char *name;
	const struct ss_value *value;
};

static int write_value(const struct ss_value *, struct ss_bytes *);

static char
short_escape(unsigned char c)
{
	switch (c) {
	case '"':
	case '\\':
		return (char)c;
	case '\b':
		return 'b';
	case '\f':
		return 'f';
	case '\n':
		return 'n';
	case '\r':
		return 'r';
	case '\t':
		return 't';
	default:
		return 0;
	}
}

static void
write_string(const char *s, size_t len, struct ss_bytes *out)
{
	size_t i, from = 0;
	unsigned char c;

	ss_bytes_addc(out, '"');
	for (i = 0; i < len; i++) {
		c = (unsigned char)s[i];
		if (c >= 0x20 && c != '"' && c != '\\')
			continue;
		ss_bytes_add(out, s + from, i - from);
		from = i + 1;
		if (short_escape(c) != 0)
			ss_bytes_add(out, (char[]){ '\\', short_escape(c) },
			    2);
		else
			ss_bytes_addf(out, "\\u%04X", c);
	}
	ss_bytes_add(out, s + from, len - from);
	ss_bytes_addc(out, '"');
}

static int
by_name(const void *a, const void *b)
{
	const struct named *x = a, *y = b;

	return strcmp(x->name, y->name);
}

/* Mostly they stand in order already. */
static void
sort(struct named *m, size_t n)
{
	size_t i;

	for (i = 1; i < n; i++)
		if (strcmp(m[i - 1].name, m[i].name) > 0) {
			qsort(m, n, sizeof(*m), by_name);
			return;
		}
}

static int
write_members(const struct named *m, size_t n, struct ss_bytes *out)
{
	size_t i;
	int r = 0;

	ss_bytes_addc(out, '{');
	for (i = 0; r == 0 && i < n; i++) {
		if (i > 0)
			ss_bytes_addc(out, ',');
		write_string(m[i].name, strlen(m[i].name), out);
		ss_bytes_addc(out, ':');
		r = write_value(m[i].value, out);
	}
	ss_bytes_addc(out, '}');
	return r;
}

static int
write_object(const struct ss_value *v, struct ss_bytes *out)
{
	struct named near[NEAR], *m = near;
	size_t i, n = ss_value_count(v);
	void *iter = NULL;
	int r;

	if (n > NEAR && (m = calloc(n, sizeof(*m))) == NULL)
		return ss_fail(SS_EMEMORY, "out of memory");
	for (i = 0; i < n && ss_value_each(v, &iter, &m[i].name,
	    &m[i].value); i++)
		;
	sort(m, i);
	r = write_members(m, i, out);
	if (m != near)
		free(m);
	return r;
}

static int
write_array(const struct ss_value *v, struct ss_bytes *out)
{
	size_t i;
	int r = 0;

	ss_bytes_addc(out, '[');
	for (i = 0; r == 0 && i < ss_value_count(v); i++) {
		if (i > 0)
			ss_bytes_addc(out, ',');
		r = write_value(ss_value_at(v, i), out);
	}
	ss_bytes_addc(out, ']');
	return r;
}

/* No deeper than what was parsed, which has its limit. */
static int
write_value(const struct ss_value *v, struct ss_bytes *out)
{
	int64_t n;

	switch (ss_value_kind(v)) {
	case SS_OBJECT:
		return write_object(v, out);
	case SS_ARRAY:
		return write_array(v, out);
	case SS_STRING:
		write_string(ss_value_string(v), ss_value_string_len(v), out);
		return 0;
	case SS_BOOL:
		ss_bytes_adds(out, ss_value_bool(v, false) ? "true" : "false");
		return 0;
	case SS_NULL:
		ss_bytes_adds(out, "null");
		return 0;
	default:
		if (!ss_value_int(v, &n))	/* a large one, or a real */
			return ss_value_write(v, out);
		ss_bytes_addi(out, n);
		return 0;
	}
}

void
ss_json_canonical_key(struct ss_bytes *b, const char *name)
{
	ss_json_key(b, NULL);
	write_string(name, strlen(name), b);
	ss_bytes_addc(b, ':');
}

int
ss_value_canonical(const struct ss_value *v, struct ss_bytes *out)
{
	int r = write_value(v, out);

	return r != 0 ? r : ss_bytes_check(out);
}
