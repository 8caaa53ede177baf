#define _GNU_SOURCE	/* syncfs */
#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/err.h"
#include "base/files.h"

struct ss_files {
	char *dir;
	atomic_bool dirty;	/* something was put since the last sync */
};

int
ss_files_open(struct ss_files **out, const char *dir)
{
	struct ss_files *files;

	*out = NULL;
	if ((files = calloc(1, sizeof(*files))) == NULL ||
	    (files->dir = strdup(dir)) == NULL) {
		free(files);
		return ss_fail(SS_EMEMORY, "out of memory");
	}
	*out = files;
	return 0;
}

void
ss_files_close(struct ss_files *files)
{
	if (files == NULL)
		return;
	free(files->dir);
	free(files);
}

const char *
ss_files_dir(const struct ss_files *files)
{
	return files->dir;
}

/* The path of a digest; the two folders end at dir_len and sub_len. */
static int
path_of(const struct ss_files *files, const char *sm3, struct ss_bytes *path)
{
	ss_bytes_addf(path, "%s/%.2s/%.2s/%s", files->dir, sm3, sm3 + 2,
	    sm3 + 4);
	return ss_bytes_check(path);
}

int
ss_folders_make(char *path)
{
	struct stat st;
	char *slash;
	int r = 0;

	for (slash = strchr(path + 1, '/'); r == 0 && slash != NULL;
	    slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		if (mkdir(path, 0700) == -1 && errno != EEXIST &&
		    stat(path, &st) == -1) {
			ss_fail_errno(path);
			r = SS_EIO;
		}
		*slash = '/';
	}
	return r;
}

static int
write_file(int fd, const char *data, size_t len)
{
	ssize_t n;

	while (len > 0) {
		n = write(fd, data, len);
		if (n == -1 && errno != EINTR)
			return -1;
		if (n > 0) {
			data += n;
			len -= (size_t)n;
		}
	}
	return 0;
}

/* A new file beside its place; "" when it cannot be made. */
static int
open_new(char *path, struct ss_bytes *name, int *fd)
{
	int r;

	ss_bytes_addf(name, "%s.XXXXXX", path);
	if ((r = ss_bytes_check(name)) != 0)
		return r;
	if ((*fd = mkstemp(name->data)) != -1)
		return 0;
	if (errno == ENOENT && (r = ss_folders_make(path)) == 0) {
		memcpy(name->data + name->len - 6, "XXXXXX", 6);
		*fd = mkstemp(name->data);
	}
	if (r == 0 && *fd == -1) {
		ss_fail_errno(path);
		r = SS_EIO;
	}
	return r;
}

/*
 * Whether a file is there and holds this; another one is replaced. Read, not
 * mapped: unmapping would stop the other threads each time.
 */
static bool
is_there(const char *path, const char *data, size_t len)
{
	char piece[32 << 10];
	ssize_t n = 1;
	int fd;

	if ((fd = open(path, O_RDONLY | O_CLOEXEC)) == -1)
		return false;
	while (n > 0 && (n = read(fd, piece, sizeof(piece))) > 0) {
		if ((size_t)n > len || memcmp(piece, data, (size_t)n) != 0)
			break;
		data += n;
		len -= (size_t)n;
	}
	close(fd);
	return n == 0 && len == 0;
}

int
ss_files_put(struct ss_files *files, const char *sm3, const void *data,
    size_t len)
{
	struct ss_bytes path = { 0 }, name = { 0 };
	int fd = -1, r;

	if ((r = path_of(files, sm3, &path)) != 0)
		goto out;
	if (is_there(path.data, data, len))
		goto out;
	if ((r = open_new(path.data, &name, &fd)) != 0)
		goto out;
	if (write_file(fd, data, len) == -1 ||
	    rename(name.data, path.data) == -1) {
		ss_fail_errno(path.data);
		r = SS_EIO;
		unlink(name.data);
	}
	files->dirty = true;
out:
	if (fd != -1)
		close(fd);
	ss_bytes_free(&path);
	ss_bytes_free(&name);
	return r;
}

int
ss_folder_sync(const char *path)
{
	const char *slash = strrchr(path, '/');
	struct ss_bytes dir = { 0 };
	int fd = -1, r = 0;

	if (slash == NULL)
		ss_bytes_addc(&dir, '.');
	else
		ss_bytes_add(&dir, path, (size_t)(slash - path) + 1);
	if ((r = ss_bytes_check(&dir)) == 0 && ((fd = open(dir.data, O_RDONLY |
	    O_DIRECTORY | O_CLOEXEC)) == -1 || fsync(fd) == -1)) {
		ss_fail_errno(path);
		r = SS_EIO;
	}
	if (fd != -1)
		close(fd);
	ss_bytes_free(&dir);
	return r;
}

/* Puts what is written in its place; a link does not replace. */
static int
put_in_place(const char *name, const char *path, bool replace)
{
	int r = 0;

	if (replace ? rename(name, path) == 0 : link(name, path) == 0) {
		if (!replace)
			unlink(name);
		return 0;
	}
	if (errno == EEXIST)
		r = ss_fail(SS_EEXISTS, "%s: is there already", path);
	else
		ss_fail_errno(path);
	return r != 0 ? r : SS_EIO;
}

static int
write_durable(const char *path, const void *data, size_t len, unsigned mode,
    bool replace)
{
	struct ss_bytes name = { 0 }, copy = { 0 };
	int fd = -1, r;

	ss_bytes_adds(&copy, path);
	if ((r = ss_bytes_check(&copy)) != 0 ||
	    (r = open_new(copy.data, &name, &fd)) != 0)
		goto out;
	if (fchmod(fd, (mode_t)mode) == -1 ||
	    write_file(fd, data, len) == -1 || fsync(fd) == -1) {
		ss_fail_errno(path);
		r = SS_EIO;
	} else {
		r = put_in_place(name.data, path, replace);
	}
	if (r != 0)
		unlink(name.data);
	else
		r = ss_folder_sync(path);
out:
	if (fd != -1)
		close(fd);
	ss_bytes_free(&name);
	ss_bytes_free(&copy);
	return r;
}

int
ss_file_write(const char *path, const void *data, size_t len, bool replace)
{
	if (!replace && access(path, F_OK) == 0)
		return ss_folder_sync(path);
	return write_durable(path, data, len, 0600, true);
}

int
ss_file_replace(const char *path, const void *data, size_t len, unsigned mode)
{
	return write_durable(path, data, len, mode, true);
}

int
ss_file_make(const char *path, const void *data, size_t len, unsigned mode)
{
	return write_durable(path, data, len, mode, false);
}

int
ss_files_get(struct ss_files *files, const char *sm3, size_t max,
    struct ss_bytes *out)
{
	struct ss_bytes path = { 0 };
	int r;

	if ((r = path_of(files, sm3, &path)) == 0)
		r = ss_bytes_read_file(out, path.data, path.data, max);
	ss_bytes_free(&path);
	return r;
}

int
ss_files_sync(struct ss_files *files)
{
	int fd, r = 0;

	if (!atomic_exchange(&files->dirty, false))
		return 0;
	if ((fd = open(files->dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC)) == -1 ||
	    syncfs(fd) == -1) {
		ss_fail_errno(files->dir);
		r = SS_EIO;
	}
	if (fd != -1)
		close(fd);
	return r;
}
