/* Keys in a token: found, made, computed with. */
#include <p11-kit/pkcs11.h>

#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/text.h"
#include "trust/pkcs11_own.h"

#define OBJECTS_MAX 65536	/* of one class in a token */
#define GROUP 64		/* handles that are asked for at once */
#define BLOCK 8			/* of 3DES */

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
/* The standard's attributes are not const, but these are read alone. */
#define VALUE(type, value) { type, (void *)&(value), sizeof(value) }

static const CK_BBOOL yes = CK_TRUE, no = CK_FALSE;
static const CK_OBJECT_CLASS secret_class = CKO_SECRET_KEY,
    private_class = CKO_PRIVATE_KEY, public_class = CKO_PUBLIC_KEY;
static const CK_KEY_TYPE des2_type = CKK_DES2, value_type = CKK_GENERIC_SECRET,
    ec_type = CKK_EC;

/* P-256, 1.2.840.10045.3.1.7 (RFC 5480). */
static const uint8_t p256[] = { 0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03,
	0x01, 0x07 };

struct handles {
	CK_OBJECT_HANDLE *at;
	size_t count;
};

/* Grows by groups; the search is ended in any case. */
static int
find_all(struct ss_token *t, CK_ATTRIBUTE *like, CK_ULONG count,
    struct handles *out)
{
	CK_OBJECT_HANDLE *more;
	CK_ULONG got = GROUP;
	CK_RV rv = t->f->C_FindObjectsInit(t->session, like, count);
	int r = 0;

	if (rv != CKR_OK)
		return ss_token_fail(t, "its objects", rv);
	while (r == 0 && got > 0) {
		if ((more = reallocarray(out->at, out->count + GROUP,
		    sizeof(*more))) == NULL) {
			r = ss_fail(SS_EMEMORY, "out of memory");
			break;
		}
		out->at = more;
		rv = t->f->C_FindObjects(t->session, more + out->count, GROUP,
		    &got);
		if (rv != CKR_OK || got > GROUP)
			r = ss_token_fail(t, "its objects", rv);
		else if ((out->count += got) > OBJECTS_MAX)
			r = ss_fail(SS_EINVALID, "%s: more than %d keys",
			    t->name, OBJECTS_MAX);
	}
	t->f->C_FindObjectsFinal(t->session);
	return r;
}

/* The length of an attribute that was asked for with that much room; 0 for
 * one that is not there or does not fit. */
static size_t
length(const CK_ATTRIBUTE *a, size_t room)
{
	return a->ulValueLen != CK_UNAVAILABLE_INFORMATION &&
	    a->ulValueLen <= room ? a->ulValueLen : 0;
}

static int
get(struct ss_token *t, CK_OBJECT_HANDLE handle, CK_ATTRIBUTE *a,
    CK_ULONG count)
{
	CK_RV rv = t->f->C_GetAttributeValue(t->session, handle, a, count);

	/* What is there is there all the same. */
	return rv == CKR_OK || rv == CKR_ATTRIBUTE_TYPE_INVALID ||
	    rv == CKR_ATTRIBUTE_SENSITIVE || rv == CKR_BUFFER_TOO_SMALL ? 0 :
	    ss_token_fail(t, "an object", rv);
}

static int
describe(struct ss_token *t, CK_OBJECT_HANDLE handle,
    struct ss_secret_object *o)
{
	CK_KEY_TYPE type = CKK_VENDOR_DEFINED;
	CK_ATTRIBUTE a[] = {
		VALUE(CKA_KEY_TYPE, type),
		{ CKA_LABEL, o->label, sizeof(o->label) - 1 },
		VALUE(CKA_ID, o->id),
	};
	size_t n;
	int r;

	memset(o, 0, sizeof(*o));
	o->handle = handle;
	if ((r = get(t, handle, a, COUNT(a))) != 0)
		return r;
	n = length(&a[1], sizeof(o->label) - 1);
	if (!ss_utf8_valid(o->label, n) || memchr(o->label, '\0', n) != NULL)
		n = 0;
	o->label[n] = '\0';
	o->id_len = length(&a[2], sizeof(o->id));
	if (length(&a[0], sizeof(type)) == 0)
		type = CKK_VENDOR_DEFINED;
	o->kind = type == CKK_DES2 || type == CKK_DES3 ? SS_SECRET_3DES :
	    type == CKK_GENERIC_SECRET ? SS_SECRET_VALUE : SS_SECRET_OTHER;
	return 0;
}

int
ss_token_secrets(struct ss_token *t,
    int (*each)(const struct ss_secret_object *, void *ctx), void *ctx)
{
	/* Others could be put there without a PIN. */
	CK_ATTRIBUTE like[] = {
		VALUE(CKA_CLASS, secret_class),
		VALUE(CKA_TOKEN, yes),
		VALUE(CKA_PRIVATE, yes),
	};
	struct ss_secret_object object;
	struct handles all = { 0 };
	size_t i;
	int r;

	r = find_all(t, like, COUNT(like), &all);
	for (i = 0; r == 0 && i < all.count; i++)
		if ((r = describe(t, all.at[i], &object)) == 0)
			r = each(&object, ctx);
	free(all.at);
	return r;
}

/* Some tokens want the parity that DES has and nobody looks at. */
static void
set_parity(uint8_t key[SS_KEY_LEN])
{
	int i;

	for (i = 0; i < SS_KEY_LEN; i++)
		key[i] = (uint8_t)((key[i] & 0xfe) |
		    !__builtin_parity(key[i] & 0xfeu));
}

int
ss_token_put(struct ss_token *t, struct ss_secret_object *o,
    const uint8_t value[SS_KEY_LEN])
{
	const bool inside = o->kind == SS_SECRET_3DES;
	const CK_BBOOL *in = inside ? &yes : &no, *out = inside ? &no : &yes;
	uint8_t bytes[SS_KEY_LEN];
	CK_ATTRIBUTE a[] = {
		VALUE(CKA_CLASS, secret_class),
		inside ? (CK_ATTRIBUTE)VALUE(CKA_KEY_TYPE, des2_type) :
		    (CK_ATTRIBUTE)VALUE(CKA_KEY_TYPE, value_type),
		VALUE(CKA_TOKEN, yes),
		VALUE(CKA_PRIVATE, yes),
		VALUE(CKA_MODIFIABLE, no),
		{ CKA_LABEL, o->label, strlen(o->label) },
		{ CKA_ID, o->id, o->id_len },
		VALUE(CKA_VALUE, bytes),
		VALUE(CKA_SENSITIVE, *in),
		VALUE(CKA_EXTRACTABLE, *out),
		VALUE(CKA_DERIVE, *in),
		VALUE(CKA_ENCRYPT, *in),
		VALUE(CKA_DECRYPT, no),
		VALUE(CKA_SIGN, no),
		VALUE(CKA_VERIFY, no),
		VALUE(CKA_WRAP, no),
		VALUE(CKA_UNWRAP, no),
	};
	CK_RV rv;

	memcpy(bytes, value, SS_KEY_LEN);
	if (inside)
		set_parity(bytes);
	rv = t->f->C_CreateObject(t->session, a, COUNT(a), &o->handle);
	ss_wipe(bytes, sizeof(bytes));
	return rv == CKR_OK ? 0 : ss_token_fail(t, o->label, rv);
}

int
ss_token_destroy(struct ss_token *t, ss_handle handle)
{
	CK_RV rv = t->f->C_DestroyObject(t->session, handle);

	return rv == CKR_OK ? 0 : ss_token_fail(t, "a key", rv);
}

int
ss_token_value(struct ss_token *t, ss_handle handle, uint8_t value[SS_KEY_LEN])
{
	uint8_t room[2 * SS_KEY_LEN] = { 0 };
	CK_ATTRIBUTE a = VALUE(CKA_VALUE, room);
	int r = get(t, handle, &a, 1);

	memset(value, 0, SS_KEY_LEN);
	if (r == 0 && length(&a, sizeof(room)) != SS_KEY_LEN)
		r = ss_fail(SS_EINVALID, "%s: a key that cannot be read, or is "
		    "not of %d bytes", t->name, SS_KEY_LEN);
	if (r == 0)
		memcpy(value, room, SS_KEY_LEN);
	ss_wipe(room, sizeof(room));
	return r;
}

int
ss_token_derive(struct ss_token *t, ss_handle handle,
    const uint8_t in[SS_KEY_LEN], ss_handle *made)
{
	uint8_t data[SS_KEY_LEN];
	CK_KEY_DERIVATION_STRING_DATA of = { data, sizeof(data) };
	CK_MECHANISM mechanism = { CKM_DES3_ECB_ENCRYPT_DATA, &of,
		sizeof(of) };
	CK_ATTRIBUTE a[] = {
		VALUE(CKA_CLASS, secret_class),
		VALUE(CKA_KEY_TYPE, des2_type),
		VALUE(CKA_TOKEN, no),
		VALUE(CKA_PRIVATE, yes),
		VALUE(CKA_SENSITIVE, yes),
		VALUE(CKA_EXTRACTABLE, no),
		VALUE(CKA_DERIVE, yes),
		VALUE(CKA_ENCRYPT, yes),
	};
	CK_RV rv;

	*made = CK_INVALID_HANDLE;
	memcpy(data, in, sizeof(data));
	rv = t->f->C_DeriveKey(t->session, &mechanism, handle, a, COUNT(a),
	    made);
	return rv == CKR_OK ? 0 : ss_token_fail(t, "deriving a key", rv);
}

int
ss_token_encrypt(struct ss_token *t, ss_handle handle, const uint8_t *iv,
    const void *in, size_t len, void *out)
{
	uint8_t start[BLOCK], room[SS_TOKEN_DATA_MAX], *text;
	CK_MECHANISM mechanism = { CKM_DES3_ECB, NULL, 0 };
	CK_ULONG got = sizeof(room);
	CK_RV rv;

	if (len == 0 || len > sizeof(room) || len % BLOCK != 0)
		return ss_fail(SS_EINVALID, "%zu bytes are no whole blocks for "
		    "a token", len);
	if (iv != NULL) {
		memcpy(start, iv, sizeof(start));
		mechanism = (CK_MECHANISM){ CKM_DES3_CBC, start,
			sizeof(start) };
	}
	/* What is encrypted may be a PIN; it is copied once, and wiped. */
	if ((text = malloc(len)) == NULL)
		return ss_fail(SS_EMEMORY, "out of memory");
	memcpy(text, in, len);
	if ((rv = t->f->C_EncryptInit(t->session, &mechanism, handle)) ==
	    CKR_OK)
		rv = t->f->C_Encrypt(t->session, text, len, room, &got);
	if (rv == CKR_OK && got == len)
		memcpy(out, room, len);
	ss_wipe(room, sizeof(room));
	ss_wipe(text, len);
	free(text);
	if (rv == CKR_OK && got != len)
		return ss_fail(SS_ECRYPTO, "%s: encrypting: %zu bytes became "
		    "%lu", t->name, len, got);
	return rv == CKR_OK ? 0 : ss_token_fail(t, "encrypting", rv);
}

/* The keys of a class by what a URI says of an object. */
static int
find_named(struct ss_token *t, const CK_OBJECT_CLASS *class, const char *label,
    const uint8_t *id, size_t id_len, struct handles *out)
{
	CK_ATTRIBUTE a[4] = { VALUE(CKA_CLASS, *class) };
	CK_ULONG n = 1;

	if (class == &private_class)
		a[n++] = (CK_ATTRIBUTE)VALUE(CKA_PRIVATE, yes);
	if (*label != '\0')
		a[n++] = (CK_ATTRIBUTE){ CKA_LABEL, (void *)label,
			strlen(label) };
	if (id_len > 0)
		a[n++] = (CK_ATTRIBUTE){ CKA_ID, (void *)id, id_len };
	return find_all(t, a, n, out);
}

/* The point is in an OCTET STRING, as the standard has it, or bare. */
static int
get_point(struct ss_token *t, CK_OBJECT_HANDLE public, uint8_t point[65])
{
	uint8_t params[32], room[80];
	CK_KEY_TYPE type = CKK_VENDOR_DEFINED;
	CK_ATTRIBUTE a[] = {
		VALUE(CKA_KEY_TYPE, type),
		VALUE(CKA_EC_PARAMS, params),
		VALUE(CKA_EC_POINT, room),
	};
	const uint8_t *p = room;
	size_t len;
	int r;

	memset(point, 0, 65);
	if ((r = get(t, public, a, COUNT(a))) != 0)
		return r;
	len = length(&a[2], sizeof(room));
	if (len == 67 && room[0] == 0x04 && room[1] == 65) {
		p += 2;
		len -= 2;
	}
	if (type != CKK_EC || length(&a[1], sizeof(params)) != sizeof(p256) ||
	    memcmp(params, p256, sizeof(p256)) != 0 || len != 65 || *p != 0x04)
		return ss_fail(SS_EINVALID, "%s: the key is none on the curve "
		    "P-256", t->name);
	memcpy(point, p, 65);
	return 0;
}

int
ss_token_pair_find(struct ss_token *t, const struct ss_p11_uri *uri,
    struct ss_token_pair *pair)
{
	struct handles private = { 0 }, public = { 0 };
	uint8_t id[SS_P11_ID_MAX];
	CK_ATTRIBUTE a = VALUE(CKA_ID, id);
	size_t id_len;
	int r;

	if ((r = find_named(t, &private_class, uri->object, uri->id,
	    uri->id_len, &private)) != 0)
		goto out;
	if (private.count != 1) {
		r = private.count == 0 ? ss_fail(SS_EMISSING, "%s: no private "
		    "key of that object and id", t->name) :
		    ss_fail(SS_EINVALID, "%s: %zu private keys are meant; add "
		    "id to the URI", t->name, private.count);
		goto out;
	}
	/* The public one has its id, else its label. */
	pair->private = private.at[0];
	if ((r = get(t, pair->private, &a, 1)) != 0)
		goto out;
	id_len = length(&a, sizeof(id));
	if ((r = find_named(t, &public_class, id_len > 0 ? "" : uri->object,
	    id, id_len, &public)) != 0)
		goto out;
	r = public.count == 1 ? get_point(t, public.at[0], pair->point) :
	    ss_fail(SS_EINVALID, "%s: %s public key goes with this private "
	    "one", t->name, public.count == 0 ? "no" : "more than one");
out:
	free(private.at);
	free(public.at);
	return r;
}

int
ss_token_pair_make(struct ss_token *t, const char *label, const uint8_t *id,
    size_t id_len, struct ss_token_pair *pair)
{
	CK_MECHANISM mechanism = { CKM_EC_KEY_PAIR_GEN, NULL, 0 };
	CK_ATTRIBUTE public[] = {
		VALUE(CKA_CLASS, public_class),
		VALUE(CKA_KEY_TYPE, ec_type),
		VALUE(CKA_TOKEN, yes),
		VALUE(CKA_PRIVATE, no),
		VALUE(CKA_MODIFIABLE, no),
		VALUE(CKA_VERIFY, yes),
		VALUE(CKA_EC_PARAMS, p256),
		{ CKA_LABEL, (void *)label, strlen(label) },
		{ CKA_ID, (void *)id, id_len },
	};
	CK_ATTRIBUTE private[] = {
		VALUE(CKA_CLASS, private_class),
		VALUE(CKA_KEY_TYPE, ec_type),
		VALUE(CKA_TOKEN, yes),
		VALUE(CKA_PRIVATE, yes),
		VALUE(CKA_MODIFIABLE, no),
		VALUE(CKA_SENSITIVE, yes),
		VALUE(CKA_EXTRACTABLE, no),
		VALUE(CKA_SIGN, yes),
		VALUE(CKA_DECRYPT, no),
		VALUE(CKA_DERIVE, no),
		VALUE(CKA_UNWRAP, no),
		{ CKA_LABEL, (void *)label, strlen(label) },
		{ CKA_ID, (void *)id, id_len },
	};
	CK_OBJECT_HANDLE made;
	CK_RV rv;

	rv = t->f->C_GenerateKeyPair(t->session, &mechanism, public,
	    COUNT(public), private, COUNT(private), &made, &pair->private);
	return rv == CKR_OK ? get_point(t, made, pair->point) :
	    ss_token_fail(t, "making a key", rv);
}

int
ss_token_sign(struct ss_token *t, ss_handle handle, const uint8_t digest[32],
    uint8_t raw[64])
{
	CK_MECHANISM mechanism = { CKM_ECDSA, NULL, 0 };
	CK_ULONG len = 64;
	uint8_t data[32];
	CK_RV rv;

	memcpy(data, digest, sizeof(data));
	if ((rv = t->f->C_SignInit(t->session, &mechanism, handle)) == CKR_OK)
		rv = t->f->C_Sign(t->session, data, sizeof(data), raw, &len);
	if (rv == CKR_OK && len != 64)
		return ss_fail(SS_ECRYPTO, "%s: a signature of %lu bytes",
		    t->name, len);
	return rv == CKR_OK ? 0 : ss_token_fail(t, "signing", rv);
}
