/*
 * Sessions with software cards of every generation; and with cards that lie,
 * from each of their answers on: an error, never a crash, never a loop.
 */
#include <stdlib.h>
#include <unistd.h>

#include "base/bytes.h"
#include "base/crypto.h"
#include "card/reader_own.h"
#include "card/session.h"
#include "softcard/softcard.h"
#include "../tap.h"
#include "../test-keys.h"

#define CARDS 3
#define NO_LIE UINT32_MAX

static char folder[] = "/tmp/sscard-session.XXXXXX";
static struct ss_profiles *profiles;

/* --- a reader that lies from its n-th answer on */

enum lie {
	TRUTH,
	YES,		/* 9000 to everything */
	YES_NO,		/* 9000 only to what has an answer */
	RANDOM,
	RANDOM_GOOD,	/* of the right length, 9000 */
	MORE,		/* 61FF for ever, with nothing */
	MORE_DATA,	/* the same with data */
	OTHER_LE,	/* 6Cxx for ever */
	SHORTER,
	LONGER,
	TAG,
	LENGTH,
	NOTHING,
	HALF,
	HUGE,
	LIES
};

static const char *const lies[] = { "truth", "9000", "9000 without data",
	"random bytes", "random data", "61FF", "61FF with data", "6Cxx",
	"shorter", "longer", "another tag", "another length", "nothing",
	"half a status word", "65538 bytes" };

static enum lie lie;
static uint32_t lie_from, lie_to, turns;
static bool lie_data_only;	/* only where data are asked for */
static bool visible;		/* a lie was told that can be seen */

/* Whether a command has an answer that a lie is seen in. */
static bool
gives(uint8_t ins)
{
	return ins != 0x82 && ins != 0xdc && ins != 0xd6;
}

/* Whether nobody can see it: other bytes of a photo. Nor does 61FF instead of
 * another 61xx matter, if the card then gives what it has. */
static bool
hidden(uint8_t ins)
{
	return ins == 0xb0 && (lie == RANDOM_GOOD || lie == TAG ||
	    lie == LENGTH);
}

static void
tell(struct ss_reader *rd)
{
	uint8_t *p = rd->response;
	size_t i, n = rd->response_len;

	switch (lie) {
	case YES:
	case YES_NO:
		n = 2;
		break;
	case RANDOM:
		n = (size_t)rand() % 300;
		for (i = 0; i < n; i++)
			p[i] = (uint8_t)rand();
		rd->response_len = n;
		return;
	case RANDOM_GOOD:
		for (i = 0; i + 2 < n; i++)
			p[i] = (uint8_t)rand();
		break;
	case MORE:
		memcpy(p, "\x61\xff", 2);
		rd->response_len = 2;
		return;
	case MORE_DATA:
		memset(p, 0x6f, 255);
		memcpy(p + 255, "\x61\xff", 2);
		rd->response_len = 257;
		return;
	case OTHER_LE:
		p[0] = 0x6c;
		p[1] = (uint8_t)(turns | 1);
		rd->response_len = 2;
		return;
	case SHORTER:
		n = n > 2 ? n - 1 : n;
		break;
	case LONGER:
		n++;
		break;
	case TAG:
		p[0] ^= 1;
		break;
	case LENGTH:
		if (n > 3)
			p[1]++;
		break;
	case NOTHING:
		rd->response_len = 0;
		return;
	case HALF:
		rd->response_len = 1;
		return;
	case HUGE:
		n = SS_READER_RESPONSE;
		break;
	default:
		return;
	}
	if (n < 2)
		n = 2;
	p[n - 2] = 0x90;
	p[n - 1] = 0x00;
	rd->response_len = n;
}

static int
lying_transmit(struct ss_reader *rd, const uint8_t *command, size_t len)
{
	int r = ss_reader_soft.transmit(rd, command, len);
	static uint8_t before[SS_READER_RESPONSE];
	bool now = turns >= lie_from && turns <= lie_to;
	size_t was;

	turns++;
	if (r == 0 && now && (!lie_data_only || gives(command[1]))) {
		was = rd->response_len;
		memcpy(before, rd->response, was);
		tell(rd);
		visible |= (rd->response_len != was || memcmp(before,
		    rd->response, was) != 0) && !hidden(command[1]) &&
		    !(lie == MORE && before[0] == 0x61);
	}
	return r;
}

static struct ss_reader_engine lying;

static struct ss_reader *
reader_of(const char *name)
{
	struct ss_reader_setup setup = { .name = name, .timeout_ms = 5000,
		.profiles = profiles };
	struct ss_reader *rd;

	if (ss_reader_open(&rd, &setup) != 0) {
		printf("Bail out! %s\n", ss_message());
		exit(1);
	}
	lying = ss_reader_soft;
	lying.transmit = lying_transmit;
	rd->engine = &lying;
	turns = 0;
	lie = TRUTH;
	lie_from = lie_to = NO_LIE;
	return rd;
}

static void
make(const char *path, const char *profile, uint32_t serial, bool t1)
{
	struct ss_softcard_setup setup = { .region = "220100",
		.serial = serial, .key_version = 1, .t1 = t1 };

	if (ss_profiles_find(profiles, profile, &setup.profile) != 0 ||
	    ss_softcard_create(path, &setup) != 0) {
		printf("Bail out! %s: %s\n", path, ss_message());
		exit(1);
	}
}

/* --- what a session does */

static uint8_t values[SS_ITEMS_MAX][SS_ITEM_LEN_MAX];

static int
read_file(struct ss_session *s, const struct ss_card_file *f,
    struct ss_bytes *out)
{
	size_t i;
	int r;

	if (f->binary)
		return ss_session_read_binary(s, f, f->size, out);
	if ((r = ss_session_read_items(s, f, values)) != 0)
		return r;
	for (i = 0; i < f->items_count; i++)
		ss_bytes_add(out, values[i], f->items[i].len);
	return 0;
}

static int
write_file(struct ss_session *s, const struct ss_card_file *f,
    const struct ss_bytes *data)
{
	const uint8_t *p = (const uint8_t *)data->data;
	size_t i;
	int r = 0;

	if (f->binary)
		return ss_session_write_binary(s, f, data->data, data->len);
	for (i = 0; i < f->items_count && r == 0; i++) {
		if (f->items[i].write >= 0)
			r = ss_session_write_item(s, f, &f->items[i], p);
		p += f->items[i].len;
	}
	return r;
}

/* All of it; the first error. */
static int
whole(struct ss_session *s, struct ss_reader *rd, const char *force)
{
	const struct ss_profile *p;
	struct ss_bytes b = { 0 };
	size_t i;
	int r;

	if ((r = ss_session_open(s, rd, test_keys(), profiles, force)) != 0) {
		ss_session_close(s, false);
		return r;
	}
	p = s->who.profile;
	r = ss_session_genuine(s);
	for (i = 0; i < p->files_count && r == 0; i++) {
		ss_bytes_reset(&b);
		if ((r = read_file(s, &p->files[i], &b)) == 0)
			r = write_file(s, &p->files[i], &b);
	}
	ss_bytes_free(&b);
	ss_session_close(s, false);
	return r;
}

static void
honest(const char *name, const char *profile, unsigned apdus)
{
	char path[64];
	struct ss_session s;
	struct ss_reader *rd;
	struct ss_bytes a = { 0 }, b = { 0 };
	const struct ss_card_file *f;
	const struct ss_profile *p;
	size_t i;
	uint8_t *u;
	int r;

	snprintf(path, sizeof(path), "soft:%s", name);
	rd = reader_of(path);
	r = ss_session_open(&s, rd, test_keys(), profiles, NULL);
	ok(r == 0 && strcmp(s.who.profile->name, profile) == 0 &&
	    turns == apdus, "%s: opened with %u commands", name, turns);
	p = s.who.profile;
	is(s.who.city, "220100", "its city");
	ok(strlen(s.who.chip) == 50 && strncmp(s.who.chip, s.who.reset,
	    26) == 0 && strncmp(s.who.chip + 26, s.who.identifier_hex,
	    24) == 0, "its chip");
	ok(ss_session_genuine(&s) == 0 && s.key_version == 1 &&
	    s.tries_left == -1 && s.held == 0, "it is genuine");
	for (i = 0; i < p->files_count; i++) {
		f = &p->files[i];
		ss_bytes_reset(&a);
		ss_bytes_reset(&b);
		if (read_file(&s, f, &a) != 0)
			printf("# %s: %s\n", f->name, ss_message());
		/* Not EF05, which says what the card is. */
		if (i > 0)
			for (u = (uint8_t *)a.data; u < (uint8_t *)a.data +
			    a.len; u++)
				*u = (uint8_t)(*u + (u - (uint8_t *)a.data));
		ok(write_file(&s, f, &a) == 0 && read_file(&s, f, &b) == 0 &&
		    a.len == b.len && memcmp(a.data, b.data, a.len) == 0,
		    "%s: %s: %zu bytes written, read back", name, f->name,
		    a.len);
	}
	f = ss_profile_file(p, "EF08");
	if (f != NULL) {
		ss_bytes_reset(&a);
		s.selected = NULL;
		ok(ss_session_read_binary_at(&s, f, 4000, 96, &a) == 0 &&
		    a.len == 96 && memcmp(a.data, b.data + 4000, 96) == 0,
		    "%s: a part of a file", name);
		ok(ss_session_read_binary_at(&s, f, 4000, 97, &a) ==
		    SS_EINVALID, "not beyond its end: %s", ss_message());
	}
	ss_session_close(&s, false);
	ok(whole(&s, rd, profile) == 0, "%s: once more, by name", name);
	ss_bytes_free(&a);
	ss_bytes_free(&b);
	ss_reader_close(rd);
}

static void
refusals(void)
{
	struct ss_reader *rd = reader_of("soft:gen3");
	const struct ss_item *item;
	const struct ss_card_file *f;
	struct ss_session s;
	uint8_t value[SS_ITEM_LEN_MAX];
	uint16_t sw;

	ok(ss_session_open(&s, rd, NULL, profiles, "gen2") == SS_ECARD &&
	    rd->connected, "another profile: %s", ss_message());
	ss_session_close(&s, false);
	ok(!rd->connected, "the connection lasts until the session is closed");
	ok(ss_session_open(&s, rd, NULL, profiles, "gen9") == SS_EMISSING,
	    "no profile: %s", ss_message());
	ss_session_open(&s, rd, NULL, profiles, NULL);
	item = ss_profile_item(s.who.profile, "name", &f);
	turns = 0;
	ok(ss_session_read_item(&s, f, item, value) == SS_EMISSING &&
	    turns == 0, "no keys: %s", ss_message());
	ok(ss_session_genuine(&s) == SS_EMISSING && turns == 0, "%s",
	    ss_message());
	s.keys = test_keys();
	test_keys_wrong = true;
	ok(ss_session_genuine(&s) == SS_EAUTH, "other keys: %s",
	    ss_message());
	ok(ss_session_authenticate(&s, SS_KEY_RKSSSE) == SS_EAUTH &&
	    s.tries_left == -1 && s.held == 0, "before any is counted: %s",
	    ss_message());
	s.key_version = 2;
	ok(ss_session_authenticate(&s, SS_KEY_RKSSSE) == SS_EAUTH &&
	    s.tries_left == 2 && s.held == 0, "which count: %s",
	    ss_message());
	test_keys_wrong = false;
	s.key_version = 1;
	ok(ss_session_authenticate(&s, SS_KEY_RKSSSE) == 0 &&
	    s.tries_left == -1 && s.held == 1u << SS_KEY_RKSSSE,
	    "the right ones");
	turns = 0;
	ok(ss_session_authenticate(&s, SS_KEY_RKSSSE) == 0 && turns == 0,
	    "and are held");
	ok(ss_session_send(&s, &(struct ss_apdu){ .ins = 0xb2, .p1 = 99,
	    .p2 = 0x2c, .le = 256 }, "a record", NULL, &sw) == 0 &&
	    sw == 0x6a83, "status words for whoever asks");
	ok(ss_session_send(&s, &(struct ss_apdu){ .ins = 0xb2, .p1 = 99,
	    .p2 = 0x2c, .le = 256 }, "a record", NULL, NULL) == SS_ECARD,
	    "and errors: %s", ss_message());
	ss_session_close(&s, false);
	ok(ss_session_read_item(&s, f, item, value) == SS_EREADER,
	    "after its end: %s", ss_message());
	ss_reader_close(rd);
}

/* Keys of another version: INTERNAL AUTHENTICATE, which counts nothing, finds
 * the one before the others are used. */
static void
versions(void)
{
	struct ss_reader *rd = reader_of("soft:gen3");
	struct ss_session s;

	ss_session_open(&s, rd, test_keys(), profiles, NULL);
	turns = 0;
	ok(ss_session_genuine(&s) == 0 && s.key_version == 1 && turns <= 2,
	    "of %d versions the card's is found, the card being asked once",
	    TEST_VERSIONS);
	ok(ss_session_authenticate(&s, SS_KEY_UKSSSE) == 0,
	    "and holds for other keys");
	ss_session_close(&s, false);
	ss_reader_close(rd);
}

/* Each lie, from each answer on, and in each answer alone. */
static void
lying_cards(const char *name)
{
	struct ss_reader *rd = reader_of(name);
	struct ss_session s;
	uint32_t n, total, runs = 0, believed = 0;
	unsigned longest = 0, step;
	int k, alone, r;

	if (whole(&s, rd, NULL) != 0)
		printf("# %s: %s\n", name, ss_message());
	total = turns;
	step = getenv("SS_SLOW") != NULL ? 17 : 1;
	for (k = YES; k < LIES; k++)
		for (alone = 0; alone < 2; alone++)
			for (n = 0; n < total; n += step) {
				lie = (enum lie)k;
				lie_from = n;
				lie_to = alone ? n : NO_LIE;
				lie_data_only = k == YES_NO;
				turns = 0;
				visible = false;
				r = whole(&s, rd, NULL);
				runs++;
				if (turns > longest)
					longest = turns;
				if (r == 0)
					believed++;
				if (r == 0 && visible)
					ok(false, "%s from %u is believed",
					    lies[k], n);
				else if (ss_message()[0] == '\0' ||
				    ss_code_stops(r))
					ok(false, "%s from %u: %s", lies[k], n,
					    ss_message());
			}
	ok(runs > 0 && longest < total + SS_EXCHANGE_TURNS + 2,
	    "%s: %u lies, %u of them believed; at most %u commands, %u "
	    "without", name, runs, believed, longest, total);
	lie = TRUTH;
	ok(whole(&s, rd, NULL) == 0, "and then the truth");
	ss_reader_close(rd);
}

/* Lies in what opening and INTERNAL AUTHENTICATE are answered are all seen. */
static void
seen(const char *name)
{
	struct ss_reader *rd = reader_of(name);
	struct ss_session s;
	uint32_t n, total;
	int k, bad = 0, r;

	r = ss_session_open(&s, rd, test_keys(), profiles, NULL);
	if (r == 0)
		ss_session_genuine(&s);
	total = turns;
	for (k = YES; k < LIES; k++)
		for (n = 0; n < total; n++) {
			ss_session_close(&s, false);
			lie = (enum lie)k;
			lie_from = n;
			lie_to = NO_LIE;
			lie_data_only = false;
			turns = 0;
			r = ss_session_open(&s, rd, test_keys(), profiles,
			    NULL);
			if (r == 0)
				r = ss_session_genuine(&s);
			if (r != 0)
				continue;
			printf("# %s, %s from answer %u\n", name, lies[k], n);
			bad++;
		}
	ok(bad == 0, "%s: no lie about what it is, in %u answers", name,
	    total);
	ss_session_close(&s, false);
	ss_reader_close(rd);
}

/* A card that is none of ours: its one answer. */
static int
foreign_transmit(struct ss_reader *rd, const uint8_t *command, size_t len)
{
	(void)command;
	(void)len;
	turns++;
	memcpy(rd->response, "\x6d\x00", 2);
	rd->response_len = 2;
	return 0;
}

static int
short_atr(struct ss_reader *rd)
{
	int r = ss_reader_soft.connect(rd);

	memcpy(rd->atr, "\x3b\x02\x14\x50", 4);
	rd->atr_len = 4;
	return r;
}

static void
foreign(void)
{
	struct ss_reader *rd = reader_of("soft:gen3");
	struct ss_session s;

	lying.transmit = foreign_transmit;
	ok(ss_session_open(&s, rd, NULL, profiles, NULL) == SS_ECARD &&
	    strstr(ss_message(), "not a social security card") != NULL &&
	    strstr(ss_message(), "6D00") != NULL && turns <= 4, "%s",
	    ss_message());
	lying.connect = short_atr;
	turns = 0;
	ok(ss_session_open(&s, rd, NULL, profiles, NULL) == SS_ECARD &&
	    turns == 0, "nothing is said to it: %s", ss_message());
	ss_reader_close(rd);
}

/* --- a card that is reset, that leaves, that is mute */

static uint32_t fail_at;

static int
reset_transmit(struct ss_reader *rd, const uint8_t *command, size_t len)
{
	if (turns++ != fail_at)
		return ss_reader_soft.transmit(rd, command, len);
	rd->was_reset = true;
	return ss_fail(SS_EREADER, "the card was reset by another process");
}

static void
resets(void)
{
	struct ss_reader *rd = reader_of("soft:gen3");
	struct ss_session s;

	lying.transmit = reset_transmit;
	fail_at = NO_LIE;
	ss_session_open(&s, rd, test_keys(), profiles, NULL);
	ss_session_authenticate(&s, SS_KEY_RKSSSE);
	fail_at = turns;
	ok(s.held != 0 && ss_session_authenticate(&s, SS_KEY_UKSSSE) ==
	    SS_EREADER && s.held == 0 && s.selected == NULL,
	    "a reset loses what was held: %s", ss_message());
	fail_at = turns;
	ok(ss_session_authenticate(&s, SS_KEY_UKSSSE) == SS_EREADER &&
	    turns == fail_at, "nothing more is said: %s", ss_message());
	fail_at = NO_LIE;
	ok(ss_session_open(&s, rd, test_keys(), profiles, NULL) == 0,
	    "before it is opened again");
	ss_session_close(&s, false);
	ss_reader_close(rd);
}

struct job {
	struct ss_reader_setup setup;
	struct ss_reader *reader;
	struct ss_session session;
};

static int
job_open(void *ctx)
{
	struct job *job = ctx;
	int r;

	if ((r = ss_reader_open(&job->reader, &job->setup)) == 0)
		r = ss_session_open(&job->session, job->reader, test_keys(),
		    profiles, NULL);
	if (r != 0)
		ss_session_close(&job->session, false);
	return r;
}

static void
hook(enum ss_hook kind, uint32_t n)
{
	struct ss_softcard_hook h = { .kind = kind, .n = n };
	struct ss_softcard *card;

	if (ss_softcard_open(&card, "hooked", profiles) != 0 ||
	    ss_softcard_set_hook(card, &h) != 0)
		printf("# %s\n", ss_message());
	ss_softcard_close(card);
}

static void
mute(void)
{
	static struct job job;
	struct ss_watch *w;

	ss_watch_open(&w);
	make("hooked", "gen3", 9, false);
	job.setup = (struct ss_reader_setup){ .name = "soft:hooked",
		.timeout_ms = 300, .profiles = profiles, .watch = w };
	hook(SS_HOOK_LEAVE, 2);
	ok(ss_watch_run(w, job_open, &job) == SS_EREADER &&
	    ss_reader_left(job.reader) && !ss_watch_left(w),
	    "a card that leaves: %s", ss_message());
	hook(SS_HOOK_MUTE, 3);
	ok(ss_watch_run(w, job_open, &job) == SS_EREADER && ss_watch_left(w),
	    "one that is mute: %s", ss_message());
}

int
main(void)
{
	const char *dir = getenv("SSCARD_DATA");
	char *data = realpath(dir != NULL ? dir : "lib/data", NULL);
	char command[64];
	int r;

	if (data == NULL || ss_profiles_open(&profiles, data) != 0 ||
	    mkdtemp(folder) == NULL || chdir(folder) != 0)
		return 1;
	make("gen1", "gen1", 1, false);
	make("gen2", "gen2", 2, false);
	make("gen3", "gen3", 3, false);
	make("gen3-t1", "gen3", 4, true);
	honest("gen1", "gen1", 4);
	honest("gen2", "gen2", 4);
	honest("gen3", "gen3", 4);
	honest("gen3-t1", "gen3", 3);
	refusals();
	versions();
	seen("soft:gen3");
	seen("soft:gen3-t1");
	lying_cards("soft:gen3");
	lying_cards("soft:gen3-t1");
	foreign();
	resets();
	mute();
	snprintf(command, sizeof(command), "rm -rf %s", folder);
	if (system(command) != 0)
		return 1;
	r = done();
	fflush(stdout);
	_exit(r);	/* the mute card's session has no other end */
}
