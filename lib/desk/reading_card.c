#include <string.h>

#include "base/err.h"
#include "desk/reading_own.h"
#include "desk/tries.h"

/* Whether the keys there are open what is to be read. */
static bool
may_read(const struct ss_sight *s, int access)
{
	const struct ss_identity *who = &s->session.who;
	const struct ss_card_of of = { &who->profile->arithmetic, who->city,
		who->historical, 0, false };
	const struct ss_master *master;

	if (access == SS_ACCESS_FREE)
		return true;
	return access != SS_ACCESS_NEVER && s->session.keys != NULL &&
	    ss_keystore_find(s->session.keys, &of, (enum ss_card_key)access,
	    &master) == 0;
}

/* Without a register nobody knows what the card has left. */
static int
use_key(struct ss_sight *s, int key)
{
	const struct ss_tries tries = { s->reading->desk->registry,
		s->reading->force };

	return tries.registry == NULL ? 0 :
	    ss_tries_use_key(&tries, &s->session, key);
}

static int
read_items(struct ss_sight *s, const struct ss_card_file *file, size_t f)
{
	const struct ss_item *item;
	size_t i;
	int r;

	for (i = 0; i < file->items_count; i++) {
		item = &file->items[i];
		if (!may_read(s, item->read))
			continue;
		if ((r = use_key(s, item->read)) != 0 ||
		    (r = ss_session_read_item(&s->session, file, item,
		    s->there.value[f][i])) != 0)
			return r;
		s->there.set[f][i] = true;
	}
	return 0;
}

/* By its markers (ITU-T T.81, B.1.1). The entropy coded data hold FF only
 * before 00 and restart markers. */
size_t
ss_sight_photo_end(const uint8_t *p, size_t len)
{
	size_t at = 2, n;

	if (len < 2 || p[0] != 0xff || p[1] != 0xd8)
		return 0;
	while (at + 4 <= len && p[at] == 0xff && p[at + 1] != 0xda) {
		n = (size_t)p[at + 2] << 8 | p[at + 3];
		at += 2 + n;
	}
	for (; at + 2 <= len; at++)
		if (p[at] == 0xff && p[at + 1] == 0xd9)
			return at + 2;
	return 0;
}

/* A photo up to its end, or the whole file where it is asked for. */
static int
read_photo(struct ss_sight *s, const struct ss_card_file *file,
    struct ss_bytes *out)
{
	size_t chunk = (size_t)s->session.who.profile->binary.read_chunk;
	size_t len = 0, end = 0;
	int r;

	do {
		len = s->reading->raw || len + chunk > file->size ?
		    file->size : len + chunk;
		if ((r = ss_session_read_binary_at(&s->session, file,
		    out->len, len - out->len, out)) != 0)
			return r;
		if (len == chunk && !s->reading->raw &&
		    memcmp(out->data, "\xff\xd8", 2) != 0)
			break;	/* nothing there */
		end = ss_sight_photo_end((const uint8_t *)out->data, out->len);
	} while (end == 0 && len < file->size);
	if (!s->reading->raw && end > 0)
		out->len = end;
	return 0;
}

/* The photo; other transparent files only as they are (--raw). */
static int
read_binary(struct ss_sight *s, const struct ss_card_file *file, size_t f)
{
	bool photo = file->source != NULL && strcmp(file->source,
	    "photo") == 0;
	int r;

	if (!may_read(s, file->read))
		return 0;
	if ((r = use_key(s, file->read)) != 0)
		return r;
	if (photo)
		return read_photo(s, file, &s->there.binary[f]);
	return s->reading->raw ? ss_session_read_binary(&s->session, file,
	    file->size, &s->there.binary[f]) : 0;
}

int
ss_sight_read(struct ss_sight *s)
{
	const struct ss_profile *p = s->session.who.profile;
	const struct ss_card_file *file;
	size_t f;
	int r;

	if (s->session.keys != NULL &&
	    (r = ss_session_genuine(&s->session)) != 0)
		return r;
	s->genuine = s->session.keys != NULL;
	for (f = 0; f < p->files_count; f++) {
		file = &p->files[f];
		r = file->binary ? read_binary(s, file, f) :
		    read_items(s, file, f);
		if (r != 0)
			return r;
	}
	return 0;
}
