#include "../fuzz/session.c"

#define OK_SW "\x90\0"
#define FCI "\x6f\x1c\x84\x0fsx1.sh.\xc9\xe7\xbb\xe1\xb1\xa3\xd5\xcf" \
	"\xa5\x09\x88\1\x1e\x9f\x0c\3\x86\1\3"

/* Answers of a card of generation 3 as they are to be, in their order. */
static uint8_t good[FUZZ_MAX];
static size_t good_len;

static void
answer(const void *data, size_t len)
{
	FUZZ_CHECK(len + 3 < 0xff && good_len + len + 3 <= FUZZ_MAX);
	good[good_len++] = (uint8_t)(len + 2);
	memcpy(good + good_len, data, len);
	memcpy(good + good_len + len, OK_SW, 2);
	good_len += len + 2;
}

static void
record(const struct ss_item *item, const char *value)
{
	uint8_t bytes[2 + SS_ITEM_LEN_MAX] = { item->tag, item->len };

	memcpy(bytes + 2, value, strlen(value));
	answer(bytes, 2u + item->len);
}

static void
file(const struct ss_card_file *f)
{
	size_t i;

	for (i = 0; i < f->items_count; i++)
		record(&f->items[i], "");
	for (i = 0; i < f->items_count; i++)
		if (f->items[i].write >= 0)
			answer("", 0);
	for (i = 0; f->binary && i < f->size / 256; i++) {
		good[good_len++] = 0xff;
		good[good_len++] = 16;
	}
	for (i = 0; f->binary && i < 4; i++)
		answer("", 0);
}

int
main(void)
{
	struct ss_profiles *profiles;
	const struct ss_card_file *f;
	const struct ss_profile *p;
	size_t i;

	FUZZ_CHECK(ss_profiles_open(&profiles, fuzz_data_dir()) == 0 &&
	    ss_profiles_find(profiles, "gen3", &p) == 0);
	good[good_len++] = 1;
	answer(FCI, sizeof(FCI) - 1);
	record(ss_profile_item(p, "identifier", &f), "\x22\1\1");
	record(ss_profile_item(p, "version", &f), "3.00");
	answer("genuine?", 8);
	for (i = 0; i < 2; i++) {
		answer("question", 8);
		answer("", 0);
	}
	for (i = 0; i < p->files_count; i++)
		file(&p->files[i]);
	ss_profiles_close(profiles);
	{
		const struct fuzz_seed seeds[] = {
			{ good, good_len },
			FUZZ_SEED("\0\2\x61\x1e\x20" FCI OK_SW "\2\x6c\x12"),
			FUZZ_SEED("\1\2\x6a\x82\2\x62\x83\x20" FCI OK_SW),
		};

		return fuzz_run(seeds, sizeof(seeds) / sizeof(*seeds),
		    "sessions");
	}
}
