/* What was seen: nothing forgotten, nothing made up, and what it costs. */
#include <malloc.h>

#include "base/crypto.h"
#include "base/seen.h"
#include "../tap.h"

#define KEYS 100000
#define BYTES_A_KEY 24
#define BESIDE (128u << 10)	/* what malloc keeps for the next time */

/* A key as records have them: a number that differs in its last digits. */
static size_t
key_of(int i, char key[32])
{
	return (size_t)snprintf(key, 32, "220102%012d", i);
}

/* Bytes in use; always the same where malloc is not glibc's. */
static size_t
in_use(void)
{
	return mallinfo2().uordblks + mallinfo2().hblkhd;
}

int
main(void)
{
	struct ss_seen *seen;
	int i, bad = 0, failed = 0, over = 0, most = 0;
	size_t n, before_all, used;
	bool before;
	char key[32];

	/* What OpenSSL keeps from its first use on is not the set's. */
	ss_random(key, sizeof(key));
	before_all = in_use();
	if (!ok(ss_seen_open(&seen) == 0, "opened"))
		return done();
	for (i = 0; i < KEYS; i++) {
		n = key_of(i, key);
		failed += ss_seen_add(seen, key, n, &before) != 0;
		bad += before;
		if ((i + 1) % 1000 != 0)
			continue;
		used = in_use() - before_all;
		if (used > BESIDE + BYTES_A_KEY * (size_t)(i + 1)) {
			over++;
			printf("# %zu bytes for %d keys\n", used, i + 1);
		}
		if (i > KEYS / 2 && (int)(used / (size_t)(i + 1)) > most)
			most = (int)(used / (size_t)(i + 1));
	}
	ok(failed == 0 && bad == 0, "%d keys, none seen before", KEYS);
	ok(over == 0, "at most %d bytes a key", BYTES_A_KEY);
	printf("# at most %d bytes a key in the second half\n", most);
	for (i = 0; i < KEYS; i++) {
		n = key_of(i, key);
		failed += ss_seen_add(seen, key, n, &before) != 0;
		bad += !before;
	}
	ok(failed == 0 && bad == 0, "each seen before the second time");
	ss_seen_add(seen, "a\0b", 3, &before);
	ss_seen_add(seen, "a\0c", 3, &before);
	ok(!before, "a key has all its bytes");
	ss_seen_add(seen, "", 0, &before);
	ok(!before && ss_seen_add(seen, "", 0, &before) == 0 && before,
	    "also none");
	ss_seen_close(seen);
	ss_seen_close(NULL);
	return done();
}
