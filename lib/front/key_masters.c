#include <stdio.h>
#include <string.h>

#include "base/err.h"
#include "base/json.h"
#include "base/text.h"
#include "front/key_masters.h"
#include "front/keys.h"
#include "front/serve.h"
#include "trust/test_keys.h"

/* A call, and what its options mean. */
struct work {
	struct ss_key_work *call;
	struct ss_keys keys;
	struct ss_master master;	/* of region, key, cipher, version */
};

static int
put_row(struct work *w, size_t i)
{
	struct ss_bytes *b = &w->call->out;
	const struct ss_master *m = ss_keystore_at(w->keys.ks, i);
	char hex[2 * SS_KCV_LEN + 1];
	uint8_t kcv[SS_KCV_LEN];
	int r;

	if ((r = ss_keystore_kcv(w->keys.ks, i, kcv)) != 0)
		return r;
	ss_hex(kcv, sizeof(kcv), hex);
	ss_json_open(b, NULL, '{');
	ss_json_add(b, "region", m->region);
	ss_json_add(b, "key", ss_card_key_word(m->key));
	ss_json_addi(b, "version", m->version);
	ss_json_add(b, "cipher", ss_cipher_word(m->cipher));
	ss_json_addb(b, "test", m->test);
	ss_json_add(b, "where", ss_where_word(m->where));
	ss_json_add(b, "kcv", hex);
	ss_json_close(b, '}');
	ss_bytes_addc(b, '\n');
	return ss_bytes_check(b);
}

static int
list(struct work *w)
{
	size_t i;
	int r = ss_keys_look(&w->keys, false);

	for (i = 0; r == 0 && i < ss_keystore_count(w->keys.ks); i++)
		r = put_row(w, i);
	return r;
}

static int
save(struct work *w)
{
	int r = 0;

	if (w->call->work != 0)
		r = ss_keystore_cost(w->keys.ks, (int)w->call->work);
	return r != 0 ? r : ss_keystore_save(w->keys.ks);
}

static int
test(struct work *w)
{
	const struct ss_master *m;
	size_t i;
	int r;

	if ((r = ss_keys_look(&w->keys, true)) != 0 ||
	    (r = ss_keys_edit(&w->keys, true)) != 0 ||
	    (r = ss_keystore_put_test(w->keys.ks, w->master.region,
	    w->master.version)) != 0 || (r = save(w)) != 0)
		return r;
	for (i = 0; r == 0 && i < ss_keystore_count(w->keys.ks); i++) {
		m = ss_keystore_at(w->keys.ks, i);
		if (strcmp(m->region, w->master.region) != 0 ||
		    m->version != w->master.version)
			continue;
		r = put_row(w, i);
		ss_keys_note_where(&w->keys, m);
	}
	ss_note(w->call->command, "everybody knows test keys; they are for "
	    "test cards alone");
	return r;
}

/* The people come one after the other; the store is not held meanwhile. */
static int
import(struct work *w)
{
	const struct ss_key_work *c = w->call;
	const struct ss_master *m = &w->master;
	uint8_t value[SS_KEY_LEN] = { 0 }, kcv[SS_KCV_LEN];
	char what[96];
	size_t i;
	int r;

	if ((r = ss_keys_look(&w->keys, true)) != 0 ||
	    (w->keys.ks != NULL && !c->replace &&
	    (r = ss_keystore_absent(w->keys.ks, m)) != 0))
		return r;
	snprintf(what, sizeof(what), "the %s key %s of version %d for %s",
	    ss_cipher_word(m->cipher), ss_card_key_word(m->key), m->version,
	    m->region);
	if ((r = ss_ceremony_run(&(struct ss_ceremony){ what, c->components,
	    c->component_fd, m->cipher, c->kcv }, value, kcv)) == 0 &&
	    (r = ss_keys_edit(&w->keys, true)) == 0 &&
	    (r = ss_keystore_put(w->keys.ks, m, value, c->replace)) == 0 &&
	    (r = save(w)) == 0 && (r = put_row(w,
	    i = ss_keystore_place(w->keys.ks, m))) == 0)
		ss_keys_note_where(&w->keys, ss_keystore_at(w->keys.ks, i));
	ss_wipe(value, sizeof(value));
	return r;
}

static int
passwd(struct work *w)
{
	int r = ss_keys_rekey(&w->keys);

	return r != 0 ? r : save(w);
}

static int
answer(struct work *w)
{
	return ss_serve(&w->keys, &w->call->service);
}

/* Before anything is asked it is the call that is wrong. */
static int
serve(struct ss_key_work *c, const struct ss_master *master,
    int (*verb)(struct work *))
{
	struct work w = { .call = c, .master = *master };
	int r;

	/* The URI is not repeated: somebody may have put a PIN into it. */
	if (c->work != 0 && !ss_keystore_makes(c->command->common.keys))
		return ss_fail(SS_EINVALID, "--work is for a store under a "
		    "passphrase, which this is not");
	ss_keys_init(&w.keys, c->command);
	r = verb(&w);
	c->begun = w.keys.asked.text != NULL;
	ss_keys_wipe(&w.keys);
	return r;
}

static int
check_operands(const struct ss_key_work *c, size_t count)
{
	if (c->command->operand_count == count)
		return SS_CONTINUE;
	return ss_usage_error(c->command, count == 2 ? "test takes a region" :
	    "%s takes no operand", c->command->operand[0]);
}

static int
check_alone(struct ss_key_work *c)
{
	return check_operands(c, 1);
}

/* The region is the operand of test and the option of import. */
static int
read_region(const struct ss_key_work *c, const char *code,
    struct ss_master *m)
{
	m->version = (int)c->version;
	if (ss_key_region_read(code, c->level, m->region) != 0)
		return ss_usage_error(c->command, "%s", ss_message());
	return SS_CONTINUE;
}

static int
read_test(const struct ss_key_work *c, struct ss_master *m)
{
	return read_region(c, c->command->operand[1], m);
}

static int
check_test(struct ss_key_work *c)
{
	struct ss_master m = { .version = 0 };
	int status = check_operands(c, 2);

	return status != SS_CONTINUE ? status : read_test(c, &m);
}

static int
read_import(const struct ss_key_work *c, struct ss_master *m)
{
	m->key = c->key != NULL ? ss_card_key_find(c->key) : SS_KEYS;
	if (c->region.count > 1)
		return ss_usage_error(c->command, "import takes one region");
	return read_region(c, c->region.count > 0 ? c->region.at[0] : "", m);
}

static int
check_import(struct ss_key_work *c)
{
	struct ss_master m = { .version = 0 };
	uint8_t kcv[SS_KCV_LEN];
	int status;

	if ((status = check_operands(c, 1)) != SS_CONTINUE ||
	    (status = read_import(c, &m)) != SS_CONTINUE)
		return status;
	if (m.key == SS_KEYS || c->cipher == NULL ||
	    !ss_cipher_find(c->cipher, &m.cipher))
		return ss_usage_error(c->command, "import takes a --key, one "
		    "of the six, and a --cipher, 3des or sm4");
	if (c->kcv != NULL && !ss_hex_read(c->kcv, kcv, sizeof(kcv)))
		return ss_usage_error(c->command, "--kcv is %d digits",
		    2 * SS_KCV_LEN);
	return SS_CONTINUE;
}

static int
run_test(struct ss_key_work *c)
{
	struct ss_master m = { .version = 0 };

	read_test(c, &m);
	return serve(c, &m, test);
}

static int
run_list(struct ss_key_work *c)
{
	return serve(c, &(struct ss_master){ .version = 0 }, list);
}

static int
run_import(struct ss_key_work *c)
{
	struct ss_master m = { .version = 0 };

	read_import(c, &m);
	ss_cipher_find(c->cipher, &m.cipher);
	return serve(c, &m, import);
}

static int
run_passwd(struct ss_key_work *c)
{
	return serve(c, &(struct ss_master){ .version = 0 }, passwd);
}

static int
run_serve(struct ss_key_work *c)
{
	return serve(c, &(struct ss_master){ .version = 0 }, answer);
}

const struct ss_key_verb ss_key_masters[] = {
	{ "test", check_test, run_test },
	{ "list", check_alone, run_list },
	{ "import", check_import, run_import },
	{ "passwd", check_alone, run_passwd },
	{ "serve", check_alone, run_serve },
	{ NULL, NULL, NULL },
};
