#include <stdio.h>
#include <string.h>

#include "base/err.h"
#include "books/entry.h"

static void
copy(char *to, size_t size, const struct ss_value *record, const char *path)
{
	const char *text = ss_value_string(ss_value_get(record, path));

	if (text == NULL || strlen(text) >= size)
		text = "";
	memset(to, 0, size);
	memcpy(to, text, strlen(text));
}

int
ss_entry_read(struct ss_entry *e, const struct ss_value *record,
    const struct ss_bytes *canonical, struct ss_sm3 *sm3)
{
	int r;

	copy(e->id, sizeof(e->id), record, "id");
	copy(e->person, sizeof(e->person), record, "person.social_number");
	copy(e->region, sizeof(e->region), record, "region");
	/* A form may say "replacement" too, of a card that was made before;
	 * what replaces one of this register names it. */
	snprintf(e->kind, sizeof(e->kind), "%s", ss_value_kind(ss_value_get(
	    record, "replaces")) == SS_OBJECT ? "replacement" : "new");
	copy(e->number, sizeof(e->number), record, "card.number");
	copy(e->chip, sizeof(e->chip), record, "card.chip");
	copy(e->until, sizeof(e->until), record, "loss.until");
	e->revision = 0;
	ss_value_int(ss_value_get(record, "applied.revision"), &e->revision);
	if ((r = ss_sm3_hex(sm3, canonical->data, canonical->len,
	    e->record_sm3)) != 0)
		return r;
	return ss_form_digest(sm3, record, e->form_sm3);
}

enum ss_status
ss_entry_status(const struct ss_entry *e, ss_instant now)
{
	ss_instant until;

	if (e->at.status == SS_LOST_FOR_NOW && e->until[0] != '\0' &&
	    ss_instant_parse(e->until, &until) == 0 && until <= now)
		return SS_NORMAL;
	return e->at.status;
}

/* Without a card the line of the state is the state alone. */
int
ss_event_digest(struct ss_sm3 *sm3, const struct ss_event *e,
    char out[SS_SM3_HEX])
{
	bool card = strcmp(e->status, "none") != 0;
	struct ss_bytes b = { 0 };
	int r;

	ss_bytes_addf(&b, "%s\n%lld\n%s\n%s%s%s\n%s\n%s\n%s\n%lld\n%s\n%s\n",
	    e->id, (long long)e->number, e->step, e->state, card ? " " : "",
	    card ? e->status : "", e->time, e->operator, e->station,
	    (long long)e->station_number, e->record_sm3, e->prev);
	if ((r = ss_bytes_check(&b)) == 0)
		r = ss_sm3_hex(sm3, b.data, b.len, out);
	ss_bytes_free(&b);
	return r;
}

int
ss_form_digest(struct ss_sm3 *sm3, const struct ss_value *record,
    char out[SS_SM3_HEX])
{
	static const char *const members[] = { "kind", "region", "person",
		"photo.sm3" };
	const struct ss_value *all = ss_value_get(record, "documents"), *one;
	struct ss_bytes b = { 0 };
	size_t i;
	int r = 0;

	for (i = 0; r == 0 && i < sizeof(members) / sizeof(members[0]); i++) {
		one = ss_value_get(record, members[i]);
		if (one != NULL)
			r = ss_value_canonical(one, &b);
		ss_bytes_addc(&b, '\n');
	}
	for (i = 0; r == 0 && i < ss_value_count(all); i++) {
		one = ss_value_at(all, i);
		ss_bytes_addf(&b, "%s %s\n",
		    ss_value_string(ss_value_get(one, "kind")),
		    ss_value_string(ss_value_get(one, "sm3")));
	}
	if (r == 0 && (r = ss_bytes_check(&b)) == 0)
		r = ss_sm3_hex(sm3, b.data, b.len, out);
	ss_bytes_free(&b);
	return r;
}
