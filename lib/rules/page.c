#include <string.h>

#include "rules/page.h"

const char *
ss_page_label(const struct ss_page *page, const char *name)
{
	const struct ss_value *label = ss_value_get(page->head->labels, name);

	return ss_value_string(ss_value_get(label, page->head->lang));
}

/* Escapes what Markdown would take for its own, here or at a line's start. */
static void
md_text(struct ss_bytes *out, const char *s)
{
	size_t digits = strspn(s, "0123456789");

	if (strchr("-+=#", s[0]) != NULL && s[0] != '\0')
		ss_bytes_addc(out, '\\');
	if (digits > 0 && (s[digits] == '.' || s[digits] == ')')) {
		ss_bytes_add(out, s, digits);
		ss_bytes_addc(out, '\\');
		s += digits;
	}
	for (; *s != '\0'; s++) {
		if (strchr("\\`*_[]<>|&~", *s) != NULL)
			ss_bytes_addc(out, '\\');
		ss_bytes_addc(out, *s);
	}
}

static void
md_line(struct ss_bytes *out, const char *before, const char *s,
    const char *after)
{
	ss_bytes_adds(out, before);
	md_text(out, s);
	ss_bytes_adds(out, after);
}

static void
md_row(struct ss_bytes *out, const char *label, const char *value)
{
	md_line(out, "| ", label, " | ");
	md_line(out, "", value, " |\n");
}

static void
md_begin(struct ss_page *page)
{
	md_line(page->out, "# ", page->head->title, "\n\n");
	if (page->head->authority == NULL)
		return;
	md_line(page->out, "", ss_page_label(page, "authority"), "");
	md_line(page->out, ss_page_label(page, "colon"),
	    page->head->authority, "\n\n");
}

static void
md_item(struct ss_page *page, const char *text)
{
	if (page->step > 0)
		ss_bytes_addf(page->out, "%d. ", page->step++);
	else
		ss_bytes_adds(page->out, "- ");
	md_line(page->out, "", text, "\n");
}

static void
md_put(struct ss_page *page, enum ss_part part, const char *a, const char *b)
{
	switch (part) {
	case SS_PART_TOPIC:
		md_line(page->out, "## ", b, "\n\n");
		break;
	case SS_PART_HEADING:
		md_line(page->out, "### ", a, "\n\n");
		break;
	case SS_PART_PARAGRAPH:
		md_line(page->out, "", a, "\n\n");
		break;
	case SS_PART_ITEM:
		md_item(page, a);
		break;
	case SS_PART_TABLE:
		md_row(page->out, ss_page_label(page, "item"),
		    ss_page_label(page, "value"));
		ss_bytes_adds(page->out, "| --- | --- |\n");
		break;
	case SS_PART_ROW:
		md_row(page->out, a, b);
		break;
	case SS_PART_LIST_END:
	case SS_PART_TABLE_END:
		ss_bytes_addc(page->out, '\n');
		break;
	default:
		break;
	}
}

static void
md_contact(struct ss_page *page, const char *label, const char *value)
{
	if (value == NULL)
		return;
	md_line(page->out, "- ", ss_page_label(page, label), "");
	md_line(page->out, ss_page_label(page, "colon"), value, "\n");
}

static void
md_end(struct ss_page *page)
{
	if (page->head->telephone != NULL || page->head->website != NULL)
		ss_bytes_adds(page->out, "---\n\n");
	md_contact(page, "telephone", page->head->telephone);
	md_contact(page, "website", page->head->website);
}

static void
json_begin(struct ss_page *page)
{
	ss_bytes_addc(page->out, '{');
	ss_json_add(page->out, "region", page->head->region);
	ss_json_add(page->out, "name", page->head->name);
	ss_json_add(page->out, "lang", page->head->lang);
	ss_json_open(page->out, "topics", '[');
}

static void
json_open(struct ss_bytes *out, const char *type, const char *array)
{
	ss_json_open(out, NULL, '{');
	ss_json_add(out, "type", type);
	ss_json_open(out, array, '[');
}

static void
json_text(struct ss_bytes *out, const char *type, const char *text)
{
	ss_json_open(out, NULL, '{');
	ss_json_add(out, "type", type);
	ss_json_add(out, "text", text);
	ss_json_close(out, '}');
}

static void
json_pair(struct ss_bytes *out, const char *const names[2], const char *a,
    const char *b)
{
	ss_json_open(out, NULL, '{');
	ss_json_add(out, names[0], a);
	ss_json_add(out, names[1], b);
}

static void
json_put(struct ss_page *page, enum ss_part part, const char *a, const char *b)
{
	static const char *const topic[] = { "name", "title" };
	static const char *const row[] = { "label", "value" };

	switch (part) {
	case SS_PART_TOPIC:
		json_pair(page->out, topic, a, b);
		ss_json_open(page->out, "blocks", '[');
		break;
	case SS_PART_HEADING:
		json_text(page->out, "heading", a);
		break;
	case SS_PART_PARAGRAPH:
		json_text(page->out, "paragraph", a);
		break;
	case SS_PART_LIST:
		json_open(page->out, "list", "items");
		break;
	case SS_PART_STEPS:
		json_open(page->out, "steps", "items");
		break;
	case SS_PART_TABLE:
		json_open(page->out, "table", "rows");
		break;
	case SS_PART_ITEM:
		ss_json_add(page->out, NULL, a);
		break;
	case SS_PART_ROW:
		json_pair(page->out, row, a, b);
		ss_json_close(page->out, '}');
		break;
	default:	/* the ends */
		ss_json_close(page->out, ']');
		ss_json_close(page->out, '}');
		break;
	}
}

static void
json_end(struct ss_page *page)
{
	ss_json_close(page->out, ']');
	ss_json_key(page->out, "policy");
	if (ss_value_write(page->head->policy, page->out) != 0)
		page->out->failed = true;
	ss_bytes_adds(page->out, "}\n");
}

static const struct ss_page_style markdown = { md_begin, md_put, md_end };
static const struct ss_page_style json = { json_begin, json_put, json_end };

void
ss_page_begin(struct ss_page *page, enum ss_page_format format,
    const struct ss_page_head *head, struct ss_bytes *out)
{
	*page = (struct ss_page){ .head = head, .out = out };
	switch (format) {
	case SS_PAGE_TEXT:
		page->style = &ss_page_text;
		break;
	case SS_PAGE_MARKDOWN:
		page->style = &markdown;
		break;
	case SS_PAGE_HTML:
		page->style = &ss_page_html;
		break;
	case SS_PAGE_JSON:
		page->style = &json;
		break;
	}
	page->style->begin(page);
}

void
ss_page_put(struct ss_page *page, enum ss_part part, const char *a,
    const char *b)
{
	if (part == SS_PART_LIST || part == SS_PART_STEPS)
		page->step = part == SS_PART_STEPS;
	page->style->put(page, part, a, b);
}

int
ss_page_end(struct ss_page *page)
{
	page->style->end(page);
	return ss_bytes_check(page->out);
}
