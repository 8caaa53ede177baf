/*
 * A library to be loaded before PC/SC's (LD_PRELOAD), which makes one of its
 * calls fail:
 *
 *   PCSC_FAULT="CODE N [CALL]"	the N-th call, of all or of those named CALL,
 *				fails with CODE (hexadecimal), nothing being done
 *   PCSC_FAULT_LOG=FILE	gets the name of the call that failed
 */
#define _GNU_SOURCE	/* RTLD_NEXT */
#include <dlfcn.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <winscard.h>

static unsigned long calls;

static void
log_call(const char *name)
{
	const char *path = getenv("PCSC_FAULT_LOG");
	int fd;

	if (path == NULL || (fd = open(path, O_WRONLY | O_CREAT | O_APPEND,
	    0600)) == -1)
		return;
	dprintf(fd, "%s\n", name);
	close(fd);
}

/* The code that a call is to fail with; 0: none. */
static LONG
fault(const char *name)
{
	const char *text = getenv("PCSC_FAULT");
	char only[64] = "";
	unsigned long code, n;

	if (text == NULL || sscanf(text, "%lx %lu %63s", &code, &n, only) < 2)
		return SCARD_S_SUCCESS;
	if ((only[0] != '\0' && strcmp(only, name) != 0) || ++calls != n)
		return SCARD_S_SUCCESS;
	log_call(name);
	return (LONG)code;
}

/* The call itself; the cast from an object pointer is POSIX's. */
#define PASS_ON(name, parameters, arguments) \
LONG \
name parameters \
{ \
	LONG (*real) parameters; \
	LONG e = fault(#name); \
\
	if (e == SCARD_S_SUCCESS) { \
		*(void **)&real = dlsym(RTLD_NEXT, #name); \
		e = real arguments; \
	} \
	return e; \
}

PASS_ON(SCardEstablishContext, (DWORD scope, LPCVOID a, LPCVOID b,
    LPSCARDCONTEXT context), (scope, a, b, context))
PASS_ON(SCardReleaseContext, (SCARDCONTEXT context), (context))
PASS_ON(SCardListReaders, (SCARDCONTEXT context, LPCSTR groups, LPSTR readers,
    LPDWORD len), (context, groups, readers, len))
PASS_ON(SCardGetStatusChange, (SCARDCONTEXT context, DWORD ms,
    SCARD_READERSTATE *states, DWORD n), (context, ms, states, n))
PASS_ON(SCardConnect, (SCARDCONTEXT context, LPCSTR reader, DWORD mode,
    DWORD protocols, LPSCARDHANDLE card, LPDWORD protocol), (context, reader,
    mode, protocols, card, protocol))
PASS_ON(SCardReconnect, (SCARDHANDLE card, DWORD mode, DWORD protocols,
    DWORD how, LPDWORD protocol), (card, mode, protocols, how, protocol))
PASS_ON(SCardDisconnect, (SCARDHANDLE card, DWORD how), (card, how))
PASS_ON(SCardStatus, (SCARDHANDLE card, LPSTR reader, LPDWORD len,
    LPDWORD state, LPDWORD protocol, LPBYTE atr, LPDWORD atr_len), (card,
    reader, len, state, protocol, atr, atr_len))
PASS_ON(SCardTransmit, (SCARDHANDLE card, const SCARD_IO_REQUEST *pci,
    LPCBYTE command, DWORD len, SCARD_IO_REQUEST *received, LPBYTE response,
    LPDWORD response_len), (card, pci, command, len, received, response,
    response_len))
