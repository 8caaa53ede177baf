#include <string.h>

#include "base/crypto.h"
#include "base/err.h"
#include "card/session_own.h"
#include "chip/status.h"

#define INS_SELECT 0xa4
#define BY_SFI 0x80		/* P1 of READ and UPDATE BINARY */
#define SFI_OFFSET 0xff		/* the highest that goes with it */

enum ss_apdu_form
ss_session_form(const struct ss_session *s)
{
	enum ss_apdu_form form = ss_reader_form(s->reader);

	if (form == SS_APDU_T1 && s->who.profile != NULL &&
	    s->who.profile->extended)
		return SS_APDU_EXTENDED;
	return form;
}

/* After a failure nobody knows what the card still holds. */
static void
forget(struct ss_session *s)
{
	s->held = 0;
	s->selected = NULL;
}

/* One command and its response, not looked at. */
static int
turn(struct ss_session *s, const struct ss_apdu *a, enum ss_apdu_form form,
    struct ss_response *out)
{
	uint8_t bytes[SS_APDU_ROOM];
	const uint8_t *response;
	size_t len, response_len;
	int r;

	if ((r = ss_apdu_encode(a, form, bytes, sizeof(bytes), &len)) != 0)
		return r;
	r = ss_reader_transmit(s->reader, bytes, len, &response,
	    &response_len);
	ss_wipe(bytes, len);
	if (r != 0 || (r = ss_response_parse(response, response_len,
	    out)) != 0)
		return r;
	if (out->len > a->le)
		return ss_fail(SS_ECARD, "%zu bytes where at most %zu were "
		    "asked for, SW %04X", out->len, a->le, out->sw);
	return 0;
}

static int
exchange(struct ss_session *s, const struct ss_apdu *first,
    struct ss_bytes *out, uint16_t *sw)
{
	struct ss_exchange x = { .form = ss_session_form(s) };
	struct ss_apdu a = *first;
	struct ss_response response;
	bool more = true;
	int r;

	while (more) {
		if ((r = turn(s, &a, x.form, &response)) != 0)
			return r;
		if (out != NULL)
			ss_bytes_add(out, response.data, response.len);
		*sw = response.sw;
		if ((r = ss_apdu_next(&x, &a, &response, &a, &more)) != 0)
			return r;
	}
	return out != NULL ? ss_bytes_check(out) : 0;
}

int
ss_session_send(struct ss_session *s, const struct ss_apdu *a,
    const char *what, struct ss_bytes *out, uint16_t *sw)
{
	uint16_t word = 0;
	int r;

	r = exchange(s, a, out, &word);
	/* Whoever says nothing about the next one has it masked. */
	ss_reader_mask(s->reader, SS_SECRET, SS_SECRET);
	if (sw != NULL)
		*sw = word;
	if (r != 0) {
		forget(s);
		return ss_fail_in(r, "%.100s", what);
	}
	return sw != NULL ? 0 : ss_status_fail(word, what);
}

int
ss_session_say(struct ss_session *s, const struct ss_apdu *a,
    const char *what, enum ss_secrecy command, enum ss_secrecy response,
    struct ss_bytes *out, uint16_t *sw)
{
	ss_reader_mask(s->reader, command, response);
	return ss_session_send(s, a, what, out, sw);
}

int
ss_session_permit(struct ss_session *s, int access, const char *subject,
    const char *work)
{
	if (access == SS_ACCESS_FREE)
		return 0;
	if (access == SS_ACCESS_NEVER)
		return ss_fail(SS_EINVALID, "profile \"%s\" never lets %s be "
		    "%s", s->who.profile->name, subject, work);
	return ss_session_authenticate(s, (enum ss_card_key)access);
}

/* SELECT by FID. */
static int
choose(struct ss_session *s, const struct ss_profile *p,
    const struct ss_card_file *f)
{
	uint8_t fid[2] = { (uint8_t)(f->fid >> 8), (uint8_t)(f->fid & 0xff) };
	struct ss_apdu a = { .ins = INS_SELECT, .p1 = p->select.file_p1,
		.data = fid, .len = sizeof(fid), .le = SS_APDU_SHORT_LE };
	int r;

	s->selected = NULL;
	r = ss_session_say(s, &a, f->name, SS_SHOWN, SS_SHOWN, NULL, NULL);
	if (r == 0)
		s->selected = f;
	return r;
}

int
ss_session_select(struct ss_session *s, const struct ss_profile *p,
    const struct ss_card_file *f)
{
	if (s->selected == f)
		return 0;
	if (!p->records.short_id)
		return choose(s, p, f);
	s->selected = NULL;
	return 0;
}

int
ss_session_enter(struct ss_session *s, const struct ss_profile *p,
    const struct ss_card_file *f, size_t at, struct ss_apdu *a)
{
	a->p1 = (uint8_t)(at >> 8);
	a->p2 = (uint8_t)(at & 0xff);
	if (s->selected == f)
		return 0;
	if (!p->records.short_id || at > SFI_OFFSET)
		return choose(s, p, f);
	s->selected = NULL;
	a->p1 = BY_SFI | f->sfi;
	return 0;
}

void
ss_session_close(struct ss_session *s, bool eject)
{
	forget(s);
	if (s->reader != NULL)
		ss_reader_disconnect(s->reader, eject);
}
