/* Whether a file of notices says what a notice needs, and nothing else. */
#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "base/err.h"
#include "base/text.h"
#include "rules/notice_job.h"

/* Where we are, for messages. */
struct place {
	const char *file;
	const struct ss_words *words;
	bool whole;		/* nothing may be left out */
	unsigned where;		/* the text stands: SS_IN_... */
	char path[160];
};

static const char *const sections[] = { "ready", "returned", "rejected",
	"collect", "checks", NULL };
static const char *const channels[] = { "mail", "sms", NULL };
static const char *const mail_members[] = { "subject", "body", NULL };
static const char *const check_members[] = { "name", "text", NULL };
static const char *const languages[] = { "zh", "en", NULL };

typedef int check_fn(const struct place *, const struct ss_value *);

/* The place of a member. */
static struct place
at_member(const struct place *from, const char *name)
{
	struct place at = *from;
	size_t n = strlen(at.path);

	snprintf(at.path + n, sizeof(at.path) - n, "%s%.60s",
	    n > 0 ? "." : "", name);
	return at;
}

static int
wrong(const struct place *at, const char *what)
{
	return ss_fail(SS_EPOLICY, "%s: %s%s%s", at->file, at->path,
	    at->path[0] != '\0' ? ": " : "", what);
}

static int
wanted(const struct place *at, const char *what, const struct ss_value *v)
{
	char text[96];

	snprintf(text, sizeof(text), "%s is wanted, not %s", what,
	    ss_kind_word(ss_value_kind(v)));
	return wrong(at, text);
}

/* The nearest of what there is to what there is not. */
struct nearest {
	const char *word, *is;
	int distance;
};

static void
compare(struct nearest *n, const char *is)
{
	int d = ss_distance(n->word, is);

	if (n->is == NULL || d < n->distance) {
		n->is = is;
		n->distance = d;
	}
}

static int
unknown(const struct place *at, const char *what, const struct nearest *n,
    const char *quotes)
{
	char text[256];
	int len;

	len = snprintf(text, sizeof(text), "no such %s %c%.60s%c", what,
	    quotes[0], n->word, quotes[1]);
	if (n->is != NULL && n->distance <= 1 + (int)strlen(n->is) / 3)
		snprintf(text + len, sizeof(text) - (size_t)len,
		    "; perhaps %c%.60s%c", quotes[0], n->is, quotes[1]);
	return wrong(at, text);
}

static int
check_placeholder(const struct place *at, const char *name, bool block)
{
	const struct ss_notice_own *own = ss_notice_own_find(name);
	const struct ss_schema *row = ss_schema_find(name), *table;
	struct nearest near = { name, NULL, INT_MAX };
	size_t i, n;
	char text[160];

	if (own == NULL && row == NULL) {
		table = ss_schema_table(&n);
		for (i = 0; i < n; i++)
			compare(&near, table[i].path);
		for (own = ss_notice_placeholders; own->name != NULL; own++)
			compare(&near, own->name);
		return unknown(at, "placeholder", &near, "{}");
	}
	if (own != NULL && (own->where & at->where) == 0) {
		snprintf(text, sizeof(text), "{%s} has no place here: %s",
		    name, own->where == SS_IN_CHECK ? "it is for the text of "
		    "a check" : own->where == SS_IN_BODY ? "it is a list, for "
		    "the body of a mail" : "it is for subject, body and sms");
		return wrong(at, text);
	}
	if (!block && (own != NULL ? own->test : row->type == SS_TYPE_BOOL ||
	    row->type == SS_TYPE_WORD)) {
		snprintf(text, sizeof(text), "{%s} writes nothing; put it and "
		    "what depends on it in [[ ]]", name);
		return wrong(at, text);
	}
	return 0;
}

/* Blocks and placeholders of one line. */
static int
check_parts(const struct place *at, const char *text)
{
	struct ss_notice_token t;
	bool block = false, filled = false;
	int r = 0;

	while (r == 0 && ss_notice_next(&text, &t)) {
		switch (t.type) {
		case SS_TOKEN_OPEN:
			if (block)
				r = wrong(at, "[[ inside of [[ ]]; close the "
				    "first one before");
			block = true;
			filled = false;
			break;
		case SS_TOKEN_CLOSE:
			if (!block)
				r = wrong(at, "]] without [[");
			else if (!filled)
				r = wrong(at, "[[ ]] without a placeholder is "
				    "never left out; write it without them");
			block = false;
			break;
		case SS_TOKEN_PLACEHOLDER:
			filled = true;
			r = check_placeholder(at, t.name, block);
			break;
		case SS_TOKEN_STRAY:
			r = wrong(at, "a brace that stands alone");
			break;
		default:
			break;
		}
	}
	return r == 0 && block ? wrong(at, "[[ without ]]") : r;
}

static int
check_line(const struct place *at, const struct ss_value *v)
{
	const char *p, *text = ss_value_string(v);

	if (text == NULL)
		return wanted(at, "a string", v);
	for (p = text; *p != '\0'; p++)
		if ((unsigned char)*p < 0x20 || *p == 0x7f)
			return wrong(at, "a control character; the lines of a "
			    "body are an array");
	return check_parts(at, text);
}

/* A text of one line, which says something. */
static int
check_text(const struct place *at, const struct ss_value *v)
{
	if (ss_value_string(v) != NULL && ss_value_string_len(v) == 0)
		return wrong(at, "an empty text; write one, or leave the "
		    "member out of a region's file");
	return check_line(at, v);
}

static int
check_body(const struct place *at, const struct ss_value *v)
{
	struct place line;
	char number[32];
	size_t i;
	int r = 0;

	if (ss_value_kind(v) != SS_ARRAY || ss_value_count(v) == 0)
		return wanted(at, "an array of lines", v);
	for (i = 0; r == 0 && i < ss_value_count(v); i++) {
		snprintf(number, sizeof(number), "line %zu", i + 1);
		line = at_member(at, number);
		r = check_line(&line, ss_value_at(v, i));
	}
	return r;
}

/* An object of some of the names, of all when the file is whole. */
static int
check_object(const struct place *at, const struct ss_value *v,
    const char *const *names)
{
	struct nearest near = { NULL, NULL, INT_MAX };
	const struct ss_value *value;
	const char *name;
	void *iter = NULL;
	struct place member;
	size_t i;

	if (ss_value_kind(v) != SS_OBJECT)
		return wanted(at, "an object", v);
	while (ss_value_each(v, &iter, &name, &value)) {
		near = (struct nearest){ name, NULL, INT_MAX };
		for (i = 0; names[i] != NULL; i++)
			compare(&near, names[i]);
		if (near.distance != 0)
			return unknown(at, "member", &near, "\"\"");
	}
	for (i = 0; at->whole && names[i] != NULL; i++) {
		if (ss_value_member(v, names[i]) != NULL)
			continue;
		member = at_member(at, names[i]);
		return wrong(&member, "is missing; write it");
	}
	return 0;
}

/* The same, and each of its members. */
static int
check_each(const struct place *at, const struct ss_value *v,
    const char *const *names, check_fn *check)
{
	const struct ss_value *value;
	struct place member;
	const char *name;
	void *iter = NULL;
	int r = check_object(at, v, names);

	while (r == 0 && ss_value_each(v, &iter, &name, &value)) {
		member = at_member(at, name);
		r = check(&member, value);
	}
	return r;
}

static int
check_languages(const struct place *at, const struct ss_value *v)
{
	return check_each(at, v, languages, check_text);
}

/* A member, where it is there. */
static int
check_member(const struct place *from, const struct ss_value *v,
    const char *name, check_fn *check)
{
	const struct ss_value *value = ss_value_member(v, name);
	struct place at = at_member(from, name);

	return value == NULL ? 0 : check(&at, value);
}

static int
check_bodies(const struct place *from, const struct ss_value *v)
{
	struct place at = *from;

	at.where = SS_IN_BODY;
	return check_each(&at, v, languages, check_body);
}

static int
check_mail(const struct place *at, const struct ss_value *v)
{
	int r = check_object(at, v, mail_members);

	if (r == 0)
		r = check_member(at, v, "subject", check_languages);
	return r != 0 ? r : check_member(at, v, "body", check_bodies);
}

static int
check_kind(const struct place *at, const struct ss_value *v)
{
	int r = check_object(at, v, channels);

	if (r == 0)
		r = check_member(at, v, "mail", check_mail);
	return r != 0 ? r : check_member(at, v, "sms", check_languages);
}

/* A word of a set. */
static int
check_word(const struct place *at, const char *set, const char *word)
{
	struct nearest near = { word, NULL, INT_MAX };
	const struct ss_value *v;
	const char *known;
	void *iter = NULL;

	while (ss_value_each(ss_words_set(at->words, set), &iter, &known, &v))
		compare(&near, known);
	return near.is != NULL && near.distance == 0 ? 0 :
	    unknown(at, "word", &near, "\"\"");
}

/* An object whose names are words of a set. */
static int
check_worded(const struct place *at, const struct ss_value *v,
    const char *set, check_fn *check)
{
	const struct ss_value *value;
	struct place member;
	const char *name;
	void *iter = NULL;
	int r = 0;

	if (ss_value_kind(v) != SS_OBJECT)
		return wanted(at, "an object", v);
	while (r == 0 && ss_value_each(v, &iter, &name, &value)) {
		member = at_member(at, name);
		if ((r = check_word(at, set, name)) == 0)
			r = check(&member, value);
	}
	return r;
}

static int
check_documents(const struct place *at, const struct ss_value *v)
{
	size_t i;
	int r = 0;

	if (ss_value_kind(v) != SS_ARRAY)
		return wanted(at, "an array of words", v);
	for (i = 0; r == 0 && i < ss_value_count(v); i++)
		r = ss_value_string(ss_value_at(v, i)) == NULL ?
		    wanted(at, "a word", ss_value_at(v, i)) :
		    check_word(at, "document",
		    ss_value_string(ss_value_at(v, i)));
	return r;
}

static int
check_check(const struct place *at, const struct ss_value *v)
{
	return check_each(at, v, check_members, check_languages);
}

static int
check_collect(const struct place *at, const struct ss_value *v)
{
	return check_worded(at, v, "through", check_documents);
}

static int
check_checks(const struct place *from, const struct ss_value *v)
{
	struct place at = *from;

	at.where = SS_IN_CHECK;
	return check_worded(&at, v, "check", check_check);
}

int
ss_notice_check(const struct ss_value *root, const char *file, bool whole,
    const struct ss_words *words)
{
	struct place at = { file, words, whole, SS_IN_LINE, "" };
	int r;

	if ((r = check_object(&at, root, sections)) != 0 ||
	    (r = check_member(&at, root, "ready", check_kind)) != 0 ||
	    (r = check_member(&at, root, "returned", check_kind)) != 0 ||
	    (r = check_member(&at, root, "rejected", check_kind)) != 0 ||
	    (r = check_member(&at, root, "collect", check_collect)) != 0)
		return r;
	return check_member(&at, root, "checks", check_checks);
}
