/* Seals in the audit: what they prove, and that each step has its own. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "desk/auditing_own.h"

/* Neither word has a space in it. */
static void
say(struct ss_bytes *b, const char *step, const char *time,
    const char *operator)
{
	ss_bytes_addf(b, "%s %s %s", step, time, operator);
	ss_bytes_addc(b, '\0');
}

int
ss_seals_event(struct ss_auditor *au, const struct ss_event *e)
{
	struct ss_audit_seals *s = &au->seals;
	size_t cap = s->cap == 0 ? 64 : 2 * s->cap;
	struct ss_due *p;

	if (strcmp(e->step, ss_life[SS_LAPSE].word) == 0)
		return 0;	/* time took it */
	if (s->count == s->cap) {
		if ((p = realloc(s->due, cap * sizeof(*p))) == NULL)
			return ss_fail(SS_EMEMORY, "out of memory");
		s->due = p;
		s->cap = cap;
	}
	s->due[s->count].number = e->number;
	s->due[s->count++].said = s->said.len;
	say(&s->said, e->step, e->time, e->operator);
	return ss_bytes_check(&s->said);
}

static const char *
said(const struct ss_audit_seals *s, size_t i)
{
	return s->said.data + s->due[i].said;
}

static bool
is_of(struct ss_audit_seals *s, size_t seal, size_t due)
{
	const struct ss_seal *it = &s->sealing.seals.seal[seal];
	char time[SS_INSTANT_MAX];

	ss_instant_format(it->when, time);
	ss_bytes_reset(&s->want);
	say(&s->want, it->step, time, it->operator);
	return ss_bytes_check(&s->want) == 0 &&
	    strcmp(s->want.data, said(s, due)) == 0;
}

/* The last events are those of the seals, one by one. */
static bool
are_matched(struct ss_audit_seals *s)
{
	size_t i, n = s->sealing.seals.count;

	if (n > s->count)
		return false;
	for (i = 0; i < n; i++)
		if (!is_of(s, i, s->count - n + i))
			return false;
	return true;
}

/* The first that has not its other half: steps that were taken before the
 * first seal need none. */
static void
name_fault(struct ss_auditor *au, const char *id)
{
	struct ss_audit_seals *s = &au->seals;
	size_t i, sealed = 0, n = s->sealing.seals.count;

	for (i = 0; i < s->count; i++) {
		if (sealed < n && is_of(s, sealed, i)) {
			sealed++;
		} else if (sealed > 0) {
			ss_auditor_fault(au, id, "event %" PRId64 ", %.*s, "
			    "has no seal of this operator and time",
			    s->due[i].number, (int)strcspn(said(s, i), " "),
			    said(s, i));
			return;
		}
	}
	ss_auditor_fault(au, id, "seal %zu, %.20s, has no event of this "
	    "operator and time", sealed + 1,
	    s->sealing.seals.seal[sealed].step);
}

/* The trust file is asked for by the first record with a seal; SS_EAUTH is
 * that there is none, for all of them. */
static int
ask_trust(struct ss_auditor *au)
{
	struct ss_audit_seals *s = &au->seals;
	struct ss_operators *operators;
	int r;

	if (s->asked)
		return 0;
	s->asked = true;
	r = ss_desk_operators(au->a->desk, &operators);
	if (r == SS_EAUTH)
		snprintf(s->no_trust, sizeof(s->no_trust), "%s",
		    ss_message());
	return r == SS_EAUTH ? 0 : r;
}

/* What can be said without knowing anybody. */
static int
check_form(struct ss_auditor *au, const struct ss_value *record)
{
	struct ss_sealing *g = &au->seals.sealing;
	int r;

	au->seals.unproven++;
	if ((r = ss_seals_read(&g->seals, record, au->sm3)) == 0 &&
	    (r = ss_facts_read(&g->facts, record, au->sm3)) == 0)
		r = ss_seals_compare(&g->seals, &g->facts, NULL, true);
	return r;
}

/* Different signatures are counted by their bytes. */
static int
count_seals(struct ss_auditor *au)
{
	const struct ss_seals *seals = &au->seals.sealing.seals;
	const struct ss_seal *seal;
	bool before;
	size_t i;
	int r;

	for (i = 0; i < seals->count; i++) {
		seal = &seals->seal[i];
		if ((r = ss_seen_add(au->seals.seen,
		    (const char *)seal->signature, seal->signature_len,
		    &before)) != 0)
			return r;
		au->a->seals++;
		au->a->signatures += !before;
	}
	return 0;
}

static int
check(struct ss_auditor *au, const struct ss_entry *e,
    const struct ss_value *record)
{
	struct ss_audit_seals *s = &au->seals;
	bool sealed = ss_value_kind(ss_value_member(record, "seals")) >
	    SS_NULL;
	int r;

	s->sealing.seals.count = 0;
	if (sealed && (r = ask_trust(au)) != 0)
		return r;
	r = sealed && s->no_trust[0] != '\0' ? check_form(au, record) :
	    ss_proof_check(au->a->desk, &s->sealing, au->sm3, record, false);
	if (ss_code_stops(r) || r == SS_EPOLICY)
		return r;	/* a policy that is none is of no record */
	if (r != 0)
		ss_auditor_fault(au, e->id, "%s", ss_message());
	if (s->sealing.seals.count > 0 && !are_matched(s))
		name_fault(au, e->id);
	return count_seals(au);
}

int
ss_seals_end(struct ss_auditor *au, const struct ss_entry *e,
    const struct ss_value *record)
{
	int r = record == NULL ? 0 : check(au, e, record);

	au->seals.count = 0;
	ss_bytes_reset(&au->seals.said);
	return r;
}

void
ss_seals_finish(struct ss_auditor *au)
{
	if (au->seals.unproven > 0)
		ss_auditor_fault(au, "", "%" PRId64 " records have seals that "
		    "nothing proves: %s", au->seals.unproven,
		    au->seals.no_trust);
}

void
ss_seals_wipe(struct ss_audit_seals *s)
{
	ss_sealing_wipe(&s->sealing);
	ss_seen_close(s->seen);
	ss_bytes_free(&s->said);
	ss_bytes_free(&s->want);
	free(s->due);
}
