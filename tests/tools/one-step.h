/*
 * For filters that take steps in the register without the desk: an id is read
 * from each line, the register says the rest.
 */
#ifndef SS_TESTS_ONE_STEP_H
#define SS_TESTS_ONE_STEP_H

#include <err.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "books/job.h"
#include "books/store.h"

struct one {
	struct ss_registry *reg;
	struct ss_sm3 *sm3;
	const char *operator, *station;
	struct ss_entry entry;		/* as it is now */
	struct ss_value *record;
	int64_t epoch;			/* of its job */
	bool failed;			/* one was; the others went on */
};

static inline const char *
one_setting(const char *variable, const char *fallback)
{
	const char *value = getenv(variable);

	return value != NULL && *value != '\0' ? value : fallback;
}

static inline void
one_open(struct one *one, const char *registry)
{
	one->operator = one_setting("SSCARD_OPERATOR", "test");
	one->station = one_setting("SSCARD_STATION", "test");
	if (registry == NULL)
		registry = one_setting("SSCARD_REGISTRY", "none");
	if (ss_registry_open(&one->reg, registry, one->station, NULL) != 0 ||
	    ss_sm3_new(&one->sm3) != 0)
		errx(3, "%s", ss_message());
}

static inline void
one_close(struct one *one)
{
	ss_json_free(one->record);
	ss_sm3_free(one->sm3);
	ss_registry_close(one->reg);
}

/* Entry and record of a line's id. */
static inline int
one_load(struct one *one, const char *line)
{
	struct ss_value *root = NULL;
	struct ss_bytes text = { 0 };
	struct ss_job job;
	const char *id;
	int r;

	ss_json_free(one->record);
	one->record = NULL;
	memset(&one->entry, 0, sizeof(one->entry));
	if ((r = ss_json_parse(line, strlen(line), &root)) != 0)
		goto out;
	id = ss_value_string(ss_value_get(root, "id"));
	if (id == NULL || strlen(id) >= sizeof(one->entry.id)) {
		r = ss_fail(SS_EINVALID, "a record without an id");
		goto out;
	}
	strcpy(one->entry.id, id);
	if ((r = ss_registry_load(one->reg, &one->entry)) != 0 ||
	    (r = ss_registry_record(one->reg, id, &text)) != 0 ||
	    (r = ss_json_parse(text.data, text.len, &one->record)) != 0 ||
	    (r = ss_job_load(one->reg, id, &job)) != 0)
		goto out;
	one->epoch = job.epoch;
out:
	ss_json_free(root);
	ss_bytes_free(&text);
	return r;
}

/* The step, with members laid over the record; its state is what it leaves. */
static inline int
one_step(struct one *one, enum ss_step step, const struct ss_bytes *members)
{
	struct ss_change c = { .entry = &one->entry, .step = step,
		.operator = one->operator, .time = ss_now(),
		.epoch = one->epoch };
	struct ss_stand at = one->entry.at;
	struct ss_bytes text = { 0 }, record = { 0 };
	struct ss_value *over = NULL;
	int r;

	at.status = ss_entry_status(&one->entry, c.time);
	if ((r = ss_life_step(step, &at)) != 0)
		return r;
	ss_json_open(&text, NULL, '{');
	ss_json_add(&text, "state", ss_state_word(at.state));
	ss_json_close(&text, '}');
	if ((r = ss_json_parse(text.data, text.len, &over)) == 0)
		r = ss_value_merge(one->record, over);
	ss_json_free(over);
	over = NULL;
	if (r == 0 && members != NULL &&
	    (r = ss_json_parse(members->data, members->len, &over)) == 0)
		r = ss_value_merge(one->record, over);
	c.record = &record;
	c.after = one->entry;
	if (r == 0 && (r = ss_value_canonical(one->record, &record)) == 0 &&
	    (r = ss_entry_read(&c.after, one->record, &record,
	    one->sm3)) == 0 && (r = ss_registry_store(one->reg, &c, 1)) == 0 &&
	    c.code != 0)
		r = ss_fail(c.code, "%s", c.message);
	ss_json_free(over);
	ss_bytes_free(&text);
	ss_bytes_free(&record);
	return r;
}

/* Each line of standard input: work, then the record as it has become. */
static inline int
one_filter(struct one *one, int (*work)(struct one *, void *ctx), void *ctx)
{
	struct ss_bytes out = { 0 };
	char *line = NULL;
	size_t cap = 0;

	while (getline(&line, &cap, stdin) != -1) {
		ss_bytes_reset(&out);
		if (one_load(one, line) != 0 || work(one, ctx) != 0 ||
		    ss_value_canonical(one->record, &out) != 0) {
			warnx("%s: %s", one->entry.id, ss_message());
			one->failed = true;
			continue;
		}
		if (puts(out.data) == EOF || fflush(stdout) != 0)
			err(3, "standard output");
	}
	free(line);
	ss_bytes_free(&out);
	one_close(one);
	return one->failed ? 1 : 0;
}

#endif
