/* The trust file, looked at. Its lines are in operators_line.c. */
#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/err.h"
#include "base/files.h"
#include "trust/operators.h"

#define FILE_MAX (256u << 20)

/* A key, where its line stands in the file. */
struct place {
	char key[SS_SM3_HEX];
	uint32_t at;
};

struct ss_operators {
	char *path;
	int lock;		/* -1: none is held */
	struct ss_trusted *at;
	struct ss_public **public;	/* NULL: not yet parsed */
	size_t count, cap;
	struct place *place;	/* by key */
	pthread_mutex_t mutex;	/* of public */
};

static int
compare(const void *a, const void *b)
{
	return strcmp(((const struct place *)a)->key,
	    ((const struct place *)b)->key);
}

/* Room for one more. */
static int
grow(struct ss_operators *o)
{
	size_t cap = o->cap == 0 ? 16 : 2 * o->cap;
	void *p;

	if (o->at != NULL && o->count < o->cap)
		return 0;
	if ((p = realloc(o->at, cap * sizeof(*o->at))) == NULL)
		return ss_fail(SS_EMEMORY, "out of memory");
	o->at = p;
	if ((p = realloc(o->public, cap * sizeof(struct ss_public *))) == NULL)
		return ss_fail(SS_EMEMORY, "out of memory");
	o->public = p;
	if ((p = realloc(o->place, cap * sizeof(*o->place))) == NULL)
		return ss_fail(SS_EMEMORY, "out of memory");
	o->place = p;
	o->cap = cap;
	return 0;
}

static void
append(struct ss_operators *o, const struct ss_trusted *t)
{
	o->at[o->count] = *t;
	o->public[o->count] = NULL;
	memcpy(o->place[o->count].key, t->key, sizeof(t->key));
	o->place[o->count].at = (uint32_t)o->count;
	o->count++;
}

static int
read_line(struct ss_operators *o, const char *line, size_t len)
{
	struct ss_value *value = NULL;
	struct ss_trusted t;
	int r;

	if ((r = ss_json_parse(line, len, &value)) == 0 &&
	    (r = ss_trusted_read(&t, value)) == 0 && (r = grow(o)) == 0)
		append(o, &t);
	ss_json_free(value);
	return r;
}

/* A key has one line; of two the second is named. */
static int
sort(struct ss_operators *o)
{
	size_t i, a, b;

	if (o->count == 0)
		return 0;
	qsort(o->place, o->count, sizeof(*o->place), compare);
	for (i = 1; i < o->count; i++) {
		if (strcmp(o->place[i - 1].key, o->place[i].key) != 0)
			continue;
		a = o->place[i - 1].at + 1;
		b = o->place[i].at + 1;
		return ss_fail(SS_EINVALID, "%s: line %zu: \"key\": the same "
		    "as in line %zu", o->path, a > b ? a : b, a > b ? b : a);
	}
	return 0;
}

static int
read_lines(struct ss_operators *o, const struct ss_bytes *text)
{
	const char *p = text->data, *end = p + text->len, *nl;
	size_t number = 1;
	int r = 0;

	for (; r == 0 && p < end; p = nl + 1, number++) {
		if ((nl = memchr(p, '\n', (size_t)(end - p))) == NULL)
			nl = end;
		if ((r = read_line(o, p, (size_t)(nl - p))) == SS_EINVALID)
			r = ss_fail_in(r, "%s: line %zu", o->path, number);
	}
	return r != 0 ? r : sort(o);
}

/* Who may write the file gives himself any role. */
static int
check_mode(const struct ss_operators *o)
{
	struct stat st;

	if (stat(o->path, &st) == -1)
		return errno == ENOENT || errno == ENOTDIR ?
		    ss_fail(SS_EMISSING, "no trust file %s; ss-key operator "
		    "makes one, --trust names another", o->path) :
		    ss_fail_errno(o->path);
	if (S_ISREG(st.st_mode) && (st.st_mode & 022) != 0)
		return ss_fail(SS_EAUTH, "%s: others may write this trust "
		    "file; chmod 644 it", o->path);
	return 0;
}

static int
read_file(struct ss_operators *o)
{
	struct ss_bytes text = { 0 };
	int r;

	if ((r = check_mode(o)) == 0 &&
	    (r = ss_bytes_read_file(&text, o->path, o->path, FILE_MAX)) == 0)
		r = read_lines(o, &text);
	ss_bytes_free(&text);
	return r;
}

static struct ss_operators *
begin(const char *path)
{
	struct ss_operators *o = calloc(1, sizeof(*o));

	if (o == NULL || (o->path = strdup(path)) == NULL) {
		free(o);
		ss_fail(SS_EMEMORY, "out of memory");
		return NULL;
	}
	o->lock = -1;
	pthread_mutex_init(&o->mutex, NULL);
	return o;
}

/* Gives it, unless there was a failure. */
static int
end(struct ss_operators **out, struct ss_operators *o, int r)
{
	if (r != 0)
		ss_operators_close(o);
	else
		*out = o;
	return r;
}

int
ss_operators_open(struct ss_operators **out, const char *path)
{
	struct ss_operators *o;

	*out = NULL;
	if ((o = begin(path)) == NULL)
		return ss_last_code();
	return end(out, o, read_file(o));
}

void
ss_operators_close(struct ss_operators *o)
{
	size_t i;

	if (o == NULL)
		return;
	for (i = 0; i < o->count; i++)
		ss_public_free(o->public[i]);
	if (o->lock != -1)
		close(o->lock);
	pthread_mutex_destroy(&o->mutex);
	free(o->at);
	free(o->public);
	free(o->place);
	free(o->path);
	free(o);
}

const char *
ss_operators_path(const struct ss_operators *o)
{
	return o->path;
}

size_t
ss_operators_count(const struct ss_operators *o)
{
	return o->count;
}

const struct ss_trusted *
ss_operators_at(const struct ss_operators *o, size_t i)
{
	return i < o->count ? &o->at[i] : NULL;
}

const struct ss_trusted *
ss_operators_find(const struct ss_operators *o, const char *key)
{
	struct place want = { .at = 0 };
	const struct place *there;

	if (strlen(key) != sizeof(want.key) - 1 || o->count == 0)
		return NULL;
	memcpy(want.key, key, sizeof(want.key));
	there = bsearch(&want, o->place, o->count, sizeof(want), compare);
	return there != NULL ? &o->at[there->at] : NULL;
}

int
ss_operators_public(struct ss_operators *o, const struct ss_trusted *t,
    const struct ss_public **out)
{
	struct ss_public **public = &o->public[t - o->at];
	int r = 0;

	pthread_mutex_lock(&o->mutex);
	if (*public == NULL)
		r = ss_public_read(public, t->spki, t->spki_len);
	if (r == SS_EINVALID)
		r = ss_fail_in(r, "%s: the key %.16s", o->path, t->key);
	*out = *public;
	pthread_mutex_unlock(&o->mutex);
	return r;
}

/* A link to the file stays one: what it leads to is replaced. */
static int
follow(struct ss_operators *o)
{
	char *path = realpath(o->path, NULL);
	struct stat st;

	if (path == NULL && errno == ENOENT && lstat(o->path, &st) == 0)
		return ss_fail(SS_EMISSING, "%s: a link that leads nowhere; "
		    "make the file there, or take the link away", o->path);
	if (path == NULL)
		return errno == ENOENT || errno == ENOTDIR ? 0 :
		    ss_fail_errno(o->path);
	free(o->path);
	o->path = path;
	return 0;
}

/* A lock beside the file, since the file itself is replaced. */
static int
lock_file(struct ss_operators *o)
{
	struct flock lock = { .l_type = F_WRLCK, .l_whence = SEEK_SET };
	const int flags = O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW;
	struct ss_bytes name = { 0 };
	int r;

	ss_bytes_addf(&name, "%s.lock", o->path);
	if ((r = ss_bytes_check(&name)) != 0)
		return r;
	o->lock = open(name.data, flags, 0600);
	if (o->lock == -1 && errno == ENOENT &&
	    (r = ss_folders_make(name.data)) == 0)
		o->lock = open(name.data, flags, 0600);
	if (r == 0 && (o->lock == -1 || fcntl(o->lock, F_SETLKW, &lock) == -1))
		r = ss_fail_errno(name.data);
	ss_bytes_free(&name);
	return r;
}

int
ss_operators_edit(struct ss_operators **out, const char *path)
{
	struct ss_operators *o;
	int r;

	*out = NULL;
	if ((o = begin(path)) == NULL)
		return ss_last_code();
	if ((r = follow(o)) == 0 && (r = lock_file(o)) == 0 &&
	    (r = read_file(o)) == SS_EMISSING)
		r = 0;
	return end(out, o, r);
}

int
ss_operators_put(struct ss_operators *o, const struct ss_trusted *t)
{
	const struct ss_trusted *there = ss_operators_find(o, t->key);
	struct ss_public *public;
	struct place new;
	size_t i;
	int r;

	if (o->lock == -1)
		return ss_fail(SS_EINVALID, "the trust file is open for use "
		    "alone");
	if ((r = ss_trusted_check(t)) != 0 ||
	    (r = ss_public_read(&public, t->spki, t->spki_len)) != 0)
		return r;
	ss_public_free(public);
	if (there != NULL) {
		o->at[there - o->at] = *t;
		return 0;
	}
	if ((r = grow(o)) != 0)
		return r;
	append(o, t);
	new = o->place[o->count - 1];
	for (i = o->count - 1; i > 0 && compare(&new, &o->place[i - 1]) < 0;
	    i--)
		o->place[i] = o->place[i - 1];
	o->place[i] = new;
	return 0;
}

int
ss_operators_save(struct ss_operators *o)
{
	struct ss_bytes text = { 0 };
	size_t i;
	int r = 0;

	if (o->lock == -1)
		return ss_fail(SS_EINVALID, "the trust file is open for use "
		    "alone");
	for (i = 0; r == 0 && i < o->count; i++) {
		r = ss_trusted_write(&o->at[i], &text);
		ss_bytes_addc(&text, '\n');
	}
	if (r == 0 && (r = ss_bytes_check(&text)) == 0)
		r = ss_file_replace(o->path, text.data, text.len, 0644);
	ss_bytes_free(&text);
	return r;
}
