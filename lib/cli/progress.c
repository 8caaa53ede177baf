#include <inttypes.h>
#include <stdio.h>
#include <unistd.h>

#include "base/time.h"
#include "cli/progress.h"

#define EVERY_MS 200
#define FIRST_MS 1000	/* a short run shows nothing */

void
ss_progress_init(struct ss_progress *p, const struct ss_input *input,
    bool quiet)
{
	*p = (struct ss_progress){
		.on = !quiet && isatty(STDERR_FILENO),
		.start = ss_monotonic(),
		.input = input,
	};
	p->last = p->start + FIRST_MS - EVERY_MS;
}

/* Seconds left, from the share of the input's bytes that is used; -1. */
static int64_t
left(const struct ss_progress *p, int64_t elapsed)
{
	uint64_t used;

	if (p->input == NULL || p->input->total == 0)
		return -1;
	used = p->input->read - (p->input->buf.len - p->input->pos);
	if (used == 0 || used > p->input->total)
		return -1;
	return (int64_t)((double)elapsed / 1000 *
	    (double)(p->input->total - used) / (double)used);
}

void
ss_progress_show(struct ss_progress *p, const struct ss_counts *c)
{
	int64_t now, elapsed, s;

	if (!p->on)
		return;
	now = ss_monotonic();
	if (now - p->last < EVERY_MS)
		return;
	p->last = now;
	p->shown = true;
	elapsed = now - p->start;
	fprintf(stderr, "\r\033[K%" PRIu64 " records, %" PRIu64 "/s", c->in,
	    c->in * 1000 / (uint64_t)(elapsed > 0 ? elapsed : 1));
	if ((s = left(p, elapsed)) >= 0)
		fprintf(stderr, ", %" PRId64 ":%02d left", s / 60,
		    (int)(s % 60));
	if (c->failed + c->upstream > 0)
		fprintf(stderr, ", %" PRIu64 " failed",
		    c->failed + c->upstream);
	fflush(stderr);
}

void
ss_progress_clear(struct ss_progress *p)
{
	if (p->shown)
		fputs("\r\033[K", stderr);
	p->shown = false;
}
