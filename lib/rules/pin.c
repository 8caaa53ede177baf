#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "base/crypto.h"
#include "base/err.h"
#include "rules/pin.h"

/* Orders of a date's parts that people make PINs of; Y four digits, y two. */
static const char *const orders[] = { "YMD", "yMD", "DMY", "DMy", "MDY", "MDy",
	"YM", "MY", "YD", "MD", "DM", "Y" };

static bool
is_equal(const char *pin)
{
	return strspn(pin, (char[]){ pin[0], '\0' }) == strlen(pin);
}

static bool
is_run(const char *pin)
{
	int step = pin[0] != '\0' ? pin[1] - pin[0] : 0;
	size_t i;

	if (step != 1 && step != -1)
		return false;
	for (i = 1; pin[i] != '\0'; i++)
		if (pin[i] - pin[i - 1] != step)
			return false;
	return true;
}

/* Whether the digits of a member of the record hold the PIN. */
static bool
is_part(const struct ss_value *record, const char *path, const char *pin)
{
	const char *text = ss_value_string(ss_value_get(record, path));
	char digits[64];
	size_t n = 0;
	bool found;

	for (; text != NULL && *text != '\0' && n < sizeof(digits) - 1; text++)
		if (isdigit((unsigned char)*text))
			digits[n++] = *text;
	digits[n] = '\0';
	found = strstr(digits, pin) != NULL;
	ss_wipe(digits, sizeof(digits));
	return found;
}

/* The date of birth in one of its orders. */
static void
put_order(const char *order, const char *date, char out[16])
{
	size_t n = 0;

	for (; *order != '\0'; order++) {
		const char *part = *order == 'Y' ? date : *order == 'y' ?
		    date + 2 : *order == 'M' ? date + 5 : date + 8;
		size_t len = *order == 'Y' ? 4 : 2;

		memcpy(out + n, part, len);
		n += len;
	}
	out[n] = '\0';
}

/* Whether the PIN is the date of birth in one of its orders, or lies in it. */
static bool
is_birth(const struct ss_value *record, const char *pin)
{
	const char *date = ss_value_string(ss_value_get(record,
	    "person.birth_date"));
	char text[16];
	bool found = false;
	size_t i;

	if (date == NULL || strlen(date) != 10)
		return false;
	for (i = 0; !found && i < sizeof(orders) / sizeof(orders[0]); i++) {
		put_order(orders[i], date, text);
		found = strstr(text, pin) != NULL;
	}
	ss_wipe(text, sizeof(text));
	return found;
}

static bool
is_weak(const struct ss_policy *policy, const struct ss_value *record,
    const char *kind, const char *pin)
{
	if (strcmp(kind, "initial") == 0)
		return strcmp(pin, policy->pin.initial) == 0;
	if (strcmp(kind, "equal") == 0)
		return is_equal(pin);
	if (strcmp(kind, "run") == 0)
		return is_run(pin);
	if (strcmp(kind, "number") == 0)
		return is_part(record, "person.social_number", pin) ||
		    is_part(record, "person.id_number", pin) ||
		    is_part(record, "card.number", pin);
	if (strcmp(kind, "birth") == 0)
		return is_birth(record, pin);
	return is_part(record, "person.phone", pin) ||
	    is_part(record, "person.guardian.phone", pin);
}

int
ss_pin_check(const struct ss_policy *policy, const struct ss_value *record,
    const char *pin)
{
	const char *kind;
	size_t i;

	for (i = 0; i < ss_value_count(policy->pin.weak); i++) {
		kind = ss_value_string(ss_value_at(policy->pin.weak, i));
		if (is_weak(policy, record, kind, pin))
			return ss_fail(SS_EPOLICY, "the new PIN is too easy to "
			    "guess (pin.weak: %s); choose another", kind);
	}
	return 0;
}
