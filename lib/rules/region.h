/*
 * The region codes of GB/T 2260, past and present, from lib/data/regions.tsv.
 *
 * The table is mapped and searched where it lies; nothing is parsed before it
 * is asked for. After ss_regions_open everything is read only, so any number
 * of threads may use one table at once. What years mean, and what the table
 * does not know, stands at the top of the table itself; mind that a code it
 * does not have may have been in force before the years of ss_regions_years.
 *
 * A code is six digits; only the first six bytes are read, so that an identity
 * number (GB 11643) may be given as it is. Less than six, or others than
 * digits, is a code that nothing is known of. A year is one of our era.
 */
#ifndef SS_RULES_REGION_H
#define SS_RULES_REGION_H

#include <stdbool.h>
#include <stddef.h>

struct ss_bytes;
struct ss_regions;

/* One name of one code, and the years of the first and the last edition that
 * have it. The name is borrowed from the table until that is closed, and is
 * not NUL-terminated. */
struct ss_region {
	char code[7];
	int first;	/* 0: not known, older than the oldest edition */
	int last;	/* 0: still in force in the newest edition */
	const char *name;
	size_t name_len;
};

/* Six digits from two, four or six; SS_EINVALID. */
int ss_region_code(const char *text, char out[7]);

/* *out is the caller's. SS_EMISSING, SS_EIO, SS_EMEMORY, and SS_EINVALID for
 * a file that is no such table: the message names path and line. */
int ss_regions_open(struct ss_regions **out, const char *path);
void ss_regions_close(struct ss_regions *);

/*
 * The name that a code has in a year; with year 0 its newest. In a year with
 * two names, as they change during it, the newer one. In a year without a
 * name (between two editions, or before or after all of them) the span whose
 * first or last year is nearest to it, of two the newer: whoever wants to
 * know whether the code was in force looks at out->first and out->last.
 * False, and *out untouched, when the table does not have the code.
 */
bool ss_regions_find(const struct ss_regions *, const char *code, int year,
    struct ss_region *out);

/* From the first year of a code's oldest name (0: not known) to the last of
 * its newest (0: in force), gaps between them passed over. False, and both
 * untouched, when the table does not have the code. */
bool ss_regions_life(const struct ss_regions *, const char *code, int *first,
    int *last);

/*
 * Appends province, prefecture and county, each by its newest name in the time
 * of the code: 吉林省长春市南关区. In the middle those are left out that stand
 * for no place (市辖区, 县, 省直辖县级行政区划 and the like), and so is what
 * the table does not have: for an unknown county its prefecture is appended,
 * for an unknown province nothing.
 */
void ss_regions_full_name(const struct ss_regions *, const char *code,
    struct ss_bytes *out);

/* The years of the first and the last dated edition, from "# covers". */
void ss_regions_years(const struct ss_regions *, int *first, int *last);

#endif
