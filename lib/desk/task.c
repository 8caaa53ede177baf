#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "desk/task.h"

struct ss_bytes *
ss_turn_write(struct ss_turn *turn, const char *member)
{
	struct ss_bytes *b = ss_record_set(turn->rec, member);
	char time[SS_INSTANT_MAX];

	ss_instant_format(turn->now, time);
	ss_json_open(b, NULL, '{');
	ss_json_add(b, "time", time);
	ss_json_add(b, "by", turn->desk->operator);
	ss_json_add(b, "station", turn->desk->station);
	return b;
}

void
ss_turn_take(struct ss_turn *turn, enum ss_step step, enum ss_state state)
{
	ss_json_add(ss_record_set(turn->rec, "state"), NULL,
	    ss_state_word(state));
	ss_record_remove(turn->rec, "already");
	ss_step_take(turn->step, turn->rec, step, turn->now);
}

/* Of several records of one application the first is worked on. */
static int
begin(struct ss_record *const *recs, size_t n, void *ctx)
{
	const char *ids[SS_GROUP_RECORDS];
	struct ss_task *task = ctx;
	size_t i, j;

	for (i = 0; i < n; i++) {
		task->earlier[recs[i]->slot] = NULL;
		ids[i] = ss_record_string(recs[i], "id");
		for (j = 0; ids[i] != NULL && j < i; j++)
			if (ids[j] != NULL && strcmp(ids[j], ids[i]) == 0) {
				task->earlier[recs[i]->slot] = recs[j];
				break;
			}
	}
	return ss_step_begin(task->step, recs, n);
}

static int
work(struct ss_task *task, struct ss_turn *turn)
{
	const char *region;
	int r;

	if (task->earlier[turn->rec->slot] != NULL) {
		ss_record_already(turn->rec);
		return 0;
	}
	turn->entry = ss_step_entry(task->step, turn->rec);
	turn->status = ss_entry_status(turn->entry, turn->now);
	region = ss_record_string(turn->rec, "region");
	if ((r = ss_desk_policy(turn->desk, region, &turn->policy)) != 0)
		return r;
	return task->one(turn, task->ctx);
}

/* What came in goes out when it fails, with what was for this desk. */
static int
restore(struct ss_record *rec, int code, void *ctx)
{
	struct ss_task *task = ctx;
	const struct ss_bytes *text = &task->came[rec->slot];
	char message[SS_MESSAGE_MAX];
	int r;

	if (rec->text.len == text->len &&
	    memcmp(rec->text.data, text->data, text->len) == 0)
		return code;
	memcpy(message, ss_message(), sizeof(message));
	if ((r = ss_record_become(rec, text->data, text->len)) != 0)
		return r;
	return ss_fail(code, "%s", message);
}

int
ss_task_open(struct ss_task *task, struct ss_desk *desk)
{
	task->desk = desk;
	task->step = malloc(sizeof(*task->step));
	task->came = calloc(SS_GROUP_RECORDS, sizeof(*task->came));
	if (task->step == NULL || task->came == NULL) {
		free(task->step);
		task->step = NULL;
		return ss_fail(SS_EMEMORY, "out of memory");
	}
	ss_step_init(task->step, desk);
	task->step->restore = restore;
	task->step->ctx = task;
	return 0;
}

void
ss_task_close(struct ss_task *task)
{
	size_t i;

	if (task->step != NULL)
		ss_step_wipe(task->step);
	for (i = 0; task->came != NULL && i < SS_GROUP_RECORDS; i++)
		ss_bytes_free(&task->came[i]);
	free(task->came);
	free(task->step);
	task->came = NULL;
	task->step = NULL;
}

static int
take_turn(struct ss_task *task, struct ss_record *rec, unsigned worker)
{
	struct ss_turn turn = { .desk = task->desk, .worker = worker,
		.hand = &task->desk->hands[worker], .step = task->step,
		.rec = rec, .now = ss_now() };
	struct ss_value *given = NULL;
	bool became = false;
	int r;

	if (ss_record_string(rec, "id") == NULL)
		return ss_fail(SS_EINVALID, "no application: id is missing");
	if (task->input != NULL &&
	    ss_value_member(rec->root, task->input) != NULL) {
		ss_record_remove(rec, task->input);
		given = ss_value_take(rec->root, task->input);
	}
	turn.given = given;
	if ((r = ss_step_recall(task->step, rec, worker, &became)) == 0)
		r = work(task, &turn);
	if (r != 0)
		r = restore(rec, r, task);
	ss_json_free(given);
	if (ss_code_stops(r) && turn.own)
		return ss_record_fail(rec, r);
	return r;
}

/* The later one of two in a group waits until the first is stored. */
static int
one(struct ss_record *rec, unsigned worker, void *ctx)
{
	struct ss_task *task = ctx;
	struct ss_bytes *came = &task->came[rec->slot];
	int r;

	ss_bytes_reset(came);
	ss_bytes_add(came, rec->text.data, rec->text.len);
	if ((r = ss_bytes_check(came)) == 0 &&
	    task->earlier[rec->slot] == NULL)
		r = take_turn(task, rec, worker);
	return r;
}

/* A code that stops the run is returned; any other is the record's error. */
static int
follow(struct ss_task *task, struct ss_record *rec)
{
	int r;

	if (task->earlier[rec->slot]->outcome == SS_FAILED)
		r = ss_fail(SS_ESTATE, "an earlier record of this application "
		    "failed; run again");
	else if ((r = ss_step_begin(task->step, &rec, 1)) == 0)
		r = take_turn(task, rec, 0);
	return r == 0 || ss_code_stops(r) ? r : ss_record_fail(rec, r);
}

/* What could not be stored goes out as it came, too. */
static int
give_back(struct ss_task *task, struct ss_record *rec)
{
	int r, code = rec->code;

	ss_fail(code, "%s", rec->message.data);
	r = restore(rec, code, task);
	return r == code ? ss_record_fail(rec, code) : r;
}

static int
end(struct ss_record *const *recs, size_t n, void *ctx)
{
	struct ss_task *task = ctx;
	size_t i;
	int r;

	if (task->desk->files == NULL ||
	    (r = ss_files_sync(task->desk->files)) == 0)
		r = ss_step_end(task->step, recs, n);
	for (i = 0; r != 0 && i < n; i++)
		r = restore(recs[i], r, task);
	for (i = 0; r == 0 && i < n; i++) {
		if (recs[i]->outcome == SS_FAILED)
			r = give_back(task, recs[i]);
		else if (task->earlier[recs[i]->slot] != NULL)
			r = follow(task, recs[i]);
	}
	return r;
}

struct ss_work
ss_task_work(struct ss_task *task)
{
	return (struct ss_work){ .begin = begin, .one = one, .end = end,
		.sealer = ss_step_sealer(task->step), .ctx = task,
		.group = task->singly ? 1 : 0 };
}
