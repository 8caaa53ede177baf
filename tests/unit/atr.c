/* Answers to reset: those of the cards, of other makers, and what is none. */
#include <stdlib.h>

#include "base/err.h"
#include "chip/atr.h"
#include "../tap.h"

#define HISTORICAL "\x86\x38\x53\x46\x4d\x01\x02\x22\x01\x00\x00\x00\x2a"

/* Of its own size, so that reading past it is seen. */
static int
parse(const char *bytes, size_t len, struct ss_atr *out)
{
	static uint8_t *copy;

	free(copy);
	if ((copy = malloc(len + !len)) == NULL)
		abort();
	memcpy(copy, bytes, len);
	return ss_atr_parse(copy, len, out);
}

#define PARSE(text, out) parse(text, sizeof(text) - 1, out)

static void
test_good(void)
{
	struct ss_atr a;
	int r;

	r = PARSE("\x3b\x6d\0\0" HISTORICAL, &a);
	ok(r == 0 && a.historical_len == 13 && memcmp(a.historical, HISTORICAL,
	    13) == 0, "the card's: 13 historical bytes");
	ok(a.ta1 == 0x11 && a.t0 && !a.t1 && !a.contactless,
	    "default speed, T=0");
	r = PARSE("\x3b\x7d\x96\0\0" HISTORICAL, &a);
	ok(r == 0 && a.ta1 == 0x96 && a.t0 && a.historical_len == 13 &&
	    memcmp(a.historical, HISTORICAL, 13) == 0,
	    "of a maker who adds TA1");
	r = PARSE("\x3b\x8d\x80\x01" HISTORICAL "\xe0", &a);
	ok(r == 0 && a.contactless && a.t0 && a.t1 && a.historical_len == 13 &&
	    memcmp(a.historical, HISTORICAL, 13) == 0 && a.ta1 == 0x11,
	    "through a contactless reader");
	/* Of ISO/IEC 7816-3: TA1, TD1 with T=1, TA3 and TB3 behind TD2. */
	r = PARSE("\x3b\x92\x18\x81\x31\xfe\x45" "ab\x82", &a);
	ok(r == 0 && a.ta1 == 0x18 && a.t1 && !a.t0 && !a.contactless &&
	    a.historical_len == 2 && memcmp(a.historical, "ab", 2) == 0,
	    "T=1 with its own bytes");
	r = PARSE("\x3b\x10\x95", &a);
	ok(r == 0 && a.historical_len == 0 && a.ta1 == 0x95,
	    "no historical bytes");
	r = PARSE("\x3f\0", &a);
	ok(r == 0 && a.t0 && a.historical_len == 0, "the inverse convention");
	r = PARSE("\x3b\xf1\x13\0\xff\x91\x81\x31\xfe\x45" "x\xff", &a);
	ok(r == 0 && a.t1 && !a.t0 && a.ta1 == 0x13, "many interface bytes");
	r = PARSE("\x3b\x80\x80\x1f\x05\x1a", &a);
	ok(r == 0 && a.t0 && !a.t1 && !a.contactless,
	    "T=15 is no protocol and has a TCK");
}

static void
test_faults(void)
{
	static const struct {
		const char *bytes;
		size_t len;
		const char *says;
	} t[] = {
#define FAULT(text, says) { text, sizeof(text) - 1, says }
		FAULT("", "the ATR is cut short at byte 0"),
		FAULT("\x3b", "the ATR is cut short at byte 1"),
		FAULT("\x3c\0", "an ATR begins with 3B or 3F"),
		FAULT("\x3b\x6d\0", "the ATR is cut short at byte 3"),
		FAULT("\x3b\x62\0\0a", "the ATR is cut short at byte 5"),
		FAULT("\x3b\x80\x80", "the ATR is cut short at byte 3"),
		FAULT("\x3b\x8d\x80\x01" HISTORICAL,
		    "the ATR is cut short at byte 17"),
		FAULT("\x3b\x8d\x80\x01" HISTORICAL "\xe1",
		    "the ATR's check byte is wrong"),
		FAULT("\x3b\x6d\0\0" HISTORICAL "\0",
		    "the ATR has 1 bytes too many"),
		FAULT("\x3b\x8d\x80\x01" HISTORICAL "\xe0\0",
		    "the ATR has 1 bytes too many"),
		FAULT("\x3b\x0f" "0123456789abcdef0123456789abcdef",
		    "the ATR has 34 bytes, at most 33"),
		/* Interface bytes without an end. */
		FAULT("\x3b\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80"
		    "\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80"
		    "\x80\x80\x80\x80\x80\x80\x80",
		    "the ATR is cut short at byte 33"),
	};
	struct ss_atr a;
	size_t i;

	for (i = 0; i < sizeof(t) / sizeof(*t); i++) {
		ok(parse(t[i].bytes, t[i].len, &a) == SS_ECARD &&
		    a.historical == NULL && a.historical_len == 0 && !a.t0,
		    "fault %zu", i);
		is(ss_message(), t[i].says, "says which");
	}
}

/* Each byte of a contactless ATR but the first is under the check byte. */
static void
test_check_byte(void)
{
	static const char whole[] = "\x3b\x8d\x80\x01" HISTORICAL "\xe0";
	char changed[sizeof(whole)];
	struct ss_atr a;
	size_t i, n = sizeof(whole) - 1;
	int refused = 0;
	unsigned bit;

	for (i = 1; i < n; i++)
		for (bit = 0; bit < 8; bit++) {
			memcpy(changed, whole, sizeof(whole));
			changed[i] = (char)(changed[i] ^ (1 << bit));
			refused += parse(changed, n, &a) == SS_ECARD;
		}
	ok(refused == (int)(8 * (n - 1)), "a bit that changed is seen");
	for (i = 0, refused = 0; i < n; i++)
		refused += parse(whole, i, &a) == SS_ECARD;
	ok(refused == (int)n, "and whatever is cut off");
}

int
main(void)
{
	test_good();
	test_faults();
	test_check_byte();
	return done();
}
