#include <string.h>

#include "base/crypto.h"
#include "base/err.h"
#include "card/session_own.h"
#include "chip/item.h"
#include "chip/tlv.h"

#define INS_READ_RECORD 0xb2
#define INS_READ_BINARY 0xb0

uint8_t
ss_session_record_p2(const struct ss_profile *p, const struct ss_card_file *f,
    uint8_t how)
{
	if (!p->records.short_id)
		return how;
	return (uint8_t)((f->sfi << 3 | how) & 0xff);
}

enum ss_secrecy
ss_session_secrecy(const struct ss_card_file *f, const struct ss_item *item)
{
	size_t i;

	if (item->read != SS_ACCESS_FREE || strcmp(item->name, "number") == 0)
		return SS_PERSONAL;
	for (i = 0; i < f->items_count; i++)
		if (strcmp(f->items[i].name, "identifier") == 0)
			return SS_SHOWN;
	return SS_PERSONAL;
}

/* The next record of a walk is this item's, and as long as the profile has it.
 * Neither is said what stands there. */
static int
take(struct ss_tlv_walk *walk, const struct ss_item *item, uint8_t *value)
{
	struct ss_tlv t;
	bool more;
	int r;

	if ((r = ss_tlv_next(walk, &t, &more)) != 0)
		return ss_fail_in(r, "item \"%s\"", item->name);
	if (!more)
		return ss_fail(SS_ECARD, "item \"%s\": its record is empty",
		    item->name);
	if (t.tag != item->tag)
		return ss_fail(SS_ECARD, "item \"%s\": its record has tag "
		    "%02X, not %02X", item->name, t.tag, item->tag);
	if (t.len != item->len)
		return ss_fail(SS_ECARD, "item \"%s\": its value has %zu "
		    "bytes, not %u", item->name, t.len, item->len);
	memcpy(value, t.value, t.len);
	return 0;
}

/* Whether a record is nothing but the filling of a blank card, as some makers
 * leave it; then so is its value. identifier and version never are. */
static bool
is_erased(const struct ss_profile *p, const struct ss_bytes *data,
    const struct ss_item *item, uint8_t *value)
{
	if (data->len == 0 || item->source == NULL ||
	    !ss_profile_blank(p, data->data, data->len))
		return false;
	memset(value, (uint8_t)data->data[0], item->len);
	return true;
}

int
ss_session_record(struct ss_session *s, const struct ss_profile *p,
    const struct ss_card_file *f, const struct ss_item *item, uint8_t *value)
{
	bool by_tag = p->records.by_tag;
	struct ss_apdu a = { .ins = INS_READ_RECORD,
		.p1 = by_tag ? item->tag : item->record,
		.p2 = ss_session_record_p2(p, f, by_tag ? SS_BY_TAG :
		SS_BY_NUMBER),
		.le = p->records.le_exact ? item->len + 2u :
		SS_APDU_SHORT_LE };
	struct ss_bytes data = { 0 };
	struct ss_tlv_walk walk;
	int r;

	if ((r = ss_session_select(s, p, f)) != 0)
		return r;
	r = ss_session_say(s, &a, item->name, SS_SHOWN,
	    ss_session_secrecy(f, item), &data, NULL);
	if (r == 0) {
		s->selected = f;
		ss_tlv_open(&walk, SS_TLV_RECORD, data.data, data.len);
		if (!is_erased(p, &data, item, value) &&
		    (r = take(&walk, item, value)) == 0 &&
		    (r = ss_tlv_end(&walk)) != 0)
			r = ss_fail_in(r, "item \"%s\"", item->name);
	}
	if (data.len > 0)
		ss_wipe(data.data, data.len);
	ss_bytes_free(&data);
	return r;
}

int
ss_session_read_item(struct ss_session *s, const struct ss_card_file *f,
    const struct ss_item *item, uint8_t value[SS_ITEM_LEN_MAX])
{
	int r;

	if ((r = ss_session_permit(s, item->read, item->name, "read")) != 0)
		return r;
	return ss_session_record(s, s->who.profile, f, item, value);
}

/* Whether all of a file comes with one answer: its records follow each other
 * from 1, and are short enough. */
static bool
at_once(const struct ss_profile *p, const struct ss_card_file *f)
{
	size_t i, len = 0;

	for (i = 0; i < f->items_count; i++) {
		if (f->items[i].record != i + 1)
			return false;
		len += f->items[i].len + 2u;
	}
	return p->records.many && i > 1 && len <= SS_APDU_SHORT_LE;
}

static int
read_at_once(struct ss_session *s, const struct ss_card_file *f,
    uint8_t values[][SS_ITEM_LEN_MAX])
{
	const struct ss_profile *p = s->who.profile;
	struct ss_apdu a = { .ins = INS_READ_RECORD, .p1 = 1,
		.p2 = ss_session_record_p2(p, f, SS_FROM_NUMBER),
		.le = SS_APDU_SHORT_LE };
	struct ss_bytes data = { 0 };
	struct ss_tlv_walk walk;
	size_t i;
	int r;

	if ((r = ss_session_select(s, p, f)) != 0 ||
	    (r = ss_session_say(s, &a, f->name, SS_SHOWN, SS_PERSONAL, &data,
	    NULL)) != 0)
		goto out;
	s->selected = f;
	ss_tlv_open(&walk, SS_TLV_RECORD, data.data, data.len);
	for (i = 0; i < f->items_count; i++)
		if ((r = take(&walk, &f->items[i], values[i])) != 0)
			goto out;
	if ((r = ss_tlv_end(&walk)) != 0)
		r = ss_fail_in(r, "%s", f->name);
out:
	if (data.len > 0)
		ss_wipe(data.data, data.len);
	ss_bytes_free(&data);
	return r;
}

int
ss_session_read_items(struct ss_session *s, const struct ss_card_file *f,
    uint8_t values[][SS_ITEM_LEN_MAX])
{
	size_t i;
	int r;

	for (i = 0; i < f->items_count; i++)
		if ((r = ss_session_permit(s, f->items[i].read,
		    f->items[i].name, "read")) != 0)
			return r;
	if (at_once(s->who.profile, f))
		return read_at_once(s, f, values);
	for (i = 0; i < f->items_count; i++)
		if ((r = ss_session_read_item(s, f, &f->items[i],
		    values[i])) != 0)
			return r;
	return 0;
}

int
ss_session_read_binary_at(struct ss_session *s, const struct ss_card_file *f,
    size_t offset, size_t len, struct ss_bytes *out)
{
	const struct ss_profile *p = s->who.profile;
	struct ss_apdu a = { .ins = INS_READ_BINARY };
	size_t at = offset, n, before, chunk = (size_t)p->binary.read_chunk;
	size_t end;
	int r;

	if (offset > f->size || len > f->size - offset ||
	    f->size > SS_BINARY_MAX)
		return ss_fail(SS_EINVALID, "%s has only %zu bytes", f->name,
		    f->size);
	if ((r = ss_session_permit(s, f->read, f->name, "read")) != 0)
		return r;
	for (end = offset + len; at < end; at += n) {
		if ((r = ss_session_enter(s, p, f, at, &a)) != 0)
			return r;
		a.le = n = end - at < chunk ? end - at : chunk;
		before = out->len;
		if ((r = ss_session_say(s, &a, f->name, SS_SHOWN, SS_PERSONAL,
		    out, NULL)) != 0)
			return r;
		if (out->len - before != n)
			return ss_fail(SS_ECARD, "%s: %zu bytes at %zu, not "
			    "%zu", f->name, out->len - before, at, n);
		s->selected = f;
	}
	return 0;
}

int
ss_session_read_binary(struct ss_session *s, const struct ss_card_file *f,
    size_t len, struct ss_bytes *out)
{
	return ss_session_read_binary_at(s, f, 0, len, out);
}
