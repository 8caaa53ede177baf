/* The loop of every filter: what goes out when things go wrong. */
#define _GNU_SOURCE	/* memfd_create */
#include <sys/mman.h>

#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/stream.h"
#include "../tap.h"

#define RECORDS 1000

/* What the callbacks do, and what they saw. */
struct test {
	int stop_at, code;	/* one returns code at that record */
	int begin, end;		/* codes that those return */
	bool all_kinds;
	volatile sig_atomic_t stop;
	int stop_after;		/* *stop is set at that record */
	/* seen */
	size_t groups, largest, begun, ended;
	int bad_slots, bad_order, bad_worker;
	bool stored[RECORDS + 1];
	uint64_t after;
	struct ss_counts counts;
	struct ss_bytes out, rejects;
};

static int
begin(struct ss_record *const *recs, size_t n, void *ctx)
{
	struct test *t = ctx;
	size_t i;

	t->groups++;
	t->begun += n;
	if (n > t->largest)
		t->largest = n;
	for (i = 0; i < n; i++) {
		t->bad_slots += recs[i]->slot >= SS_GROUP_RECORDS ||
		    (i > 0 && recs[i]->slot <= recs[i - 1]->slot);
		t->bad_order += i > 0 &&
		    recs[i]->number <= recs[i - 1]->number;
	}
	return t->begin == 0 ? 0 : ss_fail(t->begin, "begin fails");
}

static int
one(struct ss_record *rec, unsigned worker, void *ctx)
{
	struct test *t = ctx;

	if (worker >= 4)
		t->bad_worker++;
	if (t->stop_at > 0 && rec->number == (uint64_t)t->stop_at)
		return ss_fail(t->code, "one fails");
	if (t->stop_after > 0 && rec->number == (uint64_t)t->stop_after)
		t->stop = 1;
	if (t->all_kinds && rec->number % 4 == 1)
		rec->outcome = SS_PASSED;
	else if (t->all_kinds && rec->number % 4 == 2)
		ss_record_already(rec);
	else if (t->all_kinds && rec->number % 4 == 3)
		return ss_fail(SS_EPOLICY, "refused");
	else
		ss_bytes_adds(ss_record_set(rec, "done"), "true");
	return 0;
}

static int
end(struct ss_record *const *recs, size_t n, void *ctx)
{
	struct test *t = ctx;
	size_t i;

	t->ended += n;
	if (t->end != 0)
		return ss_fail(t->end, "end fails");
	for (i = 0; i < n; i++)
		t->stored[recs[i]->number] = true;
	return 0;
}

static void
after(const struct ss_record *rec, void *ctx)
{
	struct test *t = ctx;

	t->bad_order += rec->number != ++t->after;
}

static void
read_back(int fd, struct ss_bytes *out)
{
	char path[32];

	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	ss_bytes_reset(out);
	if (ss_bytes_read_file(out, path, "out", 16 << 20) != 0)
		exit(1);
	if (out->len == 0)
		ss_bytes_add(out, "\0", 1);
	close(fd);
}

/* Runs over a text; the code of the run. */
static int
run(struct test *t, const char *text, size_t len, unsigned jobs, bool rejects)
{
	int in_fd = memfd_create("in", 0), out_fd = memfd_create("out", 0);
	const struct ss_work work = { .begin = begin, .one = one, .end = end,
		.ctx = t };
	struct ss_stream s = { .tool = "t", .limit = SS_LINE_LIMIT_MIN,
		.jobs = jobs, .out_fd = out_fd, .stop = &t->stop,
		.rejects_fd = rejects ? memfd_create("rejects", 0) : -1,
		.after = after, .ctx = t };
	char path[32];
	const char *paths[] = { path };
	struct ss_source source;
	struct ss_lines lines;
	struct ss_input in;
	int r;

	if (write(in_fd, text, len) != (ssize_t)len)
		exit(1);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", in_fd);
	ss_input_init(&in, paths, 1, &t->stop);
	ss_lines_init(&lines, &in, s.limit);
	source = ss_lines_source(&lines);
	r = ss_stream_run(&s, &source, &work);
	t->counts = s.counts;
	ss_lines_wipe(&lines);
	ss_input_wipe(&in);
	close(in_fd);
	read_back(out_fd, &t->out);
	if (rejects)
		read_back(s.rejects_fd, &t->rejects);
	return r;
}

static void
free_test(struct test *t)
{
	ss_bytes_free(&t->out);
	ss_bytes_free(&t->rejects);
}

static int
run_records(struct test *t, unsigned jobs, bool rejects)
{
	struct ss_bytes text = { 0 };
	int i, r;

	for (i = 1; i <= RECORDS; i++)
		ss_bytes_addf(&text, "{\"n\":%d}\n", i);
	r = run(t, text.data, text.len, jobs, rejects);
	ss_bytes_free(&text);
	return r;
}

/* Goes through what came out: how many lines, in order, hold what. */
static int
lines_with(const struct test *t, const char *what, int *lines)
{
	char *line, *save = NULL, *copy = strdup(t->out.data);
	int n = 0, count = 0, number, last = 0;

	for (line = strtok_r(copy, "\n", &save); line != NULL;
	    line = strtok_r(NULL, "\n", &save)) {
		n++;
		if (sscanf(line, "{\"n\":%d", &number) != 1 || number <= last)
			count = -RECORDS;
		last = number;
		count += strstr(line, what) != NULL;
	}
	free(copy);
	*lines = n;
	return count;
}

/* Whether each line that went out as done had been stored. */
static int
done_not_stored(const struct test *t)
{
	const char *p;
	int number, bad = 0;

	for (p = t->out.data; (p = strstr(p, "{\"n\":")) != NULL; p++)
		if (sscanf(p, "{\"n\":%d,\"done\"", &number) == 1 &&
		    strncmp(strchr(p, ',') + 1, "\"done\"", 6) == 0)
			bad += !t->stored[number];
	return bad;
}

static void
test_good(void)
{
	struct test t = { .stop = 0 };
	unsigned jobs;
	int lines;

	for (jobs = 1; jobs <= 4; jobs++) {
		t = (struct test){ .out = t.out };
		ok(run_records(&t, jobs, false) == 0, "runs by %u", jobs);
		ok(lines_with(&t, "\"done\":true}", &lines) == RECORDS &&
		    lines == RECORDS, "all go out, in order");
		ok(t.begun == RECORDS && t.ended == RECORDS &&
		    t.groups == 4 && t.largest == SS_GROUP_RECORDS &&
		    t.bad_slots + t.bad_order + t.bad_worker == 0,
		    "groups of 256, each in its slot");
		ok(t.counts.in == RECORDS && t.counts.done == RECORDS &&
		    t.counts.out == RECORDS && t.counts.failed == 0 &&
		    t.after == RECORDS && done_not_stored(&t) == 0, "counted");
	}
	free_test(&t);
}

static void
test_outcomes(void)
{
	static const char text[] = "{\"n\":1}\n{\"n\":2}\n{\"n\":3}\n"
	    "{\"n\":4}\nbad\n{\"error\":1}\n{\"n\":7}\n{\"n\":8}";
	struct test t = { .all_kinds = true };

	ok(run(&t, text, sizeof(text) - 1, 2, false) == 0, "all outcomes");
	is(t.out.data, "{\"n\":1}\n{\"n\":2,\"already\":true}\n"
	    "{\"n\":3,\"error\":{\"tool\":\"t\",\"code\":\"policy\","
	    "\"message\":\"refused\"}}\n{\"n\":4,\"done\":true}\n"
	    "{\"error\":{\"tool\":\"t\",\"code\":\"invalid\",\"message\":"
	    "\"byte 3: not JSON\"},\"line\":{\"number\":5,\"text\":\"bad\"}}\n"
	    "{\"error\":1}\n{\"n\":7,\"error\":{\"tool\":\"t\",\"code\":"
	    "\"policy\",\"message\":\"refused\"}}\n{\"n\":8,\"done\":true}\n",
	    "go out");
	ok(t.counts.in == 8 && t.counts.passed == 1 && t.counts.already == 1 &&
	    t.counts.failed == 3 && t.counts.done == 2 &&
	    t.counts.upstream == 1 && t.counts.out == 8, "are counted");
	ok(t.begun == 6 && t.ended == 2,
	    "begin and end see those that can be worked on");
	free_test(&t);
	t = (struct test){ .all_kinds = true };
	ok(run(&t, text, sizeof(text) - 1, 2, true) == 0, "with rejects");
	is(t.out.data, "{\"n\":1}\n{\"n\":2,\"already\":true}\n"
	    "{\"n\":4,\"done\":true}\n{\"n\":8,\"done\":true}\n", "good ones");
	ok(strncmp(t.rejects.data, "{\"n\":3,\"error\"", 14) == 0 &&
	    strstr(t.rejects.data, "\n{\"error\":1}\n") != NULL &&
	    t.counts.out == 8 && t.counts.in == 8, "the others apart");
	free_test(&t);
	t = (struct test){ .stop = 0 };
	ok(run(&t, "", 0, 2, false) == 0 && t.counts.in == 0 &&
	    t.out.data[0] == '\0' && t.groups == 0, "no input, no output");
	free_test(&t);
}

static void
test_stop_code(void)
{
	static const int at[] = { 1, 2, 100, 256, 257, 600, 1000 };
	struct test t = { .stop = 0 };
	int tried, lines;
	unsigned jobs;
	size_t i;

	for (i = 0; i < sizeof(at) / sizeof(at[0]); i++)
		for (jobs = 1; jobs <= 4; jobs += 3) {
			t = (struct test){ .stop_at = at[i], .out = t.out,
				.code = SS_EREGISTRY };
			ok(run_records(&t, jobs, false) == SS_EREGISTRY &&
			    strcmp(ss_message(), "one fails") == 0,
			    "stops at %d by %u", at[i], jobs);
			tried = lines_with(&t, "\"done\":true}", &lines);
			tried += lines_with(&t, "\"registry\",\"message\":"
			    "\"one fails\"", &lines);
			ok(tried + lines_with(&t, "\"registry\",\"message\":"
			    "\"not tried: one fails\"", &lines) == lines &&
			    lines == (int)t.counts.in && lines >= at[i] &&
			    (jobs > 1 || tried == at[i]),
			    "what was read goes out, the rest not tried");
			ok(lines_with(&t, "one fails", &lines) ==
			    (int)t.counts.failed, "counted");
			ok(done_not_stored(&t) == 0,
			    "what goes out as done was stored");
		}
	free_test(&t);
}

static void
test_group_fails(void)
{
	struct test t = { .begin = SS_EREGISTRY };
	int lines;

	ok(run_records(&t, 2, false) == SS_EREGISTRY, "begin fails");
	ok(lines_with(&t, "\"registry\",\"message\":\"begin fails\"",
	    &lines) == 256 && lines == RECORDS && t.ended == 0,
	    "and so does its group");
	ok(t.begun == 256 && t.counts.failed == RECORDS && lines_with(&t,
	    "not tried: begin fails", &lines) == RECORDS - 256,
	    "what had been read beyond it is not tried");
	t = (struct test){ .out = t.out, .end = SS_EIO };
	ok(run_records(&t, 2, false) == SS_EIO, "end fails");
	ok(lines_with(&t, "\"io\",\"message\":\"end fails\"", &lines) ==
	    256 && lines == RECORDS && t.ended == 256 &&
	    lines_with(&t, "done", &lines) == 0, "and so does its group");
	free_test(&t);
}

/* A group whose end fails is composed anew: the others must not change. */
static void
test_end_fails_among_others(void)
{
	static const char text[] = "{\"n\":1}\n{\"n\":2}\n"
	    "{\"n\":3,\"error\":null}\n{\"n\":4}\n{\"error\":1}\n";
	struct test t = { .all_kinds = true, .end = SS_EREGISTRY };

	ok(run(&t, text, sizeof(text) - 1, 2, false) == SS_EREGISTRY,
	    "end fails among other outcomes");
	is(t.out.data, "{\"n\":1}\n{\"n\":2,\"already\":true}\n"
	    "{\"n\":3,\"error\":{\"tool\":\"t\",\"code\":\"policy\","
	    "\"message\":\"refused\"}}\n{\"n\":4,\"error\":{\"tool\":"
	    "\"t\",\"code\":\"registry\",\"message\":\"end fails\"}}\n"
	    "{\"error\":1}\n", "which stay what they were");
	free_test(&t);
}

static void
test_asked_to_stop(void)
{
	struct test t = { .stop_after = 300 };
	int lines, tried;

	ok(run_records(&t, 1, false) == 0, "asked to stop");
	tried = lines_with(&t, "\"done\":true}", &lines);
	ok(tried == 300 && lines == RECORDS && lines_with(&t, "\"io\",\"message\""
	    ":\"not tried: interrupted\"", &lines) == RECORDS - 300,
	    "ends after the record in work");
	ok(done_not_stored(&t) == 0, "what goes out as done was stored");
	free_test(&t);
}

static void
test_output_fails(void)
{
	struct ss_one one_line = { .given = false };
	struct ss_source source = ss_one_source(&one_line);
	const struct ss_work work = { .one = one,
		.ctx = &(struct test){ .stop = 0 } };
	struct ss_stream s = { .tool = "t", .limit = SS_LINE_LIMIT, .jobs = 1,
		.rejects_fd = -1 };
	int fd[2];

	ss_bytes_adds(&one_line.text, "{\"n\":1}");
	s.out_fd = open("/dev/full", O_WRONLY);
	ok(ss_stream_run(&s, &source, &work) == SS_EIO && s.counts.out == 0 &&
	    !s.pipe_closed, "a full disk");
	is(ss_message(), "standard output: No space left on device", "says so");
	close(s.out_fd);
	if (pipe(fd) == -1)
		exit(1);
	close(fd[0]);
	one_line.given = false;
	s.out_fd = fd[1];
	ok(ss_stream_run(&s, &source, &work) == SS_EIO && s.pipe_closed,
	    "a reader that has gone");
	close(fd[1]);
	ss_bytes_free(&one_line.text);
}

int
main(void)
{
	signal(SIGPIPE, SIG_IGN);
	test_good();
	test_outcomes();
	test_stop_code();
	test_group_fails();
	test_end_fails_among_others();
	test_asked_to_stop();
	test_output_fails();
	return done();
}
