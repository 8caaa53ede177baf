/*
 * How long a contact card's wire takes: ISO/IEC 7816-3 (2006), 7 (etu, guard
 * time), 10 (T=0, procedure bytes), 11 (T=1, blocks).
 */
#ifndef SS_SOFTCARD_LINK_H
#define SS_SOFTCARD_LINK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The wire that is modelled; zeros: none, answers come at once. */
struct ss_link {
	bool t1;
	uint8_t ta1;		/* Fi and Di that are in use */
	uint32_t clock_hz;	/* 4000000 */
	uint8_t ifs;		/* T=1: bytes of a block, 254 or 32; 0: all of
				 * them in one, which no card has (11.4.2) */
	uint32_t write_us;	/* an EEPROM page written */
	uint32_t page;		/* bytes of one */
};
/* Nanoseconds that a command and its response are on the wire, procedure bytes
 * or blocks included (7816-3, 7, 10, 11), without writing; pure. */
uint64_t ss_link_time(const struct ss_link *, size_t command, size_t response);

/*
 * A wire by its text: "none", or T0 or T1, and TA1 in hexadecimal, such as
 * "T0,96"; behind them, where they are not 4000000, 254, 0 and 0, "clock=HZ",
 * "ifs=BYTES", "write=MICROSECONDS" and "page=BYTES". SS_EINVALID.
 */
int ss_link_parse(const char *text, struct ss_link *out);

/* Whether there is a wire: TA1 or a clock was said. What was not is 11 and
 * 4 MHz. */
bool ss_link_is(const struct ss_link *);

#endif
