/*
 * The application form: its fields as one table, from which come the options
 * of ss-apply, the columns of CSV, the checks of JSON and the record's
 * region, person and applied.through members (ss-record(5)).
 */
#ifndef SS_RULES_FORM_H
#define SS_RULES_FORM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"
#include "base/json.h"
#include "base/record.h"
#include "base/time.h"
#include "rules/entry.h"
#include "rules/idnum.h"
#include "rules/words.h"

/* In the order of the table and of what is written. */
enum ss_field_id {
	SS_F_REGION,
	SS_F_NAME,
	SS_F_ID_TYPE,
	SS_F_ID_NUMBER,
	SS_F_SOCIAL_NUMBER,
	SS_F_SEX,
	SS_F_ETHNIC,
	SS_F_NATIONALITY,
	SS_F_BIRTH_DATE,
	SS_F_ID_FROM,
	SS_F_ID_UNTIL,
	SS_F_PHONE,
	SS_F_EMAIL,
	SS_F_ADDRESS,
	SS_F_OCCUPATION,
	SS_F_HOUSEHOLD,
	SS_F_COLLECTION,
	SS_F_GUARDIAN_NAME,
	SS_F_GUARDIAN_ID_TYPE,
	SS_F_GUARDIAN_ID_NUMBER,
	SS_F_GUARDIAN_PHONE,
	SS_F_GUARDIAN_RELATION,
	SS_F_PROXY_NAME,
	SS_F_PROXY_ID_TYPE,
	SS_F_PROXY_ID_NUMBER,
	SS_F_PROXY_PHONE,
	SS_F_EMPLOYER_NAME,
	SS_F_EMPLOYER_CODE,
	SS_F_THROUGH,
	SS_FIELDS,
};

struct ss_field {
	const char *parent;	/* "", "person", "person.guardian", ... */
	const char *name;
	const char *option;	/* long option of ss-apply; NULL: none */
	const char *arg;
	const char *help;
	enum ss_entry_kind kind;
	const char *set;	/* for WORD */
};

extern const struct ss_field ss_fields[SS_FIELDS];

/* A form: the text of each field, or nothing. */
struct ss_form {
	struct ss_bytes text;
	size_t at[SS_FIELDS];	/* offset + 1 of a string in text; 0: none */
	bool changed;		/* some entry was not in its normal form */
};

void ss_form_reset(struct ss_form *);
void ss_form_free(struct ss_form *);

/* The field's text; NULL when it is not given. Borrowed until the next set. */
const char *ss_form_get(const struct ss_form *, enum ss_field_id);
void ss_form_set(struct ss_form *, enum ss_field_id, const char *text,
    size_t len);

/*
 * Reads the fields of a record and normalises each: SS_EINVALID naming the
 * member; a member of person that is no field is refused, with the nearest.
 */
int ss_form_read(struct ss_form *, const struct ss_record *,
    const struct ss_words *);

/*
 * Fills what the number implies (birth date, sex, nationality, social number;
 * the region, where none is given) and refuses contradictions. The number is
 * needed; its type defaults to citizen.
 */
int ss_form_complete(struct ss_form *, ss_day today);

/* Checks the number of a guardian or proxy, where it is given; its type, where
 * it is not, becomes citizen. */
int ss_form_check_other(struct ss_form *, enum ss_field_id id_type,
    enum ss_field_id id_number, ss_day today);

/* Who brings the application, as the form itself shows: "proxy", "employer",
 * or NULL when neither is named. */
const char *ss_form_through(const struct ss_form *);

/* Appends the object of a parent ("person") with what is given below it. */
void ss_form_write(const struct ss_form *, const char *parent,
    struct ss_bytes *);

/* "person.guardian.name" of a field, for messages and columns. */
void ss_field_path(enum ss_field_id, struct ss_bytes *);

#endif
