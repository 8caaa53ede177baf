/*
 * A whole register as JSON Lines: one application with its events a line, then
 * the rows of the other tables; and back into a register (ss-registry(5)).
 */
#ifndef SS_BOOKS_EXPORT_H
#define SS_BOOKS_EXPORT_H

#include "base/json.h"
#include "base/line.h"
#include "books/registry.h"

/* Calls line for each; what it returns, if not 0, is returned. */
int ss_export(struct ss_registry *, int (*line)(const struct ss_bytes *,
    void *ctx), void *ctx);

/*
 * Puts the lines of an export into a register, all or, where one fails or
 * store is false, none: SS_EEXISTS when an application is there, SS_EINVALID
 * for another kind of line, the sentence naming the line.
 */
int ss_import(struct ss_registry *, const struct ss_source *, bool store);

/* Appends an event as an object; with its id when that is asked for. */
void ss_event_write(const struct ss_event *, bool id, struct ss_bytes *);

#endif
