#include <string.h>

#include "base/err.h"
#include "rules/guide_job.h"

static const char *const labels[] = { "title", "name", "skip", "contents",
	"authority", "telephone", "website", "colon", "item", "value",
	"copies", NULL };

/* Where we are, for messages. */
struct place {
	const char *file;
	const char *section;
	size_t block;		/* from 1; 0: none */
	const struct ss_words *words;
	const struct ss_value *parts;	/* NULL inside a part */
};

#define MEMBERS(name, ...) \
	static const char *const name[] = { __VA_ARGS__, NULL }

MEMBERS(text_members, "type", "zh", "en", "if", "unless");
MEMBERS(item_members, "zh", "en", "if", "unless");
MEMBERS(row_members, "label", "value", "if", "unless");
MEMBERS(list_members, "type", "items", "if", "unless");
MEMBERS(table_members, "type", "rows", "if", "unless");
MEMBERS(include_members, "type", "part", "if", "unless");
MEMBERS(plain_members, "type", "if", "unless");
MEMBERS(topic_members, "name", "title", "blocks");

static int
wrong(const struct place *at, const char *what, const char *subject)
{
	if (at->block == 0)
		return ss_fail(SS_EPOLICY, "%s: %s: %s \"%s\"", at->file,
		    at->section, what, subject);
	return ss_fail(SS_EPOLICY, "%s: %s: block %zu: %s \"%s\"", at->file,
	    at->section, at->block, what, subject);
}

static bool
is_one_of(const char *const *words, const char *word)
{
	for (; *words != NULL; words++)
		if (strcmp(*words, word) == 0)
			return true;
	return false;
}

static int
check_members(const struct place *at, const struct ss_value *v,
    const char *const *allowed)
{
	const struct ss_value *value;
	const char *name;
	void *iter = NULL;

	if (ss_value_kind(v) != SS_OBJECT)
		return wrong(at, "an object is wanted, not",
		    ss_kind_word(ss_value_kind(v)));
	while (ss_value_each(v, &iter, &name, &value))
		if (!is_one_of(allowed, name))
			return wrong(at, "no such member", name);
	return 0;
}

static int
check_placeholders(const struct place *at, const char *text)
{
	char path[64];
	size_t n;

	while ((text = strpbrk(text, "{}")) != NULL) {
		n = strcspn(text + 1, "{}");
		if (*text == '}' || text[n + 1] != '}' || n >= sizeof(path))
			return wrong(at, "a brace that stands alone", text);
		memcpy(path, text + 1, n);
		path[n] = '\0';
		if (ss_schema_find(path) == NULL &&
		    !is_one_of(ss_guide_own, path))
			return wrong(at, "no such placeholder", path);
		text += n + 2;
	}
	return 0;
}

static int
check_text(const struct place *at, const struct ss_value *v, const char *what)
{
	static const char *const languages[] = { "zh", "en" };
	const char *text;
	size_t i;
	int r = 0;

	for (i = 0; r == 0 && i < 2; i++) {
		text = ss_value_string(ss_value_get(v, languages[i]));
		if (text == NULL || *text == '\0')
			return wrong(at, "no text in both languages for", what);
		r = check_placeholders(at, text);
	}
	return r;
}

/* Whether a word is one that the member can have. */
static bool
is_word_of(const struct place *at, const struct ss_schema *row,
    const char *word)
{
	if (row->type == SS_TYPE_WORD)
		return is_one_of(row->words, word);
	return row->type == SS_TYPE_LIST &&
	    ss_value_get(ss_words_set(at->words, row->set), word) != NULL;
}

static int
check_condition(const struct place *at, const struct ss_value *v)
{
	const char *condition = ss_value_string(v);
	const struct ss_schema *row;
	char path[64];
	size_t n;

	if (condition == NULL)
		return wrong(at, "a condition is a string, not",
		    ss_kind_word(ss_value_kind(v)));
	if (strcmp(condition, "applicant.photo") == 0)
		return 0;
	if ((n = strcspn(condition, "=")) >= sizeof(path))
		return wrong(at, "no such condition", condition);
	memcpy(path, condition, n);
	path[n] = '\0';
	row = ss_schema_find(path);
	if (row == NULL || (condition[n] == '=' &&
	    !is_word_of(at, row, condition + n + 1)))
		return wrong(at, "no such condition", condition);
	return 0;
}

/* One condition, or several in an array; or none. */
static int
check_conditions(const struct place *at, const struct ss_value *v)
{
	size_t i;
	int r = 0;

	if (v == NULL || ss_value_kind(v) != SS_ARRAY)
		return v == NULL ? 0 : check_condition(at, v);
	for (i = 0; r == 0 && i < ss_value_count(v); i++)
		r = check_condition(at, ss_value_at(v, i));
	return r;
}

static int
check_shape(const struct place *at, const struct ss_value *v,
    const char *const *members)
{
	int r = check_members(at, v, members);

	if (r == 0)
		r = check_conditions(at, ss_value_get(v, "if"));
	return r != 0 ? r : check_conditions(at, ss_value_get(v, "unless"));
}

static int
check_item(const struct place *at, const struct ss_value *v)
{
	int r = check_shape(at, v, item_members);

	return r != 0 ? r : check_text(at, v, "an item");
}

static int
check_row(const struct place *at, const struct ss_value *v)
{
	int r;

	if ((r = check_shape(at, v, row_members)) != 0 ||
	    (r = check_text(at, ss_value_get(v, "label"), "a label")) != 0)
		return r;
	return check_text(at, ss_value_get(v, "value"), "a value");
}

static int
check_array(const struct place *at, const struct ss_value *v,
    int (*check)(const struct place *, const struct ss_value *))
{
	size_t i;
	int r = 0;

	if (ss_value_kind(v) != SS_ARRAY)
		return wrong(at, "an array is wanted, not",
		    ss_kind_word(ss_value_kind(v)));
	for (i = 0; r == 0 && i < ss_value_count(v); i++)
		r = check(at, ss_value_at(v, i));
	return r;
}

static int
check_content(const struct place *at, const struct ss_value *v)
{
	if (ss_value_get(v, "items") != NULL)
		return check_array(at, ss_value_get(v, "items"), check_item);
	if (ss_value_get(v, "rows") != NULL)
		return check_array(at, ss_value_get(v, "rows"), check_row);
	return check_text(at, v, ss_value_string(ss_value_get(v, "type")));
}

/* Parts, and what stands above documents, have neither of these in them. */
static int
check_documents(const struct place *at, const struct ss_value *v)
{
	(void)v;
	return at->parts != NULL ? 0 : wrong(at, "no place for", "documents");
}

static int
check_include(const struct place *at, const struct ss_value *v)
{
	const char *part = ss_value_string(ss_value_get(v, "part"));

	if (part == NULL || ss_value_get(at->parts, part) == NULL)
		return wrong(at, "no such part", part != NULL ? part : "");
	return 0;
}

static const struct {
	const char *type;
	const char *const *members;
	int (*check)(const struct place *, const struct ss_value *);
} types[] = {
	{ "heading", text_members, check_content },
	{ "paragraph", text_members, check_content },
	{ "list", list_members, check_content },
	{ "steps", list_members, check_content },
	{ "table", table_members, check_content },
	{ "documents", plain_members, check_documents },
	{ "include", include_members, check_include },
};

static int
check_block(const struct place *at, const struct ss_value *v)
{
	const char *type = ss_value_string(ss_value_get(v, "type"));
	size_t i;
	int r;

	for (i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
		if (type == NULL || strcmp(types[i].type, type) != 0)
			continue;
		r = check_shape(at, v, types[i].members);
		return r != 0 ? r : types[i].check(at, v);
	}
	return wrong(at, "no such type of block", type != NULL ? type : "");
}

static int
check_blocks(const struct place *from, const struct ss_value *blocks,
    const char *section)
{
	struct place at = *from;
	int r = 0;

	at.section = section;
	if (ss_value_kind(blocks) != SS_ARRAY)
		return wrong(&at, "an array is wanted, not",
		    ss_kind_word(ss_value_kind(blocks)));
	for (at.block = 1; r == 0 && at.block <= ss_value_count(blocks);
	    at.block++)
		r = check_block(&at, ss_value_at(blocks, at.block - 1));
	return r;
}

/* The members of an object: all that are named, and no other. */
static int
check_each(const struct place *from, const char *section,
    const struct ss_value *v, const char *const *names,
    int (*check)(const struct place *, const struct ss_value *, const char *))
{
	struct place at = *from;
	int r;

	at.section = section;
	if ((r = check_members(&at, v, names)) != 0)
		return r;
	for (; r == 0 && *names != NULL; names++)
		r = check(&at, ss_value_get(v, *names), *names);
	return r;
}

static int
check_topic(const struct place *from, const struct ss_value *v,
    const char *name)
{
	const char *is = ss_value_string(ss_value_get(v, "name"));
	struct place at = *from;
	int r;

	at.section = name;
	if (is == NULL || strcmp(is, name) != 0)
		return wrong(&at, "here stands topic", is != NULL ? is : "");
	if ((r = check_members(&at, v, topic_members)) != 0 ||
	    (r = check_text(&at, ss_value_get(v, "title"), "title")) != 0)
		return r;
	return check_blocks(&at, ss_value_get(v, "blocks"), name);
}

/* The topics are those that a policy can add to, guide.NAME, in that order. */
static int
check_topics(const struct place *at, const struct ss_value *topics)
{
	size_t i, n, count = 0;
	const struct ss_schema *table = ss_schema_table(&n);
	int r = 0;

	for (i = 0; r == 0 && i < n; i++)
		if (strncmp(table[i].path, "guide.", 6) == 0)
			r = check_topic(at, ss_value_at(topics, count++),
			    table[i].path + 6);
	if (r == 0 && ss_value_count(topics) != count)
		r = wrong(at, "more topics than", "five");
	return r;
}

int
ss_guide_check(const struct ss_value *root, const char *file,
    const struct ss_words *words)
{
	static const char *const sections[] = { "labels", "when", "parts",
		"topics", "documents", NULL };
	struct place at = { file, "guide", 0, words, NULL };
	const struct ss_value *blocks;
	const char *name;
	void *iter = NULL;
	int r;

	if ((r = check_members(&at, root, sections)) != 0 ||
	    (r = check_each(&at, "labels", ss_value_get(root, "labels"),
	    labels, check_text)) != 0 ||
	    (r = check_each(&at, "when", ss_value_get(root, "when"),
	    ss_schema_find("apply.documents")->words, check_blocks)) != 0)
		return r;
	while (r == 0 && ss_value_each(ss_value_get(root, "parts"), &iter,
	    &name, &blocks))
		r = check_blocks(&at, blocks, name);
	at.parts = ss_value_get(root, "parts");
	if (r != 0 || (r = check_topics(&at, ss_value_get(root,
	    "topics"))) != 0)
		return r;
	return check_topic(&at, ss_value_get(root, "documents"), "documents");
}
