#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "rules/page.h"

#define COLUMNS 78

/* Two columns wide on a terminal. */
static bool
is_wide(uint32_t c)
{
	static const uint32_t ranges[][2] = {
		{ 0x1100, 0x115f }, { 0x2e80, 0xa4cf }, { 0xac00, 0xd7a3 },
		{ 0xf900, 0xfaff }, { 0xfe30, 0xfe6f }, { 0xff00, 0xff60 },
		{ 0xffe0, 0xffe6 }, { 0x20000, 0x3fffd },
	};
	size_t i;

	for (i = 0; i < sizeof(ranges) / sizeof(ranges[0]); i++)
		if (c >= ranges[i][0] && c <= ranges[i][1])
			return true;
	return false;
}

static int
width(const char *s, const char *end)
{
	int columns = 0;

	while (s < end)
		columns += is_wide(ss_utf8_next(&s, end)) ? 2 : 1;
	return columns;
}

static uint32_t
peek(const char *s, const char *end)
{
	return ss_utf8_next(&s, end);
}

/* Marks that no line may begin with, and those that none may end with. */
static bool
is_closing(uint32_t c)
{
	static const uint32_t marks[] = { 0xff0c, 0x3002, 0x3001, 0xff1b,
		0xff1a, 0xff1f, 0xff01, 0xff09, 0x300b, 0x3009, 0x300d, 0x300f,
		0x3011, 0x3015, 0x201d, 0x2019, 0xff05, ',', '.', ';', ':',
		'!', '?', ')', ']', '%' };
	size_t i;

	for (i = 0; i < sizeof(marks) / sizeof(marks[0]); i++)
		if (c == marks[i])
			return true;
	return false;
}

static bool
is_opening(uint32_t c)
{
	static const uint32_t marks[] = { 0xff08, 0x300a, 0x3008, 0x300c,
		0x300e, 0x3010, 0x3014, 0x201c, 0x2018, '(', '[' };
	size_t i;

	for (i = 0; i < sizeof(marks) / sizeof(marks[0]); i++)
		if (c == marks[i])
			return true;
	return false;
}

static bool
may_break(uint32_t a, uint32_t b)
{
	return (is_wide(a) || is_wide(b)) && !is_closing(b) && !is_opening(a);
}

/*
 * The end of what stays together on a line: a word, a character with the marks
 * that belong to it, a figure with its unit. Longer than a line, it is cut.
 */
static const char *
unit_end(const char *s, const char *end, int most)
{
	const char *start = s, *next;
	uint32_t a = ss_utf8_next(&s, end), b;

	while (s < end) {
		b = peek(s, end);
		if (b == ' ' && !(a >= '0' && a <= '9' && s + 1 < end &&
		    is_wide(peek(s + 1, end))))
			break;
		if (b != ' ' && a != ' ' && may_break(a, b))
			break;
		next = s;
		ss_utf8_next(&next, end);
		if (width(start, next) > most)
			break;
		s = next;
		a = b;
	}
	return s;
}

/* A text after what the line begins with, further lines below the text. */
static void
wrap(struct ss_bytes *out, const char *before, const char *s)
{
	const char *end = s + strlen(s), *next;
	int indent = width(before, before + strlen(before)), column = indent;
	int columns, space;

	ss_bytes_adds(out, before);
	while (s < end) {
		for (space = 0; s < end && *s == ' '; s++)
			space = column > indent;
		if (s == end)
			break;
		next = unit_end(s, end, COLUMNS - indent);
		columns = width(s, next);
		if (column > indent && column + space + columns > COLUMNS) {
			ss_bytes_addf(out, "\n%*s", indent, "");
			column = indent;
		} else if (space) {
			ss_bytes_addc(out, ' ');
			column++;
		}
		ss_bytes_add(out, s, (size_t)(next - s));
		column += columns;
		s = next;
	}
	ss_bytes_addc(out, '\n');
}

static void
underline(struct ss_bytes *out, const char *text, char c)
{
	int columns = width(text, text + strlen(text));

	for (columns = columns < COLUMNS ? columns : COLUMNS; columns > 0;
	    columns--)
		ss_bytes_addc(out, c);
	ss_bytes_addc(out, '\n');
}

/* "label: value" as one text. */
static void
text_row(struct ss_page *page, const char *before, const char *label,
    const char *value)
{
	struct ss_bytes line = { 0 };

	ss_bytes_adds(&line, label);
	ss_bytes_adds(&line, ss_page_label(page, "colon"));
	ss_bytes_adds(&line, value);
	if (ss_bytes_check(&line) == 0)
		wrap(page->out, before, line.data);
	else
		page->out->failed = true;
	ss_bytes_free(&line);
}

static void
text_begin(struct ss_page *page)
{
	wrap(page->out, "", page->head->title);
	underline(page->out, page->head->title, '=');
	if (page->head->authority != NULL)
		text_row(page, "", ss_page_label(page, "authority"),
		    page->head->authority);
}

static void
text_item(struct ss_page *page, const char *text)
{
	char before[16] = "  - ";

	if (page->step > 0)
		snprintf(before, sizeof(before), "%3d. ", page->step++);
	wrap(page->out, before, text);
}

static void
text_put(struct ss_page *page, enum ss_part part, const char *a, const char *b)
{
	switch (part) {
	case SS_PART_TOPIC:
		ss_bytes_addc(page->out, '\n');
		wrap(page->out, "", b);
		underline(page->out, b, '-');
		break;
	case SS_PART_HEADING:
		ss_bytes_addc(page->out, '\n');
		wrap(page->out, "* ", a);
		break;
	case SS_PART_PARAGRAPH:
		ss_bytes_addc(page->out, '\n');
		wrap(page->out, "", a);
		break;
	case SS_PART_LIST:
	case SS_PART_STEPS:
	case SS_PART_TABLE:
		ss_bytes_addc(page->out, '\n');
		break;
	case SS_PART_ITEM:
		text_item(page, a);
		break;
	case SS_PART_ROW:
		text_row(page, "  ", a, b);
		break;
	default:
		break;
	}
}

static void
text_end(struct ss_page *page)
{
	if (page->head->telephone != NULL || page->head->website != NULL)
		ss_bytes_addc(page->out, '\n');
	if (page->head->telephone != NULL)
		text_row(page, "", ss_page_label(page, "telephone"),
		    page->head->telephone);
	if (page->head->website != NULL)
		text_row(page, "", ss_page_label(page, "website"),
		    page->head->website);
}

const struct ss_page_style ss_page_text = { text_begin, text_put, text_end };
