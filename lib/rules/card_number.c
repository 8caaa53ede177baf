#include <stdio.h>
#include <string.h>

#include "base/err.h"
#include "rules/card_number.h"

#define BODY (SS_CARD_NUMBER_LEN - 1)

static const char characters[] = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ";

/* What a character counts, -1 for one that has no place in a number. */
static int
value(char c)
{
	const char *p = c != '\0' ? strchr(characters, c) : NULL;

	return p != NULL ? (int)(p - characters) : -1;
}

/* GB 11714 over eight characters that have a value. */
static char
check_character(const char *body)
{
	static const int weights[BODY] = { 3, 7, 9, 10, 5, 8, 4, 2 };
	int i, sum = 0;

	for (i = 0; i < BODY; i++)
		sum += weights[i] * value(body[i]);
	return "0X987654321"[sum % 11];
}

bool
ss_card_number_valid(const char *text)
{
	int i;

	for (i = 0; i < BODY; i++)
		if (value(text[i]) == -1)
			return false;
	return text[BODY] == check_character(text) && text[BODY + 1] == '\0';
}

static int64_t
count_of(const char *text, int base)
{
	int64_t n = 0;

	for (; *text != '\0'; text++)
		n = n * base + value(*text);
	return n;
}

/* False for what is no range. */
static bool
fill(struct ss_card_numbers *numbers, const char *prefix, const char *from,
    const char *to)
{
	size_t n = strlen(from);

	*numbers = (struct ss_card_numbers){ .base = 36 };
	if (n < 1 || strlen(to) != n || strlen(prefix) + n != BODY ||
	    strspn(prefix, characters) + strspn(from, characters) != BODY ||
	    strspn(to, characters) != n || strcmp(from, to) > 0)
		return false;
	if (strspn(from, "0123456789") == n && strspn(to, "0123456789") == n)
		numbers->base = 10;
	numbers->first = count_of(from, numbers->base);
	numbers->count = count_of(to, numbers->base) - numbers->first + 1;
	memcpy(numbers->prefix, prefix, BODY - n);
	snprintf(numbers->name, sizeof(numbers->name), "%s:%s-%s", prefix,
	    from, to);
	return true;
}

int
ss_card_numbers_init(struct ss_card_numbers *numbers,
    const struct ss_policy *policy)
{
	if (!fill(numbers, policy->card.number.prefix,
	    policy->card.number.from, policy->card.number.to))
		return ss_fail(SS_EPOLICY, "card.number: no range of numbers");
	return 0;
}

int
ss_card_numbers_parse(struct ss_card_numbers *numbers, const char *name)
{
	char part[3][sizeof(numbers->name)] = { "", "", "" };
	size_t at = strcspn(name, ":"), to = strcspn(name, "-");

	*numbers = (struct ss_card_numbers){ .base = 36 };
	if (strlen(name) >= sizeof(numbers->name) || at >= to ||
	    name[to] == '\0')
		return ss_fail(SS_EINVALID, "no name of a range of numbers");
	memcpy(part[0], name, at);
	memcpy(part[1], name + at + 1, to - at - 1);
	memcpy(part[2], name + to + 1, strlen(name + to + 1));
	if (!fill(numbers, part[0], part[1], part[2]))
		return ss_fail(SS_EINVALID, "no name of a range of numbers");
	return 0;
}

void
ss_card_number_make(const struct ss_card_numbers *numbers, int64_t index,
    char out[SS_CARD_NUMBER_LEN + 1])
{
	size_t at = BODY, n = strlen(numbers->prefix);
	int64_t rest;

	memset(out, 0, SS_CARD_NUMBER_LEN + 1);
	if (index < 0 || index >= numbers->count)
		return;
	memcpy(out, numbers->prefix, n);
	for (rest = numbers->first + index; at > n; rest /= numbers->base)
		out[--at] = characters[rest % numbers->base];
	out[BODY] = check_character(out);
}
