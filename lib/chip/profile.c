#include <dirent.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/text.h"
#include "chip/profile_own.h"

#define SSF33 2
#define NAME_MAX_LEN 40

/* One file of the folder, and the profile that it makes. */
struct slot {
	char name[NAME_MAX_LEN + 1];
	struct ss_value *own;	/* what the file says */
	struct ss_value *root;	/* with all that it is like */
	struct ss_profile profile;
};

struct ss_profiles {
	struct ss_bytes dir;
	struct slot *slots;	/* sorted by name */
	size_t count;
};

static int
compare(const void *a, const void *b)
{
	return strcmp(((const struct slot *)a)->name,
	    ((const struct slot *)b)->name);
}

static struct slot *
find(const struct ss_profiles *set, const char *name)
{
	size_t i;

	for (i = 0; i < set->count; i++)
		if (strcmp(set->slots[i].name, name) == 0)
			return &set->slots[i];
	return NULL;
}

/* Puts folder and file before the sentence; a fault of a file is SS_EPOLICY. */
static int
fail_in(const struct ss_profiles *set, const struct slot *slot, int code)
{
	return ss_fail_in(code == SS_EINVALID ? SS_EPOLICY : code,
	    "%s/%s.json", set->dir.data, slot->name);
}

static int
read_own(const struct ss_profiles *set, struct slot *slot)
{
	struct ss_bytes path = { 0 };
	int r;

	ss_bytes_addf(&path, "%s/%s.json", set->dir.data, slot->name);
	if ((r = ss_bytes_check(&path)) == 0 &&
	    (r = ss_json_read_file(path.data, &slot->own)) == SS_EINVALID)
		r = ss_fail_as(SS_EPOLICY);
	ss_bytes_free(&path);
	if (r == 0 && (r = ss_profile_check(slot->own)) != 0)
		r = fail_in(set, slot, r);
	return r;
}

/* Lays a file over what it is like, which is first laid over what that is
 * like; depth is how many are like this one already. */
static int
lay(const struct ss_profiles *set, const struct slot *slot, size_t depth,
    struct ss_value *root)
{
	const char *like = ss_value_string(ss_value_get(slot->own, "like"));
	const struct slot *below;
	int r;

	if (like != NULL) {
		if ((below = find(set, like)) == NULL)
			return fail_in(set, slot, ss_fail(SS_EINVALID,
			    "like: no profile \"%.40s\"", like));
		if (depth == set->count)
			return fail_in(set, slot, ss_fail(SS_EINVALID,
			    "like: in the end it is like itself"));
		if ((r = lay(set, below, depth + 1, root)) != 0)
			return r;
	}
	return ss_value_merge(root, slot->own);
}

static int
load(const struct ss_profiles *set, struct slot *slot)
{
	int r;

	if ((r = ss_json_parse("{}", 2, &slot->root)) != 0 ||
	    (r = lay(set, slot, 1, slot->root)) != 0)
		return r;
	slot->profile.name = slot->name;
	if ((r = ss_profile_fill(slot->root, &slot->profile)) != 0)
		r = fail_in(set, slot, r);
	return r;
}

/* Takes a file of the folder. What does not end in .json, or is hidden, is
 * none of the profiles. */
static int
add_slot(struct ss_profiles *set, const char *file)
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyz"
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_";
	size_t n = strlen(file);
	struct slot *p;

	if (file[0] == '.' || n < 5 || strcmp(file + n - 5, ".json") != 0)
		return 0;
	n -= 5;
	if (n == 0 || n > NAME_MAX_LEN || strspn(file, letters) != n)
		return ss_fail(SS_EPOLICY, "%s/%.60s: a profile is named by "
		    "1 to %d letters, digits, - and _, and .json",
		    set->dir.data, file, NAME_MAX_LEN);
	p = realloc(set->slots, (set->count + 1) * sizeof(*p));
	if (p == NULL)
		return ss_fail(SS_EMEMORY, "out of memory");
	set->slots = p;
	p[set->count] = (struct slot){ .own = NULL };
	memcpy(p[set->count++].name, file, n);
	return 0;
}

static int
list(struct ss_profiles *set)
{
	struct dirent *e;
	DIR *dir;
	int r = 0;

	if ((dir = opendir(set->dir.data)) == NULL)
		return ss_fail_errno(set->dir.data);
	while (r == 0 && (e = readdir(dir)) != NULL)
		r = add_slot(set, e->d_name);
	closedir(dir);
	if (r == 0 && set->count == 0)
		r = ss_fail(SS_EMISSING, "%s: no profile", set->dir.data);
	if (r == 0)
		qsort(set->slots, set->count, sizeof(*set->slots), compare);
	return r;
}

int
ss_profiles_open(struct ss_profiles **out, const char *data_dir)
{
	struct ss_profiles *set;
	size_t i;
	int r;

	*out = NULL;
	if ((set = calloc(1, sizeof(*set))) == NULL)
		return ss_fail(SS_EMEMORY, "out of memory");
	ss_bytes_addf(&set->dir, "%s/profiles", data_dir);
	if ((r = ss_bytes_check(&set->dir)) == 0)
		r = list(set);
	for (i = 0; r == 0 && i < set->count; i++)
		r = read_own(set, &set->slots[i]);
	for (i = 0; r == 0 && i < set->count; i++)
		r = load(set, &set->slots[i]);
	if (r != 0) {
		ss_profiles_close(set);
		return r;
	}
	*out = set;
	return 0;
}

void
ss_profiles_close(struct ss_profiles *set)
{
	size_t i;

	if (set == NULL)
		return;
	for (i = 0; i < set->count; i++) {
		ss_json_free(set->slots[i].own);
		ss_json_free(set->slots[i].root);
	}
	free(set->slots);
	ss_bytes_free(&set->dir);
	free(set);
}

size_t
ss_profiles_count(const struct ss_profiles *set)
{
	return set->count;
}

const struct ss_profile *
ss_profiles_at(const struct ss_profiles *set, size_t i)
{
	return &set->slots[i].profile;
}

int
ss_profiles_find(const struct ss_profiles *set, const char *name,
    const struct ss_profile **out)
{
	const struct slot *slot = find(set, name);
	struct ss_bytes names = { 0 };
	size_t i;
	int r;

	*out = NULL;
	if (slot != NULL) {
		*out = &slot->profile;
		return 0;
	}
	for (i = 0; i < set->count; i++)
		ss_bytes_addf(&names, "%s%s", i == 0 ? "" : ", ",
		    set->slots[i].name);
	if ((r = ss_bytes_check(&names)) == 0)
		r = ss_fail(SS_EMISSING, "no card profile \"%.40s\"; there "
		    "are %.300s", name, names.data);
	ss_bytes_free(&names);
	return r;
}

static bool
has_version(const struct ss_profile *p, const char *version, size_t len)
{
	size_t i;

	for (i = 0; i < SS_VERSIONS_MAX && p->match.versions[i] != NULL; i++)
		if (strlen(p->match.versions[i]) == len &&
		    memcmp(p->match.versions[i], version, len) == 0)
			return true;
	return false;
}

/* A card's version in a message: text from a card is not ours to print. */
static void
shown(const char *version, size_t len, char out[17])
{
	size_t i;

	for (i = 0; i < len && i < 16; i++)
		out[i] = (char)(version[i] >= ' ' && version[i] <= '~' &&
		    version[i] != '"' ? version[i] : '?');
	out[i] = '\0';
}

int
ss_profiles_match(const struct ss_profiles *set, int cipher_code,
    const void *version, size_t len,
    const uint8_t historical[SS_HISTORICAL_LEN],
    const struct ss_profile **out)
{
	const struct ss_profile *p, *best = NULL, *other = NULL;
	const char *text = version;
	char said[17];
	size_t i;

	*out = NULL;
	if (cipher_code == SSF33)
		return ss_fail(SS_ECARD, "the card's cipher is SSF33, which is "
		    "secret and not supported");
	while (len > 0 && (text[len - 1] == '\0' || text[len - 1] == ' '))
		len--;
	for (i = 0; i < set->count; i++) {
		p = &set->slots[i].profile;
		if (p->match.cipher_code != cipher_code ||
		    !has_version(p, text, len) || memcmp(p->match.maker,
		    historical, p->match.maker_len) != 0)
			continue;
		if (best == NULL || p->match.maker_len >
		    best->match.maker_len) {
			best = p;
			other = NULL;
		} else if (p->match.maker_len == best->match.maker_len) {
			other = p;
		}
	}
	shown(text, len, said);
	if (best == NULL)
		return ss_fail(SS_ECARD, "no profile for a card of version "
		    "\"%s\" with cipher code %d", said, cipher_code);
	if (other != NULL)
		return ss_fail(SS_ECARD, "the profiles %s and %s both fit a "
		    "card of version \"%s\" with cipher code %d; one must be "
		    "chosen", best->name, other->name, said, cipher_code);
	*out = best;
	return 0;
}

const struct ss_card_file *
ss_profile_file(const struct ss_profile *p, const char *name)
{
	size_t i;

	for (i = 0; i < p->files_count; i++)
		if (strcmp(p->files[i].name, name) == 0)
			return &p->files[i];
	return NULL;
}

const struct ss_item *
ss_profile_item(const struct ss_profile *p, const char *name,
    const struct ss_card_file **file)
{
	const struct ss_card_file *f;
	size_t i;

	if (file != NULL)
		*file = NULL;
	for (f = p->files; f < p->files + p->files_count; f++)
		for (i = 0; i < f->items_count; i++)
			if (strcmp(f->items[i].name, name) == 0) {
				if (file != NULL)
					*file = f;
				return &f->items[i];
			}
	return NULL;
}

int
ss_profile_city(const struct ss_profile *p,
    const uint8_t identifier[SS_IDENTIFIER_LEN], char city[7])
{
	ss_hex(identifier, 3, city);
	if (!ss_is_digits(city, 6)) {
		city[0] = '\0';
		return ss_fail(SS_ECARD, "the card's identifier begins with "
		    "no region");
	}
	if (p->city_prefecture)
		memcpy(city + 4, "00", 2);
	return 0;
}
