/* A text of a notice with its placeholders filled, and the table of these. */
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/text.h"
#include "base/time.h"
#include "rules/document.h"
#include "rules/figure.h"
#include "rules/notice_job.h"

static int
nothing(void)
{
	return ss_fail(SS_EMISSING, "nothing stands there");
}

static bool
is_zh(const struct ss_notice_job *job)
{
	return strcmp(job->lang, "zh") == 0;
}

static const char *
between(const struct ss_notice_job *job)
{
	return is_zh(job) ? "、" : ", ";
}

static const char *
of_record(const struct ss_notice_job *job, const char *path)
{
	return ss_value_string(ss_value_get(job->record, path));
}

static int
add_string(const char *s, struct ss_bytes *out)
{
	if (s == NULL)
		return nothing();
	ss_bytes_adds(out, s);
	return 0;
}

static int
show_name(const struct ss_notice_job *job, struct ss_bytes *out)
{
	return add_string(of_record(job, "person.name"), out);
}

static int
show_id(const struct ss_notice_job *job, struct ss_bytes *out)
{
	return add_string(of_record(job, "id"), out);
}

/* Only Chinese has the names of all regions; in English the nation's policy
 * says nothing of where one is. */
static int
show_region(const struct ss_notice_job *job, struct ss_bytes *out)
{
	if (is_zh(job) && job->region_name != NULL)
		return add_string(job->region_name, out);
	if (strcmp(job->policy->region, "000000") == 0)
		return nothing();
	return ss_figure_show(job->policy, job->words, "name", job->lang, out);
}

/* The end of a number so short that it would tell most of it is none. */
static int
show_number_end(const struct ss_notice_job *job, struct ss_bytes *out)
{
	const char *number = of_record(job, "person.social_number");
	size_t n = number != NULL ? strlen(number) : 0;

	return n < 8 ? nothing() : add_string(number + n - 4, out);
}

/* Only what the calendar has without a list of working days. */
static int
show_until(const struct ss_notice_job *job, struct ss_bytes *out)
{
	const struct ss_term *term = &job->policy->collect.uncollected_after;
	const char *made = of_record(job, "card.time");
	char text[SS_DATE_MAX];
	ss_instant time;
	ss_day day;

	if (!term->set || made == NULL || ss_instant_parse(made, &time) != 0)
		return nothing();
	day = ss_instant_day(time);
	if (term->period.unit == SS_DAYS)
		day += term->period.n;
	else if (term->period.unit == SS_MONTHS)
		day = ss_day_add_months(day, term->period.n);
	else if (term->period.unit == SS_YEARS)
		day = ss_day_add_months(day, 12 * term->period.n);
	else
		return nothing();
	if (day == SS_DAY_NONE || day > SS_DAY_FOREVER)
		return nothing();
	ss_day_format(day, text);
	ss_bytes_adds(out, text);
	return 0;
}

static bool
is_by_post(const struct ss_notice_job *job)
{
	const char *way = of_record(job, "person.collection");

	return way != NULL && strcmp(way, "post") == 0;
}

static int
test_by_post(const struct ss_notice_job *job, struct ss_bytes *out)
{
	(void)out;
	return is_by_post(job) ? 0 : nothing();
}

static int
test_in_person(const struct ss_notice_job *job, struct ss_bytes *out)
{
	(void)out;
	return is_by_post(job) ? nothing() : 0;
}

/* One who may collect, and the documents that are asked for then. */
static void
add_collector(const struct ss_notice_job *job, const char *who,
    struct ss_bytes *out)
{
	const struct ss_value *kinds = ss_value_member(ss_value_get(job->root,
	    "collect"), who);
	const char *kind;
	size_t i;
	int copies;

	ss_bytes_addf(out, "- %s", ss_words_label(job->words, "through", who,
	    job->lang));
	for (i = 0; i < ss_value_count(kinds); i++) {
		kind = ss_value_string(ss_value_at(kinds, i));
		ss_bytes_adds(out, i > 0 ? between(job) : is_zh(job) ? "：" :
		    ": ");
		ss_bytes_adds(out, ss_words_label(job->words, "document",
		    kind, job->lang));
		copies = ss_document_copies(job->policy, kind);
		if (copies > 1)
			ss_bytes_addf(out, is_zh(job) ? "（%d 份）" : " (%d)",
			    copies);
	}
}

static int
show_collect(const struct ss_notice_job *job, struct ss_bytes *out)
{
	const struct ss_value *all = job->policy->collect.through;
	size_t i;

	for (i = 0; i < ss_value_count(all); i++) {
		if (i > 0)
			ss_bytes_addc(out, '\n');
		add_collector(job, ss_value_string(ss_value_at(all, i)), out);
	}
	return 0;
}

/* What the review says of a check; NULL when it says nothing. */
static const struct ss_value *
find_check(const struct ss_notice_job *job, const char *word)
{
	const struct ss_value *v, *all = ss_value_get(job->record,
	    "review.checks");
	const char *name;
	size_t i;

	for (i = 0; i < ss_value_count(all); i++) {
		v = ss_value_at(all, i);
		name = ss_value_string(ss_value_get(v, "check"));
		if (name != NULL && strcmp(name, word) == 0)
			return v;
	}
	return NULL;
}

/* A text of a check: its "name" or its "text"; NULL when it has none. */
static const char *
text_of(const struct ss_notice_job *job, const char *member)
{
	const struct ss_value *v = ss_value_member(ss_value_get(job->root,
	    "checks"), job->word);

	return ss_value_string(ss_value_get(ss_value_get(v, member),
	    job->lang));
}

/* A check that has no texts goes by its label; what a person has said of it
 * is for the applicant too, the notes of the program are not. */
static int
add_label(const struct ss_notice_job *job, bool with_note,
    struct ss_bytes *out)
{
	const char *note = ss_value_string(ss_value_get(job->check, "note"));
	size_t start = out->len;

	ss_bytes_adds(out, ss_words_label(job->words, "check", job->word,
	    job->lang));
	if (with_note && note != NULL &&
	    ss_words_about(job->words, "check", job->word) != NULL)
		ss_bytes_addf(out, is_zh(job) ? "（%s）" : " (%s)", note);
	ss_text_clean(out, start);
	return 0;
}

static int
add_check(const struct ss_notice_job *from, const char *word, bool lines,
    struct ss_bytes *out)
{
	struct ss_notice_job job = *from;
	const char *text;

	job.word = word;
	job.check = find_check(from, word);
	if ((text = text_of(&job, lines ? "text" : "name")) == NULL)
		return add_label(&job, lines, out);
	return ss_notice_fill(&job, text, out);
}

/*
 * What is to be mended: in lines with a number each, or by names. rejecting:
 * only what the policy rejects for. How many there were goes to *count.
 */
static int
add_checks(const struct ss_notice_job *job, bool rejecting, bool lines,
    struct ss_bytes *out, int *count)
{
	const struct ss_value *mend = ss_value_get(job->record, "review.mend");
	const char *word;
	size_t i;
	int r = 0;

	*count = 0;
	for (i = 0; r == 0 && i < ss_value_count(mend); i++) {
		word = ss_value_string(ss_value_at(mend, i));
		if (word == NULL || (rejecting &&
		    !ss_value_has(job->policy->review.reject, word)))
			continue;
		if (++*count > 1)
			ss_bytes_adds(out, lines ? "\n" : between(job));
		if (lines)
			ss_bytes_addf(out, "%d. ", *count);
		r = add_check(job, word, lines, out);
	}
	return r;
}

static int
show_mend(const struct ss_notice_job *job, struct ss_bytes *out)
{
	int count;

	return add_checks(job, false, true, out, &count);
}

static int
show_mend_names(const struct ss_notice_job *job, struct ss_bytes *out)
{
	int count;

	return add_checks(job, false, false, out, &count);
}

/* A policy that has changed since may reject for nothing that is there. */
static int
add_reasons(const struct ss_notice_job *job, bool lines, struct ss_bytes *out)
{
	int count, r = add_checks(job, true, lines, out, &count);

	return r != 0 || count > 0 ? r :
	    add_checks(job, false, lines, out, &count);
}

static int
show_reasons(const struct ss_notice_job *job, struct ss_bytes *out)
{
	return add_reasons(job, true, out);
}

static int
show_reason_names(const struct ss_notice_job *job, struct ss_bytes *out)
{
	return add_reasons(job, false, out);
}

/*
 * The labels of what a check has found missing. Its note is "missing: " and
 * words with ", " between, behind each perhaps " (2)": how many.
 */
static int
show_missing(const struct ss_notice_job *job, struct ss_bytes *out)
{
	static const char begin[] = "missing: ";
	const char *note = ss_value_string(ss_value_get(job->check, "note"));
	const char *set = strcmp(job->word, "fields") == 0 ? "field" :
	    "document";
	char word[SS_PLACEHOLDER_MAX];
	size_t n, len;
	int copies;

	if (note == NULL || strncmp(note, begin, sizeof(begin) - 1) != 0)
		return nothing();
	for (note += sizeof(begin) - 1; *note != '\0'; note += n) {
		n = strcspn(note, ",");
		len = strcspn(note, ", ");
		copies = len + 2 < n ? atoi(note + len + 2) : 0;
		if (len >= sizeof(word))
			return nothing();
		memcpy(word, note, len);
		word[len] = '\0';
		ss_bytes_adds(out, ss_words_label(job->words, set, word,
		    job->lang));
		if (copies > 1)
			ss_bytes_addf(out, is_zh(job) ? "（%d 份）" : " (%d)",
			    copies);
		if (note[n] == ',') {
			ss_bytes_adds(out, between(job));
			n += 1 + strspn(note + n + 1, " ");
		}
	}
	return 0;
}

static int
show_note(const struct ss_notice_job *job, struct ss_bytes *out)
{
	return add_string(ss_value_string(ss_value_get(job->check, "note")),
	    out);
}

#define ANY (SS_IN_LINE | SS_IN_BODY | SS_IN_CHECK)
#define TEXT (SS_IN_LINE | SS_IN_BODY)

/* In the order of ss-notices(5). */
const struct ss_notice_own ss_notice_placeholders[] = {
	{ "name", ANY, false, show_name },
	{ "region", ANY, false, show_region },
	{ "id", ANY, false, show_id },
	{ "number_end", ANY, false, show_number_end },
	{ "until", TEXT, false, show_until },
	{ "collect", SS_IN_BODY, false, show_collect },
	{ "in_person", TEXT, true, test_in_person },
	{ "by_post", TEXT, true, test_by_post },
	{ "mend", SS_IN_BODY, false, show_mend },
	{ "mend_names", TEXT, false, show_mend_names },
	{ "reasons", SS_IN_BODY, false, show_reasons },
	{ "reason_names", TEXT, false, show_reason_names },
	{ "missing", SS_IN_CHECK, false, show_missing },
	{ "note", SS_IN_CHECK, false, show_note },
	{ NULL, 0, false, NULL },
};

const struct ss_notice_own *
ss_notice_own_find(const char *name)
{
	const struct ss_notice_own *own;

	for (own = ss_notice_placeholders; own->name != NULL; own++)
		if (strcmp(own->name, name) == 0)
			return own;
	return NULL;
}

/* A member of the policy. Yes and no, and words, are there to be asked for. */
static int
show_member(const struct ss_notice_job *job, const char *path,
    struct ss_bytes *out)
{
	const struct ss_schema *row = ss_schema_find(path);

	if (!ss_figure_truth(job->policy, path))
		return nothing();
	if (row->type == SS_TYPE_BOOL || row->type == SS_TYPE_WORD)
		return 0;
	return ss_figure_show(job->policy, job->words, path, job->lang, out);
}

/* SS_EMISSING when it is empty. */
static int
show(const struct ss_notice_job *job, const char *name, struct ss_bytes *out)
{
	const struct ss_notice_own *own = ss_notice_own_find(name);
	size_t start = out->len;
	int r;

	if (own == NULL) {
		r = show_member(job, name, out);
	} else {
		r = own->show(job, out);
		if (r == 0 && !own->test && out->len == start)
			r = out->failed ? ss_bytes_check(out) : nothing();
	}
	/* Lists have line ends of ours, and were cleaned item by item. */
	if (own == NULL || own->where != SS_IN_BODY)
		ss_text_clean(out, start);
	return r;
}

bool
ss_notice_next(const char **text, struct ss_notice_token *t)
{
	const char *s = *text;

	t->start = s;
	t->len = 1;
	if (*s == '\0')
		return false;
	if (strncmp(s, "[[", 2) == 0 || strncmp(s, "]]", 2) == 0) {
		t->type = *s == '[' ? SS_TOKEN_OPEN : SS_TOKEN_CLOSE;
		t->len = 2;
	} else if (*s == '{' || *s == '}') {
		t->type = SS_TOKEN_STRAY;
		t->len = strcspn(s + 1, "{}") + 2;
		if (*s == '{' && s[t->len - 1] == '}' &&
		    t->len - 2 < sizeof(t->name)) {
			t->type = SS_TOKEN_PLACEHOLDER;
			memcpy(t->name, s + 1, t->len - 2);
			t->name[t->len - 2] = '\0';
		} else {
			t->len = 1;
		}
	} else {
		t->type = SS_TOKEN_TEXT;
		t->len = 1 + strcspn(s + 1, "{}[]");
	}
	*text = s + t->len;
	return true;
}

static void
cut(struct ss_bytes *out, size_t len)
{
	if (out->len > len) {
		out->len = len;
		out->data[len] = '\0';
	}
}

static int
fail_empty(const char *name)
{
	return ss_fail(ss_notice_own_find(name) != NULL ? SS_EINVALID :
	    SS_EPOLICY, "nothing stands for {%s}; it is in no [[ ]]", name);
}

int
ss_notice_fill(const struct ss_notice_job *job, const char *text,
    struct ss_bytes *out)
{
	struct ss_notice_token t;
	bool block = false, empty = false;
	size_t start = 0;
	int r;

	while (ss_notice_next(&text, &t)) {
		if (t.type == SS_TOKEN_OPEN) {
			block = true;
			empty = false;
			start = out->len;
		} else if (t.type == SS_TOKEN_CLOSE) {
			block = false;
			if (empty)
				cut(out, start);
		} else if (t.type != SS_TOKEN_PLACEHOLDER) {
			ss_bytes_add(out, t.start, t.len);
		} else if ((r = show(job, t.name, out)) == SS_EMISSING) {
			if (!block)
				return fail_empty(t.name);
			empty = true;
		} else if (r != 0) {
			return r;
		}
	}
	return ss_bytes_check(out);
}
