/* The arithmetic of cards with keys that stay in a token. */
#include <string.h>

#include "base/err.h"
#include "trust/pkcs11_own.h"

/* What an engine knows a key by: in the 16 bytes of one. */
struct name {
	uint64_t handle;
	uint64_t made;		/* 1 + its place in made; 0: a master key */
};
_Static_assert(sizeof(struct name) == SS_KEY_LEN, "a name is a key");

static struct name
name_of(const uint8_t key[SS_KEY_LEN])
{
	struct name n;

	memcpy(&n, key, sizeof(n));
	return n;
}

static void
put_name(uint8_t key[SS_KEY_LEN], ss_handle handle, size_t made)
{
	struct name n = { handle, made };

	memcpy(key, &n, sizeof(n));
}

void
ss_token_key(ss_handle master, uint8_t key[SS_KEY_LEN])
{
	put_name(key, master, 0);
}

static int
derive_from(struct ss_token_engine *s, ss_handle parent,
    const uint8_t in[SS_KEY_LEN], uint8_t key[SS_KEY_LEN])
{
	struct ss_token_made *m;
	size_t i;
	int r;

	for (i = 0; i < SS_TOKEN_MADE_MAX && s->made[i].used; i++)
		;
	if (i == SS_TOKEN_MADE_MAX)
		return ss_fail(SS_ECRYPTO, "%s: too many keys at a time",
		    ss_token_name(s->token));
	m = &s->made[i];
	if ((r = ss_token_derive(s->token, parent, in, &m->handle)) != 0)
		return r;
	m->used = true;
	m->parent = parent;
	memcpy(m->in, in, SS_KEY_LEN);
	put_name(key, m->handle, i + 1);
	return 0;
}

static int
token_derive(void *ctx, const uint8_t key[SS_KEY_LEN],
    const uint8_t in[SS_KEY_LEN], uint8_t made[SS_KEY_LEN])
{
	return derive_from(ctx, name_of(key).handle, in, made);
}

/* What led to the left half of a key leads to both halves of this one. */
static int
token_left(void *ctx, const uint8_t key[SS_KEY_LEN], uint8_t made[SS_KEY_LEN])
{
	struct ss_token_engine *s = ctx;
	const struct name n = name_of(key);
	const struct ss_token_made *m;
	uint8_t in[SS_KEY_LEN];

	if (n.made == 0 || n.made > SS_TOKEN_MADE_MAX)
		return ss_fail(SS_EINVALID, "%s: a retail MAC under a master "
		    "key itself needs half of it, which a token does not give",
		    ss_token_name(s->token));
	m = &s->made[n.made - 1];
	memcpy(in, m->in, SS_FACTOR_LEN);
	memcpy(in + SS_FACTOR_LEN, m->in, SS_FACTOR_LEN);
	return derive_from(s, m->parent, in, made);
}

static int
token_ecb(void *ctx, const uint8_t key[SS_KEY_LEN], const void *in,
    size_t len, void *out)
{
	struct ss_token_engine *s = ctx;

	return ss_token_encrypt(s->token, name_of(key).handle, NULL, in, len,
	    out);
}

static int
token_cbc_mac(void *ctx, const uint8_t key[SS_KEY_LEN], const uint8_t *iv,
    const void *data, size_t len, uint8_t *mac)
{
	struct ss_token_engine *s = ctx;
	uint8_t out[SS_TOKEN_DATA_MAX];
	int r;

	if ((r = ss_token_encrypt(s->token, name_of(key).handle, iv, data, len,
	    out)) == 0)
		memcpy(mac, out + len - SS_FACTOR_LEN, SS_FACTOR_LEN);
	ss_wipe(out, sizeof(out));
	return r;
}

static void
drop_made(struct ss_token_engine *s, struct ss_token_made *m)
{
	if (m->used)
		ss_token_destroy(s->token, m->handle);
	m->used = false;
}

static void
token_drop(void *ctx, uint8_t key[SS_KEY_LEN])
{
	struct ss_token_engine *s = ctx;
	const struct name n = name_of(key);

	if (n.made > 0 && n.made <= SS_TOKEN_MADE_MAX)
		drop_made(s, &s->made[n.made - 1]);
	ss_wipe(key, SS_KEY_LEN);
}

void
ss_token_forget(void *ctx)
{
	struct ss_token_engine *s = ctx;
	size_t i;

	for (i = 0; i < SS_TOKEN_MADE_MAX; i++)
		drop_made(s, &s->made[i]);
}

const struct ss_calc_engine ss_token_calls = {
	.derive = token_derive,
	.left = token_left,
	.ecb = token_ecb,
	.cbc_mac = token_cbc_mac,
	.drop = token_drop,
};
