/*
 * The marked test keys, which everybody knows, and the way down from a master
 * key of any level: ministry, province, city (see the section TEST KEYS of
 * ss-keys(5)).
 *
 * A region is six digits and a NUL: "000000" the ministry, "220000" a
 * province, any other one a city.
 */
#ifndef SS_TRUST_TEST_KEYS_H
#define SS_TRUST_TEST_KEYS_H

#include <stdint.h>

#include "chip/profile.h"

#define SS_MINISTRY "000000"

enum ss_key_level {
	SS_LEVEL_MINISTRY,
	SS_LEVEL_PROVINCE,
	SS_LEVEL_CITY,
};

enum ss_key_level ss_key_level(const char *region);

/* The region at a level above a city or at it: of "220100" "000000", "220000"
 * or itself. */
void ss_key_region(const char *city, enum ss_key_level, char region[7]);

/*
 * The region that a code of 2, 4 or 6 digits means, at its own level or at one
 * above it: "ministry", "province", "city", NULL for its own. SS_EINVALID.
 */
int ss_key_region_read(const char *code, const char *level, char region[7]);

/*
 * Takes a key from one level down to another one: none, one or two steps, of
 * the way to a region. key is zeros on failure: SS_EINVALID for one that is no
 * region, SS_ECRYPTO.
 */
int ss_key_down(struct ss_calc *, enum ss_key_level from,
    enum ss_key_level to, const char *region, uint8_t key[SS_KEY_LEN]);

/*
 * The test master key of a region: the ministry's is the first 16 bytes of
 * SM3("sscard test key KEY CIPHER VERSION"); the others come from it, so that
 * those of all levels lead to the same card keys. SS_EINVALID, SS_ECRYPTO.
 */
int ss_test_key(const char *region, enum ss_card_key, enum ss_cipher_name,
    int version, uint8_t value[SS_KEY_LEN]);

#endif
