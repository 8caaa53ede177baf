/* Merkle trees: the standard's shape, paths, and roots of leaves one by one. */
#include <stdlib.h>

#include "base/err.h"
#include "base/text.h"
#include "trust/merkle.h"
#include "../tap.h"

#define MOST 70

static struct ss_sm3 *sm3;

static struct ss_hash
leaf(size_t i)
{
	unsigned char byte = (unsigned char)i;
	struct ss_hash h = { { 0 } };

	ss_merkle_leaf(sm3, &byte, 1, &h);
	return h;
}

/* RFC 9162, section 2.1.1, as it stands there: split at the largest power of
 * two that is less than n. */
static struct ss_hash
root_of(size_t from, size_t n)
{
	struct ss_hash left, right, out = { { 0 } };
	size_t k = 1;

	if (n == 1)
		return leaf(from);
	while (2 * k < n)
		k *= 2;
	left = root_of(from, k);
	right = root_of(from + k, n - k);
	ss_merkle_node(sm3, &left, &right, &out);
	return out;
}

static bool
same(const struct ss_hash *a, const struct ss_hash *b)
{
	return memcmp(a, b, sizeof(*a)) == 0;
}

/* Faults of a tree of n leaves: its root, its paths, its run. */
static int
faults_of(struct ss_merkle *m, size_t n)
{
	struct ss_hash want = root_of(0, n), root, one;
	struct ss_merkle_run run = { .count = 0 };
	struct ss_merkle_path path;
	int bad = 0;
	size_t i;

	bad += ss_merkle_room(m, n) != 0;
	for (i = 0; i < n; i++)
		m->node[i] = leaf(i);
	bad += ss_merkle_build(m, sm3, &root) != 0 || !same(&root, &want);
	for (i = 0; i < n; i++) {
		one = leaf(i);
		ss_merkle_path(m, i, &path);
		bad += ss_merkle_climb(sm3, &one, &path, &root) != 0 ||
		    !same(&root, &want);
		one = leaf(i + 1);
		bad += ss_merkle_climb(sm3, &one, &path, &root) != 0 ||
		    same(&root, &want);
		one = leaf(i);
		bad += ss_merkle_add(&run, sm3, &one) != 0;
	}
	bad += ss_merkle_root(&run, sm3, &root) != 0 || !same(&root, &want);
	return bad;
}

int
main(void)
{
	struct ss_merkle_run none = { .count = 0 };
	struct ss_merkle m = { 0 };
	struct ss_hash root, node, text;
	unsigned char twice[1 + 2 * SS_SM3_LEN] = { 1 };
	char hex[SS_SM3_HEX];
	size_t n;

	ok(ss_sm3_new(&sm3) == 0, "SM3");
	for (n = 1; n <= MOST; n++)
		if (faults_of(&m, n) != 0)
			ok(false, "a tree of %zu", n);
	ok(tap_bad == 0, "trees of 1 to %d leaves, their paths, their runs",
	    MOST);
	ok(ss_merkle_room(&m, 0) == 0 &&
	    ss_merkle_build(&m, sm3, &root) == SS_EINVALID, "none is no tree");
	ok(ss_merkle_root(&none, sm3, &root) == 0, "the root of none");
	ss_hex(root.sm3, SS_SM3_LEN, hex);
	is(hex, "1ab21d8355cfa17f8e61194831e81a8f22bec8c728fefb747ed035eb5082aa"
	    "2b", "is SM3 of nothing");
	node = leaf(1);
	memcpy(twice + 1, node.sm3, SS_SM3_LEN);
	memcpy(twice + 1 + SS_SM3_LEN, node.sm3, SS_SM3_LEN);
	ss_merkle_node(sm3, &node, &node, &root);
	ss_sm3_update(sm3, twice, sizeof(twice));
	ss_sm3_final(sm3, text.sm3);
	ok(same(&root, &text), "a node is 01 and both children");
	ss_merkle_leaf(sm3, twice + 1, sizeof(twice) - 1, &text);
	ok(!same(&root, &text), "and no leaf of the same bytes");
	ss_merkle_free(&m);
	ss_sm3_free(sm3);
	return done();
}
