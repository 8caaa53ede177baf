#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "trust/seal.h"

/* By the root: those of one place wait for each other, so that a group's
 * signature is checked once even when all threads come upon it. */
#define PLACES 1024
#define LOCKS 64

struct place {
	char key[SS_SM3_HEX];	/* "" while it is free */
	struct ss_hash root;
	uint8_t signature[SS_SIGNATURE_MAX];
	size_t len;
};

struct ss_proven {
	pthread_mutex_t lock[LOCKS];
	struct place place[PLACES];
};

int
ss_proven_new(struct ss_proven **out)
{
	size_t i;

	if ((*out = calloc(1, sizeof(**out))) == NULL)
		return ss_fail(SS_EMEMORY, "out of memory");
	for (i = 0; i < LOCKS; i++)
		pthread_mutex_init(&(*out)->lock[i], NULL);
	return 0;
}

void
ss_proven_free(struct ss_proven *p)
{
	size_t i;

	if (p == NULL)
		return;
	for (i = 0; i < LOCKS; i++)
		pthread_mutex_destroy(&p->lock[i]);
	free(p);
}

static bool
is_there(const struct place *p, const struct ss_seal *seal)
{
	return strcmp(p->key, seal->by->key) == 0 &&
	    memcmp(&p->root, &seal->root, sizeof(p->root)) == 0 &&
	    p->len == seal->signature_len &&
	    memcmp(p->signature, seal->signature, p->len) == 0;
}

static int
check(const struct ss_seal *seal, struct ss_operators *operators)
{
	uint8_t text[SS_SEAL_TEXT_LEN];
	const struct ss_public *public;
	int r;

	if ((r = ss_operators_public(operators, seal->by, &public)) != 0)
		return r;
	ss_seal_text(&seal->root, text);
	r = ss_public_check(public, text, sizeof(text), seal->signature,
	    seal->signature_len);
	return r != SS_EAUTH ? r : ss_fail(SS_EAUTH, "the seal of %.40s for "
	    "%.20s is not genuine", seal->operator, seal->step);
}

static int
prove(struct place *p, const struct ss_seal *seal,
    struct ss_operators *operators)
{
	int r;

	if (is_there(p, seal))
		return 0;
	if ((r = check(seal, operators)) != 0)
		return r;
	memcpy(p->key, seal->by->key, sizeof(p->key));
	p->root = seal->root;
	p->len = seal->signature_len;
	memcpy(p->signature, seal->signature, p->len);
	return 0;
}

int
ss_seal_prove(struct ss_seal *seal, struct ss_operators *operators,
    struct ss_proven *proven)
{
	size_t at = (size_t)(seal->root.sm3[0] << 8 | seal->root.sm3[1]) %
	    PLACES;
	int r;

	seal->by = ss_operators_find(operators, seal->key);
	if (seal->by == NULL)
		return ss_fail(SS_EAUTH, "the trust file %s does not know key "
		    "%.16s of %.40s, who sealed %.20s; ss-key operator import "
		    "adds it", ss_operators_path(operators), seal->key,
		    seal->operator, seal->step);
	if (strcmp(seal->by->name, seal->operator) != 0)
		return ss_fail(SS_EAUTH, "the seal for %.20s names %.40s, but "
		    "its key is that of %.40s", seal->step, seal->operator,
		    seal->by->name);
	if ((r = ss_trusted_valid(seal->by, seal->when)) != 0)
		return ss_fail_in(r, "the seal of %.40s for %.20s",
		    seal->operator, seal->step);
	pthread_mutex_lock(&proven->lock[at % LOCKS]);
	r = prove(&proven->place[at], seal, operators);
	pthread_mutex_unlock(&proven->lock[at % LOCKS]);
	return r;
}
