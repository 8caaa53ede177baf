#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/text.h"
#include "desk/checkpoint.h"

#define PURPOSE "sscard checkpoint 1"
#define TEXT_LEN (sizeof(PURPOSE) + SS_SM3_LEN)	/* with the 00 */
#define MEMBERS 12

static const char *
string(const struct ss_value *v, const char *name)
{
	return ss_value_string(ss_value_member(v, name));
}

void
ss_checkpoint_free(struct ss_checkpoint *cp)
{
	free(cp->station);
	ss_json_free(cp->value);
	*cp = (struct ss_checkpoint){ .count = 0 };
}

struct ss_checkpoint_station *
ss_checkpoint_add(struct ss_checkpoint *cp, const char *name)
{
	size_t cap = cp->cap == 0 ? 16 : 2 * cp->cap;
	struct ss_checkpoint_station *p;

	if (cp->count == cp->cap) {
		if ((p = realloc(cp->station, cap * sizeof(*p))) == NULL) {
			ss_fail(SS_EMEMORY, "out of memory");
			return NULL;
		}
		cp->station = p;
		cp->cap = cap;
	}
	p = &cp->station[cp->count++];
	memset(p, 0, sizeof(*p));
	memcpy(p->name, name, strnlen(name, sizeof(p->name) - 1));
	return p;
}

static int
by_name(const void *a, const void *b)
{
	return strcmp(((const struct ss_checkpoint_station *)a)->name,
	    ((const struct ss_checkpoint_station *)b)->name);
}

void
ss_checkpoint_sort(struct ss_checkpoint *cp)
{
	if (cp->count > 1)
		qsort(cp->station, cp->count, sizeof(*cp->station), by_name);
}

struct ss_checkpoint_station *
ss_checkpoint_find(const struct ss_checkpoint *cp, const char *name)
{
	size_t low = 0, high = cp->count, mid;
	int c;

	while (low < high) {
		mid = low + (high - low) / 2;
		if ((c = strcmp(name, cp->station[mid].name)) == 0)
			return &cp->station[mid];
		if (c < 0)
			high = mid;
		else
			low = mid + 1;
	}
	return NULL;
}

int
ss_checkpoint_may(const struct ss_trusted *who, const char *region)
{
	if (!ss_trusted_has_role(who, SS_CHECKPOINT_ROLE))
		return ss_fail(SS_EAUTH, "%.40s has not the role "
		    SS_CHECKPOINT_ROLE ", which signs checkpoints", who->name);
	if (region != NULL && !ss_trusted_has_region(who, region))
		return ss_fail(SS_EAUTH, "%.40s is no operator of region %s",
		    who->name, region);
	return 0;
}

/* What is signed: the purpose, a 00, and the SM3 of the canonical form. */
static int
make_text(const struct ss_value *unsigned_one, uint8_t text[TEXT_LEN])
{
	struct ss_bytes canonical = { 0 };
	struct ss_sm3 *sm3 = NULL;
	int r;

	memcpy(text, PURPOSE, sizeof(PURPOSE));
	if ((r = ss_value_canonical(unsigned_one, &canonical)) == 0 &&
	    (r = ss_bytes_check(&canonical)) == 0 &&
	    (r = ss_sm3_new(&sm3)) == 0 &&
	    (r = ss_sm3_update(sm3, canonical.data, canonical.len)) == 0)
		r = ss_sm3_final(sm3, text + sizeof(PURPOSE));
	ss_sm3_free(sm3);
	ss_bytes_free(&canonical);
	return r;
}

/* All but the signature, left open. */
static void
write_facts(const struct ss_checkpoint *cp, const struct ss_trusted *self,
    struct ss_bytes *b)
{
	const struct ss_checkpoint_station *s;
	char root[SS_SM3_HEX];
	size_t i;

	ss_json_open(b, NULL, '{');
	ss_json_addi(b, "v", 1);
	ss_json_add(b, "purpose", PURPOSE);
	ss_json_add(b, "time", cp->time);
	ss_json_add(b, "operator", self->name);
	ss_json_add(b, "key", self->key);
	ss_json_addi(b, "applications", cp->applications);
	ss_json_addi(b, "events", cp->events);
	ss_json_addi(b, "cards", cp->cards);
	ss_json_addi(b, "actions", cp->actions);
	ss_json_open(b, "stations", '{');
	for (i = 0; i < cp->count; i++) {
		s = &cp->station[i];
		ss_json_open(b, s->name, '{');
		ss_json_addi(b, "events", s->events);
		ss_json_addi(b, "actions", s->actions);
		ss_json_add(b, "action_head", s->action_head);
		ss_json_close(b, '}');
	}
	ss_json_close(b, '}');
	ss_hex(cp->root.sm3, sizeof(cp->root.sm3), root);
	ss_json_add(b, "root", root);
}

static int
sign(struct ss_signer *signer, const struct ss_bytes *facts,
    struct ss_bytes *base64)
{
	uint8_t text[TEXT_LEN], sig[SS_SIGNATURE_MAX];
	struct ss_value *v;
	size_t len;
	int r;

	if ((r = ss_json_parse(facts->data, facts->len, &v)) != 0)
		return r;
	if ((r = make_text(v, text)) == 0 && (r = ss_signer_sign(signer, text,
	    sizeof(text), sig, &len)) == 0) {
		ss_base64(base64, sig, len);
		r = ss_bytes_check(base64);
	}
	ss_json_free(v);
	return r;
}

int
ss_checkpoint_write(const struct ss_checkpoint *cp, struct ss_signer *signer,
    const struct ss_trusted *self, struct ss_bytes *out)
{
	struct ss_bytes facts = { 0 }, base64 = { 0 };
	size_t open;
	int r;

	write_facts(cp, self, &facts);
	open = facts.len;
	ss_json_close(&facts, '}');
	if ((r = ss_bytes_check(&facts)) == 0 &&
	    (r = sign(signer, &facts, &base64)) == 0) {
		ss_bytes_add(out, facts.data, open);
		ss_json_add(out, "signature", base64.data);
		ss_json_close(out, '}');
		ss_bytes_addc(out, '\n');
		r = ss_bytes_check(out);
	}
	ss_bytes_free(&facts);
	ss_bytes_free(&base64);
	return r;
}

static bool
read_count(const struct ss_value *v, const char *name, int64_t *out)
{
	return ss_value_int(ss_value_member(v, name), out) && *out >= 0;
}

/* 64 lower-case digits. */
static bool
is_digest(const char *text)
{
	return text != NULL && strlen(text) == SS_SM3_HEX - 1 &&
	    ss_is_hex(text, SS_SM3_HEX - 1);
}

static bool
read_station(const struct ss_value *v, struct ss_checkpoint_station *s)
{
	const char *head = string(v, "action_head");

	if (ss_value_count(v) != 3 || head == NULL ||
	    !read_count(v, "events", &s->events) ||
	    !read_count(v, "actions", &s->actions) ||
	    (s->actions == 0 ? *head != '\0' : !is_digest(head)))
		return false;
	memcpy(s->action_head, head, strlen(head) + 1);
	return true;
}

static int
read_stations(struct ss_checkpoint *cp, const struct ss_value *all)
{
	struct ss_checkpoint_station *s;
	const struct ss_value *v;
	const char *name;
	void *iter = NULL;

	if (ss_value_kind(all) != SS_OBJECT)
		return ss_fail(SS_EINVALID, "stations: no object");
	while (ss_value_each(all, &iter, &name, &v)) {
		if ((s = ss_checkpoint_add(cp, name)) == NULL)
			return SS_EMEMORY;
		if (strlen(name) >= SS_STATION_SIZE || !read_station(v, s))
			return ss_fail(SS_EINVALID, "stations: one of them is "
			    "not of the form");
	}
	ss_checkpoint_sort(cp);
	return 0;
}

static int
read_form(struct ss_checkpoint *cp)
{
	const struct ss_value *v = cp->value;
	const char *purpose = string(v, "purpose"), *root = string(v, "root");
	const char *time = string(v, "time");
	ss_instant when;
	int64_t version;

	if (purpose == NULL || strcmp(purpose, PURPOSE) != 0)
		return ss_fail(SS_EINVALID, "no checkpoint of a register");
	if (!read_count(v, "v", &version) || version != 1)
		return ss_fail(SS_EINVALID, "v: a checkpoint of a version "
		    "that this one does not know");
	if (ss_value_count(v) != MEMBERS)
		return ss_fail(SS_EINVALID, "has other members than a "
		    "checkpoint");
	if (time == NULL || strlen(time) >= sizeof(cp->time) ||
	    ss_instant_parse(time, &when) != 0)
		return ss_fail(SS_EINVALID, "time: no instant");
	if (string(v, "operator") == NULL || string(v, "signature") == NULL ||
	    !is_digest(string(v, "key")))
		return ss_fail(SS_EINVALID, "operator, key or signature is "
		    "missing or of another form");
	if (!read_count(v, "applications", &cp->applications) ||
	    !read_count(v, "events", &cp->events) ||
	    !read_count(v, "cards", &cp->cards) ||
	    !read_count(v, "actions", &cp->actions))
		return ss_fail(SS_EINVALID, "applications, events, cards or "
		    "actions is no count");
	if (!is_digest(root) ||
	    !ss_hex_read(root, cp->root.sm3, sizeof(cp->root.sm3)))
		return ss_fail(SS_EINVALID, "root: no digest");
	memcpy(cp->time, time, strlen(time) + 1);
	return read_stations(cp, ss_value_member(v, "stations"));
}

int
ss_checkpoint_read(struct ss_checkpoint *cp, const char *path)
{
	int r;

	*cp = (struct ss_checkpoint){ .path = path };
	if ((r = ss_json_read_file(path, &cp->value)) != 0)
		return r;
	return (r = read_form(cp)) == 0 ? 0 : ss_fail_in(r, "%s", path);
}

/* The signature, over all that is not itself. */
static int
check_signature(const struct ss_checkpoint *cp, const struct ss_public *public)
{
	const char *base64 = string(cp->value, "signature");
	struct ss_value *rest = ss_value_share(cp->value);
	struct ss_bytes sig = { 0 };
	uint8_t text[TEXT_LEN];
	int r;

	if (rest == NULL)
		return ss_fail(SS_EMEMORY, "out of memory");
	ss_value_remove(rest, "signature");
	if (ss_base64_read(&sig, base64, strlen(base64)) != 0)
		r = ss_fail(SS_EAUTH, "the signature is not genuine");
	else if ((r = make_text(rest, text)) == 0 &&
	    (r = ss_public_check(public, text, sizeof(text),
	    sig.len > 0 ? (const uint8_t *)sig.data : text,
	    sig.len)) == SS_EAUTH)
		ss_fail(SS_EAUTH, "the signature is not genuine");
	ss_bytes_free(&sig);
	ss_json_free(rest);
	return r;
}

int
ss_checkpoint_prove(const struct ss_checkpoint *cp,
    struct ss_operators *operators, const char *region)
{
	const char *key = string(cp->value, "key");
	const struct ss_trusted *by = ss_operators_find(operators, key);
	const struct ss_public *public;
	ss_instant when = 0;
	int r;

	if (by == NULL)
		return ss_fail(SS_EAUTH, "the trust file %s does not know key "
		    "%.16s of %.40s; ss-key operator import adds it",
		    ss_operators_path(operators), key,
		    string(cp->value, "operator"));
	if (strcmp(by->name, string(cp->value, "operator")) != 0)
		return ss_fail(SS_EAUTH, "it names %.40s, but its key is that "
		    "of %.40s", string(cp->value, "operator"), by->name);
	ss_instant_parse(cp->time, &when);
	if ((r = ss_trusted_valid(by, when)) != 0 ||
	    (r = ss_checkpoint_may(by, region)) != 0 ||
	    (r = ss_operators_public(operators, by, &public)) != 0)
		return r;
	return check_signature(cp, public);
}
