/*
 * pkcs11:, master keys in a token: ss-keys(5). Those of 3DES never leave it,
 * if it can derive from them. What it cannot compute with it keeps, and they
 * are read into our pages as long as the store is open.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/text.h"
#include "trust/keystore_own.h"
#include "trust/pkcs11_own.h"

#define MARK "sscard "	/* begins the labels of our secret keys */
#define ID_LEN 8	/* a number, the highest of a name holds */

struct place {
	ss_handle handle;
	uint64_t number;
	bool fresh;		/* put, and not yet saved */
};

struct token_store {
	struct ss_vault vault;
	struct ss_token *token;
	struct place places[SS_MASTERS_MAX];
	ss_handle old[SS_MASTERS_MAX];	/* that others have replaced */
	size_t old_count;
	uint64_t number;	/* the highest there is */
	struct ss_token_engine engine;
	void *pin;		/* the next one; NULL: it stays */
	bool inside;		/* it computes with 3DES keys */
};

/* "sscard IRK 3des 1 220100", and " test" behind it for a test key. */
static void
put_label(const struct ss_master *m, char label[SS_P11_LABEL_MAX])
{
	snprintf(label, SS_P11_LABEL_MAX, MARK "%s %s %d %s%s",
	    ss_card_key_word(m->key), ss_cipher_word(m->cipher), m->version,
	    m->region, m->test ? " test" : "");
}

/* Only what put_label writes. */
static bool
get_label(const char *label, struct ss_master *m)
{
	char key[16], cipher[8], region[8], again[SS_P11_LABEL_MAX];
	int version, n = 0;

	*m = (struct ss_master){ 0 };
	if (sscanf(label, MARK "%15s %7s %3d %7s%n", key, cipher, &version,
	    region, &n) != 4 || n == 0 || strlen(region) != 6 ||
	    !ss_is_digits(region, 6) || version < 1 || version > 255 ||
	    (m->key = ss_card_key_find(key)) == SS_KEYS ||
	    !ss_cipher_find(cipher, &m->cipher))
		return false;
	m->version = version;
	m->test = label[n] != '\0';
	memcpy(m->region, region, sizeof(m->region));
	put_label(m, again);
	return strcmp(again, label) == 0;
}

static uint64_t
get_number(const struct ss_secret_object *o)
{
	uint64_t number = 0;
	size_t i;

	for (i = 0; o->id_len == ID_LEN && i < ID_LEN; i++)
		number = number << 8 | o->id[i];
	return number;
}

static void
put_number(uint64_t number, struct ss_secret_object *o)
{
	size_t i;

	for (i = 0; i < ID_LEN; i++)
		o->id[i] = (uint8_t)(number >> 8 * (ID_LEN - 1 - i));
	o->id_len = ID_LEN;
}

static bool
is_before(const struct ss_master *a, const struct ss_master *b)
{
	const int by_region = strcmp(a->region, b->region);

	if (by_region != 0)
		return by_region < 0;
	if (a->version != b->version)
		return a->version < b->version;
	if (a->cipher != b->cipher)
		return a->cipher < b->cipher;
	return a->key < b->key;
}

/* Takes a key in: its name, or its value. */
static int
take_in(struct ss_keystore *ks, size_t i, const struct ss_secret_object *o)
{
	struct token_store *s = ks->own;
	struct ss_vault_pages *p = s->vault.pages;

	s->places[i] = (struct place){ .handle = o->handle,
		.number = get_number(o) };
	if (o->kind == SS_SECRET_VALUE) {
		p->masters[i].where = SS_IN_MEMORY;
		return ss_token_value(s->token, o->handle, p->values[i]);
	}
	p->masters[i].where = SS_IN_TOKEN;
	ss_token_key(o->handle, p->values[i]);
	return s->inside ? 0 : ss_fail(SS_EINVALID, "%s: \"%s\" cannot be "
	    "worked with: the token has not the mechanism "
	    "CKM_DES3_ECB_ENCRYPT_DATA", ss_token_name(s->token), o->label);
}

static int
check_object(const struct token_store *s, const struct ss_secret_object *o,
    struct ss_master *m)
{
	char shown[SS_P11_LABEL_MAX];
	size_t i;

	for (i = 0; o->label[i] != '\0'; i++)
		shown[i] = o->label[i] >= ' ' && o->label[i] <= '~' ?
		    o->label[i] : '?';
	shown[i] = '\0';
	if (!get_label(o->label, m))
		return ss_fail(SS_EINVALID, "%s: the label \"%.80s\" is no "
		    "key's, such as \"" MARK "IRK 3des 1 220100\" is",
		    ss_token_name(s->token), shown);
	if (o->kind != SS_SECRET_VALUE &&
	    (o->kind != SS_SECRET_3DES || m->cipher != SS_3DES))
		return ss_fail(SS_EINVALID, "%s: \"%s\" is a key of another "
		    "kind", ss_token_name(s->token), shown);
	return 0;
}

/* Makes room for one more: a token has no order, but what is listed has. */
static size_t
make_place(struct ss_keystore *ks, const struct ss_master *m)
{
	struct token_store *s = ks->own;
	struct ss_vault_pages *p = s->vault.pages;
	size_t i = ks->count++;

	for (; i > 0 && is_before(m, &p->masters[i - 1]); i--) {
		p->masters[i] = p->masters[i - 1];
		s->places[i] = s->places[i - 1];
		memcpy(p->values[i], p->values[i - 1], SS_KEY_LEN);
	}
	return i;
}

/* Of two of a name the later one holds: a kill may leave both. */
static int
take_object(const struct ss_secret_object *o, void *ctx)
{
	struct ss_keystore *ks = ctx;
	struct token_store *s = ks->own;
	const uint64_t number = get_number(o);
	struct ss_master m;
	size_t i;
	int r;

	if (strncmp(o->label, MARK, strlen(MARK)) != 0)
		return 0;
	if ((r = check_object(s, o, &m)) != 0)
		return r;
	if (number > s->number)
		s->number = number;
	i = ss_keystore_place(ks, &m);
	if (i < ks->count) {
		if (number == s->places[i].number)
			return ss_fail(SS_EINVALID, "%s: there are two of "
			    "\"%s\"; destroy one of them by the token's own "
			    "tool", ss_token_name(s->token), o->label);
		if (s->old_count == SS_MASTERS_MAX)
			return ss_fail(SS_EINVALID, "%s: too many keys",
			    ss_token_name(s->token));
		s->old[s->old_count++] = number < s->places[i].number ?
		    o->handle : s->places[i].handle;
		if (number < s->places[i].number)
			return 0;
	} else if (i == SS_MASTERS_MAX)
		return ss_fail(SS_EINVALID, "%s: more than %d keys",
		    ss_token_name(s->token), SS_MASTERS_MAX);
	if (i == ks->count)
		i = make_place(ks, &m);
	s->vault.pages->masters[i] = m;
	return take_in(ks, i, o);
}

static int
pkcs11_open(struct ss_keystore *ks, const char *rest,
    const struct ss_passphrase *ask, bool edit, bool *made)
{
	struct token_store *s;
	struct ss_p11_uri uri;
	int r;

	(void)made;
	if ((r = ss_p11_uri_read(&uri, rest)) != 0 ||
	    (r = ss_p11_uri_is_token(&uri)) != 0)
		return r;
	if ((ks->own = s = calloc(1, sizeof(*s))) == NULL)
		return ss_fail(SS_EMEMORY, "out of memory");
	ks->vault = &s->vault;
	if ((r = ss_vault_open(&s->vault)) != 0)
		return r;
	ks->masters = s->vault.pages->masters;
	if ((r = ss_token_open(&s->token, &(struct ss_token_open){ &uri, edit,
	    ask, s->vault.pages->passphrase })) != 0)
		return r;
	if (!edit || *uri.pin_source != '\0')
		ss_wipe(s->vault.pages->passphrase, SS_PASSPHRASE_MAX);
	s->inside = ss_token_can(s->token, SS_TOKEN_3DES);
	s->engine.token = s->token;
	s->vault.elsewhere = (struct ss_vault_engine){ &ss_token_calls,
		ss_token_forget, &s->engine };
	return ss_token_secrets(s->token, take_object, ks);
}

static void
pkcs11_close(struct ss_keystore *ks)
{
	struct token_store *s = ks->own;

	if (s == NULL)
		return;
	ss_vault_close(&s->vault);
	ss_token_close(s->token);
	ss_secret_free(s->pin, SS_PASSPHRASE_MAX);
	free(s);
}

/* In memory until it is saved. */
static int
pkcs11_put(struct ss_keystore *ks, size_t i, const struct ss_master *master,
    const uint8_t value[SS_KEY_LEN])
{
	struct token_store *s = ks->own;
	struct ss_vault_pages *p = s->vault.pages;

	if (i >= SS_MASTERS_MAX || s->old_count == SS_MASTERS_MAX)
		return ss_fail(SS_EINVALID, "%s: holds %d keys at most",
		    ss_token_name(s->token), SS_MASTERS_MAX);
	ss_vault_forget(&s->vault);
	if (i < ks->count && !s->places[i].fresh)
		s->old[s->old_count++] = s->places[i].handle;
	s->places[i] = (struct place){ .fresh = true };
	p->masters[i] = *master;
	p->masters[i].where = SS_IN_MEMORY;
	memcpy(p->values[i], value, SS_KEY_LEN);
	if (i == ks->count)
		ks->count++;
	return 0;
}

static int
pkcs11_rekey(struct ss_keystore *ks, const struct ss_passphrase *ask)
{
	struct token_store *s = ks->own;
	int r;

	if (*s->vault.pages->passphrase == '\0')
		return ss_fail(SS_EINVALID, "%s: only a PIN that is typed, or "
		    "comes from --passphrase-fd, is changed here",
		    ss_token_name(s->token));
	if (s->pin == NULL &&
	    (r = ss_secret_new(&s->pin, SS_PASSPHRASE_MAX)) != 0)
		return r;
	r = ask->ask(s->pin, ask->ctx);
	((char *)s->pin)[SS_PASSPHRASE_MAX - 1] = '\0';
	if (r == 0 && *(char *)s->pin == '\0')
		r = ss_fail(SS_EINVALID, "an empty PIN");
	return r;
}

static int
pkcs11_cost(struct ss_keystore *ks, int log2n)
{
	struct token_store *s = ks->own;

	(void)log2n;
	return ss_fail(SS_EINVALID, "%s: --work is for a store under a "
	    "passphrase; what trying a PIN costs is the token's to say",
	    ss_token_name(s->token));
}

static int
make_object(struct ss_keystore *ks, size_t i, ss_handle *handle)
{
	struct token_store *s = ks->own;
	const struct ss_master *m = &s->vault.pages->masters[i];
	struct ss_secret_object o = { .kind = s->inside &&
		m->cipher == SS_3DES ? SS_SECRET_3DES : SS_SECRET_VALUE };
	int r;

	put_label(m, o.label);
	put_number(s->number + 1, &o);
	r = ss_token_put(s->token, &o, s->vault.pages->values[i]);
	*handle = o.handle;
	return r;
}

/* All keys that were put are made, or those are destroyed again. */
static int
make_objects(struct ss_keystore *ks)
{
	struct token_store *s = ks->own;
	char sentence[SS_MESSAGE_MAX];
	size_t i;
	int r = 0;

	if (s->number == UINT64_MAX)
		return ss_fail(SS_EINVALID, "%s: a key has the highest id that "
		    "there is", ss_token_name(s->token));
	for (i = 0; r == 0 && i < ks->count; i++)
		if (s->places[i].fresh)
			r = make_object(ks, i, &s->places[i].handle);
	if (r == 0)
		return 0;
	snprintf(sentence, sizeof(sentence), "%s", ss_message());
	for (i--; i-- > 0;)
		if (s->places[i].fresh)
			ss_token_destroy(s->token, s->places[i].handle);
	return ss_fail(r, "%s", sentence);
}

/* From here on a key is where it is to be. */
static void
settle(struct ss_keystore *ks)
{
	struct token_store *s = ks->own;
	struct ss_vault_pages *p = s->vault.pages;
	size_t i;

	s->number++;
	ss_vault_forget(&s->vault);
	for (i = 0; i < ks->count; i++) {
		if (!s->places[i].fresh)
			continue;
		s->places[i].fresh = false;
		s->places[i].number = s->number;
		if (s->inside && p->masters[i].cipher == SS_3DES) {
			p->masters[i].where = SS_IN_TOKEN;
			ss_token_key(s->places[i].handle, p->values[i]);
		}
	}
}

static int
pkcs11_save(struct ss_keystore *ks)
{
	struct token_store *s = ks->own;
	int r;

	if ((r = make_objects(ks)) != 0)
		return r;
	settle(ks);
	for (; r == 0 && s->old_count > 0; s->old_count -= r == 0)
		r = ss_token_destroy(s->token, s->old[s->old_count - 1]);
	if (r == 0 && s->pin != NULL) {
		r = ss_token_set_pin(s->token, s->vault.pages->passphrase,
		    s->pin);
		ss_secret_free(s->pin, SS_PASSPHRASE_MAX);
		s->pin = NULL;
	}
	return r;
}

const struct ss_keystore_kind ss_keystore_pkcs11 = {
	.prefix = "pkcs11:",
	.secret = "PIN",
	.open = pkcs11_open,
	.close = pkcs11_close,
	.auth = ss_vault_auth,
	.order = ss_vault_order,
	.kcv = ss_vault_kcv,
	.put = pkcs11_put,
	.rekey = pkcs11_rekey,
	.cost = pkcs11_cost,
	.save = pkcs11_save,
};
