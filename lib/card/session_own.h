/*
 * What the files of a session share among themselves.
 */
#ifndef SS_CARD_SESSION_OWN_H
#define SS_CARD_SESSION_OWN_H

#include "card/session.h"

/* The form of commands to this card: extended where the profile says so. */
enum ss_apdu_form ss_session_form(const struct ss_session *);

/* A whole exchange whose data are masked so in the trace; otherwise
 * ss_session_send. */
int ss_session_say(struct ss_session *, const struct ss_apdu *,
    const char *what, enum ss_secrecy command, enum ss_secrecy response,
    struct ss_bytes *out, uint16_t *sw);

/* What access asks for, before a file or item is read or written: the key that
 * is to be held. SS_EINVALID for never. */
int ss_session_permit(struct ss_session *, int access, const char *subject,
    const char *work);

/* Before a record command: SELECT of the file, unless it is selected or the
 * profile has each command name it. Whoever had an answer sets selected. */
int ss_session_select(struct ss_session *, const struct ss_profile *,
    const struct ss_card_file *);

/* The same before the first READ or UPDATE BINARY, whose P1 and P2 it sets:
 * it may name the file while its offset has 8 bits. */
int ss_session_enter(struct ss_session *, const struct ss_profile *,
    const struct ss_card_file *, size_t at, struct ss_apdu *);

/* P2 of a record command in a file, with its low bits. */
uint8_t ss_session_record_p2(const struct ss_profile *,
    const struct ss_card_file *, uint8_t how);

#define SS_BY_TAG 0x00		/* P1 is the tag */
#define SS_BY_NUMBER 0x04
#define SS_FROM_NUMBER 0x05	/* and all that follow */

/* One record of a file, its value checked and copied; no key is asked for. */
int ss_session_record(struct ss_session *, const struct ss_profile *,
    const struct ss_card_file *, const struct ss_item *, uint8_t *value);

/* How an item's data stand in a trace: open are those of the card's file that
 * anybody may read, but for the card's number. */
enum ss_secrecy ss_session_secrecy(const struct ss_card_file *,
    const struct ss_item *);

#endif
