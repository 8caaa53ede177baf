#include <string.h>

#include "base/record_own.h"

/* What a run says of a record, and is no part of it. */
static void
remove_passing(struct ss_value *root)
{
	ss_value_remove(root, "already");
	ss_value_remove(root, "read");
}

int
ss_record_canonical(struct ss_record *rec, struct ss_bytes *out)
{
	remove_passing(rec->root);
	return ss_value_canonical(rec->root, out);
}

static bool
is_wanted(const char *const *only, const char *name)
{
	if (only == NULL)
		return true;
	while (*only != NULL && strcmp(*only, name) != 0)
		only++;
	return *only != NULL;
}

/* What was set, parsed, in order. */
static int
parse_edits(const struct ss_record *rec, const char *const *only,
    struct ss_value **out)
{
	const struct ss_edit *e, *end = rec->edit + rec->edit_count;
	struct ss_bytes text = { 0 };
	int r;

	ss_bytes_addc(&text, '[');
	for (e = rec->edit; e < end; e++)
		if (is_wanted(only, e->name) && !ss_edit_removes(e)) {
			if (text.len > 1)
				ss_bytes_addc(&text, ',');
			ss_bytes_add(&text, rec->edits.data + e->from,
			    e->to - e->from);
		}
	ss_bytes_addc(&text, ']');
	if ((r = ss_bytes_check(&text)) == 0)
		r = ss_json_parse(text.data, text.len, out);
	ss_bytes_free(&text);
	return r;
}

static int
put_edits(const struct ss_record *rec, const char *const *only,
    struct ss_value *root)
{
	const struct ss_edit *e, *end = rec->edit + rec->edit_count;
	struct ss_value *list;
	size_t n = 0;
	int r;

	if ((r = parse_edits(rec, only, &list)) != 0)
		return r;
	for (e = rec->edit; r == 0 && e < end; e++)
		if (!is_wanted(only, e->name))
			continue;
		else if (ss_edit_removes(e))
			ss_value_remove(root, e->name);
		else
			r = ss_value_put(root, e->name,
			    ss_value_keep(ss_value_at(list, n++)));
	ss_json_free(list);
	return r;
}

static bool
is_any_wanted(const struct ss_record *rec, const char *const *only)
{
	size_t i;

	for (i = 0; i < rec->edit_count; i++)
		if (is_wanted(only, rec->edit[i].name))
			return true;
	return only == NULL;
}

int
ss_record_composed(struct ss_record *rec, const char *const *only,
    struct ss_value **out)
{
	struct ss_value *root;
	int r;

	*out = NULL;
	if (!is_any_wanted(rec, only)) {
		*out = ss_value_keep(rec->root);
		return 0;
	}
	if ((root = ss_value_share(rec->root)) == NULL)
		return ss_fail(SS_EMEMORY, "out of memory");
	ss_record_end_edit(rec);
	r = put_edits(rec, only, root);
	remove_passing(root);
	if (r != 0)
		ss_json_free(root);
	else
		*out = root;
	return r;
}
