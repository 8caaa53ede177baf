#include <stdint.h>
#include <stdlib.h>
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

	for (i = 0; i < SS_GROUP_RECORDS; i++) {
		ss_bytes_free(&st->slots[i].canonical);
		ss_bytes_free(&st->slots[i].other_record);
		ss_sealing_wipe(&st->slots[i].sealing);
		ss_sealing_wipe(&st->slots[i].other_sealing);
		ss_bytes_free(&st->slots[i].seals);
		ss_json_free(st->slots[i].root);
	}
	ss_merkle_free(&st->tree);
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
		slot->taken = slot->both = false;
		slot->epoch = 0;
		slot->sealing.known = false;
		ss_bytes_reset(&slot->seals);
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
	    ss_registry_name(st->desk->registry));
}

/* Whether a member is the same in both, or in neither. */
static bool
is_same(const struct ss_value *ours, const struct ss_value *theirs,
    const char *name, struct ss_hand *hand)
{
	struct ss_bytes *a = &hand->scratch, *b = &hand->list;
	const struct ss_value *x = ss_value_member(ours, name);
	const struct ss_value *y = ss_value_member(theirs, name);

	if (ss_value_kind(x) <= SS_NULL || ss_value_kind(y) <= SS_NULL)
		return ss_value_kind(x) <= SS_NULL &&
		    ss_value_kind(y) <= SS_NULL;
	ss_bytes_reset(a);
	ss_bytes_reset(b);
	return ss_value_canonical(x, a) == 0 &&
	    ss_value_canonical(y, b) == 0 && a->len == b->len &&
	    memcmp(a->data, b->data, a->len) == 0;
}

/* The first member that is not as the register has it. */
static int
name_difference(const struct ss_value *ours, const struct ss_value *theirs,
    struct ss_hand *hand)
{
	const struct ss_value *v;
	const char *name;
	void *iter = NULL;

	while (ss_value_each(ours, &iter, &name, &v))
		if (!is_same(ours, theirs, name, hand))
			break;
	if (iter == NULL)
		return ss_fail(SS_EAUTH, "has members that the register does "
		    "not know; take out what was added");
	return ss_fail(SS_EAUTH, "member %.40s is not what the register has",
	    name);
}

/* An earlier form of the record is no forgery: it becomes the present one. */
static int
differs(struct ss_stepper *st, struct ss_record *rec, const char *sm3,
    struct ss_hand *hand, bool *became)
{
	const struct ss_step_slot *slot = slot_of(st, rec);
	struct ss_value *ours = NULL;
	struct ss_bytes text = { 0 };
	int r;

	if ((r = ss_registry_had(st->desk->registry, slot->entry.id, sm3,
	    became)) != 0 ||
	    (r = ss_registry_record(st->desk->registry, slot->entry.id,
	    &text)) != 0)
		goto out;
	if (*became)
		r = ss_record_become(rec, text.data, text.len);
	else if ((r = ss_json_parse(text.data, text.len, &ours)) == 0)
		r = name_difference(ours, rec->root, hand);
out:
	ss_json_free(ours);
	ss_bytes_free(&text);
	return r;
}

static int
prove(struct ss_stepper *st, const struct ss_record *rec, unsigned worker,
    bool mended)
{
	struct ss_step_slot *slot = slot_of(st, rec);

	slot->version = rec->version;
	return ss_proof_check(st->desk, &slot->sealing,
	    st->desk->hands[worker].sm3, rec->root, mended);
}

int
ss_step_recall(struct ss_stepper *st, struct ss_record *rec, unsigned worker,
    bool *became)
{
	struct ss_hand *hand = &st->desk->hands[worker];
	const struct ss_step_slot *slot = slot_of(st, rec);
	char sm3[SS_SM3_HEX];
	int r;

	*became = false;
	if (st->desk->registry == NULL)
		return prove(st, rec, worker, false);
	if (slot->entry.at.state == SS_STATE_NONE)
		return not_there(st);
	ss_bytes_reset(&hand->scratch);
	if ((r = ss_record_canonical(rec, &hand->scratch)) != 0 ||
	    (r = ss_sm3_hex(hand->sm3, hand->scratch.data, hand->scratch.len,
	    sm3)) != 0 || (strcmp(sm3, slot->entry.record_sm3) != 0 &&
	    (r = differs(st, rec, sm3, hand, became)) != 0))
		return r;
	return prove(st, rec, worker, false);
}

int
ss_step_check(struct ss_stepper *st, struct ss_record *rec, unsigned worker)
{
	bool became;
	int r;

	if ((r = ss_step_recall(st, rec, worker, &became)) == 0 && became)
		ss_record_already(rec);
	return r;
}

/* What steps behind the form write; no form may bring it. */
static const char *const later[] = { "review", "card", "face", "notice",
	"collection", "activation", "pin", "loss", "replaces", "cancellation",
	"seals" };

int
ss_step_check_form(const struct ss_record *rec)
{
	size_t i;

	for (i = 0; i < sizeof(later) / sizeof(later[0]); i++)
		if (ss_value_kind(ss_record_get(rec, later[i])) > SS_NULL)
			return ss_fail(SS_EINVALID, "%s: is no member of a "
			    "form; only a later command writes it", later[i]);
	return 0;
}

/* A mended form has of the later steps what the register has. */
static int
check_later(struct ss_stepper *st, const struct ss_record *rec,
    struct ss_hand *hand)
{
	struct ss_bytes text = { 0 };
	struct ss_value *ours = NULL;
	size_t i;
	int r;

	if ((r = ss_registry_record(st->desk->registry,
	    slot_of(st, rec)->entry.id, &text)) == 0)
		r = ss_json_parse(text.data, text.len, &ours);
	for (i = 0; r == 0 && i < sizeof(later) / sizeof(later[0]); i++)
		if (!is_same(ours, rec->root, later[i], hand))
			r = ss_fail(SS_EAUTH, "member %s is not what the "
			    "register has", later[i]);
	ss_json_free(ours);
	ss_bytes_free(&text);
	return r;
}

int
ss_step_check_mended(struct ss_stepper *st, struct ss_record *rec,
    unsigned worker)
{
	const struct ss_step_slot *slot = slot_of(st, rec);
	struct ss_hand *hand = &st->desk->hands[worker];
	int64_t revision = 0;
	int r;

	if ((r = prove(st, rec, worker, true)) != 0 ||
	    st->desk->registry == NULL)
		return r;
	if (slot->entry.at.state == SS_STATE_NONE)
		return not_there(st);
	ss_value_int(ss_record_get(rec, "applied.revision"), &revision);
	if (slot->entry.at.state != SS_RETURNED ||
	    revision != slot->entry.revision)
		return ss_fail(SS_ESTATE, "revision %lld is not the returned "
		    "one; the register has revision %lld, %s",
		    (long long)revision, (long long)slot->entry.revision,
		    ss_state_word(slot->entry.at.state));
	return check_later(st, rec, hand);
}

const struct ss_entry *
ss_step_entry(const struct ss_stepper *st, const struct ss_record *rec)
{
	return &st->slots[rec->slot].entry;
}

void
ss_step_take(struct ss_stepper *st, struct ss_record *rec, enum ss_step step,
    ss_instant now)
{
	struct ss_step_slot *slot = slot_of(st, rec);

	slot->taken = true;
	if (step == SS_APPLY)	/* a new one, also where its id is taken */
		memset(&slot->entry, 0, sizeof(slot->entry));
	slot->change = (struct ss_change){
		.entry = &slot->entry,
		.step = step,
		.record = &slot->canonical,
		.operator = st->desk->operator,
		.time = now,
		.epoch = slot->epoch,
	};
}

void
ss_step_epoch(struct ss_stepper *st, const struct ss_record *rec,
    int64_t epoch)
{
	slot_of(st, rec)->epoch = epoch;
}

/* What nobody showed is proven too, before a seal takes it over. */
static int
prove_other(struct ss_stepper *st, struct ss_sealing *g, struct ss_sm3 *sm3,
    const char *id)
{
	struct ss_bytes text = { 0 };
	struct ss_value *root = NULL;
	int r;

	if ((r = ss_registry_record(st->desk->registry, id, &text)) == 0 &&
	    (r = ss_json_parse(text.data, text.len, &root)) == 0 &&
	    (r = ss_proof_of(st->desk, g, sm3, root)) != 0)
		r = ss_fail_in(r, "application %s", id);
	ss_json_free(root);
	ss_bytes_free(&text);
	return r;
}

int
ss_step_also(struct ss_stepper *st, struct ss_record *rec, unsigned worker,
    enum ss_step step, const struct ss_entry *entry, struct ss_bytes *record)
{
	struct ss_step_slot *slot = slot_of(st, rec);
	struct ss_sm3 *sm3 = st->desk->hands[worker].sm3;
	struct ss_sealing *g = &slot->other_sealing;
	struct ss_taking t = { .step = step, .now = slot->change.time };
	int r;

	slot->other = *entry;
	ss_bytes_free(&slot->other_record);
	slot->other_record = *record;
	*record = (struct ss_bytes){ .len = 0 };
	slot->also = slot->change;
	slot->also.entry = &slot->other;
	slot->also.step = step;
	slot->also.record = &slot->other_record;
	slot->also.after = *entry;
	ss_json_free(g->kept);
	g->kept = NULL;
	if ((r = ss_json_parse(slot->other_record.data, slot->other_record.len,
	    &g->kept)) != 0 || (r = prove_other(st, g, sm3, entry->id)) != 0 ||
	    (r = ss_sealing_look(g, g->kept, sm3)) != 0)
		return r;
	t.region = ss_value_string(ss_value_member(g->kept, "region"));
	t.id = ss_value_string(ss_value_member(g->kept, "id"));
	r = ss_sealing_open(g, st->desk, sm3, &t);
	slot->both = r == 0;
	return r;
}

/*
 * What collided: the same form again, or a record that stands twice in the
 * group, is no duplicate but a rerun, and becomes what the register has.
 */
static int
settle(struct ss_stepper *st, struct ss_record *rec, bool twice)
{
	const struct ss_change *c = &slot_of(st, rec)->change;
	struct ss_entry there = { .events = 0 };
	struct ss_bytes text = { 0 };
	int r;

	memcpy(there.id, twice ? c->after.id : c->other, sizeof(there.id));
	if (there.id[0] != '\0' &&
	    (r = ss_registry_load(st->desk->registry, &there)) != 0)
		return r;
	if (there.at.state == SS_STATE_NONE ||
	    strcmp(there.form_sm3, c->after.form_sm3) != 0) {
		ss_fail(c->code, "%s", c->message);
		return ss_record_fail(rec, c->code);
	}
	if ((r = ss_registry_record(st->desk->registry, there.id,
	    &text)) == 0 &&
	    (r = ss_record_become(rec, text.data, text.len)) == 0)
		ss_record_already(rec);
	ss_bytes_free(&text);
	return r;
}

/* The group's changes in order; of is the record of each, the second of a
 * pair standing for it. */
static size_t
gather(struct ss_stepper *st, struct ss_record *const *recs, size_t n,
    struct ss_change *changes, size_t *of)
{
	struct ss_step_slot *slot;
	size_t i, count = 0;

	for (i = 0; i < n; i++) {
		slot = slot_of(st, recs[i]);
		if (!slot->taken || recs[i]->outcome != SS_DONE)
			continue;
		if (slot->both) {
			of[count] = SIZE_MAX;
			changes[count++] = slot->also;
		}
		of[count] = i;
		changes[count] = slot->change;
		changes[count++].together = slot->both;
	}
	return count;
}

/* Whether an earlier one of the group was the same step of the same. */
static bool
is_twice(const struct ss_change *changes, size_t at)
{
	const struct ss_change *c = &changes[at];
	size_t i;

	for (i = 0; i < at; i++)
		if (changes[i].code == 0 && changes[i].step == c->step &&
		    strcmp(changes[i].after.id, c->after.id) == 0)
			return true;
	return false;
}

static void
give_cause(const struct ss_change *from, struct ss_change *to)
{
	if (to->code != SS_ESTATE)
		return;
	to->code = from->code;
	memcpy(to->message, from->message, sizeof(to->message));
}

int
ss_step_end(struct ss_stepper *st, struct ss_record *const *recs, size_t n)
{
	struct ss_change *changes = NULL;
	size_t of[2 * SS_GROUP_RECORDS], i, count;
	int r = 0;

	if (st->desk->registry == NULL || st->desk->dry_run)
		return 0;
	if ((changes = malloc(2 * n * sizeof(*changes))) == NULL)
		return ss_fail(SS_EMEMORY, "out of memory");
	count = gather(st, recs, n, changes, of);
	if (count > 0)
		r = ss_registry_store(st->desk->registry, changes, count);
	for (i = 0; r == 0 && i < count; i++)
		if (changes[i].code != 0 && of[i] != SIZE_MAX) {
			/* Of a pair, the first one tells why. */
			if (i > 0 && of[i - 1] == SIZE_MAX &&
			    changes[i - 1].code != 0)
				give_cause(&changes[i - 1], &changes[i]);
			slot_of(st, recs[of[i]])->change = changes[i];
			r = settle(st, recs[of[i]], is_twice(changes, i));
		}
	free(changes);
	return r;
}
