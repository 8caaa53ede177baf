/*
 * What a key store and its helper say to each other, JSON Lines (ss-keys(5),
 * section THE HELPER): a request and its answer as text and as values.
 */
#ifndef SS_TRUST_KEYSTORE_WIRE_H
#define SS_TRUST_KEYSTORE_WIRE_H

#include "base/json.h"
#include "trust/keystore.h"

#define SS_WIRE_VERSION 1
#define SS_WIRE_REQUEST_MAX 4096	/* a line, with its newline and a NUL */
#define SS_WIRE_ANSWER_MAX 4096
#define SS_WIRE_HELLO_MAX (512u << 10)
#define SS_WIRE_MASTERS_MAX 2048

enum ss_wire_op {
	SS_WIRE_HELLO,
	SS_WIRE_KCV,
	SS_WIRE_AUTH,
	SS_WIRE_ORDER,
	SS_WIRE_WRAP_PIN,
	SS_WIRE_OPS,
};

const char *ss_wire_op_word(enum ss_wire_op);	/* "hello", "wrap-pin", ... */
enum ss_wire_op ss_wire_op_find(const char *word);	/* or SS_WIRE_OPS */

/* Holds a PIN: on pages of ss_secret_new. What the op has no use for is 0. */
struct ss_wire_request {
	int64_t number;		/* 1 to 2^53 */
	enum ss_wire_op op;
	struct ss_master master;	/* test is not said */
	char city[7];
	uint8_t historical[SS_HISTORICAL_LEN];
	uint8_t factor[SS_FACTOR_LEN];
	uint8_t original[SS_FACTOR_LEN];
	enum ss_order order;
	struct ss_arithmetic arithmetic;
	char pin[SS_PIN_DIGITS_MAX + 1];
};

/* Writes a request and its newline, which is never more than
 * SS_WIRE_REQUEST_MAX: a buffer with that room stays where it is. */
void ss_wire_request_write(const struct ss_wire_request *, struct ss_bytes *);

/*
 * Reads a line without its newline, of which it takes the PIN away, so that it
 * is nowhere but in the request. Everything that an op needs must be there, and
 * nothing else. SS_EINVALID, the sentence naming the member and holding nothing
 * of the line; then number and op are what could be read, 0 and SS_WIRE_OPS
 * where they could not. SS_EMEMORY.
 */
int ss_wire_request_read(char *line, size_t len, struct ss_wire_request *);

/* Region, key, version, cipher; false where one of them is missing or none. */
bool ss_wire_master_read(const struct ss_value *, struct ss_master *);
void ss_wire_master_write(const struct ss_master *, struct ss_bytes *);

/* Opens an answer; the caller adds what it has to say and the bracket. */
void ss_wire_answer_open(int64_t number, enum ss_wire_op, struct ss_bytes *);

/*
 * Reads an answer to a request. 0, the value to be freed by the caller; the
 * code of an error that the helper tells, the sentence being its own;
 * SS_ECRYPTO for what is no answer to that, *lie being set; SS_EMEMORY.
 */
int ss_wire_answer_read(const char *line, size_t len,
    const struct ss_wire_request *, struct ss_value **out, bool *lie);

/* A member of exactly so many bytes, in hexadecimal; SS_ECRYPTO. */
int ss_wire_hex_read(const struct ss_value *, const char *member, void *out,
    size_t len);

/* The keys of an answer to hello, with their check values, room for
 * SS_WIRE_MASTERS_MAX. SS_ECRYPTO for rows that cannot be, and for a key that
 * stands there twice. */
int ss_wire_masters_read(const struct ss_value *, struct ss_master *,
    uint8_t (*kcv)[SS_KCV_LEN], size_t *count);

#endif
