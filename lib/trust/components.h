/*
 * A key from components: parts that several people hold and type one after the
 * other, of which the key is the exclusive or, so that none of them knows it.
 */
#ifndef SS_TRUST_COMPONENTS_H
#define SS_TRUST_COMPONENTS_H

#include <stddef.h>
#include <stdint.h>

#include "chip/arithmetic.h"

#define SS_COMPONENTS_MIN 2
#define SS_COMPONENTS_MAX 5
#define SS_COMPONENT_TEXT_MAX 96	/* with blanks between, and its NUL */

struct ss_components {
	enum ss_cipher_name cipher;
	size_t count;
	uint8_t part[SS_COMPONENTS_MAX][SS_KEY_LEN];
};

/* 32 hexadecimal digits, with blanks wherever people put them; SS_EINVALID
 * for other text, for zeros, and for one that is there already: these two
 * would take each other away. kcv is its check value by the cipher. */
int ss_components_add(struct ss_components *, const char *text,
    uint8_t kcv[SS_KCV_LEN]);

/* Takes the last one back. */
void ss_components_drop(struct ss_components *);

/* The key; SS_EINVALID for zeros, and for 3DES when both halves are one key:
 * that would be single DES. */
int ss_components_join(const struct ss_components *, uint8_t key[SS_KEY_LEN],
    uint8_t kcv[SS_KCV_LEN]);

#endif
