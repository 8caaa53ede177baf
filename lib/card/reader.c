#include <fnmatch.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/crypto.h"
#include "base/err.h"
#include "base/time.h"
#include "card/reader_own.h"

#define LOOK_MS 50	/* between two looks */
#define TIMEOUT_MS 30000

static const struct ss_reader_engine *const engines[] = {
	&ss_reader_pcsc,
	&ss_reader_soft,
	&ss_reader_replay,
	NULL
};

/* The engine of a name, and what stands behind its prefix. */
static const struct ss_reader_engine *
engine_of(const char *name, const char **rest)
{
	size_t i, n;

	*rest = name;
	for (i = 0; name != NULL && engines[i] != NULL; i++) {
		n = strlen(engines[i]->prefix);
		if (strncmp(name, engines[i]->prefix, n) == 0) {
			*rest = name + n;
			return engines[i];
		}
	}
	return engines[0];
}

int
ss_reader_open(struct ss_reader **out, const struct ss_reader_setup *setup)
{
	const char *rest;
	struct ss_reader *rd;
	int r;

	*out = NULL;
	if ((rd = calloc(1, sizeof(*rd))) == NULL)
		return ss_fail(SS_EMEMORY, "out of memory");
	rd->setup = *setup;
	if (rd->setup.timeout_ms <= 0)
		rd->setup.timeout_ms = TIMEOUT_MS;
	rd->command_mask = rd->response_mask = SS_SECRET;
	rd->engine = engine_of(setup->name, &rest);
	if (setup->trace != NULL &&
	    (r = ss_trace_open(&rd->trace, setup->trace)) != 0)
		goto fail;
	if ((r = rd->engine->open(rd, rest)) != 0)
		goto fail;
	*out = rd;
	return 0;
fail:
	ss_trace_close(rd->trace);
	free(rd);
	return r;
}

void
ss_reader_close(struct ss_reader *rd)
{
	if (rd == NULL)
		return;
	ss_reader_disconnect(rd, false);
	rd->engine->close(rd);
	ss_trace_close(rd->trace);
	free(rd);
}

const char *
ss_reader_name(const struct ss_reader *rd)
{
	return rd->name;
}

int
ss_reader_wait(struct ss_reader *rd, bool present, int64_t wait_ms)
{
	return rd->engine->wait(rd, present, wait_ms);
}

static const char *
form_word(enum ss_apdu_form form)
{
	return form == SS_APDU_T0 ? "t0" : "t1";
}

int
ss_reader_connect(struct ss_reader *rd)
{
	int r;

	ss_reader_disconnect(rd, false);
	if ((r = ss_trace_check(rd->trace)) != 0)
		return r;
	rd->failed = rd->left = rd->was_reset = false;
	rd->atr_len = 0;
	rd->counts = (struct ss_reader_counts){ 0 };
	if ((r = rd->engine->connect(rd)) != 0)
		return r;
	rd->connected = true;
	ss_trace_connection(rd->trace, rd->name, rd->atr, rd->atr_len,
	    form_word(rd->form));
	return 0;
}

void
ss_reader_disconnect(struct ss_reader *rd, bool eject)
{
	if (rd->connected)
		rd->engine->disconnect(rd, eject);
	rd->connected = false;
	ss_wipe(rd->response, rd->response_len);	/* a person's data */
	rd->response_len = 0;
}

const uint8_t *
ss_reader_atr(const struct ss_reader *rd, size_t *len)
{
	*len = rd->atr_len;
	return rd->atr;
}

enum ss_apdu_form
ss_reader_form(const struct ss_reader *rd)
{
	return rd->form;
}

static int64_t
microseconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

static void
trace(struct ss_reader *rd, const uint8_t *command, size_t len, bool good,
    int64_t us)
{
	struct ss_trace_turn turn = {
		.command = command,
		.len = len,
		.command_masked = rd->command_mask != SS_SHOWN,
		.response = good ? rd->response : NULL,
		.response_len = rd->response_len,
		.response_masked = rd->response_mask != SS_SHOWN,
		.error = good ? NULL : ss_message(),
		.us = us,
	};

	ss_trace_add(rd->trace, rd->name, &turn);
}

int
ss_reader_transmit(struct ss_reader *rd, const void *command, size_t len,
    const uint8_t **response, size_t *response_len)
{
	int64_t began, ended;
	int r;

	*response = NULL;
	*response_len = 0;
	if (!rd->connected || rd->failed)
		return ss_fail(SS_EREADER, "there is no session with the card "
		    "any more");
	began = microseconds();
	rd->response_len = 0;
	r = rd->engine->transmit(rd, command, len);
	ended = microseconds();
	if (rd->counts.apdus++ == 0)
		rd->counts.first_ms = began / 1000;
	rd->counts.last_ms = ended / 1000;
	trace(rd, command, len, r == 0, ended - began);
	if (r != 0) {
		rd->failed = true;
		return r;
	}
	*response = rd->response;
	*response_len = rd->response_len;
	return 0;
}

bool
ss_reader_left(const struct ss_reader *rd)
{
	return rd->left;
}

bool
ss_reader_was_reset(const struct ss_reader *rd)
{
	return rd->was_reset;
}

const struct ss_reader_counts *
ss_reader_counts(const struct ss_reader *rd)
{
	return &rd->counts;
}

void
ss_reader_mask(struct ss_reader *rd, enum ss_secrecy command,
    enum ss_secrecy response)
{
	rd->command_mask = command;
	rd->response_mask = response;
}

int
ss_reader_form_of(struct ss_reader *rd)
{
	struct ss_atr atr;
	int r;

	if ((r = ss_atr_parse(rd->atr, rd->atr_len, &atr)) != 0)
		return r;
	rd->form = atr.t0 ? SS_APDU_T0 : SS_APDU_T1;
	return 0;
}

bool
ss_reader_stopped(const struct ss_reader *rd)
{
	return rd->setup.stop != NULL && *rd->setup.stop;
}

bool
ss_reader_nap(const struct ss_reader *rd, int64_t until)
{
	int64_t ms = until < 0 ? LOOK_MS : until - ss_monotonic();
	struct timespec nap;

	if (ms <= 0 || ss_reader_stopped(rd))
		return false;
	nap = (struct timespec){ 0, (ms < LOOK_MS ? ms : LOOK_MS) * 1000000 };
	nanosleep(&nap, NULL);
	return !ss_reader_stopped(rd);
}

int
ss_reader_waited(const struct ss_reader *rd, bool present)
{
	if (ss_reader_stopped(rd))
		return ss_fail(SS_EMISSING, "stopped while waiting for a card");
	if (present)
		return ss_fail(SS_EMISSING, "\"%s\": no card was put in",
		    rd->name);
	return ss_fail(SS_EMISSING, "\"%s\": the card was not taken out",
	    rd->name);
}

/* The sentence with all names, as many as there is room for. */
static int
list(const char *names, size_t count, const char *why)
{
	char all[SS_MESSAGE_MAX];
	size_t at = 0, n, i;

	for (i = 0; i < count; i++, names += strlen(names) + 1) {
		n = strlen(names);
		if (at + n + 5 > sizeof(all))
			break;
		memcpy(all + at, i > 0 ? ", \"" : "\"", i > 0 ? 3 : 1);
		at += i > 0 ? 3 : 1;
		memcpy(all + at, names, n);
		at += n;
		all[at++] = '"';
	}
	all[at] = '\0';
	return ss_fail(SS_EINVALID, "%s; name one of %s", why, all);
}

int
ss_reader_choose(const char *names, size_t count, const char *glob,
    const bool *has_card, const char **out)
{
	const char *p = names;
	size_t i, fit = 0;
	char why[SS_MESSAGE_MAX / 4];

	*out = NULL;
	if (count == 0)
		return ss_fail(SS_EREADER, "no card reader is connected; plug "
		    "one in");
	for (i = 0; i < count; i++, p += strlen(p) + 1) {
		/* A whole name goes first: many have brackets in them. */
		if (glob != NULL && strcmp(p, glob) == 0) {
			*out = p;
			return 0;
		}
		if (glob != NULL ? fnmatch(glob, p, 0) == 0 :
		    count == 1 || has_card[i]) {
			*out = p;
			fit++;
		}
	}
	if (fit == 1)
		return 0;
	*out = NULL;
	if (glob != NULL)
		snprintf(why, sizeof(why), fit == 0 ? "no card reader fits "
		    "\"%.64s\"" : "more than one card reader fits \"%.64s\"",
		    glob);
	else
		snprintf(why, sizeof(why), "%zu card readers and %s card in "
		    "them", count, fit == 0 ? "no" : "more than one");
	return list(names, count, why);
}
