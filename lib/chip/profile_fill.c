#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "chip/profile_own.h"

/* A number into a member of its size. */
static void
store(void *to, size_t size, int64_t n)
{
	uint8_t u8 = (uint8_t)n;
	uint16_t u16 = (uint16_t)n;
	uint32_t u32 = (uint32_t)n;

	switch (size) {
	case sizeof(u8):
		memcpy(to, &u8, size);
		break;
	case sizeof(u16):
		memcpy(to, &u16, size);
		break;
	case sizeof(u32):
		memcpy(to, &u32, size);
		break;
	default:
		memcpy(to, &n, sizeof(n));
		break;
	}
}

static int64_t
word_number(const struct ss_profile_row *row, const char *word)
{
	int64_t i;

	for (i = 0; strcmp(row->words[i], word) != 0; i++)
		;
	return row->min + i;
}

static unsigned
digit(char c)
{
	static const char digits[] = "0123456789abcdef";

	/* Capital letters too: the digits have this bit already. */
	return (unsigned)(strchr(digits, c | 0x20) - digits);
}

/* The bytes of a hexadecimal text that was checked; how many. */
static size_t
fill_hex(const char *text, uint8_t *out)
{
	size_t n;

	for (n = 0; text[2 * n] != '\0'; n++)
		out[n] = (uint8_t)(digit(text[2 * n]) << 4 |
		    digit(text[2 * n + 1]));
	return n;
}

static void
fill_array(const struct ss_profile_row *row, const struct ss_value *v,
    char *base)
{
	size_t i, n = ss_value_count(v);
	const char **strings = (const char **)(void *)(base + row->offset);
	uint8_t *bytes = (uint8_t *)base + row->offset;

	for (i = 0; i < n; i++)
		if (row->type == SS_PROFILE_STRINGS)
			strings[i] = ss_value_string(ss_value_at(v, i));
		else
			fill_hex(ss_value_string(ss_value_at(v, i)),
			    bytes + i);
	if (row->count_at != 0)
		memcpy(base + row->count_at, &n, sizeof(n));
}

/* A code's bytes are a number, the highest first. */
static int64_t
code(const char *text)
{
	uint8_t bytes[8];
	size_t i, len = fill_hex(text, bytes);
	int64_t n = 0;

	for (i = 0; i < len; i++)
		n = n << 8 | bytes[i];
	return n;
}

static void
fill_member(const struct ss_profile_row *row, const struct ss_value *v,
    char *base)
{
	const char *s = ss_value_string(v);
	char *to = base + row->offset;
	int64_t n = 0;
	size_t len;

	switch (row->type) {
	case SS_PROFILE_INT:
		ss_value_int(v, &n);
		store(to, row->size, n);
		break;
	case SS_PROFILE_BOOL:
		*(bool *)to = ss_value_bool(v, false);
		break;
	case SS_PROFILE_WORD:
		store(to, row->size, word_number(row, s));
		break;
	case SS_PROFILE_STRING:
		memcpy(to, &s, sizeof(s));
		break;
	case SS_PROFILE_CODE:
		store(to, row->size, code(s));
		break;
	case SS_PROFILE_HEX:
		len = fill_hex(s, (uint8_t *)to);
		if (row->count_at != 0)
			memcpy(base + row->count_at, &len, sizeof(len));
		break;
	default:
		fill_array(row, v, base);
		break;
	}
}

/* The members of one struct, whose rows begin with a prefix of their own; name
 * is what stands for the last part of it in messages. */
static int
fill_struct(enum ss_profile_of of, const char *prefix, const char *name,
    const struct ss_value *v, void *base)
{
	const struct ss_profile_row *row;
	const struct ss_value *value;
	size_t i, rows, skip = strlen(prefix);

	row = ss_profile_table(&rows);
	for (i = 0; i < rows; i++, row++) {
		if (row->of != of)
			continue;
		value = ss_value_get(v, row->path + skip);
		if (ss_value_kind(value) > SS_NULL)
			fill_member(row, value, base);
		else if (!row->optional)
			return ss_fail(SS_EINVALID, "%.60s%s: given neither "
			    "here nor by what it is like", name,
			    row->path + skip);
	}
	return 0;
}

static int
by_record(const void *a, const void *b)
{
	return ((const struct ss_item *)a)->record -
	    ((const struct ss_item *)b)->record;
}

static int
fill_items(const struct ss_value *items, struct ss_card_file *file)
{
	struct ss_bytes prefix = { 0 };
	const struct ss_value *v;
	struct ss_item *item;
	const char *name;
	void *iter = NULL;
	int r = 0;

	while (r == 0 && ss_value_each(items, &iter, &name, &v)) {
		if (file->items_count == SS_ITEMS_MAX) {
			r = ss_fail(SS_EINVALID, "files.%s.items: at most %d "
			    "are wanted", file->name, SS_ITEMS_MAX);
			break;
		}
		item = &file->items[file->items_count++];
		item->name = name;
		ss_bytes_reset(&prefix);
		ss_bytes_addf(&prefix, "files.%s.items.%s.", file->name, name);
		if ((r = ss_bytes_check(&prefix)) == 0)
			r = fill_struct(SS_OF_ITEM, "files.*.items.*.",
			    prefix.data, v, item);
	}
	ss_bytes_free(&prefix);
	if (file->items_count > 0)
		qsort(file->items, file->items_count, sizeof(*file->items),
		    by_record);
	return r;
}

/* Members that only one kind of file has. */
static int
check_kind(const struct ss_card_file *file, const struct ss_value *v)
{
	static const char *const binary[] = { "size", "read", "write",
		"source" };
	size_t i;
	bool given;

	if (file->binary && ss_value_kind(ss_value_get(v, "items")) > SS_NULL)
		return ss_fail(SS_EINVALID, "files.%s.items: a binary file "
		    "has none", file->name);
	for (i = 0; i < sizeof(binary) / sizeof(*binary); i++) {
		given = ss_value_kind(ss_value_get(v, binary[i])) > SS_NULL;
		if (!file->binary && given)
			return ss_fail(SS_EINVALID, "files.%s.%s: only a "
			    "binary file has it", file->name, binary[i]);
		/* source may be left out */
		if (file->binary && !given && i < 3)
			return ss_fail(SS_EINVALID, "files.%s.%s: a binary "
			    "file needs it", file->name, binary[i]);
	}
	return 0;
}

static int
fill_file(const struct ss_value *v, struct ss_card_file *file)
{
	char prefix[] = "files.EF00.";
	int r;

	memcpy(prefix + 6, file->name, 4);
	if ((r = fill_struct(SS_OF_FILE, "files.*.", prefix, v, file)) != 0 ||
	    (r = check_kind(file, v)) != 0)
		return r;
	return fill_items(ss_value_get(v, "items"), file);
}

int
ss_profile_fill(const struct ss_value *root, struct ss_profile *profile)
{
	const struct ss_value *v;
	struct ss_card_file *file;
	const char *name;
	void *iter = NULL;
	int r;

	profile->root = root;
	if ((r = fill_struct(SS_OF_PROFILE, "", "", root, profile)) != 0)
		return r;
	while (ss_value_each(ss_value_get(root, "files"), &iter, &name, &v)) {
		if (profile->files_count == SS_FILES_MAX)
			return ss_fail(SS_EINVALID, "files: at most %d are "
			    "wanted", SS_FILES_MAX);
		file = &profile->files[profile->files_count++];
		file->name = name;
		file->read = file->write = SS_ACCESS_NEVER;
		if ((r = fill_file(v, file)) != 0)
			return r;
	}
	return ss_profile_check_together(profile);
}
