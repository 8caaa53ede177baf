#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "desk/reading_own.h"

/* The record that the register has of the card in the reader. */
static int
take_record(struct ss_sight *s)
{
	struct ss_desk *desk = s->reading->desk;
	struct ss_bytes text = { 0 };
	int r;

	if (desk->registry == NULL)
		return 0;
	if ((r = ss_registry_find(desk->registry, SS_FIND_CHIP,
	    s->session.who.chip, &s->entry)) != 0 ||
	    s->entry.at.state == SS_STATE_NONE || !s->reading->card_first)
		return r;
	if ((r = ss_registry_record(desk->registry, s->entry.id,
	    &text)) == 0)
		r = ss_record_become(s->rec, text.data, text.len);
	ss_bytes_free(&text);
	return r;
}

/* Record-first: the card is the one that the record names. */
static int
check_chip(const struct ss_sight *s)
{
	const char *chip = ss_record_string(s->rec, "card.chip");

	if (s->reading->card_first)
		return 0;
	if (chip == NULL)
		return ss_fail(SS_ESTATE, "the record has no card yet");
	return strcmp(chip, s->session.who.chip) == 0 ? 0 :
	    ss_fail(SS_ESTATE, "the card in the reader is not that of this "
	    "record; put in the one with identifier %.24s",
	    strlen(chip) > 2 * SS_HISTORICAL_LEN ?
	    chip + 2 * SS_HISTORICAL_LEN : "?");
}

/* A record that was given is the one that the register has. */
static int
check_record(struct ss_sight *s)
{
	struct ss_stepper *step = s->reading->step;
	bool became;
	int r;

	if (step == NULL || s->reading->card_first)
		return 0;
	if ((r = ss_step_begin(step, &s->rec, 1)) != 0)
		return r;
	return ss_step_recall(step, s->rec, s->worker, &became);
}

static int
look(struct ss_sight *s)
{
	int r;

	if ((r = check_record(s)) != 0 || (r = take_record(s)) != 0 ||
	    (r = check_chip(s)) != 0 ||
	    (r = ss_codec_open(&s->from, "UTF-8",
	    s->session.who.profile->encoding)) != 0)
		return r;
	ss_contents_init(&s->there, s->session.who.profile);
	if ((r = ss_sight_read(s)) == 0 && (r = ss_sight_check(s)) == 0)
		r = ss_sight_lost(s);
	s->counts = *ss_reader_counts(s->session.reader);
	return r;
}

/* What the card said goes out even where it is not what the record says. */
static int
write_read(struct ss_sight *s, int code)
{
	char message[SS_MESSAGE_MAX];
	int r;

	if (s->there.profile == NULL)
		return code;
	memcpy(message, ss_message(), sizeof(message));
	if (code != 0)
		ss_bytes_adds(&s->rec->detail, "\"read\":");
	r = ss_sight_write(s, code == 0 ? ss_record_set(s->rec, "read") :
	    &s->rec->detail);
	if (r != 0) {	/* no half of an object */
		ss_bytes_reset(&s->rec->detail);
		return r;
	}
	return code == 0 ? 0 : ss_fail(code, "%s", message);
}

/* On the terminal's thread. */
static int
see(void *ctx)
{
	struct ss_sight *s = ctx;
	struct ss_terminal *t = &s->reading->terminal;
	int r;

	if ((r = ss_terminal_wait(t, "put in a card")) != 0)
		return r;
	if ((r = ss_terminal_start(t, &s->session)) == 0)
		r = look(s);
	return write_read(s, ss_terminal_end(t, &s->session, false, r));
}

static int
one(struct ss_record *rec, unsigned worker, void *ctx)
{
	struct ss_reading *rd = ctx;
	struct ss_sight s = { .reading = rd, .rec = rec,
		.hand = &rd->desk->hands[worker], .worker = worker,
		.now = ss_now() };
	int r;

	r = ss_terminal_run(&rd->terminal, see, &s);
	if (ss_terminal_left(&rd->terminal))
		return r;
	ss_contents_wipe(&s.there);
	ss_codec_close(s.from);
	/* A card that left, or forgot all, is this record's trouble alone. */
	if (ss_code_stops(r) && ss_terminal_alone(&rd->terminal))
		return ss_record_fail(rec, r);
	return r;
}

int
ss_reading_open(struct ss_reading *rd, struct ss_desk *desk, const char *data)
{
	int r;

	rd->desk = desk;
	if (desk->registry != NULL) {
		if ((rd->step = malloc(sizeof(*rd->step))) == NULL)
			return ss_fail(SS_EMEMORY, "out of memory");
		ss_step_init(rd->step, desk);
	}
	if (rd->card_first) {
		ss_bytes_adds(&rd->one.text, "{\"v\":1}");
		if ((r = ss_bytes_check(&rd->one.text)) != 0)
			return r;
	}
	return ss_terminal_open(&rd->terminal, data);
}

void
ss_reading_close(struct ss_reading *rd)
{
	if (rd->step != NULL && !ss_terminal_left(&rd->terminal))
		ss_step_wipe(rd->step);
	free(rd->step);
	rd->step = NULL;
	ss_bytes_free(&rd->one.text);
	ss_terminal_close(&rd->terminal);
}

struct ss_work
ss_reading_work(struct ss_reading *rd)
{
	return (struct ss_work){ .one = one, .ctx = rd, .group = 1 };
}

struct ss_source
ss_reading_source(struct ss_reading *rd)
{
	return ss_one_source(&rd->one);
}
