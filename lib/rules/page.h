/*
 * A page of text in four formats: plain text for a terminal, Markdown, HTML
 * and JSON. The guide puts its parts in order; what they look like is decided
 * here. All texts are UTF-8 on one line, without control characters.
 */
#ifndef SS_RULES_PAGE_H
#define SS_RULES_PAGE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/bytes.h"
#include "base/json.h"

enum ss_page_format {
	SS_PAGE_TEXT,		/* 78 columns; a Chinese character has two */
	SS_PAGE_MARKDOWN,	/* CommonMark with tables */
	SS_PAGE_HTML,		/* a whole document; loads nothing */
	SS_PAGE_JSON,		/* one line */
};

/* What is put on a page; behind it what a and b of ss_page_put are. */
enum ss_part {
	SS_PART_TOPIC,		/* its name, its title */
	SS_PART_TOPIC_END,
	SS_PART_HEADING,	/* text */
	SS_PART_PARAGRAPH,	/* text */
	SS_PART_LIST,
	SS_PART_STEPS,		/* a list that is numbered */
	SS_PART_ITEM,		/* text */
	SS_PART_LIST_END,	/* of either */
	SS_PART_TABLE,
	SS_PART_ROW,		/* label, value */
	SS_PART_TABLE_END,
};

struct ss_page_link {
	const char *name, *title;
};

/* What stands at the top and the bottom; borrowed until ss_page_end. */
struct ss_page_head {
	const char *lang;		/* "zh" or "en" */
	const char *region, *name;	/* six digits, and what it is called */
	const char *title;
	const char *authority;		/* these three may be NULL */
	const char *telephone, *website;
	const struct ss_value *labels;	/* of guide.json */
	const struct ss_page_link *topics;
	size_t topic_count;
	const struct ss_value *policy;	/* for SS_PAGE_JSON */
};

struct ss_page;

/* How a format puts it. */
struct ss_page_style {
	void (*begin)(struct ss_page *);
	void (*put)(struct ss_page *, enum ss_part, const char *a,
	    const char *b);
	void (*end)(struct ss_page *);
};

struct ss_page {
	const struct ss_page_style *style;
	const struct ss_page_head *head;
	struct ss_bytes *out;
	int step;	/* the next number of a numbered list, 0 in another */
};

extern const struct ss_page_style ss_page_text, ss_page_html;

/* Appends to out, which is borrowed until ss_page_end. */
void ss_page_begin(struct ss_page *, enum ss_page_format,
    const struct ss_page_head *, struct ss_bytes *out);
void ss_page_put(struct ss_page *, enum ss_part, const char *a, const char *b);

/* 0, or SS_EMEMORY for anything of the page. */
int ss_page_end(struct ss_page *);

/* A label of guide.json in the page's language. */
const char *ss_page_label(const struct ss_page *, const char *name);

#endif
