/*
 * The guide that a region publishes (article 16 of the Measures for the
 * Administration of Social Security Cards): functions and purposes; who may
 * apply and how; scope, period and manner of use; loss and replacement; rights
 * and duties. And the documents that one applicant must bring.
 *
 * The text is data, guide.json, in which no figure stands: {photo.width} is
 * the member of the policy, as ss_figure_show writes it, that the commands
 * obey. A text with a figure that the policy leaves out is left out with it.
 * Beside the members there are {region}, in guide.json's labels {copies}, and
 * of one applicant {applicant.age}, {applicant.id_type}, {applicant.through}.
 *
 * A block, an item or a row may have "if" and "unless", a condition or several
 * in an array: all that are "if" hold, none that is "unless". A condition is a
 * member (ss_figure_truth), or a member and a word: "pin.before=use",
 * "apply.through=guardian"; or "applicant.photo": a photo is asked for.
 */
#ifndef SS_RULES_GUIDE_H
#define SS_RULES_GUIDE_H

#include "rules/document.h"
#include "rules/page.h"
#include "rules/schema.h"
#include "rules/words.h"

struct ss_guide;

struct ss_guide_request {
	const struct ss_policy *policy;
	const struct ss_words *words;
	const char *region;	/* six digits */
	const char *name;	/* in Chinese, in full; NULL: the policy's */
	const char *lang;	/* "zh" or "en" */
	enum ss_page_format format;
	const char *const *topics;	/* in any order */
	size_t topic_count;	/* 0: all of them */
};

/*
 * SS_EPOLICY when guide.json has a placeholder, a condition, a type of block
 * or a member that means nothing, or lacks a text: the sentence names the
 * place and what is there. The words are needed for that only.
 */
int ss_guide_open(struct ss_guide **out, const char *data_dir,
    const struct ss_words *words);
void ss_guide_close(struct ss_guide *);

/* The names of the topics, in order; NULL at and after the last. Borrowed. */
const char *ss_guide_topic(const struct ss_guide *, size_t index);

/*
 * Appends the guide, topics in its own order. The same request gives the same
 * bytes. SS_EINVALID for a topic or language there is not. Any thread.
 */
int ss_guide_write(const struct ss_guide *, const struct ss_guide_request *,
    struct ss_bytes *out);

/*
 * Appends what this applicant must bring; topics are not looked at. SS_EPOLICY
 * when the region takes no application by this document or through this
 * person. SS_PAGE_JSON is one line (ss-guide(1)).
 */
int ss_guide_documents(const struct ss_guide *,
    const struct ss_guide_request *, const struct ss_applicant *,
    struct ss_bytes *out);

#endif
