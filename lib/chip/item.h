/*
 * What the items of a card say: as the bytes of their values, and as text.
 *
 * b is hexadecimal in text. cn is digits, a date also with hyphens; it stands
 * to the left and is filled with F. an is text, to the left and filled with
 * 00; where the profile says so it is in the card's encoding. All of that is
 * field practice. No text at all is an item of nothing but filling.
 */
#ifndef SS_CHIP_ITEM_H
#define SS_CHIP_ITEM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"
#include "base/text.h"
#include "chip/profile.h"

/* SS_EINVALID, naming the item, for text that is too long or none of the
 * format. The text is ASCII, or already in the card's encoding. */
int ss_item_encode(const struct ss_item *, const char *text, size_t len,
    uint8_t value[SS_ITEM_LEN_MAX]);

/* Appends the text: UTF-8, by the codec from the card's encoding where it is
 * encoded. SS_ECARD, naming the item, for a value that is none. */
int ss_item_decode(const struct ss_item *, const uint8_t *value,
    struct ss_codec *from, struct ss_bytes *text);

/* Whether bytes are nothing but one of the fillings of a blank card. */
bool ss_profile_blank(const struct ss_profile *, const void *bytes,
    size_t len);

/*
 * How many of len bytes of text in an encoding go into a part of room bytes:
 * up to a character's end. Characters of GBK have one or two bytes, of GB18030
 * one, two or four; any other encoding is taken as of one.
 */
size_t ss_item_cut(const char *encoding, const char *text, size_t len,
    size_t room);

/* All that is to be on a card, or was read from one. */
struct ss_contents {
	const struct ss_profile *profile;	/* borrowed */
	uint8_t value[SS_FILES_MAX][SS_ITEMS_MAX][SS_ITEM_LEN_MAX];
	bool set[SS_FILES_MAX][SS_ITEMS_MAX];
	struct ss_bytes binary[SS_FILES_MAX];	/* len 0: not set */
};

void ss_contents_init(struct ss_contents *, const struct ss_profile *);
void ss_contents_wipe(struct ss_contents *);	/* it is about a person */

/*
 * Sets the items that have this source, the text being UTF-8 and shared out
 * among them, characters whole; to is the codec to the card's encoding.
 * SS_EINVALID, naming the item, when it does not fit or cannot be encoded:
 * nothing is cut or put in its place. A source that the profile does not have
 * is no fault.
 */
int ss_contents_set(struct ss_contents *, const char *source,
    const char *text, struct ss_codec *to);

/* Appends the text of the items that have this source, or this name, put
 * together; SS_EMISSING when none is set. */
int ss_contents_get(const struct ss_contents *, const char *source,
    struct ss_codec *from, struct ss_bytes *text);

/* The name of the first item or file that is set in both and differs; NULL
 * when all that is wanted is there. */
const char *ss_contents_differ(const struct ss_contents *wanted,
    const struct ss_contents *there);

#endif
