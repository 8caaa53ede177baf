#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/err.h"
#include "base/text.h"
#include "rules/form.h"
#include "rules/sheet.h"

/* What a column can be beside a field of the form. */
enum {
	COLUMN_ID = SS_FIELDS,
	COLUMN_KIND,
	COLUMN_PHOTO,
	COLUMN_DOCUMENT,
	COLUMN_EXTRA,
};

struct column {
	int what;
	char *name;	/* of a document's kind, or the heading */
};

struct ss_sheet {
	struct ss_value *map;		/* path -> headings */
	struct ss_csv *csv;
	struct column *columns;
	size_t count;
	struct ss_bytes folder;		/* of the file, with its slash */
	struct ss_form form;
	struct ss_bytes line;
	uint64_t number;
};

int
ss_sheet_open(struct ss_sheet **out, const char *data_dir, struct ss_csv *csv)
{
	struct ss_bytes path = { 0 };
	struct ss_sheet *sheet;
	int r;

	*out = NULL;
	if ((sheet = calloc(1, sizeof(*sheet))) == NULL)
		return ss_fail(SS_EMEMORY, "out of memory");
	sheet->csv = csv;
	ss_bytes_addf(&path, "%s/columns.json", data_dir);
	if ((r = ss_bytes_check(&path)) == 0)
		r = ss_json_read_file(path.data, &sheet->map);
	ss_bytes_free(&path);
	if (r != 0) {
		ss_sheet_close(sheet);
		return r;
	}
	*out = sheet;
	return 0;
}

static void
forget_columns(struct ss_sheet *sheet)
{
	while (sheet->count > 0)
		free(sheet->columns[--sheet->count].name);
	free(sheet->columns);
	sheet->columns = NULL;
}

void
ss_sheet_close(struct ss_sheet *sheet)
{
	if (sheet == NULL)
		return;
	forget_columns(sheet);
	ss_json_free(sheet->map);
	ss_bytes_free(&sheet->folder);
	ss_form_free(&sheet->form);
	ss_bytes_free(&sheet->line);
	free(sheet);
}

/* In small or capital letters. */
static bool
has_heading(const struct ss_value *headings, const char *heading)
{
	size_t i;

	for (i = 0; i < ss_value_count(headings); i++)
		if (strcasecmp(ss_value_string(ss_value_at(headings, i)),
		    heading) == 0)
			return true;
	return false;
}

/* The path whose headings include this one; the heading may be the path. */
static const char *
path_of(const struct ss_sheet *sheet, const char *heading)
{
	const struct ss_value *headings;
	const char *path;
	void *iter = NULL;

	while (ss_value_each(sheet->map, &iter, &path, &headings))
		if (strcmp(path, heading) == 0 ||
		    has_heading(headings, heading))
			return path;
	return NULL;
}

static int
what_of(const char *path)
{
	struct ss_bytes field = { 0 };
	int id, found = COLUMN_EXTRA;

	if (strcmp(path, "id") == 0)
		return COLUMN_ID;
	if (strcmp(path, "kind") == 0)
		return COLUMN_KIND;
	if (strcmp(path, "photo") == 0)
		return COLUMN_PHOTO;
	if (strncmp(path, "documents.", 10) == 0)
		return COLUMN_DOCUMENT;
	for (id = 0; id < SS_FIELDS && found == COLUMN_EXTRA; id++) {
		ss_bytes_reset(&field);
		ss_field_path((enum ss_field_id)id, &field);
		if (!field.failed && strcmp(field.data, path) == 0)
			found = id;
	}
	if (field.failed)
		found = -1;
	ss_bytes_free(&field);
	return found;
}

static int
add_column(struct ss_sheet *sheet, const struct ss_row *row, size_t i)
{
	struct column *c = &sheet->columns[i];
	size_t j, len = row->len[i];
	const char *heading = ss_trim(row->field[i], &len), *path;
	char *name;

	/* Forms mark the columns that must be filled in with a star. */
	if (len > 1 && heading[len - 1] == '*')
		len--;
	if ((name = strndup(heading, len)) == NULL)
		return ss_fail(SS_EMEMORY, "out of memory");
	*c = (struct column){ COLUMN_EXTRA, name };
	sheet->count = i + 1;
	if ((path = path_of(sheet, name)) == NULL)
		return 0;
	if ((c->what = what_of(path)) == -1)
		return ss_fail(SS_EMEMORY, "out of memory");
	if (c->what == COLUMN_DOCUMENT) {
		free(name);
		if ((c->name = strdup(path + 10)) == NULL)
			return ss_fail(SS_EMEMORY, "out of memory");
	}
	for (j = 0; j < i; j++)
		if (sheet->columns[j].what == c->what &&
		    c->what < COLUMN_DOCUMENT)
			return ss_fail(SS_EINVALID, "%s: columns %zu and %zu "
			    "both mean %s", row->file, j + 1, i + 1, path);
	return 0;
}

/* Says which headings a missing column may have. */
static int
missing_column(const struct ss_sheet *sheet, const char *file,
    const char *path)
{
	const struct ss_value *headings = ss_value_member(sheet->map, path);
	struct ss_bytes b = { 0 };
	size_t i;

	for (i = 0; i < ss_value_count(headings); i++)
		ss_bytes_addf(&b, "%s%s", i > 0 ? ", " : "",
		    ss_value_string(ss_value_at(headings, i)));
	ss_fail(SS_EINVALID, "%s: no column for %s; its heading may be: %s",
	    file, path, b.len > 0 ? b.data : path);
	ss_bytes_free(&b);
	return SS_EINVALID;
}

static int
read_header(struct ss_sheet *sheet, const struct ss_row *row)
{
	const char *slash = strrchr(row->file, '/');
	bool name = false, number = false;
	size_t i;
	int r = 0;

	if (row->code != 0)
		return ss_fail_in(SS_EINVALID, "%s: header", row->file);
	forget_columns(sheet);
	ss_bytes_reset(&sheet->folder);
	if (slash != NULL)
		ss_bytes_add(&sheet->folder, row->file,
		    (size_t)(slash - row->file) + 1);
	sheet->columns = calloc(row->count, sizeof(*sheet->columns));
	if (sheet->columns == NULL || sheet->folder.failed)
		return ss_fail(SS_EMEMORY, "out of memory");
	for (i = 0; r == 0 && i < row->count; i++) {
		r = add_column(sheet, row, i);
		name |= r == 0 && sheet->columns[i].what == SS_F_NAME;
		number |= r == 0 && sheet->columns[i].what == SS_F_ID_NUMBER;
	}
	if (r == 0 && !name)
		r = missing_column(sheet, row->file, "person.name");
	if (r == 0 && !number)
		r = missing_column(sheet, row->file, "person.id_number");
	return r;
}

/* A path, behind the folder of the sheet when it is relative. */
static void
add_path(struct ss_sheet *sheet, const char *key, const char *path, size_t len)
{
	struct ss_bytes full = { 0 };

	if (path[0] != '/')
		ss_bytes_add(&full, sheet->folder.data, sheet->folder.len);
	ss_bytes_add(&full, path, len);
	if (full.failed)
		sheet->line.failed = true;
	else
		ss_json_addn(&sheet->line, key, full.data, full.len);
	ss_bytes_free(&full);
}

static void
add_cell(struct ss_sheet *sheet, const struct ss_row *row, size_t i,
    const char *key)
{
	if (sheet->columns[i].what == COLUMN_DOCUMENT)
		add_path(sheet, key, row->field[i], row->len[i]);
	else
		ss_json_addn(&sheet->line, key, row->field[i], row->len[i]);
}

/* Whether a column is the same member as another, and has something. */
static bool
is_more(const struct ss_sheet *sheet, const struct ss_row *row, size_t i,
    size_t j)
{
	return sheet->columns[j].what == sheet->columns[i].what &&
	    row->len[j] > 0 &&
	    strcmp(sheet->columns[j].name, sheet->columns[i].name) == 0;
}

/* One column as a member; several of one name as an array. */
static void
add_member(struct ss_sheet *sheet, const struct ss_row *row, size_t i)
{
	const char *name = sheet->columns[i].name;
	size_t j, more = 0;

	for (j = 0; j < i; j++)
		if (is_more(sheet, row, i, j))
			return;
	for (j = i + 1; j < row->count; j++)
		more += is_more(sheet, row, i, j);
	if (more == 0) {
		add_cell(sheet, row, i, name);
		return;
	}
	ss_json_open(&sheet->line, name, '[');
	for (j = i; j < row->count; j++)
		if (is_more(sheet, row, i, j))
			add_cell(sheet, row, j, NULL);
	ss_json_close(&sheet->line, ']');
}

/* The columns of one kind as members of an object, when there are any. */
static void
add_members(struct ss_sheet *sheet, const struct ss_row *row, int what,
    const char *member)
{
	bool any = false;
	size_t i;

	for (i = 0; i < row->count; i++) {
		if (sheet->columns[i].what != what || row->len[i] == 0)
			continue;
		if (!any)
			ss_json_open(&sheet->line, member, '{');
		any = true;
		add_member(sheet, row, i);
	}
	if (any)
		ss_json_close(&sheet->line, '}');
}

static void
add_plain(struct ss_sheet *sheet, const struct ss_row *row, size_t i)
{
	int what = sheet->columns[i].what;

	if (row->len[i] == 0)
		return;
	if (what < SS_FIELDS)
		ss_form_set(&sheet->form, (enum ss_field_id)what,
		    row->field[i], row->len[i]);
	else if (what == COLUMN_ID || what == COLUMN_KIND)
		ss_json_addn(&sheet->line, what == COLUMN_ID ? "id" : "kind",
		    row->field[i], row->len[i]);
	else if (what == COLUMN_PHOTO)
		add_path(sheet, "photo", row->field[i], row->len[i]);
}

static int
make_line(struct ss_sheet *sheet, const struct ss_row *row)
{
	const char *region;
	size_t i;

	ss_form_reset(&sheet->form);
	ss_bytes_reset(&sheet->line);
	ss_bytes_addc(&sheet->line, '{');
	for (i = 0; i < row->count; i++)
		add_plain(sheet, row, i);
	if ((region = ss_form_get(&sheet->form, SS_F_REGION)) != NULL)
		ss_json_add(&sheet->line, "region", region);
	ss_json_key(&sheet->line, "person");
	ss_form_write(&sheet->form, "person", &sheet->line);
	add_members(sheet, row, COLUMN_DOCUMENT, "documents");
	if (ss_form_get(&sheet->form, SS_F_THROUGH) != NULL) {
		ss_json_key(&sheet->line, "applied");
		ss_form_write(&sheet->form, "applied", &sheet->line);
	}
	add_members(sheet, row, COLUMN_EXTRA, "extra");
	ss_bytes_addc(&sheet->line, '}');
	if (sheet->form.text.failed)
		return ss_bytes_check(&sheet->form.text);
	return ss_bytes_check(&sheet->line);
}

/* A row that makes no record: its own text, with the reason. */
static int
bad_line(struct ss_sheet *sheet, const struct ss_row *row,
    struct ss_line *line)
{
	line->code = SS_EINVALID;
	if (row->code == 0)
		ss_fail(SS_EINVALID, "%zu fields where the header has %zu",
		    row->count, sheet->count);
	snprintf(line->message, sizeof(line->message), "%s", ss_message());
	ss_bytes_reset(&sheet->line);
	ss_csv_write(row, &sheet->line);
	return ss_bytes_check(&sheet->line);
}

static int
next(void *ctx, bool wait, struct ss_line *line, enum ss_next *what)
{
	struct ss_sheet *sheet = ctx;
	struct ss_row row;
	int r;

	for (;;) {
		if ((r = ss_csv_next(sheet->csv, wait, &row, what)) != 0 ||
		    *what != SS_LINE)
			return r;
		if (!row.first)
			break;
		if ((r = read_header(sheet, &row)) != 0)
			return r;
	}
	*line = (struct ss_line){ .number = ++sheet->number };
	if (row.code != 0 || row.count != sheet->count)
		r = bad_line(sheet, &row, line);
	else
		r = make_line(sheet, &row);
	line->data = sheet->line.data;
	line->len = line->full_len = sheet->line.len;
	return r;
}

struct ss_source
ss_sheet_source(struct ss_sheet *sheet, struct ss_input *in)
{
	return (struct ss_source){ next, sheet, in };
}
