#define _GNU_SOURCE	/* qsort_r */
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "books/claim.h"
#include "books/registry_own.h"
#include "books/station.h"

#define TRIED (-2)	/* no failure, but nothing is to be stored */

/* What was taken, kept until it is stored. */
struct taken {
	const struct ss_claim *claim;
	struct ss_bytes text;		/* id NUL record NUL ... */
	size_t *at;			/* where each begins */
	size_t count, cap;
	struct ss_action_mark mark;	/* of what was taken */
};

static int
take(const struct ss_cell *cells, void *ctx)
{
	struct taken *t = ctx;
	size_t *at;

	if (t->count == t->cap) {
		t->cap = t->cap == 0 ? 64 : t->cap * 2;
		if ((at = realloc(t->at, t->cap * sizeof(*at))) == NULL)
			return ss_fail(SS_EMEMORY, "out of memory");
		t->at = at;
	}
	t->at[t->count++] = t->text.len;
	ss_bytes_add(&t->text, cells[0].text, cells[0].len + 1);
	ss_bytes_add(&t->text, cells[1].text, cells[1].len + 1);
	return ss_bytes_check(&t->text);
}

static int
add_action(struct ss_registry *reg, struct ss_station_counts *counts,
    struct taken *t)
{
	struct ss_bytes b = { 0 };
	char until[SS_INSTANT_MAX];
	int r;

	ss_instant_format(t->claim->until, until);
	ss_json_open(&b, NULL, '{');
	ss_json_addi(&b, "count", (int64_t)t->count);
	ss_json_add(&b, "until", until);
	ss_json_close(&b, '}');
	if ((r = ss_bytes_check(&b)) == 0)
		r = ss_action_add(reg, counts, t->claim->operator, "claim",
		    t->claim->region, b.data, &t->mark);
	ss_bytes_free(&b);
	return r;
}

static int
work(struct ss_registry *reg, void *ctx)
{
	struct taken *t = ctx;
	const struct ss_claim *c = t->claim;
	struct ss_station_counts counts = { 0, 0 };
	char now[SS_INSTANT_MAX], until[SS_INSTANT_MAX];
	bool there;
	int r;

	/* What was taken and not answered is not taken twice. */
	if ((r = ss_station_lock(reg, &counts)) != 0 ||
	    (r = ss_action_there(reg, &t->mark, &there)) != 0 || there)
		return r;
	t->count = 0;
	ss_bytes_reset(&t->text);
	ss_instant_format(c->now, now);
	ss_instant_format(c->until, until);
	if ((r = ss_registry_do(reg, SS_Q_CLAIM, (struct ss_arg[]){
	    ss_arg_text(until), ss_arg_text(reg->station), ss_arg_text(now),
	    ss_arg_text(c->region), ss_arg_number(c->most) }, 5, take, t,
	    NULL)) != 0 || t->count == 0)
		return r;
	if (c->tried)
		return TRIED;
	return (r = add_action(reg, &counts, t)) != 0 ? r :
	    ss_station_set(reg, &counts);
}

static int
by_id(const void *a, const void *b, void *text)
{
	const char *base = text;

	return strcmp(base + *(const size_t *)a, base + *(const size_t *)b);
}

static int
give(struct taken *t, int (*each)(const char *, const char *, void *),
    void *ctx, int64_t *count)
{
	const char *id;
	size_t i;
	int r = 0;

	if (t->count > 0)
		qsort_r(t->at, t->count, sizeof(*t->at), by_id, t->text.data);
	for (i = 0; r == 0 && i < t->count; i++, ++*count) {
		id = t->text.data + t->at[i];
		r = each(id, id + strlen(id) + 1, ctx);
	}
	return r;
}

int
ss_claim_take(struct ss_registry *reg, const struct ss_claim *claim,
    int (*each)(const char *id, const char *record, void *ctx), void *ctx,
    int64_t *count)
{
	struct taken t = { .claim = claim };
	int r;

	*count = 0;
	r = ss_registry_transact(reg, work, &t);
	if (r == 0 || r == TRIED)
		r = give(&t, each, ctx, count);
	ss_bytes_free(&t.text);
	free(t.at);
	return r;
}

int
ss_claim_held(struct ss_registry *reg, const struct ss_claim *c,
    int (*each)(const char *id, const char *record, void *ctx), void *ctx,
    int64_t *count)
{
	struct taken t = { .claim = c };
	char now[SS_INSTANT_MAX];
	int r;

	*count = 0;
	ss_instant_format(c->now, now);
	if ((r = ss_registry_run(reg, SS_Q_HELD, (struct ss_arg[]){
	    ss_arg_text(now), ss_arg_text(reg->station),
	    ss_arg_text(c->region), ss_arg_number(c->most) }, 4, take, &t,
	    NULL)) == 0)
		r = give(&t, each, ctx, count);
	ss_bytes_free(&t.text);
	free(t.at);
	return r;
}

struct release {
	const char *id, *operator;
	bool done;
	struct ss_action_mark mark;
};

static int
release(struct ss_registry *reg, void *ctx)
{
	struct release *x = ctx;
	struct ss_station_counts counts = { 0, 0 };
	int64_t changed = 0;
	bool there;
	int r;

	if ((r = ss_station_lock(reg, &counts)) != 0 ||
	    (r = ss_action_there(reg, &x->mark, &there)) != 0 || there)
		return r;
	if ((r = ss_registry_do(reg, SS_Q_RELEASE, (struct ss_arg[]){
	    ss_arg_text(x->id), ss_arg_text(reg->station) }, 2, NULL, NULL,
	    &changed)) != 0)
		return r;
	x->done = changed > 0;
	if (!x->done)
		return 0;
	if ((r = ss_action_add(reg, &counts, x->operator, "release", x->id,
	    "{}", &x->mark)) != 0)
		return r;
	return ss_station_set(reg, &counts);
}

int
ss_claim_release(struct ss_registry *reg, const char *id,
    const char *operator, bool *done)
{
	struct release x = { .id = id, .operator = operator };
	int r = ss_registry_transact(reg, release, &x);

	*done = x.done;
	return r;
}
