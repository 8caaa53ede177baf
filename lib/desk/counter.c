#include <string.h>

#include "base/err.h"
#include "chip/item.h"
#include "desk/collect.h"
#include "desk/counter.h"

int
ss_counter_open(struct ss_counter *c, struct ss_desk *desk, const char *data,
    bool card_first)
{
	int r;

	if ((r = ss_terminal_open(&c->terminal, data)) != 0 || !card_first)
		return r;
	return ss_terminal_pick(&c->terminal, desk, &c->one);
}

void
ss_counter_close(struct ss_counter *c)
{
	ss_bytes_free(&c->one.text);
	ss_terminal_close(&c->terminal);
}

struct ss_source
ss_counter_source(struct ss_counter *c)
{
	return ss_one_source(&c->one);
}

int
ss_counter_identify(const struct ss_counter *c, struct ss_turn *t,
    const char **how)
{
	*how = "document";
	if (ss_value_kind(t->given) > SS_NULL)
		return ss_collector_identify(t);
	*how = "attested";
	return c->attested ? 0 : ss_fail(SS_EPOLICY, "who stands at the "
	    "counter is not identified; give \"%s\" in the record, or say "
	    "--attest identity", SS_COUNTER_INPUT);
}

/* The card's number is that of the record: another chip with our keys may
 * carry anything. */
static int
check_number(struct ss_showing *s)
{
	const char *wanted = ss_record_string(s->turn->rec, "card.number");
	uint8_t value[SS_ITEM_LEN_MAX];
	const struct ss_card_file *file;
	const struct ss_item *item;
	struct ss_bytes text = { 0 };
	int r;

	item = ss_profile_item(s->session.who.profile, "number", &file);
	if ((r = ss_tries_use_key(&s->tries, &s->session, item->read)) != 0 ||
	    (r = ss_session_read_item(&s->session, file, item, value)) != 0)
		goto out;
	r = ss_item_decode(item, value, NULL, &text);
	/* What is no text is no number of ours either. */
	if (r == SS_ECARD || (r == 0 && (wanted == NULL || text.len == 0 ||
	    strcmp(text.data, wanted) != 0)))
		r = ss_fail(SS_EAUTH, "the card's number is not that of the "
		    "record");
out:
	ss_bytes_free(&text);
	return r;
}

static int
check_card(struct ss_showing *s)
{
	const char *chip = ss_record_string(s->turn->rec, "card.chip");
	struct ss_entry other = { .events = 0 };
	int r;

	if (chip != NULL && strcmp(chip, s->session.who.chip) == 0) {
		if ((r = ss_session_genuine(&s->session)) != 0)
			return r;
		return check_number(s);
	}
	if ((r = ss_registry_find(s->turn->desk->registry, SS_FIND_CHIP,
	    s->session.who.chip, &other)) != 0)
		return r;
	if (other.at.state == SS_STATE_NONE)
		return ss_fail(SS_ESTATE, "the card in the reader is not that "
		    "of this record, and the register does not know it");
	return ss_fail(SS_ESTATE, "the card in the reader is that of "
	    "application %s, not of this record", other.id);
}

struct shown {
	struct ss_showing *showing;
	int (*work)(struct ss_showing *);
};

static int
show(void *ctx)
{
	struct shown *shown = ctx;
	struct ss_showing *s = shown->showing;
	struct ss_terminal *t = &s->counter->terminal;
	int r;

	if ((r = ss_terminal_wait(t, "put in the card")) != 0)
		return r;
	if ((r = ss_terminal_start(t, &s->session)) == 0) {
		s->session.real_keys = !s->turn->policy->keys.accept_test;
		if ((r = check_card(s)) == 0)
			r = shown->work(s);
	}
	s->turn->own = s->turn->own || ss_terminal_alone(t);
	return ss_terminal_end(t, &s->session, false, r);
}

int
ss_counter_show(struct ss_counter *c, struct ss_turn *t,
    int (*work)(struct ss_showing *), void *ctx)
{
	struct ss_showing s = { .counter = c, .turn = t, .ctx = ctx,
		.tries = { t->desk->registry, c->force } };
	struct shown shown = { &s, work };

	return ss_terminal_run(&c->terminal, show, &shown);
}

int
ss_showing_order(struct ss_showing *s, enum ss_order order, const char *pin)
{
	const struct ss_profile *p = s->session.who.profile;
	int r;

	if ((r = ss_tries_use_key(&s->tries, &s->session,
	    p->orders[order].auth)) != 0)
		return r;
	return ss_card_order(&s->session, order, pin);
}
