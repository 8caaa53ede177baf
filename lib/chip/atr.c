#include "base/err.h"
#include "chip/atr.h"

#define TS_DIRECT 0x3b
#define TS_INVERSE 0x3f
#define TA1_DEFAULT 0x11	/* 7816-3, 8.3: Fd and Dd */

/* What a byte T0 or TDi says of those behind it: TAi+1 to TDi+1, bits 5-8. */
#define HAS_TA 0x10
#define HAS_TD 0x80

/* The bytes as they are read. */
struct walk {
	const uint8_t *bytes;
	size_t len, at;
};

static int
next(struct walk *walk, uint8_t *out)
{
	if (walk->at == walk->len)
		return ss_fail(SS_ECARD, "the ATR is cut short at byte %zu",
		    walk->at);
	*out = walk->bytes[walk->at++];
	return 0;
}

/* The interface bytes that T0 announces. *check: a TCK is to come. */
static int
read_interface(struct walk *walk, uint8_t t0, struct ss_atr *out, bool *check)
{
	uint8_t td = t0, byte, mask;
	int i, r, t;

	for (i = 1; ; i++) {
		byte = 0;
		for (mask = HAS_TA; mask != 0; mask = (uint8_t)(mask << 1)) {
			if ((td & mask) == 0)
				continue;
			if ((r = next(walk, &byte)) != 0)
				return r;
			if (i == 1 && mask == HAS_TA)
				out->ta1 = byte;
		}
		if ((td & HAS_TD) == 0)
			break;
		td = byte;	/* TD is the last of its group */
		t = td & 0x0f;
		out->t0 = out->t0 || t == 0;
		out->t1 = out->t1 || t == 1;
		*check = *check || t != 0;
	}
	out->t0 = out->t0 || i == 1;	/* no TD1: T=0 */
	return 0;
}

/* PC/SC part 3: T0 8n, TD1 80, TD2 01. */
static bool
is_contactless(const uint8_t *bytes, size_t len)
{
	return len >= 4 && (bytes[1] & 0xf0) == HAS_TD && bytes[2] == 0x80 &&
	    bytes[3] == 0x01;
}

/* All bytes but TS, with the TCK, give 0 (7816-3, 8.2.5). */
static int
check_sum(const uint8_t *bytes, size_t len)
{
	uint8_t sum = 0;
	size_t i;

	for (i = 1; i < len; i++)
		sum ^= bytes[i];
	if (sum != 0)
		return ss_fail(SS_ECARD, "the ATR's check byte is wrong");
	return 0;
}

static int
parse(struct walk *walk, struct ss_atr *out)
{
	uint8_t ts = 0, t0 = 0, tck;
	bool check = false;
	int r;

	if (walk->len > SS_ATR_MAX)
		return ss_fail(SS_ECARD, "the ATR has %zu bytes, at most %d",
		    walk->len, SS_ATR_MAX);
	if ((r = next(walk, &ts)) != 0)
		return r;
	if (ts != TS_DIRECT && ts != TS_INVERSE)
		return ss_fail(SS_ECARD, "an ATR begins with 3B or 3F");
	if ((r = next(walk, &t0)) != 0 ||
	    (r = read_interface(walk, t0, out, &check)) != 0)
		return r;
	out->historical_len = t0 & 0x0f;
	out->historical = walk->bytes + walk->at;
	if (walk->len - walk->at < out->historical_len)
		return ss_fail(SS_ECARD, "the ATR is cut short at byte %zu",
		    walk->len);
	walk->at += out->historical_len;
	if (check && (r = next(walk, &tck)) != 0)
		return r;
	if (walk->at != walk->len)
		return ss_fail(SS_ECARD, "the ATR has %zu bytes too many",
		    walk->len - walk->at);
	return check ? check_sum(walk->bytes, walk->len) : 0;
}

int
ss_atr_parse(const uint8_t *bytes, size_t len, struct ss_atr *out)
{
	struct walk walk = { bytes, len, 0 };
	int r;

	*out = (struct ss_atr){ .ta1 = TA1_DEFAULT };
	if ((r = parse(&walk, out)) != 0) {
		*out = (struct ss_atr){ 0 };
		return r;
	}
	out->contactless = is_contactless(bytes, len);
	return 0;
}
