/*
 * The home of OpenSSL: digests, block ciphers, sealed text, random bytes.
 * SM3 is GB/T 32905-2016, SM4 GB/T 32907-2016, 3DES NIST SP 800-67, scrypt
 * RFC 7914, AES-256-GCM NIST SP 800-38D.
 */
#ifndef SS_BASE_CRYPTO_H
#define SS_BASE_CRYPTO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SS_SM3_LEN 32
#define SS_SM3_HEX 65	/* 64 lower-case digits and a NUL */

/* A digest in the making; one thread at a time. */
struct ss_sm3;

int ss_sm3_new(struct ss_sm3 **out);	/* SS_ECRYPTO */
void ss_sm3_free(struct ss_sm3 *);
int ss_sm3_update(struct ss_sm3 *, const void *data, size_t len);

/* Ends the digest; the object is ready for the next one. */
int ss_sm3_final(struct ss_sm3 *, uint8_t digest[SS_SM3_LEN]);

/* The same as hexadecimal text, in one call over data that is all there. */
int ss_sm3_hex(struct ss_sm3 *, const void *data, size_t len,
    char hex[SS_SM3_HEX]);

/* SHA-256 (FIPS 180-4), for signatures that a token makes. */
#define SS_SHA256_LEN 32
int ss_sha256(const void *data, size_t len, uint8_t digest[SS_SHA256_LEN]);

/* The two ciphers of cards, both with keys of 16 bytes. */
enum ss_cipher_name {
	SS_3DES,	/* two keys, left and right; equal halves are DES */
	SS_SM4,
};

const char *ss_cipher_word(enum ss_cipher_name);	/* "3des", "sm4" */
bool ss_cipher_find(const char *word, enum ss_cipher_name *out);

#define SS_KEY_LEN 16
#define SS_BLOCK_MAX 16

/* A block cipher with at most one key; one thread at a time. */
struct ss_cipher;

int ss_cipher_new(struct ss_cipher **out, enum ss_cipher_name);
void ss_cipher_free(struct ss_cipher *);	/* the key is wiped */

/* 8 bytes for 3DES, 16 for SM4. */
size_t ss_cipher_block(const struct ss_cipher *);

/* The key for what follows; the one before it is wiped, on failure too.
 * Parity bits are not looked at. */
int ss_cipher_set_key(struct ss_cipher *, const uint8_t key[SS_KEY_LEN]);

/* Wipes the key. Until the next one is set all below is SS_ECRYPTO. */
void ss_cipher_forget(struct ss_cipher *);

/*
 * Whole blocks, each on its own (ECB), without padding; out has room for len
 * bytes and may be in. SS_EINVALID when len is no multiple of the block.
 */
int ss_cipher_ecb(struct ss_cipher *, const void *in, size_t len, void *out);
int ss_cipher_ecb_decrypt(struct ss_cipher *, const void *in, size_t len,
    void *out);

/*
 * The last block of CBC over whole blocks (ISO/IEC 9797-1, algorithm 1). iv is
 * a block, NULL for zeros; mac has room for one. SS_EINVALID as above, and
 * for no data.
 */
int ss_cipher_cbc_mac(struct ss_cipher *, const uint8_t *iv, const void *data,
    size_t len, uint8_t *mac);

/*
 * A key from a passphrase. n is a power of two from 2 on; the memory that it
 * takes is 128 * (n + p) * r bytes, the time n * r * p. SS_EINVALID for a cost
 * that is none or more than SS_SCRYPT_MEMORY_MAX or SS_SCRYPT_WORK_MAX: it may
 * come from a file.
 */
#define SS_SCRYPT_MEMORY_MAX (UINT64_C(1) << 30)
#define SS_SCRYPT_WORK_MAX (UINT64_C(1) << 25)
#define SS_AEAD_KEY_LEN 32

struct ss_scrypt_cost {
	int64_t n, r, p;
};

int ss_scrypt_check(const struct ss_scrypt_cost *);
int ss_scrypt(const struct ss_scrypt_cost *, const char *passphrase,
    const void *salt, size_t salt_len, uint8_t key[SS_AEAD_KEY_LEN]);

/*
 * Sealed text, AES-256-GCM: encrypted, and bound to a header that stays
 * readable. A key seals once with a nonce. out has room for len bytes of text
 * and SS_AEAD_TAG_LEN. Opening gives SS_EAUTH, and zeros, when anything at all
 * is not what was sealed.
 */
#define SS_AEAD_NONCE_LEN 12
#define SS_AEAD_TAG_LEN 16

struct ss_aead {
	uint8_t key[SS_AEAD_KEY_LEN];
	uint8_t nonce[SS_AEAD_NONCE_LEN];
	const void *header;
	size_t header_len;
};

int ss_aead_seal(const struct ss_aead *, const void *text, size_t len,
    uint8_t *out);
int ss_aead_open(const struct ss_aead *, const uint8_t *sealed, size_t len,
    void *text);

/*
 * Memory for secrets, zeros at first: it is not swapped out, as far as the
 * limits of the process allow, nor in a core file, and is wiped when it is
 * freed. SS_EMEMORY.
 */
int ss_secret_new(void **out, size_t size);
void ss_secret_free(void *, size_t size);

/* Whether len bytes are equal, in a time that says nothing of them. */
bool ss_equal(const void *a, const void *b, size_t len);

/* Zeros that no compiler leaves out. */
void ss_wipe(void *buf, size_t len);

int ss_random(void *buf, size_t len);	/* SS_ECRYPTO */

/*
 * Keyed short hash for tables that hold what others chose (SipHash-2-4,
 * 128 bits). The key comes from ss_random, once a table.
 */
struct ss_hash_key {
	uint64_t k[2];
};

void ss_hash(const struct ss_hash_key *, const void *data, size_t len,
    uint64_t out[2]);

#endif
