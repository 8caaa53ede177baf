#include <stdio.h>
#include <string.h>

#include "base/err.h"
#include "base/text.h"
#include "desk/reading_own.h"
#include "rules/card_number.h"
#include "rules/idnum.h"

/* Members of a record that stand on the card, and what the card calls them. */
static const struct {
	const char *member, *fault;
} same[] = {
	{ "card.number", "number-differs" },
	{ "person.social_number", "social-number-differs" },
	{ "person.name", "name-differs" },
	{ "person.sex", "sex-differs" },
	{ "person.ethnic", "ethnic-differs" },
	{ "person.birth_date", "birth-date-differs" },
	{ "card.issued", "issued-differs" },
	{ "card.expires", "expires-differs" },
};

void
ss_sight_fault(struct ss_sight *s, const char *word)
{
	if (s->faults_count < SS_FAULTS_MAX)
		s->faults[s->faults_count++] = word;
}

/* The text of a source or an item, in the hand's scratch; NULL: not read, or
 * none. */
static const char *
text_of(struct ss_sight *s, const char *source)
{
	struct ss_bytes *b = &s->hand->scratch;

	ss_bytes_reset(b);
	if (ss_contents_get(&s->there, source, s->from, b) != 0)
		return NULL;
	return b->len > 0 ? b->data : "";
}

/* A date of the card, YYYYMMDD; SS_DAY_NONE for none. */
static ss_day
day_of(struct ss_sight *s, const char *source)
{
	const char *text = text_of(s, source);
	char date[SS_DATE_MAX];

	if (text == NULL || !ss_is_digits(text, 8) || text[8] != '\0')
		return SS_DAY_NONE;
	snprintf(date, sizeof(date), "%.4s-%.2s-%.2s", text, text + 4,
	    text + 6);
	return ss_day_parse(date);
}

static void
check_dates(struct ss_sight *s)
{
	ss_day today = ss_instant_day(s->now), issued, expires;

	issued = day_of(s, "card.issued");
	expires = day_of(s, "card.expires");
	if (issued == SS_DAY_NONE || expires == SS_DAY_NONE ||
	    issued > expires)
		ss_sight_fault(s, "dates");
	if (issued != SS_DAY_NONE && issued > today)
		ss_sight_fault(s, "not-yet-valid");
	if (expires != SS_DAY_NONE && expires < today)
		ss_sight_fault(s, "expired");
}

/* Eighteen characters are a citizen's number, or of one of its kinds. */
static void
check_social_number(struct ss_sight *s)
{
	const char *number = text_of(s, "person.social_number");

	if (number != NULL && strlen(number) == 18 &&
	    ss_is_digits(number, 17) &&
	    ss_citizen_check_char(number) != number[17])
		ss_sight_fault(s, "social-number");
}

static bool
is_same(const char *card, const char *record)
{
	for (; *card != '\0' || *record != '\0'; card++, record++) {
		while (*record == '-')	/* of a date */
			record++;
		if (*card != *record)
			return false;
		if (*card == '\0')
			return true;
	}
	return true;
}

/* The first thing on the card that is not what the record says. */
static int
check_record(struct ss_sight *s)
{
	const char *record, *card, *first = NULL;
	size_t i;

	for (i = 0; i < sizeof(same) / sizeof(same[0]); i++) {
		record = ss_record_string(s->rec, same[i].member);
		if (record == NULL ||
		    (card = text_of(s, same[i].member)) == NULL ||
		    is_same(card, record))
			continue;
		ss_sight_fault(s, same[i].fault);
		if (first == NULL)
			first = same[i].member;
	}
	return first == NULL ? 0 : ss_fail(SS_EAUTH, "the card's %s is not "
	    "that of the record", first);
}

int
ss_sight_check(struct ss_sight *s)
{
	const char *number = text_of(s, "number");
	bool there = number != NULL;
	bool valid = there && ss_card_number_valid(number);

	s->blank = !valid && day_of(s, "card.issued") == SS_DAY_NONE;
	if (!s->blank) {
		if (there && !valid)
			ss_sight_fault(s, "number");
		check_dates(s);
		check_social_number(s);
	}
	if (s->reading->desk->registry != NULL &&
	    s->entry.at.state == SS_STATE_NONE && !s->blank)
		ss_sight_fault(s, "not-in-register");
	return check_record(s);
}
