/*
 * Keys and PINs by what is known of their tries: the register keeps the count
 * that a chip was last seen to have, nothing is tried on the last one, and a
 * key that was refused is not tried again, unless that is forced.
 */
#ifndef SS_DESK_TRIES_H
#define SS_DESK_TRIES_H

#include "books/registry.h"
#include "card/session.h"

struct ss_tries {
	struct ss_registry *registry;
	bool force;
};

/*
 * EXTERNAL AUTHENTICATE with a key, unless it is held, or key is one of
 * SS_ACCESS_...; what the card said of its tries is stored. SS_EAUTH and
 * SS_EBLOCKED also when nothing was sent, which is said.
 */
int ss_tries_use_key(const struct ss_tries *, struct ss_session *, int key);

#endif
