/* How far each station's events had come: a file of JSON. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <fcntl.h>
#include <unistd.h>

#include "base/err.h"
#include "base/json.h"
#include "books/report_own.h"

struct ss_mark {
	char *path;
	struct ss_value *was;	/* as it was read; NULL: there was none */
	struct ss_bytes is;	/* the members of the next one */
};

static int
check(const struct ss_value *mark, const char *path)
{
	const struct ss_value *v;
	const char *station;
	void *iter = NULL;
	int64_t n;

	if (ss_value_kind(mark) != SS_OBJECT)
		return ss_fail(SS_EINVALID, "%s: not a mark: no object of "
		    "stations; name another file", path);
	while (ss_value_each(mark, &iter, &station, &v))
		if (!ss_value_int(v, &n) || n < 0)
			return ss_fail(SS_EINVALID, "%s: not a mark: station "
			    "%.64s has no count; name another file", path,
			    station);
	return 0;
}

int
ss_mark_open(struct ss_mark **out, const char *path)
{
	struct ss_mark *m;
	int r;

	*out = NULL;
	if ((m = calloc(1, sizeof(*m))) == NULL ||
	    (m->path = strdup(path)) == NULL) {
		free(m);
		return ss_fail(SS_EMEMORY, "out of memory");
	}
	if ((r = ss_json_read_file(path, &m->was)) == 0)
		r = check(m->was, path);
	if (r != 0 && r != SS_EMISSING) {
		ss_mark_close(m);
		return r;
	}
	*out = m;
	return 0;
}

void
ss_mark_close(struct ss_mark *m)
{
	if (m == NULL)
		return;
	ss_json_free(m->was);
	ss_bytes_free(&m->is);
	free(m->path);
	free(m);
}

bool
ss_mark_fresh(const struct ss_mark *m)
{
	return m->was == NULL;
}

int64_t
ss_mark_of(const struct ss_mark *m, const char *station)
{
	int64_t n = 0;

	ss_value_int(ss_value_member(m->was, station), &n);
	return n;
}

int
ss_mark_set(struct ss_mark *m, const char *station, int64_t events)
{
	if (m->is.len == 0)
		ss_json_open(&m->is, NULL, '{');
	ss_json_addi(&m->is, station, events);
	return ss_bytes_check(&m->is);
}

int
ss_mark_each(const struct ss_mark *m, int (*each)(const char *station,
    int64_t events, void *ctx), void *ctx)
{
	const struct ss_value *v;
	const char *station;
	void *iter = NULL;
	int64_t n;
	int r = 0;

	while (r == 0 && ss_value_each(m->was, &iter, &station, &v))
		if (ss_value_int(v, &n))
			r = each(station, n, ctx);
	return r;
}

static int
write_all(int fd, const struct ss_bytes *b)
{
	size_t done = 0;
	ssize_t n;

	for (; done < b->len; done += (size_t)n)
		if ((n = write(fd, b->data + done, b->len - done)) == -1)
			return -1;
	return fsync(fd);
}

/* That the new name is on the disk too. */
static int
sync_folder(char *path)
{
	char *slash = strrchr(path, '/');
	int fd, r;

	if (slash != NULL)
		slash[slash == path ? 1 : 0] = '\0';
	if ((fd = open(slash != NULL ? path : ".", O_RDONLY | O_DIRECTORY |
	    O_CLOEXEC)) == -1)
		return -1;
	r = fsync(fd);
	close(fd);
	return r;
}

static int
replace(const struct ss_mark *m, const struct ss_bytes *text, char *name)
{
	int fd, r;

	if ((fd = mkstemp(name)) == -1)		/* of mode 0600 */
		return ss_fail_errno(m->path);
	r = write_all(fd, text);
	if (close(fd) == -1 || r == -1 || rename(name, m->path) == -1) {
		r = ss_fail_errno(m->path);
		unlink(name);
		return r;
	}
	return sync_folder(name) == 0 ? 0 : ss_fail_errno(m->path);
}

int
ss_mark_write(const struct ss_mark *m)
{
	struct ss_bytes text = { 0 }, name = { 0 };
	int r;

	ss_bytes_addf(&text, "%s}\n", m->is.len > 0 ? m->is.data : "{");
	ss_bytes_addf(&name, "%s.XXXXXX", m->path);
	if ((r = ss_bytes_check(&text)) == 0 &&
	    (r = ss_bytes_check(&name)) == 0)
		r = replace(m, &text, name.data);
	ss_bytes_free(&text);
	ss_bytes_free(&name);
	return r;
}
