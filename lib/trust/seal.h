/*
 * Seals: who brought a record to what it says, provably (ss-record(5),
 * SEALS). A seal covers members by the SM3 of their canonical form and follows
 * the seal before it. What is signed is a Merkle root over such statements, so
 * that one signature serves a group; alone, a seal has an empty path.
 *
 * This is the form alone. Who may take a step, and which seals there must be,
 * is desk/proof's.
 */
#ifndef SS_TRUST_SEAL_H
#define SS_TRUST_SEAL_H

#include "base/record.h"
#include "trust/merkle.h"
#include "trust/operators.h"
#include "trust/signer.h"

#define SS_SEALS_MAX 256	/* of one record */

/* A member of a record in its canonical form; what is pointed to stands in
 * the text of its facts. */
struct ss_fact {
	size_t name, at, len;
	uint8_t sm3[SS_SM3_LEN];
	bool real;		/* holds a number that is no integer */
	bool null;		/* counts as not there; it is only kept */
};

/* All members of a record that may be covered, in the order of their names;
 * one that is null is kept, and is none. */
struct ss_facts {
	struct ss_bytes text;
	struct ss_fact *fact;
	size_t count, cap;
};

/* SS_EMEMORY, SS_ECRYPTO. */
int ss_facts_read(struct ss_facts *, const struct ss_value *record,
    struct ss_sm3 *);
void ss_facts_free(struct ss_facts *);

/* A member is this now, or with NULL is not there any more. */
int ss_facts_set(struct ss_facts *, const char *name, const struct ss_value *,
    struct ss_sm3 *);
const char *ss_fact_name(const struct ss_facts *, const struct ss_fact *);

/* One seal of a record; its text is borrowed from the record's value. */
struct ss_seal {
	const char *step, *operator, *key, *time, *prev;
	const struct ss_value *covers;
	ss_instant when;
	struct ss_hash leaf, root;
	uint8_t signature[SS_SIGNATURE_MAX];
	size_t signature_len;
	const struct ss_trusted *by;	/* set by ss_seal_prove */
};

struct ss_seals {
	struct ss_seal *seal;
	size_t count, cap;
	struct ss_bytes scratch;
	struct ss_merkle_path path;
};

/*
 * The seals of a record, none being none: each of the form, of this record,
 * and following the one before it. SS_EAUTH, naming the seal by its number;
 * SS_EMEMORY, SS_ECRYPTO.
 */
int ss_seals_read(struct ss_seals *, const struct ss_value *record,
    struct ss_sm3 *);
void ss_seals_free(struct ss_seals *);

/* The same of a record that was read so before, for the next seal alone: what
 * each covers, and the leaf hash of the last. */
int ss_seals_follow(struct ss_seals *, const struct ss_value *record,
    struct ss_sm3 *);

/*
 * The members are what the latest seal that covers each says, and what it says
 * is not there is not. SS_EAUTH naming the member. Those that except has (it
 * ends with NULL; may be NULL) are not compared. With whole a member that no
 * seal covers is SS_EAUTH too.
 */
int ss_seals_compare(const struct ss_seals *, const struct ss_facts *,
    const char *const *except, bool whole);

/* Signatures that were found good, so that a group's is checked once. Any
 * thread. */
struct ss_proven;
int ss_proven_new(struct ss_proven **out);
void ss_proven_free(struct ss_proven *);

/* The trust file knows key and operator, the key was valid at that time, and
 * the signature is good; seal->by is set. SS_EAUTH; SS_EMEMORY, SS_ECRYPTO. */
int ss_seal_prove(struct ss_seal *, struct ss_operators *,
    struct ss_proven *);

/* A seal in the making. */
struct ss_draft {
	struct ss_bytes text;	/* its statement, and where path and ... */
	size_t path_at, signature_at;	/* ... signature go into it */
	struct ss_hash leaf;
};

/* Who takes which step when. */
struct ss_act {
	const char *step, *operator, *key, *id;
	ss_instant when;
};

/* What the facts have that the seals so far do not cover, and what is gone.
 * SS_EINVALID for a member with a number that is no integer. */
int ss_draft_make(struct ss_draft *, const struct ss_act *,
    const struct ss_seals *before, const struct ss_facts *, struct ss_sm3 *);
void ss_draft_free(struct ss_draft *);

/* What is signed for a root. */
#define SS_SEAL_TEXT_LEN 46
void ss_seal_text(const struct ss_hash *root,
    uint8_t text[SS_SEAL_TEXT_LEN]);

/* Appends the array of the seals that the record has and the new one, in
 * canonical form. */
int ss_draft_write(const struct ss_draft *, const struct ss_value *before,
    const struct ss_merkle_path *, const char *signature,
    struct ss_bytes *out);

/* Appends the canonical form of the record that the facts and the seals (in
 * that form; empty: none) are, as the register keeps it. */
int ss_facts_write(const struct ss_facts *, const struct ss_bytes *seals,
    struct ss_bytes *out);

#endif
