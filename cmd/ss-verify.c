/* ss-verify: the review of applications. */
#include <inttypes.h>
#include <string.h>

#include "desk/decisions.h"
#include "desk/review.h"
#include "front/front.h"

static const char *attest, *decisions_path;
static struct ss_decisions *decisions;
static struct ss_review *review;

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

static bool
reads_stdin(const struct ss_command *command)
{
	size_t i;

	for (i = 0; i < command->operand_count; i++)
		if (strcmp(command->operand[i], "-") == 0)
			return true;
	return command->operand_count == 0;
}

static int
check(struct ss_front *f)
{
	if (decisions_path != NULL && strcmp(decisions_path, "-") == 0 &&
	    reads_stdin(&f->command))
		return ss_usage_error(&f->command, "records and decisions "
		    "cannot both come from standard input");
	return SS_CONTINUE;
}

static int
open_review(struct ss_front *f, struct ss_desk *desk, struct ss_work *work,
    struct ss_source *source)
{
	int r;

	(void)source;
	if ((r = ss_decisions_open(&decisions, attest, decisions_path,
	    desk->words)) != 0 ||
	    (r = ss_review_open(&review, desk, decisions)) != 0)
		return r;
	f->ctx = review;
	*work = ss_review_work(review);
	return 0;
}

static void
close_review(struct ss_front *f)
{
	size_t unused = decisions != NULL ? ss_decisions_unused(decisions) : 0;

	if (unused > 0)
		ss_note(&f->command, "%zu decision%s met no open check of the "
		    "run", unused, unused == 1 ? "" : "s");
	ss_review_close(review);
	ss_decisions_close(decisions);
}

int
main(int argc, char **argv)
{
	struct ss_front front = {
		.command = {
			.name = "ss-verify",
			.about = "Reviews applications: approved, pending, "
			    "returned or rejected.",
			.operands = "[file ...]",
			.takes = SS_TAKES_REGION | SS_TAKES_FILES |
			    SS_TAKES_WHO | SS_TAKES_RECORDS |
			    SS_TAKES_REGISTRY | SS_TAKES_NONE,
			.options = options,
		},
		.check = check,
		.open = open_review,
		.close = close_review,
		.summary = summary,
	};

	return ss_front_main(&front, argc, argv);
}
