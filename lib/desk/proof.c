#include <string.h>

#include "base/err.h"
#include "base/text.h"
#include "desk/proof.h"

/* What a mended form says anew. */
static const char *const of_form[] = { "kind", "region", "person", "documents",
	"photo", "extra", "applied", NULL };

static const char *
string(const struct ss_value *record, const char *name)
{
	return ss_value_string(ss_value_member(record, name));
}

/* Whether one of somebody's roles may take a step, by the policy. */
static bool
may_take(const struct ss_policy *policy, const char *step,
    const struct ss_trusted *who)
{
	const struct ss_value *roles = ss_value_member(policy->seals.roles,
	    step);
	size_t i;

	for (i = 0; i < ss_value_count(roles); i++)
		if (ss_trusted_has_role(who,
		    ss_value_string(ss_value_at(roles, i))))
			return true;
	return false;
}

static int
check_role(const struct ss_policy *policy, const char *region,
    const char *step, const struct ss_trusted *who)
{
	if (may_take(policy, step, who))
		return 0;
	return ss_fail(SS_EAUTH, "%.40s has no role that may %.20s in region "
	    "%s (policy: seals.roles)", who->name, step, region);
}

/* Who has moved gets the next card elsewhere, and gives the old one there. */
static int
check_region(const char *region, enum ss_step step,
    const struct ss_trusted *who)
{
	if (step == SS_REPLACE || step == SS_HAND_IN ||
	    ss_trusted_has_region(who, region))
		return 0;
	return ss_fail(SS_EAUTH, "%.40s is no operator of region %s",
	    who->name, region);
}

static bool
is_review(enum ss_step step)
{
	return step == SS_HOLD || step == SS_APPROVE || step == SS_RETURN ||
	    step == SS_REJECT;
}

static bool
is_form(enum ss_step step)
{
	return step == SS_APPLY || step == SS_MEND;
}

/* The operator of the form that a review is about; NULL: nobody sealed it. */
static const char *
clerk_of(const struct ss_seals *s, size_t count)
{
	while (count-- > 0)
		if (is_form(ss_step_find(s->seal[count].step)))
			return s->seal[count].operator;
	return NULL;
}

static int
check_reviewer(const struct ss_policy *policy, const struct ss_seals *s,
    size_t count, enum ss_step step, const char *who)
{
	const char *clerk = clerk_of(s, count);

	if (!policy->review.other_than_clerk || !is_review(step) ||
	    clerk == NULL || strcmp(clerk, who) != 0)
		return 0;
	return ss_fail(SS_EAUTH, "%.40s reviewed an application that %.40s "
	    "took", who, clerk);
}

/* Where a record may stand by the seals so far, as bits. */
struct standing {
	unsigned states, statuses;
};

static bool
follow(struct standing *at, const struct ss_transition *t)
{
	unsigned none = 1u << SS_NO_CARD;

	if ((at->statuses & 1u << SS_LOST_FOR_NOW) != 0)
		at->statuses |= 1u << SS_NORMAL;	/* it lapsed */
	at->states &= t->states;
	at->statuses &= t->statuses;
	if (at->states == 0 || at->statuses == 0)
		return false;
	if (t->state != SS_SAME)
		at->states = 1u << t->state;
	if (t->status != SS_SAME && t->step == SS_FINISH)
		at->statuses = 1u << t->status;
	else if (t->status != SS_SAME)	/* what has no card gets none */
		at->statuses = (at->statuses & none) |
		    ((at->statuses & ~none) != 0 ? 1u << t->status : 0);
	return true;
}

/* The steps follow each other as applications live; the first where seals are
 * required is that of the form. */
static int
check_steps(const struct ss_seals *s, const char *state, bool required)
{
	struct standing at = { ~0u, ~0u };
	const struct ss_transition *t;
	int leads = SS_SAME;
	size_t i;

	for (i = 0; i < s->count; i++) {
		t = &ss_life[ss_step_find(s->seal[i].step)];
		if (!follow(&at, t) || (i == 0 && required &&
		    t->step != SS_APPLY))
			return ss_fail(SS_EAUTH, "seal %zu: %s is no step "
			    "from where the record stood", i + 1, t->word);
		if (t->state != SS_SAME)
			leads = t->state;
	}
	if (leads != SS_SAME && (state == NULL || strcmp(state,
	    ss_state_word((enum ss_state)leads)) != 0))
		return ss_fail(SS_EAUTH, "state: is not the one to which the "
		    "sealed steps lead");
	return 0;
}

/* Where it came to be in this region: the operators before that were those of
 * another one. */
static size_t
find_arrival(const struct ss_seals *s)
{
	size_t i = s->count;

	while (i-- > 1)
		if (ss_value_member(s->seal[i].covers, "region") != NULL)
			return i;
	return 0;
}

/* A step stands for what it writes and for the state to which it leads; the
 * first seal, and those of a form, for anything. */
static int
check_covers(const struct ss_seal *seal, const struct ss_transition *t)
{
	const struct ss_value *v;
	const char *name;
	void *iter = NULL;

	while (!is_form(t->step) &&
	    ss_value_each(seal->covers, &iter, &name, &v))
		if ((t->member == NULL || strcmp(name, t->member) != 0) &&
		    (t->state == SS_SAME || strcmp(name, "state") != 0))
			return ss_fail(SS_EAUTH, "the seal of %.40s for %.20s "
			    "covers %.40s, which that step does not write",
			    seal->operator, seal->step, name);
	return 0;
}

static int
check_seal(struct ss_desk *desk, struct ss_seals *s, size_t i,
    const struct ss_policy *policy, const char *region)
{
	struct ss_seal *seal = &s->seal[i];
	enum ss_step step = ss_step_find(seal->step);
	struct ss_operators *operators;
	int r;

	if (step == SS_STEPS)
		return ss_fail(SS_EAUTH, "seal %zu: no step", i + 1);
	if ((r = ss_desk_operators(desk, &operators)) != 0 ||
	    (r = ss_seal_prove(seal, operators, desk->proven)) != 0 ||
	    (r = check_role(policy, region, seal->step, seal->by)) != 0 ||
	    (i > 0 && (r = check_covers(seal, &ss_life[step])) != 0))
		return r;
	return check_reviewer(policy, s, i, step, seal->operator);
}

static int
check_seals(struct ss_desk *desk, struct ss_seals *s,
    const struct ss_policy *policy, const char *region)
{
	size_t i, arrival = find_arrival(s);
	int r = 0;

	for (i = 0; r == 0 && i < s->count; i++)
		if ((r = check_seal(desk, s, i, policy, region)) == 0 &&
		    i >= arrival)
			r = check_region(region,
			    ss_step_find(s->seal[i].step), s->seal[i].by);
	return r;
}

/* An application that the register had before seals were required. */
static bool
is_older(const struct ss_desk *desk, const struct ss_policy *policy,
    const struct ss_value *record)
{
	const char *time = ss_value_string(ss_value_get(record,
	    "applied.time"));
	ss_instant applied;

	return policy->seals.since != NULL && desk->registry != NULL &&
	    time != NULL && ss_instant_parse(time, &applied) == 0 &&
	    applied < ss_day_start(ss_day_parse(policy->seals.since));
}

static int
check(struct ss_desk *desk, struct ss_sealing *g, struct ss_sm3 *sm3,
    const struct ss_value *record, bool mended, bool required)
{
	const char *region = string(record, "region");
	const struct ss_policy *policy;
	int r;

	g->known = false;
	g->before = ss_value_member(record, "seals");
	if ((r = ss_seals_read(&g->seals, record, sm3)) != 0 ||
	    (g->seals.count == 0 && !required))
		return r;
	/* Without a region no step is taken either. */
	if (region == NULL)
		return g->seals.count == 0 ? 0 : ss_fail(SS_EINVALID,
		    "region: is missing");
	if ((r = ss_policies_get(desk->policies, region, &policy)) != 0)
		return r;
	required = required && policy->seals.required &&
	    !is_older(desk, policy, record);
	if (g->seals.count == 0)
		return required ? ss_fail(SS_EAUTH, "the record has no seals, "
		    "which region %s requires; every step needs an operator's "
		    "key", region) : 0;
	if ((r = check_seals(desk, &g->seals, policy, region)) != 0 ||
	    (r = check_steps(&g->seals, string(record, "state"),
	    required)) != 0 ||
	    (r = ss_facts_read(&g->facts, record, sm3)) != 0)
		return r;
	g->known = true;
	return ss_seals_compare(&g->seals, &g->facts, mended ? of_form : NULL,
	    !mended);
}

int
ss_proof_check(struct ss_desk *desk, struct ss_sealing *g, struct ss_sm3 *sm3,
    const struct ss_value *record, bool mended)
{
	return check(desk, g, sm3, record, mended, true);
}

int
ss_proof_of(struct ss_desk *desk, struct ss_sealing *g, struct ss_sm3 *sm3,
    const struct ss_value *record)
{
	return check(desk, g, sm3, record, false, false);
}

int
ss_sealing_look(struct ss_sealing *g, const struct ss_value *record,
    struct ss_sm3 *sm3)
{
	int r;

	g->before = ss_value_member(record, "seals");
	if ((r = ss_seals_follow(&g->seals, record, sm3)) == 0)
		r = ss_facts_read(&g->facts, record, sm3);
	g->known = r == 0;
	return r;
}

/* The policy is that of the record's region, whatever -R says, as it is for
 * who reads it later; and a key may run out while its holder works. */
int
ss_sealing_may(struct ss_desk *desk, const struct ss_seals *s,
    const struct ss_taking *t)
{
	const struct ss_policy *policy;
	int r;

	if ((r = ss_policies_get(desk->policies, t->region, &policy)) != 0)
		return r;
	if (desk->self == NULL) {
		if (s->count > 0)
			return ss_fail(SS_EAUTH, "the record is sealed; "
			    "--operator has to be a key, which seals what it "
			    "becomes");
		return !policy->seals.required ? 0 : ss_fail(SS_EAUTH,
		    "region %s requires seals; --operator has to be a key",
		    t->region);
	}
	if (check_reviewer(policy, s, s->count, t->step, desk->operator) != 0)
		return ss_fail(SS_EPOLICY, "the reviewer is the clerk who "
		    "took the application; say -o another");
	if ((r = ss_trusted_valid(desk->self, t->now)) != 0 ||
	    (r = check_role(policy, t->region, ss_life[t->step].word,
	    desk->self)) != 0)
		return r;
	return check_region(t->region, t->step, desk->self);
}

int
ss_sealing_open(struct ss_sealing *g, struct ss_desk *desk, struct ss_sm3 *sm3,
    const struct ss_taking *t)
{
	struct ss_act act = { .step = ss_life[t->step].word, .id = t->id,
		.operator = desk->operator, .when = t->now };
	int r;

	g->drafted = false;
	g->tree = NULL;
	if ((r = ss_sealing_may(desk, &g->seals, t)) != 0 ||
	    desk->signer == NULL || desk->dry_run)
		return r;
	act.key = desk->self->key;
	r = ss_draft_make(&g->draft, &act, &g->seals, &g->facts, sm3);
	g->drafted = r == 0;
	return r;
}

static int
sign(struct ss_sealing *g, struct ss_desk *desk, const struct ss_hash *root)
{
	uint8_t text[SS_SEAL_TEXT_LEN], sig[SS_SIGNATURE_MAX];
	struct ss_bytes base64 = { 0 };
	size_t len;
	int r;

	ss_seal_text(root, text);
	if ((r = ss_signer_sign(desk->signer, text, sizeof(text), sig,
	    &len)) != 0)
		return r;
	ss_base64(&base64, sig, len);
	if ((r = ss_bytes_check(&base64)) == 0)
		memcpy(g->signature, base64.data, base64.len + 1);
	ss_bytes_free(&base64);
	return r;
}

int
ss_sealing_sign(struct ss_sealing *const *all, size_t n, struct ss_desk *desk,
    struct ss_merkle *tree)
{
	struct ss_hash root;
	size_t i;
	int r;

	if (n == 0)
		return 0;
	if (n == 1)
		return sign(all[0], desk, &all[0]->draft.leaf);
	if ((r = ss_merkle_room(tree, n)) != 0)
		return r;
	for (i = 0; i < n; i++)
		tree->node[i] = all[i]->draft.leaf;
	if ((r = ss_merkle_build(tree, desk->hands[0].sm3, &root)) != 0 ||
	    (r = sign(all[0], desk, &root)) != 0)
		return r;
	for (i = 0; i < n; i++) {
		all[i]->tree = tree;
		all[i]->leaf = i;
		if (i > 0)
			memcpy(all[i]->signature, all[0]->signature,
			    sizeof(all[i]->signature));
	}
	return 0;
}

int
ss_sealing_close(struct ss_sealing *g, struct ss_bytes *seals,
    struct ss_bytes *canonical)
{
	struct ss_merkle_path path = { .count = 0 };
	int r;

	if (g->tree != NULL)
		ss_merkle_path(g->tree, g->leaf, &path);
	if ((r = ss_draft_write(&g->draft, g->before, &path, g->signature,
	    seals)) == 0)
		r = ss_facts_write(&g->facts, seals, canonical);
	return r;
}

void
ss_sealing_wipe(struct ss_sealing *g)
{
	ss_json_free(g->kept);
	ss_seals_free(&g->seals);
	ss_facts_free(&g->facts);
	ss_draft_free(&g->draft);
	*g = (struct ss_sealing){ .kept = NULL };
}
