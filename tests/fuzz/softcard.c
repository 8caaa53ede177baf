/* The software card: the first byte says which card; then steps, each a byte
 * and what it takes: raw commands, and what a client with its keys does. */
#define _GNU_SOURCE	/* memfd_create */
#include "../fuzz-main.h"
#include "../card.h"

#define CARDS 6			/* three generations, T=0 and T=1 */
#define KEY_STEPS 8

static struct card *cards[CARDS];
static struct ss_profiles *profiles;
static char folder[] = "/tmp/sscard-fuzz.XXXXXX";

static void
remove_cards(void)
{
	size_t i;

	for (i = 0; i < CARDS; i++)
		if (cards[i] != NULL) {
			card_end(cards[i]);
			free(cards[i]);
		}
	ss_profiles_close(profiles);
	rmdir(folder);
}

static struct card *
fresh(unsigned int which)
{
	static const char *const names[] = { "gen1", "gen2", "gen3" };
	struct ss_softcard_setup setup = { .region = "440305", .serial = which,
		.key_version = 1, .t1 = which >= 3, .fill = 0xff };

	if (profiles == NULL) {
		must(ss_profiles_open(&profiles, fuzz_data_dir()) == 0 &&
		    mkdtemp(folder) != NULL, "start");
		atexit(remove_cards);
	}
	if (cards[which] == NULL) {
		must(ss_profiles_find(profiles, names[which % 3],
		    &setup.profile) == 0, "profile");
		must((cards[which] = malloc(sizeof(struct card))) != NULL,
		    "memory");
		card_make(cards[which], folder, profiles, &setup);
	}
	FUZZ_CHECK(ss_softcard_reset(cards[which]->card) == 0);
	card_again(cards[which]);
	return cards[which];
}

/* What holds of any answer to any command. */
static void
check(const struct card *c, const uint8_t *command, size_t len)
{
	struct ss_response r;

	FUZZ_CHECK(c->code == 0 && c->len >= 2 && c->len <= SS_RESPONSE_ROOM);
	FUZZ_CHECK(ss_response_parse(c->response, c->len, &r) == 0);
	FUZZ_CHECK(r.len == 0 || r.sw == 0x9000 || r.sw >> 8 == 0x61 ||
	    r.sw >> 8 == 0x62);
	/* A short command without data has P3 for what it wants. */
	if (len == 5 && r.len > 0)
		FUZZ_CHECK(r.len <= (command[4] == 0 ? 256u : command[4]));
	if (len == 4)
		FUZZ_CHECK(r.len == 0);
}

static size_t
raw(struct card *c, const uint8_t *data, size_t size)
{
	size_t n = size > 0 ? data[0] : 0;
	uint8_t *copy;

	if (size > 0 && n >= size)
		n = size - 1;
	FUZZ_CHECK((copy = malloc(n + !n)) != NULL);
	if (n > 0)
		memcpy(copy, data + 1, n);
	send_bytes(c, copy, n);
	check(c, copy, n);
	free(copy);
	return size > 0 ? n + 1 : 0;
}

/* A step of a client that has the keys, which can be spoiled by how. */
static void
step(struct card *c, unsigned int what, unsigned int how)
{
	switch (what) {
	case 0:
		enter_ssse(c);
		break;
	case 1:
		authenticate(c, (enum ss_card_key)(how % SS_KEYS));
		break;
	case 2:
		order(c, (enum ss_order)(how % SS_ORDERS), how % SS_ORDERS ==
		    SS_ORDER_RELOAD_PIN ? "246802" : NULL, how >> 4 & 1);
		break;
	case 3:
		say(c, "0084000008");
		break;
	case 4:
		say(c, how & 1 ? "0020000003123456" : "0020000003246802");
		break;
	case 5:
		card_again(c);
		break;
	case 6:
		say(c, "805e010007123456ff246802");
		break;
	default:
		card_reopen(c);
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct ss_bytes json = { 0 };
	struct ss_value *v;
	struct card *c;
	size_t at = 1;
	int steps;

	if (size == 0)
		return 0;
	c = fresh(data[0] % CARDS);
	for (steps = 0; at + 1 < size && steps < 200; steps++) {
		if (data[at] < KEY_STEPS) {
			step(c, data[at], data[at + 1]);
			at += 2;
		} else {
			at += 1 + raw(c, data + at + 1, size - at - 1);
		}
	}
	FUZZ_CHECK(ss_softcard_describe(c->card, &json) == 0);
	FUZZ_CHECK(ss_json_parse(json.data, json.len, &v) == 0);
	ss_json_free(v);
	ss_bytes_free(&json);
	return 0;
}
