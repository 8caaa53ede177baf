/* Commands in every case and form, and what follows a response. */
#include <stdlib.h>

#include "base/err.h"
#include "base/text.h"
#include "chip/apdu.h"
#include "../tap.h"

static uint8_t data[SS_APDU_DATA], room[SS_APDU_ROOM];

static uint64_t state = UINT64_C(0x2545f4914f6cdd1d);

static size_t
chance(size_t below)
{
	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return (size_t)(state >> 33) % below;
}

static void
test_cases(void)
{
	static const uint8_t fid[] = { 0x3f, 0x00 };
	static const struct {
		struct ss_apdu a;
		const char *t0, *t1;
	} t[] = {
		{ { 0x00, 0x84, 1, 2, NULL, 0, 0 }, "00840102", "00840102" },
		{ { 0x00, 0x84, 0, 0, NULL, 0, 8 }, "0084000008",
		    "0084000008" },
		{ { 0x00, 0xb2, 1, 4, NULL, 0, 255 }, "00b20104ff",
		    "00b20104ff" },
		{ { 0x00, 0xb2, 1, 4, NULL, 0, 256 }, "00b2010400",
		    "00b2010400" },
		{ { 0x80, 0xa4, 0, 0, fid, 2, 0 }, "80a40000023f00",
		    "80a40000023f00" },
		{ { 0x00, 0xa4, 0, 0, fid, 2, 256 }, "00a40000023f00",
		    "00a40000023f0000" },
		{ { 0x00, 0xa4, 0, 0, fid, 2, 16 }, "00a40000023f00",
		    "00a40000023f0010" },
	};
	char hex[2 * SS_APDU_SHORT_ROOM + 1];
	size_t i, n;
	int r;

	for (i = 0; i < sizeof(t) / sizeof(*t); i++) {
		r = ss_apdu_encode(&t[i].a, SS_APDU_T0, room,
		    SS_APDU_SHORT_ROOM, &n);
		ss_hex(room, n, hex);
		ok(r == 0, "command %zu for T=0", i);
		is(hex, t[i].t0, "its bytes");
		r = ss_apdu_encode(&t[i].a, SS_APDU_T1, room,
		    SS_APDU_SHORT_ROOM, &n);
		ss_hex(room, n, hex);
		ok(r == 0, "for T=1");
		is(hex, t[i].t1, "its bytes");
		r = ss_apdu_encode(&t[i].a, SS_APDU_EXTENDED, room,
		    SS_APDU_SHORT_ROOM, &n);
		ss_hex(room, n, hex);
		ok(r == 0 && strcmp(hex, t[i].t1) == 0,
		    "no longer than need be");
	}
}

/* Lengths about the limits: which forms take them, and how they begin. */
static void
test_lengths(void)
{
	static const struct {
		size_t len, le, bytes;	/* 0: refused by EXTENDED too */
		bool is_short;
		const char *head, *tail;
	} t[] = {
		{ 255, 0, 260, true, "00d60000ff", "" },
		{ 255, 256, 261, true, "00d60000ff", "00" },
		{ 256, 0, 263, false, "00d60000000100", "" },
		{ 256, 1, 265, false, "00d60000000100", "0001" },
		{ 0, 257, 7, false, "00d60000000101", "" },
		{ 0, 65536, 7, false, "00d60000000000", "" },
		{ 1, 257, 10, false, "00d60000000001", "0101" },
		{ 65535, 65536, SS_APDU_ROOM, false, "00d6000000ffff",
		    "0000" },
		{ 65536, 0, 0, false, "", "" },
		{ 0, 65537, 0, false, "", "" },
	};
	struct ss_apdu a = { 0x00, 0xd6, 0, 0, data, 0, 0 };
	char head[15], tail[5];
	size_t i, n, h;
	int r;

	for (i = 0; i < sizeof(t) / sizeof(*t); i++) {
		a.len = t[i].len;
		a.le = t[i].le;
		r = ss_apdu_encode(&a, SS_APDU_T1, room, sizeof(room), &n);
		ok(t[i].is_short ? r == 0 && n == t[i].bytes :
		    r == SS_EINVALID && n == 0, "%zu bytes, %zu wanted: %s",
		    a.len, a.le, t[i].is_short ? "short" : "not short");
		ok(ss_apdu_encode(&a, SS_APDU_T0, room, sizeof(room), &n) == r,
		    "the same for T=0");
		r = ss_apdu_encode(&a, SS_APDU_EXTENDED, room, sizeof(room),
		    &n);
		ok(n == t[i].bytes && r == (n > 0 ? 0 : SS_EINVALID),
		    "extended");
		if (n == 0)
			continue;
		h = strlen(t[i].head) / 2;
		ss_hex(room, h, head);
		ss_hex(room + n - strlen(t[i].tail) / 2,
		    strlen(t[i].tail) / 2, tail);
		ok(strcmp(head, t[i].head) == 0 &&
		    strcmp(tail, t[i].tail) == 0 &&
		    memcmp(room + h, data, a.len) == 0, "its bytes");
		r = ss_apdu_encode(&a, SS_APDU_EXTENDED, room, n - 1, &n);
		ok(r == SS_EINVALID && n == 0, "one byte of room too little");
	}
}

static void
test_no_command(void)
{
	static const struct {
		const char *bytes;
		size_t len;
	} bad[] = { { "", 0 }, { "\0\xa4\0", 3 },
		{ "\0\xa4\0\0\2x", 6 },			/* data cut */
		{ "\0\xa4\0\0\2xyz1", 9 },		/* and two too many */
		{ "\0\xa4\0\0\0\0", 6 },		/* half an Le */
		{ "\0\xa4\0\0\0\0\0\0\0", 9 },		/* Lc 0 */
		{ "\0\xa4\0\0\0\0\1x\0", 9 },		/* half an Le */
		{ "\0\xa4\0\0\0\0\1x\0\0\0", 11 },	/* and more */
		{ "\0\xa4\0\0\0\0\2x", 8 },
		{ "\xff\xa4\0\0", 4 }, { "\0\x61\0\0", 4 },
		{ "\0\x9f\0\0", 4 } };
	struct ss_apdu a;
	size_t i, n;
	int r;

	for (i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		r = ss_apdu_parse(bad[i].bytes, bad[i].len, &a);
		ok(r == SS_EINVALID && a.len == 0 && a.data == NULL &&
		    a.ins == 0, "no command %zu", i);
	}
	a = (struct ss_apdu){ .cla = 0xff, .ins = 0xa4 };
	ok(ss_apdu_encode(&a, SS_APDU_T1, room, 4, &n) == SS_EINVALID &&
	    n == 0, "no class");
	a = (struct ss_apdu){ .ins = 0x6a };
	ok(ss_apdu_encode(&a, SS_APDU_T1, room, 4, &n) == SS_EINVALID,
	    "no instruction");
	a.ins = 0x90;
	ok(ss_apdu_encode(&a, SS_APDU_T1, room, 4, &n) == SS_EINVALID,
	    "nor this");
}

static bool
same(const struct ss_apdu *a, const struct ss_apdu *b)
{
	return a->cla == b->cla && a->ins == b->ins && a->p1 == b->p1 &&
	    a->p2 == b->p2 && a->len == b->len && a->le == b->le &&
	    (a->len == 0 || memcmp(a->data, b->data, a->len) == 0);
}

/* Random commands are read as written, and all that is cut off them is no
 * command or another one. */
static void
test_round_trips(void)
{
	static const size_t most[] = { 1, 3, 256, 600 };
	static const size_t ask[] = { 1, 2, 257, 65537 };
	struct ss_apdu a, b;
	enum ss_apdu_form form;
	int i, bad = 0, tried = 0, alike = 0;
	size_t n, cut;
	uint8_t *copy;

	for (i = 0; i < 2000; i++) {
		form = (enum ss_apdu_form)(i % 3);
		a = (struct ss_apdu){ (uint8_t)chance(255),
			(uint8_t)chance(0x60), (uint8_t)chance(256),
			(uint8_t)chance(256), data + chance(1000),
			chance(most[chance(4)]), chance(ask[chance(4)]) };
		if (ss_apdu_encode(&a, form, room, sizeof(room), &n) != 0)
			continue;
		tried++;
		if (form == SS_APDU_T0 && a.len > 0)
			a.le = 0;
		bad += ss_apdu_parse(room, n, &b) != 0 || !same(&a, &b);
		for (cut = 0; cut < n; cut++) {
			/* Of its own size, so that reading past it is seen. */
			if ((copy = malloc(cut + !cut)) == NULL)
				exit(1);
			memcpy(copy, room, cut);
			alike += ss_apdu_parse(copy, cut, &b) == 0 &&
			    same(&a, &b);
			free(copy);
		}
	}
	ok(tried > 1000 && bad == 0, "read as written");
	ok(alike == 0, "cut short it is not the same");
}

static void
test_chain(void)
{
	static const size_t lens[] = { 0, 1, 255, 256, 510, 511, 65535 };
	static const size_t links[] = { 1, 1, 1, 2, 2, 3, 257 };
	struct ss_apdu a = { 0x01, 0xdb, 3, 4, data, 0, 9 }, l;
	size_t i, j, at, n;
	int bad = 0;

	for (i = 0; i < sizeof(lens) / sizeof(*lens); i++) {
		a.len = lens[i];
		bad += ss_apdu_links(&a) != links[i];
		for (at = 0, j = 0; j < links[i]; j++, at += l.len)
			bad += ss_apdu_link(&a, j, &l) != 0 ||
			    l.cla != (j + 1 < links[i] ? 0x11 : 0x01) ||
			    l.le != (j + 1 < links[i] ? 0 : 9) ||
			    l.data != data + at || l.p1 != 3 || l.p2 != 4 ||
			    ss_apdu_encode(&l, SS_APDU_T1, room,
			    SS_APDU_SHORT_ROOM, &n) != 0;
		bad += at != a.len;
		bad += ss_apdu_link(&a, j, &l) != SS_EINVALID || l.ins != 0;
	}
	ok(bad == 0, "chains");
	a.len = 256;
	a.cla = 0x84;
	ok(ss_apdu_link(&a, 0, &l) == SS_EINVALID && l.len == 0,
	    "not in a class of a maker");
	is(ss_message(), "a command of class 84 can't be chained", "says so");
	a.cla = 0x10;
	ok(ss_apdu_link(&a, 0, &l) == SS_EINVALID, "not one in a chain");
	a.len = 255;
	ok(ss_apdu_link(&a, 0, &l) == 0 && same(&a, &l), "if it is long");
}

static void
test_response(void)
{
	static const uint8_t good[] = { 1, 2, 3, 4, 0x90, 0x00 };
	static uint8_t long_one[SS_APDU_LE + 3];
	struct ss_response r;
	uint8_t bytes[2];
	unsigned int sw;
	int taken = 0;
	size_t n;

	ok(ss_response_parse(good, 6, &r) == 0 && r.data == good &&
	    r.len == 4 && r.sw == 0x9000, "data and status word");
	ok(ss_response_parse(good + 4, 2, &r) == 0 && r.len == 0, "no data");
	for (n = 0; n < 6; n++)
		ok(ss_response_parse(good, n, &r) == SS_ECARD &&
		    r.data == NULL && r.sw == 0, "%zu bytes of it", n);
	is(ss_message(), "an answer of 5 bytes ends with no status word",
	    "says so, and no byte of it");
	long_one[SS_APDU_LE] = long_one[SS_APDU_LE + 1] = 0x90;
	ok(ss_response_parse(long_one, SS_APDU_LE + 2, &r) == 0 &&
	    r.len == SS_APDU_LE, "the longest");
	ok(ss_response_parse(long_one, SS_APDU_LE + 3, &r) == SS_ECARD,
	    "too long");
	is(ss_message(), "an answer of 65539 bytes is too long", "says so");
	for (sw = 0; sw <= 0xffff; sw++) {
		bytes[0] = (uint8_t)(sw >> 8);
		bytes[1] = (uint8_t)(sw & 0xff);
		if (ss_response_parse(bytes, 2, &r) == 0)
			taken += r.sw == sw ? 1 : 100000;
	}
	ok(taken == (15 + 16) * 256, "the words that there are");
}

/* One turn: the command to be sent next in hexadecimal, "done" or "card". */
static const char *
turn(struct ss_exchange *x, struct ss_apdu *a, size_t len, uint16_t sw)
{
	static char hex[2 * SS_APDU_SHORT_ROOM + 1];
	const struct ss_response r = { data, len, sw };
	size_t n;
	bool more;
	int bad;

	bad = ss_apdu_next(x, a, &r, a, &more);
	if (bad != 0)
		return bad == SS_ECARD && !more ? "card" : "?";
	if (!more)
		return "done";
	if (ss_apdu_encode(a, x->form, room, sizeof(room), &n) != 0)
		return "no command";
	ss_hex(room, n, hex);
	return hex;
}

static void
test_next(void)
{
	struct ss_exchange x = { .form = SS_APDU_T0 };
	struct ss_apdu a = { 0x00, 0xa4, 4, 0, data, 15, 256 };

	is(turn(&x, &a, 0, 0x611e), "00c000001e", "61xx");
	is(turn(&x, &a, 0, 0x6c10), "00c0000010", "and 6Cxx to that");
	is(turn(&x, &a, 16, 0x6100), "00c0000000", "more, all of it");
	is(turn(&x, &a, 256, 0x9000), "done", "the end");
	ok(x.turns == 4 && x.len == 272, "is counted");

	x = (struct ss_exchange){ .form = SS_APDU_T1 };
	a = (struct ss_apdu){ 0x00, 0xb2, 1, 4, NULL, 0, 256 };
	is(turn(&x, &a, 0, 0x6c12), "00b2010412", "6Cxx");
	is(turn(&x, &a, 0, 0x6c13), "card", "twice");
	is(ss_message(), "the card asks for another length to no purpose, "
	    "SW 6C13", "says so");
	x = (struct ss_exchange){ .form = SS_APDU_T1 };
	a.le = 18;
	is(turn(&x, &a, 0, 0x6c00), "00b2010400", "6C00");
	x = (struct ss_exchange){ .form = SS_APDU_T1 };
	is(turn(&x, &a, 0, 0x6c00), "card", "of what was asked for");
	x = (struct ss_exchange){ .form = SS_APDU_T1 };
	is(turn(&x, &a, 1, 0x6c05), "card", "6Cxx with data");
	a.le = 0;
	x = (struct ss_exchange){ .form = SS_APDU_T1 };
	is(turn(&x, &a, 0, 0x6c05), "card", "6Cxx to case 1");
	a = (struct ss_apdu){ 0x00, 0x20, 0, 0, data, 3, 0 };
	x = (struct ss_exchange){ .form = SS_APDU_T1 };
	is(turn(&x, &a, 0, 0x6c05), "card", "to case 3");
	a.le = 8;
	x = (struct ss_exchange){ .form = SS_APDU_T0 };
	is(turn(&x, &a, 0, 0x6c05), "card", "to case 4 in T=0");
	x = (struct ss_exchange){ .form = SS_APDU_T1 };
	is(turn(&x, &a, 0, 0x6c05), "002000000300010205", "but in T=1");
	is(turn(&x, &a, 5, 0x63c2), "done", "any other word is the end");

	x = (struct ss_exchange){ .form = SS_APDU_T1 };
	is(turn(&x, &a, 0, 0x6108), "00c0000008", "61xx in T=1");
	is(turn(&x, &a, 0, 0x6108), "card", "that gives nothing");
	is(ss_message(), "the card promises data and gives none, SW 6108",
	    "says so");
}

static void
test_channels(void)
{
	static const struct {
		uint8_t cla;
		const char *next;
	} t[] = { { 0x00, "00c0000001" }, { 0x1f, "03c0000001" },
		{ 0x0c, "00c0000001" }, { 0x42, "42c0000001" },
		{ 0x7f, "4fc0000001" }, { 0x80, "00c0000001" },
		{ 0x84, "00c0000001" }, { 0xc3, "00c0000001" } };
	struct ss_exchange x;
	struct ss_apdu a;
	size_t i;

	for (i = 0; i < sizeof(t) / sizeof(*t); i++) {
		x = (struct ss_exchange){ .form = SS_APDU_T0 };
		a = (struct ss_apdu){ .cla = t[i].cla, .ins = 0x24 };
		is(turn(&x, &a, 0, 0x6101), t[i].next, "its channel");
	}
}

/* A card that always has more: in bytes, then in turns. */
static void
test_bounds(void)
{
	struct ss_exchange x = { .form = SS_APDU_T0 };
	struct ss_apdu a = { 0x00, 0xb0, 0, 0, NULL, 0, 256 };
	int n;

	for (n = 0; n < 256; n++)
		if (strcmp(turn(&x, &a, 256, 0x6100), "00c0000000") != 0)
			break;
	ok(n == 256 && x.len == SS_APDU_LE, "65536 bytes");
	is(turn(&x, &a, 1, 0x9000), "card", "and no more");
	is(ss_message(), "the card answers with more than 65536 bytes, "
	    "SW 9000", "says so");
	x = (struct ss_exchange){ .form = SS_APDU_T0 };
	for (n = 0; n < 100000; n++)
		if (strcmp(turn(&x, &a, 1, 0x6101), "00c0000001") != 0)
			break;
	ok(n == SS_EXCHANGE_TURNS - 1, "no more turns than are promised");
	is(ss_message(), "the card's answer has no end, SW 6101", "says so");
}

int
main(void)
{
	size_t i;

	for (i = 0; i < sizeof(data); i++)
		data[i] = (uint8_t)(i % 251);
	test_cases();
	test_lengths();
	test_no_command();
	test_round_trips();
	test_chain();
	test_response();
	test_next();
	test_channels();
	test_bounds();
	return done();
}
