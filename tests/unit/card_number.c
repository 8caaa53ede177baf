/* Card numbers: the check character, ranges and their borders. */
#include <limits.h>
#include <stdlib.h>

#include "base/err.h"
#include "rules/card_number.h"
#include "../tap.h"

#define LEN(array) (sizeof(array) / sizeof((array)[0]))

/*
 * The check character another way: the weights are the powers of 2 modulo 11,
 * counted from the right, and the sum with the check character is 0.
 */
static char
expected(const char *body)
{
	static const char set[] = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ";
	int i, sum = 0, check;

	for (i = 0; i < 8; i++)
		sum = (sum + (int)(strchr(set, body[i]) - set)) * 2 % 11;
	for (check = 0; (sum + check) % 11 != 0; check++)
		;
	return check == 10 ? 'X' : (char)('0' + check);
}

static struct ss_policy
policy_of(const char *prefix, const char *from, const char *to)
{
	struct ss_policy policy = { 0 };

	policy.card.number.prefix = prefix;
	policy.card.number.from = from;
	policy.card.number.to = to;
	return policy;
}

static void
test_valid(void)
{
	/* The first is the example of GB 11714; the others were computed. */
	static const char *const good[] = { "D2143569X", "000000000",
		"000000019", "000000027", "099999992", "123456788",
		"ZZZZZZZZ3", "A00000003", "ABCD1234X", "999999998",
		"0000000A2", "AB0000ZZ2" };
	static const char *const bad[] = { "", "0", "00000000", "0000000000",
		"000000001", "00000000X", "D2143569x", "d2143569X",
		"D21435690", "D2143569", "D2143569XX", "D2143569X ",
		" D2143569X", "D214356-9X", "D2143659X", "0000000 0",
		"0000000/0", "0000000:0", "0000000@0", "0000000[0",
		"０00000", "00000000\xb0", "abcd1234X" };
	char text[10];
	size_t i;
	int c, count;

	for (i = 0; i < LEN(good); i++)
		ok(ss_card_number_valid(good[i]) &&
		    expected(good[i]) == good[i][8], "%s", good[i]);
	for (i = 0; i < LEN(bad); i++)
		ok(!ss_card_number_valid(bad[i]), "no %zu. bad one", i + 1);
	for (i = 0; i < LEN(good); i++) {
		memcpy(text, good[i], 10);
		for (count = 0, c = 1; c < 256; c++) {
			text[8] = (char)c;
			count += ss_card_number_valid(text);
		}
		ok(count == 1, "one check character alone fits %.8s", good[i]);
	}
}

/* A wrong character anywhere is noticed, but where its value is the same
 * modulo 11, and so is a swap of neighbours. */
static void
test_slips(void)
{
	static const char set[] = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ";
	const char number[] = "ABCD1234X";
	char text[10];
	int i, v, was, wrong = 0;

	for (i = 0; i < 8; i++) {
		was = (int)(strchr(set, number[i]) - set);
		for (v = 0; v < 36; v++) {
			memcpy(text, number, 10);
			text[i] = set[v];
			wrong += ss_card_number_valid(text) !=
			    ((v - was) % 11 == 0);
		}
	}
	ok(wrong == 0, "one character is changed");
	for (i = 0; i < 7; i++) {
		memcpy(text, number, 10);
		text[i] = number[i + 1];
		text[i + 1] = number[i];
		wrong += ss_card_number_valid(text);
	}
	ok(wrong == 0, "two neighbours are swapped");
}

static void
range_is(const char *prefix, const char *from, const char *to, int64_t count,
    const char *first, const char *last)
{
	struct ss_policy policy = policy_of(prefix, from, to);
	struct ss_card_numbers numbers;
	char want[32], number[10];

	if (!ok(ss_card_numbers_init(&numbers, &policy) == 0,
	    "a range of %s from %s to %s", prefix, from, to))
		return;
	snprintf(want, sizeof(want), "%s:%s-%s", prefix, from, to);
	is(numbers.name, want, "its name");
	if (!ok(numbers.count == count, "so many numbers"))
		printf("# %lld\n", (long long)numbers.count);
	ss_card_number_make(&numbers, 0, number);
	is(number, first, "its first number");
	ss_card_number_make(&numbers, count - 1, number);
	is(number, last, "its last number");
	ss_card_number_make(&numbers, count, number);
	is(number, "", "none after it");
	ss_card_number_make(&numbers, INT64_MAX, number);
	is(number, "", "none far after it");
	ss_card_number_make(&numbers, -1, number);
	is(number, "", "none before it");
}

static void
test_ranges(void)
{
	range_is("0", "0000000", "9999999", 10000000, "000000000",
	    "099999992");
	range_is("0", "0000000", "ZZZZZZZ", INT64_C(78364164096),
	    "000000000", "0ZZZZZZZ9");
	range_is("", "00000000", "ZZZZZZZZ", INT64_C(2821109907456),
	    "000000000", "ZZZZZZZZ3");
	range_is("", "00000000", "99999999", 100000000, "000000000",
	    "999999998");
	range_is("ABCD123", "4", "4", 1, "ABCD1234X", "ABCD1234X");
	range_is("0000000", "0", "A", 11, "000000000", "0000000A2");
	range_is("AB", "00000A", "0000ZZ", 1286, "AB00000A5", "AB0000ZZ2");
	range_is("AB", "0000ZZ", "000100", 2, "AB0000ZZ2", "AB0001006");
	range_is("D2", "143569", "143569", 1, "D2143569X", "D2143569X");
	range_is("D2", "143500", "143569", 70, "D21435008", "D2143569X");
}

/* Every number of a range: valid, ascending, within it and of its alphabet. */
static void
every_number(const char *prefix, const char *from, const char *to,
    const char *alphabet)
{
	struct ss_policy policy = policy_of(prefix, from, to);
	char number[10], before[10] = "";
	struct ss_card_numbers numbers;
	size_t n = strlen(prefix);
	int64_t i;
	int bad = 0;

	if (ss_card_numbers_init(&numbers, &policy) != 0) {
		ok(false, "%s", ss_message());
		return;
	}
	for (i = 0; i < numbers.count; i++) {
		ss_card_number_make(&numbers, i, number);
		bad += !ss_card_number_valid(number) ||
		    number[8] != expected(number) ||
		    strncmp(number, prefix, n) != 0 ||
		    strspn(number + n, alphabet) < 8 - n ||
		    strncmp(number, before, 8) <= 0 ||
		    (i == 0 && strncmp(number + n, from, 8 - n) != 0);
		memcpy(before, number, sizeof(before));
	}
	ok(bad == 0 && strncmp(before + n, to, 8 - n) == 0,
	    "every number of %s", numbers.name);
}

static void
test_every(void)
{
	every_number("00", "000007", "012008", "0123456789");
	every_number("ABC", "0000Z", "00Z0A",
	    "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ");
	every_number("ABCDEFG", "0", "Z",
	    "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ");
}

static void
test_none(void)
{
	static const char *const none[][3] = { { "0", "1", "2" },
		{ "00000000", "", "" }, { "000000000", "0", "1" },
		{ "0", "0000002", "0000001" }, { "0", "0000000", "99999999" },
		{ "0", "00000000", "9999999" }, { "a", "0000000", "9999999" },
		{ "0", "000000a", "9999999" }, { "0", "0000000", "999999-" } };
	struct ss_card_numbers numbers;
	struct ss_policy policy;
	size_t i;

	for (i = 0; i < LEN(none); i++) {
		policy = policy_of(none[i][0], none[i][1], none[i][2]);
		ok(ss_card_numbers_init(&numbers, &policy) == SS_EPOLICY,
		    "no range of \"%s\" from \"%s\" to \"%s\"", none[i][0],
		    none[i][1], none[i][2]);
	}
}

/* A name leads back to its range, and nothing else to any. */
static void
test_names(void)
{
	static const char *const ranges[][3] = { { "0", "0000000", "9999999" },
		{ "ABCDEFG", "0", "Z" }, { "", "00000007", "0000000A" } };
	static const char *const none[] = { "", ":", "-", ":-", "0:0000000",
		"0-0000000:9999999", "0:0000002-0000001", "0:0000000-99999999",
		"0:0000000-9999999-", "0:0000000-9999999 ", "a:0000000-9999999",
		"0000000:0-9:", "00000000:-",
		"0:0000000-99999990000000000000000000000000000000000" };
	struct ss_card_numbers a, b;
	struct ss_policy policy;
	size_t i;

	for (i = 0; i < LEN(ranges); i++) {
		policy = policy_of(ranges[i][0], ranges[i][1], ranges[i][2]);
		ok(ss_card_numbers_init(&a, &policy) == 0 &&
		    ss_card_numbers_parse(&b, a.name) == 0 &&
		    a.count == b.count && a.first == b.first &&
		    a.base == b.base && strcmp(a.prefix, b.prefix) == 0 &&
		    strcmp(a.name, b.name) == 0, "the range of %s", a.name);
	}
	for (i = 0; i < LEN(none); i++)
		ok(ss_card_numbers_parse(&b, none[i]) == SS_EINVALID,
		    "no range is called \"%s\"", none[i]);
}

int
main(void)
{
	test_valid();
	test_slips();
	test_ranges();
	test_every();
	test_none();
	test_names();
	return done();
}
