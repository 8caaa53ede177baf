#include <string.h>

#include "trust/keystore_own.h"
#include "trust/test_keys.h"

int
ss_vault_open(struct ss_vault *v)
{
	void *pages;
	int r;

	*v = (struct ss_vault){ 0 };
	if ((r = ss_secret_new(&pages, sizeof(*v->pages))) == 0)
		v->pages = pages;
	return r;
}

void
ss_vault_close(struct ss_vault *v)
{
	if (v->pages != NULL)
		ss_vault_forget(v);
	ss_secret_free(v->pages, sizeof(*v->pages));
	ss_calc_free(v->calc);
	*v = (struct ss_vault){ 0 };
}

void
ss_vault_forget(struct ss_vault *v)
{
	ss_wipe(&v->pages->card, sizeof(v->pages->card));
	if (v->elsewhere.forget != NULL)
		v->elsewhere.forget(v->elsewhere.ctx);
}

static int
new_calc(const struct ss_vault *v, enum ss_where where,
    const struct ss_arithmetic *rules, struct ss_calc **out)
{
	return where == SS_IN_MEMORY ? ss_calc_new(out, rules) :
	    ss_calc_over(out, rules, v->elsewhere.engine, v->elsewhere.ctx);
}

/* All members are as wide as an int or are bytes: there are none between. */
static int
compute_by(struct ss_vault *v, const struct ss_arithmetic *rules,
    enum ss_where where)
{
	if (v->calc != NULL && v->where == where &&
	    memcmp(&v->rules, rules, sizeof(*rules)) == 0)
		return 0;
	ss_vault_forget(v);
	ss_calc_free(v->calc);
	v->rules = *rules;
	v->where = where;
	return new_calc(v, where, rules, &v->calc);
}

/* Forgets the last card unless this is the same. */
static void
turn_to(struct ss_vault *v, const struct ss_card_of *card)
{
	struct ss_vault_pages *p = v->pages;
	uint8_t f[SS_FACTOR_LEN];

	ss_diversifier_card(card->historical, f);
	if (strcmp(p->card.city, card->city) == 0 &&
	    p->card.version == card->version &&
	    memcmp(p->card.f, f, sizeof(f)) == 0)
		return;
	ss_vault_forget(v);
	memcpy(p->card.city, card->city, sizeof(p->card.city));
	p->card.version = card->version;
	memcpy(p->card.f, f, sizeof(f));
}

/* The card's own key, borrowed until the next call. */
static int
card_key(struct ss_vault *v, const struct ss_key_call *call,
    const uint8_t **out)
{
	struct ss_vault_pages *p = v->pages;
	const struct ss_master *m = &p->masters[call->master];
	uint8_t *key = p->card.key[m->key];
	int r;

	if ((r = compute_by(v, call->card->arithmetic, m->where)) != 0)
		return r;
	turn_to(v, call->card);
	*out = key;
	if (p->card.known[m->key])
		return 0;
	memcpy(key, p->values[call->master], SS_KEY_LEN);
	if ((r = ss_key_down(v->calc, ss_key_level(m->region), SS_LEVEL_CITY,
	    call->card->city, key)) == 0)
		r = ss_calc_diversify(v->calc, key, p->card.f, key);
	p->card.known[m->key] = r == 0;
	return r;
}

int
ss_vault_auth(struct ss_keystore *ks, const struct ss_key_call *call,
    const uint8_t original[SS_FACTOR_LEN], uint8_t auth[SS_AUTH_LEN])
{
	struct ss_vault *v = ks->vault;
	const uint8_t *key;
	int r;

	if ((r = card_key(v, call, &key)) != 0)
		return r;
	return ss_calc_auth(v->calc, key, call->factor, original, auth);
}

int
ss_vault_order(struct ss_keystore *ks, const struct ss_key_call *call,
    enum ss_order order, const char *pin, struct ss_secured *out)
{
	struct ss_vault *v = ks->vault;
	const uint8_t *key;
	int r;

	if ((r = card_key(v, call, &key)) != 0)
		return r;
	return ss_calc_order(v->calc, order, key, call->factor, pin, out);
}

int
ss_vault_kcv(struct ss_keystore *ks, size_t i, uint8_t kcv[SS_KCV_LEN])
{
	struct ss_vault *v = ks->vault;
	const struct ss_master *m = &v->pages->masters[i];
	struct ss_arithmetic rules;
	struct ss_calc *calc;
	int r;

	ss_arithmetic_init(&rules, m->cipher);
	if ((r = new_calc(v, m->where, &rules, &calc)) != 0)
		return r;
	r = ss_calc_kcv(calc, v->pages->values[i], kcv);
	ss_calc_free(calc);
	return r;
}
