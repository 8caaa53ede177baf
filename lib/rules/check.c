#include <string.h>

#include "base/err.h"
#include "base/json.h"
#include "rules/check.h"

void
ss_check_begin(struct ss_checks *c, const char *name, enum ss_result result)
{
	ss_json_open(c->out, NULL, '{');
	ss_json_add(c->out, "check", name);
	if (result == SS_OPEN) {
		ss_json_key(c->out, "ok");
		ss_bytes_adds(c->out, "null");
		c->open++;
		return;
	}
	ss_json_addb(c->out, "ok", result == SS_GOOD);
	if (result == SS_GOOD)
		return;
	ss_json_add(c->mend, NULL, name);
	if (ss_value_has(c->policy->review.reject, name))
		c->rejected++;
	else
		c->failed++;
}

void
ss_check_end(struct ss_checks *c)
{
	ss_json_close(c->out, '}');
}

void
ss_check(struct ss_checks *c, const char *name, enum ss_result result,
    const char *member, const char *note)
{
	ss_check_begin(c, name, result);
	if (result == SS_BAD && member != NULL)
		ss_json_add(c->out, "member", member);
	if (note != NULL)
		ss_json_add(c->out, "note", note);
	ss_check_end(c);
}

/* Whether a field that the policy asks for is given. */
static bool
has_field(const struct ss_checks *c, const char *name)
{
	int id;

	for (id = 0; id < SS_FIELDS; id++)
		if (strcmp(ss_fields[id].parent, "person") == 0 &&
		    strcmp(ss_fields[id].name, name) == 0)
			return c->form->at[id] != 0;
	return false;
}

/* All the missing fields at once, so that they are mended at once. */
static void
check_fields(struct ss_checks *c)
{
	const struct ss_value *fields = c->policy->apply.fields;
	struct ss_bytes *b = c->scratch;
	const char *name;
	size_t i;

	ss_bytes_reset(b);
	for (i = 0; i < ss_value_count(fields); i++) {
		name = ss_value_string(ss_value_at(fields, i));
		if (!has_field(c, name))
			ss_bytes_addf(b, "%s%s", b->len > 0 ? ", " :
			    "missing: ", name);
	}
	ss_check(c, "fields", b->len == 0 ? SS_GOOD : SS_BAD, "person",
	    b->len > 0 ? b->data : NULL);
}

void
ss_checks_form(struct ss_checks *c)
{
	const char *through = ss_form_get(c->form, SS_F_THROUGH);
	const char *type = ss_form_get(c->form, SS_F_ID_TYPE);

	check_fields(c);
	if (type == NULL ||
	    !ss_value_has(c->policy->apply.id_types, type))
		ss_check(c, "id-type", SS_BAD, "person.id_type",
		    "not accepted in this region");
	else
		ss_check(c, "id-type", SS_GOOD, NULL, NULL);
	if (through == NULL ||
	    !ss_value_has(c->policy->apply.through, through))
		ss_check(c, "through", SS_BAD, "applied.through",
		    "not accepted in this region");
	else
		ss_check(c, "through", SS_GOOD, NULL, NULL);
}

/* How many of a kind the record has. */
static int
count_kind(const struct ss_value *documents, const char *kind)
{
	const char *k;
	size_t i;
	int n = 0;

	for (i = 0; i < ss_value_count(documents); i++) {
		k = ss_value_string(ss_value_get(ss_value_at(documents, i),
		    "kind"));
		n += k != NULL && strcmp(k, kind) == 0;
	}
	return n;
}

void
ss_checks_documents(struct ss_checks *c)
{
	const struct ss_value *have = ss_record_get(c->rec, "documents");
	const struct ss_value *when;
	struct ss_bytes *b = c->scratch;
	const char *kind;
	void *iter = NULL;
	int copies;

	ss_bytes_reset(b);
	while (ss_value_each(c->policy->apply.documents, &iter, &kind,
	    &when)) {
		if (!ss_document_asked(c->policy, &c->who,
		    ss_value_string(when)))
			continue;
		copies = ss_document_copies(c->policy, kind);
		if (count_kind(have, kind) >= copies)
			continue;
		ss_bytes_addf(b, "%s%s", b->len > 0 ? ", " : "missing: ",
		    kind);
		if (copies > 1)
			ss_bytes_addf(b, " (%d)", copies);
	}
	ss_check_begin(c, "documents", b->len == 0 ? SS_GOOD : SS_BAD);
	ss_json_addi(c->out, "value", (int64_t)ss_value_count(have));
	if (b->len > 0) {
		ss_json_add(c->out, "member", "documents");
		ss_json_add(c->out, "note", b->data);
	}
	ss_check_end(c);
}
