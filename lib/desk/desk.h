/*
 * What every desk has at hand: who works where, the region's rules, the file
 * store, and for each thread the things that must not be shared.
 */
#ifndef SS_DESK_DESK_H
#define SS_DESK_DESK_H

#include <pthread.h>
#include <stdbool.h>

#include "base/bytes.h"
#include "base/crypto.h"
#include "base/files.h"
#include "books/registry.h"
#include "rules/calendar.h"
#include "rules/form.h"
#include "rules/photo.h"
#include "rules/policy.h"
#include "rules/region.h"
#include "rules/words.h"
#include "trust/operators.h"
#include "trust/seal.h"
#include "trust/signer.h"

#define SS_PHOTO_FILE_MAX (4u << 20)	/* bytes read of a photo */
#define SS_DOCUMENT_FILE_MAX (32u << 20)	/* and of a document */

/* One thread's own, on cache lines of its own. */
struct ss_hand {
	_Alignas(64) struct ss_sm3 *sm3;
	struct ss_form form;
	struct ss_bytes file;	/* the photo or document in work */
	struct ss_bytes scratch, list;
	struct ss_codec *codec;	/* to the card's encoding, ... */
	const char *encoding;	/* ... this one */
};

struct ss_desk {
	const char *region;	/* whose policy holds; NULL: the record's own */
	const char *operator, *station;
	struct ss_signer *signer;	/* the operator's key; NULL: a name */
	const struct ss_trusted *self;	/* whose it is */
	bool dry_run;
	struct ss_words *words;
	struct ss_policies *policies;
	struct ss_regions *regions;
	struct ss_calendar *calendar;
	struct ss_files *files;	/* NULL: none */
	struct ss_registry *registry;	/* NULL: none */
	bool registry_made;	/* it was not there before */
	struct ss_proven *proven;
	struct ss_hand *hands;	/* jobs of them */
	unsigned jobs;

	/* private */
	const char *trust;
	struct ss_operators *operators;	/* NULL: not yet read */
	bool own_operators;
	pthread_mutex_t lock;		/* of them */
};

/* How a desk is to be; the strings are borrowed for its life. */
struct ss_desk_setup {
	const char *data;
	const char *files;	/* NULL: no file store */
	const char *region, *operator, *station;
	const char *trust;	/* the trust file; NULL: none */
	struct ss_operators *operators;	/* the same, read; or NULL */
	struct ss_signer *signer;	/* with self; or NULL */
	const struct ss_trusted *self;
	const char *registry;	/* NULL or "none": none */
	unsigned jobs;
	bool dry_run;
	bool bound;		/* does not work without a register */
	bool looks;		/* makes none that is not there */
};

int ss_desk_open(struct ss_desk *, const struct ss_desk_setup *);
void ss_desk_close(struct ss_desk *);

/* The policy for a record of this region, by -R or its own. */
int ss_desk_policy(struct ss_desk *, const char *region,
    const struct ss_policy **out);

/* The trust file, read at its first use by any thread; borrowed. SS_EAUTH
 * where there is none: nothing can be proven then. */
int ss_desk_operators(struct ss_desk *, struct ss_operators **out);

/* The digits that the codes within the region of -R begin with, those of its
 * counties too; "" without -R. */
int ss_desk_within(const struct ss_desk *, char digits[7]);

/* The codec to an encoding, kept for the next record. */
int ss_hand_codec(struct ss_hand *, const char *encoding,
    struct ss_codec **out);

#endif
