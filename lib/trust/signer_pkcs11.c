/* pkcs11:, an operator's P-256 key in a token. */
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "trust/pkcs11.h"
#include "trust/signer_own.h"

struct token_signer {
	struct ss_token *token;
	ss_handle key;
};

/* The token of a URI that names a key in it. */
static int
open_token(struct ss_signer *s, const struct ss_p11_uri *uri, bool change,
    const struct ss_passphrase *ask)
{
	struct token_signer *own;
	void *pin;
	int r;

	if (*uri->object == '\0' && uri->id_len == 0)
		return ss_fail(SS_EINVALID, "pkcs11: object: the label of the "
		    "operator's key is wanted, as in pkcs11:token=NAME;"
		    "object=LABEL");
	if (*uri->type != '\0' && strcmp(uri->type, "private") != 0)
		return ss_fail(SS_EINVALID, "pkcs11: type: an operator's key "
		    "is private");
	if ((s->own = own = calloc(1, sizeof(*own))) == NULL)
		return ss_fail(SS_EMEMORY, "out of memory");
	if ((r = ss_secret_new(&pin, SS_PASSPHRASE_MAX)) != 0)
		return r;
	r = ss_token_open(&own->token, &(struct ss_token_open){ uri, change,
	    ask, pin });
	ss_secret_free(pin, SS_PASSPHRASE_MAX);
	return r;
}

static int
take(struct ss_signer *s, const struct ss_token_pair *pair)
{
	struct token_signer *own = s->own;

	own->key = pair->private;
	return ss_public_of_point(&s->public, SS_P256, pair->point);
}

static int
pkcs11_open(struct ss_signer *s, const char *rest,
    const struct ss_passphrase *ask)
{
	const struct token_signer *own;
	struct ss_token_pair pair;
	struct ss_p11_uri uri;
	int r;

	if ((r = ss_p11_uri_read(&uri, rest)) != 0 ||
	    (r = open_token(s, &uri, false, ask)) != 0)
		return r;
	own = s->own;
	if ((r = ss_token_pair_find(own->token, &uri, &pair)) != 0)
		return r;
	return take(s, &pair);
}

/* Where there is none of that name. */
static int
make(const struct token_signer *own, struct ss_p11_uri *uri,
    struct ss_token_pair *pair)
{
	int r = ss_token_pair_find(own->token, uri, pair);

	if (r == 0 || r == SS_EINVALID)
		return ss_fail(SS_EEXISTS, "%s: a key of that object and id is "
		    "there already", ss_token_name(own->token));
	if (r != SS_EMISSING)
		return r;
	if (uri->id_len == 0) {
		uri->id_len = 8;
		if ((r = ss_random(uri->id, uri->id_len)) != 0)
			return r;
	}
	return ss_token_pair_make(own->token, uri->object, uri->id,
	    uri->id_len, pair);
}

static int
pkcs11_make(struct ss_signer *s, const char *rest, enum ss_algorithm algorithm,
    const struct ss_passphrase *ask)
{
	const struct token_signer *own;
	struct ss_token_pair pair;
	struct ss_p11_uri uri;
	int r;

	if ((r = ss_p11_uri_read(&uri, rest)) != 0)
		return r;
	if (algorithm != SS_P256)
		return ss_fail(SS_EINVALID, "PKCS#11 has no mechanism for "
		    "%s; make a key of p256 in the token, or one of %s in a "
		    "file", ss_algorithm_word(algorithm),
		    ss_algorithm_word(algorithm));
	if (*uri.object == '\0')
		return ss_fail(SS_EINVALID, "pkcs11: object: a label for the "
		    "new key is wanted");
	if ((r = open_token(s, &uri, true, ask)) != 0)
		return r;
	own = s->own;
	if (!ss_token_can(own->token, SS_TOKEN_P256))
		return ss_fail(SS_EINVALID, "%s: it makes no keys of p256; "
		    "make one in a file", ss_token_name(own->token));
	if ((r = make(own, &uri, &pair)) != 0)
		return r;
	return take(s, &pair);
}

static void
pkcs11_close(struct ss_signer *s)
{
	struct token_signer *own = s->own;

	if (own == NULL)
		return;
	ss_token_close(own->token);
	free(own);
}

/* A positive INTEGER of DER from 32 bytes; its length. */
static size_t
put_integer(const uint8_t *n, uint8_t *out)
{
	size_t skip = 0, pad, len;

	while (skip < 31 && n[skip] == 0)
		skip++;
	pad = n[skip] & 0x80 ? 1 : 0;
	len = 32 - skip + pad;
	out[0] = 0x02;
	out[1] = (uint8_t)len;
	out[2] = 0;
	memcpy(out + 2 + pad, n + skip, 32 - skip);
	return 2 + len;
}

static int
pkcs11_sign(struct ss_signer *s, const void *text, size_t len,
    uint8_t sig[SS_SIGNATURE_MAX], size_t *sig_len)
{
	struct token_signer *own = s->own;
	uint8_t digest[SS_SHA256_LEN], raw[64];
	size_t n;
	int r;

	*sig_len = 0;
	if ((r = ss_sha256(text, len, digest)) != 0 ||
	    (r = ss_token_sign(own->token, own->key, digest, raw)) != 0)
		return r;
	n = put_integer(raw, sig + 2);
	n += put_integer(raw + 32, sig + 2 + n);
	sig[0] = 0x30;
	sig[1] = (uint8_t)n;
	*sig_len = 2 + n;
	/* What it gives may be of another key, or be none. */
	if (ss_public_check(s->public, text, len, sig, *sig_len) != 0) {
		*sig_len = 0;
		return ss_fail(SS_ECRYPTO, "%s: a signature that is not that "
		    "of its public key", ss_token_name(own->token));
	}
	return 0;
}

const struct ss_signer_kind ss_signer_pkcs11 = {
	.prefix = "pkcs11:",
	.open = pkcs11_open,
	.make = pkcs11_make,
	.close = pkcs11_close,
	.sign = pkcs11_sign,
};
