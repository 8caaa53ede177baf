/*
 * What the fuzz targets share; and for the unit tests that include them a
 * short seeded run, which needs no libFuzzer.
 */
#ifndef SS_TESTS_FUZZ_MAIN_H
#define SS_TESTS_FUZZ_MAIN_H

#include <sys/mman.h>
#include <sys/stat.h>

#include <stdint.h>
#include <stdlib.h>
#include <unistd.h>

#include "tap.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define FUZZ_CHECK(truth) fuzz_check(truth, #truth, __LINE__)

static inline void
fuzz_check(bool truth, const char *text, int line)
{
	if (truth)
		return;
	fprintf(stderr, "line %d: not so: %s\n", line, text);
	abort();
}

static inline const char *
fuzz_data_dir(void)
{
	const char *dir = getenv("SSCARD_DATA");

	return dir != NULL ? dir : "lib/data";
}

/* A file in memory that is ours alone; its descriptor, and a path to open it by.
 */
static inline int
fuzz_file(const void *data, size_t size, char path[32])
{
	int fd = memfd_create("fuzz", MFD_CLOEXEC);

	FUZZ_CHECK(fd != -1 && fchmod(fd, 0600) == 0 &&
	    write(fd, data, size) == (ssize_t)size);
	snprintf(path, 32, "/proc/self/fd/%d", fd);
	return fd;
}

/* What mutations begin with. */
struct fuzz_seed {
	const void *data;
	size_t len;
};

#define FUZZ_SEED(text) { text, sizeof(text) - 1 }
#define FUZZ_MAX 16384

/* xorshift64*, which gives the same numbers everywhere. */
static inline size_t
fuzz_random(size_t below)
{
	static uint64_t x = UINT64_C(0x9e3779b97f4a7c15);

	x ^= x >> 12;
	x ^= x << 25;
	x ^= x >> 27;
	return (size_t)((x * UINT64_C(2685821657736338717)) >> 33) % below;
}

/* One change of what is in buf; its new length. */
static inline size_t
fuzz_change(uint8_t *buf, size_t len)
{
	static const char *const bits[] = { "\"", ",", "\n", "\\", "{", "}",
		"[", ":", "\\u0000", "null", "\xff", "\xe7\xa4", "\xc9\xe7",
		"\r\n", "9999", " ", "-", "\"\"", "true", "\x7f" };
	const char *bit = bits[fuzz_random(sizeof(bits) / sizeof(*bits))];
	size_t at = fuzz_random(len + 1), n = strlen(bit);

	if (fuzz_random(4) == 0)
		n = fuzz_random(len - at + 1);	/* a part of itself, again */
	switch (fuzz_random(4)) {
	case 0:
		if (at < len)
			buf[at] ^= (uint8_t)(1u << fuzz_random(8));
		return len;
	case 1:
		n = fuzz_random((len - at < 16 ? len - at : 16) + 1);
		memmove(buf + at, buf + at + n, len - at - n);
		return len - n;
	default:
		if (len + n > FUZZ_MAX || n > len - at)
			return len;
		memmove(buf + at + n, buf + at, len - at);
		if (n == strlen(bit))
			memcpy(buf + at, bit, n);
		return len + n;
	}
}

/* For main's return: the target over each seed, and over changed ones. */
static inline int
fuzz_run(const struct fuzz_seed *seeds, size_t count, const char *what)
{
	/* make valgrind sets SS_SLOW. */
	int i, j, rounds = getenv("SS_SLOW") != NULL ? 100 : 2000;
	uint8_t buf[FUZZ_MAX], *copy;
	size_t len;

	for (i = 0; i < rounds; i++) {
		len = seeds[(size_t)i % count].len;
		FUZZ_CHECK(len <= FUZZ_MAX);
		memcpy(buf, seeds[(size_t)i % count].data, len);
		for (j = (size_t)i < count ? 0 : 1 + (int)fuzz_random(8);
		    j > 0; j--)
			len = fuzz_change(buf, len);
		/* Of its own size, so that reading past it is seen. */
		FUZZ_CHECK((copy = malloc(len + !len)) != NULL);
		memcpy(copy, buf, len);
		LLVMFuzzerTestOneInput(copy, len);
		free(copy);
	}
	ok(true, "%s: %d inputs", what, rounds);
	return done();
}

#endif
