#include <sys/mman.h>
#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/bytes.h"
#include "base/err.h"

void
ss_bytes_free(struct ss_bytes *b)
{
	free(b->data);
	*b = (struct ss_bytes){ 0 };
}

void
ss_bytes_reset(struct ss_bytes *b)
{
	b->len = 0;
	b->failed = false;
	if (b->data != NULL)
		b->data[0] = '\0';
}

char *
ss_bytes_room(struct ss_bytes *b, size_t n)
{
	size_t cap;
	char *p;

	if (b->failed)
		return NULL;
	if (n >= b->cap - b->len) {
		cap = b->cap + b->cap / 2 + 64;
		if (n > SIZE_MAX / 2 - b->len)
			goto fail;
		if (cap < b->len + n + 1)
			cap = b->len + n + 1;
		if ((p = realloc(b->data, cap)) == NULL)
			goto fail;
		b->data = p;
		b->cap = cap;
	}
	return b->data + b->len;
fail:
	b->failed = true;
	return NULL;
}

void
ss_bytes_add(struct ss_bytes *b, const void *data, size_t len)
{
	char *p;

	if (len == 0 || (p = ss_bytes_room(b, len)) == NULL)
		return;
	memcpy(p, data, len);
	b->len += len;
	b->data[b->len] = '\0';
}

void
ss_bytes_adds(struct ss_bytes *b, const char *string)
{
	ss_bytes_add(b, string, strlen(string));
}

void
ss_bytes_addf(struct ss_bytes *b, const char *fmt, ...)
{
	va_list ap;
	char *p;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(NULL, 0, fmt, ap);
	va_end(ap);
	if (n < 0 || (p = ss_bytes_room(b, (size_t)n)) == NULL)
		return;
	va_start(ap, fmt);
	vsnprintf(p, (size_t)n + 1, fmt, ap);
	va_end(ap);
	b->len += (size_t)n;
}

void
ss_bytes_addi(struct ss_bytes *b, int64_t decimal)
{
	char text[24];

	snprintf(text, sizeof(text), "%" PRId64, decimal);
	ss_bytes_adds(b, text);
}

void
ss_bytes_shift(struct ss_bytes *b, size_t n)
{
	if (n == 0)
		return;
	b->len -= n;
	memmove(b->data, b->data + n, b->len);
	b->data[b->len] = '\0';
}

int
ss_bytes_check(const struct ss_bytes *b)
{
	if (b->failed)
		return ss_fail(SS_EMEMORY, "out of memory");
	return 0;
}

int
ss_map_open(struct ss_map *map, const char *path)
{
	struct stat st;
	void *p;
	int fd, r = 0;

	*map = (struct ss_map){ "", 0 };
	if ((fd = open(path, O_RDONLY | O_CLOEXEC)) == -1)
		return ss_fail_errno(path);
	if (fstat(fd, &st) == -1) {
		r = ss_fail_errno(path);
	} else if (st.st_size > 0) {
		p = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE,
		    fd, 0);
		if (p == MAP_FAILED)
			r = ss_fail_errno(path);
		else
			*map = (struct ss_map){ p, (size_t)st.st_size };
	}
	close(fd);
	return r;
}

void
ss_map_close(struct ss_map *map)
{
	if (map->len > 0)
		munmap((void *)(uintptr_t)map->data, map->len);
	*map = (struct ss_map){ "", 0 };
}

/* Reads fd to its end, size bytes being what fstat promised. */
static int
read_all(struct ss_bytes *b, int fd, const char *subject, size_t size,
    size_t max)
{
	size_t start = b->len;
	ssize_t n;
	char *p;

	for (;;) {
		if ((p = ss_bytes_room(b, size + 1)) == NULL)
			return ss_bytes_check(b);
		n = read(fd, p, size + 1);
		if (n == -1 && errno == EINTR)
			continue;
		if (n == -1)
			return ss_fail_errno(subject);
		if (n == 0)
			break;
		b->len += (size_t)n;
		if (b->len - start > max)
			return ss_fail(SS_EINVALID,
			    "%s: more than %zu bytes", subject, max);
		size -= (size_t)n < size ? (size_t)n : size;
	}
	b->data[b->len] = '\0';
	return 0;
}

int
ss_bytes_read_file(struct ss_bytes *b, const char *path, const char *subject,
    size_t max)
{
	struct stat st;
	int fd, r;

	/* O_NONBLOCK: a FIFO named as a photo must not hang the run. */
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	if (fd == -1)
		return ss_fail_errno(subject);
	if (fstat(fd, &st) == -1)
		r = ss_fail_errno(subject);
	else if (!S_ISREG(st.st_mode))
		r = ss_fail(SS_EINVALID, "%s: not a regular file", subject);
	else if (st.st_size < 0 || (uintmax_t)st.st_size > max)
		r = ss_fail(SS_EINVALID, "%s: more than %zu bytes", subject,
		    max);
	else
		r = read_all(b, fd, subject, (size_t)st.st_size, max);
	close(fd);
	return r;
}
