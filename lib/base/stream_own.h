/*
 * The loop of filters: what its two forms share, groups (stream.c) and the
 * flow of records through workers that take their time (stream_flow.c).
 */
#ifndef SS_BASE_STREAM_OWN_H
#define SS_BASE_STREAM_OWN_H

#include <stdatomic.h>

#include "base/err.h"
#include "base/pool.h"
#include "base/stream.h"

struct ss_stream_job {
	struct ss_stream *stream;
	const struct ss_source *source;
	const struct ss_work *work;
	struct ss_pool *pool;
	struct ss_record *group;		/* SS_GROUP_RECORDS of them */
	struct ss_record **able;	/* those that can be worked on */
	size_t count, able_count;
	struct ss_bytes out;			/* whole lines to write, ... */
	uint64_t lines;				/* ... so many */
	bool ended;				/* no more lines will come */
	int source_code;			/* why, when it is a failure */
	char source_message[SS_MESSAGE_MAX];
	atomic_bool halted;
	atomic_int code;			/* what stops the run, or 0 */
	char message[SS_MESSAGE_MAX];
};

/* Whether a signal asked for the end. */
bool ss_stream_asked(const struct ss_stream_job *);

/* The first thing that stops the run is what it ends with. Any thread. */
void ss_stream_halt(struct ss_stream_job *, int code);

/* The next line as a record of the group; false: the group is complete. */
bool ss_stream_gather(struct ss_stream_job *);

/* Marks a record as not tried, by what stops the run. */
void ss_stream_not_tried(struct ss_stream_job *, struct ss_record *);

/* A code returned for a record is its error, and may stop the run. */
void ss_stream_fail(struct ss_stream_job *, struct ss_record *, int code);

/* Composes the i-th record of the group. */
void ss_stream_compose(size_t i, unsigned worker, void *job);

/* Writes the group. */
int ss_stream_write(struct ss_stream_job *);

/* The run of a work that says which of its workers are ready. */
int ss_stream_flow(struct ss_stream_job *);

#endif
