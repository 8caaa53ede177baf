#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/text.h"
#include "trust/seal_own.h"

#define SEAL_MEMBERS 9

static int
bad(size_t i, const char *what)
{
	return ss_fail(SS_EAUTH, "seal %zu: %s", i + 1, what);
}

/* In the one form that instants are written in. */
static bool
read_time(const char *text, ss_instant *out)
{
	char again[SS_INSTANT_MAX];

	if (text == NULL || ss_instant_parse(text, out) != 0)
		return false;
	ss_instant_format(*out, again);
	return strcmp(text, again) == 0;
}

static bool
read_path(const struct ss_value *v, struct ss_merkle_path *path)
{
	const char *s;
	size_t i;

	path->count = ss_value_count(v);
	if (ss_value_kind(v) != SS_ARRAY || path->count > SS_MERKLE_DEPTH)
		return false;
	for (i = 0; i < path->count; i++) {
		s = ss_value_string(ss_value_at(v, i));
		if (s == NULL || (*s != 'l' && *s != 'r') ||
		    !ss_hash_read(s + 1, path->sibling[i].sm3))
			return false;
		path->left[i] = *s == 'l';
	}
	return true;
}

static bool
read_covers(const struct ss_value *v)
{
	const struct ss_value *cover;
	uint8_t sm3[SS_SM3_LEN];
	const char *name;
	void *iter = NULL;

	while (ss_value_each(v, &iter, &name, &cover))
		if (ss_fact_is_free(name) || (ss_value_kind(cover) != SS_NULL &&
		    !ss_hash_read(ss_value_string(cover), sm3)))
			return false;
	return ss_value_kind(v) == SS_OBJECT;
}

static bool
read_signature(struct ss_seals *s, struct ss_seal *seal, const char *text)
{
	ss_bytes_reset(&s->scratch);
	if (text == NULL || ss_base64_read(&s->scratch, text,
	    strlen(text)) != 0 || s->scratch.len > SS_SIGNATURE_MAX)
		return false;
	memcpy(seal->signature, s->scratch.data, s->scratch.len);
	seal->signature_len = s->scratch.len;
	return true;
}

/* The leaf hash of a seal that was read: its canonical form is that of its
 * text without path and signature. */
static int
hash_statement(struct ss_seals *s, const struct ss_value *v,
    struct ss_sm3 *sm3, struct ss_hash *leaf)
{
	static const char *const members[] = { "covers", "id", "key",
		"operator", "prev", "step", "time" };
	struct ss_bytes *b = &s->scratch;
	size_t i;
	int r = 0;

	ss_bytes_reset(b);
	ss_bytes_addc(b, '{');
	for (i = 0; r == 0 && i < sizeof(members) / sizeof(members[0]); i++) {
		ss_json_key(b, members[i]);
		r = ss_value_canonical(ss_value_member(v, members[i]), b);
	}
	ss_bytes_addc(b, '}');
	if (r == 0 && (r = ss_bytes_check(b)) == 0)
		r = ss_merkle_leaf(sm3, b->data, b->len, leaf);
	return r;
}

static const char *
member(const struct ss_value *v, const char *name)
{
	return ss_value_string(ss_value_member(v, name));
}

/* The form of the i-th. */
static int
read_form(struct ss_seals *s, size_t i, const struct ss_value *v)
{
	struct ss_seal *seal = &s->seal[i];
	uint8_t key[SS_SM3_LEN];

	*seal = (struct ss_seal){ .step = member(v, "step"),
		.operator = member(v, "operator"), .key = member(v, "key"),
		.time = member(v, "time"), .prev = member(v, "prev"),
		.covers = ss_value_member(v, "covers") };
	if (ss_value_kind(v) != SS_OBJECT || ss_value_count(v) != SEAL_MEMBERS)
		return bad(i, "has other members than a seal");
	if (seal->step == NULL || seal->operator == NULL ||
	    seal->prev == NULL || !ss_hash_read(seal->key, key))
		return bad(i, "step, operator, key or prev is missing or of "
		    "another form");
	if (!read_time(seal->time, &seal->when))
		return bad(i, "time: no instant like 2026-11-24T08:00:00Z");
	if (!read_covers(seal->covers))
		return bad(i, "covers: not names with an SM3 or null");
	if (!read_path(ss_value_member(v, "path"), &s->path))
		return bad(i, "path: not of the form");
	if (!read_signature(s, seal, member(v, "signature")))
		return bad(i, "signature: not of the form");
	return 0;
}

/* Of this record, and behind the one before it. */
static int
read_chain(const struct ss_seals *s, size_t i, const struct ss_value *v,
    const char *id)
{
	const struct ss_seal *seal = &s->seal[i];
	const char *its = member(v, "id");
	uint8_t prev[SS_SM3_LEN];

	if (its == NULL || id == NULL || strcmp(its, id) != 0)
		return bad(i, "is that of another record");
	if (i == 0 && ss_value_kind(ss_value_member(seal->covers,
	    "id")) != SS_STRING)
		return bad(i, "covers no id");
	if (i == 0 ? *seal->prev != '\0' : !ss_hash_read(seal->prev, prev) ||
	    memcmp(prev, s->seal[i - 1].leaf.sm3, sizeof(prev)) != 0)
		return bad(i, "does not follow the one before it; one is "
		    "missing, or their order was changed");
	return 0;
}

static int
make_room(struct ss_seals *s, size_t count)
{
	struct ss_seal *p;

	if (count <= s->cap)
		return 0;
	if ((p = realloc(s->seal, count * sizeof(*p))) == NULL)
		return ss_fail(SS_EMEMORY, "out of memory");
	s->seal = p;
	s->cap = count;
	return 0;
}

int
ss_seals_read(struct ss_seals *s, const struct ss_value *record,
    struct ss_sm3 *sm3)
{
	const struct ss_value *v, *all = ss_value_member(record, "seals");
	const char *id = member(record, "id");
	size_t i, n = ss_value_count(all);
	int r;

	s->count = 0;
	if (ss_value_kind(all) <= SS_NULL)
		return 0;
	if (ss_value_kind(all) != SS_ARRAY || n == 0 || n > SS_SEALS_MAX)
		return ss_fail(SS_EAUTH, "seals: no array of 1 to %d",
		    SS_SEALS_MAX);
	if ((r = make_room(s, n)) != 0)
		return r;
	for (i = 0; i < n; i++) {
		v = ss_value_at(all, i);
		if ((r = read_form(s, i, v)) != 0 ||
		    (r = read_chain(s, i, v, id)) != 0 ||
		    (r = hash_statement(s, v, sm3, &s->seal[i].leaf)) != 0 ||
		    (r = ss_merkle_climb(sm3, &s->seal[i].leaf, &s->path,
		    &s->seal[i].root)) != 0)
			return r;
	}
	s->count = n;
	return 0;
}

int
ss_seals_follow(struct ss_seals *s, const struct ss_value *record,
    struct ss_sm3 *sm3)
{
	const struct ss_value *v, *all = ss_value_member(record, "seals");
	size_t i, n = ss_value_count(all);
	int r;

	s->count = 0;
	if (n == 0)
		return 0;
	if ((r = make_room(s, n)) != 0)
		return r;
	for (i = 0; i < n; i++) {
		v = ss_value_at(all, i);
		s->seal[i] = (struct ss_seal){ .step = member(v, "step"),
			.operator = member(v, "operator"),
			.covers = ss_value_member(v, "covers") };
		if (s->seal[i].step == NULL || s->seal[i].operator == NULL)
			return bad(i, "step or operator is missing");
	}
	s->count = n;
	return hash_statement(s, ss_value_at(all, n - 1), sm3,
	    &s->seal[n - 1].leaf);
}

void
ss_seals_free(struct ss_seals *s)
{
	free(s->seal);
	ss_bytes_free(&s->scratch);
	*s = (struct ss_seals){ .count = 0 };
}

const struct ss_value *
ss_seals_latest(const struct ss_seals *s, size_t count, const char *name)
{
	const struct ss_value *v;

	while (count-- > 0)
		if ((v = ss_value_member(s->seal[count].covers, name)) != NULL)
			return v;
	return NULL;
}

static bool
is_one_of(const char *const *names, const char *name)
{
	for (; names != NULL && *names != NULL; names++)
		if (strcmp(*names, name) == 0)
			return true;
	return false;
}

/* What the i-th seal says is there is there, unless a later one says other. */
static int
check_covered(const struct ss_seals *s, size_t i, const struct ss_facts *f,
    const char *const *except)
{
	const struct ss_value *cover;
	const char *name;
	void *iter = NULL;

	while (ss_value_each(s->seal[i].covers, &iter, &name, &cover))
		if (ss_value_kind(cover) == SS_STRING &&
		    ss_facts_find(f, name) == NULL &&
		    !is_one_of(except, name) &&
		    ss_seals_latest(s, s->count, name) == cover)
			return ss_fail(SS_EAUTH, "member %.40s was sealed by "
			    "%.40s and is missing", name,
			    s->seal[i].operator);
	return 0;
}

int
ss_seals_compare(const struct ss_seals *s, const struct ss_facts *f,
    const char *const *except, bool whole)
{
	const struct ss_value *cover;
	const char *name;
	size_t i;
	int r = 0;

	for (i = 0; i < f->count; i++) {
		name = ss_fact_name(f, &f->fact[i]);
		if (f->fact[i].null || is_one_of(except, name))
			continue;
		cover = ss_seals_latest(s, s->count, name);
		if (cover == NULL && whole)
			return ss_fail(SS_EAUTH, "member %.40s is sealed by "
			    "nobody", name);
		if (cover != NULL && !ss_fact_is(cover, &f->fact[i]))
			return ss_fail(SS_EAUTH, "member %.40s is not what "
			    "was sealed", name);
	}
	for (i = 0; r == 0 && i < s->count; i++)
		r = check_covered(s, i, f, except);
	return r;
}
