/* Where the plastic is, and what is left of the card numbers. */
#include "base/err.h"
#include "books/report_own.h"
#include "rules/card_number.h"

enum { KINDS = 6 };	/* of SS_Q_STOCK, in its order */

static const struct ss_column stock_columns[] = {
	{ "region", false }, { "name", false }, { "station", false },
	{ "blank", true }, { "made", true }, { "handed_over", true },
	{ "spoiled", true }, { "returned", true }, { "destroyed", true },
};
static const struct ss_column number_columns[] = {
	{ "range", false }, { "total", true }, { "given", true },
	{ "reserved", true }, { "left", true },
};

#define LEN(array) (sizeof(array) / sizeof((array)[0]))

struct job {
	const struct ss_report *report;
	struct ss_table *table;
};

static int
take_stock(const struct ss_cell *c, void *ctx)
{
	const struct job *j = ctx;
	int i, r;

	if ((r = ss_report_region(j->report, j->table, c[0].text, 6)) != 0)
		return r;
	ss_table_add(j->table, c[1].text);
	for (i = 0; i < KINDS; i++)
		ss_table_addi(j->table, ss_cell_int(&c[2 + i]));
	return ss_table_row(j->table);
}

static int
list_stock(struct ss_registry *reg, struct ss_table *table, void *ctx)
{
	struct job *j = ctx;

	j->table = table;
	return ss_registry_run(reg, SS_Q_STOCK, (struct ss_arg[]){
	    ss_arg_text(j->report->region) }, 1, take_stock, j, NULL);
}

int
ss_report_stock(struct ss_registry *reg, const struct ss_report *report)
{
	return ss_report_table(reg, report, stock_columns,
	    LEN(stock_columns), list_stock, &(struct job){ .report = report });
}

/* Stations hold blocks of a range, of which they have used a part. */
static int
take_span(const struct ss_cell *c, void *ctx)
{
	const struct job *j = ctx;
	int64_t opened = ss_cell_int(&c[1]), reserved = ss_cell_int(&c[2]);
	struct ss_card_numbers n;
	bool known = ss_card_numbers_parse(&n, c[0].text) == 0;

	ss_table_add(j->table, c[0].text);
	if (known)
		ss_table_addi(j->table, n.count);
	else
		ss_table_none(j->table);
	ss_table_addi(j->table, opened - reserved);
	ss_table_addi(j->table, reserved);
	if (known)
		ss_table_addi(j->table, n.count - opened);
	else
		ss_table_none(j->table);
	return ss_table_row(j->table);
}

static int
list_spans(struct ss_registry *reg, struct ss_table *table, void *ctx)
{
	struct job *j = ctx;

	j->table = table;
	return ss_registry_run(reg, SS_Q_SPANS, NULL, 0, take_span, j, NULL);
}

int
ss_report_numbers(struct ss_registry *reg, const struct ss_report *report)
{
	return ss_report_table(reg, report, number_columns,
	    LEN(number_columns), list_spans, &(struct job){ .report = report });
}
