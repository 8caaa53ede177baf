/*
 * The home of libcsv: rows of RFC 4180 files, in UTF-8 or GB18030.
 *
 * Each input file has an encoding of its own, found out from what it begins
 * with unless it is told. Rows of nothing but empty fields are left out.
 */
#ifndef SS_BASE_CSV_H
#define SS_BASE_CSV_H

#include <stdbool.h>
#include <stddef.h>

#include "base/bytes.h"
#include "base/input.h"
#include "base/line.h"

struct ss_csv;

/* One row; borrowed until the next call. */
struct ss_row {
	const char *const *field;	/* NUL-terminated UTF-8 */
	const size_t *len;
	size_t count;
	bool first;		/* of its file: the header */
	const char *file;	/* "standard input" or the path */
	int code;		/* not 0: cannot be read, with ss_message */
};

/*
 * encoding is "utf-8", "gb18030" or NULL for either; limit is the longest row
 * in bytes. The input is borrowed. SS_EINVALID for another encoding.
 */
int ss_csv_open(struct ss_csv **out, struct ss_input *, const char *encoding,
    size_t limit);
void ss_csv_close(struct ss_csv *);

/*
 * The next row. A row that is not in the file's encoding has a code, its bytes
 * being those of the file; what spoils the rest of a file, such as a quote
 * that is not closed, is returned as SS_EINVALID.
 */
int ss_csv_next(struct ss_csv *, bool wait, struct ss_row *,
    enum ss_next *what);

/* Appends a row as CSV text, quoted where it must be. */
void ss_csv_write(const struct ss_row *, struct ss_bytes *);

#endif
