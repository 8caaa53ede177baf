/* Public keys. Private ones are in sign_private.c. */
#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/params.h>

#include <stdlib.h>
#include <string.h>

#include "base/crypto_own.h"
#include "base/err.h"
#include "base/sign_own.h"

/* RFC 5480, 2.1.1; GB/T 32918.5-2017 and FIPS 186-5 for the orders. */
const struct ss_curve ss_curves[SS_ALGORITHMS] = {
	[SS_SM2] = { "sm2", "SM2", "SM2", "SM3", {
		0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48,
		0xce, 0x3d, 0x02, 0x01, 0x06, 0x08, 0x2a, 0x81, 0x1c,
		0xcf, 0x55, 0x01, 0x82, 0x2d, 0x03, 0x42, 0x00,
	}, {
		0xff, 0xff, 0xff, 0xfe, 0xff, 0xff, 0xff, 0xff,
		0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
		0x72, 0x03, 0xdf, 0x6b, 0x21, 0xc6, 0x05, 0x2b,
		0x53, 0xbb, 0xf4, 0x09, 0x39, 0xd5, 0x41, 0x23,
	} },
	[SS_P256] = { "p256", "EC", "P-256", "SHA256", {
		0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48,
		0xce, 0x3d, 0x02, 0x01, 0x06, 0x08, 0x2a, 0x86, 0x48,
		0xce, 0x3d, 0x03, 0x01, 0x07, 0x03, 0x42, 0x00,
	}, {
		0xff, 0xff, 0xff, 0xff, 0x00, 0x00, 0x00, 0x00,
		0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
		0xbc, 0xe6, 0xfa, 0xad, 0xa7, 0x17, 0x9e, 0x84,
		0xf3, 0xb9, 0xca, 0xc2, 0xfc, 0x63, 0x25, 0x51,
	} },
};

/* ready has the key, the digest and the id, and is copied for each check. */
struct ss_public {
	enum ss_algorithm algorithm;
	uint8_t point[SS_POINT_LEN];
	EVP_PKEY *key;
	EVP_MD_CTX *ready;
};

const char *
ss_algorithm_word(enum ss_algorithm algorithm)
{
	return ss_curves[algorithm].word;
}

enum ss_algorithm
ss_algorithm_find(const char *word)
{
	size_t i;

	for (i = 0; i < SS_ALGORITHMS; i++)
		if (strcmp(ss_curves[i].word, word) == 0)
			break;
	return (enum ss_algorithm)i;
}

/* Memory that ran out is no point that is wrong. */
static int
fail_point(void)
{
	if (ERR_GET_REASON(ERR_peek_last_error()) == ERR_R_MALLOC_FAILURE)
		return ss_crypto_fail("public key");
	ERR_clear_error();
	return ss_fail(SS_EINVALID, "a public key that is no point of its "
	    "curve");
}

int
ss_sign_key(EVP_PKEY **out, enum ss_algorithm algorithm,
    const uint8_t point[SS_POINT_LEN], const uint8_t *scalar)
{
	const struct ss_curve *curve = &ss_curves[algorithm];
	EVP_PKEY_CTX *ctx;
	OSSL_PARAM params[4], *p = params;
	int r = 0;

	*out = NULL;
	*p++ = OSSL_PARAM_construct_utf8_string(OSSL_PKEY_PARAM_GROUP_NAME,
	    (char *)(uintptr_t)curve->group, 0);
	*p++ = OSSL_PARAM_construct_octet_string(OSSL_PKEY_PARAM_PUB_KEY,
	    (void *)(uintptr_t)point, SS_POINT_LEN);
	if (scalar != NULL)
		*p++ = OSSL_PARAM_construct_BN(OSSL_PKEY_PARAM_PRIV_KEY,
		    (unsigned char *)(uintptr_t)scalar, SS_SCALAR_LEN);
	*p = OSSL_PARAM_construct_end();
	ctx = EVP_PKEY_CTX_new_from_name(NULL, curve->type, NULL);
	if (ctx == NULL || EVP_PKEY_fromdata_init(ctx) != 1)
		r = ss_crypto_fail(curve->type);
	else if (EVP_PKEY_fromdata(ctx, out, scalar != NULL ?
	    EVP_PKEY_KEYPAIR : EVP_PKEY_PUBLIC_KEY, params) != 1)
		r = fail_point();
	EVP_PKEY_CTX_free(ctx);
	return r;
}

static int
begin_check(struct ss_public *public)
{
	const struct ss_curve *curve = &ss_curves[public->algorithm];
	OSSL_PARAM params[2], *p = params;

	if (public->algorithm == SS_SM2)
		*p++ = OSSL_PARAM_construct_octet_string(
		    OSSL_PKEY_PARAM_DIST_ID, (char *)(uintptr_t)SS_SM2_ID,
		    strlen(SS_SM2_ID));
	*p = OSSL_PARAM_construct_end();
	if ((public->ready = EVP_MD_CTX_new()) == NULL ||
	    EVP_DigestVerifyInit_ex(public->ready, NULL, curve->digest, NULL,
	    NULL, public->key, params) != 1)
		return ss_crypto_fail(curve->type);
	return 0;
}

int
ss_public_of_point(struct ss_public **out, enum ss_algorithm algorithm,
    const uint8_t point[SS_POINT_LEN])
{
	struct ss_public *public;
	int r;

	*out = NULL;
	if ((unsigned)algorithm >= SS_ALGORITHMS || point[0] != 0x04)
		return ss_fail(SS_EINVALID, "a public key is a whole point");
	if ((public = calloc(1, sizeof(*public))) == NULL)
		return ss_fail(SS_EMEMORY, "out of memory");
	public->algorithm = algorithm;
	memcpy(public->point, point, SS_POINT_LEN);
	if ((r = ss_sign_key(&public->key, algorithm, point, NULL)) != 0 ||
	    (r = begin_check(public)) != 0) {
		ss_public_free(public);
		return r;
	}
	*out = public;
	return 0;
}

/* There is one encoding that is taken, byte for byte. */
int
ss_public_look(const uint8_t *spki, size_t len, enum ss_algorithm *out)
{
	size_t i;

	*out = SS_ALGORITHMS;
	for (i = 0; i < SS_ALGORITHMS; i++)
		if (len == SS_SPKI_HEAD + SS_POINT_LEN &&
		    memcmp(spki, ss_curves[i].head, SS_SPKI_HEAD) == 0 &&
		    spki[SS_SPKI_HEAD] == 0x04) {
			*out = (enum ss_algorithm)i;
			return 0;
		}
	return ss_fail(SS_EINVALID, "no public key on the curve of SM2 or "
	    "P-256, its point whole");
}

int
ss_public_read(struct ss_public **out, const uint8_t *spki, size_t len)
{
	enum ss_algorithm algorithm;
	int r;

	*out = NULL;
	if ((r = ss_public_look(spki, len, &algorithm)) != 0)
		return r;
	return ss_public_of_point(out, algorithm, spki + SS_SPKI_HEAD);
}

void
ss_public_free(struct ss_public *public)
{
	if (public == NULL)
		return;
	EVP_MD_CTX_free(public->ready);
	EVP_PKEY_free(public->key);
	free(public);
}

enum ss_algorithm
ss_public_algorithm(const struct ss_public *public)
{
	return public->algorithm;
}

int
ss_public_write(const struct ss_public *public, uint8_t spki[SS_SPKI_MAX],
    size_t *len)
{
	memcpy(spki, ss_curves[public->algorithm].head, SS_SPKI_HEAD);
	memcpy(spki + SS_SPKI_HEAD, public->point, SS_POINT_LEN);
	*len = SS_SPKI_HEAD + SS_POINT_LEN;
	return 0;
}

/* An INTEGER that is positive, at most a scalar, and in its one encoding;
 * gives what it takes, 0 for any other. */
static size_t
take_integer(const uint8_t *p, size_t len)
{
	size_t n;

	if (len < 3 || p[0] != 0x02 || p[1] < 1 || p[1] > SS_SCALAR_LEN + 1)
		return 0;
	n = p[1];
	if (2 + n > len || (p[2] & 0x80) != 0 ||
	    (n == SS_SCALAR_LEN + 1 && p[2] != 0) ||
	    (n > 1 && p[2] == 0 && (p[3] & 0x80) == 0))
		return 0;
	return 2 + n;
}

/* X.690: a SEQUENCE of two of them, as DER has it. */
static bool
is_signature(const uint8_t *sig, size_t len)
{
	size_t r, s;

	if (len < 2 || len > SS_SIGNATURE_MAX || sig[0] != 0x30 ||
	    sig[1] != len - 2)
		return false;
	r = take_integer(sig + 2, len - 2);
	s = r != 0 ? take_integer(sig + 2 + r, len - 2 - r) : 0;
	return s != 0 && 2 + r + s == len;
}

int
ss_public_check(const struct ss_public *public, const void *text, size_t len,
    const uint8_t *sig, size_t sig_len)
{
	EVP_MD_CTX *ctx = NULL;
	int r = 0;

	if (!is_signature(sig, sig_len))
		return ss_fail(SS_EAUTH, "no signature in DER");
	if ((ctx = EVP_MD_CTX_new()) == NULL ||
	    EVP_MD_CTX_copy_ex(ctx, public->ready) != 1) {
		r = ss_crypto_fail(ss_curves[public->algorithm].type);
		goto out;
	}
	/* Whatever it says of what came from elsewhere, it is not good. */
	if (EVP_DigestVerify(ctx, sig, sig_len, text, len) != 1) {
		ERR_clear_error();
		r = ss_fail(SS_EAUTH, "not the key's signature of this");
	}
out:
	EVP_MD_CTX_free(ctx);
	return r;
}
