#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/time.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/crypto.h"
#include "base/err.h"
#include "base/time.h"
#include "softcard/vpcd.h"

#define PREFIX 2		/* the length */
#define BODY_MAX 65535
#define READ_SIZE 4096
#define LOOK_MS 2000		/* pcscd looks at a reader every 400 */
#define NAP_MS 500		/* for it to see that it is empty */

size_t
ss_vpcd_parse(const void *bytes, size_t len, struct ss_vpcd_message *out)
{
	const uint8_t *p = bytes;
	size_t n;

	*out = (struct ss_vpcd_message){ 0 };
	if (len < PREFIX || len - PREFIX < (n = (size_t)p[0] << 8 | p[1]))
		return 0;
	out->body = p + PREFIX;
	out->len = n;
	if (n == 0)
		out->kind = SS_VPCD_NOTHING;
	else if (n > 1 || out->body[0] > 4 || out->body[0] == 3)
		out->kind = SS_VPCD_APDU;
	else if (out->body[0] == 4)
		out->kind = SS_VPCD_ATR;
	else
		out->kind = (enum ss_vpcd_kind)(SS_VPCD_OFF + out->body[0]);
	return PREFIX + n;
}

static void
put(const uint8_t *body, size_t len, struct ss_bytes *out)
{
	ss_bytes_addc(out, (char)(len >> 8 & 0xff));
	ss_bytes_addc(out, (char)(len & 0xff));
	ss_bytes_add(out, body, len);
}

static int
transmit(struct ss_softcard *card, const struct ss_vpcd_message *m,
    struct ss_bytes *out)
{
	uint8_t *response;
	size_t len;
	int r;

	if ((response = malloc(SS_RESPONSE_ROOM)) == NULL)
		return ss_fail(SS_EMEMORY, "out of memory");
	r = ss_softcard_transmit(card, m->body, m->len, response, &len);
	if (r == 0 && len > BODY_MAX)
		r = ss_fail(SS_EREADER, "an answer too long for the reader");
	if (r == 0)
		put(response, len, out);
	free(response);
	return r;
}

int
ss_vpcd_answer(struct ss_softcard *card, const struct ss_vpcd_message *m,
    struct ss_bytes *out)
{
	const uint8_t *atr;
	size_t len;

	switch (m->kind) {
	case SS_VPCD_OFF:
		ss_softcard_power(card, false);
		break;
	case SS_VPCD_ON:
	case SS_VPCD_RESET:
		ss_softcard_power(card, true);
		break;
	case SS_VPCD_ATR:
		atr = ss_softcard_atr(card, &len);
		put(atr, len, out);
		break;
	case SS_VPCD_APDU:
		return transmit(card, m, out);
	case SS_VPCD_NOTHING:
		break;
	}
	return 0;
}

/* --- the connection */

struct plug {
	int fd;
	struct ss_softcard *card;
	const struct ss_vpcd_stay *stay;
	bool powered, shown, used, done;
};

static int
fail_reader(const char *what, uint16_t port)
{
	return ss_fail(SS_EREADER, "%s the virtual reader at port %u: %s",
	    what, port, strerror(errno));
}

static int
join(uint16_t port, int *out)
{
	const struct sockaddr_in at = { .sin_family = AF_INET,
		.sin_port = htons(port),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	int fd, one = 1;

	fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd == -1)
		return fail_reader("cannot reach", port);
	if (connect(fd, (const struct sockaddr *)&at, sizeof(at)) == -1) {
		fail_reader("cannot reach", port);
		close(fd);
		return SS_EREADER;
	}
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
	*out = fd;
	return 0;
}

/* vpcd writes length and body one by one, and the second one waits for the
 * first one's acknowledgement, which is late unless it is asked for before
 * each time: 44 ms a command. */
static ssize_t
receive(int fd, void *room, size_t len)
{
	int one = 1;
	ssize_t n;

	setsockopt(fd, IPPROTO_TCP, TCP_QUICKACK, &one, sizeof(one));
	while ((n = recv(fd, room, len, 0)) == -1 && errno == EINTR)
		;
	setsockopt(fd, IPPROTO_TCP, TCP_QUICKACK, &one, sizeof(one));
	return n;
}

static bool
send_all(int fd, const char *data, size_t len)
{
	ssize_t n;

	for (; len > 0; data += n, len -= (size_t)n)
		if ((n = send(fd, data, len, MSG_NOSIGNAL)) == -1 &&
		    errno == EINTR)
			n = 0;
		else if (n == -1)
			return false;
	return true;
}

/* What a message says of how the card is used. */
static void
note(struct plug *p, const struct ss_vpcd_message *m)
{
	switch (m->kind) {
	case SS_VPCD_OFF:
		p->powered = false;
		p->done = p->used && p->stay->once;
		break;
	case SS_VPCD_ON:
	case SS_VPCD_RESET:
		p->powered = true;
		break;
	case SS_VPCD_ATR:
		if (p->powered && !p->shown && p->stay->shown != NULL)
			p->stay->shown(p->stay->ctx);
		p->shown |= p->powered;
		break;
	case SS_VPCD_APDU:
		p->used = true;
		break;
	case SS_VPCD_NOTHING:
		break;
	}
}

/* All whole messages that were received; false: the card goes. */
static bool
work(struct plug *p, struct ss_bytes *in, struct ss_bytes *out)
{
	struct ss_vpcd_message m;
	size_t n, at = 0;
	bool stays = true;

	while (stays && !p->done &&
	    (n = ss_vpcd_parse(in->data + at, in->len - at, &m)) > 0) {
		ss_bytes_reset(out);
		at += n;
		stays = ss_vpcd_answer(p->card, &m, out) == 0 &&
		    ss_bytes_check(out) == 0 &&
		    send_all(p->fd, out->data, out->len);
		note(p, &m);
	}
	ss_bytes_shift(in, at);
	return stays && !p->done;
}

/* Where a card left in the midst of a command, and this one came before the
 * reader was looked at again, nobody learns that it is another one. */
static bool
is_overlooked(const struct plug *p, int64_t since)
{
	return !p->shown && ss_monotonic() - since > LOOK_MS;
}

/* One connection, from its beginning to its end. */
static int
stay_in(struct plug *p, uint16_t port, bool *again, bool *gone)
{
	const struct timeval look = { LOOK_MS / 1000, 0 };
	struct ss_bytes in = { 0 }, out = { 0 };
	int64_t since = ss_monotonic();
	ssize_t n = 1;
	char *room;
	int r;

	*again = *gone = false;
	if ((r = join(port, &p->fd)) != 0)
		return r;
	setsockopt(p->fd, SOL_SOCKET, SO_RCVTIMEO, &look, sizeof(look));
	do {
		/* Never more than one message and a read. */
		if ((room = ss_bytes_room(&in, READ_SIZE)) == NULL)
			break;
		n = receive(p->fd, room, READ_SIZE);
		if (n > 0)
			in.len += (size_t)n;
		else if (n == 0 || errno != EAGAIN)
			break;
		*again = is_overlooked(p, since);
	} while (!*again && work(p, &in, &out));
	*gone = n == 0 || (n == -1 && errno != EAGAIN);
	r = ss_bytes_check(&in);
	close(p->fd);
	ss_softcard_power(p->card, false);
	p->powered = false;
	if (in.data != NULL)
		ss_wipe(in.data, in.cap);
	ss_bytes_free(&in);
	ss_bytes_free(&out);
	return r;
}

int
ss_vpcd_serve(struct ss_softcard *card, uint16_t port,
    const struct ss_vpcd_stay *stay, bool *gone)
{
	const struct timespec nap = { 0, NAP_MS * 1000000L };
	struct plug p = { .fd = -1, .card = card, .stay = stay };
	bool again;
	int r;

	while ((r = stay_in(&p, port, &again, gone)) == 0 && again)
		nanosleep(&nap, NULL);
	return r;
}
