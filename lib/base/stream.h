/*
 * The one loop of every filter: lines in, groups, threads, records out.
 *
 * The complete lines at hand are a group, at most 256 records or 1 MiB. A
 * group is parsed and worked on by several threads, ended (stored) by one, and
 * only then written, in the order it came. What is written is durable as far
 * as the end callback makes it so.
 */
#ifndef SS_BASE_STREAM_H
#define SS_BASE_STREAM_H

#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/line.h"
#include "base/record.h"

#define SS_GROUP_RECORDS 256
#define SS_GROUP_BYTES (1u << 20)
#define SS_JOBS_MAX 64

/*
 * What is done with the records of a group that are done, once they are
 * composed and before they are stored: each on any thread, then all of them
 * together on one, then each again. ctx is its own. each is NULL where there
 * is nothing to do.
 */
struct ss_sealer {
	int (*each)(struct ss_record *, unsigned worker, void *ctx);
	int (*sign)(struct ss_record *const *, size_t n, void *ctx);
	int (*close)(struct ss_record *, unsigned worker, void *ctx);
	void *ctx;
};

/*
 * What a command does with its records. begin and end see those of the group
 * that can be worked on, in order, on the main thread; either may be NULL.
 * one runs on any thread, worker being its number from 0. A code returned
 * that does not stop the run becomes the record's error; one that does, stops
 * it. A failure of this record's own file is said with ss_record_fail.
 */
struct ss_work {
	int (*begin)(struct ss_record *const *, size_t n, void *ctx);
	int (*one)(struct ss_record *, unsigned worker, void *ctx);
	struct ss_sealer sealer;
	int (*end)(struct ss_record *const *, size_t n, void *ctx);
	void *ctx;
	size_t group;		/* records of a group at most; 0: no limit of
				 * its own. 1 where one takes its time */
	/*
	 * Where workers take their time, each on its own (a reader each): a
	 * worker gets its next record when this returns 0, is asked again
	 * when it is SS_EMISSING (after a short wait), and works on no more
	 * when it is another code. Each record is begun, ended and, in its
	 * order, written by itself. When no worker is left the run stops with
	 * the last code. NULL: groups.
	 */
	int (*ready)(unsigned worker, void *ctx);
	/* With ready: whether a record needs none, as one that only passes; on
	 * any thread, one at a time. NULL: only one that failed upstream. */
	bool (*aside)(const struct ss_record *, void *ctx);
};

struct ss_counts {
	uint64_t in, done, passed, already, failed, upstream;
	uint64_t out;		/* lines written whole, rejects included */
};

struct ss_stream {
	const char *tool;		/* the name that errors carry */
	size_t limit;			/* longest line, in bytes */
	unsigned jobs;			/* threads, 1 .. SS_JOBS_MAX */
	int out_fd;
	int rejects_fd;			/* -1: failed records go to out_fd */
	const volatile sig_atomic_t *stop;	/* not 0: end; may be NULL */
	void (*after)(const struct ss_record *, void *ctx);	/* or NULL */
	void (*progress)(const struct ss_counts *, void *ctx);	/* or NULL */
	void *ctx;			/* of after and progress */
	struct ss_counts counts;
	bool pipe_closed;		/* the reader of out_fd has gone */
};

/*
 * Runs until the source ends or something stops it. 0, or the code of what
 * stopped it with its sentence; an asked-for stop is 0.
 */
int ss_stream_run(struct ss_stream *, const struct ss_source *,
    const struct ss_work *);

#endif
