/*
 * Who works: a name, or the key that proves one. Opens the key of --operator
 * with its passphrase and finds in the trust file whose it is.
 */
#ifndef SS_FRONT_WHO_H
#define SS_FRONT_WHO_H

#include "cli/options.h"
#include "trust/operators.h"
#include "trust/signer.h"

struct ss_who {
	const char *trust;		/* the file's path; NULL: no home */
	struct ss_operators *operators;	/* NULL: not read yet */
	struct ss_signer *signer;	/* NULL: --operator is a name */
	const struct ss_trusted *self;	/* whose key it is, with signer */
};

/*
 * After ss_common_complete. With a key the operator is from here on the name
 * that the trust file has for it, borrowed until who is closed, and all three
 * are set; with a name nothing
 * is, and nothing is opened. SS_EMISSING for no key, no trust file; SS_EAUTH
 * for a wrong passphrase, and for a key that the trust file does not know or
 * that is not valid now. The passphrase is from --operator-fd or the terminal.
 */
int ss_who_open(struct ss_who *, struct ss_command *);
void ss_who_close(struct ss_who *);	/* zeroed is fine */

/* The trust file, read when it is asked for first; borrowed. One thread. The
 * codes of ss_operators_open. */
int ss_who_operators(struct ss_who *, struct ss_operators **out);

/* Makes a key there, under a passphrase that is chosen so. The codes of
 * ss_signer_make and ss_secret_choose. */
int ss_who_make(const struct ss_command *, const char *uri,
    enum ss_algorithm, struct ss_signer **out);

#endif
