#include <string.h>

#include "softcard/softcard_own.h"

#define CHAIN 0x10		/* of CLA: another link follows (7816-4) */
#define INS_SELECT 0xa4
#define INS_GET_RESPONSE 0xc0
#define CHAIN_MAX SS_BINARY_MAX

void
ss_soft_answer(struct ss_softcard *c, const void *data, size_t len)
{
	c->answer_at = 0;
	c->answer_len = len < sizeof(c->answer) ? len : sizeof(c->answer);
	if (c->answer_len > 0)
		memcpy(c->answer, data, c->answer_len);
}

static void
drop_chain(struct ss_softcard *c)
{
	if (c->chain.data != NULL)
		ss_wipe(c->chain.data, c->chain.cap);
	ss_bytes_reset(&c->chain);
	c->chaining = false;
}

void
ss_soft_forget(struct ss_softcard *c)
{
	c->folder = c->setup.profile->select.fid == 0x3f00 ?
	    SS_FOLDER_SSSE : SS_FOLDER_MF;
	c->ef = NULL;
	c->held = 0;
	c->challenge_len = 0;
	c->answer_at = c->answer_len = 0;
	drop_chain(c);
}

/* --- the table */

static void
row(struct ss_softcard *c, const uint8_t *header, bool p1, bool p2,
    enum ss_soft_life until,
    uint16_t (*run)(struct ss_softcard *, const struct ss_apdu *))
{
	struct ss_soft_command *to = &c->table[c->table_count++];

	memcpy(to->header, header, SS_HEADER_LEN);
	to->p1 = p1;
	to->p2 = p2;
	to->until = until;
	to->run = run;
}

/* What is left of the last answer. */
static uint16_t
get_response(struct ss_softcard *c, const struct ss_apdu *a)
{
	if (a->len != 0)
		return 0x6700;
	return c->answer_len > 0 ? c->answer_sw : 0x6985;
}

static void
rows_of_orders(struct ss_softcard *c, const struct ss_arithmetic *a)
{
	row(c, a->header[SS_ORDER_RELOAD_PIN], true, true, SS_LIFE_OPEN,
	    ss_soft_reload_pin);
	row(c, a->header[SS_ORDER_UNBLOCK_PIN], true, true, SS_LIFE_OPEN,
	    ss_soft_unblock_pin);
	row(c, a->header[SS_ORDER_BLOCK], true, true, SS_LIFE_BLOCKED,
	    ss_soft_block);
	row(c, a->header[SS_ORDER_BLOCK_FOREVER], true, true, SS_LIFE_BLOCKED,
	    ss_soft_block_forever);
	row(c, a->header[SS_ORDER_UNBLOCK], true, true, SS_LIFE_BLOCKED,
	    ss_soft_unblock);
	row(c, a->header[SS_ORDER_BLOCK_CARD], true, true, SS_LIFE_BLOCKED,
	    ss_soft_block_card);
}

void
ss_soft_rows(struct ss_softcard *c)
{
	static const uint8_t select[] = { 0x00, INS_SELECT, 0x00, 0x00 };
	static const uint8_t response[] = { 0x00, INS_GET_RESPONSE, 0, 0 };
	static const uint8_t challenge[] = { 0x00, 0x84, 0x00, 0x00 };
	static const uint8_t read_record[] = { 0x00, 0xb2, 0x00, 0x00 };
	static const uint8_t write_record[] = { 0x00, 0xdc, 0x00, 0x00 };
	static const uint8_t read_binary[] = { 0x00, 0xb0, 0x00, 0x00 };
	static const uint8_t write_binary[] = { 0x00, 0xd6, 0x00, 0x00 };
	const struct ss_profile *p = c->setup.profile;

	c->table_count = 0;
	row(c, select, false, false, SS_LIFE_LOCKED, ss_soft_select);
	row(c, response, true, true, SS_LIFE_LOCKED, get_response);
	row(c, challenge, true, true, SS_LIFE_LOCKED, ss_soft_challenge);
	row(c, read_record, false, false, SS_LIFE_BLOCKED,
	    ss_soft_read_record);
	row(c, write_record, false, false, SS_LIFE_OPEN,
	    ss_soft_update_record);
	row(c, read_binary, false, false, SS_LIFE_BLOCKED,
	    ss_soft_read_binary);
	row(c, write_binary, false, false, SS_LIFE_OPEN,
	    ss_soft_update_binary);
	row(c, p->auth.internal, true, true, SS_LIFE_BLOCKED,
	    ss_soft_internal);
	row(c, p->auth.external, true, false, SS_LIFE_BLOCKED,
	    ss_soft_external);
	row(c, p->pin.verify, true, true, SS_LIFE_OPEN, ss_soft_verify);
	row(c, p->pin.change, true, true, SS_LIFE_OPEN, ss_soft_change_pin);
	rows_of_orders(c, &p->arithmetic);
}

/* The row of a header, or why there is none: class, instruction, P1 and P2
 * are looked at in this order. */
static uint16_t
find_row(const struct ss_softcard *c, const uint8_t *header,
    const struct ss_soft_command **out)
{
	uint8_t cla = header[0] == CHAIN ? 0 : header[0];
	bool class = false, instruction = false, both = false;
	const struct ss_soft_command *to;
	size_t i;

	for (i = 0; i < c->table_count; i++) {
		to = &c->table[i];
		class |= to->header[0] == cla;
		instruction |= to->header[1] == header[1];
		if (to->header[0] != cla || to->header[1] != header[1])
			continue;
		both = true;
		*out = to;
		if ((!to->p1 || to->header[2] == header[2]) &&
		    (!to->p2 || to->header[3] == header[3]))
			return 0x9000;
	}
	if (both)
		return 0x6a86;
	return class && !instruction ? 0x6d00 : 0x6e00;
}

/* --- lengths */

/* T=0, 7816-3, 10.3: P3 is the length of what goes one way. */
static bool
parse_t0(const uint8_t *p, size_t len, struct ss_apdu *a)
{
	*a = (struct ss_apdu){ p[0], p[1], p[2], p[3], NULL, 0, 0 };
	if (len == 5)
		a->le = p[4] == 0 ? SS_APDU_SHORT_LE : p[4];
	if (len <= 5)
		return true;
	a->data = p + 5;
	a->len = p[4];
	return a->len != 0 && len == 5 + a->len;
}

static bool
parse(const struct ss_softcard *c, const uint8_t *p, size_t len,
    struct ss_apdu *a)
{
	if (!c->setup.t1)
		return parse_t0(p, len, a);
	if (len > 5 && p[4] == 0 && !c->setup.profile->extended)
		return false;
	return ss_apdu_parse(p, len, a) == 0;
}

static void
put_sw(uint16_t sw, uint8_t *out, size_t *len)
{
	out[(*len)++] = (uint8_t)(sw >> 8);
	out[(*len)++] = (uint8_t)(sw & 0xff);
}

/* xx of 61xx and 6Cxx, of which 00 means 256 or more. */
static uint16_t
length_word(unsigned int sw1, size_t n)
{
	return (uint16_t)(sw1 << 8 | (n > 255 ? 0 : n));
}

/* Without Le. By T=0 what there is has to be asked for; by T=1 nothing was
 * wanted, which makes sense of SELECT alone. */
static void
deliver_later(struct ss_softcard *c, const struct ss_apdu *a, size_t n,
    uint8_t *out, size_t *len)
{
	if (!c->setup.t1) {
		put_sw(length_word(0x61, n), out, len);
		return;
	}
	c->answer_len = 0;
	put_sw(a->ins == INS_SELECT ? c->answer_sw : 0x6700, out, len);
}

/* The answer as its Le allows. */
static void
deliver(struct ss_softcard *c, const struct ss_apdu *a, uint8_t *out,
    size_t *len)
{
	size_t n = c->answer_len - c->answer_at;
	bool part = a->ins == INS_GET_RESPONSE;
	bool any = c->setup.t1 && (a->le == SS_APDU_SHORT_LE ||
	    a->le == SS_APDU_LE);

	if (a->le == 0 || (!c->setup.t1 && a->len > 0)) {
		deliver_later(c, a, n, out, len);
		return;
	}
	if ((a->le > n && n < 256 && !any) ||
	    (a->le < n && a->le < 256 && !part)) {
		if (!part)
			c->answer_len = 0;
		put_sw(length_word(0x6c, n), out, len);
		return;
	}
	n = a->le < n ? a->le : n;
	memcpy(out, c->answer + c->answer_at, n);
	*len = n;
	c->answer_at += n;
	n = c->answer_len - c->answer_at;
	put_sw(n > 0 ? length_word(0x61, n) : c->answer_sw, out, len);
	if (n == 0)
		c->answer_len = c->answer_at = 0;
}

/* --- chains */

static bool
same_command(const struct ss_softcard *c, const uint8_t *p)
{
	return memcmp(c->chain_header + 1, p + 1, SS_HEADER_LEN - 1) == 0 &&
	    (p[0] & ~CHAIN) == 0;
}

/* One more link; not 9000: the chain is broken. */
static uint16_t
add_link(struct ss_softcard *c, const uint8_t *p, const struct ss_apdu *a)
{
	if (a->len == 0 || (p[0] == CHAIN && a->le != 0) ||
	    a->len > CHAIN_MAX - c->chain.len)
		return 0x6700;
	memcpy(c->chain_header, p, SS_HEADER_LEN);
	c->chaining = true;
	ss_bytes_add(&c->chain, a->data, a->len);
	return ss_bytes_check(&c->chain) == 0 ? 0x9000 : 0x6400;
}

static uint16_t
run_row(struct ss_softcard *c, const struct ss_soft_command *to,
    const uint8_t *p, struct ss_apdu *a)
{
	uint16_t sw;

	if (c->chaining && !same_command(c, p)) {
		drop_chain(c);
		return 0x6883;
	}
	if (c->chaining || p[0] == CHAIN) {
		if ((sw = add_link(c, p, a)) != 0x9000)
			drop_chain(c);
		if (sw != 0x9000 || p[0] == CHAIN)
			return sw;
		a->data = (const uint8_t *)c->chain.data;
		a->len = c->chain.len;
	}
	sw = to->run(c, a);
	drop_chain(c);
	return sw;
}

/* What a locked application or card says to all that it no longer does. */
static uint16_t
check_life(const struct ss_softcard *c, const struct ss_soft_command *to)
{
	uint8_t life = c->memory->state.life;

	if (life <= to->until)
		return 0x9000;
	return life == SS_LIFE_LOCKED ? 0x9303 : c->setup.profile->blocked_sw;
}

static uint16_t
execute(struct ss_softcard *c, const uint8_t *p, size_t len, struct ss_apdu *a)
{
	const struct ss_soft_command *to = NULL;
	uint16_t sw;

	*a = (struct ss_apdu){ 0 };
	if (c->memory->state.life >= SS_LIFE_DEAD)
		return c->setup.profile->blocked_sw;
	if (len < SS_HEADER_LEN)
		return 0x6700;
	if (p[1] != INS_GET_RESPONSE)
		c->answer_at = c->answer_len = 0;
	if ((sw = find_row(c, p, &to)) != 0x9000)
		return sw;
	if (!parse(c, p, len, a)) {
		*a = (struct ss_apdu){ 0 };
		return 0x6700;
	}
	if ((sw = check_life(c, to)) != 0x9000)
		return sw;
	return run_row(c, to, p, a);
}

void
ss_soft_run(struct ss_softcard *c, const void *command, size_t len,
    uint8_t *response, size_t *response_len)
{
	struct ss_apdu a;
	uint16_t sw;

	*response_len = 0;
	sw = execute(c, command, len, &a);
	if (sw != 0x9000 && sw >> 8 != 0x62)
		c->answer_at = c->answer_len = 0;
	c->answer_sw = sw;
	if (c->answer_len > 0)
		deliver(c, &a, response, response_len);
	else
		put_sw(sw, response, response_len);
}
