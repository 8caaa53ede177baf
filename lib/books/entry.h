/*
 * An application as the register has it: what its record says, as columns,
 * and where it stands by its events.
 */
#ifndef SS_BOOKS_ENTRY_H
#define SS_BOOKS_ENTRY_H

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
#define SS_KIND_SIZE 16
#define SS_CARD_NUMBER_SIZE 10
#define SS_CHIP_SIZE 65		/* reset bytes and identifier, hexadecimal */
#define SS_STATION_SIZE 256

struct ss_entry {
	/* By the record. */
	char id[SS_ID_SIZE];
	char person[SS_PERSON_SIZE];	/* person.social_number */
	char region[7];
	char kind[SS_KIND_SIZE];	/* replacement: it has replaces; new */
	int64_t revision;		/* applied.revision */
	char number[SS_CARD_NUMBER_SIZE];	/* card.number; "": none */
	char chip[SS_CHIP_SIZE];	/* card.chip */
	char until[SS_INSTANT_MAX];	/* loss.until: when it lapses */
	char record_sm3[SS_SM3_HEX];	/* of the canonical record */
	char form_sm3[SS_SM3_HEX];	/* of what the form said */

	/* By the events. */
	struct ss_stand at;		/* SS_STATE_NONE: not there */
	int64_t events;			/* so many in its chain ... */
	char head[SS_SM3_HEX];		/* ... the last's digest; "" */
	char changed[SS_INSTANT_MAX];	/* when that was */

	/* Until when an approved one is a station's to make. */
	char claim[SS_INSTANT_MAX];
	char claimant[SS_STATION_SIZE];
};

/* An event of a chain. */
struct ss_event {
	const char *id;
	int64_t number;		/* in its chain, from 1 */
	const char *step, *state, *status, *time, *operator, *station;
	int64_t station_number;	/* among the station's, from 1 */
	const char *record_sm3, *prev, *digest;
};

/*
 * What the record says, with its digests; the rest is left as it is. Members
 * that are missing or too long are "" or 0: the desk has checked them.
 */
int ss_entry_read(struct ss_entry *, const struct ss_value *record,
    const struct ss_bytes *canonical, struct ss_sm3 *);

/* The card's status at a time: a temporary loss may have lapsed by then. */
enum ss_status ss_entry_status(const struct ss_entry *, ss_instant now);

/* The digest of what the form said, whatever was made of it since: kind,
 * region, person, and the digests of photo and documents (ss-registry(5)). */
int ss_form_digest(struct ss_sm3 *, const struct ss_value *record,
    char out[SS_SM3_HEX]);

/* The digest that an event must have, from all its other members. */
int ss_event_digest(struct ss_sm3 *, const struct ss_event *,
    char out[SS_SM3_HEX]);

#endif
