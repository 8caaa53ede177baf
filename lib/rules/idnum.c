#include <string.h>

#include "base/err.h"
#include "base/text.h"
#include "rules/idnum.h"

char
ss_citizen_check_char(const char *digits)
{
	static const int weights[] = { 7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10,
		5, 8, 4, 2 };
	int i, sum = 0;

	for (i = 0; i < 17; i++)
		sum += weights[i] * (digits[i] - '0');
	return "10X98765432"[sum % 11];
}

static ss_day
date_at(const char *p)
{
	int n[8], i;

	for (i = 0; i < 8; i++)
		n[i] = p[i] - '0';
	return ss_day_make(n[0] * 1000 + n[1] * 100 + n[2] * 10 + n[3],
	    n[4] * 10 + n[5], n[6] * 10 + n[7]);
}

/* Eighteen characters, the last one the check character, birth at 6. */
static int
check_eighteen(const char *number, struct ss_implied *out)
{
	size_t n = strlen(number);

	if (n == 15 && ss_is_digits(number, n))
		return ss_fail(SS_EINVALID, "15 digits: numbers of the first "
		    "generation ended in 2013; give the 18 characters of the "
		    "present card");
	if (n != 18)
		return ss_fail(SS_EINVALID, "%zu characters, not 18", n);
	if (!ss_is_digits(number, 17) || ((number[17] < '0' ||
	    number[17] > '9') && number[17] != 'X'))
		return ss_fail(SS_EINVALID,
		    "not 17 digits and a digit or X at the end");
	if ((out->birth = date_at(number + 6)) == SS_DAY_NONE)
		return ss_fail(SS_EINVALID,
		    "digits 7 to 14 are no date of the calendar");
	if (ss_citizen_check_char(number) != number[17])
		return ss_fail(SS_EINVALID, "the last character does not fit "
		    "the others; compare with the card");
	return 0;
}

/* Those of Hong Kong, Macao and Taiwan: residence permits have them. */
static bool
is_residence(const char *number)
{
	return strncmp(number, "810000", 6) == 0 ||
	    strncmp(number, "820000", 6) == 0 ||
	    strncmp(number, "830000", 6) == 0;
}

static int
check_citizen(const char *number, struct ss_implied *out)
{
	int r;

	if ((r = check_eighteen(number, out)) != 0)
		return r;
	if (number[0] == '9')
		return ss_fail(SS_EINVALID, "begins with 9: a permanent "
		    "resident card of 2023; give permanent-resident as its "
		    "type");
	if (is_residence(number))
		return ss_fail(SS_EINVALID, "begins as a residence permit's; "
		    "give residence-permit as its type");
	out->sex[0] = (number[16] - '0') % 2 == 1 ? '1' : '2';
	memcpy(out->region, number, 6);
	memcpy(out->nationality, "CHN", 4);
	return 0;
}

static int
check_residence(const char *number, struct ss_implied *out)
{
	int r;

	if ((r = check_eighteen(number, out)) != 0)
		return r;
	if (!is_residence(number))
		return ss_fail(SS_EINVALID,
		    "does not begin with 810000, 820000 or 830000");
	out->sex[0] = (number[16] - '0') % 2 == 1 ? '1' : '2';
	return 0;
}

static int
check_hkmo_permit(const char *number, struct ss_implied *out)
{
	(void)out;
	if (strlen(number) != 9 || (number[0] != 'H' && number[0] != 'M') ||
	    !ss_is_digits(number + 1, 8))
		return ss_fail(SS_EINVALID, "not H or M and 8 digits");
	return 0;
}

static int
check_tw_permit(const char *number, struct ss_implied *out)
{
	(void)out;
	if (strlen(number) != 8 || !ss_is_digits(number, 8))
		return ss_fail(SS_EINVALID, "not 8 digits");
	return 0;
}

static int
check_passport(const char *number, struct ss_implied *out)
{
	size_t n = strlen(number);

	(void)out;
	if (n < 5 || n > 15)
		return ss_fail(SS_EINVALID,
		    "%zu characters; a passport has 5 to 15", n);
	if (strpbrk(number, "0123456789") == NULL)
		return ss_fail(SS_EINVALID, "has no digit");
	return 0;
}

static bool
is_letters(const char *p, size_t n)
{
	while (n-- > 0)
		if (p[n] < 'A' || p[n] > 'Z')
			return false;
	return true;
}

/* Three letters and twelve digits; since 2023 eighteen, beginning with 9. */
static int
check_permanent(const char *number, struct ss_implied *out)
{
	size_t n = strlen(number);

	if (n == 15 && is_letters(number, 3) && ss_is_digits(number + 3, 12)) {
		memcpy(out->nationality, number, 3);
		return 0;
	}
	if (n != 18 || number[0] != '9')
		return ss_fail(SS_EINVALID, "neither 3 letters and 12 digits "
		    "nor the 18 characters beginning with 9 of 2023");
	return check_eighteen(number, out);
}

const struct ss_id_type ss_id_types[] = {
	{ "citizen", true, check_citizen },
	{ "household", true, check_citizen },
	{ "hkmo-permit", false, check_hkmo_permit },
	{ "tw-permit", false, check_tw_permit },
	{ "residence-permit", true, check_residence },
	{ "passport", false, check_passport },
	{ "permanent-resident", true, check_permanent },
	{ NULL, false, NULL },
};

const struct ss_id_type *
ss_id_type_find(const char *word)
{
	const struct ss_id_type *t;

	for (t = ss_id_types; t->word != NULL; t++)
		if (strcmp(t->word, word) == 0)
			return t;
	return NULL;
}

int
ss_id_check(const struct ss_id_type *type, const char *number, ss_day today,
    struct ss_implied *out)
{
	int r;

	*out = (struct ss_implied){ .birth = SS_DAY_NONE };
	if ((r = type->check(number, out)) != 0)
		return r;
	if (out->birth != SS_DAY_NONE && out->birth < SS_OLDEST_BIRTH)
		return ss_fail(SS_EINVALID, "a birth before 1880");
	if (out->birth != SS_DAY_NONE && out->birth > today)
		return ss_fail(SS_EINVALID, "a birth in the future");
	return 0;
}

/* Names what stands in the way, for the messages below. */
static int
refuse_character(const char *p, const char *end)
{
	uint32_t c = ss_utf8_next(&p, end);

	if (c == ' ' || c == '\t' || c == 0x3000 || c == 0xa0)
		return ss_fail(SS_EINVALID, "holds a space; remove it");
	if (c >= 0xff01 && c <= 0xff5e)
		return ss_fail(SS_EINVALID, "holds full-width characters; "
		    "type the number in half-width ones");
	return ss_fail(SS_EINVALID,
	    "holds something else than letters and digits");
}

int
ss_number_normalize(const char *text, size_t len, char out[SS_NUMBER_MAX])
{
	size_t i;
	char c;

	for (i = 0; i < len; i++) {
		c = text[i];
		if (c >= 'a' && c <= 'z')
			c = (char)(c - 'a' + 'A');
		if ((c < '0' || c > '9') && (c < 'A' || c > 'Z'))
			return refuse_character(text + i, text + len);
		if (i == SS_NUMBER_MAX - 1)
			return ss_fail(SS_EINVALID, "%zu characters", len);
		out[i] = c;
	}
	out[i] = '\0';
	return 0;
}
