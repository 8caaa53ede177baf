/*
 * A whole session with a card whose answers are the input: the first byte says
 * the protocol, each answer stands behind its length (FF: as many times 16
 * bytes as the byte after it says, and 9000). What fails is gone on with all the same, so
 * that every answer is listened to.
 */
#define _GNU_SOURCE	/* memfd_create */
#include "../fuzz-main.h"
#include "base/err.h"
#include "card/reader_own.h"
#include "card/session.h"
#include "../test-keys.h"

#define FUZZ_COMMANDS 20000	/* no session has more */

static struct {
	const uint8_t *p;
	size_t len;
	size_t commands;
	uint8_t form;
} fuzz_tape;

static int
fuzz_connect(struct ss_reader *rd)
{
	static const uint8_t atr[] = { 0x3b, 0x6d, 0, 0, 'S', 'P', 'Y', 'V',
		'0', 1, 'P', 0x22, 1, 0, 0, 0, 7 };

	memcpy(rd->atr, atr, sizeof(atr));
	rd->atr_len = sizeof(atr);
	rd->form = fuzz_tape.form & 1 ? SS_APDU_T1 : SS_APDU_T0;
	return 0;
}

static void
fuzz_disconnect(struct ss_reader *rd, bool eject)
{
	(void)rd;
	(void)eject;
}

static int
fuzz_transmit(struct ss_reader *rd, const uint8_t *command, size_t len)
{
	size_t n;

	FUZZ_CHECK(len >= 4 && ++fuzz_tape.commands < FUZZ_COMMANDS);
	(void)command;
	if (fuzz_tape.len == 0)
		return ss_fail(SS_EREADER, "the tape has ended");
	n = fuzz_tape.p[0];
	fuzz_tape.p++;
	fuzz_tape.len--;
	if (n == 0xff && fuzz_tape.len > 0) {
		n = fuzz_tape.p[0] * 16u;
		memset(rd->response, fuzz_tape.p[0], n);
		memcpy(rd->response + n, "\x90", 2);
		fuzz_tape.p++;
		fuzz_tape.len--;
		rd->response_len = n + 2;
		return 0;
	}
	if (n > fuzz_tape.len)
		n = fuzz_tape.len;
	memcpy(rd->response, fuzz_tape.p, n);
	rd->response_len = n;
	fuzz_tape.p += n;
	fuzz_tape.len -= n;
	return 0;
}

static const struct ss_reader_engine fuzz_engine = {
	.prefix = "fuzz:",
	.connect = fuzz_connect,
	.disconnect = fuzz_disconnect,
	.transmit = fuzz_transmit,
};

/* A failure says so, and what is no failure is whole. */
static int
fuzz_said(int r)
{
	FUZZ_CHECK(r >= 0 && r <= SS_EMEMORY && (r == 0 ||
	    ss_message()[0] != '\0'));
	return r;
}

static void
fuzz_one(struct ss_session *s, const struct ss_card_file *f)
{
	static uint8_t values[SS_ITEMS_MAX][SS_ITEM_LEN_MAX];
	struct ss_bytes b = { 0 };
	size_t i;

	if (f->binary) {
		if (fuzz_said(ss_session_read_binary(s, f, f->size, &b)) == 0)
			FUZZ_CHECK(b.len == f->size);
		memset(values, 0, sizeof(values));
		fuzz_said(ss_session_write_binary(s, f, values,
		    f->size < sizeof(values) ? f->size : sizeof(values)));
		ss_bytes_free(&b);
		return;
	}
	fuzz_said(ss_session_read_items(s, f, values));
	for (i = 0; i < f->items_count; i++)
		if (f->items[i].write >= 0)
			fuzz_said(ss_session_write_item(s, f, &f->items[i],
			    values[i]));
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct ss_profiles *profiles;
	static struct ss_reader rd;
	const struct ss_profile *p;
	struct ss_session s;
	size_t i;

	if (profiles == NULL)
		FUZZ_CHECK(ss_profiles_open(&profiles, fuzz_data_dir()) == 0);
	if (size == 0)
		return 0;
	fuzz_tape.form = data[0];
	fuzz_tape.p = data + 1;
	fuzz_tape.len = size - 1;
	fuzz_tape.commands = 0;
	memset(&rd, 0, offsetof(struct ss_reader, response));
	rd.engine = &fuzz_engine;
	if (fuzz_said(ss_session_open(&s, &rd, test_keys(), profiles,
	    NULL)) == 0)
		FUZZ_CHECK(s.who.profile != NULL && strlen(s.who.chip) == 50 &&
		    strlen(s.who.city) == 6 && strlen(s.who.version) <= 7);
	/* As if it had been one of generation 3. */
	if (s.who.profile == NULL) {
		FUZZ_CHECK(ss_profiles_find(profiles, "gen3", &p) == 0);
		s.who.profile = p;
		strcpy(s.who.city, "220100");
		ss_reader_connect(&rd);
	}
	fuzz_said(ss_session_genuine(&s));
	s.key_version = 1;
	fuzz_said(ss_session_authenticate(&s, SS_KEY_RKSSSE));
	fuzz_said(ss_session_authenticate(&s, SS_KEY_UKSSSE));
	FUZZ_CHECK(s.tries_left >= -1 && s.tries_left <= 15);
	p = s.who.profile;
	for (i = 0; i < p->files_count; i++)
		fuzz_one(&s, &p->files[i]);
	ss_session_close(&s, false);
	FUZZ_CHECK(s.held == 0 && s.selected == NULL);
	return 0;
}
