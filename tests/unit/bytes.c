/* Errors and their sentence; buffers, maps and whole files. */
#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/bytes.h"
#include "base/err.h"
#include "base/text.h"
#include "../tap.h"

/* AddressSanitizer too has to refuse what is more than there is. */
const char *__asan_default_options(void);

const char *
__asan_default_options(void)
{
	return "allocator_may_return_null=1";
}

static void *
other_thread(void *arg)
{
	ss_fail(SS_EIO, "of another thread");
	return arg;
}

static void
test_message(void)
{
	char a[401], b[401], want[2 * SS_MESSAGE_MAX];
	pthread_t thread;

	ok(ss_fail(SS_EAUTH, "wrong PIN, %d left", 2) == SS_EAUTH, "the code");
	is(ss_message(), "wrong PIN, 2 left", "the sentence");
	ok(ss_fail_in(SS_EINVALID, "%s", "card") == SS_EINVALID, "in another");
	ss_fail_in(SS_EINVALID, "line %d", 7);
	is(ss_message(), "line 7: card: wrong PIN, 2 left", "a chain");
	pthread_create(&thread, NULL, other_thread, NULL);
	pthread_join(thread, NULL);
	is(ss_message(), "line 7: card: wrong PIN, 2 left", "of one thread");

	memset(a, 'a', 400);
	memset(b, 'b', 400);
	a[400] = b[400] = '\0';
	ss_fail(SS_EIO, "%s", a);
	ss_fail_in(SS_EIO, "%s", b);
	snprintf(want, sizeof(want), "%s: %.109s", b, a);
	ok(strlen(ss_message()) == SS_MESSAGE_MAX - 1, "cut to its room");
	is(ss_message(), want, "the front is kept");
	ss_fail(SS_EIO, "%s%s", a, b);
	ss_fail_in(SS_EIO, "%s%s", b, a);
	snprintf(want, sizeof(want), "%s%.111s", b, a);
	is(ss_message(), want, "no room for what was there");
}

/* A record carries the sentence: cut in a character it would be no UTF-8. */
static void
test_message_utf8(void)
{
	char text[3 * 300 + 1] = "";
	int i, bad = 0;

	for (i = 0; i < 300; i++)
		memcpy(text + 3 * i, "卡", 4);
	for (i = 0; i < 3; i++) {
		ss_fail(SS_EIO, "%.*s%s", i, "xx", text);
		bad += !ss_utf8_valid(ss_message(), strlen(ss_message()));
		ss_fail(SS_EIO, "%s", "y");
		ss_fail_in(SS_EIO, "%.*s%s", i, "xx", text);
		bad += !ss_utf8_valid(ss_message(), strlen(ss_message()));
	}
	ok(bad == 0, "a sentence is cut between characters");
}

static void
test_codes(void)
{
	static const struct {
		int e, code;
	} errnos[] = { { ENOENT, SS_EMISSING }, { ENOTDIR, SS_EMISSING },
		{ ENOMEM, SS_EMEMORY }, { EACCES, SS_EIO }, { EIO, SS_EIO } };
	char words[256] = "", want[64];
	int i;

	for (i = -1; i <= SS_EMEMORY + 1; i++) {
		strcat(words, ss_code_word(i));
		strcat(words, ss_code_stops(i) ? "! " : " ");
	}
	is(words, "unknown ok invalid policy exists missing state auth "
	    "blocked card reader! crypto! registry! io! memory! unknown! ",
	    "words, and which codes stop");
	for (i = 0; i < 5; i++) {
		errno = errnos[i].e;
		snprintf(want, sizeof(want), "it: %s", strerror(errnos[i].e));
		ok(ss_fail_errno("it") == errnos[i].code &&
		    strcmp(ss_message(), want) == 0, "%s", want);
	}
}

static void
test_buffer(void)
{
	struct ss_bytes b = { 0 };
	char want[4096], *p;
	int i, bad = 0;

	ok(ss_bytes_check(&b) == 0 && b.data == NULL, "a new one");
	ss_bytes_reset(&b);
	ss_bytes_add(&b, NULL, 0);
	ss_bytes_adds(&b, "");
	ss_bytes_shift(&b, 0);
	ok(b.data == NULL && b.len == 0, "nothing added needs no memory");
	for (i = 0; i < 4095; i++) {
		want[i] = (char)('a' + i % 26);
		want[i + 1] = '\0';
		ss_bytes_addc(&b, want[i]);
		bad += b.len != (size_t)i + 1 || b.cap <= b.len ||
		    strcmp(b.data, want) != 0;
	}
	ok(bad == 0, "grows, with its NUL after every step");
	ss_bytes_shift(&b, 4000);
	is(b.data, want + 4000, "cut off the front");
	ss_bytes_shift(&b, b.len);
	ok(b.len == 0 && b.data[0] == '\0', "cut off whole");
	ss_bytes_addf(&b, "%s-%d", "x", 7);
	ss_bytes_addi(&b, INT64_MIN);
	ss_bytes_addi(&b, 0);
	ss_bytes_addf(&b, "%s", "");
	is(b.data, "x-7-92233720368547758080", "formatted");
	ss_bytes_free(&b);
	ss_bytes_addf(&b, "%0500d", 1);
	ok(b.len == 500 && strlen(b.data) == 500, "formatted, a long one");
	ss_bytes_free(&b);
	p = ss_bytes_room(&b, 64);
	ok(p == b.data && b.len == 0 && b.cap > 64, "room, and a NUL's");
	ss_bytes_free(&b);
	ok(b.data == NULL && b.cap == 0, "freed");
}

static void
test_failure(void)
{
	struct ss_bytes b = { 0 };

	ss_bytes_adds(&b, "kept");
	ok(ss_bytes_room(&b, SIZE_MAX) == NULL, "too much room");
	ok(ss_bytes_room(&b, SIZE_MAX / 2) == NULL, "and less");
	ss_bytes_adds(&b, "lost");
	ss_bytes_addf(&b, "lost");
	ss_bytes_addi(&b, 1);
	ok(ss_bytes_room(&b, 1) == NULL && strcmp(b.data, "kept") == 0,
	    "nothing is added after a failure");
	ok(ss_bytes_check(&b) == SS_EMEMORY && ss_bytes_check(&b) ==
	    SS_EMEMORY, "which stays");
	is(ss_message(), "out of memory", "its sentence");
	ss_bytes_reset(&b);
	ss_bytes_adds(&b, "new");
	ok(ss_bytes_check(&b) == 0 && strcmp(b.data, "new") == 0,
	    "until the reset");
	ss_bytes_free(&b);
	ok(ss_bytes_room(&b, SIZE_MAX / 4) == NULL &&
	    ss_bytes_check(&b) == SS_EMEMORY, "more than there is");
	ss_bytes_free(&b);
}

static void
put(const char *path, const char *text, size_t len)
{
	FILE *f = fopen(path, "w");

	if (f == NULL || fwrite(text, 1, len, f) != len || fclose(f) != 0)
		exit(1);
}

static void
test_files(void)
{
	char dir[] = "/tmp/bytes.XXXXXX";
	struct ss_bytes b = { 0 };
	struct ss_map map;

	if (mkdtemp(dir) == NULL || chdir(dir) == -1)
		exit(1);
	put("empty", "", 0);
	put("ten", "0123456789", 10);
	mkfifo("fifo", 0600);
	ok(ss_map_open(&map, "ten") == 0 && map.len == 10 &&
	    memcmp(map.data, "0123456789", 10) == 0, "a map");
	ss_map_close(&map);
	ok(map.len == 0 && *map.data == '\0', "closed");
	ok(ss_map_open(&map, "empty") == 0 && map.len == 0 &&
	    *map.data == '\0', "a map of nothing");
	ss_map_close(&map);
	ok(ss_map_open(&map, "none") == SS_EMISSING, "a map of no file");
	is(ss_message(), "none: No such file or directory", "says so");

	ss_bytes_adds(&b, "<");
	ok(ss_bytes_read_file(&b, "ten", "it", 10) == 0 &&
	    strcmp(b.data, "<0123456789") == 0, "a file of the limit");
	ok(ss_bytes_read_file(&b, "ten", "it", 9) == SS_EINVALID, "beyond");
	is(ss_message(), "it: more than 9 bytes", "says so");
	ok(ss_bytes_read_file(&b, "empty", "it", 0) == 0, "an empty file");
	ok(ss_bytes_read_file(&b, "fifo", "it", 9) == SS_EINVALID, "a FIFO");
	is(ss_message(), "it: not a regular file", "says so");
	ok(ss_bytes_read_file(&b, ".", "it", 9) == SS_EINVALID, "a folder");
	ok(ss_bytes_read_file(&b, "none", "it", 9) == SS_EMISSING, "no file");
	is(ss_message(), "it: No such file or directory",
	    "by its subject, not its path");
	ok(ss_bytes_read_file(&b, "ten/x", "it", 9) == SS_EMISSING,
	    "below a file");
	/* Its size is given as 0 or 4096, never as what it holds. */
	ss_bytes_reset(&b);
	ok(ss_bytes_read_file(&b, "/proc/version", "it", 4096) == 0 &&
	    b.len > 5 && memcmp(b.data, "Linux", 5) == 0,
	    "more than fstat promised");
	ok(ss_bytes_read_file(&b, "/proc/version", "it", 5) == SS_EINVALID,
	    "and beyond the limit");
	ss_bytes_free(&b);
	unlink("empty");
	unlink("ten");
	unlink("fifo");
	rmdir(dir);
}

int
main(void)
{
	test_message();
	test_message_utf8();
	test_codes();
	test_buffer();
	test_failure();
	test_files();
	return done();
}
