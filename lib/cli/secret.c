#include <sys/select.h>

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include "base/crypto.h"
#include "base/err.h"
#include "cli/secret.h"

#define TRIES 3

static const int signals[] = { SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGTSTP };
#define SIGNALS (sizeof(signals) / sizeof(signals[0]))

/* The signal that came while the terminal did not echo. */
static volatile sig_atomic_t caught;

static void
on_signal(int sig)
{
	caught = sig;
}

/* Waits for a byte with the signals of waiting let through, and no signal lost
 * between a look at caught and the wait. NULL: only the read waits. */
static bool
wait_byte(int fd, const sigset_t *waiting)
{
	fd_set set;
	int n;

	if (waiting == NULL)
		return true;
	do {
		FD_ZERO(&set);
		FD_SET(fd, &set);
		n = pselect(fd + 1, &set, NULL, NULL, NULL, waiting);
	} while (n == -1 && errno == EINTR && caught == 0);
	return n != -1;
}

/* A line's end or the end of what there is; 0, or a code. Byte by byte, so
 * that the next line is left to whom it is for. */
static int
read_line(int fd, const char *what, const sigset_t *waiting, char *out,
    size_t size)
{
	size_t n = 0;
	ssize_t got;
	bool fits = true;
	char c = '\0';

	for (;;) {
		got = wait_byte(fd, waiting) ? read(fd, &c, 1) : -1;
		if (got == -1 && errno == EINTR && caught == 0)
			continue;
		if (got == -1)
			return ss_fail_errno(what);
		if (got == 0 || c == '\n')
			break;
		fits = fits && n < size - 1 && c != '\0';
		if (fits)
			out[n++] = c;
	}
	ss_wipe(&c, sizeof(c));
	if (!fits)
		return ss_fail(SS_EINVALID, "%s: more than %zu bytes, or a NUL",
		    what, size - 1);
	out[n] = '\0';
	return n > 0 || got > 0 ? 0 : ss_fail(SS_EINVALID, "%s: there is no "
	    "line of it", what);
}

static int
open_terminal(const char *option)
{
	int fd = open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY);

	if (fd == -1)
		ss_fail(SS_EINVALID, "no terminal to ask at%s%s",
		    option != NULL ? "; see " : "",
		    option != NULL ? option : "");
	return fd;
}

static int
put(int fd, const char *text)
{
	size_t len = strlen(text);

	return write(fd, text, len) == (ssize_t)len ? 0 :
	    ss_fail_errno("/dev/tty");
}

/* Those that are ignored stay so; the others come only while a byte is waited
 * for, by the mask that was. */
static void
hold_signals(struct sigaction old[SIGNALS], sigset_t *was)
{
	struct sigaction act = { .sa_handler = on_signal };
	sigset_t held;
	size_t i;

	caught = 0;
	sigemptyset(&act.sa_mask);
	sigemptyset(&held);
	for (i = 0; i < SIGNALS; i++)
		sigaddset(&held, signals[i]);
	sigprocmask(SIG_BLOCK, &held, was);
	for (i = 0; i < SIGNALS; i++)
		if (sigaction(signals[i], NULL, &old[i]) == 0 &&
		    old[i].sa_handler != SIG_IGN)
			sigaction(signals[i], &act, NULL);
}

static void
release_signals(const struct sigaction old[SIGNALS], const sigset_t *was)
{
	size_t i;

	for (i = 0; i < SIGNALS; i++)
		sigaction(signals[i], &old[i], NULL);
	sigprocmask(SIG_SETMASK, was, NULL);
}

/* Asks once. When a signal came, its action has been taken by the return. */
static int
ask(int fd, const char *prompt, bool echo, char *out, size_t size)
{
	struct sigaction old[SIGNALS];
	struct termios was, quiet;
	sigset_t mask;
	int r;

	hold_signals(old, &mask);
	if (tcgetattr(fd, &was) == -1) {
		r = ss_fail_errno("/dev/tty");
		goto out;
	}
	quiet = was;
	if (!echo)
		quiet.c_lflag &= ~(tcflag_t)(ECHO | ECHONL);
	/* What was typed before has been seen; it is thrown away. */
	if (tcsetattr(fd, TCSAFLUSH, &quiet) == -1) {
		r = ss_fail_errno("/dev/tty");
		goto out;
	}
	if ((r = put(fd, prompt)) == 0 && (r = put(fd, ": ")) == 0)
		r = read_line(fd, prompt, &mask, out, size);
	tcsetattr(fd, TCSADRAIN, &was);
	if (!echo || caught != 0)
		put(fd, "\n");
out:
	release_signals(old, &mask);
	if (caught != 0) {
		r = ss_fail(SS_EIO, "interrupted");
		kill(getpid(), caught);
	}
	return r;
}

static int
ask_terminal(const char *prompt, const char *option, bool echo, char *out,
    size_t size)
{
	int fd, r;

	memset(out, 0, size);
	if ((fd = open_terminal(option)) == -1)
		return ss_last_code();
	/* Whoever was suspended is asked again. */
	do
		r = ask(fd, prompt, echo, out, size);
	while (r != 0 && caught == SIGTSTP);
	close(fd);
	if (r != 0)
		ss_wipe(out, size);
	return r;
}

int
ss_secret_read(const struct ss_secret_source *s, char *out, size_t size)
{
	int r;

	if (s->fd < 0) {
		r = ask_terminal(s->prompt, s->option, false, out, size);
	} else {
		memset(out, 0, size);
		caught = 0;
		/* No other program is to inherit it from here. */
		fcntl((int)s->fd, F_SETFD, FD_CLOEXEC);
		r = read_line((int)s->fd, s->prompt, NULL, out, size);
	}
	if (r == 0 && out[0] == '\0')
		r = ss_fail(SS_EINVALID, "%s: it is empty", s->prompt);
	if (r != 0)
		ss_wipe(out, size);
	return r;
}

/* Both in constant time, whatever stands behind the NUL being zeros. */
static int
choose(const struct ss_secret_source *s, char *out, char *again, size_t size,
    bool *same)
{
	int r;

	if ((r = ss_secret_read(s, out, size)) != 0 ||
	    (r = ask_terminal("the same again", s->option, false, again,
	    size)) != 0)
		return r;
	*same = ss_equal(out, again, size);
	return *same ? 0 : ss_terminal_say("They are not the same.\n");
}

int
ss_secret_choose(const struct ss_secret_source *s, char *out, size_t size)
{
	bool same = false;
	void *again;
	int i, r;

	if (s->fd >= 0)
		return ss_secret_read(s, out, size);
	if ((r = ss_secret_new(&again, size)) != 0)
		return r;
	for (i = 0; i < TRIES && r == 0 && !same; i++)
		r = choose(s, out, again, size, &same);
	ss_secret_free(again, size);
	if (r == 0 && !same)
		r = ss_fail(SS_EINVALID, "%s: not typed twice alike",
		    s->prompt);
	if (r != 0)
		ss_wipe(out, size);
	return r;
}

int
ss_terminal_say(const char *fmt, ...)
{
	char text[512];
	va_list ap;
	int fd, r;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	if ((fd = open_terminal(NULL)) == -1)
		return ss_last_code();
	r = put(fd, text);
	close(fd);
	return r;
}

/* ECMA-48: home, erase the page; xterm's erase of the lines above it. */
int
ss_terminal_clear(void)
{
	return ss_terminal_say("\033[H\033[2J\033[3J");
}

int
ss_terminal_confirm(const char *question, bool *yes)
{
	char answer[8];
	int i, r;

	*yes = false;
	for (i = 0; i < TRIES; i++) {
		r = ask_terminal(question, NULL, true, answer, sizeof(answer));
		if (r != 0 && r != SS_EINVALID)
			return r;
		*yes = r == 0 && (answer[0] == 'y' || answer[0] == 'Y');
		if (*yes || (r == 0 && (answer[0] == 'n' || answer[0] == 'N')))
			return 0;
	}
	return ss_fail(SS_EINVALID, "neither y nor n");
}
