#include <sys/select.h>
#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/err.h"
#include "base/input.h"

#define CHUNK (256u << 10)

void
ss_input_init(struct ss_input *in, const char *const *paths, size_t count,
    const volatile sig_atomic_t *stop)
{
	static const char *const standard[] = { "-" };
	struct stat st;
	size_t i;

	*in = (struct ss_input){
		.paths = count > 0 ? paths : standard,
		.count = count > 0 ? count : 1,
		.fd = -1,
		.stop = stop,
	};
	for (i = 0; i < in->count; i++) {
		if ((strcmp(in->paths[i], "-") == 0 ?
		    fstat(STDIN_FILENO, &st) : stat(in->paths[i], &st)) == -1 ||
		    !S_ISREG(st.st_mode)) {
			in->total = 0;
			break;
		}
		in->total += (uint64_t)st.st_size;
	}
}

static void
close_file(struct ss_input *in)
{
	if (in->fd > STDIN_FILENO)
		close(in->fd);
	in->fd = -1;
}

void
ss_input_wipe(struct ss_input *in)
{
	close_file(in);
	ss_bytes_free(&in->buf);
}

static int
open_next(struct ss_input *in)
{
	in->name = in->paths[in->next++];
	if (strcmp(in->name, "-") == 0) {
		in->name = "standard input";
		in->fd = STDIN_FILENO;
		return 0;
	}
	if ((in->fd = open(in->name, O_RDONLY | O_CLOEXEC | O_NOCTTY)) == -1)
		return ss_fail_errno(in->name);
	if (in->fd >= FD_SETSIZE) {
		close_file(in);
		errno = EMFILE;
		return ss_fail_errno(in->name);
	}
	return 0;
}

static bool
stopped(const struct ss_input *in)
{
	return in->ended || (in->stop != NULL && *in->stop != 0);
}

/*
 * Waits for the file to have something, or an end; false: nothing there.
 * Signals are held back until pselect lets them through, so that one which
 * asks for a stop just before the wait is not slept over.
 */
static bool
ready(struct ss_input *in, bool wait)
{
	struct timespec now = { 0, 0 };
	sigset_t all, old;
	fd_set set;
	int n;

	sigfillset(&all);
	pthread_sigmask(SIG_BLOCK, &all, &old);
	do {
		FD_ZERO(&set);
		FD_SET(in->fd, &set);
		n = stopped(in) ? -1 : pselect(in->fd + 1, &set, NULL, NULL,
		    wait ? NULL : &now, &old);
	} while (n == -1 && errno == EINTR && !stopped(in));
	pthread_sigmask(SIG_SETMASK, &old, NULL);
	return n != 0;
}

int
ss_input_fill(struct ss_input *in, bool wait, enum ss_fill *what)
{
	ssize_t n;
	char *p;
	int r;

	*what = SS_INPUT_END;
	if (in->fd == -1) {
		if (stopped(in) || in->next == in->count)
			return 0;
		if ((r = open_next(in)) != 0)
			return r;
	}
	*what = SS_NOT_YET;
	if (!ready(in, wait))
		return 0;
	*what = SS_INPUT_END;
	if (stopped(in))
		return 0;
	ss_bytes_shift(&in->buf, in->pos);
	in->pos = 0;
	if ((p = ss_bytes_room(&in->buf, CHUNK)) == NULL)
		return ss_bytes_check(&in->buf);
	while ((n = read(in->fd, p, CHUNK)) == -1 && errno == EINTR)
		;
	if (n == -1)
		return ss_fail_errno(in->name);
	in->buf.len += (size_t)n;
	in->read += (uint64_t)n;
	*what = SS_FILLED;
	if (n == 0) {
		*what = SS_FILE_END;
		close_file(in);
	}
	return 0;
}
