/*
 * A software card plugged into vpcd, the virtual reader of vsmartcard: it
 * listens on a TCP port, and the card is who connects. A message is a length
 * of two bytes, high byte first, and a body; bodies of one byte 00, 01, 02, 04
 * are power off, power on, reset and "your ATR"; all else are commands.
 */
#ifndef SS_SOFTCARD_VPCD_H
#define SS_SOFTCARD_VPCD_H

#include "base/bytes.h"
#include "softcard/softcard.h"

#define SS_VPCD_PORT 35963

enum ss_vpcd_kind {
	SS_VPCD_NOTHING,	/* an empty body */
	SS_VPCD_OFF,
	SS_VPCD_ON,
	SS_VPCD_RESET,
	SS_VPCD_ATR,
	SS_VPCD_APDU,
};

struct ss_vpcd_message {
	enum ss_vpcd_kind kind;
	const uint8_t *body;	/* borrowed */
	size_t len;
};

/* The first message of these bytes and how many of them it takes; 0, *out
 * being empty, when it is not whole yet. Any bytes are messages. */
size_t ss_vpcd_parse(const void *bytes, size_t len,
    struct ss_vpcd_message *out);

/* Does what a message asks for, and appends the answer, if there is one, as a
 * message. SS_EREADER when the card has left, or has no power. */
int ss_vpcd_answer(struct ss_softcard *, const struct ss_vpcd_message *,
    struct ss_bytes *out);

/* How long a card stays, and who is told. */
struct ss_vpcd_stay {
	bool once;		/* until it was used and has no power again;
				 * else as long as the reader is there */
	/* Called when the card has got power and its ATR was asked for. */
	void (*shown)(void *ctx);
	void *ctx;
};

/*
 * Plugs a card into the reader at this port of 127.0.0.1 and serves it.
 * 0 when it was used, when it has left by a hook, or the reader has gone;
 * *gone says that. SS_EREADER when there is no reader.
 */
int ss_vpcd_serve(struct ss_softcard *, uint16_t port,
    const struct ss_vpcd_stay *, bool *gone);

#endif
