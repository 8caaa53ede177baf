#include <string.h>

#include "base/err.h"
#include "desk/loss.h"

static const char *const kinds[] = { "temporary", "formal", "release" };

enum ss_loss_kind
ss_loss_find(const char *word)
{
	int i;

	for (i = 0; i < SS_LOSS_KINDS && strcmp(kinds[i], word) != 0; i++)
		;
	return (enum ss_loss_kind)i;
}

/* Whether what is reported is so already, or more than that. */
static bool
is_so(enum ss_loss_kind kind, enum ss_status status)
{
	switch (kind) {
	case SS_LOSS_TEMPORARY:
		return status == SS_LOST_FOR_NOW || status == SS_LOST;
	case SS_LOSS_FORMAL:
		return status == SS_LOST;
	default:
		return status == SS_NORMAL;
	}
}

/* Only a card in use is lost. */
static int
check_state(enum ss_state state)
{
	switch (state) {
	case SS_ACTIVE:
		return 0;
	case SS_MADE:
	case SS_COLLECTED:
		return ss_fail(SS_ESTATE, "the card is not in use yet; run "
		    "ss-cancel, and apply anew");
	case SS_CANCELLED:
		return ss_fail(SS_ESTATE, "the application is cancelled, and "
		    "its card cannot be used any more; apply anew");
	default:
		return ss_fail(SS_ESTATE, "the application is %s: there is no "
		    "card in use yet", ss_state_word(state));
	}
}

/* What the policy refuses. */
static int
check_policy(const struct ss_turn *t, const struct ss_loss *loss)
{
	const struct ss_policy *p = t->policy;
	const char *about = ss_words_about(t->desk->words, "channel",
	    loss->channel);
	bool alone = about != NULL && strcmp(about, "self-service") == 0;

	if (loss->kind == SS_LOSS_RELEASE && t->status == SS_LOST &&
	    !p->loss.release_formal)
		return ss_fail(SS_EPOLICY, "a formal report of loss is not "
		    "released in %s; run ss-reissue --reason lost", p->region);
	if (alone && !p->loss.self_service_with_initial_pin &&
	    ss_record_get(t->rec, "pin.changed") == NULL)
		return ss_fail(SS_EPOLICY, "no report of loss is taken or "
		    "released by %s in %s while the card has its initial PIN; "
		    "do it at a counter or on a manned line", loss->channel,
		    p->region);
	return 0;
}

/* When a temporary report ends by itself; "" for never. */
static int
find_until(const struct ss_turn *t, const struct ss_loss *loss,
    char until[SS_INSTANT_MAX])
{
	const struct ss_term *term = &t->policy->loss.temporary_lapses_after;
	ss_instant end;
	int r;

	until[0] = '\0';
	if (loss->kind != SS_LOSS_TEMPORARY || !term->set)
		return 0;
	if ((r = ss_calendar_add(t->desk->calendar, t->now, &term->period,
	    &end)) == 0)
		ss_instant_format(end, until);
	return r;
}

static void
write_loss(struct ss_turn *t, const struct ss_loss *loss,
    enum ss_status status, const char *until)
{
	const char *locked = ss_record_string(t->rec, "loss.locked");
	struct ss_bytes *b = ss_turn_write(t, "loss");

	ss_json_add(b, "kind", kinds[loss->kind]);
	ss_json_add(b, "channel", loss->channel);
	ss_json_add(b, "reporter", loss->reporter);
	if (until[0] != '\0')
		ss_json_add(b, "until", until);
	ss_json_add(b, "status", ss_status_word(status));
	if (locked != NULL)	/* the chip is, whatever the register says */
		ss_json_add(b, "locked", locked);
	ss_json_close(b, '}');
}

int
ss_loss_one(struct ss_turn *t, void *ctx)
{
	static const enum ss_step steps[] = { SS_LOSE_FOR_NOW, SS_LOSE,
		SS_RELEASE };
	const struct ss_loss *loss = ctx;
	struct ss_stand at = t->entry->at;
	char until[SS_INSTANT_MAX];
	int r;

	if ((r = check_state(at.state)) != 0)
		return r;
	at.status = t->status;
	if (is_so(loss->kind, at.status)) {
		ss_record_already(t->rec);
		return 0;
	}
	if ((r = ss_life_step(steps[loss->kind], &at)) != 0 ||
	    (r = check_policy(t, loss)) != 0 ||
	    (r = find_until(t, loss, until)) != 0)
		return r;
	write_loss(t, loss, at.status, until);
	ss_turn_take(t, steps[loss->kind], at.state);
	return 0;
}
