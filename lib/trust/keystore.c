#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/text.h"
#include "trust/keystore_own.h"
#include "trust/test_keys.h"

static const struct ss_keystore_kind *const kinds[] = { &ss_keystore_file,
	&ss_keystore_pkcs11, &ss_keystore_exec };

const char *
ss_where_word(enum ss_where where)
{
	static const char *const words[SS_WHERES] = { "memory", "token",
		"helper" };

	return words[where];
}

static const struct ss_keystore_kind *
kind_of(const char *uri)
{
	size_t i;

	for (i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (strncmp(uri, kinds[i]->prefix,
		    strlen(kinds[i]->prefix)) == 0)
			return kinds[i];
	return NULL;
}

bool
ss_keystore_makes(const char *uri)
{
	const struct ss_keystore_kind *kind = kind_of(uri);

	return kind != NULL && kind->makes;
}

const char *
ss_keystore_secret(const char *uri)
{
	const struct ss_keystore_kind *kind = kind_of(uri);

	return kind != NULL ? kind->secret : "passphrase";
}

static int
open_store(struct ss_keystore **out, const char *uri,
    const struct ss_passphrase *ask, bool edit, bool *made)
{
	const struct ss_keystore_kind *kind = kind_of(uri);
	struct ss_keystore *ks;
	int r;

	*out = NULL;
	if (made != NULL)
		*made = false;
	if (kind == NULL)
		return ss_fail(SS_EINVALID, "a key store is file:PATH, "
		    "pkcs11:TOKEN or exec:COMMAND; this is none of them");
	if ((ks = calloc(1, sizeof(*ks))) == NULL)
		return ss_fail(SS_EMEMORY, "out of memory");
	pthread_mutex_init(&ks->lock, NULL);
	ks->kind = kind;
	ks->edit = edit;
	if ((r = kind->open(ks, uri + strlen(kind->prefix), ask, edit,
	    made)) != 0) {
		ss_keystore_close(ks);
		return r;
	}
	*out = ks;
	return 0;
}

int
ss_keystore_open(struct ss_keystore **out, const char *uri,
    const struct ss_passphrase *ask)
{
	return open_store(out, uri, ask, false, NULL);
}

int
ss_keystore_edit(struct ss_keystore **out, const char *uri,
    const struct ss_passphrase *ask, bool *made)
{
	return open_store(out, uri, ask, true, made);
}

void
ss_keystore_close(struct ss_keystore *ks)
{
	if (ks == NULL)
		return;
	ks->kind->close(ks);
	pthread_mutex_destroy(&ks->lock);
	free(ks);
}

size_t
ss_keystore_count(const struct ss_keystore *ks)
{
	return ks->count;
}

const struct ss_master *
ss_keystore_at(const struct ss_keystore *ks, size_t i)
{
	return i < ks->count ? &ks->masters[i] : NULL;
}

/* Of those that are like a wanted one; its version 0 is any, and then the
 * highest. NULL for none. */
static const struct ss_master *
like(const struct ss_keystore *ks, const struct ss_master *want)
{
	const struct ss_master *m, *best = NULL;
	size_t i;

	for (i = 0; i < ks->count; i++) {
		m = &ks->masters[i];
		if (m->key == want->key && m->cipher == want->cipher &&
		    (want->version == 0 || m->version == want->version) &&
		    strcmp(m->region, want->region) == 0 &&
		    (best == NULL || m->version > best->version))
			best = m;
	}
	return best;
}

static int
missing(const struct ss_card_of *card, enum ss_card_key key)
{
	char version[24] = "";

	if (card->version != 0)
		snprintf(version, sizeof(version), " of version %d",
		    card->version);
	return ss_fail(SS_EMISSING, "no %s key %s%s for \"%s\", nor for its "
	    "province or the ministry; ss-key import adds one, --keys names "
	    "another store", ss_cipher_word(card->arithmetic->cipher),
	    ss_card_key_word(key), version, card->city);
}

int
ss_keystore_find(const struct ss_keystore *ks, const struct ss_card_of *card,
    enum ss_card_key key, const struct ss_master **out)
{
	struct ss_master want = { .key = key, .version = card->version,
		.cipher = card->arithmetic->cipher };
	int level;

	*out = NULL;
	if (strlen(card->city) != 6 || !ss_is_digits(card->city, 6))
		return ss_fail(SS_EINVALID, "\"%s\" is no city of six digits",
		    card->city);
	/* A city whose digits are a province's has no key of its own. */
	for (level = (int)ss_key_level(card->city); level >= 0 &&
	    *out == NULL; level--) {
		ss_key_region(card->city, (enum ss_key_level)level,
		    want.region);
		*out = like(ks, &want);
	}
	if (*out == NULL)
		return missing(card, key);
	if (card->real && (*out)->test)
		return ss_fail(SS_EPOLICY, "the %s key %s for \"%s\" is a "
		    "test key, which everybody knows and the policy refuses "
		    "(keys.accept_test); --keys names another store",
		    ss_cipher_word((*out)->cipher), ss_card_key_word(key),
		    card->city);
	return 0;
}

static int
call_of(const struct ss_keystore *ks, const struct ss_card_of *card,
    enum ss_card_key key, const uint8_t *factor, struct ss_key_call *call)
{
	const struct ss_master *m;
	int r;

	if ((r = ss_keystore_find(ks, card, key, &m)) != 0)
		return r;
	*call = (struct ss_key_call){ card, (size_t)(m - ks->masters),
	    factor };
	return 0;
}

int
ss_keystore_auth(struct ss_keystore *ks, const struct ss_card_of *card,
    enum ss_card_key key, const uint8_t factor[SS_FACTOR_LEN],
    const uint8_t original[SS_FACTOR_LEN], uint8_t auth[SS_AUTH_LEN])
{
	struct ss_key_call call;
	int r;

	memset(auth, 0, SS_AUTH_LEN);
	if ((r = call_of(ks, card, key, factor, &call)) != 0)
		return r;
	pthread_mutex_lock(&ks->lock);
	r = ks->kind->auth(ks, &call, original, auth);
	pthread_mutex_unlock(&ks->lock);
	return r;
}

static int
make_order(struct ss_keystore *ks, const struct ss_key_call *call,
    enum ss_order order, const char *pin, struct ss_secured *out)
{
	int r;

	pthread_mutex_lock(&ks->lock);
	r = ks->kind->order(ks, call, order, pin, out);
	pthread_mutex_unlock(&ks->lock);
	return r;
}

int
ss_keystore_order(struct ss_keystore *ks, const struct ss_card_of *card,
    enum ss_card_key key, const uint8_t factor[SS_FACTOR_LEN],
    enum ss_order order, struct ss_secured *out)
{
	struct ss_key_call call;
	int r;

	memset(out, 0, sizeof(*out));
	if (order == SS_ORDER_RELOAD_PIN)
		return ss_fail(SS_EINVALID, "a PIN reload takes a PIN");
	if ((r = call_of(ks, card, key, factor, &call)) != 0)
		return r;
	return make_order(ks, &call, order, NULL, out);
}

int
ss_keystore_wrap_pin(struct ss_keystore *ks, const struct ss_card_of *card,
    enum ss_card_key key, const uint8_t factor[SS_FACTOR_LEN],
    const char *pin, struct ss_secured *out)
{
	struct ss_key_call call;
	int r;

	memset(out, 0, sizeof(*out));
	if ((r = call_of(ks, card, key, factor, &call)) != 0)
		return r;
	return make_order(ks, &call, SS_ORDER_RELOAD_PIN, pin, out);
}

int
ss_keystore_kcv(struct ss_keystore *ks, size_t i, uint8_t kcv[SS_KCV_LEN])
{
	int r;

	memset(kcv, 0, SS_KCV_LEN);
	if (i >= ks->count)
		return ss_fail(SS_EMISSING, "no key of that place");
	pthread_mutex_lock(&ks->lock);
	r = ks->kind->kcv(ks, i, kcv);
	pthread_mutex_unlock(&ks->lock);
	return r;
}

int
ss_keystore_changes(const struct ss_keystore *ks)
{
	return ks->kind->save != NULL ? 0 : ss_fail(SS_EINVALID, "a store of "
	    "%s is not changed from here, but where its keys are",
	    ks->kind->prefix);
}

static int
check_edit(const struct ss_keystore *ks)
{
	return ks->edit ? 0 : ss_fail(SS_EINVALID,
	    "the key store is open for use alone");
}

size_t
ss_keystore_place(const struct ss_keystore *ks, const struct ss_master *master)
{
	const struct ss_master *there = like(ks, master);

	return there != NULL ? (size_t)(there - ks->masters) : ks->count;
}

int
ss_keystore_absent(const struct ss_keystore *ks,
    const struct ss_master *master)
{
	if (ss_keystore_place(ks, master) == ks->count)
		return 0;
	return ss_fail(SS_EEXISTS, "the %s key %s of version %d of \"%s\" is "
	    "there already; --replace replaces it",
	    ss_cipher_word(master->cipher), ss_card_key_word(master->key),
	    master->version, master->region);
}

int
ss_keystore_put(struct ss_keystore *ks, const struct ss_master *master,
    const uint8_t value[SS_KEY_LEN], bool replace)
{
	int r;

	if ((r = check_edit(ks)) != 0)
		return r;
	if (strlen(master->region) != 6 || !ss_is_digits(master->region, 6) ||
	    master->version < 1 || master->version > 255 ||
	    (unsigned)master->key >= SS_KEYS)
		return ss_fail(SS_EINVALID, "a key has a region of six digits "
		    "and a version from 1 to 255");
	if (!replace && (r = ss_keystore_absent(ks, master)) != 0)
		return r;
	return ks->kind->put(ks, ss_keystore_place(ks, master), master, value);
}

int
ss_keystore_put_test(struct ss_keystore *ks, const char *region, int version)
{
	struct ss_master m = { .version = version, .test = true };
	uint8_t value[SS_KEY_LEN];
	size_t place;
	int i, r = 0;

	for (i = 0; r == 0 && i < 2 * SS_KEYS; i++) {
		m.cipher = i < SS_KEYS ? SS_3DES : SS_SM4;
		m.key = (enum ss_card_key)(i % SS_KEYS);
		if ((r = ss_test_key(region, m.key, m.cipher, version,
		    value)) != 0)
			break;
		memcpy(m.region, region, sizeof(m.region));
		place = ss_keystore_place(ks, &m);
		r = ss_keystore_put(ks, &m, value,
		    place < ks->count && ks->masters[place].test);
	}
	return r;
}

int
ss_keystore_rekey(struct ss_keystore *ks, const struct ss_passphrase *ask)
{
	int r = check_edit(ks);

	return r != 0 ? r : ks->kind->rekey(ks, ask);
}

int
ss_keystore_cost(struct ss_keystore *ks, int log2n)
{
	int r = check_edit(ks);

	return r != 0 ? r : ks->kind->cost(ks, log2n);
}

int
ss_keystore_save(struct ss_keystore *ks)
{
	int r = check_edit(ks);

	return r != 0 ? r : ks->kind->save(ks);
}
