#include <stdio.h>
#include <string.h>

#include "base/err.h"
#include "desk/attach.h"
#include "desk/collect.h"
#include "rules/document.h"

/* What a collector shows, each in its normal form. */
enum shown { THROUGH, ID_TYPE, ID_NUMBER, ID_UNTIL, NAME, RELATION, SHOWN };

static const struct {
	const char *name;
	enum ss_entry_kind kind;
	const char *set;
} members[SHOWN] = {
	[THROUGH] = { "through", SS_ENTRY_WORD, "through" },
	[ID_TYPE] = { "id_type", SS_ENTRY_WORD, "id_type" },
	[ID_NUMBER] = { "id_number", SS_ENTRY_NUMBER, NULL },
	[ID_UNTIL] = { "id_until", SS_ENTRY_END_DATE, NULL },
	[NAME] = { "name", SS_ENTRY_TEXT, NULL },
	[RELATION] = { "relation", SS_ENTRY_WORD, "relation" },
};

struct collector {
	struct ss_bytes text[SHOWN];
	struct ss_bytes documents;	/* an array; empty: none */
};

/* What is brought beside the document of who collects. */
static const struct {
	const char *through, *kind;
} needed[] = {
	{ "guardian", "relation" },
	{ "proxy", "identity" },	/* the holder's */
	{ "proxy", "authorisation" },
	{ "employer", "employer-letter" },
	{ "employer", "handler-identity" },
};

static void
wipe(struct collector *c)
{
	size_t i;

	for (i = 0; i < SHOWN; i++)
		ss_bytes_free(&c->text[i]);
	ss_bytes_free(&c->documents);
}

static const char *
shown(const struct collector *c, enum shown what)
{
	return c->text[what].len > 0 ? c->text[what].data : NULL;
}

static bool
is_member(const char *name)
{
	size_t i;

	for (i = 0; i < SHOWN && strcmp(members[i].name, name) != 0; i++)
		;
	return i < SHOWN || strcmp(name, "documents") == 0;
}

static int
read_members(const struct ss_turn *t, struct collector *c)
{
	const struct ss_value *v;
	const char *name;
	void *iter = NULL;
	size_t i;
	int r = 0;

	if (ss_value_kind(t->given) != SS_OBJECT)
		return ss_fail(SS_EINVALID, "collector: is missing; an object "
		    "with through, id_type, id_number and id_until is "
		    "wanted");
	while (ss_value_each(t->given, &iter, &name, &v))
		if (!is_member(name))
			return ss_fail(SS_EINVALID, "collector.%.40s: no such "
			    "member", name);
	for (i = 0; r == 0 && i < SHOWN; i++) {
		v = ss_value_member(t->given, members[i].name);
		if (ss_value_kind(v) <= SS_NULL)
			continue;
		if (ss_value_kind(v) != SS_STRING)
			r = ss_fail(SS_EINVALID, "collector.%s: a string is "
			    "wanted, not %s", members[i].name,
			    ss_kind_word(ss_value_kind(v)));
		else if ((r = ss_entry_normalize(members[i].kind,
		    members[i].set, t->desk->words, ss_value_string(v),
		    &c->text[i])) != 0)
			r = ss_fail_in(r, "collector.%s", members[i].name);
	}
	return r;
}

static int
check_shown(const struct ss_turn *t, struct collector *c)
{
	const char *type, *through;
	struct ss_implied implied;
	ss_day until;
	int r;

	if (shown(c, THROUGH) == NULL)
		ss_bytes_adds(&c->text[THROUGH], "holder");
	if (shown(c, ID_TYPE) == NULL)
		ss_bytes_adds(&c->text[ID_TYPE], "citizen");
	type = shown(c, ID_TYPE);
	through = shown(c, THROUGH);
	if (type == NULL || through == NULL)
		return ss_fail(SS_EMEMORY, "out of memory");
	if (shown(c, ID_NUMBER) == NULL || shown(c, ID_UNTIL) == NULL)
		return ss_fail(SS_EINVALID, "collector.%s: is missing",
		    shown(c, ID_NUMBER) == NULL ? "id_number" : "id_until");
	if (!ss_value_has(t->policy->collect.through, through))
		return ss_fail(SS_EPOLICY, "collector.through: %s may not "
		    "collect cards in %s", through, t->policy->region);
	if ((r = ss_id_check(ss_id_type_find(type), shown(c, ID_NUMBER),
	    ss_instant_day(t->now), &implied)) != 0)
		return ss_fail_in(r, "collector.id_number");
	until = ss_day_parse(shown(c, ID_UNTIL));
	if (until < ss_instant_day(t->now))
		return ss_fail(SS_EPOLICY, "collector.id_until: the document "
		    "has expired; ask for a valid one");
	return 0;
}

static bool
is_same(const struct ss_turn *t, const char *path, const char *text)
{
	const char *ours = ss_record_string(t->rec, path);

	return ours != NULL && strcmp(ours, text) == 0;
}

/* The holder shows the document of the application, or one of its number. */
static int
check_holder(const struct ss_turn *t, const struct collector *c)
{
	const struct ss_id_type *type = ss_id_type_find(shown(c, ID_TYPE));

	if (is_same(t, "person.id_number", shown(c, ID_NUMBER)) &&
	    is_same(t, "person.id_type", shown(c, ID_TYPE)))
		return 0;
	if (type != NULL && type->is_social &&
	    is_same(t, "person.social_number", shown(c, ID_NUMBER)))
		return 0;
	return ss_fail(SS_EPOLICY, "collector.id_number: the document is not "
	    "the applicant's; is it another one's card?");
}

static bool
is_grown(const struct ss_turn *t, const struct collector *c)
{
	struct ss_implied implied;

	if (ss_id_check(ss_id_type_find(shown(c, ID_TYPE)),
	    shown(c, ID_NUMBER), ss_instant_day(t->now), &implied) != 0 ||
	    implied.birth == SS_DAY_NONE)
		return true;	/* the number does not tell */
	return ss_day_age(implied.birth, ss_instant_day(t->now)) >=
	    t->policy->apply.representative_from;
}

static bool
is_through(const struct collector *c, const char *word)
{
	return strcmp(shown(c, THROUGH), word) == 0;
}

/* The guardian whom the application names, by the document given there. */
static bool
is_guardian(const struct ss_turn *t, const struct collector *c)
{
	return is_through(c, "guardian") &&
	    is_same(t, "person.guardian.id_number", shown(c, ID_NUMBER)) &&
	    is_same(t, "person.guardian.id_type", shown(c, ID_TYPE));
}

/* A name that the application has, too, is the same there. */
static int
check_name(const struct ss_turn *t, const struct collector *c,
    const char *path)
{
	const char *ours = ss_record_string(t->rec, path);

	if (shown(c, NAME) == NULL || ours == NULL ||
	    strcmp(ours, shown(c, NAME)) == 0)
		return 0;
	return ss_fail(SS_EINVALID, "collector.name: is not the one that the "
	    "application has with this document");
}

/* Somebody else is of age, and is named. */
static int
check_other(const struct ss_turn *t, const struct collector *c)
{
	if (is_same(t, "person.id_number", shown(c, ID_NUMBER)) ||
	    is_same(t, "person.social_number", shown(c, ID_NUMBER)))
		return ss_fail(SS_EINVALID, "collector.through: the document "
		    "is the applicant's; say holder");
	if (!is_grown(t, c))
		return ss_fail(SS_EPOLICY, "collector.id_number: is younger "
		    "than apply.representative_from asks");
	if (shown(c, NAME) == NULL)
		return ss_fail(SS_EINVALID, "collector.name: is missing");
	if (is_guardian(t, c))
		return check_name(t, c, "person.guardian.name");
	if (is_through(c, "guardian") && shown(c, RELATION) == NULL)
		return ss_fail(SS_EINVALID, "collector.relation: is missing; "
		    "this is not the guardian of the application");
	return 0;
}

/* What was put away goes to the holder, or to who answers for the holder. */
static int
check_sealed(const struct ss_turn *t, const struct collector *c)
{
	if (!ss_value_bool(ss_record_get(t->rec, "cancellation.sealed"),
	    false) || is_through(c, "holder") || is_through(c, "guardian"))
		return 0;
	return ss_fail(SS_EPOLICY, "collector.through: the card was sealed as "
	    "uncollected; only its holder or a guardian can ask for it");
}

static int
check_who(const struct ss_turn *t, const struct collector *c)
{
	int r;

	if ((r = check_sealed(t, c)) != 0)
		return r;
	if (!is_through(c, "holder"))
		return check_other(t, c);
	if ((r = check_holder(t, c)) != 0)
		return r;
	return check_name(t, c, "person.name");
}

/* The relation was proven with the application. */
static bool
is_proven(const struct ss_turn *t, const struct collector *c)
{
	return is_guardian(t, c) && ss_attach_count(t->desk,
	    ss_record_get(t->rec, "documents"), "relation") > 0;
}

/* What must be there is, by the kinds named: nothing is stored before. */
static int
check_documents(const struct ss_turn *t, const struct collector *c)
{
	const struct ss_value *v = ss_value_member(t->given, "documents");
	size_t i, want;

	if (is_proven(t, c))
		return 0;
	for (i = 0; i < sizeof(needed) / sizeof(needed[0]); i++) {
		if (!is_through(c, needed[i].through))
			continue;
		want = (size_t)ss_document_copies(t->policy, needed[i].kind);
		if (ss_attach_count(t->desk, v, needed[i].kind) < want)
			return ss_fail(SS_EPOLICY, "collector.documents: %s "
			    "is missing; %zu wanted", needed[i].kind, want);
	}
	return 0;
}

/* Copies of what was shown, into the file store. */
static int
keep_documents(struct ss_turn *t, struct collector *c)
{
	const struct ss_value *v = ss_value_member(t->given, "documents");
	int r;

	if (ss_value_kind(v) <= SS_NULL)
		return 0;
	if ((r = ss_attach_list(t->desk, t->hand, v, &c->documents,
	    &t->own)) == 0)
		r = ss_bytes_check(&c->documents);
	return r != 0 ? ss_fail_in(r, "collector") : 0;
}

/* By when an employer has handed the card on; "" where nothing is said. */
static int
find_hand_on(const struct ss_turn *t, const struct collector *c,
    char by[SS_INSTANT_MAX])
{
	const struct ss_term *within = &t->policy->employer.within;
	ss_instant end;
	int r;

	by[0] = '\0';
	if (!is_through(c, "employer") || !within->set)
		return 0;
	if ((r = ss_calendar_add(t->desk->calendar, t->now, &within->period,
	    &end)) == 0)
		ss_instant_format(end, by);
	return r;
}

/* Who had it before is kept. */
static int
add_earlier(const struct ss_turn *t, struct ss_bytes *b)
{
	const struct ss_value *old = ss_record_get(t->rec, "collection"), *v;
	const struct ss_value *before = ss_value_member(old, "earlier");
	const char *name;
	void *iter = NULL;
	size_t i;
	int r = 0;

	if (ss_value_kind(old) != SS_OBJECT)
		return 0;
	ss_json_open(b, "earlier", '[');
	for (i = 0; r == 0 && i < ss_value_count(before); i++) {
		ss_json_key(b, NULL);
		r = ss_value_canonical(ss_value_at(before, i), b);
	}
	ss_json_open(b, NULL, '{');
	while (r == 0 && ss_value_each(old, &iter, &name, &v)) {
		if (strcmp(name, "earlier") == 0)
			continue;
		ss_json_key(b, name);
		r = ss_value_canonical(v, b);
	}
	ss_json_close(b, '}');
	ss_json_close(b, ']');
	return r;
}

static int
write_collection(struct ss_turn *t, const struct collector *c,
    const char *hand_on)
{
	struct ss_bytes *b = ss_turn_write(t, "collection");
	size_t i;
	int r;

	for (i = 0; i < SHOWN; i++)
		if (shown(c, (enum shown)i) != NULL)
			ss_json_add(b, members[i].name, c->text[i].data);
	if (c->documents.len > 0) {
		ss_json_key(b, "documents");
		ss_bytes_add(b, c->documents.data, c->documents.len);
	}
	if (hand_on[0] != '\0')
		ss_json_add(b, "hand_on_by", hand_on);
	if ((r = add_earlier(t, b)) == 0)
		ss_json_close(b, '}');
	return r;
}

static int
hand_over(struct ss_turn *t)
{
	char hand_on[SS_INSTANT_MAX];
	struct collector c = { .documents = { 0 } };
	int r;

	if ((r = read_members(t, &c)) != 0 || (r = check_shown(t, &c)) != 0 ||
	    (r = check_who(t, &c)) != 0 ||
	    (r = check_documents(t, &c)) != 0 ||
	    (r = find_hand_on(t, &c, hand_on)) != 0 ||
	    (r = keep_documents(t, &c)) != 0)
		goto out;
	if ((r = write_collection(t, &c, hand_on)) == 0)
		ss_turn_take(t, SS_COLLECT, SS_COLLECTED);
out:
	wipe(&c);
	return r;
}

/* Who collected the card, by the same document. */
static bool
is_who_collected(const struct ss_turn *t, const struct collector *c)
{
	return is_same(t, "collection.id_number", shown(c, ID_NUMBER)) &&
	    is_same(t, "collection.id_type", shown(c, ID_TYPE));
}

int
ss_collector_identify(struct ss_turn *t)
{
	struct collector c = { .documents = { 0 } };
	int r;

	if ((r = read_members(t, &c)) == 0 && (r = check_shown(t, &c)) == 0) {
		if (is_through(&c, "holder"))
			r = check_who(t, &c);
		else if (!is_proven(t, &c) && !is_who_collected(t, &c))
			r = ss_fail(SS_EPOLICY, "collector.id_number: is not "
			    "that of who collected the card, nor of a guardian "
			    "proven with the application");
	}
	wipe(&c);
	return r;
}

static int
take_back(struct ss_turn *t, const struct ss_collect *collect)
{
	struct ss_bytes *b = ss_turn_write(t, "collection");
	int r;

	ss_json_addb(b, "taken_back", true);
	if (collect->reason != NULL)
		ss_json_add(b, "reason", collect->reason);
	if ((r = add_earlier(t, b)) != 0)
		return r;
	ss_json_close(b, '}');
	ss_turn_take(t, SS_TAKE_BACK, SS_MADE);
	return 0;
}

int
ss_collect_one(struct ss_turn *t, void *ctx)
{
	const struct ss_collect *collect = ctx;
	struct ss_stand at = t->entry->at;
	bool back = ss_value_bool(ss_record_get(t->rec,
	    "collection.taken_back"), false);
	int r;

	if (collect->take_back ? at.state == SS_MADE && back :
	    at.state == SS_COLLECTED || at.state == SS_ACTIVE) {
		ss_record_already(t->rec);
		return 0;
	}
	/* Nobody has come for it. */
	if (!collect->take_back && t->given == NULL && at.state != SS_MADE) {
		t->rec->outcome = SS_PASSED;
		return 0;
	}
	if ((r = ss_life_step(collect->take_back ? SS_TAKE_BACK : SS_COLLECT,
	    &at)) != 0)
		return r;
	return collect->take_back ? take_back(t, collect) : hand_over(t);
}
