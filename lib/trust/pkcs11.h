/*
 * Tokens by PKCS#11 2.40: URIs (RFC 7512), a module that is loaded at run
 * time, one session, and the objects and mechanisms that keys need. Only
 * pkcs11.c knows p11-kit's header.
 *
 * Codes beside those that are named: SS_EBLOCKED a locked PIN, SS_EAUTH a
 * wrong one, SS_EMISSING no such module, token or object, SS_EINVALID what the
 * token cannot do, SS_ECRYPTO that it failed, SS_EMEMORY.
 */
#ifndef SS_TRUST_PKCS11_H
#define SS_TRUST_PKCS11_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/crypto.h"
#include "trust/keystore.h"

#define SS_P11_LABEL_MAX 256	/* bytes of an object's label, with its NUL */
#define SS_P11_ID_MAX 64
#define SS_P11_PATH_MAX 1024

/* What a URI says, decoded; "" and 0 where it says nothing. */
struct ss_p11_uri {
	char token[33], manufacturer[33], model[17], serial[17];
	char slot_description[65], slot_manufacturer[33];
	char slot_id[21];	/* decimal */
	char object[SS_P11_LABEL_MAX];
	char type[16];		/* one of RFC 7512 */
	uint8_t id[SS_P11_ID_MAX];
	size_t id_len;
	char module_path[SS_P11_PATH_MAX], module_name[SS_P11_PATH_MAX];
	char pin_source[SS_P11_PATH_MAX];	/* of file:PATH the path */
};

/* text is what follows "pkcs11:". SS_EINVALID names the attribute, but never
 * the value of pin-value, which is refused. */
int ss_p11_uri_read(struct ss_p11_uri *, const char *text);

/* SS_EINVALID, naming it, where an object is given. */
int ss_p11_uri_is_token(const struct ss_p11_uri *);

/* A token, logged in to where it wants that. One thread at a time. */
struct ss_token;

struct ss_token_open {
	const struct ss_p11_uri *uri;
	bool change;		/* objects are made and destroyed */
	const struct ss_passphrase *ask;	/* for the PIN */
	char *pin;		/* SS_PASSPHRASE_MAX, on pages of their own;
				 * it stays there: "" where none was asked */
};

/*
 * SS_EINVALID when several tokens are meant, SS_EMISSING when none is; both
 * say which there are. Nothing is asked before that is known, nor when the
 * PIN is locked.
 */
int ss_token_open(struct ss_token **out, const struct ss_token_open *);
void ss_token_close(struct ss_token *);		/* logged out; NULL is 0 */

/* What it says of itself, for sentences. */
const char *ss_token_name(const struct ss_token *);

enum ss_token_skill {
	SS_TOKEN_3DES,		/* derives and encrypts with such keys */
	SS_TOKEN_P256,		/* signs with such keys, and makes them */
};

bool ss_token_can(const struct ss_token *, enum ss_token_skill);

/* The user's PIN; at once and durable. */
int ss_token_set_pin(struct ss_token *, const char *old, const char *fresh);

/* Secret keys, which are known by a handle as long as the token is open. */
typedef unsigned long ss_handle;

enum ss_secret_kind {
	SS_SECRET_3DES,		/* two keys, or three of which the last is the
				 * first; it is derived from */
	SS_SECRET_VALUE,	/* bytes that can be read */
	SS_SECRET_OTHER,
};

struct ss_secret_object {
	ss_handle handle;
	enum ss_secret_kind kind;
	char label[SS_P11_LABEL_MAX];	/* "" for one that is no text */
	uint8_t id[SS_P11_ID_MAX];
	size_t id_len;
};

/* Each of the token's secret keys that are private, while each returns 0. */
int ss_token_secrets(struct ss_token *,
    int (*each)(const struct ss_secret_object *, void *ctx), void *ctx);

/* Makes one of 16 bytes, durable, by kind, label and id: private, sensitive,
 * not to be changed; what is derived from cannot be extracted. */
int ss_token_put(struct ss_token *, struct ss_secret_object *,
    const uint8_t value[SS_KEY_LEN]);
int ss_token_destroy(struct ss_token *, ss_handle);

/* The bytes of a SS_SECRET_VALUE, which are 16. */
int ss_token_value(struct ss_token *, ss_handle, uint8_t value[SS_KEY_LEN]);

/* 3DES: a key of the session, E(in); it cannot be extracted. */
int ss_token_derive(struct ss_token *, ss_handle, const uint8_t in[SS_KEY_LEN],
    ss_handle *made);

/* Whole blocks of 8 bytes, at most SS_TOKEN_DATA_MAX: ECB where iv is NULL,
 * else CBC. out may be in. */
#define SS_TOKEN_DATA_MAX 512
int ss_token_encrypt(struct ss_token *, ss_handle, const uint8_t *iv,
    const void *in, size_t len, void *out);

/* A P-256 key pair. */
struct ss_token_pair {
	ss_handle private;
	uint8_t point[65];	/* 04, x, y */
};

/* By the object and the id of a URI: SS_EMISSING, SS_EINVALID for several, for
 * one without its public key and for keys of another kind. */
int ss_token_pair_find(struct ss_token *, const struct ss_p11_uri *,
    struct ss_token_pair *);

/* Made in the token, durable, never to leave it; for signatures alone. */
int ss_token_pair_make(struct ss_token *, const char *label,
    const uint8_t *id, size_t id_len, struct ss_token_pair *);

/* r and s of a digest of 32 bytes. */
int ss_token_sign(struct ss_token *, ss_handle, const uint8_t digest[32],
    uint8_t raw[64]);

#endif
