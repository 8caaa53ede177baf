#include <errno.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "base/err.h"
#include "front/serve.h"

/* What has come and is not yet answered, on pages of its own: it may be a
 * PIN. */
struct asked {
	char line[SS_WIRE_REQUEST_MAX];
	size_t len;
	bool too_long;		/* what comes up to a newline is none's */
};

/* More of what is asked, or its end. */
static int
more(struct asked *a, bool *end)
{
	ssize_t n;

	while ((n = read(STDIN_FILENO, a->line + a->len,
	    sizeof(a->line) - a->len)) == -1 && errno == EINTR)
		;
	if (n == -1)
		return ss_fail_errno("standard input");
	a->len += (size_t)n;
	*end = n == 0;
	return 0;
}

/* A client that has gone needs no answer. */
static int
put(const struct ss_bytes *answer, bool *end)
{
	const char *p = answer->data;
	size_t left = answer->len;
	ssize_t n;

	while (left > 0) {
		if ((n = write(STDOUT_FILENO, p, left)) == -1 && errno == EINTR)
			continue;
		if (n == -1 && errno != EPIPE)
			return ss_fail_errno("standard output");
		if (n == -1) {
			*end = true;
			return 0;
		}
		p += n;
		left -= (size_t)n;
	}
	return 0;
}

/* Sends and wipes an answer, which also tells of what r ends the service. */
static int
say(struct ss_bytes *out, int r, bool *end)
{
	int sent = put(out, end);

	if (out->data != NULL)
		ss_wipe(out->data, out->len);
	ss_bytes_free(out);
	return r != 0 ? r : sent;
}

/* Answers a line of so many bytes, with its newline, and drops it. */
static int
answer(struct ss_service *s, struct asked *a, size_t len, bool *end)
{
	struct ss_bytes out = { 0 };
	int r = 0;

	if (!a->too_long)
		r = ss_service_answer(s, a->line, len - 1, &out);
	a->too_long = false;
	memmove(a->line, a->line + len, a->len - len);
	a->len -= len;
	ss_wipe(a->line + a->len, len);
	return say(&out, r, end);
}

/* A line without end is refused once, and then read past. */
static int
read_past(struct ss_service *s, struct asked *a, bool *end)
{
	struct ss_bytes out = { 0 };
	int r = 0;

	if (!a->too_long)
		r = ss_service_too_long(s, &out);
	a->too_long = true;
	ss_wipe(a->line, a->len);
	a->len = 0;
	return say(&out, r, end);
}

static int
serve(struct ss_service *s, struct asked *a)
{
	const char *nl;
	bool end = false;
	int r = 0;

	while (r == 0 && !end) {
		if ((nl = memchr(a->line, '\n', a->len)) != NULL)
			r = answer(s, a, (size_t)(nl - a->line) + 1, &end);
		else if (a->len == sizeof(a->line))
			r = read_past(s, a, &end);
		else
			r = more(a, &end);
	}
	return r;
}

int
ss_serve(struct ss_keys *k, struct ss_service_setup *setup)
{
	struct ss_service *service;
	struct asked *a;
	void *page = NULL;
	int r;

	/* A client that has gone, and a log that is full, are seen by write. */
	signal(SIGPIPE, SIG_IGN);
	signal(SIGXFSZ, SIG_IGN);
	if ((r = ss_service_open(&service, setup)) != 0)
		return r;
	if ((r = ss_keys_look(k, false)) == 0 &&
	    (r = ss_secret_new(&page, sizeof(*a))) == 0) {
		a = page;
		ss_service_keys(service, k->ks);
		r = serve(service, a);
	}
	ss_secret_free(page, sizeof(*a));
	ss_service_close(service);
	return r;
}
