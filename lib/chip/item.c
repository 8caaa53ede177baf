#include <string.h>

#include "base/crypto.h"
#include "base/err.h"
#include "chip/item.h"

static int
bad(const struct ss_item *item, const char *what)
{
	return ss_fail(SS_EINVALID, "the card's item %s: %s", item->name,
	    what);
}

/* A digit's value, 16 for what is none. */
static unsigned
nibble(char c)
{
	static const char digits[] = "0123456789abcdef";
	const char *p;

	if (c >= 'A' && c <= 'F')
		c = (char)(c + 'a' - 'A');
	p = c != '\0' ? strchr(digits, c) : NULL;
	return p != NULL ? (unsigned)(p - digits) : 16;
}

/* Digits below limit, two a byte, to the left. */
static int
pack(const struct ss_item *item, const char *text, size_t len, unsigned limit,
    uint8_t *value)
{
	size_t i, n = 0;
	unsigned d;

	for (i = 0; i < len; i++) {
		if (text[i] == '-' && item->format == SS_FORMAT_CN)
			continue;
		if ((d = nibble(text[i])) >= limit)
			return bad(item, "holds digits alone");
		if (n == 2u * item->len)
			return bad(item, "has no room for so many digits");
		if (n % 2 == 0)
			value[n / 2] = (uint8_t)(d << 4 |
			    (value[n / 2] & 0x0f));
		else
			value[n / 2] = (uint8_t)((value[n / 2] & 0xf0) | d);
		n++;
	}
	if (item->format == SS_FORMAT_B && len > 0 && n != 2u * item->len)
		return bad(item, "is of another length");
	return 0;
}

int
ss_item_encode(const struct ss_item *item, const char *text, size_t len,
    uint8_t value[SS_ITEM_LEN_MAX])
{
	bool cn = item->format == SS_FORMAT_CN;

	memset(value, cn ? 0xff : 0, item->len);
	if (item->format == SS_FORMAT_AN) {
		if (len > item->len)
			return bad(item, "has no room for so much text");
		memcpy(value, text, len);
		return 0;
	}
	/* Agencies have hexadecimal digits in their cn, which we only keep. */
	return pack(item, text, len, cn ? 10 : 16, value);
}

static int
decode_text(const struct ss_item *item, const uint8_t *value,
    struct ss_codec *from, struct ss_bytes *text)
{
	size_t len = item->len, i;
	int r;

	while (len > 0 && value[len - 1] == 0)
		len--;
	for (i = 0; i < len; i++)
		if (value[i] < 0x20 || (!item->encoded && value[i] > 0x7e))
			return ss_fail(SS_ECARD, "the card's item %s: is no "
			    "text", item->name);
	if (!item->encoded) {
		ss_bytes_add(text, value, len);
		return ss_bytes_check(text);
	}
	if ((r = ss_codec_convert(from, (const char *)value, len, text)) ==
	    SS_EINVALID)
		r = ss_fail(SS_ECARD, "the card's item %s: is no text in its "
		    "encoding", item->name);
	return r;
}

int
ss_item_decode(const struct ss_item *item, const uint8_t *value,
    struct ss_codec *from, struct ss_bytes *text)
{
	char hex[2 * SS_ITEM_LEN_MAX + 1];
	size_t n;

	if (item->format == SS_FORMAT_AN)
		return decode_text(item, value, from, text);
	ss_hex(value, item->len, hex);
	n = 2u * item->len;
	if (item->format == SS_FORMAT_CN) {
		while (n > 0 && hex[n - 1] == 'f')
			n--;
		if (memchr(hex, 'f', n) != NULL)
			return ss_fail(SS_ECARD, "the card's item %s: is no "
			    "number", item->name);
	}
	ss_bytes_add(text, hex, n);
	return ss_bytes_check(text);
}

bool
ss_profile_blank(const struct ss_profile *profile, const void *bytes,
    size_t len)
{
	const uint8_t *p = bytes;
	size_t i, k;

	for (k = 0; k < profile->blank.fills; k++) {
		for (i = 0; i < len && p[i] == profile->blank.fill[k]; i++)
			;
		if (i == len)
			return true;
	}
	return false;
}

/* The bytes of the character at text, by its first two. */
static size_t
char_len(const char *encoding, const uint8_t *text, size_t len)
{
	bool four = strcmp(encoding, "GB18030") == 0;

	if (!four && strcmp(encoding, "GBK") != 0 &&
	    strcmp(encoding, "GB2312") != 0)
		return 1;
	if (text[0] < 0x81 || text[0] == 0xff)
		return 1;
	return four && len > 1 && text[1] >= '0' && text[1] <= '9' ? 4 : 2;
}

size_t
ss_item_cut(const char *encoding, const char *text, size_t len, size_t room)
{
	const uint8_t *p = (const uint8_t *)text;
	size_t at = 0, n;

	while (at < len) {
		n = char_len(encoding, p + at, len - at);
		if (at + n > room || at + n > len)
			break;
		at += n;
	}
	return at;
}

void
ss_contents_init(struct ss_contents *c, const struct ss_profile *profile)
{
	memset(c, 0, sizeof(*c));
	c->profile = profile;
}

void
ss_contents_wipe(struct ss_contents *c)
{
	size_t i;

	for (i = 0; i < SS_FILES_MAX; i++) {
		if (c->binary[i].data != NULL)
			ss_wipe(c->binary[i].data, c->binary[i].len);
		ss_bytes_free(&c->binary[i]);
	}
	ss_wipe(c->value, sizeof(c->value));
	memset(c, 0, sizeof(*c));
}

/* Whether an item is written from a source, or is called so. */
static bool
is_of(const struct ss_item *item, const char *source)
{
	return strcmp(item->name, source) == 0 ||
	    (item->source != NULL && strcmp(item->source, source) == 0);
}

/* Shares the text out among the items of its source. */
static int
share(struct ss_contents *c, const char *source, const char *text, size_t len)
{
	const struct ss_card_file *file;
	const struct ss_item *item, *last = NULL;
	size_t f, i, n, at = 0;
	int r;

	for (f = 0; f < c->profile->files_count; f++) {
		file = &c->profile->files[f];
		for (i = 0; i < file->items_count; i++) {
			item = &file->items[i];
			if (item->source == NULL ||
			    strcmp(item->source, source) != 0)
				continue;
			n = item->encoded ? ss_item_cut(c->profile->encoding,
			    text + at, len - at, item->len) : len - at;
			if ((r = ss_item_encode(item, text + at, n,
			    c->value[f][i])) != 0)
				return r;
			c->set[f][i] = true;
			at += n;
			last = item;
		}
	}
	return last == NULL || at == len ? 0 :
	    bad(last, "has no room for so much text");
}

/* Whether the source goes into an item that is in the card's encoding. */
static bool
is_encoded(const struct ss_contents *c, const char *source)
{
	size_t f, i;

	for (f = 0; f < c->profile->files_count; f++)
		for (i = 0; i < c->profile->files[f].items_count; i++)
			if (is_of(&c->profile->files[f].items[i], source) &&
			    c->profile->files[f].items[i].encoded)
				return true;
	return false;
}

int
ss_contents_set(struct ss_contents *c, const char *source, const char *text,
    struct ss_codec *to)
{
	struct ss_bytes b = { 0 };
	int r;

	if (!is_encoded(c, source))
		return share(c, source, text, strlen(text));
	if ((r = ss_codec_convert(to, text, strlen(text), &b)) == SS_EINVALID)
		r = ss_fail(SS_EINVALID, "%s: a character that the card's "
		    "encoding %s does not have", source, c->profile->encoding);
	if (r == 0)
		r = share(c, source, b.len > 0 ? b.data : "", b.len);
	if (b.data != NULL)
		ss_wipe(b.data, b.len);
	ss_bytes_free(&b);
	return r;
}

int
ss_contents_get(const struct ss_contents *c, const char *source,
    struct ss_codec *from, struct ss_bytes *text)
{
	const struct ss_card_file *file;
	bool found = false;
	size_t f, i;
	int r;

	for (f = 0; f < c->profile->files_count; f++) {
		file = &c->profile->files[f];
		for (i = 0; i < file->items_count; i++) {
			if (!c->set[f][i] || !is_of(&file->items[i], source))
				continue;
			found = true;
			if ((r = ss_item_decode(&file->items[i],
			    c->value[f][i], from, text)) != 0)
				return r;
		}
	}
	return found ? 0 : ss_fail(SS_EMISSING, "the card has no %s", source);
}

const char *
ss_contents_differ(const struct ss_contents *wanted,
    const struct ss_contents *there)
{
	const struct ss_card_file *file;
	const struct ss_bytes *b;
	size_t f, i;

	for (f = 0; f < wanted->profile->files_count; f++) {
		file = &wanted->profile->files[f];
		for (i = 0; i < file->items_count; i++)
			if (wanted->set[f][i] && (!there->set[f][i] ||
			    memcmp(wanted->value[f][i], there->value[f][i],
			    file->items[i].len) != 0))
				return file->items[i].name;
		b = &wanted->binary[f];
		if (b->len > 0 && (there->binary[f].len < b->len ||
		    memcmp(b->data, there->binary[f].data, b->len) != 0))
			return file->name;
	}
	return NULL;
}
