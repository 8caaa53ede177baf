/*
 * The members of a policy, and the table that says of each its path, type,
 * limits and unit. Whatever is not in the table is refused by name.
 */
#ifndef SS_RULES_SCHEMA_H
#define SS_RULES_SCHEMA_H

#include <regex.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/json.h"
#include "base/time.h"
#include "rules/words.h"

#define SS_PATTERNS_MAX 8

/* A social security number's pattern for one document type. */
struct ss_pattern {
	const char *id_type;	/* NULL: not used */
	regex_t regex;
};

enum ss_pin_before {
	SS_PIN_NONE,
	SS_PIN_ACTIVATION,
	SS_PIN_USE,
};

/* A period that a policy may leave out. */
struct ss_term {
	bool set;
	struct ss_period period;
};

struct ss_policy {
	char region[7];			/* of the file, six digits */
	const struct ss_value *root;	/* the merged members */

	struct {
		int64_t guardian_below;		/* years of age */
		int64_t representative_from;	/* years of age */
		const struct ss_value *id_types;
		const struct ss_value *through;
		const struct ss_value *fields;	/* that must be given */
		const struct ss_value *documents; /* kind -> when */
		struct ss_pattern social_number[SS_PATTERNS_MAX];
	} apply;
	struct {
		int64_t required_from_age;	/* years; 0: everyone */
		int64_t width, height;		/* px */
		int64_t dpi;
		int64_t bits;			/* a pixel */
		int64_t min_bytes, max_bytes;
		bool progressive;
		struct ss_term max_age;
		struct {
			int64_t top, side, side_height;
			int64_t white, even, border;
		} background;
		struct {
			int64_t width_min, width_max;	/* px */
			int64_t hair_min, hair_max;	/* px below the top */
			int64_t eyes_min;	/* px above the bottom */
		} face;
	} photo;
	struct {
		bool required;
		const char *since;	/* "YYYY-MM-DD"; NULL: always */
		const struct ss_value *roles;	/* step -> those who may */
	} seals;
	struct {
		bool other_than_clerk;
		const struct ss_value *manual;	/* names of checks */
		const struct ss_value *reject;
	} review;
	struct {
		int64_t generation;		/* 1, 2, 3 */
		const char *name_encoding;	/* GB18030 or GBK */
		int64_t name_bytes, name_extension_bytes;
		struct ss_term validity, renewal_from;
		struct {
			const char *prefix, *from, *to;	/* [0-9A-Z]* */
		} number;
	} card;
	struct {
		struct ss_term within;
	} production;
	struct {
		struct ss_term lease;			/* always set */
	} claim;
	struct {
		struct ss_term valid, at_most;
	} paper_card;
	struct {
		struct ss_term temporary_lapses_after;
		bool release_formal;
		bool self_service_with_initial_pin;
		bool lock_found;
	} loss;
	struct {
		bool accept_test;	/* to make, activate and serve cards */
	} keys;
	struct {
		int64_t first, replacement;	/* fen */
	} fee;
	struct {
		const char *initial;
		int64_t before;			/* enum ss_pin_before */
		const struct ss_value *weak;	/* kinds that are refused */
	} pin;
	struct {
		const struct ss_value *through;
		struct ss_term uncollected_after;
		bool seal_uncollected;
	} collect;
	struct {
		bool damaged_handed_in;
		bool damaged_else_formal_loss;
	} replace;
	struct {
		int64_t handlers;
		struct ss_term within;
	} employer;
};

enum ss_type {
	SS_TYPE_INT,
	SS_TYPE_BOOL,
	SS_TYPE_STRING,
	SS_TYPE_TERM,		/* a period; may be null or absent */
	SS_TYPE_WORD,		/* one of words, kept as its index */
	SS_TYPE_LIST,		/* words of a vocabulary set */
	SS_TYPE_MAP,		/* vocabulary word -> one of words */
	SS_TYPE_LISTS,		/* vocabulary word -> some of words */
	SS_TYPE_PATTERNS,	/* vocabulary word -> regular expression */
	SS_TYPE_TEXT,		/* {"zh": ..., "en": ...} */
	SS_TYPE_TEXTS,		/* an array of those */
};

struct ss_schema {
	const char *path;
	enum ss_type type;
	size_t offset;		/* in struct ss_policy; SIZE_MAX: none */
	int64_t min, max;
	const char *unit;	/* "px", "byte", "fen", "dpi", "level", ... */
	const char *set;	/* of words.json: LIST, MAP, LISTS, PATTERNS */
	const char *having;	/* its words must have this; or NULL */
	const char *const *words;	/* ends with NULL; WORD, MAP, LISTS,
					 * STRING */
	bool optional;
};

/* The table, of *count rows. */
const struct ss_schema *ss_schema_table(size_t *count);

/* The row of a path; NULL when there is none. */
const struct ss_schema *ss_schema_find(const char *path);

/* Checks one file's members; SS_EINVALID, the sentence beginning with file. */
int ss_schema_check(const struct ss_value *, const char *file,
    const struct ss_words *);

/* Fills the members from the merged policy, which is borrowed. SS_EINVALID
 * when a member that is not optional is given by no file, or two of them
 * contradict each other. */
int ss_schema_fill(const struct ss_value *, struct ss_policy *);
void ss_schema_wipe(struct ss_policy *);

#endif
