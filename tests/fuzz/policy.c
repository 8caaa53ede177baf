/* A policy: checked, then laid over the nation's, and what that makes. */
#define _GNU_SOURCE	/* memfd_create */
#include "../fuzz-main.h"
#include "base/err.h"
#include "rules/schema.h"

static struct ss_words *words;
static struct ss_bytes nation;

static void
open_rules(void)
{
	char path[4096];

	if (words != NULL)
		return;
	FUZZ_CHECK(ss_words_open(&words, fuzz_data_dir()) == 0);
	snprintf(path, sizeof(path), "%s/policies/00.json", fuzz_data_dir());
	FUZZ_CHECK(ss_bytes_read_file(&nation, path, path, 1 << 20) == 0);
}

/* What passes the check has to make a policy of full worth. */
static void
fill(const struct ss_value *root)
{
	struct ss_policy policy = { .root = NULL };
	int r;

	r = ss_schema_fill(root, &policy);
	FUZZ_CHECK(r == 0 || r == SS_EINVALID || r == SS_EPOLICY);
	if (r == 0)
		FUZZ_CHECK(policy.photo.width >= 1 && policy.photo.width <=
		    4000 && policy.card.name_encoding != NULL &&
		    policy.pin.before >= SS_PIN_NONE &&
		    policy.pin.before <= SS_PIN_USE);
	ss_schema_wipe(&policy);
}

/* A name with a dot is no path: what it says would be read by nobody. */
static void
check_names(const struct ss_value *v, int depth)
{
	const struct ss_value *value;
	const char *name;
	void *iter = NULL;

	while (depth < 2 && ss_value_each(v, &iter, &name, &value)) {
		FUZZ_CHECK(strchr(name, '.') == NULL);
		check_names(value, depth + 1);
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct ss_value *v, *base;

	open_rules();
	if (ss_json_parse((const char *)data, size, &v) != 0)
		return 0;
	if (ss_schema_check(v, "fuzz", words) == 0) {
		check_names(v, 0);
		FUZZ_CHECK(ss_json_parse(nation.data, nation.len, &base) == 0);
		FUZZ_CHECK(ss_value_merge(base, v) == 0);
		fill(base);
		fill(v);
		ss_json_free(base);
	}
	ss_json_free(v);
	return 0;
}
