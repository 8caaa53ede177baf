/* ss-apply: forms become applications. */
#include <string.h>

#include "base/csv.h"
#include "base/err.h"
#include "base/json.h"
#include "cli/run.h"
#include "desk/apply.h"
#include "rules/sheet.h"

/* What is given by options instead of a record. */
static struct {
	bool csv;
	const char *encoding, *id, *photo;
	struct ss_strings documents;
	const char *field[SS_FIELDS];
} given;

static const struct ss_option fixed[] = {
	{ 0, "csv", NULL, NULL, "the input is CSV", SS_OPTION_FLAG,
	    &given.csv, 0, 0 },
	{ 0, "encoding", "NAME", NULL, "of CSV: utf-8 or gb18030 "
	    "(default: found out)", SS_OPTION_STRING, &given.encoding, 0, 0 },
	{ 0, "id", "ID", NULL, "id of the application (default: a new one)",
	    SS_OPTION_STRING, &given.id, 0, 0 },
	{ 0, "photo", "FILE", NULL, "the applicant's photo, a JPEG file",
	    SS_OPTION_STRING, &given.photo, 0, 0 },
	{ 0, "document", "KIND=FILE", NULL, "a document; may be repeated",
	    SS_OPTION_MANY, &given.documents, 0, 0 },
};

#define FIXED (sizeof(fixed) / sizeof(fixed[0]))

/* One option a field, behind the fixed ones. */
static void
make_options(struct ss_option options[FIXED + SS_FIELDS + 1])
{
	const struct ss_field *f;
	size_t n = FIXED, i;

	memcpy(options, fixed, sizeof(fixed));
	for (i = 0; i < SS_FIELDS; i++) {
		f = &ss_fields[i];
		if (f->option != NULL)
			options[n++] = (struct ss_option){ 0, f->option,
				f->arg, NULL, f->help, SS_OPTION_STRING,
				&given.field[i], 0, 0 };
	}
	options[n] = (struct ss_option){ 0 };
}

static bool
has_record_options(void)
{
	size_t i;

	for (i = 0; i < SS_FIELDS; i++)
		if (given.field[i] != NULL)
			return true;
	return given.id != NULL || given.photo != NULL ||
	    given.documents.count > 0;
}

static int
add_documents(const struct ss_command *command, struct ss_bytes *b)
{
	const char *text, *equals;
	size_t i;

	if (given.documents.count == 0)
		return SS_CONTINUE;
	ss_json_open(b, "documents", '[');
	for (i = 0; i < given.documents.count; i++) {
		text = given.documents.at[i];
		if ((equals = strchr(text, '=')) == NULL)
			return ss_usage_error(command,
			    "--document takes KIND=FILE");
		ss_json_open(b, NULL, '{');
		ss_json_addn(b, "kind", text, (size_t)(equals - text));
		ss_json_add(b, "path", equals + 1);
		ss_json_close(b, '}');
	}
	ss_json_close(b, ']');
	return SS_CONTINUE;
}

/* The record that the options make. */
static int
make_record(const struct ss_command *command, struct ss_bytes *b)
{
	struct ss_form form = { 0 };
	size_t i;
	int r;

	for (i = 0; i < SS_FIELDS; i++)
		if (given.field[i] != NULL)
			ss_form_set(&form, (enum ss_field_id)i,
			    given.field[i], strlen(given.field[i]));
	ss_bytes_addc(b, '{');
	if (given.id != NULL)
		ss_json_add(b, "id", given.id);
	ss_json_key(b, "person");
	ss_form_write(&form, "person", b);
	if (given.photo != NULL)
		ss_json_add(b, "photo", given.photo);
	r = add_documents(command, b);
	if (given.field[SS_F_THROUGH] != NULL) {
		ss_json_key(b, "applied");
		ss_form_write(&form, "applied", b);
	}
	ss_bytes_addc(b, '}');
	if (r == SS_CONTINUE && (ss_bytes_check(b) != 0 ||
	    ss_bytes_check(&form.text) != 0))
		r = ss_stop_error(command);
	ss_form_free(&form);
	return r;
}

/* Runs over the CSV, the options' record or JSON Lines. */
static int
run_input(struct ss_run *run, const struct ss_work *work)
{
	struct ss_command *command = run->command;
	struct ss_source source = ss_run_lines(run);
	struct ss_sheet *sheet = NULL;
	struct ss_csv *csv = NULL;
	struct ss_one one = { 0 };
	int status = SS_CONTINUE;

	if (has_record_options()) {
		status = make_record(command, &one.text);
		source = ss_one_source(&one);
	} else if (given.csv) {
		if (ss_csv_open(&csv, &run->input, given.encoding,
		    (size_t)command->common.limit) != 0 ||
		    ss_sheet_open(&sheet, command->common.data, csv) != 0)
			status = ss_stop_error(command);
		else
			source = ss_sheet_source(sheet, &run->input);
	}
	if (status == SS_CONTINUE)
		status = ss_run_stream(run, &source, work);
	ss_sheet_close(sheet);
	ss_csv_close(csv);
	ss_bytes_free(&one.text);
	return status;
}

static int
run_desk(struct ss_command *command)
{
	struct ss_common *c = &command->common;
	struct ss_desk desk = { 0 };
	struct ss_apply *apply = NULL;
	struct ss_run run = { 0 };
	struct ss_work work;
	int status;

	if (ss_common_complete(c) != 0 || ss_desk_open(&desk,
	    &(struct ss_desk_setup){ c->data, c->files, c->region,
	    c->operator, c->station, c->registry, (unsigned)c->jobs,
	    c->dry_run }) != 0 ||
	    ss_apply_open(&apply, &desk) != 0) {
		status = ss_stop_error(command);
	} else if ((status = ss_run_init(&run, command)) == SS_CONTINUE) {
		if (desk.registry_made)
			ss_note(command, "made the register %s", c->registry);
		work = ss_apply_work(apply);
		status = run_input(&run, &work);
	}
	ss_run_wipe(&run);
	ss_apply_close(apply);
	ss_desk_close(&desk);
	return status;
}

int
main(int argc, char **argv)
{
	struct ss_option options[FIXED + SS_FIELDS + 1];
	struct ss_command command = {
		.name = "ss-apply",
		.about = "Makes applications of forms: from options, JSON "
		    "Lines or CSV.",
		.operands = "[file ...]",
		.takes = SS_TAKES_REGION | SS_TAKES_FILES | SS_TAKES_WHO |
		    SS_TAKES_RECORDS | SS_TAKES_REGISTRY,
		.options = options,
	};
	int status;

	make_options(options);
	status = ss_options_parse(&command, argc, argv);
	if (status == SS_CONTINUE && has_record_options() &&
	    (given.csv || command.operand_count > 0))
		status = ss_usage_error(&command,
		    "a record from options and files exclude each other");
	if (status == SS_CONTINUE && given.encoding != NULL && !given.csv)
		status = ss_usage_error(&command, "--encoding goes with --csv");
	if (status == SS_CONTINUE && !has_record_options() &&
	    ss_run_lonely(&command))
		status = ss_usage_synopsis(&command);
	if (status == SS_CONTINUE)
		status = run_desk(&command);
	ss_options_wipe(&command);
	return status;
}
