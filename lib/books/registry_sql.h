/*
 * The SQL of the register: its tables (ss-registry(5)) and every statement, in
 * what SQLite and the PostgreSQL family have in common. Parameters are $1 to
 * $n. An engine writes "FOR UPDATE" and the types as it knows them.
 */
#ifndef SS_BOOKS_REGISTRY_SQL_H
#define SS_BOOKS_REGISTRY_SQL_H

#include <stdbool.h>
#include <stddef.h>

#define SS_SCHEMA_VERSION 2

enum ss_query {
	SS_Q_LOAD,
	SS_Q_LOAD_OPEN,
	SS_Q_LOAD_LIVE,
	SS_Q_LOAD_NUMBER,
	SS_Q_LOAD_CHIP,
	SS_Q_RECORD,
	SS_Q_HAD,
	SS_Q_INSERT,
	SS_Q_UPDATE,
	SS_Q_UPDATE_ALONE,	/* the same, where a person may collide */
	SS_Q_ADD_EVENT,
	SS_Q_STATION,
	SS_Q_ADD_STATION,
	SS_Q_SET_STATION,
	SS_Q_ADD_ACTION,
	SS_Q_LAST_ACTION,
	SS_Q_ADD_CARD,
	SS_Q_SET_STOCK,
	SS_Q_DROP_CARD,
	SS_Q_GIVEN,
	SS_Q_JOB,
	SS_Q_ADD_JOB,
	SS_Q_TAKE_JOB,
	SS_Q_BIND_JOB,
	SS_Q_DROP_JOB,
	SS_Q_END_JOB,
	SS_Q_BLOCK,
	SS_Q_SET_BLOCK,
	SS_Q_SPAN,
	SS_Q_ADD_SPAN,
	SS_Q_SET_SPAN,
	SS_Q_TRIES,
	SS_Q_SET_TRIES,
	SS_Q_CLAIM,
	SS_Q_HELD,
	SS_Q_RELEASE,
	SS_Q_EVENTS,
	SS_Q_EVENTS_BETWEEN,
	SS_Q_EVENTS_OF,
	SS_Q_STRAYS,
	SS_Q_COUNTS,
	SS_Q_CARDS,
	SS_Q_SPOILED,
	SS_Q_JOBS,
	SS_Q_ACTIONS,
	SS_Q_MISSING_STATIONS,
	SS_Q_STATIONS,
	SS_Q_SET_CLAIM,
	SS_Q_STANDING,
	SS_Q_PASSED,
	SS_Q_STAGES,
	SS_Q_HANGING,
	SS_Q_SUMS,
	SS_Q_STOCK,
	SS_Q_SPANS,
	SS_Q_LOSSES,
	SS_Q_LOSS,
	SS_QUERIES,
	SS_Q_TEXT = SS_QUERIES,	/* any other, by its text */
};

extern const char *const ss_sql[SS_QUERIES];

/* The columns of an entry, and the tables they come from. */
#define SS_ENTRY_COLUMNS "a.id, a.person, a.region, a.kind, a.state, " \
    "a.status, COALESCE(c.stock, 'none'), a.revision, a.record_sm3, " \
    "a.form_sm3, a.events, a.head, a.changed, a.number, a.chip, a.until, " \
    "a.claim, a.claimant"
#define SS_ENTRY_TABLES " FROM application a LEFT JOIN card c " \
    "ON c.chip = a.chip"
enum { SS_ENTRY_CELLS = 18 };

/* A statement that makes a part of the schema. */
struct ss_sql_part {
	const char *text;
	bool clustered;		/* its rows lie in the order of their key */
};

/* All of it, in order; ends with text NULL. */
extern const struct ss_sql_part ss_sql_schema[];

/* What makes version n + 1 of version n, from n = 1; ends with text NULL. */
extern const struct ss_sql_part *const ss_sql_migrations[];

/* Tables that are exported row by row, beside application and event. */
struct ss_sql_table {
	const char *name;
	const char *const *columns;	/* ends with NULL */
	const char *numbers;		/* which are numbers, " a b " */
};

extern const struct ss_sql_table ss_sql_tables[];	/* name NULL: end */

/* Whether a column of such a table is a number; else it is a text. */
bool ss_sql_is_number(const struct ss_sql_table *, const char *column);

#endif
