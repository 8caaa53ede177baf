#include <string.h>

#include "base/err.h"
#include "base/text.h"
#include "trust/components.h"

static const uint8_t zeros[SS_KEY_LEN];

static int
check_value(enum ss_cipher_name cipher, const uint8_t key[SS_KEY_LEN],
    uint8_t kcv[SS_KCV_LEN])
{
	struct ss_arithmetic a;
	struct ss_calc *calc;
	int r;

	ss_arithmetic_init(&a, cipher);
	if ((r = ss_calc_new(&calc, &a)) != 0)
		return r;
	r = ss_calc_kcv(calc, key, kcv);
	ss_calc_free(calc);
	return r;
}

static int
read_part(const char *text, uint8_t part[SS_KEY_LEN])
{
	char digits[2 * SS_KEY_LEN + 1];
	size_t n = 0;
	bool good;

	memset(part, 0, SS_KEY_LEN);
	for (; *text != '\0' && n < sizeof(digits); text++)
		if (*text != ' ' && *text != '\t')
			digits[n++] = *text;
	good = n == sizeof(digits) - 1;
	if (good) {
		digits[n] = '\0';
		good = ss_hex_read(digits, part, SS_KEY_LEN);
	}
	ss_wipe(digits, sizeof(digits));
	return good ? 0 : ss_fail(SS_EINVALID, "a component is 32 hexadecimal "
	    "digits");
}

int
ss_components_add(struct ss_components *c, const char *text,
    uint8_t kcv[SS_KCV_LEN])
{
	uint8_t *part;
	size_t i;
	int r;

	memset(kcv, 0, SS_KCV_LEN);
	if (c->count == SS_COMPONENTS_MAX)
		return ss_fail(SS_EINVALID, "more than %d components",
		    SS_COMPONENTS_MAX);
	part = c->part[c->count];
	if ((r = read_part(text, part)) != 0)
		return r;
	if (ss_equal(part, zeros, SS_KEY_LEN))
		return ss_fail(SS_EINVALID, "a component of zeros");
	for (i = 0; i < c->count && r == 0; i++)
		if (ss_equal(part, c->part[i], SS_KEY_LEN))
			r = ss_fail(SS_EINVALID, "two components are equal");
	if (r == 0)
		r = check_value(c->cipher, part, kcv);
	if (r == 0)
		c->count++;
	else
		ss_wipe(part, SS_KEY_LEN);
	return r;
}

void
ss_components_drop(struct ss_components *c)
{
	if (c->count > 0)
		ss_wipe(c->part[--c->count], SS_KEY_LEN);
}

/* The lowest bit of a byte of a DES key is its parity, which says nothing. */
static bool
is_single_des(const uint8_t key[SS_KEY_LEN])
{
	int i, different = 0;

	for (i = 0; i < SS_KEY_LEN / 2; i++)
		different |= (key[i] ^ key[i + SS_KEY_LEN / 2]) & 0xfe;
	return different == 0;
}

int
ss_components_join(const struct ss_components *c, uint8_t key[SS_KEY_LEN],
    uint8_t kcv[SS_KCV_LEN])
{
	size_t i, j;
	int r = 0;

	memset(key, 0, SS_KEY_LEN);
	memset(kcv, 0, SS_KCV_LEN);
	for (i = 0; i < c->count; i++)
		for (j = 0; j < SS_KEY_LEN; j++)
			key[j] ^= c->part[i][j];
	if (c->count < SS_COMPONENTS_MIN)
		r = ss_fail(SS_EINVALID, "a key is made of %d components or "
		    "more", SS_COMPONENTS_MIN);
	else if (ss_equal(key, zeros, SS_KEY_LEN))
		r = ss_fail(SS_EINVALID, "the components make a key of zeros");
	else if (c->cipher == SS_3DES && is_single_des(key))
		r = ss_fail(SS_EINVALID, "the components make a key with equal "
		    "halves, which is single DES");
	if (r == 0)
		r = check_value(c->cipher, key, kcv);
	if (r != 0)
		ss_wipe(key, SS_KEY_LEN);
	return r;
}
