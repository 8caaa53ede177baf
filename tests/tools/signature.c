/*
 * Signatures of lib/base/sign.h, for tests/sm-peers.py. Standard input has a
 * question a line, each is answered by a line; words are hexadecimal, "-" is
 * no bytes:
 *
 *   new sm2|p256                   a key: its public key
 *   sign TEXT                      with it: the signature
 *   check PUBLIC TEXT SIGNATURE    "good"
 *
 * or the word of an error. Status 2 for what is no question.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/sign.h"
#include "base/text.h"

#define WORD_MAX 2048		/* bytes */

struct word {
	uint8_t data[WORD_MAX];
	size_t len;
};

/* The next one of the line; false for none, and for what is none. */
static bool
word(char **save, struct word *out)
{
	char *s = strtok_r(NULL, " \n", save);
	size_t n = s != NULL ? strlen(s) : 0;

	out->len = 0;
	if (n == 1 && s[0] == '-')
		return true;
	out->len = n / 2;
	return n > 0 && n % 2 == 0 && n / 2 <= sizeof(out->data) &&
	    ss_is_hex(s, n) && ss_hex_read(s, out->data, out->len);
}

static void
answer(int r, const void *data, size_t len)
{
	static char hex[2 * WORD_MAX + 1];

	ss_hex(data, len, hex);
	puts(r == 0 ? hex : ss_code_word(r));
}

static int
make(struct ss_private **key, const char *algorithm)
{
	uint8_t spki[SS_SPKI_MAX];
	struct ss_public *public = NULL;
	size_t len = 0;
	int r;

	ss_private_free(*key);
	r = ss_private_new(key, ss_algorithm_find(algorithm));
	if (r == 0 && (r = ss_private_public(*key, &public)) == 0)
		r = ss_public_write(public, spki, &len);
	answer(r, spki, len);
	ss_public_free(public);
	return 0;
}

static int
sign(const struct ss_private *key, char **save)
{
	static struct word text;
	uint8_t sig[SS_SIGNATURE_MAX];
	size_t len = 0;
	int r;

	if (key == NULL || !word(save, &text))
		return 2;
	r = ss_private_sign(key, text.data, text.len, sig, &len);
	answer(r, sig, len);
	return 0;
}

static int
check(char **save)
{
	static struct word spki, text, sig;
	struct ss_public *public;
	int r;

	if (!word(save, &spki) || !word(save, &text) || !word(save, &sig))
		return 2;
	if ((r = ss_public_read(&public, spki.data, spki.len)) == 0)
		r = ss_public_check(public, text.data, text.len, sig.data,
		    sig.len);
	ss_public_free(public);
	puts(r == 0 ? "good" : ss_code_word(r));
	return 0;
}

int
main(void)
{
	static char line[6 * WORD_MAX + 64];
	struct ss_private *key = NULL;
	char *save, *what, *algorithm;
	int end = 0;

	while (end == 0 && fgets(line, sizeof(line), stdin) != NULL) {
		end = 2;
		save = NULL;
		if ((what = strtok_r(line, " \n", &save)) == NULL)
			break;
		if (strcmp(what, "new") == 0 &&
		    (algorithm = strtok_r(NULL, " \n", &save)) != NULL &&
		    ss_algorithm_find(algorithm) != SS_ALGORITHMS)
			end = make(&key, algorithm);
		else if (strcmp(what, "sign") == 0)
			end = sign(key, &save);
		else if (strcmp(what, "check") == 0)
			end = check(&save);
		if (fflush(stdout) != 0)
			end = 3;
	}
	ss_private_free(key);
	return end;
}
