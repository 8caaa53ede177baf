#include "base/record.h"
#include "base/stream.h"
#include "cli/command.h"

static bool
takes(const struct ss_command *command, unsigned what)
{
	return what == 0 || (command->takes & what) != 0;
}

struct common_row {
	unsigned takes;
	struct ss_option row;
};

static void
each_row(const struct ss_command *command, const struct common_row *rows,
    size_t n, void (*each)(const struct ss_option *, void *ctx), void *ctx)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (takes(command, rows[i].takes))
			each(&rows[i].row, ctx);
}

/* Whose rules and records, with which keys, by whom. */
static void
each_of_desk(struct ss_command *command,
    void (*each)(const struct ss_option *, void *ctx), void *ctx)
{
	struct ss_common *c = &command->common;
	const struct common_row rows[] = {
		{ SS_TAKES_REGION, { 'R', "region", "CODE", "SSCARD_REGION",
		    "region whose policy holds", SS_OPTION_STRING,
		    &c->region, 0, 0 } },
		{ SS_TAKES_REGISTRY, { 'g', "registry", "URL",
		    "SSCARD_REGISTRY", takes(command, SS_TAKES_NONE) ?
		    "the register; none for none" : "the register",
		    SS_OPTION_STRING, &c->registry, 0, 0 } },
		{ SS_TAKES_CARD, { 0, "card", "NUMBER", NULL,
		    "the card of this number", SS_OPTION_STRING, &c->card, 0,
		    0 } },
		{ SS_TAKES_CARD, { 0, "person", "NUMBER", NULL,
		    "of this person; - reads the number", SS_OPTION_STRING,
		    &c->person, 0, 0 } },
		{ SS_TAKES_FILES, { 0, "files", "DIR", "SSCARD_FILES",
		    "file store", SS_OPTION_STRING, &c->files, 0, 0 } },
		{ SS_TAKES_KEYS, { 'k', "keys", "URI", "SSCARD_KEYS",
		    "the store of master keys", SS_OPTION_STRING, &c->keys,
		    0, 0 } },
		{ SS_TAKES_KEYS, { 0, "passphrase-fd", "N", NULL,
		    "its passphrase from this descriptor", SS_OPTION_NUMBER,
		    &c->passphrase_fd, 0, SS_FD_MAX } },
		{ SS_TAKES_WHO, { 'o', "operator", "NAME", "SSCARD_OPERATOR",
		    "who works (default: login name), or a key that proves it",
		    SS_OPTION_STRING, &c->operator, 0, 0 } },
		{ SS_TAKES_WHO | SS_TAKES_TRUST, { 0, "operator-fd", "N", NULL,
		    "that key's passphrase from this descriptor",
		    SS_OPTION_NUMBER, &c->operator_fd, 0, SS_FD_MAX } },
		{ SS_TAKES_WHO | SS_TAKES_TRUST, { 0, "trust", "FILE",
		    "SSCARD_TRUST",
		    "public keys of operators", SS_OPTION_STRING, &c->trust,
		    0, 0 } },
		{ SS_TAKES_WHO, { 0, "station", "NAME", "SSCARD_STATION",
		    "where (default: host name)", SS_OPTION_STRING,
		    &c->station, 0, 0 } },
	};

	each_row(command, rows, sizeof(rows) / sizeof(rows[0]), each, ctx);
}

/* With which reader, and how it runs. */
static void
each_of_run(struct ss_command *command,
    void (*each)(const struct ss_option *, void *ctx), void *ctx)
{
	struct ss_common *c = &command->common;
	const struct common_row rows[] = {
		{ SS_TAKES_READER, { 'r', "reader", "NAME", "SSCARD_READER",
		    "pcsc:GLOB or soft:DIR (default: the only one with a "
		    "card)", SS_OPTION_STRING, &c->reader, 0, 0 } },
		{ SS_TAKES_READER, { 0, "profile", "NAME", NULL,
		    "kind of card (default: what the card says)",
		    SS_OPTION_STRING, &c->profile, 0, 0 } },
		{ SS_TAKES_READER, { 0, "wait", "S", NULL,
		    "longest wait for a card (default: 60)", SS_OPTION_NUMBER,
		    &c->wait, 0, 86400 } },
		{ SS_TAKES_READER, { 0, "timeout", "S", NULL,
		    "longest wait for its answer (default: 10)",
		    SS_OPTION_NUMBER, &c->timeout, 1, 3600 } },
		{ SS_TAKES_READER, { 0, "trace", "FILE", NULL,
		    "every command and answer, masked", SS_OPTION_STRING,
		    &c->trace, 0, 0 } },
		{ SS_TAKES_RECORDS, { 'j', "jobs", "N", NULL,
		    "threads; order is kept (default: 1)", SS_OPTION_NUMBER,
		    &c->jobs, 1, SS_JOBS_MAX } },
		{ SS_TAKES_RECORDS, { 'n', "dry-run", NULL, NULL,
		    "everything but writing", SS_OPTION_FLAG, &c->dry_run,
		    0, 0 } },
		{ SS_TAKES_RECORDS, { 0, "rejects", "FILE", NULL,
		    "failed records go there, appended", SS_OPTION_STRING,
		    &c->rejects, 0, 0 } },
		{ SS_TAKES_RECORDS, { 0, "line-limit", "BYTES", NULL,
		    "longest line (default: 1048576)", SS_OPTION_NUMBER,
		    &c->limit, SS_LINE_LIMIT_MIN, 1L << 30 } },
		{ 0, { 'q', "quiet", NULL, NULL, "no progress, no summary",
		    SS_OPTION_FLAG, &c->quiet, 0, 0 } },
		{ 0, { 'v', "verbose", NULL, NULL,
		    "every failure and a summary", SS_OPTION_FLAG, &c->verbose,
		    0, 0 } },
		{ 0, { 'h', "help", NULL, NULL, "this text", SS_OPTION_FLAG,
		    NULL, 0, 0 } },
		{ 0, { 'V', "version", NULL, NULL, "the version",
		    SS_OPTION_FLAG, NULL, 0, 0 } },
	};

	each_row(command, rows, sizeof(rows) / sizeof(rows[0]), each, ctx);
}

void
ss_options_each(struct ss_command *command,
    void (*each)(const struct ss_option *, void *ctx), void *ctx)
{
	const struct ss_option *own;

	for (own = command->options; own != NULL && own->name != NULL; own++)
		each(own, ctx);
	each_of_desk(command, each, ctx);
	each_of_run(command, each, ctx);
}
