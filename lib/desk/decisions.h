/*
 * A reviewer's answers to the manual checks: --attest for every record of the
 * run, --decisions for single ones (JSON Lines {id, check, ok, note}).
 */
#ifndef SS_DESK_DECISIONS_H
#define SS_DESK_DECISIONS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/json.h"
#include "rules/words.h"

struct ss_decisions;

struct ss_decision {
	bool ok;
	const char *note;	/* NULL: none */
};

/*
 * attest is a list of names joined by commas; path a file or "-"; either may
 * be NULL. A check that is no manual one of words.json, and a second decision
 * for the same id and check that differs, are SS_EINVALID naming the line.
 */
int ss_decisions_open(struct ss_decisions **out, const char *attest,
    const char *path, const struct ss_words *);
void ss_decisions_close(struct ss_decisions *);

/*
 * The answer for a record's check: its own decision, else what is attested
 * for all; false when there is none. Any thread.
 */
bool ss_decisions_find(struct ss_decisions *, const char *id,
    const char *check, struct ss_decision *out);

/* How many decisions met no record of the run. */
size_t ss_decisions_unused(const struct ss_decisions *);

#endif
