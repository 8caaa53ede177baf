#include <sys/stat.h>

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/text.h"
#include "trust/allow.h"

#define RULES_MAX 256
#define VERSIONS 256

struct rule {
	char region[7], city[7];	/* what they begin with */
	unsigned operations;	/* bits, from SS_WIRE_AUTH on */
	unsigned orders, keys, ciphers;	/* bits, by enum */
	bool versions[VERSIONS];
	bool tests[2];		/* keys that are none, keys that are */
	int64_t left;		/* -1: no limit */
};

struct ss_allow {
	struct rule rules[RULES_MAX];
	size_t count;
};

/* A member that lists words, each a bit by its place. */
static const struct list {
	const char *name;
	const char *const *words;
	size_t bits;		/* where they go, in a rule */
	bool wanted;
} lists[] = {
	{ "operations", (const char *const []){ "auth", "order", "wrap-pin",
	    NULL }, offsetof(struct rule, operations), true },
	{ "orders", ss_order_words, offsetof(struct rule, orders), false },
	{ "keys", (const char *const []){ "IRK", "STK", "UKSSSE", "BK", "PUK",
	    "RKSSSE", NULL }, offsetof(struct rule, keys), false },
	{ "ciphers", (const char *const []){ "3des", "sm4", NULL },
	    offsetof(struct rule, ciphers), false },
};

#define LISTS (sizeof(lists) / sizeof(lists[0]))

static int
fault(const char *member, const char *cure)
{
	return ss_fail(SS_EPOLICY, "\"%s\": %s", member, cure);
}

static int
read_list(const struct ss_value *v, const struct list *list, struct rule *rule)
{
	const struct ss_value *array = ss_value_member(v, list->name);
	unsigned bits = 0, place;
	const char *word;
	size_t i;

	if (array == NULL)
		return list->wanted ? fault(list->name, "is wanted, a list "
		    "such as [\"auth\"]") : 0;
	for (i = 0; i < ss_value_count(array); i++) {
		word = ss_value_string(ss_value_at(array, i));
		for (place = 0; word != NULL && list->words[place] != NULL &&
		    strcmp(list->words[place], word) != 0; place++)
			;
		if (word == NULL || list->words[place] == NULL)
			return fault(list->name, "a word that is none of them; "
			    "see ss-keys(5)");
		bits |= 1u << place;
	}
	if (ss_value_kind(array) != SS_ARRAY || bits == 0)
		return fault(list->name, "is a list of one word at least");
	memcpy((char *)rule + list->bits, &bits, sizeof(bits));
	return 0;
}

static int
read_prefix(const struct ss_value *v, const char *name, char out[7])
{
	const struct ss_value *member = ss_value_member(v, name);
	const char *s = ss_value_string(member);
	size_t n = s != NULL ? strlen(s) : 0;

	if (member == NULL)
		return 0;
	if (n == 0 || n > 6 || !ss_is_digits(s, n))
		return fault(name, "is 1 to 6 digits, with which it begins");
	memcpy(out, s, n + 1);
	return 0;
}

static int
read_versions(const struct ss_value *v, struct rule *rule)
{
	const struct ss_value *array = ss_value_member(v, "versions");
	int64_t n;
	size_t i;

	if (array == NULL)
		return 0;
	memset(rule->versions, 0, sizeof(rule->versions));
	if (ss_value_kind(array) != SS_ARRAY || ss_value_count(array) == 0)
		return fault("versions", "is a list of one number at least");
	for (i = 0; i < ss_value_count(array); i++) {
		if (!ss_value_int(ss_value_at(array, i), &n) || n < 1 ||
		    n >= VERSIONS)
			return fault("versions", "are numbers from 1 to 255");
		rule->versions[n] = true;
	}
	return 0;
}

static int
check_names(const struct ss_value *v)
{
	static const char *const names[] = { "region", "city", "versions",
		"test", "limit", "operations", "orders", "keys", "ciphers",
		"note" };
	const struct ss_value *value;
	const char *name;
	void *iter = NULL;
	size_t i;

	while (ss_value_each(v, &iter, &name, &value)) {
		for (i = 0; i < sizeof(names) / sizeof(names[0]); i++)
			if (strcmp(names[i], name) == 0)
				break;
		if (i == sizeof(names) / sizeof(names[0]))
			return fault(name, "a rule has no such member; take it "
			    "out, or see ss-keys(5)");
	}
	return 0;
}

static int
read_rule(const struct ss_value *v, struct rule *rule)
{
	const struct ss_value *test = ss_value_member(v, "test");
	const struct ss_value *limit = ss_value_member(v, "limit");
	size_t i;
	int r;

	*rule = (struct rule){ .orders = ~0u, .keys = ~0u, .ciphers = ~0u,
		.tests = { true, true }, .left = -1 };
	memset(rule->versions, true, sizeof(rule->versions));
	if (ss_value_kind(v) != SS_OBJECT)
		return ss_fail(SS_EPOLICY, "a rule is an object");
	if ((r = check_names(v)) != 0)
		return r;
	for (i = 0; i < LISTS; i++)
		if ((r = read_list(v, &lists[i], rule)) != 0)
			return r;
	if ((r = read_prefix(v, "region", rule->region)) != 0 ||
	    (r = read_prefix(v, "city", rule->city)) != 0 ||
	    (r = read_versions(v, rule)) != 0)
		return r;
	if (test != NULL && ss_value_kind(test) != SS_BOOL)
		return fault("test", "is true or false");
	if (test != NULL)
		rule->tests[!ss_value_bool(test, false)] = false;
	if (limit != NULL && (!ss_value_int(limit, &rule->left) ||
	    rule->left < 1))
		return fault("limit", "is a number from 1 on");
	return 0;
}

static int
read_rules(const struct ss_value *root, struct ss_allow *a)
{
	const struct ss_value *rules = ss_value_member(root, "rules");
	size_t i;
	int r;

	if (ss_value_kind(rules) != SS_ARRAY || ss_value_count(root) != 1)
		return fault("rules", "is wanted, a list, and nothing else");
	a->count = ss_value_count(rules);
	if (a->count > RULES_MAX)
		return ss_fail(SS_EPOLICY, "\"rules\": are %d at most",
		    RULES_MAX);
	for (i = 0; i < a->count; i++)
		if ((r = read_rule(ss_value_at(rules, i), &a->rules[i])) != 0)
			return ss_fail_in(r, "rule %zu", i + 1);
	return 0;
}

/* Who may write the rules may have anything done. What is not there is said by
 * who reads it. */
static int
check_mode(const char *path)
{
	struct stat st;

	if (stat(path, &st) == -1 || !S_ISREG(st.st_mode) ||
	    (st.st_mode & 022) == 0)
		return 0;
	return ss_fail(SS_EPOLICY, "%s: others may write these rules; "
	    "chmod 644 them", path);
}

int
ss_allow_open(struct ss_allow **out, const char *path)
{
	struct ss_value *root = NULL;
	struct ss_allow *a;
	int r;

	*out = NULL;
	if ((a = calloc(1, sizeof(*a))) == NULL)
		return ss_fail(SS_EMEMORY, "out of memory");
	if ((r = check_mode(path)) == 0 &&
	    (r = ss_json_read_file(path, &root)) == SS_EINVALID)
		r = ss_fail_as(SS_EPOLICY);
	else if (r == 0 && (r = read_rules(root, a)) != 0)
		r = ss_fail_in(r, "%s", path);
	ss_json_free(root);
	if (r != 0) {
		ss_allow_close(a);
		return r;
	}
	*out = a;
	return 0;
}

void
ss_allow_close(struct ss_allow *a)
{
	free(a);
}

static bool
is_about(const struct rule *rule, const struct ss_master *m)
{
	return strncmp(m->region, rule->region, strlen(rule->region)) == 0 &&
	    (rule->keys >> m->key & 1) != 0 &&
	    (rule->ciphers >> m->cipher & 1) != 0 &&
	    rule->versions[m->version] && rule->tests[m->test];
}

bool
ss_allow_shows(const struct ss_allow *a, const struct ss_master *m)
{
	size_t i;

	if (a == NULL)
		return true;
	for (i = 0; i < a->count; i++)
		if (is_about(&a->rules[i], m))
			return true;
	return false;
}

static bool
has(const struct rule *rule, const struct ss_wire_request *q)
{
	return (rule->operations >> (q->op - SS_WIRE_AUTH) & 1) != 0 &&
	    strncmp(q->city, rule->city, strlen(rule->city)) == 0 &&
	    (q->op != SS_WIRE_ORDER || (rule->orders >> q->order & 1) != 0);
}

int
ss_allow_ask(struct ss_allow *a, const struct ss_wire_request *q,
    const struct ss_master *m)
{
	bool used_up = false;
	struct rule *rule;
	size_t i;

	for (i = 0; a != NULL && i < a->count; i++) {
		rule = &a->rules[i];
		if (!is_about(rule, m) || !has(rule, q))
			continue;
		if (rule->left != 0) {
			rule->left -= rule->left > 0;
			return 0;
		}
		used_up = true;
	}
	if (a == NULL)
		return 0;
	return ss_fail(SS_EPOLICY, "%s with the %s key %s of version %d of "
	    "\"%s\" is not allowed%s", ss_wire_op_word(q->op),
	    ss_cipher_word(m->cipher), ss_card_key_word(m->key), m->version,
	    m->region, used_up ? " any more: its limit is reached" : "");
}
