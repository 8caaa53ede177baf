/* The own of ss-key operator. */
#ifndef SS_FRONT_KEY_OPERATORS_OWN_H
#define SS_FRONT_KEY_OPERATORS_OWN_H

#include "front/key_operators.h"
#include "trust/operators.h"

/* The file of --trust; the codes of ss_operators_open. */
int ss_key_open_trust(const struct ss_key_work *, struct ss_operators **out);

/* A line of it goes out. */
int ss_key_put_line(struct ss_key_work *, const struct ss_trusted *);

/* Lays roles, regions and times of the options over a line. SS_EINVALID. */
int ss_key_lay_facts(const struct ss_key_work *, struct ss_trusted *);

/* How many lines are of this name, or of a key that begins so. */
size_t ss_key_count_fits(const struct ss_operators *, const char *what,
    bool by_name);

int ss_key_import(struct ss_key_work *);

#endif
