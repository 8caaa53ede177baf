/*
 * Status words: what the card says of a command, and what the operator does
 * about it.
 *
 * 61xx to 6Fxx are ISO/IEC 7816-4 (2005, 5.1.3), where one word may mean more
 * than one thing; which of them a social security card means, and 93xx and
 * 94xx altogether, is field practice.
 */
#ifndef SS_CHIP_STATUS_H
#define SS_CHIP_STATUS_H

#include <stdint.h>

#define SS_SW_OK 0x9000

/* One row: the words that equal sw under mask. */
struct ss_sw {
	uint16_t sw;
	uint16_t mask;
	int code;		/* enum ss_code */
	const char *text;	/* a phrase for the operator */
};

/* Ends with the row that has mask 0, which every word meets. */
extern const struct ss_sw ss_sws[];

/* The first row that a word meets; there always is one. */
const struct ss_sw *ss_sw_find(uint16_t sw);

/* x of 63Cx, the tries that are left; -1 of any other word. A card counts to
 * 15 at most this way. */
int ss_sw_tries(uint16_t sw);

/*
 * 0 for 9000, else the word's code. The sentence is "what: phrase, SW 6A82":
 * its last four characters are the word, whatever what is (of which at most
 * 200 bytes are said). The codes, by what the operator does next:
 *
 * SS_EAUTH     another PIN or the right keys: 63C1-63CF (with the tries left),
 *              6300, 6982 (not authenticated), 6988 and 9302 (wrong MAC)
 * SS_EBLOCKED  only the issuer helps: 6983, 63C0 (that was the last try),
 *              6283, 6A81 (all that a locked card says, though 7816-4 has
 *              it for a function that is not there) and 9303
 * SS_ECARD     all else: the card, its profile or the command is not what it
 *              should be. Also 6A82, 6A83 and 6A88, since no record is missing
 *              but a card is of another kind; who probes for a file looks at
 *              the word. Also 6987 and 9406: a MAC that was not sent is a
 *              fault of the profile and not of the key. And 61xx and 6Cxx,
 *              which chip/apdu follows up before anybody comes here.
 */
int ss_status_fail(uint16_t sw, const char *what);

#endif
