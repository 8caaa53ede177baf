#include <string.h>

#include "base/err.h"
#include "base/text.h"
#include "chip/profile_own.h"

/* Each of the table's sources of items: how many characters it has at most, and
 * whether all of them are digits. */
static const struct {
	const char *source;
	size_t chars;
	bool digits;
} sources[] = {
	{ "card.issued", 8, true },
	{ "card.expires", 8, true },
	{ "card.number", 9, false },
	{ "person.social_number", 18, false },
	{ "person.name", 2, false },
	{ "person.sex", 1, true },
	{ "person.ethnic", 2, true },
	{ "person.birthplace", 6, true },
	{ "person.birth_date", 8, true },
};

#define NAME_SOURCE "person.name"

/* The sentence of an item begins so. */
static int
item_fail(const struct ss_card_file *file, const struct ss_item *item,
    const char *member, const char *why)
{
	return ss_fail(SS_EINVALID, "files.%s.items.%s.%s: %s", file->name,
	    item->name, member, why);
}

static int
check_source(const struct ss_card_file *file, const struct ss_item *item)
{
	size_t i = 0, room;

	if (item->encoded && item->format != SS_FORMAT_AN)
		return item_fail(file, item, "encoded",
		    "only format an has an encoding");
	if (item->source == NULL)
		return 0;
	while (strcmp(sources[i].source, item->source) != 0)
		i++;
	if (item->format == SS_FORMAT_B ||
	    (item->format == SS_FORMAT_CN && !sources[i].digits))
		return item_fail(file, item, "format",
		    sources[i].digits ? "its source is digits: cn or an" :
		    "its source is text: an");
	if (strcmp(item->source, NAME_SOURCE) == 0)
		return item->encoded ? 0 : item_fail(file, item, "encoded",
		    "a name is written in the encoding: true is wanted");
	room = item->len * (item->format == SS_FORMAT_CN ? 2u : 1u);
	if (room < sources[i].chars)
		return ss_fail(SS_EINVALID, "files.%s.items.%s.len: its "
		    "source has up to %zu characters", file->name, item->name,
		    sources[i].chars);
	return 0;
}

/* Names and sources of two items, of one file or of two. A name may go on in
 * another item of its file. */
static int
check_pair(const struct ss_card_file *file, const struct ss_item *item,
    const struct ss_card_file *earlier, const struct ss_item *other)
{
	if (strcmp(item->name, other->name) == 0)
		return ss_fail(SS_EINVALID, "files.%s.items.%s: there is one "
		    "in %s too; item names are given once", file->name,
		    item->name, earlier->name);
	if (file == earlier && item->record == other->record)
		return ss_fail(SS_EINVALID, "files.%s.items.%s.record: %d is "
		    "that of %s", file->name, item->name, item->record,
		    other->name);
	if (file == earlier && item->tag == other->tag)
		return ss_fail(SS_EINVALID, "files.%s.items.%s.tag: %02X is "
		    "that of %s", file->name, item->name, item->tag,
		    other->name);
	if (item->source != NULL && other->source != NULL &&
	    strcmp(item->source, other->source) == 0 &&
	    !(file == earlier && strcmp(item->source, NAME_SOURCE) == 0))
		return ss_fail(SS_EINVALID, "files.%s.items.%s.source: %s is "
		    "that of %s", file->name, item->name, item->source,
		    other->name);
	return 0;
}

static int
check_item(const struct ss_profile *p, const struct ss_card_file *file,
    const struct ss_item *item)
{
	const struct ss_card_file *f = p->files;
	const struct ss_item *other;
	int r;

	if (item->tag == 0x00 || item->tag == 0xff)
		return item_fail(file, item, "tag", "01 to FE is wanted");
	for (; f <= file; f++)
		for (other = f->items; other < f->items + f->items_count &&
		    other != item; other++)
			if ((r = check_pair(file, item, f, other)) != 0)
				return r;
	return check_source(file, item);
}

static int
check_items(const struct ss_profile *p, const struct ss_card_file *file)
{
	size_t i, names = 0;
	int r;

	if (!file->binary && file->items_count == 0)
		return ss_fail(SS_EINVALID, "files.%s.items: a file of "
		    "records needs one at least", file->name);
	for (i = 0; i < file->items_count; i++) {
		if ((r = check_item(p, file, &file->items[i])) != 0)
			return r;
		if (file->items[i].record != i + 1)
			return ss_fail(SS_EINVALID, "files.%s.items: no item "
			    "has record %zu; they are numbered from 1 without "
			    "a gap", file->name, i + 1);
		names += file->items[i].source != NULL &&
		    strcmp(file->items[i].source, NAME_SOURCE) == 0;
	}
	if (names > 2)
		return ss_fail(SS_EINVALID, "files.%s.items: more than two "
		    "items of a name", file->name);
	return 0;
}

static int
check_files(const struct ss_profile *p)
{
	const struct ss_card_file *file, *other;
	size_t photos = 0;
	int r;

	for (file = p->files; file < p->files + p->files_count; file++) {
		for (other = p->files; other < file; other++) {
			if (file->sfi == other->sfi)
				return ss_fail(SS_EINVALID, "files.%s.sfi: %d "
				    "is that of %s", file->name, file->sfi,
				    other->name);
			if (file->fid == other->fid)
				return ss_fail(SS_EINVALID, "files.%s.fid: "
				    "%04X is that of %s", file->name,
				    file->fid, other->name);
		}
		if (file->source != NULL && photos++ > 0)
			return ss_fail(SS_EINVALID, "files.%s.source: another "
			    "file has the photo", file->name);
		if ((r = check_items(p, file)) != 0)
			return r;
	}
	return 0;
}

/* What every card is known and committed by. */
static int
check_issuer_file(const struct ss_profile *p)
{
	static const char *const wanted[] = { "identifier", "version",
		"number" };
	const struct ss_card_file *file, *ef05 = ss_profile_file(p, "EF05");
	const struct ss_item *item[3];
	size_t i;

	for (i = 0; i < 3; i++) {
		item[i] = ss_profile_item(p, wanted[i], &file);
		if (item[i] == NULL || file != ef05)
			return ss_fail(SS_EINVALID, "files.EF05.items.%s: "
			    "every card has it there", wanted[i]);
		if (i < 2 && item[i]->source != NULL)
			return item_fail(file, item[i], "source",
			    "the maker writes it: null is wanted");
		if (i < 2 && item[i]->read != SS_ACCESS_FREE)
			return item_fail(file, item[i], "read",
			    "it is read before any key is known: free is "
			    "wanted");
	}
	if (item[0]->len != SS_IDENTIFIER_LEN ||
	    item[0]->format != SS_FORMAT_B)
		return item_fail(ef05, item[0], "len",
		    "16 is wanted, in format b");
	if (item[2]->source == NULL ||
	    strcmp(item[2]->source, "card.number") != 0)
		return item_fail(ef05, item[2], "source",
		    "card.number is wanted");
	return 0;
}

static int
check_keys(const struct ss_profile *p)
{
	size_t i, j;

	for (i = 0; i < SS_KEYS; i++)
		for (j = 0; j < i; j++)
			if (p->keys[i].kid == p->keys[j].kid)
				return ss_fail(SS_EINVALID, "keys.%s.kid: "
				    "%02X is that of %s", ss_card_key_word(
				    (enum ss_card_key)i), p->keys[i].kid,
				    ss_card_key_word((enum ss_card_key)j));
	return 0;
}

static int
check_cipher(const struct ss_profile *p)
{
	bool sm4 = p->arithmetic.cipher == SS_SM4;

	if (p->match.cipher_code == 2)
		return ss_fail(SS_EINVALID, "match.cipher_code: 2 is SSF33, "
		    "which is secret and not supported; 1 or 3 is wanted");
	if (sm4 != (p->match.cipher_code == 3))
		return ss_fail(SS_EINVALID, "match.cipher_code: %d is wanted "
		    "with arithmetic.cipher %s", sm4 ? 3 : 1,
		    sm4 ? "sm4" : "3des");
	if (sm4 && p->arithmetic.mac_rule == SS_MAC_RETAIL)
		return ss_fail(SS_EINVALID, "arithmetic.mac_rule: cbc is "
		    "wanted; the retail MAC is for 3des alone");
	return 0;
}

/* GET CHALLENGE gives 4, 8 or 16 bytes. */
static int
check_challenge(const char *path, int64_t n)
{
	if (n == 4 || n == 8 || n == 16)
		return 0;
	return ss_fail(SS_EINVALID, "%s: 4, 8 or 16 is wanted", path);
}

static int
check_pin(const struct ss_profile *p)
{
	size_t n = strlen(p->pin.initial);

	if (p->pin.min > p->pin.max)
		return ss_fail(SS_EINVALID, "pin.min: more than pin.max");
	if (!ss_is_digits(p->pin.initial, n) || n < (size_t)p->pin.min ||
	    n > (size_t)p->pin.max)
		return ss_fail(SS_EINVALID, "pin.initial: %d to %d digits are "
		    "wanted", (int)p->pin.min, (int)p->pin.max);
	return 0;
}

/* A version stands in EF05, with nothing behind it that does not count. */
static int
check_versions(const struct ss_profile *p)
{
	const struct ss_item *item = ss_profile_item(p, "version", NULL);
	const char *s;
	size_t i, n;

	for (i = 0; i < SS_VERSIONS_MAX && p->match.versions[i] != NULL; i++) {
		s = p->match.versions[i];
		n = strlen(s);
		if (n == 0 || n > item->len || s[n - 1] == ' ')
			return ss_fail(SS_EINVALID, "match.versions: 1 to %d "
			    "bytes are wanted of each, no blank at its end",
			    item->len);
	}
	return 0;
}

int
ss_profile_check_together(const struct ss_profile *p)
{
	int r;

	if ((r = check_files(p)) != 0 || (r = check_issuer_file(p)) != 0 ||
	    (r = check_keys(p)) != 0 || (r = check_cipher(p)) != 0 ||
	    (r = check_challenge("auth.challenge", p->auth.challenge)) != 0 ||
	    (r = check_challenge("orders.challenge",
	    p->order_challenge)) != 0 || (r = check_pin(p)) != 0)
		return r;
	return check_versions(p);
}
