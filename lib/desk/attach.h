/*
 * Photos and documents of an application: from the files that a form names
 * into the file store, and what the record says of them.
 */
#ifndef SS_DESK_ATTACH_H
#define SS_DESK_ATTACH_H

#include "base/record.h"
#include "desk/desk.h"

/*
 * Stores and measures the photo of a record and sets its photo member. A
 * record without one is left as it is. SS_EINVALID, SS_EMISSING for this
 * record; SS_EIO when the store fails. *own is set when the failure is that
 * of this record's file alone.
 */
int ss_attach_photo(struct ss_desk *, struct ss_hand *, struct ss_record *,
    const struct ss_policy *, bool *own);

/* The same for documents: an object kind -> path or paths, or the array that
 * this makes of it. */
int ss_attach_documents(struct ss_desk *, struct ss_hand *,
    struct ss_record *, bool *own);

/* The same for a value that is not the record's, appending the array. */
int ss_attach_list(struct ss_desk *, struct ss_hand *,
    const struct ss_value *, struct ss_bytes *out, bool *own);

/* How many of a kind such a value names; nothing is read. */
size_t ss_attach_count(const struct ss_desk *, const struct ss_value *,
    const char *kind);

/*
 * Loads a stored file by its digest into hand->file, and compares it with
 * that: SS_EMISSING, SS_EAUTH, naming subject and store.
 */
int ss_attached_load(struct ss_desk *, struct ss_hand *, const char *sm3,
    const char *subject, size_t max);

/* The zone of the background that a policy has photos measured in. */
struct ss_photo_zone ss_photo_zone_of(const struct ss_policy *);

/* Appends the measured members of a photo to an object that is open. */
void ss_photo_write(const struct ss_photo *, struct ss_bytes *);

#endif
