/*
 * A PKCS#11 module that passes on to SoftHSM's, and is bad on demand:
 *
 *   TOKEN_FAULT="CALL N RV"	the N-th call of that name, of all with "any",
 *				fails with RV (hexadecimal), nothing being done;
 *				RV "kill": the process is killed instead
 *   TOKEN_LACKS="TYPE"		it has not this mechanism (hexadecimal)
 *   TOKEN_FLAGS="FLAGS"	its tokens have these flags too (hexadecimal)
 *   TOKEN_LIES=1		lengths that it gives are not true
 *   TOKEN_LOG=FILE		gets the name of each call
 */
#include <dlfcn.h>
#include <fcntl.h>
#include <p11-kit/pkcs11.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define SOFTHSM "/usr/lib/softhsm/libsofthsm2.so"

static CK_FUNCTION_LIST *real, here;
static unsigned long calls;

static unsigned long
number_of(const char *name)
{
	const char *text = getenv(name);

	return text != NULL ? strtoul(text, NULL, 16) : 0;
}

static CK_RV
fault(const char *name)
{
	const char *log = getenv("TOKEN_LOG"), *text = getenv("TOKEN_FAULT");
	char only[64], rv[16];
	unsigned long n;
	int fd;

	if (log != NULL && (fd = open(log, O_WRONLY | O_CREAT | O_APPEND,
	    0600)) != -1) {
		dprintf(fd, "%s\n", name);
		close(fd);
	}
	if (text == NULL || sscanf(text, "%63s %lu %15s", only, &n, rv) != 3 ||
	    (strcmp(only, "any") != 0 && strcmp(only, name) != 0) ||
	    ++calls != n)
		return CKR_OK;
	if (strcmp(rv, "kill") == 0)
		kill(getpid(), SIGKILL);
	return strtoul(rv, NULL, 16);
}

#define PASS_ON(name, parameters, arguments) \
static CK_RV \
pass_##name parameters \
{ \
	CK_RV rv = fault(#name); \
\
	return rv != CKR_OK ? rv : real->name arguments; \
}

#define S CK_SESSION_HANDLE s
#define A CK_ATTRIBUTE *a, CK_ULONG n
#define M CK_MECHANISM *m
#define O CK_OBJECT_HANDLE o
#define B(x) CK_BYTE *x, CK_ULONG x##_len

PASS_ON(C_Initialize, (void *args), (args))
PASS_ON(C_GetSlotList, (CK_BBOOL t, CK_SLOT_ID *l, CK_ULONG *n), (t, l, n))
PASS_ON(C_GetSlotInfo, (CK_SLOT_ID l, CK_SLOT_INFO *i), (l, i))
PASS_ON(C_OpenSession, (CK_SLOT_ID l, CK_FLAGS f, void *x, CK_NOTIFY c,
    CK_SESSION_HANDLE *s), (l, f, x, c, s))
PASS_ON(C_GetSessionInfo, (S, CK_SESSION_INFO *i), (s, i))
PASS_ON(C_Login, (S, CK_USER_TYPE u, B(p)), (s, u, p, p_len))
PASS_ON(C_SetPIN, (S, B(p), B(q)), (s, p, p_len, q, q_len))
PASS_ON(C_CreateObject, (S, A, CK_OBJECT_HANDLE *o), (s, a, n, o))
PASS_ON(C_DestroyObject, (S, O), (s, o))
PASS_ON(C_FindObjectsInit, (S, A), (s, a, n))
PASS_ON(C_FindObjects, (S, CK_OBJECT_HANDLE *o, CK_ULONG n, CK_ULONG *g),
    (s, o, n, g))
PASS_ON(C_EncryptInit, (S, M, O), (s, m, o))
PASS_ON(C_SignInit, (S, M, O), (s, m, o))
PASS_ON(C_DeriveKey, (S, M, O, A, CK_OBJECT_HANDLE *k), (s, m, o, a, n, k))
PASS_ON(C_GenerateKeyPair, (S, M, A, CK_ATTRIBUTE *b, CK_ULONG k,
    CK_OBJECT_HANDLE *x, CK_OBJECT_HANDLE *y), (s, m, a, n, b, k, x, y))
PASS_ON(C_GetAttributeValue, (S, O, A), (s, o, a, n))
PASS_ON(C_Encrypt, (S, B(in), CK_BYTE *out, CK_ULONG *n), (s, in, in_len, out,
    n))
PASS_ON(C_Sign, (S, B(in), CK_BYTE *out, CK_ULONG *n), (s, in, in_len, out,
    n))

static bool
lies(void)
{
	return getenv("TOKEN_LIES") != NULL;
}

static CK_RV
lie_attributes(S, O, A)
{
	CK_RV rv = pass_C_GetAttributeValue(s, o, a, n);
	CK_ULONG i;

	for (i = 0; lies() && i < n; i++)
		if (a[i].type != CKA_KEY_TYPE && a[i].type != CKA_LABEL)
			a[i].ulValueLen = 1 << 30;
	return rv;
}

static CK_RV
lie_encrypt(S, B(in), CK_BYTE *out, CK_ULONG *n)
{
	CK_RV rv = pass_C_Encrypt(s, in, in_len, out, n);

	if (lies())
		*n = 1 << 30;
	return rv;
}

static CK_RV
lie_sign(S, B(in), CK_BYTE *out, CK_ULONG *n)
{
	CK_RV rv = pass_C_Sign(s, in, in_len, out, n);

	if (lies())
		*n = 1 << 30;
	return rv;
}

static CK_RV
flagged(CK_SLOT_ID slot, CK_TOKEN_INFO *info)
{
	CK_RV rv = real->C_GetTokenInfo(slot, info);

	info->flags |= number_of("TOKEN_FLAGS");
	return rv;
}

static CK_RV
lacking(CK_SLOT_ID slot, CK_MECHANISM_TYPE type, CK_MECHANISM_INFO *info)
{
	return type == number_of("TOKEN_LACKS") ? CKR_MECHANISM_INVALID :
	    real->C_GetMechanismInfo(slot, type, info);
}

CK_RV
C_GetFunctionList(CK_FUNCTION_LIST **list)
{
	CK_C_GetFunctionList get;
	void *module = dlopen(SOFTHSM, RTLD_NOW | RTLD_NODELETE);

	if (module == NULL)
		return CKR_GENERAL_ERROR;
	*(void **)&get = dlsym(module, "C_GetFunctionList");
	if (get(&real) != CKR_OK)
		return CKR_GENERAL_ERROR;
	here = *real;
#define PUT(name) here.name = pass_##name;
	PUT(C_Initialize) PUT(C_GetSlotList) PUT(C_GetSlotInfo)
	PUT(C_OpenSession) PUT(C_GetSessionInfo) PUT(C_Login) PUT(C_SetPIN)
	PUT(C_CreateObject) PUT(C_DestroyObject) PUT(C_FindObjectsInit)
	PUT(C_FindObjects) PUT(C_EncryptInit) PUT(C_SignInit)
	PUT(C_DeriveKey) PUT(C_GenerateKeyPair)
	here.C_GetAttributeValue = lie_attributes;
	here.C_Encrypt = lie_encrypt;
	here.C_Sign = lie_sign;
	here.C_GetTokenInfo = flagged;
	here.C_GetMechanismInfo = lacking;
	*list = &here;
	return CKR_OK;
}
