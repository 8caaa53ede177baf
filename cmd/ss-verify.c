/* ss-verify: the review of applications. */
#include <inttypes.h>
#include <string.h>

#include "base/err.h"
#include "cli/run.h"
#include "desk/decisions.h"
#include "desk/review.h"

static const char *attest, *decisions_path;

static const struct ss_option options[] = {
	{ 0, "attest", "NAME,...", NULL,
	    "manual checks that hold for every record", SS_OPTION_STRING,
	    &attest, 0, 0 },
	{ 0, "decisions", "FILE", NULL,
	    "answers to manual checks: {id, check, ok, note}",
	    SS_OPTION_STRING, &decisions_path, 0, 0 },
	{ 0 },
};

/* The summary's part: the decisions made. */
static void
summary(struct ss_bytes *b, void *ctx)
{
	struct ss_review_counts c = ss_review_counts(ctx);
	const struct {
		uint64_t n;
		const char *word;
	} parts[] = { { c.approved, "approved" }, { c.pending, "pending" },
		{ c.returned, "returned" }, { c.rejected, "rejected" } };
	size_t i;

	for (i = 0; i < sizeof(parts) / sizeof(parts[0]); i++)
		if (parts[i].n > 0)
			ss_bytes_addf(b, "%s%" PRIu64 " %s",
			    b->len > 0 ? ", " : "", parts[i].n,
			    parts[i].word);
}

static int
run_stream(struct ss_command *command, struct ss_review *review,
    const struct ss_decisions *decisions)
{
	struct ss_work work = ss_review_work(review);
	struct ss_run run;
	struct ss_source source;
	size_t unused;
	int status;

	if ((status = ss_run_init(&run, command)) == SS_CONTINUE) {
		run.summary = summary;
		run.ctx = review;
		source = ss_run_lines(&run);
		status = ss_run_stream(&run, &source, &work);
	}
	unused = ss_decisions_unused(decisions);
	if (unused > 0)
		ss_note(command, "%zu decision%s met no open check of the run",
		    unused, unused == 1 ? "" : "s");
	ss_run_wipe(&run);
	return status;
}

static int
run_desk(struct ss_command *command)
{
	struct ss_common *c = &command->common;
	struct ss_desk desk = { 0 };
	struct ss_decisions *decisions = NULL;
	struct ss_review *review = NULL;
	int status;

	if (ss_common_complete(c) != 0 || ss_desk_open(&desk,
	    &(struct ss_desk_setup){ c->data, c->files, c->region,
	    c->operator, c->station, c->registry,
	    (unsigned)c->jobs, c->dry_run }) != 0 ||
	    ss_decisions_open(&decisions, attest, decisions_path,
	    desk.words) != 0 ||
	    ss_review_open(&review, &desk, decisions) != 0)
		status = ss_stop_error(command);
	else {
		/* In a pipe it may be the first to need one. */
		if (desk.registry_made)
			ss_note(command, "made the register %s", c->registry);
		status = run_stream(command, review, decisions);
	}
	ss_review_close(review);
	ss_decisions_close(decisions);
	ss_desk_close(&desk);
	return status;
}

static bool
reads_stdin(const struct ss_command *command)
{
	size_t i;

	for (i = 0; i < command->operand_count; i++)
		if (strcmp(command->operand[i], "-") == 0)
			return true;
	return command->operand_count == 0;
}

int
main(int argc, char **argv)
{
	struct ss_command command = {
		.name = "ss-verify",
		.about = "Reviews applications: approved, pending, returned "
		    "or rejected.",
		.operands = "[file ...]",
		.takes = SS_TAKES_REGION | SS_TAKES_FILES | SS_TAKES_WHO |
		    SS_TAKES_RECORDS | SS_TAKES_REGISTRY,
		.options = options,
	};
	int status;

	status = ss_options_parse(&command, argc, argv);
	if (status == SS_CONTINUE && decisions_path != NULL &&
	    strcmp(decisions_path, "-") == 0 && reads_stdin(&command))
		status = ss_usage_error(&command, "records and decisions "
		    "cannot both come from standard input");
	if (status == SS_CONTINUE && ss_run_lonely(&command))
		status = ss_usage_synopsis(&command);
	if (status == SS_CONTINUE)
		status = run_desk(&command);
	ss_options_wipe(&command);
	return status;
}
