#include <dirent.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/text.h"
#include "rules/policy.h"
#include "rules/region.h"

/* Digits of a code at each level: nation, province, city, county. */
static const size_t levels[] = { 0, 2, 4, 6 };
#define LEVELS (sizeof(levels) / sizeof(levels[0]))

/* One file of the folder, and the policy that it and those above it make. */
struct slot {
	char code[7];
	char name[16];		/* of the file */
	struct ss_value *root;	/* NULL until it is asked for */
	struct ss_policy policy;
};

struct ss_policies {
	struct ss_bytes dir;
	const struct ss_words *words;
	pthread_rwlock_t lock;
	struct slot *slots;	/* sorted by code */
	size_t count;
};

static int
compare(const void *a, const void *b)
{
	return strcmp(((const struct slot *)a)->code,
	    ((const struct slot *)b)->code);
}

/* The file for a code cut to so many digits; NULL when there is none. */
static struct slot *
find(const struct ss_policies *set, const char *code, size_t digits)
{
	struct slot key = { .code = "000000" };

	memcpy(key.code, code, digits);
	if (set->count == 0)
		return NULL;
	return bsearch(&key, set->slots, set->count, sizeof(key), compare);
}

/* The nearest file for a code: its own, or the first one above. */
static struct slot *
nearest(const struct ss_policies *set, const char *code)
{
	struct slot *slot = NULL;
	size_t i;

	for (i = 0; slot == NULL && i < LEVELS; i++)
		slot = find(set, code, levels[LEVELS - 1 - i]);
	return slot;
}

/* Lays one file over what there is. */
static int
add_file(const struct ss_policies *set, const struct slot *file,
    struct ss_value **root)
{
	struct ss_bytes path = { 0 };
	struct ss_value *v = NULL;
	int r;

	ss_bytes_addf(&path, "%s/%s", set->dir.data, file->name);
	if ((r = ss_bytes_check(&path)) != 0 ||
	    (r = ss_json_read_file(path.data, &v)) != 0 ||
	    (r = ss_schema_check(v, path.data, set->words)) != 0)
		goto out;
	if (*root != NULL || (r = ss_json_parse("{}", 2, root)) == 0)
		r = ss_value_merge(*root, v);
out:
	ss_json_free(v);
	ss_bytes_free(&path);
	return r == SS_EINVALID ? ss_fail_as(SS_EPOLICY) : r;
}

static int
load(const struct ss_policies *set, struct slot *slot)
{
	struct ss_value *root = NULL;
	const struct slot *file, *last = NULL;
	size_t i;
	int r = 0;

	for (i = 0; r == 0 && i < LEVELS; i++) {
		file = find(set, slot->code, levels[i]);
		if (file != NULL && file != last)
			r = add_file(set, file, &root);
		last = file;
	}
	if (r == 0) {
		memcpy(slot->policy.region, slot->code, 7);
		if ((r = ss_schema_fill(root, &slot->policy)) != 0)
			r = ss_fail_in(SS_EPOLICY, "%s/%s", set->dir.data,
			    slot->name);
	}
	if (r != 0) {
		ss_schema_wipe(&slot->policy);
		ss_json_free(root);
		return r;
	}
	slot->root = root;
	return 0;
}

/*
 * Takes a file of the folder. What does not begin with a digit is none of the
 * policies; what does is named for a region.
 */
static int
add_slot(struct ss_policies *set, const char *name)
{
	struct slot *p, slot = { 0 };
	size_t n = strlen(name);
	char digits[8] = "";

	if (name[0] < '0' || name[0] > '9')
		return 0;
	if (n >= 7 && n <= 11)
		memcpy(digits, name, n - 5);
	if (n < 5 || strcmp(name + n - 5, ".json") != 0 ||
	    ss_region_code(digits, slot.code) != 0)
		return ss_fail(SS_EPOLICY, "%s/%.40s: a policy is named for "
		    "its region, two, four or six digits and .json",
		    set->dir.data, name);
	memcpy(slot.name, name, n + 1);
	p = realloc(set->slots, (set->count + 1) * sizeof(*p));
	if (p == NULL)
		return ss_fail(SS_EMEMORY, "out of memory");
	set->slots = p;
	p[set->count++] = slot;
	return 0;
}

static int
list(struct ss_policies *set)
{
	struct dirent *e;
	size_t i;
	DIR *dir;
	int r = 0;

	if ((dir = opendir(set->dir.data)) == NULL)
		return ss_fail_errno(set->dir.data);
	while (r == 0 && (e = readdir(dir)) != NULL)
		r = add_slot(set, e->d_name);
	closedir(dir);
	if (set->count > 0)
		qsort(set->slots, set->count, sizeof(*set->slots), compare);
	for (i = 1; r == 0 && i < set->count; i++)
		if (compare(&set->slots[i - 1], &set->slots[i]) == 0)
			r = ss_fail(SS_EPOLICY, "%s: %s and %s are one region",
			    set->dir.data, set->slots[i - 1].name,
			    set->slots[i].name);
	if (r == 0 && find(set, "", 0) == NULL)
		r = ss_fail(SS_EMISSING, "%s: no national policy 00.json",
		    set->dir.data);
	return r;
}

int
ss_policies_open(struct ss_policies **out, const char *data_dir,
    const struct ss_words *words)
{
	const struct ss_policy *nation;
	struct ss_policies *set;
	int r;

	*out = NULL;
	if ((set = calloc(1, sizeof(*set))) == NULL)
		return ss_fail(SS_EMEMORY, "out of memory");
	pthread_rwlock_init(&set->lock, NULL);
	set->words = words;
	ss_bytes_addf(&set->dir, "%s/policies", data_dir);
	if ((r = ss_bytes_check(&set->dir)) != 0 || (r = list(set)) != 0 ||
	    (r = ss_policies_get(set, "00", &nation)) != 0) {
		ss_policies_close(set);
		return r;
	}
	*out = set;
	return 0;
}

void
ss_policies_close(struct ss_policies *set)
{
	size_t i;

	if (set == NULL)
		return;
	for (i = 0; i < set->count; i++) {
		ss_schema_wipe(&set->slots[i].policy);
		ss_json_free(set->slots[i].root);
	}
	free(set->slots);
	pthread_rwlock_destroy(&set->lock);
	ss_bytes_free(&set->dir);
	free(set);
}

int
ss_policies_get(struct ss_policies *set, const char *region,
    const struct ss_policy **out)
{
	struct slot *slot;
	char code[7];
	bool ready;
	int r;

	*out = NULL;
	if ((r = ss_region_code(region, code)) != 0)
		return r;
	slot = nearest(set, code);
	pthread_rwlock_rdlock(&set->lock);
	ready = slot->root != NULL;
	pthread_rwlock_unlock(&set->lock);
	if (!ready) {
		pthread_rwlock_wrlock(&set->lock);
		if (slot->root == NULL)
			r = load(set, slot);
		pthread_rwlock_unlock(&set->lock);
	}
	if (r == 0)
		*out = &slot->policy;
	return r;
}
