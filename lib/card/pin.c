#include <string.h>

#include "base/crypto.h"
#include "base/err.h"
#include "base/text.h"
#include "card/pin.h"
#include "card/session_own.h"
#include "chip/status.h"

#define SEPARATOR 0xff		/* between the old PIN and the new one */
#define FILLER 0x0f
#define SW_DATA 0x6a80
#define SW_BLOCKED 0x6983

bool
ss_pin_valid(const struct ss_profile *p, const char *pin)
{
	size_t len = strlen(pin);

	return len >= (size_t)p->pin.min && len <= (size_t)p->pin.max &&
	    len <= SS_PIN_DIGITS_MAX && ss_is_digits(pin, len);
}

/* BCD, an odd count filled with F; how many bytes. */
static size_t
pack(const char *pin, uint8_t out[SS_PIN_DIGITS_MAX / 2])
{
	size_t i, len = strlen(pin);
	unsigned low;

	for (i = 0; i < len; i += 2) {
		low = i + 1 < len ? (unsigned)(pin[i + 1] - '0') : FILLER;
		out[i / 2] = (uint8_t)((unsigned)(pin[i] - '0') << 4 | low);
	}
	return (len + 1) / 2;
}

static int
check(const struct ss_session *s, const char *pin)
{
	const struct ss_profile *p = s->who.profile;

	return ss_pin_valid(p, pin) ? 0 : ss_fail(SS_EINVALID, "a PIN of this "
	    "card has %lld to %lld digits", (long long)p->pin.min,
	    (long long)p->pin.max);
}

static struct ss_apdu
command(const uint8_t header[SS_HEADER_LEN], const uint8_t *data, size_t len)
{
	return (struct ss_apdu){ header[0], header[1], header[2], header[3],
		data, len, 0 };
}

/* What the card said of a PIN. */
static int
judge(const struct ss_session *s, const char *what, uint16_t sw, int *left)
{
	if (sw == SS_SW_OK)
		*left = (int)s->who.profile->pin.tries;
	else
		*left = sw == SW_BLOCKED ? 0 : ss_sw_tries(sw);
	return ss_status_fail(sw, what);
}

int
ss_pin_tries(struct ss_session *s, int *left)
{
	struct ss_apdu a = command(s->who.profile->pin.verify, NULL, 0);
	uint16_t sw;
	int r;

	*left = -1;
	if (!s->who.profile->pin.query)
		return 0;
	if ((r = ss_session_say(s, &a, "VERIFY", SS_SHOWN, SS_SHOWN, NULL,
	    &sw)) == 0)
		*left = sw == SW_BLOCKED ? 0 : ss_sw_tries(sw);
	return r;
}

int
ss_pin_verify(struct ss_session *s, const char *pin, int *left)
{
	uint8_t data[SS_PIN_DIGITS_MAX / 2];
	struct ss_apdu a;
	uint16_t sw = 0;
	int r;

	*left = -1;
	if ((r = check(s, pin)) != 0)
		return r;
	a = command(s->who.profile->pin.verify, data, pack(pin, data));
	if ((r = ss_session_say(s, &a, "VERIFY", SS_SECRET, SS_SHOWN, NULL,
	    &sw)) == 0)
		r = judge(s, "the PIN", sw, left);
	ss_wipe(data, sizeof(data));
	return r;
}

int
ss_pin_change(struct ss_session *s, const char *from, const char *to,
    int *left)
{
	uint8_t data[SS_PIN_DIGITS_MAX + 1];
	struct ss_apdu a;
	uint16_t sw = 0;
	size_t n;
	int r;

	*left = -1;
	if ((r = check(s, from)) != 0 || (r = check(s, to)) != 0)
		return r;
	n = pack(from, data);
	data[n++] = SEPARATOR;
	n += pack(to, data + n);
	a = command(s->who.profile->pin.change, data, n);
	r = ss_session_say(s, &a, "CHANGE PIN", SS_SECRET, SS_SHOWN, NULL, &sw);
	if (r == 0 && sw == SW_DATA)
		r = ss_fail(SS_EINVALID, "the card refuses the new PIN; "
		    "choose another, SW %04X", sw);
	else if (r == 0)
		r = judge(s, "the PIN", sw, left);
	ss_wipe(data, sizeof(data));
	return r;
}

int
ss_card_order(struct ss_session *s, enum ss_order order, const char *pin)
{
	static const char *const what[SS_ORDERS] = { "PIN reload",
		"PIN unblock", "APPLICATION BLOCK",
		"APPLICATION BLOCK for good", "APPLICATION UNBLOCK",
		"CARD BLOCK" };
	const struct ss_profile *p = s->who.profile;
	const struct ss_card_of of = { &p->arithmetic, s->who.city,
		s->who.historical, s->key_version, s->real_keys };
	uint8_t factor[SS_FACTOR_LEN];
	struct ss_secured data = { 0 };
	struct ss_apdu a;
	int r;

	if (pin != NULL && (r = check(s, pin)) != 0)
		return r;
	if (s->keys == NULL)
		return ss_fail(SS_EMISSING, "%s needs the key store (--keys)",
		    what[order]);
	if (p->orders[order].auth >= 0 && (r = ss_session_authenticate(s,
	    (enum ss_card_key)p->orders[order].auth)) != 0)
		return r;
	if ((r = ss_session_challenge(s, (size_t)p->order_challenge,
	    factor)) != 0)
		return r;
	r = pin != NULL ? ss_keystore_wrap_pin(s->keys, &of,
	    p->orders[order].mac, factor, pin, &data) :
	    ss_keystore_order(s->keys, &of, p->orders[order].mac, factor,
	    order, &data);
	if (r == 0) {
		a = command(p->arithmetic.header[order], data.data, data.len);
		r = ss_session_say(s, &a, what[order], SS_SECRET, SS_SHOWN,
		    NULL, NULL);
	}
	ss_wipe(&data, sizeof(data));
	return r;
}
