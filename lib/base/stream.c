#include <sys/stat.h>

#include <errno.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/err.h"
#include "base/pool.h"
#include "base/stream_own.h"

bool
ss_stream_asked(const struct ss_stream_job *run)
{
	return run->stream->stop != NULL && *run->stream->stop != 0;
}

/* The first thing that stops the run is what it ends with. Any thread. */
void
ss_stream_halt(struct ss_stream_job *run, int code)
{
	if (code == 0 || atomic_exchange(&run->halted, true))
		return;
	memcpy(run->message, ss_message(), sizeof(run->message));
	run->code = code;	/* the sentence stands before it is seen */
}

/* The next line as a record of the group; false: the group is complete. */
bool
ss_stream_gather(struct ss_stream_job *run)
{
	enum ss_next what;
	struct ss_line line;
	int r;

	r = run->source->next(run->source->ctx, run->count == 0 &&
	    run->work->ready == NULL, &line, &what);
	if (r == 0 && what == SS_LINE) {
		run->group[run->count].slot = (unsigned)run->count;
		r = ss_record_keep(&run->group[run->count], &line);
	}
	if (r != 0) {
		/* What was read before it is still worked on. */
		run->source_code = r;
		memcpy(run->source_message, ss_message(), SS_MESSAGE_MAX);
		run->ended = true;
		return false;
	}
	if (what == SS_NO_MORE)
		run->ended = true;
	if (what != SS_LINE)
		return false;
	run->count++;
	return true;
}

/* Reads the next group: waits for its first line, not for the others. */
static void
gather(struct ss_stream_job *run)
{
	size_t bytes = 0, most = run->work->group;

	if (most == 0 || most > SS_GROUP_RECORDS)
		most = SS_GROUP_RECORDS;
	run->count = 0;
	if (run->code != 0 && run->source->input != NULL)
		run->source->input->ended = true;
	/* Without an input that a signal ends, what is left is not begun. */
	if (run->source->input == NULL &&
	    (run->code != 0 || ss_stream_asked(run))) {
		run->ended = true;
		return;
	}
	while (run->count < most && bytes < SS_GROUP_BYTES &&
	    ss_stream_gather(run))
		bytes += run->group[run->count - 1].text.len;
}

static void
parse_one(size_t i, unsigned worker, void *ctx)
{
	struct ss_stream_job *run = ctx;

	(void)worker;
	ss_stream_halt(run, ss_record_parse(&run->group[i]));
}

void
ss_stream_not_tried(struct ss_stream_job *run, struct ss_record *rec)
{
	int code = run->code != 0 ? run->code : SS_EIO;

	ss_fail(code, "not tried: %s", run->code != 0 ? run->message :
	    "interrupted");
	ss_record_fail(rec, code);
}

/* A code returned for a record is its error, and may stop the run. */
void
ss_stream_fail(struct ss_stream_job *run, struct ss_record *rec, int code)
{
	if (code == 0)
		return;
	ss_record_fail(rec, code);
	if (ss_code_stops(code))
		ss_stream_halt(run, code);
}

static void
work(struct ss_stream_job *run, struct ss_record *rec, unsigned worker)
{
	if (run->code != 0 || ss_stream_asked(run)) {
		ss_stream_not_tried(run, rec);
		return;
	}
	ss_stream_fail(run, rec, run->work->one(rec, worker, run->work->ctx));
}

void
ss_stream_compose(size_t i, unsigned worker, void *ctx)
{
	struct ss_stream_job *run = ctx;

	struct ss_record *rec = &run->group[i];
	int r;

	(void)worker;
	r = ss_record_compose(rec, run->stream->tool, run->stream->limit);
	if (r == 0)
		return;
	ss_record_fail(rec, r);
	rec->out.failed = true;
	ss_stream_halt(run, r);
}

/* Again, where something was said of it after it was composed. */
static void
compose_stale(size_t i, unsigned worker, void *ctx)
{
	struct ss_stream_job *run = ctx;

	if (run->group[i].stale)
		ss_stream_compose(i, worker, ctx);
}

static void
work_one(size_t i, unsigned worker, void *ctx)
{
	struct ss_stream_job *run = ctx;

	struct ss_record *rec = &run->group[i];

	if (rec->outcome == SS_DONE)
		work(run, rec, worker);
	ss_stream_compose(i, worker, ctx);
	if (rec->outcome == SS_DONE && run->work->sealer.each != NULL) {
		ss_stream_fail(run, rec, run->work->sealer.each(rec, worker,
		    run->work->sealer.ctx));
		compose_stale(i, worker, ctx);
	}
}

static void
close_one(size_t i, unsigned worker, void *ctx)
{
	struct ss_stream_job *run = ctx;
	struct ss_record *rec = &run->group[i];

	if (rec->outcome == SS_DONE)
		ss_stream_fail(run, rec, run->work->sealer.close(rec, worker,
		    run->work->sealer.ctx));
	compose_stale(i, worker, ctx);
}

static void
find_able(struct ss_stream_job *run)
{
	size_t i;

	run->able_count = 0;
	for (i = 0; i < run->count; i++)
		if (run->group[i].outcome == SS_DONE)
			run->able[run->able_count++] = &run->group[i];
}

/*
 * A callback over those of the group that can be worked on; its failure is
 * that of each of them.
 */
static void
together(struct ss_stream_job *run,
    int (*callback)(struct ss_record *const *, size_t n, void *ctx),
    void *ctx)
{
	char message[SS_MESSAGE_MAX];
	size_t i;
	int r;

	find_able(run);
	if (callback == NULL || run->able_count == 0)
		return;
	if ((r = callback(run->able, run->able_count, ctx)) == 0)
		return;
	ss_stream_halt(run, r);
	memcpy(message, ss_message(), sizeof(message));
	for (i = 0; i < run->able_count; i++) {
		ss_fail(r, "%s", message);
		ss_record_fail(run->able[i], r);
	}
}

static void
work_group(struct ss_stream_job *run)
{
	const struct ss_work *w = run->work;

	ss_pool_run(run->pool, run->count, parse_one, run);
	if (run->code == 0 && !ss_stream_asked(run))
		together(run, w->begin, w->ctx);
	ss_pool_run(run->pool, run->count, work_one, run);
	if (w->sealer.each != NULL) {
		together(run, w->sealer.sign, w->sealer.ctx);
		ss_pool_run(run->pool, run->count, close_one, run);
	}
	together(run, w->end, w->ctx);
	ss_pool_run(run->pool, run->count, compose_stale, run);
}

static void
count(struct ss_counts *c, const struct ss_record *rec)
{
	c->in++;
	switch (rec->outcome) {
	case SS_DONE:
		c->done++;
		return;
	case SS_PASSED:
		c->passed++;
		return;
	case SS_ALREADY:
		c->already++;
		return;
	case SS_UPSTREAM:
		c->upstream++;
		return;
	case SS_FAILED:
		c->failed++;
		return;
	}
}

static int
write_all(int fd, const char *p, size_t n, size_t *written)
{
	ssize_t w;

	for (*written = 0; *written < n; *written += (size_t)w) {
		w = write(fd, p + *written, n - *written);
		if (w == -1 && errno == EINTR)
			w = 0;
		if (w == -1)
			return -1;
	}
	return 0;
}

/* A line torn by a full disk is cut off again, where the file allows it. */
static void
untear(int fd, const char *p, size_t written)
{
	struct stat st;
	off_t size;
	size_t torn = 0;

	while (torn < written && p[written - torn - 1] != '\n')
		torn++;
	size = lseek(fd, 0, SEEK_CUR);
	if (torn > 0 && size != -1 && fstat(fd, &st) == 0 &&
	    S_ISREG(st.st_mode) && st.st_size == size &&
	    ftruncate(fd, size - (off_t)torn) == 0)
		lseek(fd, size - (off_t)torn, SEEK_SET);
}

/* Writes what is in out. */
static int
write_out(struct ss_stream_job *run, int fd, const char *subject)
{
	const char *p = run->out.data;
	size_t written, i;
	int e;

	if (write_all(fd, p, run->out.len, &written) == 0) {
		run->stream->counts.out += run->lines;
		return 0;
	}
	e = errno;
	for (i = 0; i < written; i++)
		run->stream->counts.out += p[i] == '\n';
	untear(fd, p, written);
	run->stream->pipe_closed = e == EPIPE && fd == run->stream->out_fd;
	return ss_fail(SS_EIO, "%s: %s", subject, strerror(e));
}

static void
begin_lines(struct ss_stream_job *run)
{
	ss_bytes_reset(&run->out);
	run->lines = 0;
}

static void
add_line(struct ss_stream_job *run, const struct ss_record *rec)
{
	/* Without memory to compose it, the record goes out as it came. */
	if (rec->out.failed)
		ss_bytes_add(&run->out, rec->text.data, rec->text.len);
	else
		ss_bytes_add(&run->out, rec->out.data, rec->out.len);
	ss_bytes_addc(&run->out, '\n');
	run->lines++;
}

static bool
is_reject(const struct ss_record *rec)
{
	return rec->outcome == SS_FAILED || rec->outcome == SS_UPSTREAM;
}

/* Diverts the failed ones; *end is the first that could not be any more. */
static int
write_rejects(struct ss_stream_job *run, size_t *end)
{
	struct ss_record *rec;
	int r;

	for (*end = 0; *end < run->count; ++*end) {
		rec = &run->group[*end];
		if (!is_reject(rec))
			continue;
		begin_lines(run);
		add_line(run, rec);
		if ((r = ss_bytes_check(&run->out)) != 0 || (r = write_out(run,
		    run->stream->rejects_fd, "the rejects file")) != 0)
			return r;
	}
	return 0;
}

/* What could not be diverted goes out with the others. */
int
ss_stream_write(struct ss_stream_job *run)
{
	struct ss_stream *s = run->stream;
	struct ss_record *rec;
	size_t i, diverted = 0;

	if (s->rejects_fd != -1)
		ss_stream_halt(run, write_rejects(run, &diverted));
	begin_lines(run);
	for (i = 0; i < run->count; i++) {
		rec = &run->group[i];
		count(&s->counts, rec);
		if (i >= diverted || !is_reject(rec))
			add_line(run, rec);
		if (s->after != NULL)
			s->after(rec, s->ctx);
	}
	if (ss_bytes_check(&run->out) != 0)
		return SS_EMEMORY;
	return run->out.len > 0 ? write_out(run, s->out_fd,
	    "standard output") : 0;
}

static int
loop(struct ss_stream_job *run)
{
	int r = 0;

	while (!run->ended && r == 0) {
		gather(run);
		if (run->count == 0)
			continue;
		work_group(run);
		r = ss_stream_write(run);
		if (run->stream->progress != NULL)
			run->stream->progress(&run->stream->counts,
			    run->stream->ctx);
	}
	if (r == 0 && run->code != 0)
		r = ss_fail(run->code, "%s", run->message);
	else if (r == 0 && run->source_code != 0)
		r = ss_fail(run->source_code, "%s", run->source_message);
	return r;
}

int
ss_stream_run(struct ss_stream *s, const struct ss_source *source,
    const struct ss_work *work)
{
	struct ss_stream_job run = { .stream = s, .source = source,
		.work = work };
	size_t i;
	int r;

	run.group = calloc(SS_GROUP_RECORDS, sizeof(*run.group));
	run.able = calloc(SS_GROUP_RECORDS, sizeof(struct ss_record *));
	if (run.group == NULL || run.able == NULL)
		r = ss_fail(SS_EMEMORY, "out of memory");
	else if ((r = ss_pool_open(&run.pool, s->jobs)) == 0)
		r = work->ready != NULL ? ss_stream_flow(&run) : loop(&run);
	ss_pool_close(run.pool);
	for (i = 0; run.group != NULL && i < SS_GROUP_RECORDS; i++)
		ss_record_free(&run.group[i]);
	free(run.group);
	free(run.able);
	ss_bytes_free(&run.out);
	return r;
}
