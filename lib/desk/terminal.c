#include <stdio.h>
#include <string.h>

#include "base/err.h"
#include "base/time.h"
#include "desk/terminal.h"

static int
open_reader(void *ctx)
{
	struct ss_terminal *t = ctx;

	return ss_reader_open(&t->opened, &t->reader);
}

int
ss_terminal_open(struct ss_terminal *t, const char *data)
{
	const struct ss_profile *profile;
	int r;

	if ((r = ss_profiles_open(&t->profiles, data)) != 0)
		return r;
	if (t->profile != NULL && ss_profiles_find(t->profiles, t->profile,
	    &profile) != 0)
		return ss_fail_as(SS_EINVALID);
	if ((r = ss_watch_open(&t->watch)) != 0)
		return r;
	t->reader.profiles = t->profiles;
	t->reader.watch = t->watch;
	return ss_watch_run(t->watch, open_reader, t);
}

static int
close_reader(void *ctx)
{
	struct ss_terminal *t = ctx;

	ss_reader_close(t->opened);
	return 0;
}

void
ss_terminal_close(struct ss_terminal *t)
{
	/* PC/SC may be silent here, too. */
	if (ss_terminal_run(t, close_reader, t) != 0)
		return;
	ss_watch_close(t->watch);
	ss_profiles_close(t->profiles);
	t->opened = NULL;
	t->watch = NULL;
	t->profiles = NULL;
}

int
ss_terminal_run(struct ss_terminal *t, int (*work)(void *ctx), void *ctx)
{
	return ss_watch_run(t->watch, work, ctx);
}

bool
ss_terminal_left(const struct ss_terminal *t)
{
	return t->watch != NULL && ss_watch_left(t->watch);
}

static int
no_card(const struct ss_terminal *t, const char *what)
{
	if (ss_last_code() != SS_EMISSING)
		return ss_last_code();
	if (t->reader.stop != NULL && *t->reader.stop != 0)
		return ss_fail(SS_EREADER, "interrupted while waiting for a "
		    "card");
	return ss_fail(SS_EREADER, "%s within %lld seconds (--wait)", what,
	    (long long)(t->wait_ms / 1000));
}

static void
tell(const struct ss_terminal *t, const char *sentence)
{
	char line[SS_MESSAGE_MAX];

	if (t->tell == NULL)
		return;
	if (t->name[0] != '\0') {
		snprintf(line, sizeof(line), "%s: %s", t->name, sentence);
		sentence = line;
	}
	t->tell(sentence, t->tell_ctx);
}

int
ss_terminal_wait(struct ss_terminal *t, const char *please)
{
	t->met = false;
	if (ss_reader_wait(t->opened, true, 0) == 0)
		return 0;
	tell(t, please);
	return ss_reader_wait(t->opened, true, t->wait_ms) == 0 ? 0 :
	    no_card(t, "no card came");
}

int
ss_terminal_next(struct ss_terminal *t, const char *please)
{
	if (t->used && ss_reader_wait(t->opened, false, 0) != 0) {
		tell(t, "take the card out");
		if (ss_reader_wait(t->opened, false, t->wait_ms) != 0)
			return no_card(t, "the card was not taken out");
	}
	t->used = false;
	return ss_terminal_wait(t, please);
}

#define SLICE_MS 200	/* of ss_terminal_ready */

int
ss_terminal_ready(struct ss_terminal *t, const char *please)
{
	bool present = !t->used;
	int64_t now = ss_monotonic();
	int r;

	if ((r = ss_reader_wait(t->opened, present, 0)) != 0) {
		if (ss_last_code() != SS_EMISSING)
			return ss_last_code();
		if (t->since == 0) {
			tell(t, present ? please : "take the card out");
			t->since = now;
		}
		if (now - t->since >= t->wait_ms)
			return no_card(t, present ? "no card came" :
			    "the card was not taken out");
		r = ss_reader_wait(t->opened, present, SLICE_MS);
	}
	if (r != 0)
		return ss_last_code();
	t->since = 0;
	if (present)
		return 0;
	t->used = false;
	return ss_terminal_ready(t, please);
}

int
ss_terminal_start(struct ss_terminal *t, struct ss_session *s)
{
	t->met = true;
	return ss_session_open(s, t->opened, t->keys, t->profiles,
	    t->profile);
}

int
ss_terminal_end(struct ss_terminal *t, struct ss_session *s, bool eject,
    int code)
{
	char message[SS_MESSAGE_MAX];

	memcpy(message, ss_message(), sizeof(message));
	ss_session_close(s, eject);
	t->used = true;
	return code == 0 ? 0 : ss_fail(code, "%s", message);
}

void
ss_terminal_write(const struct ss_identity *who, struct ss_bytes *b)
{
	const struct ss_profile *p = who->profile;

	ss_json_add(b, "chip", who->chip);
	ss_json_add(b, "reset", who->reset);
	ss_json_add(b, "identifier", who->identifier_hex);
	ss_json_add(b, "atr", who->atr_hex);
	ss_json_add(b, "profile", p->name);
	ss_json_addi(b, "generation", p->generation);
	ss_json_add(b, "version", who->version);
	ss_json_add(b, "cipher", ss_cipher_word(p->arithmetic.cipher));
}

bool
ss_terminal_alone(const struct ss_terminal *t)
{
	return t->met && (ss_reader_left(t->opened) ||
	    ss_reader_was_reset(t->opened));
}

struct pick {
	struct ss_terminal *terminal;
	char chip[SS_CHIP_SIZE];
};

static int
read_chip(void *ctx)
{
	struct pick *p = ctx;
	struct ss_session s;
	int r;

	if ((r = ss_terminal_wait(p->terminal, "put in a card")) != 0)
		return r;
	if ((r = ss_terminal_start(p->terminal, &s)) == 0)
		memcpy(p->chip, s.who.chip, sizeof(s.who.chip));
	return ss_terminal_end(p->terminal, &s, false, r);
}

int
ss_terminal_pick(struct ss_terminal *t, struct ss_desk *desk,
    struct ss_one *one)
{
	struct pick p = { .terminal = t };
	struct ss_entry e = { .events = 0 };
	int r;

	if ((r = ss_terminal_run(t, read_chip, &p)) != 0 ||
	    (r = ss_registry_find(desk->registry, SS_FIND_CHIP, p.chip,
	    &e)) != 0)
		return r;
	if (e.at.state == SS_STATE_NONE)
		return ss_fail(SS_EMISSING, "the register %s does not know "
		    "this card", ss_registry_name(desk->registry));
	return ss_registry_record(desk->registry, e.id, &one->text);
}
