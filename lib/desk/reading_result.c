#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/err.h"
#include "base/text.h"
#include "desk/reading_own.h"

/* The items that have a member of their own, in this order. */
static const char *const of_card[] = { "class", "agency", "number" };
static const char *const dates[] = { "issued", "expires" };
static const struct {
	const char *source, *member;
	bool date;
} of_holder[] = {
	{ "person.social_number", "social_number", false },
	{ "person.name", "name", false },
	{ "person.sex", "sex", false },
	{ "person.ethnic", "ethnic", false },
	{ "person.birthplace", "birthplace", false },
	{ "person.birth_date", "birth_date", true },
};

/* Text that is there and says something. A filling is nothing. */
static int
add_text(struct ss_sight *s, const char *source, const char *member, bool date,
    struct ss_bytes *out)
{
	struct ss_bytes text = { 0 };
	char day[SS_DATE_MAX];
	int r;

	r = ss_contents_get(&s->there, source, s->from, &text);
	if (r == SS_EMISSING || r == SS_ECARD)
		r = 0;
	else if (r == 0 && text.len > 0 && date && text.len == 8) {
		snprintf(day, sizeof(day), "%.4s-%.2s-%.2s", text.data,
		    text.data + 4, text.data + 6);
		if (ss_day_parse(day) != SS_DAY_NONE)
			ss_json_add(out, member, day);
	} else if (r == 0 && text.len > 0 && !date) {
		ss_json_addn(out, member, text.data, text.len);
	}
	if (text.data != NULL)
		ss_wipe(text.data, text.len);
	ss_bytes_free(&text);
	return r;
}

static int
add_card(struct ss_sight *s, struct ss_bytes *b)
{
	size_t i;
	int r;

	for (i = 0; i < sizeof(of_card) / sizeof(of_card[0]); i++)
		if ((r = add_text(s, of_card[i], of_card[i], false, b)) != 0)
			return r;
	for (i = 0; i < sizeof(dates) / sizeof(dates[0]); i++)
		if ((r = add_text(s, dates[i], dates[i], true, b)) != 0)
			return r;
	return 0;
}

/* Only of a card that has a holder. */
static int
add_holder(struct ss_sight *s, struct ss_bytes *b)
{
	struct ss_bytes holder = { 0 };
	size_t i;
	int r = 0;

	for (i = 0; r == 0 && i < sizeof(of_holder) / sizeof(of_holder[0]);
	    i++) {
		if (i == 0)
			ss_json_open(&holder, NULL, '{');
		r = add_text(s, of_holder[i].source, of_holder[i].member,
		    of_holder[i].date, &holder);
	}
	if (r == 0 && !s->blank && holder.len > 1) {
		ss_json_close(&holder, '}');
		ss_json_key(b, "holder");
		ss_bytes_add(b, holder.data, holder.len);
	}
	if (holder.data != NULL)
		ss_wipe(holder.data, holder.len);
	ss_bytes_free(&holder);
	return r;
}

/* A file never keeps the face of the card before. */
static int
put_photo(const struct ss_sight *s, const void *photo, size_t len)
{
	const char *path = s->reading->photo;

	if (path == NULL || s->reading->desk->dry_run)
		return 0;
	if (len > 0)
		return ss_file_write(path, photo, len, true);
	return unlink(path) == 0 || errno == ENOENT ? 0 :
	    ss_fail_errno("the photo's file");
}

static int
add_photo(struct ss_sight *s, struct ss_bytes *b)
{
	const struct ss_profile *p = s->session.who.profile;
	const struct ss_bytes *photo;
	char sm3[SS_SM3_HEX];
	size_t f, len;
	int r;

	for (f = 0; f < p->files_count; f++) {
		photo = &s->there.binary[f];
		if (p->files[f].source == NULL || photo->len < 2 ||
		    memcmp(photo->data, "\xff\xd8", 2) != 0)
			continue;
		/* With --raw the file's filling is there too. */
		if ((len = ss_sight_photo_end((const uint8_t *)photo->data,
		    photo->len)) == 0)
			continue;	/* it was not written to its end */
		if ((r = ss_sm3_hex(s->hand->sm3, photo->data, len,
		    sm3)) != 0)
			return r;
		ss_json_open(b, "photo", '{');
		ss_json_addi(b, "bytes", (int64_t)len);
		ss_json_add(b, "sm3", sm3);
		ss_json_close(b, '}');
		return put_photo(s, photo->data, len);
	}
	return put_photo(s, NULL, 0);
}

/* Each file that could be read: its records in their order, or its bytes. */
static void
add_raw(const struct ss_sight *s, struct ss_bytes *b)
{
	const struct ss_profile *p = s->session.who.profile;
	const struct ss_card_file *file;
	char hex[2 * SS_ITEM_LEN_MAX + 1];
	size_t f, i;
	char *room;

	ss_json_open(b, "raw", '{');
	for (f = 0; f < p->files_count; f++) {
		file = &p->files[f];
		if (file->binary && s->there.binary[f].len > 0 &&
		    (room = malloc(2 * s->there.binary[f].len + 1)) != NULL) {
			ss_hex(s->there.binary[f].data,
			    s->there.binary[f].len, room);
			ss_json_add(b, file->name, room);
			ss_wipe(room, 2 * s->there.binary[f].len);
			free(room);
		}
		if (file->binary)
			continue;
		ss_json_open(b, file->name, '{');
		for (i = 0; i < file->items_count; i++) {
			if (!s->there.set[f][i])
				continue;
			ss_hex(s->there.value[f][i], file->items[i].len, hex);
			ss_json_add(b, file->items[i].name, hex);
		}
		ss_json_close(b, '}');
	}
	ss_json_close(b, '}');
}

static void
add_chip(const struct ss_sight *s, struct ss_bytes *b)
{
	ss_terminal_write(&s->session.who, b);
	ss_json_addb(b, "genuine", s->genuine);
	ss_json_addb(b, "blank", s->blank);
}

int
ss_sight_write(struct ss_sight *s, struct ss_bytes *b)
{
	char time[SS_INSTANT_MAX];
	size_t i;
	int r;

	ss_instant_format(s->now, time);
	ss_json_open(b, NULL, '{');
	ss_json_add(b, "time", time);
	add_chip(s, b);
	if ((r = add_card(s, b)) != 0 || (r = add_holder(s, b)) != 0 ||
	    (r = add_photo(s, b)) != 0)
		return r;
	if (s->entry.at.state != SS_STATE_NONE) {
		ss_json_add(b, "application", s->entry.id);
		ss_json_add(b, "status",
		    ss_status_word(ss_entry_status(&s->entry, s->now)));
	}
	ss_json_open(b, "faults", '[');
	for (i = 0; i < s->faults_count; i++)
		ss_json_add(b, NULL, s->faults[i]);
	ss_json_close(b, ']');
	if (s->reading->raw)
		add_raw(s, b);
	ss_json_addi(b, "apdus", (int64_t)s->counts.apdus);
	ss_json_addi(b, "ms", s->counts.last_ms - s->counts.first_ms);
	ss_json_close(b, '}');
	return ss_bytes_check(b);
}
