#include <string.h>

#include "base/err.h"
#include "desk/perso_own.h"
#include "desk/tries.h"
#include "rules/card_number.h"

int
ss_making_use_key(struct ss_making *m, int key)
{
	const struct ss_tries tries = { m->turn->desk->registry,
		m->perso->force };

	return ss_tries_use_key(&tries, &m->session, key);
}

static int
file_of(const struct ss_making *m, const struct ss_card_file *file)
{
	return (int)(file - m->session.who.profile->files);
}

/* The items of which at least one stands on every card that was begun: the
 * number, which is written last, and the first of each other file. */
static int
is_blank(struct ss_making *m, const struct ss_card_file *file,
    const struct ss_item *item, bool *blank)
{
	uint8_t value[SS_ITEM_LEN_MAX];
	int r;

	if ((r = ss_making_use_key(m, item->read)) != 0 ||
	    (r = ss_session_read_item(&m->session, file, item, value)) != 0)
		return r;
	*blank = ss_profile_blank(m->session.who.profile, value, item->len);
	ss_wipe(value, sizeof(value));
	return 0;
}

int
ss_making_check_blank(struct ss_making *m)
{
	const struct ss_profile *p = m->session.who.profile;
	const struct ss_card_file *file, *last;
	const struct ss_item *number = ss_profile_item(p, "number", &last);
	bool blank = true;
	size_t f, i;
	int r;

	if ((r = is_blank(m, last, number, &blank)) != 0)
		return r;
	for (f = 0; f < p->files_count && blank; f++) {
		file = &p->files[f];
		for (i = 0; i < file->items_count && !m->wanted.set[f][i]; i++)
			;
		if (file == last || i == file->items_count)
			continue;
		if ((r = is_blank(m, file, &file->items[i], &blank)) != 0)
			return r;
	}
	if (blank)
		return 0;
	m->refused = true;
	return ss_fail(SS_ECARD, "the card is not blank, and the register does "
	    "not know it; put in another");
}

/* What stands in the items that are wanted. Of a card that a run has begun,
 * what is torn counts as not there. */
static int
read_items(struct ss_making *m, const struct ss_card_file *file, bool begun,
    struct ss_contents *there)
{
	int f = file_of(m, file), r;
	bool all = m->session.who.profile->records.many && !begun;
	size_t i;

	for (i = 0; i < file->items_count; i++) {
		if (!m->wanted.set[f][i])
			continue;
		if ((r = ss_making_use_key(m, file->items[i].read)) != 0)
			return r;
		if (all)
			break;
		r = ss_session_read_item(&m->session, file, &file->items[i],
		    there->value[f][i]);
		there->set[f][i] = r == 0;
		if (r != 0 && !(begun && r == SS_ECARD))
			return r;
	}
	if (!all || i == file->items_count)
		return 0;
	if ((r = ss_session_read_items(&m->session, file,
	    there->value[f])) != 0)
		return r;
	for (i = 0; i < file->items_count; i++)
		there->set[f][i] = true;
	return 0;
}

static int
read_card(struct ss_making *m, bool begun, struct ss_contents *there)
{
	const struct ss_profile *p = m->session.who.profile;
	size_t f, len;
	int r;

	ss_contents_wipe(there);
	ss_contents_init(there, p);
	for (f = 0; f < p->files_count; f++) {
		if ((r = read_items(m, &p->files[f], begun, there)) != 0)
			return r;
		if ((len = m->wanted.binary[f].len) == 0)
			continue;
		if ((r = ss_making_use_key(m, p->files[f].read)) != 0 ||
		    (r = ss_session_read_binary(&m->session, &p->files[f],
		    len, &there->binary[f])) != 0)
			return r;
	}
	return 0;
}

/* A number that is whole and not ours was written by somebody else. */
static int
check_number(struct ss_making *m, const struct ss_contents *there)
{
	struct ss_bytes text = { 0 };
	int r;

	r = ss_contents_get(there, "number", NULL, &text);
	if (r == 0 && text.len > 0 && ss_card_number_valid(text.data) &&
	    strcmp(text.data, m->job.number) != 0)
		r = ss_fail(SS_ECARD, "the card has a number that is not "
		    "its job's; declare it spoiled (--spoil)");
	else
		r = r == SS_EMEMORY ? r : 0;
	ss_bytes_free(&text);
	return r;
}

static bool
is_there(const struct ss_contents *wanted, const struct ss_contents *there,
    size_t f, size_t i)
{
	return there->set[f][i] && memcmp(wanted->value[f][i],
	    there->value[f][i], wanted->profile->files[f].items[i].len) == 0;
}

static int
write_items(struct ss_making *m, const struct ss_contents *there, size_t f,
    const struct ss_item *last)
{
	const struct ss_card_file *file = &m->wanted.profile->files[f];
	size_t i;
	int r;

	for (i = 0; i < file->items_count; i++) {
		if (!m->wanted.set[f][i] || &file->items[i] == last ||
		    is_there(&m->wanted, there, f, i))
			continue;
		if ((r = ss_making_use_key(m, file->items[i].write)) != 0 ||
		    (r = ss_session_write_item(&m->session, file,
		    &file->items[i], m->wanted.value[f][i])) != 0)
			return r;
	}
	return 0;
}

static int
write_binary(struct ss_making *m, const struct ss_contents *there, size_t f)
{
	const struct ss_card_file *file = &m->wanted.profile->files[f];
	const struct ss_bytes *b = &m->wanted.binary[f];
	int r;

	if (b->len == 0 || (there->binary[f].len >= b->len &&
	    memcmp(b->data, there->binary[f].data, b->len) == 0))
		return 0;
	if ((r = ss_making_use_key(m, file->write)) != 0)
		return r;
	return ss_session_write_binary(&m->session, file, b->data, b->len);
}

/* All but what is there; the number last of all, as the mark that the rest of
 * it was written. */
static int
write_card(struct ss_making *m, const struct ss_contents *there)
{
	const struct ss_profile *p = m->session.who.profile;
	const struct ss_card_file *last;
	const struct ss_item *number = ss_profile_item(p, "number", &last);
	size_t f, end = (size_t)file_of(m, last);
	size_t i = (size_t)(number - last->items);
	int r;

	for (f = 0; f < p->files_count; f++)
		if (f != end && ((r = write_items(m, there, f, NULL)) != 0 ||
		    (r = write_binary(m, there, f)) != 0))
			return r;
	if ((r = write_items(m, there, end, number)) != 0)
		return r;
	if (is_there(&m->wanted, there, end, i))
		return 0;
	if ((r = ss_making_use_key(m, number->write)) != 0)
		return r;
	return ss_session_write_item(&m->session, last, number,
	    m->wanted.value[end][i]);
}

int
ss_making_write(struct ss_making *m, bool begun)
{
	struct ss_contents there;
	const char *name;
	int r = 0;

	ss_contents_init(&there, m->session.who.profile);
	if (begun && ((r = read_card(m, true, &there)) != 0 ||
	    (r = check_number(m, &there)) != 0))
		goto out;
	if (begun && ss_contents_differ(&m->wanted, &there) == NULL)
		goto out;
	if ((r = write_card(m, &there)) != 0 ||
	    (r = read_card(m, false, &there)) != 0)
		goto out;
	if ((name = ss_contents_differ(&m->wanted, &there)) != NULL)
		r = ss_fail(SS_ECARD, "%s was written, and is read back "
		    "otherwise; run again, and if it stays so declare the card "
		    "spoiled (--spoil)", name);
out:
	ss_contents_wipe(&there);
	return r;
}
