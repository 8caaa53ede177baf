/*
 * Readers: which one a name means, software cards and feeders, what a trace
 * says and what it hides, and that it replays.
 */
#include <sys/stat.h>

#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/json.h"
#include "card/reader_own.h"
#include "softcard/softcard.h"
#include "base/err.h"
#include "../tap.h"

#define NAMES "ACS ACR38 [CCID] 00 00\0ACS ACR38 [CCID] 01 00\0Virtual 1 00 00"

static char folder[] = "/tmp/sscard-reader.XXXXXX";
static struct ss_profiles *profiles;

/* --- names */

static void
chooses(const char *glob, const bool *cards, const char *want)
{
	const char *got;
	int r = ss_reader_choose(NAMES, 3, glob, cards, &got);

	if (want == NULL)
		ok(r == SS_EINVALID && got == NULL &&
		    strstr(ss_message(), "Virtual 1 00 00") != NULL &&
		    strstr(ss_message(), "ACS ACR38 [CCID] 01 00") != NULL,
		    "%s: %s", glob, ss_message());
	else if (ok(r == 0, "%s is one", glob != NULL ? glob : "none"))
		is(got, want, "of this name");
}

static void
names(void)
{
	static const bool no[3], two[] = { true, false, true };
	static const bool one[] = { false, false, true };
	const char *got;

	chooses("ACS ACR38 [CCID] 01 00", NULL, "ACS ACR38 [CCID] 01 00");
	chooses("Virtual*", NULL, "Virtual 1 00 00");
	chooses("*01 00", NULL, "ACS ACR38 [CCID] 01 00");
	chooses("ACS*", NULL, NULL);
	chooses("virtual*", NULL, NULL);
	chooses("Virtual", NULL, NULL);
	chooses(NULL, one, "Virtual 1 00 00");
	chooses(NULL, no, NULL);
	chooses(NULL, two, NULL);
	ok(ss_reader_choose("Virtual 1 00 00", 1, NULL, no, &got) == 0,
	    "the only reader needs no card");
	ok(ss_reader_choose("", 0, NULL, no, &got) == SS_EREADER &&
	    ss_reader_choose("", 0, "*", no, &got) == SS_EREADER,
	    "without any it is the reader's fault: %s", ss_message());
}

/* --- the trace */

static void
hides(const char *what, const void *bytes, size_t len, bool response,
    const char *want)
{
	struct ss_bytes b = { 0 };

	if (response)
		ss_trace_response(&b, bytes, len, true);
	else
		ss_trace_command(&b, bytes, len, true);
	is(b.data, want, what);
	ss_bytes_free(&b);
}

#define BYTES(text) text, sizeof(text) - 1

static void
masks(void)
{
	static const char extended[] = "\0\xd6\0\0\0\0\3abc\0\0";

	hides("case 1", BYTES("\0\x84\0\0"), false, "00840000");
	hides("case 2", BYTES("\0\xb2\1\x2c\x12"), false, "00B2012C12");
	hides("case 3", BYTES("\0\x20\0\0\3\x12\x34\x56"), false,
	    "0020000003......");
	hides("case 4", BYTES("\0\x88\0\0\2ab\x08"), false,
	    "0088000002....08");
	hides("extended", extended, sizeof(extended) - 1, false,
	    "00D60000000003......0000");
	hides("what is no command", BYTES("\0\x20\0\0\7\x12\x34"), false,
	    "00200000......");
	hides("less than a header", BYTES("\0\x20"), false, "0020");
	hides("a response", BYTES("\1\2ab\x90\0"), true, "........9000");
	hides("a status word", BYTES("\x63\xc2"), true, "63C2");
	hides("half a one", BYTES("\x63"), true, "..");
}

/* --- software cards */

static void
make(const char *path, uint32_t serial)
{
	const struct ss_profile *gen3;
	struct ss_softcard_setup setup = { .region = "220100",
		.serial = serial, .key_version = 1 };

	if (ss_profiles_find(profiles, "gen3", &gen3) != 0)
		return;
	setup.profile = gen3;
	if (ss_softcard_create(path, &setup) != 0)
		printf("# %s: %s\n", path, ss_message());
}

static struct ss_reader *
open_named(const char *name, const char *trace)
{
	struct ss_reader_setup setup = { .name = name, .trace = trace,
		.timeout_ms = 5000, .profiles = profiles };
	struct ss_reader *rd;

	if (ss_reader_open(&rd, &setup) != 0)
		printf("# %s: %s\n", name, ss_message());
	return rd;
}

static int
challenge(struct ss_reader *rd, const uint8_t **response, size_t *len)
{
	return ss_reader_transmit(rd, "\0\x84\0\0\x08", 5, response, len);
}

static void
one_card(void)
{
	struct ss_reader *rd, *other;
	const uint8_t *p;
	size_t len;

	make("card", 1);
	ok((rd = open_named("soft:card", NULL)) != NULL, "a card's folder");
	is(ss_reader_name(rd), "soft:card", "its name");
	ok(ss_reader_wait(rd, true, 0) == 0, "the card is there");
	ok(ss_reader_wait(rd, false, -1) == SS_EMISSING, "for ever: %s",
	    ss_message());
	ok(challenge(rd, &p, &len) == SS_EREADER, "no session yet: %s",
	    ss_message());
	ok(ss_reader_connect(rd) == 0, "a session");
	ss_reader_atr(rd, &len);
	ok(len == 17 && ss_reader_form(rd) == SS_APDU_T0, "its ATR");
	ok(challenge(rd, &p, &len) == 0 && len == 10, "a command");
	ok(ss_reader_counts(rd)->apdus == 1 &&
	    ss_reader_counts(rd)->last_ms >= ss_reader_counts(rd)->first_ms &&
	    ss_reader_counts(rd)->first_ms > 0, "which is counted");
	other = open_named("soft:card", NULL);
	ok(ss_reader_connect(other) == SS_EREADER, "another session: %s",
	    ss_message());
	ss_reader_disconnect(rd, true);
	ok(ss_reader_connect(other) == 0, "after the first one");
	ok(ss_reader_counts(rd)->apdus == 1, "counts stay");
	ss_reader_close(other);
	ss_reader_close(rd);
	ss_reader_close(NULL);
}

static void
refusals(void)
{
	struct ss_reader_setup setup = { .name = "soft:nowhere",
		.profiles = profiles };
	struct ss_reader *rd;
	volatile sig_atomic_t stop = 1;

	ok(ss_reader_open(&rd, &setup) == SS_EMISSING && rd == NULL,
	    "no folder: %s", ss_message());
	setup.name = "soft:empty";
	mkdir("empty", 0700);
	ok(ss_reader_open(&rd, &setup) == 0 && ss_reader_connect(rd) != 0,
	    "no card: %s", ss_message());
	ss_reader_close(rd);
	setup.name = "soft:card";
	setup.trace = "nowhere/trace";
	ok(ss_reader_open(&rd, &setup) == SS_EMISSING, "no trace: %s",
	    ss_message());
	setup.trace = "/dev/full";
	ok(ss_reader_open(&rd, &setup) == 0 && ss_reader_connect(rd) == 0 &&
	    ss_reader_connect(rd) == SS_EIO, "a trace that is full is said "
	    "before the next card: %s", ss_message());
	ss_reader_close(rd);
	mkdir("idle", 0700);
	mkdir("idle/in", 0700);
	mkdir("idle/out", 0700);
	setup = (struct ss_reader_setup){ .name = "soft:idle",
		.profiles = profiles, .stop = &stop };
	ok(ss_reader_open(&rd, &setup) == 0 &&
	    ss_reader_wait(rd, true, -1) == SS_EMISSING, "stopped: %s",
	    ss_message());
	stop = 0;
	ok(ss_reader_wait(rd, true, 30) == SS_EMISSING, "waited: %s",
	    ss_message());
	ok(ss_reader_wait(rd, false, 0) == 0, "no card is there");
	ok(ss_reader_connect(rd) == SS_EREADER, "nor a session: %s",
	    ss_message());
	ss_reader_close(rd);
}

static void
feeder(void)
{
	struct ss_reader *rd;
	char serials[4] = "";
	const uint8_t *atr;
	size_t len;
	int i;

	mkdir("feeder", 0700);
	mkdir("feeder/in", 0700);
	mkdir("feeder/out", 0700);
	make("feeder/in/b", 2);
	make("feeder/in/a", 1);
	make("feeder/in/c", 3);
	rd = open_named("soft:feeder", NULL);
	for (i = 0; ss_reader_wait(rd, true, 0) == 0 && i < 3; i++) {
		if (ss_reader_connect(rd) != 0)
			break;
		atr = ss_reader_atr(rd, &len);
		serials[i] = (char)('0' + atr[len - 1]);
		ok(ss_reader_wait(rd, false, 0) == SS_EMISSING,
		    "card %d is in", i);
		ss_reader_disconnect(rd, true);
		ok(ss_reader_wait(rd, false, 0) == 0, "and out");
	}
	is(serials, "123", "cards come in the order of their names");
	ok(access("feeder/out/a", F_OK) == 0 && access("feeder/out/c",
	    F_OK) == 0 && access("feeder/in/a", F_OK) != 0,
	    "and go out");
	ok(ss_reader_wait(rd, true, 0) == SS_EMISSING, "until there is none");
	make("feeder/in/d", 4);
	ok(ss_reader_wait(rd, true, 1000) == 0 && ss_reader_connect(rd) == 0,
	    "but for another one");
	ss_reader_disconnect(rd, false);
	ok(access("feeder/in/d", F_OK) == 0, "which stays in unless ejected");
	ss_reader_close(rd);
}

/* --- a trace of a session, and the same once more */

static void
traced(void)
{
	static const char verify[] = "\0\x20\0\0\3\x12\x34\x57";
	struct ss_bytes text = { 0 };
	struct ss_reader *rd;
	const uint8_t *p;
	struct stat st;
	size_t len;

	umask(0);
	rd = open_named("soft:card", "trace");
	ss_reader_connect(rd);
	ss_reader_mask(rd, SS_SHOWN, SS_SHOWN);
	challenge(rd, &p, &len);
	ss_reader_mask(rd, SS_SECRET, SS_PERSONAL);
	ss_reader_transmit(rd, verify, sizeof(verify) - 1, &p, &len);
	ss_reader_close(rd);
	ok(stat("trace", &st) == 0 && (st.st_mode & 0777) == 0600,
	    "a trace is the owner's alone");
	ss_bytes_read_file(&text, "trace", "trace", 65536);
	ok(text.len > 0 && strstr(text.data, "123457") == NULL,
	    "and says no PIN");
	ok(text.len > 0 && strstr(text.data, "\"0020000003......\"") != NULL,
	    "but that there was one");
	ok(text.len > 0 && strstr(text.data, "\"c\":\"0084000008\",\"r\":\"") !=
	    NULL, "what is open is there");
	ss_bytes_free(&text);

	rd = open_named("replay:trace", NULL);
	ok(ss_reader_wait(rd, true, 0) == 0 && ss_reader_connect(rd) == 0,
	    "it replays");
	ok(challenge(rd, &p, &len) == 0 && len == 10, "its answers");
	ok(ss_reader_transmit(rd, verify, sizeof(verify) - 1, &p, &len) == 0 &&
	    len == 2, "also of what was masked");
	ok(challenge(rd, &p, &len) == SS_EREADER && ss_reader_left(rd),
	    "and no more: %s", ss_message());
	ok(ss_reader_wait(rd, true, -1) == SS_EMISSING &&
	    ss_reader_connect(rd) == SS_EREADER, "no further card: %s",
	    ss_message());
	ss_reader_close(rd);

	rd = open_named("replay:trace", NULL);
	ss_reader_connect(rd);
	ok(ss_reader_transmit(rd, verify, sizeof(verify) - 1, &p, &len) ==
	    SS_EREADER, "another command than there was: %s", ss_message());
	ss_reader_close(rd);
}

/* Files that are no traces: a reader that fails, and nothing worse. */
static void
no_traces(void)
{
	static const char *const texts[] = { "", "\n", "no\n", "{}\n[]\n",
		"{\"atr\":\"3\"}\n", "{\"atr\":5}\n", "{\"atr\":\"zz\"}",
		"{\"atr\":\"3B00\",\"form\":\"t0\"}\n{\"c\":\"00\"}",
		"{\"atr\":\"3B00\"}\n{\"c\":\"0084000008\",\"r\":\"9\"}",
		"{\"atr\":\"3B00\"}\n{\"c\":\"0084000008\",\"error\":5}" };
	struct ss_reader *rd;
	const uint8_t *p;
	size_t i, len;
	FILE *f;
	int r;

	for (i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
		if ((f = fopen("bad", "w")) == NULL)
			return;
		fputs(texts[i], f);
		fclose(f);
		if ((rd = open_named("replay:bad", NULL)) == NULL)
			continue;
		if ((r = ss_reader_connect(rd)) == 0)
			r = challenge(rd, &p, &len);
		ok(r != 0, "bad trace %zu: %s", i, ss_message());
		ss_reader_close(rd);
	}
}

int
main(void)
{
	const char *dir = getenv("SSCARD_DATA");
	char command[64];
	char *data = realpath(dir != NULL ? dir : "lib/data", NULL);

	if (data == NULL || ss_profiles_open(&profiles, data) != 0 ||
	    mkdtemp(folder) == NULL || chdir(folder) != 0)
		return 1;
	names();
	masks();
	one_card();
	refusals();
	feeder();
	traced();
	no_traces();
	ss_profiles_close(profiles);
	free(data);
	snprintf(command, sizeof(command), "rm -rf %s", folder);
	if (system(command) != 0)
		return 1;
	return done();
}
