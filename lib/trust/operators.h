/*
 * The trust file: who is known by which public key, and what each may do
 * (ss-trust(5)). JSON Lines, a key a line:
 *
 *	{"operator":"wang","key":"<SM3 of the public key>","algorithm":"sm2",
 *	 "public":"<SubjectPublicKeyInfo, base64>","roles":["clerk"],
 *	 "regions":["220100"],"from":"<instant>","until":"<instant>",
 *	 "revoked":"<instant>"}
 *
 * until and revoked may be missing. An operator may have several keys; a key
 * belongs to one.
 */
#ifndef SS_TRUST_OPERATORS_H
#define SS_TRUST_OPERATORS_H

#include <stdbool.h>

#include "base/json.h"
#include "base/sign.h"
#include "base/time.h"

#define SS_ROLES_MAX 8		/* of one operator */
#define SS_REGIONS_MAX 64
#define SS_OPERATOR_MAX 128	/* bytes of a name, with NUL */

struct ss_trusted {
	char name[SS_OPERATOR_MAX];
	char key[SS_SM3_HEX];		/* SM3 of the public key's encoding */
	enum ss_algorithm algorithm;
	uint8_t spki[SS_SPKI_MAX];
	size_t spki_len;
	char roles[SS_ROLES_MAX][16];	/* role_count of them */
	size_t role_count;
	char regions[SS_REGIONS_MAX][7];	/* six digits; 000000 all */
	size_t region_count;
	ss_instant from, until, revoked;	/* until, revoked: 0, never */
};

struct ss_operators;

/* The roles that there are; NULL behind the last. */
const char *ss_role_at(size_t);

/*
 * SS_EMISSING when it is not there, SS_EINVALID naming line and member,
 * SS_EAUTH when others than its owner may write it. Any thread may look;
 * changing is for one. That a key is a point of its curve is seen when it is
 * used or put.
 */
int ss_operators_open(struct ss_operators **out, const char *path);
void ss_operators_close(struct ss_operators *);
const char *ss_operators_path(const struct ss_operators *);

size_t ss_operators_count(const struct ss_operators *);
/* Borrowed until the file is changed. */
const struct ss_trusted *ss_operators_at(const struct ss_operators *, size_t);

/* By the id of a key, 64 lower-case digits; NULL: not known. */
const struct ss_trusted *ss_operators_find(const struct ss_operators *,
    const char *key);

/* Its public key, parsed once; borrowed. Any thread. */
int ss_operators_public(struct ss_operators *, const struct ss_trusted *,
    const struct ss_public **out);

bool ss_trusted_has_role(const struct ss_trusted *, const char *role);

/* Whether a region of six digits is one of its own, or within one. */
bool ss_trusted_has_region(const struct ss_trusted *, const char *region);

/* 0 at that time; else SS_EAUTH: not yet, no longer, or revoked. A signature
 * made before a key was revoked stays good. */
int ss_trusted_valid(const struct ss_trusted *, ss_instant);

/* SS_EINVALID, naming the member, for what no line says. */
int ss_trusted_check(const struct ss_trusted *);

/* One line of the file, parsed and checked; written, without its newline. */
int ss_trusted_read(struct ss_trusted *, const struct ss_value *);
int ss_trusted_write(const struct ss_trusted *, struct ss_bytes *);

/*
 * Changing it: made where it is not there, 0644, while others wait. put adds a
 * key, or replaces that of the same id; nothing is kept before save, which is
 * whole and durable or not at all.
 */
int ss_operators_edit(struct ss_operators **out, const char *path);
int ss_operators_put(struct ss_operators *, const struct ss_trusted *);
int ss_operators_save(struct ss_operators *);

#endif
