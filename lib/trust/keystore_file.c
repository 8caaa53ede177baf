/* file:PATH, a store of keys sealed under a passphrase: ss-keys(5). */
#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/bytes.h"
#include "base/err.h"
#include "base/files.h"
#include "base/json.h"
#include "base/text.h"
#include "trust/keystore_own.h"

#define FORMAT "sscard keys"
#define VERSION 1
#define SALT_LEN 16
#define FILE_MAX (256u << 10)

/* A row of the sealed text. */
enum {
	ROW_REGION = 0,		/* 6 ASCII digits */
	ROW_KEY = 6,		/* enum ss_card_key */
	ROW_VERSION,
	ROW_CIPHER,		/* as in a card's FCI */
	ROW_TEST,		/* 0 or 1 */
	ROW_VALUE,
	ROW_LEN = ROW_VALUE + SS_KEY_LEN,
	ROW_3DES = 1,
	ROW_SM4 = 3,
};

struct file_store {
	struct ss_vault vault;
	char *path;
	int lock;		/* -1: none is held */
	struct ss_scrypt_cost cost;
};

/* What is to be read before there is a passphrase. */
struct header {
	struct ss_scrypt_cost cost;
	uint8_t salt[SALT_LEN];
	uint8_t nonce[SS_AEAD_NONCE_LEN];
};

/* All of the file up to the sealed text; it is sealed with it. */
static void
put_header(struct ss_bytes *b, const struct header *h)
{
	char salt[2 * SALT_LEN + 1], nonce[2 * SS_AEAD_NONCE_LEN + 1];

	ss_hex(h->salt, sizeof(h->salt), salt);
	ss_hex(h->nonce, sizeof(h->nonce), nonce);
	ss_bytes_addf(b, "{\n  \"format\": \"" FORMAT "\",\n"
	    "  \"version\": %d,\n"
	    "  \"kdf\": \"scrypt\",\n"
	    "  \"n\": %" PRId64 ",\n  \"r\": %" PRId64 ",\n"
	    "  \"p\": %" PRId64 ",\n"
	    "  \"salt\": \"%s\",\n"
	    "  \"cipher\": \"aes-256-gcm\",\n"
	    "  \"nonce\": \"%s\",\n"
	    "  \"sealed\": \"", VERSION, h->cost.n, h->cost.r, h->cost.p, salt,
	    nonce);
}

static void
put_sealed(struct ss_bytes *b, const void *sealed, size_t len)
{
	ss_base64(b, sealed, len);
	ss_bytes_adds(b, "\"\n}\n");
}

static int
altered(const struct file_store *f)
{
	return ss_fail(SS_EAUTH, "%s: no key store, or one that was altered",
	    f->path);
}

static int
get_header(const struct file_store *f, const struct ss_value *root,
    struct header *h)
{
	const char *format = ss_value_string(ss_value_member(root, "format"));
	const char *salt = ss_value_string(ss_value_member(root, "salt"));
	const char *nonce = ss_value_string(ss_value_member(root, "nonce"));
	int64_t version = 0;

	memset(h, 0, sizeof(*h));
	if (format == NULL || strcmp(format, FORMAT) != 0 ||
	    !ss_value_int(ss_value_member(root, "version"), &version))
		return altered(f);
	if (version != VERSION)
		return ss_fail(SS_EINVALID, "%s: a key store of version %"
		    PRId64 ", which this sscard does not know", f->path,
		    version);
	if (!ss_value_int(ss_value_member(root, "n"), &h->cost.n) ||
	    !ss_value_int(ss_value_member(root, "r"), &h->cost.r) ||
	    !ss_value_int(ss_value_member(root, "p"), &h->cost.p) ||
	    salt == NULL || !ss_hex_read(salt, h->salt, sizeof(h->salt)) ||
	    nonce == NULL || !ss_hex_read(nonce, h->nonce, sizeof(h->nonce)) ||
	    ss_scrypt_check(&h->cost) != 0)
		return altered(f);
	return 0;
}

/*
 * Takes the file apart. It must be what would be written of its parts, to the
 * byte, so that there is nothing in it that is neither sealed nor looked at.
 * *head is how much of the text is header.
 */
static int
take_apart(const struct file_store *f, const struct ss_bytes *text,
    struct header *h, size_t *head, struct ss_bytes *sealed)
{
	struct ss_value *root = NULL;
	struct ss_bytes again = { 0 };
	const struct ss_value *value;
	int r;

	if (ss_json_parse(text->data, text->len, &root) != 0)
		return altered(f);
	value = ss_value_member(root, "sealed");
	if ((r = get_header(f, root, h)) != 0)
		goto out;
	if (ss_value_string(value) == NULL || ss_base64_read(sealed,
	    ss_value_string(value), ss_value_string_len(value)) != 0) {
		r = altered(f);
		goto out;
	}
	put_header(&again, h);
	*head = again.len;
	put_sealed(&again, sealed->data, sealed->len);
	if ((r = ss_bytes_check(&again)) == 0 && (again.len != text->len ||
	    memcmp(again.data, text->data, text->len) != 0))
		r = altered(f);
out:
	ss_bytes_free(&again);
	ss_json_free(root);
	return r;
}

static bool
get_row(const uint8_t *row, struct ss_master *m, uint8_t value[SS_KEY_LEN])
{
	*m = (struct ss_master){
		.key = (enum ss_card_key)row[ROW_KEY],
		.version = row[ROW_VERSION],
		.cipher = row[ROW_CIPHER] == ROW_SM4 ? SS_SM4 : SS_3DES,
		.test = row[ROW_TEST] != 0,
	};
	memcpy(m->region, row + ROW_REGION, sizeof(m->region) - 1);
	memcpy(value, row + ROW_VALUE, SS_KEY_LEN);
	return ss_is_digits(m->region, 6) && row[ROW_KEY] < SS_KEYS &&
	    m->version > 0 && row[ROW_TEST] <= 1 &&
	    (row[ROW_CIPHER] == ROW_SM4 || row[ROW_CIPHER] == ROW_3DES);
}

static void
put_row(const struct ss_master *m, const uint8_t value[SS_KEY_LEN],
    uint8_t *row)
{
	memcpy(row + ROW_REGION, m->region, 6);
	row[ROW_KEY] = (uint8_t)m->key;
	row[ROW_VERSION] = (uint8_t)m->version;
	row[ROW_CIPHER] = m->cipher == SS_SM4 ? ROW_SM4 : ROW_3DES;
	row[ROW_TEST] = m->test;
	memcpy(row + ROW_VALUE, value, SS_KEY_LEN);
}

static int
get_rows(struct ss_keystore *ks, const uint8_t *rows, size_t count)
{
	struct file_store *f = ks->own;
	struct ss_vault_pages *p = f->vault.pages;
	size_t i;

	for (i = 0; i < count; i++)
		if (!get_row(rows + i * ROW_LEN, &p->masters[i], p->values[i]))
			return altered(f);
	ks->count = count;
	return 0;
}

/* Opens what is sealed, on pages that are wiped. */
static int
open_rows(struct ss_keystore *ks, const struct header *h,
    const struct ss_bytes *text, size_t head, const struct ss_bytes *sealed)
{
	struct file_store *f = ks->own;
	struct ss_aead seal = { .header = text->data, .header_len = head };
	size_t len = sealed->len - SS_AEAD_TAG_LEN;
	void *rows = NULL;
	int r;

	if (sealed->len < SS_AEAD_TAG_LEN || len % ROW_LEN != 0 ||
	    len / ROW_LEN > SS_MASTERS_MAX)
		return altered(f);
	memcpy(seal.nonce, h->nonce, sizeof(seal.nonce));
	if ((r = ss_secret_new(&rows, sealed->len)) != 0 ||
	    (r = ss_scrypt(&h->cost, f->vault.pages->passphrase, h->salt,
	    sizeof(h->salt), seal.key)) != 0)
		goto out;
	r = ss_aead_open(&seal, (const uint8_t *)sealed->data, sealed->len,
	    rows);
	if (r == SS_EAUTH)
		r = ss_fail(SS_EAUTH, "%s: a wrong passphrase, or a store that "
		    "was altered", f->path);
	if (r == 0)
		r = get_rows(ks, rows, len / ROW_LEN);
out:
	ss_wipe(&seal, sizeof(seal));
	ss_secret_free(rows, sealed->len);
	return r;
}

static int
ask_passphrase(struct file_store *f, const struct ss_passphrase *ask)
{
	char *text = f->vault.pages->passphrase;
	int r;

	r = ask->ask(text, ask->ctx);
	text[SS_PASSPHRASE_MAX - 1] = '\0';
	if (r == 0 && *text == '\0')
		r = ss_fail(SS_EINVALID, "an empty passphrase");
	return r;
}

/* A store that is not there, or cannot be looked at. */
static int
fail_store(const struct file_store *f)
{
	if (errno == ENOENT || errno == ENOTDIR)
		return ss_fail(SS_EMISSING, "no key store %s; make one with "
		    "ss-key, or name another with --keys", f->path);
	return ss_fail_errno(f->path);
}

/* Keys that others may read are no secret; nor is it ours to mend that. */
static int
check_mode(const struct file_store *f)
{
	struct stat st;

	if (stat(f->path, &st) == -1)
		return fail_store(f);
	if (S_ISREG(st.st_mode) && (st.st_mode & 077) != 0)
		return ss_fail(SS_EAUTH, "%s: others may read or write this "
		    "key store; chmod 600 it", f->path);
	return 0;
}

static int
read_store(struct ss_keystore *ks, const struct ss_passphrase *ask)
{
	struct file_store *f = ks->own;
	struct ss_bytes text = { 0 }, sealed = { 0 };
	struct header h;
	size_t head = 0;
	int r;

	if ((r = check_mode(f)) == 0 &&
	    (r = ss_bytes_read_file(&text, f->path, f->path, FILE_MAX)) == 0 &&
	    (r = take_apart(f, &text, &h, &head, &sealed)) == 0 &&
	    (r = ask_passphrase(f, ask)) == 0) {
		f->cost = h.cost;
		r = open_rows(ks, &h, &text, head, &sealed);
	}
	ss_bytes_free(&text);
	ss_bytes_free(&sealed);
	return r;
}

/* A lock beside the store, since the store itself is replaced. */
static int
lock_store(struct file_store *f, bool make)
{
	struct flock lock = { .l_type = F_WRLCK, .l_whence = SEEK_SET };
	const int flags = O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW;
	struct ss_bytes name = { 0 };
	int r;

	ss_bytes_addf(&name, "%s.lock", f->path);
	if ((r = ss_bytes_check(&name)) != 0)
		return r;
	f->lock = open(name.data, flags, 0600);
	if (f->lock == -1 && errno == ENOENT && make &&
	    (r = ss_folders_make(name.data)) == 0)
		f->lock = open(name.data, flags, 0600);
	if (r == 0 && (f->lock == -1 || fcntl(f->lock, F_SETLKW, &lock) == -1))
		r = ss_fail_errno(name.data);
	ss_bytes_free(&name);
	return r;
}

/* A link to the store stays one: what it leads to is replaced. */
static int
follow(struct file_store *f)
{
	char *path = realpath(f->path, NULL);

	if (path == NULL)
		return errno == ENOENT || errno == ENOTDIR ? 0 :
		    ss_fail_errno(f->path);
	free(f->path);
	f->path = path;
	return 0;
}

static int
edit_store(struct ss_keystore *ks, const struct ss_passphrase *ask, bool *made)
{
	struct file_store *f = ks->own;
	int r;

	if ((r = follow(f)) != 0)
		return r;
	if (made == NULL && access(f->path, F_OK) == -1)
		return fail_store(f);
	if ((r = lock_store(f, made != NULL)) != 0)
		return r;
	if (made == NULL || access(f->path, F_OK) == 0 || errno != ENOENT)
		return read_store(ks, ask);
	*made = true;
	return ask_passphrase(f, ask);
}

static int
file_open(struct ss_keystore *ks, const char *rest,
    const struct ss_passphrase *ask, bool edit, bool *made)
{
	struct file_store *f;
	int r;

	if (*rest == '\0')
		return ss_fail(SS_EINVALID, "file: is followed by a path");
	if ((f = calloc(1, sizeof(*f))) == NULL)
		return ss_fail(SS_EMEMORY, "out of memory");
	ks->own = f;
	ks->vault = &f->vault;
	f->lock = -1;
	f->cost = (struct ss_scrypt_cost){ 1 << SS_KEYSTORE_COST, 8, 1 };
	if ((f->path = strdup(rest)) == NULL)
		return ss_fail(SS_EMEMORY, "out of memory");
	if ((r = ss_vault_open(&f->vault)) != 0)
		return r;
	ks->masters = f->vault.pages->masters;
	if (edit)
		return edit_store(ks, ask, made);
	r = read_store(ks, ask);
	ss_wipe(f->vault.pages->passphrase, SS_PASSPHRASE_MAX);
	return r;
}

static void
file_close(struct ss_keystore *ks)
{
	struct file_store *f = ks->own;

	if (f == NULL)
		return;
	ss_vault_close(&f->vault);
	if (f->lock != -1)
		close(f->lock);
	free(f->path);
	free(f);
}

static int
file_put(struct ss_keystore *ks, size_t i, const struct ss_master *master,
    const uint8_t value[SS_KEY_LEN])
{
	struct file_store *f = ks->own;
	struct ss_vault_pages *p = f->vault.pages;

	if (i >= SS_MASTERS_MAX)
		return ss_fail(SS_EINVALID, "%s: holds %d keys at most",
		    f->path, SS_MASTERS_MAX);
	ss_vault_forget(&f->vault);
	p->masters[i] = *master;
	p->masters[i].where = SS_IN_MEMORY;
	memcpy(p->values[i], value, SS_KEY_LEN);
	if (i == ks->count)
		ks->count++;
	return 0;
}

static int
file_rekey(struct ss_keystore *ks, const struct ss_passphrase *ask)
{
	return ask_passphrase(ks->own, ask);
}

static int
file_cost(struct ss_keystore *ks, int log2n)
{
	struct file_store *f = ks->own;

	if (log2n < 10 || log2n > 19)
		return ss_fail(SS_EINVALID, "a cost is from 10 to 19");
	f->cost = (struct ss_scrypt_cost){ INT64_C(1) << log2n, 8, 1 };
	return 0;
}

/* The whole file; salt and nonce are new each time, and so is the key. */
static int
seal_rows(const struct file_store *f, const uint8_t *rows, size_t len,
    struct ss_bytes *text)
{
	struct header h = { .cost = f->cost };
	struct ss_aead seal = { .header = NULL };
	struct ss_bytes sealed = { 0 };
	char *room;
	int r;

	if ((r = ss_random(h.salt, sizeof(h.salt))) != 0 ||
	    (r = ss_random(h.nonce, sizeof(h.nonce))) != 0)
		return r;
	put_header(text, &h);
	room = ss_bytes_room(&sealed, len + SS_AEAD_TAG_LEN);
	if ((r = ss_bytes_check(text)) != 0 ||
	    (r = ss_bytes_check(&sealed)) != 0)
		goto out;
	seal.header = text->data;
	seal.header_len = text->len;
	memcpy(seal.nonce, h.nonce, sizeof(seal.nonce));
	if ((r = ss_scrypt(&h.cost, f->vault.pages->passphrase, h.salt,
	    sizeof(h.salt), seal.key)) != 0 ||
	    (r = ss_aead_seal(&seal, rows, len, (uint8_t *)room)) != 0)
		goto out;
	put_sealed(text, room, len + SS_AEAD_TAG_LEN);
	r = ss_bytes_check(text);
out:
	ss_wipe(&seal, sizeof(seal));
	ss_bytes_free(&sealed);
	return r;
}

static int
file_save(struct ss_keystore *ks)
{
	struct file_store *f = ks->own;
	struct ss_vault_pages *p = f->vault.pages;
	const size_t len = ks->count * ROW_LEN;
	struct ss_bytes text = { 0 };
	void *rows;
	size_t i;
	int r;

	if ((r = ss_secret_new(&rows, len + 1)) != 0)
		return r;
	for (i = 0; i < ks->count; i++)
		put_row(&p->masters[i], p->values[i],
		    (uint8_t *)rows + i * ROW_LEN);
	if ((r = seal_rows(f, rows, len, &text)) == 0)
		r = ss_file_write(f->path, text.data, text.len, true);
	ss_secret_free(rows, len + 1);
	ss_bytes_free(&text);
	return r;
}

const struct ss_keystore_kind ss_keystore_file = {
	.prefix = "file:",
	.secret = "passphrase",
	.makes = true,
	.open = file_open,
	.close = file_close,
	.auth = ss_vault_auth,
	.order = ss_vault_order,
	.kcv = ss_vault_kcv,
	.put = file_put,
	.rekey = file_rekey,
	.cost = file_cost,
	.save = file_save,
};
