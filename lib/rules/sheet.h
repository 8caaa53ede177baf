/*
 * Sheets of applications: CSV whose columns are found by their headings, in
 * Chinese or English (columns.json), turned into the lines that ss-apply
 * reads. A column that is not known is kept in the record's extra member.
 */
#ifndef SS_RULES_SHEET_H
#define SS_RULES_SHEET_H

#include "base/csv.h"
#include "base/line.h"

struct ss_sheet;

/*
 * data_dir has columns.json; csv is borrowed. Photo and document paths that
 * are relative are put behind the folder of their CSV file.
 */
int ss_sheet_open(struct ss_sheet **out, const char *data_dir, struct ss_csv *);
void ss_sheet_close(struct ss_sheet *);

/*
 * Gives one line of JSON a row. A sheet without a needed column, or with one
 * twice, ends with SS_EINVALID naming file and column; a row with a wrong
 * number of fields is a line with a code and the row's own text.
 */
struct ss_source ss_sheet_source(struct ss_sheet *, struct ss_input *);

#endif
