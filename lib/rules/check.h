/*
 * The checks of a review: each has a name (words.json, set check), a result,
 * the figure that was measured and what is needed, and a note where there is
 * something to mend. They are written as they are made, into review.checks.
 */
#ifndef SS_RULES_CHECK_H
#define SS_RULES_CHECK_H

#include <stdbool.h>
#include <stdint.h>

#include "base/bytes.h"
#include "base/record.h"
#include "base/text.h"
#include "rules/document.h"
#include "rules/form.h"
#include "rules/photo.h"
#include "rules/region.h"
#include "rules/schema.h"

/* A review in the making, and all that the checks look at. */
struct ss_checks {
	const struct ss_policy *policy;
	const struct ss_regions *regions;
	const struct ss_form *form;
	const struct ss_record *rec;
	struct ss_codec *codec;		/* to card.name_encoding */
	struct ss_bytes *scratch;
	ss_day today;
	struct ss_applicant who;
	struct ss_implied implied;	/* by the number, where that is good */
	bool number_good;
	bool duplicate;
	const struct ss_photo *photo;	/* NULL: there is none */

	struct ss_bytes *out;		/* the array of checks, open */
	struct ss_bytes *mend;		/* names of the failed ones, an array */
	int failed;			/* to be mended */
	int rejected;			/* among review.reject */
	int open;			/* manual ones not answered */
};

/*
 * Begins a check with its result: true, false, or open (SS_OPEN). Members may
 * be added to the object with ss_json_add...; ss_check_end closes it.
 */
enum ss_result { SS_BAD, SS_GOOD, SS_OPEN };

void ss_check_begin(struct ss_checks *, const char *name, enum ss_result);
void ss_check_end(struct ss_checks *);

/* A whole check; member and note, for a bad one, may be NULL. */
void ss_check(struct ss_checks *, const char *name, enum ss_result,
    const char *member, const char *note);

/* The automatic ones, in the order of ss-verify(1). */
void ss_checks_form(struct ss_checks *);	/* fields, type, through */
void ss_checks_person(struct ss_checks *);	/* number, dates, name ... */
void ss_checks_photo(struct ss_checks *);
void ss_checks_documents(struct ss_checks *);	/* kinds, not digests */

#endif
