/* Counts by key: an open hash, sorted when it is walked. */
#include <stdlib.h>

#include "base/err.h"
#include "books/report_own.h"

#define FIRST_SIZE 1024		/* a power of two */

/* Waiting times: exact below 128 s, then 64 slots for each doubling. */
#define EXACT 128
#define EXACT_BITS 7
#define STEPS 64
#define STEP_BITS 6
#define LONGEST ((INT64_C(1) << 36) - 1)	/* 2,000 years */

struct entry {
	uint64_t key;		/* 0: free */
	int64_t n;
};

struct ss_tally {
	struct entry *entries;
	size_t size, used;
};

/* The order of keys is that of their parts; no key is 0. */
static uint64_t
pack(const struct ss_tally_key *k)
{
	return ((((uint64_t)k->region << 22 | (uint64_t)k->day) << 5 |
	    (uint64_t)k->what) << 11 | (uint64_t)k->detail) + 1;
}

static struct ss_tally_key
unpack(uint64_t key)
{
	key--;
	return (struct ss_tally_key){ (int64_t)(key >> 38),
		(int64_t)(key >> 16 & 0x3fffff), (int64_t)(key >> 11 & 0x1f),
		(int64_t)(key & 0x7ff) };
}

int
ss_tally_new(struct ss_tally **out)
{
	struct ss_tally *t;

	*out = NULL;
	if ((t = calloc(1, sizeof(*t))) == NULL ||
	    (t->entries = calloc(FIRST_SIZE, sizeof(*t->entries))) == NULL) {
		free(t);
		return ss_fail(SS_EMEMORY, "out of memory");
	}
	t->size = FIRST_SIZE;
	*out = t;
	return 0;
}

void
ss_tally_free(struct ss_tally *t)
{
	if (t == NULL)
		return;
	free(t->entries);
	free(t);
}

/* Where a key stands or would stand. */
static struct entry *
find(const struct ss_tally *t, uint64_t key)
{
	uint64_t hash = key * UINT64_C(0x9e3779b97f4a7c15);
	size_t i = (size_t)(hash >> 20) & (t->size - 1);

	while (t->entries[i].key != 0 && t->entries[i].key != key)
		i = (i + 1) & (t->size - 1);
	return &t->entries[i];
}

static int
grow(struct ss_tally *t)
{
	struct ss_tally larger = { NULL, t->size * 2, t->used };
	size_t i;

	if ((larger.entries = calloc(larger.size, sizeof(struct entry))) ==
	    NULL)
		return ss_fail(SS_EMEMORY, "out of memory");
	for (i = 0; i < t->size; i++)
		if (t->entries[i].key != 0)
			*find(&larger, t->entries[i].key) = t->entries[i];
	free(t->entries);
	*t = larger;
	return 0;
}

static int
entry_of(struct ss_tally *t, const struct ss_tally_key *k, struct entry **out)
{
	uint64_t key = pack(k);
	int r;

	if (t->used >= t->size / 4 * 3 && (r = grow(t)) != 0)
		return r;
	*out = find(t, key);
	if ((*out)->key == 0) {
		(*out)->key = key;
		t->used++;
	}
	return 0;
}

int
ss_tally_add(struct ss_tally *t, const struct ss_tally_key *key, int64_t n)
{
	struct entry *e;
	int r;

	if ((r = entry_of(t, key, &e)) == 0)
		e->n += n;
	return r;
}

int
ss_tally_raise(struct ss_tally *t, const struct ss_tally_key *key, int64_t n)
{
	struct entry *e;
	int r;

	if ((r = entry_of(t, key, &e)) == 0 && e->n < n)
		e->n = n;
	return r;
}

static int
by_key(const void *a, const void *b)
{
	uint64_t x = ((const struct entry *)a)->key;
	uint64_t y = ((const struct entry *)b)->key;

	return x < y ? -1 : x > y;
}

int
ss_tally_each(struct ss_tally *t, int (*each)(const struct ss_tally_key *,
    int64_t n, void *ctx), void *ctx)
{
	struct ss_tally_key key;
	size_t i, n = 0;
	int r = 0;

	for (i = 0; i < t->size; i++)
		if (t->entries[i].key != 0)
			t->entries[n++] = t->entries[i];
	qsort(t->entries, n, sizeof(*t->entries), by_key);
	for (i = 0; r == 0 && i < n; i++) {
		key = unpack(t->entries[i].key);
		r = each(&key, t->entries[i].n, ctx);
	}
	return r;
}

int64_t
ss_wait_slot(int64_t seconds)
{
	int bits = EXACT_BITS;

	if (seconds < EXACT)
		return seconds < 0 ? 0 : seconds;
	if (seconds > LONGEST)
		seconds = LONGEST;
	while (seconds >> (bits + 1) != 0)
		bits++;
	return EXACT + (bits - EXACT_BITS) * STEPS +
	    ((seconds >> (bits - STEP_BITS)) & (STEPS - 1));
}

int64_t
ss_wait_of_slot(int64_t slot)
{
	int64_t bits, width;

	if (slot < EXACT)
		return slot;
	bits = (slot - EXACT) / STEPS + EXACT_BITS;
	width = INT64_C(1) << (bits - STEP_BITS);
	return (STEPS + (slot - EXACT) % STEPS) * width + width / 2;
}
