/*
 * replay:FILE, a reader that answers what a trace has. Commands must come as
 * they came then: the same header and the same lengths. What is masked is
 * zeros, so that a replay goes as far as nothing masked is looked at.
 */
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/json.h"
#include "card/reader_own.h"

#define TRACE_MAX (64u << 20)
#define HEADER_HEX 8

struct replay {
	struct ss_bytes text;
	size_t at;		/* the next line */
	size_t line;		/* its number, from 1 */
};

static int
replay_open(struct ss_reader *rd, const char *rest)
{
	struct replay *p;
	int r;

	if ((p = calloc(1, sizeof(*p))) == NULL)
		return ss_fail(SS_EMEMORY, "out of memory");
	if ((r = ss_bytes_read_file(&p->text, rest, "the trace to replay",
	    TRACE_MAX)) != 0) {
		ss_bytes_free(&p->text);
		free(p);
		return r;
	}
	strcpy(rd->name, "replay:");
	strncat(rd->name, rest, sizeof(rd->name) - sizeof("replay:"));
	rd->own = p;
	return 0;
}

static void
replay_close(struct ss_reader *rd)
{
	struct replay *p = rd->own;

	ss_bytes_free(&p->text);
	free(p);
}

/* The next line's value; SS_EMISSING at the end, SS_EINVALID. */
static int
next(struct replay *p, struct ss_value **out)
{
	const char *from = p->text.data + p->at, *end;
	size_t len;

	*out = NULL;
	if (p->at >= p->text.len)
		return ss_fail(SS_EMISSING, "the trace has ended");
	end = memchr(from, '\n', p->text.len - p->at);
	len = end != NULL ? (size_t)(end - from) : p->text.len - p->at;
	p->at += len + 1;
	p->line++;
	if (ss_json_parse(from, len, out) != 0)
		return ss_fail_in(SS_EINVALID, "line %zu of the trace",
		    p->line);
	return 0;
}

/* Whether there is a connection in what is left; it stays the next line. */
static bool
more(struct replay *p)
{
	struct replay ahead = *p;
	struct ss_value *v;
	bool found = false;

	while (!found && next(&ahead, &v) == 0) {
		found = ss_value_get(v, "atr") != NULL;
		ss_json_free(v);
		if (!found)
			*p = ahead;
	}
	return found;
}

static int
replay_wait(struct ss_reader *rd, bool present, int64_t wait_ms)
{
	(void)wait_ms;
	return !present || more(rd->own) ? 0 : ss_reader_waited(rd, present);
}

static int
digit(char c)
{
	if (c == '.')
		return 0;
	if (c >= '0' && c <= '9')
		return c - '0';
	return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/* Bytes of a member, a masked one being 0; SS_EINVALID. */
static int
bytes_of(const struct replay *p, const struct ss_value *line, const char *name,
    uint8_t *out, size_t room, size_t *len)
{
	const struct ss_value *v = ss_value_get(line, name);
	const char *hex = ss_value_string(v);
	size_t i, n = ss_value_string_len(v);

	*len = 0;
	if (hex == NULL || n % 2 != 0 || n / 2 > room)
		return ss_fail(SS_EINVALID, "line %zu of the trace has no "
		    "\"%s\"", p->line, name);
	for (i = 0; i < n; i += 2) {
		if (digit(hex[i]) < 0 || digit(hex[i + 1]) < 0)
			return ss_fail(SS_EINVALID, "line %zu of the trace: "
			    "\"%s\" is not hexadecimal", p->line, name);
		out[i / 2] = (uint8_t)(digit(hex[i]) << 4 |
		    digit(hex[i + 1]));
	}
	*len = n / 2;
	return 0;
}

static int
replay_connect(struct ss_reader *rd)
{
	struct replay *p = rd->own;
	const char *form;
	struct ss_value *v;
	int r;

	if (!more(p))
		return ss_fail(SS_EREADER, "\"%s\": no further connection in "
		    "the trace", rd->name);
	if ((r = next(p, &v)) != 0)
		return r;
	r = bytes_of(p, v, "atr", rd->atr, sizeof(rd->atr), &rd->atr_len);
	form = ss_value_string(ss_value_get(v, "form"));
	rd->form = form != NULL && strcmp(form, "t0") == 0 ? SS_APDU_T0 :
	    SS_APDU_T1;
	ss_json_free(v);
	return r;
}

static void
replay_disconnect(struct ss_reader *rd, bool eject)
{
	(void)rd;
	(void)eject;
}

/* The same header and as many bytes. */
static bool
same(const struct ss_value *line, const uint8_t *command, size_t len)
{
	const struct ss_value *v = ss_value_get(line, "c");
	struct ss_bytes hex = { 0 };
	bool good;

	ss_trace_command(&hex, command, len, false);
	good = ss_bytes_check(&hex) == 0 && ss_value_string(v) != NULL &&
	    ss_value_string_len(v) == hex.len && hex.len >= HEADER_HEX &&
	    memcmp(ss_value_string(v), hex.data, HEADER_HEX) == 0;
	ss_bytes_free(&hex);
	return good;
}

static int
replay_transmit(struct ss_reader *rd, const uint8_t *command, size_t len)
{
	struct replay *p = rd->own;
	const char *error = NULL;
	struct ss_value *v = NULL;
	int r;

	if ((r = next(p, &v)) != 0)
		goto out;
	error = ss_value_string(ss_value_get(v, "error"));
	if (!same(v, command, len))
		r = ss_fail(SS_EREADER, "line %zu of the trace is not this "
		    "command", p->line);
	else if (error != NULL)
		r = ss_fail(SS_EREADER, "the trace: %s", error);
	else
		r = bytes_of(p, v, "r", rd->response, sizeof(rd->response),
		    &rd->response_len);
out:
	ss_json_free(v);
	rd->left = r != 0;
	return r != 0 ? ss_fail_as(SS_EREADER) : 0;
}

const struct ss_reader_engine ss_reader_replay = {
	.prefix = "replay:",
	.open = replay_open,
	.close = replay_close,
	.wait = replay_wait,
	.connect = replay_connect,
	.disconnect = replay_disconnect,
	.transmit = replay_transmit,
};
