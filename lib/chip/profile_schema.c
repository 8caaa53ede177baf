#include <string.h>

#include "chip/profile_own.h"

#define KEY_WORDS "IRK", "STK", "UKSSSE", "BK", "PUK", "RKSSSE"
static const char *const access_words[] = { "never", "free", KEY_WORDS, NULL };
static const char *const auth_words[] = { "none", KEY_WORDS, NULL };
static const char *const key_words[] = { KEY_WORDS, NULL };
static const char *const encoding_words[] = { "GB18030", "GBK", NULL };
static const char *const kind_words[] = { "records", "binary", NULL };
static const char *const format_words[] = { "b", "cn", "an", NULL };
static const char *const file_sources[] = { "photo", NULL };
static const char *const item_sources[] = { "card.issued", "card.expires",
	"card.number", "person.social_number", "person.name", "person.sex",
	"person.ethnic", "person.birthplace", "person.birth_date", NULL };
static const char *const cipher_words[] = { "3des", "sm4", NULL };
static const char *const check_words[] = { "keep", "write", NULL };

#define PLACE(s, m) .offset = offsetof(struct s, m), \
	.size = sizeof(((struct s *)NULL)->m)
#define PROFILE(m) .of = SS_OF_PROFILE, PLACE(ss_profile, m)
#define FILES(m) .of = SS_OF_FILE, PLACE(ss_card_file, m)
#define ITEM(m) .of = SS_OF_ITEM, PLACE(ss_item, m)
#define LIMITS(lo, hi) .min = lo, .max = hi
#define COUNTED(m) .count_at = offsetof(struct ss_profile, m)

#define INT(p, place, lo, hi, u) \
	{ p, SS_PROFILE_INT, place, LIMITS(lo, hi), .unit = u }
#define BOOL(p, place) { p, SS_PROFILE_BOOL, place }
#define WORD(p, place, w) { p, SS_PROFILE_WORD, place, .words = w }
#define CODE(p, place) { p, SS_PROFILE_CODE, place }
#define HEADER(p, m) \
	{ p, SS_PROFILE_HEX, PROFILE(m), LIMITS(SS_HEADER_LEN, SS_HEADER_LEN) }
#define ACCESS(p, place) { p, SS_PROFILE_WORD, place, \
	.min = SS_ACCESS_NEVER, .words = access_words, .unit = "access" }
#define KEY(word) \
	CODE("keys." #word ".kid", PROFILE(keys[SS_KEY_ ## word].kid)), \
	INT("keys." #word ".tries", PROFILE(keys[SS_KEY_ ## word].tries), \
	    0, 15, "try")
#define ORDER(word, name) \
	HEADER("orders." word ".header", \
	    arithmetic.header[SS_ORDER_ ## name]), \
	{ "orders." word ".auth", SS_PROFILE_WORD, \
	    PROFILE(orders[SS_ORDER_ ## name].auth), .min = SS_ACCESS_FREE, \
	    .words = auth_words, .unit = "key or none" }, \
	{ "orders." word ".mac", SS_PROFILE_WORD, \
	    PROFILE(orders[SS_ORDER_ ## name].mac), .words = key_words, \
	    .unit = "key" }

/* In the order of ss-profile(5). */
static const struct ss_profile_row table[] = {
	{ "like", SS_PROFILE_STRING, LIMITS(1, 40), .optional = true },
	{ "note", SS_PROFILE_STRING, LIMITS(0, 2000), .optional = true },
	INT("generation", PROFILE(generation), 1, 3, ""),
	{ "encoding", SS_PROFILE_STRING, PROFILE(encoding),
	    .words = encoding_words },
	INT("match.cipher_code", PROFILE(match.cipher_code), 1, 3, ""),
	{ "match.versions", SS_PROFILE_STRINGS, PROFILE(match.versions),
	    LIMITS(1, SS_VERSIONS_MAX) },
	{ "match.maker", SS_PROFILE_HEX, PROFILE(match.maker),
	    LIMITS(0, SS_HISTORICAL_LEN), COUNTED(match.maker_len),
	    .optional = true },
	{ "select.name", SS_PROFILE_HEX, PROFILE(select.name),
	    LIMITS(5, SS_NAME_MAX), COUNTED(select.name_len) },
	CODE("select.fid", PROFILE(select.fid)),
	BOOL("select.by_name", PROFILE(select.by_name)),
	CODE("select.file_p1", PROFILE(select.file_p1)),
	CODE("files.*.fid", FILES(fid)),
	INT("files.*.sfi", FILES(sfi), 1, 30, ""),
	WORD("files.*.kind", FILES(binary), kind_words),
	{ "files.*.size", SS_PROFILE_INT, FILES(size),
	    LIMITS(1, SS_BINARY_MAX), .unit = "byte", .optional = true },
	{ "files.*.source", SS_PROFILE_STRING, FILES(source),
	    .words = file_sources, .optional = true },
	{ "files.*.read", SS_PROFILE_WORD, FILES(read), .min = SS_ACCESS_NEVER,
	    .words = access_words, .unit = "access", .optional = true },
	{ "files.*.write", SS_PROFILE_WORD, FILES(write),
	    .min = SS_ACCESS_NEVER, .words = access_words, .unit = "access",
	    .optional = true },
	INT("files.*.items.*.record", ITEM(record), 1, SS_ITEMS_MAX, ""),
	CODE("files.*.items.*.tag", ITEM(tag)),
	WORD("files.*.items.*.format", ITEM(format), format_words),
	INT("files.*.items.*.len", ITEM(len), 1, SS_ITEM_LEN_MAX, "byte"),
	{ "files.*.items.*.encoded", SS_PROFILE_BOOL, ITEM(encoded),
	    .optional = true },
	{ "files.*.items.*.source", SS_PROFILE_STRING, ITEM(source),
	    .words = item_sources, .unit = "source", .optional = true },
	ACCESS("files.*.items.*.read", ITEM(read)),
	ACCESS("files.*.items.*.write", ITEM(write)),
	BOOL("records.short_id", PROFILE(records.short_id)),
	BOOL("records.by_tag", PROFILE(records.by_tag)),
	BOOL("records.le_exact", PROFILE(records.le_exact)),
	BOOL("records.many", PROFILE(records.many)),
	INT("binary.read_chunk", PROFILE(binary.read_chunk), 1, 256, "byte"),
	INT("binary.write_chunk", PROFILE(binary.write_chunk), 1, 255, "byte"),
	BOOL("extended", PROFILE(extended)),
	BOOL("contactless", PROFILE(contactless)),
	HEADER("auth.internal", auth.internal),
	HEADER("auth.external", auth.external),
	INT("auth.challenge", PROFILE(auth.challenge), 4, 16, "byte"),
	INT("auth.key_version", PROFILE(auth.key_version), 0, 255, ""),
	BOOL("auth.together", PROFILE(auth.together)),
	KEY(IRK),
	KEY(STK),
	KEY(UKSSSE),
	KEY(BK),
	KEY(PUK),
	KEY(RKSSSE),
	WORD("arithmetic.cipher", PROFILE(arithmetic.cipher), cipher_words),
	WORD("arithmetic.diversify", PROFILE(arithmetic.diversify),
	    ss_derive_words),
	WORD("arithmetic.session", PROFILE(arithmetic.session),
	    ss_derive_words),
	WORD("arithmetic.mac_key", PROFILE(arithmetic.mac_key),
	    ss_derive_words),
	WORD("arithmetic.auth_cut", PROFILE(arithmetic.auth_cut), ss_cut_words),
	WORD("arithmetic.mac_cut", PROFILE(arithmetic.mac_cut), ss_cut_words),
	WORD("arithmetic.mac_start", PROFILE(arithmetic.mac_start),
	    ss_start_words),
	WORD("arithmetic.mac_rule", PROFILE(arithmetic.mac_rule),
	    ss_rule_words),
	WORD("arithmetic.pin_pad", PROFILE(arithmetic.pin_pad), ss_pad_words),
	WORD("arithmetic.mac_pad", PROFILE(arithmetic.mac_pad), ss_pad_words),
	ORDER("reload_pin", RELOAD_PIN),
	ORDER("unblock_pin", UNBLOCK_PIN),
	ORDER("block", BLOCK),
	ORDER("block_forever", BLOCK_FOREVER),
	ORDER("unblock", UNBLOCK),
	ORDER("block_card", BLOCK_CARD),
	INT("orders.challenge", PROFILE(order_challenge), 4, 16, "byte"),
	INT("orders.unblock_tries", PROFILE(unblock_tries), 0, 15, "try"),
	CODE("orders.blocked_sw", PROFILE(blocked_sw)),
	HEADER("pin.verify", pin.verify),
	HEADER("pin.change", pin.change),
	BOOL("pin.query", PROFILE(pin.query)),
	INT("pin.min", PROFILE(pin.min), SS_PIN_DIGITS_MIN, SS_PIN_DIGITS_MAX,
	    "digit"),
	INT("pin.max", PROFILE(pin.max), SS_PIN_DIGITS_MIN, SS_PIN_DIGITS_MAX,
	    "digit"),
	INT("pin.tries", PROFILE(pin.tries), 1, 15, "try"),
	{ "pin.initial", SS_PROFILE_STRING, PROFILE(pin.initial),
	    LIMITS(SS_PIN_DIGITS_MIN, SS_PIN_DIGITS_MAX), .unit = "digit" },
	{ "blank.fill", SS_PROFILE_CODES, PROFILE(blank.fill), LIMITS(1, 2),
	    COUNTED(blank.fills) },
	WORD("identifier_check", PROFILE(identifier_check), check_words),
	BOOL("city_prefecture", PROFILE(city_prefecture)),
	BOOL("ships_locked", PROFILE(ships_locked)),
};

#define ROWS (sizeof(table) / sizeof(table[0]))

const struct ss_profile_row *
ss_profile_table(size_t *count)
{
	*count = ROWS;
	return table;
}

const char *
ss_card_key_word(enum ss_card_key key)
{
	return key_words[key];
}

enum ss_card_key
ss_card_key_find(const char *word)
{
	size_t i;

	for (i = 0; i < SS_KEYS && strcmp(key_words[i], word) != 0; i++)
		;
	return (enum ss_card_key)i;
}
