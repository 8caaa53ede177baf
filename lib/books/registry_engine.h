/*
 * What a database engine does for the register: statements of registry_sql
 * run, rows read, transactions. Nothing of what they mean. One table of
 * functions for each kind of name.
 */
#ifndef SS_BOOKS_REGISTRY_ENGINE_H
#define SS_BOOKS_REGISTRY_ENGINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "books/registry_sql.h"

/*
 * Not an error: another transaction, or the end of a connection, undid this
 * one. The caller rolls back and repeats all of it.
 */
#define SS_AGAIN (-1)

#define SS_ARGS_MAX 17

struct ss_arg {
	const char *text;	/* NULL: the number */
	size_t len;
	int64_t number;
};

struct ss_statement {
	enum ss_query query;
	const char *text;	/* of SS_Q_TEXT, which is not kept prepared */
	size_t count;
	struct ss_arg args[SS_ARGS_MAX];
};

/* A column of a row; never NULL, and with a NUL behind. */
struct ss_cell {
	const char *text;
	size_t len;
};

/* Borrowed for the call; it runs no other statement. What it returns, if not
 * 0, ends the walk and is returned. */
typedef int ss_row_fn(const struct ss_cell *cells, void *ctx);

struct ss_engine {
	const char *prefix;		/* of its names, with the colon */
	int (*open)(void **db, const char *name, bool *made);
	void (*close)(void *db);

	/* A transaction to write in, or to see one moment in. Outside of
	 * them each statement is whole by itself. */
	int (*begin)(void *db);
	int (*look)(void *db);
	int (*commit)(void *db);
	void (*rollback)(void *db);	/* keeps the sentence */

	/* row and changed, which counts the rows written, may be NULL. */
	int (*run)(void *db, const struct ss_statement *, ss_row_fn *row,
	    void *ctx, int64_t *changed);

	/* Several without rows, in order, each with its count; in a
	 * transaction. */
	int (*batch)(void *db, const struct ss_statement *, size_t n,
	    int64_t *changed);
};

extern const struct ss_engine ss_engine_sqlite;
extern const struct ss_engine ss_engine_postgresql;
extern const struct ss_engine ss_engine_postgres;	/* its other name */

#endif
