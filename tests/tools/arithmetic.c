/*
 * Answers questions about the arithmetic of cards: a line of standard input is
 *
 *   CIPHER SETTINGS OPERATION ARGUMENT...
 *
 * as tests/arithmetic.py describes it; it comes back with " = " and the result
 * in hexadecimal, or the word of an error. Status 2 for what is no question.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/text.h"
#include "chip/arithmetic.h"

#define WORDS_MAX 8
#define ARG_MAX 256

struct question {
	char *word[WORDS_MAX];
	int n;
	uint8_t arg[WORDS_MAX][ARG_MAX];	/* words in hexadecimal */
	size_t len[WORDS_MAX];
	uint8_t out[SS_SECURED_MAX];
	size_t out_len;
};

/* Words that are not hexadecimal stay without bytes. */
static void
split(struct question *q, char *line)
{
	char *save = NULL, *w;

	memset(q, 0, sizeof(*q));
	for (w = strtok_r(line, " \n", &save); w != NULL && q->n < WORDS_MAX;
	    w = strtok_r(NULL, " \n", &save)) {
		size_t i, n = strlen(w);

		q->word[q->n] = w;
		if (n % 2 == 0 && n / 2 <= ARG_MAX && ss_is_hex(w, n)) {
			for (i = 0; i < n / 2; i++) {
				char two[3] = { w[2 * i], w[2 * i + 1], '\0' };

				q->arg[q->n][i] =
				    (uint8_t)strtoul(two, NULL, 16);
			}
			q->len[q->n] = n / 2;
		}
		q->n++;
	}
}

static bool
settings(struct ss_arithmetic *a, const char *cipher, const char *s)
{
	ss_arithmetic_init(a, strcmp(cipher, "sm4") == 0 ? SS_SM4 : SS_3DES);
	if (strcmp(s, "-") == 0)
		return true;
	if (strlen(s) != 9)
		return false;
	a->diversify = (enum ss_derive)(s[0] - '0');
	a->session = (enum ss_derive)(s[1] - '0');
	a->mac_key = (enum ss_derive)(s[2] - '0');
	a->auth_cut = (enum ss_cut)(s[3] - '0');
	a->mac_cut = (enum ss_cut)(s[4] - '0');
	a->mac_start = (enum ss_mac_start)(s[5] - '0');
	a->mac_rule = (enum ss_mac_rule)(s[6] - '0');
	a->pin_pad = (enum ss_pad)(s[7] - '0');
	a->mac_pad = (enum ss_pad)(s[8] - '0');
	return true;
}

/* Whether the bytes of the arguments from the third word on have lengths. */
static bool
has(const struct question *q, int n, const size_t *lens)
{
	int i;

	for (i = 0; i < n; i++)
		if (q->len[3 + i] != lens[i])
			return false;
	return q->n >= 3 + n;
}

static int
order(struct question *q, struct ss_calc *c, const char *name,
    const uint8_t *key, const uint8_t *factor, const char *pin)
{
	static const char *const names[SS_ORDERS] = {
		[SS_ORDER_RELOAD_PIN] = "reload",
		[SS_ORDER_UNBLOCK_PIN] = "unblock-pin",
		[SS_ORDER_BLOCK] = "block",
		[SS_ORDER_BLOCK_FOREVER] = "block-forever",
		[SS_ORDER_UNBLOCK] = "unblock",
		[SS_ORDER_BLOCK_CARD] = "block-card",
	};
	struct ss_secured field;
	int i, r = -1;

	for (i = 0; i < SS_ORDERS; i++)
		if (strcmp(names[i], name) == 0) {
			r = ss_calc_order(c, (enum ss_order)i, key, factor,
			    pin, &field);
			q->out_len = field.len;
			memcpy(q->out, field.data, field.len);
		}
	return r;
}

/* What needs no key; -1 for another operation, or arguments not its own. */
static int
place(struct question *q, const char *op)
{
	q->out_len = SS_FACTOR_LEN;
	if (strcmp(op, "place") == 0 && q->n == 4)
		return strlen(q->word[3]) == 2 ?
		    ss_diversifier_province(q->word[3], q->out) :
		    ss_diversifier_city(q->word[3], q->out);
	if (strcmp(op, "historical") != 0 || q->len[3] != SS_HISTORICAL_LEN)
		return -1;
	ss_diversifier_card(q->arg[3], q->out);
	return 0;
}

static int
answer(struct question *q, struct ss_calc *c)
{
	static const size_t keyed[] = { SS_KEY_LEN, SS_FACTOR_LEN,
		SS_FACTOR_LEN };
	const uint8_t *key = q->arg[3], *f = q->arg[4];
	const char *op = q->word[2];

	if (strcmp(op, "order") == 0 && q->n == 6 &&
	    q->len[4] == SS_KEY_LEN && q->len[5] == SS_FACTOR_LEN)
		return order(q, c, q->word[3], q->arg[4], q->arg[5], NULL);
	if (strcmp(op, "kcv") == 0 && has(q, 1, keyed)) {
		q->out_len = SS_KCV_LEN;
		return ss_calc_kcv(c, key, q->out);
	}
	if (!has(q, 2, keyed))
		return place(q, op);
	q->out_len = SS_KEY_LEN;
	if (strcmp(op, "diversify") == 0)
		return ss_calc_diversify(c, key, f, q->out);
	if (strcmp(op, "session") == 0)
		return ss_calc_session(c, key, f, q->out);
	if (strcmp(op, "reload") == 0 && q->n == 6)
		return order(q, c, op, key, f, q->word[5]);
	q->out_len = SS_AUTH_LEN;
	if (strcmp(op, "auth") == 0 && has(q, 3, keyed))
		return ss_calc_auth(c, key, f, q->arg[5], q->out);
	q->out_len = SS_MAC_LEN;
	if (strcmp(op, "mac") == 0 && q->n == 7 && q->len[5] == SS_HEADER_LEN)
		return ss_calc_mac(c, key, f, q->arg[5], q->arg[6], q->len[6],
		    q->out);
	return -1;
}

int
main(void)
{
	static char line[4096], text[4096], hex[2 * SS_SECURED_MAX + 1];
	static struct question q;
	struct ss_arithmetic a;
	struct ss_calc *c;
	int r;

	while (fgets(line, sizeof(line), stdin) != NULL) {
		strcpy(text, line);
		text[strcspn(text, "\n")] = '\0';
		split(&q, line);
		if (q.n < 4 || !settings(&a, q.word[0], q.word[1]))
			return 2;
		if ((r = ss_calc_new(&c, &a)) == 0)
			r = answer(&q, c);
		ss_calc_free(c);
		if (r == -1)
			return 2;
		ss_hex(q.out, q.out_len, hex);
		printf("%s = %s\n", text, r == 0 ? hex : ss_code_word(r));
	}
	return fflush(stdout) != 0;
}
