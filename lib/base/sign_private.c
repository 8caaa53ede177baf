/* Private keys, made and used. Their files are in sign_pkcs8.c. */
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/params.h>

#include <stdlib.h>
#include <string.h>

#include "base/crypto_own.h"
#include "base/err.h"
#include "base/sign_own.h"

#define HEAP (64 << 10)		/* OpenSSL's secure heap: some BIGNUMs a key */
__attribute__((noinline)) void
ss_private_wipe_stack(void)
{
	uint8_t below[24 << 10];

	ss_wipe(below, sizeof(below));
}

static void
begin_heap(void)
{
	/* Without it, or without locked pages, there is no more to be done. */
	(void)CRYPTO_secure_malloc_init(HEAP, 32);
}

/* The point that belongs to a scalar. */
static int
find_point(struct ss_private *private)
{
	const bool sm2 = private->algorithm == SS_SM2;
	EC_GROUP *group = EC_GROUP_new_by_curve_name(sm2 ? NID_sm2 :
	    NID_X9_62_prime256v1);
	BN_CTX *ctx = BN_CTX_secure_new();
	BIGNUM *scalar = BN_secure_new();
	EC_POINT *point = group != NULL ? EC_POINT_new(group) : NULL;
	int r = 0;

	if (group == NULL || ctx == NULL || scalar == NULL || point == NULL ||
	    BN_bin2bn(private->secret->scalar, SS_SCALAR_LEN, scalar) == NULL)
		r = ss_crypto_fail("private key");
	if (r == 0) {
		BN_set_flags(scalar, BN_FLG_CONSTTIME);
		if (EC_POINT_mul(group, point, scalar, NULL, NULL, ctx) != 1 ||
		    EC_POINT_point2oct(group, point,
		    POINT_CONVERSION_UNCOMPRESSED, private->point,
		    SS_POINT_LEN, ctx) != SS_POINT_LEN)
			r = ss_crypto_fail("private key");
	}
	EC_POINT_free(point);
	BN_clear_free(scalar);
	BN_CTX_free(ctx);
	EC_GROUP_free(group);
	return r;
}

/* From 1 to the order of the curve less 2, which SM2 asks for. In a time that
 * says nothing but whether it is. */
static bool
is_scalar(enum ss_algorithm algorithm, const uint8_t scalar[SS_SCALAR_LEN])
{
	const uint8_t *order = ss_curves[algorithm].order;
	unsigned borrow = 0, any = 0;
	size_t i;

	for (i = SS_SCALAR_LEN; i-- > 0; ) {
		unsigned below = order[i] - (i == SS_SCALAR_LEN - 1 ? 1u : 0u);

		borrow = ((unsigned)scalar[i] - below - borrow) >> 31;
		any |= scalar[i];
	}
	return borrow == 1 && any != 0;
}

/* A key with its secret's pages; NULL when it cannot be made. */
static struct ss_private *
begin_private(enum ss_algorithm algorithm)
{
	static CRYPTO_ONCE once = CRYPTO_ONCE_STATIC_INIT;
	struct ss_private *private;
	void *pages;

	if (CRYPTO_THREAD_run_once(&once, begin_heap) != 1) {
		ss_crypto_fail("private key");
		return NULL;
	}
	if ((private = calloc(1, sizeof(*private))) == NULL) {
		ss_fail(SS_EMEMORY, "out of memory");
		return NULL;
	}
	private->algorithm = algorithm;
	if (ss_secret_new(&pages, sizeof(*private->secret)) != 0) {
		free(private);
		return NULL;
	}
	private->secret = pages;
	return private;
}

/* All else, from the scalar. */
static int
finish_private(struct ss_private *private)
{
	const uint16_t one = 1;
	const bool little = *(const uint8_t *)&one == 1;
	struct ss_private_secret *s = private->secret;
	size_t i;
	int r;

	for (i = 0; i < SS_SCALAR_LEN; i++)
		s->native[i] = s->scalar[little ? SS_SCALAR_LEN - 1 - i : i];
	if ((r = find_point(private)) == 0)
		r = ss_sign_key(&private->key, private->algorithm,
		    private->point, s->native);
	ss_wipe(s->native, sizeof(s->native));
	ss_private_wipe_stack();
	return r;
}

int
ss_private_of(struct ss_private **out, enum ss_algorithm algorithm,
    const uint8_t scalar[SS_SCALAR_LEN])
{
	struct ss_private *private;
	int r;

	*out = NULL;
	if (!is_scalar(algorithm, scalar))
		return ss_fail(SS_EINVALID, "a number that is no private key");
	if ((private = begin_private(algorithm)) == NULL)
		return ss_last_code();
	memcpy(private->secret->scalar, scalar, SS_SCALAR_LEN);
	if ((r = finish_private(private)) != 0) {
		ss_private_free(private);
		return r;
	}
	*out = private;
	return 0;
}

int
ss_private_new(struct ss_private **out, enum ss_algorithm algorithm)
{
	struct ss_private *private;
	int r;

	*out = NULL;
	if ((unsigned)algorithm >= SS_ALGORITHMS)
		return ss_fail(SS_EINVALID, "no algorithm for a key");
	if ((private = begin_private(algorithm)) == NULL)
		return ss_last_code();
	do
		r = ss_random(private->secret->scalar, SS_SCALAR_LEN);
	while (r == 0 && !is_scalar(algorithm, private->secret->scalar));
	if (r == 0)
		r = finish_private(private);
	if (r != 0) {
		ss_private_free(private);
		return r;
	}
	*out = private;
	return 0;
}

void
ss_private_free(struct ss_private *private)
{
	if (private == NULL)
		return;
	EVP_PKEY_free(private->key);
	ss_secret_free(private->secret, sizeof(*private->secret));
	free(private);
}

int
ss_private_public(const struct ss_private *private, struct ss_public **out)
{
	return ss_public_of_point(out, private->algorithm, private->point);
}

int
ss_private_sign(const struct ss_private *private, const void *text, size_t len,
    uint8_t sig[SS_SIGNATURE_MAX], size_t *sig_len)
{
	const struct ss_curve *curve = &ss_curves[private->algorithm];
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	OSSL_PARAM params[2], *p = params;
	int r = 0;

	if (private->algorithm == SS_SM2)
		*p++ = OSSL_PARAM_construct_octet_string(
		    OSSL_PKEY_PARAM_DIST_ID, (char *)(uintptr_t)SS_SM2_ID,
		    strlen(SS_SM2_ID));
	*p = OSSL_PARAM_construct_end();
	*sig_len = SS_SIGNATURE_MAX;
	if (ctx == NULL || EVP_DigestSignInit_ex(ctx, NULL, curve->digest,
	    NULL, NULL, private->key, params) != 1 ||
	    EVP_DigestSign(ctx, sig, sig_len, text, len) != 1) {
		*sig_len = 0;
		r = ss_crypto_fail("signing");
	}
	EVP_MD_CTX_free(ctx);
	ss_private_wipe_stack();
	return r;
}

