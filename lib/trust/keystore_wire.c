#define _GNU_SOURCE	/* memmem */
#include <stddef.h>
#include <string.h>

#include "base/err.h"
#include "base/text.h"
#include "trust/keystore_wire.h"

#define HEX_MAX SS_SECURED_MAX

static const char *const op_words[] = { "hello", "kcv", "auth", "order",
	"wrap-pin" };

/* What a helper may say of itself; anything else is no answer. */
static const int codes[] = { SS_EINVALID, SS_EPOLICY, SS_EMISSING, SS_EAUTH,
	SS_ECRYPTO, SS_EIO, SS_EMEMORY };

static const struct setting {
	const char *name;
	size_t offset;
	const char *const *words;
} settings[] = {
	{ "diversify", offsetof(struct ss_arithmetic, diversify),
	    ss_derive_words },
	{ "session", offsetof(struct ss_arithmetic, session), ss_derive_words },
	{ "mac_key", offsetof(struct ss_arithmetic, mac_key), ss_derive_words },
	{ "auth_cut", offsetof(struct ss_arithmetic, auth_cut), ss_cut_words },
	{ "mac_cut", offsetof(struct ss_arithmetic, mac_cut), ss_cut_words },
	{ "mac_start", offsetof(struct ss_arithmetic, mac_start),
	    ss_start_words },
	{ "mac_rule", offsetof(struct ss_arithmetic, mac_rule), ss_rule_words },
	{ "pin_pad", offsetof(struct ss_arithmetic, pin_pad), ss_pad_words },
	{ "mac_pad", offsetof(struct ss_arithmetic, mac_pad), ss_pad_words },
};

#define SETTINGS (sizeof(settings) / sizeof(settings[0]))

/* The members of a request beyond v, n and op, and the ops that have them. */
#define FOR(op) (1u << (op))
#define CARD (FOR(SS_WIRE_AUTH) | FOR(SS_WIRE_ORDER) | FOR(SS_WIRE_WRAP_PIN))

static const struct member {
	const char *name;
	unsigned ops;
} members[] = {
	{ "v", ~0u },
	{ "n", ~0u },
	{ "op", ~0u },
	{ "master", CARD | FOR(SS_WIRE_KCV) },
	{ "city", CARD },
	{ "historical", CARD },
	{ "factor", CARD },
	{ "original", FOR(SS_WIRE_AUTH) },
	{ "order", FOR(SS_WIRE_ORDER) },
	{ "arithmetic", CARD },
	{ "pin", FOR(SS_WIRE_WRAP_PIN) },
};

#define MEMBERS (sizeof(members) / sizeof(members[0]))

const char *
ss_wire_op_word(enum ss_wire_op op)
{
	return op_words[op];
}

enum ss_wire_op
ss_wire_op_find(const char *word)
{
	size_t i;

	for (i = 0; i < SS_WIRE_OPS && strcmp(op_words[i], word) != 0; i++)
		;
	return (enum ss_wire_op)i;
}

static void
add_hex(struct ss_bytes *b, const char *name, const uint8_t *data, size_t len)
{
	char hex[2 * HEX_MAX + 1];

	ss_hex(data, len, hex);
	ss_json_add(b, name, hex);
}

void
ss_wire_master_write(const struct ss_master *m, struct ss_bytes *b)
{
	ss_json_add(b, "region", m->region);
	ss_json_add(b, "key", ss_card_key_word(m->key));
	ss_json_addi(b, "version", m->version);
	ss_json_add(b, "cipher", ss_cipher_word(m->cipher));
}

static void
write_arithmetic(const struct ss_arithmetic *a, struct ss_bytes *b)
{
	unsigned value;
	size_t i;

	ss_json_open(b, "arithmetic", '{');
	for (i = 0; i < SETTINGS; i++) {
		memcpy(&value, (const char *)a + settings[i].offset,
		    sizeof(value));
		ss_json_add(b, settings[i].name, settings[i].words[value]);
	}
	ss_json_open(b, "headers", '{');
	for (i = 0; i < SS_ORDERS; i++)
		add_hex(b, ss_order_words[i], a->header[i], SS_HEADER_LEN);
	ss_json_close(b, '}');
	ss_json_close(b, '}');
}

void
ss_wire_answer_open(int64_t number, enum ss_wire_op op, struct ss_bytes *b)
{
	ss_json_open(b, NULL, '{');
	ss_json_addi(b, "v", SS_WIRE_VERSION);
	ss_json_addi(b, "n", number);
	ss_json_add(b, "op", op < SS_WIRE_OPS ? op_words[op] : "");
}

void
ss_wire_request_write(const struct ss_wire_request *q, struct ss_bytes *b)
{
	ss_wire_answer_open(q->number, q->op, b);
	if (q->op != SS_WIRE_HELLO) {
		ss_json_open(b, "master", '{');
		ss_wire_master_write(&q->master, b);
		ss_json_close(b, '}');
	}
	if ((CARD & FOR(q->op)) != 0) {
		ss_json_add(b, "city", q->city);
		add_hex(b, "historical", q->historical, SS_HISTORICAL_LEN);
		add_hex(b, "factor", q->factor, SS_FACTOR_LEN);
		write_arithmetic(&q->arithmetic, b);
	}
	if (q->op == SS_WIRE_AUTH)
		add_hex(b, "original", q->original, SS_FACTOR_LEN);
	if (q->op == SS_WIRE_ORDER)
		ss_json_add(b, "order", ss_order_words[q->order]);
	if (q->op == SS_WIRE_WRAP_PIN)
		ss_json_add(b, "pin", q->pin);
	ss_bytes_adds(b, "}\n");
}

/*
 * Moves the digits of a PIN out of the line, before anything else makes copies
 * of it: they become x's. It stands there as "pin":"DIGITS", once, at most.
 */
static int
take_pin(char *line, size_t len, char pin[SS_PIN_DIGITS_MAX + 1])
{
	static const char mark[] = "\"pin\":\"";
	const size_t n = sizeof(mark) - 1;
	char *p = memmem(line, len, mark, n), *end = line + len;
	size_t digits = 0;

	if (p == NULL)
		return 0;
	p += n;
	while (p + digits < end && p[digits] >= '0' && p[digits] <= '9')
		digits++;
	if (digits >= SS_PIN_DIGITS_MIN && digits <= SS_PIN_DIGITS_MAX &&
	    p + digits < end && p[digits] == '"') {
		memcpy(pin, p, digits);
		memset(p, 'x', digits);
		if (memmem(p, (size_t)(end - p), mark, n) == NULL)
			return 0;
	}
	/* Whatever it is, it may be secret. */
	ss_wipe(p, (size_t)(end - p));
	return ss_fail(SS_EINVALID, "\"pin\" is %d to %d digits",
	    SS_PIN_DIGITS_MIN, SS_PIN_DIGITS_MAX);
}

static int
wrong(const char *member)
{
	return ss_fail(SS_EINVALID, "\"%s\" is missing or wrong", member);
}

/* The place of a word; false for none. */
static bool
word_place(const struct ss_value *v, const char *const *words, unsigned *out)
{
	const char *s = ss_value_string(v);

	for (*out = 0; s != NULL && words[*out] != NULL; (*out)++)
		if (strcmp(words[*out], s) == 0)
			return true;
	return false;
}

static bool
hex_of(const struct ss_value *v, const char *name, void *out, size_t len)
{
	const char *s = ss_value_string(ss_value_member(v, name));

	return s != NULL && strlen(s) == 2 * len && ss_is_hex(s, 2 * len) &&
	    ss_hex_read(s, out, len);
}

static bool
region_of(const struct ss_value *v, const char *name, char out[7])
{
	const char *s = ss_value_string(ss_value_member(v, name));

	if (s == NULL || strlen(s) != 6 || !ss_is_digits(s, 6))
		return false;
	memcpy(out, s, 7);
	return true;
}

bool
ss_wire_master_read(const struct ss_value *v, struct ss_master *m)
{
	const char *key = ss_value_string(ss_value_member(v, "key"));
	const char *cipher = ss_value_string(ss_value_member(v, "cipher"));
	int64_t version;

	*m = (struct ss_master){ .version = 0 };
	if (!region_of(v, "region", m->region) || key == NULL ||
	    (m->key = ss_card_key_find(key)) == SS_KEYS || cipher == NULL ||
	    !ss_cipher_find(cipher, &m->cipher) ||
	    !ss_value_int(ss_value_member(v, "version"), &version) ||
	    version < 1 || version > 255)
		return false;
	m->version = (int)version;
	return true;
}

static int
read_arithmetic(const struct ss_value *v, struct ss_arithmetic *a)
{
	const struct ss_value *headers = ss_value_member(v, "headers");
	unsigned value;
	size_t i;

	if (ss_value_count(v) != SETTINGS + 1)
		return wrong("arithmetic");
	for (i = 0; i < SETTINGS; i++) {
		if (!word_place(ss_value_member(v, settings[i].name),
		    settings[i].words, &value))
			return wrong(settings[i].name);
		memcpy((char *)a + settings[i].offset, &value, sizeof(value));
	}
	if (ss_value_count(headers) != SS_ORDERS)
		return wrong("headers");
	for (i = 0; i < SS_ORDERS; i++)
		if (!hex_of(headers, ss_order_words[i], a->header[i],
		    SS_HEADER_LEN))
			return wrong(ss_order_words[i]);
	return 0;
}

/* What was taken away stands there as so many x's, where it belongs. */
static bool
pin_fits(const struct ss_value *v, const char *pin)
{
	const char *s = ss_value_string(ss_value_member(v, "pin"));
	size_t n = strlen(pin);

	return s != NULL && n > 0 && strlen(s) == n && strspn(s, "x") == n;
}

static int
check_members(const struct ss_value *v, const struct ss_wire_request *q)
{
	const struct ss_value *value;
	size_t i, want = 0;

	for (i = 0; i < MEMBERS; i++) {
		value = ss_value_member(v, members[i].name);
		if ((members[i].ops & FOR(q->op)) == 0)
			continue;
		if (value == NULL)
			return wrong(members[i].name);
		want++;
	}
	return ss_value_count(v) == want ? 0 : ss_fail(SS_EINVALID,
	    "a member too many for \"%s\"", op_words[q->op]);
}

/* What all operations with a card have. */
static int
read_card(const struct ss_value *v, struct ss_wire_request *q)
{
	/* Where there is a city there is a card, for the log. */
	if (!hex_of(v, "historical", q->historical, SS_HISTORICAL_LEN))
		return wrong("historical");
	if (!region_of(v, "city", q->city))
		return wrong("city");
	if (!hex_of(v, "factor", q->factor, SS_FACTOR_LEN))
		return wrong("factor");
	q->arithmetic.cipher = q->master.cipher;
	return read_arithmetic(ss_value_member(v, "arithmetic"),
	    &q->arithmetic);
}

static int
read_rest(const struct ss_value *v, struct ss_wire_request *q)
{
	const struct ss_value *master = ss_value_member(v, "master");
	unsigned order;
	int r;

	if ((r = check_members(v, q)) != 0)
		return r;
	if (q->op != SS_WIRE_HELLO && (ss_value_count(master) != 4 ||
	    !ss_wire_master_read(master, &q->master)))
		return wrong("master");
	if ((CARD & FOR(q->op)) != 0 && (r = read_card(v, q)) != 0)
		return r;
	if (q->op == SS_WIRE_AUTH &&
	    !hex_of(v, "original", q->original, SS_FACTOR_LEN))
		return wrong("original");
	if (q->op == SS_WIRE_ORDER) {
		if (!word_place(ss_value_member(v, "order"), ss_order_words,
		    &order) || order == SS_ORDER_RELOAD_PIN)
			return wrong("order");
		q->order = (enum ss_order)order;
	}
	return q->op != SS_WIRE_WRAP_PIN || pin_fits(v, q->pin) ? 0 :
	    wrong("pin");
}

static int
read_head(const struct ss_value *v, struct ss_wire_request *q)
{
	const char *op = ss_value_string(ss_value_member(v, "op"));
	int64_t version = 0, n = 0;

	if (op != NULL)
		q->op = ss_wire_op_find(op);
	if (q->op == SS_WIRE_ORDER)	/* until it is read */
		q->order = SS_ORDERS;
	if (ss_value_int(ss_value_member(v, "n"), &n) && n > 0)
		q->number = n;
	if (!ss_value_int(ss_value_member(v, "v"), &version))
		return wrong("v");
	if (version != SS_WIRE_VERSION)
		return ss_fail(SS_EINVALID, "version %d is spoken here alone",
		    SS_WIRE_VERSION);
	if (q->number == 0)
		return wrong("n");
	return q->op < SS_WIRE_OPS ? 0 : wrong("op");
}

int
ss_wire_request_read(char *line, size_t len, struct ss_wire_request *q)
{
	struct ss_value *v = NULL;
	int r;

	*q = (struct ss_wire_request){ .op = SS_WIRE_OPS };
	if ((r = take_pin(line, len, q->pin)) != 0)
		goto out;
	if ((r = ss_json_parse(line, len, &v)) != 0)
		goto out;
	if ((r = read_head(v, q)) == 0)
		r = read_rest(v, q);
out:
	if (r != 0 || q->op != SS_WIRE_WRAP_PIN)
		ss_wipe(q->pin, sizeof(q->pin));
	ss_json_free(v);
	return r;
}

static int
no_answer(const char *what)
{
	return ss_fail(SS_ECRYPTO, "its answer is none: %s", what);
}

/* The error that it tells of: its code where it is one that it may have, its
 * sentence clean and cut, and without the PIN that it was told. */
static int
told(const struct ss_value *error, const struct ss_wire_request *q, bool *lie)
{
	const char *word = ss_value_string(ss_value_member(error, "code"));
	const char *text = ss_value_string(ss_value_member(error, "message"));
	struct ss_bytes b = { 0 };
	size_t i;
	int r = 0;

	for (i = 0; word != NULL && i < sizeof(codes) / sizeof(codes[0]); i++)
		if (strcmp(ss_code_word(codes[i]), word) == 0 &&
		    (codes[i] != SS_EAUTH || q->op == SS_WIRE_HELLO))
			r = codes[i];
	if (r == 0 || text == NULL) {
		*lie = true;
		return no_answer("an error of no kind");
	}
	if (*q->pin != '\0' && strstr(text, q->pin) != NULL)
		text = "it says the PIN";
	ss_bytes_adds(&b, text);
	ss_text_clean(&b, 0);
	r = ss_fail(r, "the key helper: %.200s", b.len > 0 ? b.data : "");
	ss_bytes_free(&b);
	return r;
}

int
ss_wire_answer_read(const char *line, size_t len,
    const struct ss_wire_request *q, struct ss_value **out, bool *lie)
{
	const struct ss_value *error;
	const char *op;
	int64_t v = 0, n = 0;
	int r;

	*lie = false;
	if ((r = ss_json_parse(line, len, out)) != 0) {
		*lie = r == SS_EINVALID;
		return *lie ? no_answer("not JSON") : r;
	}
	op = ss_value_string(ss_value_member(*out, "op"));
	error = ss_value_member(*out, "error");
	r = 0;
	if (!ss_value_int(ss_value_member(*out, "v"), &v) ||
	    v != SS_WIRE_VERSION)
		r = no_answer("not of this version");
	else if (!ss_value_int(ss_value_member(*out, "n"), &n) ||
	    n != q->number)
		r = no_answer("another number than the request's");
	else if (op == NULL || strcmp(op, op_words[q->op]) != 0)
		r = no_answer("another operation than the request's");
	*lie = r != 0;
	if (r == 0 && error != NULL)
		r = told(error, q, lie);
	if (r != 0) {
		ss_json_free(*out);
		*out = NULL;
	}
	return r;
}

int
ss_wire_hex_read(const struct ss_value *v, const char *member, void *out,
    size_t len)
{
	if (hex_of(v, member, out, len))
		return 0;
	return ss_fail(SS_ECRYPTO, "its answer is none: \"%s\" is not %zu "
	    "bytes in lower-case hexadecimal", member, len);
}

static bool
is_twice(const struct ss_master *rows, size_t count)
{
	const struct ss_master *last = &rows[count];
	size_t i;

	for (i = 0; i < count; i++)
		if (rows[i].key == last->key &&
		    rows[i].version == last->version &&
		    rows[i].cipher == last->cipher &&
		    strcmp(rows[i].region, last->region) == 0)
			return true;
	return false;
}

int
ss_wire_masters_read(const struct ss_value *v, struct ss_master *rows,
    uint8_t (*kcv)[SS_KCV_LEN], size_t *count)
{
	const struct ss_value *list = ss_value_member(v, "masters"), *row, *t;
	size_t i, n = ss_value_count(list);

	*count = 0;
	if (ss_value_kind(list) != SS_ARRAY)
		return no_answer("\"masters\" is no array");
	if (n > SS_WIRE_MASTERS_MAX)
		return ss_fail(SS_ECRYPTO, "its answer is none: %zu keys, more "
		    "than %d", n, SS_WIRE_MASTERS_MAX);
	for (i = 0; i < n; i++) {
		row = ss_value_at(list, i);
		t = ss_value_member(row, "test");
		if (!ss_wire_master_read(row, &rows[i]) ||
		    ss_value_kind(t) != SS_BOOL ||
		    !hex_of(row, "kcv", kcv[i], SS_KCV_LEN))
			return ss_fail(SS_ECRYPTO, "its answer is none: key "
			    "%zu of \"masters\" is no name of a key with its "
			    "check value", i + 1);
		rows[i].test = ss_value_bool(t, false);
		rows[i].where = SS_IN_HELPER;
		if (is_twice(rows, i))
			return ss_fail(SS_ECRYPTO, "its answer is none: key "
			    "%zu of \"masters\" stands there twice", i + 1);
	}
	*count = n;
	return 0;
}
