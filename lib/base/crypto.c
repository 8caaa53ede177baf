#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/rand.h>

#include <stdlib.h>

#include "base/crypto.h"
#include "base/err.h"
#include "base/text.h"

struct ss_sm3 {
	EVP_MD *md;
	EVP_MD_CTX *ctx;
};

/* The one place where OpenSSL's errors become ours. */
static int
crypto_fail(const char *what)
{
	const char *why = ERR_reason_error_string(ERR_peek_last_error());

	ERR_clear_error();
	return ss_fail(SS_ECRYPTO, "%s: %s", what,
	    why != NULL ? why : "failed");
}

int
ss_sm3_new(struct ss_sm3 **out)
{
	struct ss_sm3 *d;

	*out = NULL;
	if ((d = calloc(1, sizeof(*d))) == NULL)
		return ss_fail(SS_EMEMORY, "out of memory");
	d->md = EVP_MD_fetch(NULL, "SM3", NULL);
	d->ctx = EVP_MD_CTX_new();
	if (d->md == NULL || d->ctx == NULL ||
	    EVP_DigestInit_ex2(d->ctx, d->md, NULL) != 1) {
		ss_sm3_free(d);
		return crypto_fail("SM3");
	}
	*out = d;
	return 0;
}

void
ss_sm3_free(struct ss_sm3 *d)
{
	if (d == NULL)
		return;
	EVP_MD_CTX_free(d->ctx);
	EVP_MD_free(d->md);
	free(d);
}

int
ss_sm3_update(struct ss_sm3 *d, const void *data, size_t len)
{
	if (EVP_DigestUpdate(d->ctx, data, len) != 1)
		return crypto_fail("SM3");
	return 0;
}

int
ss_sm3_final(struct ss_sm3 *d, uint8_t digest[SS_SM3_LEN])
{
	if (EVP_DigestFinal_ex(d->ctx, digest, NULL) != 1 ||
	    EVP_DigestInit_ex2(d->ctx, d->md, NULL) != 1)
		return crypto_fail("SM3");
	return 0;
}

int
ss_sm3_hex(struct ss_sm3 *d, const void *data, size_t len,
    char hex[SS_SM3_HEX])
{
	uint8_t digest[SS_SM3_LEN];
	int r;

	if ((r = ss_sm3_update(d, data, len)) != 0 ||
	    (r = ss_sm3_final(d, digest)) != 0)
		return r;
	ss_hex(digest, sizeof(digest), hex);
	return 0;
}

int
ss_random(void *buf, size_t len)
{
	if (RAND_bytes(buf, (int)len) != 1)
		return crypto_fail("random bytes");
	return 0;
}

static inline uint64_t
rotate(uint64_t x, int n)
{
	return x << n | x >> (64 - n);
}

static inline void
sip_rounds(uint64_t v[4], int n)
{
	while (n-- > 0) {
		v[0] += v[1];
		v[2] += v[3];
		v[1] = rotate(v[1], 13) ^ v[0];
		v[3] = rotate(v[3], 16) ^ v[2];
		v[0] = rotate(v[0], 32) + v[3];
		v[2] += v[1];
		v[1] = rotate(v[1], 17) ^ v[2];
		v[3] = rotate(v[3], 21) ^ v[0];
		v[2] = rotate(v[2], 32);
	}
}

void
ss_hash(const struct ss_hash_key *key, const void *data, size_t len,
    uint64_t out[2])
{
	uint64_t v[4] = {
		key->k[0] ^ UINT64_C(0x736f6d6570736575),
		key->k[1] ^ UINT64_C(0x646f72616e646f6d) ^ 0xee,
		key->k[0] ^ UINT64_C(0x6c7967656e657261),
		key->k[1] ^ UINT64_C(0x7465646279746573),
	};
	const uint8_t *p = data;
	uint64_t m;
	size_t i;

	for (i = 0; i <= len / 8; i++) {
		size_t n = i < len / 8 ? 8 : len % 8;

		m = i < len / 8 ? 0 : (uint64_t)len << 56;
		for (size_t j = 0; j < n; j++)
			m |= (uint64_t)p[8 * i + j] << (8 * j);
		v[3] ^= m;
		sip_rounds(v, 2);
		v[0] ^= m;
	}
	v[2] ^= 0xee;
	sip_rounds(v, 4);
	out[0] = v[0] ^ v[1] ^ v[2] ^ v[3];
	v[1] ^= 0xdd;
	sip_rounds(v, 4);
	out[1] = v[0] ^ v[1] ^ v[2] ^ v[3];
}
