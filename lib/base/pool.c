#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>

#include "base/err.h"
#include "base/pool.h"

#define SHARE 4		/* elements taken at a time */
#define CACHE_LINE 64

/*
 * A worker's own stretch of the array. The same elements fall to the same
 * worker in every run, so that what it allocated for them is near; when its
 * own are done it takes from the others'.
 */
struct stretch {
	_Alignas(CACHE_LINE) atomic_size_t next;
	size_t end;
};

struct helper {
	struct ss_pool *pool;
	pthread_t thread;
	unsigned number;
};

struct ss_pool {
	pthread_mutex_t lock;
	pthread_cond_t work, done;
	unsigned turn;		/* counts the runs */
	unsigned busy;		/* helpers that have not ended this run */
	bool quit;
	struct stretch *stretches;	/* count + 1 */
	void (*each)(size_t i, unsigned worker, void *ctx);
	void *ctx;
	unsigned count;
	struct helper helpers[];
};

static void
share_out(struct ss_pool *pool, unsigned self)
{
	unsigned worker = self;
	struct stretch *s;
	size_t i, end;
	unsigned k, parts = pool->count + 1;

	for (k = 0; k < parts; k++) {
		s = &pool->stretches[worker];
		worker = worker + 1 < parts ? worker + 1 : 0;
		while ((i = atomic_fetch_add(&s->next, SHARE)) < s->end)
			for (end = i + SHARE; i < end && i < s->end; i++)
				pool->each(i, self, pool->ctx);
	}
}

static void
divide(struct ss_pool *pool, size_t n)
{
	size_t i, parts = pool->count + 1;

	for (i = 0; i < parts; i++) {
		atomic_store(&pool->stretches[i].next, n * i / parts);
		pool->stretches[i].end = n * (i + 1) / parts;
	}
}

static void *
help(void *arg)
{
	struct helper *h = arg;
	struct ss_pool *pool = h->pool;
	unsigned turn = 0;

	pthread_mutex_lock(&pool->lock);
	for (;;) {
		while (!pool->quit && pool->turn == turn)
			pthread_cond_wait(&pool->work, &pool->lock);
		if (pool->quit)
			break;
		turn = pool->turn;
		pthread_mutex_unlock(&pool->lock);
		share_out(pool, h->number);
		pthread_mutex_lock(&pool->lock);
		if (--pool->busy == 0)
			pthread_cond_signal(&pool->done);
	}
	pthread_mutex_unlock(&pool->lock);
	return NULL;
}

/* Signals are the main thread's, which may be waiting for them. */
static int
start(struct helper *h)
{
	sigset_t all, old;
	int r;

	sigfillset(&all);
	pthread_sigmask(SIG_BLOCK, &all, &old);
	r = pthread_create(&h->thread, NULL, help, h);
	pthread_sigmask(SIG_SETMASK, &old, NULL);
	return r;
}

int
ss_pool_open(struct ss_pool **out, unsigned jobs)
{
	struct ss_pool *pool;
	unsigned i, count = jobs > 0 ? jobs - 1 : 0;

	*out = NULL;
	pool = calloc(1, sizeof(*pool) + count * sizeof(pool->helpers[0]));
	if (pool == NULL || (pool->stretches = aligned_alloc(CACHE_LINE,
	    (count + 1) * sizeof(*pool->stretches))) == NULL) {
		free(pool);
		return ss_fail(SS_EMEMORY, "out of memory");
	}
	pthread_mutex_init(&pool->lock, NULL);
	pthread_cond_init(&pool->work, NULL);
	pthread_cond_init(&pool->done, NULL);
	for (i = 0; i < count; i++) {
		pool->helpers[i].pool = pool;
		pool->helpers[i].number = i + 1;
		if (start(&pool->helpers[i]) != 0) {
			ss_pool_close(pool);
			return ss_fail(SS_EMEMORY,
			    "cannot start thread %u of %u", i + 2, jobs);
		}
		pool->count++;
	}
	*out = pool;
	return 0;
}

void
ss_pool_close(struct ss_pool *pool)
{
	unsigned i;

	if (pool == NULL)
		return;
	pthread_mutex_lock(&pool->lock);
	pool->quit = true;
	pthread_cond_broadcast(&pool->work);
	pthread_mutex_unlock(&pool->lock);
	for (i = 0; i < pool->count; i++)
		pthread_join(pool->helpers[i].thread, NULL);
	pthread_cond_destroy(&pool->work);
	pthread_cond_destroy(&pool->done);
	pthread_mutex_destroy(&pool->lock);
	free(pool->stretches);
	free(pool);
}

void
ss_pool_run(struct ss_pool *pool, size_t n,
    void (*each)(size_t i, unsigned worker, void *ctx), void *ctx)
{
	bool together = n > 1 && pool->count > 0;

	if (together)
		pthread_mutex_lock(&pool->lock);
	divide(pool, n);
	pool->each = each;
	pool->ctx = ctx;
	if (together) {
		pool->busy = pool->count;
		pool->turn++;
		pthread_mutex_unlock(&pool->lock);
		pthread_cond_broadcast(&pool->work);
	}
	share_out(pool, 0);
	if (!together)
		return;
	pthread_mutex_lock(&pool->lock);
	while (pool->busy > 0)
		pthread_cond_wait(&pool->done, &pool->lock);
	pthread_mutex_unlock(&pool->lock);
}
