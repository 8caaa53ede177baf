/*
 * A photo made small enough for a card.
 */
#ifndef SS_RULES_PHOTO_REDUCE_H
#define SS_RULES_PHOTO_REDUCE_H

#include <stddef.h>

#include "base/bytes.h"

/*
 * Appends a baseline JPEG of at most max bytes that shows the whole of the
 * photo in its proportions: of the largest size (in eighths of the original)
 * at which a quality of 50 fits, with the highest quality that does. It has
 * nothing of the file's own, such as EXIF. Equal photos give equal bytes with
 * one version of libjpeg. A photo that is small enough and baseline stays as
 * it is.
 *
 * SS_EINVALID for what ss_photo_measure would not have measured, and where max
 * holds no picture at all; SS_EMEMORY. Any thread.
 */
int ss_photo_reduce(const void *jpeg, size_t len, size_t max,
    struct ss_bytes *out);

#endif
