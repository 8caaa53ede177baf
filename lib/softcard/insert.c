#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/err.h"
#include "base/time.h"
#include "softcard/insert.h"
#include "softcard/softcard_own.h"

#define MARK "inserted"		/* the file that is locked */
#define SHOWN '+'

/* --- who keeps a card in */

static int
open_mark(const char *dir, int flags, int *fd)
{
	struct ss_bytes path = { 0 };
	int r;

	ss_bytes_addf(&path, "%s/" MARK, dir);
	if ((r = ss_bytes_check(&path)) == 0 &&
	    (*fd = open(path.data, flags | O_RDWR | O_CLOEXEC | O_NOFOLLOW,
	    0600)) == -1)
		r = ss_fail_errno(path.data);
	ss_bytes_free(&path);
	return r;
}

/* The lock of this process, which lasts until it ends. */
static int
mark(const char *dir)
{
	struct flock lock = { .l_type = F_WRLCK, .l_whence = SEEK_SET };
	int fd = -1, r;

	if ((r = open_mark(dir, O_CREAT, &fd)) != 0)
		return r;
	if (fcntl(fd, F_SETLK, &lock) == 0)
		return 0;
	close(fd);
	return ss_fail(SS_EREADER, "the card %s is in a reader", dir);
}

int
ss_insert_end(const char *dir, bool *was)
{
	struct flock lock = { .l_type = F_WRLCK, .l_whence = SEEK_SET };
	int fd = -1, r;

	*was = false;
	if (access(dir, X_OK) == -1)
		return ss_fail_errno(dir);
	if ((r = open_mark(dir, 0, &fd)) != 0)
		return r == SS_EMISSING ? 0 : r;
	if (fcntl(fd, F_GETLK, &lock) == -1)
		r = ss_fail_errno(dir);
	else if (lock.l_type != F_UNLCK)
		*was = true;
	/* A process of another container has no id here. */
	if (*was && (lock.l_pid <= 0 || kill(lock.l_pid, SIGTERM) == -1)) {
		*was = false;
		r = ss_fail(SS_EREADER, "the process that keeps the card %s in "
		    "a reader cannot be ended from here", dir);
	}
	lock = (struct flock){ .l_type = F_WRLCK, .l_whence = SEEK_SET };
	while (*was && fcntl(fd, F_SETLKW, &lock) == -1)
		if (errno != EINTR) {
			r = ss_fail_errno(dir);
			break;
		}
	close(fd);
	if (*was)
		ss_soft_await(dir);
	return r;
}

/* --- the process that keeps cards in */

static void
say_shown(void *ctx)
{
	int *fd = ctx;
	const char byte = SHOWN;

	if (*fd == -1)
		return;
	/* Who waits may have given up. */
	if (write(*fd, &byte, 1) == 1)
		errno = 0;
	close(*fd);
	*fd = -1;
}

static int
serve_one(const struct ss_insert *in, size_t i, int *fd, bool *gone)
{
	const struct ss_vpcd_stay stay = { .once = in->count > 1,
		.shown = say_shown, .ctx = fd };
	struct ss_softcard *card;
	int r;

	if ((r = ss_softcard_open(&card, in->dirs[i], in->profiles)) != 0)
		return r;
	r = ss_vpcd_serve(card, in->port, &stay, gone);
	ss_softcard_close(card);
	return r;
}

/* Whoever waits for the end of something that we were started with should not
 * wait for us; fd becomes another number. */
static void
let_go(int *fd)
{
	if (*fd != STDERR_FILENO + 1 && dup2(*fd, STDERR_FILENO + 1) != -1)
		*fd = STDERR_FILENO + 1;
	if (*fd == STDERR_FILENO + 1)
		closefrom(*fd + 1);
}

int
ss_insert_serve(const struct ss_insert *in, int fd)
{
	struct sigaction ignore = { .sa_handler = SIG_IGN };
	bool gone = false;
	size_t i;
	int r = 0;

	let_go(&fd);
	sigaction(SIGPIPE, &ignore, NULL);
	for (i = 0; r == 0 && i < in->count; i++)
		r = mark(in->dirs[i]);
	for (i = 0; r == 0 && !gone && i < in->count; i++)
		r = serve_one(in, i, &fd, &gone);
	if (fd == -1)
		return r;
	if (r == 0)
		r = ss_fail(SS_EREADER, "the reader has gone");
	/* Who waits may have given up. */
	if (write(fd, ss_message(), strlen(ss_message())) == -1)
		errno = 0;
	close(fd);
	return r;
}

int
ss_insert_wait(int fd, int64_t wait_ms)
{
	int64_t left, deadline = ss_monotonic() + wait_ms;
	struct pollfd p = { .fd = fd, .events = POLLIN };
	char text[SS_MESSAGE_MAX];
	ssize_t n = -1;

	while ((left = deadline - ss_monotonic()) > 0 &&
	    poll(&p, 1, (int)left) <= 0)
		;
	if (left > 0)
		n = read(fd, text, sizeof(text) - 1);
	if (n > 0 && text[0] == SHOWN)
		return 0;
	if (n <= 0)
		return ss_fail(SS_EREADER, left > 0 ?
		    "the card's process has ended" :
		    "no reader has shown the card in time");
	text[n] = '\0';
	return ss_fail(SS_EREADER, "%s", text);
}
