#include "base/err.h"
#include "front/front.h"
#include "front/who.h"

/* A card that was asked for by name. */
static bool
is_named(const struct ss_front *f)
{
	return f->command.common.card != NULL ||
	    f->command.common.person != NULL;
}

/* What was asked for by name and is not there is no fault of the call. */
static int
refuse(const struct ss_front *f, bool picked)
{
	bool missing = ss_last_code() == SS_EMISSING && picked;
	int status = ss_stop_error(&f->command);

	return missing ? SS_EXIT_RECORDS : status;
}

static int
open_task(struct ss_front *f, struct ss_desk *desk, struct ss_work *work,
    struct ss_source *source, struct ss_one *one, bool *picked)
{
	const struct ss_common *c = &f->command.common;
	int r;

	*picked = false;
	if (f->open != NULL && (r = f->open(f, desk, work, source)) != 0)
		return r;
	if (f->task != NULL) {
		if ((r = ss_task_open(f->task, desk)) != 0)
			return r;
		*work = ss_task_work(f->task);
	}
	if (!is_named(f))
		return 0;
	*picked = true;
	*source = ss_one_source(one);
	if (c->card != NULL)
		return ss_pick_card(desk, c->card, one);
	if ((r = ss_pick_person(desk, c->person, one)) != 0 ||
	    !f->all_of_person)
		return r;
	*source = ss_pick_source(&f->pick);
	return ss_pick_all(&f->pick, desk, c->person);
}

static int
run(struct ss_front *f, struct ss_desk *desk)
{
	struct ss_command *command = &f->command;
	struct ss_run *r = &f->run;
	struct ss_one one = { .given = false };
	struct ss_source source;
	struct ss_work work;
	bool picked;
	int status;

	if ((status = ss_run_init(r, command)) == SS_CONTINUE) {
		r->summary = f->summary;
		source = ss_run_lines(r);
		if (open_task(f, desk, &work, &source, &one, &picked) != 0) {
			status = refuse(f, picked);
		} else {
			r->ctx = f->ctx;
			status = ss_run_stream(r, &source, &work);
		}
		if (f->close != NULL)
			f->close(f);
		if (f->task != NULL)
			ss_task_close(f->task);
		ss_pick_wipe(&f->pick);
		ss_bytes_free(&one.text);
	}
	ss_run_wipe(r);
	return status;
}

static int
serve(struct ss_front *f)
{
	struct ss_common *c = &f->command.common;
	struct ss_desk desk = { 0 };
	struct ss_who who = { 0 };
	int status;

	if (ss_common_complete(&f->command) != 0 ||
	    ss_who_open(&who, &f->command) != 0 || ss_desk_open(&desk,
	    &(struct ss_desk_setup){ .data = c->data, .files = c->files,
	    .region = c->region, .operator = c->operator,
	    .station = c->station != NULL ? c->station : "",
	    .trust = c->trust, .operators = who.operators,
	    .signer = who.signer, .self = who.self, .registry = c->registry,
	    .jobs = (unsigned)c->jobs, .dry_run = c->dry_run,
	    .bound = (f->command.takes & SS_TAKES_NONE) == 0,
	    .looks = f->looks }) != 0) {
		status = ss_stop_error(&f->command);
	} else {
		/* In a pipe it may be the first to need one. */
		if (desk.registry_made)
			ss_note(&f->command, "made the register %s",
			    ss_registry_name(desk.registry));
		status = run(f, &desk);
	}
	ss_desk_close(&desk);
	ss_who_close(&who);
	return status;
}

int
ss_front_main(struct ss_front *f, int argc, char **argv)
{
	struct ss_command *command = &f->command;
	bool feeds;
	int status;

	status = ss_options_parse(command, argc, argv);
	if (status == SS_CONTINUE && f->check != NULL)
		status = f->check(f);
	feeds = status == SS_CONTINUE && (is_named(f) ||
	    (f->feeds != NULL && f->feeds(f)));
	if (status == SS_CONTINUE && feeds && command->operand_count > 0)
		status = ss_usage_error(command, "records named by options "
		    "and files exclude each other");
	if (status == SS_CONTINUE && command->common.card != NULL &&
	    command->common.person != NULL)
		status = ss_usage_error(command, "--card and --person "
		    "exclude each other");
	if (status == SS_CONTINUE && !feeds && ss_run_lonely(command))
		status = ss_usage_synopsis(command);
	if (status == SS_CONTINUE)
		status = serve(f);
	ss_options_wipe(command);
	return status;
}
