/*
 * A growing buffer, and a file mapped for reading.
 *
 * Appending never reports failure by itself: when memory runs out the buffer
 * remembers it, later appends do nothing, and ss_bytes_check says so once.
 */
#ifndef SS_BASE_BYTES_H
#define SS_BASE_BYTES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct ss_bytes {
	char *data;	/* NUL-terminated whenever len > 0 */
	size_t len;
	size_t cap;
	bool failed;
};

void ss_bytes_free(struct ss_bytes *);

/* Forgets the content and the failure, keeps the memory. */
void ss_bytes_reset(struct ss_bytes *);

void ss_bytes_add(struct ss_bytes *, const void *data, size_t len);
void ss_bytes_adds(struct ss_bytes *, const char *string);
static inline void ss_bytes_addc(struct ss_bytes *, char c);
void ss_bytes_addf(struct ss_bytes *, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
void ss_bytes_addi(struct ss_bytes *, int64_t decimal);

/* Makes room for n more bytes; the place to write them, NULL on failure. */
char *ss_bytes_room(struct ss_bytes *, size_t n);

/* Cuts n bytes off the front. */
void ss_bytes_shift(struct ss_bytes *, size_t n);

/* 0, or SS_EMEMORY when an append has failed since the last reset. */
int ss_bytes_check(const struct ss_bytes *);

static inline void
ss_bytes_addc(struct ss_bytes *b, char c)
{
	if (b->cap - b->len < 2 || b->failed) {
		ss_bytes_add(b, &c, 1);
		return;
	}
	b->data[b->len++] = c;
	b->data[b->len] = '\0';
}

/* A file in memory, read only. len may be 0; then data is "". */
struct ss_map {
	const char *data;
	size_t len;
};

/* SS_EMISSING, SS_EIO. A file that shrinks while it is mapped is not safe:
 * this is for the data files that were installed with the program. */
int ss_map_open(struct ss_map *, const char *path);
void ss_map_close(struct ss_map *);

/* Appends a whole file of at most max bytes: SS_EMISSING, SS_EIO, SS_EMEMORY,
 * SS_EINVALID when it is larger or no regular file. Messages say subject
 * instead of the path, which may hold a person's name. */
int ss_bytes_read_file(struct ss_bytes *, const char *path,
    const char *subject, size_t max);

#endif
