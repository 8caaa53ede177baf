#include <stdlib.h>
#include <string.h>

#include "base/crypto.h"
#include "base/err.h"
#include "base/seen.h"

#define SHARDS 256
#define FIRST 16	/* slots of a shard at its beginning */

struct print {
	uint32_t word[3];	/* all zero: an empty slot */
};

struct shard {
	struct print *slots;
	uint32_t count, size;
};

struct ss_seen {
	struct ss_hash_key key;
	struct shard shards[SHARDS];
};

int
ss_seen_open(struct ss_seen **out)
{
	struct ss_seen *seen;
	int r;

	*out = NULL;
	if ((seen = calloc(1, sizeof(*seen))) == NULL)
		return ss_fail(SS_EMEMORY, "out of memory");
	if ((r = ss_random(&seen->key, sizeof(seen->key))) != 0) {
		ss_seen_close(seen);
		return r;
	}
	*out = seen;
	return 0;
}

void
ss_seen_close(struct ss_seen *seen)
{
	size_t i;

	if (seen == NULL)
		return;
	for (i = 0; i < SHARDS; i++)
		free(seen->shards[i].slots);
	free(seen);
}

/* The slot of a print: its own, or the free one where it belongs. */
static struct print *
find(const struct shard *shard, const struct print *p)
{
	static const struct print empty;
	uint32_t i = (uint32_t)((uint64_t)p->word[0] * shard->size >> 32);

	while (memcmp(&shard->slots[i], p, sizeof(*p)) != 0 &&
	    memcmp(&shard->slots[i], &empty, sizeof(empty)) != 0)
		i = i + 1 == shard->size ? 0 : i + 1;
	return &shard->slots[i];
}

/*
 * Half as large again, so that at worst 12 / (0.8 / 1.5) bytes a key. First
 * sizes differ, by up to half, so that the shards grow one after the other.
 */
static int
grow(struct shard *shard, uint32_t first)
{
	static const struct print empty;
	struct shard next = { .count = shard->count };
	uint32_t i;

	next.size = shard->size == 0 ? first : shard->size + shard->size / 2;
	next.slots = calloc(next.size, sizeof(*next.slots));
	if (next.slots == NULL)
		return ss_fail(SS_EMEMORY, "out of memory");
	for (i = 0; i < shard->size; i++)
		if (memcmp(&shard->slots[i], &empty, sizeof(empty)) != 0)
			*find(&next, &shard->slots[i]) = shard->slots[i];
	free(shard->slots);
	*shard = next;
	return 0;
}

/* The print of a key; the number of its shard. */
static uint32_t
print_of(const struct ss_seen *seen, const char *key, size_t len,
    struct print *p)
{
	uint64_t h[2];

	ss_hash(&seen->key, key, len, h);
	p->word[0] = (uint32_t)h[0];
	p->word[1] = (uint32_t)(h[0] >> 32);
	p->word[2] = (uint32_t)h[1] | 1;
	return (uint32_t)(h[1] >> 56);
}

bool
ss_seen_has(const struct ss_seen *seen, const char *key, size_t len)
{
	const struct shard *shard;
	struct print p;

	shard = &seen->shards[print_of(seen, key, len, &p)];
	return shard->size > 0 &&
	    memcmp(find(shard, &p), &p, sizeof(p)) == 0;
}

int
ss_seen_add(struct ss_seen *seen, const char *key, size_t len, bool *before)
{
	struct print p, *slot;
	struct shard *shard;
	uint32_t number;
	int r;

	number = print_of(seen, key, len, &p);
	shard = &seen->shards[number];
	if ((uint64_t)shard->count * 5 >= (uint64_t)shard->size * 4 &&
	    (r = grow(shard, FIRST + number / (SHARDS / (FIRST / 2)))) != 0)
		return r;
	slot = find(shard, &p);
	*before = memcmp(slot, &p, sizeof(p)) == 0;
	if (!*before) {
		*slot = p;
		shard->count++;
	}
	return 0;
}
