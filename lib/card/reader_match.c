#include <fnmatch.h>
#include <glob.h>
#include <string.h>

#include "base/err.h"
#include "card/reader.h"

#define SOFT "soft:"
#define PCSC "pcsc:"

static void
add(struct ss_bytes *out, size_t *count, const char *prefix, const char *name)
{
	ss_bytes_adds(out, prefix);
	ss_bytes_add(out, name, strlen(name) + 1);
	++*count;
}

/* Folders of software cards and feeders. */
static int
match_soft(const char *pattern, struct ss_bytes *out, size_t *count)
{
	glob_t found;
	size_t i;
	int r = glob(pattern, 0, NULL, &found);

	if (r == GLOB_NOSPACE)
		return ss_fail(SS_EMEMORY, "out of memory");
	if (r != 0)
		return 0;
	for (i = 0; i < found.gl_pathc; i++)
		add(out, count, SOFT, found.gl_pathv[i]);
	globfree(&found);
	return ss_bytes_check(out);
}

int
ss_reader_match(const struct ss_reader_setup *setup, struct ss_bytes *out,
    size_t *count)
{
	const char *pattern = setup->name;
	struct ss_bytes all = { 0 };
	const char *name;
	size_t n;
	int r;

	*count = 0;
	if (pattern != NULL && strncmp(pattern, SOFT, strlen(SOFT)) == 0)
		return match_soft(pattern + strlen(SOFT), out, count);
	if (pattern != NULL && strncmp(pattern, PCSC, strlen(PCSC)) == 0)
		pattern += strlen(PCSC);
	if ((r = ss_reader_list(&all, &n, setup)) == 0)
		for (name = all.data; n > 0; n--, name += strlen(name) + 1)
			if (pattern == NULL || strcmp(pattern, name) == 0 ||
			    fnmatch(pattern, name, 0) == 0)
				add(out, count, PCSC, name);
	ss_bytes_free(&all);
	return r != 0 ? r : ss_bytes_check(out);
}
