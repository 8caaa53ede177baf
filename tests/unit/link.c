/* What the wire takes, beside figures that were worked out by hand. */
#include <math.h>

#include "base/err.h"
#include "softcard/link.h"
#include "../tap.h"

static struct ss_link
wire(bool t1, unsigned int ta1, unsigned int ifs)
{
	return (struct ss_link){ .t1 = t1, .ta1 = (uint8_t)ta1,
		.clock_hz = 4000000, .ifs = (uint8_t)ifs };
}

static double
ms(const struct ss_link *l, size_t command, size_t response)
{
	return (double)ss_link_time(l, command, response) / 1e6;
}

/* A write of 255 bytes at 4 MHz, in ms, as drivers of such cards have it. */
static void
test_figures(void)
{
	static const struct {
		bool t1;
		unsigned int ta1;
		double ms;
	} rows[] = {
		{ true, 0x11, 276 }, { true, 0x18, 23 }, { true, 0x96, 12 },
		{ false, 0x11, 294 }, { false, 0x18, 24.5 },
		{ false, 0x96, 12.6 },
	};
	struct ss_link l;
	size_t i;
	double got;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		l = wire(rows[i].t1, rows[i].ta1, 0);
		got = ms(&l, 260, 2);
		if (!ok(fabs(got - rows[i].ms) <= rows[i].ms / 100,
		    "T=%d, TA1 %02x: %g ms", rows[i].t1, rows[i].ta1,
		    rows[i].ms))
			printf("# got: %g ms\n", got);
	}
}

/* etu of 372 cycles at 4 MHz: 93 us. */
static void
test_etus(void)
{
	static const struct {
		bool t1;
		unsigned int ifs;
		size_t command, response;
		uint64_t etus;
	} rows[] = {
		/* header and status word */
		{ false, 0, 4, 2, 7 * 12 }, { false, 0, 5, 2, 7 * 12 },
		/* and a procedure byte before data of either way */
		{ false, 0, 5, 10, (5 + 1 + 8 + 2) * 12 },
		{ false, 0, 21, 2, (5 + 1 + 16 + 2) * 12 },
		/* two blocks, and the guard time between */
		{ true, 254, 5, 2, (9 + 6) * 11 + 11 },
		{ true, 254, 254, 2, (258 + 6) * 11 + 11 },
		/* a second block, and the first one's acknowledgement */
		{ true, 254, 255, 2, (258 + 4 + 5 + 6) * 11 + 3 * 11 },
		{ true, 32, 5, 66, (9 + 36 + 4 + 36 + 4 + 6) * 11 + 5 * 11 },
	};
	struct ss_link l;
	uint64_t got;
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		l = wire(rows[i].t1, 0x11, rows[i].ifs);
		got = ss_link_time(&l, rows[i].command, rows[i].response);
		if (!ok(got == rows[i].etus * 93000, "T=%d, blocks of %u: "
		    "%zu bytes, %zu bytes", rows[i].t1, rows[i].ifs,
		    rows[i].command, rows[i].response))
			printf("# got: %g etu\n", (double)got / 93000);
	}
}

static void
test_others(void)
{
	struct ss_link l = { 0 };

	ok(ss_link_time(&l, 260, 258) == 0, "no wire takes no time");
	l.clock_hz = 4000000;
	ok(ss_link_time(&l, 4, 2) == 7 * 12 * 93000, "TA1 is 11 unless said");
	l = wire(false, 0x96, 0);
	l.clock_hz = 0;
	ok(ss_link_time(&l, 5, 2) == 7 * 12 * 4000, "and the clock 4 MHz");
	l = wire(false, 0x7f, 0);
	ok(ss_link_time(&l, 4, 2) == 7 * 12 * 93000, "a reserved TA1 is 11");
	l = wire(true, 0x11, 1);
	ok(ms(&l, 65545, 65538) > 60e3, "the longest at its slowest");
}

static void
test_text(void)
{
	static const char *const bad[] = { "", "T0", "T2,11", "T0,1", "T0,111",
		"T0 11", "T0,00", "T0,71", "T0,1f", "T0,-1", "T0,11,", "none,",
		"T0,11,ifs=255", "T0,11,clock=0", "T0,11,clock=", "T0,11,x=1",
		"T0,11,clock=1x", "T0,11,page=-1", "t0,11",
		"T0,11,write=99999999999999999999" };
	struct ss_link l;
	size_t i;

	ok(ss_link_parse("T0,96", &l) == 0 && !l.t1 && l.ta1 == 0x96 &&
	    l.clock_hz == 4000000 && l.ifs == 254 && l.write_us == 0 &&
	    ss_link_is(&l), "T0,96");
	ok(ss_link_parse("T1,18,page=64,write=3500,ifs=32,clock=3570000",
	    &l) == 0 && l.t1 && l.ta1 == 0x18 && l.clock_hz == 3570000 &&
	    l.ifs == 32 && l.write_us == 3500 && l.page == 64, "all of it");
	ok(ss_link_parse("none", &l) == 0 && !ss_link_is(&l), "none");
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		ok(ss_link_parse(bad[i], &l) == SS_EINVALID && !ss_link_is(&l),
		    "not \"%s\"", bad[i]);
}

int
main(void)
{
	test_figures();
	test_etus();
	test_others();
	test_text();
	return done();
}
