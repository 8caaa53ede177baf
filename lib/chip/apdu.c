#include <string.h>

#include "base/err.h"
#include "chip/apdu.h"

#define HEADER 4
#define INS_GET_RESPONSE 0xc0
#define CLA_PROPRIETARY 0x80
#define CLA_FURTHER 0x40	/* channels 4 to 19 (7816-4, 5.1.1) */
#define CLA_CHAIN 0x10

static bool
header_valid(const struct ss_apdu *a)
{
	return a->cla != 0xff && (a->ins & 0xf0) != 0x60 &&
	    (a->ins & 0xf0) != 0x90;
}

static size_t
put(uint8_t *out, size_t at, size_t width, size_t value)
{
	if (width == 2)
		out[at++] = (uint8_t)(value >> 8 & 0xff);
	if (width >= 1)
		out[at++] = (uint8_t)(value & 0xff);
	return at;
}

/* The bytes of a command: a 00 before extended lengths, then Lc, data and Le
 * in so many bytes; 0 where there are none. */
struct layout {
	bool zero;
	size_t lc, le;
};

static struct layout
lay_out(const struct ss_apdu *a, enum ss_apdu_form form)
{
	bool extended = a->len > SS_APDU_SHORT_DATA || a->le >
	    SS_APDU_SHORT_LE;
	bool le = a->le > 0 && (form != SS_APDU_T0 || a->len == 0);
	size_t width = extended ? 2 : 1;

	return (struct layout){ extended, a->len > 0 ? width : 0,
		le ? width : 0 };
}

int
ss_apdu_encode(const struct ss_apdu *a, enum ss_apdu_form form, uint8_t *out,
    size_t room, size_t *len)
{
	struct layout l = lay_out(a, form);
	size_t at = HEADER;

	*len = 0;
	if (!header_valid(a))
		return ss_fail(SS_EINVALID, "no command: CLA %02X INS %02X",
		    a->cla, a->ins);
	if (a->len > SS_APDU_DATA || a->le > SS_APDU_LE ||
	    (l.zero && form != SS_APDU_EXTENDED))
		return ss_fail(SS_EINVALID, "a command of %zu bytes that wants "
		    "%zu is too long", a->len, a->le);
	if (HEADER + l.zero + l.lc + a->len + l.le > room)
		return ss_fail(SS_EINVALID, "no room for a command of %zu "
		    "bytes", a->len);
	out[0] = a->cla;
	out[1] = a->ins;
	out[2] = a->p1;
	out[3] = a->p2;
	if (l.zero)
		out[at++] = 0;
	at = put(out, at, l.lc, a->len);
	if (a->len > 0)
		memcpy(out + at, a->data, a->len);
	*len = put(out, at + a->len, l.le, a->le);
	return 0;
}

static int
no_command(struct ss_apdu *out, size_t len)
{
	*out = (struct ss_apdu){ 0 };
	return ss_fail(SS_EINVALID, "%zu bytes that are no command", len);
}

/* Big-endian, of one or two bytes. */
static size_t
get(const uint8_t *p, size_t width)
{
	return width == 1 ? p[0] : (size_t)p[0] << 8 | p[1];
}

/* What follows the header, n bytes at p, with lengths of so many bytes. */
static bool
parse_body(struct ss_apdu *out, const uint8_t *p, size_t n, size_t width)
{
	size_t most = width == 1 ? SS_APDU_SHORT_LE : SS_APDU_LE;
	size_t lc;

	if (n < width)
		return false;
	if (n > width) {
		if ((lc = get(p, width)) == 0 || lc > n - width)
			return false;
		out->data = p + width;
		out->len = lc;
		p += width + lc;
		n -= width + lc;
	}
	if (n == 0)
		return true;
	if (n != width)
		return false;
	out->le = get(p, width);
	if (out->le == 0)
		out->le = most;
	return true;
}

int
ss_apdu_parse(const void *bytes, size_t len, struct ss_apdu *out)
{
	const uint8_t *p = bytes;
	bool good = true;

	if (len < HEADER)
		return no_command(out, len);
	*out = (struct ss_apdu){ p[0], p[1], p[2], p[3], NULL, 0, 0 };
	if (len > HEADER + 1 && p[HEADER] == 0)
		good = parse_body(out, p + HEADER + 1, len - HEADER - 1, 2);
	else if (len > HEADER)
		good = parse_body(out, p + HEADER, len - HEADER, 1);
	return good && header_valid(out) ? 0 : no_command(out, len);
}

size_t
ss_apdu_links(const struct ss_apdu *a)
{
	if (a->len <= SS_APDU_SHORT_DATA)
		return 1;
	return (a->len - 1) / SS_APDU_SHORT_DATA + 1;
}

int
ss_apdu_link(const struct ss_apdu *a, size_t i, struct ss_apdu *out)
{
	size_t links = ss_apdu_links(a);

	*out = (struct ss_apdu){ 0 };
	if (i >= links)
		return ss_fail(SS_EINVALID, "a command of %zu links has no "
		    "link %zu", links, i);
	if (links > 1 && (a->cla & (CLA_PROPRIETARY | CLA_CHAIN)) != 0)
		return ss_fail(SS_EINVALID, "a command of class %02X can't be "
		    "chained", a->cla);
	*out = *a;
	if (links == 1)
		return 0;
	out->data = a->data + i * SS_APDU_SHORT_DATA;
	out->len = a->len - i * SS_APDU_SHORT_DATA;
	if (i + 1 < links) {
		out->cla |= CLA_CHAIN;
		out->len = SS_APDU_SHORT_DATA;
		out->le = 0;
	}
	return 0;
}

int
ss_response_parse(const void *bytes, size_t len, struct ss_response *out)
{
	const uint8_t *p = bytes;
	unsigned int sw;

	*out = (struct ss_response){ 0 };
	if (len < 2)
		return ss_fail(SS_ECARD, "an answer of %zu bytes has no status "
		    "word", len);
	if (len - 2 > SS_APDU_LE)
		return ss_fail(SS_ECARD, "an answer of %zu bytes is too long",
		    len);
	sw = (unsigned int)p[len - 2] << 8 | p[len - 1];
	if ((sw < 0x6100 || sw > 0x6fff) && (sw < 0x9000 || sw > 0x9fff))
		return ss_fail(SS_ECARD, "an answer of %zu bytes ends with no "
		    "status word", len);
	*out = (struct ss_response){ p, len - 2, (uint16_t)sw };
	return 0;
}

/* Class 00 with the command's channel, neither chained nor secured. */
static uint8_t
plain_class(uint8_t cla)
{
	if (cla & CLA_PROPRIETARY)
		return 0;
	if (cla & CLA_FURTHER)
		return cla & (CLA_FURTHER | 0x0f);
	return cla & 0x03;
}

static int
fetch(const struct ss_apdu *sent, const struct ss_response *r, size_t le,
    struct ss_apdu *next)
{
	if (sent->ins == INS_GET_RESPONSE && r->len == 0)
		return ss_fail(SS_ECARD, "the card promises data and gives "
		    "none, SW %04X", r->sw);
	*next = (struct ss_apdu){ .cla = plain_class(sent->cla),
		.ins = INS_GET_RESPONSE, .le = le };
	return 0;
}

static int
repeat(const struct ss_exchange *x, const struct ss_apdu *sent,
    const struct ss_response *r, size_t le, struct ss_apdu *next)
{
	struct ss_apdu again = *sent;
	bool useless = sent->le == 0 || (sent->len > 0 &&
	    x->form == SS_APDU_T0);

	if (x->again || r->len > 0 || sent->le == le || useless)
		return ss_fail(SS_ECARD, "the card asks for another length to "
		    "no purpose, SW %04X", r->sw);
	again.le = le;
	*next = again;
	return 0;
}

int
ss_apdu_next(struct ss_exchange *x, const struct ss_apdu *sent,
    const struct ss_response *r, struct ss_apdu *next, bool *more)
{
	size_t le = r->sw & 0xff;
	unsigned int sw1 = r->sw >> 8;
	int bad;

	*more = false;
	if (le == 0)
		le = SS_APDU_SHORT_LE;
	x->turns++;
	if (r->len > SS_APDU_LE - x->len)
		return ss_fail(SS_ECARD, "the card answers with more than %d "
		    "bytes, SW %04X", SS_APDU_LE, r->sw);
	x->len += r->len;
	if (sw1 != 0x61 && sw1 != 0x6c)
		return 0;
	if (x->turns >= SS_EXCHANGE_TURNS)
		return ss_fail(SS_ECARD, "the card's answer has no end, SW "
		    "%04X", r->sw);
	if (sw1 == 0x61)
		bad = fetch(sent, r, le, next);
	else
		bad = repeat(x, sent, r, le, next);
	if (bad != 0)
		return bad;
	x->again = sw1 == 0x6c;
	*more = true;
	return 0;
}
