/*
 * Card numbers: nine characters, eight of 0-9 and A-Z and the check character
 * of GB 11714. A number belongs to the card; who is given another card is
 * given another number.
 *
 * A region gives them out from a range of its policy, which is counted from 0
 * on: in tens where both of its ends are digits alone, else in 36s.
 */
#ifndef SS_RULES_CARD_NUMBER_H
#define SS_RULES_CARD_NUMBER_H

#include <stdbool.h>
#include <stdint.h>

#include "rules/schema.h"

#define SS_CARD_NUMBER_LEN 9

/* A range; it stands alone, without the policy it was made from. */
struct ss_card_numbers {
	char name[32];		/* "0:0000000-9999999"; no other has it */
	int64_t count;		/* of numbers, at least 1 */
	int64_t first;		/* what card.number.from counts as */
	int base;		/* 10 or 36 */
	char prefix[8];
};

/* Whether text is a card number and no more, its check character right. */
bool ss_card_number_valid(const char *text);

/* The range of a policy. SS_EPOLICY for one that ss_schema_fill would have
 * refused; it never fails for a policy of ss_policies_get. */
int ss_card_numbers_init(struct ss_card_numbers *, const struct ss_policy *);

/* The range of a name that one of those gave. SS_EINVALID for any other. */
int ss_card_numbers_parse(struct ss_card_numbers *, const char *name);

/* The number at an index from 0 to count - 1; "" for any other. */
void ss_card_number_make(const struct ss_card_numbers *, int64_t index,
    char out[SS_CARD_NUMBER_LEN + 1]);

#endif
