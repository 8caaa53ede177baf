/*
 * The members of a policy as people read them: figures with their units,
 * words by their labels. What the guide publishes is made here, from the same
 * members that the commands obey.
 */
#ifndef SS_RULES_FIGURE_H
#define SS_RULES_FIGURE_H

#include "rules/schema.h"
#include "rules/words.h"

/*
 * Appends a member: "358" (px and levels bare), "6 个月" or "6 months",
 * "20 元" or "20 yuan", "40 KB", words by their labels joined with 、 or ", ".
 * lang is "zh" or "en". SS_EINVALID for a path the schema does not have,
 * SS_EMISSING when the policy leaves it out.
 */
int ss_figure_show(const struct ss_policy *, const struct ss_words *,
    const char *path, const char *lang, struct ss_bytes *out);

/* Whether a member is there and neither false, nor 0, nor empty, nor the
 * first of its words ("none"). */
bool ss_figure_truth(const struct ss_policy *, const char *path);

#endif
