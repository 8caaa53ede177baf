/*
 * What was said to cards and by them, masked: a file of JSON Lines.
 *
 *   {"t_us":T,"reader":NAME,"atr":HEX,"form":"t0"}	a connection
 *   {"t_us":T,"reader":NAME,"c":HEX,"r":HEX,"us":N}	a command, its response
 *   {"t_us":T,"reader":NAME,"c":HEX,"error":TEXT,"us":N}	it had none
 *
 * t_us is microseconds since 1970-01-01T00:00:00Z, us how long the response
 * took. A masked byte is "..": CLA INS P1 P2, Lc, Le and the status word stay,
 * and so do all lengths, so that a trace can be replayed (reader.h).
 */
#ifndef SS_CARD_TRACE_H
#define SS_CARD_TRACE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"

struct ss_trace;

/* Appends to a file, which is made with mode 0600. SS_EIO, SS_EMEMORY,
 * SS_EMISSING without its folder. */
int ss_trace_open(struct ss_trace **out, const char *path);
void ss_trace_close(struct ss_trace *);

/* A command and what came of it. */
struct ss_trace_turn {
	const uint8_t *command, *response;	/* response NULL: error */
	size_t len, response_len;
	bool command_masked, response_masked;
	const char *error;
	int64_t us;
};

/* One write(2) each. A trace that can't be written is no reason to leave a
 * card half written: the fault is kept for ss_trace_check. */
void ss_trace_connection(struct ss_trace *, const char *reader,
    const uint8_t *atr, size_t len, const char *form);
void ss_trace_add(struct ss_trace *, const char *reader,
    const struct ss_trace_turn *);
int ss_trace_check(const struct ss_trace *);	/* SS_EIO; NULL is good */

/* Appends a command's bytes, or a response's, as they stand in a trace. */
void ss_trace_command(struct ss_bytes *out, const uint8_t *, size_t len,
    bool masked);
void ss_trace_response(struct ss_bytes *out, const uint8_t *, size_t len,
    bool masked);

#endif
