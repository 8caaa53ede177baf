/*
 * The SQLite back end's own: its file.
 */
#ifndef SS_BOOKS_REGISTRY_SQLITE_H
#define SS_BOOKS_REGISTRY_SQLITE_H

#include <stdbool.h>

struct sqlite3;

/* SS_EREGISTRY, "what: " and SQLite's reason. */
int ss_sqlite_fail(struct sqlite3 *, const char *what);

/*
 * Opens a register's file; with made not NULL it is made where it is not
 * there, mode 0600, at once whole. What is opened is the caller's to close,
 * also after a failure. SS_EMISSING, SS_EREGISTRY.
 */
int ss_sqlite_open(struct sqlite3 **out, const char *path, bool *made);

#endif
