/*
 * An operator's private key: file:PATH (encrypted PKCS#8), or pkcs11:... in a
 * token (RFC 7512). Any thread may sign; one does at a time.
 */
#ifndef SS_TRUST_SIGNER_H
#define SS_TRUST_SIGNER_H

#include "base/sign.h"
#include "trust/keystore.h"

struct ss_signer;

/* Whether an operator is given by a key: it begins with a kind's prefix. */
bool ss_signer_is(const char *uri);

/* SS_EMISSING, SS_EAUTH for a wrong passphrase or PIN of the token, SS_EINVALID
 * for what is no such key, SS_EIO, SS_ECRYPTO, SS_EMEMORY. */
int ss_signer_open(struct ss_signer **out, const char *uri,
    const struct ss_passphrase *);
void ss_signer_close(struct ss_signer *);

/* Makes a key there: SS_EEXISTS where there is one; SS_EINVALID where the
 * token has not this algorithm. It is durable. */
int ss_signer_make(struct ss_signer **out, const char *uri,
    enum ss_algorithm, const struct ss_passphrase *);

const struct ss_public *ss_signer_public(const struct ss_signer *);
const char *ss_signer_key(const struct ss_signer *);	/* its id */

int ss_signer_sign(struct ss_signer *, const void *text, size_t len,
    uint8_t sig[SS_SIGNATURE_MAX], size_t *sig_len);

#endif
