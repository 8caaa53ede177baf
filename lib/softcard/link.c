#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "softcard/link.h"

#define DEFAULT_TA1 0x11
#define DEFAULT_HZ 4000000
#define NS 1000000000u

/* Elementary time units of a character, guard time included: 7816-3, 7.3. */
#define T0_CHARACTER 12u	/* 10 and two of guard time */
#define T1_CHARACTER 11u	/* the block's own check allows one */
#define BLOCK_GUARD 22u		/* 11.4.3: between blocks that pass */
#define T0_HEADER 5u
#define SW 2u
#define FRAME 4u		/* NAD, PCB, LEN, LRC */

/* 7816-3, 8.3, tables 7 and 8; 0 is reserved. */
static const uint16_t fi[] = { 372, 372, 558, 744, 1116, 1488, 1860, 0, 0,
	512, 768, 1024, 1536, 2048, 0, 0 };
static const uint8_t di[] = { 0, 1, 2, 4, 8, 16, 32, 64, 12, 20, 0, 0, 0, 0,
	0, 0 };

static bool
reserved(unsigned int ta1)
{
	return fi[ta1 >> 4] == 0 || di[ta1 & 0x0f] == 0;
}

static uint64_t
blocks(uint64_t len, uint64_t ifs)
{
	return len == 0 || ifs == 0 ? 1 : (len + ifs - 1) / ifs;
}

/* Etu of bytes that go one way: every block but the last is acknowledged, and
 * each change of direction takes the block guard time instead of a
 * character's. */
static uint64_t
t1_way(uint64_t len, uint64_t ifs)
{
	uint64_t n = blocks(len, ifs), turns = 2 * n - 1;

	return (len + FRAME * turns) * T1_CHARACTER +
	    (turns - 1) * (BLOCK_GUARD - T1_CHARACTER);
}

static uint64_t
t1_time(const struct ss_link *l, uint64_t command, uint64_t response)
{
	return t1_way(command, l->ifs) + (BLOCK_GUARD - T1_CHARACTER) +
	    t1_way(response, l->ifs);
}

/* 10.3: the header, a procedure byte before data of either way, SW1 SW2. */
static uint64_t
t0_time(uint64_t command, uint64_t response)
{
	uint64_t n = T0_HEADER + SW;

	if (command > T0_HEADER)
		n += 1 + command - T0_HEADER;
	if (response > SW)
		n += 1 + response - SW;
	return n * T0_CHARACTER;
}

uint64_t
ss_link_time(const struct ss_link *l, size_t command, size_t response)
{
	uint8_t ta1 = l->ta1 != 0 ? l->ta1 : DEFAULT_TA1;
	uint64_t f = fi[ta1 >> 4], d = di[ta1 & 0x0f], cycles;
	uint64_t hz = l->clock_hz != 0 ? l->clock_hz : DEFAULT_HZ;

	if (!ss_link_is(l))
		return 0;
	if (reserved(ta1)) {
		f = fi[1];
		d = di[1];
	}
	cycles = (l->t1 ? t1_time(l, command, response) :
	    t0_time(command, response)) * f / d;
	return cycles / hz * NS + cycles % hz * NS / hz;
}

bool
ss_link_is(const struct ss_link *l)
{
	return l->ta1 != 0 || l->clock_hz != 0;
}

/* ",name=number" at *text, within its limits; *text is moved past it. */
static bool
take(const char **text, const char *name, unsigned long max, uint32_t *out)
{
	size_t n = strlen(name);
	unsigned long value;
	char *end;

	if (**text != ',' || strncmp(*text + 1, name, n) != 0 ||
	    (*text)[n + 1] != '=' || (*text)[n + 2] < '0' ||
	    (*text)[n + 2] > '9')
		return false;
	value = strtoul(*text + n + 2, &end, 10);
	if (value > max || (*end != '\0' && *end != ','))
		return false;
	*out = (uint32_t)value;
	*text = end;
	return true;
}

int
ss_link_parse(const char *text, struct ss_link *out)
{
	struct ss_link l = { .clock_hz = DEFAULT_HZ };
	const char *at = text + 5;
	uint32_t ifs = 254;

	*out = (struct ss_link){ 0 };
	if (strcmp(text, "none") == 0)
		return 0;
	if (strlen(text) < 5 || text[0] != 'T' || text[2] != ',' ||
	    (text[1] != '0' && text[1] != '1') ||
	    !isxdigit((unsigned char)text[3]) ||
	    !isxdigit((unsigned char)text[4]))
		goto bad;
	l.t1 = text[1] == '1';
	l.ta1 = (uint8_t)strtoul(text + 3, NULL, 16);
	if (l.ta1 == 0 || reserved(l.ta1))
		goto bad;
	while (take(&at, "clock", 100000000, &l.clock_hz) ||
	    take(&at, "ifs", 254, &ifs) ||
	    take(&at, "write", 10000000, &l.write_us) ||
	    take(&at, "page", 65535, &l.page))
		;
	l.ifs = (uint8_t)ifs;
	if (*at != '\0' || l.clock_hz == 0)
		goto bad;
	*out = l;
	return 0;
bad:
	return ss_fail(SS_EINVALID, "\"%s\" is no wire: such as T0,96 or "
	    "T1,18,clock=4000000,ifs=254,write=3500,page=64", text);
}
