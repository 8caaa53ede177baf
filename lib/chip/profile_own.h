/*
 * The members of a profile: the one table that says of each its path, type,
 * limits and place. Whatever is not in it is refused by name.
 */
#ifndef SS_CHIP_PROFILE_OWN_H
#define SS_CHIP_PROFILE_OWN_H

#include "chip/profile.h"

enum ss_profile_type {
	SS_PROFILE_INT,
	SS_PROFILE_BOOL,
	SS_PROFILE_WORD,	/* one of words; the first one is the number
				 * min, the next min + 1 */
	SS_PROFILE_STRING,	/* of min to max bytes; or one of words */
	SS_PROFILE_STRINGS,	/* an array of 1 to max, NULL behind them */
	SS_PROFILE_CODE,	/* a number of size bytes, in hexadecimal */
	SS_PROFILE_CODES,	/* an array of 1 to max bytes, each so */
	SS_PROFILE_HEX,		/* min to max bytes, in hexadecimal */
};

/* The struct that a member is in. */
enum ss_profile_of {
	SS_OF_NOTHING,		/* only looked at in the file */
	SS_OF_PROFILE,
	SS_OF_FILE,		/* path "files.*." */
	SS_OF_ITEM,		/* path "files.*.items.*." */
};

struct ss_profile_row {
	const char *path;	/* "files.*.sfi": a * is any name */
	enum ss_profile_type type;
	enum ss_profile_of of;
	size_t offset, size;	/* of the member in its struct */
	size_t count_at;	/* offset of the size_t that counts the bytes of
				 * HEX and CODES; 0: it is not counted */
	int64_t min, max;
	const char *unit;	/* "byte", ...; of words: what they are */
	const char *const *words;	/* ends with NULL */
	bool optional;
};

/* The table, of *count rows. */
const struct ss_profile_row *ss_profile_table(size_t *count);

/* Checks one file's members; SS_EINVALID, the sentence beginning with the
 * member. */
int ss_profile_check(const struct ss_value *);

/* Fills the members from the merged file, which is borrowed. SS_EINVALID, the
 * sentence beginning with the member, when one is not given or members
 * contradict each other. */
int ss_profile_fill(const struct ss_value *, struct ss_profile *);

/* What filled members say of each other; the same. */
int ss_profile_check_together(const struct ss_profile *);

#endif
