#include <csv.h>

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/csv.h"
#include "base/err.h"
#include "base/text.h"

/* A quote inside an unquoted field is an ordinary character. */
#define LENIENT CSV_APPEND_NULL

enum encoding {
	UNDECIDED,	/* nothing but ASCII so far */
	UTF_8,
	GB18030,
};

struct ss_csv {
	struct ss_input *in;
	size_t limit;
	enum encoding told, encoding;
	struct ss_codec *codec;		/* GB18030 to UTF-8, when needed */
	struct csv_parser parser;
	bool open;			/* in a file */
	bool closing;			/* which ends with what is at hand */
	bool header;			/* its first row is still to come */
	size_t row_bytes;		/* fed since the last row ended */
	unsigned long rows;		/* of this file, header included */
	bool ended_row, failed;
	const char *file;
	/* The row in the making, as it stands in the file, then decoded. */
	struct ss_bytes raw, text;
	size_t *raw_len, *len;
	const char **field;
	size_t count, cap;
};

int
ss_csv_open(struct ss_csv **out, struct ss_input *in, const char *encoding,
    size_t limit)
{
	struct ss_csv *csv;

	*out = NULL;
	if ((csv = calloc(1, sizeof(*csv))) == NULL)
		return ss_fail(SS_EMEMORY, "out of memory");
	csv->in = in;
	csv->limit = limit;
	if (encoding != NULL && (strcasecmp(encoding, "utf-8") == 0 ||
	    strcasecmp(encoding, "utf8") == 0))
		csv->told = UTF_8;
	else if (encoding != NULL && (strcasecmp(encoding, "gb18030") == 0 ||
	    strcasecmp(encoding, "gbk") == 0 ||
	    strcasecmp(encoding, "gb2312") == 0))
		csv->told = GB18030;
	else if (encoding != NULL) {
		free(csv);
		return ss_fail(SS_EINVALID,
		    "CSV is read as utf-8 or gb18030, not %s", encoding);
	}
	if (csv_init(&csv->parser, LENIENT) != 0) {
		free(csv);
		return ss_fail(SS_EMEMORY, "out of memory");
	}
	*out = csv;
	return 0;
}

void
ss_csv_close(struct ss_csv *csv)
{
	if (csv == NULL)
		return;
	csv_free(&csv->parser);
	ss_codec_close(csv->codec);
	ss_bytes_free(&csv->raw);
	ss_bytes_free(&csv->text);
	free(csv->raw_len);
	free(csv->len);
	free(csv->field);
	free(csv);
}

static bool
make_room(struct ss_csv *csv)
{
	size_t cap = csv->cap * 2 + 32;
	void *p;

	if (csv->count < csv->cap)
		return true;
	if ((p = realloc(csv->raw_len, cap * sizeof(*csv->raw_len))) == NULL)
		return false;
	csv->raw_len = p;
	if ((p = realloc(csv->len, cap * sizeof(*csv->len))) == NULL)
		return false;
	csv->len = p;
	if ((p = realloc(csv->field, cap * sizeof(*csv->field))) == NULL)
		return false;
	csv->field = p;
	csv->cap = cap;
	return true;
}

static void
on_field(void *data, size_t len, void *ctx)
{
	struct ss_csv *csv = ctx;

	if (!make_room(csv)) {
		csv->failed = true;
		return;
	}
	ss_bytes_add(&csv->raw, data, len);
	csv->raw_len[csv->count++] = len;
}

static void
on_row(int c, void *ctx)
{
	struct ss_csv *csv = ctx;

	(void)c;
	csv->ended_row = true;
}

static bool
is_ascii(const char *p, size_t len)
{
	while (len > 0)
		if ((unsigned char)p[--len] >= 0x80)
			return false;
	return true;
}

/* UTF-8 but for a character that the end of the text cuts. */
static bool
begins_as_utf8(const char *p, size_t len)
{
	size_t cut;

	/* Back to where the last character begins, over at most two bytes. */
	for (cut = 1; cut < 3 && cut < len &&
	    ((unsigned char)p[len - cut] & 0xc0) == 0x80; cut++)
		;
	return ss_utf8_valid(p, len) || (len > 0 &&
	    (unsigned char)p[len - cut] >= 0xc2 &&
	    ss_utf8_valid(p, len - cut));
}

/* Enough to tell the encoding by: a row, or as much as one may be. */
static bool
enough(const struct ss_csv *csv)
{
	const struct ss_input *in = csv->in;
	size_t len = in->buf.len - in->pos;

	return len > csv->limit || (len > 0 &&
	    memchr(in->buf.data + in->pos, '\n', len) != NULL);
}

/*
 * By most of the lines that are not ASCII, so that one spoiled line makes no
 * other sheet of all of them. A last line that is cut counts by what it has.
 */
static enum encoding
encoding_of(const char *p, size_t len)
{
	const char *end = p + len, *nl;
	size_t n, utf8 = 0, other = 0;

	for (; p < end; p += n + 1) {
		nl = memchr(p, '\n', (size_t)(end - p));
		n = (size_t)((nl != NULL ? nl : end) - p);
		if (is_ascii(p, n))
			continue;
		if (nl != NULL ? ss_utf8_valid(p, n) : begins_as_utf8(p, n))
			utf8++;
		else
			other++;
	}
	return utf8 >= other ? UTF_8 : GB18030;
}

/* At the beginning of a file: the byte order mark and the encoding. */
static int
begin_file(struct ss_csv *csv)
{
	struct ss_input *in = csv->in;
	const char *p = in->buf.data + in->pos;
	size_t len = in->buf.len - in->pos;

	csv->open = csv->header = true;
	csv->rows = csv->row_bytes = 0;
	csv->encoding = csv->told;
	csv->file = in->name;
	if (len >= 2 && (memcmp(p, "\xff\xfe", 2) == 0 ||
	    memcmp(p, "\xfe\xff", 2) == 0))
		return ss_fail(SS_EINVALID,
		    "%s: UTF-16; save it as CSV in UTF-8", csv->file);
	if (len >= 3 && memcmp(p, "\xef\xbb\xbf", 3) == 0) {
		in->pos += 3;
		csv->encoding = UTF_8;
	} else if (csv->told == UNDECIDED && !is_ascii(p, len)) {
		csv->encoding = encoding_of(p, len);
	}
	return 0;
}

/* Decodes the row's fields into text; SS_EINVALID leaves the raw ones. */
static int
decode(struct ss_csv *csv)
{
	const char *raw = csv->raw.data;
	size_t i, start;
	int r = 0;

	if (csv->encoding == UNDECIDED && !is_ascii(raw, csv->raw.len))
		csv->encoding = ss_utf8_valid(raw, csv->raw.len) ? UTF_8 :
		    GB18030;
	/* Where it was guessed, a row that says otherwise is no row of it. */
	if (csv->encoding == GB18030 && csv->told == UNDECIDED &&
	    !is_ascii(raw, csv->raw.len) && ss_utf8_valid(raw, csv->raw.len))
		return SS_EINVALID;
	if (csv->encoding == GB18030 && csv->codec == NULL &&
	    (r = ss_codec_open(&csv->codec, "UTF-8", "GB18030")) != 0)
		return r;
	for (i = 0; i < csv->count; i++) {
		start = csv->text.len;
		if (csv->encoding == GB18030)
			r = ss_codec_convert(csv->codec, raw, csv->raw_len[i],
			    &csv->text);
		else if (ss_utf8_valid(raw, csv->raw_len[i]))
			ss_bytes_add(&csv->text, raw, csv->raw_len[i]);
		else
			r = SS_EINVALID;
		if (r != 0)
			return r;
		csv->len[i] = csv->text.len - start;
		ss_bytes_addc(&csv->text, '\0');
		raw += csv->raw_len[i];
	}
	return ss_bytes_check(&csv->text);
}

/* The row as its reader sees it; with a code, undecoded. */
static int
finish_row(struct ss_csv *csv, struct ss_row *row)
{
	const char *p;
	size_t i;
	int r;

	ss_bytes_reset(&csv->text);
	r = decode(csv);
	if (r != 0 && r != SS_EINVALID)
		return r;
	if (r != 0)
		ss_fail(r, "the row is not %s; say --encoding",
		    csv->encoding == GB18030 ? "GB18030" : "UTF-8");
	else if (memchr(csv->raw.data, '\0', csv->raw.len) != NULL)
		r = ss_fail(SS_EINVALID, "the row holds a NUL character");
	if (r != 0) {
		ss_bytes_reset(&csv->text);
		for (i = 0, p = csv->raw.data; i < csv->count; i++) {
			csv->len[i] = csv->raw_len[i];
			ss_bytes_add(&csv->text, p, csv->raw_len[i]);
			ss_bytes_addc(&csv->text, '\0');
			p += csv->raw_len[i];
		}
	}
	for (i = 0, p = csv->text.data; i < csv->count; i++) {
		csv->field[i] = p;
		p += csv->len[i] + 1;
	}
	*row = (struct ss_row){ csv->field, csv->len, csv->count, csv->header,
		csv->file, r };
	csv->header = false;
	return 0;
}

static void
start_row(struct ss_csv *csv)
{
	ss_bytes_reset(&csv->raw);
	csv->count = 0;
	csv->ended_row = false;
	csv->row_bytes = 0;
}

/* Feeds libcsv up to the next end of line, so that at most one row ends. */
static int
feed(struct ss_csv *csv)
{
	struct ss_input *in = csv->in;
	const char *p = in->buf.data + in->pos;
	size_t n = in->buf.len - in->pos, i;

	for (i = 0; i < n && p[i] != '\n' && p[i] != '\r'; i++)
		;
	n = i < n ? i + 1 : n;
	if (csv_parse(&csv->parser, p, n, on_field, on_row, csv) != n ||
	    csv->failed || csv->raw.failed)
		return ss_fail(SS_EMEMORY, "out of memory");
	in->pos += n;
	csv->row_bytes += n;
	if (csv->row_bytes > csv->limit)
		return ss_fail(SS_EINVALID, "%s: row %lu is longer than the "
		    "line limit; is a quote not closed?", csv->file,
		    csv->rows + 1);
	return 0;
}

static int
end_file(struct ss_csv *csv)
{
	csv->open = false;
	/* libcsv tells of a quote left open only when it is strict. */
	csv_set_opts(&csv->parser, LENIENT | CSV_STRICT | CSV_STRICT_FINI);
	if (csv_fini(&csv->parser, on_field, on_row, csv) != 0)
		return ss_fail(SS_EINVALID, "%s: row %lu: a quote is not "
		    "closed before the end of the file", csv->file,
		    csv->rows + 1);
	csv_set_opts(&csv->parser, LENIENT);
	return 0;
}

/* Reads until a row has ended, or there is nothing more at hand. */
static int
advance(struct ss_csv *csv, bool wait, enum ss_next *what)
{
	struct ss_input *in = csv->in;
	enum ss_fill fill;
	int r;

	*what = SS_LINE;
	while (!csv->ended_row) {
		if (csv->open && in->pos < in->buf.len) {
			if ((r = feed(csv)) != 0)
				return r;
			continue;
		}
		if (csv->closing) {
			csv->closing = false;
			if ((r = end_file(csv)) != 0)
				return r;
			continue;
		}
		if ((r = ss_input_fill(in, wait, &fill)) != 0)
			return r;
		if (fill == SS_NOT_YET || fill == SS_INPUT_END) {
			*what = fill == SS_NOT_YET ? SS_NO_LINE_YET :
			    SS_NO_MORE;
			return 0;
		}
		if (!csv->open && (enough(csv) || (fill == SS_FILE_END &&
		    in->pos < in->buf.len)))
			r = begin_file(csv);
		csv->closing = fill == SS_FILE_END && csv->open;
		if (r != 0)
			return r;
	}
	return 0;
}

int
ss_csv_next(struct ss_csv *csv, bool wait, struct ss_row *row,
    enum ss_next *what)
{
	int r;

	for (;;) {
		if (csv->ended_row)
			start_row(csv);
		if ((r = advance(csv, wait, what)) != 0 || *what != SS_LINE)
			return r;
		csv->rows++;
		if (csv->raw.len > 0)
			return finish_row(csv, row);
	}
}

void
ss_csv_write(const struct ss_row *row, struct ss_bytes *out)
{
	size_t i, size;
	char *p;

	for (i = 0; i < row->count; i++) {
		if (i > 0)
			ss_bytes_addc(out, ',');
		if (strpbrk(row->field[i], ",\"\r\n") == NULL) {
			ss_bytes_add(out, row->field[i], row->len[i]);
			continue;
		}
		size = 2 * row->len[i] + 2;
		if ((p = ss_bytes_room(out, size)) == NULL)
			return;
		out->len += csv_write(p, size, row->field[i], row->len[i]);
		out->data[out->len] = '\0';
	}
}
