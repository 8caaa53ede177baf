#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/rand.h>

#include <sys/mman.h>

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "base/crypto_own.h"
#include "base/err.h"
#include "base/text.h"

struct ss_sm3 {
	EVP_MD *md;
	EVP_MD_CTX *ctx;
};

/* Encryption and decryption are two directions of one key. */
struct ss_cipher {
	EVP_CIPHER *algorithm;
	EVP_CIPHER_CTX *encrypt, *decrypt;
	size_t block;
	bool keyed;
};

int
ss_crypto_fail(const char *what)
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
		return ss_crypto_fail("SM3");
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
		return ss_crypto_fail("SM3");
	return 0;
}

int
ss_sm3_final(struct ss_sm3 *d, uint8_t digest[SS_SM3_LEN])
{
	if (EVP_DigestFinal_ex(d->ctx, digest, NULL) != 1 ||
	    EVP_DigestInit_ex2(d->ctx, d->md, NULL) != 1)
		return ss_crypto_fail("SM3");
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
ss_sha256(const void *data, size_t len, uint8_t digest[SS_SHA256_LEN])
{
	memset(digest, 0, SS_SHA256_LEN);
	return EVP_Digest(data, len, digest, NULL, EVP_sha256(), NULL) == 1 ?
	    0 : ss_crypto_fail("SHA-256");
}

const char *
ss_cipher_word(enum ss_cipher_name name)
{
	return name == SS_SM4 ? "sm4" : "3des";
}

bool
ss_cipher_find(const char *word, enum ss_cipher_name *out)
{
	bool sm4 = strcmp(word, "sm4") == 0;

	*out = sm4 ? SS_SM4 : SS_3DES;
	return sm4 || strcmp(word, "3des") == 0;
}

/*
 * Single DES is in the legacy provider alone; two-key 3DES with equal halves
 * gives the same bytes and is in the default one.
 */
int
ss_cipher_new(struct ss_cipher **out, enum ss_cipher_name name)
{
	struct ss_cipher *c;

	*out = NULL;
	if ((c = calloc(1, sizeof(*c))) == NULL)
		return ss_fail(SS_EMEMORY, "out of memory");
	c->algorithm = EVP_CIPHER_fetch(NULL,
	    name == SS_SM4 ? "SM4-ECB" : "DES-EDE", NULL);
	c->encrypt = EVP_CIPHER_CTX_new();
	c->decrypt = EVP_CIPHER_CTX_new();
	if (c->algorithm == NULL || c->encrypt == NULL || c->decrypt == NULL) {
		ss_cipher_free(c);
		return ss_crypto_fail(name == SS_SM4 ? "SM4" : "3DES");
	}
	c->block = (size_t)EVP_CIPHER_get_block_size(c->algorithm);
	*out = c;
	return 0;
}

void
ss_cipher_free(struct ss_cipher *c)
{
	if (c == NULL)
		return;
	EVP_CIPHER_CTX_free(c->encrypt);
	EVP_CIPHER_CTX_free(c->decrypt);
	EVP_CIPHER_free(c->algorithm);
	free(c);
}

size_t
ss_cipher_block(const struct ss_cipher *c)
{
	return c->block;
}

int
ss_cipher_set_key(struct ss_cipher *c, const uint8_t key[SS_KEY_LEN])
{
	ss_cipher_forget(c);
	if (EVP_EncryptInit_ex2(c->encrypt, c->algorithm, key, NULL,
	    NULL) != 1 || EVP_DecryptInit_ex2(c->decrypt, c->algorithm, key,
	    NULL, NULL) != 1 ||
	    EVP_CIPHER_CTX_set_padding(c->encrypt, 0) != 1 ||
	    EVP_CIPHER_CTX_set_padding(c->decrypt, 0) != 1) {
		ss_cipher_forget(c);
		return ss_crypto_fail("key");
	}
	c->keyed = true;
	return 0;
}

/* A reset frees the key's schedule, which the provider wipes. */
void
ss_cipher_forget(struct ss_cipher *c)
{
	EVP_CIPHER_CTX_reset(c->encrypt);
	EVP_CIPHER_CTX_reset(c->decrypt);
	c->keyed = false;
}

static int
check_blocks(const struct ss_cipher *c, size_t len)
{
	if (!c->keyed)
		return ss_fail(SS_ECRYPTO, "no key is set");
	if (len % c->block != 0 || len > INT_MAX)
		return ss_fail(SS_EINVALID, "%zu bytes are no whole blocks",
		    len);
	return 0;
}

/* Without padding an update gives every whole block at once. */
static int
update(EVP_CIPHER_CTX *ctx, const void *in, size_t len, void *out)
{
	int n = 0;

	if (len > 0 && (EVP_CipherUpdate(ctx, out, &n, in, (int)len) != 1 ||
	    n != (int)len))
		return ss_crypto_fail("block cipher");
	return 0;
}

int
ss_cipher_ecb(struct ss_cipher *c, const void *in, size_t len, void *out)
{
	int r = check_blocks(c, len);

	return r != 0 ? r : update(c->encrypt, in, len, out);
}

int
ss_cipher_ecb_decrypt(struct ss_cipher *c, const void *in, size_t len,
    void *out)
{
	int r = check_blocks(c, len);

	return r != 0 ? r : update(c->decrypt, in, len, out);
}

int
ss_cipher_cbc_mac(struct ss_cipher *c, const uint8_t *iv, const void *data,
    size_t len, uint8_t *mac)
{
	uint8_t state[SS_BLOCK_MAX] = { 0 };
	const uint8_t *p = data;
	size_t i, j;
	int r;

	if ((r = check_blocks(c, len)) != 0)
		return r;
	if (len == 0)
		return ss_fail(SS_EINVALID, "no data for a MAC");
	if (iv != NULL)
		memcpy(state, iv, c->block);
	for (i = 0; i < len; i += c->block) {
		for (j = 0; j < c->block; j++)
			state[j] ^= p[i + j];
		if ((r = update(c->encrypt, state, c->block, state)) != 0)
			goto out;
	}
	memcpy(mac, state, c->block);
out:
	ss_wipe(state, sizeof(state));
	return r;
}

/* Divisions, since the products of hostile numbers wrap around. */
int
ss_scrypt_check(const struct ss_scrypt_cost *c)
{
	const int64_t most = SS_SCRYPT_WORK_MAX;

	if (c->n < 2 || c->n > most || (c->n & (c->n - 1)) != 0 || c->r < 1 ||
	    c->r > most / c->n || c->p < 1 || c->p > most / c->n / c->r ||
	    (c->n + c->p) * c->r > (int64_t)(SS_SCRYPT_MEMORY_MAX / 128))
		return ss_fail(SS_EINVALID, "a cost of scrypt that is none, or "
		    "too much");
	return 0;
}

int
ss_scrypt(const struct ss_scrypt_cost *c, const char *passphrase,
    const void *salt, size_t salt_len, uint8_t key[SS_AEAD_KEY_LEN])
{
	int r;

	if ((r = ss_scrypt_check(c)) != 0)
		return r;
	/* Some blocks beside the table, for which OpenSSL asks too. */
	if (EVP_PBE_scrypt(passphrase, strlen(passphrase), salt, salt_len,
	    (uint64_t)c->n, (uint64_t)c->r, (uint64_t)c->p,
	    UINT64_C(128) * (uint64_t)(c->n + c->p + 2) * (uint64_t)c->r,
	    key, SS_AEAD_KEY_LEN) == 1)
		return 0;
	ss_wipe(key, SS_AEAD_KEY_LEN);
	return ss_crypto_fail("scrypt");
}

/* Begins either direction, header first; NULL when that cannot be done. */
static EVP_CIPHER_CTX *
begin_seal(const struct ss_aead *s, bool encrypt)
{
	EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
	int n;

	if (ctx != NULL && s->header_len <= INT_MAX &&
	    EVP_CipherInit_ex2(ctx, EVP_aes_256_gcm(), s->key, s->nonce,
	    encrypt, NULL) == 1 && EVP_CipherUpdate(ctx, NULL, &n, s->header,
	    (int)s->header_len) == 1)
		return ctx;
	EVP_CIPHER_CTX_free(ctx);
	return NULL;
}

int
ss_aead_seal(const struct ss_aead *s, const void *text, size_t len,
    uint8_t *out)
{
	EVP_CIPHER_CTX *ctx = begin_seal(s, true);
	int n = 0, rest = 0, r = 0;

	if (ctx == NULL || len > INT_MAX ||
	    EVP_CipherUpdate(ctx, out, &n, text, (int)len) != 1 ||
	    EVP_CipherFinal_ex(ctx, out + n, &rest) != 1 ||
	    EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_AEAD_GET_TAG, SS_AEAD_TAG_LEN,
	    out + len) != 1)
		r = ss_crypto_fail("sealing");
	EVP_CIPHER_CTX_free(ctx);
	return r;
}

int
ss_aead_open(const struct ss_aead *s, const uint8_t *sealed, size_t len,
    void *text)
{
	uint8_t tag[SS_AEAD_TAG_LEN], *out = text;
	EVP_CIPHER_CTX *ctx = NULL;
	int n = 0, rest = 0, r = 0;

	if (len < SS_AEAD_TAG_LEN || len > INT_MAX)
		return ss_fail(SS_EAUTH, "what was sealed is cut");
	len -= SS_AEAD_TAG_LEN;
	memcpy(tag, sealed + len, sizeof(tag));
	if ((ctx = begin_seal(s, false)) == NULL ||
	    EVP_CipherUpdate(ctx, out, &n, sealed, (int)len) != 1 ||
	    EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_AEAD_SET_TAG, sizeof(tag),
	    tag) != 1)
		r = ss_crypto_fail("opening what was sealed");
	else if (EVP_CipherFinal_ex(ctx, out + n, &rest) != 1)
		r = ss_fail(SS_EAUTH, "not what was sealed");
	if (r != 0)
		ss_wipe(text, len);
	ERR_clear_error();
	EVP_CIPHER_CTX_free(ctx);
	return r;
}

int
ss_secret_new(void **out, size_t size)
{
	void *p;

	*out = NULL;
	p = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE |
	    MAP_ANONYMOUS, -1, 0);
	if (p == MAP_FAILED)
		return ss_fail(SS_EMEMORY, "out of memory");
	/* Without the right to lock pages there is no more to be done. */
	(void)mlock(p, size);
	(void)madvise(p, size, MADV_DONTDUMP);
	*out = p;
	return 0;
}

void
ss_secret_free(void *p, size_t size)
{
	if (p == NULL)
		return;
	ss_wipe(p, size);
	munmap(p, size);
}

bool
ss_equal(const void *a, const void *b, size_t len)
{
	return CRYPTO_memcmp(a, b, len) == 0;
}

void
ss_wipe(void *buf, size_t len)
{
	explicit_bzero(buf, len);
}

int
ss_random(void *buf, size_t len)
{
	if (RAND_bytes(buf, (int)len) != 1)
		return ss_crypto_fail("random bytes");
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
