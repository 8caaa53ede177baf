/*
 * Commands and responses, their bytes, and what follows a response.
 *
 * ISO/IEC 7816-4 (2005): 5.1 the pairs, cases and status words, 5.1.1.1 command
 * chaining, 5.1.3 what 61xx and 6Cxx ask for, 7.6.1 GET RESPONSE.
 * ISO/IEC 7816-3 (2006), 12: short and extended lengths, and T=0. That the
 * social security card takes GET RESPONSE in class 00 whatever the class of
 * the command is field practice.
 *
 * Nothing here sends anything. A command may hold a PIN: encoded bytes go into
 * room of the caller's, which he wipes.
 */
#ifndef SS_CHIP_APDU_H
#define SS_CHIP_APDU_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Case 1: neither data nor le. 2: le. 3: data. 4: both. */
struct ss_apdu {
	uint8_t cla, ins, p1, p2;
	const uint8_t *data;	/* borrowed */
	size_t len;		/* Nc, 0 to 65535 */
	size_t le;		/* Ne, at most so many bytes are wanted: 0 none,
				 * 256 all of a short answer, up to 65536 */
};

/* How a command goes to the reader. */
enum ss_apdu_form {
	SS_APDU_T0,		/* short; case 4 without Le, since what there
				 * is comes by 61xx and GET RESPONSE */
	SS_APDU_T1,		/* short; also T=CL */
	SS_APDU_EXTENDED,	/* T1, and extended where short won't do */
};

#define SS_APDU_SHORT_DATA 255
#define SS_APDU_SHORT_LE 256
#define SS_APDU_DATA 65535
#define SS_APDU_LE 65536

/* Room for the bytes of any short command, and of any command. */
#define SS_APDU_SHORT_ROOM (5 + SS_APDU_SHORT_DATA + 1)
#define SS_APDU_ROOM (7 + SS_APDU_DATA + 2)

/*
 * Writes a command's bytes, *len of them. Case 1 is four bytes in every form;
 * the reader's driver adds P3 for T=0 (7816-3, 12.2.2). SS_EINVALID, *len being
 * 0, for what the form cannot hold, for class FF, for instructions 6x and 9x
 * (7816-4, 5.1.1 and 5.1.2) and where room is too little.
 */
int ss_apdu_encode(const struct ss_apdu *, enum ss_apdu_form, uint8_t *out,
    size_t room, size_t *len);

/* The command that bytes are, short or extended; its data are borrowed from
 * them. SS_EINVALID for what is none, *out being empty. A case 4 that was
 * encoded for T=0 reads as case 3. */
int ss_apdu_parse(const void *bytes, size_t len, struct ss_apdu *out);

/*
 * Command chaining, for data that are too long for one short command: of how
 * many links a command consists (1 for data of up to 255 bytes), and link i
 * of them, from 0. All but the last have b5 of CLA set and want no answer; each
 * of these has to be answered 9000 with no data before the next one goes.
 * SS_EINVALID, *out being empty, for an i that is not there, and where more
 * than one link is needed but the class is proprietary (80 and above, where
 * b5 has no agreed meaning) or has b5 set already.
 */
size_t ss_apdu_links(const struct ss_apdu *);
int ss_apdu_link(const struct ss_apdu *, size_t i, struct ss_apdu *out);

struct ss_response {
	const uint8_t *data;	/* borrowed */
	size_t len;		/* without the status word */
	uint16_t sw;
};

/* SS_ECARD, *out being empty, for less than two bytes, for more than 65536 and
 * two, and for a status word other than 61xx-6Fxx and 9xxx (5.1.3). What stands
 * in its place is not said, since it may be data that were cut. */
int ss_response_parse(const void *bytes, size_t len, struct ss_response *out);

/* One command and all that it takes to have its answer; starts as
 * { .form = ... }, and only ss_apdu_next changes it. */
struct ss_exchange {
	enum ss_apdu_form form;
	size_t turns;		/* answers so far */
	size_t len;		/* bytes of data in them */
	bool again;		/* the last answer was 6Cxx */
};

/* No exchange has more answers than this, whatever the card says. */
#define SS_EXCHANGE_TURNS 520

/*
 * What follows a response to the command that was sent last. *more: next is to
 * be sent, the response's data being a part of the answer. Not *more: the
 * answer is complete, and this response's status word is the exchange's.
 *
 * 61xx: GET RESPONSE of xx, 00 meaning 256, on the channel of the command.
 * 6Cxx: the command again with Le xx.
 *
 * SS_ECARD when the card leads nowhere: 6Cxx twice in a row, with data, with
 * the Le that was sent, to a command that wanted no answer, or to case 4 in
 * T=0, whose bytes would stay the same (an authentication or a PIN must not
 * go out twice for nothing); 61xx without data to GET RESPONSE; more than 65536
 * bytes in all; more turns than SS_EXCHANGE_TURNS.
 *
 * next may be the command that was sent.
 */
int ss_apdu_next(struct ss_exchange *, const struct ss_apdu *sent,
    const struct ss_response *, struct ss_apdu *next, bool *more);

#endif
