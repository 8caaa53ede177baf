/*
 * The policies of a data folder: JSON that inherits from the nation (00)
 * through province and city to county (ss-policy(5)).
 */
#ifndef SS_RULES_POLICY_H
#define SS_RULES_POLICY_H

#include "rules/schema.h"
#include "rules/words.h"

/* The policies of a folder, each loaded when it is first asked for. */
struct ss_policies;

/*
 * data_dir and words are borrowed until close. SS_EMISSING when the folder
 * has no national policy; SS_EPOLICY as for ss_policies_get.
 */
int ss_policies_open(struct ss_policies **out, const char *data_dir,
    const struct ss_words *words);
void ss_policies_close(struct ss_policies *);

/*
 * The policy that holds in a region of two, four or six digits: its own file
 * or the nearest above it, with all that it inherits. Borrowed until close;
 * any thread. A file that breaks the schema is SS_EPOLICY, the sentence naming
 * file, member and cure.
 */
int ss_policies_get(struct ss_policies *, const char *region,
    const struct ss_policy **out);

#endif
