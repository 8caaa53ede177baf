#include <string.h>

#include "base/err.h"
#include "books/job.h"
#include "desk/tries.h"

static int
check(const struct ss_tries *t, enum ss_card_key key, int known, int full)
{
	if (known < 0 || known >= full || t->force)
		return 0;
	return ss_fail(known <= 1 ? SS_EBLOCKED : SS_EAUTH, "this card refused "
	    "key %s before, and %d of %d tries are left: nothing was sent; "
	    "mend the key store, then say --force", ss_card_key_word(key),
	    known, full);
}

int
ss_tries_use_key(const struct ss_tries *t, struct ss_session *s, int key)
{
	char message[SS_MESSAGE_MAX];
	int known, left, full, r, code;
	enum ss_card_key k;

	if (key < 0 || (s->held & 1u << key) != 0)
		return 0;
	k = (enum ss_card_key)key;
	full = (int)s->who.profile->keys[k].tries;
	if ((r = ss_tries_load(t->registry, s->who.chip,
	    ss_card_key_word(k), &known)) != 0 ||
	    (r = check(t, k, known, full)) != 0)
		return r;
	code = ss_session_authenticate(s, k);
	left = code == 0 ? full : s->tries_left;
	/* A card that refuses without a count has counted all the same. */
	if (left < 0 && s->refused && code == SS_EAUTH)
		left = known < 0 ? full - 1 : known > 0 ? known - 1 : 0;
	if (left < 0 ||
	    (code == 0 && (known < 0 || known == left)))
		return code;
	memcpy(message, ss_message(), sizeof(message));
	r = ss_tries_store(t->registry, s->who.chip, ss_card_key_word(k),
	    left);
	return r != 0 ? r : code == 0 ? 0 : ss_fail(code, "%s", message);
}
