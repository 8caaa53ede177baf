/*
 * Master keys, and the four operations that are done with them. None returns
 * a key: they are the steps which LD/T 33 leaves to an HSM.
 *
 * A store is chosen by the prefix of its URI: file:PATH, pkcs11:TOKEN,
 * exec:COMMAND
 * (ss-keys(5)).
 */
#ifndef SS_TRUST_KEYSTORE_H
#define SS_TRUST_KEYSTORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "chip/profile.h"

#define SS_PASSPHRASE_MAX 1024	/* bytes, with its NUL */

struct ss_keystore;

/* Asks for the passphrase of a store, when it is needed: as text with a NUL
 * into room of the store's, which it wipes. 0 or a code. */
struct ss_passphrase {
	int (*ask)(char out[SS_PASSPHRASE_MAX], void *ctx);
	void *ctx;
};

/* SS_EINVALID for a URI that names no kind of store, SS_EMISSING when it is
 * not there, SS_EAUTH for a wrong passphrase or PIN or a store that was
 * altered, SS_EBLOCKED for a locked PIN, SS_EIO, SS_ECRYPTO, SS_EMEMORY. The
 * operations are for any thread; opening, closing and changing for one. */
int ss_keystore_open(struct ss_keystore **out, const char *uri,
    const struct ss_passphrase *);
void ss_keystore_close(struct ss_keystore *);	/* keys are wiped; NULL is 0 */

/* Where a key is when it is computed with. */
enum ss_where {
	SS_IN_MEMORY,		/* of this process, on locked pages */
	SS_IN_TOKEN,		/* which it never leaves */
	SS_IN_HELPER,		/* behind a helper, wherever that has it */
	SS_WHERES
};

const char *ss_where_word(enum ss_where);	/* "memory", "token" */

/* A master key, as the store has it. */
struct ss_master {
	char region[7];		/* "000000" the ministry's, "220000" a
				 * province's, "220100" a city's */
	enum ss_card_key key;
	int version;		/* 1 to 255 */
	enum ss_cipher_name cipher;
	bool test;		/* one of a test set: everybody knows it */
	enum ss_where where;	/* the store's to say */
};

size_t ss_keystore_count(const struct ss_keystore *);
const struct ss_master *ss_keystore_at(const struct ss_keystore *, size_t);

/* Which key of which card is worked with. */
struct ss_card_of {
	const struct ss_arithmetic *arithmetic;
	const char *city;	/* six digits, of ss_profile_city */
	const uint8_t *historical;	/* SS_HISTORICAL_LEN */
	int version;		/* of the keys; 0: the highest there is */
	bool real;		/* test keys are refused */
};

/*
 * The master key from which a card's key is made: the city's own, else its
 * province's, else the ministry's, of the cipher; of several versions at that
 * level the highest, unless one is asked for. SS_EMISSING, naming the key, the
 * city, the cipher, the version and the cure; SS_EPOLICY for a test key where
 * those are refused. Borrowed until the store changes.
 */
int ss_keystore_find(const struct ss_keystore *, const struct ss_card_of *,
    enum ss_card_key, const struct ss_master **out);

/*
 * The four operations; each finds its key so and diversifies it down to the
 * card. SS_EMISSING, SS_EINVALID, SS_ECRYPTO, and of a helper SS_EPOLICY for
 * what it may not do, SS_EIO when it is gone; then their output is zeros.
 */
int ss_keystore_auth(struct ss_keystore *, const struct ss_card_of *,
    enum ss_card_key, const uint8_t factor[SS_FACTOR_LEN],
    const uint8_t original[SS_FACTOR_LEN], uint8_t auth[SS_AUTH_LEN]);

/* The data of an order without a PIN: its MAC (ss_calc_order). */
int ss_keystore_order(struct ss_keystore *, const struct ss_card_of *,
    enum ss_card_key, const uint8_t factor[SS_FACTOR_LEN], enum ss_order,
    struct ss_secured *out);

/* The same of SS_ORDER_RELOAD_PIN with its PIN of 4 to 16 digits. */
int ss_keystore_wrap_pin(struct ss_keystore *, const struct ss_card_of *,
    enum ss_card_key, const uint8_t factor[SS_FACTOR_LEN], const char *pin,
    struct ss_secured *out);

/* The check value of the i-th key. */
int ss_keystore_kcv(struct ss_keystore *, size_t i, uint8_t kcv[SS_KCV_LEN]);

/*
 * Changing a store (ss-key(1)), which only one process does at a time: the
 * others wait until it is closed. Nothing is kept before ss_keystore_save,
 * which is all of the changes or none, durable; a token has each key whole or
 * not at all (ss-keys(5)), and no lock. A store that is not there is
 * made with that passphrase where made is not NULL, and *made set.
 */
int ss_keystore_edit(struct ss_keystore **out, const char *uri,
    const struct ss_passphrase *, bool *made);

/* Whether such a store can be made: a file. A token is made by its own tool. */
bool ss_keystore_makes(const char *uri);

/* What opens such a store, for a prompt: "passphrase", "PIN". */
const char *ss_keystore_secret(const char *uri);
/* SS_EINVALID for a store that is changed by other means. */
int ss_keystore_changes(const struct ss_keystore *);

/* The place of the key with that region, name, version and cipher; count for
 * none. SS_EEXISTS, naming it, from ss_keystore_absent where there is one. */
size_t ss_keystore_place(const struct ss_keystore *, const struct ss_master *);
int ss_keystore_absent(const struct ss_keystore *, const struct ss_master *);

/* SS_EEXISTS for a key that is there, unless it is to be replaced; SS_EINVALID
 * for a version or a region that there is not. */
int ss_keystore_put(struct ss_keystore *, const struct ss_master *,
    const uint8_t value[SS_KEY_LEN], bool replace);

/* The whole test set of a region and a version, all keys for both ciphers. A
 * key of that name that is no test key is SS_EEXISTS. */
int ss_keystore_put_test(struct ss_keystore *, const char *region,
    int version);

/* Another passphrase, or user's PIN of a token, from the next save on. */
int ss_keystore_rekey(struct ss_keystore *, const struct ss_passphrase *);

/* What trying a passphrase costs from the next save on: scrypt's N is
 * 1 << log2n, 10 to 19. A new store has SS_KEYSTORE_COST. */
#define SS_KEYSTORE_COST 17
int ss_keystore_cost(struct ss_keystore *, int log2n);

int ss_keystore_save(struct ss_keystore *);

#endif
