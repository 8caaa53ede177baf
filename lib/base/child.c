#define _GNU_SOURCE	/* pipe2, addclosefrom_np */
#include <sys/wait.h>

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/err.h"
#include "base/child.h"
#include "base/time.h"

#define GRACE_MS 2000	/* between being asked to end and being made to */
#define NAP_MAX 16	/* the longest between two looks, in milliseconds */

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
fail_start(int e)
{
	errno = e;
	return ss_fail_errno("cannot start the command");
}

/* What becomes of the descriptors; 0 or errno. */
static int
plan_files(posix_spawn_file_actions_t *files, int in)
{
	int e;

	if ((e = posix_spawn_file_actions_adddup2(files, in, 0)) != 0 ||
	    (e = posix_spawn_file_actions_addopen(files, 1, "/dev/null",
	    O_WRONLY, 0)) != 0 ||
	    (e = posix_spawn_file_actions_adddup2(files, 1, 2)) != 0)
		return e;
	/* Whatever a library has opened without O_CLOEXEC goes as well. */
	return posix_spawn_file_actions_addclosefrom_np(files, 3);
}

/* Signals that we handle go back to their default by themselves; SIGPIPE may
 * be ignored here, and is what tells a writer that its reader has gone. */
static int
plan_signals(posix_spawnattr_t *attr)
{
	sigset_t set;
	int e;

	sigemptyset(&set);
	if ((e = posix_spawnattr_setsigmask(attr, &set)) != 0)
		return e;
	sigaddset(&set, SIGPIPE);
	if ((e = posix_spawnattr_setsigdefault(attr, &set)) != 0 ||
	    (e = posix_spawnattr_setpgroup(attr, 0)) != 0)
		return e;
	return posix_spawnattr_setflags(attr, POSIX_SPAWN_SETPGROUP |
	    POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
}

/* posix_spawn, since other threads may hold any lock at this moment. */
static int
spawn(struct child *c, const char *command, int in)
{
	char *const argv[] = { (char *)(uintptr_t)"sh",
		(char *)(uintptr_t)"-c", (char *)(uintptr_t)"--",
		(char *)(uintptr_t)command, NULL };
	posix_spawn_file_actions_t files;
	posix_spawnattr_t attr;
	int e;

	if ((e = posix_spawn_file_actions_init(&files)) != 0)
		return e;
	if ((e = posix_spawnattr_init(&attr)) == 0) {
		if ((e = plan_files(&files, in)) == 0 &&
		    (e = plan_signals(&attr)) == 0)
			e = posix_spawn(&c->pid, "/bin/sh", &files, &attr,
			    argv, environ);
		posix_spawnattr_destroy(&attr);
	}
	posix_spawn_file_actions_destroy(&files);
	return e;
}

static int
start(struct child *c, const char *command)
{
	int e, ends[2];

	if (pipe2(ends, O_CLOEXEC) == -1)
		return fail_start(errno);
	e = spawn(c, command, ends[0]);
	close(ends[0]);
	if (e != 0 || fcntl(ends[1], F_SETFL, O_NONBLOCK) == -1) {
		close(ends[1]);
		return fail_start(e != 0 ? e : errno);
	}
	c->in = ends[1];
	return 0;
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
	} else if (!c->made && now - c->asked >= GRACE_MS) {
		c->made = true;
		kill(-c->pid, SIGKILL);
	}
}

/* Whether the shell has ended; it stays to be waited for. */
static bool
has_ended(const struct child *c)
{
	siginfo_t info = { .si_pid = 0 };

	return waitid(P_PID, (id_t)c->pid, &info, WEXITED | WNOHANG |
	    WNOWAIT) == -1 ? errno != EINTR : info.si_pid != 0;
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
	while (!has_ended(c)) {
		now = ss_monotonic();
		press(c, now, deadline);
		nap(c, deadline - now > 0 && deadline - now < ms ? 1 : ms);
		if (ms < NAP_MAX)
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
	while (!c->made && ss_monotonic() - c->asked < GRACE_MS &&
	    (kill(-c->pid, 0) == 0 || errno == EPERM))
		nap(c, NAP_MAX);
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

/* Holds SIGPIPE back from this thread; whether one was waiting already. */
static bool
hold_pipe(sigset_t *pipe_only, sigset_t *old)
{
	sigset_t pending;

	sigemptyset(pipe_only);
	sigaddset(pipe_only, SIGPIPE);
	sigpending(&pending);
	pthread_sigmask(SIG_BLOCK, pipe_only, old);
	return sigismember(&pending, SIGPIPE) == 1;
}

/* Lets it through again, without the one that our own writing has made. */
static void
release_pipe(const sigset_t *pipe_only, const sigset_t *old, bool before)
{
	const struct timespec none = { 0, 0 };

	while (!before && sigtimedwait(pipe_only, NULL, &none) == -1 &&
	    errno == EINTR)
		;
	pthread_sigmask(SIG_SETMASK, old, NULL);
}

int
ss_child_run(const char *command, const void *text, size_t len,
    int64_t timeout_ms, int *status)
{
	struct child c = { .pid = -1, .in = -1, .text = text, .left = len };
	sigset_t pipe_only, old;
	bool before;
	int r;

	*status = -1;
	if ((r = start(&c, command)) != 0)
		return r;
	before = hold_pipe(&pipe_only, &old);
	feed(&c);
	attend(&c, timeout_ms);
	reap(&c);
	if (c.asked != 0)
		end_others(&c);
	release_pipe(&pipe_only, &old, before);
	return judge(&c, timeout_ms, status);
}
