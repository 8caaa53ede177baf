#include <string.h>

#include "base/err.h"
#include "desk/pick.h"
#include "rules/card_number.h"
#include "rules/entry.h"

#define PAGE 256

static int
pick(struct ss_desk *desk, enum ss_find by, const char *key,
    struct ss_one *one)
{
	struct ss_entry entry;
	int r;

	if ((r = ss_registry_find(desk->registry, by, key, &entry)) != 0)
		return r;
	if (entry.at.state == SS_STATE_NONE)
		return ss_fail(SS_EMISSING, by == SS_FIND_NUMBER ?
		    "no card of this number is in the register" :
		    "this person has no live card, and no open application");
	return ss_registry_record(desk->registry, entry.id, &one->text);
}

int
ss_pick_card(struct ss_desk *desk, const char *number, struct ss_one *one)
{
	if (!ss_card_number_valid(number))
		return ss_fail(SS_EINVALID, "--card: no card number; nine "
		    "characters are wanted, the last one checks the others");
	return pick(desk, SS_FIND_NUMBER, number, one);
}

static int
normalize(const struct ss_desk *desk, const char *number,
    struct ss_bytes *out)
{
	int r = ss_entry_normalize(SS_ENTRY_NUMBER, NULL, desk->words, number,
	    out);

	if (r == 0 && out->len == 0)
		r = ss_fail(SS_EINVALID, "a number is wanted");
	return r == 0 ? ss_bytes_check(out) : ss_fail_in(r, "--person");
}

int
ss_pick_person(struct ss_desk *desk, const char *number, struct ss_one *one)
{
	struct ss_bytes b = { 0 };
	int r;

	if ((r = normalize(desk, number, &b)) == 0)
		r = pick(desk, SS_FIND_HOLDER, b.data, one);
	/* A card that is not in use yet is not live. */
	if (r == SS_EMISSING)
		r = pick(desk, SS_FIND_OPEN, b.data, one);
	ss_bytes_free(&b);
	return r;
}

static int
take(const struct ss_entry *e, const char *record, void *ctx)
{
	struct ss_pick *p = ctx;
	int r;

	memcpy(p->behind, e->id, sizeof(p->behind));
	p->ended = false;
	if (p->due == NULL)
		r = e->at.state == SS_REJECTED || e->at.state == SS_CANCELLED ?
		    SS_EMISSING : 0;
	else
		r = p->due(p->desk, record);
	if (r == SS_EMISSING)
		return 0;
	ss_bytes_add(&p->text, record, strlen(record) + 1);
	return r != 0 ? r : ss_bytes_check(&p->text);
}

/* The next line; pages in which none is due are passed over. */
static int
next(void *ctx, bool wait, struct ss_line *line, enum ss_next *what)
{
	struct ss_pick *p = ctx;
	int r;

	(void)wait;
	while (p->at == p->text.len && !p->ended) {
		ss_bytes_reset(&p->text);
		p->at = 0;
		p->ended = true;	/* unless there is another */
		if ((r = ss_registry_page(p->desk->registry, &p->filter,
		    p->behind, PAGE, take, p)) != 0)
			return r;
	}
	*what = p->at < p->text.len ? SS_LINE : SS_NO_MORE;
	if (*what == SS_NO_MORE)
		return 0;
	*line = (struct ss_line){ .data = p->text.data + p->at,
		.number = ++p->number };
	line->len = line->full_len = strlen(line->data);
	p->at += line->len + 1;
	return 0;
}

int
ss_pick_all(struct ss_pick *p, struct ss_desk *desk, const char *number)
{
	int r;

	*p = (struct ss_pick){ .desk = desk };
	if ((r = normalize(desk, number, &p->key)) == 0)
		p->filter.person = p->key.data;
	return r;
}

struct ss_source
ss_pick_source(struct ss_pick *p)
{
	return (struct ss_source){ next, p, NULL };
}

void
ss_pick_wipe(struct ss_pick *p)
{
	ss_bytes_free(&p->key);
	ss_bytes_free(&p->text);
}
