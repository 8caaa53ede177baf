/*
 * Which PINs a region refuses as too easy to guess (policy pin.weak).
 */
#ifndef SS_RULES_PIN_H
#define SS_RULES_PIN_H

#include <stddef.h>

#include "base/json.h"
#include "rules/schema.h"

/*
 * SS_EPOLICY for a PIN that the policy refuses for the holder of a record,
 * naming the kind of weakness and no digit.
 */
int ss_pin_check(const struct ss_policy *, const struct ss_value *record,
    const char *pin);

#endif
