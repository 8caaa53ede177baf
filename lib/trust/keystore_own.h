/*
 * The stores' own: what a kind of store does. What every kind shares, the
 * choice of a key and the checks of what was given, is in keystore.c.
 */
#ifndef SS_TRUST_KEYSTORE_OWN_H
#define SS_TRUST_KEYSTORE_OWN_H

#include <pthread.h>

#include "trust/keystore.h"

/* A call of one of the operations, its master key being found. */
struct ss_key_call {
	const struct ss_card_of *card;
	size_t master;		/* its place in masters */
	const uint8_t *factor;	/* SS_FACTOR_LEN */
};

struct ss_keystore_kind {
	const char *prefix;	/* "file:" */
	const char *secret;	/* what opens it */
	bool makes;		/* one that is not there */
	/* rest is the URI behind the prefix. With edit it may be changed, and
	 * made where made is not NULL; a kind that cannot says SS_EINVALID. */
	int (*open)(struct ss_keystore *, const char *rest,
	    const struct ss_passphrase *, bool edit, bool *made);
	void (*close)(struct ss_keystore *);
	int (*auth)(struct ss_keystore *, const struct ss_key_call *,
	    const uint8_t original[SS_FACTOR_LEN], uint8_t auth[SS_AUTH_LEN]);
	int (*order)(struct ss_keystore *, const struct ss_key_call *,
	    enum ss_order, const char *pin, struct ss_secured *out);
	int (*kcv)(struct ss_keystore *, size_t i, uint8_t kcv[SS_KCV_LEN]);

	/* All NULL where a store is changed by other means. */
	int (*put)(struct ss_keystore *, size_t i, const struct ss_master *,
	    const uint8_t value[SS_KEY_LEN]);	/* i is count: a new one */
	int (*rekey)(struct ss_keystore *, const struct ss_passphrase *);
	int (*cost)(struct ss_keystore *, int log2n);
	int (*save)(struct ss_keystore *);
};

struct ss_keystore {
	const struct ss_keystore_kind *kind;
	const struct ss_master *masters;	/* the kind's */
	size_t count;
	bool edit;
	pthread_mutex_t lock;	/* one operation at a time */
	struct ss_vault *vault;	/* of a kind that has one, in its own */
	void *own;		/* the kind's */
};

/* Keys in memory of our own: all that is secret, on pages of its own. */
#define SS_MASTERS_MAX 2048

struct ss_vault_pages {
	struct ss_master masters[SS_MASTERS_MAX];
	uint8_t values[SS_MASTERS_MAX][SS_KEY_LEN];
	char passphrase[SS_PASSPHRASE_MAX];	/* "" but for an edit */
	struct {		/* the last card, so that a session of three
				 * steps goes down to its keys once */
		char city[7];
		int version;
		uint8_t f[SS_FACTOR_LEN];
		bool known[SS_KEYS];
		uint8_t key[SS_KEYS][SS_KEY_LEN];
	} card;
};

/* With keys that are elsewhere beside those in memory: their values are what
 * engine knows them by. All zeros where there are none. */
struct ss_vault_engine {
	const struct ss_calc_engine *engine;
	void (*forget)(void *ctx);	/* all that was made in it */
	void *ctx;
};

struct ss_vault {
	struct ss_vault_pages *pages;
	struct ss_calc *calc;		/* by rules; NULL at first */
	struct ss_arithmetic rules;
	enum ss_where where;		/* it computes */
	struct ss_vault_engine elsewhere;
};

int ss_vault_open(struct ss_vault *);
void ss_vault_close(struct ss_vault *);
void ss_vault_forget(struct ss_vault *);	/* the last card */
/* The operations of a kind that has set vault. */
int ss_vault_auth(struct ss_keystore *, const struct ss_key_call *,
    const uint8_t original[SS_FACTOR_LEN], uint8_t auth[SS_AUTH_LEN]);
int ss_vault_order(struct ss_keystore *, const struct ss_key_call *,
    enum ss_order, const char *pin, struct ss_secured *out);
int ss_vault_kcv(struct ss_keystore *, size_t i, uint8_t kcv[SS_KCV_LEN]);

extern const struct ss_keystore_kind ss_keystore_file, ss_keystore_pkcs11,
    ss_keystore_exec;

#endif
