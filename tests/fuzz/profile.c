/* A profile: checked, laid over the second generation's, and what that
 * makes. */
#define _GNU_SOURCE	/* memfd_create */
#include "../fuzz-main.h"
#include "base/err.h"
#include "chip/profile_own.h"

static struct ss_bytes second;

static void
open_second(void)
{
	char path[4096];

	if (second.len > 0)
		return;
	snprintf(path, sizeof(path), "%s/profiles/gen2.json",
	    fuzz_data_dir());
	FUZZ_CHECK(ss_bytes_read_file(&second, path, path, 1 << 20) == 0);
}

static void
check_items(const struct ss_card_file *file)
{
	const struct ss_item *item;
	size_t i;

	FUZZ_CHECK(file->binary == (file->items_count == 0) &&
	    file->items_count <= SS_ITEMS_MAX);
	for (i = 0; i < file->items_count; i++) {
		item = &file->items[i];
		FUZZ_CHECK(item->record == i + 1 && item->len >= 1 &&
		    item->len <= SS_ITEM_LEN_MAX && item->name != NULL &&
		    item->read >= SS_ACCESS_NEVER && item->read < SS_KEYS &&
		    item->write >= SS_ACCESS_NEVER && item->write < SS_KEYS);
	}
}

/* What passes has to make a profile of full worth. */
static void
fill(const struct ss_value *root)
{
	struct ss_profile p = { .name = "fuzz" };
	size_t i;
	int r;

	r = ss_profile_fill(root, &p);
	FUZZ_CHECK(r == 0 || r == SS_EINVALID);
	if (r != 0)
		return;
	FUZZ_CHECK(p.files_count >= 1 && p.files_count <= SS_FILES_MAX &&
	    p.encoding != NULL && p.match.versions[0] != NULL &&
	    p.select.name_len >= 5 && p.select.name_len <= SS_NAME_MAX &&
	    p.match.maker_len <= SS_HISTORICAL_LEN && p.blank.fills >= 1 &&
	    p.blank.fills <= 2 && strlen(p.pin.initial) <= 16 &&
	    p.pin.tries >= 1 && p.match.cipher_code != 2);
	for (i = 0; i < p.files_count; i++)
		check_items(&p.files[i]);
	for (i = 0; i < SS_ORDERS; i++)
		FUZZ_CHECK(p.orders[i].mac < SS_KEYS && p.orders[i].auth >=
		    SS_ACCESS_FREE && p.orders[i].auth < SS_KEYS);
	FUZZ_CHECK(ss_profile_item(&p, "identifier", NULL)->len ==
	    SS_IDENTIFIER_LEN);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct ss_value *v, *base;
	int r;

	open_second();
	if (ss_json_parse((const char *)data, size, &v) != 0)
		return 0;
	if ((r = ss_profile_check(v)) == 0) {
		FUZZ_CHECK(ss_json_parse(second.data, second.len, &base) == 0);
		FUZZ_CHECK(ss_value_merge(base, v) == 0);
		fill(base);
		fill(v);
		ss_json_free(base);
	}
	FUZZ_CHECK(r == 0 || r == SS_EINVALID);
	ss_json_free(v);
	return 0;
}
