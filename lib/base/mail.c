#include <string.h>

#include "base/err.h"
#include "base/mail.h"
#include "base/text.h"

#define LINE 76		/* columns of a header with encoded words */
#define WORD 75		/* of such a word, "=?UTF-8?B?" and "?=" in it */
#define WORD_FRAME 12
#define BODY_LINE 57	/* bytes that make 76 columns of base64 */
#define ADDRESS_MAX 254
#define LOCAL_MAX 64
#define LABEL_MAX 63

static bool
is_alnum(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	    (c >= '0' && c <= '9');
}

/* What may stand in an atom (RFC 5322, 3.2.3). */
static bool
is_atext(char c)
{
	return c != '\0' && (is_alnum(c) ||
	    strchr("!#$%&'*+-/=?^_`{|}~", c) != NULL);
}

/* n characters with single dots between. */
static bool
is_dot_atom(const char *s, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (!is_atext(s[i]) && (s[i] != '.' || i == 0 || i == n - 1 ||
		    s[i - 1] == '.'))
			return false;
	return n > 0;
}

static bool
is_host(const char *s)
{
	size_t n;

	for (;; s += n + 1) {
		n = strcspn(s, ".");
		if (n == 0 || n > LABEL_MAX || s[0] == '-' ||
		    s[n - 1] == '-' || strspn(s, "abcdefghijklmnopqrstuvwxyz"
		    "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-") < n)
			return false;
		if (s[n] == '\0')
			return true;
	}
}

/* A leading - would be an option to a program that gets the address as an
 * argument. */
bool
ss_mail_address(const char *s)
{
	size_t n = strcspn(s, "@");

	return strlen(s) <= ADDRESS_MAX && s[n] == '@' && n <= LOCAL_MAX &&
	    s[0] != '-' && is_dot_atom(s, n) && is_host(s + n + 1);
}

/* Whether a character is none that a text should hold. */
static bool
is_control(uint32_t c)
{
	return c < 0x20 || (c >= 0x7f && c < 0xa0);
}

/* UTF-8 without control characters but those in kept. */
static int
check_text(const char *what, const char *s, size_t len, const char *kept)
{
	const char *p = s, *end = s + len;
	uint32_t c;

	if (!ss_utf8_valid(s, len))
		return ss_fail(SS_EINVALID, "%s: not UTF-8", what);
	while (p < end) {
		c = ss_utf8_next(&p, end);
		if (is_control(c) && (c == 0 || c > 0x7f ||
		    strchr(kept, (int)c) == NULL))
			return ss_fail(SS_EINVALID,
			    "%s: a control character; take it out", what);
	}
	return 0;
}

static int
check_address(const char *what, const char *s)
{
	return s != NULL && ss_mail_address(s) ? 0 : ss_fail(SS_EINVALID,
	    "%s: the form name@example.org is wanted", what);
}

static int
check_name(const char *what, const char *s)
{
	return s == NULL ? 0 : check_text(what, s, strlen(s), "");
}

static int
check(const struct ss_mail *m)
{
	int r;

	if ((r = check_address("from", m->from)) != 0 ||
	    (r = check_address("to", m->to)) != 0 ||
	    (r = check_address("message id", m->message_id)) != 0 ||
	    (r = check_name("the sender's name", m->from_name)) != 0 ||
	    (r = check_name("the receiver's name", m->to_name)) != 0 ||
	    (r = check_text("subject", m->subject, strlen(m->subject),
	    "")) != 0)
		return r;
	return check_text("body", m->body, m->body_len, "\t\n");
}

/* The bytes of whole characters at s, at most so many of them. */
static size_t
whole(const char *s, size_t len, size_t most)
{
	if (len <= most)
		return len;
	while (((unsigned char)s[most] & 0xc0) == 0x80)
		most--;
	return most;
}

/* Encoded words, the first where the line has column columns already; the
 * column where they end. */
static size_t
add_words(struct ss_bytes *out, const char *s, size_t column)
{
	size_t n, room, len = strlen(s), start;

	for (; len > 0; s += n, len -= n) {
		room = LINE - column < WORD ? LINE - column : WORD;
		n = whole(s, len, (room - WORD_FRAME) / 4 * 3);
		start = out->len;
		ss_bytes_adds(out, "=?UTF-8?B?");
		ss_base64(out, s, n);
		ss_bytes_adds(out, "?=");
		column += out->len - start;
		if (n < len) {
			ss_bytes_adds(out, "\n ");
			column = 1;
		}
	}
	return column;
}

/* Whether readers give a text back as it is: ASCII that no reader takes for
 * encoded or trims, and short enough for its line. */
static bool
is_plain(const char *s, size_t room)
{
	size_t i, n = strlen(s);

	if (n > room || strstr(s, "=?") != NULL ||
	    (n > 0 && (s[0] == ' ' || s[n - 1] == ' ')))
		return false;
	for (i = 0; i < n; i++)
		if ((unsigned char)s[i] >= 0x80)
			return false;
	return true;
}

static void
add_subject(struct ss_bytes *out, const char *s)
{
	static const char field[] = "Subject: ";
	size_t column = sizeof(field) - 1;

	ss_bytes_adds(out, field);
	if (is_plain(s, LINE - column))
		ss_bytes_adds(out, s);
	else
		add_words(out, s, column);
	ss_bytes_addc(out, '\n');
}

static size_t
add_quoted(struct ss_bytes *out, const char *s, size_t column)
{
	size_t start = out->len;

	ss_bytes_addc(out, '"');
	for (; *s != '\0'; s++) {
		if (*s == '"' || *s == '\\')
			ss_bytes_addc(out, '\\');
		ss_bytes_addc(out, *s);
	}
	ss_bytes_addc(out, '"');
	return column + out->len - start;
}

static void
add_person(struct ss_bytes *out, const char *field, const char *name,
    const char *address)
{
	size_t column = strlen(field);

	ss_bytes_adds(out, field);
	if (name == NULL || name[0] == '\0') {
		ss_bytes_addf(out, "%s\n", address);
		return;
	}
	/* Half of the line, since every character may take a backslash. */
	if (is_plain(name, LINE / 2 - column))
		column = add_quoted(out, name, column);
	else
		column = add_words(out, name, column);
	ss_bytes_addf(out, "%s<%s>\n", column + strlen(address) + 3 > LINE ?
	    "\n " : " ", address);
}

static void
add_date(struct ss_bytes *out, ss_instant date)
{
	static const char days[] = "ThuFriSatSunMonTueWed";
	static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
	ss_day d = ss_instant_day(date);
	int year, month, day, weekday = (d % 7 + 7) % 7;
	char utc[SS_INSTANT_MAX];

	ss_day_split(d, &year, &month, &day);
	/* Eight hours on is a whole number of them: the rest is as in UTC. */
	ss_instant_format(date + 8 * INT64_C(3600000), utc);
	ss_bytes_addf(out, "Date: %.3s, %d %.3s %04d %.8s +0800\n",
	    days + 3 * weekday, day, months + 3 * (month - 1), year,
	    utc + 11);
}

/* In base64, with the line ends that text has there. */
static void
add_body(struct ss_bytes *out, const char *s, size_t len)
{
	char line[BODY_LINE];
	size_t i, n = 0;
	bool cr = false;

	for (i = 0; i < len || n > 0; ) {
		while (n < BODY_LINE && i < len) {
			if (s[i] == '\n' && !cr) {
				line[n++] = '\r';
				cr = true;
				continue;
			}
			cr = false;
			line[n++] = s[i++];
		}
		ss_base64(out, line, n);
		ss_bytes_addc(out, '\n');
		n = 0;
	}
}

int
ss_mail_write(const struct ss_mail *m, struct ss_bytes *out)
{
	size_t start = out->len;
	int r;

	if ((r = check(m)) != 0)
		return r;
	add_person(out, "From: ", m->from_name, m->from);
	add_person(out, "To: ", m->to_name, m->to);
	add_subject(out, m->subject);
	add_date(out, m->date);
	ss_bytes_addf(out, "Message-ID: <%s>\n", m->message_id);
	ss_bytes_adds(out, "MIME-Version: 1.0\n"
	    "Content-Type: text/plain; charset=utf-8\n"
	    "Content-Transfer-Encoding: base64\n"
	    "Auto-Submitted: auto-generated\n\n");
	add_body(out, m->body, m->body_len);
	if ((r = ss_bytes_check(out)) != 0 && out->len > start) {
		out->len = start;
		out->data[start] = '\0';
	}
	return r;
}
