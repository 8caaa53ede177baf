/*
 * A record: one line of JSON Lines holding one object, changed by splicing.
 *
 * The text is parsed to be checked and read; new members are spliced into it,
 * so that a member nobody touched keeps its bytes. A line that is no record
 * becomes one that carries the error and the line (ss-record(5)).
 */
#ifndef SS_BASE_RECORD_H
#define SS_BASE_RECORD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"
#include "base/crypto.h"
#include "base/err.h"
#include "base/json.h"

#define SS_LINE_LIMIT (1u << 20)	/* default longest line, in bytes */
#define SS_LINE_LIMIT_MIN 4096u		/* room for an error and a head */
#define SS_LINE_HEAD 256		/* what is kept of a longer one */

/* A line as it was read: borrowed from its reader until the next one. */
struct ss_line {
	const char *data;	/* without newline; cut to SS_LINE_HEAD ... */
	size_t len;
	size_t full_len;	/* ... when this is larger */
	char sm3[SS_SM3_HEX];	/* of the whole line, set when it was cut */
	uint64_t number;	/* from 1, over all inputs */
	int code;		/* not 0: unreadable, for the reason below */
	char message[128];
};

enum ss_outcome {
	SS_DONE,	/* worked on */
	SS_PASSED,	/* not for this command: goes out untouched */
	SS_ALREADY,	/* had been done before */
	SS_FAILED,	/* carries an error of this command */
	SS_UPSTREAM,	/* came with an error */
};

struct ss_member;	/* where a member stands in the text */
struct ss_edit;		/* a member to be set or removed */

struct ss_record {
	uint64_t number;
	unsigned slot;		/* its place in the group, from 0 */
	struct ss_value *root;	/* NULL for a line that is no record */
	enum ss_outcome outcome;
	bool stale;		/* changed since it was composed */
	unsigned version;	/* counts the values that root was */
	int code;		/* of the failure, 0 while there is none */
	struct ss_bytes detail;	/* members that its error has, beside tool,
				 * code and message: "a":1,"b":2 */
	struct ss_bytes out;	/* what goes out, without newline */

	/* private */
	struct ss_bytes text;
	struct ss_bytes message;
	struct ss_bytes edits;
	struct ss_member *members;
	size_t member_count, member_cap;
	struct ss_edit *edit;
	size_t edit_count, edit_cap;
	struct ss_line line;
};

void ss_record_free(struct ss_record *);

/* Takes a line, copying it; SS_EMEMORY. */
int ss_record_keep(struct ss_record *, const struct ss_line *);

/*
 * Parses what was kept. A line that is no record makes a record that has
 * failed (SS_EINVALID); one that carries an "error" already is SS_UPSTREAM.
 * Returns only SS_EMEMORY.
 */
int ss_record_parse(struct ss_record *);

/* The value at a path, of the record as it came in; borrowed. */
const struct ss_value *ss_record_get(const struct ss_record *,
    const char *path);

/* Its string; NULL when there is none or it is no string. */
const char *ss_record_string(const struct ss_record *, const char *path);

/*
 * Begins a top-level member's new value, in place of what was set before:
 * write its JSON text into the buffer returned, which is borrowed until the
 * next call.
 */
struct ss_bytes *ss_record_set(struct ss_record *, const char *name);
void ss_record_remove(struct ss_record *, const char *name);

/* The name of the i-th member that was set or removed so far; NULL: there are
 * no more. */
const char *ss_record_edited(const struct ss_record *, size_t i);

/* Forgets what was set and removed so far. */
void ss_record_undo(struct ss_record *);

/*
 * The record has failed: its edits are dropped and it will carry an error
 * with this code and ss_message(). The run goes on. Returns 0.
 */
int ss_record_fail(struct ss_record *, int code);

/* What was asked for had been done: "already": true, and SS_ALREADY. */
void ss_record_already(struct ss_record *);

/* Takes another text for what came in, as the register has it. SS_EINVALID,
 * SS_EMEMORY. */
int ss_record_become(struct ss_record *, const char *text, size_t len);

/*
 * Appends the canonical form of what came in: sorted, compact, and without
 * "already" and "read", which are no part of a record. SS_EMEMORY.
 */
int ss_record_canonical(struct ss_record *, struct ss_bytes *out);

/* What goes out, as a value without those two; the caller's. It shares members
 * with what came in. only, which ends with NULL, are the members that will be
 * looked at; NULL: all. SS_EMEMORY. */
int ss_record_composed(struct ss_record *, const char *const *only,
    struct ss_value **out);

/* The sentence of the failure; "" when there is none. */
const char *ss_record_message(const struct ss_record *);

/*
 * Composes out: what came in, the edits spliced, or the error of this tool.
 * What would be longer than limit fails, and keeps only the line's head when
 * it is too long even so.
 * SS_EMEMORY, SS_ECRYPTO.
 */
int ss_record_compose(struct ss_record *, const char *tool, size_t limit);

#endif
