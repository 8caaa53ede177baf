#include <string.h>

#include "softcard/softcard_own.h"

#define SEPARATOR 0xff		/* between the old PIN and the new one */

/* Bytes of the shortest and of the longest PIN. */
static size_t
shortest(const struct ss_softcard *c)
{
	return (size_t)(c->setup.profile->pin.min + 1) / 2;
}

size_t
ss_soft_longest(const struct ss_softcard *c)
{
	size_t n = (size_t)(c->setup.profile->pin.max + 1) / 2;

	return n < SS_SOFT_PIN ? n : SS_SOFT_PIN;
}

/* Whether these bytes are a PIN that may be set. */
bool
ss_soft_is_pin(const struct ss_softcard *c, const uint8_t *pin, size_t len)
{
	int64_t i, n = (int64_t)len * 2;

	if (len == 0)
		return false;
	if ((pin[len - 1] & 0x0f) == 0x0f)
		n--;
	for (i = 0; i < n; i++)
		if ((i % 2 == 0 ? pin[i / 2] >> 4 : pin[i / 2] & 0x0f) > 9)
			return false;
	return n >= c->setup.profile->pin.min && n <= c->setup.profile->pin.max;
}

static bool
is_initial(const struct ss_softcard *c, const uint8_t *pin, size_t len)
{
	uint8_t initial[SS_SOFT_PIN];

	return ss_soft_pin(c->setup.profile->pin.initial, initial) == len &&
	    memcmp(initial, pin, len) == 0;
}

void
ss_soft_set_pin(const struct ss_softcard *c, struct ss_soft_state *s,
    const uint8_t *pin, size_t len)
{
	memset(s->pin, 0, sizeof(s->pin));
	memcpy(s->pin, pin, len);
	s->pin_len = (uint8_t)len;
	s->pin_initial = is_initial(c, pin, len);
	s->pin_tries = (uint8_t)ss_soft_tries(c->setup.profile->pin.tries);
}

/* The try is taken before the PIN is looked at; state then is what it was,
 * to be given back whole. */
static uint16_t
try_pin(struct ss_softcard *c, struct ss_soft_state *s, const uint8_t *pin,
    size_t len)
{
	uint8_t given[SS_SOFT_PIN] = { 0 };
	uint16_t sw;
	bool good;

	if (s->pin_tries == 0)
		return 0x6983;
	s->pin_tries--;
	if ((sw = ss_soft_put_state(c, s)) != 0x9000)
		return sw;
	memcpy(given, pin, len < sizeof(given) ? len : sizeof(given));
	good = ss_equal(given, s->pin, sizeof(given)) && len == s->pin_len;
	ss_wipe(given, sizeof(given));
	if (!good)
		return (uint16_t)(0x63c0 | (s->pin_tries & 0x0f));
	s->pin_tries = (uint8_t)ss_soft_tries(c->setup.profile->pin.tries);
	return 0x9000;
}

uint16_t
ss_soft_verify(struct ss_softcard *c, const struct ss_apdu *a)
{
	struct ss_soft_state s = c->memory->state;
	uint16_t sw;

	if (a->len == 0 && c->setup.profile->pin.query)
		return s.pin_tries == 0 ? 0x6983 :
		    (uint16_t)(0x63c0 | (s.pin_tries & 0x0f));
	if (a->le != 0 || a->len < shortest(c) || a->len > ss_soft_longest(c))
		return 0x6700;
	if ((sw = try_pin(c, &s, a->data, a->len)) == 0x9000)
		sw = ss_soft_put_state(c, &s);
	ss_wipe(&s, sizeof(s));
	return sw;
}

uint16_t
ss_soft_change_pin(struct ss_softcard *c, const struct ss_apdu *a)
{
	struct ss_soft_state s = c->memory->state;
	const uint8_t *new;
	size_t old_len, len;
	uint16_t sw;

	if (a->le != 0 || a->len < 2 * shortest(c) + 1 ||
	    a->len > 2 * ss_soft_longest(c) + 1)
		return 0x6700;
	if ((new = memchr(a->data, SEPARATOR, a->len)) == NULL)
		return 0x6a80;
	old_len = (size_t)(new - a->data);
	len = a->len - old_len - 1;
	new++;
	if (old_len < shortest(c) || old_len > ss_soft_longest(c) ||
	    len > ss_soft_longest(c) || !ss_soft_is_pin(c, new, len) ||
	    is_initial(c, new, len))
		return 0x6a80;
	if ((sw = try_pin(c, &s, a->data, old_len)) == 0x9000) {
		ss_soft_set_pin(c, &s, new, len);
		sw = ss_soft_put_state(c, &s);
	}
	ss_wipe(&s, sizeof(s));
	return sw;
}
