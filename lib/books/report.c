#include <string.h>

#include "base/err.h"
#include "base/text.h"
#include "books/report_own.h"

int
ss_report_read(struct ss_report *report, const char *region,
    const char *format)
{
	report->region = region != NULL ? region : "";
	report->sink.format = format != NULL ? ss_table_format_find(format) :
	    SS_TABLE_TEXT;
	if (report->sink.format == SS_TABLE_FORMATS)
		return ss_fail(SS_EINVALID, "--format: text, csv or json");
	if (strlen(report->region) > 6 ||
	    !ss_is_digits(report->region, strlen(report->region)))
		return ss_fail(SS_EINVALID, "--region: six digits or fewer, "
		    "as a code of GB/T 2260 begins");
	return 0;
}

static int
read_day(const char *text, const char *option, ss_day *out)
{
	*out = SS_DAY_NONE;
	if (text == NULL || (*out = ss_day_parse(text)) != SS_DAY_NONE)
		return 0;
	return ss_fail(SS_EINVALID, "%s: no date of the calendar; write it as "
	    "YYYY-MM-DD", option);
}

int
ss_stats_read(struct ss_stats *s, const char *level, const char *since,
    const char *until)
{
	static const struct {
		const char *word;
		int digits;
	} levels[] = { { "county", 6 }, { "city", 4 }, { "province", 2 } };
	size_t i, n = sizeof(levels) / sizeof(levels[0]);
	int r;

	for (i = 0; level != NULL && i < n &&
	    strcmp(levels[i].word, level) != 0; i++)
		;
	if (i == n)
		return ss_fail(SS_EINVALID, "--by: province, city or county");
	s->digits = levels[i].digits;
	r = read_day(since, "--since", &s->since);
	return r != 0 ? r : read_day(until, "--until", &s->until);
}

int
ss_report_region(const struct ss_report *report, struct ss_table *t,
    const char *code, int digits)
{
	char whole[7] = "000000", cut[7] = "";
	struct ss_bytes name = { 0 };
	int r;

	if (strlen(code) != 6) {	/* of no application */
		ss_table_none(t);
		ss_table_none(t);
		return 0;
	}
	memcpy(whole, code, (size_t)digits);
	memcpy(cut, code, (size_t)digits);
	ss_regions_full_name(report->regions, whole, &name);
	ss_table_add(t, cut);
	ss_table_add(t, name.len > 0 ? name.data : NULL);
	r = ss_bytes_check(&name);
	ss_bytes_free(&name);
	return r;
}

int
ss_report_table(struct ss_registry *reg, const struct ss_report *report,
    const struct ss_column *columns, size_t count,
    int (*work)(struct ss_registry *, struct ss_table *, void *ctx), void *ctx)
{
	struct ss_table *t;
	int r;

	if ((r = ss_table_open(&t, &report->sink, columns, count)) != 0)
		return r;
	if ((r = ss_registry_look(reg)) == 0) {
		r = work(reg, t, ctx);
		ss_registry_end(reg, false);
	}
	if (r == 0)
		r = ss_table_end(t);
	ss_table_close(t);
	return r;
}
