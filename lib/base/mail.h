/*
 * One message of mail by RFC 5322, all of it ASCII: what is not is written as
 * RFC 2047 and base64 say.
 *
 * Lines end with LF alone, for that is what sendmail -t and every program in
 * its place take on standard input; they put the CRLF of the wire there
 * themselves, and some would double a CR. Inside the base64 the line ends are
 * CRLF, the canonical form of text (RFC 2045, 6.8), which readers undo.
 */
#ifndef SS_BASE_MAIL_H
#define SS_BASE_MAIL_H

#include <stdbool.h>
#include <stddef.h>

#include "base/bytes.h"
#include "base/time.h"

struct ss_mail {
	const char *from, *from_name;	/* an address; UTF-8, NULL: none */
	const char *to, *to_name;
	const char *subject;		/* UTF-8, of any length */
	const char *message_id;		/* left@right, without < and > */
	ss_instant date;		/* written in +0800 */
	const char *body;		/* UTF-8; lines end with LF */
	size_t body_len;
};

/*
 * Whether a text is an address of the sane kind: letters, digits and
 * !#$%&'*+-/=?^_`{|}~ with single dots between, at most 64, none of them a
 * leading -; @; a host name of letters, digits, hyphens and dots. 254 bytes at
 * most. No comments, no quotes, no UTF-8.
 */
bool ss_mail_address(const char *);

/*
 * Appends the message, marked as made by a machine (Auto-Submitted, RFC 3834).
 * SS_EINVALID, naming the member and nothing of it, for an address or an id
 * that is none, for text that is no UTF-8, and for control characters: in a
 * name or the subject any, in the body all but tab and LF. What was appended
 * by then is removed.
 */
int ss_mail_write(const struct ss_mail *, struct ss_bytes *out);

#endif
