/* The table of regions as it is installed, and tables that are broken. */
#include <stdlib.h>
#include <unistd.h>

#include "base/bytes.h"
#include "base/err.h"
#include "rules/region.h"
#include "../tap.h"

#define TOP "# covers 2002-2023\n"

/* "first last name" of a look-up, "none" when there is nothing. */
static const char *
found(const struct ss_regions *regions, const char *code, int year)
{
	static char text[256];
	struct ss_region region;

	if (!ss_regions_find(regions, code, year, &region))
		return "none";
	snprintf(text, sizeof(text), "%d %d %.*s", region.first, region.last,
	    (int)region.name_len, region.name);
	return strncmp(region.code, code, 6) == 0 ? text : "another code";
}

static const char *
life(const struct ss_regions *regions, const char *code)
{
	static char text[32];
	int first = -1, last = -1;

	if (!ss_regions_life(regions, code, &first, &last))
		return first == -1 && last == -1 ? "none" : "touched";
	snprintf(text, sizeof(text), "%d %d", first, last);
	return text;
}

static void
full_is(const struct ss_regions *regions, const char *code, const char *want)
{
	struct ss_bytes name = { 0 };

	ss_regions_full_name(regions, code, &name);
	is(name.len > 0 ? name.data : "", want, "full name of a code");
	ss_bytes_free(&name);
}

static void
test_facts(const struct ss_regions *t)
{
	is(found(t, "220100", 0), "0 0 长春市", "a city of always");
	is(found(t, "22010019491001002X", 0), "0 0 长春市",
	    "the front of an identity number");
	is(found(t, "220113", 0), "2014 0 九台区", "a new district");
	is(found(t, "220181", 2023), "0 2013 九台市", "abolished for it");
	is(found(t, "430124", 0), "0 2016 宁乡县", "a county until 2017");
	is(found(t, "430182", 0), "2023 0 宁乡市", "now a city");
	is(found(t, "371200", 2023), "0 2016 莱芜市", "a city abolished");
	is(found(t, "510202", 1960), "0 1997 渝中区", "Chongqing in Sichuan");
	is(found(t, "540600", 0), "2023 0 那曲市", "the newest prefecture");
	is(found(t, "710000", 0), "0 0 台湾省", "Taiwan");
	is(found(t, "810000", 0), "0 0 香港特别行政区", "Hong Kong");
	is(found(t, "820000", 0), "0 0 澳门特别行政区", "Macau");
	is(found(t, "830000", 0), "2018 0 台湾省", "Taiwan's permits");
	is(found(t, "130171", 0), "none", "a development zone");
	is(found(t, "371324", 2012), "0 2013 苍山县", "before a renaming");
	is(found(t, "371324", 2014), "2014 0 兰陵县", "after it");
	is(found(t, "511681", 2003), "0 0 华蓥市", "a slip is no renaming");
}

static void
test_years(const struct ss_regions *t)
{
	int first, last;

	is(found(t, "130502", 2016), "0 2016 桥东区", "the last old year");
	is(found(t, "130502", 2018), "0 2016 桥东区", "nearer the old one");
	is(found(t, "130502", 2021), "2023 0 襄都区", "nearer the new one");
	is(found(t, "130502", 9999), "2023 0 襄都区", "after the table");
	is(found(t, "350205", 1900), "0 2002 杏林区", "before the table");
	is(found(t, "361128", 2003), "2003 0 鄱阳县",
	    "a year with two names has the newer");
	is(found(t, "130682", 2014), "0 2014 定州市", "before a gap");
	is(found(t, "130682", 2020), "2023 0 定州市", "after a gap");
	is(life(t, "130682"), "0 0", "a life over a gap");
	is(life(t, "361128"), "2002 0", "a life over a renaming");
	is(life(t, "139001"), "2015 2016", "a short life");
	is(life(t, "430182"), "2023 0", "a life begun");
	is(life(t, "510202"), "0 1997", "a life ended");
	ss_regions_years(t, &first, &last);
	ok(first == 2002 && last == 2023, "the years it covers");
}

static void
test_unknown(const struct ss_regions *t)
{
	static const char *const codes[] = { "", "2", "22010", "22010x",
	    "x20100", "22 100", "-22010", "000000", "990000", "999999",
	    "220199", "109999", "２２０" };
	struct ss_region region = { .first = -7 };
	size_t i;

	for (i = 0; i < sizeof(codes) / sizeof(codes[0]); i++) {
		ok(!ss_regions_find(t, codes[i], 0, &region) &&
		    region.first == -7, "no '%s'", codes[i]);
		is(life(t, codes[i]), "none", "nor a life of it");
	}
}

static void
test_full_names(const struct ss_regions *t)
{
	full_is(t, "220102", "吉林省长春市南关区");
	full_is(t, "220100", "吉林省长春市");
	full_is(t, "220000", "吉林省");
	full_is(t, "220101", "吉林省长春市市辖区");
	full_is(t, "110101", "北京市东城区");
	full_is(t, "110100", "北京市市辖区");
	full_is(t, "110228", "北京市密云县");
	full_is(t, "500381", "重庆市江津市");
	full_is(t, "429004", "湖北省仙桃市");
	full_is(t, "659001", "新疆维吾尔自治区石河子市");
	full_is(t, "460001", "海南省通什市");
	full_is(t, "441900", "广东省东莞市");
	full_is(t, "320821", "江苏省淮阴市淮阴县");
	full_is(t, "510202", "四川省重庆市渝中区");
	full_is(t, "810000", "香港特别行政区");
	full_is(t, "220199", "吉林省长春市");
	full_is(t, "229999", "吉林省");
	full_is(t, "999999", "");
	full_is(t, "22010", "");
}

/* Whether a line of the table is what a look-up of its first year gives. */
static bool
line_again(const struct ss_regions *t, const char *line)
{
	char first[5], last[5], name[128], code[7], want[256];
	int year, end;

	if (sscanf(line, "%6[0-9]\t%4[0-9-]\t%4[0-9-]\t%127[^\n]", code,
	    first, last, name) != 4)
		return false;
	year = strcmp(first, "-") == 0 ? 1 : atoi(first);
	end = strcmp(last, "-") == 0 ? 0 : atoi(last);
	snprintf(want, sizeof(want), "%d %d %s", year == 1 ? 0 : year, end,
	    name);
	return strcmp(found(t, code, year), want) == 0 ||
	    strcmp(found(t, code, end), want) == 0;
}

static void
test_every_line(const struct ss_regions *t, const char *path)
{
	char line[256], before[256] = "", first[256] = "";
	FILE *f = fopen(path, "r");
	int lines = 0, lost = 0, order = 0;

	if (!ok(f != NULL, "opens the table as a file"))
		return;
	while (fgets(line, sizeof(line), f) != NULL) {
		if (*line == '#')
			continue;
		if (lines++ == 0)
			strcpy(first, line);
		if (!line_again(t, line))
			printf("# lost %d: %s", ++lost, line);
		order += strcmp(before, line) >= 0;
		strcpy(before, line);
	}
	fclose(f);
	ok(lines > 7000 && lost == 0, "%d lines found again", lines);
	ok(order == 0, "sorted bytewise, no line twice");
	is(first, "110000\t-\t-\t北京市\n", "the first line");
	is(before, "830000\t2018\t-\t台湾省\n", "the last line");
}

/* Opens a table of this text; the message goes after the path. */
static int
open_text(struct ss_regions **t, const char *text, const char **message)
{
	char path[] = "/tmp/region.XXXXXX";
	size_t len = strlen(text);
	int fd = mkstemp(path), r;

	if (fd == -1 || write(fd, text, len) != (ssize_t)len)
		exit(1);
	close(fd);
	r = ss_regions_open(t, path);
	unlink(path);
	*message = strstr(ss_message(), path);
	*message = *message == NULL ? "" : *message + strlen(path) + 2;
	return r;
}

static void
test_broken(void)
{
	static const struct {
		const char *text, *at, *what;
	} bad[] = {
		{ "", "line 1: no regions", "an empty file" },
		{ "\n", "line 1: no regions", "an empty line" },
		{ "#", "line 2: no regions", "a comment only" },
		{ TOP, "line 2: not a code", "no region" },
		{ "110000\t-\t-\t北京市\n", "line 1: no regions", "no years" },
		{ "# covers 2002-20\n110000\t-\t-\t北京市\n",
		    "line 2: no regions", "a short year" },
		{ "# covers 2023-2002\n110000\t-\t-\t北京市\n",
		    "line 2: no regions", "years turned round" },
		{ "# covers 2002-2023\r\n110000\t-\t-\t北京市\r\n",
		    "line 1: ends in CR LF", "CR LF in the comment" },
		{ TOP "110000\t-\t-\t北京市\r\n",
		    "line 2: ends in CR LF", "CR LF in the table" },
		{ TOP "110000\t-\t-\t", "line 2: not a code", "no name" },
		{ TOP "110000\t-\t-", "line 2: not a code", "no last tab" },
		{ TOP "110000\t200\t-\tA\n", "line 2: not a code",
		    "a year of three digits" },
		{ TOP "110000\t-\t20x2\tA\n", "line 2: not a code",
		    "a year with a letter" },
		{ TOP "11000\t-\t-\tA\n", "line 2: not a code",
		    "a code of five digits" },
		{ TOP "1100000\t-\t-\tA\n", "line 2: not a code",
		    "a code of seven digits" },
		{ TOP "110000", "line 2: not a code", "a code only" },
	};
	struct ss_regions *t;
	const char *message;
	size_t i;
	int r;

	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		r = open_text(&t, bad[i].text, &message);
		if (!ok(r == SS_EINVALID && t == NULL && strncmp(message,
		    bad[i].at, strlen(bad[i].at)) == 0, "%s", bad[i].what))
			printf("# %d %s\n", r, ss_message());
	}
	ok(ss_regions_open(&t, "/nonexistent/regions.tsv") == SS_EMISSING &&
	    t == NULL, "no file");
	ss_regions_close(NULL);
}

static void
test_small(void)
{
	struct ss_regions *t;
	const char *message;

	ok(open_text(&t, TOP "110000\t-\t-\tA\n110100\t2002\t2003\tB\n1101",
	    &message) == 0, "a table with a torn last line");
	is(found(t, "110000", 0), "0 0 A", "its first line");
	is(found(t, "110100", 0), "2002 2003 B", "the line before the last");
	is(found(t, "110101", 0), "none", "above all lines");
	is(found(t, "100000", 0), "none", "below all lines");
	ss_regions_close(t);
	ok(open_text(&t, TOP "110000\t-\t-\tA\n110100\t2002\t-\tB",
	    &message) == 0, "a table without a last newline");
	is(found(t, "110100", 0), "2002 0 B", "its last line");
	ss_regions_close(t);
	ok(open_text(&t, TOP "110000\t-\t-\tA\n\n1\n110100\t2002\t-\tB\r\n"
	    "110200\t-\t-\tC\n", &message) == 0, "broken lines further down");
	is(found(t, "110000", 0), "0 0 A", "the line before them");
	is(found(t, "110100", 0), "none", "one that ends in CR LF");
	is(found(t, "110200", 0), "0 0 C", "the line behind them");
	ss_regions_close(t);
}

int
main(void)
{
	const char *data = getenv("SSCARD_DATA");
	struct ss_regions *t;
	char path[4096];

	snprintf(path, sizeof(path), "%s/regions.tsv",
	    data != NULL ? data : "lib/data");
	if (!ok(ss_regions_open(&t, path) == 0, "opens the table")) {
		printf("# %s\n", ss_message());
		return done();
	}
	test_facts(t);
	test_years(t);
	test_unknown(t);
	test_full_names(t);
	test_every_line(t, path);
	ss_regions_close(t);
	test_broken();
	test_small();
	return done();
}
