/*
 * Errors: a code that says what the operator does next, and one sentence.
 *
 * Every function of the library that can fail returns 0 or one of these codes.
 * The sentence belongs to the thread: lower case, no full stop, the subject in
 * quotes, never a secret and never anything about a person. Each code has a
 * stable word, which is what appears in records (ss-record(5)).
 */
#ifndef SS_BASE_ERR_H
#define SS_BASE_ERR_H

#include <stdbool.h>

enum ss_code {
	SS_OK,
	SS_EINVALID,	/* mend the record (or the policy, the option) */
	SS_EPOLICY,	/* the region's rules refuse */
	SS_EEXISTS,	/* a duplicate */
	SS_EMISSING,	/* not found */
	SS_ESTATE,	/* the life cycle forbids it */
	SS_EAUTH,	/* wrong PIN, key, MAC or seal; an altered member */
	SS_EBLOCKED,	/* the card, the key or the PIN is blocked */
	SS_ECARD,	/* the card answered what it should not */
	SS_EREADER,	/* from here on the run stops: ss_code_stops */
	SS_ECRYPTO,
	SS_EREGISTRY,
	SS_EIO,
	SS_EMEMORY,
};

/* Room for the sentence, in bytes, with its NUL. */
#define SS_MESSAGE_MAX 512

/* Sets the sentence and returns code. */
int ss_fail(int code, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

/* Puts "fmt: " before the sentence that is set already; returns code. */
int ss_fail_in(int code, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

/*
 * Maps errno to a code, the sentence being "subject: reason": SS_EMISSING for
 * ENOENT and ENOTDIR, SS_EMEMORY for ENOMEM, else SS_EIO.
 */
int ss_fail_errno(const char *subject);

/* The last sentence of this thread, borrowed until the next failure. */
const char *ss_message(void);

/* The sentence that is set, under another code; returns that. */
int ss_fail_as(int code);

/* The code of the last failure of this thread. */
int ss_last_code(void);

/* The word of a code ("invalid", "policy", ...); "ok" for 0. */
const char *ss_code_word(int code);

/* Whether a code stops the run: reader, crypto, registry, io, memory. */
bool ss_code_stops(int code);

#endif
