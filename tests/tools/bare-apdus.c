/*
 * bare-apdus: the least that any program has to do with a card. Sends the
 * commands of a file, hexadecimal and one a line, to the card in a reader,
 * and prints how many there were, the microseconds from before the first to
 * after the last, and how many were answered neither 9000 nor 61xx. "reset"
 * on a line resets the card. Nothing is sent that is not listed: no GET
 * RESPONSE, no second try. Of several files each has a card of its own, which
 * is waited for.
 */
#include <err.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <winscard.h>

enum { APDU_MAX = 5 + 255 + 1, ANSWER_MAX = 256 + 2, WAIT_MS = 10000 };

struct step {
	unsigned char apdu[APDU_MAX];
	DWORD len;		/* 0: a reset */
};

static int
digit(char c)
{
	const char *digits = "0123456789abcdef0123456789ABCDEF", *at;

	if (c == '\0' || (at = strchr(digits, c)) == NULL)
		return -1;
	return (int)((at - digits) % 16);
}

/* False where the line is no command. */
static bool
parse(const char *line, struct step *s)
{
	const char *p;
	int high, low;

	s->len = 0;
	if (strcmp(line, "reset") == 0)
		return true;
	for (p = line; *p != '\0'; p++) {
		if (*p == ' ')
			continue;
		if (s->len == APDU_MAX || (high = digit(*p++)) == -1 ||
		    (low = digit(*p)) == -1)
			return false;
		s->apdu[s->len++] = (unsigned char)(high << 4 | low);
	}
	return s->len >= 4;
}

static struct step *
load(const char *path, size_t *count)
{
	struct step *steps = NULL;
	FILE *f;
	char *line = NULL;
	size_t cap = 0, room = 0, n = 0;

	if ((f = fopen(path, "r")) == NULL)
		err(1, "%s", path);
	while (getline(&line, &cap, f) != -1) {
		line[strcspn(line, "\n")] = '\0';
		if (n == room) {
			room = room == 0 ? 64 : 2 * room;
			steps = reallocarray(steps, room, sizeof(*steps));
			if (steps == NULL)
				err(1, NULL);
		}
		if (!parse(line, &steps[n]))
			errx(1, "%s: line %zu is no command", path, n + 1);
		n++;
	}
	if (ferror(f))
		err(1, "%s", path);
	free(line);
	fclose(f);
	if (n == 0)
		errx(1, "%s: no commands", path);
	*count = n;
	return steps;
}

static void
check(LONG r, const char *what)
{
	if (r != SCARD_S_SUCCESS)
		errx(3, "%s: %s", what, pcsc_stringify_error(r));
}

/* Whether the card agreed. */
static bool
send(SCARDHANDLE card, const SCARD_IO_REQUEST *pci, const struct step *s)
{
	unsigned char answer[ANSWER_MAX];
	SCARD_IO_REQUEST got = *pci;
	DWORD len = sizeof(answer), protocol;

	if (s->len == 0) {
		check(SCardReconnect(card, SCARD_SHARE_EXCLUSIVE,
		    SCARD_PROTOCOL_T0 | SCARD_PROTOCOL_T1, SCARD_RESET_CARD,
		    &protocol), "reset");
		return true;
	}
	check(SCardTransmit(card, pci, s->apdu, s->len, &got, answer, &len),
	    "transmit");
	if (len < 2)
		errx(3, "an answer without a status word");
	return (answer[len - 2] == 0x90 && answer[len - 1] == 0) ||
	    answer[len - 2] == 0x61;
}

static long long
now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000000LL + t.tv_nsec / 1000;
}

/* Until a card is in the reader, or none is any more. */
static void
await(SCARDCONTEXT context, const char *reader, bool present)
{
	SCARD_READERSTATE state = { .szReader = reader };

	while (present != ((state.dwEventState & SCARD_STATE_PRESENT) != 0) ||
	    state.dwEventState == SCARD_STATE_UNAWARE) {
		check(SCardGetStatusChange(context, WAIT_MS, &state, 1),
		    "wait");
		state.dwCurrentState = state.dwEventState &
		    ~(DWORD)SCARD_STATE_CHANGED;
	}
}

static void
run(SCARDCONTEXT context, const char *reader, const char *path, DWORD end)
{
	SCARDHANDLE card;
	const SCARD_IO_REQUEST *pci;
	struct step *steps;
	DWORD protocol;
	long long from;
	size_t count, refused = 0, i;

	steps = load(path, &count);
	check(SCardConnect(context, reader, SCARD_SHARE_EXCLUSIVE,
	    SCARD_PROTOCOL_T0 | SCARD_PROTOCOL_T1, &card, &protocol),
	    "connect");
	pci = protocol == SCARD_PROTOCOL_T1 ? SCARD_PCI_T1 : SCARD_PCI_T0;
	from = now();
	for (i = 0; i < count; i++)
		if (!send(card, pci, &steps[i]))
			refused++;
	printf("%zu %lld %zu\n", count, now() - from, refused);
	SCardDisconnect(card, end);
	free(steps);
}

int
main(int argc, char **argv)
{
	SCARDCONTEXT context;
	int i;

	if (argc < 3)
		errx(2, "usage: bare-apdus READER FILE...");
	check(SCardEstablishContext(SCARD_SCOPE_SYSTEM, NULL, NULL, &context),
	    "context");
	for (i = 2; i < argc; i++) {
		if (i > 2)
			await(context, argv[1], false);
		if (argc > 3)
			await(context, argv[1], true);
		/* One that has no power is looked at more closely. */
		run(context, argv[1], argv[i], argc > 3 ?
		    SCARD_UNPOWER_CARD : SCARD_RESET_CARD);
	}
	SCardReleaseContext(context);
	return 0;
}
