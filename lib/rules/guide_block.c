#include <string.h>

#include "base/err.h"
#include "base/text.h"
#include "rules/guide_job.h"

static int
fill_again(const struct ss_guide_job *job, const struct ss_value *v,
    struct ss_bytes *out)
{
	ss_bytes_reset(out);
	return ss_guide_fill(job, v, out);
}

/* SS_EMISSING is no failure: the text is left out with its figure. */
static int
put_text(struct ss_guide_job *job, enum ss_part part, const struct ss_value *v)
{
	int r = fill_again(job, v, &job->text);

	if (r == 0)
		ss_page_put(&job->page, part, job->text.data, NULL);
	return r == SS_EMISSING ? 0 : r;
}

/* A list or a table, unless nothing of it is left. */
static int
put_array(struct ss_guide_job *job, const struct ss_value *array,
    const enum ss_part parts[3])
{
	const struct ss_value *v, *label;
	bool open = false;
	size_t i;
	int r;

	for (i = 0; i < ss_value_count(array); i++) {
		v = ss_value_at(array, i);
		if (!ss_guide_holds(job, v))
			continue;
		label = ss_value_get(v, "label");
		if ((r = fill_again(job, label != NULL ? label : v,
		    &job->label)) == 0 && label != NULL)
			r = fill_again(job, ss_value_get(v, "value"),
			    &job->text);
		if (r == SS_EMISSING)
			continue;
		if (r != 0)
			return r;
		if (!open)
			ss_page_put(&job->page, parts[0], NULL, NULL);
		open = true;
		ss_page_put(&job->page, parts[1], job->label.data,
		    job->text.data);
	}
	if (open)
		ss_page_put(&job->page, parts[2], NULL, NULL);
	return 0;
}

/* The copies of a kind that are to be brought when its word is this. */
static int
copies_of(const struct ss_guide_job *job, const char *kind,
    const struct ss_value *v, const char *when)
{
	const struct ss_policy *policy = job->request->policy;
	const char *word = ss_value_string(v);

	if (word == NULL)
		return 0;
	if (when != NULL ? strcmp(when, word) != 0 :
	    !ss_document_asked(policy, job->applicant, word))
		return 0;
	return ss_document_copies(policy, kind);
}

/* The label of a document, with the copies when there are several. */
static int
fill_document(struct ss_guide_job *job, const char *kind, int copies)
{
	ss_bytes_reset(&job->text);
	ss_bytes_adds(&job->text, ss_words_label(job->request->words,
	    "document", kind, job->request->lang));
	job->copies = copies;
	if (copies < 2)
		return ss_bytes_check(&job->text);
	return ss_guide_fill(job, ss_value_get(job->root, "labels.copies"),
	    &job->text);
}

/* The documents asked for by one word, below its label; NULL: those that the
 * applicant must bring. */
static int
put_kinds(struct ss_guide_job *job, const char *when)
{
	const struct ss_value *v, *labels = ss_value_get(job->root, "when");
	const char *kind;
	void *iter = NULL;
	bool open = false;
	int copies, r;

	while (ss_value_each(job->request->policy->apply.documents, &iter,
	    &kind, &v)) {
		if ((copies = copies_of(job, kind, v, when)) == 0)
			continue;
		if (!open && when != NULL &&
		    (r = ss_guide_put(job, ss_value_get(labels, when))) != 0)
			return r;
		if (!open)
			ss_page_put(&job->page, SS_PART_LIST, NULL, NULL);
		open = true;
		if ((r = fill_document(job, kind, copies)) != 0)
			return r;
		ss_page_put(&job->page, SS_PART_ITEM, job->text.data, NULL);
	}
	if (open)
		ss_page_put(&job->page, SS_PART_LIST_END, NULL, NULL);
	return 0;
}

/* Whether anybody here can be one of whom a word asks documents. */
static bool
is_possible(const struct ss_policy *policy, const struct ss_words *words,
    const char *when)
{
	bool minors = policy->apply.guardian_below > 0;

	if (strcmp(when, "minor") == 0)
		return minors;
	if (strcmp(when, "guardian") == 0 && minors)
		return true;
	return ss_value_get(ss_words_set(words, "through"), when) == NULL ||
	    ss_value_has(policy->apply.through, when);
}

static int
put_documents(struct ss_guide_job *job)
{
	const char *const *when = ss_schema_find("apply.documents")->words;
	int r = 0;

	if (job->applicant != NULL)
		return put_kinds(job, NULL);
	for (; r == 0 && *when != NULL; when++)
		if (is_possible(job->request->policy, job->request->words,
		    *when))
			r = put_kinds(job, *when);
	return r;
}

static const struct {
	const char *type, *array;
	enum ss_part parts[3];
} arrays[] = {
	{ "list", "items", { SS_PART_LIST, SS_PART_ITEM, SS_PART_LIST_END } },
	{ "steps", "items",
	    { SS_PART_STEPS, SS_PART_ITEM, SS_PART_LIST_END } },
	{ "table", "rows",
	    { SS_PART_TABLE, SS_PART_ROW, SS_PART_TABLE_END } },
};

static int
put_block(struct ss_guide_job *job, const struct ss_value *v)
{
	const char *type = ss_value_string(ss_value_get(v, "type"));
	size_t i;

	if (!ss_guide_holds(job, v))
		return 0;
	if (strcmp(type, "heading") == 0)
		return put_text(job, SS_PART_HEADING, v);
	if (strcmp(type, "paragraph") == 0)
		return put_text(job, SS_PART_PARAGRAPH, v);
	if (strcmp(type, "documents") == 0)
		return put_documents(job);
	for (i = 0; strcmp(arrays[i].type, type) != 0; i++)
		;
	return put_array(job, ss_value_get(v, arrays[i].array),
	    arrays[i].parts);
}

int
ss_guide_put(struct ss_guide_job *job, const struct ss_value *blocks)
{
	const struct ss_value *v, *parts = ss_value_get(job->root, "parts");
	const char *part;
	size_t i;
	int r = 0;

	for (i = 0; r == 0 && i < ss_value_count(blocks); i++) {
		v = ss_value_at(blocks, i);
		part = ss_value_string(ss_value_get(v, "part"));
		if (part == NULL)
			r = put_block(job, v);
		else if (ss_guide_holds(job, v))
			r = ss_guide_put(job, ss_value_get(parts, part));
	}
	return r;
}

int
ss_guide_put_added(struct ss_guide_job *job, const char *topic)
{
	const struct ss_value *texts, *guide;
	size_t i;
	int r = 0;

	guide = ss_value_get(job->request->policy->root, "guide");
	texts = ss_value_get(guide, topic);
	for (i = 0; r == 0 && i < ss_value_count(texts); i++) {
		ss_bytes_reset(&job->text);
		ss_bytes_adds(&job->text, ss_value_string(ss_value_get(
		    ss_value_at(texts, i), job->request->lang)));
		ss_text_clean(&job->text, 0);
		if ((r = ss_bytes_check(&job->text)) == 0 && job->text.len > 0)
			ss_page_put(&job->page, SS_PART_PARAGRAPH,
			    job->text.data, NULL);
	}
	return r;
}
