/*
 * The home of OpenSSL: digests and random bytes.
 * SM3 is GB/T 32905-2016.
 */
#ifndef SS_BASE_CRYPTO_H
#define SS_BASE_CRYPTO_H

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
