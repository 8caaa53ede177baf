/* file:PATH, an operator's key as encrypted PKCS#8. */
#include <sys/stat.h>

#include <errno.h>
#include <unistd.h>

#include "base/err.h"
#include "base/files.h"
#include "trust/signer_own.h"

#define FILE_MAX (16u << 10)

static int
check_path(const char *path)
{
	return *path != '\0' ? 0 : ss_fail(SS_EINVALID,
	    "file: is followed by a path");
}

/* A key that others may read is no secret; nor is it ours to mend that. */
static int
check_mode(const char *path)
{
	struct stat st;

	if (stat(path, &st) == -1)
		return errno == ENOENT || errno == ENOTDIR ?
		    ss_fail(SS_EMISSING, "no key %s; make one with ss-key "
		    "operator new, or name another with --operator", path) :
		    ss_fail_errno(path);
	if (S_ISREG(st.st_mode) && (st.st_mode & 077) != 0)
		return ss_fail(SS_EAUTH, "%s: others may read or write this "
		    "private key; chmod 600 it", path);
	return 0;
}

/* The passphrase, on pages of its own. */
static int
ask_passphrase(const struct ss_passphrase *ask, void **out)
{
	char *text;
	int r;

	if ((r = ss_secret_new(out, SS_PASSPHRASE_MAX)) != 0)
		return r;
	text = *out;
	r = ask->ask(text, ask->ctx);
	text[SS_PASSPHRASE_MAX - 1] = '\0';
	if (r == 0 && *text == '\0')
		r = ss_fail(SS_EINVALID, "an empty passphrase");
	return r;
}

/* A private key with its public half. */
static int
take(struct ss_signer *s, struct ss_private *private)
{
	s->own = private;
	return ss_private_public(private, &s->public);
}

static int
file_open(struct ss_signer *s, const char *path,
    const struct ss_passphrase *ask)
{
	struct ss_private *private = NULL;
	struct ss_bytes pem = { 0 };
	void *passphrase = NULL;
	int r;

	if ((r = check_path(path)) != 0 || (r = check_mode(path)) != 0 ||
	    (r = ss_bytes_read_file(&pem, path, path, FILE_MAX)) != 0)
		goto out;
	/* What is no key needs no passphrase to say so. */
	if ((r = ss_private_look(pem.data, pem.len)) != 0) {
		r = ss_fail_in(r, "%s", path);
		goto out;
	}
	if ((r = ask_passphrase(ask, &passphrase)) != 0)
		goto out;
	if ((r = ss_private_read(&private, pem.data, pem.len,
	    passphrase)) != 0)
		r = ss_fail_in(r, "%s", path);
	else
		r = take(s, private);
out:
	ss_secret_free(passphrase, SS_PASSPHRASE_MAX);
	/* One that is not encrypted is a secret too. */
	if (pem.data != NULL)
		ss_wipe(pem.data, pem.len);
	ss_bytes_free(&pem);
	return r;
}

static int
absent(const char *path)
{
	if (access(path, F_OK) == -1 && errno == ENOENT)
		return 0;
	return ss_fail(SS_EEXISTS, "%s: is there already; a key is not "
	    "replaced", path);
}

static int
file_make(struct ss_signer *s, const char *path, enum ss_algorithm algorithm,
    const struct ss_passphrase *ask)
{
	struct ss_private *private = NULL;
	struct ss_bytes pem = { 0 };
	void *passphrase = NULL;
	int r;

	if ((r = check_path(path)) == 0 && (r = absent(path)) == 0 &&
	    (r = ask_passphrase(ask, &passphrase)) == 0 &&
	    (r = ss_private_new(&private, algorithm)) == 0 &&
	    (r = take(s, private)) == 0 &&
	    (r = ss_private_write(private, passphrase, &pem)) == 0)
		r = ss_file_make(path, pem.data, pem.len, 0600);
	ss_secret_free(passphrase, SS_PASSPHRASE_MAX);
	ss_bytes_free(&pem);
	return r;
}

static void
file_close(struct ss_signer *s)
{
	ss_private_free(s->own);
}

static int
file_sign(struct ss_signer *s, const void *text, size_t len,
    uint8_t sig[SS_SIGNATURE_MAX], size_t *sig_len)
{
	return ss_private_sign(s->own, text, len, sig, sig_len);
}

const struct ss_signer_kind ss_signer_file = {
	.prefix = "file:",
	.open = file_open,
	.make = file_make,
	.close = file_close,
	.sign = file_sign,
};
