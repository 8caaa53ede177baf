#include <string.h>

#include "rules/page.h"

static const char css[] =
    ":root{color-scheme:light dark;--ink:#1b1b1b;--paper:#fff;--soft:#f3f5f8;"
    "--line:#8793a1;--mark:#0b4a8f;--dim:#4a5460}\n"
    "@media(prefers-color-scheme:dark){:root{--ink:#ececec;--paper:#14181d;"
    "--soft:#1f262e;--line:#6f7d8c;--mark:#8fc1ff;--dim:#b4bec9}}\n"
    "*{box-sizing:border-box}\n"
    "html{-webkit-text-size-adjust:100%;text-size-adjust:100%}\n"
    "body{margin:0;background:var(--paper);color:var(--ink);"
    "font:1.0625rem/1.75 system-ui,\"PingFang SC\",\"Microsoft YaHei\","
    "\"Noto Sans CJK SC\",\"Noto Sans SC\",sans-serif;"
    "overflow-wrap:anywhere}\n"
    ":lang(en){line-height:1.6}\n"
    "header,nav,main,footer{max-width:50rem;margin:0 auto;padding:0 1rem}\n"
    "header{padding-top:1.5rem}\n"
    "h1{margin:0 0 .25rem;font-size:1.6rem;line-height:1.35}\n"
    "h2{margin:2.75rem 0 1rem;padding-bottom:.4rem;border-bottom:2px solid "
    "var(--mark);font-size:1.3rem;line-height:1.4;scroll-margin-top:1rem}\n"
    "h3{margin:2rem 0 .5rem;color:var(--mark);font-size:1.1rem;"
    "line-height:1.4}\n"
    "p{margin:.75rem 0}\n"
    ".by{margin:0 0 1.25rem;color:var(--dim)}\n"
    "ul,ol{margin:.75rem 0;padding-left:1.6rem}\n"
    "li{margin:.35rem 0}\n"
    "nav{padding-top:.9rem;padding-bottom:.9rem;background:var(--soft);"
    "border-left:4px solid var(--mark)}\n"
    "nav h2{margin:0 0 .25rem;padding:0;border:0;font-size:1rem}\n"
    "nav ul{margin:0;padding:0;list-style:none}\n"
    "nav li{margin:0}\n"
    "nav a{display:block;padding:.3rem 0}\n"
    "a{color:var(--mark);text-underline-offset:.2em}\n"
    "a:focus-visible{outline:3px solid var(--mark);outline-offset:2px}\n"
    ".skip{position:absolute;left:-999rem;padding:.5rem 1rem;"
    "background:var(--paper)}\n"
    ".skip:focus{left:.5rem;top:.5rem}\n"
    "table{width:100%;margin:1rem 0;border-collapse:collapse}\n"
    "th,td{padding:.5rem .7rem;border:1px solid var(--line);text-align:left;"
    "vertical-align:top}\n"
    "thead th{background:var(--soft)}\n"
    "tbody th{width:38%;font-weight:600;overflow-wrap:break-word}\n"
    "@media(max-width:30rem){th,td{padding:.4rem .5rem}}\n"
    "footer{margin-top:3rem;padding-top:1rem;padding-bottom:2rem;"
    "border-top:1px solid var(--line)}\n"
    "dl{margin:0}\n"
    "dt{color:var(--dim);font-size:.95rem}\n"
    "dd{margin:0 0 .6rem}\n"
    "@media print{:root{--ink:#000;--paper:#fff;--soft:#fff;--line:#555;"
    "--mark:#000;--dim:#000}\n"
    "body{font-size:11pt;line-height:1.5}header,nav,main,footer{"
    "max-width:none;padding-left:0;padding-right:0}\n"
    "nav,.skip{display:none}h2,h3{break-after:avoid}tr,li{"
    "break-inside:avoid}}\n";

static void
text(struct ss_bytes *out, const char *s)
{
	for (; *s != '\0'; s++) {
		if (*s == '&')
			ss_bytes_adds(out, "&amp;");
		else if (*s == '<')
			ss_bytes_adds(out, "&lt;");
		else if (*s == '>')
			ss_bytes_adds(out, "&gt;");
		else if (*s == '"')
			ss_bytes_adds(out, "&quot;");
		else if (*s == '\'')
			ss_bytes_adds(out, "&#39;");
		else
			ss_bytes_addc(out, *s);
	}
}

static void
element(struct ss_bytes *out, const char *open, const char *s,
    const char *close)
{
	ss_bytes_adds(out, open);
	text(out, s);
	ss_bytes_adds(out, close);
}

static void
write_nav(struct ss_page *page)
{
	const struct ss_page_head *head = page->head;
	size_t i;

	element(page->out, "<nav aria-labelledby=\"contents\">\n"
	    "<h2 id=\"contents\">", ss_page_label(page, "contents"),
	    "</h2>\n<ul>\n");
	for (i = 0; i < head->topic_count; i++) {
		element(page->out, "<li><a href=\"#", head->topics[i].name,
		    "\">");
		element(page->out, "", head->topics[i].title, "</a></li>\n");
	}
	ss_bytes_adds(page->out, "</ul>\n</nav>\n");
}

static void
html_begin(struct ss_page *page)
{
	const struct ss_page_head *head = page->head;
	struct ss_bytes *out = page->out;

	ss_bytes_addf(out, "<!DOCTYPE html>\n<html lang=\"%s\">\n<head>\n"
	    "<meta charset=\"utf-8\">\n<meta name=\"viewport\" "
	    "content=\"width=device-width, initial-scale=1\">\n",
	    strcmp(head->lang, "zh") == 0 ? "zh-CN" : "en");
	element(out, "<title>", head->title, "</title>\n<style>\n");
	ss_bytes_adds(out, css);
	element(out, "</style>\n</head>\n<body>\n"
	    "<a class=\"skip\" href=\"#main\">", ss_page_label(page, "skip"),
	    "</a>\n");
	element(out, "<header>\n<h1>", head->title, "</h1>\n");
	if (head->authority != NULL) {
		element(out, "<p class=\"by\">",
		    ss_page_label(page, "authority"), "");
		element(out, ss_page_label(page, "colon"), head->authority,
		    "</p>\n");
	}
	ss_bytes_adds(out, "</header>\n");
	if (head->topic_count > 1)
		write_nav(page);
	ss_bytes_adds(out, "<main id=\"main\" tabindex=\"-1\">\n");
}

static void
html_table(struct ss_page *page)
{
	element(page->out, "<table>\n<thead><tr><th scope=\"col\">",
	    ss_page_label(page, "item"), "</th>");
	element(page->out, "<th scope=\"col\">", ss_page_label(page, "value"),
	    "</th></tr></thead>\n<tbody>\n");
}

static void
html_topic(struct ss_bytes *out, const char *name, const char *title)
{
	element(out, "<section aria-labelledby=\"", name, "\">\n");
	element(out, "<h2 id=\"", name, "\">");
	element(out, "", title, "</h2>\n");
}

static void
html_put(struct ss_page *page, enum ss_part part, const char *a, const char *b)
{
	struct ss_bytes *out = page->out;

	switch (part) {
	case SS_PART_TOPIC:
		html_topic(out, a, b);
		break;
	case SS_PART_TOPIC_END:
		ss_bytes_adds(out, "</section>\n");
		break;
	case SS_PART_HEADING:
		element(out, "<h3>", a, "</h3>\n");
		break;
	case SS_PART_PARAGRAPH:
		element(out, "<p>", a, "</p>\n");
		break;
	case SS_PART_LIST:
		ss_bytes_adds(out, "<ul>\n");
		break;
	case SS_PART_STEPS:
		ss_bytes_adds(out, "<ol>\n");
		break;
	case SS_PART_ITEM:
		element(out, "<li>", a, "</li>\n");
		break;
	case SS_PART_LIST_END:
		ss_bytes_adds(out, page->step > 0 ? "</ol>\n" : "</ul>\n");
		break;
	case SS_PART_TABLE:
		html_table(page);
		break;
	case SS_PART_ROW:
		element(out, "<tr><th scope=\"row\">", a, "</th>");
		element(out, "<td>", b, "</td></tr>\n");
		break;
	case SS_PART_TABLE_END:
		ss_bytes_adds(out, "</tbody>\n</table>\n");
		break;
	}
}

/* A link where the text is one, else the text. */
static void
contact(struct ss_page *page, const char *label, const char *value,
    const char *scheme)
{
	if (value == NULL)
		return;
	element(page->out, "<dt>", ss_page_label(page, label), "</dt>\n<dd>");
	if (scheme != NULL) {
		element(page->out, "<a href=\"", scheme, "");
		element(page->out, "", value, "\">");
	}
	text(page->out, value);
	ss_bytes_adds(page->out, scheme != NULL ? "</a></dd>\n" : "</dd>\n");
}

/* What a browser may be sent to: never a script's address. */
static bool
is_url(const char *s)
{
	return (strncmp(s, "https://", 8) == 0 ||
	    strncmp(s, "http://", 7) == 0) && strpbrk(s, " \\") == NULL;
}

static void
html_end(struct ss_page *page)
{
	const char *telephone = page->head->telephone;
	const char *website = page->head->website;

	ss_bytes_adds(page->out, "</main>\n");
	if (telephone != NULL || website != NULL) {
		ss_bytes_adds(page->out, "<footer>\n<dl>\n");
		contact(page, "telephone", telephone, telephone != NULL &&
		    strspn(telephone, "+-0123456789") == strlen(telephone) ?
		    "tel:" : NULL);
		contact(page, "website", website,
		    website != NULL && is_url(website) ? "" : NULL);
		ss_bytes_adds(page->out, "</dl>\n</footer>\n");
	}
	ss_bytes_adds(page->out, "</body>\n</html>\n");
}

const struct ss_page_style ss_page_html = { html_begin, html_put, html_end };
