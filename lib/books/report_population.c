/* How many live in each region, from a CSV file. */
#include <stdlib.h>
#include <string.h>

#include "base/csv.h"
#include "base/err.h"
#include "base/text.h"
#include "books/report_own.h"

#define ROW_MAX 4096		/* bytes */
#define PEOPLE_MAX 12		/* digits of a number */

struct place {
	int64_t code, people;
};

struct ss_population {
	struct ss_bytes places;		/* struct place, by code */
};

static struct place *
places_of(const struct ss_population *p, size_t *count)
{
	*count = p->places.len / sizeof(struct place);
	return (struct place *)(void *)p->places.data;
}

/* A heading is a first row without a code. */
static int
take_row(struct ss_population *p, const struct ss_row *row)
{
	struct place place;
	char code[7];
	size_t len;

	if (row->code != 0)
		return row->code;
	if (row->first && ss_region_code(row->field[0], code) != 0)
		return 0;
	len = row->count == 2 ? strlen(row->field[1]) : 0;
	if (len < 1 || len > PEOPLE_MAX || !ss_is_digits(row->field[1], len))
		return ss_fail(SS_EINVALID, "a row is a region's code and a "
		    "number, such as 110101,907000");
	if (ss_region_code(row->field[0], code) != 0)
		return SS_EINVALID;
	place = (struct place){ atoll(code), atoll(row->field[1]) };
	ss_bytes_add(&p->places, &place, sizeof(place));
	return ss_bytes_check(&p->places);
}

static int
by_code(const void *a, const void *b)
{
	int64_t x = ((const struct place *)a)->code;
	int64_t y = ((const struct place *)b)->code;

	return x < y ? -1 : x > y;
}

static int
sort_places(const struct ss_population *p, const char *path)
{
	struct place *places;
	size_t i, n;

	places = places_of(p, &n);
	if (n > 0)
		qsort(places, n, sizeof(*places), by_code);
	for (i = 1; i < n; i++)
		if (places[i].code == places[i - 1].code)
			return ss_fail(SS_EINVALID, "%s: %06lld stands twice",
			    path, (long long)places[i].code);
	return 0;
}

static int
read_rows(struct ss_population *p, struct ss_csv *csv, const char *path)
{
	struct ss_row row;
	enum ss_next what;
	int n = 0, r;

	while ((r = ss_csv_next(csv, true, &row, &what)) == 0 &&
	    what == SS_LINE) {
		n++;
		if ((r = take_row(p, &row)) != 0)
			return ss_fail_in(r, "%s: row %d", path, n);
	}
	return r != 0 ? r : sort_places(p, path);
}

int
ss_population_open(struct ss_population **out, const char *path)
{
	struct ss_population *p = NULL;
	struct ss_csv *csv = NULL;
	struct ss_input in;
	int r;

	*out = NULL;
	ss_input_init(&in, &path, 1, NULL);
	if ((p = calloc(1, sizeof(*p))) == NULL)
		r = ss_fail(SS_EMEMORY, "out of memory");
	else if ((r = ss_csv_open(&csv, &in, NULL, ROW_MAX)) == 0)
		r = read_rows(p, csv, path);
	ss_csv_close(csv);
	ss_input_wipe(&in);
	if (r != 0)
		ss_population_close(p);
	else
		*out = p;
	return r;
}

void
ss_population_close(struct ss_population *p)
{
	if (p == NULL)
		return;
	ss_bytes_free(&p->places);
	free(p);
}

int
ss_population_each(const struct ss_population *p,
    int (*each)(int64_t code, void *ctx), void *ctx)
{
	const struct place *places;
	size_t i, n;
	int r = 0;

	places = places_of(p, &n);
	for (i = 0; r == 0 && i < n; i++)
		r = each(places[i].code, ctx);
	return r;
}

int64_t
ss_population_of(const struct ss_population *p, int64_t code)
{
	struct place want = { code, 0 }, *places, *found = NULL;
	size_t n;

	places = places_of(p, &n);
	if (n > 0)
		found = bsearch(&want, places, n, sizeof(want), by_code);
	return found == NULL ? -1 : found->people;
}
