/* A store of test keys in memory, for the tests of what talks to cards. */
#ifndef SS_TESTS_TEST_KEYS_H
#define SS_TESTS_TEST_KEYS_H

#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "trust/keystore_own.h"
#include "trust/test_keys.h"

#define TEST_VERSIONS 2

static struct ss_master test_masters[2 * TEST_VERSIONS * SS_KEYS];
static bool test_keys_wrong;	/* they are those of another city */

static inline int
test_auth(struct ss_keystore *ks, const struct ss_key_call *call,
    const uint8_t original[SS_FACTOR_LEN], uint8_t auth[SS_AUTH_LEN])
{
	const struct ss_master *m = &ks->masters[call->master];
	uint8_t key[SS_KEY_LEN], f[SS_FACTOR_LEN];
	struct ss_calc *calc;
	int r;

	if ((r = ss_calc_new(&calc, call->card->arithmetic)) != 0)
		return r;
	ss_diversifier_card(call->card->historical, f);
	if ((r = ss_test_key(test_keys_wrong ? "650100" : call->card->city,
	    m->key, m->cipher, m->version, key)) == 0 &&
	    (r = ss_calc_diversify(calc, key, f, key)) == 0)
		r = ss_calc_auth(calc, key, call->factor, original, auth);
	ss_calc_free(calc);
	return r;
}

static inline void
test_close(struct ss_keystore *ks)
{
	(void)ks;
}

static const struct ss_keystore_kind test_kind = {
	.prefix = "test:",
	.close = test_close,
	.auth = test_auth,
};

/* All keys of the ministry, in both ciphers and two versions; borrowed. */
static inline struct ss_keystore *
test_keys(void)
{
	static struct ss_keystore ks;
	size_t i, n = sizeof(test_masters) / sizeof(*test_masters);

	for (i = 0; i < n; i++)
		test_masters[i] = (struct ss_master){
			.region = SS_MINISTRY,
			.key = (enum ss_card_key)(i / 2 / TEST_VERSIONS),
			.version = 1 + (int)(i / 2 % TEST_VERSIONS),
			.cipher = i % 2 == 0 ? SS_3DES : SS_SM4,
			.test = true,
		};
	ks = (struct ss_keystore){ .kind = &test_kind,
		.masters = test_masters, .count = n };
	return &ks;
}

#endif
