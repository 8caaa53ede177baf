/* Private keys as encrypted PKCS#8. */
#include <openssl/err.h>
#include <openssl/evp.h>

#include <string.h>

#include "base/crypto_own.h"
#include "base/err.h"
#include "base/sign_own.h"
#include "base/text.h"

#define PEM_BEGIN "-----BEGIN ENCRYPTED PRIVATE KEY-----"
#define PEM_END "-----END ENCRYPTED PRIVATE KEY-----"
#define PEM_LINE 64
#define DER_LIMIT 4096
#define SALT_LEN 16
#define BLOCK 16		/* of AES */

/*
 * What trying a passphrase costs. OpenSSL's own reader goes to 32 MiB and no
 * further, which is n = 1 << 14; p makes up for it in time.
 */
static const struct ss_scrypt_cost new_cost = { 1 << 14, 8, 5 };

/* DER that is gone through. */
struct der {
	const uint8_t *p, *end;
};

static const uint8_t oid_pbes2[] = { 0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7,
	0x0d, 0x01, 0x05, 0x0d };
static const uint8_t oid_scrypt[] = { 0x06, 0x09, 0x2b, 0x06, 0x01, 0x04, 0x01,
	0xda, 0x47, 0x04, 0x0b };
static const uint8_t oid_aes256_cbc[] = { 0x06, 0x09, 0x60, 0x86, 0x48, 0x01,
	0x65, 0x03, 0x04, 0x01, 0x2a };

/* The value of the next element, which must have this tag and a length in its
 * shortest form. */
static bool
take(struct der *d, uint8_t tag, struct der *value)
{
	const uint8_t *p = d->p;
	size_t n, long_form = 0;

	if (d->end - p < 2 || *p++ != tag)
		return false;
	n = *p++;
	if (n > 0x82 || n == 0x80)
		return false;
	if (n > 0x80) {
		long_form = n - 0x80;
		if ((size_t)(d->end - p) < long_form)
			return false;
		for (n = 0; long_form > 0; long_form--)
			n = n << 8 | *p++;
		if (n < 0x80 || (p[-2] == 0 && n < 0x100))
			return false;
	}
	if ((size_t)(d->end - p) < n)
		return false;
	*value = (struct der){ p, p + n };
	d->p = p + n;
	return true;
}

static bool
take_same(struct der *d, const uint8_t *bytes, size_t len)
{
	if ((size_t)(d->end - d->p) < len || memcmp(d->p, bytes, len) != 0)
		return false;
	d->p += len;
	return true;
}

static bool
take_number(struct der *d, int64_t *out)
{
	struct der v;

	*out = 0;
	if (!take(d, 0x02, &v) || v.p == v.end || v.end - v.p > 5 ||
	    (*v.p & 0x80) != 0)
		return false;
	while (v.p < v.end)
		*out = *out << 8 | *v.p++;
	return true;
}

static bool
at_end(const struct der *d)
{
	return d->p == d->end;
}

/* How a private key was encrypted. */
struct envelope {
	struct ss_scrypt_cost cost;
	struct der salt, iv, sealed;
};

static int
fail_pem(void)
{
	return ss_fail(SS_EINVALID, "no encrypted private key in PEM");
}

static int
fail_envelope(void)
{
	return ss_fail(SS_EINVALID, "a private key that is not encrypted by "
	    "scrypt and AES-256-CBC; openssl pkcs8 -topk8 -scrypt makes it "
	    "one");
}

/* RFC 8018, appendix A.4; RFC 7914, section 7. */
static int
read_envelope(const struct ss_bytes *der, struct envelope *e)
{
	const uint8_t *text = (const uint8_t *)der->data;
	struct der all = { text, text + der->len };
	struct der whole, id, pbes, kdf, cost, cipher;
	int64_t key_len = SS_AEAD_KEY_LEN;

	if (!take(&all, 0x30, &whole) || !at_end(&all) ||
	    !take(&whole, 0x30, &id) || !take(&whole, 0x04, &e->sealed) ||
	    !at_end(&whole))
		return fail_pem();
	if (!take_same(&id, oid_pbes2, sizeof(oid_pbes2)) ||
	    !take(&id, 0x30, &pbes) || !at_end(&id) ||
	    !take(&pbes, 0x30, &kdf) || !take(&pbes, 0x30, &cipher) ||
	    !at_end(&pbes) ||
	    !take_same(&kdf, oid_scrypt, sizeof(oid_scrypt)) ||
	    !take(&kdf, 0x30, &cost) || !at_end(&kdf) ||
	    !take(&cost, 0x04, &e->salt) || !take_number(&cost, &e->cost.n) ||
	    !take_number(&cost, &e->cost.r) ||
	    !take_number(&cost, &e->cost.p) ||
	    (!at_end(&cost) && !take_number(&cost, &key_len)) ||
	    !at_end(&cost) || key_len != SS_AEAD_KEY_LEN ||
	    !take_same(&cipher, oid_aes256_cbc, sizeof(oid_aes256_cbc)) ||
	    !take(&cipher, 0x04, &e->iv) || !at_end(&cipher) ||
	    e->iv.end - e->iv.p != BLOCK)
		return fail_envelope();
	return ss_scrypt_check(&e->cost);
}

static bool
begins(const char *text, size_t len, const char *with)
{
	return len >= strlen(with) && memcmp(text, with, strlen(with)) == 0;
}

/* The text between the lines of a PEM (RFC 7468), and nothing beside it. */
static int
read_pem(const char *pem, size_t len, struct ss_bytes *der)
{
	struct ss_bytes base64 = { 0 };
	const size_t begin = strlen(PEM_BEGIN), end = strlen(PEM_END);
	size_t i;
	int r;

	pem = ss_trim(pem, &len);
	if (begins(pem, len, "-----BEGIN PRIVATE KEY-----") ||
	    begins(pem, len, "-----BEGIN EC P"))
		return ss_fail(SS_EINVALID, "a private key that is not "
		    "encrypted; openssl pkcs8 -topk8 -scrypt encrypts it");
	if (len >= DER_LIMIT || len < begin + end ||
	    !begins(pem, len, PEM_BEGIN) ||
	    memcmp(pem + len - end, PEM_END, end) != 0)
		return fail_pem();
	for (i = begin; i < len - end; i++)
		if (pem[i] != '\n' && pem[i] != '\r')
			ss_bytes_addc(&base64, pem[i]);
	if ((r = ss_bytes_check(&base64)) == 0)
		r = ss_base64_read(der, base64.data, base64.len);
	if (r == SS_EINVALID || (r == 0 && der->len == 0))
		r = fail_pem();
	ss_bytes_free(&base64);
	return r;
}

/* AES-256-CBC either way; *len is what is in, and then out. */
static int
run_cipher(const uint8_t key[SS_AEAD_KEY_LEN], const uint8_t iv[BLOCK],
    bool encrypt, const uint8_t *in, uint8_t *out, size_t *len)
{
	EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
	int n = 0, rest = 0, r = 0;

	if (ctx == NULL || EVP_CipherInit_ex2(ctx, EVP_aes_256_cbc(), key, iv,
	    encrypt, NULL) != 1 ||
	    EVP_CipherUpdate(ctx, out, &n, in, (int)*len) != 1)
		r = ss_crypto_fail("AES-256-CBC");
	else if (EVP_CipherFinal_ex(ctx, out + n, &rest) != 1)
		r = SS_EAUTH;
	*len = (size_t)n + (size_t)rest;
	EVP_CIPHER_CTX_free(ctx);
	return r;
}

static int
fail_passphrase(void)
{
	ERR_clear_error();
	return ss_fail(SS_EAUTH, "a wrong passphrase, or a private key that "
	    "was altered");
}

/* RFC 5958 with RFC 5915. Not even a PKCS#8: another passphrase. */
static int
read_plain(struct ss_private **out, const uint8_t *text, size_t len)
{
	struct der all = { text, text + len }, whole, octets, key, scalar;
	struct der id, part, bits = { NULL, NULL };
	const uint8_t *point = NULL;
	int64_t version;
	size_t i;
	int r;

	if (!take(&all, 0x30, &whole) || !at_end(&all) ||
	    !take_number(&whole, &version))
		return fail_passphrase();
	for (i = 0; i < SS_ALGORITHMS; i++)
		if (take_same(&whole, ss_curves[i].head + SS_CURVE_ID,
		    SS_CURVE_ID_LEN))
			break;
	if (i == SS_ALGORITHMS)
		return take(&whole, 0x30, &id) ? ss_fail(SS_EINVALID,
		    "a private key neither on the curve of SM2 nor P-256") :
		    fail_passphrase();
	if (!take(&whole, 0x04, &octets) || !take(&octets, 0x30, &key) ||
	    !at_end(&octets) || !take_number(&key, &version) || version != 1 ||
	    !take(&key, 0x04, &scalar) ||
	    scalar.end - scalar.p != SS_SCALAR_LEN)
		return fail_passphrase();
	(void)take(&key, 0xa0, &part);
	if (take(&key, 0xa1, &part) && (!take(&part, 0x03, &bits) ||
	    bits.end - bits.p != 1 + SS_POINT_LEN))
		return fail_passphrase();
	if (bits.p != NULL)
		point = bits.p + 1;
	if (!at_end(&key))
		return fail_passphrase();
	r = ss_private_of(out, (enum ss_algorithm)i, scalar.p);
	if (r == SS_EINVALID || (r == 0 && point != NULL &&
	    memcmp(point, (*out)->point, SS_POINT_LEN) != 0)) {
		ss_private_free(*out);
		*out = NULL;
		r = fail_passphrase();
	}
	return r;
}

/* What is encrypted or was; on pages of its own. */
struct plain {
	uint8_t key[SS_AEAD_KEY_LEN];
	uint8_t text[DER_LIMIT + BLOCK];
};

static int
open_envelope(struct ss_private **out, const struct envelope *e,
    const char *passphrase)
{
	size_t len = (size_t)(e->sealed.end - e->sealed.p);
	struct plain *plain;
	void *pages;
	int r;

	if ((r = ss_secret_new(&pages, sizeof(*plain))) != 0)
		return r;
	plain = pages;
	if ((r = ss_scrypt(&e->cost, passphrase, e->salt.p,
	    (size_t)(e->salt.end - e->salt.p), plain->key)) == 0 &&
	    (r = run_cipher(plain->key, e->iv.p, false, e->sealed.p,
	    plain->text, &len)) == SS_EAUTH)
		r = fail_passphrase();
	if (r == 0)
		r = read_plain(out, plain->text, len);
	ss_secret_free(pages, sizeof(*plain));
	ss_private_wipe_stack();
	return r;
}

int
ss_private_look(const char *pem, size_t len)
{
	struct ss_bytes der = { 0 };
	struct envelope e;
	int r;

	if ((r = read_pem(pem, len, &der)) == 0)
		r = read_envelope(&der, &e);
	ss_bytes_free(&der);
	return r;
}

int
ss_private_read(struct ss_private **out, const char *pem, size_t len,
    const char *passphrase)
{
	struct ss_bytes der = { 0 };
	struct envelope e = { .cost = { 0, 0, 0 } };
	int r;

	*out = NULL;
	if ((r = read_pem(pem, len, &der)) == 0 &&
	    (r = read_envelope(&der, &e)) == 0)
		r = open_envelope(out, &e, passphrase);
	ss_bytes_free(&der);
	return r;
}

/* The PrivateKeyInfo; its length. */
static size_t
put_plain(const struct ss_private *private, uint8_t *out)
{
	static const uint8_t head[] = { 0x30, 0x81, 0x87, 0x02, 0x01, 0x00 };
	static const uint8_t key[] = { 0x04, 0x6d, 0x30, 0x6b, 0x02, 0x01,
		0x01, 0x04, SS_SCALAR_LEN };
	static const uint8_t bits[] = { 0xa1, 0x44, 0x03, 0x42, 0x00 };
	const struct {
		const uint8_t *data;
		size_t len;
	} parts[] = {
		{ head, sizeof(head) },
		{ ss_curves[private->algorithm].head + SS_CURVE_ID,
		    SS_CURVE_ID_LEN },
		{ key, sizeof(key) },
		{ private->secret->scalar, SS_SCALAR_LEN },
		{ bits, sizeof(bits) },
		{ private->point, SS_POINT_LEN },
	};
	size_t i, n = 0;

	for (i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
		memcpy(out + n, parts[i].data, parts[i].len);
		n += parts[i].len;
	}
	return n;
}

/* The EncryptedPrivateKeyInfo of what put_plain gave, encrypted. */
static void
put_envelope(struct ss_bytes *b, const uint8_t salt[SALT_LEN],
    const uint8_t iv[BLOCK], const uint8_t *sealed, size_t len)
{
	static const uint8_t head[] = { 0x30, 0x81, 0xec, 0x30, 0x57 };
	static const uint8_t pbes[] = { 0x30, 0x4a, 0x30, 0x29 };
	static const uint8_t cost[] = { 0x30, 0x1c, 0x04, SALT_LEN };
	static const uint8_t n_r_p[] = { 0x02, 0x02, 0x40, 0x00, 0x02, 0x01,
		0x08, 0x02, 0x01, 0x05, 0x30, 0x1d };
	static const uint8_t block[] = { 0x04, BLOCK };
	static const uint8_t text[] = { 0x04, 0x81, 0x90 };

	ss_bytes_add(b, head, sizeof(head));
	ss_bytes_add(b, oid_pbes2, sizeof(oid_pbes2));
	ss_bytes_add(b, pbes, sizeof(pbes));
	ss_bytes_add(b, oid_scrypt, sizeof(oid_scrypt));
	ss_bytes_add(b, cost, sizeof(cost));
	ss_bytes_add(b, salt, SALT_LEN);
	ss_bytes_add(b, n_r_p, sizeof(n_r_p));
	ss_bytes_add(b, oid_aes256_cbc, sizeof(oid_aes256_cbc));
	ss_bytes_add(b, block, sizeof(block));
	ss_bytes_add(b, iv, BLOCK);
	ss_bytes_add(b, text, sizeof(text));
	ss_bytes_add(b, sealed, len);
}

static int
put_pem(const struct ss_bytes *der, struct ss_bytes *pem)
{
	struct ss_bytes base64 = { 0 };
	size_t i;
	int r;

	ss_base64(&base64, der->data, der->len);
	if ((r = ss_bytes_check(&base64)) != 0)
		return r;
	ss_bytes_adds(pem, PEM_BEGIN "\n");
	for (i = 0; i < base64.len; i += PEM_LINE) {
		ss_bytes_add(pem, base64.data + i, base64.len - i < PEM_LINE ?
		    base64.len - i : PEM_LINE);
		ss_bytes_addc(pem, '\n');
	}
	ss_bytes_adds(pem, PEM_END "\n");
	ss_bytes_free(&base64);
	return ss_bytes_check(pem);
}

int
ss_private_write(const struct ss_private *private, const char *passphrase,
    struct ss_bytes *pem)
{
	uint8_t salt[SALT_LEN], iv[BLOCK], sealed[256];
	struct ss_bytes der = { 0 };
	struct plain *plain;
	void *pages;
	size_t len;
	int r;

	if ((r = ss_secret_new(&pages, sizeof(*plain))) != 0)
		return r;
	plain = pages;
	len = put_plain(private, plain->text);
	if ((r = ss_random(salt, sizeof(salt))) == 0 &&
	    (r = ss_random(iv, sizeof(iv))) == 0 &&
	    (r = ss_scrypt(&new_cost, passphrase, salt, sizeof(salt),
	    plain->key)) == 0 &&
	    (r = run_cipher(plain->key, iv, true, plain->text, sealed,
	    &len)) == 0) {
		put_envelope(&der, salt, iv, sealed, len);
		if ((r = ss_bytes_check(&der)) == 0)
			r = put_pem(&der, pem);
	}
	ss_secret_free(pages, sizeof(*plain));
	ss_bytes_free(&der);
	ss_private_wipe_stack();
	return r;
}
