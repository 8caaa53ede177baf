/*
 * A session's thread and its deadlines: calls that come in time, that don't,
 * and that come at the very moment at which they are left. What was left must
 * not run on, however near it was.
 */
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/err.h"
#include "base/time.h"
#include "card/watch.h"
#include "../tap.h"

static void
nap_us(int64_t us)
{
	struct timespec t = { us / 1000000, us % 1000000 * 1000 };

	nanosleep(&t, NULL);
}

struct job {
	struct ss_watch *watch;
	int64_t timeout_ms, takes_us;
	int calls, code;
	atomic_int after;	/* calls that ran on */
	int plain;		/* the same, not atomic */
};

static int
work(void *ctx)
{
	struct job *job = ctx;
	int i;

	for (i = 0; i < job->calls; i++) {
		ss_watch_begin(job->watch, job->timeout_ms);
		nap_us(job->takes_us);
		ss_watch_end(job->watch);
		job->plain++;
		atomic_fetch_add(&job->after, 1);
	}
	return job->code == 0 ? 0 : ss_fail(job->code, "call %d failed",
	    job->calls);
}

static void
in_time(void)
{
	struct job job = { .timeout_ms = 5000, .calls = 3 };
	int64_t began;

	ok(ss_watch_open(&job.watch) == 0, "a watch");
	ok(ss_watch_run(job.watch, work, &job) == 0 && job.plain == 3,
	    "work is done");
	job.code = SS_ECARD;
	ss_fail(SS_EIO, "another sentence");
	ok(ss_watch_run(job.watch, work, &job) == SS_ECARD &&
	    ss_last_code() == SS_ECARD, "its code is the caller's");
	is(ss_message(), "call 3 failed", "and its sentence");
	ok(!ss_watch_left(job.watch), "nothing was left");
	job = (struct job){ job.watch, 500, 300000, 1, 0, 0, 0 };
	ok(ss_watch_run(job.watch, work, &job) == 0,
	    "a call that takes most of its time is in time");
	job = (struct job){ job.watch, 30, 20000, 10, 0, 0, 0 };
	ok(ss_watch_run(job.watch, work, &job) == 0 && job.plain == 10,
	    "each call has its own time");
	/* Not one wake-up of the watching thread for each call. */
	job = (struct job){ job.watch, 5000, 0, 100000, 0, 0, 0 };
	began = ss_monotonic();
	job.takes_us = -1;	/* nanosleep refuses it at once */
	ok(ss_watch_run(job.watch, work, &job) == 0 && job.plain == 100000,
	    "100000 calls in %d ms", (int)(ss_monotonic() - began));
	ss_watch_close(job.watch);
	ss_watch_close(NULL);
	job = (struct job){ .calls = 1, .code = SS_EAUTH };
	ok(ss_watch_run(NULL, work, &job) == SS_EAUTH && job.plain == 1,
	    "without a watch it is the caller's thread");
}

static void
too_late(void)
{
	/* On the heap: what was left is not to be freed. */
	struct job *job = calloc(1, sizeof(*job));
	int64_t began = ss_monotonic(), took;
	struct job next = { .calls = 1 };

	*job = (struct job){ .timeout_ms = 100, .takes_us = 400000,
		.calls = 1 };
	ss_watch_open(&job->watch);
	ok(ss_watch_run(job->watch, work, job) == SS_EREADER,
	    "a call that takes too long");
	took = ss_monotonic() - began;
	ok(took >= 100 && took < 350, "is left after its time: %d ms",
	    (int)took);
	ok(strstr(ss_message(), "in time") != NULL, "the sentence: %s",
	    ss_message());
	ok(ss_watch_left(job->watch), "which is known from then on");
	ok(ss_watch_run(job->watch, work, &next) == SS_EREADER &&
	    next.plain == 0, "nothing more is run");
	nap_us(500000);
	ok(atomic_load(&job->after) == 0, "a late answer does not run on");
	ss_watch_close(job->watch);
	ok(ss_watch_left(job->watch), "closing leaves it as it is");
}

/* A long call before a short one, which must not have its time. */
static int
long_and_short(void *ctx)
{
	struct ss_watch *w = ctx;

	ss_watch_begin(w, 60000);
	nap_us(1000);
	ss_watch_end(w);
	ss_watch_begin(w, 20);
	for (;;)
		pause();
	return 0;
}

static void
changing(void)
{
	struct ss_watch *w;
	int64_t began = ss_monotonic();

	ss_watch_open(&w);
	ok(ss_watch_run(w, long_and_short, w) == SS_EREADER &&
	    ss_monotonic() - began < 1000, "a short call after a long one");
}

static int
blocked(void *ctx)
{
	sigset_t set;

	(void)ctx;
	pthread_sigmask(SIG_BLOCK, NULL, &set);
	return sigismember(&set, SIGINT) ? 0 : ss_fail(SS_EIO, "open");
}

static void
signals(void)
{
	struct ss_watch *w;
	sigset_t set;

	ss_watch_open(&w);
	ok(ss_watch_run(w, blocked, NULL) == 0, "signals are not the "
	    "session's");
	pthread_sigmask(SIG_BLOCK, NULL, &set);
	ok(!sigismember(&set, SIGINT), "but the caller's");
	ss_watch_close(w);
}

/*
 * Races: calls that end about when their time does, many at once. Either the
 * work is done and nothing was left, or it was left and never runs on; what it
 * touched is read here only in the first case.
 */
#define RACERS 32
#define CALL_MS 60	/* longer than the watching thread sleeps */

struct racer {
	pthread_t thread;
	unsigned seed;
	int rounds, done, left, bad;
	struct job **jobs;	/* that were left */
};

static unsigned
draw(struct racer *r, unsigned below)
{
	r->seed = r->seed * 1103515245 + 12345;
	return r->seed / 65536 % below;
}

static void
race(struct racer *r)
{
	struct job *job = calloc(1, sizeof(*job));

	*job = (struct job){ .timeout_ms = CALL_MS,
		.calls = 1 + (int)draw(r, 2) };
	job->takes_us = CALL_MS * 1000 - 1200 + (int64_t)draw(r, 1600);
	ss_watch_open(&job->watch);
	if (ss_watch_run(job->watch, work, job) == 0) {
		r->done++;
		r->bad += job->plain != job->calls ||
		    ss_watch_left(job->watch);
		ss_watch_close(job->watch);
		free(job);
		return;
	}
	/* Counted up to where it was left, and no further. */
	r->bad += !ss_watch_left(job->watch);
	job->code = atomic_load(&job->after);
	r->bad += job->code >= job->calls;
	r->jobs[r->left++] = job;
}

static void *
races_of(void *arg)
{
	struct racer *r = arg;
	int i;

	r->jobs = calloc((size_t)r->rounds, sizeof(*r->jobs));
	for (i = 0; i < r->rounds; i++)
		race(r);
	nap_us(20000);
	for (i = 0; i < r->left; i++)
		r->bad += atomic_load(&r->jobs[i]->after) != r->jobs[i]->code;
	free(r->jobs);	/* not what was left */
	return NULL;
}

static void
races(void)
{
	static struct racer racers[RACERS];
	int i, done = 0, left = 0, bad = 0;
	const char *rounds = getenv("SS_RACES");

	for (i = 0; i < RACERS; i++) {
		racers[i].seed = (unsigned)i;
		racers[i].rounds = rounds != NULL ? atoi(rounds) : 20;
		pthread_create(&racers[i].thread, NULL, races_of, &racers[i]);
	}
	for (i = 0; i < RACERS; i++) {
		pthread_join(racers[i].thread, NULL);
		done += racers[i].done;
		left += racers[i].left;
		bad += racers[i].bad;
	}
	ok(bad == 0 && done > 0 && left > 0, "races: %d done, %d left, %d bad",
	    done, left, bad);
}

int
main(void)
{
	int r;

	in_time();
	too_late();
	changing();
	signals();
	races();
	r = done();
	fflush(stdout);
	_exit(r);	/* sessions that were left have no other end */
}
