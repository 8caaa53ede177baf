/* The own of OpenSSL's homes. */
#ifndef SS_BASE_CRYPTO_OWN_H
#define SS_BASE_CRYPTO_OWN_H

#include "base/crypto.h"

/* The one place where OpenSSL's errors become ours: SS_ECRYPTO, "what: its
 * reason". */
int ss_crypto_fail(const char *what);

#endif
