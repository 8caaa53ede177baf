#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/text.h"
#include "trust/seal_own.h"

bool
ss_fact_is_free(const char *name)
{
	static const char *const names[] = { "already", "read", "error",
		"seals" };
	size_t i;

	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (strcmp(names[i], name) == 0)
			return true;
	return false;
}

const char *
ss_fact_name(const struct ss_facts *f, const struct ss_fact *fact)
{
	return f->text.data + fact->name;
}

static bool
has_real(const struct ss_value *v)
{
	const struct ss_value *member;
	const char *name;
	void *iter = NULL;
	size_t i;

	switch (ss_value_kind(v)) {
	case SS_REAL:
		return true;
	case SS_OBJECT:
		while (ss_value_each(v, &iter, &name, &member))
			if (has_real(member))
				return true;
		return false;
	case SS_ARRAY:
		for (i = 0; i < ss_value_count(v); i++)
			if (has_real(ss_value_at(v, i)))
				return true;
		return false;
	default:
		return false;
	}
}

/* Where a member of that name is, or would be. */
static size_t
place(const struct ss_facts *f, const char *name)
{
	size_t low = 0, high = f->count, at;

	while (low < high) {
		at = low + (high - low) / 2;
		if (strcmp(ss_fact_name(f, &f->fact[at]), name) < 0)
			low = at + 1;
		else
			high = at;
	}
	return low;
}

/* Returns room at its place; NULL: no memory. */
static struct ss_fact *
put_in(struct ss_facts *f, const char *name)
{
	struct ss_fact *p;
	size_t i = place(f, name), cap;

	if (f->count == f->cap) {
		cap = f->cap == 0 ? 32 : 2 * f->cap;
		if ((p = realloc(f->fact, cap * sizeof(*p))) == NULL)
			return NULL;
		f->fact = p;
		f->cap = cap;
	}
	p = &f->fact[i];
	memmove(p + 1, p, (f->count++ - i) * sizeof(*p));
	return p;
}

static int
add_fact(struct ss_facts *f, const char *name, const struct ss_value *v,
    struct ss_sm3 *sm3)
{
	struct ss_fact *fact = put_in(f, name);
	int r;

	if (fact == NULL)
		return ss_fail(SS_EMEMORY, "out of memory");
	fact->real = has_real(v);
	fact->null = ss_value_kind(v) == SS_NULL;
	fact->name = f->text.len;
	ss_bytes_add(&f->text, name, strlen(name) + 1);
	fact->at = f->text.len;
	if ((r = ss_value_canonical(v, &f->text)) != 0)
		return r;
	fact->len = f->text.len - fact->at;
	if ((r = ss_sm3_update(sm3, f->text.data + fact->at, fact->len)) == 0)
		r = ss_sm3_final(sm3, fact->sm3);
	return r;
}

struct named {
	const char *name;
	const struct ss_value *value;
};

static int
by_name(const void *a, const void *b)
{
	return strcmp(((const struct named *)a)->name,
	    ((const struct named *)b)->name);
}

/* Sorted first: a stranger's record may have very many, in any order. */
int
ss_facts_read(struct ss_facts *f, const struct ss_value *record,
    struct ss_sm3 *sm3)
{
	struct named *all;
	size_t i, n = 0;
	void *iter = NULL;
	int r = 0;

	f->count = 0;
	ss_bytes_reset(&f->text);
	all = malloc((ss_value_count(record) + 1) * sizeof(*all));
	if (all == NULL)
		return ss_fail(SS_EMEMORY, "out of memory");
	while (ss_value_each(record, &iter, &all[n].name, &all[n].value))
		n += !ss_fact_is_free(all[n].name);
	qsort(all, n, sizeof(*all), by_name);
	for (i = 0; r == 0 && i < n; i++)
		r = add_fact(f, all[i].name, all[i].value, sm3);
	free(all);
	return r;
}

static const struct ss_fact *
find(const struct ss_facts *f, const char *name)
{
	size_t i = place(f, name);

	return i < f->count && strcmp(ss_fact_name(f, &f->fact[i]), name) == 0 ?
	    &f->fact[i] : NULL;
}

int
ss_facts_set(struct ss_facts *f, const char *name, const struct ss_value *v,
    struct ss_sm3 *sm3)
{
	const struct ss_fact *found = find(f, name);
	struct ss_fact *fact = found == NULL ? NULL :
	    f->fact + (found - f->fact);

	if (ss_fact_is_free(name))
		return 0;
	if (fact != NULL) {
		f->count--;
		memmove(fact, fact + 1, (size_t)(f->fact + f->count - fact) *
		    sizeof(*fact));
	}
	return v == NULL ? 0 : add_fact(f, name, v, sm3);
}

void
ss_facts_free(struct ss_facts *f)
{
	ss_bytes_free(&f->text);
	free(f->fact);
	*f = (struct ss_facts){ .count = 0 };
}

const struct ss_fact *
ss_facts_find(const struct ss_facts *f, const char *name)
{
	const struct ss_fact *fact = find(f, name);

	return fact != NULL && !fact->null ? fact : NULL;
}

bool
ss_hash_read(const char *hex, uint8_t out[SS_SM3_LEN])
{
	return hex != NULL && ss_hex_read(hex, out, SS_SM3_LEN) &&
	    strpbrk(hex, "ABCDEF") == NULL;
}

bool
ss_fact_is(const struct ss_value *cover, const struct ss_fact *fact)
{
	uint8_t sm3[SS_SM3_LEN];

	return !fact->real && ss_hash_read(ss_value_string(cover), sm3) &&
	    memcmp(sm3, fact->sm3, sizeof(sm3)) == 0;
}

int
ss_facts_write(const struct ss_facts *f, const struct ss_bytes *seals,
    struct ss_bytes *out)
{
	bool sealed = seals->len == 0;
	const char *name;
	size_t i;

	ss_bytes_addc(out, '{');
	for (i = 0; i <= f->count; i++) {
		name = i < f->count ? ss_fact_name(f, &f->fact[i]) : NULL;
		if (!sealed && (name == NULL || strcmp(name, "seals") > 0)) {
			ss_json_key(out, "seals");
			ss_bytes_add(out, seals->data, seals->len);
			sealed = true;
		}
		if (name == NULL)
			continue;
		ss_json_canonical_key(out, name);
		ss_bytes_add(out, f->text.data + f->fact[i].at,
		    f->fact[i].len);
	}
	ss_bytes_addc(out, '}');
	return ss_bytes_check(out);
}
