/*
 * What the readers share among themselves: a table of functions a kind.
 */
#ifndef SS_CARD_READER_OWN_H
#define SS_CARD_READER_OWN_H

#include "card/reader.h"
#include "card/trace.h"

/*
 * One kind of reader. open gets what stands behind the prefix (NULL: nothing
 * was named), sets name and own; it leaves nothing behind when it fails.
 * connect sets atr and form; transmit writes to response, and sets left and
 * was_reset where it fails so. All calls that may not come back are watched.
 */
struct ss_reader_engine {
	const char *prefix;
	int (*open)(struct ss_reader *, const char *rest);
	void (*close)(struct ss_reader *);
	int (*wait)(struct ss_reader *, bool present, int64_t wait_ms);
	int (*connect)(struct ss_reader *);
	void (*disconnect)(struct ss_reader *, bool eject);
	int (*transmit)(struct ss_reader *, const uint8_t *command,
	    size_t len);
};

extern const struct ss_reader_engine ss_reader_pcsc;
extern const struct ss_reader_engine ss_reader_soft;
extern const struct ss_reader_engine ss_reader_replay;

#define SS_READER_RESPONSE (SS_APDU_LE + 2)

struct ss_reader {
	const struct ss_reader_engine *engine;
	void *own;		/* the engine's */
	struct ss_reader_setup setup;
	char name[SS_READER_NAME_MAX];
	struct ss_trace *trace;
	bool connected, failed, left, was_reset;
	uint8_t atr[SS_ATR_MAX];
	size_t atr_len;
	enum ss_apdu_form form;
	enum ss_secrecy command_mask, response_mask;
	struct ss_reader_counts counts;
	size_t response_len;
	uint8_t response[SS_READER_RESPONSE];
};

/* The form of the only protocol, or the first, that an ATR offers: T=0 goes
 * before T=1. SS_ECARD. */
int ss_reader_form_of(struct ss_reader *);

/* Whether stop was set. */
bool ss_reader_stopped(const struct ss_reader *);

/* Waits before the next look of a reader that has to be looked at, as long as
 * the rest of the time allows; false when that is over, or stop was set. until
 * is an instant of ss_monotonic, negative: no limit. */
bool ss_reader_nap(const struct ss_reader *, int64_t until);

/* SS_EMISSING: nobody put a card in, or took it out; or stop was set. */
int ss_reader_waited(const struct ss_reader *, bool present);

/*
 * One of count names, each with NUL, one after the other: the one that is glob,
 * else the one that glob fits; without a glob (NULL) the only one, else the
 * only one with a card. has_card may be NULL while glob is not. SS_EINVALID,
 * listing all; SS_EREADER for no names.
 */
int ss_reader_choose(const char *names, size_t count, const char *glob,
    const bool *has_card, const char **out);

#endif
