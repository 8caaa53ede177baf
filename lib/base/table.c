#include <stdlib.h>
#include <string.h>

#include "base/csv.h"
#include "base/err.h"
#include "base/json.h"
#include "base/table.h"
#include "base/text.h"

struct cell {
	size_t at;		/* in text, ends with NUL */
	size_t len;
	bool none;
};

struct ss_table {
	struct ss_table_sink sink;
	const struct ss_column *columns;
	size_t count;
	struct ss_bytes text;	/* of the row; as text, of the rows held */
	struct ss_bytes cells;	/* struct cell of those */
	size_t used;		/* cells of the row */
	size_t width[SS_COLUMNS_MAX];
	struct ss_bytes out;
	bool begun;		/* the heading is out, the widths stay */
};

static const char *const format_words[SS_TABLE_FORMATS] = { "text", "csv",
	"json" };

enum ss_table_format
ss_table_format_find(const char *word)
{
	int i;

	for (i = 0; i < SS_TABLE_FORMATS; i++)
		if (strcmp(format_words[i], word) == 0)
			break;
	return (enum ss_table_format)i;
}

/* Unicode's East Asian Width W and F, in whole blocks; what combines is 0. */
static size_t
character_width(uint32_t c)
{
	static const struct {
		uint32_t first, last;
		size_t width;
	} ranges[] = {
		{ 0x300, 0x36f, 0 }, { 0x1100, 0x115f, 2 },
		{ 0x200b, 0x200f, 0 }, { 0x20d0, 0x20ff, 0 },
		{ 0x2e80, 0x303e, 2 }, { 0x3041, 0xa4cf, 2 },
		{ 0xac00, 0xd7a3, 2 }, { 0xf900, 0xfaff, 2 },
		{ 0xfe00, 0xfe0f, 0 }, { 0xfe30, 0xfe6f, 2 },
		{ 0xff01, 0xff60, 2 }, { 0xffe0, 0xffe6, 2 },
		{ 0x1f300, 0x1f64f, 2 }, { 0x1f900, 0x1f9ff, 2 },
		{ 0x20000, 0x3fffd, 2 }, { 0xe0100, 0xe01ef, 0 },
	};
	size_t i;

	for (i = 0; i < sizeof(ranges) / sizeof(ranges[0]); i++)
		if (c >= ranges[i].first && c <= ranges[i].last)
			return ranges[i].width;
	return 1;
}

size_t
ss_text_width(const char *text, size_t len)
{
	const char *end = text + len;
	size_t n = 0;

	while (text < end)
		n += character_width(ss_utf8_next(&text, end));
	return n;
}

int
ss_table_open(struct ss_table **out, const struct ss_table_sink *sink,
    const struct ss_column *columns, size_t count)
{
	struct ss_table *t;

	*out = NULL;
	if (count > SS_COLUMNS_MAX)
		return ss_fail(SS_EINVALID, "a table of more than %d columns",
		    SS_COLUMNS_MAX);
	if ((t = calloc(1, sizeof(*t))) == NULL)
		return ss_fail(SS_EMEMORY, "out of memory");
	t->sink = *sink;
	t->columns = columns;
	t->count = count;
	*out = t;
	return 0;
}

void
ss_table_close(struct ss_table *t)
{
	if (t == NULL)
		return;
	ss_bytes_free(&t->text);
	ss_bytes_free(&t->cells);
	ss_bytes_free(&t->out);
	free(t);
}

static void
add_cell(struct ss_table *t, const char *text, size_t len, bool none)
{
	struct cell cell = { t->text.len, len, none };

	ss_bytes_add(&t->text, text, len);
	ss_bytes_addc(&t->text, '\0');
	ss_bytes_add(&t->cells, &cell, sizeof(cell));
	t->used++;
}

void
ss_table_none(struct ss_table *t)
{
	add_cell(t, "", 0, true);
}

void
ss_table_add(struct ss_table *t, const char *text)
{
	if (text == NULL)
		ss_table_none(t);
	else
		add_cell(t, text, strlen(text), false);
}

void
ss_table_addi(struct ss_table *t, int64_t number)
{
	struct ss_bytes b = { 0 };

	ss_bytes_addi(&b, number);
	t->text.failed |= b.failed;
	ss_table_add(t, b.failed ? NULL : b.data);
	ss_bytes_free(&b);
}

void
ss_table_add_hundredths(struct ss_table *t, int64_t number)
{
	int64_t size = number < 0 ? -number : number;
	struct ss_bytes b = { 0 };

	ss_bytes_addf(&b, "%s%lld.%02d", number < 0 ? "-" : "",
	    (long long)(size / 100), (int)(size % 100));
	t->text.failed |= b.failed;
	ss_table_add(t, b.failed ? NULL : b.data);
	ss_bytes_free(&b);
}

static int
put(struct ss_table *t)
{
	int r;

	if ((r = ss_bytes_check(&t->out)) == 0 && t->out.len > 0)
		r = t->sink.put(t->out.data, t->out.len, t->sink.ctx);
	ss_bytes_reset(&t->out);
	return r;
}

static const struct cell *
cell_at(const struct ss_table *t, size_t i)
{
	return (const struct cell *)(const void *)t->cells.data + i;
}

/* A row as CSV; NULL for the heading. */
static void
write_csv(struct ss_table *t, const struct cell *cells)
{
	const char *field[SS_COLUMNS_MAX];
	size_t len[SS_COLUMNS_MAX], i;

	for (i = 0; i < t->count; i++) {
		field[i] = cells == NULL ? t->columns[i].name :
		    t->text.data + cells[i].at;
		len[i] = strlen(field[i]);
	}
	ss_csv_write(&(struct ss_row){ .field = field, .len = len,
	    .count = t->count }, &t->out);
	ss_bytes_adds(&t->out, "\r\n");
}

static void
write_json(struct ss_table *t, const struct cell *cells)
{
	const char *text;
	size_t i;

	ss_json_open(&t->out, NULL, '{');
	for (i = 0; i < t->count; i++) {
		text = t->text.data + cells[i].at;
		if (!cells[i].none && !t->columns[i].number) {
			ss_json_addn(&t->out, t->columns[i].name, text,
			    cells[i].len);
			continue;
		}
		ss_json_key(&t->out, t->columns[i].name);
		ss_bytes_adds(&t->out, cells[i].none ? "null" : text);
	}
	ss_json_close(&t->out, '}');
	ss_bytes_addc(&t->out, '\n');
}

static void
add_spaces(struct ss_bytes *b, size_t n)
{
	while (n-- > 0)
		ss_bytes_addc(b, ' ');
}

/* What a terminal would take for a command is none. */
static void
add_shown(struct ss_bytes *b, const char *text, size_t len)
{
	const char *end = text + len, *from;
	uint32_t c;

	while (text < end) {
		from = text;
		c = ss_utf8_next(&text, end);
		if (c < 0x20 || (c >= 0x7f && c < 0xa0))
			ss_bytes_addc(b, '?');
		else
			ss_bytes_add(b, from, (size_t)(text - from));
	}
}

static const char *
shown(const struct ss_table *t, const struct cell *cells, size_t i,
    size_t *len)
{
	const char *text = cells == NULL ? t->columns[i].name :
	    cells[i].none ? "-" : t->text.data + cells[i].at;

	*len = strlen(text);
	return text;
}

/* A row as text; NULL for the heading. Nothing stands behind its last cell. */
static void
write_text(struct ss_table *t, const struct cell *cells)
{
	size_t i, len, width, pad;
	const char *text;

	for (i = 0; i < t->count; i++) {
		text = shown(t, cells, i, &len);
		width = ss_text_width(text, len);
		pad = width < t->width[i] ? t->width[i] - width : 0;
		add_spaces(&t->out, i > 0 ? 2 : 0);
		if (t->columns[i].number)
			add_spaces(&t->out, pad);
		add_shown(&t->out, text, len);
		if (!t->columns[i].number && i + 1 < t->count)
			add_spaces(&t->out, pad);
	}
	ss_bytes_addc(&t->out, '\n');
}

static void
widen(struct ss_table *t, const struct cell *cells)
{
	size_t i, len, width;
	const char *text;

	for (i = 0; i < t->count; i++) {
		text = shown(t, cells, i, &len);
		width = ss_text_width(text, len);
		if (width > t->width[i])
			t->width[i] = width;
	}
}

static void
forget(struct ss_table *t)
{
	ss_bytes_reset(&t->text);
	ss_bytes_reset(&t->cells);
}

/* As text: the widths, the heading and the rows held, if not out yet; else
 * the one row there is. */
static int
flow(struct ss_table *t)
{
	size_t i, n = t->cells.len / sizeof(struct cell);
	int r = 0;

	if (!t->begun) {
		widen(t, NULL);
		for (i = 0; i < n; i += t->count)
			widen(t, cell_at(t, i));
		write_text(t, NULL);
		t->begun = true;
	}
	for (i = 0; r == 0 && i < n; i += t->count) {
		write_text(t, cell_at(t, i));
		r = put(t);
	}
	forget(t);
	return r != 0 ? r : put(t);
}

static int
begin(struct ss_table *t)
{
	if (t->begun || t->sink.format == SS_TABLE_JSON)
		return 0;
	if (t->sink.format == SS_TABLE_TEXT)
		return flow(t);
	write_csv(t, NULL);
	t->begun = true;
	return put(t);
}

int
ss_table_row(struct ss_table *t)
{
	int r;

	if ((r = ss_bytes_check(&t->text)) != 0 ||
	    (r = ss_bytes_check(&t->cells)) != 0)
		return r;
	if (t->used != t->count)
		return ss_fail(SS_EINVALID, "a row of %zu cells in a table of "
		    "%zu columns", t->used, t->count);
	t->used = 0;
	if (t->sink.format == SS_TABLE_TEXT)
		return t->begun || t->text.len > SS_TABLE_HELD ? flow(t) : 0;
	if ((r = begin(t)) != 0)
		return r;
	if (t->sink.format == SS_TABLE_CSV)
		write_csv(t, cell_at(t, 0));
	else
		write_json(t, cell_at(t, 0));
	forget(t);
	return put(t);
}

int
ss_table_end(struct ss_table *t)
{
	return begin(t);
}
