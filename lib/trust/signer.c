#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "trust/signer_own.h"

static const struct ss_signer_kind *const kinds[] = { &ss_signer_file,
	&ss_signer_pkcs11 };

static const struct ss_signer_kind *
kind_of(const char *uri)
{
	size_t i;

	for (i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (strncmp(uri, kinds[i]->prefix,
		    strlen(kinds[i]->prefix)) == 0)
			return kinds[i];
	return NULL;
}

bool
ss_signer_is(const char *uri)
{
	return kind_of(uri) != NULL;
}

/* A signer without a key; *rest is the URI behind its prefix. */
static struct ss_signer *
begin(const char *uri, const char **rest)
{
	const struct ss_signer_kind *kind = kind_of(uri);
	struct ss_signer *s;

	if (kind == NULL) {
		ss_fail(SS_EINVALID, "an operator's key is file:PATH or "
		    "pkcs11:...; this is neither");
		return NULL;
	}
	if ((s = calloc(1, sizeof(*s))) == NULL) {
		ss_fail(SS_EMEMORY, "out of memory");
		return NULL;
	}
	pthread_mutex_init(&s->lock, NULL);
	s->kind = kind;
	*rest = uri + strlen(kind->prefix);
	return s;
}

/* Names the key that a kind has found or made; else there is no signer. */
static int
end(struct ss_signer **out, struct ss_signer *s, int r)
{
	uint8_t spki[SS_SPKI_MAX];
	struct ss_sm3 *sm3 = NULL;
	size_t len;

	if (r == 0 && (r = ss_public_write(s->public, spki, &len)) == 0 &&
	    (r = ss_sm3_new(&sm3)) == 0)
		r = ss_sm3_hex(sm3, spki, len, s->key);
	ss_sm3_free(sm3);
	if (r != 0)
		ss_signer_close(s);
	else
		*out = s;
	return r;
}

int
ss_signer_open(struct ss_signer **out, const char *uri,
    const struct ss_passphrase *ask)
{
	struct ss_signer *s;
	const char *rest;

	*out = NULL;
	if ((s = begin(uri, &rest)) == NULL)
		return ss_last_code();
	return end(out, s, s->kind->open(s, rest, ask));
}

int
ss_signer_make(struct ss_signer **out, const char *uri,
    enum ss_algorithm algorithm, const struct ss_passphrase *ask)
{
	struct ss_signer *s;
	const char *rest;

	*out = NULL;
	if ((s = begin(uri, &rest)) == NULL)
		return ss_last_code();
	return end(out, s, s->kind->make(s, rest, algorithm, ask));
}

void
ss_signer_close(struct ss_signer *s)
{
	if (s == NULL)
		return;
	s->kind->close(s);
	ss_public_free(s->public);
	pthread_mutex_destroy(&s->lock);
	free(s);
}

const struct ss_public *
ss_signer_public(const struct ss_signer *s)
{
	return s->public;
}

const char *
ss_signer_key(const struct ss_signer *s)
{
	return s->key;
}

int
ss_signer_sign(struct ss_signer *s, const void *text, size_t len,
    uint8_t sig[SS_SIGNATURE_MAX], size_t *sig_len)
{
	int r;

	*sig_len = 0;
	pthread_mutex_lock(&s->lock);
	r = s->kind->sign(s, text, len, sig, sig_len);
	pthread_mutex_unlock(&s->lock);
	return r;
}
