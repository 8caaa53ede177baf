/*
 * The home of jansson: JSON values (RFC 8259) read, merged and written.
 *
 * A parsed value is read through paths such as "person.guardian.name". Text is
 * written straight into a buffer: ss_json_key and the ss_json_add functions
 * put the commas where they belong by looking at what stands before.
 */
#ifndef SS_BASE_JSON_H
#define SS_BASE_JSON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"

/* A JSON value; those inside another are borrowed from it. */
struct ss_value;

enum ss_kind {
	SS_NONE,	/* no value at all: a NULL pointer */
	SS_NULL,
	SS_BOOL,
	SS_INT,
	SS_REAL,
	SS_STRING,
	SS_ARRAY,
	SS_OBJECT,
};

/*
 * One value, an array or an object, filling the text. Duplicate names, NUL,
 * bad UTF-8, lone surrogates and integers beyond 64 bits are SS_EINVALID. The
 * sentence gives the byte and the kind of fault, never a part of the text.
 */
int ss_json_parse(const char *text, size_t len, struct ss_value **out);
int ss_json_read_file(const char *path, struct ss_value **out);
void ss_json_free(struct ss_value *);

/* All of these take NULL for "no value". */
enum ss_kind ss_value_kind(const struct ss_value *);

/* A word for messages: "a string", "no value", ... */
const char *ss_kind_word(enum ss_kind);

/* The value at a path of names joined by dots; NULL when there is none. */
const struct ss_value *ss_value_get(const struct ss_value *, const char *path);

/* The member of one name, which may hold dots. */
const struct ss_value *ss_value_member(const struct ss_value *,
    const char *name);

/* Whether an array has this string as an element. */
bool ss_value_has(const struct ss_value *array, const char *string);

/* NULL unless it is a string; never holds a NUL inside. */
const char *ss_value_string(const struct ss_value *);
size_t ss_value_string_len(const struct ss_value *);

/* false, and *out untouched, unless it is an integer within +-2^53. */
bool ss_value_int(const struct ss_value *, int64_t *out);

/* fallback unless it is true or false. */
bool ss_value_bool(const struct ss_value *, bool fallback);

/* Members of an object or elements of an array; 0 for anything else. */
size_t ss_value_count(const struct ss_value *);
const struct ss_value *ss_value_at(const struct ss_value *, size_t index);

/* Walks an object in the order it was written; *iter starts NULL. */
bool ss_value_each(const struct ss_value *, void **iter, const char **name,
    const struct ss_value **value);

/*
 * Lays over on base: objects are merged member by member, anything else
 * replaces what was there, null removes it. SS_EMEMORY.
 */
int ss_value_merge(struct ss_value *base, const struct ss_value *over);

/* An object with the same members, which are shared; the caller's. NULL
 * without memory. */
struct ss_value *ss_value_share(const struct ss_value *object);

/* The same value once more, to be freed by itself. */
struct ss_value *ss_value_keep(const struct ss_value *);

/* Sets a member, which is taken over whatever comes of it. SS_EMEMORY. */
int ss_value_put(struct ss_value *object, const char *name,
    struct ss_value *member);

/* Takes a member out of an object. */
void ss_value_remove(struct ss_value *, const char *name);

/* The same, giving it to the caller, who frees it; NULL when there is none. */
struct ss_value *ss_value_take(struct ss_value *, const char *name);

/* Appends the value's text, compact, as it was written. */
int ss_value_write(const struct ss_value *, struct ss_bytes *);

/* Appends its canonical form: compact, with sorted names (ss-record(5), SEALS).
 * Values that are equal have the same. SS_EMEMORY. */
int ss_value_canonical(const struct ss_value *, struct ss_bytes *);

/* Appends a name and a colon in that form, behind a comma where one is due. */
void ss_json_canonical_key(struct ss_bytes *, const char *name);

/* Writing. A key of NULL adds an element to an array. */
void ss_json_key(struct ss_bytes *, const char *key);
void ss_json_open(struct ss_bytes *, const char *key, char bracket);
void ss_json_close(struct ss_bytes *, char bracket);
void ss_json_add(struct ss_bytes *, const char *key, const char *string);
void ss_json_addn(struct ss_bytes *, const char *key, const char *string,
    size_t len);
void ss_json_addi(struct ss_bytes *, const char *key, int64_t);
void ss_json_addb(struct ss_bytes *, const char *key, bool);

#endif
