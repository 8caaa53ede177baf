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

/* What stands in until, beside the time at which a call is too late. A call
 * is left by changing its time to LEFT, it ends by changing it to IDLE: only
 * one of the two can happen. */
#define IDLE INT64_C(0)
#define LEFT INT64_C(-1)

/* The watching thread looks at least so often, since a call that begins while
 * it sleeps says nothing to it. */
#define NAP_MS 50

struct ss_watch {
	_Atomic int64_t until;
	pthread_mutex_t lock;
	pthread_cond_t given, back;
	int (*work)(void *ctx);		/* NULL: none is given */
	void *ctx;
	bool done, quit;
	int code;
	char message[SS_MESSAGE_MAX];
	pthread_t thread;
};

static void *
session(void *arg)
{
	struct ss_watch *w = arg;
	int (*work)(void *ctx);
	int code;

	pthread_mutex_lock(&w->lock);
	for (;;) {
		while (!w->quit && w->work == NULL)
			pthread_cond_wait(&w->given, &w->lock);
		if (w->quit)
			break;
		work = w->work;
		pthread_mutex_unlock(&w->lock);
		code = work(w->ctx);
		pthread_mutex_lock(&w->lock);
		w->code = code;
		if (code != 0)
			memcpy(w->message, ss_message(),
			    strlen(ss_message()) + 1);
		w->work = NULL;
		w->done = true;
		pthread_cond_signal(&w->back);
	}
	pthread_mutex_unlock(&w->lock);
	return NULL;
}

/* Signals are the other thread's, which may be waiting for them. */
static int
start(struct ss_watch *w)
{
	sigset_t all, old;
	int r;

	sigfillset(&all);
	pthread_sigmask(SIG_BLOCK, &all, &old);
	r = pthread_create(&w->thread, NULL, session, w);
	pthread_sigmask(SIG_SETMASK, &old, NULL);
	return r;
}

static void
destroy(struct ss_watch *w)
{
	pthread_cond_destroy(&w->given);
	pthread_cond_destroy(&w->back);
	pthread_mutex_destroy(&w->lock);
	free(w);
}

int
ss_watch_open(struct ss_watch **out)
{
	pthread_condattr_t monotonic;
	struct ss_watch *w;

	*out = NULL;
	if ((w = calloc(1, sizeof(*w))) == NULL)
		return ss_fail(SS_EMEMORY, "out of memory");
	atomic_init(&w->until, IDLE);
	pthread_condattr_init(&monotonic);
	pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
	pthread_mutex_init(&w->lock, NULL);
	pthread_cond_init(&w->given, NULL);
	pthread_cond_init(&w->back, &monotonic);
	pthread_condattr_destroy(&monotonic);
	if (start(w) != 0) {
		destroy(w);
		return ss_fail(SS_EMEMORY,
		    "cannot start a thread for the card");
	}
	*out = w;
	return 0;
}

void
ss_watch_close(struct ss_watch *w)
{
	if (w == NULL || ss_watch_left(w))
		return;
	pthread_mutex_lock(&w->lock);
	w->quit = true;
	pthread_cond_signal(&w->given);
	pthread_mutex_unlock(&w->lock);
	pthread_join(w->thread, NULL);
	destroy(w);
}

/* Whether the call in work was too late, and is left now; else when to look
 * again. */
static bool
leave(struct ss_watch *w, int64_t *again)
{
	int64_t now = ss_monotonic(), until = atomic_load(&w->until);

	*again = now + NAP_MS;
	if (until == IDLE)
		return false;
	if (now >= until)
		return atomic_compare_exchange_strong(&w->until, &until, LEFT);
	if (until < *again)
		*again = until;
	return false;
}

static int
left(void)
{
	return ss_fail(SS_EREADER, "the card or its reader gave no answer in "
	    "time; take the card out, look at the reader, run again");
}

int
ss_watch_run(struct ss_watch *w, int (*work)(void *ctx), void *ctx)
{
	struct timespec at;
	int64_t again;
	int code;

	if (w == NULL)
		return work(ctx);
	if (ss_watch_left(w))
		return left();
	pthread_mutex_lock(&w->lock);
	w->work = work;
	w->ctx = ctx;
	w->done = false;
	pthread_cond_signal(&w->given);
	while (!w->done) {
		if (leave(w, &again)) {
			pthread_mutex_unlock(&w->lock);
			return left();
		}
		at.tv_sec = (time_t)(again / 1000);
		at.tv_nsec = (long)(again % 1000) * 1000000;
		pthread_cond_timedwait(&w->back, &w->lock, &at);
	}
	code = w->code;
	if (code != 0)
		ss_fail(code, "%s", w->message);
	pthread_mutex_unlock(&w->lock);
	return code;
}

bool
ss_watch_left(const struct ss_watch *w)
{
	return w != NULL && atomic_load(&w->until) == LEFT;
}

void
ss_watch_begin(struct ss_watch *w, int64_t timeout_ms)
{
	if (w != NULL)
		atomic_store(&w->until, ss_monotonic() + timeout_ms);
}

void
ss_watch_end(struct ss_watch *w)
{
	int64_t until;

	if (w == NULL)
		return;
	/* A call's own time can't change but to LEFT. */
	until = atomic_load(&w->until);
	if (until != LEFT &&
	    atomic_compare_exchange_strong(&w->until, &until, IDLE))
		return;
	for (;;)
		pause();
}
