/* ss-key: the store of master keys, and how keys come into it. */
#include <stdio.h>
#include <string.h>

#include "base/err.h"
#include "base/json.h"
#include "base/text.h"
#include "front/keys.h"
#include "trust/test_keys.h"

static const char *region, *key_word, *cipher_word, *level_word, *kcv_text;
static long version = 1, components = 2, component_fd = -1, work;
static bool replace;

/* Of region, key, cipher and version. */
static struct ss_master master;

static const struct ss_option options[] = {
	{ 'R', "region", "CODE", NULL, "import: whose key it is",
	    SS_OPTION_STRING, &region, 0, 0 },
	{ 0, "key", "KEY", NULL, "IRK, STK, UKSSSE, BK, PUK or RKSSSE",
	    SS_OPTION_STRING, &key_word, 0, 0 },
	{ 0, "cipher", "CIPHER", NULL, "3des or sm4",
	    SS_OPTION_STRING, &cipher_word, 0, 0 },
	{ 0, "key-version", "N", NULL, "of the keys (default: 1)",
	    SS_OPTION_NUMBER, &version, 1, 255 },
	{ 0, "components", "N", NULL, "how many people type (default: 2)",
	    SS_OPTION_NUMBER, &components, SS_COMPONENTS_MIN,
	    SS_COMPONENTS_MAX },
	{ 0, "component-fd", "N", NULL, "components from this descriptor",
	    SS_OPTION_NUMBER, &component_fd, 0, SS_FD_MAX },
	{ 0, "kcv", "HEX", NULL, "the check value that the key must have",
	    SS_OPTION_STRING, &kcv_text, 0, 0 },
	{ 0, "replace", NULL, NULL, "import: also a key that is there",
	    SS_OPTION_FLAG, &replace, 0, 0 },
	{ 0, "level", "LEVEL", NULL, "ministry, province or city",
	    SS_OPTION_STRING, &level_word, 0, 0 },
	{ 0, "work", "N", NULL, "cost of trying a passphrase (new: 17)",
	    SS_OPTION_NUMBER, &work, 10, 19 },
	{ 0 },
};

static int
put_row(struct ss_keystore *ks, size_t i)
{
	const struct ss_master *m = ss_keystore_at(ks, i);
	char hex[2 * SS_KCV_LEN + 1];
	uint8_t kcv[SS_KCV_LEN];
	struct ss_bytes b = { 0 };
	int r;

	if ((r = ss_keystore_kcv(ks, i, kcv)) != 0)
		return r;
	ss_hex(kcv, sizeof(kcv), hex);
	ss_json_open(&b, NULL, '{');
	ss_json_add(&b, "region", m->region);
	ss_json_add(&b, "key", ss_card_key_word(m->key));
	ss_json_addi(&b, "version", m->version);
	ss_json_add(&b, "cipher", ss_cipher_word(m->cipher));
	ss_json_addb(&b, "test", m->test);
	ss_json_add(&b, "kcv", hex);
	ss_json_close(&b, '}');
	if ((r = ss_bytes_check(&b)) == 0 && puts(b.data) == EOF)
		r = ss_fail_errno("standard output");
	ss_bytes_free(&b);
	return r;
}

static int
list(struct ss_keys *k)
{
	size_t i;
	int r = ss_keys_look(k, false);

	for (i = 0; r == 0 && i < ss_keystore_count(k->ks); i++)
		r = put_row(k->ks, i);
	return r;
}

static int
save(struct ss_keys *k)
{
	int r = 0;

	if (work != 0)
		r = ss_keystore_cost(k->ks, (int)work);
	return r != 0 ? r : ss_keystore_save(k->ks);
}

static int
test(struct ss_keys *k)
{
	const struct ss_master *m;
	size_t i;
	int r;

	if ((r = ss_keys_look(k, true)) != 0 ||
	    (r = ss_keys_edit(k, true)) != 0 ||
	    (r = ss_keystore_put_test(k->ks, master.region,
	    master.version)) != 0 || (r = save(k)) != 0)
		return r;
	for (i = 0; r == 0 && i < ss_keystore_count(k->ks); i++) {
		m = ss_keystore_at(k->ks, i);
		if (strcmp(m->region, master.region) == 0 &&
		    m->version == master.version)
			r = put_row(k->ks, i);
	}
	ss_note(k->command, "everybody knows test keys; they are for test "
	    "cards alone");
	return r;
}

/* The people come one after the other; the store is not held meanwhile. */
static int
import(struct ss_keys *k)
{
	uint8_t value[SS_KEY_LEN] = { 0 }, kcv[SS_KCV_LEN];
	char what[96];
	int r;

	if ((r = ss_keys_look(k, true)) != 0 || (k->ks != NULL && !replace &&
	    (r = ss_keystore_absent(k->ks, &master)) != 0))
		return r;
	snprintf(what, sizeof(what), "the %s key %s of version %d for %s",
	    ss_cipher_word(master.cipher), ss_card_key_word(master.key),
	    master.version, master.region);
	if ((r = ss_ceremony_run(&(struct ss_ceremony){ what, components,
	    component_fd, master.cipher, kcv_text }, value, kcv)) == 0 &&
	    (r = ss_keys_edit(k, true)) == 0 &&
	    (r = ss_keystore_put(k->ks, &master, value, replace)) == 0 &&
	    (r = save(k)) == 0)
		r = put_row(k->ks, ss_keystore_place(k->ks, &master));
	ss_wipe(value, sizeof(value));
	return r;
}

static int
passwd(struct ss_keys *k)
{
	int r = ss_keys_rekey(k);

	return r != 0 ? r : save(k);
}

static const struct verb {
	const char *word;
	int (*run)(struct ss_keys *);
} verbs[] = {
	{ "test", test },
	{ "list", list },
	{ "import", import },
	{ "passwd", passwd },
};

static const struct verb *
find_verb(const struct ss_command *command)
{
	size_t i;

	for (i = 0; i < sizeof(verbs) / sizeof(verbs[0]); i++)
		if (command->operand_count > 0 &&
		    strcmp(verbs[i].word, command->operand[0]) == 0)
			return &verbs[i];
	return NULL;
}

static int
check_call(const struct ss_command *command, const struct verb *verb)
{
	const bool importing = verb != NULL && verb->run == import;
	const bool testing = verb != NULL && verb->run == test;
	uint8_t kcv[SS_KCV_LEN];

	if (verb == NULL)
		return ss_usage_error(command, "test, list, import or passwd "
		    "is wanted");
	if (command->operand_count != (testing ? 2u : 1u))
		return ss_usage_error(command, testing ? "test takes a region" :
		    "%s takes no operand", verb->word);
	if ((testing || importing) && ss_key_region_read(testing ?
	    command->operand[1] : region != NULL ? region : "", level_word,
	    master.region) != 0)
		return ss_usage_error(command, "%s", ss_message());
	master.version = (int)version;
	master.key = key_word != NULL ? ss_card_key_find(key_word) : SS_KEYS;
	if (importing && (master.key == SS_KEYS || cipher_word == NULL ||
	    !ss_cipher_find(cipher_word, &master.cipher)))
		return ss_usage_error(command, "import takes a --key, one of "
		    "the six, and a --cipher, 3des or sm4");
	if (kcv_text != NULL && !ss_hex_read(kcv_text, kcv, sizeof(kcv)))
		return ss_usage_error(command, "--kcv is %d digits",
		    2 * SS_KCV_LEN);
	return SS_CONTINUE;
}

/* Before anything is asked it is the call that is wrong. */
static int
serve(struct ss_command *command, const struct verb *verb)
{
	struct ss_keys keys = { 0 };
	int r, status = SS_EXIT_OK;

	if ((r = ss_common_complete(command)) == 0) {
		ss_keys_init(&keys, command);
		r = verb->run(&keys);
	}
	if (r == 0 && fflush(stdout) != 0)
		r = ss_fail_errno("standard output");
	if (r != 0) {
		status = ss_stop_error(command);
		if (keys.asked.text != NULL)
			status = SS_EXIT_STOPPED;
	}
	ss_keys_wipe(&keys);
	return status;
}

int
main(int argc, char **argv)
{
	struct ss_command command = {
		.name = "ss-key",
		.about = "Keeps master keys: test REGION, list, import, "
		    "passwd.",
		.operands = "test|list|import|passwd [region]",
		.takes = SS_TAKES_KEYS,
		.options = options,
	};
	const struct verb *verb = NULL;
	int status;

	status = ss_options_parse(&command, argc, argv);
	if (status == SS_CONTINUE)
		status = check_call(&command, verb = find_verb(&command));
	if (status == SS_CONTINUE)
		status = serve(&command, verb);
	ss_options_wipe(&command);
	return status;
}
