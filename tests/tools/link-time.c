/*
 * link-time: what the wire alone takes for a trace (ss-encode(1), --trace).
 * WIRE is as ss-softcard(1) has it; with its write and page the chip's own
 * time is summed too: of UPDATE RECORD and UPDATE BINARY, and of the counter
 * that EXTERNAL AUTHENTICATE takes and gives back, a page each.
 *
 *	link-time WIRE TRACE
 *
 * prints commands, microseconds of the wire, of writing, and those that went
 * by from before the first command until after the last.
 */
#include <err.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/json.h"
#include "softcard/link.h"

#define PREFIX 5		/* of a command: its header and Lc */
#define COUNTER_WRITES 2

struct sums {
	struct ss_link link;
	uint64_t apdus, wire_ns, write_us;
	int64_t from, to;
};

static uint64_t
pages(const struct ss_link *l, size_t len)
{
	return l->page == 0 ? 1 : (len + l->page - 1) / l->page;
}

static void
add(struct sums *s, const char *command, size_t c, size_t r)
{
	s->apdus++;
	s->wire_ns += ss_link_time(&s->link, c, r);
	if (strncmp(command, "00DC", 4) == 0 ||
	    strncmp(command, "00D6", 4) == 0)
		s->write_us += pages(&s->link, c - PREFIX) * s->link.write_us;
	else if (strncmp(command, "0082", 4) == 0)
		s->write_us += COUNTER_WRITES * s->link.write_us;
}

static void
take(struct sums *s, const char *text, size_t len)
{
	const struct ss_value *c, *r;
	struct ss_value *line;
	int64_t t = 0, us = 0;

	if (ss_json_parse(text, len, &line) != 0)
		errx(1, "%s", ss_message());
	c = ss_value_get(line, "c");
	r = ss_value_get(line, "r");
	if (c != NULL && r != NULL) {
		if (!ss_value_int(ss_value_get(line, "t_us"), &t) ||
		    !ss_value_int(ss_value_get(line, "us"), &us))
			errx(1, "a line without its times");
		if (s->apdus == 0)
			s->from = t - us;
		s->to = t;
		add(s, ss_value_string(c), ss_value_string_len(c) / 2,
		    ss_value_string_len(r) / 2);
	}
	ss_json_free(line);
}

int
main(int argc, char **argv)
{
	struct sums s = { .apdus = 0 };
	char *line = NULL;
	size_t cap = 0;
	ssize_t n;
	FILE *f;

	if (argc != 3)
		errx(2, "usage: link-time WIRE TRACE");
	if (ss_link_parse(argv[1], &s.link) != 0)
		errx(2, "%s", ss_message());
	if ((f = fopen(argv[2], "r")) == NULL)
		err(1, "%s", argv[2]);
	while ((n = getline(&line, &cap, f)) != -1)
		take(&s, line, (size_t)n);
	free(line);
	fclose(f);
	printf("%llu %llu %llu %lld\n", (unsigned long long)s.apdus,
	    (unsigned long long)(s.wire_ns / 1000),
	    (unsigned long long)s.write_us, (long long)(s.to - s.from));
	return 0;
}
