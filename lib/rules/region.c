#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "base/err.h"
#include "base/text.h"
#include "rules/region.h"

#define CODE_LEN 6
#define COVERS "# covers "

struct ss_regions {
	struct ss_map map;
	const char *table;	/* after the comments */
	const char *end;
	int first, last;
};

static const char *
line_end(const char *p, const char *end)
{
	const char *newline = memchr(p, '\n', (size_t)(end - p));

	return newline != NULL ? newline : end;
}

static const char *
line_next(const char *p, const char *end)
{
	p = line_end(p, end);
	return p < end ? p + 1 : end;
}

/* Four digits, or -1. */
static int
year_at(const char *p)
{
	return ss_is_digits(p, 4) ? (p[0] - '0') * 1000 + (p[1] - '0') * 100 +
	    (p[2] - '0') * 10 + (p[3] - '0') : -1;
}

/* Takes a year or "-" with its tab off the front of *p. */
static bool
year_take(const char **p, const char *end, int *year)
{
	const char *tab = memchr(*p, '\t', (size_t)(end - *p));

	if (tab == NULL || (tab - *p != 4 && (tab - *p != 1 || **p != '-')))
		return false;
	*year = **p == '-' ? 0 : year_at(*p);
	*p = tab + 1;
	return *year >= 0;
}

static bool
line_parse(const char *p, const char *end, struct ss_region *out)
{
	if ((end = line_end(p, end)) - p <= CODE_LEN ||
	    !ss_is_digits(p, CODE_LEN) || p[CODE_LEN] != '\t')
		return false;
	memcpy(out->code, p, CODE_LEN);
	out->code[CODE_LEN] = '\0';
	p += CODE_LEN + 1;
	if (!year_take(&p, end, &out->first) ||
	    !year_take(&p, end, &out->last) || p == end || end[-1] == '\r')
		return false;
	out->name = p;
	out->name_len = (size_t)(end - p);
	return true;
}

static bool
covers_parse(struct ss_regions *regions, const char *p, const char *end)
{
	if ((size_t)(end - p) != strlen(COVERS "2002-2023") ||
	    memcmp(p, COVERS, strlen(COVERS)) != 0)
		return false;
	p += strlen(COVERS);
	regions->first = year_at(p);
	regions->last = year_at(p + 5);
	return regions->first > 0 && p[4] == '-' &&
	    regions->last >= regions->first;
}

/* Reads the comments and one line, and leaves the rest to the look-ups. */
static int
check_top(struct ss_regions *regions, const char *path)
{
	const char *p = regions->map.data, *end = p + regions->map.len, *stop;
	struct ss_region region;
	bool covers = false;
	int line = 1;

	for (; p < end; p = line_next(p, end), line++) {
		if ((stop = line_end(p, end)) > p && stop[-1] == '\r')
			return ss_fail(SS_EINVALID,
			    "'%s' line %d: ends in CR LF, not LF", path, line);
		if (*p != '#')
			break;
		covers = covers_parse(regions, p, stop) || covers;
	}
	regions->table = p;
	regions->end = end;
	if (!covers)
		return ss_fail(SS_EINVALID, "'%s' line %d: no regions, or no "
		    "'" COVERS "' with two years above them", path, line);
	if (!line_parse(p, end, &region))
		return ss_fail(SS_EINVALID, "'%s' line %d: not a code, two "
		    "years and a name", path, line);
	return 0;
}

int
ss_regions_open(struct ss_regions **out, const char *path)
{
	struct ss_regions *regions;
	int r;

	*out = NULL;
	if ((regions = calloc(1, sizeof(*regions))) == NULL)
		return ss_fail_errno(path);
	if ((r = ss_map_open(&regions->map, path)) != 0)
		free(regions);
	else if ((r = check_top(regions, path)) != 0)
		ss_regions_close(regions);
	else
		*out = regions;
	return r;
}

void
ss_regions_close(struct ss_regions *regions)
{
	if (regions == NULL)
		return;
	ss_map_close(&regions->map);
	free(regions);
}

/* The start of the first line that is not below code. */
static const char *
seek(const struct ss_regions *regions, const char *code)
{
	const char *low = regions->table, *high = regions->end, *line;

	while (low < high) {
		line = low + (high - low) / 2;
		while (line > low && line[-1] != '\n')
			line--;
		if (regions->end - line >= CODE_LEN &&
		    memcmp(line, code, CODE_LEN) >= 0)
			high = line;
		else
			low = line_next(line, regions->end);
	}
	return low;
}

/* Years from a span to a year, which 0 puts after all spans. */
static int
distance(const struct ss_region *span, int year)
{
	if (year == 0 || (year >= span->first && span->last == 0))
		return 0;
	if (year < span->first)
		return span->first - year;
	return year > span->last ? year - span->last : 0;
}

bool
ss_regions_find(const struct ss_regions *regions, const char *code, int year,
    struct ss_region *out)
{
	const char *p, *end = regions->end;
	struct ss_region span;
	bool found = false;

	if (!ss_is_digits(code, CODE_LEN))
		return false;
	for (p = seek(regions, code); line_parse(p, end, &span) &&
	    memcmp(span.code, code, CODE_LEN) == 0; p = line_next(p, end)) {
		if (!found || distance(&span, year) <= distance(out, year))
			*out = span;
		found = true;
	}
	return found;
}

bool
ss_regions_life(const struct ss_regions *regions, const char *code,
    int *first, int *last)
{
	struct ss_region oldest, newest;

	if (!ss_regions_find(regions, code, 1, &oldest) ||
	    !ss_regions_find(regions, code, 0, &newest))
		return false;
	*first = oldest.first;
	*last = newest.last;
	return true;
}

/* What the middle level is called where there is no prefecture. */
static bool
is_placeholder(const struct ss_region *region)
{
	static const char *const names[] = { "市辖区", "县", "市",
	    "省直辖县级行政单位", "自治区直辖县级行政单位",
	    "省直辖县级行政区划", "自治区直辖县级行政区划" };
	size_t i;

	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (strlen(names[i]) == region->name_len &&
		    memcmp(names[i], region->name, region->name_len) == 0)
			return true;
	return false;
}

void
ss_regions_full_name(const struct ss_regions *regions, const char *code,
    struct ss_bytes *out)
{
	char part[CODE_LEN + 1] = "000000";
	struct ss_region region;
	size_t n;
	int year;

	year = ss_regions_find(regions, code, 0, &region) ? region.last : 0;
	for (n = 2; ss_is_digits(code, CODE_LEN) && n <= CODE_LEN; n += 2) {
		memcpy(part, code, n);
		if (memcmp(part + n - 2, "00", 2) == 0 ||
		    !ss_regions_find(regions, part, year, &region))
			continue;
		if (n == 4 && memcmp(code + n, "00", 2) != 0 &&
		    is_placeholder(&region))
			continue;
		ss_bytes_add(out, region.name, region.name_len);
	}
}

void
ss_regions_years(const struct ss_regions *regions, int *first, int *last)
{
	*first = regions->first;
	*last = regions->last;
}

int
ss_region_code(const char *text, char out[7])
{
	size_t n = strlen(text);

	if ((n != 2 && n != 4 && n != 6) || !ss_is_digits(text, n))
		return ss_fail(SS_EINVALID,
		    "a region is two, four or six digits of GB/T 2260");
	memcpy(out, "000000", 7);
	memcpy(out, text, n);
	return 0;
}
