#include <sys/stat.h>

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/crypto.h"
#include "base/err.h"
#include "base/json.h"
#include "base/text.h"
#include "softcard/stock.h"

#define LABEL "card.json"

static int
parse_byte(const char *text, const char *what, uint8_t *out)
{
	if (!isxdigit((unsigned char)text[0]) ||
	    !isxdigit((unsigned char)text[1]) || text[2] != '\0')
		return ss_fail(SS_EINVALID, "%s is two hexadecimal digits, not "
		    "\"%s\"", what, text);
	*out = (uint8_t)strtoul(text, NULL, 16);
	return 0;
}

/* A province or a city is meant by its code, and zeros. */
static int
parse(const struct ss_batch *s, struct ss_softcard_setup *setup,
    char region[7], struct ss_link *link)
{
	size_t n = strlen(s->region);
	int r;

	*link = (struct ss_link){ 0 };
	*setup = (struct ss_softcard_setup){ .region = region,
		.key_version = s->key_version, .t1 = s->t1 };
	if ((n != 2 && n != 4 && n != 6) || !ss_is_digits(s->region, n))
		return ss_fail(SS_EINVALID, "\"%s\" is no region of two, four "
		    "or six digits", s->region);
	snprintf(region, 7, "%s%.*s", s->region, (int)(6 - n), "0000");
	if ((r = ss_profiles_find(s->profiles, s->profile,
	    &setup->profile)) != 0)
		return r == SS_EMISSING ? ss_fail_as(SS_EINVALID) : r;
	if ((s->ta1 != NULL &&
	    (r = parse_byte(s->ta1, "TA1", &setup->ta1)) != 0) ||
	    (r = parse_byte(s->fill, "the fill", &setup->fill)) != 0)
		return r;
	if (setup->fill != 0x00 && setup->fill != 0xff)
		return ss_fail(SS_EINVALID, "a blank card has 00 or ff");
	return s->link != NULL ? ss_link_parse(s->link, link) : 0;
}

static int
make_folder(const char *dir)
{
	if (mkdir(dir, 0700) == 0 || errno == EEXIST)
		return 0;
	ss_fail_errno(dir);
	return SS_EIO;
}

static int
make_one(struct ss_batch *s, const struct ss_softcard_setup *setup,
    const struct ss_link *link, const char *dir)
{
	struct ss_softcard_setup one = *setup;
	struct ss_softcard *card;
	int r = 0;

	if (s->serial < 0)
		r = ss_random(&one.serial, sizeof(one.serial));
	else
		one.serial = (uint32_t)s->serial++;
	if (r != 0 || (r = ss_softcard_create(dir, &one)) != 0 ||
	    !ss_link_is(link))
		return r;
	if ((r = ss_softcard_open(&card, dir, s->profiles)) == 0) {
		r = ss_softcard_set_link(card, link);
		ss_softcard_close(card);
	}
	return r;
}

/* The folders in which cards lie, all of them to be freed. */
static int
make_folders(const struct ss_batch *s, const char *dir, struct ss_bytes *at)
{
	int r;

	if ((r = make_folder(dir)) != 0)
		return r;
	ss_bytes_adds(at, dir);
	if (!s->feeder)
		return ss_bytes_check(at);
	ss_bytes_adds(at, "/out");
	if ((r = ss_bytes_check(at)) != 0 ||
	    (r = make_folder(at->data)) != 0)
		return r;
	ss_bytes_reset(at);
	ss_bytes_addf(at, "%s/in", dir);
	return (r = ss_bytes_check(at)) != 0 ? r : make_folder(at->data);
}

int
ss_stock_make(struct ss_batch *s, const char *dir)
{
	struct ss_bytes within = { 0 }, path = { 0 };
	struct ss_softcard_setup setup;
	struct ss_link link;
	char region[7];
	long i;
	int r;

	if ((r = parse(s, &setup, region, &link)) != 0)
		return r;
	if (s->count == 0 && !s->feeder)
		return make_one(s, &setup, &link, dir);
	r = make_folders(s, dir, &within);
	for (i = 1; r == 0 && i <= s->count; i++) {
		ss_bytes_reset(&path);
		ss_bytes_addf(&path, "%s/%04ld", within.data, i);
		if ((r = ss_bytes_check(&path)) == 0)
			r = make_one(s, &setup, &link, path.data);
	}
	ss_bytes_free(&path);
	ss_bytes_free(&within);
	return r;
}

/* --- listed */

static bool
is_card(const char *dir)
{
	struct ss_bytes path = { 0 };
	bool is;

	ss_bytes_addf(&path, "%s/" LABEL, dir);
	is = !path.failed && access(path.data, F_OK) == 0;
	ss_bytes_free(&path);
	return is;
}

/* Of a card that another process has only its label can be told. */
static int
tell_label(const char *dir, struct ss_bytes *json)
{
	static const char *const members[] = { "profile", "region" };
	struct ss_value *root = NULL;
	struct ss_bytes path = { 0 };
	const char *text;
	int64_t serial;
	size_t i;
	int r;

	ss_bytes_addf(&path, "%s/" LABEL, dir);
	if ((r = ss_bytes_check(&path)) == 0)
		r = ss_json_read_file(path.data, &root);
	ss_json_open(json, NULL, '{');
	ss_json_add(json, "card", dir);
	for (i = 0; i < sizeof(members) / sizeof(members[0]); i++) {
		text = ss_value_string(ss_value_get(root, members[i]));
		if (text != NULL)
			ss_json_add(json, members[i], text);
	}
	if (ss_value_int(ss_value_get(root, "serial"), &serial))
		ss_json_addi(json, "serial", serial);
	ss_json_addb(json, "in_use", true);
	ss_json_close(json, '}');
	ss_json_free(root);
	ss_bytes_free(&path);
	return r == 0 ? ss_bytes_check(json) : r;
}

static int
tell(const char *dir, const struct ss_profiles *profiles,
    int (*each)(const struct ss_bytes *json, void *ctx), void *ctx)
{
	struct ss_softcard *card;
	struct ss_bytes json = { 0 };
	int r;

	if ((r = ss_softcard_open(&card, dir, profiles)) == 0) {
		r = ss_softcard_summarize(card, &json);
		ss_softcard_close(card);
	} else if (r == SS_EREADER) {
		r = tell_label(dir, &json);
	}
	if (r == 0)
		r = each(&json, ctx);
	ss_bytes_free(&json);
	return r;
}

static int
each_within(const char *dir, const struct ss_profiles *profiles, bool feeder,
    int (*each)(const struct ss_bytes *json, void *ctx), void *ctx)
{
	struct ss_bytes path = { 0 };
	struct dirent **names;
	const char *name;
	int i, n, r = 0;

	if ((n = scandir(dir, &names, NULL, alphasort)) == -1)
		return ss_fail_errno(dir);
	for (i = 0; i < n; free(names[i++])) {
		name = names[i]->d_name;
		if (r != 0 || name[0] == '.')
			continue;
		ss_bytes_reset(&path);
		ss_bytes_addf(&path, "%s/%s", dir, name);
		if ((r = ss_bytes_check(&path)) != 0)
			continue;
		if (is_card(path.data))
			r = tell(path.data, profiles, each, ctx);
		else if (feeder && (strcmp(name, "in") == 0 ||
		    strcmp(name, "out") == 0))
			r = each_within(path.data, profiles, false, each, ctx);
	}
	free(names);
	ss_bytes_free(&path);
	return r;
}

int
ss_stock_each(const char *dir, const struct ss_profiles *profiles,
    int (*each)(const struct ss_bytes *json, void *ctx), void *ctx)
{
	return is_card(dir) ? tell(dir, profiles, each, ctx) :
	    each_within(dir, profiles, true, each, ctx);
}
