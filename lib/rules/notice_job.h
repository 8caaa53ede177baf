/*
 * One notice being written: what the files of the notices share, and nothing
 * else includes.
 */
#ifndef SS_RULES_NOTICE_JOB_H
#define SS_RULES_NOTICE_JOB_H

#include <stdbool.h>

#include "rules/notice.h"

#define SS_PLACEHOLDER_MAX 64	/* bytes of a name, with its NUL */

struct ss_notice_job {
	const struct ss_value *root;	/* of the texts that hold here */
	const struct ss_words *words;
	const struct ss_policy *policy;
	const char *region_name;	/* or NULL */
	const struct ss_value *record;
	const char *lang;
	const char *word;		/* of the check at hand, or NULL ... */
	const struct ss_value *check;	/* ... and what the review says of it */
};

/* Where a text stands: in one line; in a body of lines; in that of a check. */
enum {
	SS_IN_LINE = 1,
	SS_IN_BODY = 2,
	SS_IN_CHECK = 4,
};

/* A placeholder that is no member of the policy. */
struct ss_notice_own {
	const char *name;
	unsigned where;		/* it may stand: a sum of the above */
	bool test;		/* writes nothing, but may count as empty */
	/* 0; SS_EMISSING when there is nothing, or nothing was appended. */
	int (*show)(const struct ss_notice_job *, struct ss_bytes *out);
};

/* Ends with a name of NULL. */
extern const struct ss_notice_own ss_notice_placeholders[];

/* NULL when there is none of this name. */
const struct ss_notice_own *ss_notice_own_find(const char *name);

/* The parts of a text, in order. */
struct ss_notice_token {
	enum {
		SS_TOKEN_TEXT,
		SS_TOKEN_OPEN,		/* [[ */
		SS_TOKEN_CLOSE,		/* ]] */
		SS_TOKEN_PLACEHOLDER,
		SS_TOKEN_STRAY,		/* a brace that stands alone */
	} type;
	const char *start;
	size_t len;
	char name[SS_PLACEHOLDER_MAX];	/* of a placeholder */
};

/* The part at *text, which is moved past it; false at the end. */
bool ss_notice_next(const char **text, struct ss_notice_token *);

/*
 * Checks one file; whole: nothing may be left out. SS_EPOLICY, the sentence
 * beginning with file.
 */
int ss_notice_check(const struct ss_value *, const char *file, bool whole,
    const struct ss_words *);

/* Appends one line, its placeholders filled: see ss_notice_write. */
int ss_notice_fill(const struct ss_notice_job *, const char *text,
    struct ss_bytes *out);

#endif
