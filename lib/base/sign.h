/*
 * Signatures with OpenSSL: SM2 with SM3 (GB/T 32918.2-2016, the user id of
 * GM/T 0009-2012, "1234567812345678"), and ECDSA on P-256 with SHA-256
 * (FIPS 186-5). A signature is the DER SEQUENCE of r and s. Public keys are
 * SubjectPublicKeyInfo (RFC 5480, GM/T 0015), private ones encrypted PKCS#8
 * (RFC 5958, PBES2 with scrypt and AES-256-CBC) in PEM.
 */
#ifndef SS_BASE_SIGN_H
#define SS_BASE_SIGN_H

#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"
#include "base/crypto.h"

enum ss_algorithm {
	SS_SM2,
	SS_P256,
	SS_ALGORITHMS,
};

#define SS_SIGNATURE_MAX 80	/* bytes of DER */
#define SS_SPKI_MAX 128		/* bytes of DER */
#define SS_POINT_LEN 65		/* 04, x, y */

const char *ss_algorithm_word(enum ss_algorithm);	/* "sm2", "p256" */
/* SS_ALGORITHMS for a word that is none. */
enum ss_algorithm ss_algorithm_find(const char *word);

/* A public key; any thread. */
struct ss_public;

/* The whole of the bytes is one key on one of the two curves, else
 * SS_EINVALID; SS_EMEMORY, SS_ECRYPTO. */
int ss_public_read(struct ss_public **out, const uint8_t *spki, size_t len);
/* The same from the point alone, as a token has it. */
int ss_public_of_point(struct ss_public **out, enum ss_algorithm,
    const uint8_t point[SS_POINT_LEN]);
/* Of which algorithm it is, at no cost: all of it is looked at but for whether
 * the point is on the curve. SS_EINVALID. */
int ss_public_look(const uint8_t *spki, size_t len, enum ss_algorithm *);

void ss_public_free(struct ss_public *);
enum ss_algorithm ss_public_algorithm(const struct ss_public *);

/* The encoding, always the same of a key (named curve, whole point); len
 * bytes. */
int ss_public_write(const struct ss_public *, uint8_t spki[SS_SPKI_MAX],
    size_t *len);

/* SS_EAUTH unless sig is the key's signature of the text. */
int ss_public_check(const struct ss_public *, const void *text, size_t len,
    const uint8_t *sig, size_t sig_len);

/* A private key, in memory of its own kind (OpenSSL's secure heap); one
 * thread at a time. */
struct ss_private;

int ss_private_new(struct ss_private **out, enum ss_algorithm);
void ss_private_free(struct ss_private *);	/* wiped */
int ss_private_public(const struct ss_private *, struct ss_public **out);

/* PEM, "BEGIN ENCRYPTED PRIVATE KEY". SS_EAUTH for another passphrase,
 * SS_EINVALID for what is no such key, one that is not encrypted too. */
int ss_private_read(struct ss_private **out, const char *pem, size_t len,
    const char *passphrase);
/* SS_EINVALID for what ss_private_read would not take with any passphrase. */
int ss_private_look(const char *pem, size_t len);
int ss_private_write(const struct ss_private *, const char *passphrase,
    struct ss_bytes *pem);

int ss_private_sign(const struct ss_private *, const void *text, size_t len,
    uint8_t sig[SS_SIGNATURE_MAX], size_t *sig_len);

#endif
