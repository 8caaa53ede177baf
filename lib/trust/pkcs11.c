/* The home of p11-kit's header: a module, a token, what is done in it. */
#include <sys/stat.h>

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <p11-kit/pkcs11.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/bytes.h"
#include "base/err.h"
#include "base/text.h"
#include "trust/pkcs11_own.h"

/* What stands in for all modules that the machine's owner configured. */
#define PROXY "p11-kit-proxy.so"
#define PROXY_ITSELF "libp11-kit.so.0"
#define SLOTS_MAX 256

/* What the operator can do about it. The sentence follows the subject. */
static const struct failure {
	CK_RV rv;
	int code;
	const char *text;
} failures[] = {
	{ CKR_PIN_INCORRECT, SS_EAUTH, "a wrong PIN" },
	{ CKR_PIN_INVALID, SS_EAUTH, "no PIN that it takes" },
	{ CKR_PIN_LEN_RANGE, SS_EAUTH, "a PIN too short or too long for it" },
	{ CKR_PIN_EXPIRED, SS_EAUTH, "the PIN has expired" },
	{ CKR_PIN_LOCKED, SS_EBLOCKED, "the PIN is locked; its security "
	    "officer can set another one" },
	{ CKR_USER_NOT_LOGGED_IN, SS_EAUTH, "it wants to be logged in to" },
	{ CKR_USER_PIN_NOT_INITIALIZED, SS_EMISSING, "it has no user's PIN "
	    "yet; its security officer sets the first" },
	{ CKR_HOST_MEMORY, SS_EMEMORY, "out of memory" },
	{ CKR_DEVICE_MEMORY, SS_ECRYPTO, "it is full" },
	{ CKR_TOKEN_WRITE_PROTECTED, SS_EIO, "it is write-protected" },
	{ CKR_DEVICE_REMOVED, SS_ECRYPTO, "it was taken out" },
	{ CKR_TOKEN_NOT_PRESENT, SS_ECRYPTO, "it was taken out" },
	{ CKR_SESSION_HANDLE_INVALID, SS_ECRYPTO, "its session has ended" },
	{ CKR_SESSION_CLOSED, SS_ECRYPTO, "its session has ended" },
	{ CKR_CRYPTOKI_NOT_INITIALIZED, SS_ECRYPTO, "its session has ended" },
	{ CKR_MECHANISM_INVALID, SS_EINVALID, "it has no such mechanism" },
	{ CKR_MECHANISM_PARAM_INVALID, SS_EINVALID, "it has no such "
	    "mechanism" },
	{ CKR_FUNCTION_NOT_SUPPORTED, SS_EINVALID, "it has no such function" },
	{ CKR_KEY_TYPE_INCONSISTENT, SS_EINVALID, "the key is of another "
	    "kind" },
	{ CKR_KEY_FUNCTION_NOT_PERMITTED, SS_EINVALID, "the key is not for "
	    "that" },
	{ CKR_TEMPLATE_INCONSISTENT, SS_EINVALID, "it takes no such key" },
	{ CKR_TEMPLATE_INCOMPLETE, SS_EINVALID, "it takes no such key" },
	{ CKR_ATTRIBUTE_TYPE_INVALID, SS_EINVALID, "it takes no such key" },
	{ CKR_ATTRIBUTE_VALUE_INVALID, SS_EINVALID, "it takes no such key" },
	{ CKR_ATTRIBUTE_SENSITIVE, SS_EINVALID, "the key cannot be read" },
	{ CKR_CURVE_NOT_SUPPORTED, SS_EINVALID, "it has not that curve" },
};

int
ss_token_fail(const struct ss_token *t, const char *what, unsigned long rv)
{
	const char *comma = *what != '\0' ? ": " : "";
	size_t i;

	for (i = 0; i < sizeof(failures) / sizeof(failures[0]); i++)
		if (failures[i].rv == rv)
			return ss_fail(failures[i].code, "%s: %s%s%s", t->name,
			    what, comma, failures[i].text);
	return ss_fail(SS_ECRYPTO, "%s: %s%sit failed, CKR %#lx", t->name,
	    what, comma, rv);
}

const char *
ss_token_name(const struct ss_token *t)
{
	return t->name;
}

static int
no_module(const char *name)
{
	return ss_fail(SS_EMISSING, "no PKCS#11 module %s; name another with "
	    "module-path in the URI, as in pkcs11:token=NAME?module-path="
	    "/PATH/OF/MODULE.so", name);
}

/* A module stays loaded: what it uses may have handlers at exit. */
static void *
load_named(const char *before, const char *name, const char *behind)
{
	char file[SS_P11_PATH_MAX + 16];

	snprintf(file, sizeof(file), "%s%s%s", before, name, behind);
	return dlopen(file, RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);
}

static int
load(struct ss_token *t, const struct ss_p11_uri *uri)
{
	const char *name = *uri->module_path != '\0' ? uri->module_path :
	    *uri->module_name != '\0' ? uri->module_name : PROXY;
	CK_C_GetFunctionList get;
	void *symbol;

	if (*uri->module_name != '\0') {
		if ((t->module = load_named("lib", name, ".so")) == NULL)
			t->module = load_named("", name, ".so");
	} else if ((t->module = load_named("", name, "")) == NULL &&
	    name != uri->module_path)
		t->module = load_named("", PROXY_ITSELF, "");
	if (t->module == NULL)
		return no_module(name);
	if ((symbol = dlsym(t->module, "C_GetFunctionList")) == NULL)
		return ss_fail(SS_EMISSING, "%s is no PKCS#11 module", name);
	memcpy(&get, &symbol, sizeof(get));
	if (get(&t->f) != CKR_OK || t->f == NULL)
		return ss_fail(SS_ECRYPTO, "%s: the module does not begin",
		    name);
	return 0;
}

/* Somebody in this process may have begun with it already. */
static int
initialize(struct ss_token *t)
{
	CK_C_INITIALIZE_ARGS args = { .flags = CKF_OS_LOCKING_OK };
	CK_RV rv = t->f->C_Initialize(&args);

	t->begun = rv == CKR_OK || rv == CKR_CRYPTOKI_ALREADY_INITIALIZED;
	return t->begun ? 0 : ss_token_fail(t, "the PKCS#11 module", rv);
}

/* Whether a text of the URI is that of a field, blanks behind it. */
static bool
fits(const char *want, const unsigned char *field, size_t size)
{
	const size_t n = strlen(want);
	size_t i;

	if (n == 0)
		return true;
	if (n > size || memcmp(want, field, n) != 0)
		return false;
	for (i = n; i < size; i++)
		if (field[i] != ' ' && field[i] != '\0')
			return false;
	return true;
}

#define FITS(want, field) fits(want, field, sizeof(field))

static bool
slot_fits(const struct ss_token *t, const struct ss_p11_uri *uri,
    CK_SLOT_ID slot)
{
	CK_SLOT_INFO info;
	char number[24];

	snprintf(number, sizeof(number), "%lu", slot);
	if (*uri->slot_id != '\0' && strcmp(uri->slot_id, number) != 0)
		return false;
	if (*uri->slot_description == '\0' && *uri->slot_manufacturer == '\0')
		return true;
	return t->f->C_GetSlotInfo(slot, &info) == CKR_OK &&
	    FITS(uri->slot_description, info.slotDescription) &&
	    FITS(uri->slot_manufacturer, info.manufacturerID);
}

/* The words of a token, which may be any bytes. */
static void
add_field(struct ss_bytes *b, const unsigned char *field, size_t size)
{
	const size_t from = b->len;

	while (size > 0 && (field[size - 1] == ' ' || field[size - 1] == '\0'))
		size--;
	if (!ss_utf8_valid((const char *)field, size) ||
	    memchr(field, '\0', size) != NULL)
		ss_bytes_adds(b, "?");
	else
		ss_bytes_add(b, field, size);
	ss_text_clean(b, from);
}

static void
add_token(struct ss_bytes *list, const CK_TOKEN_INFO *info)
{
	ss_bytes_adds(list, list->len > 0 ? ", \"" : "\"");
	add_field(list, info->label, sizeof(info->label));
	ss_bytes_adds(list, "\" (serial ");
	add_field(list, info->serialNumber, sizeof(info->serialNumber));
	ss_bytes_adds(list, ")");
}

/* Which tokens there are, and which the URI means. */
struct choice {
	size_t found;
	CK_SLOT_ID slot;
	CK_TOKEN_INFO info;
	struct ss_bytes all, meant;
};

static int
look_through(struct ss_token *t, const struct ss_p11_uri *uri,
    struct choice *c)
{
	CK_SLOT_ID slots[SLOTS_MAX];
	CK_ULONG i, count = SLOTS_MAX;
	CK_TOKEN_INFO info;
	CK_RV rv = t->f->C_GetSlotList(CK_TRUE, slots, &count);

	if (rv != CKR_OK || count > SLOTS_MAX)
		return ss_token_fail(t, "its slots", rv);
	for (i = 0; i < count; i++) {
		if (t->f->C_GetTokenInfo(slots[i], &info) != CKR_OK ||
		    !(info.flags & CKF_TOKEN_INITIALIZED))
			continue;
		add_token(&c->all, &info);
		if (!FITS(uri->token, info.label) ||
		    !FITS(uri->manufacturer, info.manufacturerID) ||
		    !FITS(uri->model, info.model) ||
		    !FITS(uri->serial, info.serialNumber) ||
		    !slot_fits(t, uri, slots[i]))
			continue;
		add_token(&c->meant, &info);
		c->found++;
		c->slot = slots[i];
		c->info = info;
	}
	return 0;
}

static int
choose(struct ss_token *t, const struct ss_p11_uri *uri)
{
	struct ss_bytes name = { 0 };
	struct choice c = { 0 };
	int r = look_through(t, uri, &c);

	if (r == 0 && ((r = ss_bytes_check(&c.all)) != 0 ||
	    (r = ss_bytes_check(&c.meant)) != 0))
		goto out;
	if (r == 0 && c.found == 0)
		r = ss_fail(SS_EMISSING, "no such token is there; %s%s",
		    c.all.len > 0 ? "there is " : "the module has none",
		    c.all.len > 0 ? c.all.data : "");
	if (r == 0 && c.found > 1)
		r = ss_fail(SS_EINVALID, "several tokens are meant, %s; add "
		    "serial to the URI", c.meant.data);
	if (r != 0)
		goto out;
	t->slot = c.slot;
	t->flags = c.info.flags;
	ss_bytes_adds(&name, "token \"");
	add_field(&name, c.info.label, sizeof(c.info.label));
	ss_bytes_adds(&name, "\"");
	if ((r = ss_bytes_check(&name)) == 0)
		snprintf(t->name, sizeof(t->name), "%s", name.data);
out:
	ss_bytes_free(&name);
	ss_bytes_free(&c.all);
	ss_bytes_free(&c.meant);
	return r;
}

/* The first line of a file that is its owner's alone. */
static int
read_pin(const char *path, char pin[SS_PASSPHRASE_MAX])
{
	struct stat st;
	ssize_t got = 0;
	size_t n = 0;
	int r = 0, fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd == -1 || fstat(fd, &st) == -1)
		r = ss_fail_errno(path);
	else if (S_ISREG(st.st_mode) && (st.st_mode & 077) != 0)
		r = ss_fail(SS_EAUTH, "%s: others may read or write this PIN; "
		    "chmod 600 it", path);
	while (r == 0 && n < SS_PASSPHRASE_MAX - 1 &&
	    (got = read(fd, pin + n, SS_PASSPHRASE_MAX - 1 - n)) != 0) {
		if (got > 0)
			n += (size_t)got;
		else if (errno != EINTR)
			r = ss_fail_errno(path);
	}
	pin[r == 0 ? n : 0] = '\0';
	pin[strcspn(pin, "\r\n")] = '\0';
	if (r == 0 && *pin == '\0')
		r = ss_fail(SS_EINVALID, "%s: its first line is empty", path);
	if (fd != -1)
		close(fd);
	return r;
}

static int
ask_pin(const struct ss_token_open *how)
{
	int r;

	if (*how->uri->pin_source != '\0')
		return read_pin(how->uri->pin_source, how->pin);
	r = how->ask->ask(how->pin, how->ask->ctx);
	how->pin[SS_PASSPHRASE_MAX - 1] = '\0';
	if (r == 0 && *how->pin == '\0')
		r = ss_fail(SS_EINVALID, "an empty PIN");
	return r;
}

/* A wrong PIN, and how near it is to being locked. */
static int
not_logged_in(struct ss_token *t, CK_RV rv)
{
	CK_TOKEN_INFO info = { .flags = 0 };

	if (rv != CKR_PIN_INCORRECT ||
	    t->f->C_GetTokenInfo(t->slot, &info) != CKR_OK)
		return ss_token_fail(t, "", rv);
	if (info.flags & CKF_USER_PIN_LOCKED)
		return ss_token_fail(t, "", CKR_PIN_LOCKED);
	return ss_fail(SS_EAUTH, "%s: a wrong PIN%s", t->name,
	    info.flags & CKF_USER_PIN_FINAL_TRY ?
	    "; the next wrong one locks it" : "");
}

static int
log_in(struct ss_token *t, const struct ss_token_open *how)
{
	const bool pad = (t->flags & CKF_PROTECTED_AUTHENTICATION_PATH) != 0;
	CK_SESSION_INFO info;
	CK_RV rv;
	int r;

	if (!(t->flags & CKF_LOGIN_REQUIRED))
		return 0;
	/* A session of this process may have logged in. */
	if ((rv = t->f->C_GetSessionInfo(t->session, &info)) != CKR_OK)
		return ss_token_fail(t, "", rv);
	if (info.state == CKS_RO_USER_FUNCTIONS ||
	    info.state == CKS_RW_USER_FUNCTIONS)
		return 0;
	if (!(t->flags & CKF_USER_PIN_INITIALIZED))
		return ss_token_fail(t, "", CKR_USER_PIN_NOT_INITIALIZED);
	if (t->flags & CKF_USER_PIN_LOCKED)
		return ss_token_fail(t, "", CKR_PIN_LOCKED);
	if (!pad && (r = ask_pin(how)) != 0)
		return r;
	rv = t->f->C_Login(t->session, CKU_USER, pad ? NULL :
	    (unsigned char *)how->pin, pad ? 0 : strlen(how->pin));
	return rv == CKR_OK || rv == CKR_USER_ALREADY_LOGGED_IN ? 0 :
	    not_logged_in(t, rv);
}

int
ss_token_open(struct ss_token **out, const struct ss_token_open *how)
{
	struct ss_token *t;
	CK_RV rv;
	int r;

	*out = NULL;
	if ((t = calloc(1, sizeof(*t))) == NULL)
		return ss_fail(SS_EMEMORY, "out of memory");
	strcpy(t->name, "PKCS#11");
	if ((r = load(t, how->uri)) != 0 || (r = initialize(t)) != 0 ||
	    (r = choose(t, how->uri)) != 0)
		goto out;
	rv = t->f->C_OpenSession(t->slot, CKF_SERIAL_SESSION |
	    (how->change ? CKF_RW_SESSION : 0), NULL, NULL, &t->session);
	t->open = rv == CKR_OK;
	r = t->open ? log_in(t, how) : ss_token_fail(t, "", rv);
out:
	if (r != 0) {
		ss_wipe(how->pin, SS_PASSPHRASE_MAX);
		ss_token_close(t);
		t = NULL;
	}
	*out = t;
	return r;
}

/* Whether nobody in this process uses the module, as far as it says. */
static bool
is_idle(const struct ss_token *t)
{
	CK_SLOT_ID slots[SLOTS_MAX];
	CK_ULONG i, count = SLOTS_MAX;
	CK_TOKEN_INFO info;

	if (t->f->C_GetSlotList(CK_TRUE, slots, &count) != CKR_OK ||
	    count > SLOTS_MAX)
		return false;
	for (i = 0; i < count; i++)
		if (t->f->C_GetTokenInfo(slots[i], &info) == CKR_OK &&
		    (info.flags & CKF_TOKEN_INITIALIZED) &&
		    info.ulSessionCount != 0)
			return false;
	return true;
}

/* The last session that is closed is a logout. */
void
ss_token_close(struct ss_token *t)
{
	if (t == NULL)
		return;
	if (t->open)
		t->f->C_CloseSession(t->session);
	if (t->begun && is_idle(t))
		t->f->C_Finalize(NULL);
	if (t->module != NULL)
		dlclose(t->module);
	free(t);
}

static bool
has(const struct ss_token *t, CK_MECHANISM_TYPE type, CK_FLAGS flags)
{
	CK_MECHANISM_INFO info;

	return t->f->C_GetMechanismInfo(t->slot, type, &info) == CKR_OK &&
	    (info.flags & flags) == flags;
}

bool
ss_token_can(const struct ss_token *t, enum ss_token_skill skill)
{
	if (skill == SS_TOKEN_3DES)
		return has(t, CKM_DES3_ECB_ENCRYPT_DATA, CKF_DERIVE) &&
		    has(t, CKM_DES3_ECB, CKF_ENCRYPT) &&
		    has(t, CKM_DES3_CBC, CKF_ENCRYPT);
	return has(t, CKM_ECDSA, CKF_SIGN) &&
	    has(t, CKM_EC_KEY_PAIR_GEN, CKF_GENERATE_KEY_PAIR);
}

int
ss_token_set_pin(struct ss_token *t, const char *old, const char *fresh)
{
	CK_RV rv = t->f->C_SetPIN(t->session, (unsigned char *)old,
	    strlen(old), (unsigned char *)fresh, strlen(fresh));

	return rv == CKR_OK ? 0 : ss_token_fail(t, "the new PIN", rv);
}
