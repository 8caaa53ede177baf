/* Threads that share out an array. */
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdint.h>
#include <unistd.h>

#include "base/err.h"
#include "base/pool.h"
#include "../tap.h"

#define MAX 1000

struct round {
	atomic_int times[MAX];	/* each element was seen */
	atomic_ulong sum;
	atomic_int bad_worker;
	unsigned jobs;
	pthread_t caller;
	atomic_int elsewhere;	/* elements not done by the caller */
};

static void
each(size_t i, unsigned worker, void *ctx)
{
	struct round *round = ctx;

	round->times[i]++;
	round->sum += i + 1;
	round->bad_worker += worker >= round->jobs;
	round->elsewhere += !pthread_equal(pthread_self(), round->caller);
}

static void
test_sums(void)
{
	static const size_t sizes[] = { 0, 1, 2, 3, 4, 5, 7, 8, 9, 63, 1000 };
	static struct round round;
	struct ss_pool *pool;
	size_t i, j, n, bad;
	unsigned jobs;
	int turn;

	for (jobs = 0; jobs <= 8; jobs++) {
		bad = 0;
		if (ss_pool_open(&pool, jobs) != 0)
			ok(false, "%s", ss_message());
		for (turn = 0; turn < 300; turn++) {
			i = (size_t)turn % (sizeof(sizes) / sizeof(*sizes));
			n = sizes[i];
			memset(&round, 0, sizeof(round));
			round.jobs = jobs > 0 ? jobs : 1;
			round.caller = pthread_self();
			ss_pool_run(pool, n, each, &round);
			bad += round.sum != n * (n + 1) / 2;
			for (j = 0; j < MAX; j++)
				bad += round.times[j] != (j < n);
			bad += round.bad_worker != 0;
			bad += n <= 1 && round.elsewhere != 0;
		}
		ss_pool_close(pool);
		ok(bad == 0, "300 rounds by %u", jobs);
	}
}

static void
slow(size_t i, unsigned worker, void *ctx)
{
	atomic_int *workers = ctx;

	(void)i;
	workers[worker]++;
	usleep(1000);
}

static void
test_together(void)
{
	atomic_int workers[4] = { 0 };
	struct ss_pool *pool;

	ss_pool_open(&pool, 4);
	ss_pool_run(pool, 64, slow, workers);
	ok(workers[0] > 0 && workers[1] > 0 && workers[2] > 0 &&
	    workers[3] > 0, "everyone takes a share");
	ss_pool_close(pool);
	ss_pool_close(NULL);
}

static void
blocked(size_t i, unsigned worker, void *ctx)
{
	atomic_int *open = ctx;
	sigset_t set;

	(void)i;
	pthread_sigmask(SIG_BLOCK, NULL, &set);
	if (worker > 0)
		*open += !sigismember(&set, SIGINT);
	usleep(500);
}

static void
test_signals(void)
{
	struct ss_pool *pool;
	atomic_int open = 0;
	sigset_t set;

	ss_pool_open(&pool, 3);
	ss_pool_run(pool, 64, blocked, &open);
	ss_pool_close(pool);
	pthread_sigmask(SIG_BLOCK, NULL, &set);
	ok(open == 0 && !sigismember(&set, SIGINT),
	    "signals are left to the caller's thread");
}

int
main(void)
{
	test_sums();
	test_together();
	test_signals();
	return done();
}
