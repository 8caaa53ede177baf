#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "base/err.h"
#include "base/text.h"
#include "rules/schema.h"

static const char *const pin_words[] = { "none", "activation", "use", NULL };
static const char *const encoding_words[] = { "GB18030", "GBK", NULL };
static const char *const when_words[] = { "always", "guardian", "proxy",
	"employer", "minor", "foreign", NULL };

static const char *const role_words[] = { "clerk", "reviewer", "maker",
	"counter", "manager", NULL };

#define CARD_NUMBER_SET "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"

#define AT(member) offsetof(struct ss_policy, member)
#define ROOT_ONLY SIZE_MAX
#define ROW(p, t, member) .path = p, .type = t, .offset = AT(member)
#define TERM(p, member) { ROW(p, SS_TYPE_TERM, member), .optional = true }
#define BOOL(p, member) { ROW(p, SS_TYPE_BOOL, member) }
#define STRING(p, member) { ROW(p, SS_TYPE_STRING, member) }
#define INT(p, member, lo, hi, u) \
	{ ROW(p, SS_TYPE_INT, member), .min = lo, .max = hi, .unit = u }
#define LIST(p, member, of) { ROW(p, SS_TYPE_LIST, member), .set = of }
#define LIST_HAVING(p, member, of, has) \
	{ ROW(p, SS_TYPE_LIST, member), .set = of, .having = has }
#define ONLY(p, t) \
	{ .path = p, .type = t, .offset = ROOT_ONLY, .optional = true }

/* In the order of ss-policy(5). */
static const struct ss_schema table[] = {
	ONLY("name", SS_TYPE_TEXT),
	ONLY("authority", SS_TYPE_TEXT),
	ONLY("telephone", SS_TYPE_STRING),
	ONLY("website", SS_TYPE_STRING),
	ONLY("source", SS_TYPE_TEXTS),
	LIST("apply.id_types", apply.id_types, "id_type"),
	LIST("apply.through", apply.through, "through"),
	INT("apply.guardian_below", apply.guardian_below, 0, 30, "year"),
	INT("apply.representative_from", apply.representative_from, 0, 30,
	    "year"),
	LIST("apply.fields", apply.fields, "field"),
	{ ROW("apply.documents", SS_TYPE_MAP, apply.documents),
	    .set = "document", .words = when_words },
	{ ROW("apply.social_number", SS_TYPE_PATTERNS, apply.social_number),
	    .set = "id_type", .optional = true },
	INT("photo.required_from_age", photo.required_from_age, 0, 30, "year"),
	INT("photo.width", photo.width, 1, 4000, "px"),
	INT("photo.height", photo.height, 1, 4000, "px"),
	INT("photo.dpi", photo.dpi, 0, 2400, "dpi"),
	INT("photo.bits", photo.bits, 8, 32, "bit"),
	INT("photo.min_bytes", photo.min_bytes, 0, 4 << 20, "byte"),
	INT("photo.max_bytes", photo.max_bytes, 1, 4 << 20, "byte"),
	BOOL("photo.progressive", photo.progressive),
	TERM("photo.max_age", photo.max_age),
	INT("photo.background.top", photo.background.top, 0, 4000, "px"),
	INT("photo.background.side", photo.background.side, 0, 2000, "px"),
	INT("photo.background.side_height", photo.background.side_height,
	    0, 100, "percent"),
	INT("photo.background.white", photo.background.white, 0, 255, "level"),
	INT("photo.background.even", photo.background.even, 0, 255, "level"),
	INT("photo.background.border", photo.background.border, 0, 255,
	    "level"),
	INT("photo.face.width_min", photo.face.width_min, 0, 4000, "px"),
	INT("photo.face.width_max", photo.face.width_max, 0, 4000, "px"),
	INT("photo.face.hair_min", photo.face.hair_min, 0, 4000, "px"),
	INT("photo.face.hair_max", photo.face.hair_max, 0, 4000, "px"),
	INT("photo.face.eyes_min", photo.face.eyes_min, 0, 4000, "px"),
	BOOL("seals.required", seals.required),
	{ ROW("seals.since", SS_TYPE_STRING, seals.since), .optional = true },
	{ ROW("seals.roles", SS_TYPE_LISTS, seals.roles), .set = "step",
	    .words = role_words },
	BOOL("review.other_than_clerk", review.other_than_clerk),
	LIST_HAVING("review.manual", review.manual, "check", "about"),
	LIST("review.reject", review.reject, "check"),
	INT("card.generation", card.generation, 1, 3, ""),
	{ ROW("card.name_encoding", SS_TYPE_STRING, card.name_encoding),
	    .words = encoding_words },
	INT("card.name_bytes", card.name_bytes, 1, 255, "byte"),
	INT("card.name_extension_bytes", card.name_extension_bytes, 0, 255,
	    "byte"),
	TERM("card.validity", card.validity),
	TERM("card.renewal_from", card.renewal_from),
	STRING("card.number.prefix", card.number.prefix),
	STRING("card.number.from", card.number.from),
	STRING("card.number.to", card.number.to),
	BOOL("keys.accept_test", keys.accept_test),
	TERM("production.within", production.within),
	{ ROW("claim.lease", SS_TYPE_TERM, claim.lease) },
	TERM("paper_card.valid", paper_card.valid),
	TERM("paper_card.at_most", paper_card.at_most),
	TERM("loss.temporary_lapses_after", loss.temporary_lapses_after),
	BOOL("loss.release_formal", loss.release_formal),
	BOOL("loss.self_service_with_initial_pin",
	    loss.self_service_with_initial_pin),
	BOOL("loss.lock_found", loss.lock_found),
	INT("fee.first", fee.first, 0, 100000, "fen"),
	INT("fee.replacement", fee.replacement, 0, 100000, "fen"),
	STRING("pin.initial", pin.initial),
	{ ROW("pin.before", SS_TYPE_WORD, pin.before), .words = pin_words },
	LIST("pin.weak", pin.weak, "pin_weak"),
	LIST("collect.through", collect.through, "through"),
	TERM("collect.uncollected_after", collect.uncollected_after),
	BOOL("collect.seal_uncollected", collect.seal_uncollected),
	BOOL("replace.damaged_handed_in", replace.damaged_handed_in),
	BOOL("replace.damaged_else_formal_loss",
	    replace.damaged_else_formal_loss),
	INT("employer.handlers", employer.handlers, 0, 9, "person"),
	TERM("employer.within", employer.within),
	ONLY("guide.functions", SS_TYPE_TEXTS),
	ONLY("guide.apply", SS_TYPE_TEXTS),
	ONLY("guide.use", SS_TYPE_TEXTS),
	ONLY("guide.loss", SS_TYPE_TEXTS),
	ONLY("guide.rights", SS_TYPE_TEXTS),
};

#define ROWS (sizeof(table) / sizeof(table[0]))

/* A value under check, and what a message about it needs. */
struct place {
	const char *file;
	const char *path;
	const struct ss_schema *row;
	const struct ss_words *words;
};

const struct ss_schema *
ss_schema_table(size_t *count)
{
	*count = ROWS;
	return table;
}

const struct ss_schema *
ss_schema_find(const char *path)
{
	size_t i;

	for (i = 0; i < ROWS; i++)
		if (strcmp(table[i].path, path) == 0)
			return &table[i];
	return NULL;
}

static int
wrong(const struct place *at, const char *wanted, const struct ss_value *v)
{
	return ss_fail(SS_EINVALID, "%s: %s: %s is wanted, not %s", at->file,
	    at->path, wanted, ss_kind_word(ss_value_kind(v)));
}

/* A word that is none: names it, and the nearest of the right ones. */
static int
unknown(const struct place *at, const char *word, const char *nearest,
    int distance)
{
	if (nearest != NULL && distance <= 1 + (int)strlen(nearest) / 3)
		return ss_fail(SS_EINVALID,
		    "%s: %s: no such member or word \"%s\"; perhaps \"%s\"",
		    at->file, at->path, word, nearest);
	return ss_fail(SS_EINVALID, "%s: %s: no such member or word \"%s\"",
	    at->file, at->path, word);
}

static void
nearer(const char *word, const char *candidate, const char **nearest,
    int *distance)
{
	int d = ss_distance(word, candidate);

	if (*nearest == NULL || d < *distance) {
		*nearest = candidate;
		*distance = d;
	}
}

static int
check_listed(const struct place *at, const char *word,
    const char *const *words)
{
	const char *nearest = NULL;
	int distance = 0;

	for (; *words != NULL; words++) {
		if (strcmp(*words, word) == 0)
			return 0;
		nearer(word, *words, &nearest, &distance);
	}
	return unknown(at, word, nearest, distance);
}

static int
check_vocabulary(const struct place *at, const char *word)
{
	const struct ss_value *set = ss_words_set(at->words, at->row->set), *v;
	const char *known, *nearest = NULL;
	void *iter = NULL;
	int distance = 0;

	while (ss_value_each(set, &iter, &known, &v)) {
		if (at->row->having != NULL &&
		    ss_value_get(v, at->row->having) == NULL)
			continue;
		if (strcmp(known, word) == 0)
			return 0;
		nearer(word, known, &nearest, &distance);
	}
	return unknown(at, word, nearest, distance);
}

static int
check_int(const struct place *at, const struct ss_value *v)
{
	int64_t n;

	if (!ss_value_int(v, &n))
		return wrong(at, "a whole number", v);
	if (n < at->row->min || n > at->row->max)
		return ss_fail(SS_EINVALID, "%s: %s: %lld is not within "
		    "%lld to %lld", at->file, at->path, (long long)n,
		    (long long)at->row->min, (long long)at->row->max);
	return 0;
}

static int
check_list(const struct place *at, const struct ss_value *v)
{
	const char *word;
	size_t i;
	int r;

	if (ss_value_kind(v) != SS_ARRAY)
		return wrong(at, "an array of words", v);
	for (i = 0; i < ss_value_count(v); i++) {
		word = ss_value_string(ss_value_at(v, i));
		if (word == NULL)
			return wrong(at, "a word", ss_value_at(v, i));
		if ((r = check_vocabulary(at, word)) != 0)
			return r;
	}
	return 0;
}

static int
check_pattern(const struct place *at, const char *key, const char *pattern)
{
	regex_t regex;

	/* regcomp goes as deep as the brackets do. */
	if (strlen(pattern) > 128 ||
	    regcomp(&regex, pattern, REG_EXTENDED | REG_NOSUB) != 0)
		return ss_fail(SS_EINVALID,
		    "%s: %s.%s: not a regular expression", at->file, at->path,
		    key);
	regfree(&regex);
	return 0;
}

static int
check_words(const struct place *at, const struct ss_value *v)
{
	const char *word;
	size_t i;
	int r = 0;

	if (ss_value_kind(v) != SS_ARRAY)
		return wrong(at, "an array of words", v);
	for (i = 0; r == 0 && i < ss_value_count(v); i++) {
		word = ss_value_string(ss_value_at(v, i));
		r = word == NULL ? wrong(at, "a word", ss_value_at(v, i)) :
		    check_listed(at, word, at->row->words);
	}
	return r;
}

static int
check_map(const struct place *at, const struct ss_value *v)
{
	const struct ss_value *value;
	const char *key;
	void *iter = NULL;
	int r = 0;

	if (ss_value_kind(v) != SS_OBJECT)
		return wrong(at, "an object", v);
	while (r == 0 && ss_value_each(v, &iter, &key, &value)) {
		if ((r = check_vocabulary(at, key)) != 0 ||
		    ss_value_kind(value) == SS_NULL)
			continue;
		if (at->row->type == SS_TYPE_LISTS)
			r = check_words(at, value);
		else if (ss_value_kind(value) != SS_STRING)
			r = wrong(at, "a string", value);
		else if (at->row->type == SS_TYPE_PATTERNS)
			r = check_pattern(at, key, ss_value_string(value));
		else
			r = check_listed(at, ss_value_string(value),
			    at->row->words);
	}
	return r;
}

static int
check_text(const struct place *at, const struct ss_value *v)
{
	if (ss_value_count(v) != 2 ||
	    ss_value_string(ss_value_get(v, "zh")) == NULL ||
	    ss_value_string(ss_value_get(v, "en")) == NULL)
		return wrong(at, "{\"zh\": text, \"en\": text}", v);
	return 0;
}

static int
check_texts(const struct place *at, const struct ss_value *v)
{
	size_t i;
	int r = 0;

	if (ss_value_kind(v) != SS_ARRAY)
		return wrong(at, "an array of texts", v);
	for (i = 0; r == 0 && i < ss_value_count(v); i++)
		r = check_text(at, ss_value_at(v, i));
	return r;
}

static int
check_string(const struct place *at, const struct ss_value *v)
{
	struct ss_period period;
	int r;

	if (ss_value_kind(v) != SS_STRING)
		return wrong(at, "a string", v);
	if (at->row->words != NULL)
		return check_listed(at, ss_value_string(v), at->row->words);
	if (at->row->type == SS_TYPE_TERM &&
	    (r = ss_period_parse(ss_value_string(v), &period)) != 0)
		return ss_fail_in(r, "%s: %s", at->file, at->path);
	return 0;
}

static int
check_value(const struct place *at, const struct ss_value *v)
{
	if (at->row->optional && ss_value_kind(v) == SS_NULL)
		return 0;
	switch (at->row->type) {
	case SS_TYPE_INT:
		return check_int(at, v);
	case SS_TYPE_BOOL:
		return ss_value_kind(v) == SS_BOOL ? 0 :
		    wrong(at, "true or false", v);
	case SS_TYPE_LIST:
		return check_list(at, v);
	case SS_TYPE_MAP:
	case SS_TYPE_LISTS:
	case SS_TYPE_PATTERNS:
		return check_map(at, v);
	case SS_TYPE_TEXT:
		return check_text(at, v);
	case SS_TYPE_TEXTS:
		return check_texts(at, v);
	default:
		return check_string(at, v);
	}
}

/* The length of a path's first parts, as many as another one has. */
static size_t
branch(const char *path, const char *like)
{
	const char *end = path;
	size_t dots = 0;

	for (; *like != '\0'; like++)
		dots += *like == '.';
	for (; *end != '\0' && (*end != '.' || dots-- > 0); end++)
		;
	return (size_t)(end - path);
}

/* Whether the table has members below a path; or the nearest one it has. */
static int
check_branch(const struct place *at, const struct ss_value *v)
{
	char candidate[64], nearest[64] = "";
	size_t i, n = strlen(at->path);
	int d, distance = INT_MAX;

	for (i = 0; i < ROWS; i++) {
		if (strncmp(table[i].path, at->path, n) == 0 &&
		    table[i].path[n] == '.')
			return ss_value_kind(v) == SS_OBJECT ? 0 :
			    wrong(at, "an object", v);
		snprintf(candidate, sizeof(candidate), "%.*s",
		    (int)branch(table[i].path, at->path), table[i].path);
		if ((d = ss_distance(at->path, candidate)) < distance) {
			distance = d;
			memcpy(nearest, candidate, sizeof(nearest));
		}
	}
	if (distance <= 1 + (int)n / 4)
		return ss_fail(SS_EINVALID,
		    "%s: %s: no such member; perhaps %s", at->file, at->path,
		    nearest);
	return ss_fail(SS_EINVALID, "%s: %s: no such member", at->file,
	    at->path);
}

static int
check_members(const struct ss_value *v, const char *file, const char *prefix,
    const struct ss_words *words)
{
	struct ss_bytes path = { 0 };
	struct place at = { file, NULL, NULL, words };
	const struct ss_value *value;
	const char *name;
	void *iter = NULL;
	int r = 0;

	while (r == 0 && ss_value_each(v, &iter, &name, &value)) {
		ss_bytes_reset(&path);
		ss_bytes_addf(&path, "%s%s%s", prefix,
		    prefix[0] != '\0' ? "." : "", name);
		if ((r = ss_bytes_check(&path)) != 0)
			break;
		at.path = path.data;
		/* "photo.width" is no way to write a member of photo. */
		if (strchr(name, '.') != NULL)
			r = ss_fail(SS_EINVALID, "%s: %s: a name with a dot; "
			    "write an object", file, path.data);
		else if ((at.row = ss_schema_find(path.data)) != NULL)
			r = check_value(&at, value);
		else if ((r = check_branch(&at, value)) == 0)
			r = check_members(value, file, path.data, words);
	}
	ss_bytes_free(&path);
	return r;
}

int
ss_schema_check(const struct ss_value *v, const char *file,
    const struct ss_words *words)
{
	if (ss_value_kind(v) != SS_OBJECT)
		return ss_fail(SS_EINVALID, "%s: a policy is an object", file);
	return check_members(v, file, "", words);
}

static int
fill_patterns(const struct ss_value *v, struct ss_pattern *out)
{
	const struct ss_value *value;
	const char *key;
	void *iter = NULL;
	size_t n = 0;

	while (n < SS_PATTERNS_MAX && ss_value_each(v, &iter, &key, &value)) {
		if (regcomp(&out[n].regex, ss_value_string(value),
		    REG_EXTENDED | REG_NOSUB) != 0)
			return ss_fail(SS_EMEMORY, "out of memory");
		out[n++].id_type = key;
	}
	return 0;
}

static int
fill_member(const struct ss_schema *row, const struct ss_value *v, void *to)
{
	struct ss_term *term = to;
	int64_t i;

	switch (row->type) {
	case SS_TYPE_INT:
		ss_value_int(v, to);
		break;
	case SS_TYPE_BOOL:
		*(bool *)to = ss_value_bool(v, false);
		break;
	case SS_TYPE_WORD:
		for (i = 0; strcmp(row->words[i], ss_value_string(v)) != 0; i++)
			;
		*(int64_t *)to = i;
		break;
	case SS_TYPE_TERM:
		term->set = ss_period_parse(ss_value_string(v),
		    &term->period) == 0;
		break;
	case SS_TYPE_STRING:
		*(const char **)to = ss_value_string(v);
		break;
	case SS_TYPE_PATTERNS:
		return fill_patterns(v, to);
	default:
		*(const struct ss_value **)to = v;
		break;
	}
	return 0;
}

/* The range of card numbers: eight characters but for the check character. */
static int
check_card_number(const char *prefix, const char *from, const char *to)
{
	const char *const parts[] = { prefix, from, to };
	static const char *const names[] = { "prefix", "from", "to" };
	size_t i;

	for (i = 0; i < 3; i++)
		if (parts[i][strspn(parts[i], CARD_NUMBER_SET)] != '\0')
			return ss_fail(SS_EINVALID, "card.number.%s: other "
			    "characters than 0 to 9 and A to Z", names[i]);
	if (strlen(prefix) > 7)
		return ss_fail(SS_EINVALID,
		    "card.number.prefix: more than 7 characters");
	for (i = 1; i < 3; i++)
		if (strlen(prefix) + strlen(parts[i]) != 8)
			return ss_fail(SS_EINVALID, "card.number.%s: %zu "
			    "characters are wanted, 8 with the prefix",
			    names[i], 8 - strlen(prefix));
	if (strcmp(from, to) > 0)
		return ss_fail(SS_EINVALID,
		    "card.number.from: more than card.number.to");
	return 0;
}

/* What members say of each other. */
static int
check_together(const struct ss_policy *p)
{
	if (p->photo.max_age.set && p->photo.max_age.period.unit != SS_DAYS &&
	    p->photo.max_age.period.unit != SS_MONTHS &&
	    p->photo.max_age.period.unit != SS_YEARS)
		return ss_fail(SS_EINVALID,
		    "photo.max_age: days, months or years are wanted");
	if (p->seals.since != NULL && ss_day_parse(p->seals.since) ==
	    SS_DAY_NONE)
		return ss_fail(SS_EINVALID, "seals.since: a day like "
		    "2026-11-24 is wanted");
	if (p->photo.min_bytes > p->photo.max_bytes)
		return ss_fail(SS_EINVALID,
		    "photo.min_bytes: more than photo.max_bytes");
	if (p->photo.face.width_min > p->photo.face.width_max)
		return ss_fail(SS_EINVALID,
		    "photo.face.width_min: more than width_max");
	if (p->photo.face.hair_min > p->photo.face.hair_max)
		return ss_fail(SS_EINVALID,
		    "photo.face.hair_min: more than hair_max");
	if (p->card.generation == 1 && p->card.name_extension_bytes != 0)
		return ss_fail(SS_EINVALID, "card.name_extension_bytes: cards "
		    "of generation 1 have no extension; say 0");
	if (p->claim.lease.period.unit > SS_DAYS)
		return ss_fail(SS_EINVALID,
		    "claim.lease: minutes, hours or days are wanted");
	return check_card_number(p->card.number.prefix, p->card.number.from,
	    p->card.number.to);
}

int
ss_schema_fill(const struct ss_value *root, struct ss_policy *policy)
{
	const struct ss_value *v;
	size_t i;
	int r;

	policy->root = root;
	for (i = 0; i < ROWS; i++) {
		v = ss_value_get(root, table[i].path);
		if (ss_value_kind(v) <= SS_NULL) {
			if (table[i].optional)
				continue;
			return ss_fail(SS_EINVALID,
			    "%s: given neither here nor above",
			    table[i].path);
		}
		if (table[i].offset != ROOT_ONLY && (r = fill_member(&table[i],
		    v, (char *)policy + table[i].offset)) != 0)
			return r;
	}
	return check_together(policy);
}

void
ss_schema_wipe(struct ss_policy *policy)
{
	size_t i;

	for (i = 0; i < SS_PATTERNS_MAX; i++)
		if (policy->apply.social_number[i].id_type != NULL)
			regfree(&policy->apply.social_number[i].regex);
	*policy = (struct ss_policy){ 0 };
}
