#include <string.h>

#include "base/err.h"
#include "base/text.h"
#include "card/session_own.h"
#include "chip/status.h"
#include "chip/tlv.h"

#define INS_SELECT 0xa4
#define P1_NAME 0x04
#define CIPHER_3DES 1		/* the FCI of a card that says nothing */
#define SW_LOCKED 0x6283	/* selected, but the application is blocked */
#define VERSION_LEN_MAX 7

/* The historical bytes; anything but 13 of them is another card. */
static int
read_atr(struct ss_session *s)
{
	struct ss_identity *who = &s->who;
	const uint8_t *bytes;
	struct ss_atr atr;
	size_t len;
	int r;

	bytes = ss_reader_atr(s->reader, &len);
	if ((r = ss_atr_parse(bytes, len, &atr)) != 0)
		return r;
	if (atr.historical_len != SS_HISTORICAL_LEN)
		return ss_fail(SS_ECARD, "not a social security card: its "
		    "answer to reset has %zu historical bytes, not %d",
		    atr.historical_len, SS_HISTORICAL_LEN);
	memcpy(who->historical, atr.historical, SS_HISTORICAL_LEN);
	ss_hex(bytes, len, who->atr_hex);
	ss_hex(who->historical, SS_HISTORICAL_LEN, who->reset);
	return 0;
}

static bool
selects_alike(const struct ss_profile *a, const struct ss_profile *b)
{
	if (a == NULL || b == NULL ||
	    a->select.by_name != b->select.by_name)
		return false;
	if (!a->select.by_name)
		return a->select.fid == b->select.fid &&
		    a->select.file_p1 == b->select.file_p1;
	return a->select.name_len == b->select.name_len &&
	    memcmp(a->select.name, b->select.name, a->select.name_len) == 0;
}

static int
select_as(struct ss_session *s, const struct ss_profile *p,
    struct ss_bytes *fci, uint16_t *sw)
{
	uint8_t fid[2] = { (uint8_t)(p->select.fid >> 8),
		(uint8_t)(p->select.fid & 0xff) };
	struct ss_apdu a = { .ins = INS_SELECT, .p1 = p->select.file_p1,
		.data = fid, .len = sizeof(fid), .le = SS_APDU_SHORT_LE };

	if (p->select.by_name) {
		a.p1 = P1_NAME;
		a.data = p->select.name;
		a.len = p->select.name_len;
	}
	return ss_session_say(s, &a, "selecting SSSE", SS_SHOWN, SS_SHOWN, fci,
	    sw);
}

/* Whether an earlier profile, of those tried, selects in the same way. */
static bool
tried(const struct ss_profiles *profiles, size_t i)
{
	size_t k;

	for (k = 0; k < i; k++)
		if (selects_alike(ss_profiles_at(profiles, k),
		    ss_profiles_at(profiles, i)))
			return true;
	return false;
}

/* SSSE by each way that the profiles have, or by force's alone; *out is one
 * of the profiles that have this way. */
static int
select_ssse(struct ss_session *s, const struct ss_profiles *profiles,
    const struct ss_profile *force, struct ss_bytes *fci,
    const struct ss_profile **out)
{
	size_t i, n = force != NULL ? 1 : ss_profiles_count(profiles);
	const struct ss_profile *p;
	uint16_t sw = 0;
	int r;

	for (i = 0; i < n; i++) {
		p = force != NULL ? force : ss_profiles_at(profiles, i);
		if (force == NULL && tried(profiles, i))
			continue;
		ss_bytes_reset(fci);
		if ((r = select_as(s, p, fci, &sw)) != 0)
			return r;
		*out = p;
		if (sw == SS_SW_OK)
			return 0;
		if (sw == SW_LOCKED) {
			s->who.locked = true;
			return 0;
		}
		if (ss_status_fail(sw, "the card") == SS_EBLOCKED)
			return SS_EBLOCKED;
	}
	return ss_fail(SS_ECARD, "not a social security card: it answers "
	    "SELECT with %04X", sw);
}

/* The cipher that an FCI names: 9F0C 03 86 01 aa inside of 6F A5. */
static int
read_fci(struct ss_session *s, const struct ss_bytes *fci)
{
	static const uint16_t issuer[] = { 0x6f, 0xa5, 0x9f0c, 0 };
	static const uint16_t cipher[] = { 0x86, 0 };
	struct ss_tlv t;
	int r = 0;

	s->who.cipher_code = CIPHER_3DES;
	if (fci->len == 0)
		return 0;
	if ((r = ss_tlv_find(SS_TLV_BER, fci->data, fci->len, issuer,
	    &t)) == 0)
		r = ss_tlv_find(SS_TLV_BER, t.value, t.len, cipher, &t);
	if (r == SS_EMISSING)
		return 0;
	if (r == 0 && t.len != 1)
		r = ss_fail(SS_ECARD, "its cipher has %zu bytes", t.len);
	if (r != 0)
		return ss_fail_in(SS_ECARD, "what the card says of SSSE");
	s->who.cipher_code = t.value[0];
	return 0;
}

/* The profile that reads identifier and version: of the cipher and the same
 * way to SSSE, if there is one. */
static const struct ss_profile *
reader_of(const struct ss_session *s, const struct ss_profiles *profiles,
    const struct ss_profile *p)
{
	const struct ss_profile *q;
	size_t i;

	for (i = 0; i < ss_profiles_count(profiles); i++) {
		q = ss_profiles_at(profiles, i);
		if (selects_alike(p, q) &&
		    q->match.cipher_code == s->who.cipher_code)
			return q;
	}
	return p;
}

static int
read_record(struct ss_session *s, const struct ss_profile *p,
    const char *name, uint8_t value[SS_ITEM_LEN_MAX], size_t *len)
{
	const struct ss_card_file *f;
	const struct ss_item *item = ss_profile_item(p, name, &f);

	if (item == NULL)
		return ss_fail(SS_EPOLICY, "profile \"%s\" has no item \"%s\"",
		    p->name, name);
	*len = item->len;
	return ss_session_record(s, p, f, item, value);
}

/* A version without the 00 and blanks behind it. */
static size_t
trimmed(const uint8_t *version, size_t len)
{
	while (len > 0 && (version[len - 1] == '\0' ||
	    version[len - 1] == ' '))
		len--;
	return len;
}

/* Whether a profile that was asked for is one of this card. */
static int
check_forced(const struct ss_session *s, const struct ss_profile *p,
    const uint8_t *version, size_t len)
{
	size_t i;

	if (p->match.cipher_code != s->who.cipher_code)
		return ss_fail(SS_ECARD, "not a card of profile \"%s\": its "
		    "cipher is %d", p->name, s->who.cipher_code);
	for (i = 0; i < SS_VERSIONS_MAX && p->match.versions[i] != NULL; i++)
		if (strlen(p->match.versions[i]) == len &&
		    memcmp(p->match.versions[i], version, len) == 0)
			return 0;
	return ss_fail(SS_ECARD, "not a card of profile \"%s\": its version is "
	    "another", p->name);
}

/* Identifier and version, by p's layout; then the card's own profile. */
static int
identify(struct ss_session *s, const struct ss_profiles *profiles,
    const struct ss_profile *p, const struct ss_profile *force)
{
	uint8_t value[SS_ITEM_LEN_MAX];
	struct ss_identity *who = &s->who;
	size_t len = 0, n;
	int r;

	if ((r = read_record(s, p, "identifier", value, &len)) != 0)
		return r;
	if (len != SS_IDENTIFIER_LEN)
		return ss_fail(SS_EPOLICY, "profile \"%s\": an identifier has "
		    "%d bytes", p->name, SS_IDENTIFIER_LEN);
	memcpy(who->identifier, value, SS_IDENTIFIER_LEN);
	ss_hex(who->identifier, SS_IDENTIFIER_LEN, who->identifier_hex);
	memcpy(who->chip, who->reset, 2 * SS_HISTORICAL_LEN);
	memcpy(who->chip + 2 * SS_HISTORICAL_LEN, who->identifier_hex, 2 * 12);
	if ((r = read_record(s, p, "version", value, &len)) != 0)
		return r;
	n = trimmed(value, len);
	if (force == NULL)
		r = ss_profiles_match(profiles, who->cipher_code, value, len,
		    who->historical, &who->profile);
	else if ((r = check_forced(s, force, value, n)) == 0)
		who->profile = force;
	if (r != 0)
		return r;
	memcpy(who->version, value, n < VERSION_LEN_MAX ? n : VERSION_LEN_MAX);
	/* The file that is selected belongs to the layout. */
	if (s->selected != NULL)
		s->selected = ss_profile_file(who->profile,
		    s->selected->name);
	return ss_profile_city(who->profile, who->identifier, who->city);
}

int
ss_session_open(struct ss_session *s, struct ss_reader *rd,
    struct ss_keystore *keys, const struct ss_profiles *profiles,
    const char *force)
{
	const struct ss_profile *forced = NULL, *p = NULL;
	struct ss_bytes fci = { 0 };
	int r;

	*s = (struct ss_session){ .reader = rd, .keys = keys,
		.tries_left = -1 };
	if (force != NULL &&
	    (r = ss_profiles_find(profiles, force, &forced)) != 0)
		return r;
	if ((r = ss_reader_connect(rd)) != 0)
		return r;
	if ((r = read_atr(s)) != 0 ||
	    (r = select_ssse(s, profiles, forced, &fci, &p)) != 0 ||
	    (r = read_fci(s, &fci)) != 0)
		goto out;
	if (forced == NULL)
		p = reader_of(s, profiles, p);
	r = identify(s, profiles, p, forced);
out:
	ss_bytes_free(&fci);
	return r;
}
