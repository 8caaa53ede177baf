/* Numbers of documents, and a text in each field of a form: the first byte
 * says which, or a whole record where the text begins as one. */
#define _GNU_SOURCE	/* memfd_create */
#include "../fuzz-main.h"
#include "base/err.h"
#include "base/text.h"
#include "rules/form.h"

#define TODAY 20780	/* 2026-11-23 */

static void
check_number(const char *text, size_t len)
{
	char number[SS_NUMBER_MAX], again[SS_NUMBER_MAX];
	const struct ss_id_type *t;
	struct ss_implied implied;

	if (ss_number_normalize(text, len, number) != 0)
		return;
	FUZZ_CHECK(strlen(number) == len && ss_number_normalize(number, len,
	    again) == 0 && strcmp(number, again) == 0);
	for (t = ss_id_types; t->word != NULL; t++)
		if (ss_id_check(t, number, TODAY, &implied) == 0)
			FUZZ_CHECK(implied.birth == SS_DAY_NONE ||
			    (implied.birth >= -32872 &&
			    implied.birth <= TODAY));
}

/* What a form has made of a record reads back as the same. */
static void
check_form(const char *text, size_t len)
{
	static struct ss_words *words;
	const struct ss_line line = { .data = text, .len = len,
		.full_len = len, .number = 1 };
	struct ss_record rec = { .number = 0 }, second = { .number = 0 };
	struct ss_line out = { .number = 1 };
	struct ss_form form = { .text = { 0 } }, twice = { .text = { 0 } };
	int r, i;

	FUZZ_CHECK(words != NULL || ss_words_open(&words, fuzz_data_dir()) ==
	    0);
	FUZZ_CHECK(ss_record_keep(&rec, &line) == 0 &&
	    ss_record_parse(&rec) == 0);
	if ((r = ss_form_read(&form, &rec, words)) == 0 &&
	    (r = ss_form_complete(&form, TODAY)) == 0)
		r = ss_form_check_other(&form, SS_F_GUARDIAN_ID_TYPE,
		    SS_F_GUARDIAN_ID_NUMBER, TODAY);
	FUZZ_CHECK(r == 0 || r == SS_EINVALID);
	if (r != 0)
		ss_record_fail(&rec, r);
	else
		ss_form_write(&form, "person", ss_record_set(&rec, "person"));
	FUZZ_CHECK(ss_record_compose(&rec, "fuzz", SS_LINE_LIMIT) == 0);
	out.data = rec.out.data;
	out.len = out.full_len = rec.out.len;
	FUZZ_CHECK(ss_record_keep(&second, &out) == 0 &&
	    ss_record_parse(&second) == 0 && second.root != NULL);
	if (r == 0 && rec.outcome == SS_DONE) {
		FUZZ_CHECK(ss_form_read(&twice, &second, words) == 0 &&
		    ss_form_complete(&twice, TODAY) == 0);
		for (i = SS_F_NAME; i < SS_F_THROUGH; i++) {
			const char *x = ss_form_get(&form,
			    (enum ss_field_id)i);
			const char *y = ss_form_get(&twice,
			    (enum ss_field_id)i);

			FUZZ_CHECK((x == NULL) == (y == NULL) &&
			    (x == NULL || strcmp(x, y) == 0));
		}
	}
	ss_record_free(&rec);
	ss_record_free(&second);
	ss_form_free(&form);
	ss_form_free(&twice);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *text = (const char *)data + 1;
	const struct ss_field *f;
	struct ss_bytes b = { 0 };
	const char *dot;

	if (size-- == 0)
		return 0;
	f = &ss_fields[data[0] % SS_FIELDS];
	check_number(text, size);
	if (size > 0 && text[0] == '{') {
		check_form(text, size);
	} else if (ss_utf8_valid(text, size) &&
	    memchr(text, '\0', size) == NULL) {
		dot = strchr(f->parent, '.');
		ss_bytes_adds(&b, "{\"person\":{");
		if (dot != NULL)
			ss_json_open(&b, dot + 1, '{');
		ss_json_addn(&b, f->name, text, size);
		if (dot != NULL)
			ss_json_close(&b, '}');
		if (strcmp(f->name, "id_number") != 0 || dot != NULL)
			ss_json_add(&b, "id_number", "11010519491231002X");
		ss_bytes_adds(&b, "}}");
		check_form(b.data, b.len);
		ss_bytes_free(&b);
	}
	return 0;
}
