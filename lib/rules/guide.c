#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/text.h"
#include "rules/figure.h"
#include "rules/guide_job.h"

#define TOPICS_MAX 8

struct ss_guide {
	struct ss_value *root;
};

/* The head of a page, and the texts in it. */
struct head {
	struct ss_page_head page;
	const struct ss_value *topics[TOPICS_MAX];
	struct ss_page_link links[TOPICS_MAX];
	struct ss_bytes titles[TOPICS_MAX];
	struct ss_bytes title, name, authority, telephone, website;
};

int
ss_guide_open(struct ss_guide **out, const char *data_dir,
    const struct ss_words *words)
{
	struct ss_bytes path = { 0 };
	struct ss_guide *guide;
	int r;

	*out = NULL;
	if ((guide = calloc(1, sizeof(*guide))) == NULL)
		return ss_fail(SS_EMEMORY, "out of memory");
	ss_bytes_addf(&path, "%s/guide.json", data_dir);
	if ((r = ss_bytes_check(&path)) == 0 &&
	    (r = ss_json_read_file(path.data, &guide->root)) == 0)
		r = ss_guide_check(guide->root, path.data, words);
	ss_bytes_free(&path);
	if (r != 0) {
		ss_guide_close(guide);
		return r;
	}
	*out = guide;
	return 0;
}

void
ss_guide_close(struct ss_guide *guide)
{
	if (guide == NULL)
		return;
	ss_json_free(guide->root);
	free(guide);
}

static const struct ss_value *
topic_at(const struct ss_value *root, size_t index)
{
	return ss_value_at(ss_value_get(root, "topics"), index);
}

const char *
ss_guide_topic(const struct ss_guide *guide, size_t index)
{
	return ss_value_string(ss_value_get(topic_at(guide->root, index),
	    "name"));
}

/* A language that we have, and topics too. */
static int
check_request(const struct ss_guide *guide,
    const struct ss_guide_request *request)
{
	const char *name;
	size_t i, j;

	if (strcmp(request->lang, "zh") != 0 &&
	    strcmp(request->lang, "en") != 0)
		return ss_fail(SS_EINVALID, "no guide in language \"%s\"",
		    request->lang);
	for (i = 0; i < request->topic_count; i++) {
		for (j = 0; (name = ss_guide_topic(guide, j)) != NULL; j++)
			if (strcmp(name, request->topics[i]) == 0)
				break;
		if (name == NULL)
			return ss_fail(SS_EINVALID, "no topic \"%s\"",
			    request->topics[i]);
	}
	return 0;
}

static bool
is_wanted(const struct ss_guide_request *request, const char *topic)
{
	size_t i;

	for (i = 0; i < request->topic_count; i++)
		if (strcmp(request->topics[i], topic) == 0)
			return true;
	return request->topic_count == 0;
}

/* A member of the policy for the head; NULL when it is left out. */
static const char *
head_member(const struct ss_guide_request *request, const char *path,
    struct ss_bytes *out)
{
	if (ss_figure_show(request->policy, request->words, path,
	    request->lang, out) != 0 || out->len == 0)
		return NULL;
	ss_text_clean(out, 0);
	return out->data;
}

/* A text of guide.json for the head. */
static int
head_text(const struct ss_guide_job *job, const struct ss_value *v,
    struct ss_bytes *out, const char **text)
{
	int r = ss_guide_fill(job, v, out);

	*text = out->data;
	return r;
}

/* The head without topics. */
static int
head_open(struct head *head, const struct ss_guide_job *job)
{
	const struct ss_guide_request *request = job->request;
	struct ss_page_head *page = &head->page;
	int r;

	page->lang = request->lang;
	page->region = request->region;
	page->labels = ss_value_get(job->root, "labels");
	page->policy = request->policy->root;
	page->topics = head->links;
	if ((r = head_text(job, ss_value_get(page->labels, "title"),
	    &head->title, &page->title)) != 0 ||
	    (r = head_text(job, ss_value_get(page->labels, "name"),
	    &head->name, &page->name)) != 0)
		return r;
	page->authority = head_member(request, "authority", &head->authority);
	page->telephone = head_member(request, "telephone", &head->telephone);
	page->website = head_member(request, "website", &head->website);
	return 0;
}

static int
head_topic(struct head *head, const struct ss_guide_job *job,
    const struct ss_value *topic)
{
	size_t n = head->page.topic_count++;

	head->topics[n] = topic;
	head->links[n].name = ss_value_string(ss_value_get(topic, "name"));
	return head_text(job, ss_value_get(topic, "title"), &head->titles[n],
	    &head->links[n].title);
}

static void
head_close(struct head *head)
{
	size_t i;

	for (i = 0; i < TOPICS_MAX; i++)
		ss_bytes_free(&head->titles[i]);
	ss_bytes_free(&head->title);
	ss_bytes_free(&head->name);
	ss_bytes_free(&head->authority);
	ss_bytes_free(&head->telephone);
	ss_bytes_free(&head->website);
}

static void
cut(struct ss_bytes *out, size_t len)
{
	out->len = len;
	if (out->data != NULL)
		out->data[len] = '\0';
}

/* The whole page; out is as it was when it fails. */
static int
put_page(struct ss_guide_job *job, const struct head *head,
    struct ss_bytes *out)
{
	const struct ss_page_link *link;
	size_t i, start = out->len;
	int r = 0;

	ss_page_begin(&job->page, job->request->format, &head->page, out);
	for (i = 0; r == 0 && i < head->page.topic_count; i++) {
		link = &head->links[i];
		ss_page_put(&job->page, SS_PART_TOPIC, link->name,
		    link->title);
		if ((r = ss_guide_put(job, ss_value_get(head->topics[i],
		    "blocks"))) == 0)
			r = ss_guide_put_added(job, link->name);
		ss_page_put(&job->page, SS_PART_TOPIC_END, NULL, NULL);
	}
	if (r == 0)
		r = ss_page_end(&job->page);
	if (r != 0)
		cut(out, start);
	ss_bytes_free(&job->text);
	ss_bytes_free(&job->label);
	return r;
}

int
ss_guide_write(const struct ss_guide *guide,
    const struct ss_guide_request *request, struct ss_bytes *out)
{
	struct ss_guide_job job = { .root = guide->root, .request = request };
	struct head head = { 0 };
	const char *name;
	size_t i;
	int r;

	if ((r = check_request(guide, request)) != 0)
		return r;
	r = head_open(&head, &job);
	for (i = 0; r == 0 && (name = ss_guide_topic(guide, i)) != NULL; i++)
		if (is_wanted(request, name))
			r = head_topic(&head, &job, topic_at(guide->root, i));
	if (r == 0)
		r = put_page(&job, &head, out);
	head_close(&head);
	return r;
}

/* Whether the region takes this application at all. */
static int
check_applicant(const struct ss_policy *policy, const struct ss_applicant *who)
{
	const char *id_type = who->id_type != NULL ? who->id_type : "citizen";
	const char *through = ss_applicant_through(policy, who);

	if (!ss_value_has(policy->apply.id_types, id_type))
		return ss_fail(SS_EPOLICY,
		    "applications by \"%s\" are not accepted here", id_type);
	if (!ss_value_has(policy->apply.through, through))
		return ss_fail(SS_EPOLICY,
		    "applications through \"%s\" are not accepted here",
		    through);
	return 0;
}

static void
write_applicant(struct ss_bytes *out, const struct ss_policy *policy,
    const struct ss_applicant *who)
{
	ss_json_open(out, "applicant", '{');
	if (who->age >= 0) {
		ss_json_addi(out, "age", who->age);
	} else {
		ss_json_key(out, "age");
		ss_bytes_adds(out, "null");
	}
	ss_json_add(out, "id_type", who->id_type != NULL ? who->id_type :
	    "citizen");
	ss_json_add(out, "through", ss_applicant_through(policy, who));
	ss_json_close(out, '}');
}

static void
write_documents(struct ss_bytes *out, const struct ss_guide_request *request,
    const struct ss_applicant *who)
{
	const struct ss_policy *policy = request->policy;
	const struct ss_value *v;
	const char *kind, *word;
	void *iter = NULL;
	int copies;

	ss_json_open(out, "documents", '[');
	while (ss_value_each(policy->apply.documents, &iter, &kind, &v)) {
		word = ss_value_string(v);
		copies = ss_document_copies(policy, kind);
		if (word == NULL || copies == 0 ||
		    !ss_document_asked(policy, who, word))
			continue;
		ss_json_open(out, NULL, '{');
		ss_json_add(out, "kind", kind);
		ss_json_addi(out, "copies", copies);
		ss_json_add(out, "label", ss_words_label(request->words,
		    "document", kind, request->lang));
		ss_json_close(out, '}');
	}
	ss_json_close(out, ']');
}

static int
write_json(const struct ss_guide_request *request,
    const struct ss_applicant *who, struct ss_bytes *out)
{
	const struct ss_policy *policy = request->policy;
	size_t start = out->len;
	int r = 0;

	ss_bytes_addc(out, '{');
	ss_json_add(out, "region", request->region);
	write_applicant(out, policy, who);
	write_documents(out, request, who);
	ss_json_key(out, "photo");
	if (ss_photo_asked(policy, who))
		r = ss_value_write(ss_value_get(policy->root, "photo"), out);
	else
		ss_bytes_adds(out, "null");
	ss_bytes_adds(out, "}\n");
	if (r != 0 || (r = ss_bytes_check(out)) != 0)
		cut(out, start);
	return r;
}

int
ss_guide_documents(const struct ss_guide *guide,
    const struct ss_guide_request *request, const struct ss_applicant *who,
    struct ss_bytes *out)
{
	struct ss_guide_job job = { .root = guide->root, .request = request,
		.applicant = who };
	struct head head = { 0 };
	int r;

	if ((r = check_request(guide, request)) != 0 ||
	    (r = check_applicant(request->policy, who)) != 0)
		return r;
	if (request->format == SS_PAGE_JSON)
		return write_json(request, who, out);
	if ((r = head_open(&head, &job)) == 0 &&
	    (r = head_topic(&head, &job, ss_value_get(guide->root,
	    "documents"))) == 0)
		r = put_page(&job, &head, out);
	head_close(&head);
	return r;
}
