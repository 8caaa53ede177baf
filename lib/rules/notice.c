#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "rules/notice_job.h"
#include "rules/region.h"

/* The texts that hold in a region: its own, or those of the one above it. */
struct slot {
	char code[7];
	const struct ss_value *root;
	struct ss_value *own;	/* to be freed; NULL: from above */
};

struct ss_notices {
	struct ss_bytes dir;
	const struct ss_words *words;
	struct ss_value *root;	/* notices.json */
	pthread_rwlock_t lock;	/* of what follows */
	struct slot *slots;	/* sorted by code */
	size_t count;
};

static const struct {
	const char *state, *word;
} kinds[] = {
	[SS_NOTICE_NONE] = { "", "none" },
	[SS_NOTICE_READY] = { "made", "ready" },
	[SS_NOTICE_RETURNED] = { "returned", "returned" },
	[SS_NOTICE_REJECTED] = { "rejected", "rejected" },
};

void
ss_notice_init(struct ss_notice *notice)
{
	*notice = (struct ss_notice){ .subject = { 0 }, .body = { 0 } };
}

void
ss_notice_wipe(struct ss_notice *notice)
{
	ss_bytes_free(&notice->subject);
	ss_bytes_free(&notice->body);
}

enum ss_notice_kind
ss_notice_kind_for(const char *state)
{
	int kind;

	for (kind = SS_NOTICE_READY; kind <= SS_NOTICE_REJECTED; kind++)
		if (state != NULL && strcmp(state, kinds[kind].state) == 0)
			return (enum ss_notice_kind)kind;
	return SS_NOTICE_NONE;
}

const char *
ss_notice_kind_word(enum ss_notice_kind kind)
{
	return kinds[kind].word;
}

/* Reads and checks a file; SS_EMISSING when there is none. */
static int
read_file(const struct ss_notices *n, const char *path, bool whole,
    struct ss_value **out)
{
	int r;

	if ((r = ss_json_read_file(path, out)) != 0)
		return r == SS_EINVALID ? ss_fail_as(SS_EPOLICY) : r;
	if ((r = ss_notice_check(*out, path, whole, n->words)) != 0) {
		ss_json_free(*out);
		*out = NULL;
	}
	return r;
}

/*
 * A region's own file, which may be named by any of the lengths that its code
 * has: *out is NULL when there is none.
 */
static int
read_region(const struct ss_notices *n, const char *code, size_t digits,
    struct ss_value **out)
{
	struct ss_bytes path = { 0 };
	struct ss_value *v = NULL;
	int r = 0;

	for (; r == 0 && digits <= 6; digits += 2) {
		ss_bytes_reset(&path);
		ss_bytes_addf(&path, "%s/notices/%.*s.json", n->dir.data,
		    (int)digits, code);
		if ((r = ss_bytes_check(&path)) == 0 &&
		    (r = read_file(n, path.data, false, &v)) == SS_EMISSING)
			r = 0;
		else if (r == 0 && *out != NULL)
			r = ss_fail(SS_EPOLICY, "%s: there is a shorter name "
			    "for this region too; keep one of them",
			    path.data);
		if (*out == NULL)
			*out = v;
		else
			ss_json_free(v);
		v = NULL;
	}
	ss_bytes_free(&path);
	return r;
}

/* The place of a code in the table, or where it would be. */
static size_t
find(const struct ss_notices *n, const char *code)
{
	size_t low = 0, high = n->count, middle;

	while (low < high) {
		middle = (low + high) / 2;
		if (strcmp(n->slots[middle].code, code) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static const struct ss_value *
known(const struct ss_notices *n, const char *code)
{
	size_t i = find(n, code);

	return i < n->count && strcmp(n->slots[i].code, code) == 0 ?
	    n->slots[i].root : NULL;
}

static int
keep(struct ss_notices *n, const struct slot *slot)
{
	size_t i = find(n, slot->code);
	struct slot *p;

	if (n->count % 64 == 0) {
		p = realloc(n->slots, (n->count + 64) * sizeof(*p));
		if (p == NULL)
			return ss_fail(SS_EMEMORY, "out of memory");
		n->slots = p;
	}
	memmove(n->slots + i + 1, n->slots + i,
	    (n->count++ - i) * sizeof(*n->slots));
	n->slots[i] = *slot;
	return 0;
}

/* Lays a region's own file over what holds above it. */
static int
lay_over(const struct ss_notices *n, size_t digits,
    const struct ss_value *above, struct slot *slot)
{
	struct ss_value *over = NULL, *all = NULL;
	int r;

	slot->root = above;
	if ((r = read_region(n, slot->code, digits, &over)) != 0 ||
	    over == NULL)
		goto out;
	if ((r = ss_json_parse("{}", 2, &all)) == 0 &&
	    (r = ss_value_merge(all, above)) == 0 &&
	    (r = ss_value_merge(all, over)) == 0) {
		slot->root = slot->own = all;
		all = NULL;
	}
out:
	ss_json_free(over);
	ss_json_free(all);
	return r;
}

/* From the province down to the code, each once; under the lock. */
static int
load(struct ss_notices *n, const char *code, const struct ss_value **out)
{
	const struct ss_value *root = n->root;
	struct slot slot;
	size_t digits;
	int r = 0;

	for (digits = 2; r == 0 && digits <= 6; digits += 2) {
		if (memcmp(code + digits - 2, "00", 2) == 0)
			continue;
		slot = (struct slot){ .code = "000000" };
		memcpy(slot.code, code, digits);
		if ((slot.root = known(n, slot.code)) == NULL &&
		    (r = lay_over(n, digits, root, &slot)) == 0 &&
		    (r = keep(n, &slot)) != 0)
			ss_json_free(slot.own);
		root = slot.root;
	}
	*out = root;
	return r;
}

static int
texts_of(struct ss_notices *n, const char *code, const struct ss_value **out)
{
	int r = 0;

	pthread_rwlock_rdlock(&n->lock);
	*out = known(n, code);
	pthread_rwlock_unlock(&n->lock);
	if (*out == NULL) {
		pthread_rwlock_wrlock(&n->lock);
		r = load(n, code, out);
		pthread_rwlock_unlock(&n->lock);
	}
	return r;
}

int
ss_notices_open(struct ss_notices **out, const char *data_dir,
    const struct ss_words *words)
{
	struct ss_bytes path = { 0 };
	struct ss_notices *n;
	int r;

	*out = NULL;
	if ((n = calloc(1, sizeof(*n))) == NULL)
		return ss_fail(SS_EMEMORY, "out of memory");
	pthread_rwlock_init(&n->lock, NULL);
	n->words = words;
	ss_bytes_adds(&n->dir, data_dir);
	ss_bytes_addf(&path, "%s/notices.json", data_dir);
	if ((r = ss_bytes_check(&n->dir)) == 0 &&
	    (r = ss_bytes_check(&path)) == 0)
		r = read_file(n, path.data, true, &n->root);
	ss_bytes_free(&path);
	if (r != 0) {
		ss_notices_close(n);
		return r;
	}
	*out = n;
	return 0;
}

void
ss_notices_close(struct ss_notices *n)
{
	size_t i;

	if (n == NULL)
		return;
	for (i = 0; i < n->count; i++)
		ss_json_free(n->slots[i].own);
	free(n->slots);
	pthread_rwlock_destroy(&n->lock);
	ss_json_free(n->root);
	ss_bytes_free(&n->dir);
	free(n);
}

/* The record's region where the policy holds for it, else the policy's. */
static void
region_of(const struct ss_policy *policy, const struct ss_value *record,
    char code[7])
{
	const char *region = ss_value_string(ss_value_get(record, "region"));
	size_t digits = 6;

	while (digits > 0 && memcmp(policy->region + digits - 2, "00", 2) == 0)
		digits -= 2;
	if (region == NULL || ss_region_code(region, code) != 0 ||
	    memcmp(code, policy->region, digits) != 0)
		memcpy(code, policy->region, 7);
}

/*
 * Lines that have become empty go, and of several empty ones all but one; the
 * text begins and ends with none.
 */
static int
fill_body(const struct ss_notice_job *job, const struct ss_value *lines,
    struct ss_bytes *out)
{
	bool gap = false;
	const char *text;
	size_t i, start;
	int r;

	for (i = 0; i < ss_value_count(lines); i++) {
		text = ss_value_string(ss_value_at(lines, i));
		if (text[0] == '\0') {
			gap = out->len > 0;
			continue;
		}
		start = out->len;
		if (gap)
			ss_bytes_addc(out, '\n');
		if ((r = ss_notice_fill(job, text, out)) != 0)
			return r;
		if (out->len == start + gap) {
			if (gap)
				out->data[out->len = start] = '\0';
			continue;
		}
		ss_bytes_addc(out, '\n');
		gap = false;
	}
	return ss_bytes_check(out);
}

/* The text of a kind at a path below it, in the language asked for. */
static const struct ss_value *
text_at(const struct ss_notice_job *job, enum ss_notice_kind kind,
    const char *path)
{
	char all[64];

	snprintf(all, sizeof(all), "%s.%s.%s", kinds[kind].word, path,
	    job->lang);
	return ss_value_get(job->root, all);
}

static int
write_all(const struct ss_notice_job *job, enum ss_notice_kind kind,
    enum ss_notice_channel channel, struct ss_notice *out)
{
	const char *text;
	int r;

	if (channel == SS_NOTICE_SMS) {
		text = ss_value_string(text_at(job, kind, "sms"));
		return ss_notice_fill(job, text, &out->body);
	}
	text = ss_value_string(text_at(job, kind, "mail.subject"));
	r = ss_notice_fill(job, text, &out->subject);
	return r != 0 ? r : fill_body(job, text_at(job, kind, "mail.body"),
	    &out->body);
}

int
ss_notice_write(struct ss_notices *n, const struct ss_policy *policy,
    const char *region_name, const struct ss_value *record,
    enum ss_notice_kind kind, enum ss_notice_channel channel,
    const char *lang, struct ss_notice *out)
{
	struct ss_notice_job job = { .words = n->words, .policy = policy,
		.region_name = region_name, .record = record, .lang = lang };
	char code[7];
	int r;

	ss_bytes_reset(&out->subject);
	ss_bytes_reset(&out->body);
	if (kind == SS_NOTICE_NONE)
		return ss_fail(SS_EINVALID, "no notice of this kind");
	if (strcmp(lang, "zh") != 0 && strcmp(lang, "en") != 0)
		return ss_fail(SS_EINVALID, "notices are in zh and en");
	region_of(policy, record, code);
	if ((r = texts_of(n, code, &job.root)) == 0 &&
	    (r = write_all(&job, kind, channel, out)) != 0)
		r = ss_fail_in(r, "the notice \"%s\" in %s",
		    kinds[kind].word, lang);
	if (r != 0) {
		ss_bytes_reset(&out->subject);
		ss_bytes_reset(&out->body);
	}
	return r;
}
