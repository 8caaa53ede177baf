#include <string.h>

#include "base/err.h"
#include "base/text.h"
#include "desk/perso_own.h"
#include "rules/photo_reduce.h"

/* Members that are written as they are. */
static const char *const plain[] = { "person.social_number", "person.name",
	"person.sex", "person.ethnic", "person.birth_date" };

#define REGION_DIGITS 6

/* A term on from a day; a policy without one has cards that never end. */
static ss_day
add_term(ss_day day, const struct ss_term *term)
{
	int n = term->period.n;

	if (!term->set)
		return SS_DAY_FOREVER;
	switch (term->period.unit) {
	case SS_YEARS:
		return ss_day_add_months(day, 12 * n);
	case SS_MONTHS:
		return ss_day_add_months(day, n);
	default:
		return day + n;
	}
}

static bool
take_date(const struct ss_record *rec, const char *path,
    char out[SS_DATE_MAX])
{
	const char *text = ss_record_string(rec, path);

	if (text == NULL || ss_day_parse(text) == SS_DAY_NONE)
		return false;
	memcpy(out, text, SS_DATE_MAX);
	return true;
}

int
ss_making_dates(struct ss_making *m)
{
	const struct ss_turn *t = m->turn;
	ss_day today = ss_instant_day(t->now);

	if (m->job.chip[0] != '\0' &&
	    take_date(t->rec, "card.issued", m->issued) &&
	    take_date(t->rec, "card.expires", m->expires))
		return 0;
	ss_day_format(today, m->issued);
	ss_day_format(add_term(today, &t->policy->card.validity), m->expires);
	return 0;
}

/* Where the holder was born: the region in a citizen's number. */
static void
birthplace(const struct ss_record *rec, char out[REGION_DIGITS + 1])
{
	const char *number = ss_record_string(rec, "person.social_number");
	const char *type = ss_record_string(rec, "person.id_type");

	out[0] = '\0';
	if (number == NULL || type == NULL || (strcmp(type, "citizen") != 0 &&
	    strcmp(type, "household") != 0) || strlen(number) != 18)
		return;
	memcpy(out, number, REGION_DIGITS);
	out[REGION_DIGITS] = '\0';
}

/* The photo, as small as the file of the card is. */
static int
fill_photo(struct ss_making *m, const struct ss_card_file *file,
    struct ss_bytes *out)
{
	struct ss_turn *t = m->turn;
	const char *sm3 = ss_record_string(t->rec, "photo.sm3");
	struct ss_bytes *photo = &t->hand->file;
	char there[SS_SM3_HEX];
	int r;

	if (sm3 == NULL)
		return 0;	/* the policy asked for none */
	ss_bytes_reset(photo);
	if ((r = ss_files_get(t->desk->files, sm3, SS_PHOTO_FILE_MAX,
	    photo)) == 0 && (r = ss_sm3_hex(t->hand->sm3, photo->data,
	    photo->len, there)) == 0 && strcmp(there, sm3) != 0)
		r = ss_fail(SS_EAUTH, "photo: the file store has another "
		    "photo under this digest");
	if (r != 0) {
		t->own = true;
		return r;
	}
	r = ss_photo_reduce(photo->data, photo->len, file->size, out);
	ss_wipe(photo->data, photo->len);
	return r;
}

static int
set(struct ss_making *m, const char *source, const char *text,
    struct ss_codec *codec)
{
	return ss_contents_set(&m->wanted, source, text != NULL ? text : "",
	    codec);
}

static int
fill_items(struct ss_making *m, struct ss_codec *codec)
{
	const struct ss_record *rec = m->turn->rec;
	char place[REGION_DIGITS + 1];
	size_t i;
	int r;

	for (i = 0; i < sizeof(plain) / sizeof(plain[0]); i++)
		if ((r = set(m, plain[i], ss_record_string(rec, plain[i]),
		    codec)) != 0)
			return r;
	birthplace(rec, place);
	if ((r = set(m, "person.birthplace", place, codec)) != 0 ||
	    (r = set(m, "card.issued", m->issued, codec)) != 0 ||
	    (r = set(m, "card.expires", m->expires, codec)) != 0)
		return r;
	return set(m, "card.number", m->job.number, codec);
}

#define CHECK_LEN 4		/* at the end of an identifier */

/*
 * The identifier's check, where the profile has us write it and the maker left
 * it FFFFFFFF. Its formula is not known; this one is the authentication data
 * under IRK of the identifier's first twelve bytes, cut to four.
 */
static int
fill_identifier(struct ss_making *m, const struct ss_profile *profile)
{
	struct ss_identity *who = &m->session.who;
	const struct ss_card_of of = { &profile->arithmetic, who->city,
		who->historical, 0, m->session.real_keys };
	uint8_t auth[SS_AUTH_LEN], value[SS_ITEM_LEN_MAX];
	uint8_t *check = value + SS_IDENTIFIER_LEN - CHECK_LEN;
	const struct ss_card_file *file;
	const struct ss_item *item;
	size_t f, i;
	int r;

	memcpy(value, who->identifier, SS_IDENTIFIER_LEN);
	item = ss_profile_item(profile, "identifier", &file);
	if (!m->open || !profile->identifier_check || item == NULL)
		return 0;
	f = (size_t)(file - profile->files);
	i = (size_t)(item - file->items);
	m->wanted.set[f][i] = false;	/* of the card before */
	if (memcmp(check, "\xff\xff\xff\xff", CHECK_LEN) != 0)
		return 0;
	if ((r = ss_keystore_auth(m->session.keys, &of, SS_KEY_IRK, value,
	    value + CHECK_LEN, auth)) != 0)
		return r;
	memcpy(check, auth, CHECK_LEN);
	memcpy(m->wanted.value[f][i], value, SS_IDENTIFIER_LEN);
	m->wanted.set[f][i] = true;
	ss_hex(value, SS_IDENTIFIER_LEN, who->identifier_hex);
	return 0;
}

/* What is the same on every card of a profile. */
static int
fill_all(struct ss_making *m, const struct ss_profile *profile)
{
	const struct ss_card_file *file;
	struct ss_codec *codec;
	size_t f;
	int r;

	m->filled = NULL;
	ss_contents_wipe(&m->wanted);
	ss_contents_init(&m->wanted, profile);
	if ((r = ss_hand_codec(m->turn->hand, profile->encoding,
	    &codec)) != 0 || (r = fill_items(m, codec)) != 0)
		return r;
	for (f = 0; r == 0 && f < profile->files_count; f++) {
		file = &profile->files[f];
		if (file->binary && file->source != NULL &&
		    strcmp(file->source, "photo") == 0)
			r = fill_photo(m, file, &m->wanted.binary[f]);
	}
	if (r == 0)
		m->filled = profile;
	return r;
}

int
ss_making_fill(struct ss_making *m, const struct ss_profile *profile)
{
	int r;

	/* A photo takes milliseconds to reduce: not while a card waits. */
	if (m->filled != profile && (r = fill_all(m, profile)) != 0)
		return r;
	return fill_identifier(m, profile);
}
