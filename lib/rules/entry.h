/*
 * One entry of a form, as people write it, made into the one way in which a
 * record holds it.
 */
#ifndef SS_RULES_ENTRY_H
#define SS_RULES_ENTRY_H

#include <stddef.h>

#include "base/bytes.h"
#include "rules/words.h"

enum ss_entry_kind {
	SS_ENTRY_TEXT,		/* at most 512 bytes, in one line */
	SS_ENTRY_NUMBER,	/* of a document: ss_number_normalize */
	SS_ENTRY_WORD,		/* of a set of words.json */
	SS_ENTRY_COUNTRY,	/* a word, or three letters of ISO 3166-1 */
	SS_ENTRY_DATE,		/* YYYY-MM-DD; also written with / . 年月日 */
	SS_ENTRY_END_DATE,	/* the same, or "for life": 9999-12-31 */
	SS_ENTRY_PHONE,		/* digits, perhaps behind a + */
	SS_ENTRY_EMAIL,		/* ss_mail_address, as it is written */
	SS_ENTRY_REGION,	/* six digits of two, four or six */
};

/*
 * Appends what the record holds. White space at both ends is dropped, but a
 * number keeps it and is refused. set is that of words.json, for WORD and
 * COUNTRY. Nothing is appended for an empty text. SS_EINVALID with the cure.
 */
int ss_entry_normalize(enum ss_entry_kind, const char *set,
    const struct ss_words *, const char *text, struct ss_bytes *out);

#endif
