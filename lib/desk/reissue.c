#include <string.h>

#include "base/err.h"
#include "desk/apply.h"
#include "desk/attach.h"
#include "desk/reissue.h"

static const char *const reasons[] = { "lost", "damaged", "expiring",
	"data-change" };

/* What a new application takes over from the old one. */
static const char *const kept[] = { "person", "photo", "region" };

enum ss_reissue_reason
ss_reissue_find(const char *word)
{
	int i;

	for (i = 0; i < SS_REISSUE_REASONS &&
	    strcmp(reasons[i], word) != 0; i++)
		;
	return (enum ss_reissue_reason)i;
}

/* Whether the old plastic is in the issuer's hands, or comes there now. */
static bool
is_handed_in(const struct ss_turn *t, const struct ss_reissue *x)
{
	return x->handed_in || t->entry->at.stock == SS_STOCK_RETURNED ||
	    t->entry->at.stock == SS_DESTROYED;
}

/* One that is of no use any more does not stay with its holder. */
static int
check_useless(const struct ss_turn *t, const struct ss_reissue *x,
    const char *what)
{
	const struct ss_policy *p = t->policy;

	if (!p->replace.damaged_handed_in || is_handed_in(t, x))
		return 0;
	if (p->replace.damaged_else_formal_loss && t->status == SS_LOST)
		return 0;
	return ss_fail(SS_EPOLICY, "%s card is handed in in %s; say "
	    "--handed-in%s", what, p->region,
	    p->replace.damaged_else_formal_loss ?
	    ", or report it lost first" : "");
}

static int
check_expiring(const struct ss_turn *t, const struct ss_reissue *x)
{
	const struct ss_term *from = &t->policy->card.renewal_from;
	const char *text = ss_record_string(t->rec, "card.expires");
	ss_day end = text != NULL ? ss_day_parse(text) : SS_DAY_NONE;
	ss_instant due;
	char date[SS_DATE_MAX];
	int r;

	if (end == SS_DAY_NONE)
		return ss_fail(SS_EPOLICY, "this card does not expire");
	if (end < ss_instant_day(t->now))
		return check_useless(t, x, "an expired");
	if (!from->set)
		return 0;
	/* The period before its end has begun: it reaches the end from now. */
	if ((r = ss_calendar_add(t->desk->calendar, t->now, &from->period,
	    &due)) != 0)
		return r;
	if (ss_instant_day(due) >= end)
		return 0;
	ss_day_format(end, date);
	return ss_fail(SS_EPOLICY, "the card is valid until %s, and is "
	    "renewed from card.renewal_from before that", date);
}

/* Who brings the application is no data of the holder. */
static bool
has_data(const struct ss_value *change)
{
	bool applied = ss_value_member(change, "applied") != NULL;

	return ss_value_count(change) > applied;
}

static int
check_reason(const struct ss_turn *t, const struct ss_reissue *x)
{
	switch (x->reason) {
	case SS_REISSUE_LOST:
		return t->status == SS_LOST ? 0 : ss_fail(SS_EPOLICY, "the "
		    "card is %s; a formal report of loss comes first: "
		    "ss-report-loss --kind formal", ss_status_word(t->status));
	case SS_REISSUE_DAMAGED:
		return check_useless(t, x, "a damaged");
	case SS_REISSUE_EXPIRING:
		return check_expiring(t, x);
	default:
		return has_data(t->given) ? 0 : ss_fail(SS_EINVALID, "change: "
		    "is missing; a change of data has its new members there");
	}
}

/* What may change, and what is wanted there; SS_NONE: anything. */
static const struct {
	const char *name;
	enum ss_kind kind, other;
} parts[] = {
	{ "person", SS_OBJECT, SS_OBJECT },
	{ "photo", SS_NONE, SS_NONE },
	{ "documents", SS_OBJECT, SS_ARRAY },
	{ "region", SS_NONE, SS_NONE },
	{ "applied", SS_OBJECT, SS_OBJECT },
};

static int
check_part(const char *name, const struct ss_value *v)
{
	enum ss_kind kind = ss_value_kind(v);
	size_t i, n = sizeof(parts) / sizeof(parts[0]);

	for (i = 0; i < n && strcmp(parts[i].name, name) != 0; i++)
		;
	if (i == n)
		return ss_fail(SS_EINVALID, "change.%.40s: person, photo, "
		    "documents, region or applied.through is meant", name);
	if (parts[i].kind != SS_NONE && kind > SS_NULL &&
	    kind != parts[i].kind && kind != parts[i].other)
		return ss_fail(SS_EINVALID, "change.%s: an object is wanted, "
		    "not %s", name, ss_kind_word(kind));
	return 0;
}

static int
check_change(const struct ss_turn *t)
{
	const struct ss_value *applied = ss_value_member(t->given, "applied");
	const struct ss_value *v;
	const char *name;
	void *iter = NULL;
	int r = 0;

	if (ss_value_kind(t->given) <= SS_NULL)
		return 0;
	if (ss_value_kind(t->given) != SS_OBJECT)
		return ss_fail(SS_EINVALID, "change: an object is wanted, not "
		    "%s", ss_kind_word(ss_value_kind(t->given)));
	while (r == 0 && ss_value_each(t->given, &iter, &name, &v))
		r = check_part(name, v);
	iter = NULL;
	while (r == 0 && ss_value_each(applied, &iter, &name, &v))
		if (strcmp(name, "through") != 0)
			r = ss_fail(SS_EINVALID, "change.applied.%.40s: only "
			    "through is meant", name);
	return r;
}

static int
add_element(const char *kind, const struct ss_value *v, struct ss_bytes *b)
{
	const char *sm3 = ss_value_string(ss_value_get(v, "sm3"));
	const char *path = ss_value_string(v);

	if (path == NULL)
		path = ss_value_string(ss_value_get(v, "path"));
	if (kind == NULL || (path == NULL && sm3 == NULL))
		return ss_fail(SS_EINVALID, "change.documents: kinds with "
		    "their files are wanted");
	ss_json_open(b, NULL, '{');
	ss_json_add(b, "kind", kind);
	/* A path may name another file by now. */
	if (sm3 != NULL)
		ss_json_add(b, "sm3", sm3);
	else
		ss_json_add(b, "path", path);
	ss_json_close(b, '}');
	return 0;
}

/* One file of a kind, or several; null: none in place of the old ones. */
static int
add_given(const char *kind, const struct ss_value *v, struct ss_bytes *b)
{
	size_t i;
	int r = 0;

	if (ss_value_kind(v) == SS_NULL)
		return 0;
	if (ss_value_kind(v) != SS_ARRAY)
		return add_element(kind, v, b);
	for (i = 0; r == 0 && i < ss_value_count(v); i++)
		r = add_element(kind, ss_value_at(v, i), b);
	return r;
}

/* The new ones, and of the old ones those of other kinds. */
static int
add_documents(const struct ss_turn *t, const struct ss_value *old,
    const struct ss_value *given, struct ss_bytes *b)
{
	const struct ss_value *v;
	const char *kind;
	void *iter = NULL;
	size_t i;
	int r = 0;

	ss_json_open(b, "documents", '[');
	for (i = 0; r == 0 && i < ss_value_count(old); i++) {
		v = ss_value_at(old, i);
		kind = ss_value_string(ss_value_get(v, "kind"));
		if (kind != NULL && ss_attach_count(t->desk, given, kind) == 0)
			r = add_element(kind, v, b);
	}
	while (r == 0 && ss_value_each(given, &iter, &kind, &v))
		r = add_given(kind, v, b);
	for (i = 0; r == 0 && ss_value_kind(given) == SS_ARRAY &&
	    i < ss_value_count(given); i++) {
		v = ss_value_at(given, i);
		r = add_element(ss_value_string(ss_value_get(v, "kind")), v,
		    b);
	}
	ss_json_close(b, ']');
	return r;
}

/* By the rules of where the new card is to be. */
static int
find_fee(const struct ss_turn *t, int64_t *fee)
{
	const struct ss_policy *policy = t->policy;
	const char *region = ss_value_string(ss_value_member(t->given,
	    "region"));
	struct ss_bytes code = { 0 };
	int r = 0;

	if (region != NULL && (r = ss_entry_normalize(SS_ENTRY_REGION, NULL,
	    t->desk->words, region, &code)) == 0 && code.len > 0 &&
	    (r = ss_bytes_check(&code)) == 0)
		r = ss_desk_policy(t->desk, code.data, &policy);
	ss_bytes_free(&code);
	*fee = policy->fee.replacement;
	return r != 0 ? ss_fail_in(r, "change.region") : 0;
}

static int
add_replaces(const struct ss_turn *t, const struct ss_reissue *x,
    struct ss_bytes *b)
{
	int64_t fee;
	int r;

	if ((r = find_fee(t, &fee)) != 0)
		return r;
	ss_json_open(b, "replaces", '{');
	ss_json_add(b, "id", t->entry->id);
	ss_json_add(b, "number", t->entry->number);
	ss_json_add(b, "reason", reasons[x->reason]);
	ss_json_addb(b, "handed_in", is_handed_in(t, x));
	ss_json_addi(b, "fee", fee);
	ss_json_close(b, '}');
	return 0;
}

/* Who came for the old one is not who comes now, and where its photo lay
 * another one may lie. */
static const char forgotten[] = "{\"person\":{\"proxy\":null,"
    "\"employer\":null},\"photo\":{\"path\":null}}";

static int
merge(struct ss_value *root, const char *text, size_t len)
{
	struct ss_value *over = NULL;
	int r;

	if ((r = ss_json_parse(text, len, &over)) != 0)
		return r;
	ss_value_remove(over, "documents");
	r = ss_value_merge(root, over);
	ss_json_free(over);
	return r;
}

/* What the old one says, and which it is. */
static int
write_old(const struct ss_turn *t, const struct ss_reissue *x,
    struct ss_bytes *b)
{
	const struct ss_value *v;
	size_t i;
	int r = 0;

	ss_json_open(b, NULL, '{');
	ss_json_add(b, "kind", "replacement");
	for (i = 0; r == 0 && i < sizeof(kept) / sizeof(kept[0]); i++) {
		if ((v = ss_record_get(t->rec, kept[i])) == NULL)
			continue;
		ss_json_key(b, kept[i]);
		r = ss_value_canonical(v, b);
	}
	if (r == 0 && (r = add_replaces(t, x, b)) == 0)
		r = add_documents(t, ss_record_get(t->rec, "documents"),
		    ss_value_member(t->given, "documents"), b);
	ss_json_close(b, '}');
	return r != 0 ? r : ss_bytes_check(b);
}

/* The form of the new application. */
static int
write_form(const struct ss_turn *t, const struct ss_reissue *x,
    struct ss_bytes *b)
{
	bool photo = ss_value_kind(ss_record_get(t->rec, "photo")) > SS_NULL;
	struct ss_value *root = NULL;
	struct ss_bytes text = { 0 };
	int r;

	if ((r = write_old(t, x, &text)) != 0 ||
	    (r = ss_json_parse(text.data, text.len, &root)) != 0 ||
	    (r = merge(root, forgotten, strlen(forgotten))) != 0)
		goto out;
	/* A new photo has nothing of the old one. */
	if (!photo || ss_value_member(t->given, "photo") != NULL)
		ss_value_remove(root, "photo");
	ss_bytes_reset(&text);
	if (ss_value_kind(t->given) == SS_OBJECT &&
	    ((r = ss_value_canonical(t->given, &text)) != 0 ||
	    (r = merge(root, text.data, text.len)) != 0))
		goto out;
	r = ss_value_canonical(root, b);
out:
	ss_json_free(root);
	ss_bytes_free(&text);
	return r;
}

/* The old card's plastic comes in together with the new application. */
static int
hand_in(struct ss_turn *t, const struct ss_entry *old)
{
	struct ss_bytes record = { 0 };
	int r;

	if ((r = ss_registry_record(t->desk->registry, old->id,
	    &record)) == 0)
		r = ss_step_also(t->step, t->rec, t->worker, SS_HAND_IN, old,
		    &record);
	ss_bytes_free(&record);
	return r;
}

static int
replace(struct ss_turn *t, struct ss_reissue *x)
{
	struct ss_entry old = *t->entry;
	struct ss_bytes form = { 0 };
	char id[SS_UUID_MAX];
	int r;

	if ((r = ss_uuid_make(&x->makers[t->worker], t->now, id)) == 0 &&
	    (r = write_form(t, x, &form)) == 0 && (r = ss_record_become(t->rec,
	    form.data, form.len)) == 0 && (r = ss_apply_fill(t->desk, t->hand,
	    t->rec, id, 1, t->now, &t->own)) == 0)
		ss_step_take(t->step, t->rec, SS_APPLY, t->now);
	if (r == 0 && x->handed_in && old.at.stock == SS_STOCK_MADE)
		r = hand_in(t, &old);
	ss_bytes_free(&form);
	return r;
}

int
ss_reissue_one(struct ss_turn *t, void *ctx)
{
	struct ss_reissue *x = ctx;
	int r;

	if (t->entry->at.state != SS_ACTIVE)
		return ss_fail(SS_ESTATE, "the application is %s; only a card "
		    "in use is replaced, else run ss-apply",
		    ss_state_word(t->entry->at.state));
	if ((r = check_change(t)) != 0 || (r = check_reason(t, x)) != 0)
		return r;
	return replace(t, x);
}
