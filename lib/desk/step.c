#include <stdio.h>
#include <string.h>

#include "base/err.h"
#include "desk/step.h"

void
ss_step_init(struct ss_stepper *st, struct ss_desk *desk)
{
	memset(st, 0, sizeof(*st));
	st->desk = desk;
}

void
ss_step_wipe(struct ss_stepper *st)
{
	size_t i;

	for (i = 0; i < SS_GROUP_RECORDS; i++)
		ss_bytes_free(&st->slots[i].canonical);
}

static struct ss_step_slot *
slot_of(struct ss_stepper *st, const struct ss_record *rec)
{
	return &st->slots[rec->slot];
}

int
ss_step_begin(struct ss_stepper *st, struct ss_record *const *recs, size_t n)
{
	struct ss_step_slot *slot;
	const char *id;
	size_t i;
	int r = 0;

	for (i = 0; r == 0 && i < n; i++) {
		slot = slot_of(st, recs[i]);
		slot->taken = false;
		memset(&slot->entry, 0, sizeof(slot->entry));
		id = ss_record_string(recs[i], "id");
		if (st->desk->registry == NULL || id == NULL ||
		    strlen(id) >= sizeof(slot->entry.id))
			continue;
		memcpy(slot->entry.id, id, strlen(id) + 1);
		r = ss_registry_load(st->desk->registry, &slot->entry);
	}
	return r;
}

static int
not_there(const struct ss_stepper *st)
{
	return ss_fail(SS_EMISSING, "the application is not in the register "
	    "%s; say --registry, or run ss-apply first",
	    st->desk->registry_name);
}

/* The first member that is not as the register has it. */
static int
name_difference(const struct ss_value *ours, const struct ss_value *theirs,
    struct ss_hand *hand)
{
	struct ss_bytes *a = &hand->scratch, *b = &hand->list;
	const struct ss_value *v;
	const char *name;
	void *iter = NULL;

	while (ss_value_each(ours, &iter, &name, &v)) {
		ss_bytes_reset(a);
		ss_bytes_reset(b);
		if (ss_value_get(theirs, name) == NULL ||
		    ss_value_write(v, true, a) != 0 ||
		    ss_value_write(ss_value_member(theirs, name), true, b) != 0)
			break;
		if (a->len != b->len || memcmp(a->data, b->data, a->len) != 0)
			break;
	}
	if (iter == NULL)
		return ss_fail(SS_EAUTH, "has members that the register does "
		    "not know; take out what was added");
	return ss_fail(SS_EAUTH, "member %.40s is not what the register has",
	    name);
}

/* An earlier form of the record is no forgery: it becomes the present one. */
static int
differs(struct ss_stepper *st, struct ss_record *rec, const char *sm3,
    struct ss_hand *hand)
{
	const struct ss_step_slot *slot = slot_of(st, rec);
	struct ss_value *ours = NULL;
	struct ss_bytes text = { 0 };
	bool earlier;
	int r;

	if ((r = ss_registry_had(st->desk->registry, slot->entry.id, sm3,
	    &earlier)) != 0 ||
	    (r = ss_registry_record(st->desk->registry, slot->entry.id,
	    &text)) != 0)
		goto out;
	if (earlier) {
		if ((r = ss_record_become(rec, text.data, text.len)) == 0)
			ss_record_already(rec);
	} else if ((r = ss_json_parse(text.data, text.len, &ours)) == 0) {
		r = name_difference(ours, rec->root, hand);
	}
out:
	ss_json_free(ours);
	ss_bytes_free(&text);
	return r;
}

int
ss_step_check(struct ss_stepper *st, struct ss_record *rec, unsigned worker)
{
	struct ss_hand *hand = &st->desk->hands[worker];
	const struct ss_step_slot *slot = slot_of(st, rec);
	char sm3[SS_SM3_HEX];
	int r;

	if (st->desk->registry == NULL)
		return 0;
	if (slot->entry.state == SS_STATE_NONE)
		return not_there(st);
	ss_bytes_reset(&hand->scratch);
	if ((r = ss_record_canonical(rec, &hand->scratch)) != 0 ||
	    (r = ss_sm3_hex(hand->sm3, hand->scratch.data, hand->scratch.len,
	    sm3)) != 0)
		return r;
	if (strcmp(sm3, slot->entry.record_sm3) == 0)
		return 0;
	return differs(st, rec, sm3, hand);
}

int
ss_step_check_mended(struct ss_stepper *st, struct ss_record *rec)
{
	const struct ss_step_slot *slot = slot_of(st, rec);
	int64_t revision = 0;

	if (st->desk->registry == NULL)
		return 0;
	if (slot->entry.state == SS_STATE_NONE)
		return not_there(st);
	ss_value_int(ss_record_get(rec, "applied.revision"), &revision);
	if (slot->entry.state != SS_RETURNED ||
	    revision != slot->entry.revision)
		return ss_fail(SS_ESTATE, "revision %lld is not the returned "
		    "one; the register has revision %lld, %s",
		    (long long)revision, (long long)slot->entry.revision,
		    ss_state_word(slot->entry.state));
	return 0;
}

void
ss_step_take(struct ss_stepper *st, struct ss_record *rec, enum ss_step step)
{
	struct ss_step_slot *slot = slot_of(st, rec);

	slot->taken = st->desk->registry != NULL && !st->desk->dry_run;
	if (step == SS_APPLY)	/* a new one, also where its id is taken */
		memset(&slot->entry, 0, sizeof(slot->entry));
	slot->change = (struct ss_change){
		.entry = &slot->entry,
		.step = step,
		.record = &slot->canonical,
		.operator = st->desk->operator,
		.time = ss_now(),
	};
}

static void
copy(char *to, size_t size, const char *text)
{
	snprintf(to, size, "%s", text != NULL ? text : "");
}

int
ss_step_seal(struct ss_stepper *st, struct ss_record *rec, unsigned worker)
{
	struct ss_hand *hand = &st->desk->hands[worker];
	struct ss_step_slot *slot = slot_of(st, rec);
	struct ss_change *c = &slot->change;
	struct ss_value *root = NULL;
	int r;

	if (!slot->taken)
		return 0;
	ss_bytes_reset(&slot->canonical);
	if ((r = ss_record_composed(rec, &root)) != 0 ||
	    (r = ss_value_write(root, true, &slot->canonical)) != 0 ||
	    (r = ss_sm3_hex(hand->sm3, slot->canonical.data,
	    slot->canonical.len, c->record_sm3)) != 0 ||
	    (r = ss_form_digest(hand->sm3, root, c->form_sm3)) != 0)
		goto out;
	copy(slot->entry.id, sizeof(slot->entry.id),
	    ss_value_string(ss_value_get(root, "id")));
	copy(c->person, sizeof(c->person),
	    ss_value_string(ss_value_get(root, "person.social_number")));
	copy(c->region, sizeof(c->region),
	    ss_value_string(ss_value_get(root, "region")));
	ss_value_int(ss_value_get(root, "applied.revision"), &c->revision);
out:
	ss_json_free(root);
	return r;
}

/*
 * What collided: the same form again is no duplicate but a rerun, and becomes
 * what the register has.
 */
static int
settle(struct ss_stepper *st, struct ss_record *rec)
{
	struct ss_step_slot *slot = slot_of(st, rec);
	struct ss_entry there = { 0 };
	struct ss_bytes text = { 0 };
	int r;

	if (slot->change.code != SS_EEXISTS) {
		ss_fail(slot->change.code, "%s", slot->change.message);
		return ss_record_fail(rec, slot->change.code);
	}
	copy(there.person, sizeof(there.person), slot->change.person);
	r = ss_registry_load_open(st->desk->registry, &there);
	if (r == 0 && there.state == SS_STATE_NONE) {
		copy(there.id, sizeof(there.id), slot->entry.id);
		r = ss_registry_load(st->desk->registry, &there);
	}
	if (r == 0 && strcmp(there.form_sm3, slot->change.form_sm3) != 0) {
		ss_fail(SS_EEXISTS, "this person has an open application, or "
		    "the id is taken: %s, %s", there.id,
		    ss_state_word(there.state));
		return ss_record_fail(rec, SS_EEXISTS);
	}
	if (r == 0 && (r = ss_registry_record(st->desk->registry, there.id,
	    &text)) == 0 &&
	    (r = ss_record_become(rec, text.data, text.len)) == 0)
		ss_record_already(rec);
	ss_bytes_free(&text);
	return r;
}

int
ss_step_end(struct ss_stepper *st, struct ss_record *const *recs, size_t n)
{
	struct ss_change changes[SS_GROUP_RECORDS];
	size_t at[SS_GROUP_RECORDS], i, count = 0;
	int r;

	for (i = 0; i < n; i++)
		if (slot_of(st, recs[i])->taken &&
		    recs[i]->outcome == SS_DONE) {
			at[count] = i;
			changes[count++] = slot_of(st, recs[i])->change;
		}
	if (count == 0)
		return 0;
	if ((r = ss_registry_store(st->desk->registry, changes, count)) != 0)
		return r;
	for (i = 0; r == 0 && i < count; i++)
		if (changes[i].code != 0) {
			slot_of(st, recs[at[i]])->change = changes[i];
			r = settle(st, recs[at[i]]);
		}
	return r;
}
