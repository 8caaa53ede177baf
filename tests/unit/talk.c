/*
 * Conversations with commands that answer, and with those that do not: what is
 * said of it, how long it takes, and what is left behind.
 */
#include <sys/wait.h>

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/err.h"
#include "base/talk.h"
#include "base/time.h"
#include "../tap.h"

#define SECRET "58291730"
#define LIMIT 1000
#define LONG 60000

static struct ss_talk *talk;

static void
begin(const char *command)
{
	ok(ss_talk_open(&talk, command) == 0, "%s", command);
}

static int
ask_within(const char *line, int64_t ms, const char **answer)
{
	static char kept[LIMIT + 1];
	const char *text;
	size_t len;
	int r;

	r = ss_talk_ask(talk, line, strlen(line), LIMIT, ms, &text, &len);
	*answer = kept;
	kept[0] = '\0';
	if (r == 0) {
		memcpy(kept, text, len);
		kept[len] = '\0';
	}
	return r;
}

static bool
no_children(void)
{
	return waitpid(-1, NULL, WNOHANG) == -1 && errno == ECHILD;
}

static void
end(int64_t most)
{
	int64_t from = ss_monotonic();

	ss_talk_close(talk);
	ok(ss_monotonic() - from < most && no_children(), "closed in %lld ms, "
	    "no zombie", (long long)(ss_monotonic() - from));
}

/* One question to a command that fails. */
static void
fails(const char *command, int code, bool gone, const char *sentence)
{
	const char *answer;
	int r;

	begin(command);
	r = ask_within(SECRET "\n", 300, &answer);
	ok(r == code && ss_talk_gone(talk) == gone, "code %d", r);
	ok(strncmp(ss_message(), sentence, strlen(sentence)) == 0 &&
	    strstr(ss_message(), SECRET) == NULL, "%s", ss_message());
	end(3500);
}

static void
test_answers(void)
{
	const char *answer;
	char line[20];
	int i, good = 0;

	begin("while read -r l; do echo \"<$l>\"; done");
	for (i = 0; i < 200; i++) {
		snprintf(line, sizeof(line), "%d\n", i);
		if (ask_within(line, LONG, &answer) == 0)
			good += atoi(answer + 1) == i;
	}
	ok(good == 200, "two hundred answers");
	end(500);
	begin("cat");
	memset(line, 'x', sizeof(line) - 2);
	strcpy(line + sizeof(line) - 2, "\n");
	ok(ask_within(line, LONG, &answer) == 0 && strlen(answer) ==
	    sizeof(line) - 2, "as it was said");
	ok(ask_within("\n", LONG, &answer) == 0 && *answer == '\0',
	    "an empty one");
	end(500);
	begin("head -c 3000000 /dev/zero >&2; read l; echo \"$l\"");
	ok(ask_within("a\n", LONG, &answer) == 0, "3 MB on standard error");
	end(500);
	begin("printf 'more\\n\\nno \\033[2J\\n' >&2; read l");
	ask_within("a\n", LONG, &answer);
	is(ss_talk_said(talk), "no  [2J", "its last line is kept, clean");
	end(500);
	begin("read l; exec 0<&-; sleep 0.1; echo no; exit 3");
	ok(ask_within("a\n", LONG, &answer) == 0, "a last word");
	ok(ask_within("a\n", LONG, &answer) == SS_EIO && ss_talk_gone(talk),
	    "%s", ss_message());
	end(500);
}

static void
test_failures(void)
{
	fails("exit 3", SS_EIO, true, "it ended with status 3");
	fails("read l; exit 0", SS_EIO, true, "it ended with status 0");
	fails("kill -9 $$", SS_EIO, true, "it was ended by signal 9");
	fails("/none/such", SS_EIO, true, "it ended with status 127: it is");
	fails("exec 1>&-; sleep 1000", SS_EIO, true, "it hung up");
	fails("sleep 1000 & exit 5", SS_EIO, true, "it ended with status 5");
	fails("sleep 1000", SS_EIO, false, "it did not answer in time");
	fails("exec 0<&-; sleep 1000", SS_EIO, false, "it did not answer");
	fails("trap '' TERM; while :; do sleep 1; done", SS_EIO, false,
	    "it did not answer in time");
	fails("read l; printf 'no newline'; sleep 1000", SS_EIO, false,
	    "it did not answer in time");
	fails("read l; printf 'no newline'", SS_EIO, true,
	    "it ended with status 0");
	fails("yes >&2", SS_EIO, false, "it did not answer in time");
	fails("read l; tr '\\0' x </dev/zero", SS_EINVALID, false,
	    "its answer has no end");
	fails("read l; yes", SS_EINVALID, false, "it spoke without being");
	fails("read l; printf '%s\\n%s\\n' \"$l\" \"$l\"; sleep 9", SS_EINVALID,
	    false, "it spoke without being");
}

/* What it sees of us; its session and its signals. */
static void
test_alone(void)
{
	const char *answer;
	int high = fcntl(STDIN_FILENO, F_DUPFD, 700);

	signal(SIGPIPE, SIG_IGN);
	begin("read l; (cd /proc/$$/fd && echo *); read l; (: </dev/tty) "
	    "2>/dev/null && echo terminal || echo none; read l; grep SigIgn "
	    "/proc/$$/status; read l; ps -o sid= -p $$ | grep -qw $$ && "
	    "echo alone");
	ask_within("\n", LONG, &answer);
	ok(high >= 700 && strcmp(answer, "0 1 2") == 0, "descriptors %s",
	    answer);
	ask_within("\n", LONG, &answer);
	is(answer, "none", "no terminal");
	ask_within("\n", LONG, &answer);
	ok(strlen(answer) > 8 && (strtoull(answer + 8, NULL, 16) &
	    (1u << (SIGPIPE - 1))) == 0, "SIGPIPE is not ignored");
	ask_within("\n", LONG, &answer);
	is(answer, "alone", "a session of its own");
	end(500);
	signal(SIGPIPE, SIG_DFL);
	close(high);
}

/* Gone, or waiting for whoever takes in orphans here. */
static bool
is_dead(pid_t pid)
{
	char path[40], text[300] = "", *state;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%d/stat", (int)pid);
	if ((f = fopen(path, "r")) == NULL)
		return true;
	if (fgets(text, sizeof(text), f) == NULL)
		text[0] = '\0';
	fclose(f);
	state = strrchr(text, ')');
	return state == NULL || state[2] == 'Z';
}

/* What it leaves in its group goes with it; a signal of ours is not left. */
static void
test_left(void)
{
	const char *answer;
	sigset_t pending;
	int64_t until;
	pid_t left;

	begin("(trap '' HUP TERM; exec sleep 1000) & read l; echo $!; read l");
	ask_within("\n", LONG, &answer);
	left = (pid_t)atoi(answer);
	ok(left > 1 && !is_dead(left), "a child of its own");
	end(500);
	until = ss_monotonic() + 5000;
	while (!is_dead(left) && ss_monotonic() < until)
		poll(NULL, 0, 1);
	ok(is_dead(left), "is ended with it");
	sigpending(&pending);
	ok(sigismember(&pending, SIGPIPE) == 0, "no SIGPIPE is left");
}

int
main(void)
{
	test_answers();
	test_failures();
	test_alone();
	test_left();
	return done();
}
