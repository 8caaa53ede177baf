/* The signatures' own: what public and private keys share. */
#ifndef SS_BASE_SIGN_OWN_H
#define SS_BASE_SIGN_OWN_H

#include "base/sign.h"

#define SS_SCALAR_LEN 32
#define SS_SPKI_HEAD 26		/* bytes before the point */

struct ss_curve {
	const char *word;
	const char *type, *group, *digest;	/* as OpenSSL calls them */
	uint8_t head[SS_SPKI_HEAD];	/* of a SubjectPublicKeyInfo */
	uint8_t order[SS_SCALAR_LEN];
};

extern const struct ss_curve ss_curves[SS_ALGORITHMS];

/* The AlgorithmIdentifier in head. */
#define SS_CURVE_ID 2
#define SS_CURVE_ID_LEN 21

struct evp_pkey_st;

/* OpenSSL's key of a point; scalar, in the order of bytes of this machine, or
 * NULL. SS_EINVALID for a point that is not on the curve. */
int ss_sign_key(struct evp_pkey_st **out, enum ss_algorithm,
    const uint8_t point[SS_POINT_LEN], const uint8_t *scalar);

struct ss_private {
	enum ss_algorithm algorithm;
	uint8_t point[SS_POINT_LEN];
	struct evp_pkey_st *key;
	struct ss_private_secret {	/* on pages of its own */
		uint8_t scalar[SS_SCALAR_LEN];
		uint8_t native[SS_SCALAR_LEN];	/* as this machine has them */
	} *secret;
};

/* SS_EINVALID for a number that is no key of the curve. */
int ss_private_of(struct ss_private **out, enum ss_algorithm,
    const uint8_t scalar[SS_SCALAR_LEN]);

/* What is left of a secret on the stack by those who were called. */
void ss_private_wipe_stack(void);

/* The user id of SM2; to be given to OpenSSL's digests of messages. */
#define SS_SM2_ID "1234567812345678"

#endif
