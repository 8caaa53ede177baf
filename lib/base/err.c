#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/err.h"

static _Thread_local char message[SS_MESSAGE_MAX];
static _Thread_local int last_code;

static const char *const words[] = {
	[SS_OK] = "ok",
	[SS_EINVALID] = "invalid",
	[SS_EPOLICY] = "policy",
	[SS_EEXISTS] = "exists",
	[SS_EMISSING] = "missing",
	[SS_ESTATE] = "state",
	[SS_EAUTH] = "auth",
	[SS_EBLOCKED] = "blocked",
	[SS_ECARD] = "card",
	[SS_EREADER] = "reader",
	[SS_ECRYPTO] = "crypto",
	[SS_EREGISTRY] = "registry",
	[SS_EIO] = "io",
	[SS_EMEMORY] = "memory",
};

/* Takes out what is no UTF-8: characters that a cut has left incomplete, and
 * stray bytes of a path. */
static void
mend(char *text)
{
	unsigned char *from = (unsigned char *)text, *to = from;
	size_t n, i;

	for (; *from != '\0'; from += n) {
		if ((*from >= 0x80 && *from < 0xc2) || *from > 0xf4) {
			n = 1;
			continue;
		}
		n = *from < 0xc0 ? 1 : *from < 0xe0 ? 2 : *from < 0xf0 ? 3 : 4;
		for (i = 1; i < n && (from[i] & 0xc0) == 0x80; i++)
			;
		if (i < n)
			n = i;
		else
			for (i = 0; i < n; i++)
				*to++ = from[i];
	}
	*to = '\0';
}

int
ss_fail(int code, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(message, sizeof(message), fmt, ap);
	va_end(ap);
	mend(message);
	last_code = code;
	return code;
}

int
ss_fail_in(int code, const char *fmt, ...)
{
	char old[SS_MESSAGE_MAX];
	va_list ap;
	size_t n;

	memcpy(old, message, sizeof(old));
	va_start(ap, fmt);
	vsnprintf(message, sizeof(message), fmt, ap);
	va_end(ap);
	n = strlen(message);
	if (snprintf(message + n, sizeof(message) - n, ": %s", old) < 0)
		message[n] = '\0';
	mend(message);
	last_code = code;
	return code;
}

int
ss_fail_errno(const char *subject)
{
	int e = errno;

	switch (e) {
	case ENOENT:
	case ENOTDIR:
		return ss_fail(SS_EMISSING, "%s: %s", subject, strerror(e));
	case ENOMEM:
		return ss_fail(SS_EMEMORY, "%s: %s", subject, strerror(e));
	default:
		return ss_fail(SS_EIO, "%s: %s", subject, strerror(e));
	}
}

int
ss_fail_as(int code)
{
	return last_code = code;
}

int
ss_last_code(void)
{
	return last_code;
}

const char *
ss_message(void)
{
	return message;
}

const char *
ss_code_word(int code)
{
	if (code < 0 || code > SS_EMEMORY)
		return "unknown";
	return words[code];
}

bool
ss_code_stops(int code)
{
	return code >= SS_EREADER;
}
