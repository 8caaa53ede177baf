/*
 * Text: UTF-8, hexadecimal, base64, and the Chinese encodings by iconv(3).
 */
#ifndef SS_BASE_TEXT_H
#define SS_BASE_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"

/* Well-formed UTF-8 without surrogates (RFC 3629). NUL is well-formed. */
bool ss_utf8_valid(const char *text, size_t len);

/*
 * The character at *p, which is moved past it; valid UTF-8 is required.
 * 0 at end.
 */
uint32_t ss_utf8_next(const char **p, const char *end);

/* Control characters from a byte on, C1 too, become spaces: not ours to send
 * anywhere. */
void ss_text_clean(struct ss_bytes *, size_t from);

/* 2 * len lower-case digits and a NUL. */
void ss_hex(const void *data, size_t len, char *out);

/* Whether text is n lower-case hexadecimal digits and nothing else. */
bool ss_is_hex(const char *text, size_t n);

/* The len bytes of 2 * len hexadecimal digits, of either case; false, and
 * zeros, for any other text. */
bool ss_hex_read(const char *text, void *out, size_t len);

/* Whether text is len ASCII digits. */
bool ss_is_digits(const char *text, size_t len);

/* Appends standard base64 with padding (RFC 4648, 4). */
void ss_base64(struct ss_bytes *, const void *data, size_t len);

/* Appends what base64 as ss_base64 writes it stands for; SS_EINVALID, and
 * nothing appended, for any other text. */
int ss_base64_read(struct ss_bytes *, const char *text, size_t len);

/* text without ASCII white space at both ends; *len is adjusted. */
const char *ss_trim(const char *text, size_t *len);

/*
 * How like two words are: the number of single-character edits between them
 * (insertion, removal, change), at most 63 characters of each looked at.
 */
int ss_distance(const char *a, const char *b);

/* A conversion between two encodings named as iconv_open(3) names them. */
struct ss_codec;

int ss_codec_open(struct ss_codec **out, const char *to, const char *from);
void ss_codec_close(struct ss_codec *);

/*
 * Appends the converted text. SS_EINVALID when it cannot be converted, the
 * sentence naming the byte where; what was appended by then is removed.
 * One thread at a time.
 */
int ss_codec_convert(struct ss_codec *, const char *text, size_t len,
    struct ss_bytes *out);

#endif
