#include <limits.h>
#include <string.h>

#include "base/err.h"
#include "base/text.h"
#include "chip/profile_own.h"

/* A value under check. */
struct place {
	const char *path;
	const struct ss_profile_row *row;
};

static int
wrong(const struct place *at, const char *wanted, const struct ss_value *v)
{
	return ss_fail(SS_EINVALID, "%.100s: %s is wanted, not %s", at->path,
	    wanted, ss_kind_word(ss_value_kind(v)));
}

static int
check_range(const struct place *at, int64_t n, const char *what)
{
	const struct ss_profile_row *row = at->row;

	if (n >= row->min && n <= row->max)
		return 0;
	if (row->min == row->max)
		return ss_fail(SS_EINVALID, "%.100s: %lld%s is wanted",
		    at->path, (long long)row->min, what);
	return ss_fail(SS_EINVALID, "%.100s: %lld to %lld%s is wanted",
	    at->path, (long long)row->min, (long long)row->max, what);
}

static int
check_int(const struct place *at, const struct ss_value *v)
{
	int64_t n;

	if (!ss_value_int(v, &n))
		return wrong(at, "a whole number", v);
	return check_range(at, n, "");
}

/* A word that is none: names it, and the nearest of the right ones. */
static int
check_word(const struct place *at, const char *word)
{
	const char *const *words = at->row->words, *nearest = "";
	int d, distance = INT_MAX;

	for (; *words != NULL; words++) {
		if ((d = ss_distance(word, *words)) < distance) {
			distance = d;
			nearest = *words;
		}
		if (strcmp(word, *words) == 0)
			return 0;
	}
	if (distance <= 1 + (int)strlen(nearest) / 3)
		return ss_fail(SS_EINVALID,
		    "%.100s: no such word \"%.40s\"; perhaps \"%s\"", at->path,
		    word, nearest);
	return ss_fail(SS_EINVALID, "%.100s: no such word \"%.40s\"", at->path,
	    word);
}

static int
check_hex(const struct place *at, const char *text)
{
	size_t n = strlen(text), want = 1;

	if (n % 2 != 0 || strspn(text, "0123456789abcdefABCDEF") != n)
		return ss_fail(SS_EINVALID, "%.100s: an even number of "
		    "hexadecimal digits is wanted", at->path);
	if (at->row->type == SS_PROFILE_HEX)
		return check_range(at, (int64_t)n / 2, " bytes");
	if (at->row->type == SS_PROFILE_CODE)
		want = at->row->size;
	if (n != 2 * want)
		return ss_fail(SS_EINVALID, "%.100s: %zu hexadecimal digits "
		    "are wanted", at->path, 2 * want);
	return 0;
}

static int
check_string(const struct place *at, const struct ss_value *v)
{
	const char *s = ss_value_string(v);

	if (s == NULL)
		return wrong(at, "a string", v);
	if (at->row->words != NULL)
		return check_word(at, s);
	switch (at->row->type) {
	case SS_PROFILE_CODE:
	case SS_PROFILE_CODES:
	case SS_PROFILE_HEX:
		return check_hex(at, s);
	case SS_PROFILE_STRING:
		return check_range(at, (int64_t)strlen(s), " bytes");
	default:
		return 0;
	}
}

static int
check_array(const struct place *at, const struct ss_value *v)
{
	size_t i, j, n = ss_value_count(v);
	const char *s;
	int r = 0;

	if (ss_value_kind(v) != SS_ARRAY)
		return wrong(at, "an array of strings", v);
	if ((r = check_range(at, (int64_t)n, " strings")) != 0)
		return r;
	for (i = 0; r == 0 && i < n; i++) {
		if ((r = check_string(at, ss_value_at(v, i))) != 0)
			break;
		s = ss_value_string(ss_value_at(v, i));
		for (j = 0; r == 0 && j < i; j++)
			if (strcmp(ss_value_string(ss_value_at(v, j)), s) == 0)
				r = ss_fail(SS_EINVALID,
				    "%.100s: \"%.40s\" stands there twice",
				    at->path, s);
	}
	return r;
}

static int
check_value(const struct place *at, const struct ss_value *v)
{
	if (at->row->optional && ss_value_kind(v) == SS_NULL)
		return 0;
	switch (at->row->type) {
	case SS_PROFILE_INT:
		return check_int(at, v);
	case SS_PROFILE_BOOL:
		return ss_value_kind(v) == SS_BOOL ? 0 :
		    wrong(at, "true or false", v);
	case SS_PROFILE_STRINGS:
	case SS_PROFILE_CODES:
		return check_array(at, v);
	default:
		return check_string(at, v);
	}
}

/* What a row's path has behind a path that it begins with, a * standing for
 * any part; NULL when it does not. */
static const char *
behind(const char *row, const char *path)
{
	size_t n, part;

	for (;;) {
		n = strcspn(path, ".");
		part = strcspn(row, ".");
		if (*row != '*' && (n != part || memcmp(row, path, n) != 0))
			return NULL;
		row += part;
		path += n;
		if (*path == '\0')
			return row;
		if (*row == '\0')
			return NULL;
		row++;
		path++;
	}
}

/* The first parts of a row's path, at most as many as path has, each * being
 * what stands there in path. */
static void
add_like(const char *row, const char *path, struct ss_bytes *out)
{
	size_t n;

	for (;;) {
		n = strcspn(path, ".");
		if (*row == '*')
			ss_bytes_add(out, path, n);
		else
			ss_bytes_add(out, row, strcspn(row, "."));
		row += strcspn(row, ".");
		path += n;
		if (*path == '\0' || *row == '\0')
			return;
		ss_bytes_addc(out, '.');
		row++;
		path++;
	}
}

/* A path that the table does not have: says the nearest one it has. */
static int
unknown(const char *path)
{
	struct ss_bytes candidate = { 0 }, nearest = { 0 };
	const struct ss_profile_row *table;
	int d, r = 0, distance = INT_MAX;
	size_t i, rows;

	table = ss_profile_table(&rows);
	for (i = 0; i < rows; i++) {
		ss_bytes_reset(&candidate);
		add_like(table[i].path, path, &candidate);
		if ((r = ss_bytes_check(&candidate)) != 0)
			goto out;
		if ((d = ss_distance(path, candidate.data)) >= distance)
			continue;
		distance = d;
		ss_bytes_reset(&nearest);
		ss_bytes_add(&nearest, candidate.data, candidate.len);
	}
	if ((r = ss_bytes_check(&nearest)) != 0)
		goto out;
	if (distance <= 1 + (int)strlen(path) / 4)
		r = ss_fail(SS_EINVALID,
		    "%.100s: no such member; perhaps %.100s", path,
		    nearest.data);
	else
		r = ss_fail(SS_EINVALID, "%.100s: no such member", path);
out:
	ss_bytes_free(&candidate);
	ss_bytes_free(&nearest);
	return r;
}

/* The row of a path; NULL when the table has members below it. */
static int
find(struct place *at)
{
	const struct ss_profile_row *table;
	const char *rest;
	size_t i, rows;

	table = ss_profile_table(&rows);
	at->row = NULL;
	for (i = 0; i < rows; i++)
		if ((rest = behind(table[i].path, at->path)) != NULL) {
			if (*rest == '\0')
				at->row = &table[i];
			return 0;
		}
	return unknown(at->path);
}

/* The name of a file (depth 1) or of an item (depth 3). */
static int
check_name(const char *path, const char *name, int depth)
{
	size_t n = strlen(name);

	if (depth == 1 && (n != 4 || strncmp(name, "EF", 2) != 0 ||
	    strspn(name + 2, "0123456789ABCDEF") != 2))
		return ss_fail(SS_EINVALID, "%.100s: a file is named EF and "
		    "two digits, such as EF05", path);
	if (depth == 3 && (n < 1 || n > 32 || name[0] < 'a' || name[0] > 'z' ||
	    strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789-") != n))
		return ss_fail(SS_EINVALID, "%.100s: an item is named by "
		    "letters a to z, digits and -, such as birth-date", path);
	return 0;
}

/* Of the objects below files, each name is one's own. */
static int
check_branch(const struct place *at, const char *name, int depth,
    const struct ss_value *v)
{
	bool own = (depth == 1 || depth == 3) &&
	    strncmp(at->path, "files.", 6) == 0;
	int r;

	if (own && (r = check_name(at->path, name, depth)) != 0)
		return r;
	if (ss_value_kind(v) != SS_OBJECT &&
	    !(own && ss_value_kind(v) == SS_NULL))
		return wrong(at, own ? "an object or null" : "an object", v);
	return 0;
}

static int
check_members(const struct ss_value *v, const char *prefix, int depth)
{
	struct ss_bytes path = { 0 };
	const struct ss_value *value;
	struct place at = { 0 };
	const char *name;
	void *iter = NULL;
	int r = 0;

	while (r == 0 && ss_value_each(v, &iter, &name, &value)) {
		ss_bytes_reset(&path);
		ss_bytes_addf(&path, "%s%s%s", prefix,
		    prefix[0] != '\0' ? "." : "", name);
		if ((r = ss_bytes_check(&path)) != 0)
			break;
		at.path = path.data;
		/* "pin.min" is no way to write a member of pin. */
		if (strchr(name, '.') != NULL)
			r = ss_fail(SS_EINVALID, "%.100s: a name with a dot; "
			    "write an object", path.data);
		else if ((r = find(&at)) != 0)
			break;
		else if (at.row != NULL)
			r = check_value(&at, value);
		else if ((r = check_branch(&at, name, depth, value)) == 0)
			r = check_members(value, path.data, depth + 1);
	}
	ss_bytes_free(&path);
	return r;
}

int
ss_profile_check(const struct ss_value *v)
{
	if (ss_value_kind(v) != SS_OBJECT)
		return ss_fail(SS_EINVALID, "a profile is an object");
	return check_members(v, "", 0);
}
