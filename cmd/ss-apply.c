/* ss-apply: forms become applications. */
#include <string.h>

#include "base/csv.h"
#include "base/json.h"
#include "desk/apply.h"
#include "front/front.h"
#include "rules/sheet.h"

/* What is given by options instead of a record. */
static struct {
	bool csv;
	const char *encoding, *id, *photo;
	struct ss_strings documents;
	const char *field[SS_FIELDS];
} given;

/* Where the records come from, and what is made of them. */
static struct {
	struct ss_one one;
	struct ss_csv *csv;
	struct ss_sheet *sheet;
	struct ss_apply *apply;
} in;

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

static void
add_documents(struct ss_bytes *b)
{
	const char *text;
	size_t i, n;

	if (given.documents.count == 0)
		return;
	ss_json_open(b, "documents", '[');
	for (i = 0; i < given.documents.count; i++) {
		text = given.documents.at[i];
		n = strcspn(text, "=");
		ss_json_open(b, NULL, '{');
		ss_json_addn(b, "kind", text, n);
		ss_json_add(b, "path", text + n + 1);
		ss_json_close(b, '}');
	}
	ss_json_close(b, ']');
}

/* The record that the options make. */
static int
make_record(struct ss_bytes *b)
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
	add_documents(b);
	if (given.field[SS_F_THROUGH] != NULL) {
		ss_json_key(b, "applied");
		ss_form_write(&form, "applied", b);
	}
	ss_bytes_addc(b, '}');
	if ((r = ss_bytes_check(b)) == 0)
		r = ss_bytes_check(&form.text);
	ss_form_free(&form);
	return r;
}

static int
check(struct ss_front *f)
{
	struct ss_command *command = &f->command;
	size_t i;

	if (has_record_options() && (given.csv || command->operand_count > 0))
		return ss_usage_error(command,
		    "a record from options and files exclude each other");
	if (given.encoding != NULL && !given.csv)
		return ss_usage_error(command, "--encoding goes with --csv");
	for (i = 0; i < given.documents.count; i++)
		if (strchr(given.documents.at[i], '=') == NULL)
			return ss_usage_error(command,
			    "--document takes KIND=FILE");
	return SS_CONTINUE;
}

static bool
feeds(const struct ss_front *f)
{
	(void)f;
	return has_record_options();
}

/* The records are of the options, of CSV or of JSON Lines. */
static int
open_apply(struct ss_front *f, struct ss_desk *desk, struct ss_work *work,
    struct ss_source *source)
{
	const struct ss_common *c = &f->command.common;
	int r;

	if ((r = ss_apply_open(&in.apply, desk)) != 0)
		return r;
	*work = ss_apply_work(in.apply);
	if (has_record_options()) {
		*source = ss_one_source(&in.one);
		return make_record(&in.one.text);
	}
	if (!given.csv)
		return 0;
	if ((r = ss_csv_open(&in.csv, &f->run.input, given.encoding,
	    (size_t)c->limit)) == 0 &&
	    (r = ss_sheet_open(&in.sheet, c->data, in.csv)) == 0)
		*source = ss_sheet_source(in.sheet, &f->run.input);
	return r;
}

static void
close_apply(struct ss_front *f)
{
	(void)f;
	ss_sheet_close(in.sheet);
	ss_csv_close(in.csv);
	ss_apply_close(in.apply);
	ss_bytes_free(&in.one.text);
}

int
main(int argc, char **argv)
{
	struct ss_option options[FIXED + SS_FIELDS + 1];
	struct ss_front front = {
		.command = {
			.name = "ss-apply",
			.about = "Makes applications of forms: from options, "
			    "JSON Lines or CSV.",
			.operands = "[file ...]",
			.takes = SS_TAKES_REGION | SS_TAKES_FILES |
			    SS_TAKES_WHO | SS_TAKES_RECORDS |
			    SS_TAKES_REGISTRY | SS_TAKES_NONE,
			.options = options,
		},
		.check = check,
		.feeds = feeds,
		.open = open_apply,
		.close = close_apply,
	};

	make_options(options);
	return ss_front_main(&front, argc, argv);
}
