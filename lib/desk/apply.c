#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/stream.h"
#include "base/text.h"
#include "base/uuid.h"
#include "desk/apply.h"
#include "desk/attach.h"
#include "desk/step.h"
#include "rules/document.h"

#define RECORD_VERSION 1
#define ID_MAX 64
#define REVISION_MAX 1000000

struct ss_apply {
	struct ss_desk *desk;
	struct ss_stepper step;
	struct ss_uuid_maker maker;
	char ids[SS_GROUP_RECORDS][SS_UUID_MAX];	/* by slot */
};

/* One record in work. */
struct work {
	struct ss_desk *desk;
	const char *new_id;
	struct ss_hand *hand;
	struct ss_form *form;
	struct ss_record *rec;
	const struct ss_policy *policy;
	ss_instant now;
	bool own;		/* a failure is this record's alone */
};

int
ss_apply_open(struct ss_apply **out, struct ss_desk *desk)
{
	*out = calloc(1, sizeof(**out));
	if (*out == NULL)
		return ss_fail(SS_EMEMORY, "out of memory");
	(*out)->desk = desk;
	ss_step_init(&(*out)->step, desk);
	return 0;
}

void
ss_apply_close(struct ss_apply *apply)
{
	if (apply != NULL)
		ss_step_wipe(&apply->step);
	free(apply);
}

/* Ids are made in order, so that they ascend with the records. */
static int
begin(struct ss_record *const *recs, size_t n, void *ctx)
{
	struct ss_apply *apply = ctx;
	ss_instant now = ss_now();
	size_t i;
	int r = 0;

	r = ss_step_begin(&apply->step, recs, n);
	for (i = 0; r == 0 && i < n; i++)
		if (ss_value_kind(ss_record_get(recs[i], "id")) <= SS_NULL)
			r = ss_uuid_make(&apply->maker, now,
			    apply->ids[recs[i]->slot]);
	return r;
}

/* The id given, or the new one. */
static int
find_id(const struct work *w, const char **out)
{
	const struct ss_value *v = ss_record_get(w->rec, "id");
	const char *p;

	*out = w->new_id;
	if (ss_value_kind(v) <= SS_NULL)
		return 0;
	if ((*out = ss_value_string(v)) == NULL)
		return ss_fail(SS_EINVALID, "id: a string is wanted, not %s",
		    ss_kind_word(ss_value_kind(v)));
	for (p = *out; (*p >= '0' && *p <= '9') || (*p >= 'a' && *p <= 'z') ||
	    (*p >= 'A' && *p <= 'Z') || *p == '-' || *p == '_' || *p == '.';
	    p++)
		;
	if (*p != '\0' || p == *out || p - *out > ID_MAX)
		return ss_fail(SS_EINVALID, "id: 1 to %d letters, digits "
		    "and - _ . are wanted", ID_MAX);
	return 0;
}

/* The region where the card is to be: the record's, -R, or the number's. */
static int
check_region(const struct work *w)
{
	const char *code = ss_form_get(w->form, SS_F_REGION);
	int first, last;

	if (code == NULL)
		return ss_fail(SS_EINVALID, "region: is missing; give -R");
	if (!ss_regions_life(w->desk->regions, code, &first, &last))
		return ss_fail(SS_EINVALID,
		    "region: no code of GB/T 2260; give -R");
	if (last != 0)
		return ss_fail(SS_EINVALID, "region: this code was given up "
		    "in or after %d; give the present one by -R", last);
	return 0;
}

static int
fill_region(const struct work *w)
{
	char code[7];
	int r;

	if (w->desk->region == NULL ||
	    ss_form_get(w->form, SS_F_REGION) != NULL)
		return 0;
	if ((r = ss_region_code(w->desk->region, code)) != 0)
		return r;
	if (strspn(code, "0") < 6)	/* the nation is no region */
		ss_form_set(w->form, SS_F_REGION, code, 6);
	return 0;
}

/* Those whose number is not the social security number bring one. */
static int
check_social_number(const struct work *w)
{
	const char *number = ss_form_get(w->form, SS_F_SOCIAL_NUMBER);
	const char *type = ss_form_get(w->form, SS_F_ID_TYPE);

	if (number == NULL)
		return ss_fail(SS_EINVALID,
		    "person.social_number: is missing; with %s it is not the "
		    "number of the document", type);
	return ss_social_number_check(w->policy, type,
	    ss_form_get(w->form, SS_F_ID_NUMBER), number);
}

static int
check_guardian(const struct work *w, bool minor)
{
	enum ss_field_id needed[] = { SS_F_GUARDIAN_NAME,
		SS_F_GUARDIAN_ID_NUMBER, SS_F_GUARDIAN_RELATION };
	size_t i;

	for (i = 0; minor && i < sizeof(needed) / sizeof(needed[0]); i++)
		if (ss_form_get(w->form, needed[i]) == NULL)
			return ss_fail(SS_EINVALID, "person.guardian.%s: is "
			    "missing; an applicant under %d needs a guardian",
			    ss_fields[needed[i]].name,
			    (int)w->policy->apply.guardian_below);
	return 0;
}

/* The numbers of a guardian and a proxy, where they are given. */
static int
check_others(const struct work *w)
{
	int r;

	if ((r = ss_form_check_other(w->form, SS_F_GUARDIAN_ID_TYPE,
	    SS_F_GUARDIAN_ID_NUMBER, ss_instant_day(w->now))) != 0)
		return r;
	return ss_form_check_other(w->form, SS_F_PROXY_ID_TYPE,
	    SS_F_PROXY_ID_NUMBER, ss_instant_day(w->now));
}

/* Who brings the application, where the form does not say. */
static void
fill_through(const struct work *w, bool minor)
{
	const char *who = ss_form_through(w->form);

	if (ss_form_get(w->form, SS_F_THROUGH) != NULL)
		return;
	if (who == NULL)
		who = minor ? "guardian" : "holder";
	ss_form_set(w->form, SS_F_THROUGH, who, strlen(who));
}

/* What the region's policy refuses at once. */
static int
check_policy(const struct work *w)
{
	const char *birth = ss_form_get(w->form, SS_F_BIRTH_DATE);
	struct ss_applicant who;
	bool minor;
	int r;

	if (!ss_value_has(w->policy->apply.id_types,
	    ss_form_get(w->form, SS_F_ID_TYPE)))
		return ss_fail(SS_EPOLICY, "person.id_type: %s is not "
		    "accepted in %s", ss_form_get(w->form, SS_F_ID_TYPE),
		    w->policy->region);
	if (birth == NULL)
		return ss_fail(SS_EINVALID, "person.birth_date: is missing");
	if (ss_day_parse(birth) < SS_OLDEST_BIRTH)
		return ss_fail(SS_EINVALID, "person.birth_date: before 1880");
	who = (struct ss_applicant){ .age = ss_day_age(ss_day_parse(birth),
	    ss_instant_day(w->now)) };
	if (who.age < 0)
		return ss_fail(SS_EINVALID,
		    "person.birth_date: lies in the future");
	minor = ss_applicant_minor(w->policy, &who);
	fill_through(w, minor);
	if (!ss_value_has(w->policy->apply.through,
	    ss_form_get(w->form, SS_F_THROUGH)))
		return ss_fail(SS_EPOLICY, "applied.through: %s is not "
		    "accepted in %s", ss_form_get(w->form, SS_F_THROUGH),
		    w->policy->region);
	if ((r = check_guardian(w, minor)) != 0 || (r = check_others(w)) != 0)
		return r;
	return check_social_number(w);
}

static int
read_form(struct work *w)
{
	ss_day today = ss_instant_day(w->now);
	int r;

	w->own = true;
	if ((r = ss_form_read(w->form, w->rec, w->desk->words)) != 0 ||
	    (r = fill_region(w)) != 0 ||
	    (r = ss_form_complete(w->form, today)) != 0 ||
	    (r = check_region(w)) != 0 ||
	    (r = ss_desk_policy(w->desk, ss_form_get(w->form, SS_F_REGION),
	    &w->policy)) != 0 ||
	    (r = check_policy(w)) != 0)
		return r;
	if (ss_form_get(w->form, SS_F_NAME) == NULL)
		return ss_fail(SS_EINVALID, "person.name: is missing");
	return ss_bytes_check(&w->form->text);
}

static void
write_applied(const struct work *w, int64_t revision)
{
	struct ss_bytes *b = ss_record_set(w->rec, "applied");
	char time[SS_INSTANT_MAX];

	ss_instant_format(w->now, time);
	ss_json_open(b, NULL, '{');
	ss_json_add(b, "time", time);
	ss_json_add(b, "by", w->desk->operator);
	ss_json_add(b, "station", w->desk->station);
	ss_json_addi(b, "revision", revision);
	ss_json_add(b, "through", ss_form_get(w->form, SS_F_THROUGH));
	ss_json_close(b, '}');
}

/* A first card, unless the form says otherwise. */
static int
find_kind(const struct work *w, const char **out)
{
	const struct ss_value *v = ss_record_get(w->rec, "kind");
	const char *text = ss_value_string(v);

	*out = "new";
	if (ss_value_kind(v) <= SS_NULL || (text != NULL && *text == '\0'))
		return 0;
	*out = text != NULL ? ss_words_find(w->desk->words, "kind", text) :
	    NULL;
	if (*out == NULL)
		return ss_fail_in(ss_words_fail(w->desk->words, "kind"),
		    "kind");
	return 0;
}

/* What comes of the form alone. */
static void
write_members(const struct work *w, const char *id, const char *kind)
{
	struct ss_record *rec = w->rec;

	ss_json_addi(ss_record_set(rec, "v"), NULL, RECORD_VERSION);
	ss_json_add(ss_record_set(rec, "id"), NULL, id);
	ss_json_add(ss_record_set(rec, "kind"), NULL, kind);
	ss_json_add(ss_record_set(rec, "region"), NULL,
	    ss_form_get(w->form, SS_F_REGION));
	ss_form_write(w->form, "person", ss_record_set(rec, "person"));
}

/* New, mended, done before, or beyond this desk. */
static int
find_revision(struct ss_apply *apply, struct ss_record *rec, unsigned worker,
    int64_t *revision)
{
	const char *state = ss_record_string(rec, "state");
	int r;

	*revision = 1;
	if (state == NULL)
		return ss_step_check_form(rec);
	if (strcmp(state, "returned") == 0) {
		if ((r = ss_step_check_mended(&apply->step, rec,
		    worker)) != 0)
			return r;
		if (!ss_value_int(ss_record_get(rec, "applied.revision"),
		    revision) || *revision < 1 || *revision > REVISION_MAX)
			return ss_fail(SS_EINVALID, "applied.revision: is "
			    "missing in a returned application");
		++*revision;
		return 0;
	}
	if ((r = ss_step_check(&apply->step, rec, worker)) != 0 ||
	    rec->outcome != SS_DONE)
		return r;
	if (strcmp(state, "applied") == 0)
		ss_record_already(rec);
	else
		rec->outcome = SS_PASSED;
	return 0;
}

static int
fill_in(struct work *w, int64_t revision)
{
	const char *id, *kind;
	int r;

	if ((r = read_form(w)) != 0 || (r = find_id(w, &id)) != 0 ||
	    (r = find_kind(w, &kind)) != 0)
		return r;
	write_members(w, id, kind);
	if ((r = ss_attach_documents(w->desk, w->hand, w->rec, &w->own)) != 0 ||
	    (r = ss_attach_photo(w->desk, w->hand, w->rec, w->policy,
	    &w->own)) != 0)
		return r;
	write_applied(w, revision);
	ss_json_add(ss_record_set(w->rec, "state"), NULL, "applied");
	ss_record_remove(w->rec, "already");
	return 0;
}

int
ss_apply_fill(struct ss_desk *desk, struct ss_hand *hand,
    struct ss_record *rec, const char *id, int64_t revision,
    ss_instant now, bool *own)
{
	struct work w = { desk, id, hand, &hand->form, rec, NULL, now, true };
	int r;

	if (ss_value_kind(ss_record_get(rec, "person")) != SS_OBJECT)
		r = ss_fail(SS_EINVALID, "person: is missing; a form has "
		    "its fields in an object of this name");
	else
		r = fill_in(&w, revision);
	*own = w.own;
	return r;
}

static int
one(struct ss_record *rec, unsigned worker, void *ctx)
{
	struct ss_apply *apply = ctx;
	ss_instant now = ss_now();
	int64_t revision;
	bool own = true;
	int r;

	if ((r = find_revision(apply, rec, worker, &revision)) != 0 ||
	    rec->outcome != SS_DONE)
		return r;
	r = ss_apply_fill(apply->desk, &apply->desk->hands[worker], rec,
	    apply->ids[rec->slot], revision, now, &own);
	if (r == 0)
		ss_step_take(&apply->step, rec, revision == 1 ? SS_APPLY :
		    SS_MEND, now);
	if (r == SS_EIO && own)
		return ss_record_fail(rec, r);
	return r;
}

static int
end(struct ss_record *const *recs, size_t n, void *ctx)
{
	struct ss_apply *apply = ctx;
	int r;

	if ((r = ss_files_sync(apply->desk->files)) != 0)
		return r;
	return ss_step_end(&apply->step, recs, n);
}

struct ss_work
ss_apply_work(struct ss_apply *apply)
{
	return (struct ss_work){ .begin = begin, .one = one, .end = end,
		.sealer = ss_step_sealer(&apply->step), .ctx = apply };
}
