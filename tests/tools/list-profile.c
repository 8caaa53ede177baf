/*
 * The members of a profile, a line each in the order of the table: path, type
 * and limits, and the value that gen2 has, with those of gen1 and gen3 where
 * they differ; separated by tabs.
 *
 *   list-profile
 *
 * The data folder is SSCARD_DATA. With a fault in a profile of it the sentence
 * is on standard error, and the status 3.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "chip/profile_own.h"

static void
add_words(const struct ss_profile_row *row, struct ss_bytes *out)
{
	const char *const *w;

	if (row->unit != NULL) {
		ss_bytes_adds(out, row->unit);
		return;
	}
	for (w = row->words; *w != NULL; w++)
		ss_bytes_addf(out, "%s%s", w == row->words ? "" :
		    w[1] == NULL ? " or " : ", ", *w);
}

static void
add_limits(const struct ss_profile_row *row, const char *what,
    struct ss_bytes *out)
{
	if (row->min == row->max)
		ss_bytes_addf(out, "%d%s", (int)row->min, what);
	else
		ss_bytes_addf(out, "%d to %d%s", (int)row->min, (int)row->max,
		    what);
}

static void
add_type(const struct ss_profile_row *row, struct ss_bytes *out)
{
	switch (row->type) {
	case SS_PROFILE_INT:
		add_limits(row, row->unit[0] != '\0' ? " " : "", out);
		ss_bytes_adds(out, row->unit);
		break;
	case SS_PROFILE_BOOL:
		ss_bytes_adds(out, "true or false");
		break;
	case SS_PROFILE_STRING:
		if (row->words == NULL) {
			add_limits(row, row->unit != NULL ? " digits" :
			    " characters", out);
			break;
		}
		/* FALLTHROUGH */
	case SS_PROFILE_WORD:
		add_words(row, out);
		break;
	case SS_PROFILE_STRINGS:
		add_limits(row, " strings", out);
		break;
	case SS_PROFILE_CODE:
		ss_bytes_addf(out, "%zu hex digits", 2 * row->size);
		break;
	case SS_PROFILE_CODES:
		add_limits(row, " strings of 2 hex digits", out);
		break;
	case SS_PROFILE_HEX:
		add_limits(row, " bytes, hex", out);
		break;
	}
	if (row->optional)
		ss_bytes_adds(out, ", optional");
}

static void
add_value(const struct ss_profiles *set, const char *name, const char *path,
    struct ss_bytes *out)
{
	const struct ss_profile *p;
	const struct ss_value *v;
	size_t i;

	if (ss_profiles_find(set, name, &p) != 0)
		return;
	v = ss_value_get(p->root, path);
	if (ss_value_string(v) != NULL)
		ss_bytes_adds(out, ss_value_string(v));
	else if (ss_value_kind(v) == SS_ARRAY)
		for (i = 0; i < ss_value_count(v); i++)
			ss_bytes_addf(out, "%s%s", i == 0 ? "" : " ",
			    ss_value_string(ss_value_at(v, i)));
	else if (v != NULL)
		ss_value_write(v, out);
	else
		ss_bytes_adds(out, "none");
	if (out->len > 0)
		out->data[out->len] = '\0';
}

static void
print_row(const struct ss_profiles *set, const struct ss_profile_row *row)
{
	struct ss_bytes type = { 0 }, two = { 0 }, other = { 0 };
	const char *const others[] = { "gen1", "gen3" };
	size_t i;

	add_type(row, &type);
	printf("%s\t%s\t", row->path, type.data);
	if (row->of == SS_OF_PROFILE) {
		add_value(set, "gen2", row->path, &two);
		fputs(two.data, stdout);
		for (i = 0; i < 2; i++) {
			ss_bytes_reset(&other);
			add_value(set, others[i], row->path, &other);
			if (strcmp(other.data, two.data) != 0)
				printf(", %s %s", others[i], other.data);
		}
	} else {
		putchar('-');
	}
	putchar('\n');
	ss_bytes_free(&type);
	ss_bytes_free(&two);
	ss_bytes_free(&other);
}

int
main(void)
{
	const struct ss_profile_row *row;
	struct ss_profiles *set;
	const char *dir = getenv("SSCARD_DATA");
	size_t i, rows;

	if (ss_profiles_open(&set, dir != NULL ? dir : "lib/data") != 0) {
		fprintf(stderr, "%s\n", ss_message());
		return 3;
	}
	row = ss_profile_table(&rows);
	for (i = 0; i < rows; i++)
		print_row(set, &row[i]);
	ss_profiles_close(set);
	return fflush(stdout) != 0;
}
