#include <string.h>

#include "base/err.h"
#include "base/text.h"
#include "trust/seal_own.h"

/* The names that seals cover and that are not there any more, in order. */
static int
find_gone(const struct ss_seals *s, const struct ss_facts *f,
    const char **gone, size_t most, size_t *count)
{
	const struct ss_value *cover;
	const char *name;
	void *iter;
	size_t i, at;

	*count = 0;
	for (i = 0; i < s->count; i++) {
		iter = NULL;
		while (ss_value_each(s->seal[i].covers, &iter, &name,
		    &cover)) {
			if (ss_value_kind(cover) != SS_STRING ||
			    ss_facts_find(f, name) != NULL ||
			    ss_seals_latest(s, s->count, name) != cover)
				continue;
			if (*count == most)
				return ss_fail(SS_EINVALID, "too many members "
				    "were taken out at once");
			for (at = (*count)++; at > 0 &&
			    strcmp(gone[at - 1], name) > 0; at--)
				gone[at] = gone[at - 1];
			gone[at] = name;
		}
	}
	return 0;
}

static int
add_cover(struct ss_bytes *b, const struct ss_facts *f,
    const struct ss_fact *fact)
{
	char hex[SS_SM3_HEX];

	if (fact->real)
		return ss_fail(SS_EINVALID, "%.40s: a number that is no "
		    "integer cannot be sealed; write it as a string",
		    ss_fact_name(f, fact));
	ss_hex(fact->sm3, sizeof(fact->sm3), hex);
	ss_bytes_addc(b, '"');
	ss_bytes_add(b, hex, SS_SM3_HEX - 1);
	ss_bytes_addc(b, '"');
	return 0;
}

#define GONE_MAX 32

/* New and changed members, and those that are gone, by their names. */
static int
write_covers(const struct ss_seals *s, const struct ss_facts *f,
    struct ss_bytes *b)
{
	const char *gone[GONE_MAX], *name;
	const struct ss_value *cover;
	size_t i, g = 0, count;
	int r;

	if ((r = find_gone(s, f, gone, GONE_MAX, &count)) != 0)
		return r;
	ss_json_open(b, "covers", '{');
	for (i = 0; r == 0 && (i < f->count || g < count);) {
		name = i < f->count ? ss_fact_name(f, &f->fact[i]) : "";
		if (i == f->count ||
		    (g < count && strcmp(gone[g], name) < 0)) {
			ss_json_canonical_key(b, gone[g++]);
			ss_bytes_adds(b, "null");
			continue;
		}
		cover = ss_seals_latest(s, s->count, name);
		if (!f->fact[i].null && (cover == NULL ||
		    !ss_fact_is(cover, &f->fact[i]))) {
			ss_json_canonical_key(b, name);
			r = add_cover(b, f, &f->fact[i]);
		}
		i++;
	}
	ss_json_close(b, '}');
	return r;
}

int
ss_draft_make(struct ss_draft *d, const struct ss_act *act,
    const struct ss_seals *before, const struct ss_facts *f,
    struct ss_sm3 *sm3)
{
	struct ss_bytes *b = &d->text;
	char prev[SS_SM3_HEX] = "", time[SS_INSTANT_MAX];
	int r;

	if (before->count >= SS_SEALS_MAX)
		return ss_fail(SS_EINVALID, "seals: the record has %d already",
		    SS_SEALS_MAX);
	if (before->count > 0)
		ss_hex(before->seal[before->count - 1].leaf.sm3, SS_SM3_LEN,
		    prev);
	ss_instant_format(act->when, time);
	ss_bytes_reset(b);
	ss_bytes_addc(b, '{');
	if ((r = write_covers(before, f, b)) != 0)
		return r;
	ss_json_add(b, "id", act->id);
	ss_json_add(b, "key", act->key);
	ss_json_add(b, "operator", act->operator);
	d->path_at = b->len;
	ss_json_add(b, "prev", prev);
	d->signature_at = b->len;
	ss_json_add(b, "step", act->step);
	ss_json_add(b, "time", time);
	ss_bytes_addc(b, '}');
	if ((r = ss_bytes_check(b)) == 0)
		r = ss_merkle_leaf(sm3, b->data, b->len, &d->leaf);
	return r;
}

void
ss_draft_free(struct ss_draft *d)
{
	ss_bytes_free(&d->text);
}

void
ss_seal_text(const struct ss_hash *root, uint8_t text[SS_SEAL_TEXT_LEN])
{
	static const char purpose[] = "sscard seal 1";

	_Static_assert(sizeof(purpose) + SS_SM3_LEN == SS_SEAL_TEXT_LEN,
	    "the NUL is a part of it");
	memcpy(text, purpose, sizeof(purpose));
	memcpy(text + sizeof(purpose), root->sm3, SS_SM3_LEN);
}

int
ss_draft_write(const struct ss_draft *d, const struct ss_value *before,
    const struct ss_merkle_path *path, const char *signature,
    struct ss_bytes *out)
{
	char step[2 + SS_SM3_HEX];
	size_t i;
	int r;

	if (ss_value_count(before) > 0) {
		if ((r = ss_value_canonical(before, out)) != 0)
			return r;
		out->data[out->len - 1] = ',';	/* for the bracket */
	} else {
		ss_bytes_addc(out, '[');
	}
	ss_bytes_add(out, d->text.data, d->path_at);
	ss_json_open(out, "path", '[');
	for (i = 0; i < path->count; i++) {
		step[0] = path->left[i] ? 'l' : 'r';
		ss_hex(path->sibling[i].sm3, SS_SM3_LEN, step + 1);
		ss_json_add(out, NULL, step);
	}
	ss_json_close(out, ']');
	ss_bytes_add(out, d->text.data + d->path_at,
	    d->signature_at - d->path_at);
	ss_json_add(out, "signature", signature);
	ss_bytes_add(out, d->text.data + d->signature_at,
	    d->text.len - d->signature_at);
	ss_bytes_addc(out, ']');
	return ss_bytes_check(out);
}
