/*
 * One guide being written: what the files of the guide share, and nothing
 * else includes.
 */
#ifndef SS_RULES_GUIDE_JOB_H
#define SS_RULES_GUIDE_JOB_H

#include "rules/guide.h"

struct ss_guide_job {
	const struct ss_value *root;	/* of guide.json */
	const struct ss_guide_request *request;
	const struct ss_applicant *applicant;	/* NULL: everybody */
	int copies;			/* of the document at hand */
	struct ss_page page;
	struct ss_bytes text, label;	/* the texts at hand */
};

/* The placeholders that are no members of a policy; ends with NULL. */
extern const char *const ss_guide_own[];

/* SS_EPOLICY, the sentence beginning with file: see ss_guide_open. */
int ss_guide_check(const struct ss_value *root, const char *file,
    const struct ss_words *);

/*
 * Appends a text in the language asked for, its placeholders filled.
 * SS_EMISSING when the policy leaves out a figure.
 */
int ss_guide_fill(const struct ss_guide_job *, const struct ss_value *text,
    struct ss_bytes *out);

/* Whether "if" and "unless" of a block, an item or a row let it stand. */
bool ss_guide_holds(const struct ss_guide_job *, const struct ss_value *);

/* Blocks in order, those of a part where it is included. */
int ss_guide_put(struct ss_guide_job *, const struct ss_value *blocks);

/* What the region's policy adds to a topic, word for word. */
int ss_guide_put_added(struct ss_guide_job *, const char *topic);

#endif
