#include <sys/stat.h>

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/err.h"
#include "base/files.h"
#include "desk/auditing.h"
#include "front/audit.h"
#include "front/who.h"
#include "rules/region.h"

struct audit {
	const struct ss_audit_call *call;
	struct ss_who who;
	struct ss_desk desk;
	struct ss_auditing work;
	struct ss_checkpoint *against;	/* as many as there are files */
	char region[7];
	char unwritten[SS_MESSAGE_MAX];	/* why a fault could not be put */
};

static void
put_fault(const char *subject, const char *what, void *ctx)
{
	struct audit *a = ctx;
	struct ss_bytes b = { 0 };

	ss_json_open(&b, NULL, '{');
	ss_json_add(&b, "subject", subject);
	ss_json_add(&b, "fault", what);
	ss_json_close(&b, '}');
	if (a->unwritten[0] == '\0' && (ss_bytes_check(&b) != 0 ||
	    a->call->put(b.data, b.len) != 0))
		snprintf(a->unwritten, sizeof(a->unwritten), "%s",
		    ss_message());
	ss_bytes_free(&b);
}

/* What can be refused is, before a passphrase is asked for and all is read. */
static int
check_call(struct audit *a)
{
	const struct ss_audit_call *call = a->call;
	const char *operator = call->command->common.operator;
	struct stat st;
	int r;

	if (call->region != NULL) {
		if ((r = ss_region_code(call->region, a->region)) != 0)
			return r;
		a->work.region = a->region;
	}
	if (call->checkpoint == NULL)
		return 0;
	if (operator == NULL || !ss_signer_is(operator))
		return ss_fail(SS_EINVALID, "--checkpoint is signed; "
		    "--operator has to be a key");
	if (lstat(call->checkpoint, &st) == 0)
		return ss_fail(SS_EEXISTS, "%s: is there already; a "
		    "checkpoint is not replaced", call->checkpoint);
	return 0;
}

static int
read_against(struct audit *a)
{
	size_t i, n = a->call->against.count;
	int r = 0;

	if ((a->against = calloc(n + 1, sizeof(*a->against))) == NULL)
		return ss_fail(SS_EMEMORY, "out of memory");
	for (i = 0; r == 0 && i < n; i++)
		r = ss_checkpoint_read(&a->against[i],
		    a->call->against.at[i]);
	a->work.against = a->against;
	a->work.against_count = n;
	return r;
}

static int
open_desk(struct audit *a)
{
	const struct ss_common *c = &a->call->command->common;
	int r;

	if (a->call->checkpoint != NULL &&
	    ((r = ss_who_open(&a->who, a->call->command)) != 0 ||
	    (r = ss_checkpoint_may(a->who.self, a->work.region)) != 0))
		return r;
	a->work.desk = &a->desk;
	return ss_desk_open(&a->desk, &(struct ss_desk_setup){
	    .data = c->data, .operator = c->operator, .station = c->station,
	    .trust = c->trust, .operators = a->who.operators,
	    .signer = a->who.signer, .self = a->who.self,
	    .registry = c->registry, .jobs = 1, .bound = true,
	    .looks = true });
}

static void
tell(const struct audit *a)
{
	const struct ss_auditing *w = &a->work;
	char seals[96] = "";

	if (w->seals > 0)
		snprintf(seals, sizeof(seals), ", %" PRId64 " seals by %"
		    PRId64 " signatures", w->seals, w->signatures);
	ss_note(a->call->command, "%" PRId64 " applications, %" PRId64
	    " events, %" PRId64 " cards, %" PRId64 " actions, %" PRId64
	    " stations%s: %" PRId64 " faults", w->audit.applications,
	    w->audit.events, w->audit.cards, w->audit.actions,
	    w->audit.stations, seals, w->audit.faults);
}

static int
make_checkpoint(struct audit *a)
{
	const char *path = a->call->checkpoint;
	struct ss_bytes text = { 0 };
	int r;

	if ((r = ss_checkpoint_write(&a->work.now, a->who.signer, a->who.self,
	    &text)) == 0)
		r = ss_file_make(path, text.data, text.len, 0644);
	ss_bytes_free(&text);
	return r;
}

static int
run(struct audit *a, bool *faulty)
{
	const struct ss_audit_call *call = a->call;
	int r;

	if ((r = check_call(a)) != 0 || (r = read_against(a)) != 0 ||
	    (r = open_desk(a)) != 0 || (r = ss_auditing_run(&a->work,
	    put_fault, a)) != 0)
		return r;
	if (a->unwritten[0] != '\0')
		return ss_fail(SS_EIO, "%s", a->unwritten);
	if ((r = call->flush()) != 0)
		return r;
	tell(a);
	*faulty = a->work.audit.faults > 0;
	if (*faulty)
		return ss_fail(SS_EAUTH, "the register has faults%s",
		    call->checkpoint != NULL ? "; no checkpoint was made" :
		    "");
	return call->checkpoint != NULL && !call->dry_run ?
	    make_checkpoint(a) : 0;
}

int
ss_front_audit(const struct ss_audit_call *call)
{
	struct audit a = { .call = call };
	bool faulty = false, opened;
	size_t i;
	int r, status = SS_EXIT_OK;

	if ((r = ss_common_complete(call->command)) == 0)
		r = run(&a, &faulty);
	opened = a.desk.registry != NULL;
	if (r != 0) {
		status = ss_stop_error(call->command);
		if (faulty)
			status = SS_EXIT_RECORDS;
		else if (opened)
			status = SS_EXIT_STOPPED;
	}
	ss_auditing_wipe(&a.work);
	for (i = 0; a.against != NULL && i < call->against.count; i++)
		ss_checkpoint_free(&a.against[i]);
	free(a.against);
	if (a.work.desk != NULL)
		ss_desk_close(&a.desk);
	ss_who_close(&a.who);
	return status;
}
