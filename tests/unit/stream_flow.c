/* Records that flow through workers, each of which takes its time. */
#define _GNU_SOURCE	/* memfd_create, pipe2 */
#include <sys/mman.h>

#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/stream.h"
#include "../tap.h"

#define WORKERS 8
#define RECORDS 2000	/* many more than may be under way */

struct test {
	uint64_t refuse_each;	/* one fails at every such record */
	uint64_t stop_at, ask_at;
	int code;		/* of stop_at, from one, begin or end */
	enum { IN_ONE, IN_BEGIN, IN_END } where;
	int gives_up[WORKERS];	/* records until ready says gives_code */
	int gives_code;
	bool shy;		/* ready says SS_EMISSING each other time */
	uint64_t slow;		/* this record waits until all others are in */
	bool rejects;
	/* seen */
	volatile sig_atomic_t stop;
	atomic_uint times[RECORDS + 1], asked[WORKERS], done[WORKERS];
	atomic_uint begun, ended, bad, in_work, together;
	atomic_uint passed_slow;
	uint64_t after;
	struct ss_counts counts;
	struct ss_bytes out, rejected;
	char message[SS_MESSAGE_MAX];
};

static int
fail_at(struct test *t, const struct ss_record *rec, int where)
{
	return (int)t->where == where && rec->number == t->stop_at ?
	    ss_fail(t->code, "it stops") : 0;
}

static int
begin(struct ss_record *const *recs, size_t n, void *ctx)
{
	struct test *t = ctx;

	t->begun += (unsigned)n;
	t->bad += n != 1;
	return fail_at(t, recs[0], IN_BEGIN);
}

static void
wait_for_others(struct test *t)
{
	while (t->passed_slow < 100)
		usleep(100);
}

static int
one(struct ss_record *rec, unsigned worker, void *ctx)
{
	struct test *t = ctx;
	unsigned now = ++t->in_work;

	if (now > t->together)
		t->together = now;
	t->bad += worker >= WORKERS || rec->number > RECORDS ||
	    rec->slot >= SS_GROUP_RECORDS;
	t->times[rec->number]++;
	t->done[worker]++;
	if (t->slow != 0 && rec->number == t->slow)
		wait_for_others(t);
	else if (rec->number > t->slow)
		t->passed_slow++;
	if (rec->number == t->ask_at)
		t->stop = 1;
	ss_bytes_adds(ss_record_set(rec, "done"), "true");
	t->in_work--;
	if (t->refuse_each > 0 && rec->number % t->refuse_each == 0)
		return ss_fail(SS_EPOLICY, "refused");
	return fail_at(t, rec, IN_ONE);
}

static int
end(struct ss_record *const *recs, size_t n, void *ctx)
{
	struct test *t = ctx;

	t->ended += (unsigned)n;
	t->bad += n != 1;
	return fail_at(t, recs[0], IN_END);
}

static int
ready(unsigned worker, void *ctx)
{
	struct test *t = ctx;

	if (t->shy && t->asked[worker]++ % 2 == 0)
		return ss_fail(SS_EMISSING, "not yet");
	if (t->gives_up[worker] != 0 &&
	    (int)t->done[worker] >= t->gives_up[worker] - 1)
		return ss_fail(t->gives_code, "worker gives up");
	return 0;
}

static void
after(const struct ss_record *rec, void *ctx)
{
	struct test *t = ctx;

	t->bad += rec->number != ++t->after;
}

static void
read_back(int fd, struct ss_bytes *out)
{
	char path[32];

	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	if (ss_bytes_read_file(out, path, "out", 16 << 20) != 0)
		exit(1);
	if (out->len == 0)
		ss_bytes_add(out, "\0", 1);
	close(fd);
}

static int
run_from(struct test *t, int in_fd, unsigned jobs)
{
	const struct ss_work work = { .begin = begin, .one = one, .end = end,
		.ctx = t, .ready = ready };
	struct ss_stream s = { .tool = "t", .limit = SS_LINE_LIMIT_MIN,
		.jobs = jobs, .out_fd = memfd_create("out", 0),
		.stop = &t->stop, .after = after, .ctx = t,
		.rejects_fd = t->rejects ? memfd_create("rejects", 0) : -1 };
	char path[32];
	const char *paths[] = { path };
	struct ss_source source;
	struct ss_lines lines;
	struct ss_input in;
	int r;

	snprintf(path, sizeof(path), "/proc/self/fd/%d", in_fd);
	ss_input_init(&in, paths, 1, &t->stop);
	ss_lines_init(&lines, &in, s.limit);
	source = ss_lines_source(&lines);
	r = ss_stream_run(&s, &source, &work);
	snprintf(t->message, sizeof(t->message), "%s", r != 0 ? ss_message() :
	    "");
	t->counts = s.counts;
	ss_lines_wipe(&lines);
	ss_input_wipe(&in);
	read_back(s.out_fd, &t->out);
	if (t->rejects)
		read_back(s.rejects_fd, &t->rejected);
	return r;
}

static int
run(struct test *t, int records, unsigned jobs)
{
	struct ss_bytes text = { 0 };
	int i, r, fd = memfd_create("in", 0);

	for (i = 1; i <= records; i++)
		ss_bytes_addf(&text, i % 500 == 0 ? "no record\n" :
		    "{\"id\":\"%d\"}\n", i);
	if (fd == -1 || write(fd, text.data, text.len) != (ssize_t)text.len)
		exit(1);
	ss_bytes_free(&text);
	r = run_from(t, fd, jobs);
	close(fd);
	return r;
}

static size_t
count(const struct ss_bytes *b, const char *text)
{
	const char *p = b->data;
	size_t n = 0;

	for (; p != NULL && (p = strstr(p, text)) != NULL; p += strlen(text))
		n++;
	return n;
}

/* Each was worked on once at most; how many were. */
static unsigned
worked(struct test *t)
{
	unsigned i, n = 0;

	for (i = 1; i <= RECORDS; i++) {
		t->bad += t->times[i] > 1;
		n += t->times[i];
	}
	return n;
}

static void
free_test(struct test *t)
{
	ss_bytes_free(&t->out);
	ss_bytes_free(&t->rejected);
}

static void
test_order(void)
{
	unsigned jobs;

	for (jobs = 1; jobs <= WORKERS; jobs *= 2) {
		struct test t = { .refuse_each = 7, .shy = jobs > 2,
			.rejects = jobs == 4, .slow = jobs > 1 ? 3 : 0 };
		int r = run(&t, RECORDS, jobs);

		ok(r == 0 && worked(&t) == RECORDS - 4 && t.bad == 0 &&
		    t.after == RECORDS, "%u workers: all, once, in order",
		    jobs);
		ok(t.counts.in == RECORDS && t.counts.out == RECORDS &&
		    t.counts.failed == 4 + RECORDS / 7 &&
		    t.begun == RECORDS - 4 && t.ended == t.begun - RECORDS / 7,
		    "%u workers: counted", jobs);
		ok(count(&t.out, "\n") > 0 &&
		    count(&t.out, "\n") + count(&t.rejected, "\n") == RECORDS &&
		    count(t.rejects ? &t.rejected : &t.out, "\"policy\"") ==
		    RECORDS / 7, "%u workers: failed ones go where they "
		    "belong", jobs);
		ok(jobs == 1 ? t.together == 1 : t.together > 1,
		    "%u workers: %u at a time", jobs, (unsigned)t.together);
		free_test(&t);
	}
}

static void
test_stop(void)
{
	static const char *const where[] = { "one", "begin", "end" };
	unsigned jobs;
	int w;

	for (jobs = 1; jobs <= 4; jobs += 3)
		for (w = IN_ONE; w <= IN_END; w++) {
			struct test t = { .stop_at = 600, .code = SS_EREGISTRY,
				.where = (unsigned)w };
			int r = run(&t, RECORDS, jobs);

			ok(r == SS_EREGISTRY && strcmp(t.message, "it stops")
			    == 0 && t.bad == 0 && worked(&t) < 600 + 5 &&
			    count(&t.out, "\n") == t.counts.in &&
			    count(&t.out, "not tried") > 0,
			    "%u workers, %s stops: what was read goes out",
			    jobs, where[w]);
			free_test(&t);
		}
}

static void
test_asked(void)
{
	struct test t = { .ask_at = 300 };
	int r = run(&t, RECORDS, 4);

	ok(r == 0 && worked(&t) >= 300 && worked(&t) < 310 && t.bad == 0 &&
	    count(&t.out, "\n") == t.counts.in, "asked to stop");
	free_test(&t);
}

static void
test_give_up(void)
{
	struct test some = { .gives_up = { 1, 0, 3, 1 },
		.gives_code = SS_EREADER };
	struct test all = { .gives_up = { 1, 5, 3, 1 },
		.gives_code = SS_EREADER };
	struct test none = { .gives_up = { 1 }, .gives_code = SS_EREADER };
	struct test done = { .gives_up = { 6 }, .gives_code = SS_EREADER };
	int r = run(&some, RECORDS, 4);

	ok(r == 0 && worked(&some) == RECORDS - 4 && some.bad == 0 &&
	    some.done[0] == 0 && some.done[2] <= 2, "some give up: the others "
	    "work on");
	r = run(&all, RECORDS, 4);
	ok(r == SS_EREADER && strcmp(all.message, "worker gives up") == 0,
	    "all give up: the run stops");
	ok(worked(&all) == 6 && all.bad == 0 && count(&all.out, "\n") ==
	    all.counts.in && count(&all.out, "not tried") > 0,
	    "what was read goes out, not tried");
	ok(run(&none, 0, 1) == 0, "nobody gives up where there is no work");
	ok(run(&done, 5, 1) == 0 && worked(&done) == 5,
	    "nor when the last record is done");
	free_test(&some);
	free_test(&all);
	free_test(&none);
	free_test(&done);
}

struct feeder {
	int fd;
	struct test *t;
};

/* The next line when the one before it is done. */
static void *
feed(void *ctx)
{
	const struct feeder *f = ctx;
	unsigned i;

	for (i = 1; i <= 50; i++) {
		if (dprintf(f->fd, "{\"id\":\"%u\"}\n", i) < 0)
			exit(1);
		while (f->t->times[i] == 0)
			usleep(50);
	}
	close(f->fd);
	return NULL;
}

static void
test_slow_input(void)
{
	struct test t = { .code = 0 };
	struct feeder f = { .t = &t };
	pthread_t thread;
	int fds[2];

	if (pipe2(fds, O_CLOEXEC) != 0)
		exit(1);
	f.fd = fds[1];
	if (pthread_create(&thread, NULL, feed, &f) != 0)
		exit(1);
	ok(run_from(&t, fds[0], 3) == 0 && worked(&t) == 50 && t.bad == 0 &&
	    t.after == 50, "a record that comes alone is worked on at once");
	pthread_join(thread, NULL);
	close(fds[0]);
	free_test(&t);
}

int
main(void)
{
	alarm(60);
	test_order();
	test_stop();
	test_asked();
	test_give_up();
	test_slow_input();
	return done();
}
