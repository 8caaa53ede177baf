/* ss-registry: the register, looked at, checked, taken out and put back. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/err.h"
#include "base/line.h"
#include "books/export.h"
#include "cli/run.h"
#include "front/audit.h"

#define IMPORT_LIMIT (64L << 20)	/* a record and all its events */

static struct ss_filter filter;
static struct ss_strings against;
static const char *checkpoint;
static bool dry_run, unknown_ids;

static const struct ss_option options[] = {
	{ 'R', "region", "CODE", NULL,
	    "list: of codes that begin so; audit: of who signs",
	    SS_OPTION_STRING, &filter.region, 0, 0 },
	{ 0, "state", "STATE", NULL, "list: only these",
	    SS_OPTION_STRING, &filter.state, 0, 0 },
	{ 0, "status", "STATUS", NULL, "list: whose card has this status",
	    SS_OPTION_STRING, &filter.status, 0, 0 },
	{ 0, "since", "TIME", NULL, "list: changed then or later",
	    SS_OPTION_STRING, &filter.since, 0, 0 },
	{ 0, "until", "TIME", NULL, "list: changed before",
	    SS_OPTION_STRING, &filter.until, 0, 0 },
	{ 0, "checkpoint", "FILE", NULL, "audit: make a signed one there",
	    SS_OPTION_STRING, &checkpoint, 0, 0 },
	{ 0, "against", "FILE", NULL, "audit: all of this one is still there",
	    SS_OPTION_MANY, &against, 0, 0 },
	{ 'n', "dry-run", NULL, NULL, "import, audit: everything but storing",
	    SS_OPTION_FLAG, &dry_run, 0, 0 },
	{ 0 },
};

static int
put_line(const char *text, size_t len)
{
	return fwrite(text, 1, len, stdout) == len && putchar('\n') != EOF ?
	    0 : ss_fail_errno("standard output");
}

static int
put_record(const struct ss_entry *e, const char *record, void *ctx)
{
	(void)e;
	(void)ctx;
	return put_line(record, strlen(record));
}

static int
put_event(const struct ss_event *e, void *ctx)
{
	struct ss_bytes *b = ctx;
	int r;

	ss_bytes_reset(b);
	ss_event_write(e, false, b);
	return (r = ss_bytes_check(b)) != 0 ? r : put_line(b->data, b->len);
}

static int
put_export(const struct ss_bytes *line, void *ctx)
{
	(void)ctx;
	return put_line(line->data, line->len);
}

static int
list(struct ss_command *command, struct ss_registry *reg)
{
	(void)command;
	return ss_registry_each(reg, &filter, put_record, NULL);
}

/* Each application named; one that is not there is said and passed over. */
static int
each_named(struct ss_command *command, struct ss_registry *reg)
{
	bool history = strcmp(command->operand[0], "history") == 0;
	struct ss_bytes b = { 0 };
	size_t i;
	int r = 0;

	for (i = 1; i < command->operand_count; i++) {
		ss_bytes_reset(&b);
		r = ss_registry_record(reg, command->operand[i], &b);
		if (r == 0 && !history)
			r = put_line(b.data, b.len);
		else if (r == 0)
			r = ss_registry_events(reg, command->operand[i],
			    put_event, &b);
		if (r == SS_EMISSING) {
			ss_stop_error(command);
			unknown_ids = true;
		} else if (r != 0) {
			break;
		}
	}
	ss_bytes_free(&b);
	return r == SS_EMISSING ? 0 : r;
}

static int
flush(void)
{
	return fflush(stdout) == 0 ? 0 : ss_fail_errno("standard output");
}

static int
audit(struct ss_command *command)
{
	return ss_front_audit(&(struct ss_audit_call){ command, filter.region,
	    checkpoint, against, dry_run, put_line, flush });
}

static int
export(struct ss_command *command, struct ss_registry *reg)
{
	(void)command;
	return ss_export(reg, put_export, NULL);
}

/* All of the files or nothing. */
static int
import(struct ss_command *command, struct ss_registry *reg)
{
	struct ss_source source;
	struct ss_run run;
	int r;

	command->operand++;
	command->operand_count--;
	command->common.limit = IMPORT_LIMIT;
	if (ss_run_init(&run, command) != SS_CONTINUE)
		return ss_last_code();
	source = ss_run_lines(&run);
	r = ss_import(reg, &source, !dry_run);
	ss_run_wipe(&run);
	return r;
}

static const struct verb {
	const char *word;
	int (*run)(struct ss_command *, struct ss_registry *);	/* NULL:
				 * audit, which opens it by itself */
	bool named;		/* takes ids */
} verbs[] = {
	{ "list", list, false },
	{ "show", each_named, true },
	{ "history", each_named, true },
	{ "audit", NULL, false },
	{ "export", export, false },
	{ "import", import, false },
};

static const struct verb *
find_verb(const struct ss_command *command)
{
	size_t i;

	for (i = 0; i < sizeof(verbs) / sizeof(verbs[0]); i++)
		if (command->operand_count > 0 &&
		    strcmp(verbs[i].word, command->operand[0]) == 0)
			return &verbs[i];
	return NULL;
}

/* A register that is only looked at is not made. */
static int
serve(struct ss_command *command, const struct verb *verb)
{
	struct ss_common *c = &command->common;
	struct ss_registry *reg = NULL;
	bool made = false;
	int r, status;

	r = ss_common_complete(command);
	filter.person = c->person;
	filter.number = c->card;
	if (r == 0 && (r = ss_filter_check(&filter)) == 0)
		r = ss_registry_open(&reg, c->registry, c->station,
		    verb->run == import && !dry_run ? &made : NULL);
	if (r == 0 && made)
		ss_note(command, "made the register %s", ss_registry_name(reg));
	if (r == 0)
		r = verb->run(command, reg);
	ss_registry_close(reg);
	if (r == 0 && flush() == 0)
		return unknown_ids ? SS_EXIT_RECORDS : SS_EXIT_OK;
	status = ss_stop_error(command);
	return reg == NULL ? status : SS_EXIT_STOPPED;
}

static int
check_call(const struct ss_command *command, const struct verb *verb)
{
	if (verb == NULL)
		return ss_usage_error(command, "list, show, history, audit, "
		    "export or import is wanted");
	if (verb->named && command->operand_count < 2)
		return ss_usage_error(command, "%s takes ids", verb->word);
	if (!verb->named && verb->run != import && command->operand_count > 1)
		return ss_usage_error(command, "%s takes no operand",
		    verb->word);
	if (verb->run != NULL && (checkpoint != NULL || against.count > 0))
		return ss_usage_error(command, "--checkpoint and --against "
		    "are for audit");
	return SS_CONTINUE;
}

int
main(int argc, char **argv)
{
	struct ss_command command = {
		.name = "ss-registry",
		.about = "Keeps the register: list, show ID, history ID, "
		    "audit, export, import.",
		.operands = "list|show|history|audit|export|import "
		    "[id|file ...]",
		.takes = SS_TAKES_REGISTRY | SS_TAKES_WHO |
		    SS_TAKES_CARD,
		.options = options,
	};
	const struct verb *verb = NULL;
	int status;

	status = ss_options_parse(&command, argc, argv);
	if (status == SS_CONTINUE)
		status = check_call(&command, verb = find_verb(&command));
	if (status == SS_CONTINUE)
		status = verb->run != NULL ? serve(&command, verb) :
		    audit(&command);
	ss_options_wipe(&command);
	return status;
}
