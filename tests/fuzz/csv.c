/* CSV of applications; the first byte says encoding and limit. */
#define _GNU_SOURCE	/* memfd_create */
#include "../fuzz-main.h"
#include "base/text.h"
#include "rules/sheet.h"

/* A line is JSON, or it says why not and is the row's own text. */
static void
check_line(const struct ss_line *line)
{
	struct ss_value *v;

	FUZZ_CHECK(line->len == line->full_len && line->number > 0);
	if (line->code != 0) {
		FUZZ_CHECK(line->message[0] != '\0' && ss_utf8_valid(
		    line->message, strlen(line->message)));
		return;
	}
	FUZZ_CHECK(ss_json_parse(line->data, line->len, &v) == 0 &&
	    ss_value_kind(v) == SS_OBJECT);
	ss_json_free(v);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const encodings[] = { NULL, "utf-8", "gb18030",
		NULL };
	static const size_t limits[] = { 4096, 64, SS_LINE_LIMIT, 300 };
	struct ss_source source;
	struct ss_sheet *sheet;
	struct ss_input in;
	struct ss_line line;
	struct ss_csv *csv;
	enum ss_next what;
	const char *paths[1];
	char path[32];
	int fd;

	if (size == 0)
		return 0;
	fd = fuzz_file(data + 1, size - 1, path);
	paths[0] = path;
	ss_input_init(&in, paths, 1, NULL);
	FUZZ_CHECK(ss_csv_open(&csv, &in, encodings[data[0] & 3],
	    limits[data[0] >> 2 & 3]) == 0);
	FUZZ_CHECK(ss_sheet_open(&sheet, fuzz_data_dir(), csv) == 0);
	source = ss_sheet_source(sheet, &in);
	while (source.next(source.ctx, true, &line, &what) == 0 &&
	    what == SS_LINE)
		check_line(&line);
	ss_sheet_close(sheet);
	ss_csv_close(csv);
	ss_input_wipe(&in);
	close(fd);
	return 0;
}
