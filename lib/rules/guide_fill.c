#include <stdio.h>
#include <string.h>

#include "base/err.h"
#include "base/text.h"
#include "rules/figure.h"
#include "rules/guide_job.h"

const char *const ss_guide_own[] = { "region", "copies", "applicant.age",
	"applicant.id_type", "applicant.through", NULL };

/* In English a region that has no policy of its own goes by its code. */
static void
show_region(const struct ss_guide_job *job, struct ss_bytes *out)
{
	const struct ss_guide_request *request = job->request;
	const struct ss_policy *policy = request->policy;
	bool own = strcmp(policy->region, request->region) == 0;

	if (strcmp(request->lang, "zh") == 0 && request->name != NULL &&
	    request->name[0] != '\0') {
		ss_bytes_adds(out, request->name);
		return;
	}
	if (own || strcmp(policy->region, "000000") != 0)
		ss_figure_show(policy, request->words, "name", request->lang,
		    out);
	if (!own)
		ss_bytes_addf(out, strcmp(policy->region, "000000") == 0 ?
		    "region %s" : " (%s)", request->region);
}

/* What is no member of the policy. SS_EMISSING when it is not known here. */
static int
show_own(const struct ss_guide_job *job, const char *path,
    struct ss_bytes *out)
{
	const struct ss_guide_request *request = job->request;
	const struct ss_applicant *who = job->applicant;

	if (strcmp(path, "region") == 0)
		show_region(job, out);
	else if (strcmp(path, "copies") == 0 && job->copies > 0)
		ss_bytes_addi(out, job->copies);
	else if (who == NULL)
		return ss_fail(SS_EMISSING, "no applicant");
	else if (strcmp(path, "applicant.age") == 0 && who->age >= 0)
		ss_bytes_addi(out, who->age);
	else if (strcmp(path, "applicant.id_type") == 0)
		ss_bytes_adds(out, ss_words_label(request->words, "id_type",
		    who->id_type != NULL ? who->id_type : "citizen",
		    request->lang));
	else if (strcmp(path, "applicant.through") == 0)
		ss_bytes_adds(out, ss_words_label(request->words, "through",
		    ss_applicant_through(request->policy, who),
		    request->lang));
	else
		return ss_fail(SS_EMISSING, "no %s", path);
	return 0;
}

int
ss_guide_fill(const struct ss_guide_job *job, const struct ss_value *v,
    struct ss_bytes *out)
{
	const char *s = ss_value_string(ss_value_get(v, job->request->lang));
	char path[64];
	size_t n;
	int r;

	for (; *s != '\0'; s += n) {
		if (*s != '{') {
			n = strcspn(s, "{");
			ss_bytes_add(out, s, n);
			continue;
		}
		n = strcspn(s, "}") + 1;
		snprintf(path, sizeof(path), "%.*s", (int)n - 2, s + 1);
		if (ss_schema_find(path) == NULL)
			r = show_own(job, path, out);
		else
			r = ss_figure_show(job->request->policy,
			    job->request->words, path, job->request->lang,
			    out);
		if (r != 0)
			return r;
	}
	ss_text_clean(out, 0);
	return ss_bytes_check(out);
}

static bool
is_true(const struct ss_guide_job *job, const char *condition)
{
	const struct ss_policy *policy = job->request->policy;
	const char *word = strchr(condition, '=');
	const struct ss_value *v;
	char path[64];

	if (strcmp(condition, "applicant.photo") == 0)
		return job->applicant != NULL &&
		    ss_photo_asked(policy, job->applicant);
	if (word == NULL)
		return ss_figure_truth(policy, condition);
	snprintf(path, sizeof(path), "%.*s", (int)(word - condition),
	    condition);
	v = ss_value_get(policy->root, path);
	if (ss_value_kind(v) == SS_STRING)
		return strcmp(ss_value_string(v), word + 1) == 0;
	return ss_value_has(v, word + 1);
}

/* Whether one condition or all of an array are as wanted. */
static bool
all_are(const struct ss_guide_job *job, const struct ss_value *v,
    bool wanted)
{
	size_t i;

	if (ss_value_kind(v) == SS_STRING)
		return is_true(job, ss_value_string(v)) == wanted;
	for (i = 0; i < ss_value_count(v); i++)
		if (is_true(job, ss_value_string(ss_value_at(v, i))) != wanted)
			return false;
	return true;
}

bool
ss_guide_holds(const struct ss_guide_job *job, const struct ss_value *v)
{
	return all_are(job, ss_value_get(v, "if"), true) &&
	    all_are(job, ss_value_get(v, "unless"), false);
}
