#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "base/err.h"
#include "base/json.h"
#include "card/trace.h"
#include "chip/apdu.h"

#define HEADER 4
#define SW_LEN 2

struct ss_trace {
	int fd;
	int fault;		/* errno; 0: none */
	struct ss_bytes line;
};

int
ss_trace_open(struct ss_trace **out, const char *path)
{
	struct ss_trace *t;

	*out = NULL;
	if ((t = calloc(1, sizeof(*t))) == NULL)
		return ss_fail(SS_EMEMORY, "out of memory");
	t->fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC |
	    O_NOCTTY, 0600);
	if (t->fd == -1) {
		free(t);
		return ss_fail_errno(path);
	}
	*out = t;
	return 0;
}

void
ss_trace_close(struct ss_trace *t)
{
	if (t == NULL)
		return;
	close(t->fd);
	ss_bytes_free(&t->line);
	free(t);
}

int
ss_trace_check(const struct ss_trace *t)
{
	if (t == NULL || t->fault == 0)
		return 0;
	errno = t->fault;
	return ss_fail_errno("the trace");
}

/* Bytes in hexadecimal, those from masked to its end as "..". */
static void
put(struct ss_bytes *out, const uint8_t *p, size_t len, size_t from,
    size_t to)
{
	static const char digits[] = "0123456789ABCDEF";
	size_t i;

	for (i = 0; i < len; i++) {
		if (i >= from && i < to) {
			ss_bytes_add(out, "..", 2);
			continue;
		}
		ss_bytes_addc(out, digits[p[i] >> 4]);
		ss_bytes_addc(out, digits[p[i] & 0x0f]);
	}
}

void
ss_trace_command(struct ss_bytes *out, const uint8_t *p, size_t len,
    bool masked)
{
	size_t from = HEADER, to = len;
	struct ss_apdu a;

	if (!masked)
		from = to = 0;
	else if (ss_apdu_parse(p, len, &a) == 0) {
		from = a.len > 0 ? (size_t)(a.data - p) : 0;
		to = from + a.len;
	}
	put(out, p, len, from, to);
}

void
ss_trace_response(struct ss_bytes *out, const uint8_t *p, size_t len,
    bool masked)
{
	size_t to = len >= SW_LEN ? len - SW_LEN : len;

	put(out, p, len, 0, masked ? to : 0);
}

static void
begin(struct ss_trace *t, const char *reader)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	ss_bytes_reset(&t->line);
	ss_json_open(&t->line, NULL, '{');
	ss_json_addi(&t->line, "t_us", (int64_t)now.tv_sec * 1000000 +
	    now.tv_nsec / 1000);
	ss_json_add(&t->line, "reader", reader);
}

static void
end(struct ss_trace *t)
{
	ssize_t n;

	ss_json_close(&t->line, '}');
	ss_bytes_addc(&t->line, '\n');
	if (t->line.failed) {
		t->fault = ENOMEM;
		return;
	}
	do
		n = write(t->fd, t->line.data, t->line.len);
	while (n == -1 && errno == EINTR);
	if (n != (ssize_t)t->line.len)
		t->fault = n == -1 ? errno : ENOSPC;
}

void
ss_trace_connection(struct ss_trace *t, const char *reader,
    const uint8_t *atr, size_t len, const char *form)
{
	if (t == NULL)
		return;
	begin(t, reader);
	ss_json_key(&t->line, "atr");
	ss_bytes_addc(&t->line, '"');
	put(&t->line, atr, len, 0, 0);
	ss_bytes_addc(&t->line, '"');
	ss_json_add(&t->line, "form", form);
	end(t);
}

void
ss_trace_add(struct ss_trace *t, const char *reader,
    const struct ss_trace_turn *turn)
{
	if (t == NULL)
		return;
	begin(t, reader);
	ss_json_key(&t->line, "c");
	ss_bytes_addc(&t->line, '"');
	ss_trace_command(&t->line, turn->command, turn->len,
	    turn->command_masked);
	ss_bytes_addc(&t->line, '"');
	if (turn->response != NULL) {
		ss_json_key(&t->line, "r");
		ss_bytes_addc(&t->line, '"');
		ss_trace_response(&t->line, turn->response,
		    turn->response_len, turn->response_masked);
		ss_bytes_addc(&t->line, '"');
	} else
		ss_json_add(&t->line, "error", turn->error);
	ss_json_addi(&t->line, "us", turn->us);
	end(t);
}
