#include <stdio.h>
#include <string.h>

#include "base/err.h"
#include "books/job.h"
#include "books/registry_own.h"
#include "books/station.h"

#define BLOCK 100		/* numbers that a station takes at a time */

static int
take_job(const struct ss_cell *cells, void *ctx)
{
	struct ss_job *job = ctx;

	ss_cell_copy(&cells[0], job->id, sizeof(job->id));
	ss_cell_copy(&cells[1], job->number, sizeof(job->number));
	ss_cell_copy(&cells[2], job->chip, sizeof(job->chip));
	ss_cell_copy(&cells[3], job->station, sizeof(job->station));
	job->epoch = ss_cell_int(&cells[4]);
	ss_cell_copy(&cells[5], job->since, sizeof(job->since));
	return 0;
}

int
ss_job_load(struct ss_registry *reg, const char *id, struct ss_job *job)
{
	*job = (struct ss_job){ .epoch = 0 };
	return ss_registry_run(reg, SS_Q_JOB,
	    (struct ss_arg[]){ ss_arg_text(id) }, 1, take_job, job, NULL);
}

/* A pair of numbers, and whether there was one. */
struct pair {
	int64_t a, b;
	bool there;
};

static int
take_pair(const struct ss_cell *cells, void *ctx)
{
	struct pair *p = ctx;

	*p = (struct pair){ ss_cell_int(&cells[0]), ss_cell_int(&cells[1]),
		true };
	return 0;
}

static int
take_one(const struct ss_cell *cells, void *ctx)
{
	struct pair *p = ctx;

	*p = (struct pair){ ss_cell_int(&cells[0]), 0, true };
	return 0;
}

struct begin {
	const struct ss_entry *entry;
	const struct ss_card_numbers *numbers;
	ss_instant now;
	struct ss_job *job;
};

/* The next block of the range for this station. */
static int
open_block(struct ss_registry *reg, const struct ss_card_numbers *n,
    struct pair *block)
{
	struct ss_arg span = ss_arg_text(n->name);
	struct pair next = { 0, 0, false };
	int r;

	if ((r = ss_registry_do(reg, SS_Q_ADD_SPAN, &span, 1, NULL, NULL,
	    NULL)) != 0 || (r = ss_registry_do(reg, SS_Q_SPAN, &span, 1,
	    take_one, &next, NULL)) != 0)
		return r;
	if (next.a >= n->count)
		return ss_fail(SS_EPOLICY, "card.number: the range %s has no "
		    "numbers left; give the region another", n->name);
	block->a = next.a;
	block->b = next.a + BLOCK < n->count ? next.a + BLOCK : n->count;
	return ss_registry_do(reg, SS_Q_SET_SPAN, (struct ss_arg[]){ span,
	    ss_arg_number(block->b) }, 2, NULL, NULL, NULL);
}

static int
next_number(struct ss_registry *reg, const struct ss_card_numbers *n,
    char out[SS_CARD_NUMBER_SIZE])
{
	struct ss_arg key[] = { ss_arg_text(n->name),
		ss_arg_text(reg->station) };
	struct ss_station_counts counts = { 0, 0 };
	struct pair block = { 0, 0, false };
	int r;

	/* One of a station at a time, also where it has no block yet. */
	if ((r = ss_station_lock(reg, &counts)) != 0 ||
	    (r = ss_registry_do(reg, SS_Q_BLOCK, key, 2, take_pair, &block,
	    NULL)) != 0)
		return r;
	if (block.a >= block.b && (r = open_block(reg, n, &block)) != 0)
		return r;
	ss_card_number_make(n, block.a, out);
	return ss_registry_do(reg, SS_Q_SET_BLOCK, (struct ss_arg[]){ key[0],
	    key[1], ss_arg_number(block.a + 1), ss_arg_number(block.b) }, 4,
	    NULL, NULL, NULL);
}

/* Ranges that overlap would give the number of another card. */
static int
check_unused(struct ss_registry *reg, const struct ss_card_numbers *n,
    const char *number)
{
	struct ss_arg arg = ss_arg_text(number);
	struct pair given = { 0, 0, false };
	int r;

	r = ss_registry_do(reg, SS_Q_GIVEN, &arg, 1, take_one, &given, NULL);
	return r != 0 || !given.there ? r : ss_fail(SS_EPOLICY, "card.number: "
	    "numbers of the range %s were given from another range; give the "
	    "region one of its own", n->name);
}

static int
begin_new(struct ss_registry *reg, const struct begin *b)
{
	struct ss_job *job = b->job;
	int64_t written = 0;
	int r;

	*job = (struct ss_job){ .epoch = 1 };
	memcpy(job->id, b->entry->id, sizeof(job->id));
	snprintf(job->station, sizeof(job->station), "%s", reg->station);
	ss_instant_format(b->now, job->since);
	if ((r = next_number(reg, b->numbers, job->number)) != 0 ||
	    (r = check_unused(reg, b->numbers, job->number)) != 0 ||
	    (r = ss_registry_do(reg, SS_Q_ADD_JOB, (struct ss_arg[]){
	    ss_arg_text(job->id), ss_arg_text(job->number),
	    ss_arg_text(job->station), ss_arg_text(job->since) }, 4, NULL,
	    NULL, &written)) != 0)
		return r;
	if (written == 0) {
		ss_fail(SS_EREGISTRY, "the register: a job was begun twice");
		return SS_AGAIN;
	}
	return 0;
}

static int
take_over(struct ss_registry *reg, struct ss_job *job)
{
	int64_t written = 0;
	int r;

	if ((r = ss_registry_do(reg, SS_Q_TAKE_JOB, (struct ss_arg[]){
	    ss_arg_text(job->id), ss_arg_text(reg->station),
	    ss_arg_number(job->epoch) }, 3, NULL, NULL, &written)) != 0)
		return r;
	if (written == 0) {
		ss_fail(SS_EREGISTRY, "the register: a job was taken twice");
		return SS_AGAIN;
	}
	job->epoch++;
	snprintf(job->station, sizeof(job->station), "%s", reg->station);
	return 0;
}

/* Whether the application is this station's to make. */
static int
check_place(const struct ss_registry *reg, const struct ss_entry *e,
    ss_instant now)
{
	char time[SS_INSTANT_MAX];

	ss_instant_format(now, time);
	if (e->at.state != SS_APPROVED && e->at.state != SS_MAKING)
		return ss_fail(SS_ESTATE, "the application is %s; an approved "
		    "one is wanted", ss_state_word(e->at.state));
	if (e->at.state == SS_APPROVED && strcmp(e->claim, time) >= 0 &&
	    strcmp(e->claimant, reg->station) != 0)
		return ss_fail(SS_ESTATE, "station %.64s holds this "
		    "application until %s", e->claimant, e->claim);
	return 0;
}

static int
take_entry(const struct ss_cell *cells, void *ctx)
{
	return ss_entry_cells(ctx, cells);
}

/* By where the application stands now: a number is not to be lost for what
 * somebody has ended since it was loaded. */
static int
begin(struct ss_registry *reg, void *ctx)
{
	const struct begin *b = ctx;
	struct ss_arg id = ss_arg_text(b->entry->id);
	struct ss_entry now = { .events = 0 };
	int r;

	*b->job = (struct ss_job){ .epoch = 0 };
	if ((r = ss_registry_do(reg, SS_Q_LOAD, &id, 1, take_entry, &now,
	    NULL)) != 0 || (r = check_place(reg, &now, b->now)) != 0 ||
	    (r = ss_registry_do(reg, SS_Q_JOB, &id, 1, take_job, b->job,
	    NULL)) != 0)
		return r;
	return b->job->epoch > 0 ? take_over(reg, b->job) : begin_new(reg, b);
}

int
ss_job_begin(struct ss_registry *reg, const struct ss_entry *entry,
    const struct ss_card_numbers *numbers, ss_instant now, struct ss_job *job)
{
	struct begin b = { entry, numbers, now, job };

	return ss_registry_transact(reg, begin, &b);
}

int
ss_tries_load(struct ss_registry *reg, const char *chip, const char *secret,
    int *remaining)
{
	struct pair p = { -1, 0, false };
	int r;

	r = ss_registry_run(reg, SS_Q_TRIES, (struct ss_arg[]){
	    ss_arg_text(chip), ss_arg_text(secret) }, 2, take_one, &p, NULL);
	*remaining = (int)p.a;
	return r;
}

int
ss_tries_store(struct ss_registry *reg, const char *chip, const char *secret,
    int remaining)
{
	char now[SS_INSTANT_MAX];

	ss_instant_format(ss_now(), now);
	return ss_registry_run(reg, SS_Q_SET_TRIES, (struct ss_arg[]){
	    ss_arg_text(chip), ss_arg_text(secret), ss_arg_number(remaining),
	    ss_arg_text(now) }, 4, NULL, NULL, NULL);
}
