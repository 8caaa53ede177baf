#include <string.h>

#include "base/err.h"
#include "base/text.h"
#include "softcard/softcard_own.h"

#define LABEL "card.json"

static const char *const hook_words[] = {
	[SS_HOOK_NONE] = "none",
	[SS_HOOK_LEAVE] = "leave",
	[SS_HOOK_LEAVE_BEFORE] = "leave-before",
	[SS_HOOK_MUTE] = "mute",
	[SS_HOOK_LIE] = "lie",
	[SS_HOOK_TEAR] = "tear",
};
#define HOOK_WORDS (sizeof(hook_words) / sizeof(hook_words[0]))

static int
fail_label(const struct ss_softcard *c, const char *member)
{
	return ss_fail(SS_ECARD, "%s/" LABEL ": \"%s\" is missing or not what "
	    "it should be", c->dir, member);
}

static int
get_number(const struct ss_softcard *c, const struct ss_value *v,
    const char *path, int64_t max, int64_t *out)
{
	if (!ss_value_int(ss_value_get(v, path), out) || *out < 0 ||
	    *out > max)
		return fail_label(c, path);
	return 0;
}

static int
load_link(struct ss_softcard *c, const struct ss_value *root)
{
	const struct ss_value *v = ss_value_get(root, "link");
	int64_t ta1, hz, ifs, us, page;
	int r;

	c->link = (struct ss_link){ 0 };
	if (v == NULL)
		return 0;
	if ((r = get_number(c, v, "ta1", 255, &ta1)) != 0 ||
	    (r = get_number(c, v, "clock_hz", 100000000, &hz)) != 0 ||
	    (r = get_number(c, v, "ifs", 254, &ifs)) != 0 ||
	    (r = get_number(c, v, "write_us", 10000000, &us)) != 0 ||
	    (r = get_number(c, v, "page", 65535, &page)) != 0)
		return r;
	c->link = (struct ss_link){
		.t1 = ss_value_bool(ss_value_get(v, "t1"), false),
		.ta1 = (uint8_t)ta1, .clock_hz = (uint32_t)hz,
		.ifs = (uint8_t)ifs, .write_us = (uint32_t)us,
		.page = (uint32_t)page,
	};
	return 0;
}

static unsigned int
nibble(char c)
{
	return (unsigned int)(c <= '9' ? c - '0' : c - 'a' + 10) & 0x0f;
}

static bool
unhex(const char *text, uint8_t *out, size_t room, size_t *len)
{
	size_t i, n = strlen(text);

	*len = n / 2;
	if (n % 2 != 0 || *len > room || !ss_is_hex(text, n))
		return false;
	for (i = 0; i < *len; i++)
		out[i] = (uint8_t)(nibble(text[2 * i]) << 4 |
		    nibble(text[2 * i + 1]));
	return true;
}

static enum ss_hook
find_hook(const char *word)
{
	size_t i;

	for (i = 1; word != NULL && i < HOOK_WORDS; i++)
		if (strcmp(word, hook_words[i]) == 0)
			return (enum ss_hook)i;
	return SS_HOOK_NONE;
}

int
ss_hook_parse(const char *word, const char *text, struct ss_softcard_hook *h)
{
	uint64_t n = 0;

	*h = (struct ss_softcard_hook){ .kind = find_hook(word) };
	for (; *text >= '0' && *text <= '9' && n < UINT32_MAX; text++)
		n = n * 10 + (uint64_t)(*text - '0');
	h->n = (uint32_t)n;
	if (h->kind == SS_HOOK_NONE || n == 0 || n > UINT32_MAX)
		goto bad;
	if (h->kind != SS_HOOK_LIE && *text == '\0')
		return 0;
	if (h->kind == SS_HOOK_LIE && *text == '=' && unhex(text + 1, h->lie,
	    sizeof(h->lie), &h->lie_len))
		return 0;
bad:
	*h = (struct ss_softcard_hook){ 0 };
	return ss_fail(SS_EINVALID, "a hook is a number from 1%s",
	    strcmp(word, hook_words[SS_HOOK_LIE]) == 0 ?
	    ", = and the answer in lower-case hexadecimal" : "");
}

static int
load_hook(struct ss_softcard *c, const struct ss_value *v,
    struct ss_softcard_hook *h)
{
	const char *word = ss_value_string(ss_value_get(v, "do"));
	const char *lie = ss_value_string(ss_value_get(v, "answer"));
	int64_t n;
	int r;

	*h = (struct ss_softcard_hook){ .kind = find_hook(word) };
	if (h->kind == SS_HOOK_NONE || (h->kind == SS_HOOK_LIE &&
	    (lie == NULL || !unhex(lie, h->lie, sizeof(h->lie),
	    &h->lie_len))))
		return fail_label(c, "hooks");
	if ((r = get_number(c, v, "n", UINT32_MAX, &n)) != 0)
		return r;
	h->n = (uint32_t)n;
	return 0;
}

static int
load_hooks(struct ss_softcard *c, const struct ss_value *root)
{
	const struct ss_value *v = ss_value_get(root, "hooks");
	size_t i, n = ss_value_count(v);
	int r;

	if (n > SS_SOFT_HOOKS)
		return fail_label(c, "hooks");
	for (i = 0; i < n; i++)
		if ((r = load_hook(c, ss_value_at(v, i), &c->hooks[i])) != 0)
			return r;
	c->hooks_count = n;
	return 0;
}

static int
load_setup(struct ss_softcard *c, const struct ss_value *root,
    const struct ss_profiles *profiles)
{
	const char *profile = ss_value_string(ss_value_get(root, "profile"));
	const char *region = ss_value_string(ss_value_get(root, "region"));
	int64_t serial, version, ta1, fill;
	int r;

	if (profile == NULL)
		return fail_label(c, "profile");
	if (region == NULL || strlen(region) != 6 || !ss_is_digits(region, 6))
		return fail_label(c, "region");
	if ((r = get_number(c, root, "serial", UINT32_MAX, &serial)) != 0 ||
	    (r = get_number(c, root, "key_version", 255, &version)) != 0 ||
	    (r = get_number(c, root, "ta1", 255, &ta1)) != 0 ||
	    (r = get_number(c, root, "fill", 255, &fill)) != 0)
		return r;
	if (ss_profiles_find(profiles, profile, &c->setup.profile) != 0)
		return ss_fail_as(SS_ECARD);
	memcpy(c->region, region, sizeof(c->region));
	c->setup.region = c->region;
	c->setup.serial = (uint32_t)serial;
	c->setup.key_version = (int)version;
	c->setup.ta1 = (uint8_t)ta1;
	c->setup.t1 = ss_value_bool(ss_value_get(root, "t1"), false);
	c->setup.fill = (uint8_t)fill;
	return 0;
}

int
ss_soft_load(struct ss_softcard *c, const struct ss_profiles *profiles)
{
	struct ss_bytes text = { 0 };
	struct ss_value *root = NULL;
	int r;

	if ((r = ss_soft_read_file(c, LABEL, &text)) == SS_EMISSING)
		r = ss_fail(SS_ECARD, "%s is no card: it has no " LABEL,
		    c->dir);
	if (r == 0 && (r = ss_json_parse(text.data, text.len, &root)) != 0)
		r = ss_fail_in(SS_ECARD, "%s/" LABEL, c->dir);
	if (r == 0 && (r = load_setup(c, root, profiles)) == 0 &&
	    (r = load_link(c, root)) == 0)
		r = load_hooks(c, root);
	ss_json_free(root);
	ss_bytes_free(&text);
	return r;
}

static void
write_link(const struct ss_link *l, struct ss_bytes *b)
{
	ss_json_open(b, "link", '{');
	ss_json_addb(b, "t1", l->t1);
	ss_json_addi(b, "ta1", l->ta1);
	ss_json_addi(b, "clock_hz", l->clock_hz);
	ss_json_addi(b, "ifs", l->ifs);
	ss_json_addi(b, "write_us", l->write_us);
	ss_json_addi(b, "page", l->page);
	ss_json_close(b, '}');
}

static void
write_hook(const struct ss_softcard_hook *h, struct ss_bytes *b)
{
	char hex[2 * sizeof(h->lie) + 1];

	ss_json_open(b, NULL, '{');
	ss_json_add(b, "do", hook_words[h->kind]);
	ss_json_addi(b, "n", h->n);
	if (h->kind == SS_HOOK_LIE) {
		ss_hex(h->lie, h->lie_len, hex);
		ss_json_add(b, "answer", hex);
	}
	ss_json_close(b, '}');
}

/* What card.json has, which a description begins with. */
static void
write_label(const struct ss_softcard *c, struct ss_bytes *b)
{
	size_t i;

	ss_json_add(b, "profile", c->setup.profile->name);
	ss_json_addi(b, "generation", c->setup.profile->generation);
	ss_json_add(b, "region", c->region);
	ss_json_addi(b, "serial", c->setup.serial);
	ss_json_addi(b, "key_version", c->setup.key_version);
	ss_json_addi(b, "ta1", c->setup.ta1);
	ss_json_addb(b, "t1", c->setup.t1);
	ss_json_addi(b, "fill", c->setup.fill);
	if (ss_link_is(&c->link) || c->link.write_us != 0)
		write_link(&c->link, b);
	ss_json_open(b, "hooks", '[');
	for (i = 0; i < c->hooks_count; i++)
		write_hook(&c->hooks[i], b);
	for (i = 0; i < c->later_count; i++)
		write_hook(&c->later[i], b);
	ss_json_close(b, ']');
}

int
ss_soft_save(const struct ss_softcard *c)
{
	struct ss_bytes b = { 0 };
	int r;

	ss_json_open(&b, NULL, '{');
	write_label(c, &b);
	ss_json_close(&b, '}');
	ss_bytes_addc(&b, '\n');
	if ((r = ss_bytes_check(&b)) == 0)
		r = ss_soft_write_file(c, LABEL, b.data, b.len);
	ss_bytes_free(&b);
	return r;
}

bool
ss_soft_hooked(struct ss_softcard *c, enum ss_hook kind, uint32_t n,
    struct ss_softcard_hook *out)
{
	size_t i;

	for (i = 0; i < c->hooks_count; i++)
		if (c->hooks[i].kind == kind && c->hooks[i].n == n)
			break;
	if (i == c->hooks_count)
		return false;
	if (out != NULL)
		*out = c->hooks[i];
	c->hooks_count--;
	memmove(&c->hooks[i], &c->hooks[i + 1],
	    (c->hooks_count - i) * sizeof(c->hooks[0]));
	/* If it cannot be stored it happens once more: a fault all the same. */
	ss_soft_save(c);
	return true;
}

/* --- what is told to a tester */

static const char *const lives[] = { "open", "blocked", "locked", "dead" };

static void
write_state(const struct ss_softcard *c, struct ss_bytes *b)
{
	const struct ss_soft_state *s = &c->memory->state;
	int k;

	ss_json_add(b, "state", lives[s->life & 3]);
	ss_json_addi(b, "unblocks_left", s->unblocks);
	ss_json_open(b, "pin", '{');
	ss_json_addi(b, "tries", s->pin_tries);
	ss_json_addb(b, "initial", s->pin_initial != 0);
	ss_json_close(b, '}');
	ss_json_open(b, "tries", '{');
	for (k = 0; k < SS_KEYS; k++)
		if (c->setup.profile->keys[k].tries != 0)
			ss_json_addi(b, ss_card_key_word((enum ss_card_key)k),
			    s->key_tries[k]);
	ss_json_close(b, '}');
}

static void
write_hex(const char *key, const uint8_t *at, size_t len, struct ss_bytes *b)
{
	char hex[2 * SS_RECORD_ROOM + 1];
	size_t n;

	/* In parts, as one string. */
	ss_json_add(b, key, "");
	if (b->len > 0)
		b->len--;
	for (; len > 0; at += n, len -= n) {
		n = len < SS_RECORD_ROOM ? len : SS_RECORD_ROOM;
		ss_hex(at, n, hex);
		ss_bytes_adds(b, hex);
	}
	ss_bytes_addc(b, '"');
}

static void
write_files(const struct ss_softcard *c, struct ss_bytes *b)
{
	const struct ss_profile *p = c->setup.profile;
	const struct ss_card_file *f;
	const uint8_t *at;
	size_t i, j, len;

	ss_json_open(b, "files", '{');
	for (i = 0; i < p->files_count; i++) {
		f = &p->files[i];
		at = ss_soft_file(c, f, &len);
		if (f->binary) {
			write_hex(f->name, at, len, b);
			continue;
		}
		ss_json_open(b, f->name, '{');
		for (j = 0; j < f->items_count; j++) {
			write_hex(f->items[j].name, at, 2u + f->items[j].len,
			    b);
			at += 2u + f->items[j].len;
		}
		ss_json_close(b, '}');
	}
	ss_json_close(b, '}');
}

static void
write_summary(const struct ss_softcard *c, struct ss_bytes *json)
{
	uint8_t identifier[SS_IDENTIFIER_LEN];

	ss_json_add(json, "card", c->dir);
	write_label(c, json);
	write_hex("atr", c->atr, c->atr_len, json);
	write_hex("reset", c->historical, sizeof(c->historical), json);
	ss_soft_identifier(c, identifier);
	write_hex("identifier", identifier, sizeof(identifier), json);
	write_state(c, json);
}

int
ss_softcard_summarize(struct ss_softcard *c, struct ss_bytes *json)
{
	ss_json_open(json, NULL, '{');
	write_summary(c, json);
	ss_json_close(json, '}');
	return ss_bytes_check(json);
}

int
ss_softcard_describe(struct ss_softcard *c, struct ss_bytes *json)
{
	ss_json_open(json, NULL, '{');
	write_summary(c, json);
	write_files(c, json);
	ss_json_close(json, '}');
	return ss_bytes_check(json);
}
