#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/text.h"
#include "desk/auditing_own.h"

void
ss_auditor_fault(struct ss_auditor *au, const char *subject, const char *fmt,
    ...)
{
	char text[SS_MESSAGE_MAX + 128];
	char *p;
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	/* A name may have been cut in the middle of a character. */
	for (p = text; !ss_utf8_valid(text, strlen(text)) && *p != '\0'; p++)
		if ((*p & 0x80) != 0)
			*p = '?';
	au->a->audit.faults++;
	au->fault(subject, text, au->ctx);
}

static int
take_event(const struct ss_event *e, void *ctx)
{
	struct ss_auditor *au = ctx;

	ss_tallies_event(au, e);
	return ss_seals_event(au, e);
}

static int
take_end(const struct ss_entry *e, const struct ss_value *record, void *ctx)
{
	struct ss_auditor *au = ctx;
	int r;

	if ((r = ss_tallies_end(au, e)) == 0)
		r = ss_seals_end(au, e, record);
	return r;
}

static int
take_station(const char *name, int64_t events, int64_t actions, void *ctx)
{
	return ss_tallies_station(ctx, name, events, actions);
}

static int
take_action(const struct ss_action *action, void *ctx)
{
	ss_tallies_action(ctx, action);
	return 0;
}

static int
walk(struct ss_auditor *au)
{
	struct ss_auditing *a = au->a;
	struct ss_audit_eye eye = { take_event, take_end, take_station,
		take_action, au };
	int64_t early;
	int r;

	ss_instant_format(ss_now(), a->now.time);
	if ((r = ss_tallies_begin(au)) != 0 ||
	    (r = ss_seen_open(&au->seals.seen)) != 0)
		return r;
	early = a->audit.faults;
	if ((r = ss_audit_watch(a->desk->registry, &a->audit, &eye, au->fault,
	    au->ctx)) != 0)
		return r;
	a->audit.faults += early;
	ss_seals_finish(au);
	return ss_tallies_finish(au);
}

int
ss_auditing_run(struct ss_auditing *a, ss_fault_fn *fault, void *ctx)
{
	struct ss_auditor au = { .a = a, .sm3 = a->desk->hands[0].sm3,
		.fault = fault, .ctx = ctx };
	int r;

	a->audit = (struct ss_audit){ .faults = 0 };
	a->now = (struct ss_checkpoint){ .count = 0 };
	a->seals = a->signatures = 0;
	r = walk(&au);
	ss_seals_wipe(&au.seals);
	free(au.tally);
	return r;
}

void
ss_auditing_wipe(struct ss_auditing *a)
{
	ss_checkpoint_free(&a->now);
}
