/* CSV in two encodings, however the bytes of it arrive. */
#define _GNU_SOURCE	/* memfd_create */
#include <sys/mman.h>

#include <pthread.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/csv.h"
#include "base/err.h"
#include "../tap.h"

#define LEN(array) (sizeof(array) / sizeof((array)[0]))
#define SHE_GB "\xc9\xe7"	/* 社 in GB18030 */

/* Rows as text: fields between | |, the header with >, ? before a bad one. */
static const char *
rows(const char *const *paths, size_t count, const char *encoding,
    size_t limit)
{
	static struct ss_bytes out;
	struct ss_csv *csv;
	struct ss_input in;
	struct ss_row row;
	enum ss_next what;
	size_t i;
	int r;

	ss_bytes_reset(&out);
	ss_bytes_addc(&out, ' ');
	ss_input_init(&in, paths, count, NULL);
	if (ss_csv_open(&csv, &in, encoding, limit) != 0)
		return ss_message();
	while ((r = ss_csv_next(csv, true, &row, &what)) == 0 &&
	    what == SS_LINE) {
		ss_bytes_adds(&out, row.code != 0 ? "?" : row.first ? ">" : "");
		for (i = 0; i < row.count; i++) {
			ss_bytes_addc(&out, '|');
			ss_bytes_add(&out, row.field[i], row.len[i]);
			if (row.field[i][row.len[i]] != '\0')
				ss_bytes_adds(&out, "no NUL");
		}
		ss_bytes_adds(&out, "| ");
	}
	if (r != 0)
		ss_bytes_addf(&out, "%d %s", r, ss_message());
	ss_csv_close(csv);
	ss_input_wipe(&in);
	return out.data;
}

static int
file_of(const char *text, size_t len, char path[32])
{
	int fd = memfd_create("csv", 0);

	if (fd == -1 || write(fd, text, len) != (ssize_t)len)
		exit(1);
	snprintf(path, 32, "/proc/self/fd/%d", fd);
	return fd;
}

static const char *
rows_of(const char *text, const char *encoding)
{
	const char *path, *got;
	char name[32];
	int fd = file_of(text, strlen(text), name);

	path = name;
	got = rows(&path, 1, encoding, 4096);
	close(fd);
	return got;
}

static void
test_rows(void)
{
	static const char *const cases[][2] = {
		{ "", " " },
		{ "\n\r\n", " " },
		{ "a", " >|a| " },
		{ "a,b\n", " >|a|b| " },
		{ "a,b\r\n1,2\r\n", " >|a|b| |1|2| " },
		{ "a,b\n1,2", " >|a|b| |1|2| " },
		{ "a,b\r1,2\r", " >|a|b| |1|2| " },
		{ "\n\na,b\n\n1,2\n\n", " >|a|b| |1|2| " },
		{ ",\na,b\n,,\n \n\"\"\n1,\n", " >|a|b| |1|| " },
		{ "a\n\"x,\"\"y\"\"\nz\"\n", " >|a| |x,\"y\"\nz| " },
		{ "a, b ,\" c \"\n", " >|a|b| c | " },
		{ "a,b,c\n1\n1,2,3,4\n", " >|a|b|c| |1| |1|2|3|4| " },
		{ "a\n\"x\n", " >|a| 1 %s: row 2: a quote is not closed before"
		    " the end of the file" },
		{ "\xff\xfe" "a", " 1 %s: UTF-16; save it as CSV in UTF-8" },
		{ "\xfe\xff" "a", " 1 %s: UTF-16; save it as CSV in UTF-8" },
		{ "社,b\n1,保\n", " >|社|b| |1|保| " },
		{ "\xef\xbb\xbf社,b\n", " >|社|b| " },
		{ SHE_GB ",b\n1," SHE_GB "\n", " >|社|b| |1|社| " },
		{ "a,b\n1," SHE_GB "\n", " >|a|b| |1|社| " },
		{ "a\n\x95\x32\x82\x36\n", " >|a| |\xf0\xa0\x80\x80| " },
		{ SHE_GB "\n\xff\xff\n" SHE_GB "\n",
		    " >|社| ?|\xff\xff| |社| " },
	};
	char want[256], path[32];
	size_t i;
	int fd;

	/* The next memory file has the name that the last one had. */
	fd = file_of("", 0, path);
	close(fd);
	for (i = 0; i < LEN(cases); i++) {
		if (strstr(cases[i][1], "%s") != NULL)
			snprintf(want, sizeof(want), "%.*s%s%s",
			    (int)(strstr(cases[i][1], "%s") - cases[i][1]),
			    cases[i][1], path,
			    strstr(cases[i][1], "%s") + 2);
		else
			strcpy(want, cases[i][1]);
		is(rows_of(cases[i][0], NULL), want, "rows");
	}
}

/* What comes behind it would be lost in a field that is a string. */
static void
nul_is_told(void)
{
	char name[32];
	const char *path = name, *got;
	int fd = file_of("a\nb\0c\nd\n", 8, name);

	got = rows(&path, 1, NULL, 4096);
	ok(strncmp(got, " >|a| ?|b", 9) == 0, "a NUL spoils its row");
	is(ss_message(), "the row holds a NUL character", "says so");
	close(fd);
}

static void
test_told(void)
{
	is(rows_of("\xc3\xa4\n", NULL), " >|ä| ", "UTF-8 when it may be");
	is(rows_of("\xc3\xa4\n", "gb18030"), " >|盲| ", "or as told");
	is(rows_of("\xc3\xa4\n", "GBK"), " >|盲| ", "by an older name");
	is(rows_of("a\n" SHE_GB "\n", "utf-8"), " >|a| ?|" SHE_GB "| ",
	    "not what was told");
	is(ss_message(), "the row is not UTF-8; say --encoding", "says so");
	is(rows_of("社\n\xff\n保\n", "utf-8"), " >|社| ?|\xff| |保| ",
	    "in one row alone");
	nul_is_told();
	is(rows_of("\xef\xbb\xbf社\n", "gb18030"), " >|社| ",
	    "a byte order mark knows better");
	is(rows_of("a\n", "latin1"),
	    "CSV is read as utf-8 or gb18030, not latin1", "no other");
}

/* A quote that is not closed would take the rest of the file. */
static void
test_limit(void)
{
	char text[9000], name[32];
	const char *path = name, *got;
	int fd;

	memset(text, 'x', sizeof(text));
	memcpy(text, "a\n", 2);
	text[4098] = '\n';
	fd = file_of(text, 4099, name);
	got = rows(&path, 1, NULL, 4096);
	ok(strstr(got, "row 2 is longer than the line limit") != NULL,
	    "4097 bytes with the end");
	close(fd);
	text[4097] = '\n';
	fd = file_of(text, 4098, name);
	got = rows(&path, 1, NULL, 4096);
	ok(strlen(got) == 9 + 4095, "4096 bytes with the end");
	close(fd);
}

static void
test_files(void)
{
	static const char *const texts[] = { "a\n" SHE_GB, "b\n社\n", "",
		"\xef\xbb\xbf" "c\n" };
	char names[4][32];
	const char *paths[4];
	int i, fd[4];

	for (i = 0; i < 4; i++) {
		fd[i] = file_of(texts[i], strlen(texts[i]), names[i]);
		paths[i] = names[i];
	}
	is(rows(paths, 4, NULL, 4096), " >|a| |社| >|b| |社| >|c| ",
	    "each file has its header and its encoding");
	for (i = 0; i < 4; i++)
		close(fd[i]);
}

struct feed {
	int fd;
	const char *text;
};

static void *
feed(void *arg)
{
	const struct feed *f = arg;
	const char *p;

	/* The reader is let in between two bytes. */
	for (p = f->text; *p != '\0'; p++) {
		if (write(f->fd, p, 1) != 1)
			break;
		usleep(2000);
	}
	close(f->fd);
	return NULL;
}

static void
test_pipe(void)
{
	static const char *const cases[][2] = {
		{ "a,b\r\n1,\"2\r\n3\"\r\n", " >|a|b| |1|2\r\n3| " },
		{ "\xef\xbb\xbf社,b\n1,2\n", " >|社|b| |1|2| " },
		{ SHE_GB ",b\n1," SHE_GB "\n", " >|社|b| |1|社| " },
		{ "\xff\xfe" "a", " 1 %s: UTF-16; save it as CSV in UTF-8" },
	};
	struct feed f;
	char name[32], want[128];
	const char *path = name;
	pthread_t thread;
	size_t i;
	int fd[2];

	for (i = 0; i < LEN(cases); i++) {
		if (pipe(fd) == -1)
			exit(1);
		f = (struct feed){ fd[1], cases[i][0] };
		snprintf(name, sizeof(name), "/dev/fd/%d", fd[0]);
		if (i == 3)
			snprintf(want, sizeof(want), " 1 %s: UTF-16; save it "
			    "as CSV in UTF-8", name);
		else
			strcpy(want, cases[i][1]);
		pthread_create(&thread, NULL, feed, &f);
		is(rows(&path, 1, NULL, 4096), want, "byte by byte");
		close(fd[0]);
		pthread_join(thread, NULL);
	}
}

static void
test_write(void)
{
	static const char *const field[] = { "a", "b,c", "d\"e", "f\ng", "",
		" h " };
	static const size_t len[] = { 1, 3, 3, 3, 0, 3 };
	const struct ss_row row = { .field = field, .len = len, .count = 6 };
	struct ss_bytes b = { 0 };

	ss_csv_write(&row, &b);
	is(b.data, "a,\"b,c\",\"d\"\"e\",\"f\ng\",, h ", "written");
	ss_bytes_free(&b);
}

int
main(void)
{
	signal(SIGPIPE, SIG_IGN);
	test_rows();
	test_told();
	test_limit();
	test_files();
	test_pipe();
	test_write();
	return done();
}
