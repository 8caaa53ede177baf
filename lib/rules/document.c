#include <string.h>

#include "base/err.h"
#include "rules/document.h"
#include "rules/idnum.h"

bool
ss_applicant_minor(const struct ss_policy *policy,
    const struct ss_applicant *who)
{
	return who->age >= 0 && who->age < policy->apply.guardian_below;
}

const char *
ss_applicant_through(const struct ss_policy *policy,
    const struct ss_applicant *who)
{
	if (who->through != NULL)
		return who->through;
	return ss_applicant_minor(policy, who) ? "guardian" : "holder";
}

static bool
foreign(const struct ss_applicant *who)
{
	return who->id_type != NULL && strcmp(who->id_type, "citizen") != 0 &&
	    strcmp(who->id_type, "household") != 0;
}

bool
ss_document_asked(const struct ss_policy *policy,
    const struct ss_applicant *who, const char *when)
{
	if (strcmp(when, "always") == 0)
		return true;
	if (strcmp(when, "minor") == 0)
		return ss_applicant_minor(policy, who);
	if (strcmp(when, "foreign") == 0)
		return foreign(who);
	/* A minor's guardian is asked for whoever brings the application. */
	if (strcmp(when, "guardian") == 0 && ss_applicant_minor(policy, who))
		return true;
	return strcmp(when, ss_applicant_through(policy, who)) == 0;
}

int
ss_document_copies(const struct ss_policy *policy, const char *kind)
{
	if (strcmp(kind, "handler-identity") == 0)
		return (int)policy->employer.handlers;
	return 1;
}

int
ss_social_number_check(const struct ss_policy *policy, const char *id_type,
    const char *id_number, const char *social_number)
{
	const struct ss_id_type *type = ss_id_type_find(id_type);
	const struct ss_pattern *p = policy->apply.social_number;
	size_t i;

	if (type->is_social && strlen(id_number) == 18) {
		if (strcmp(id_number, social_number) == 0)
			return 0;
		return ss_fail(SS_EINVALID, "person.social_number: is not "
		    "the number of the document");
	}
	if (strlen(social_number) > SS_SOCIAL_NUMBER_MAX)
		return ss_fail(SS_EINVALID, "person.social_number: more than "
		    "%d characters", SS_SOCIAL_NUMBER_MAX);
	for (i = 0; i < SS_PATTERNS_MAX && p[i].id_type != NULL; i++)
		if (strcmp(p[i].id_type, id_type) == 0 &&
		    regexec(&p[i].regex, social_number, 0, NULL, 0) != 0)
			return ss_fail(SS_EINVALID, "person.social_number: "
			    "not as apply.social_number of the policy asks");
	return 0;
}

bool
ss_photo_asked(const struct ss_policy *policy, const struct ss_applicant *who)
{
	return who->age < 0 || who->age >= policy->photo.required_from_age;
}
