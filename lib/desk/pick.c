#include <string.h>

#include "base/err.h"
#include "desk/pick.h"
#include "rules/card_number.h"

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

int
ss_pick_person(struct ss_desk *desk, const char *number, struct ss_one *one)
{
	int r = pick(desk, SS_FIND_HOLDER, number, one);

	/* A card that is not in use yet is not live. */
	return r == SS_EMISSING ? pick(desk, SS_FIND_OPEN, number, one) : r;
}

static int
take(const struct ss_entry *e, const char *record, void *ctx)
{
	struct ss_pick *p = ctx;
	int r;

	memcpy(p->behind, e->id, sizeof(p->behind));
	p->ended = false;
	if ((r = p->due(p->desk, record)) == SS_EMISSING)
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

struct ss_source
ss_pick_source(struct ss_pick *p)
{
	return (struct ss_source){ next, p, NULL };
}

void
ss_pick_wipe(struct ss_pick *p)
{
	ss_bytes_free(&p->text);
}
