/* One line of the trust file. */
#include <string.h>

#include "base/err.h"
#include "base/text.h"
#include "trust/operators.h"

static const char *const roles[] = {
	"clerk", "reviewer", "maker", "counter", "manager",
};

static const char *const members[] = {
	"operator", "key", "algorithm", "public", "roles", "regions", "from",
	"until", "revoked",
};

const char *
ss_role_at(size_t i)
{
	return i < sizeof(roles) / sizeof(roles[0]) ? roles[i] : NULL;
}

static int
wrong(const char *member, const char *what)
{
	return ss_fail(SS_EINVALID, "\"%s\": %s", member, what);
}

/* Digits of a province, a city or a county, or zeros for all. */
static bool
is_region(const char *text)
{
	if (strlen(text) != 6 || !ss_is_digits(text, 6))
		return false;
	if (strcmp(text, "000000") == 0)
		return true;
	return strncmp(text, "00", 2) != 0 &&
	    (strncmp(text + 2, "00", 2) != 0 || strcmp(text + 4, "00") == 0);
}

/* What stands for a key wherever an operator is named is no name; nor is what
 * has control characters, C1 too. */
static bool
is_name(const char *name)
{
	const char *p;

	for (p = name; *p != '\0'; p++)
		if ((unsigned char)*p < 0x20 || *p == 0x7f ||
		    (p[0] == '\xc2' && (unsigned char)p[1] < 0xa0))
			return false;
	return p > name && p - name < SS_OPERATOR_MAX &&
	    ss_utf8_valid(name, strlen(name)) &&
	    strncmp(name, "file:", 5) != 0 && strncmp(name, "pkcs11:", 7) != 0;
}

static bool
is_role(const char *role)
{
	size_t i;

	for (i = 0; ss_role_at(i) != NULL; i++)
		if (strcmp(ss_role_at(i), role) == 0)
			return true;
	return false;
}

static int
check_key(const struct ss_trusted *t)
{
	enum ss_algorithm algorithm;
	struct ss_sm3 *sm3 = NULL;
	char key[SS_SM3_HEX];
	int r;

	if (ss_public_look(t->spki, t->spki_len, &algorithm) != 0)
		return ss_fail_in(SS_EINVALID, "\"public\"");
	if (algorithm != t->algorithm)
		return wrong("algorithm", "not that of the public key");
	if ((r = ss_sm3_new(&sm3)) == 0)
		r = ss_sm3_hex(sm3, t->spki, t->spki_len, key);
	ss_sm3_free(sm3);
	if (r == 0 && strcmp(key, t->key) != 0)
		r = wrong("key", "not the SM3 of the public key");
	return r;
}

int
ss_trusted_check(const struct ss_trusted *t)
{
	size_t i, j;

	if (!is_name(t->name))
		return wrong("operator", "not a line of 1 to 127 bytes of "
		    "UTF-8 that is no key");
	for (i = 0; i < t->role_count; i++) {
		if (!is_role(t->roles[i]))
			return wrong("roles", "one that is not clerk, "
			    "reviewer, maker, counter or manager");
		for (j = 0; j < i; j++)
			if (strcmp(t->roles[i], t->roles[j]) == 0)
				return wrong("roles", "one that stands twice");
	}
	for (i = 0; i < t->region_count; i++) {
		if (!is_region(t->regions[i]))
			return wrong("regions", "one that is not six digits "
			    "of a province, city or county, or 000000");
		for (j = 0; j < i; j++)
			if (strcmp(t->regions[i], t->regions[j]) == 0)
				return wrong("regions", "one that stands "
				    "twice");
	}
	if (t->from <= 0)
		return wrong("from", "not after 1970");
	if (t->until < 0 || (t->until != 0 && t->until <= t->from))
		return wrong("until", "not after \"from\"");
	if (t->revoked < 0)
		return wrong("revoked", "not after 1970");
	return check_key(t);
}

static int
get_text(const struct ss_value *line, const char *member, char *out,
    size_t size)
{
	const struct ss_value *v = ss_value_member(line, member);

	if (ss_value_string(v) == NULL)
		return ss_fail(SS_EINVALID, "\"%s\": a string is wanted, not "
		    "%s", member, ss_kind_word(ss_value_kind(v)));
	if (ss_value_string_len(v) >= size)
		return wrong(member, "too long");
	memcpy(out, ss_value_string(v), ss_value_string_len(v) + 1);
	return 0;
}

/* Strings of an array into rows of size bytes. */
static int
get_list(const struct ss_value *line, const char *member, char *rows,
    size_t size, size_t most, size_t *count)
{
	const struct ss_value *v = ss_value_member(line, member), *e;

	if (ss_value_kind(v) != SS_ARRAY)
		return ss_fail(SS_EINVALID, "\"%s\": an array is wanted, not "
		    "%s", member, ss_kind_word(ss_value_kind(v)));
	if (ss_value_count(v) > most)
		return ss_fail(SS_EINVALID, "\"%s\": more than %zu", member,
		    most);
	for (*count = 0; *count < ss_value_count(v); ++*count) {
		e = ss_value_at(v, *count);
		if (ss_value_string(e) == NULL)
			return wrong(member, "an array of strings is wanted");
		if (ss_value_string_len(e) >= size)
			return wrong(member, "one that is too long");
		memcpy(rows + *count * size, ss_value_string(e),
		    ss_value_string_len(e) + 1);
	}
	return 0;
}

/* An instant; 0 for none, where there may be none. */
static int
get_instant(const struct ss_value *line, const char *member, bool must,
    ss_instant *out)
{
	char text[SS_INSTANT_MAX + 16];
	int r;

	*out = 0;
	if (!must && ss_value_member(line, member) == NULL)
		return 0;
	if ((r = get_text(line, member, text, sizeof(text))) != 0)
		return r;
	if (ss_instant_parse(text, out) != 0 || *out <= 0)
		return wrong(member, "no instant such as "
		    "2026-11-23T16:27:55Z");
	return 0;
}

static int
get_public(const struct ss_value *line, struct ss_trusted *t)
{
	const struct ss_value *v = ss_value_member(line, "public");
	struct ss_bytes spki = { 0 };
	char word[16];
	int r;

	if ((r = get_text(line, "algorithm", word, sizeof(word))) != 0)
		return r;
	t->algorithm = ss_algorithm_find(word);
	if (t->algorithm == SS_ALGORITHMS)
		return wrong("algorithm", "neither sm2 nor p256");
	if (ss_value_string(v) == NULL)
		return wrong("public", "a string is wanted");
	r = ss_base64_read(&spki, ss_value_string(v), ss_value_string_len(v));
	if (r == SS_EINVALID || (r == 0 && spki.len > sizeof(t->spki)))
		r = wrong("public", "no public key in base64");
	if (r == 0 && (t->spki_len = spki.len) > 0)
		memcpy(t->spki, spki.data, spki.len);
	ss_bytes_free(&spki);
	return r;
}

static int
check_members(const struct ss_value *line)
{
	const struct ss_value *v;
	const char *name;
	void *iter = NULL;
	size_t i;

	if (ss_value_kind(line) != SS_OBJECT)
		return ss_fail(SS_EINVALID, "an object is wanted");
	while (ss_value_each(line, &iter, &name, &v)) {
		for (i = 0; i < sizeof(members) / sizeof(members[0]); i++)
			if (strcmp(name, members[i]) == 0)
				break;
		if (i == sizeof(members) / sizeof(members[0]))
			return ss_fail(SS_EINVALID, "\"%.40s\": no member of "
			    "a line of trust", name);
	}
	return 0;
}

int
ss_trusted_read(struct ss_trusted *t, const struct ss_value *line)
{
	int r;

	memset(t, 0, sizeof(*t));
	if ((r = check_members(line)) == 0 &&
	    (r = get_text(line, "operator", t->name,
	    sizeof(t->name))) == 0 &&
	    (r = get_text(line, "key", t->key, sizeof(t->key))) == 0 &&
	    (r = get_public(line, t)) == 0 &&
	    (r = get_list(line, "roles", t->roles[0], sizeof(t->roles[0]),
	    SS_ROLES_MAX, &t->role_count)) == 0 &&
	    (r = get_list(line, "regions", t->regions[0],
	    sizeof(t->regions[0]), SS_REGIONS_MAX, &t->region_count)) == 0 &&
	    (r = get_instant(line, "from", true, &t->from)) == 0 &&
	    (r = get_instant(line, "until", false, &t->until)) == 0 &&
	    (r = get_instant(line, "revoked", false, &t->revoked)) == 0)
		r = ss_trusted_check(t);
	return r;
}

static void
put_list(struct ss_bytes *out, const char *member, const char *rows,
    size_t size, size_t count)
{
	size_t i;

	ss_json_open(out, member, '[');
	for (i = 0; i < count; i++)
		ss_json_add(out, NULL, rows + i * size);
	ss_json_close(out, ']');
}

static void
put_instant(struct ss_bytes *out, const char *member, ss_instant when)
{
	char text[SS_INSTANT_MAX];

	if (when == 0)
		return;
	ss_instant_format(when, text);
	ss_json_add(out, member, text);
}

int
ss_trusted_write(const struct ss_trusted *t, struct ss_bytes *out)
{
	struct ss_bytes spki = { 0 };
	int r;

	ss_base64(&spki, t->spki, t->spki_len);
	if ((r = ss_bytes_check(&spki)) != 0) {
		ss_bytes_free(&spki);
		return r;
	}
	ss_json_open(out, NULL, '{');
	ss_json_add(out, "operator", t->name);
	ss_json_add(out, "key", t->key);
	ss_json_add(out, "algorithm", ss_algorithm_word(t->algorithm));
	ss_json_addn(out, "public", spki.data, spki.len);
	put_list(out, "roles", t->roles[0], sizeof(t->roles[0]),
	    t->role_count);
	put_list(out, "regions", t->regions[0], sizeof(t->regions[0]),
	    t->region_count);
	put_instant(out, "from", t->from);
	put_instant(out, "until", t->until);
	put_instant(out, "revoked", t->revoked);
	ss_json_close(out, '}');
	ss_bytes_free(&spki);
	return ss_bytes_check(out);
}

bool
ss_trusted_has_role(const struct ss_trusted *t, const char *role)
{
	size_t i;

	for (i = 0; i < t->role_count; i++)
		if (strcmp(t->roles[i], role) == 0)
			return true;
	return false;
}

/* Zeros at the end of an own region's digits stand for what is within. */
bool
ss_trusted_has_region(const struct ss_trusted *t, const char *region)
{
	size_t i, n;

	if (strlen(region) != 6 || !ss_is_digits(region, 6))
		return false;
	for (i = 0; i < t->region_count; i++) {
		for (n = 6; n > 0 && strncmp(t->regions[i] + n - 2, "00",
		    2) == 0; n -= 2)
			;
		if (strncmp(t->regions[i], region, n) == 0)
			return true;
	}
	return false;
}

int
ss_trusted_valid(const struct ss_trusted *t, ss_instant when)
{
	char text[SS_INSTANT_MAX];

	if (t->revoked != 0 && when >= t->revoked) {
		ss_instant_format(t->revoked, text);
		return ss_fail(SS_EAUTH, "the key %.16s was revoked at %s",
		    t->key, text);
	}
	if (when < t->from) {
		ss_instant_format(t->from, text);
		return ss_fail(SS_EAUTH, "the key %.16s is not valid before "
		    "%s", t->key, text);
	}
	if (t->until != 0 && when >= t->until) {
		ss_instant_format(t->until, text);
		return ss_fail(SS_EAUTH, "the key %.16s is valid no longer, "
		    "since %s", t->key, text);
	}
	return 0;
}
