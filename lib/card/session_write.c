#include <string.h>

#include "base/crypto.h"
#include "base/err.h"
#include "card/session_own.h"

#define INS_UPDATE_RECORD 0xdc
#define INS_UPDATE_BINARY 0xd6

int
ss_session_write_item(struct ss_session *s, const struct ss_card_file *f,
    const struct ss_item *item, const uint8_t *value)
{
	const struct ss_profile *p = s->who.profile;
	bool by_tag = p->records.by_tag;
	uint8_t record[2 + SS_ITEM_LEN_MAX] = { item->tag, item->len };
	struct ss_apdu a = { .ins = INS_UPDATE_RECORD,
		.p1 = by_tag ? item->tag : item->record,
		.p2 = ss_session_record_p2(p, f, by_tag ? SS_BY_TAG :
		SS_BY_NUMBER),
		.data = record, .len = 2u + item->len };
	int r;

	if (item->len > SS_ITEM_LEN_MAX)
		return ss_fail(SS_EINVALID, "item \"%s\" is too long",
		    item->name);
	if ((r = ss_session_permit(s, item->write, item->name,
	    "written")) != 0 || (r = ss_session_select(s, p, f)) != 0)
		return r;
	memcpy(record + 2, value, item->len);
	r = ss_session_say(s, &a, item->name, ss_session_secrecy(f, item),
	    SS_SHOWN, NULL, NULL);
	if (r == 0)
		s->selected = f;
	ss_wipe(record, sizeof(record));
	return r;
}

int
ss_session_write_binary(struct ss_session *s, const struct ss_card_file *f,
    const void *data, size_t len)
{
	const struct ss_profile *p = s->who.profile;
	struct ss_apdu a = { .ins = INS_UPDATE_BINARY };
	size_t at, n, chunk = (size_t)p->binary.write_chunk;
	const uint8_t *bytes = data;
	int r;

	if (len > f->size || f->size > SS_BINARY_MAX)
		return ss_fail(SS_EINVALID, "%s has only %zu bytes", f->name,
		    f->size);
	if ((r = ss_session_permit(s, f->write, f->name, "written")) != 0)
		return r;
	for (at = 0; at < len; at += n) {
		if ((r = ss_session_enter(s, p, f, at, &a)) != 0)
			return r;
		n = len - at < chunk ? len - at : chunk;
		a.data = bytes + at;
		a.len = n;
		if ((r = ss_session_say(s, &a, f->name, SS_PERSONAL, SS_SHOWN,
		    NULL, NULL)) != 0)
			return r;
		s->selected = f;
	}
	return 0;
}
