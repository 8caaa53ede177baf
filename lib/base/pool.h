/*
 * Threads that share out the elements of an array and wait for each other.
 */
#ifndef SS_BASE_POOL_H
#define SS_BASE_POOL_H

#include <stddef.h>

struct ss_pool;

/* jobs counts the caller's own thread. SS_EMEMORY when none can be made. */
int ss_pool_open(struct ss_pool **out, unsigned jobs);
void ss_pool_close(struct ss_pool *);

/* Calls each(i, worker, ctx) for every i below n, and returns when all are
 * done. A single element is done by the caller, without waking anyone. */
void ss_pool_run(struct ss_pool *, size_t n,
    void (*each)(size_t i, unsigned worker, void *ctx), void *ctx);

#endif
