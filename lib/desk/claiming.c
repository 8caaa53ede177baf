#include <string.h>

#include "base/err.h"
#include "books/claim.h"
#include "desk/claiming.h"

#define PAGE 256

/* Lets go of one: the work of a task, whose steps are none. */
static int
release(struct ss_turn *t, void *ctx)
{
	const struct ss_claiming *c = ctx;
	const struct ss_entry *e = t->entry;
	char now[SS_INSTANT_MAX];
	bool held, done = true;
	int r = 0;

	ss_instant_format(t->now, now);
	held = e->at.state == SS_APPROVED && strcmp(e->claim, now) >= 0;
	if (held && strcmp(e->claimant, c->desk->station) != 0)
		return ss_fail(SS_ESTATE, "station %.64s holds this "
		    "application until %s", e->claimant, e->claim);
	if (held && !c->desk->dry_run)
		r = ss_claim_release(c->desk->registry, e->id,
		    c->desk->operator, &done);
	if (r == 0 && (!held || !done))
		ss_record_already(t->rec);
	return r;
}

int
ss_claiming_open(struct ss_claiming *c, struct ss_desk *desk)
{
	const struct ss_policy *policy;
	int r;

	c->desk = desk;
	c->task = (struct ss_task){ .one = release, .ctx = c };
	if (c->release)
		return ss_task_open(&c->task, desk);
	if ((r = ss_desk_within(desk, c->region)) != 0)
		return r;
	if (c->lease.n == 0) {
		if ((r = ss_desk_policy(desk, "00", &policy)) != 0)
			return r;
		c->lease = policy->claim.lease.period;
	}
	if (c->lease.unit != SS_MINUTES && c->lease.unit != SS_HOURS &&
	    c->lease.unit != SS_DAYS)
		return ss_fail(SS_EINVALID, "--lease: minutes, hours or days "
		    "are wanted");
	return 0;
}

void
ss_claiming_close(struct ss_claiming *c)
{
	ss_task_close(&c->task);
	ss_bytes_free(&c->text);
}

static int
take(const char *id, const char *record, void *ctx)
{
	struct ss_claiming *c = ctx;

	(void)id;
	ss_bytes_add(&c->text, record, strlen(record) + 1);
	return ss_bytes_check(&c->text);
}

/*
 * What is free is taken page by page. What is held, and what a dry run would
 * take, stays where it is, so that it is one page.
 */
static int
read_page(struct ss_claiming *c)
{
	bool whole = c->held || c->desk->dry_run;
	int64_t page = whole || c->want < PAGE ? c->want : PAGE, count = 0;
	struct ss_claim claim = { c->region, c->desk->operator, ss_now(), 0,
		page, c->desk->dry_run };
	int r;

	ss_bytes_reset(&c->text);
	c->at = 0;
	if ((r = ss_calendar_add(c->desk->calendar, claim.now, &c->lease,
	    &claim.until)) != 0)
		return r;
	r = c->held ? ss_claim_held(c->desk->registry, &claim, take, c,
	    &count) : ss_claim_take(c->desk->registry, &claim, take, c,
	    &count);
	c->want -= count;
	c->ended = r == 0 && (whole || count < page || c->want == 0);
	return r;
}

static int
next(void *ctx, bool wait, struct ss_line *line, enum ss_next *what)
{
	struct ss_claiming *c = ctx;
	int r;

	if (c->at == c->text.len && !c->ended) {
		/* A group ends with its page, which is written first. */
		if (!wait) {
			*what = SS_NO_LINE_YET;
			return 0;
		}
		if ((r = read_page(c)) != 0)
			return r;
	}
	*what = c->at < c->text.len ? SS_LINE : SS_NO_MORE;
	if (*what == SS_NO_MORE)
		return 0;
	*line = (struct ss_line){ .data = c->text.data + c->at,
		.number = ++c->number };
	line->len = line->full_len = strlen(line->data);
	c->at += line->len + 1;
	return 0;
}

struct ss_source
ss_claiming_source(struct ss_claiming *c)
{
	return (struct ss_source){ next, c, NULL };
}

/* What was claimed goes on as it is. */
static int
pass_on(struct ss_record *rec, unsigned worker, void *ctx)
{
	(void)rec;
	(void)worker;
	(void)ctx;
	return 0;
}

struct ss_work
ss_claiming_work(struct ss_claiming *c)
{
	return c->release ? ss_task_work(&c->task) :
	    (struct ss_work){ .one = pass_on, .ctx = c };
}
