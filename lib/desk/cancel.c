#include <string.h>

#include "base/err.h"
#include "desk/cancel.h"

static const char *const reasons[] = { "death", "emigration", "withdrawn",
	"error", "uncollected" };

enum ss_cancel_reason
ss_cancel_find(const char *word)
{
	int i;

	for (i = 0; i < SS_CANCEL_NOTHING && strcmp(reasons[i], word) != 0; i++)
		;
	return (enum ss_cancel_reason)i;
}

/* Until when a card that was made then can be collected. */
static int
find_end(struct ss_desk *desk, const struct ss_policy *policy,
    const char *made, ss_instant *end)
{
	const struct ss_term *after = &policy->collect.uncollected_after;
	ss_instant since;
	int r;

	if (!after->set)
		return ss_fail(SS_EPOLICY, "collect.uncollected_after: not "
		    "set in %s; no card counts as uncollected", policy->region);
	if ((r = ss_instant_parse(made, &since)) != 0)
		return r;
	return ss_calendar_add(desk->calendar, since, &after->period, end);
}

/* What cannot be said of one record is an error of that record, in its turn. */
static int
settle(int code)
{
	return code == SS_EPOLICY || code == SS_EINVALID ? 0 : code;
}

/* For a walk: SS_EMISSING unless the policy calls it uncollected by now. */
static int
is_due(struct ss_desk *desk, const char *record)
{
	const struct ss_policy *policy;
	struct ss_value *root;
	const char *made;
	ss_instant end = 0;
	bool sealed;
	int r;

	if ((r = ss_json_parse(record, strlen(record), &root)) != 0)
		return r;
	made = ss_value_string(ss_value_get(root, "card.time"));
	sealed = ss_value_bool(ss_value_get(root, "cancellation.sealed"),
	    false);
	r = ss_desk_policy(desk, ss_value_string(ss_value_get(root,
	    "region")), &policy);
	if (r == 0 && (made == NULL || sealed ||
	    !policy->collect.uncollected_after.set))
		r = SS_EMISSING;
	if (r == 0 && (r = find_end(desk, policy, made, &end)) == 0 &&
	    end > ss_now())
		r = SS_EMISSING;
	ss_json_free(root);
	return settle(r);
}

int
ss_cancel_overdue(struct ss_cancel *cancel, struct ss_desk *desk,
    struct ss_pick *pick)
{
	*pick = (struct ss_pick){ .desk = desk, .due = is_due,
		.filter = { .state = ss_state_word(SS_MADE),
		.region = cancel->region } };
	return ss_desk_within(desk, cancel->region);
}

static void
write_cancellation(struct ss_turn *t, const char *reason, bool sealed)
{
	struct ss_bytes *b = ss_turn_write(t, "cancellation");

	ss_json_add(b, "reason", reason);
	if (sealed)
		ss_json_addb(b, "sealed", true);
	ss_json_close(b, '}');
}

/* Uncollected: cancelled, or put away where the policy says so. */
static int
end_uncollected(struct ss_turn *t)
{
	const char *made = ss_record_string(t->rec, "card.time");
	bool sealed = ss_value_bool(ss_record_get(t->rec,
	    "cancellation.sealed"), false);
	char time[SS_INSTANT_MAX];
	ss_instant end = 0;
	int r;

	if (t->entry->at.state != SS_MADE) {
		t->rec->outcome = SS_PASSED;
		return 0;
	}
	if (sealed) {
		ss_record_already(t->rec);
		return 0;
	}
	if ((r = find_end(t->desk, t->policy, made != NULL ? made :
	    t->entry->changed, &end)) != 0)
		return r;
	if (end > t->now) {
		ss_instant_format(end, time);
		return ss_fail(SS_EPOLICY, "the card can be collected until "
		    "%s", time);
	}
	sealed = t->policy->collect.seal_uncollected;
	write_cancellation(t, "uncollected", sealed);
	ss_turn_take(t, sealed ? SS_SEAL : SS_CANCEL, sealed ? SS_MADE :
	    SS_CANCELLED);
	return 0;
}

/* The plastic handed in, or destroyed; already where it is so or further. */
static int
end_plastic(struct ss_turn *t, const struct ss_cancel *cancel)
{
	enum ss_step step = cancel->destroyed ? SS_DESTROY : SS_HAND_IN;
	struct ss_stand at = t->entry->at;
	int r;

	if (at.stock == SS_DESTROYED || (at.stock == SS_STOCK_RETURNED &&
	    !cancel->destroyed)) {
		ss_record_already(t->rec);
		return 0;
	}
	if ((r = ss_life_step(step, &at)) != 0)
		return r;
	ss_turn_take(t, step, at.state);
	return 0;
}

int
ss_cancel_one(struct ss_turn *t, void *ctx)
{
	const struct ss_cancel *cancel = ctx;
	struct ss_stand at = t->entry->at;
	int r;

	if (cancel->reason == SS_CANCEL_NOTHING)
		return end_plastic(t, cancel);
	if (at.state == SS_CANCELLED) {
		ss_record_already(t->rec);
		return 0;
	}
	if (cancel->reason == SS_CANCEL_UNCOLLECTED)
		return end_uncollected(t);
	if (at.state == SS_REJECTED) {
		t->rec->outcome = SS_PASSED;
		return 0;
	}
	if (at.state == SS_MAKING)
		return ss_fail(SS_ESTATE, "the card is being made; end that "
		    "first, by ss-encode");
	if ((r = ss_life_step(SS_CANCEL, &at)) != 0)
		return r;
	write_cancellation(t, reasons[cancel->reason], false);
	ss_turn_take(t, SS_CANCEL, at.state);
	return 0;
}

int
ss_cancel_replaced(struct ss_turn *t, const struct ss_entry *old,
    struct ss_bytes *record)
{
	struct ss_record rec = { .number = 1 };
	struct ss_bytes text = { 0 };
	struct ss_value *root = NULL;
	struct ss_turn turn = *t;
	int r;

	turn.rec = &rec;
	if ((r = ss_registry_record(t->desk->registry, old->id, &text)) != 0 ||
	    (r = ss_record_become(&rec, text.data, text.len)) != 0)
		goto out;
	write_cancellation(&turn, "replaced", false);
	ss_json_add(ss_record_set(&rec, "state"), NULL,
	    ss_state_word(SS_CANCELLED));
	if ((r = ss_record_composed(&rec, NULL, &root)) == 0)
		r = ss_value_canonical(root, record);
out:
	ss_json_free(root);
	ss_bytes_free(&text);
	ss_record_free(&rec);
	return r;
}
