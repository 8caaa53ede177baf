#include <stdio.h>
#include <string.h>

#include "base/err.h"
#include "base/text.h"
#include "desk/attach.h"

/* A file that a record names: where it lies, and its digest when it has been
 * stored before. */
struct named {
	const char *subject;	/* for messages, in place of the path */
	const char *path;	/* NULL: only the digest is given */
	const char *sm3;	/* NULL: a new file */
	size_t max;
};

struct job {
	struct ss_desk *desk;
	struct ss_hand *hand;
	bool *own;
};

int
ss_attached_load(struct ss_desk *desk, struct ss_hand *hand, const char *sm3,
    const char *subject, size_t max)
{
	char found[SS_SM3_HEX];
	int r;

	ss_bytes_reset(&hand->file);
	r = ss_files_get(desk->files, sm3, max, &hand->file);
	if (r == SS_EMISSING)
		return ss_fail(SS_EMISSING, "%s: its file is not in %s; sync "
		    "the file store or say --files", subject,
		    ss_files_dir(desk->files));
	if (r != 0 || (r = ss_sm3_hex(hand->sm3, hand->file.data,
	    hand->file.len, found)) != 0)
		return r;
	if (strcmp(found, sm3) != 0)
		return ss_fail(SS_EAUTH, "%s: its file in %s is not what was "
		    "applied with", subject, ss_files_dir(desk->files));
	return 0;
}

static int
from_store(const struct job *job, const struct named *f)
{
	int r = ss_attached_load(job->desk, job->hand, f->sm3, f->subject,
	    f->max);

	if (r == SS_EMISSING)
		return ss_fail(SS_EMISSING, "%s: neither the file named nor "
		    "its digest in the file store %s; give the file again",
		    f->subject, ss_files_dir(job->desk->files));
	return r;
}

/* Reads the file into hand->file: from its path, else from the store. */
static int
load(const struct job *job, const struct named *f)
{
	int r = SS_EMISSING;

	ss_bytes_reset(&job->hand->file);
	*job->own = true;
	if (f->path != NULL)
		r = ss_bytes_read_file(&job->hand->file, f->path, f->subject,
		    f->max);
	if (r == SS_EMISSING && f->sm3 != NULL)
		return from_store(job, f);
	return r;
}

/*
 * Digests what is loaded and puts it into the store. A digest given is the
 * reference: another file is not taken in its place by accident.
 */
static int
keep(const struct job *job, const struct named *f, char sm3[SS_SM3_HEX])
{
	const struct ss_bytes *file = &job->hand->file;
	int r;

	*job->own = false;
	if ((r = ss_sm3_hex(job->hand->sm3, file->data, file->len, sm3)) != 0)
		return r;
	if (f->sm3 != NULL && strcmp(f->sm3, sm3) != 0)
		return ss_fail(SS_EINVALID, "%s: the file is not the one that "
		    "was applied with; give its path alone to take the new "
		    "one", f->subject);
	if (job->desk->dry_run)
		return 0;
	return ss_files_put(job->desk->files, sm3, file->data, file->len);
}

/* What a value names: a path, or an object with path, sm3 or both. */
static int
read_named(const struct ss_value *v, struct named *f)
{
	f->path = ss_value_string(v);
	f->sm3 = NULL;
	if (ss_value_kind(v) == SS_OBJECT) {
		f->path = ss_value_string(ss_value_get(v, "path"));
		f->sm3 = ss_value_string(ss_value_get(v, "sm3"));
	}
	if (f->sm3 != NULL && !ss_is_hex(f->sm3, SS_SM3_HEX - 1))
		return ss_fail(SS_EINVALID,
		    "%s.sm3: not 64 hexadecimal digits", f->subject);
	if (f->path == NULL && f->sm3 == NULL)
		return ss_fail(SS_EINVALID,
		    "%s: a path, or an object with path, is wanted, not %s",
		    f->subject, ss_kind_word(ss_value_kind(v)));
	return 0;
}

struct ss_photo_zone
ss_photo_zone_of(const struct ss_policy *policy)
{
	return (struct ss_photo_zone){
		.top = (int)policy->photo.background.top,
		.side = (int)policy->photo.background.side,
		.side_height = (int)policy->photo.background.side_height,
	};
}

void
ss_photo_write(const struct ss_photo *p, struct ss_bytes *b)
{
	ss_json_addi(b, "bytes", (int64_t)p->bytes);
	ss_json_addi(b, "width", p->width);
	ss_json_addi(b, "height", p->height);
	ss_json_addi(b, "dpi", p->dpi);
	ss_json_addi(b, "bits", p->bits);
	ss_json_addb(b, "progressive", p->progressive);
	if (p->taken[0] != '\0')
		ss_json_add(b, "taken", p->taken);
	ss_json_addi(b, "white", p->white);
	ss_json_addi(b, "even", p->even);
	ss_json_addi(b, "border", p->border);
}

int
ss_attach_photo(struct ss_desk *desk, struct ss_hand *hand,
    struct ss_record *rec, const struct ss_policy *policy, bool *own)
{
	const struct ss_value *v = ss_record_get(rec, "photo");
	const struct job job = { desk, hand, own };
	struct ss_photo_zone zone = ss_photo_zone_of(policy);
	struct named f = { "photo", NULL, NULL, SS_PHOTO_FILE_MAX };
	struct ss_photo photo;
	char sm3[SS_SM3_HEX];
	struct ss_bytes *b;
	int r;

	*own = true;
	if (ss_value_kind(v) <= SS_NULL)
		return 0;
	if ((r = read_named(v, &f)) != 0 || (r = load(&job, &f)) != 0)
		return r;
	if ((r = ss_photo_measure(hand->file.data, hand->file.len, &zone,
	    &photo)) != 0)
		return ss_fail_in(r, "photo");
	if ((r = keep(&job, &f, sm3)) != 0)
		return r;
	b = ss_record_set(rec, "photo");
	ss_json_open(b, NULL, '{');
	ss_json_add(b, "sm3", sm3);
	if (f.path != NULL)
		ss_json_add(b, "path", f.path);
	ss_photo_write(&photo, b);
	ss_json_close(b, '}');
	return 0;
}

/* Two handlers do not have one identity card. */
static bool
is_there(const struct ss_bytes *b, const char *kind, const char *sm3)
{
	char text[160];

	snprintf(text, sizeof(text), "{\"kind\":\"%s\",\"sm3\":\"%s\"", kind,
	    sm3);
	return b->len > 0 && strstr(b->data, text) != NULL;
}

/* One document, appended to the record's array in the making. */
static int
attach(const struct job *job, const char *kind, const struct ss_value *v,
    struct ss_bytes *b)
{
	const char *word = ss_words_find(job->desk->words, "document", kind);
	struct named f = { .max = SS_DOCUMENT_FILE_MAX };
	char sm3[SS_SM3_HEX], subject[64] = "documents.";
	int r;

	*job->own = true;
	if (word == NULL)
		return ss_fail_in(ss_words_fail(job->desk->words, "document"),
		    "documents: a kind");
	strncat(subject, word, sizeof(subject) - strlen(subject) - 1);
	f.subject = subject;
	if ((r = read_named(v, &f)) != 0 || (r = load(job, &f)) != 0)
		return r;
	if (job->hand->file.len == 0)
		return ss_fail(SS_EINVALID, "%s: an empty file", subject);
	if ((r = keep(job, &f, sm3)) != 0)
		return r;
	if (is_there(b, word, sm3))
		return ss_fail(SS_EINVALID, "%s: the same file twice; another "
		    "one is wanted, or one alone", subject);
	ss_json_open(b, NULL, '{');
	ss_json_add(b, "kind", word);
	ss_json_add(b, "sm3", sm3);
	if (f.path != NULL)
		ss_json_add(b, "path", f.path);
	ss_json_addi(b, "bytes", (int64_t)job->hand->file.len);
	ss_json_close(b, '}');
	return 0;
}

static int
attach_listed(const struct job *job, const struct ss_value *v,
    struct ss_bytes *b)
{
	const struct ss_value *one;
	const char *kind;
	size_t i;
	int r = 0;

	for (i = 0; r == 0 && i < ss_value_count(v); i++) {
		one = ss_value_at(v, i);
		kind = ss_value_string(ss_value_get(one, "kind"));
		if (kind == NULL)
			return ss_fail(SS_EINVALID,
			    "documents: element %zu has no kind", i + 1);
		r = attach(job, kind, one, b);
	}
	return r;
}

static int
attach_named(const struct job *job, const struct ss_value *v,
    struct ss_bytes *b)
{
	const struct ss_value *value;
	const char *kind;
	void *iter = NULL;
	size_t i;
	int r = 0;

	while (r == 0 && ss_value_each(v, &iter, &kind, &value)) {
		if (ss_value_kind(value) != SS_ARRAY)
			r = attach(job, kind, value, b);
		for (i = 0; r == 0 && ss_value_kind(value) == SS_ARRAY &&
		    i < ss_value_count(value); i++)
			r = attach(job, kind, ss_value_at(value, i), b);
	}
	return r;
}

int
ss_attach_list(struct ss_desk *desk, struct ss_hand *hand,
    const struct ss_value *v, struct ss_bytes *b, bool *own)
{
	const struct job job = { desk, hand, own };
	int r;

	*own = true;
	if (ss_value_kind(v) != SS_OBJECT && ss_value_kind(v) != SS_ARRAY)
		return ss_fail(SS_EINVALID,
		    "documents: an object or an array is wanted, not %s",
		    ss_kind_word(ss_value_kind(v)));
	ss_json_open(b, NULL, '[');
	r = ss_value_kind(v) == SS_OBJECT ? attach_named(&job, v, b) :
	    attach_listed(&job, v, b);
	ss_json_close(b, ']');
	return r;
}

int
ss_attach_documents(struct ss_desk *desk, struct ss_hand *hand,
    struct ss_record *rec, bool *own)
{
	const struct ss_value *v = ss_record_get(rec, "documents");

	*own = true;
	if (ss_value_kind(v) <= SS_NULL)
		return 0;
	return ss_attach_list(desk, hand, v, ss_record_set(rec, "documents"),
	    own);
}

static bool
is_kind(const struct ss_desk *desk, const char *text, const char *kind)
{
	const char *word = text == NULL ? NULL :
	    ss_words_find(desk->words, "document", text);

	return word != NULL && strcmp(word, kind) == 0;
}

size_t
ss_attach_count(const struct ss_desk *desk, const struct ss_value *v,
    const char *kind)
{
	const struct ss_value *value;
	const char *name;
	void *iter = NULL;
	size_t i, n = 0;

	if (ss_value_kind(v) == SS_OBJECT) {
		while (ss_value_each(v, &iter, &name, &value))
			if (is_kind(desk, name, kind))
				n += ss_value_kind(value) == SS_ARRAY ?
				    ss_value_count(value) : 1;
		return n;
	}
	for (i = 0; i < ss_value_count(v); i++)
		n += is_kind(desk, ss_value_string(ss_value_get(
		    ss_value_at(v, i), "kind")), kind);
	return n;
}
