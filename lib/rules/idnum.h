/*
 * Numbers of identity documents: what each kind looks like and implies.
 *
 * Sources: GB 11643-1999 (citizen number, check character MOD 11-2); field
 * practice for the permits and for the permanent resident card of 2023. No
 * message repeats a number or a part of it.
 */
#ifndef SS_RULES_IDNUM_H
#define SS_RULES_IDNUM_H

#include <stdbool.h>
#include <stddef.h>

#include "base/time.h"

#define SS_OLDEST_BIRTH (-32872)	/* 1880-01-01, as a day */
#define SS_NUMBER_MAX 32	/* longest number of a document, with NUL */

/* What a number says about its holder. */
struct ss_implied {
	ss_day birth;		/* SS_DAY_NONE: nothing */
	char sex[2];		/* "1" male, "2" female (GB/T 2261.1); "" */
	char region[7];		/* first residence; "" */
	char nationality[4];	/* ISO 3166-1 alpha-3; "" */
};

struct ss_id_type {
	const char *word;	/* of words.json, set id_type */
	bool is_social;		/* the number is the social security number */
	int (*check)(const char *number, struct ss_implied *out);
};

/* The kinds of documents, ended by a NULL word. */
extern const struct ss_id_type ss_id_types[];

const struct ss_id_type *ss_id_type_find(const char *word);

/*
 * Checks a normalised number of a kind: SS_EINVALID with the cure. A birth
 * date in it must be real, not before 1880 and not after today.
 */
int ss_id_check(const struct ss_id_type *, const char *number, ss_day today,
    struct ss_implied *out);

/*
 * Upper case, nothing else changed: SS_EINVALID when there are spaces,
 * full-width characters or anything but ASCII letters and digits.
 */
int ss_number_normalize(const char *text, size_t len,
    char out[SS_NUMBER_MAX]);

/* The check character of seventeen digits (GB 11643). */
char ss_citizen_check_char(const char *digits);

#endif
