/*
 * Which documents an applicant must bring: the policy's apply.documents says
 * for each kind when it is asked for.
 */
#ifndef SS_RULES_DOCUMENT_H
#define SS_RULES_DOCUMENT_H

#include <stdbool.h>

#include "rules/schema.h"

#define SS_SOCIAL_NUMBER_MAX 18	/* characters; the card's item 08 */

/* What decides it. */
struct ss_applicant {
	int age;		/* whole years; -1 when not known */
	const char *id_type;	/* a word of words.json; NULL: citizen */
	const char *through;	/* NULL: by age, guardian or holder */
};

/* Younger than the policy's apply.guardian_below. */
bool ss_applicant_minor(const struct ss_policy *, const struct ss_applicant *);

/* Who brings the application: through, or what the age makes of it. */
const char *ss_applicant_through(const struct ss_policy *,
    const struct ss_applicant *);

/* Whether a document is asked for, when being its word in the policy. */
bool ss_document_asked(const struct ss_policy *, const struct ss_applicant *,
    const char *when);

/* How many of a kind: employer.handlers for handler-identity, else 1. */
int ss_document_copies(const struct ss_policy *, const char *kind);

/*
 * Checks the social security number of someone whose document is of a type:
 * the document's own number where that has 18 characters and the type says
 * so, else by the pattern of apply.social_number. SS_EINVALID.
 */
int ss_social_number_check(const struct ss_policy *, const char *id_type,
    const char *id_number, const char *social_number);

/* Whether a photo is asked for at this age (photo.required_from_age). */
bool ss_photo_asked(const struct ss_policy *, const struct ss_applicant *);

#endif
