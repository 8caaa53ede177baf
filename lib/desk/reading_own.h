/*
 * The reading of a card: what its parts share.
 */
#ifndef SS_DESK_READING_OWN_H
#define SS_DESK_READING_OWN_H

#include "books/entry.h"
#include "chip/item.h"
#include "desk/reading.h"

#define SS_FAULTS_MAX 16

/* One card in work. */
struct ss_sight {
	struct ss_reading *reading;
	struct ss_record *rec;
	struct ss_hand *hand;
	struct ss_session session;
	struct ss_contents there;
	struct ss_codec *from;		/* of the card's encoding */
	struct ss_reader_counts counts;
	struct ss_entry entry;	/* of the card; SS_STATE_NONE: unknown */
	enum ss_status status;		/* by it, now */
	unsigned worker;
	ss_instant now;
	bool genuine;			/* proven, by the keys */
	bool blank;			/* it has no number */
	const char *faults[SS_FAULTS_MAX];
	size_t faults_count;
};

/* reading_card: all that may be read, with the keys there are. */
int ss_sight_read(struct ss_sight *);

/* reading_card: where a JPEG ends; 0: not in these bytes. */
size_t ss_sight_photo_end(const uint8_t *, size_t len);

/* reading_check: what is wrong with what was read; SS_EAUTH where it is not
 * what the record says. */
int ss_sight_check(struct ss_sight *);

/* reading_lost: a card that the register has as lost, locked if need be. */
int ss_sight_lost(struct ss_sight *);

/* Something is wrong with the card; the word is for the record. */
void ss_sight_fault(struct ss_sight *, const char *word);

/* reading_result: the member read. */
int ss_sight_write(struct ss_sight *, struct ss_bytes *);

#endif
