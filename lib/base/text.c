#include <errno.h>
#include <iconv.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/text.h"

/* Length of the well-formed character at p, 0 when there is none. */
static size_t
utf8_len(const unsigned char *p, size_t left)
{
	size_t n, i;

	if (p[0] < 0x80)
		return 1;
	if (p[0] < 0xc2 || p[0] > 0xf4)
		return 0;
	n = p[0] < 0xe0 ? 2 : p[0] < 0xf0 ? 3 : 4;
	if (left < n)
		return 0;
	for (i = 1; i < n; i++)
		if ((p[i] & 0xc0) != 0x80)
			return 0;
	/* Overlong forms, surrogates, beyond U+10FFFF. */
	if ((p[0] == 0xe0 && p[1] < 0xa0) || (p[0] == 0xed && p[1] > 0x9f) ||
	    (p[0] == 0xf0 && p[1] < 0x90) || (p[0] == 0xf4 && p[1] > 0x8f))
		return 0;
	return n;
}

bool
ss_utf8_valid(const char *text, size_t len)
{
	const unsigned char *p = (const unsigned char *)text;
	size_t n;

	while (len > 0) {
		if ((n = utf8_len(p, len)) == 0)
			return false;
		p += n;
		len -= n;
	}
	return true;
}

uint32_t
ss_utf8_next(const char **p, const char *end)
{
	const unsigned char *s = (const unsigned char *)*p;
	uint32_t c;
	size_t n, i;

	if (*p >= end)
		return 0;
	n = utf8_len(s, (size_t)(end - *p));
	if (n <= 1) {
		*p += 1;
		return s[0];
	}
	c = s[0] & (0xffu >> (n + 1));
	for (i = 1; i < n; i++)
		c = c << 6 | (s[i] & 0x3f);
	*p += n;
	return c;
}

void
ss_text_clean(struct ss_bytes *b, size_t from)
{
	size_t i;

	for (i = from; i < b->len; i++) {
		if ((unsigned char)b->data[i] < 0x20 || b->data[i] == 0x7f) {
			b->data[i] = ' ';
		} else if ((unsigned char)b->data[i] == 0xc2 &&
		    (unsigned char)b->data[i + 1] < 0xa0) {
			b->data[i++] = ' ';
			b->data[i] = ' ';
		}
	}
}

void
ss_hex(const void *data, size_t len, char *out)
{
	static const char digits[] = "0123456789abcdef";
	const unsigned char *p = data;
	size_t i;

	for (i = 0; i < len; i++) {
		out[2 * i] = digits[p[i] >> 4];
		out[2 * i + 1] = digits[p[i] & 15];
	}
	out[2 * len] = '\0';
}

bool
ss_is_hex(const char *text, size_t n)
{
	return strlen(text) == n && strspn(text, "0123456789abcdef") == n;
}

static int
hex_digit(char c)
{
	return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ?
	    c - 'a' + 10 : c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

bool
ss_hex_read(const char *text, void *out, size_t len)
{
	unsigned char *p = out;
	size_t i;
	int high, low;

	for (i = 0; i < len; i++) {
		if ((high = hex_digit(text[2 * i])) < 0 ||
		    (low = hex_digit(text[2 * i + 1])) < 0)
			break;
		p[i] = (unsigned char)(high << 4 | low);
	}
	if (i == len && text[2 * len] == '\0')
		return true;
	explicit_bzero(out, len);	/* it may be a part of a key */
	return false;
}

bool
ss_is_digits(const char *text, size_t len)
{
	size_t i;

	for (i = 0; i < len; i++)
		if (text[i] < '0' || text[i] > '9')
			return false;
	return true;
}

static const char base64_digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
    "abcdefghijklmnopqrstuvwxyz0123456789+/";

void
ss_base64(struct ss_bytes *b, const void *data, size_t len)
{
	const char *digits = base64_digits;
	const unsigned char *p = data;
	char four[4];
	uint32_t v;
	size_t i, n;

	for (i = 0; i < len; i += 3) {
		n = len - i < 3 ? len - i : 3;
		v = (uint32_t)p[i] << 16;
		if (n > 1)
			v |= (uint32_t)p[i + 1] << 8;
		if (n > 2)
			v |= p[i + 2];
		four[0] = digits[v >> 18];
		four[1] = digits[v >> 12 & 63];
		four[2] = n > 1 ? digits[v >> 6 & 63] : '=';
		four[3] = n > 2 ? digits[v & 63] : '=';
		ss_bytes_add(b, four, 4);
	}
}

/* The bytes of four digits, of which the last may be padding: 1 to 3, or 0
 * where they are none that ss_base64 writes. */
static size_t
four_digits(const char *four, unsigned char three[3])
{
	size_t i, n = four[3] != '=' ? 3 : four[2] != '=' ? 2 : 1;
	const char *digit;
	uint32_t v = 0;

	for (i = 0; i < 4; i++) {
		digit = i > n ? base64_digits :
		    memchr(base64_digits, four[i], 64);
		if (digit == NULL)
			return 0;
		v = v << 6 | (uint32_t)(digit - base64_digits);
	}
	for (i = 0; i < 3; i++)
		three[i] = (unsigned char)(v >> (16 - 8 * i));
	return (v & (0xffffffu >> (8 * n))) == 0 ? n : 0;
}

int
ss_base64_read(struct ss_bytes *b, const char *text, size_t len)
{
	unsigned char three[3];
	size_t i, n = 3, from = b->len;

	for (i = 0; i < len && n == 3 && len - i >= 4; i += 4)
		if ((n = four_digits(text + i, three)) > 0)
			ss_bytes_add(b, three, n);
	if (i == len && n > 0)
		return ss_bytes_check(b);
	b->len = from;
	return ss_fail(SS_EINVALID, "no base64");
}

static bool
is_space(char c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

const char *
ss_trim(const char *text, size_t *len)
{
	while (*len > 0 && is_space(text[0])) {
		text++;
		(*len)--;
	}
	while (*len > 0 && is_space(text[*len - 1]))
		(*len)--;
	return text;
}

int
ss_distance(const char *a, const char *b)
{
	int row[64], diagonal, above, best;
	size_t i, j, na = strnlen(a, 63), nb = strnlen(b, 63);

	for (j = 0; j <= nb; j++)
		row[j] = (int)j;
	for (i = 1; i <= na; i++) {
		diagonal = row[0];
		row[0] = (int)i;
		for (j = 1; j <= nb; j++) {
			above = row[j];
			best = diagonal + (a[i - 1] != b[j - 1]);
			if (above + 1 < best)
				best = above + 1;
			if (row[j - 1] + 1 < best)
				best = row[j - 1] + 1;
			diagonal = above;
			row[j] = best;
		}
	}
	return row[nb];
}

struct ss_codec {
	iconv_t cd;
};

int
ss_codec_open(struct ss_codec **out, const char *to, const char *from)
{
	struct ss_codec *codec;

	*out = NULL;
	if ((codec = malloc(sizeof(*codec))) == NULL)
		return ss_fail(SS_EMEMORY, "out of memory");
	if ((codec->cd = iconv_open(to, from)) == (iconv_t)-1) {
		free(codec);
		return ss_fail(SS_EINVALID,
		    "this system cannot convert %s to %s", from, to);
	}
	*out = codec;
	return 0;
}

void
ss_codec_close(struct ss_codec *codec)
{
	if (codec == NULL)
		return;
	iconv_close(codec->cd);
	free(codec);
}

int
ss_codec_convert(struct ss_codec *codec, const char *text, size_t len,
    struct ss_bytes *out)
{
	char *in = (char *)(uintptr_t)text, *to;
	size_t start = out->len, left = len, room;

	iconv(codec->cd, NULL, NULL, NULL, NULL);
	for (;;) {
		/* No encoding used here grows a byte beyond four. */
		room = 4 * left + 8;
		if ((to = ss_bytes_room(out, room)) == NULL)
			return ss_bytes_check(out);
		if (iconv(codec->cd, &in, &left, &to, &room) != (size_t)-1)
			break;
		out->len = (size_t)(to - out->data);
		if (errno == E2BIG)
			continue;
		out->len = start;
		out->data[start] = '\0';
		return ss_fail(SS_EINVALID, "byte %zu cannot be converted",
		    len - left + 1);
	}
	out->len = (size_t)(to - out->data);
	out->data[out->len] = '\0';
	return 0;
}
