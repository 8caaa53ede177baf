/*
 * The register: what is true about every application.
 *
 * Each application has its canonical record (sorted, compact JSON), its state
 * and a chain of events, append-only; each station numbers its events without
 * a gap. What may follow what is books/life. A change is made against what was
 * loaded, and stored only when that still holds.
 *
 * Names: "sqlite:PATH" or an absolute PATH, made at first use with mode 0600.
 * A handle may be used by several threads; each call is whole by itself.
 */
#ifndef SS_BOOKS_REGISTRY_H
#define SS_BOOKS_REGISTRY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"
#include "base/crypto.h"
#include "base/json.h"
#include "base/time.h"
#include "books/life.h"

#define SS_ID_SIZE 65		/* of an application, with NUL */
#define SS_PERSON_SIZE 33

/* An application as the register has it. */
struct ss_entry {
	char id[SS_ID_SIZE];
	char person[SS_PERSON_SIZE];	/* person.social_number */
	char region[7];
	enum ss_state state;		/* SS_STATE_NONE: not there */
	int64_t revision;
	char record_sm3[SS_SM3_HEX];	/* of the canonical record */
	char form_sm3[SS_SM3_HEX];	/* of what the form said */
	int64_t events;			/* so many in its chain ... */
	char head[SS_SM3_HEX];		/* ... the last's digest; "" */
	char changed[SS_INSTANT_MAX];	/* when that was */
};

/* A step to be stored. */
struct ss_change {
	struct ss_entry *entry;	/* as loaded; as it is, once stored */
	enum ss_step step;
	const struct ss_bytes *record;	/* canonical, afterwards */
	char record_sm3[SS_SM3_HEX], form_sm3[SS_SM3_HEX];
	char person[SS_PERSON_SIZE], region[7];
	int64_t revision;
	const char *operator;
	ss_instant time;
	int code;		/* why it was not stored */
	char message[160];
};

/* An event of a chain. */
struct ss_event {
	const char *id;
	int64_t number;		/* in its chain, from 1 */
	const char *step, *state, *time, *operator, *station;
	int64_t station_number;	/* among the station's, from 1 */
	const char *record_sm3, *prev, *digest;
};

struct ss_registry;

/*
 * station numbers the events that are stored through this handle. *made says
 * that a new register was made; with NULL none is, and one that is not there
 * is SS_EMISSING. SS_EREGISTRY; SS_EINVALID for a name that is of no kind.
 */
int ss_registry_open(struct ss_registry **out, const char *name,
    const char *station, bool *made);
void ss_registry_close(struct ss_registry *);

/* Fills an entry by its id; SS_STATE_NONE when it is not there. */
int ss_registry_load(struct ss_registry *, struct ss_entry *);

/* Fills it by its person: the open application; SS_STATE_NONE: none is. */
int ss_registry_load_open(struct ss_registry *, struct ss_entry *);

/* Appends an application's canonical record; SS_EMISSING. */
int ss_registry_record(struct ss_registry *, const char *id,
    struct ss_bytes *out);

/* Whether an application once had this record, by its digest. */
int ss_registry_had(struct ss_registry *, const char *id, const char *sm3,
    bool *out);

/*
 * Stores those changes whose code is 0, in one transaction. A change that
 * collides gets a code and is left out: SS_EEXISTS for an id that is taken or
 * a person who has an open application; SS_ESTATE for a step that the table
 * does not have, or an entry that changed since it was loaded. Any other
 * failure undoes all of them: SS_EREGISTRY.
 */
int ss_registry_store(struct ss_registry *, struct ss_change *, size_t n);

/*
 * Puts an application and its events as they are, for an import; between begin
 * and end, which commits when store is true. SS_EEXISTS.
 */
int ss_registry_begin(struct ss_registry *);

/* To see the state of one moment, until ss_registry_end. */
int ss_registry_look(struct ss_registry *);
int ss_registry_put(struct ss_registry *, const struct ss_entry *,
    const struct ss_bytes *record);
int ss_registry_put_event(struct ss_registry *, const struct ss_event *);
int ss_registry_end(struct ss_registry *, bool store);

/* Which applications; NULL asks for nothing. */
struct ss_filter {
	const char *state;
	const char *region;		/* the digits it begins with */
	const char *person, *id;
	const char *since, *until;	/* of the last event, RFC 3339 */
	char utc[2][SS_INSTANT_MAX];	/* of ss_filter_check */
};

/*
 * Checks what a person typed, and keeps instants with an offset in UTC:
 * SS_EINVALID for a state or an instant that is none.
 */
int ss_filter_check(struct ss_filter *);

/* Calls each in the order of ids until one returns not 0, which is returned. */
int ss_registry_each(struct ss_registry *, const struct ss_filter *,
    int (*each)(const struct ss_entry *, const char *record, void *ctx),
    void *ctx);

/* The events of an application in order; with NULL of all, by station. */
int ss_registry_events(struct ss_registry *, const char *id,
    int (*each)(const struct ss_event *, void *ctx), void *ctx);

/* How many events a station has stored, by its own count. */
int ss_registry_stations(struct ss_registry *,
    int (*each)(const char *station, int64_t events, void *ctx), void *ctx);

/* The digest of what the form said, whatever was made of it since: kind,
 * region, person, and the digests of photo and documents (ss-registry(5)). */
int ss_form_digest(struct ss_sm3 *, const struct ss_value *record,
    char out[SS_SM3_HEX]);

/* The digest that an event must have, from all its other members. */
int ss_event_digest(struct ss_sm3 *, const struct ss_event *,
    char out[SS_SM3_HEX]);

#endif
