/*
 * A key store's helper, seen from within: answers to requests, what is allowed
 * of them, and the log (ss-keys(5)).
 */
#ifndef SS_TRUST_SERVICE_H
#define SS_TRUST_SERVICE_H

#include "trust/allow.h"

struct ss_service;

struct ss_service_setup {
	struct ss_keystore *keys;	/* borrowed */
	const char *allow;	/* file of rules; NULL: everything */
	const char *log;	/* file that is added to; NULL: none */
};

/* The codes of ss_allow_open, and SS_EIO, SS_EAUTH, SS_EINVALID for a log that
 * others may write, or that is no file. The keys may come later. */
int ss_service_open(struct ss_service **out, const struct ss_service_setup *);
void ss_service_keys(struct ss_service *, struct ss_keystore *);
void ss_service_close(struct ss_service *);

/*
 * The answer to one line without its newline, and its own newline, added to
 * out; a line that is none has an error as its answer. line is taken to pieces:
 * whatever PIN was in it is not there any more. By the return the log has it,
 * durably. Not 0 only when the service cannot go on: the log cannot be written
 * (SS_EIO), or SS_EMEMORY; out is then an answer that says so.
 */
int ss_service_answer(struct ss_service *, char *line, size_t len,
    struct ss_bytes *out);

/* The same for a line that was longer than SS_WIRE_REQUEST_MAX. */
int ss_service_too_long(struct ss_service *, struct ss_bytes *out);

#endif
