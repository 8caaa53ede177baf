/* The checks about the person: number, dates, guardian, phone, name. */
#include <stdio.h>
#include <string.h>

#include "base/err.h"
#include "base/json.h"
#include "rules/check.h"

static void
good(struct ss_checks *c, const char *name)
{
	ss_check(c, name, SS_GOOD, NULL, NULL);
}

/* Bad, for the reason of the last failure. */
static void
bad(struct ss_checks *c, const char *name, const char *member)
{
	ss_check(c, name, SS_BAD, member, ss_message());
}

static void
check_number(struct ss_checks *c)
{
	const char *number = ss_form_get(c->form, SS_F_ID_NUMBER);
	const char *type = ss_form_get(c->form, SS_F_ID_TYPE);

	c->implied = (struct ss_implied){ .birth = SS_DAY_NONE };
	if (number == NULL || type == NULL) {
		ss_check(c, "number", SS_BAD, "person.id_number", "missing");
		return;
	}
	c->number_good = ss_id_check(ss_id_type_find(type), number, c->today,
	    &c->implied) == 0;
	if (c->number_good) {
		good(c, "number");
		return;
	}
	bad(c, "number", "person.id_number");
	c->implied = (struct ss_implied){ .birth = SS_DAY_NONE };
}

/*
 * Notes for the reviewer, never a refusal: numbers began in 1984 with the
 * codes of that day, and no table has them all.
 */
static void
check_number_region(struct ss_checks *c)
{
	char note[96] = "";
	int first, last, year, month, day;

	if (c->implied.region[0] == '\0')
		return;
	ss_day_split(c->implied.birth, &year, &month, &day);
	if (!ss_regions_life(c->regions, c->implied.region, &first, &last))
		snprintf(note, sizeof(note),
		    "the code is in no edition of GB/T 2260 known here");
	else if (last != 0 && last < year)
		snprintf(note, sizeof(note),
		    "the code was last in the edition of %d, before the birth",
		    last);
	ss_check(c, "number-region", SS_GOOD, NULL,
	    note[0] != '\0' ? note : NULL);
}

static void
check_social_number(struct ss_checks *c)
{
	const char *number = ss_form_get(c->form, SS_F_SOCIAL_NUMBER);

	if (number == NULL)
		ss_check(c, "social-number", SS_BAD, "person.social_number",
		    "missing");
	else if (!c->number_good)
		return;	/* with what it would be compared is not known */
	else if (ss_social_number_check(c->policy,
	    ss_form_get(c->form, SS_F_ID_TYPE),
	    ss_form_get(c->form, SS_F_ID_NUMBER), number) == 0)
		good(c, "social-number");
	else
		bad(c, "social-number", "person.social_number");
}

static void
check_birth(struct ss_checks *c)
{
	const char *text = ss_form_get(c->form, SS_F_BIRTH_DATE);
	ss_day birth = text == NULL ? SS_DAY_NONE : ss_day_parse(text);
	const char *note = NULL;

	if (birth == SS_DAY_NONE)
		note = "missing";
	else if (birth > c->today)
		note = "lies in the future";
	else if (birth < SS_OLDEST_BIRTH)
		note = "before 1880";
	else if (c->implied.birth != SS_DAY_NONE && birth != c->implied.birth)
		note = "is not that of the number";
	ss_check_begin(c, "birth-date", note == NULL ? SS_GOOD : SS_BAD);
	if (birth != SS_DAY_NONE && birth <= c->today) {
		c->who.age = ss_day_age(birth, c->today);
		ss_json_addi(c->out, "value", c->who.age);
	}
	if (note != NULL) {
		ss_json_add(c->out, "member", "person.birth_date");
		ss_json_add(c->out, "note", note);
	}
	ss_check_end(c);
}

static void
check_sex(struct ss_checks *c)
{
	const char *sex = ss_form_get(c->form, SS_F_SEX);

	if (sex != NULL && c->implied.sex[0] != '\0' &&
	    strcmp(sex, c->implied.sex) != 0)
		ss_check(c, "sex", SS_BAD, "person.sex",
		    "is not that of the number");
	else if (sex != NULL)
		good(c, "sex");
}

/* Valid today; a document that is for life ends on 9999-12-31. */
static void
check_validity(struct ss_checks *c)
{
	const char *from = ss_form_get(c->form, SS_F_ID_FROM);
	const char *until = ss_form_get(c->form, SS_F_ID_UNTIL);
	const char *note = NULL;

	if (until == NULL)
		return;
	if (from != NULL && strcmp(from, until) > 0)
		note = "the document ends before it begins";
	else if (ss_day_parse(until) < c->today)
		note = "the document has expired";
	else if (from != NULL && ss_day_parse(from) > c->today)
		note = "the document is not valid yet";
	ss_check_begin(c, "id-valid", note == NULL ? SS_GOOD : SS_BAD);
	ss_json_add(c->out, "value", until);
	if (note != NULL) {
		ss_json_add(c->out, "member", "person.id_until");
		ss_json_add(c->out, "note", note);
	}
	ss_check_end(c);
}

/* The number of a guardian or proxy; "" when it is good, else what is not. */
static const char *
other_fault(struct ss_checks *c, enum ss_field_id id_type,
    enum ss_field_id id_number)
{
	const char *type = ss_form_get(c->form, id_type);
	const char *number = ss_form_get(c->form, id_number);
	struct ss_implied implied;

	if (number == NULL)
		return "the number of the document is missing";
	if (ss_id_check(ss_id_type_find(type != NULL ? type : "citizen"),
	    number, c->today, &implied) != 0)
		return ss_message();
	if (implied.birth != SS_DAY_NONE &&
	    ss_day_age(implied.birth, c->today) <
	    c->policy->apply.representative_from)
		return "is younger than apply.representative_from asks";
	return NULL;
}

static bool
is_applicant(const struct ss_checks *c, enum ss_field_id id_number)
{
	const char *number = ss_form_get(c->form, id_number);
	const char *own = ss_form_get(c->form, SS_F_ID_NUMBER);

	return number != NULL && own != NULL && strcmp(number, own) == 0;
}

static void
check_guardian(struct ss_checks *c)
{
	const char *number = ss_form_get(c->form, SS_F_GUARDIAN_ID_NUMBER);
	const char *note;

	if (!ss_applicant_minor(c->policy, &c->who) && number == NULL)
		return;
	if (ss_form_get(c->form, SS_F_GUARDIAN_NAME) == NULL)
		note = "the name is missing";
	else if (is_applicant(c, SS_F_GUARDIAN_ID_NUMBER))
		note = "is the applicant";
	else
		note = other_fault(c, SS_F_GUARDIAN_ID_TYPE,
		    SS_F_GUARDIAN_ID_NUMBER);
	if (note == NULL &&
	    ss_form_get(c->form, SS_F_GUARDIAN_RELATION) == NULL)
		note = "the relation is missing";
	ss_check(c, "guardian", note == NULL ? SS_GOOD : SS_BAD,
	    "person.guardian", note);
}

static void
check_proxy(struct ss_checks *c)
{
	const char *note;

	if (strcmp(ss_applicant_through(c->policy, &c->who), "proxy") != 0 &&
	    ss_form_get(c->form, SS_F_PROXY_NAME) == NULL)
		return;
	if (ss_form_get(c->form, SS_F_PROXY_NAME) == NULL)
		note = "the name is missing";
	else if (is_applicant(c, SS_F_PROXY_ID_NUMBER))
		note = "is the applicant";
	else
		note = other_fault(c, SS_F_PROXY_ID_TYPE,
		    SS_F_PROXY_ID_NUMBER);
	ss_check(c, "proxy", note == NULL ? SS_GOOD : SS_BAD, "person.proxy",
	    note);
}

/* A mobile number of the mainland, or a foreign one with its country. */
static void
check_phone(struct ss_checks *c)
{
	const char *phone = ss_form_get(c->form, SS_F_PHONE);
	bool mobile;

	if (phone == NULL)
		return;
	mobile = strlen(phone) == 11 && phone[0] == '1' && phone[1] >= '3' &&
	    ss_is_digits(phone, 11);
	if (mobile || (phone[0] == '+' && strlen(phone) >= 8))
		good(c, "phone");
	else
		ss_check(c, "phone", SS_BAD, "person.phone", "neither a "
		    "mobile number of 11 digits nor + and a country's code");
}

/* Characters that cannot be seen, or mean nothing to others. */
static const struct {
	uint32_t first, last;
} unseen[] = {
	{ 0x01, 0x1f },
	{ 0x7f, 0x9f },
	{ 0xad, 0xad },			/* soft hyphen */
	{ 0x2000, 0x200f },		/* spaces, joiners, direction */
	{ 0x2028, 0x202f },		/* separators, embeddings */
	{ 0x205f, 0x206f },
	{ 0xe000, 0xf8ff },		/* private use */
	{ 0xfe00, 0xfe0f },		/* variation selectors */
	{ 0xfeff, 0xfeff },
	{ 0xfff0, 0xffff },
	{ 0xe0000, 0x10ffff },
};

/* Look-alikes of U+00B7, the dot between the parts of a name. */
static const uint32_t dots[] = { 0x387, 0x2022, 0x2027, 0x2219, 0x22c5, 0x30fb,
	0xff0e, 0xff65 };

static bool
is_unseen(uint32_t ch)
{
	size_t i;

	for (i = 0; i < sizeof(unseen) / sizeof(unseen[0]); i++)
		if (ch >= unseen[i].first && ch <= unseen[i].last)
			return true;
	return false;
}

static bool
is_false_dot(uint32_t ch)
{
	size_t i;

	for (i = 0; i < sizeof(dots) / sizeof(dots[0]); i++)
		if (ch == dots[i])
			return true;
	return false;
}

/* What is wrong with the characters of a name; NULL: nothing. */
static const char *
name_fault(const char *name)
{
	const char *p = name, *end = name + strlen(name);
	uint32_t ch, last = 0;

	while ((ch = ss_utf8_next(&p, end)) != 0) {
		if (is_false_dot(ch))
			return "a look-alike of the middle dot; the name's "
			    "dot is U+00B7";
		if (ch == 0xb7 && (last == 0 || last == 0xb7 || p == end))
			return "a middle dot that separates nothing";
		if (is_unseen(ch))
			return "a character that cannot be seen or has no "
			    "agreed meaning";
		if (ch == 0x3000 || ch == 0xa0)
			return "a wide or fixed space";
		if (ch >= '0' && ch <= '9')
			return "a digit";
		last = ch;
	}
	return NULL;
}

/*
 * Where the encoded name is cut: at most name_bytes in the first item, no
 * character in two. ASCII bytes stand alone; others are two or four, the
 * second byte of four being a digit (GB 18030).
 */
static size_t
split(const struct ss_bytes *encoded, size_t limit)
{
	const unsigned char *p = (const unsigned char *)encoded->data;
	size_t at = 0, n;

	while (at < encoded->len) {
		n = p[at] <= 0x80 ? 1 : 2;	/* 80: the euro sign in GBK */
		if (n == 2 && at + 1 < encoded->len && p[at + 1] >= '0' &&
		    p[at + 1] <= '9')
			n = 4;
		if (at + n > limit)
			break;
		at += n;
	}
	return at;
}

static void
check_name_length(struct ss_checks *c)
{
	size_t room = (size_t)c->policy->card.name_extension_bytes;
	size_t first, rest;

	first = split(c->scratch, (size_t)c->policy->card.name_bytes);
	rest = c->scratch->len - first;
	ss_check_begin(c, "name-length", rest <= room ? SS_GOOD :
	    SS_BAD);
	ss_json_addi(c->out, "value", (int64_t)c->scratch->len);
	if (rest > 0)
		ss_json_addi(c->out, "split", (int64_t)first);
	if (rest > room) {
		ss_json_add(c->out, "member", "person.name");
		ss_json_key(c->out, "note");
		ss_bytes_addf(c->out, "\"%zu bytes behind byte %zu, where the "
		    "card has room for %zu\"", rest, first, room);
	}
	ss_check_end(c);
}

static void
check_name(struct ss_checks *c)
{
	const char *name = ss_form_get(c->form, SS_F_NAME), *note;

	if (name == NULL)
		return;
	note = name_fault(name);
	ss_check(c, "name-characters", note == NULL ? SS_GOOD : SS_BAD,
	    "person.name", note);
	ss_bytes_reset(c->scratch);
	if (ss_codec_convert(c->codec, name, strlen(name), c->scratch) != 0) {
		ss_check_begin(c, "name-encoding", SS_BAD);
		ss_json_add(c->out, "need", c->policy->card.name_encoding);
		ss_json_add(c->out, "member", "person.name");
		ss_json_add(c->out, "note",
		    "the card's encoding has not all of its characters");
		ss_check_end(c);
		return;
	}
	good(c, "name-encoding");
	check_name_length(c);
}

void
ss_checks_person(struct ss_checks *c)
{
	check_number(c);
	check_number_region(c);
	check_social_number(c);
	check_birth(c);
	check_sex(c);
	check_validity(c);
	check_guardian(c);
	check_proxy(c);
	check_phone(c);
	check_name(c);
	ss_check(c, "duplicate", c->duplicate ? SS_BAD : SS_GOOD, "person",
	    c->duplicate ? "this person stands earlier in the run" : NULL);
}
