/*
 * Data objects: tag, length, value; read within their bounds, and written.
 *
 * BER-TLV as ISO/IEC 7816-4 (2005, 5.2.2) has it, as far as cards of this kind
 * use it: tags of one and two bytes, lengths 00-7F, 81 and 82, also where a
 * shorter one would do. The second byte of a tag may be 00-1E, which that
 * clause forbids and cards have all the same (9F0C, BF0C: field practice).
 * Bytes 00 and FF before, between and after objects stand for nothing, and no
 * tag begins with them (1995, annex D.1).
 *
 * The card's own records, tag(1) len(1) value(len), are field practice. Their
 * tags are 01-FE and their lengths 00-FE, which makes them SIMPLE-TLV (5.2.1)
 * too; FF, with which that begins a length of two bytes, is refused. Nothing
 * stands between them: an erased record is no record, and whoever expects
 * blank cards looks at its bytes first.
 *
 * What is wrong in data read is SS_ECARD, the sentence saying at which byte of
 * the whole, and never what stands there.
 */
#ifndef SS_CHIP_TLV_H
#define SS_CHIP_TLV_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"

enum ss_tlv_form { SS_TLV_BER, SS_TLV_RECORD };

/* The longest value of each. */
#define SS_TLV_BER_MAX 65535
#define SS_TLV_RECORD_MAX 254

struct ss_tlv {
	uint16_t tag;		/* 0x84, 0x9F0C */
	const uint8_t *value;	/* borrowed from the data */
	size_t len;
};

/* A walk along the objects of one level. */
struct ss_tlv_walk {
	enum ss_tlv_form form;
	const uint8_t *data;	/* borrowed, the whole */
	size_t at;		/* the next byte to be read */
	size_t end;		/* where this level ends */
};

/* data may be NULL when len is 0. */
void ss_tlv_open(struct ss_tlv_walk *, enum ss_tlv_form, const void *data,
    size_t len);

/*
 * The next object. At the end of the level 0 and *more false; whoever stops
 * before that asks ss_tlv_end. After SS_ECARD the walk stands where it stood
 * and *out is empty.
 */
int ss_tlv_next(struct ss_tlv_walk *, struct ss_tlv *out, bool *more);

/* 0, or SS_ECARD when something is left of the level. */
int ss_tlv_end(const struct ss_tlv_walk *);

/* A walk along what stands in an object that walk has given. SS_ECARD when its
 * tag says that it holds no others (b6 of its first byte is 0), and always
 * for records. out may be the walk itself; after a failure it is at its end. */
int ss_tlv_inside(const struct ss_tlv_walk *, const struct ss_tlv *,
    struct ss_tlv_walk *out);

/*
 * The object that a path of tags leads to, at least one and then 0: by
 * { 0x6F, 0x84, 0 } the name in an FCI. Each level on the way is read to its
 * end; what stands beside the path is not entered. SS_EMISSING when it is not
 * there, SS_ECARD also when a tag of the path stands twice on its level, since
 * then nobody knows which one is meant. *out is empty unless 0 is returned.
 */
int ss_tlv_find(enum ss_tlv_form, const void *data, size_t len,
    const uint16_t *path, struct ss_tlv *out);

/*
 * Appends an object, its length in the fewest bytes. SS_EINVALID, and nothing
 * appended, for a tag that the form does not have or a value that is too long.
 * Memory that runs out is the buffer's to say (ss_bytes_check).
 */
int ss_tlv_add(struct ss_bytes *out, enum ss_tlv_form, unsigned int tag,
    const void *value, size_t len);

#endif
