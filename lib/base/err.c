#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/err.h"

static _Thread_local char message[SS_MESSAGE_MAX];

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

int
ss_fail(int code, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(message, sizeof(message), fmt, ap);
	va_end(ap);
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
