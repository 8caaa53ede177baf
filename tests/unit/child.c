/*
 * Commands that read, do not read, fail, hang and leave others behind: how
 * they ended, how long that took, and what they were given of us.
 */
#include <sys/wait.h>

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/bytes.h"
#include "base/child.h"
#include "base/err.h"
#include "base/time.h"
#include "../tap.h"

#define LONG 60000	/* a time that no command here needs, in ms */
#define LARGE (5u << 20)
#define THREADS 8
#define SECRET "wang@example.org"

static char folder[] = "/tmp/sscard-child.XXXXXX";
static char *large;

/* A command's code, its status beside it; it stands in the folder. */
static int
run(const char *command, const char *text, int *status)
{
	return ss_child_run(command, text, strlen(text), LONG, status);
}

static void
ends(const char *command, int want)
{
	int status = 99, r = run(command, SECRET, &status);

	ok(r == (want == 0 ? 0 : SS_EIO) && status == want,
	    "status %d of: %s", want, command);
	if (r != 0)
		ok(strstr(ss_message(), SECRET) == NULL &&
		    strstr(ss_message(), "echo") == NULL,
		    "the sentence tells nothing: %s", ss_message());
}

static bool
no_children(void)
{
	return waitpid(-1, NULL, WNOHANG) == -1 && errno == ECHILD;
}

/* What a command wrote to a file of the folder. */
static const char *
wrote(const char *name)
{
	static struct ss_bytes text;

	ss_bytes_reset(&text);
	if (ss_bytes_read_file(&text, name, name, LARGE + 1) != 0 ||
	    text.len == 0)
		return "";
	return text.data;
}

static void
test_ends(void)
{
	ends("exit 0", 0);
	ends("cat >/dev/null", 0);
	ends("exit 3", 3);
	ends("echo " SECRET " >&2; exit 75", 75);
	ends("echo no-such-command; no-such-command", 127);
	ends("kill -9 $$", 128 + 9);
	ends("kill -TERM $$", 128 + 15);
	ends("-no-such-command", 127);
	ends("", 0);
	run("no-such-command", "", &(int){ 0 });
	is(ss_message(), "the command ended with status 127: it is not there "
	    "or cannot be run", "its sentence");
}

static void
test_text(void)
{
	int status;

	ok(run("cat >small", "a\nb $(echo c) `echo d`\n", &status) == 0,
	    "a text");
	is(wrote("small"), "a\nb $(echo c) `echo d`\n", "as it was");
	ok(run("cat >empty", "", &status) == 0, "an empty text ends");
	is(wrote("empty"), "", "as it was");
	ok(ss_child_run("cat >large", large, LARGE, LONG, &status) == 0,
	    "5 MB to a reader");
	ok(strcmp(wrote("large"), large) == 0, "as they were");
	ok(ss_child_run("exit 0", large, LARGE, LONG, &status) == 0,
	    "5 MB to one that reads nothing");
	ok(ss_child_run("head -c 70000 >part; exit 4", large, LARGE, LONG,
	    &status) == SS_EIO && status == 4, "or not all");
	ok(ss_child_run("exec 0<&-; exit 5", large, LARGE, LONG,
	    &status) == SS_EIO && status == 5, "or hangs up first");
	ok(run("echo out; echo err >&2", "", &status) == 0,
	    "what it says is not heard");
}

/* Descriptors of ours without O_CLOEXEC, as a library might have them. */
static void
test_descriptors(void)
{
	int status, high, low = open("/dev/zero", O_RDONLY);

	high = fcntl(low, F_DUPFD, 700);
	ok(run("(for f in /proc/$$/fd/*; do echo ${f##*/}; done >fds); :", "",
	    &status) == 0 && low > 2 && high >= 700, "descriptors");
	is(wrote("fds"), "0\n1\n2\n", "none but the first three");
	ok(run("a=$(readlink /proc/$$/fd/0) b=$(readlink /proc/$$/fd/1)"
	    " c=$(readlink /proc/$$/fd/2); echo ${a%:*} $b $c >fds", "",
	    &status) == 0, "and what they are");
	is(wrote("fds"), "pipe /dev/null /dev/null\n", "as promised");
	close(low);
	close(high);
}

/* Without 0, 1 and 2 the pipe itself gets their numbers. */
static void
test_closed(void)
{
	int status, i, r, kept[3];

	for (i = 0; i < 3; i++) {
		kept[i] = fcntl(i, F_DUPFD_CLOEXEC, 10);
		close(i);
	}
	r = run("cat >closed", "text\n", &status);
	for (i = 0; i < 3; i++) {
		dup2(kept[i], i);
		close(kept[i]);
	}
	ok(r == 0, "without descriptors of our own");
	is(wrote("closed"), "text\n", "the text is there");
}

static void
test_signals(void)
{
	sigset_t held, old, after;
	int status;

	sigemptyset(&held);
	sigaddset(&held, SIGTERM);
	sigaddset(&held, SIGUSR1);
	pthread_sigmask(SIG_BLOCK, &held, &old);
	signal(SIGPIPE, SIG_IGN);
	ok(run("a=$(sed -n 's/^SigBlk:.//p' /proc/$$/status)"
	    " b=$(sed -n 's/^SigIgn:.//p' /proc/$$/status);"
	    "echo $((0x$a)) $((0x$b >> 12 & 1)) >signals; kill -TERM $$", "",
	    &status) == SS_EIO && status == 128 + 15,
	    "a signal held by us reaches the command");
	is(wrote("signals"), "0 0\n", "none is held there, and SIGPIPE ends");
	signal(SIGPIPE, SIG_DFL);
	pthread_sigmask(SIG_SETMASK, NULL, &after);
	ok(sigismember(&after, SIGTERM) == 1 && sigismember(&after,
	    SIGPIPE) == 0, "our own are as before");
	pthread_sigmask(SIG_SETMASK, &old, NULL);
	ok(ss_child_run("exit 0", large, LARGE, LONG, &status) == 0,
	    "and no SIGPIPE is left to end us");
	ok(run("test \"$(cut -d' ' -f5 /proc/$$/stat)\" = $$", "",
	    &status) == 0, "it has a group of its own");
}

static void
test_environment(void)
{
	int status;

	setenv("CHILD_TEST", "as it is", 1);
	ok(run("env >one", "", &status) == 0, "the environment");
	ok(strstr(wrote("one"), "CHILD_TEST=as it is\n") != NULL,
	    "is passed on");
	unsetenv("CHILD_TEST");
}

/* Whether a command is stopped, and when, in ms. */
static void
stops(const char *command, int64_t limit, int64_t from, int64_t to)
{
	int64_t start = ss_monotonic(), took;
	int status = 0, r = ss_child_run(command, large, LARGE, limit,
	    &status);

	took = ss_monotonic() - start;
	ok(r == SS_EIO && status == -1 && took >= from && took < to,
	    "stopped after %lld ms: %s", (long long)took, command);
}

static void
test_time(void)
{
	char command[96];
	int64_t start;
	int status;

	stops("sleep 100", 200, 200, 9000);
	is(ss_message(), "the command did not end within 200 ms and was "
	    "stopped", "the sentence");
	stops("sleep 100 & wait", 200, 200, 9000);
	stops("sleep 100 | sleep 100; true", 200, 200, 9000);
	stops("trap '' TERM; while :; do sleep 0.1; done", 200, 2200, 9000);
	snprintf(command, sizeof(command),
	    "(trap '' TERM; exec sleep %d.987) & sleep 100", getpid());
	stops(command, 200, 2200, 9000);
	stops("kill -STOP $$", 200, 2200, 9000);
	stops("(trap 'sleep 0.2; echo done >asked; exit' TERM;"
	    "while :; do sleep 0.01; done) & wait", 200, 400, 9000);
	is(wrote("asked"), "done\n", "who is asked to end may do so in peace");
	snprintf(command, sizeof(command),
	    "! ps -eo args | grep -q '^sleep %d.987$'", getpid());
	ok(run(command, "", &status) == 0,
	    "what did not heed the signal is gone too");
	start = ss_monotonic();
	ok(run("sleep 7 & exit 0", "text", &status) == 0 &&
	    ss_monotonic() - start < 5000,
	    "one that is left behind with the pipe does not hold us");
	start = ss_monotonic();
	ok(ss_child_run("sleep 7 <&0 & exit 6", large, LARGE, LONG,
	    &status) == SS_EIO && status == 6 && ss_monotonic() - start < 5000,
	    "nor when it was to read much");
}

static void *
run_some(void *ctx)
{
	int i, status, want = *(int *)ctx;
	char command[64];

	snprintf(command, sizeof(command), "cat >/dev/null; exit %d", want);
	for (i = 0; i < 10; i++)
		if (ss_child_run(command, large, 100000, LONG, &status) !=
		    SS_EIO || status != want)
			return ctx;
	return NULL;
}

static void
test_threads(void)
{
	pthread_t threads[THREADS];
	int i, status[THREADS], bad = 0;
	void *wrong;

	for (i = 0; i < THREADS; i++) {
		status[i] = i + 1;
		pthread_create(&threads[i], NULL, run_some, &status[i]);
	}
	for (i = 0; i < THREADS; i++) {
		pthread_join(threads[i], &wrong);
		bad += wrong != NULL;
	}
	ok(bad == 0, "each of several threads gets its own status");
}

int
main(void)
{
	static const char *const files[] = { "small", "empty", "large", "part",
		"fds", "closed", "signals", "one", "asked" };
	size_t i;

	if (mkdtemp(folder) == NULL || chdir(folder) != 0 ||
	    (large = malloc(LARGE + 1)) == NULL) {
		printf("Bail out! %s\n", folder);
		return 1;
	}
	for (i = 0; i < LARGE; i++)
		large[i] = (char)('!' + i * 31 % 89);
	large[LARGE] = '\0';
	test_ends();
	test_text();
	test_descriptors();
	test_closed();
	test_signals();
	test_environment();
	test_time();
	test_threads();
	ok(no_children(), "no child is left");
	for (i = 0; i < sizeof(files) / sizeof(files[0]); i++)
		unlink(files[i]);
	rmdir(folder);
	free(large);
	return done();
}
