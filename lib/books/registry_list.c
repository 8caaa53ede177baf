/* The list of applications: a filter as SQL, and the walk by pages. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "books/registry_own.h"
#include "rules/idnum.h"

#define PAGE 256

int
ss_filter_check(struct ss_filter *f)
{
	const char **times[] = { &f->since, &f->until };
	ss_instant t;
	size_t i;
	int r;

	if (f->state != NULL && ss_state_find(f->state) == SS_STATES)
		return ss_fail(SS_EINVALID, "no state is called \"%.20s\"",
		    f->state);
	if (f->status != NULL && ss_status_find(f->status) == SS_STATUSES)
		return ss_fail(SS_EINVALID, "no status of a card is called "
		    "\"%.20s\"", f->status);
	if (f->person != NULL && (r = ss_number_normalize(f->person,
	    strlen(f->person), f->normal)) != 0)
		return ss_fail_in(r, "the person's number");
	if (f->person != NULL)
		f->person = f->normal;
	for (i = 0; i < 2; i++) {
		if (*times[i] == NULL)
			continue;
		if ((r = ss_instant_parse(*times[i], &t)) != 0)
			return r;
		ss_instant_format(t, f->utc[i]);
		*times[i] = f->utc[i];
	}
	return 0;
}

/* A page in memory, so that the register is free while it is walked. */
struct page {
	struct ss_entry entries[PAGE];
	size_t at[PAGE];		/* where each record begins in text */
	size_t count;
	struct ss_bytes text;
};

static int
take_row(const struct ss_cell *cells, void *ctx)
{
	struct page *page = ctx;

	page->at[page->count] = page->text.len;
	ss_bytes_add(&page->text, cells[SS_ENTRY_CELLS].text,
	    cells[SS_ENTRY_CELLS].len + 1);
	return ss_entry_cells(&page->entries[page->count++], cells);
}

/* The conditions that are asked for, and no others: indexes serve them. */
static size_t
write_conditions(const struct ss_filter *f, struct ss_bytes *sql,
    struct ss_arg *args)
{
	/* With the number of the argument, as often as it is wanted. */
	const struct {
		const char *value, *test;
	} conditions[] = {
		{ f->state, "a.state = $%1$zu" },
		{ f->status, "a.status = $%1$zu" },
		{ f->region, "substr(a.region, 1, length($%1$zu)) = $%1$zu" },
		{ f->person, "a.person = $%1$zu" },
		{ f->id, "a.id = $%1$zu" },
		{ f->number, "a.number <> '' AND a.number = $%1$zu" },
		{ f->since, "a.changed >= $%1$zu" },
		{ f->until, "a.changed < $%1$zu" },
	};
	size_t i, n = 0;

	for (i = 0; i < sizeof(conditions) / sizeof(conditions[0]); i++) {
		if (conditions[i].value == NULL)
			continue;
		args[n++] = ss_arg_text(conditions[i].value);
		ss_bytes_adds(sql, " AND ");
		ss_bytes_addf(sql, conditions[i].test, n);
	}
	return n;
}

static int
read_page(struct ss_registry *reg, const struct ss_filter *f,
    const char *behind, int64_t n, struct page *page)
{
	struct ss_arg args[SS_ARGS_MAX];
	struct ss_bytes sql = { 0 };
	size_t count;
	int r;

	page->count = 0;
	ss_bytes_reset(&page->text);
	ss_bytes_adds(&sql, "SELECT " SS_ENTRY_COLUMNS ", a.record"
	    SS_ENTRY_TABLES " WHERE 1 = 1");
	count = write_conditions(f, &sql, args);
	args[count++] = ss_arg_text(behind);
	ss_bytes_addf(&sql, " AND a.id > $%zu", count);
	args[count++] = ss_arg_number(n);
	ss_bytes_addf(&sql, " ORDER BY a.id LIMIT $%zu", count);
	if ((r = ss_bytes_check(&sql)) == 0)
		r = ss_registry_select(reg, sql.data, args, count, take_row,
		    page);
	ss_bytes_free(&sql);
	return r != 0 ? r : ss_bytes_check(&page->text);
}

static int
walk(struct ss_registry *reg, const struct ss_filter *f, const char *behind,
    int64_t most, ss_entry_fn *each, void *ctx)
{
	struct page *page;
	char last[SS_ID_SIZE];
	size_t i;
	int r = 0;

	if ((page = calloc(1, sizeof(*page))) == NULL)
		return ss_fail(SS_EMEMORY, "out of memory");
	snprintf(last, sizeof(last), "%s", behind);
	do {
		r = read_page(reg, f, last, most < PAGE ? most : PAGE, page);
		for (i = 0; r == 0 && i < page->count; i++)
			r = each(&page->entries[i], page->text.data +
			    page->at[i], ctx);
		if (page->count > 0)
			memcpy(last, page->entries[page->count - 1].id,
			    sizeof(last));
		most -= (int64_t)page->count;
	} while (r == 0 && most > 0 && page->count == PAGE);
	ss_bytes_free(&page->text);
	free(page);
	return r;
}

int
ss_registry_each(struct ss_registry *reg, const struct ss_filter *f,
    ss_entry_fn *each, void *ctx)
{
	return walk(reg, f, "", INT64_MAX, each, ctx);
}

int
ss_registry_page(struct ss_registry *reg, const struct ss_filter *f,
    const char *behind, int64_t n, ss_entry_fn *each, void *ctx)
{
	return walk(reg, f, behind, n, each, ctx);
}
