/*
 * What seals prove about a record at a desk: that whoever took its steps might
 * take them, by the trust file and the region's policy (ss-record(5), SEALS).
 */
#ifndef SS_DESK_PROOF_H
#define SS_DESK_PROOF_H

#include "books/life.h"
#include "desk/desk.h"
#include "trust/seal.h"

/* A record on its way from the seals it came with to the next one. */
struct ss_sealing {
	struct ss_seals seals;		/* that it has */
	struct ss_facts facts;		/* what it says */
	bool known;			/* both were read */
	const struct ss_value *before;	/* the array of its seals; NULL */
	struct ss_value *kept;		/* what that stands in, where it is its
					 * own */
	struct ss_draft draft;
	bool drafted;			/* there is an operator's key */
	char signature[4 * ((SS_SIGNATURE_MAX + 2) / 3) + 1];
	const struct ss_merkle *tree;	/* NULL: signed by itself */
	size_t leaf;			/* its place there */
};

/*
 * Everything that the page asks of a record that came in, which is borrowed
 * until its seal is closed. A form that was mended may differ in what the form
 * says. SS_EAUTH with the reason.
 */
int ss_proof_check(struct ss_desk *, struct ss_sealing *, struct ss_sm3 *,
    const struct ss_value *record, bool mended);

/* The same of a record outside of a desk's work, whatever the policy requires:
 * no seals are good ones. */
int ss_proof_of(struct ss_desk *, struct ss_sealing *, struct ss_sm3 *,
    const struct ss_value *record);

/* Reads what a record has, unchecked: it was when it came. */
int ss_sealing_look(struct ss_sealing *, const struct ss_value *record,
    struct ss_sm3 *);

/* Who takes which step with what. */
struct ss_taking {
	enum ss_step step;
	ss_instant now;
	const char *region, *id;	/* of the record as it will be */
};

/* Whether the desk's operator may take this step on a record with these seals,
 * before anything is done that cannot be undone. Codes as below. */
int ss_sealing_may(struct ss_desk *, const struct ss_seals *,
    const struct ss_taking *);

/*
 * The desk's operator may take this step: SS_EAUTH, or SS_EPOLICY for a
 * reviewer who is the clerk. Where the operator has a key, the seal over what
 * the facts are now is drafted.
 */
int ss_sealing_open(struct ss_sealing *, struct ss_desk *, struct ss_sm3 *,
    const struct ss_taking *);

/* One signature for all those that are drafted, n of them, over a tree that
 * is the caller's until they are closed. */
int ss_sealing_sign(struct ss_sealing *const *, size_t n, struct ss_desk *,
    struct ss_merkle *);

/* Of one that was drafted: appends the seals that the record has now, and the
 * whole record in canonical form. */
int ss_sealing_close(struct ss_sealing *, struct ss_bytes *seals,
    struct ss_bytes *canonical);
void ss_sealing_wipe(struct ss_sealing *);

#endif
