/*
 * A software card: the card's operating system, on a folder that is its
 * memory. It does its own arithmetic from base/crypto's plain ciphers, so that
 * it and its client can disagree; of chip it uses tlv, apdu, status and
 * profile (for files, access and settings) alone, not arithmetic.c.
 *
 * What is written is whole after a kill of the process at any moment (not
 * after a loss of power: nothing is synced). PIN, keys and counters change
 * atomically; the bytes of an EF may be torn by a hook.
 */
#ifndef SS_SOFTCARD_SOFTCARD_H
#define SS_SOFTCARD_SOFTCARD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"
#include "chip/apdu.h"
#include "chip/atr.h"
#include "chip/profile.h"
#include "softcard/link.h"

/* How a blank card leaves its maker. */
struct ss_softcard_setup {
	const struct ss_profile *profile;
	const char *region;	/* six digits: of identifier, ATR and keys */
	uint32_t serial;	/* of identifier and ATR */
	int key_version;	/* of the test keys, 1 to 255 (ss-key(1)); a
				 * version byte that names another is 6A88 */
	uint8_t ta1;		/* of the ATR; 0: it has none */
	bool t1;		/* the ATR offers T=1 and not T=0 */
	uint8_t fill;		/* of its empty files: 00 or FF */
};

/* dir must not be there: SS_EEXISTS, SS_EIO. */
int ss_softcard_create(const char *dir, const struct ss_softcard_setup *);

struct ss_softcard;

/* Held by one process at a time, by flock: SS_EREADER "in use". SS_EMISSING,
 * SS_EIO; SS_ECARD for a folder that is no card or whose profile is gone. The
 * profiles are borrowed. */
int ss_softcard_open(struct ss_softcard **out, const char *dir,
    const struct ss_profiles *);
void ss_softcard_close(struct ss_softcard *);

/* As it left its maker. */
int ss_softcard_reset(struct ss_softcard *);

/* Power and reset: authentication, challenge, selected file are gone. */
void ss_softcard_power(struct ss_softcard *, bool on);
const uint8_t *ss_softcard_atr(const struct ss_softcard *, size_t *len);

/*
 * One command and its response, as the wire has them (T=0: case 4 without Le
 * is answered 61xx). The card may take its time (link), never answer (mute:
 * then this never returns), or have left: then SS_EREADER, and so for all that
 * follows. response has room for SS_RESPONSE_ROOM bytes.
 */
#define SS_RESPONSE_ROOM 65538
int ss_softcard_transmit(struct ss_softcard *, const void *command, size_t len,
    uint8_t *response, size_t *response_len);

/* What a card does when it is asked so (ss-softcard(1), hook). Each happens
 * once and is then forgotten; n counts from the next opening, from 1. */
enum ss_hook {
	SS_HOOK_NONE,
	SS_HOOK_LEAVE,		/* after the n-th command was done, before its
				 * response is on the way */
	SS_HOOK_LEAVE_BEFORE,	/* before the n-th is done */
	SS_HOOK_MUTE,		/* the n-th is done and never answered */
	SS_HOOK_LIE,		/* the n-th is answered with the bytes of lie */
	SS_HOOK_TEAR,		/* half of the n-th write of an EF is done, and
				 * the card leaves */
};

struct ss_softcard_hook {
	enum ss_hook kind;
	uint32_t n;
	uint8_t lie[258];
	size_t lie_len;
};

/* A hook by its word ("leave", "leave-before", "mute", "lie", "tear") and its
 * n; of lie "n=HEX". SS_EINVALID. */
int ss_hook_parse(const char *word, const char *text,
    struct ss_softcard_hook *out);

/* One more, of at most eight that wait; SS_HOOK_NONE: none of them. */
int ss_softcard_set_hook(struct ss_softcard *, const struct ss_softcard_hook *);

/* What the wire and the chip's memory take; zeros: nothing. */
int ss_softcard_set_link(struct ss_softcard *, const struct ss_link *);

/* What is on the card, as text for a tester: state, tries, files. */
int ss_softcard_describe(struct ss_softcard *, struct ss_bytes *json);

/* The same without its files. */
int ss_softcard_summarize(struct ss_softcard *, struct ss_bytes *json);

#endif
