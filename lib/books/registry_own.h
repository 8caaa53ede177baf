/*
 * The register's own: what its files share, and nobody else uses.
 */
#ifndef SS_BOOKS_REGISTRY_OWN_H
#define SS_BOOKS_REGISTRY_OWN_H

#include <pthread.h>

#include "books/registry.h"
#include "books/registry_engine.h"

struct ss_registry {
	const struct ss_engine *engine;
	void *db;
	char *station;
	struct ss_bytes name;	/* as it may be shown */
	pthread_mutex_t lock;
	struct ss_sm3 *sm3;
	bool open;		/* a transaction of ss_registry_begin */
};

/* Appends a name of a register without the passwords it may hold. */
void ss_registry_show(const char *name, struct ss_bytes *out);

/* Arguments of a statement. */
struct ss_arg ss_arg_text(const char *);
struct ss_arg ss_arg_number(int64_t);

int64_t ss_cell_int(const struct ss_cell *);

/* A statement with so many arguments, struct ss_arg each, run by itself; of
 * any thread. */
int ss_registry_run(struct ss_registry *, enum ss_query,
    const struct ss_arg *args, size_t n, ss_row_fn *row, void *ctx,
    int64_t *changed);

/* The same for one whose text is made up. */
int ss_registry_select(struct ss_registry *, const char *sql,
    const struct ss_arg *args, size_t n, ss_row_fn *row, void *ctx);

/* Within a transaction, the lock being held. */
int ss_registry_do(struct ss_registry *, enum ss_query,
    const struct ss_arg *args, size_t n, ss_row_fn *row, void *ctx,
    int64_t *changed);

/*
 * Runs work in a transaction, again where the engine says so, and commits what
 * it leaves with 0. The lock is held meanwhile.
 */
int ss_registry_transact(struct ss_registry *,
    int (*work)(struct ss_registry *, void *ctx), void *ctx);

/* An entry of the columns SS_ENTRY_COLUMNS. */
int ss_entry_cells(struct ss_entry *, const struct ss_cell *);

/* The other way round: arguments of SS_Q_INSERT and SS_Q_ADD_EVENT, which
 * borrow what they are made of; how many. */
size_t ss_entry_args(const struct ss_entry *, const struct ss_bytes *record,
    struct ss_arg args[SS_ARGS_MAX]);
size_t ss_event_args(const struct ss_event *, struct ss_arg args[SS_ARGS_MAX]);

/* An event of its columns; it borrows them. */
struct ss_event ss_event_cells(const struct ss_cell *);

/* Copies a cell's text into an array, cut where it is too long. */
void ss_cell_copy(const struct ss_cell *, char *to, size_t size);

#endif
