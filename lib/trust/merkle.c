#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "trust/merkle.h"

/* A byte that says what is hashed, and one or two pieces. */
static int
hash(struct ss_sm3 *sm3, uint8_t what, const void *a, size_t a_len,
    const void *b, size_t b_len, struct ss_hash *out)
{
	int r;

	if ((r = ss_sm3_update(sm3, &what, 1)) == 0 &&
	    (r = ss_sm3_update(sm3, a, a_len)) == 0 &&
	    (r = ss_sm3_update(sm3, b, b_len)) == 0)
		r = ss_sm3_final(sm3, out->sm3);
	return r;
}

int
ss_merkle_leaf(struct ss_sm3 *sm3, const void *text, size_t len,
    struct ss_hash *out)
{
	return hash(sm3, 0, text, len, "", 0, out);
}

int
ss_merkle_node(struct ss_sm3 *sm3, const struct ss_hash *left,
    const struct ss_hash *right, struct ss_hash *out)
{
	return hash(sm3, 1, left->sm3, SS_SM3_LEN, right->sm3, SS_SM3_LEN,
	    out);
}

int
ss_merkle_climb(struct ss_sm3 *sm3, const struct ss_hash *leaf,
    const struct ss_merkle_path *path, struct ss_hash *root)
{
	const struct ss_hash *s;
	size_t i;
	int r = 0;

	*root = *leaf;
	for (i = 0; r == 0 && i < path->count; i++) {
		s = &path->sibling[i];
		r = path->left[i] ? ss_merkle_node(sm3, s, root, root) :
		    ss_merkle_node(sm3, root, s, root);
	}
	return r;
}

/* The nodes of a tree, level by level: each has half as many, rounded up. */
static size_t
above(size_t width)
{
	return (width + 1) / 2;
}

int
ss_merkle_room(struct ss_merkle *m, size_t leaves)
{
	size_t width, nodes = leaves + 1;
	struct ss_hash *p;

	for (width = leaves; width > 1; width = above(width))
		nodes += above(width);
	m->count = leaves;
	if (nodes <= m->cap)
		return 0;
	if ((p = realloc(m->node, nodes * sizeof(*p))) == NULL)
		return ss_fail(SS_EMEMORY, "out of memory");
	m->node = p;
	m->cap = nodes;
	return 0;
}

int
ss_merkle_build(struct ss_merkle *m, struct ss_sm3 *sm3, struct ss_hash *root)
{
	struct ss_hash *level = m->node, *next;
	size_t i, width = m->count;
	int r = 0;

	if (width == 0)
		return ss_fail(SS_EINVALID, "a tree has a leaf");
	for (; r == 0 && width > 1; width = above(width)) {
		next = level + width;
		for (i = 0; r == 0 && i + 1 < width; i += 2)
			r = ss_merkle_node(sm3, &level[i], &level[i + 1],
			    &next[i / 2]);
		if (width % 2 != 0)
			next[width / 2] = level[width - 1];
		level = next;
	}
	*root = *level;
	return r;
}

void
ss_merkle_path(const struct ss_merkle *m, size_t leaf,
    struct ss_merkle_path *out)
{
	const struct ss_hash *level = m->node;
	size_t width;

	out->count = 0;
	for (width = m->count; width > 1; width = above(width)) {
		if ((leaf ^ 1) < width) {
			out->left[out->count] = leaf % 2 != 0;
			out->sibling[out->count++] = level[leaf ^ 1];
		}
		level += width;
		leaf /= 2;
	}
}

void
ss_merkle_free(struct ss_merkle *m)
{
	free(m->node);
	*m = (struct ss_merkle){ 0 };
}

int
ss_merkle_add(struct ss_merkle_run *run, struct ss_sm3 *sm3,
    const struct ss_hash *leaf)
{
	struct ss_hash h = *leaf;
	size_t i;
	int r = 0;

	/* As a carry goes through the bits of the count. */
	for (i = 0; r == 0 && (run->count >> i & 1) != 0; i++)
		r = ss_merkle_node(sm3, &run->whole[i], &h, &h);
	run->whole[i] = h;
	run->count++;
	return r;
}

int
ss_merkle_root(const struct ss_merkle_run *run, struct ss_sm3 *sm3,
    struct ss_hash *root)
{
	bool any = false;
	size_t i;
	int r = 0;

	for (i = 0; r == 0 && i < 64; i++) {
		if ((run->count >> i & 1) == 0)
			continue;
		if (any)
			r = ss_merkle_node(sm3, &run->whole[i], root, root);
		else
			*root = run->whole[i];
		any = true;
	}
	return any ? r : ss_sm3_final(sm3, root->sm3);
}
