/*
 * The PostgreSQL back end's own: a connection by libpq, which is opened at run
 * time, since linking it would double the start of every command.
 */
#ifndef SS_BOOKS_REGISTRY_PG_H
#define SS_BOOKS_REGISTRY_PG_H

#include "books/registry_engine.h"

struct ss_pg;

/*
 * Connects, by a URL as libpq takes it. SS_EINVALID for one that is none,
 * SS_EREGISTRY when the library or the server is not there. No sentence has
 * the password of the URL.
 */
int ss_pg_open(struct ss_pg **out, const char *url);
void ss_pg_close(struct ss_pg *);

/* Connects again where the connection was lost: SS_AGAIN while the server is
 * not back. */
int ss_pg_mend(struct ss_pg *);

/*
 * A command without arguments and rows. SS_EREGISTRY when the server says that
 * it did something else, as for the COMMIT of a transaction that had failed.
 * This and those below fail with SS_AGAIN or SS_EREGISTRY; of the server's
 * words only those are shown that hold no values.
 */
int ss_pg_command(struct ss_pg *, const char *text);

/* Undoes a transaction, if there is one; keeps the sentence. */
void ss_pg_undo(struct ss_pg *);

/* As struct ss_engine has them. Rows are given when all are there, so that
 * SS_AGAIN follows none. */
int ss_pg_run(struct ss_pg *pg, const struct ss_statement *st, ss_row_fn *row,
    void *ctx, int64_t *changed);
int ss_pg_batch(struct ss_pg *pg, const struct ss_statement *st, size_t n,
    int64_t *changed);

/* The SQLSTATE of the last failure; "" for one of the library. */
const char *ss_pg_state(const struct ss_pg *);

/* The name of the database, borrowed. */
const char *ss_pg_database(const struct ss_pg *);

#endif
