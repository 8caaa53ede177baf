/*
 * The PIN of a card, and the orders that only the issuer gives: PIN reload and
 * unblock, block and unblock of the application. What is sent and how is the
 * profile's; the layouts are field practice (JR/T 0025, FMCOS 2.0).
 *
 * A PIN is text of digits with a NUL. It leaves in VERIFY, CHANGE PIN and PIN
 * reload alone, is masked in a trace and wiped from where it was put together.
 * A PIN's and a key's counter are taken down by every wrong try: who calls
 * knows before how many are left.
 */
#ifndef SS_CARD_PIN_H
#define SS_CARD_PIN_H

#include "card/session.h"

#define SS_PIN_SIZE (SS_PIN_DIGITS_MAX + 1)

/* Whether text is a PIN by its form: digits, as many as the card takes. */
bool ss_pin_valid(const struct ss_profile *, const char *pin);

/*
 * How many tries the card says are left: -1 where it has no command that says
 * so (pin.query of the profile). Nothing is tried.
 */
int ss_pin_tries(struct ss_session *, int *left);

/*
 * VERIFY. SS_EAUTH for a wrong PIN, SS_EBLOCKED when no try is left; *left is
 * what the card said, -1 when it said nothing of it (a failure on the way:
 * nobody knows whether the try counted).
 */
int ss_pin_verify(struct ss_session *, const char *pin, int *left);

/* CHANGE PIN; the same. SS_EINVALID where the card refuses the new one (6A80),
 * which takes no try. */
int ss_pin_change(struct ss_session *, const char *from, const char *to,
    int *left);

/*
 * An order of the issuer: the key of the profile is authenticated, a challenge
 * got, and the secured command sent. pin is for SS_ORDER_RELOAD_PIN, NULL for
 * all others. SS_EAUTH (a wrong key or MAC; tries_left of the session is set
 * for the key), SS_EBLOCKED, SS_EMISSING for no such key.
 */
int ss_card_order(struct ss_session *, enum ss_order, const char *pin);

#endif
