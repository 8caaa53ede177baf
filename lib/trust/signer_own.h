/* The signers' own: what a kind of signer does. */
#ifndef SS_TRUST_SIGNER_OWN_H
#define SS_TRUST_SIGNER_OWN_H

#include <pthread.h>

#include "trust/signer.h"

struct ss_signer_kind {
	const char *prefix;
	/* Both set public; rest is the URI behind the prefix. */
	int (*open)(struct ss_signer *, const char *rest,
	    const struct ss_passphrase *);
	int (*make)(struct ss_signer *, const char *rest, enum ss_algorithm,
	    const struct ss_passphrase *);
	void (*close)(struct ss_signer *);
	int (*sign)(struct ss_signer *, const void *text, size_t len,
	    uint8_t sig[SS_SIGNATURE_MAX], size_t *sig_len);
};

struct ss_signer {
	const struct ss_signer_kind *kind;
	struct ss_public *public;
	char key[SS_SM3_HEX];
	pthread_mutex_t lock;	/* one signature at a time */
	void *own;		/* the kind's */
};

extern const struct ss_signer_kind ss_signer_file, ss_signer_pkcs11;

#endif
