/*
 * replay-card: cards that compute nothing, so that what is measured is who
 * talks to them. Puts one card after the other into a virtual reader (vpcd):
 * the card of a list, whose first line is its ATR and whose others are a
 * command and the response to it, all hexadecimal. A card leaves when its list
 * was gone through and it is reset or loses its power. For each it prints how
 * many commands there were, how many were others than the list has, the
 * microseconds from the first command to the last response, and those between
 * each response and the command that follows it. WIRE (ss-softcard(1), "none"
 * for none) says how long each exchange takes at least.
 */
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <err.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/err.h"
#include "softcard/link.h"
#include "softcard/vpcd.h"

enum { LINES_MAX = 512, BYTES_MAX = 264, READ_MAX = 4096,
    SPIN_US = 200 };

struct string {
	uint8_t bytes[BYTES_MAX];
	size_t len;
};

static struct string atr, commands[LINES_MAX], responses[LINES_MAX];
static long long came[LINES_MAX], went[LINES_MAX];
static size_t count, at, others;
static struct ss_link wire;

static long long
now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000000LL + t.tv_nsec / 1000;
}

static void
take(struct string *s, const char *hex, const char *path)
{
	unsigned int byte;

	s->len = 0;
	if (hex == NULL || strlen(hex) % 2 != 0 ||
	    strlen(hex) > 2 * sizeof(s->bytes))
		errx(1, "%s: a line that is none of a list", path);
	for (; *hex != '\0'; hex += 2) {
		if (sscanf(hex, "%2x", &byte) != 1)
			errx(1, "%s: not hexadecimal", path);
		s->bytes[s->len++] = (uint8_t)byte;
	}
}

static void
load(const char *path)
{
	char *line = NULL, *rest;
	size_t cap = 0;
	FILE *f;

	if ((f = fopen(path, "r")) == NULL)
		err(1, "%s", path);
	atr.len = count = at = others = 0;
	while (getline(&line, &cap, f) != -1) {
		rest = line;
		if (atr.len == 0) {
			take(&atr, strsep(&rest, " \n"), path);
			continue;
		}
		if (count == LINES_MAX)
			errx(1, "%s: too long", path);
		take(&commands[count], strsep(&rest, " \n"), path);
		take(&responses[count++], strsep(&rest, " \n"), path);
	}
	free(line);
	fclose(f);
}

static int
join(uint16_t port)
{
	const struct sockaddr_in to = { .sin_family = AF_INET,
		.sin_port = htons(port),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	int fd = socket(AF_INET, SOCK_STREAM, 0), one = 1;

	if (fd == -1 || connect(fd, (const struct sockaddr *)&to,
	    sizeof(to)) == -1)
		err(1, "port %u", port);
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
	return fd;
}

static void
say(int fd, const struct string *s)
{
	uint8_t out[2 + BYTES_MAX] = { (uint8_t)(s->len >> 8),
		(uint8_t)(s->len & 0xff) };

	memcpy(out + 2, s->bytes, s->len);
	if (send(fd, out, s->len + 2, MSG_NOSIGNAL) != (ssize_t)s->len + 2)
		err(1, "send");
}

/* Turns round and round, since a sleep ends late. */
static void
wait_for_wire(long long since)
{
	long long us = (long long)(ss_link_time(&wire, commands[at].len,
	    responses[at].len) / 1000);

	if (us > SPIN_US)
		usleep((useconds_t)(us - SPIN_US));
	while (now() < since + us)
		;
}

/* False when the card is to leave. */
static bool
answer(int fd, const struct ss_vpcd_message *m)
{
	static const struct string over = { { 0x6f, 0x00 }, 2 };
	long long then = now();

	switch (m->kind) {
	case SS_VPCD_ATR:
		say(fd, &atr);
		break;
	case SS_VPCD_OFF:
	case SS_VPCD_ON:
	case SS_VPCD_RESET:
		return at < count;
	case SS_VPCD_APDU:
		if (at == count) {
			others++;
			say(fd, &over);
			break;
		}
		if (m->len != commands[at].len || memcmp(m->body,
		    commands[at].bytes, m->len) != 0)
			others++;
		wait_for_wire(then);
		came[at] = then;
		/* Sending may last until the next command is there. */
		went[at] = now();
		say(fd, &responses[at++]);
		break;
	case SS_VPCD_NOTHING:
		break;
	}
	return true;
}

static ssize_t
receive(int fd, uint8_t *room, size_t len)
{
	int one = 1;
	ssize_t n;

	/* What vpcd writes comes in two parts, and late without this. */
	setsockopt(fd, IPPROTO_TCP, TCP_QUICKACK, &one, sizeof(one));
	n = recv(fd, room, len, 0);
	setsockopt(fd, IPPROTO_TCP, TCP_QUICKACK, &one, sizeof(one));
	return n;
}

static void
serve(int fd)
{
	static uint8_t in[2 * READ_MAX];
	struct ss_vpcd_message m;
	size_t len = 0, n;
	ssize_t got;
	bool stays = true;

	while (stays) {
		if ((got = receive(fd, in + len, sizeof(in) - len)) <= 0)
			errx(1, "the reader has gone");
		len += (size_t)got;
		while (stays && (n = ss_vpcd_parse(in, len, &m)) > 0) {
			stays = answer(fd, &m);
			memmove(in, in + n, len -= n);
		}
	}
}

static void
show(void)
{
	size_t i;

	if (count == 0)
		return;
	printf("{\"apdus\":%zu,\"others\":%zu,\"us\":%lld,\"gaps\":[",
	    count, others, went[count - 1] - came[0]);
	for (i = 1; i < count; i++)
		printf("%s%lld", i > 1 ? "," : "", came[i] - went[i - 1]);
	printf("]}\n");
	fflush(stdout);
}

int
main(int argc, char **argv)
{
	int i, fd;

	if (argc < 4)
		errx(2, "usage: replay-card WIRE PORT LIST...");
	if (ss_link_parse(argv[1], &wire) != 0)
		errx(2, "%s", ss_message());
	for (i = 3; i < argc; i++) {
		load(argv[i]);
		fd = join((uint16_t)atoi(argv[2]));
		serve(fd);
		close(fd);
		show();
	}
	return 0;
}
