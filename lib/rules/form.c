#include <string.h>

#include "base/err.h"
#include "base/text.h"
#include "rules/form.h"

#define PERSON "person"
#define GUARDIAN "person.guardian"
#define PROXY "person.proxy"
#define EMPLOYER "person.employer"

const struct ss_field ss_fields[SS_FIELDS] = {
	[SS_F_REGION] = { "", "region", NULL, NULL, NULL,
	    SS_ENTRY_REGION, NULL },
	[SS_F_NAME] = { PERSON, "name", "name", "NAME",
	    "the applicant's name", SS_ENTRY_TEXT, NULL },
	[SS_F_ID_TYPE] = { PERSON, "id_type", "id-type", "TYPE",
	    "kind of identity document (default: citizen)",
	    SS_ENTRY_WORD, "id_type" },
	[SS_F_ID_NUMBER] = { PERSON, "id_number", "id-number", "NUMBER",
	    "its number", SS_ENTRY_NUMBER, NULL },
	[SS_F_SOCIAL_NUMBER] = { PERSON, "social_number", "social-number",
	    "NUMBER", "social security number, when it is another",
	    SS_ENTRY_NUMBER, NULL },
	[SS_F_SEX] = { PERSON, "sex", "sex", "SEX", "1 male, 2 female",
	    SS_ENTRY_WORD, "sex" },
	[SS_F_ETHNIC] = { PERSON, "ethnic", "ethnic", "GROUP",
	    "ethnic group, GB/T 3304", SS_ENTRY_WORD, "ethnic" },
	[SS_F_NATIONALITY] = { PERSON, "nationality", "nationality",
	    "COUNTRY", "three letters, ISO 3166-1", SS_ENTRY_COUNTRY,
	    "nationality" },
	[SS_F_BIRTH_DATE] = { PERSON, "birth_date", "birth-date", "DATE",
	    "date of birth", SS_ENTRY_DATE, NULL },
	[SS_F_ID_FROM] = { PERSON, "id_from", "id-from", "DATE",
	    "first day the document is valid", SS_ENTRY_DATE, NULL },
	[SS_F_ID_UNTIL] = { PERSON, "id_until", "id-until", "DATE",
	    "last day, 9999-12-31 for life", SS_ENTRY_END_DATE, NULL },
	[SS_F_PHONE] = { PERSON, "phone", "phone", "NUMBER",
	    "mobile number", SS_ENTRY_PHONE, NULL },
	[SS_F_EMAIL] = { PERSON, "email", "email", "ADDRESS",
	    "mail address", SS_ENTRY_EMAIL, NULL },
	[SS_F_ADDRESS] = { PERSON, "address", "address", "TEXT",
	    "postal address", SS_ENTRY_TEXT, NULL },
	[SS_F_OCCUPATION] = { PERSON, "occupation", "occupation", "TEXT",
	    "occupation", SS_ENTRY_TEXT, NULL },
	[SS_F_HOUSEHOLD] = { PERSON, "household", "household", "TYPE",
	    "household type", SS_ENTRY_WORD, "household" },
	[SS_F_COLLECTION] = { PERSON, "collection", "collection", "WAY",
	    "person or post", SS_ENTRY_WORD, "collection" },
	[SS_F_GUARDIAN_NAME] = { GUARDIAN, "name", "guardian-name", "NAME",
	    "the guardian's name", SS_ENTRY_TEXT, NULL },
	[SS_F_GUARDIAN_ID_TYPE] = { GUARDIAN, "id_type", "guardian-id-type",
	    "TYPE", "kind of document", SS_ENTRY_WORD, "id_type" },
	[SS_F_GUARDIAN_ID_NUMBER] = { GUARDIAN, "id_number",
	    "guardian-id-number", "NUMBER", "its number",
	    SS_ENTRY_NUMBER, NULL },
	[SS_F_GUARDIAN_PHONE] = { GUARDIAN, "phone", "guardian-phone",
	    "NUMBER", "mobile number", SS_ENTRY_PHONE, NULL },
	[SS_F_GUARDIAN_RELATION] = { GUARDIAN, "relation",
	    "guardian-relation", "RELATION", "to the applicant",
	    SS_ENTRY_WORD, "relation" },
	[SS_F_PROXY_NAME] = { PROXY, "name", "proxy-name", "NAME",
	    "the proxy's name", SS_ENTRY_TEXT, NULL },
	[SS_F_PROXY_ID_TYPE] = { PROXY, "id_type", "proxy-id-type", "TYPE",
	    "kind of document", SS_ENTRY_WORD, "id_type" },
	[SS_F_PROXY_ID_NUMBER] = { PROXY, "id_number", "proxy-id-number",
	    "NUMBER", "its number", SS_ENTRY_NUMBER, NULL },
	[SS_F_PROXY_PHONE] = { PROXY, "phone", "proxy-phone", "NUMBER",
	    "mobile number", SS_ENTRY_PHONE, NULL },
	[SS_F_EMPLOYER_NAME] = { EMPLOYER, "name", "employer-name", "NAME",
	    "the employer that applies", SS_ENTRY_TEXT, NULL },
	[SS_F_EMPLOYER_CODE] = { EMPLOYER, "code", "employer-code", "CODE",
	    "its unified social credit code", SS_ENTRY_NUMBER, NULL },
	[SS_F_THROUGH] = { "applied", "through", "through", "WHO",
	    "holder, guardian, proxy or employer", SS_ENTRY_WORD, "through" },
};

void
ss_form_reset(struct ss_form *form)
{
	ss_bytes_reset(&form->text);
	memset(form->at, 0, sizeof(form->at));
	form->changed = false;
}

void
ss_form_free(struct ss_form *form)
{
	ss_bytes_free(&form->text);
}

const char *
ss_form_get(const struct ss_form *form, enum ss_field_id id)
{
	return form->at[id] == 0 ? NULL : form->text.data + form->at[id] - 1;
}

void
ss_form_set(struct ss_form *form, enum ss_field_id id, const char *text,
    size_t len)
{
	size_t at = form->text.len + 1;

	ss_bytes_add(&form->text, text, len);
	ss_bytes_addc(&form->text, '\0');
	if (!form->text.failed)
		form->at[id] = at;
}

void
ss_field_path(enum ss_field_id id, struct ss_bytes *out)
{
	const struct ss_field *f = &ss_fields[id];

	ss_bytes_addf(out, "%s%s%s", f->parent,
	    f->parent[0] != '\0' ? "." : "", f->name);
}

/* The failure of a field, its path before the sentence; without memory too. */
static int
field_fail(enum ss_field_id id, int code)
{
	const struct ss_field *f = &ss_fields[id];

	return ss_fail_in(code, "%s%s%s", f->parent,
	    f->parent[0] != '\0' ? "." : "", f->name);
}

/* Reads one string member, in its normal form. */
static int
read_field(struct ss_form *form, enum ss_field_id id,
    const struct ss_value *v, const struct ss_words *words)
{
	const char *text = ss_value_string(v);
	size_t at = form->text.len;
	int r;

	if (ss_value_kind(v) <= SS_NULL)
		return 0;
	if (text == NULL)
		return field_fail(id, ss_fail(SS_EINVALID, "a string is "
		    "wanted, not %s", ss_kind_word(ss_value_kind(v))));
	r = ss_entry_normalize(ss_fields[id].kind, ss_fields[id].set, words,
	    text, &form->text);
	if (r != 0)
		return field_fail(id, r);
	if (form->text.len > at) {
		ss_bytes_addc(&form->text, '\0');
		form->at[id] = at + 1;
	}
	form->changed |= form->at[id] != 0 &&
	    strcmp(form->text.data + at, text) != 0;
	return 0;
}

/* Keeps the name nearest to what was written. */
static void
nearer(const char *written, const char *name, const char **nearest)
{
	if (*nearest == NULL ||
	    ss_distance(name, written) < ss_distance(*nearest, written))
		*nearest = name;
}

/* The objects inside person. */
static const char *const nested[] = { GUARDIAN, PROXY, EMPLOYER };
#define NESTED (sizeof(nested) / sizeof(nested[0]))

/* The last part of a nested object's path when it lies in parent, or NULL. */
static const char *
inside(const char *path, const char *parent)
{
	size_t n = strlen(parent);

	return strncmp(path, parent, n) == 0 && path[n] == '.' ? path + n + 1 :
	    NULL;
}

static int
unknown_member(const char *parent, const char *name)
{
	const char *nearest = NULL;
	size_t i;

	for (i = 0; i < SS_FIELDS; i++)
		if (strcmp(ss_fields[i].parent, parent) == 0)
			nearer(name, ss_fields[i].name, &nearest);
	for (i = 0; i < NESTED; i++)
		if (inside(nested[i], parent) != NULL)
			nearer(name, inside(nested[i], parent), &nearest);
	/* What is near to none may be a person's name in a wrong place. */
	if (nearest != NULL && ss_distance(nearest, name) <=
	    1 + (int)strlen(nearest) / 3)
		return ss_fail(SS_EINVALID,
		    "%s.%.40s: no such member; perhaps %s", parent, name,
		    nearest);
	return ss_fail(SS_EINVALID, "%s: has a member that no form has; see "
	    "ss-record(5)", parent);
}

static int read_object(struct ss_form *, const char *parent,
    const struct ss_value *, const struct ss_words *);

static int
read_member(struct ss_form *form, const char *parent, const char *name,
    const struct ss_value *v, const struct ss_words *words)
{
	const char *last;
	size_t i;

	/* The first letter spares most of the comparisons. */
	for (i = 0; i < SS_FIELDS; i++)
		if (ss_fields[i].name[0] == name[0] &&
		    strcmp(ss_fields[i].name, name) == 0 &&
		    strcmp(ss_fields[i].parent, parent) == 0)
			return read_field(form, (enum ss_field_id)i, v, words);
	for (i = 0; i < NESTED; i++)
		if ((last = inside(nested[i], parent)) != NULL &&
		    strcmp(last, name) == 0)
			return read_object(form, nested[i], v, words);
	return unknown_member(parent, name);
}

static int
read_object(struct ss_form *form, const char *parent,
    const struct ss_value *v, const struct ss_words *words)
{
	const struct ss_value *value;
	const char *name;
	void *iter = NULL;
	int r = 0;

	if (ss_value_kind(v) <= SS_NULL)
		return 0;
	if (ss_value_kind(v) != SS_OBJECT)
		return ss_fail(SS_EINVALID, "%s: an object is wanted, not %s",
		    parent, ss_kind_word(ss_value_kind(v)));
	while (r == 0 && ss_value_each(v, &iter, &name, &value))
		r = read_member(form, parent, name, value, words);
	return r;
}

int
ss_form_read(struct ss_form *form, const struct ss_record *rec,
    const struct ss_words *words)
{
	int r;

	ss_form_reset(form);
	if ((r = read_field(form, SS_F_REGION, ss_record_get(rec, "region"),
	    words)) != 0 ||
	    (r = read_object(form, PERSON, ss_record_get(rec, PERSON),
	    words)) != 0 ||
	    (r = read_field(form, SS_F_THROUGH,
	    ss_record_get(rec, "applied.through"), words)) != 0)
		return r;
	return ss_bytes_check(&form->text);
}

static void
set_string(struct ss_form *form, enum ss_field_id id, const char *text)
{
	ss_form_set(form, id, text, strlen(text));
}

/* Fills a field from the number, or refuses what contradicts it. */
static int
imply(struct ss_form *form, enum ss_field_id id, const char *implied)
{
	const char *given = ss_form_get(form, id);

	if (implied[0] == '\0')
		return 0;
	if (given == NULL)
		set_string(form, id, implied);
	else if (strcmp(given, implied) != 0)
		return field_fail(id, ss_fail(SS_EINVALID,
		    "contradicts the number of the document"));
	return 0;
}

static int
complete_social(struct ss_form *form, const struct ss_id_type *type)
{
	const char *number = ss_form_get(form, SS_F_ID_NUMBER);
	char copy[SS_NUMBER_MAX];

	if (!type->is_social || strlen(number) != 18)
		return 0;
	/* ss_form_set may move what number points at. */
	memcpy(copy, number, strlen(number) + 1);
	return imply(form, SS_F_SOCIAL_NUMBER, copy);
}

int
ss_form_complete(struct ss_form *form, ss_day today)
{
	const struct ss_id_type *type;
	struct ss_implied implied;
	char birth[SS_DATE_MAX] = "";
	int r;

	if (ss_form_get(form, SS_F_ID_NUMBER) == NULL)
		return ss_fail(SS_EINVALID, "person.id_number: is missing");
	if (ss_form_get(form, SS_F_ID_TYPE) == NULL)
		set_string(form, SS_F_ID_TYPE, "citizen");
	if ((r = ss_bytes_check(&form->text)) != 0)
		return r;
	type = ss_id_type_find(ss_form_get(form, SS_F_ID_TYPE));
	if ((r = ss_id_check(type, ss_form_get(form, SS_F_ID_NUMBER), today,
	    &implied)) != 0)
		return field_fail(SS_F_ID_NUMBER, r);
	if (implied.birth != SS_DAY_NONE)
		ss_day_format(implied.birth, birth);
	if ((r = complete_social(form, type)) != 0 ||
	    (r = imply(form, SS_F_BIRTH_DATE, birth)) != 0 ||
	    (r = imply(form, SS_F_SEX, implied.sex)) != 0 ||
	    (r = imply(form, SS_F_NATIONALITY, implied.nationality)) != 0)
		return r;
	if (implied.region[0] != '\0' && ss_form_get(form, SS_F_REGION) == NULL)
		set_string(form, SS_F_REGION, implied.region);
	return ss_bytes_check(&form->text);
}

int
ss_form_check_other(struct ss_form *form, enum ss_field_id id_type,
    enum ss_field_id id_number, ss_day today)
{
	struct ss_implied implied;
	int r;

	if (ss_form_get(form, id_number) == NULL)
		return 0;
	if (ss_form_get(form, id_type) == NULL)
		set_string(form, id_type, "citizen");
	if ((r = ss_bytes_check(&form->text)) != 0)
		return r;
	r = ss_id_check(ss_id_type_find(ss_form_get(form, id_type)),
	    ss_form_get(form, id_number), today, &implied);
	return r == 0 ? 0 : field_fail(id_number, r);
}

const char *
ss_form_through(const struct ss_form *form)
{
	if (ss_form_get(form, SS_F_PROXY_NAME) != NULL)
		return "proxy";
	if (ss_form_get(form, SS_F_EMPLOYER_NAME) != NULL)
		return "employer";
	return NULL;
}

static bool
has_any(const struct ss_form *form, const char *parent)
{
	size_t n = strlen(parent);
	int id;

	for (id = 0; id < SS_FIELDS; id++)
		if (form->at[id] != 0 &&
		    strncmp(ss_fields[id].parent, parent, n) == 0 &&
		    (ss_fields[id].parent[n] == '\0' ||
		    ss_fields[id].parent[n] == '.'))
			return true;
	return false;
}

void
ss_form_write(const struct ss_form *form, const char *parent,
    struct ss_bytes *out)
{
	size_t i;

	ss_json_open(out, NULL, '{');
	for (i = 0; i < SS_FIELDS; i++)
		if (form->at[i] != 0 &&
		    strcmp(ss_fields[i].parent, parent) == 0)
			ss_json_add(out, ss_fields[i].name,
			    ss_form_get(form, (enum ss_field_id)i));
	for (i = 0; i < NESTED; i++) {
		if (inside(nested[i], parent) == NULL ||
		    !has_any(form, nested[i]))
			continue;
		ss_json_key(out, inside(nested[i], parent));
		ss_form_write(form, nested[i], out);
	}
	ss_json_close(out, '}');
}
