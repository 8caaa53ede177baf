/* Lines, however the bytes of them arrive. */
#define _GNU_SOURCE	/* memfd_create */
#include <sys/mman.h>

#include <pthread.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/line.h"
#include "base/text.h"
#include "../tap.h"

#define LIMIT SS_LINE_LIMIT_MIN

/* What a thread writes into a pipe, in parts that end at the cuts given. */
struct feed {
	int fd;
	const char *text;
	size_t len, step;
};

static void *
feed(void *arg)
{
	const struct feed *f = arg;
	size_t i, n;

	for (i = 0; i < f->len; i += n) {
		n = f->len - i < f->step ? f->len - i : f->step;
		if (write(f->fd, f->text + i, n) != (ssize_t)n)
			break;
	}
	close(f->fd);
	return NULL;
}

/* One line as text: "number length:what is kept" and the digest of a cut. */
static void
describe(struct ss_bytes *out, const struct ss_line *line)
{
	ss_bytes_addf(out, "%d %zu:", (int)line->number, line->full_len);
	ss_bytes_add(out, line->data, line->len);
	if (line->full_len > line->len)
		ss_bytes_addf(out, "...%s", line->sm3);
	ss_bytes_addc(out, '\n');
}

/* All the lines of some files, described. */
static void
read_all(const char *const *paths, size_t count, bool wait,
    struct ss_bytes *out)
{
	struct ss_source source;
	struct ss_input in;
	struct ss_lines lines;
	struct ss_line line;
	enum ss_next what;
	int r;

	ss_bytes_reset(out);
	ss_input_init(&in, paths, count, NULL);
	if (ss_lines_init(&lines, &in, LIMIT) != 0)
		exit(1);
	source = ss_lines_source(&lines);
	do {
		r = source.next(source.ctx, wait, &line, &what);
		if (r == 0 && what == SS_LINE)
			describe(out, &line);
	} while (r == 0 && what != SS_NO_MORE);
	if (r != 0)
		ss_bytes_addf(out, "%s\n", ss_message());
	ss_lines_wipe(&lines);
	ss_input_wipe(&in);
}

/* The same of a text that comes through a pipe, step bytes at a time. */
static void
read_pipe(const char *text, size_t len, size_t step, bool wait,
    struct ss_bytes *out)
{
	struct feed f = { .text = text, .len = len, .step = step };
	char path[32];
	const char *paths[] = { path };
	pthread_t thread;
	int fd[2];

	if (pipe(fd) == -1)
		exit(1);
	snprintf(path, sizeof(path), "/dev/fd/%d", fd[0]);
	f.fd = fd[1];
	pthread_create(&thread, NULL, feed, &f);
	read_all(paths, 1, wait, out);
	pthread_join(thread, NULL);
	close(fd[0]);
}

/* The lines of a text by the simplest means. */
static void
expect(const char *text, size_t len, struct ss_bytes *out)
{
	struct ss_line line = { .number = 0 };
	struct ss_sm3 *sm3;
	const char *end;
	size_t n;

	ss_bytes_reset(out);
	ss_sm3_new(&sm3);
	for (; len > 0; text += n, len -= n) {
		end = memchr(text, '\n', len);
		n = end != NULL ? (size_t)(end - text) : len;
		line.number++;
		line.data = text;
		line.len = line.full_len = n;
		if (n > LIMIT) {
			line.len = SS_LINE_HEAD;
			ss_sm3_hex(sm3, text, n, line.sm3);
		}
		describe(out, &line);
		n += end != NULL;
	}
	ss_sm3_free(sm3);
}

static bool
same(const struct ss_bytes *a, const struct ss_bytes *b)
{
	return a->len == b->len &&
	    (a->len == 0 || memcmp(a->data, b->data, a->len) == 0);
}

static void
test_every_split(void)
{
	static const char text[] = "one\n\n two \r\n\0nul\n\n\nlast";
	struct ss_bytes got = { 0 }, want = { 0 };
	size_t step, len;
	int bad = 0;

	for (len = 0; len < sizeof(text); len++)
		for (step = 1; step <= len + 1; step++) {
			expect(text, len, &want);
			read_pipe(text, len, step, true, &got);
			bad += !same(&got, &want);
		}
	ok(bad == 0, "a text of any length, in parts of any size");
	read_pipe(text, sizeof(text) - 1, 1, false, &got);
	expect(text, sizeof(text) - 1, &want);
	ok(same(&got, &want), "without waiting, asked again and again");
	ss_bytes_free(&got);
	ss_bytes_free(&want);
}

static void
add_line(struct ss_bytes *b, size_t len, int c)
{
	char *p = ss_bytes_room(b, len + 1);

	memset(p, c, len);
	p[len] = '\n';
	b->len += len + 1;
}

static void
test_limit(void)
{
	static const size_t steps[] = { 1, 7, 255, 256, 4095, 4096, 4097,
		4098, 65536 };
	struct ss_bytes text = { 0 }, got = { 0 }, want = { 0 };
	size_t i;

	add_line(&text, LIMIT - 1, 'a');
	add_line(&text, LIMIT, 'b');
	add_line(&text, LIMIT + 1, 'c');
	add_line(&text, 5, 'd');
	add_line(&text, 3 * LIMIT, 'e');
	add_line(&text, 0, 'f');
	add_line(&text, LIMIT + 1, 'g');
	add_line(&text, LIMIT + 2, 'h');
	for (i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
		expect(text.data, text.len, &want);
		read_pipe(text.data, text.len, steps[i], true, &got);
		ok(same(&got, &want), "lines about the limit, by %zu",
		    steps[i]);
		expect(text.data, text.len - 1, &want);
		read_pipe(text.data, text.len - 1, steps[i], true, &got);
		ok(same(&got, &want), "a long last one without newline");
	}
	ss_bytes_reset(&text);
	add_line(&text, 2000000, 'x');
	add_line(&text, 3, 'y');
	expect(text.data, text.len, &want);
	read_pipe(text.data, text.len, 100000, true, &got);
	ok(same(&got, &want), "a line of 2 MB");
	ss_bytes_free(&text);
	ss_bytes_free(&got);
	ss_bytes_free(&want);
}

static void
test_files(void)
{
	static const char *const texts[] = { "a\nb", "", "\n", "c\n", "d" };
	char paths[6][32];
	const char *names[6];
	struct ss_bytes got = { 0 };
	int i, fd[5];

	for (i = 0; i < 5; i++) {
		fd[i] = memfd_create("line", 0);
		if (pwrite(fd[i], texts[i], strlen(texts[i]), 0) == -1)
			exit(1);
		snprintf(paths[i], 32, "/proc/self/fd/%d", fd[i]);
		names[i] = paths[i];
	}
	names[5] = "/nonexistent";
	read_all(names, 5, true, &got);
	is(got.data, "1 1:a\n2 1:b\n3 0:\n4 1:c\n5 1:d\n",
	    "several files, numbered on, no line across two");
	read_all(names + 3, 3, true, &got);
	is(got.data, "1 1:c\n2 1:d\n"
	    "/nonexistent: No such file or directory\n", "one is missing");
	names[5] = "/";
	read_all(names + 4, 2, true, &got);
	is(got.data, "1 1:d\n/: Is a directory\n", "one is a folder");
	for (i = 0; i < 5; i++)
		close(fd[i]);
	ss_bytes_free(&got);
}

static void
test_stop(void)
{
	const char *const paths[] = { "/dev/zero" };
	volatile sig_atomic_t stop = 1;
	struct ss_lines lines;
	struct ss_source source;
	struct ss_input in;
	struct ss_line line;
	enum ss_next what;

	ss_input_init(&in, paths, 1, &stop);
	ss_lines_init(&lines, &in, LIMIT);
	source = ss_lines_source(&lines);
	ok(source.next(source.ctx, true, &line, &what) == 0 &&
	    what == SS_NO_MORE && in.total == 0, "stopped before it began");
	ss_lines_wipe(&lines);
	ss_input_wipe(&in);
}

static void
test_one(void)
{
	struct ss_one one = { .given = false };
	struct ss_source source = ss_one_source(&one);
	struct ss_line line;
	enum ss_next what;

	ss_bytes_adds(&one.text, "{}");
	ok(source.next(source.ctx, false, &line, &what) == 0 && what ==
	    SS_LINE && line.len == 2 && line.number == 1, "a ready line");
	ok(source.next(source.ctx, false, &line, &what) == 0 && what ==
	    SS_NO_MORE, "given once");
	ss_bytes_free(&one.text);
}

int
main(void)
{
	test_every_split();
	test_limit();
	test_files();
	test_stop();
	test_one();
	return done();
}
