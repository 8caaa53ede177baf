#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/err.h"
#include "base/files.h"
#include "base/text.h"
#include "base/time.h"
#include "trust/service.h"

struct ss_service {
	struct ss_keystore *keys;
	struct ss_allow *allow;
	int log;		/* -1: none */
	struct ss_wire_request *request;	/* on pages of its own */
};

/* A link is not followed; what stands in the log is about cards. */
static int
open_log(struct ss_service *s, const char *path)
{
	struct stat st;

	if (path == NULL)
		return 0;
	s->log = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC |
	    O_NOCTTY | O_NOFOLLOW | O_NONBLOCK, 0600);
	if (s->log == -1 || fstat(s->log, &st) == -1)
		return ss_fail_errno(path);
	if (!S_ISREG(st.st_mode))
		return ss_fail(SS_EINVALID, "%s: a log is a file", path);
	if ((st.st_mode & 077) != 0)
		return ss_fail(SS_EAUTH, "%s: others than its owner may read "
		    "or write it; chmod 600", path);
	return ss_folder_sync(path);
}

int
ss_service_open(struct ss_service **out, const struct ss_service_setup *setup)
{
	struct ss_service *s;
	void *page;
	int r;

	*out = NULL;
	if ((s = calloc(1, sizeof(*s))) == NULL)
		return ss_fail(SS_EMEMORY, "out of memory");
	s->keys = setup->keys;
	s->log = -1;
	if ((r = ss_secret_new(&page, sizeof(*s->request))) == 0)
		s->request = page;
	if (r == 0 && setup->allow != NULL)
		r = ss_allow_open(&s->allow, setup->allow);
	if (r == 0)
		r = open_log(s, setup->log);
	if (r != 0) {
		ss_service_close(s);
		return r;
	}
	*out = s;
	return 0;
}

void
ss_service_keys(struct ss_service *s, struct ss_keystore *keys)
{
	s->keys = keys;
}

void
ss_service_close(struct ss_service *s)
{
	if (s == NULL)
		return;
	if (s->log != -1)
		close(s->log);
	ss_allow_close(s->allow);
	ss_secret_free(s->request, sizeof(*s->request));
	free(s);
}

static int
add_master(const struct ss_service *s, size_t i, struct ss_bytes *out)
{
	const struct ss_master *m = ss_keystore_at(s->keys, i);
	char hex[2 * SS_KCV_LEN + 1];
	uint8_t kcv[SS_KCV_LEN];
	int r;

	if (!ss_allow_shows(s->allow, m))
		return 0;
	if ((r = ss_keystore_kcv(s->keys, i, kcv)) != 0)
		return r;
	ss_hex(kcv, sizeof(kcv), hex);
	ss_json_open(out, NULL, '{');
	ss_wire_master_write(m, out);
	ss_json_addb(out, "test", m->test);
	ss_json_add(out, "kcv", hex);
	ss_json_close(out, '}');
	return 0;
}

static int
hello(const struct ss_service *s, struct ss_bytes *out)
{
	size_t i;
	int r = 0;

	ss_json_open(out, "masters", '[');
	for (i = 0; r == 0 && i < ss_keystore_count(s->keys); i++)
		r = add_master(s, i, out);
	ss_json_close(out, ']');
	return r;
}

/* The key that is named, of those that the client is to know of. */
static int
find(const struct ss_service *s, const struct ss_master *want, size_t *place)
{
	*place = ss_keystore_place(s->keys, want);
	if (*place < ss_keystore_count(s->keys) &&
	    ss_allow_shows(s->allow, ss_keystore_at(s->keys, *place)))
		return 0;
	return ss_fail(s->allow != NULL ? SS_EPOLICY : SS_EMISSING, "the %s "
	    "key %s of version %d of \"%s\" is not there%s",
	    ss_cipher_word(want->cipher), ss_card_key_word(want->key),
	    want->version, want->region, s->allow != NULL ?
	    ", or not allowed" : "");
}

/* The store takes the lowest key that fits: it must be the one that is named,
 * for the rules were asked about that one. */
static int
check_taken(const struct ss_service *s, const struct ss_card_of *card,
    const struct ss_master *named)
{
	const struct ss_master *m;
	int r;

	if ((r = ss_keystore_find(s->keys, card, named->key, &m)) != 0)
		return r;
	return m == named ? 0 : ss_fail(SS_EINVALID, "for \"%s\" the key of "
	    "\"%s\" is the one to name", card->city, m->region);
}

static void
add_hex(struct ss_bytes *out, const char *name, const uint8_t *data,
    size_t len)
{
	char hex[2 * SS_SECURED_MAX + 1];

	ss_hex(data, len, hex);
	ss_json_add(out, name, hex);
}

/*
 * An answer is no key, nor what a key makes of any 8 bytes, which is half of
 * the next one: with no key between the card's and what is computed, or a
 * card whose bytes are those that lead to a city, it would be.
 */
static int
check_card(const struct ss_wire_request *q)
{
	static const char province[] = "0000sh", city[] = "sx";
	const struct ss_arithmetic *a = &q->arithmetic;
	uint8_t f[SS_FACTOR_LEN];

	ss_diversifier_card(q->historical, f);
	if (a->diversify != SS_DERIVE_NONE && a->session != SS_DERIVE_NONE &&
	    a->mac_key != SS_DERIVE_NONE &&
	    (!ss_is_digits((const char *)f, 2) ||
	    memcmp(f + 2, province, sizeof(province) - 1) != 0) &&
	    (!ss_is_digits((const char *)f, 6) ||
	    memcmp(f + 6, city, sizeof(city) - 1) != 0))
		return 0;
	return ss_fail(SS_EPOLICY, "what is asked for would give a key away");
}

static int
with_card(struct ss_service *s, const struct ss_master *m,
    struct ss_bytes *out)
{
	const struct ss_wire_request *q = s->request;
	const struct ss_card_of card = { &q->arithmetic, q->city,
		q->historical, q->master.version, false };
	struct ss_secured field = { .len = 0 };
	uint8_t auth[SS_AUTH_LEN];
	int r;

	if ((r = check_card(q)) != 0 || (r = check_taken(s, &card, m)) != 0 ||
	    (r = ss_allow_ask(s->allow, q, m)) != 0)
		return r;
	if (q->op == SS_WIRE_AUTH)
		r = ss_keystore_auth(s->keys, &card, m->key, q->factor,
		    q->original, auth);
	else if (q->op == SS_WIRE_ORDER)
		r = ss_keystore_order(s->keys, &card, m->key, q->factor,
		    q->order, &field);
	else
		r = ss_keystore_wrap_pin(s->keys, &card, m->key, q->factor,
		    q->pin, &field);
	if (r == 0 && q->op == SS_WIRE_AUTH)
		add_hex(out, "auth", auth, sizeof(auth));
	else if (r == 0)
		add_hex(out, "data", field.data, field.len);
	ss_wipe(auth, sizeof(auth));
	ss_wipe(&field, sizeof(field));
	return r;
}

static int
work(struct ss_service *s, struct ss_bytes *out)
{
	const struct ss_wire_request *q = s->request;
	uint8_t kcv[SS_KCV_LEN];
	size_t place;
	int r;

	if (q->op == SS_WIRE_HELLO)
		return hello(s, out);
	if ((r = find(s, &q->master, &place)) != 0)
		return r;
	if (q->op != SS_WIRE_KCV)
		return with_card(s, ss_keystore_at(s->keys, place), out);
	if ((r = ss_keystore_kcv(s->keys, place, kcv)) == 0)
		add_hex(out, "kcv", kcv, sizeof(kcv));
	return r;
}

/* What the log keeps of a request: which key for which card, and how it came
 * out. What was computed, and what of, is not in it. */
static void
describe(const struct ss_wire_request *q, int outcome, struct ss_bytes *b)
{
	char now[SS_INSTANT_MAX];

	ss_instant_format(ss_now(), now);
	ss_json_open(b, NULL, '{');
	ss_json_add(b, "time", now);
	ss_json_addi(b, "n", q->number);
	ss_json_add(b, "op", q->op < SS_WIRE_OPS ? ss_wire_op_word(q->op) :
	    "");
	if (*q->master.region != '\0')
		ss_wire_master_write(&q->master, b);
	if (*q->city != '\0') {
		ss_json_add(b, "city", q->city);
		add_hex(b, "card", q->historical, SS_HISTORICAL_LEN);
	}
	if (q->op == SS_WIRE_ORDER && q->order < SS_ORDERS)
		ss_json_add(b, "order", ss_order_words[q->order]);
	ss_json_add(b, "outcome", ss_code_word(outcome));
	ss_bytes_adds(b, "}\n");
}

/* One write, so that two services may share a log. */
static int
write_log(struct ss_service *s, int outcome)
{
	struct ss_bytes b = { 0 };
	ssize_t n;
	int r;

	if (s->log == -1)
		return 0;
	describe(s->request, outcome, &b);
	if ((r = ss_bytes_check(&b)) != 0)
		goto out;
	while ((n = write(s->log, b.data, b.len)) == -1 && errno == EINTR)
		;
	if (n >= 0 && n != (ssize_t)b.len)
		errno = ENOSPC;
	if (n != (ssize_t)b.len || fdatasync(s->log) == -1)
		r = ss_fail(SS_EIO, "the log cannot be written: %s",
		    strerror(errno));
out:
	ss_bytes_free(&b);
	return r;
}

static void
put_error(int code, struct ss_bytes *out)
{
	ss_json_open(out, "error", '{');
	ss_json_add(out, "code", ss_code_word(code));
	ss_json_add(out, "message", ss_message());
	ss_json_close(out, '}');
}

/* What a client may be told: of the store's other troubles that there are. */
static int
outward(int r)
{
	switch (r) {
	case 0:
	case SS_EINVALID:
	case SS_EPOLICY:
	case SS_EMISSING:
	case SS_ECRYPTO:
	case SS_EIO:
	case SS_EMEMORY:
		return r;
	default:
		return ss_fail_as(SS_ECRYPTO);
	}
}

static int
finish(struct ss_service *s, int r, struct ss_bytes *out)
{
	const struct ss_wire_request *q = s->request;
	struct ss_bytes body = { 0 };
	size_t from = out->len;
	int broken;

	r = r == 0 ? work(s, &body) : r;
	r = outward(r != 0 ? r : ss_bytes_check(&body));
	if ((broken = write_log(s, r)) != 0)
		r = broken;
	ss_wire_answer_open(q->number, q->op, out);
	if (r != 0)
		put_error(r, out);
	else
		ss_bytes_addf(out, ",%s", body.data);
	ss_bytes_adds(out, "}\n");
	if (body.data != NULL)
		ss_wipe(body.data, body.len);
	ss_bytes_free(&body);
	ss_wipe(s->request, sizeof(*s->request));
	if (broken == 0 && ss_bytes_check(out) != 0) {
		out->len = from;
		broken = ss_fail(SS_EMEMORY, "out of memory");
	}
	return broken;
}

int
ss_service_answer(struct ss_service *s, char *line, size_t len,
    struct ss_bytes *out)
{
	return finish(s, ss_wire_request_read(line, len, s->request), out);
}

int
ss_service_too_long(struct ss_service *s, struct ss_bytes *out)
{
	*s->request = (struct ss_wire_request){ .op = SS_WIRE_OPS };
	return finish(s, ss_fail(SS_EINVALID, "a request has less than %d "
	    "bytes", SS_WIRE_REQUEST_MAX), out);
}
