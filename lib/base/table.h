/*
 * A table: rows of named columns, written as text for people, as CSV (RFC
 * 4180) or as JSON Lines, one object a row.
 *
 * As text, columns are as wide as the cells of the first SS_TABLE_HELD bytes
 * need and stay so; a wider cell that comes later moves the rest of its row.
 * Memory is bounded by that, however many rows there are.
 */
#ifndef SS_BASE_TABLE_H
#define SS_BASE_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"

#define SS_COLUMNS_MAX 32
#define SS_TABLE_HELD (1u << 20)	/* bytes of text looked at for widths */

enum ss_table_format {
	SS_TABLE_TEXT,
	SS_TABLE_CSV,
	SS_TABLE_JSON,
	SS_TABLE_FORMATS,
};

/* The format of a word: text, csv, json; SS_TABLE_FORMATS for none. */
enum ss_table_format ss_table_format_find(const char *word);

struct ss_column {
	const char *name;
	bool number;		/* right in text, bare in JSON */
};

/* Where its text goes, in pieces of whole rows; not 0 ends the table. */
struct ss_table_sink {
	enum ss_table_format format;
	int (*put)(const char *text, size_t len, void *ctx);
	void *ctx;
};

struct ss_table;

/* The columns are borrowed; *out is the caller's. SS_EMEMORY. */
int ss_table_open(struct ss_table **out, const struct ss_table_sink *,
    const struct ss_column *columns, size_t count);
void ss_table_close(struct ss_table *);

/*
 * The next cell of the row, UTF-8; a NULL text or ss_table_none is a cell with
 * nothing in it: "-" as text, empty in CSV, null in JSON. Control characters
 * are shown as "?" in text.
 */
void ss_table_add(struct ss_table *, const char *text);
void ss_table_addi(struct ss_table *, int64_t);
void ss_table_none(struct ss_table *);

/* A number of hundredths, as "12.34". */
void ss_table_add_hundredths(struct ss_table *, int64_t);

/* Ends a row, whose columns all have their cell. SS_EMEMORY, or what put
 * returned. */
int ss_table_row(struct ss_table *);

/* Writes what is held, and the heading where there was no row. */
int ss_table_end(struct ss_table *);

/* How many columns of a terminal a text fills: Chinese characters two each,
 * combining ones none. It is valid UTF-8. */
size_t ss_text_width(const char *text, size_t len);

#endif
