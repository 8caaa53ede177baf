#include <sys/wait.h>

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <unistd.h>

#include "base/child.h"
#include "base/child_own.h"
#include "base/err.h"
#include "base/time.h"

/* A command at work. */
struct child {
	pid_t pid;		/* also that of its group */
	int in;			/* where the text goes; -1 when that is done */
	const char *text;
	size_t left;
	int64_t asked;		/* when it was asked to end; 0: it was not */
	bool made;		/* to end */
	int how;		/* it ended, as waitpid has it; -1: unknown */
};

static int
start(struct child *c, const char *command)
{
	int r, in;

	if ((r = ss_child_pipe(true, &c->in, &in)) != 0)
		return r;
	r = ss_child_start(command, &(struct ss_child_files){ in, -1, -1 },
	    false, &c->pid);
	close(in);
	if (r != 0)
		close(c->in);
	return r;
}

static void
hang_up(struct child *c)
{
	if (c->in != -1)
		close(c->in);
	c->in = -1;
}

/* As much as goes in at once. A reader that has gone is no fault of ours: its
 * exit status says whether it had enough. */
static void
feed(struct child *c)
{
	ssize_t n;

	while (c->left > 0) {
		n = write(c->in, c->text, c->left);
		if (n == -1 && errno == EINTR)
			continue;
		if (n == -1 && errno == EAGAIN)
			return;
		if (n == -1)
			break;
		c->text += n;
		c->left -= (size_t)n;
	}
	hang_up(c);
}

/* Waits a while, or until more of the text can be written. */
static void
nap(struct child *c, int ms)
{
	struct pollfd fd = { .fd = c->in, .events = POLLOUT };

	if (poll(&fd, c->in != -1, ms) > 0)
		feed(c);
}

/* Ends a group that has had its time. */
static void
press(struct child *c, int64_t now, int64_t deadline)
{
	if (now < deadline)
		return;
	if (c->asked == 0) {
		c->asked = now;
		hang_up(c);
		kill(-c->pid, SIGTERM);
	} else if (!c->made && now - c->asked >= SS_CHILD_GRACE_MS) {
		c->made = true;
		kill(-c->pid, SIGKILL);
	}
}

/* Looks every now and then, for there is no waiting for both a child and a
 * descriptor that would not take over the process's signals. */
static void
attend(struct child *c, int64_t timeout_ms)
{
	int64_t now, start = ss_monotonic(), deadline;
	int ms = 1;

	deadline = timeout_ms < INT64_MAX - start ? start + timeout_ms :
	    INT64_MAX;
	while (!ss_child_ended(c->pid)) {
		now = ss_monotonic();
		press(c, now, deadline);
		nap(c, deadline - now > 0 && deadline - now < ms ? 1 : ms);
		if (ms < SS_CHILD_NAP_MAX)
			ms *= 2;
	}
	hang_up(c);
}

static void
reap(struct child *c)
{
	pid_t pid;

	while ((pid = waitpid(c->pid, &c->how, 0)) == -1 && errno == EINTR)
		;
	if (pid == -1)
		c->how = -1;
}

/* What the shell has left of a group that was asked to end has its time too.
 * The group keeps its number as long as anyone is in it. */
static void
end_others(struct child *c)
{
	while (!c->made && ss_monotonic() - c->asked < SS_CHILD_GRACE_MS &&
	    (kill(-c->pid, 0) == 0 || errno == EPERM))
		nap(c, SS_CHILD_NAP_MAX);
	kill(-c->pid, SIGKILL);
}

/* The end of the shell as a code. */
static int
judge(const struct child *c, int64_t timeout_ms, int *status)
{
	if (c->asked != 0)
		return ss_fail(SS_EIO, "the command did not end within %lld ms "
		    "and was stopped", (long long)timeout_ms);
	if (c->how == -1)
		return ss_fail(SS_EIO, "cannot learn how the command ended");
	if (WIFSIGNALED(c->how)) {
		*status = 128 + WTERMSIG(c->how);
		return ss_fail(SS_EIO, "the command was ended by signal %d",
		    WTERMSIG(c->how));
	}
	*status = WEXITSTATUS(c->how);
	if (*status == 126 || *status == 127)
		return ss_fail(SS_EIO, "the command ended with status %d: it "
		    "is not there or cannot be run", *status);
	return *status == 0 ? 0 :
	    ss_fail(SS_EIO, "the command ended with status %d", *status);
}

int
ss_child_run(const char *command, const void *text, size_t len,
    int64_t timeout_ms, int *status)
{
	struct child c = { .pid = -1, .in = -1, .text = text, .left = len };
	struct ss_child_hold hold;
	int r;

	*status = -1;
	if ((r = start(&c, command)) != 0)
		return r;
	ss_child_hold(&hold);
	feed(&c);
	attend(&c, timeout_ms);
	reap(&c);
	if (c.asked != 0)
		end_others(&c);
	ss_child_release(&hold);
	return judge(&c, timeout_ms, status);
}
