#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/mail.h"
#include "base/text.h"
#include "base/time.h"
#include "rules/entry.h"
#include "rules/idnum.h"
#include "rules/region.h"

#define TEXT_MAX 512	/* longest free text, in bytes */

/* Tabs and line breaks, as cells of a sheet have them, become one space. */
static int
add_text(const char *text, struct ss_bytes *out)
{
	size_t n;

	if (strlen(text) > TEXT_MAX)
		return ss_fail(SS_EINVALID, "longer than %d bytes", TEXT_MAX);
	for (; *text != '\0'; text += n) {
		if ((n = strspn(text, "\t\r\n")) > 0) {
			ss_bytes_addc(out, ' ');
			continue;
		}
		if ((unsigned char)*text < 0x20 || *text == 0x7f)
			return ss_fail(SS_EINVALID,
			    "holds a control character");
		ss_bytes_addc(out, *text);
		n = 1;
	}
	return 0;
}

static int
add_number(const char *text, struct ss_bytes *out)
{
	char number[SS_NUMBER_MAX];
	int r;

	if ((r = ss_number_normalize(text, strlen(text), number)) == 0)
		ss_bytes_adds(out, number);
	return r;
}

static int
add_word(const char *text, const struct ss_words *words, const char *set,
    struct ss_bytes *out)
{
	const char *word = ss_words_find(words, set, text);

	if (word == NULL)
		return ss_words_fail(words, set);
	ss_bytes_adds(out, word);
	return 0;
}

static int
add_country(const char *text, const struct ss_words *words, const char *set,
    struct ss_bytes *out)
{
	const char *word = ss_words_find(words, set, text);

	if (word == NULL && (strlen(text) != 3 ||
	    strspn(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") != 3))
		return ss_fail(SS_EINVALID,
		    "not three capital letters of ISO 3166-1 such as CHN");
	ss_bytes_adds(out, word != NULL ? word : text);
	return 0;
}

/* 2026-11-03, 2026/11/3, 2026.11.3, 20261103 or 2026年11月3日. */
static ss_day
read_day(const char *text)
{
	int n[3] = { 0, 0, 0 }, part = 0, digits = 0;
	const char *p;

	if (strlen(text) == 8 && ss_is_digits(text, 8)) {
		n[0] = atoi(text);
		return ss_day_make(n[0] / 10000, n[0] / 100 % 100, n[0] % 100);
	}
	for (p = text; *p != '\0'; p++) {
		if (*p >= '0' && *p <= '9') {
			if (++digits > (part == 0 ? 4 : 2))
				return SS_DAY_NONE;
			n[part] = n[part] * 10 + *p - '0';
			continue;
		}
		if (digits == 0 || (part == 0 && digits != 4))
			return SS_DAY_NONE;
		if (strcmp(p, "日") == 0 && part == 2)
			break;
		if ((part == 0 && strncmp(p, "年", 3) == 0) ||
		    (part == 1 && strncmp(p, "月", 3) == 0))
			p += 2;
		else if (*p != '-' && *p != '/' && *p != '.')
			return SS_DAY_NONE;
		if (++part == 3)
			return SS_DAY_NONE;
		digits = 0;
	}
	return part == 2 && digits > 0 ? ss_day_make(n[0], n[1], n[2]) :
	    SS_DAY_NONE;
}

static bool
for_life(const char *text)
{
	return strcmp(text, "长期") == 0 || strcmp(text, "长期有效") == 0 ||
	    strcmp(text, "life") == 0 || strcmp(text, "for life") == 0;
}

static int
add_date(const char *text, bool end, struct ss_bytes *out)
{
	ss_day day = end && for_life(text) ? SS_DAY_FOREVER : read_day(text);
	char date[SS_DATE_MAX];

	if (day == SS_DAY_NONE)
		return ss_fail(SS_EINVALID,
		    "no date of the calendar; write it as YYYY-MM-DD");
	ss_day_format(day, date);
	ss_bytes_adds(out, date);
	return 0;
}

/* Digits, with the separators people put between them taken out. */
static int
add_phone(const char *text, struct ss_bytes *out)
{
	char phone[24] = "";
	size_t n = 0;
	const char *p;

	for (p = text; *p != '\0'; p++) {
		if (*p == ' ' || *p == '-' || *p == '(' || *p == ')')
			continue;
		if (n == sizeof(phone) || ((*p < '0' || *p > '9') &&
		    (*p != '+' || n > 0)))
			return ss_fail(SS_EINVALID, "not a telephone number");
		phone[n++] = *p;
	}
	if (n == 14 && strncmp(phone, "+86", 3) == 0)
		memmove(phone, phone + 3, n -= 3);
	else if (n == 15 && strncmp(phone, "0086", 4) == 0)
		memmove(phone, phone + 4, n -= 4);
	if (n < 5)
		return ss_fail(SS_EINVALID, "not a telephone number");
	ss_bytes_add(out, phone, n);
	return 0;
}

static int
add_email(const char *text, struct ss_bytes *out)
{
	if (!ss_mail_address(text))
		return ss_fail(SS_EINVALID, "not a mail address; the form "
		    "name@example.org is wanted");
	ss_bytes_adds(out, text);
	return 0;
}

static int
add_region(const char *text, struct ss_bytes *out)
{
	char code[7];
	int r;

	if ((r = ss_region_code(text, code)) == 0)
		ss_bytes_adds(out, code);
	return r;
}

static int
add_trimmed(enum ss_entry_kind kind, const char *set,
    const struct ss_words *words, const char *text, struct ss_bytes *out)
{
	switch (kind) {
	case SS_ENTRY_NUMBER:
		return add_number(text, out);
	case SS_ENTRY_WORD:
		return add_word(text, words, set, out);
	case SS_ENTRY_COUNTRY:
		return add_country(text, words, set, out);
	case SS_ENTRY_DATE:
	case SS_ENTRY_END_DATE:
		return add_date(text, kind == SS_ENTRY_END_DATE, out);
	case SS_ENTRY_PHONE:
		return add_phone(text, out);
	case SS_ENTRY_EMAIL:
		return add_email(text, out);
	case SS_ENTRY_REGION:
		return add_region(text, out);
	default:
		return add_text(text, out);
	}
}

int
ss_entry_normalize(enum ss_entry_kind kind, const char *set,
    const struct ss_words *words, const char *text, struct ss_bytes *out)
{
	struct ss_bytes copy = { 0 };
	size_t len = strlen(text);
	const char *trimmed = text;
	int r;

	if (kind != SS_ENTRY_NUMBER)
		trimmed = ss_trim(text, &len);
	if (len == 0)
		return 0;
	if (trimmed[len] != '\0') {
		ss_bytes_add(&copy, trimmed, len);
		if ((r = ss_bytes_check(&copy)) != 0)
			return r;
		trimmed = copy.data;
	}
	r = add_trimmed(kind, set, words, trimmed, out);
	ss_bytes_free(&copy);
	return r;
}
