/* URIs of PKCS#11: RFC 7512. */
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/text.h"
#include "trust/pkcs11.h"

#define UNRESERVED "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz" \
    "0123456789-._~"
#define BOTH ":[]@!$'()*+,="

/* The two parts: what ends an attribute, and what stands for itself in it. */
static const struct part {
	char end;
	const char *plain;
} path = { ';', UNRESERVED BOTH "&" }, query = { '&', UNRESERVED BOTH "/?|" };

enum { SOURCE = 1, NUMBER, TYPE, ID };

/* The attributes that are taken; size of the room for a value and its NUL. */
static const struct attribute {
	const char *name;
	const struct part *part;
	size_t at, size;
	int kind;
} attributes[] = {
#define TEXT(name, part, member, kind) { name, &part, \
    offsetof(struct ss_p11_uri, member), \
    sizeof(((struct ss_p11_uri *)NULL)->member), kind }
	TEXT("token", path, token, 0),
	TEXT("manufacturer", path, manufacturer, 0),
	TEXT("model", path, model, 0),
	TEXT("serial", path, serial, 0),
	TEXT("slot-description", path, slot_description, 0),
	TEXT("slot-manufacturer", path, slot_manufacturer, 0),
	TEXT("slot-id", path, slot_id, NUMBER),
	TEXT("object", path, object, 0),
	TEXT("type", path, type, TYPE),
	TEXT("id", path, id, ID),
	TEXT("module-path", query, module_path, 0),
	TEXT("module-name", query, module_name, 0),
	TEXT("pin-source", query, pin_source, SOURCE),
};
#define ATTRIBUTES (sizeof(attributes) / sizeof(attributes[0]))

/* An attribute as it stands in the text. */
struct found {
	const char *name, *value;
	size_t name_len, len;
};

static const struct attribute *
find(const struct found *f, const struct part *part)
{
	size_t i;

	for (i = 0; i < ATTRIBUTES; i++)
		if (attributes[i].part == part &&
		    strlen(attributes[i].name) == f->name_len &&
		    memcmp(attributes[i].name, f->name, f->name_len) == 0)
			return &attributes[i];
	return NULL;
}

/* What it is called is shown only if it could be a name. */
static int
unknown(const struct found *f)
{
	size_t n = 0;

	while (n < f->name_len && n < 40 &&
	    memchr(UNRESERVED, f->name[n], sizeof(UNRESERVED) - 1) != NULL)
		n++;
	if (n == 0 || n < f->name_len)
		return ss_fail(SS_EINVALID, "pkcs11: attributes are NAME=VALUE"
		    ", those before the \"?\" with \";\" between them, those "
		    "behind it with \"&\"");
	if (f->name_len == 9 && memcmp(f->name, "pin-value", 9) == 0)
		return ss_fail(SS_EINVALID, "pkcs11: pin-value: others can see "
		    "a command line; the PIN is typed, or comes from "
		    "--passphrase-fd or pin-source=file:PATH");
	return ss_fail(SS_EINVALID, "pkcs11: %.*s: no attribute that is taken "
	    "there (ss-keys(5))", (int)n, f->name);
}

/* One byte of a value; how many stand for it, 0: it is none. */
static size_t
decode(const struct part *part, const char *s, size_t left, uint8_t *out)
{
	char two[3] = "";

	if (*s != '%') {
		*out = (uint8_t)*s;
		return strchr(part->plain, *s) != NULL ? 1 : 0;
	}
	if (left < 3)
		return 0;
	memcpy(two, s + 1, 2);
	return ss_hex_read(two, out, 1) ? 3 : 0;
}

static int
put(struct ss_p11_uri *uri, const struct attribute *a, const struct found *f)
{
	const bool text = a->kind != ID;
	const size_t room = a->size - (text ? 1 : 0);
	uint8_t *to = (uint8_t *)uri + a->at, byte;
	size_t i, n, used = 0;

	for (i = 0; i < f->len; i += n) {
		if ((n = decode(a->part, f->value + i, f->len - i,
		    &byte)) == 0)
			return ss_fail(SS_EINVALID, "pkcs11: %s: %%XX is "
			    "wanted for what is neither a letter nor a digit",
			    a->name);
		if (text && byte == '\0')
			return ss_fail(SS_EINVALID, "pkcs11: %s: a NUL in it",
			    a->name);
		if (used == room)
			return ss_fail(SS_EINVALID, "pkcs11: %s: more than %zu "
			    "bytes", a->name, room);
		to[used++] = byte;
	}
	if (used == 0)
		return ss_fail(SS_EINVALID, "pkcs11: %s: nothing behind the "
		    "\"=\"", a->name);
	if (!text)
		uri->id_len = used;
	return 0;
}

/* What the value of an attribute must be beyond its form. */
static int
check(struct ss_p11_uri *uri, const struct attribute *a)
{
	static const char *const types[] = { "public", "private", "cert",
		"secret-key", "data" };
	char *value = (char *)uri + a->at;
	size_t i;

	if (a->kind == NUMBER && !ss_is_digits(value, strlen(value)))
		return ss_fail(SS_EINVALID, "pkcs11: %s: a decimal number is "
		    "wanted", a->name);
	for (i = 0; a->kind == TYPE; i++) {
		if (i == sizeof(types) / sizeof(types[0]))
			return ss_fail(SS_EINVALID, "pkcs11: %s: public, "
			    "private, cert, secret-key or data is wanted",
			    a->name);
		if (strcmp(types[i], value) == 0)
			break;
	}
	if (a->kind == SOURCE) {
		if (strncmp(value, "file:", 5) != 0 || value[5] == '\0')
			return ss_fail(SS_EINVALID, "pkcs11: %s: file:PATH is "
			    "wanted", a->name);
		/* Of file:///PATH too. */
		i = strncmp(value, "file:///", 8) == 0 ? 7 : 5;
		memmove(value, value + i, strlen(value + i) + 1);
	}
	return 0;
}

static int
take(struct ss_p11_uri *uri, const struct part *part, const struct found *f,
    bool seen[ATTRIBUTES])
{
	const struct attribute *a = find(f, part);
	int r;

	if (a == NULL)
		return unknown(f);
	if (seen[a - attributes])
		return ss_fail(SS_EINVALID, "pkcs11: %s: it is there twice",
		    a->name);
	seen[a - attributes] = true;
	if ((r = put(uri, a, f)) == 0)
		r = check(uri, a);
	return r;
}

/* The attributes of a part of len bytes, which may be none. */
static int
read_part(struct ss_p11_uri *uri, const struct part *part, const char *s,
    size_t len, bool seen[ATTRIBUTES])
{
	const char *end = s + len, *next, *equals;
	struct found f;
	int r = 0;

	if (len == 0)
		return 0;
	for (; r == 0 && s <= end; s = next + 1) {
		if ((next = memchr(s, part->end, (size_t)(end - s))) == NULL)
			next = end;
		equals = memchr(s, '=', (size_t)(next - s));
		f = (struct found){ s, equals, (size_t)((equals != NULL ?
		    equals : s) - s), 0 };
		if (equals != NULL) {
			f.value = equals + 1;
			f.len = (size_t)(next - f.value);
		}
		r = take(uri, part, &f, seen);
	}
	return r;
}

int
ss_p11_uri_read(struct ss_p11_uri *uri, const char *text)
{
	const char *question = strchr(text, '?');
	const size_t len = question != NULL ? (size_t)(question - text) :
	    strlen(text);
	bool seen[ATTRIBUTES] = { false };
	int r;

	memset(uri, 0, sizeof(*uri));
	if ((r = read_part(uri, &path, text, len, seen)) != 0 ||
	    (question != NULL && (r = read_part(uri, &query, question + 1,
	    strlen(question + 1), seen)) != 0))
		return r;
	if (*uri->module_path != '\0' && *uri->module_path != '/')
		return ss_fail(SS_EINVALID, "pkcs11: module-path: a path that "
		    "begins with \"/\" is wanted");
	if (strchr(uri->module_name, '/') != NULL)
		return ss_fail(SS_EINVALID, "pkcs11: module-name: a name "
		    "without \"/\" is wanted; module-path takes a path");
	if (*uri->module_path != '\0' && *uri->module_name != '\0')
		return ss_fail(SS_EINVALID, "pkcs11: module-name: there is a "
		    "module-path already");
	return 0;
}

int
ss_p11_uri_is_token(const struct ss_p11_uri *uri)
{
	const char *name = *uri->object != '\0' ? "object" :
	    *uri->type != '\0' ? "type" : uri->id_len > 0 ? "id" : NULL;

	if (name == NULL)
		return 0;
	return ss_fail(SS_EINVALID, "pkcs11: %s: a key store is a whole token; "
	    "an object is an operator's key", name);
}
