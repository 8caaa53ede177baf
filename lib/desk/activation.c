#include <string.h>

#include "base/err.h"
#include "desk/activation.h"
#include "desk/cancel.h"

/* Whether another one has taken the place of this card. */
static int
check_replaced(struct ss_turn *t, const struct ss_entry *old)
{
	struct ss_bytes text = { 0 };
	struct ss_value *root = NULL;
	const char *reason;
	int r;

	if ((r = ss_registry_record(t->desk->registry, old->id, &text)) != 0 ||
	    (r = ss_json_parse(text.data, text.len, &root)) != 0)
		goto out;
	reason = ss_value_string(ss_value_get(root, "cancellation.reason"));
	if (reason != NULL && strcmp(reason, "replaced") == 0)
		r = ss_fail(SS_EEXISTS, "the card of %s has been replaced by "
		    "another one already", old->id);
out:
	ss_json_free(root);
	ss_bytes_free(&text);
	return r;
}

/*
 * The card that this one replaces, by what ss-reissue wrote down, for the
 * person's number may have changed; else the person's live one.
 */
static int
find_old(struct ss_turn *t, struct ss_entry *old)
{
	const char *id = ss_record_string(t->rec, "replaces.id");
	const char *number = ss_record_string(t->rec, "replaces.number");
	int r;

	memset(old, 0, sizeof(*old));
	if (id != NULL && number != NULL && strlen(id) < sizeof(old->id)) {
		memcpy(old->id, id, strlen(id) + 1);
		if ((r = ss_registry_load(t->desk->registry, old)) != 0)
			return r;
		if (strcmp(old->number, number) == 0) {
			if (ss_status_live(old->at.status))
				return 0;
			if ((r = check_replaced(t, old)) != 0)
				return r;
		}
	}
	return ss_registry_find(t->desk->registry, SS_FIND_HOLDER,
	    t->entry->person, old);
}

/* The card in this one's place until now, cancelled with this step. */
static int
replace_old(struct ss_turn *t)
{
	struct ss_bytes record = { 0 };
	struct ss_entry old;
	int r;

	if ((r = find_old(t, &old)) != 0 || old.at.state == SS_STATE_NONE)
		return r;
	if ((r = ss_cancel_replaced(t, &old, &record)) == 0)
		r = ss_step_also(t->step, t->rec, t->worker, SS_REPLACE, &old,
		    &record);
	ss_bytes_free(&record);
	return r;
}

int
ss_activation_check(const struct ss_turn *t, bool *done)
{
	struct ss_stand at = t->entry->at;
	int r;

	*done = at.state == SS_ACTIVE && t->status == SS_NORMAL;
	if (*done)
		return 0;
	if ((r = ss_life_step(SS_ACTIVATE, &at)) != 0)
		return r;
	if (t->policy->pin.before == SS_PIN_ACTIVATION &&
	    ss_record_get(t->rec, "pin.changed") == NULL)
		return ss_fail(SS_EPOLICY, "pin.before: the initial PIN is to "
		    "be changed before activation; run ss-setpin");
	return 0;
}

int
ss_activation_take(struct ss_turn *t, const char *identified)
{
	struct ss_stand at = t->entry->at;
	struct ss_bytes *b;
	bool done;
	int r;

	if ((r = ss_activation_check(t, &done)) != 0)
		return r;
	if (done) {
		ss_record_already(t->rec);
		return 0;
	}
	if ((r = ss_life_step(SS_ACTIVATE, &at)) != 0)
		return r;
	b = ss_turn_write(t, "activation");
	if (identified != NULL)
		ss_json_add(b, "identified", identified);
	ss_json_add(b, "status", ss_status_word(at.status));
	ss_json_close(b, '}');
	ss_turn_take(t, SS_ACTIVATE, at.state);
	return replace_old(t);
}
