/* Names of registers as they may be shown. */
#include <string.h>

#include "base/bytes.h"
#include "books/registry_own.h"

/* Parameters; those that may be passwords without their value. */
static void
add_parameters(const char *text, struct ss_bytes *out)
{
	size_t n, key, i;
	bool secret;

	for (; *text != '\0'; text += n) {
		n = 1 + strcspn(text + 1, "&");
		key = strcspn(text, "=");
		/* A keyword that is written in a roundabout way counts too. */
		for (i = 0, secret = false; i < key && i < n; i++)
			secret |= text[i] == '%' ||
			    strncmp(text + i, "pass", 4) == 0;
		if (secret && key < n) {
			ss_bytes_add(out, text, key);
			ss_bytes_adds(out, "=***");
		} else {
			ss_bytes_add(out, text, n);
		}
	}
}

void
ss_registry_show(const char *name, struct ss_bytes *out)
{
	const char *user = strstr(name, "://"), *colon = NULL, *p, *end;

	if (strncmp(name, "postgres", 8) != 0 || user == NULL) {
		ss_bytes_adds(out, name);
		return;
	}
	user += 3;
	end = user + strcspn(user, "?");
	for (p = end; p > user && *p != '@'; p--)
		;
	colon = memchr(user, ':', (size_t)(p - user));
	if (colon != NULL) {
		ss_bytes_add(out, name, (size_t)(colon - name));
		ss_bytes_adds(out, ":***");
		name = p;
	}
	ss_bytes_add(out, name, (size_t)(end - name));
	add_parameters(end, out);
}
