#include <stdio.h>
#include <string.h>

#include "base/err.h"
#include "base/text.h"
#include "trust/test_keys.h"

enum ss_key_level
ss_key_level(const char *region)
{
	return strcmp(region, SS_MINISTRY) == 0 ? SS_LEVEL_MINISTRY :
	    strcmp(region + 2, "0000") == 0 ? SS_LEVEL_PROVINCE :
	    SS_LEVEL_CITY;
}

void
ss_key_region(const char *city, enum ss_key_level level, char region[7])
{
	const size_t digits[] = { [SS_LEVEL_MINISTRY] = 0,
		[SS_LEVEL_PROVINCE] = 2, [SS_LEVEL_CITY] = 6 };

	strcpy(region, SS_MINISTRY);
	memcpy(region, city, digits[level]);
}

int
ss_key_region_read(const char *code, const char *level, char region[7])
{
	static const char *const words[] = { "ministry", "province", "city" };
	size_t i, n = strlen(code);
	char full[7] = SS_MINISTRY;

	if ((n != 2 && n != 4 && n != 6) || !ss_is_digits(code, n))
		return ss_fail(SS_EINVALID, "a region of 2, 4 or 6 digits is "
		    "wanted");
	memcpy(full, code, n);
	for (i = 0; level != NULL && i < sizeof(words) / sizeof(words[0]); i++)
		if (strcmp(level, words[i]) == 0)
			break;
	if (level == NULL)
		i = (size_t)ss_key_level(full);
	if (i > (size_t)ss_key_level(full))
		return ss_fail(SS_EINVALID, "a level is ministry, province or "
		    "city, and not below the region's own");
	ss_key_region(full, (enum ss_key_level)i, region);
	return 0;
}

int
ss_key_down(struct ss_calc *calc, enum ss_key_level from,
    enum ss_key_level to, const char *region, uint8_t key[SS_KEY_LEN])
{
	char province[3] = { region[0], region[0] != '\0' ? region[1] : '\0' };
	uint8_t f[SS_FACTOR_LEN];
	int r = 0;

	if (from == SS_LEVEL_MINISTRY && to != SS_LEVEL_MINISTRY &&
	    (r = ss_diversifier_province(province, f)) == 0)
		r = ss_calc_diversify(calc, key, f, key);
	if (r == 0 && from != SS_LEVEL_CITY && to == SS_LEVEL_CITY &&
	    (r = ss_diversifier_city(region, f)) == 0)
		r = ss_calc_diversify(calc, key, f, key);
	if (r != 0)
		ss_wipe(key, SS_KEY_LEN);
	return r;
}

static int
ministry_key(enum ss_card_key key, enum ss_cipher_name cipher, int version,
    uint8_t value[SS_KEY_LEN])
{
	uint8_t digest[SS_SM3_LEN];
	struct ss_sm3 *sm3 = NULL;
	char text[64];
	int r;

	snprintf(text, sizeof(text), "sscard test key %s %s %d",
	    ss_card_key_word(key), ss_cipher_word(cipher), version);
	if ((r = ss_sm3_new(&sm3)) == 0 &&
	    (r = ss_sm3_update(sm3, text, strlen(text))) == 0 &&
	    (r = ss_sm3_final(sm3, digest)) == 0)
		memcpy(value, digest, SS_KEY_LEN);
	ss_sm3_free(sm3);
	return r;
}

int
ss_test_key(const char *region, enum ss_card_key key,
    enum ss_cipher_name cipher, int version, uint8_t value[SS_KEY_LEN])
{
	struct ss_arithmetic a;
	struct ss_calc *calc = NULL;
	int r;

	memset(value, 0, SS_KEY_LEN);
	if (strlen(region) != 6 || !ss_is_digits(region, 6))
		return ss_fail(SS_EINVALID, "\"%s\" is no region of six digits",
		    region);
	ss_arithmetic_init(&a, cipher);
	if ((r = ss_calc_new(&calc, &a)) == 0 &&
	    (r = ministry_key(key, cipher, version, value)) == 0)
		r = ss_key_down(calc, SS_LEVEL_MINISTRY, ss_key_level(region),
		    region, value);
	ss_calc_free(calc);
	return r;
}
