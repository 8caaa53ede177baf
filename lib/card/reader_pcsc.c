#include <stdlib.h>
#include <string.h>
#include <winscard.h>

#include "base/err.h"
#include "base/time.h"
#include "card/reader_own.h"

#define SLICE_MS 250		/* of a wait, between looks at stop */
#define READERS_MAX PCSCLITE_MAX_READERS_CONTEXTS
#define PROTOCOLS (SCARD_PROTOCOL_T0 | SCARD_PROTOCOL_T1)

/*
 * PC/SC's errors, and what the operator does. A card that leaves is first told
 * by NOT_TRANSACTED and some time later by REMOVED_CARD (pcsc-lite).
 */
static const struct {
	LONG error;
	int code;
	bool left;		/* the card is not there any more */
	const char *text;
} errors[] = {
	{ SCARD_E_NO_SERVICE, SS_EREADER, true, "the PC/SC service is not "
	    "running; start it (systemctl start pcscd.socket)" },
	{ SCARD_E_SERVICE_STOPPED, SS_EREADER, true, "the PC/SC service was "
	    "stopped; start it (systemctl start pcscd.socket)" },
	{ SCARD_E_SERVER_TOO_BUSY, SS_EREADER, false, "the PC/SC service has "
	    "too much to do; run again" },
	{ SCARD_E_INVALID_HANDLE, SS_EREADER, true, "the PC/SC service has "
	    "forgotten this session, as it does when it is started anew; run "
	    "again" },
	{ SCARD_F_COMM_ERROR, SS_EREADER, true, "the PC/SC service has gone; "
	    "start it (systemctl start pcscd.socket)" },
	{ SCARD_F_INTERNAL_ERROR, SS_EREADER, false, "the PC/SC service has a "
	    "fault within; start it anew (systemctl restart pcscd)" },
	{ SCARD_W_SECURITY_VIOLATION, SS_EREADER, false, "the PC/SC service "
	    "does not let this user in; see polkit(8)" },
	{ SCARD_E_NO_ACCESS, SS_EREADER, false, "the PC/SC service does not "
	    "let this user in; see polkit(8)" },
	{ SCARD_E_NO_READERS_AVAILABLE, SS_EREADER, true, "no card reader is "
	    "connected; plug one in" },
	{ SCARD_E_UNKNOWN_READER, SS_EREADER, true, "the card reader is not "
	    "there any more; plug it in" },
	{ SCARD_E_READER_UNAVAILABLE, SS_EREADER, true, "the card reader is "
	    "not there any more; plug it in" },
	{ SCARD_E_SHARING_VIOLATION, SS_EREADER, false, "the card is in use "
	    "by another process; end that one" },
	{ SCARD_E_NO_SMARTCARD, SS_EREADER, true, "no card in the reader; put "
	    "one in" },
	{ SCARD_W_REMOVED_CARD, SS_EREADER, true, "the card was taken out; "
	    "put it in again" },
	{ SCARD_E_NOT_TRANSACTED, SS_EREADER, true, "the card gave no answer, "
	    "or was taken out; put it in again" },
	{ SCARD_E_COMM_DATA_LOST, SS_EREADER, true, "the answer of the card "
	    "was lost; put it in again" },
	{ SCARD_W_UNPOWERED_CARD, SS_EREADER, true, "the card has no power; "
	    "put it in again" },
	{ SCARD_W_RESET_CARD, SS_EREADER, false, "the card was reset by "
	    "another process; end that one" },
	{ SCARD_W_UNRESPONSIVE_CARD, SS_ECARD, false, "the card does not "
	    "answer to reset; is it the right way round, and clean" },
	{ SCARD_W_UNSUPPORTED_CARD, SS_ECARD, false, "the reader does not "
	    "understand the card's answer to reset" },
	{ SCARD_E_CARD_UNSUPPORTED, SS_ECARD, false, "the reader does not "
	    "take cards of this kind" },
	{ SCARD_E_PROTO_MISMATCH, SS_ECARD, false, "the card speaks neither "
	    "T=0 nor T=1" },
	{ SCARD_E_NOT_READY, SS_EREADER, false, "the card reader is not "
	    "ready; put the card in again" },
	{ SCARD_E_TIMEOUT, SS_EREADER, false, "the card reader gave no answer "
	    "in time" },
	{ SCARD_E_NO_MEMORY, SS_EMEMORY, false, "the PC/SC service is out of "
	    "memory" },
};

struct pcsc {
	SCARDCONTEXT context;
	SCARDHANDLE card;
	const SCARD_IO_REQUEST *pci;
};

/* The one place where an error becomes a code; also says who was reset. */
static int
fail(struct ss_reader *rd, LONG error, const char *where)
{
	size_t i, n = sizeof(errors) / sizeof(*errors);

	for (i = 0; i < n && errors[i].error != error; i++)
		;
	rd->was_reset = error == SCARD_W_RESET_CARD;
	rd->left = i < n && errors[i].left;
	if (i < n)
		return ss_fail(errors[i].code, "\"%s\": %s, PC/SC %08lX",
		    where, errors[i].text, (unsigned long)error & 0xffffffff);
	return ss_fail(SS_EREADER, "\"%s\": the card reader failed; put the "
	    "card in again, PC/SC %08lX", where,
	    (unsigned long)error & 0xffffffff);
}

/* Around a call; its time, or more of it for one that waits itself. */
static void
begin(const struct ss_reader *rd, int64_t more)
{
	ss_watch_begin(rd->setup.watch, rd->setup.timeout_ms + more);
}

static LONG
end(const struct ss_reader *rd, LONG error)
{
	ss_watch_end(rd->setup.watch);
	return error;
}

/* All names, one after the other; as many as PC/SC has at all. */
static LONG
names_of(const struct ss_reader *rd, SCARDCONTEXT context, char **names,
    size_t *count)
{
	DWORD len = SCARD_AUTOALLOCATE;
	char *all = NULL, *p;
	LONG e;

	*names = NULL;
	*count = 0;
	begin(rd, 0);
	e = end(rd, SCardListReaders(context, NULL, (LPSTR)&all, &len));
	if (e == SCARD_E_NO_READERS_AVAILABLE)
		return SCARD_S_SUCCESS;
	if (e != SCARD_S_SUCCESS)
		return e;
	*names = all;
	for (p = all; *p != '\0' && *count < READERS_MAX; p += strlen(p) + 1)
		(*count)++;
	return e;
}

/* Which of them have a card in them. */
static LONG
look(const struct ss_reader *rd, SCARDCONTEXT context, const char *names,
    size_t count, bool *has_card)
{
	SCARD_READERSTATE states[READERS_MAX] = { 0 };
	size_t i;
	LONG e;

	for (i = 0; i < count; i++, names += strlen(names) + 1)
		states[i].szReader = names;
	begin(rd, 0);
	e = end(rd, SCardGetStatusChange(context, 0, states, (DWORD)count));
	for (i = 0; i < count; i++)
		has_card[i] = (states[i].dwEventState & SCARD_STATE_PRESENT) !=
		    0;
	return e == SCARD_E_TIMEOUT ? SCARD_S_SUCCESS : e;
}

static int
choose(struct ss_reader *rd, SCARDCONTEXT context, const char *glob)
{
	bool has_card[READERS_MAX] = { false };
	const char *name;
	char *names;
	size_t count;
	LONG e;
	int r;

	if ((e = names_of(rd, context, &names, &count)) != SCARD_S_SUCCESS)
		return fail(rd, e, "PC/SC");
	if (glob == NULL && count > 1 && (e = look(rd, context, names, count,
	    has_card)) != SCARD_S_SUCCESS)
		r = fail(rd, e, "PC/SC");
	else if ((r = ss_reader_choose(count > 0 ? names : "", count, glob,
	    has_card, &name)) == 0) {
		if (strlen(name) < sizeof(rd->name))
			memcpy(rd->name, name, strlen(name) + 1);
		else
			r = ss_fail(SS_EREADER, "a card reader's name is too "
			    "long");
	}
	if (names != NULL)
		SCardFreeMemory(context, names);
	return r;
}

static void
release(struct ss_reader *rd, SCARDCONTEXT context)
{
	begin(rd, 0);
	end(rd, SCardReleaseContext(context));
}

static int
pcsc_open(struct ss_reader *rd, const char *rest)
{
	struct pcsc *p;
	LONG e;
	int r;

	if ((p = calloc(1, sizeof(*p))) == NULL)
		return ss_fail(SS_EMEMORY, "out of memory");
	begin(rd, 0);
	e = end(rd, SCardEstablishContext(SCARD_SCOPE_SYSTEM, NULL, NULL,
	    &p->context));
	if (e != SCARD_S_SUCCESS) {
		free(p);
		return fail(rd, e, "PC/SC");
	}
	if (rest != NULL && rest[0] == '\0')
		rest = NULL;
	if ((r = choose(rd, p->context, rest)) != 0) {
		release(rd, p->context);
		free(p);
		return r;
	}
	rd->own = p;
	return 0;
}

static void
pcsc_close(struct ss_reader *rd)
{
	struct pcsc *p = rd->own;

	release(rd, p->context);
	free(p);
}

/* One slice of a wait; gone when the reader itself is not there: it may be
 * plugged in again. */
static LONG
slice(const struct ss_reader *rd, SCARD_READERSTATE *state, int64_t ms,
    bool *gone)
{
	struct pcsc *p = rd->own;
	LONG e;

	begin(rd, ms);
	e = end(rd, SCardGetStatusChange(p->context, (DWORD)ms, state, 1));
	*gone = e == SCARD_E_UNKNOWN_READER || e == SCARD_E_READER_UNAVAILABLE
	    || (e == SCARD_S_SUCCESS && (state->dwEventState &
	    (SCARD_STATE_UNKNOWN | SCARD_STATE_UNAVAILABLE)) != 0);
	if (*gone)
		state->dwEventState = SCARD_STATE_UNAWARE;
	return *gone || e == SCARD_E_TIMEOUT ? SCARD_S_SUCCESS : e;
}

static int
pcsc_wait(struct ss_reader *rd, bool present, int64_t wait_ms)
{
	SCARD_READERSTATE state = { .szReader = rd->name };
	int64_t until = ss_monotonic() + wait_ms, rest = 0;
	bool gone;
	LONG e;

	for (;;) {
		if ((e = slice(rd, &state, rest, &gone)) != SCARD_S_SUCCESS)
			return fail(rd, e, rd->name);
		if (present == ((state.dwEventState & SCARD_STATE_PRESENT) !=
		    0))
			return 0;
		state.dwCurrentState = state.dwEventState &
		    ~(DWORD)SCARD_STATE_CHANGED;
		if (gone)
			ss_reader_nap(rd, wait_ms < 0 ? -1 : until);
		rest = wait_ms < 0 ? SLICE_MS : until - ss_monotonic();
		if (rest > SLICE_MS)
			rest = SLICE_MS;
		if (ss_reader_stopped(rd) || (rest <= 0 && !gone))
			return ss_reader_waited(rd, present);
		if (rest <= 0)
			return fail(rd, SCARD_E_READER_UNAVAILABLE, rd->name);
	}
}

/* What this connection speaks, and the answer to reset it began with. */
static int
know(struct ss_reader *rd)
{
	struct pcsc *p = rd->own;
	DWORD state, protocol, len = sizeof(rd->atr), none = 0;
	LONG e;

	begin(rd, 0);
	e = end(rd, SCardStatus(p->card, NULL, &none, &state, &protocol,
	    rd->atr, &len));
	if (e != SCARD_S_SUCCESS)
		return fail(rd, e, rd->name);
	rd->atr_len = len <= sizeof(rd->atr) ? len : 0;
	rd->form = protocol == SCARD_PROTOCOL_T0 ? SS_APDU_T0 : SS_APDU_T1;
	p->pci = protocol == SCARD_PROTOCOL_T0 ? SCARD_PCI_T0 : SCARD_PCI_T1;
	return 0;
}

static void
pcsc_disconnect(struct ss_reader *rd, bool eject)
{
	struct pcsc *p = rd->own;

	/* Whoever comes next finds nothing authenticated. */
	begin(rd, 0);
	end(rd, SCardDisconnect(p->card, eject ? SCARD_UNPOWER_CARD :
	    SCARD_RESET_CARD));
}

static int
pcsc_connect(struct ss_reader *rd)
{
	struct pcsc *p = rd->own;
	DWORD protocol;
	LONG e;
	int r;

	begin(rd, 0);
	e = end(rd, SCardConnect(p->context, rd->name, SCARD_SHARE_EXCLUSIVE,
	    PROTOCOLS, &p->card, &protocol));
	if (e != SCARD_S_SUCCESS)
		return fail(rd, e, rd->name);
	if ((r = know(rd)) != 0)
		pcsc_disconnect(rd, false);
	return r;
}

/* After a reset by another: the session goes on, but from its beginning. */
static int
connect_again(struct ss_reader *rd)
{
	struct pcsc *p = rd->own;
	DWORD protocol;
	LONG e;

	begin(rd, 0);
	e = end(rd, SCardReconnect(p->card, SCARD_SHARE_EXCLUSIVE, PROTOCOLS,
	    SCARD_LEAVE_CARD, &protocol));
	if (e != SCARD_S_SUCCESS)
		return fail(rd, e, rd->name);
	return fail(rd, SCARD_W_RESET_CARD, rd->name);
}

static int
pcsc_transmit(struct ss_reader *rd, const uint8_t *command, size_t len)
{
	struct pcsc *p = rd->own;
	/* Not NULL, though PC/SC allows it: pcsc-spy reads it. */
	SCARD_IO_REQUEST received = { 0, sizeof(received) };
	DWORD got = sizeof(rd->response);
	LONG e;

	begin(rd, 0);
	e = end(rd, SCardTransmit(p->card, p->pci, command, (DWORD)len,
	    &received, rd->response, &got));
	if (e == SCARD_W_RESET_CARD)
		return connect_again(rd);
	/* A card that leaves at this moment may be answered for by nothing. */
	if (e == SCARD_S_SUCCESS && got == 0)
		e = SCARD_W_REMOVED_CARD;
	if (e != SCARD_S_SUCCESS)
		return fail(rd, e, rd->name);
	rd->response_len = got;
	return 0;
}

int
ss_reader_list(struct ss_bytes *out, size_t *count,
    const struct ss_reader_setup *setup)
{
	struct ss_reader *rd;
	SCARDCONTEXT context;
	char *names = NULL, *p;
	LONG e;
	size_t i;
	int r = 0;

	*count = 0;
	if ((rd = calloc(1, sizeof(*rd))) == NULL)
		return ss_fail(SS_EMEMORY, "out of memory");
	rd->setup = *setup;
	begin(rd, 0);
	e = end(rd, SCardEstablishContext(SCARD_SCOPE_SYSTEM, NULL, NULL,
	    &context));
	if (e != SCARD_S_SUCCESS) {
		r = fail(rd, e, "PC/SC");
		free(rd);
		return r;
	}
	if ((e = names_of(rd, context, &names, count)) != SCARD_S_SUCCESS)
		r = fail(rd, e, "PC/SC");
	for (p = names, i = 0; i < *count; i++, p += strlen(p) + 1)
		ss_bytes_add(out, p, strlen(p) + 1);
	if (names != NULL)
		SCardFreeMemory(context, names);
	release(rd, context);
	free(rd);
	return r != 0 ? r : ss_bytes_check(out);
}

const struct ss_reader_engine ss_reader_pcsc = {
	.prefix = "pcsc:",
	.open = pcsc_open,
	.close = pcsc_close,
	.wait = pcsc_wait,
	.connect = pcsc_connect,
	.disconnect = pcsc_disconnect,
	.transmit = pcsc_transmit,
};
