/*
 * Readers: pcsc:NAME (by glob(7) or whole; also without the prefix) and
 * soft:DIR (a software card's folder, or a feeder's); and replay:FILE, which
 * answers what a trace has. All of them are one table of functions.
 *
 * soft:DIR, where DIR is a card, has that card in it always. A feeder is a
 * folder with the folders in and out: the first card by name in "in" is in
 * the reader, and ejecting moves it to "out": then the reader is empty until
 * a card is waited for or connected to.
 */
#ifndef SS_CARD_READER_H
#define SS_CARD_READER_H

#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"
#include "card/watch.h"
#include "chip/apdu.h"
#include "chip/atr.h"
#include "chip/profile.h"

#define SS_READER_NAME_MAX 256

struct ss_reader;

struct ss_reader_setup {
	const char *name;	/* NULL: the only reader, or with a card */
	const char *trace;	/* a file that gets every APDU; or NULL */
	int64_t timeout_ms;	/* for a card's answer; 0: 30 s */
	const struct ss_profiles *profiles;	/* of software cards */
	struct ss_watch *watch;	/* whose thread calls; or NULL */
	const volatile sig_atomic_t *stop;	/* ends a wait; or NULL */
};

/* Strings are borrowed. SS_EINVALID where none, or several, fit (all are
 * listed); SS_EREADER without PC/SC service or reader. */
int ss_reader_open(struct ss_reader **out, const struct ss_reader_setup *);
void ss_reader_close(struct ss_reader *);
const char *ss_reader_name(const struct ss_reader *);

/* The names of all PC/SC readers, each with NUL; "" for none. setup has
 * timeout_ms and watch. */
int ss_reader_list(struct ss_bytes *out, size_t *count,
    const struct ss_reader_setup *);

/* The names of all readers that the setup's name fits: of PC/SC by glob(7) or
 * whole
 * (NULL: all of them), of soft: by the paths; each with NUL, as ss_reader_open
 * takes them. SS_EREADER without a PC/SC service. */
int ss_reader_match(const struct ss_reader_setup *, struct ss_bytes *out,
    size_t *count);

/*
 * Until a card is there, or gone. SS_EMISSING when the time is over (0: looks
 * once; negative: no limit), or stop was set.
 */
int ss_reader_wait(struct ss_reader *, bool present, int64_t wait_ms);

/* A session with the card, exclusive: SS_EREADER when another process holds
 * it (that is said) or no card is there; SS_ECARD for one that does not answer
 * to reset. ATR and form are those of this connection. */
int ss_reader_connect(struct ss_reader *);
void ss_reader_disconnect(struct ss_reader *, bool eject);
const uint8_t *ss_reader_atr(const struct ss_reader *, size_t *len);
enum ss_apdu_form ss_reader_form(const struct ss_reader *);

/*
 * One command, its bytes as the form asks, and the bytes of its response,
 * borrowed until the next one. SS_EREADER when there is no answer;
 * ss_reader_left says whether the card has gone, ss_reader_was_reset whether
 * another process reset it (the session is connected anew by then, and the
 * card has forgotten its state). Whatever the code, no more is sent until the
 * next ss_reader_connect.
 */
int ss_reader_transmit(struct ss_reader *, const void *command, size_t len,
    const uint8_t **response, size_t *response_len);
bool ss_reader_left(const struct ss_reader *);
bool ss_reader_was_reset(const struct ss_reader *);

/* Commands sent over this connection, and when the first began and the last
 * ended (ss_monotonic; 0: none). */
struct ss_reader_counts {
	uint64_t apdus;
	int64_t first_ms, last_ms;
};
const struct ss_reader_counts *ss_reader_counts(const struct ss_reader *);

/* What the commands that follow hold, for the trace: how a command's data and
 * a response's are masked. Set by the session. */
enum ss_secrecy {
	SS_SHOWN,		/* data as they are */
	SS_PERSONAL,		/* data of a person: only lengths */
	SS_SECRET,		/* PIN, keys' output: only lengths */
};
void ss_reader_mask(struct ss_reader *, enum ss_secrecy command,
    enum ss_secrecy response);

#endif
