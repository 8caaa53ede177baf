/*
 * An operator's key is made where it will be used; its line then goes to those
 * who are to know it, and each of them decides what its holder may do.
 */
#include <string.h>

#include "base/err.h"
#include "base/text.h"
#include "front/key_operators_own.h"
#include "front/who.h"

#define MONTHS 24		/* a key is valid where nothing is said */
#define PREFIX_MIN 8		/* digits that may stand for a key */

/* What a call says of operators, its words understood. */
struct facts {
	ss_instant from, until, at;	/* 0: not said */
	char regions[SS_REGIONS_MAX][7];
	enum ss_algorithm algorithm;
};

int
ss_key_put_line(struct ss_key_work *c, const struct ss_trusted *t)
{
	int r = ss_trusted_write(t, &c->out);

	ss_bytes_addc(&c->out, '\n');
	return r;
}

int
ss_key_open_trust(const struct ss_key_work *c, struct ss_operators **out)
{
	*out = NULL;
	if (c->command->common.trust == NULL)
		return ss_fail(SS_EMISSING, "no home for trust; give --trust");
	return ss_operators_open(out, c->command->common.trust);
}

/* An instant, or the day in China that begins then. */
static bool
read_time(const char *text, ss_instant *out)
{
	ss_day day;

	if (text == NULL) {
		*out = 0;
		return true;
	}
	if ((day = ss_day_parse(text)) != SS_DAY_NONE)
		*out = ss_day_start(day);
	else if (ss_instant_parse(text, out) != 0)
		return false;
	return *out > 0;
}

/* Two, four or six digits; zeros are filled up. */
static bool
read_region(const char *code, char region[7])
{
	size_t len = strlen(code);

	if ((len != 2 && len != 4 && len != 6) || !ss_is_digits(code, len))
		return false;
	memcpy(region, "000000", 7);
	memcpy(region, code, len);
	return true;
}

static int
read_facts(const struct ss_key_work *c, struct facts *f)
{
	const struct ss_command *command = c->command;
	size_t i;

	if (!read_time(c->from, &f->from) || !read_time(c->until, &f->until) ||
	    !read_time(c->at, &f->at))
		return ss_usage_error(command, "a TIME is such as "
		    "2026-11-23T16:27:55Z, or a day, 2026-11-23");
	if (c->region.count > SS_REGIONS_MAX)
		return ss_usage_error(command, "more than %d regions",
		    SS_REGIONS_MAX);
	for (i = 0; i < c->region.count; i++)
		if (!read_region(c->region.at[i], f->regions[i]))
			return ss_usage_error(command, "a region is 2, 4 or 6 "
			    "digits");
	if (c->role.count > SS_ROLES_MAX)
		return ss_usage_error(command, "more than %d roles",
		    SS_ROLES_MAX);
	f->algorithm = c->algorithm != NULL ?
	    ss_algorithm_find(c->algorithm) : SS_SM2;
	if (f->algorithm == SS_ALGORITHMS)
		return ss_usage_error(command, "--algorithm is sm2 or p256");
	return SS_CONTINUE;
}

/* Lays what was said over a line. */
int
ss_key_lay_facts(const struct ss_key_work *c, struct ss_trusted *t)
{
	struct facts f;
	size_t i;

	read_facts(c, &f);
	for (i = 0; i < c->role.count; i++) {
		if (strlen(c->role.at[i]) >= sizeof(t->roles[i]))
			return ss_fail(SS_EINVALID, "\"%.20s\" is no role",
			    c->role.at[i]);
		strcpy(t->roles[i], c->role.at[i]);
	}
	if (c->role.count > 0)
		t->role_count = c->role.count;
	for (i = 0; i < c->region.count; i++)
		memcpy(t->regions[i], f.regions[i], sizeof(f.regions[i]));
	if (c->region.count > 0)
		t->region_count = c->region.count;
	if (f.from != 0)
		t->from = f.from;
	if (f.until != 0)
		t->until = f.until;
	return ss_trusted_check(t);
}

/* The line of a key that is to be made, all but the key. */
static int
new_line(const struct ss_key_work *c, struct ss_trusted *t)
{
	struct facts f;
	ss_day day;

	memset(t, 0, sizeof(*t));
	if (strlen(c->command->operand[2]) >= sizeof(t->name))
		return ss_fail(SS_EINVALID, "a name of more than %zu bytes",
		    sizeof(t->name) - 1);
	strcpy(t->name, c->command->operand[2]);
	read_facts(c, &f);
	t->algorithm = f.algorithm;
	t->from = f.from != 0 ? f.from : ss_now() / 1000 * 1000;
	day = ss_instant_day(t->from);
	t->until = t->from + (ss_day_start(ss_day_add_months(day, MONTHS)) -
	    ss_day_start(day));
	return 0;
}

static int
fill_key(struct ss_trusted *t, const struct ss_signer *signer)
{
	memcpy(t->key, ss_signer_key(signer), sizeof(t->key));
	return ss_public_write(ss_signer_public(signer), t->spki,
	    &t->spki_len);
}

/* Whatever can be refused is, before there is a key. */
static int
try_line(const struct ss_key_work *c, const struct ss_trusted *line)
{
	struct ss_trusted t = *line;
	struct ss_private *private = NULL;
	struct ss_public *public = NULL;
	struct ss_operators *o = NULL;
	struct ss_sm3 *sm3 = NULL;
	int r;

	if ((r = ss_key_open_trust(c, &o)) == SS_EMISSING &&
	    c->command->common.trust != NULL)
		r = 0;
	if (r == 0 && (r = ss_private_new(&private, t.algorithm)) == 0 &&
	    (r = ss_private_public(private, &public)) == 0 &&
	    (r = ss_public_write(public, t.spki, &t.spki_len)) == 0 &&
	    (r = ss_sm3_new(&sm3)) == 0 &&
	    (r = ss_sm3_hex(sm3, t.spki, t.spki_len, t.key)) == 0)
		r = ss_key_lay_facts(c, &t);
	ss_sm3_free(sm3);
	ss_public_free(public);
	ss_private_free(private);
	ss_operators_close(o);
	return r;
}

static int
add_line(const struct ss_key_work *c, const struct ss_trusted *t)
{
	struct ss_operators *o = NULL;
	int r;

	if ((r = ss_operators_edit(&o, c->command->common.trust)) == 0 &&
	    (r = ss_operators_put(o, t)) == 0)
		r = ss_operators_save(o);
	ss_operators_close(o);
	return r;
}

static int
run_new(struct ss_key_work *c)
{
	struct ss_signer *signer = NULL;
	struct ss_trusted t;
	int r;

	if ((r = new_line(c, &t)) != 0 || (r = try_line(c, &t)) != 0)
		return r;
	c->begun = true;
	r = ss_who_make(c->command, c->signer, t.algorithm, &signer);
	if (r == 0 && (r = fill_key(&t, signer)) == 0 &&
	    (r = ss_key_lay_facts(c, &t)) == 0 &&
	    (r = ss_key_put_line(c, &t)) == 0 &&
	    (r = add_line(c, &t)) != 0)
		ss_say(c->command, "the key is made, but not in the trust "
		    "file; ss-key operator import takes its line");
	ss_signer_close(signer);
	return r;
}

static int
run_list(struct ss_key_work *c)
{
	const struct ss_trusted *t;
	struct ss_operators *o = NULL;
	const ss_instant now = ss_now();
	size_t i;
	int r;

	c->begun = true;
	r = ss_key_open_trust(c, &o);
	for (i = 0; r == 0 && (t = ss_operators_at(o, i)) != NULL; i++)
		if (!c->valid || ss_trusted_valid(t, now) == 0)
			r = ss_key_put_line(c, t);
	ss_operators_close(o);
	return r;
}

static bool
fits(const struct ss_trusted *t, const char *what, bool by_name)
{
	return by_name ? strcmp(t->name, what) == 0 :
	    strncmp(t->key, what, strlen(what)) == 0;
}

size_t
ss_key_count_fits(const struct ss_operators *o, const char *what, bool by_name)
{
	size_t i, n = 0;

	for (i = 0; i < ss_operators_count(o); i++)
		n += fits(ss_operators_at(o, i), what, by_name);
	return n;
}

/* Whether names are meant, or one key by the beginning of its id. */
static int
find_kind(const struct ss_operators *o, const char *what, bool *by_name)
{
	const size_t len = strlen(what);
	size_t n;

	*by_name = ss_key_count_fits(o, what, true) > 0;
	if (*by_name)
		return 0;
	n = len >= PREFIX_MIN && len < SS_SM3_HEX && ss_is_hex(what, len) ?
	    ss_key_count_fits(o, what, false) : 0;
	if (n > 1)
		return ss_fail(SS_EINVALID, "%zu keys begin so; give more of "
		    "its digits", n);
	return n == 1 ? 0 : ss_fail(SS_EMISSING, "no operator of this name, "
	    "and no key that begins so with %d digits or more, in %s",
	    PREFIX_MIN, ss_operators_path(o));
}

static int
run_export(struct ss_key_work *c)
{
	const char *what = c->command->operand[2];
	const struct ss_trusted *t;
	struct ss_operators *o = NULL;
	bool by_name = false;
	size_t i;
	int r;

	c->begun = true;
	if ((r = ss_key_open_trust(c, &o)) == 0)
		r = find_kind(o, what, &by_name);
	for (i = 0; r == 0 && (t = ss_operators_at(o, i)) != NULL; i++)
		if (fits(t, what, by_name))
			r = ss_key_put_line(c, t);
	ss_operators_close(o);
	return r;
}

/* A revocation is not taken back, nor moved to a later time. */
static int
revoke_one(struct ss_key_work *c, struct ss_operators *o,
    const struct ss_trusted *there, ss_instant at)
{
	struct ss_trusted t = *there;
	int r;

	if (t.revoked == 0 || at < t.revoked)
		t.revoked = at;
	else
		ss_note(c->command, "the key %.16s was revoked before",
		    t.key);
	if ((r = ss_operators_put(o, &t)) == 0)
		r = ss_key_put_line(c, &t);
	return r;
}

static int
run_revoke(struct ss_key_work *c)
{
	const char *what = c->command->operand[2];
	struct ss_operators *o = NULL;
	struct facts f;
	bool by_name = false;
	size_t i;
	int r;

	c->begun = true;
	read_facts(c, &f);
	if (f.at == 0)
		f.at = ss_now() / 1000 * 1000;
	/* Nothing is made, not even a lock, where there is no file. */
	if ((r = ss_key_open_trust(c, &o)) != 0)
		return r;
	ss_operators_close(o);
	if ((r = ss_operators_edit(&o, c->command->common.trust)) == 0)
		r = find_kind(o, what, &by_name);
	for (i = 0; r == 0 && i < ss_operators_count(o); i++)
		if (fits(ss_operators_at(o, i), what, by_name))
			r = revoke_one(c, o, ss_operators_at(o, i), f.at);
	if (r == 0)
		r = ss_operators_save(o);
	if (r != 0)
		ss_bytes_reset(&c->out);
	ss_operators_close(o);
	return r;
}

static const struct verb {
	const char *word;
	size_t least, most;	/* operands behind it */
	const char *usage;
	int (*run)(struct ss_key_work *);
} verbs[] = {
	{ "new", 1, 1, "operator new takes a name", run_new },
	{ "list", 0, 0, "operator list takes no operand", run_list },
	{ "revoke", 1, 1, "operator revoke takes a name or a key",
	    run_revoke },
	{ "export", 1, 1, "operator export takes a name or a key",
	    run_export },
	{ "import", 0, 1, "operator import takes a file at most",
	    ss_key_import },
};

static const struct verb *
find_verb(const struct ss_command *command)
{
	size_t i;

	for (i = 0; i < sizeof(verbs) / sizeof(verbs[0]); i++)
		if (command->operand_count > 1 &&
		    strcmp(verbs[i].word, command->operand[1]) == 0)
			return &verbs[i];
	return NULL;
}

static int
check(struct ss_key_work *c)
{
	struct ss_command *command = c->command;
	const struct verb *verb = find_verb(command);
	struct facts f;

	/* Master keys are none of its business. */
	command->takes &= ~(unsigned)SS_TAKES_KEYS;
	if (verb == NULL)
		return ss_usage_error(command, "operator new, list, revoke, "
		    "export or import is wanted");
	if (command->operand_count < 2 + verb->least ||
	    command->operand_count > 2 + verb->most)
		return ss_usage_error(command, "%s", verb->usage);
	if (verb->run == run_new && (c->signer == NULL ||
	    !ss_signer_is(c->signer)))
		return ss_usage_error(command, "operator new takes "
		    "--operator, file:PATH or pkcs11:...");
	return read_facts(c, &f);
}

static int
run(struct ss_key_work *c)
{
	return find_verb(c->command)->run(c);
}

const struct ss_key_verb ss_key_operators = { "operator", check, run };
