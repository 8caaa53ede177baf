#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/err.h"
#include "cli/progress.h"
#include "cli/run.h"

#define FAILURES_SHOWN 10

/* The signal that asked for the end; the second one ends at once. */
static volatile sig_atomic_t asked;

struct watch {
	struct ss_run *run;
	struct ss_progress progress;
	unsigned shown;
};

static void
on_signal(int sig)
{
	asked = sig;
}

int
ss_run_init(struct ss_run *run, struct ss_command *command)
{
	static const int signals[] = { SIGINT, SIGTERM, SIGHUP };
	struct sigaction act = { .sa_handler = on_signal,
		.sa_flags = (int)SA_RESETHAND }, old;
	size_t i;

	*run = (struct ss_run){ .command = command };
	sigemptyset(&act.sa_mask);
	for (i = 0; i < sizeof(signals) / sizeof(signals[0]); i++) {
		/* nohup(1) and background jobs ignore them: leave it so. */
		if (sigaction(signals[i], NULL, &old) == 0 &&
		    old.sa_handler == SIG_IGN)
			continue;
		sigaction(signals[i], &act, NULL);
	}
	signal(SIGPIPE, SIG_IGN);
	signal(SIGXFSZ, SIG_IGN);	/* a file too large is a full disk */
	ss_input_init(&run->input, command->operand, command->operand_count,
	    &asked);
	if (ss_lines_init(&run->lines, &run->input,
	    (size_t)command->common.limit) != 0)
		return ss_stop_error(command);
	return SS_CONTINUE;
}

struct ss_source
ss_run_lines(struct ss_run *run)
{
	return ss_lines_source(&run->lines);
}

void
ss_run_wipe(struct ss_run *run)
{
	ss_lines_wipe(&run->lines);
	ss_input_wipe(&run->input);
}

static int
open_rejects(const struct ss_common *c, int *fd)
{
	*fd = -1;
	if (c->rejects == NULL || c->dry_run)
		return 0;
	*fd = open(c->rejects, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
	return *fd == -1 ? ss_fail_errno(c->rejects) : 0;
}

/* Failures are named by record number; their sentences hold no person. */
static void
after(const struct ss_record *rec, void *ctx)
{
	struct watch *w = ctx;
	const struct ss_common *c = &w->run->command->common;

	if (rec->outcome != SS_FAILED || c->quiet ||
	    (w->shown == FAILURES_SHOWN && !c->verbose))
		return;
	w->shown++;
	ss_progress_clear(&w->progress);
	fprintf(stderr, "%s: record %" PRIu64 ": %s: %s\n",
	    w->run->command->name, rec->number, ss_code_word(rec->code),
	    ss_record_message(rec));
}

static void
progress(const struct ss_counts *counts, void *ctx)
{
	struct watch *w = ctx;

	ss_progress_show(&w->progress, counts);
}

static void
add_count(struct ss_bytes *b, uint64_t n, const char *what)
{
	if (n > 0)
		ss_bytes_addf(b, "%s%" PRIu64 " %s", b->len > 0 ? ", " : "", n,
		    what);
}

/* Says what became of the records when not all of them were simply done. */
static void
summarize(struct ss_run *run, const struct ss_counts *c)
{
	const struct ss_common *common = &run->command->common;
	struct ss_bytes b = { 0 };

	if (common->quiet || (!common->verbose &&
	    c->passed + c->already + c->failed + c->upstream == 0))
		return;
	if (run->summary != NULL)
		run->summary(&b, run->ctx);
	else
		add_count(&b, c->done, "done");
	add_count(&b, c->already, "done already");
	add_count(&b, c->passed, "passed untouched");
	add_count(&b, c->failed, "failed");
	add_count(&b, c->upstream, "failed before");
	if (!b.failed)
		fprintf(stderr, "%s: %" PRIu64 " record%s%s%s\n",
		    run->command->name, c->in, c->in == 1 ? "" : "s",
		    b.len > 0 ? ": " : "", b.len > 0 ? b.data : "");
	ss_bytes_free(&b);
}

/* Ends as if by a signal, so that a shell's loop ends too. */
static void
die_by(int sig)
{
	signal(sig, SIG_DFL);
	raise(sig);
}

const volatile sig_atomic_t *
ss_run_asked(void)
{
	return &asked;
}

void
ss_run_end(void)
{
	if (asked != 0)
		die_by(asked);
}

int
ss_run_stream(struct ss_run *run, const struct ss_source *source,
    const struct ss_work *work)
{
	const struct ss_common *c = &run->command->common;
	struct watch w = { .run = run };
	struct ss_stream s = {
		.tool = run->command->name,
		.limit = (size_t)c->limit,
		.jobs = (unsigned)c->jobs,
		.out_fd = STDOUT_FILENO,
		.stop = &asked,
		.after = after,
		.progress = progress,
		.ctx = &w,
	};
	int r;

	if (open_rejects(c, &s.rejects_fd) != 0)
		return ss_stop_error(run->command);
	ss_progress_init(&w.progress, source->input, c->quiet);
	r = ss_stream_run(&s, source, work);
	ss_progress_clear(&w.progress);
	if (s.rejects_fd != -1)
		close(s.rejects_fd);
	if (s.pipe_closed)
		die_by(SIGPIPE);
	if (r == 0 && close(STDOUT_FILENO) == -1 && errno != EBADF)
		r = ss_fail_errno("standard output");
	if (r != 0)
		fprintf(stderr, "%s: stopped after %" PRIu64
		    " record%s written: %s\n", run->command->name,
		    s.counts.out, s.counts.out == 1 ? "" : "s", ss_message());
	summarize(run, &s.counts);
	ss_run_end();
	if (r != 0)
		return SS_EXIT_STOPPED;
	return s.counts.failed + s.counts.upstream > 0 ? SS_EXIT_RECORDS :
	    SS_EXIT_OK;
}

bool
ss_run_lonely(const struct ss_command *command)
{
	return command->operand_count == 0 && isatty(STDIN_FILENO);
}
