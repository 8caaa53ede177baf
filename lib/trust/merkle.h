/*
 * Merkle trees over SM3, by RFC 9162 section 2.1: the hash of a leaf is that
 * of 00 and its bytes, of a node that of 01 and its two children's. A last
 * node without a sibling goes up as it is.
 */
#ifndef SS_TRUST_MERKLE_H
#define SS_TRUST_MERKLE_H

#include "base/crypto.h"

#define SS_MERKLE_DEPTH 40

struct ss_hash {
	uint8_t sm3[SS_SM3_LEN];
};

int ss_merkle_leaf(struct ss_sm3 *, const void *text, size_t len,
    struct ss_hash *out);
int ss_merkle_node(struct ss_sm3 *, const struct ss_hash *left,
    const struct ss_hash *right, struct ss_hash *out);

/* The way from a leaf to the root: siblings from below, and on which side. */
struct ss_merkle_path {
	size_t count;
	struct ss_hash sibling[SS_MERKLE_DEPTH];
	bool left[SS_MERKLE_DEPTH];	/* the sibling stands to the left */
};

/* The root to which a path leads from a leaf. */
int ss_merkle_climb(struct ss_sm3 *, const struct ss_hash *leaf,
    const struct ss_merkle_path *, struct ss_hash *root);

/* A tree that is all there: leaves are its first count nodes. */
struct ss_merkle {
	struct ss_hash *node;
	size_t count, cap;
};

/* Builds it over the leaves that the caller has put at node[0..count); room
 * by ss_merkle_room. SS_EINVALID for none. */
int ss_merkle_room(struct ss_merkle *, size_t leaves);
int ss_merkle_build(struct ss_merkle *, struct ss_sm3 *, struct ss_hash *root);
void ss_merkle_path(const struct ss_merkle *, size_t leaf,
    struct ss_merkle_path *out);
void ss_merkle_free(struct ss_merkle *);

/* The root of leaves that come one by one, in memory of the tree's height.
 * Begins zeroed. The root of none is the hash of nothing, SM3(""). */
struct ss_merkle_run {
	uint64_t count;
	struct ss_hash whole[64];	/* of 1 << i leaves, where count has
					 * the bit */
};

int ss_merkle_add(struct ss_merkle_run *, struct ss_sm3 *,
    const struct ss_hash *leaf);
int ss_merkle_root(const struct ss_merkle_run *, struct ss_sm3 *,
    struct ss_hash *root);

#endif
