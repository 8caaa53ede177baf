#define _GNU_SOURCE	/* pipe2, addclosefrom_np, POSIX_SPAWN_SETSID */
#include <sys/wait.h>

#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdint.h>
#include <time.h>
#include <unistd.h>

#include "base/child_own.h"
#include "base/err.h"

static int
fail_start(int e)
{
	errno = e;
	return ss_fail_errno("cannot start the command");
}

static int
plan_file(posix_spawn_file_actions_t *files, int fd, int to)
{
	if (fd != -1)
		return posix_spawn_file_actions_adddup2(files, fd, to);
	return posix_spawn_file_actions_addopen(files, to, "/dev/null",
	    to == STDIN_FILENO ? O_RDONLY : O_WRONLY, 0);
}

/* What becomes of the descriptors; 0 or errno. */
static int
plan_files(posix_spawn_file_actions_t *files, const struct ss_child_files *f)
{
	int e;

	if ((e = plan_file(files, f->in, STDIN_FILENO)) != 0 ||
	    (e = plan_file(files, f->out, STDOUT_FILENO)) != 0 ||
	    (e = plan_file(files, f->err, STDERR_FILENO)) != 0)
		return e;
	/* Whatever a library has opened without O_CLOEXEC goes as well. */
	return posix_spawn_file_actions_addclosefrom_np(files, 3);
}

/* Signals that we handle go back to their default by themselves; SIGPIPE and
 * SIGXFSZ may be ignored here, and SIGPIPE is what tells a writer that its
 * reader has gone. */
static int
plan_signals(posix_spawnattr_t *attr, bool alone)
{
	sigset_t set;
	int e;

	sigemptyset(&set);
	if ((e = posix_spawnattr_setsigmask(attr, &set)) != 0)
		return e;
	sigaddset(&set, SIGPIPE);
	sigaddset(&set, SIGXFSZ);
	if ((e = posix_spawnattr_setsigdefault(attr, &set)) != 0 ||
	    (e = posix_spawnattr_setpgroup(attr, 0)) != 0)
		return e;
	return posix_spawnattr_setflags(attr, (short)((alone ?
	    POSIX_SPAWN_SETSID : POSIX_SPAWN_SETPGROUP) |
	    POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF));
}

/* posix_spawn, since other threads may hold any lock at this moment. */
int
ss_child_start(const char *command, const struct ss_child_files *f, bool alone,
    pid_t *pid)
{
	char *const argv[] = { (char *)(uintptr_t)"sh",
		(char *)(uintptr_t)"-c", (char *)(uintptr_t)"--",
		(char *)(uintptr_t)command, NULL };
	posix_spawn_file_actions_t files;
	posix_spawnattr_t attr;
	int e;

	*pid = -1;
	if ((e = posix_spawn_file_actions_init(&files)) != 0)
		return fail_start(e);
	if ((e = posix_spawnattr_init(&attr)) == 0) {
		if ((e = plan_files(&files, f)) == 0 &&
		    (e = plan_signals(&attr, alone)) == 0)
			e = posix_spawn(pid, "/bin/sh", &files, &attr,
			    argv, environ);
		posix_spawnattr_destroy(&attr);
	}
	posix_spawn_file_actions_destroy(&files);
	return e == 0 ? 0 : fail_start(e);
}

int
ss_child_pipe(bool into, int *ours, int *theirs)
{
	int ends[2], e;

	*ours = *theirs = -1;
	if (pipe2(ends, O_CLOEXEC) == -1)
		return fail_start(errno);
	if (fcntl(ends[into], F_SETFL, O_NONBLOCK) == -1) {
		e = errno;
		close(ends[0]);
		close(ends[1]);
		return fail_start(e);
	}
	*ours = ends[into];
	*theirs = ends[!into];
	return 0;
}

bool
ss_child_ended(pid_t pid)
{
	siginfo_t info = { .si_pid = 0 };

	return waitid(P_PID, (id_t)pid, &info, WEXITED | WNOHANG |
	    WNOWAIT) == -1 ? errno != EINTR : info.si_pid != 0;
}

void
ss_child_hold(struct ss_child_hold *h)
{
	sigset_t pending;

	sigemptyset(&h->only);
	sigaddset(&h->only, SIGPIPE);
	sigpending(&pending);
	pthread_sigmask(SIG_BLOCK, &h->only, &h->old);
	h->before = sigismember(&pending, SIGPIPE) == 1;
}

void
ss_child_release(const struct ss_child_hold *h)
{
	const struct timespec none = { 0, 0 };

	while (!h->before && sigtimedwait(&h->only, NULL, &none) == -1 &&
	    errno == EINTR)
		;
	pthread_sigmask(SIG_SETMASK, &h->old, NULL);
}
