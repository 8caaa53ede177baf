/* exec:COMMAND, keys behind a helper that is talked to: ss-keys(5). */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/talk.h"
#include "trust/keystore_own.h"
#include "trust/keystore_wire.h"

#define HELLO_MS 30000		/* a connection, a passphrase's cost */
#define ANSWER_MS 10000
#define STARTS_MAX 16		/* of a helper that ends, while a store is
				 * open */

struct exec_store {
	char *command;
	struct ss_talk *talk;	/* NULL: it has ended */
	int64_t number;		/* of the last request to this one */
	int starts;
	bool broken;		/* it is not talked to any more */
	struct ss_wire_request *request;	/* on pages of its own, and */
	char *line;		/* its text: SS_WIRE_REQUEST_MAX */
	struct ss_master masters[SS_WIRE_MASTERS_MAX];
	uint8_t kcv[SS_WIRE_MASTERS_MAX][SS_KCV_LEN];
	bool checked[SS_WIRE_MASTERS_MAX];
};

/* What a helper says of its keys when it is started again. */
struct again {
	struct ss_master masters[SS_WIRE_MASTERS_MAX];
	uint8_t kcv[SS_WIRE_MASTERS_MAX][SS_KCV_LEN];
};

static void
hang_up(struct exec_store *e)
{
	ss_talk_close(e->talk);
	e->talk = NULL;
}

/* A helper that lies or stalls is not given another chance. */
static int
give_up(struct exec_store *e, int r)
{
	hang_up(e);
	e->broken = true;
	return ss_fail_in(r, "the key helper");
}

/* One that has ended by itself may be started again. Before it has said which
 * keys it has it was told no secret, and its own words help. */
static int
lose(struct exec_store *e)
{
	char said[SS_TALK_SAID] = "";
	int r = SS_EIO;

	if (e->request->op == SS_WIRE_HELLO)
		snprintf(said, sizeof(said), "%s", ss_talk_said(e->talk));
	hang_up(e);
	return ss_fail_in(r, *said != '\0' ? "the key helper says \"%s\"" :
	    "the key helper%s", said);
}

/* A request and its answer, to be freed by the caller; *gone: it has ended
 * instead. */
static int
ask(struct exec_store *e, struct ss_value **out, bool *gone)
{
	const bool hello = e->request->op == SS_WIRE_HELLO;
	struct ss_bytes b = { .data = e->line, .cap = SS_WIRE_REQUEST_MAX };
	const char *answer;
	size_t len;
	bool lie;
	int r;

	*out = NULL;
	*gone = false;
	e->request->number = ++e->number;
	ss_wire_request_write(e->request, &b);
	r = ss_talk_ask(e->talk, b.data, b.len, hello ? SS_WIRE_HELLO_MAX :
	    SS_WIRE_ANSWER_MAX, hello ? HELLO_MS : ANSWER_MS, &answer, &len);
	ss_wipe(e->line, b.len);
	if (r != 0 && ss_talk_gone(e->talk)) {
		*gone = true;
		return lose(e);
	}
	if (r == SS_EINVALID)
		r = ss_fail_as(SS_ECRYPTO);
	if (r != 0)
		return give_up(e, r);
	r = ss_wire_answer_read(answer, len, e->request, out, &lie);
	return lie ? give_up(e, r) : r;
}

/* The keys that it says it has: at first they are taken down, and later they
 * must be the same. */
static int
take_masters(struct ss_keystore *ks, const struct ss_value *answer)
{
	struct exec_store *e = ks->own;
	struct again *again = NULL;
	size_t count, i;
	int r;

	if (e->starts == 1)
		return ss_wire_masters_read(answer, e->masters, e->kcv,
		    &ks->count);
	if ((again = calloc(1, sizeof(*again))) == NULL)
		return ss_fail(SS_EMEMORY, "out of memory");
	r = ss_wire_masters_read(answer, again->masters, again->kcv, &count);
	for (i = 0; r == 0 && i < ks->count; i++)
		if (count != ks->count || memcmp(again->kcv[i], e->kcv[i],
		    SS_KCV_LEN) != 0 || again->masters[i].test !=
		    e->masters[i].test || strcmp(again->masters[i].region,
		    e->masters[i].region) != 0 || again->masters[i].key !=
		    e->masters[i].key || again->masters[i].version !=
		    e->masters[i].version || again->masters[i].cipher !=
		    e->masters[i].cipher)
			r = ss_fail(SS_ECRYPTO, "it was started again and has "
			    "other keys than before");
	free(again);
	return r;
}

static int
start(struct ss_keystore *ks)
{
	struct exec_store *e = ks->own;
	struct ss_value *answer;
	bool gone;
	int r;

	if (e->broken)
		return ss_fail(SS_EIO, "the key helper failed before and is "
		    "not asked again");
	if (e->talk != NULL)
		return 0;
	if (e->starts == STARTS_MAX)
		return ss_fail(SS_EIO, "the key helper ended %d times and is "
		    "not started again", STARTS_MAX);
	e->starts++;
	e->number = 0;
	memset(e->checked, 0, sizeof(e->checked));
	if ((r = ss_talk_open(&e->talk, e->command)) != 0)
		return ss_fail_in(r, "the key helper");
	*e->request = (struct ss_wire_request){ .op = SS_WIRE_HELLO };
	r = ask(e, &answer, &gone);
	if (r == 0 && (r = take_masters(ks, answer)) != 0)
		r = give_up(e, r);
	else if (r != 0)
		hang_up(e);
	ss_json_free(answer);
	return r;
}

/* The check value of a key is asked for once, and must be the one that the
 * list has. */
static int
check_kcv(struct exec_store *e, size_t i, bool *gone)
{
	struct ss_value *answer;
	uint8_t kcv[SS_KCV_LEN];
	int r;

	*gone = false;
	if (e->checked[i])
		return 0;
	*e->request = (struct ss_wire_request){ .op = SS_WIRE_KCV,
		.master = e->masters[i] };
	if ((r = ask(e, &answer, gone)) != 0)
		return r;
	if ((r = ss_wire_hex_read(answer, "kcv", kcv, sizeof(kcv))) == 0 &&
	    memcmp(kcv, e->kcv[i], sizeof(kcv)) != 0)
		r = ss_fail(SS_ECRYPTO, "the check value of a key is not the "
		    "one that it said before");
	ss_json_free(answer);
	e->checked[i] = r == 0;
	return r == 0 ? 0 : give_up(e, r);
}

/* An operation, what is to be read of its answer, and where to. */
struct wanted {
	enum ss_wire_op op;
	const struct ss_key_call *call;
	const uint8_t *original;
	enum ss_order order;
	const char *pin;
	const char *member;
	void *out;
	size_t len;
};

static void
fill(struct exec_store *e, const struct wanted *w)
{
	struct ss_wire_request *q = e->request;
	const struct ss_card_of *card = w->call->card;

	*q = (struct ss_wire_request){ .op = w->op, .order = w->order,
		.master = e->masters[w->call->master],
		.arithmetic = *card->arithmetic };
	snprintf(q->city, sizeof(q->city), "%s", card->city);
	memcpy(q->historical, card->historical, SS_HISTORICAL_LEN);
	memcpy(q->factor, w->call->factor, SS_FACTOR_LEN);
	if (w->original != NULL)
		memcpy(q->original, w->original, SS_FACTOR_LEN);
	if (w->pin != NULL)
		snprintf(q->pin, sizeof(q->pin), "%s", w->pin);
}

static int
try(struct ss_keystore *ks, const struct wanted *w, bool *gone)
{
	struct exec_store *e = ks->own;
	struct ss_value *answer;
	int r;

	*gone = false;
	if ((r = start(ks)) != 0 ||
	    (r = check_kcv(e, w->call->master, gone)) != 0)
		return r;
	fill(e, w);
	r = ask(e, &answer, gone);
	ss_wipe(e->request, sizeof(*e->request));
	if (r == 0 && (r = ss_wire_hex_read(answer, w->member, w->out,
	    w->len)) != 0)
		r = give_up(e, r);
	ss_json_free(answer);
	return r;
}

/* A helper that has ended, since the last card or over this one, is started
 * again once: the same question has the same answer. */
static int
operate(struct ss_keystore *ks, const struct wanted *w)
{
	bool gone;
	int r = try(ks, w, &gone);

	if (gone)
		r = try(ks, w, &gone);
	if (r != 0)
		ss_wipe(w->out, w->len);
	return r;
}

static int
exec_open(struct ss_keystore *ks, const char *rest,
    const struct ss_passphrase *ask_for, bool edit, bool *made)
{
	/* SSCARD_KEYS names the helper: one that took it for its own store
	 * would start itself, and so on. */
	static const char before[] = "unset SSCARD_KEYS\n";
	struct exec_store *e;
	void *page;
	int r;

	(void)ask_for;		/* it asks for its own, where it is */
	(void)made;
	if (*rest == '\0')
		return ss_fail(SS_EINVALID, "exec: is followed by a command");
	if (edit)
		return ss_keystore_changes(ks);
	if ((e = calloc(1, sizeof(*e))) == NULL)
		return ss_fail(SS_EMEMORY, "out of memory");
	ks->own = e;
	ks->masters = e->masters;
	if ((r = ss_secret_new(&page, sizeof(*e->request))) != 0)
		return r;
	e->request = page;
	if ((r = ss_secret_new(&page, SS_WIRE_REQUEST_MAX)) != 0)
		return r;
	e->line = page;
	if ((e->command = malloc(sizeof(before) + strlen(rest))) == NULL)
		return ss_fail(SS_EMEMORY, "out of memory");
	memcpy(e->command, before, sizeof(before));
	memcpy(e->command + sizeof(before) - 1, rest, strlen(rest) + 1);
	return start(ks);
}

static void
exec_close(struct ss_keystore *ks)
{
	struct exec_store *e = ks->own;

	if (e == NULL)
		return;
	hang_up(e);
	ss_secret_free(e->request, sizeof(*e->request));
	ss_secret_free(e->line, SS_WIRE_REQUEST_MAX);
	free(e->command);
	free(e);
}

static int
exec_auth(struct ss_keystore *ks, const struct ss_key_call *call,
    const uint8_t original[SS_FACTOR_LEN], uint8_t auth[SS_AUTH_LEN])
{
	return operate(ks, &(struct wanted){ .op = SS_WIRE_AUTH, .call = call,
	    .original = original, .member = "auth", .out = auth,
	    .len = SS_AUTH_LEN });
}

/* The length of a PIN's block, by the settings; a MAC follows. */
static size_t
pin_len(const struct ss_arithmetic *a, const char *pin)
{
	const size_t block = a->cipher == SS_SM4 ? SS_BLOCK_MAX :
	    SS_BLOCK_MAX / 2;
	const size_t len = 1 + (strlen(pin) + 1) / 2;

	return (len + (a->pin_pad == SS_PAD_80) + block - 1) / block * block;
}

static int
exec_order(struct ss_keystore *ks, const struct ss_key_call *call,
    enum ss_order order, const char *pin, struct ss_secured *out)
{
	const size_t digits = pin != NULL ? strlen(pin) : 0;
	int r;

	if (pin != NULL && (digits < SS_PIN_DIGITS_MIN ||
	    digits > SS_PIN_DIGITS_MAX ||
	    strspn(pin, "0123456789") != digits))
		return ss_fail(SS_EINVALID, "a PIN is %d to %d digits",
		    SS_PIN_DIGITS_MIN, SS_PIN_DIGITS_MAX);
	out->len = SS_MAC_LEN + (pin != NULL ?
	    pin_len(call->card->arithmetic, pin) : 0);
	r = operate(ks, &(struct wanted){ .op = pin != NULL ?
	    SS_WIRE_WRAP_PIN : SS_WIRE_ORDER, .call = call, .order = order,
	    .pin = pin, .member = "data", .out = out->data,
	    .len = out->len });
	if (r != 0)
		ss_wipe(out, sizeof(*out));
	return r;
}

static int
exec_kcv(struct ss_keystore *ks, size_t i, uint8_t kcv[SS_KCV_LEN])
{
	struct exec_store *e = ks->own;
	bool gone = false;
	int r;

	if ((r = start(ks)) == 0)
		r = check_kcv(e, i, &gone);
	if (gone && (r = start(ks)) == 0)
		r = check_kcv(e, i, &gone);
	if (r == 0)
		memcpy(kcv, e->kcv[i], SS_KCV_LEN);
	return r;
}

const struct ss_keystore_kind ss_keystore_exec = {
	.prefix = "exec:",
	.secret = "passphrase",
	.open = exec_open,
	.close = exec_close,
	.auth = exec_auth,
	.order = exec_order,
	.kcv = exec_kcv,
};
