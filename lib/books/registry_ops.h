/*
 * What a back end of the register does: rows in and out, nothing of what they
 * mean. One table for each kind of name.
 */
#ifndef SS_BOOKS_REGISTRY_OPS_H
#define SS_BOOKS_REGISTRY_OPS_H

#include "books/registry.h"

struct ss_registry_ops {
	const char *prefix;		/* of its names, with the colon */
	int (*open)(void **db, const char *where, bool *made);
	void (*close)(void *db);
	int (*begin)(void *db);
	int (*look)(void *db);		/* to read one moment's state */
	int (*commit)(void *db);
	void (*rollback)(void *db);

	int (*load)(void *db, struct ss_entry *);
	int (*load_open)(void *db, struct ss_entry *);
	int (*record)(void *db, const char *id, struct ss_bytes *out);
	int (*had)(void *db, const char *id, const char *sm3, bool *out);

	/* *done false: the id is taken, or the person has an open one. */
	int (*insert)(void *db, const struct ss_entry *,
	    const struct ss_bytes *record, bool *done);
	/* *done false: it has not got so many events any more, or its
	 * person has another open one. */
	int (*update)(void *db, const struct ss_entry *,
	    const struct ss_bytes *record, int64_t events, bool *done);
	int (*add_event)(void *db, const struct ss_event *);
	int (*get_station)(void *db, const char *name, int64_t *events);
	int (*set_station)(void *db, const char *name, int64_t events);

	int (*each)(void *db, const struct ss_filter *,
	    int (*each)(const struct ss_entry *, const char *record,
	    void *ctx), void *ctx);
	int (*events)(void *db, const char *id,
	    int (*each)(const struct ss_event *, void *ctx), void *ctx);
	int (*stations)(void *db,
	    int (*each)(const char *, int64_t, void *ctx), void *ctx);
};

extern const struct ss_registry_ops ss_registry_sqlite;

#endif
