#include <stdint.h>
#include <string.h>

#include "base/err.h"
#include "desk/step.h"

static struct ss_step_slot *
slot_of(struct ss_stepper *st, const struct ss_record *rec)
{
	return &st->slots[rec->slot];
}

/* Whether a record's step leaves anything. */
static bool
is_kept(const struct ss_stepper *st, const struct ss_step_slot *slot)
{
	return slot->taken && !st->desk->dry_run &&
	    (st->desk->registry != NULL || st->desk->signer != NULL);
}

static int
give_back(struct ss_stepper *st, struct ss_record *rec, int code)
{
	return code == 0 || st->restore == NULL ? code :
	    st->restore(rec, code, st->ctx);
}

/* The seals of a step that was stored meanwhile are those that it has. */
static int
take_seals(struct ss_step_slot *slot, struct ss_sm3 *sm3)
{
	struct ss_sealing *g = &slot->sealing;
	struct ss_bytes text = { 0 };
	int r;

	if (slot->seals.len == 0)
		return 0;
	ss_json_free(g->kept);
	g->kept = NULL;
	ss_bytes_addf(&text, "{\"seals\":%s}", slot->seals.data);
	if ((r = ss_bytes_check(&text)) == 0 &&
	    (r = ss_json_parse(text.data, text.len, &g->kept)) == 0) {
		g->before = ss_value_member(g->kept, "seals");
		r = ss_seals_follow(&g->seals, g->kept, sm3);
	}
	ss_bytes_free(&text);
	return r;
}

/* What was set and removed, as facts. */
static int
take_edits(struct ss_step_slot *slot, struct ss_record *rec,
    struct ss_sm3 *sm3)
{
	const char *name;
	size_t i;
	int r = 0;

	for (i = 0; r == 0 && (name = ss_record_edited(rec, i)) != NULL; i++)
		r = ss_facts_set(&slot->sealing.facts, name,
		    ss_value_member(slot->root, name), sm3);
	return r;
}

/* What the record has and will say. What it became on the way, or was in a
 * step before, is looked at anew. */
static int
look(struct ss_stepper *st, struct ss_record *rec, unsigned worker)
{
	struct ss_step_slot *slot = slot_of(st, rec);
	struct ss_hand *hand = &st->desk->hands[worker];
	struct ss_sealing *g = &slot->sealing;
	int r = 0;

	if (st->desk->signer == NULL) {
		g->seals.count = ss_value_count(ss_record_get(rec, "seals"));
		return 0;
	}
	if (st->desk->dry_run)
		return ss_seals_follow(&g->seals, rec->root, hand->sm3);
	if (slot->version != rec->version || !g->known || slot->seals.len > 0)
		r = ss_sealing_look(g, rec->root, hand->sm3);
	g->known = false;
	if (r == 0 && (r = take_seals(slot, hand->sm3)) == 0)
		r = take_edits(slot, rec, hand->sm3);
	return r;
}

static int
open_as(struct ss_stepper *st, struct ss_record *rec, unsigned worker,
    const struct ss_value *root)
{
	struct ss_step_slot *slot = slot_of(st, rec);
	struct ss_hand *hand = &st->desk->hands[worker];
	const struct ss_taking t = { .step = slot->change.step,
		.now = slot->change.time,
		.region = ss_value_string(ss_value_member(root, "region")),
		.id = ss_value_string(ss_value_member(root, "id")) };
	int r;

	if (t.region == NULL || t.id == NULL)
		return ss_fail(SS_EINVALID, "region or id is missing");
	if ((r = look(st, rec, worker)) == 0)
		r = ss_sealing_open(&slot->sealing, st->desk, hand->sm3, &t);
	return r;
}

/* The step as it will be, checked and drafted. */
static int
open_one(struct ss_stepper *st, struct ss_record *rec, unsigned worker)
{
	struct ss_step_slot *slot = slot_of(st, rec);
	int r;

	ss_json_free(slot->root);
	if ((r = ss_record_composed(rec, NULL, &slot->root)) != 0)
		return r;
	return open_as(st, rec, worker, slot->root);
}

/* Of what nobody will keep only this is looked at. */
static int
check_one(struct ss_stepper *st, struct ss_record *rec, unsigned worker)
{
	static const char *const needed[] = { "region", "id", NULL };
	struct ss_value *root;
	int r;

	if ((r = ss_record_composed(rec, needed, &root)) != 0)
		return r;
	r = open_as(st, rec, worker, root);
	ss_json_free(root);
	return r;
}

int
ss_step_may(struct ss_stepper *st, const struct ss_record *rec,
    enum ss_step step)
{
	const struct ss_taking t = { .step = step, .now = ss_now(),
		.region = ss_record_string(rec, "region") };

	return t.region == NULL ? 0 : ss_sealing_may(st->desk,
	    &slot_of(st, rec)->sealing.seals, &t);
}

static int
each(struct ss_record *rec, unsigned worker, void *ctx)
{
	struct ss_stepper *st = ctx;

	if (!slot_of(st, rec)->taken)
		return 0;
	return give_back(st, rec, is_kept(st, slot_of(st, rec)) ?
	    open_one(st, rec, worker) : check_one(st, rec, worker));
}

/* Both seals of a record, where it has them. */
static size_t
gather(struct ss_step_slot *slot, struct ss_sealing **out)
{
	size_t n = 0;

	if (slot->both && slot->other_sealing.drafted)
		out[n++] = &slot->other_sealing;
	if (slot->sealing.drafted)
		out[n++] = &slot->sealing;
	return n;
}

static int
sign_kept(struct ss_stepper *st, struct ss_record *const *recs, size_t n)
{
	struct ss_sealing *all[2 * SS_GROUP_RECORDS];
	struct ss_step_slot *slot;
	size_t i, count = 0;

	for (i = 0; i < n; i++) {
		slot = slot_of(st, recs[i]);
		if (is_kept(st, slot))
			count += gather(slot, all + count);
	}
	return ss_sealing_sign(all, count, st->desk, &st->tree);
}

static int
sign(struct ss_record *const *recs, size_t n, void *ctx)
{
	struct ss_stepper *st = ctx;
	size_t i;
	int r = sign_kept(st, recs, n);

	for (i = 0; r != 0 && i < n; i++)
		r = give_back(st, recs[i], r);
	return r;
}

/* What the other application's record will be. */
static int
close_other(struct ss_step_slot *slot, struct ss_sm3 *sm3)
{
	struct ss_bytes seals = { 0 };
	int r;

	ss_bytes_reset(&slot->other_record);
	r = slot->other_sealing.drafted ?
	    ss_sealing_close(&slot->other_sealing, &seals,
	    &slot->other_record) :
	    ss_value_canonical(slot->other_sealing.kept, &slot->other_record);
	if (r == 0)
		r = ss_entry_read(&slot->also.after, slot->other_sealing.kept,
		    &slot->other_record, sm3);
	ss_bytes_free(&seals);
	return r;
}

static int
close_one(struct ss_stepper *st, struct ss_record *rec, unsigned worker)
{
	struct ss_step_slot *slot = slot_of(st, rec);
	struct ss_sm3 *sm3 = st->desk->hands[worker].sm3;
	struct ss_bytes *edit;
	int r;

	if (slot->both && (r = close_other(slot, sm3)) != 0)
		return r;
	ss_bytes_reset(&slot->canonical);
	ss_bytes_reset(&slot->seals);
	if (slot->sealing.drafted) {
		if ((r = ss_sealing_close(&slot->sealing, &slot->seals,
		    &slot->canonical)) != 0)
			return r;
		edit = ss_record_set(rec, "seals");
		ss_bytes_add(edit, slot->seals.data, slot->seals.len);
		rec->stale = true;
	} else if ((r = ss_value_canonical(slot->root,
	    &slot->canonical)) != 0) {
		return r;
	}
	if (st->desk->registry == NULL)
		return 0;
	slot->change.after = slot->entry;
	r = ss_entry_read(&slot->change.after, slot->root,
	    &slot->canonical, sm3);
	if (r == 0)	/* what a new one is known by until it is stored */
		memcpy(slot->entry.id, slot->change.after.id,
		    sizeof(slot->entry.id));
	return r;
}

static int
close_each(struct ss_record *rec, unsigned worker, void *ctx)
{
	struct ss_stepper *st = ctx;
	int r = 0;

	if (is_kept(st, slot_of(st, rec)))
		r = close_one(st, rec, worker);
	return give_back(st, rec, r);
}

struct ss_sealer
ss_step_sealer(struct ss_stepper *st)
{
	return (struct ss_sealer){ each, sign, close_each, st };
}

void
ss_step_undo(struct ss_stepper *st, struct ss_record *rec)
{
	const struct ss_bytes *seals = &slot_of(st, rec)->seals;

	ss_record_undo(rec);
	if (seals->len > 0)
		ss_bytes_add(ss_record_set(rec, "seals"), seals->data,
		    seals->len);
}

static int
step_now(struct ss_stepper *st, struct ss_record *rec, unsigned worker)
{
	struct ss_step_slot *slot = slot_of(st, rec);
	struct ss_change *change = &slot->change;
	struct ss_sealing *all[2];
	int r;

	if ((r = ss_record_compose(rec, "", SIZE_MAX)) == 0 &&
	    (r = open_one(st, rec, worker)) == 0 &&
	    (r = ss_sealing_sign(all, gather(slot, all), st->desk,
	    &st->tree)) == 0 && (r = close_one(st, rec, worker)) == 0)
		r = ss_registry_store(st->desk->registry, change, 1);
	if (r == 0 && change->code != 0)
		r = ss_fail(change->code, "%s", change->message);
	return r;
}

/* Of a step that was not stored no seal is kept: the next one, with another
 * card perhaps, follows those that were. */
int
ss_step_now(struct ss_stepper *st, struct ss_record *rec, unsigned worker,
    enum ss_step step)
{
	struct ss_step_slot *slot = slot_of(st, rec);
	struct ss_bytes was = { 0 }, made;
	int r;

	ss_bytes_add(&was, slot->seals.data, slot->seals.len);
	ss_step_take(st, rec, step, ss_now());
	if ((r = ss_bytes_check(&was)) == 0 &&
	    (r = step_now(st, rec, worker)) != 0) {
		made = slot->seals;
		slot->seals = was;
		was = made;
	}
	slot->taken = false;
	ss_bytes_free(&was);
	return r;
}
