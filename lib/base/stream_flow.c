#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/stream_own.h"

/*
 * Records flow through workers that each take the next one when they are ready
 * for it, and leave in the order in which they came. A record that is done
 * waits for those before it; so many may be under way or waiting.
 */
#define SLOTS SS_GROUP_RECORDS

#define LOOK_MS 50	/* between two looks for a line */

struct flow {
	struct ss_stream_job *job;
	pthread_mutex_t in;		/* whoever reads the next line */
	pthread_mutex_t out;		/* the slots, and what is written */
	pthread_cond_t room;
	uint64_t first, taken, next;	/* written, in work, read up to here */
	bool done[SLOTS];
	bool ended;			/* no more lines, or none wanted */
	unsigned workers;		/* still ready for one */
	int code;			/* why the last one is not */
	char message[SS_MESSAGE_MAX];
};

/* Whether no record waits for a worker, and there is room for one. */
static bool
wants_line(struct flow *f)
{
	bool wants;

	pthread_mutex_lock(&f->out);
	if (f->job->code != 0 || ss_stream_asked(f->job))
		f->ended = true;
	while (!f->ended && f->taken == f->next &&
	    f->next - f->first == SLOTS)
		pthread_cond_wait(&f->room, &f->out);
	wants = !f->ended && f->taken == f->next;
	pthread_mutex_unlock(&f->out);
	return wants;
}

/* A record by itself, from its text to what goes out. */
static void
work_on(struct flow *f, size_t slot, unsigned worker)
{
	struct ss_stream_job *job = f->job;
	struct ss_record *rec = &job->group[slot];
	const struct ss_work *w = job->work;
	const struct ss_sealer *s = &w->sealer;

	if (rec->outcome == SS_DONE && w->begin != NULL)
		ss_stream_fail(job, rec, w->begin(&rec, 1, w->ctx));
	if (rec->outcome == SS_DONE)
		ss_stream_fail(job, rec, w->one(rec, worker, w->ctx));
	ss_stream_compose(slot, worker, job);
	if (rec->outcome == SS_DONE && s->each != NULL)
		ss_stream_fail(job, rec, s->each(rec, worker, s->ctx));
	if (rec->outcome == SS_DONE && s->each != NULL)
		ss_stream_fail(job, rec, s->sign(&rec, 1, s->ctx));
	if (rec->outcome == SS_DONE && s->each != NULL)
		ss_stream_fail(job, rec, s->close(rec, worker, s->ctx));
	if (rec->stale)
		ss_stream_compose(slot, worker, job);
	if (rec->outcome == SS_DONE && w->end != NULL)
		ss_stream_fail(job, rec, w->end(&rec, 1, w->ctx));
	if (rec->stale)
		ss_stream_compose(slot, worker, job);
}

static void
write_one(struct ss_stream_job *job, struct ss_record *rec)
{
	struct ss_stream_job one = { .stream = job->stream, .group = rec,
		.count = 1, .out = job->out };

	ss_stream_halt(job, ss_stream_write(&one));
	job->out = one.out;
	if (one.code != 0)	/* of the rejects */
		ss_stream_halt(job, ss_fail(one.code, "%s", one.message));
}

/* Writes what is done and has nothing before it. */
static void
leave(struct flow *f, size_t slot)
{
	struct ss_stream_job *job = f->job;
	struct ss_stream *s = job->stream;

	pthread_mutex_lock(&f->out);
	f->done[slot] = true;
	while (f->first < f->next && f->done[f->first % SLOTS]) {
		write_one(job, &job->group[f->first % SLOTS]);
		f->first++;
		if (s->progress != NULL)
			s->progress(&s->counts, s->ctx);
	}
	pthread_cond_broadcast(&f->room);
	pthread_mutex_unlock(&f->out);
}

/* Whether a record needs no worker that is ready. */
static bool
is_aside(struct flow *f, struct ss_record *rec)
{
	const struct ss_work *w = f->job->work;

	ss_stream_halt(f->job, ss_record_parse(rec));
	return rec->outcome != SS_DONE ||
	    (w->aside != NULL && w->aside(rec, w->ctx));
}

/* Looks for the next line; false: none is complete yet, or it needed
 * nobody who is ready. A look does not block,
 * since a stop is not heard in it: signals are the main thread's. */
static bool
look_for_line(struct flow *f, unsigned worker, bool *none)
{
	struct ss_stream_job one = { .stream = f->job->stream,
		.source = f->job->source, .work = f->job->work };
	size_t slot = f->next % SLOTS;
	bool got, aside = false;

	one.group = &f->job->group[slot];
	*none = !(got = ss_stream_gather(&one));
	one.group->slot = (unsigned)slot;
	if (got)
		aside = is_aside(f, one.group);
	pthread_mutex_lock(&f->out);
	f->done[slot] = false;
	if (got)
		f->next++;
	if (aside)
		f->taken++;
	f->ended = f->ended || one.ended;
	if (one.source_code != 0) {
		f->job->source_code = one.source_code;
		memcpy(f->job->source_message, one.source_message,
		    SS_MESSAGE_MAX);
	}
	pthread_mutex_unlock(&f->out);
	if (aside) {
		work_on(f, slot, worker);
		leave(f, slot);
		return false;
	}
	return got || one.ended;
}

/* Reads the next line, if none waits. */
static void
read_line(struct flow *f, unsigned worker)
{
	const struct timespec nap = { 0, LOOK_MS * 1000000 };
	bool none;

	pthread_mutex_lock(&f->in);
	while (wants_line(f) && !look_for_line(f, worker, &none))
		if (none)
			nanosleep(&nap, NULL);
	pthread_mutex_unlock(&f->in);
}

/* Whether there is work for one who is ready; with slot it is taken. */
static bool
find_work(struct flow *f, unsigned worker, size_t *slot)
{
	bool found, over;

	/* What was read may be taken by another before it is looked at. */
	do {
		read_line(f, worker);
		pthread_mutex_lock(&f->out);
		over = f->job->code != 0 || ss_stream_asked(f->job);
		found = !over && f->taken < f->next;
		over = over || (f->ended && !found);
		if (found && slot != NULL)
			*slot = f->taken++ % SLOTS;
		pthread_mutex_unlock(&f->out);
	} while (!found && !over);
	return found;
}

static void
worker(size_t i, unsigned thread, void *ctx)
{
	struct flow *f = ctx;
	const struct ss_work *w = f->job->work;
	size_t slot;
	int r = 0;

	(void)thread;
	while ((r == 0 || r == SS_EMISSING) &&
	    find_work(f, (unsigned)i, NULL)) {
		if ((r = w->ready((unsigned)i, w->ctx)) != 0 ||
		    !find_work(f, (unsigned)i, &slot))
			continue;
		work_on(f, slot, (unsigned)i);
		leave(f, slot);
	}
	pthread_mutex_lock(&f->out);
	f->workers--;
	if (r != 0 && r != SS_EMISSING && f->workers == 0 &&
	    f->taken < f->next) {
		f->code = r;
		memcpy(f->message, ss_message(), sizeof(f->message));
	}
	pthread_mutex_unlock(&f->out);
}

/* A record that nobody works on any more. */
static void
pass_by(struct ss_stream_job *job, struct ss_record *rec)
{
	if (rec->outcome == SS_DONE)
		ss_stream_not_tried(job, rec);
	ss_stream_compose((size_t)(rec - job->group), 0, job);
	write_one(job, rec);
}

/* What was read and will not be worked on still goes out. */
static void
drain(struct flow *f)
{
	struct ss_stream_job *job = f->job;

	for (; f->taken < f->next; f->taken++)
		pass_by(job, &job->group[f->taken % SLOTS]);
	if (job->source->input == NULL)
		return;
	job->source->input->ended = true;
	for (job->count = 0; ss_stream_gather(job); job->count = 0) {
		ss_stream_halt(job, ss_record_parse(&job->group[0]));
		pass_by(job, &job->group[0]);
	}
}

int
ss_stream_flow(struct ss_stream_job *job)
{
	struct flow f = { .job = job, .workers = job->stream->jobs };

	pthread_mutex_init(&f.in, NULL);
	pthread_mutex_init(&f.out, NULL);
	pthread_cond_init(&f.room, NULL);
	ss_pool_run(job->pool, job->stream->jobs, worker, &f);
	pthread_cond_destroy(&f.room);
	pthread_mutex_destroy(&f.out);
	pthread_mutex_destroy(&f.in);
	if (f.code != 0) {
		ss_fail(f.code, "%s", f.message);
		ss_stream_halt(job, f.code);
	}
	if (job->code != 0 || ss_stream_asked(job))
		drain(&f);
	if (job->code != 0)
		return ss_fail(job->code, "%s", job->message);
	if (job->source_code != 0)
		return ss_fail(job->source_code, "%s", job->source_message);
	return 0;
}
