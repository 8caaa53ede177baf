/*
 * Checkpoints: what a register held at a time, signed by an operator, to be
 * kept where nobody of the register can reach it (ss-registry(5),
 * CHECKPOINTS). Later the register must still hold it.
 */
#ifndef SS_DESK_CHECKPOINT_H
#define SS_DESK_CHECKPOINT_H

#include "books/entry.h"
#include "trust/merkle.h"
#include "trust/operators.h"
#include "trust/signer.h"

/* The role without which nobody's checkpoint counts. */
#define SS_CHECKPOINT_ROLE "manager"

struct ss_checkpoint_station {
	char name[SS_STATION_SIZE];
	int64_t events, actions;
	char action_head[SS_SM3_HEX];	/* the last one's digest; "": none */
};

struct ss_checkpoint {
	char time[SS_INSTANT_MAX];
	int64_t applications, events, cards, actions;
	struct ss_checkpoint_station *station;	/* by name */
	size_t count, cap;
	struct ss_hash root;		/* over the heads of all chains */

	/* Of one that was read. */
	const char *path;		/* borrowed */
	struct ss_value *value;
};

void ss_checkpoint_free(struct ss_checkpoint *);

/* Adds a station, zeroed, NULL: SS_EMEMORY; in their order by sort, and then
 * found, NULL: not there. */
struct ss_checkpoint_station *ss_checkpoint_add(struct ss_checkpoint *,
    const char *name);
void ss_checkpoint_sort(struct ss_checkpoint *);
struct ss_checkpoint_station *ss_checkpoint_find(const struct ss_checkpoint *,
    const char *name);

/* Whether somebody may sign one, of this region of six digits or, with NULL,
 * of any: SS_EAUTH. */
int ss_checkpoint_may(const struct ss_trusted *, const char *region);

/* Appends it, signed: a line. */
int ss_checkpoint_write(const struct ss_checkpoint *, struct ss_signer *,
    const struct ss_trusted *self, struct ss_bytes *out);

/* Reads one, whose path is kept: SS_EMISSING, SS_EIO, SS_EINVALID for what is
 * none. */
int ss_checkpoint_read(struct ss_checkpoint *, const char *path);

/* Whether one that was read is that of a known operator who might sign it at
 * that time, and its signature good: SS_EAUTH with the reason. */
int ss_checkpoint_prove(const struct ss_checkpoint *, struct ss_operators *,
    const char *region);

#endif
