#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/seen.h"
#include "desk/attach.h"
#include "desk/review.h"
#include "desk/step.h"
#include "rules/check.h"

enum decision { APPROVED, PENDING, RETURNED, REJECTED, DECISIONS };

static const char *const decision_words[] = { "approved", "pending",
	"returned", "rejected" };

static const enum ss_step decision_steps[] = { SS_APPROVE, SS_HOLD,
	SS_RETURN, SS_REJECT };

struct ss_review {
	struct ss_desk *desk;
	struct ss_stepper step;
	struct ss_decisions *decisions;
	struct ss_seen *seen;
	struct {
		struct ss_record *rec;
		char person[SS_NUMBER_MAX];	/* "": none */
		bool twice;
		int first;	/* its earlier slot in the group, or -1 */
		enum decision decision;
	} group[SS_GROUP_RECORDS];		/* by slot */
	size_t count;
	uint64_t counts[DECISIONS];
};

/* One record in work. */
struct work {
	struct ss_review *review;
	struct ss_desk *desk;
	struct ss_hand *hand;
	struct ss_record *rec;
	struct ss_checks checks;
	struct ss_photo photo;
	const char *id;
	int64_t revision;
	ss_instant now;
	bool own;		/* a failure is this record's alone */
};

int
ss_review_open(struct ss_review **out, struct ss_desk *desk,
    struct ss_decisions *decisions)
{
	struct ss_review *review;
	int r;

	*out = NULL;
	if ((review = calloc(1, sizeof(*review))) == NULL)
		return ss_fail(SS_EMEMORY, "out of memory");
	if ((r = ss_seen_open(&review->seen)) != 0) {
		ss_review_close(review);
		return r;
	}
	review->desk = desk;
	ss_step_init(&review->step, desk);
	review->decisions = decisions;
	*out = review;
	return 0;
}

void
ss_review_close(struct ss_review *review)
{
	if (review == NULL)
		return;
	ss_step_wipe(&review->step);
	ss_seen_close(review->seen);
	free(review);
}

struct ss_review_counts
ss_review_counts(const struct ss_review *review)
{
	return (struct ss_review_counts){ review->counts[APPROVED],
		review->counts[PENDING], review->counts[RETURNED],
		review->counts[REJECTED] };
}

/* The states that a review begins from. */
static bool
is_due(const struct ss_record *rec)
{
	const char *state = ss_record_string(rec, "state");

	return state != NULL && (strcmp(state, "applied") == 0 ||
	    strcmp(state, "pending") == 0);
}

/* States in which an application does not stand in another one's way: it has
 * ended, its card is in use, which another may replace, or it was given back
 * to come again. */
static bool
is_out_of_the_way(const struct ss_record *rec)
{
	const char *state = ss_record_string(rec, "state");

	return state == NULL || strcmp(state, "rejected") == 0 ||
	    strcmp(state, "returned") == 0 || strcmp(state, "active") == 0 ||
	    strcmp(state, "cancelled") == 0;
}

static int
add_person(struct ss_review *review, size_t slot)
{
	const char *person = review->group[slot].person;
	bool before;

	return ss_seen_add(review->seen, person, strlen(person), &before);
}

/* The same person earlier in the group; -1 when there is none. */
static int
find_first(const struct ss_review *review, size_t slot)
{
	size_t i;

	for (i = 0; i < slot; i++)
		if (review->group[i].person[0] != '\0' &&
		    strcmp(review->group[i].person,
		    review->group[slot].person) == 0)
			return (int)i;
	return -1;
}

/* What there is to know of a record before it is worked on. */
static int
enter(struct ss_review *review, struct ss_record *rec)
{
	const char *number = ss_record_string(rec, "person.social_number");
	char *person = review->group[rec->slot].person;

	review->group[rec->slot].rec = rec;
	if (number == NULL || is_out_of_the_way(rec) ||
	    ss_number_normalize(number, strlen(number), person) != 0)
		person[0] = '\0';
	if (person[0] == '\0')
		return 0;
	review->group[rec->slot].first = find_first(review, rec->slot);
	review->group[rec->slot].twice = review->group[rec->slot].first != -1 ||
	    ss_seen_has(review->seen, person, strlen(person));
	return is_due(rec) ? 0 : add_person(review, rec->slot);
}

/*
 * Who stands twice in the run is found in order, whatever the threads do. An
 * application that was approved before counts too.
 */
static int
begin(struct ss_record *const *recs, size_t n, void *ctx)
{
	struct ss_review *review = ctx;
	size_t i;
	int r = 0;

	memset(review->group, 0, sizeof(review->group));
	review->count = n > 0 ? recs[n - 1]->slot + 1u : 0;
	for (i = 0; i < review->count; i++)
		review->group[i].first = -1;
	r = ss_step_begin(&review->step, recs, n);
	for (i = 0; r == 0 && i < n; i++)
		r = enter(review, recs[i]);
	return r;
}

/*
 * A record that failed was not decided, and its person is free. One that was
 * called a duplicate of it in the same group was called so too early.
 */
static int
end(struct ss_record *const *recs, size_t n, void *ctx)
{
	struct ss_review *review = ctx;
	struct ss_record *rec;
	size_t i;
	int first, r = 0;

	for (i = 0; r == 0 && i < review->count; i++) {
		rec = review->group[i].rec;
		if (rec == NULL || rec->outcome != SS_DONE)
			continue;
		first = review->group[i].first;
		if (first == -1 ||
		    review->group[first].rec->outcome != SS_FAILED) {
			if (review->group[i].person[0] != '\0')
				r = add_person(review, i);
			continue;
		}
		ss_fail(SS_ESTATE, "an earlier record of this person failed; "
		    "run again when it is mended");
		ss_record_fail(rec, SS_ESTATE);
	}
	if (r != 0 || (r = ss_step_end(&review->step, recs, n)) != 0)
		return r;
	for (i = 0; i < n; i++)
		if (recs[i]->outcome == SS_DONE)
			review->counts[review->group[recs[i]->slot].decision]++;
	return 0;
}

/* What a record must have before anything can be checked. */
static int
check_record(struct work *w)
{
	const char *clerk = ss_record_string(w->rec, "applied.by");

	w->id = ss_record_string(w->rec, "id");
	if (w->id == NULL || clerk == NULL ||
	    ss_value_kind(ss_record_get(w->rec, "person")) != SS_OBJECT ||
	    !ss_value_int(ss_record_get(w->rec, "applied.revision"),
	    &w->revision))
		return ss_fail(SS_EINVALID, "no application: id, person or "
		    "applied is missing; run ss-apply first");
	return 0;
}

static int
check_reviewer(const struct work *w)
{
	if (w->checks.policy->review.other_than_clerk &&
	    strcmp(ss_record_string(w->rec, "applied.by"),
	    w->desk->operator) == 0)
		return ss_fail(SS_EPOLICY, "the reviewer is the clerk who "
		    "took the application; say -o another");
	return 0;
}

/*
 * Loads a file by its digest. A store that lacks or changed it is this
 * station's trouble, not the applicant's: an error, no decision.
 */
static int
load(struct work *w, const struct ss_value *v, const char *subject,
    size_t max)
{
	const char *sm3 = ss_value_string(ss_value_get(v, "sm3"));

	w->own = true;
	if (sm3 == NULL || !ss_is_hex(sm3, SS_SM3_HEX - 1))
		return ss_fail(SS_EINVALID, "%s.sm3: not 64 hexadecimal "
		    "digits; run ss-apply first", subject);
	return ss_attached_load(w->desk, w->hand, sm3, subject, max);
}

static int
load_documents(struct work *w, int64_t *count)
{
	const struct ss_value *all = ss_record_get(w->rec, "documents");
	size_t i;
	int r = 0;

	for (i = 0; r == 0 && i < ss_value_count(all); i++, ++*count)
		r = load(w, ss_value_at(all, i), "documents",
		    SS_DOCUMENT_FILE_MAX);
	return r;
}

static int
load_photo(struct work *w, int64_t *count)
{
	const struct ss_value *v = ss_record_get(w->rec, "photo");
	struct ss_photo_zone zone = ss_photo_zone_of(w->checks.policy);
	int r;

	if (ss_value_kind(v) <= SS_NULL)
		return 0;
	if ((r = load(w, v, "photo", SS_PHOTO_FILE_MAX)) != 0)
		return r;
	++*count;
	if ((r = ss_photo_measure(w->hand->file.data, w->hand->file.len,
	    &zone, &w->photo)) != 0)
		return ss_fail_in(r, "photo");
	w->checks.photo = &w->photo;
	return 0;
}

static void
check_digests(struct work *w, int64_t count)
{
	if (count == 0)
		return;
	ss_check_begin(&w->checks, "digests", SS_GOOD);
	ss_json_addi(w->checks.out, "value", count);
	ss_check_end(&w->checks);
}

/* An answer given in an earlier review of the same revision. */
static const struct ss_value *
earlier(const struct work *w, const char *check)
{
	const struct ss_value *all = ss_record_get(w->rec, "review.checks");
	const struct ss_value *v;
	const char *name;
	int64_t revision = 0;
	size_t i;

	if (!ss_value_int(ss_record_get(w->rec, "review.revision"),
	    &revision) || revision != w->revision)
		return NULL;
	for (i = 0; i < ss_value_count(all); i++) {
		v = ss_value_at(all, i);
		name = ss_value_string(ss_value_get(v, "check"));
		if (name != NULL && strcmp(name, check) == 0 &&
		    ss_value_kind(ss_value_get(v, "ok")) == SS_BOOL)
			return v;
	}
	return NULL;
}

/* What the reviewer needs to know for a check of the eye. */
static void
add_need(const struct work *w, const char *check)
{
	const struct ss_policy *p = w->checks.policy;

	if (strcmp(check, "face") != 0)
		return;
	ss_json_key(w->checks.out, "need");
	ss_bytes_addf(w->checks.out, "\"face %lld to %lld px wide, hair %lld "
	    "to %lld px below the top, eyes at least %lld px above the "
	    "bottom\"", (long long)p->photo.face.width_min,
	    (long long)p->photo.face.width_max,
	    (long long)p->photo.face.hair_min,
	    (long long)p->photo.face.hair_max,
	    (long long)p->photo.face.eyes_min);
}

static void
answer(struct work *w, const char *check, bool ok, const char *note,
    const char *by)
{
	const char *about = ss_words_about(w->desk->words, "check", check);
	struct ss_checks *c = &w->checks;

	ss_check_begin(c, check, ok ? SS_GOOD : SS_BAD);
	ss_json_add(c->out, "by", by);
	if (!ok && about != NULL)
		ss_json_add(c->out, "member", about);
	if (note != NULL)
		ss_json_add(c->out, "note", note);
	ss_check_end(c);
}

static void
check_manual(struct work *w, const char *check)
{
	const struct ss_value *old;
	struct ss_decision d;
	const char *by;

	if (ss_decisions_find(w->review->decisions, w->id, check, &d)) {
		answer(w, check, d.ok, d.note, w->desk->operator);
	} else if ((old = earlier(w, check)) != NULL) {
		by = ss_value_string(ss_value_get(old, "by"));
		answer(w, check, ss_value_bool(ss_value_get(old, "ok"), false),
		    ss_value_string(ss_value_get(old, "note")),
		    by != NULL ? by : "");
	} else {
		ss_check_begin(&w->checks, check, SS_OPEN);
		add_need(w, check);
		ss_check_end(&w->checks);
	}
}

/* Without a photo there is nothing of it to look at. */
static void
check_by_eye(struct work *w)
{
	const struct ss_value *manual = w->checks.policy->review.manual;
	const char *check, *about;
	size_t i;

	for (i = 0; i < ss_value_count(manual); i++) {
		check = ss_value_string(ss_value_at(manual, i));
		about = ss_words_about(w->desk->words, "check", check);
		if (w->checks.photo != NULL || about == NULL ||
		    strcmp(about, "photo") != 0)
			check_manual(w, check);
	}
}

static enum decision
decide(const struct ss_checks *c)
{
	if (c->rejected > 0)
		return REJECTED;
	if (c->failed > 0)
		return RETURNED;
	return c->open > 0 ? PENDING : APPROVED;
}

/* Runs every check; the array is in checks.out, which is the edit. */
static int
run_checks(struct work *w)
{
	struct ss_checks *c = &w->checks;
	int64_t files = 0;
	int r;

	if ((r = load_documents(w, &files)) != 0 ||
	    (r = load_photo(w, &files)) != 0)
		return r;
	c->out = ss_record_set(w->rec, "review");
	ss_json_open(c->out, NULL, '{');
	ss_json_open(c->out, "checks", '[');
	ss_checks_form(c);
	ss_checks_person(c);
	ss_checks_documents(c);
	check_digests(w, files);
	ss_checks_photo(c);
	check_by_eye(w);
	ss_json_close(c->out, ']');
	return 0;
}

static void
write_decision(struct work *w, enum decision decision)
{
	struct ss_bytes *b = w->checks.out;
	char time[SS_INSTANT_MAX];

	ss_instant_format(w->now, time);
	if (w->checks.mend->len > 1) {
		ss_json_key(b, "mend");
		ss_bytes_add(b, w->checks.mend->data, w->checks.mend->len);
		ss_bytes_addc(b, ']');
	}
	ss_json_add(b, "result", decision_words[decision]);
	ss_json_add(b, "time", time);
	ss_json_add(b, "by", w->desk->operator);
	ss_json_add(b, "station", w->desk->station);
	ss_json_addi(b, "revision", w->revision);
	ss_json_close(b, '}');
	ss_json_add(ss_record_set(w->rec, "state"), NULL,
	    decision_words[decision]);
	ss_record_remove(w->rec, "already");
}

static int
review_one(struct work *w)
{
	struct ss_checks *c = &w->checks;
	struct ss_form *form = &w->hand->form;
	const char *region;
	enum decision decision;
	int r;

	if ((r = check_record(w)) != 0 ||
	    (r = ss_form_read(form, w->rec, w->desk->words)) != 0)
		return r;
	if (form->changed)
		return ss_fail(SS_EINVALID, "person: not as ss-apply writes "
		    "it; run ss-apply first");
	region = ss_form_get(form, SS_F_REGION);
	if ((r = ss_desk_policy(w->desk, region, &c->policy)) != 0 ||
	    (r = check_reviewer(w)) != 0 || (r = ss_hand_codec(w->hand,
	    c->policy->card.name_encoding, &c->codec)) != 0)
		return r;
	c->who = (struct ss_applicant){ -1, ss_form_get(form, SS_F_ID_TYPE),
		ss_form_get(form, SS_F_THROUGH) };
	if ((r = run_checks(w)) != 0)
		return r;
	decision = decide(c);
	write_decision(w, decision);
	w->review->group[w->rec->slot].decision = decision;
	ss_step_take(&w->review->step, w->rec, decision_steps[decision],
	    w->now);
	return ss_bytes_check(c->mend);
}

static int
one(struct ss_record *rec, unsigned worker, void *ctx)
{
	struct ss_review *review = ctx;
	struct ss_hand *hand = &review->desk->hands[worker];
	struct work w = { .review = review, .desk = review->desk,
		.hand = hand, .rec = rec, .now = ss_now(), .own = true };
	const char *state = ss_record_string(rec, "state");
	int r;

	if (!is_due(rec)) {
		if (state != NULL && (r = ss_step_check(&review->step, rec,
		    worker)) != 0)
			return r;
		if (rec->outcome != SS_DONE)
			return 0;
		if (state == NULL)
			return check_record(&w) != 0 ? SS_EINVALID :
			    ss_fail(SS_EINVALID, "state: is missing; run "
			    "ss-apply first");
		if (strcmp(state, "approved") == 0)
			ss_record_already(rec);
		else
			rec->outcome = SS_PASSED;
		return 0;
	}
	ss_bytes_reset(&hand->list);
	ss_bytes_addc(&hand->list, '[');
	w.checks = (struct ss_checks){
		.regions = review->desk->regions,
		.form = &hand->form,
		.rec = rec,
		.scratch = &hand->scratch,
		.today = ss_instant_day(w.now),
		.duplicate = review->group[rec->slot].twice,
		.mend = &hand->list,
	};
	if ((r = ss_step_check(&review->step, rec, worker)) != 0 ||
	    rec->outcome != SS_DONE)
		return r;
	r = review_one(&w);
	if (r == SS_EIO && w.own)
		return ss_record_fail(rec, r);
	return r;
}

struct ss_work
ss_review_work(struct ss_review *review)
{
	return (struct ss_work){ .begin = begin, .one = one, .end = end,
		.sealer = ss_step_sealer(&review->step), .ctx = review };
}
