#include <stdio.h>
#include <string.h>

#include "base/err.h"
#include "base/text.h"
#include "front/keys.h"

#define TRIES 5		/* of a component */

int
ss_asked_now(struct ss_asked *a)
{
	int r;

	if (a->text != NULL)
		return 0;
	if ((r = ss_secret_new(&a->text, SS_PASSPHRASE_MAX)) != 0)
		return r;
	r = a->fresh ? ss_secret_choose(&a->source, a->text,
	    SS_PASSPHRASE_MAX) : ss_secret_read(&a->source, a->text,
	    SS_PASSPHRASE_MAX);
	if (r != 0)
		ss_asked_wipe(a);
	return r;
}

static int
tell(char out[SS_PASSPHRASE_MAX], void *ctx)
{
	struct ss_asked *a = ctx;
	int r;

	if ((r = ss_asked_now(a)) == 0)
		memcpy(out, a->text, SS_PASSPHRASE_MAX);
	return r;
}

void
ss_asked_wipe(struct ss_asked *a)
{
	ss_secret_free(a->text, SS_PASSPHRASE_MAX);
	a->text = NULL;
}

void
ss_keys_init(struct ss_keys *k, const struct ss_command *command)
{
	*k = (struct ss_keys){ .command = command };
	snprintf(k->prompt, sizeof(k->prompt), "%s of %s",
	    ss_keystore_secret(command->common.keys), command->common.keys);
	k->asked.source = (struct ss_secret_source){
		command->common.passphrase_fd, k->prompt, "--passphrase-fd" };
}

int
ss_keys_look(struct ss_keys *k, bool make)
{
	struct ss_passphrase ask = { tell, &k->asked };
	int r = ss_keystore_open(&k->ks, k->command->common.keys, &ask);

	if (r == 0 && make)
		r = ss_keystore_changes(k->ks);
	if (r != SS_EMISSING || !make ||
	    !ss_keystore_makes(k->command->common.keys))
		return r;
	k->asked.fresh = true;
	k->asked.source.prompt = "passphrase for the new key store";
	return ss_asked_now(&k->asked);
}

int
ss_keys_edit(struct ss_keys *k, bool make)
{
	struct ss_passphrase ask = { tell, &k->asked };
	const char *uri = k->command->common.keys;
	bool made = false;
	int r;

	ss_keystore_close(k->ks);
	r = ss_keystore_edit(&k->ks, uri, &ask, make ? &made : NULL);
	if (r == 0 && made)
		ss_note(k->command, "making the key store %s", uri);
	return r;
}

int
ss_keys_rekey(struct ss_keys *k)
{
	struct ss_asked fresh = { .source = k->asked.source, .fresh = true };
	char prompt[32];
	int r;

	snprintf(prompt, sizeof(prompt), "new %s",
	    ss_keystore_secret(k->command->common.keys));
	fresh.source.prompt = prompt;
	if ((r = ss_keys_look(k, false)) == 0 &&
	    (r = ss_keystore_changes(k->ks)) == 0 &&
	    (r = ss_asked_now(&fresh)) == 0 &&
	    (r = ss_keys_edit(k, false)) == 0)
		r = ss_keystore_rekey(k->ks, &(struct ss_passphrase){ tell,
		    &fresh });
	ss_asked_wipe(&fresh);
	return r;
}

void
ss_keys_note_where(struct ss_keys *k, const struct ss_master *m)
{
	if (m->where != SS_IN_MEMORY || k->noted ||
	    ss_keystore_makes(k->command->common.keys))
		return;
	k->noted = true;
	ss_note(k->command, "the token has no mechanism for %s keys: it keeps "
	    "them, and they are read into memory whenever the store is opened",
	    ss_cipher_word(m->cipher));
}

void
ss_keys_wipe(struct ss_keys *k)
{
	ss_keystore_close(k->ks);
	ss_asked_wipe(&k->asked);
	k->ks = NULL;
}

int
ss_keys_open(const struct ss_command *command, struct ss_keystore **out)
{
	struct ss_keys k;
	int r;

	ss_keys_init(&k, command);
	r = ss_keys_look(&k, false);
	*out = k.ks;
	k.ks = NULL;
	ss_keys_wipe(&k);
	return r;
}

/* One component of a descriptor: a fault of it is the end. */
static int
read_component(const struct ss_ceremony *c, struct ss_components *parts,
    char *line)
{
	struct ss_secret_source source = { c->fd, "component",
		"--component-fd" };
	uint8_t kcv[SS_KCV_LEN];
	int r;

	if ((r = ss_secret_read(&source, line, SS_COMPONENT_TEXT_MAX)) != 0)
		return r;
	return ss_components_add(parts, line, kcv);
}

/* Typed once. SS_EINVALID: to be typed again. */
static int
type_component(struct ss_components *parts, char *line)
{
	struct ss_secret_source source = { -1, "component", "--component-fd" };
	uint8_t kcv[SS_KCV_LEN];
	char hex[2 * SS_KCV_LEN + 1];
	bool yes;
	int r;

	if ((r = ss_secret_read(&source, line, SS_COMPONENT_TEXT_MAX)) != 0 ||
	    (r = ss_components_add(parts, line, kcv)) != 0)
		return r;
	ss_hex(kcv, sizeof(kcv), hex);
	if ((r = ss_terminal_say("Its check value is %s.\n", hex)) == 0 &&
	    (r = ss_terminal_confirm("Is that right (y or n)", &yes)) == 0 &&
	    !yes)
		r = ss_fail(SS_EINVALID, "a check value that is not right");
	if (r != 0)
		ss_components_drop(parts);
	return r;
}

/* One person's turn. */
static int
take_turn(const struct ss_ceremony *c, struct ss_components *parts, char *line)
{
	int i, r;

	if ((r = ss_terminal_clear()) != 0 ||
	    (r = ss_terminal_say("Component %zu of %ld of %s.\nNobody but its "
	    "holder looks at the terminal. 32 hexadecimal digits; they are not "
	    "shown.\n", parts->count + 1, c->components, c->what)) != 0)
		return r;
	for (i = 0; i < TRIES; i++) {
		if ((r = type_component(parts, line)) != SS_EINVALID)
			break;
		if (ss_terminal_say("Once more: %s.\n", ss_message()) != 0)
			break;
	}
	ss_terminal_clear();
	return r;
}

struct secrets {
	struct ss_components parts;
	char line[SS_COMPONENT_TEXT_MAX];
};

static int
check_kcv(const char *want, const uint8_t kcv[SS_KCV_LEN])
{
	char hex[2 * SS_KCV_LEN + 1];
	uint8_t bytes[SS_KCV_LEN];

	ss_hex(kcv, SS_KCV_LEN, hex);
	if (want == NULL || (ss_hex_read(want, bytes, sizeof(bytes)) &&
	    memcmp(bytes, kcv, sizeof(bytes)) == 0))
		return 0;
	return ss_fail(SS_EAUTH, "the check value is %s, not %s; no key was "
	    "stored", hex, want);
}

int
ss_ceremony_run(const struct ss_ceremony *c, uint8_t key[SS_KEY_LEN],
    uint8_t kcv[SS_KCV_LEN])
{
	struct secrets *s;
	void *pages;
	int r;

	ss_wipe(key, SS_KEY_LEN);
	ss_wipe(kcv, SS_KCV_LEN);
	if ((r = ss_secret_new(&pages, sizeof(*s))) != 0)
		return r;
	s = pages;
	s->parts.cipher = c->cipher;
	while (r == 0 && s->parts.count < (size_t)c->components)
		r = c->fd >= 0 ? read_component(c, &s->parts, s->line) :
		    take_turn(c, &s->parts, s->line);
	if (r == 0 && (r = ss_components_join(&s->parts, key, kcv)) == 0)
		r = check_kcv(c->kcv, kcv);
	if (r != 0) {
		ss_wipe(key, SS_KEY_LEN);
		ss_wipe(kcv, SS_KCV_LEN);
	}
	ss_secret_free(pages, sizeof(*s));
	return r;
}
