/*
 * Key stores at a command: the one that its options name, its passphrase asked
 * for; and the dialogue in which several people type the components of a key.
 */
#ifndef SS_FRONT_KEYS_H
#define SS_FRONT_KEYS_H

#include "cli/options.h"
#include "cli/secret.h"
#include "trust/components.h"
#include "trust/keystore.h"

/* Opens the store of -k for use, its passphrase from --passphrase-fd or the
 * terminal. The codes of ss_keystore_open and ss_secret_read. */
int ss_keys_open(const struct ss_command *, struct ss_keystore **out);

/*
 * A passphrase that is asked for when it is needed first, and then known until
 * it is wiped: for a store that is opened more than once.
 */
struct ss_asked {
	struct ss_secret_source source;
	bool fresh;		/* a new one, typed twice */
	void *text;		/* NULL: not yet asked for */
};

int ss_asked_now(struct ss_asked *);	/* the codes of ss_secret_read */
void ss_asked_wipe(struct ss_asked *);

/*
 * A store that is looked at and then changed. Looking opens it, so that what
 * is refused is refused before anybody types; changing asks nothing, since
 * others may wait. Where there is none and one may be made, looking leaves ks
 * NULL and asks for a new passphrase.
 */
struct ss_keys {
	const struct ss_command *command;
	struct ss_asked asked;
	char prompt[256];
	struct ss_keystore *ks;
	bool noted;		/* that a token does not compute */
};

void ss_keys_init(struct ss_keys *, const struct ss_command *);
int ss_keys_look(struct ss_keys *, bool make);
int ss_keys_edit(struct ss_keys *, bool make);
int ss_keys_rekey(struct ss_keys *);	/* both, for a new passphrase */
/* Says once of keys in a token that it does not compute with this one. */
void ss_keys_note_where(struct ss_keys *, const struct ss_master *);
void ss_keys_wipe(struct ss_keys *);

/* The key that is to come into being, in words, and where from. */
struct ss_ceremony {
	const char *what;	/* "the sm4 key IRK of version 1 for 220100" */
	long components;	/* how many */
	long fd;		/* one a line; -1: the terminal */
	enum ss_cipher_name cipher;
	const char *kcv;	/* what its check value must be; NULL: any */
};

/*
 * Each component from its holder: at the terminal the screen is cleared before
 * and after, the check value of what was typed is shown, and the holder says
 * whether it is right or types it again. key and kcv are zeros on failure:
 * SS_EINVALID for a component or a key that cannot be, SS_EAUTH for another
 * check value than the one it must have, SS_EIO.
 */
int ss_ceremony_run(const struct ss_ceremony *, uint8_t key[SS_KEY_LEN],
    uint8_t kcv[SS_KCV_LEN]);

#endif
