/*
 * The register: what is true about every application and its card.
 *
 * Each application has its canonical record (sorted, compact JSON), its state
 * and a chain of events, append-only; each station numbers its events without
 * a gap. What may follow what is books/life. A change is made against what was
 * loaded, and stored only when that still holds.
 *
 * Names: "sqlite:PATH" or an absolute PATH, made at first use with mode 0600;
 * "postgresql://..." as libpq takes it. A handle may be used by several
 * threads; each call is whole by itself.
 */
#ifndef SS_BOOKS_REGISTRY_H
#define SS_BOOKS_REGISTRY_H

#include "books/entry.h"

struct ss_registry;

/*
 * station numbers the events that are stored through this handle. *made says
 * that a new register was made; with NULL none is, and one that is not there
 * is SS_EMISSING. SS_EREGISTRY; SS_EINVALID for a name that is of no kind.
 */
int ss_registry_open(struct ss_registry **out, const char *name,
    const char *station, bool *made);
void ss_registry_close(struct ss_registry *);

/* Its name as it may be shown, without passwords; borrowed. */
const char *ss_registry_name(const struct ss_registry *);

/* Fills an entry by its id; SS_STATE_NONE when it is not there. */
int ss_registry_load(struct ss_registry *, struct ss_entry *);

enum ss_find {
	SS_FIND_OPEN,		/* the open application of a person */
	SS_FIND_HOLDER,		/* the one with the person's live card */
	SS_FIND_NUMBER,		/* that of a card number */
	SS_FIND_CHIP,		/* that of a chip */
};

/* Fills an entry by something else than its id; SS_STATE_NONE: none. */
int ss_registry_find(struct ss_registry *, enum ss_find, const char *key,
    struct ss_entry *);

/* Appends an application's canonical record; SS_EMISSING. */
int ss_registry_record(struct ss_registry *, const char *id,
    struct ss_bytes *out);

/* Whether an application once had this record, by its digest. */
int ss_registry_had(struct ss_registry *, const char *id, const char *sm3,
    bool *out);

/* Which applications; NULL asks for nothing. */
struct ss_filter {
	const char *state;
	const char *status;		/* of the card */
	const char *region;		/* the digits it begins with */
	const char *person, *id;
	const char *number;		/* of the card */
	const char *since, *until;	/* of the last event, RFC 3339 */
	char utc[2][SS_INSTANT_MAX];	/* of ss_filter_check, ... */
	char normal[SS_PERSON_SIZE];	/* ... like the person's number */
};

/*
 * Checks what somebody typed, and keeps instants with an offset in UTC and a
 * person's number as records have it: SS_EINVALID for a state, a status, an
 * instant or a number that is none.
 */
int ss_filter_check(struct ss_filter *);

/*
 * Calls each in the order of ids until one returns not 0, which is returned.
 * Read by pages: each may use the register.
 */
typedef int ss_entry_fn(const struct ss_entry *, const char *record,
    void *ctx);
int ss_registry_each(struct ss_registry *, const struct ss_filter *,
    ss_entry_fn *each, void *ctx);

/* A page of that: at most n of those behind an id; "" begins. */
int ss_registry_page(struct ss_registry *, const struct ss_filter *,
    const char *behind, int64_t n, ss_entry_fn *each, void *ctx);

/*
 * The events of an application in order; of those between two ids; of a
 * station behind a number, at most n. each uses no register.
 */
typedef int ss_event_fn(const struct ss_event *, void *ctx);
int ss_registry_events(struct ss_registry *, const char *id,
    ss_event_fn *each, void *ctx);
int ss_registry_events_between(struct ss_registry *, const char *first,
    const char *last, ss_event_fn *each, void *ctx);
int ss_registry_events_of(struct ss_registry *, const char *station,
    int64_t behind, int64_t n, ss_event_fn *each, void *ctx);

/* How many events and actions a station has stored, by its own count. */
int ss_registry_stations(struct ss_registry *,
    int (*each)(const char *station, int64_t events, int64_t actions,
    void *ctx), void *ctx);

/* To see the state of one moment, or to write an import; until
 * ss_registry_end, which commits when store is true. */
int ss_registry_look(struct ss_registry *);
int ss_registry_begin(struct ss_registry *);
int ss_registry_end(struct ss_registry *, bool store);

#endif
