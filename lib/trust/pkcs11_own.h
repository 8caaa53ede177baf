/* The tokens' own. */
#ifndef SS_TRUST_PKCS11_OWN_H
#define SS_TRUST_PKCS11_OWN_H

#include "chip/arithmetic.h"
#include "trust/pkcs11.h"

struct _CK_FUNCTION_LIST;	/* p11-kit's */

struct ss_token {
	void *module;
	struct _CK_FUNCTION_LIST *f;
	bool begun;		/* the module, by us or by others here */
	bool open;		/* the session */
	unsigned long slot, session, flags;
	char name[80];		/* for sentences */
};

/* The one mapper of what PKCS#11 answers; what was to be done may be "". */
int ss_token_fail(const struct ss_token *, const char *what, unsigned long rv);

/* A key of the session, and what it was derived from and with. */
struct ss_token_made {
	bool used;
	ss_handle handle, parent;
	uint8_t in[SS_KEY_LEN];
};

/* The engine's ctx, zeros but for its token. What it made it destroys when it
 * is dropped or forgotten. A retail MAC under a master key itself is
 * SS_EINVALID: it needs half of it. */
#define SS_TOKEN_MADE_MAX 64	/* at a time */

struct ss_token_engine {
	struct ss_token *token;
	struct ss_token_made made[SS_TOKEN_MADE_MAX];
};

extern const struct ss_calc_engine ss_token_calls;
void ss_token_forget(void *ctx);

/* What it knows a master key by. */
void ss_token_key(ss_handle master, uint8_t key[SS_KEY_LEN]);

#endif
