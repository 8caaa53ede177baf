#include <sys/wait.h>

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/bytes.h"
#include "base/child_own.h"
#include "base/err.h"
#include "base/talk.h"
#include "base/text.h"
#include "base/time.h"

#define PATIENCE_MS 1000	/* for ending by itself */
#define CHUNK 4096
#define PIPE_CHUNKS 16
#define LOOK_MS 100		/* between two looks whether it has ended */

struct ss_talk {
	pid_t pid;		/* also that of its group; -1: not started */
	int in, out, err;	/* our ends; -1: closed */
	struct ss_bytes heard;
	size_t used;		/* of heard: the last answer and its newline */
	struct ss_bytes said;	/* on standard error */
	bool said_all;		/* to the end of the line */
	bool gone;
};

/* What is being said. */
struct turn {
	const char *text;
	size_t left;
	size_t limit;
	int64_t deadline;
};

static void
shut(int *fd)
{
	if (*fd != -1)
		close(*fd);
	*fd = -1;
}

static int
start(struct ss_talk *t, const char *command)
{
	struct ss_child_files f = { -1, -1, -1 };
	int r;

	if ((r = ss_child_pipe(true, &t->in, &f.in)) == 0 &&
	    (r = ss_child_pipe(false, &t->out, &f.out)) == 0 &&
	    (r = ss_child_pipe(false, &t->err, &f.err)) == 0)
		r = ss_child_start(command, &f, true, &t->pid);
	shut(&f.in);
	shut(&f.out);
	shut(&f.err);
	return r;
}

int
ss_talk_open(struct ss_talk **out, const char *command)
{
	struct ss_talk *t;
	int r;

	*out = NULL;
	if ((t = calloc(1, sizeof(*t))) == NULL)
		return ss_fail(SS_EMEMORY, "out of memory");
	t->pid = -1;
	t->in = t->out = t->err = -1;
	if ((r = start(t, command)) != 0) {
		ss_talk_close(t);
		return r;
	}
	*out = t;
	return 0;
}

/* Whether it ends within ms. */
static bool
ends(const struct ss_talk *t, int64_t ms)
{
	int64_t until = ss_monotonic() + ms;
	int nap = 1;

	while (!ss_child_ended(t->pid)) {
		if (ss_monotonic() >= until)
			return false;
		poll(NULL, 0, nap);
		if (nap < SS_CHILD_NAP_MAX)
			nap *= 2;
	}
	return true;
}

/* The group keeps its number until its first one is waited for. */
static void
end(struct ss_talk *t)
{
	if (!ends(t, PATIENCE_MS)) {
		kill(-t->pid, SIGTERM);
		ends(t, SS_CHILD_GRACE_MS);
	}
	kill(-t->pid, SIGKILL);
	while (waitpid(t->pid, NULL, 0) == -1 && errno == EINTR)
		;
}

void
ss_talk_close(struct ss_talk *t)
{
	if (t == NULL)
		return;
	shut(&t->in);
	shut(&t->out);
	shut(&t->err);
	if (t->pid != -1)
		end(t);
	ss_bytes_free(&t->heard);
	ss_bytes_free(&t->said);
	free(t);
}

/* Of what stands on standard error the last line is kept: it is the one that
 * says why. */
static void
overhear(struct ss_talk *t)
{
	char buf[CHUNK];
	ssize_t i, n = read(t->err, buf, sizeof(buf));

	if (n == 0 || (n == -1 && errno != EINTR && errno != EAGAIN))
		shut(&t->err);
	for (i = 0; i < n; i++) {
		if (buf[i] == '\n') {
			t->said_all = true;
			continue;
		}
		if (t->said_all)
			ss_bytes_reset(&t->said);
		t->said_all = false;
		if (t->said.len < SS_TALK_SAID - 1)
			ss_bytes_addc(&t->said, buf[i]);
	}
	ss_text_clean(&t->said, 0);
}

/* The sentence of its end, which may be a moment behind its last word. */
static int
fail_gone(struct ss_talk *t)
{
	siginfo_t info = { .si_pid = 0 };
	const bool ended = ends(t, PATIENCE_MS / 2);
	int i;

	t->gone = true;
	/* A pipe holds so much. */
	for (i = 0; i < PIPE_CHUNKS && t->err != -1; i++)
		overhear(t);
	if (!ended || waitid(P_PID, (id_t)t->pid, &info,
	    WEXITED | WNOHANG | WNOWAIT) == -1 || info.si_pid == 0)
		return ss_fail(SS_EIO, "it hung up");
	if (info.si_code != CLD_EXITED)
		return ss_fail(SS_EIO, "it was ended by signal %d",
		    info.si_status);
	return ss_fail(SS_EIO, "it ended with status %d%s", info.si_status,
	    info.si_status == 126 || info.si_status == 127 ?
	    ": it is not there or cannot be run" : "");
}

/* As much as goes in at once. One who does not read may yet have answered. */
static void
speak(struct ss_talk *t, struct turn *turn)
{
	ssize_t n;

	while (turn->left > 0) {
		n = write(t->in, turn->text, turn->left);
		if (n == -1 && errno == EINTR)
			continue;
		if (n == -1 && errno == EAGAIN)
			return;
		if (n == -1) {
			shut(&t->in);
			turn->left = 0;
			return;
		}
		turn->text += n;
		turn->left -= (size_t)n;
	}
}

/* Reads once; a piece is never more than the longest answer has room for. */
static int
hear(struct ss_talk *t, const struct turn *turn)
{
	size_t most = turn->limit + 1 - t->heard.len;
	ssize_t n;
	char *p;

	if (most > CHUNK)
		most = CHUNK;
	if ((p = ss_bytes_room(&t->heard, most)) == NULL)
		return ss_bytes_check(&t->heard);
	while ((n = read(t->out, p, most)) == -1 && errno == EINTR)
		;
	if (n == -1 && errno == EAGAIN)
		return 0;
	if (n <= 0)
		return fail_gone(t);
	t->heard.len += (size_t)n;
	return 0;
}

/* What it has left behind may hold its end open: the first one counts. */
static int
check_there(struct ss_talk *t, const struct turn *turn)
{
	const size_t before = t->heard.len;
	int r;

	if (!ss_child_ended(t->pid))
		return 0;
	if ((r = hear(t, turn)) == 0 && t->heard.len == before)
		r = fail_gone(t);
	return r;
}

/* Waits until something can be done, and does it. */
static int
turn_once(struct ss_talk *t, struct turn *turn)
{
	struct pollfd fds[] = {
		{ .fd = turn->left > 0 ? t->in : -1, .events = POLLOUT },
		{ .fd = t->out, .events = POLLIN },
		{ .fd = t->err, .events = POLLIN },
	};
	int64_t left = turn->deadline - ss_monotonic();

	if (left <= 0)
		return ss_fail(SS_EIO, "it did not answer in time");
	if (poll(fds, 3, left < LOOK_MS ? (int)left : LOOK_MS) <= 0)
		return check_there(t, turn);
	if (fds[0].revents != 0)
		speak(t, turn);
	if (fds[2].revents != 0)
		overhear(t);
	return fds[1].revents != 0 ? hear(t, turn) : 0;
}

/* Nothing may stand there before the question. */
static int
check_quiet(struct ss_talk *t, const struct turn *turn)
{
	int r;

	if (t->heard.len == t->used) {
		ss_bytes_reset(&t->heard);
		t->used = 0;
		if ((r = hear(t, turn)) != 0)
			return r;
	}
	return t->heard.len == t->used ? 0 :
	    ss_fail(SS_EINVALID, "it spoke without being asked");
}

static int
converse(struct ss_talk *t, struct turn *turn)
{
	const char *nl = NULL;
	size_t seen = 0;
	int r;

	if ((r = check_quiet(t, turn)) != 0)
		return r;
	speak(t, turn);
	while (nl == NULL) {
		if (t->heard.len > turn->limit)
			return ss_fail(SS_EINVALID, "its answer has no end");
		if ((r = turn_once(t, turn)) != 0)
			return r;
		if (t->heard.len > seen)
			nl = memchr(t->heard.data + seen, '\n',
			    t->heard.len - seen);
		seen = t->heard.len;
	}
	t->used = (size_t)(nl - t->heard.data) + 1;
	return turn->left == 0 && t->used == t->heard.len ? 0 :
	    ss_fail(SS_EINVALID, "it spoke without being asked");
}

int
ss_talk_ask(struct ss_talk *t, const char *line, size_t len, size_t limit,
    int64_t timeout_ms, const char **answer, size_t *answer_len)
{
	struct turn turn = { line, len, limit, ss_monotonic() + timeout_ms };
	struct ss_child_hold hold;
	int r;

	*answer = NULL;
	*answer_len = 0;
	ss_child_hold(&hold);
	r = t->in != -1 ? converse(t, &turn) : fail_gone(t);
	ss_child_release(&hold);
	if (r != 0)
		return r;
	*answer = t->heard.data;
	*answer_len = t->used - 1;
	return 0;
}

bool
ss_talk_gone(const struct ss_talk *t)
{
	return t->gone;
}

const char *
ss_talk_said(const struct ss_talk *t)
{
	return t->said.len > 0 ? t->said.data : "";
}
