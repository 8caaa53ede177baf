/*
 * Requests written and read back, random ones by a seed, and that a PIN is
 * nowhere in memory on either side when it has done its work.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/err.h"
#include "trust/service.h"
#include "../tap.h"

static uint64_t state = UINT64_C(0x2545f4914f6cdd1d);

static unsigned
random_below(unsigned n)
{
	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return (unsigned)(state >> 33) % n;
}

static void
random_bytes(uint8_t *p, size_t n)
{
	while (n-- > 0)
		*p++ = (uint8_t)random_below(256);
}

static void
random_digits(char *p, size_t n)
{
	while (n-- > 0)
		*p++ = (char)('0' + random_below(10));
	*p = '\0';
}

static void
random_request(struct ss_wire_request *q)
{
	struct ss_arithmetic *a = &q->arithmetic;

	*q = (struct ss_wire_request){ .number = 1 + random_below(1u << 30),
		.op = (enum ss_wire_op)random_below(SS_WIRE_OPS) };
	if (q->op == SS_WIRE_HELLO)
		return;
	random_digits(q->master.region, 6);
	q->master.key = (enum ss_card_key)random_below(SS_KEYS);
	q->master.version = 1 + (int)random_below(255);
	q->master.cipher = (enum ss_cipher_name)random_below(2);
	if (q->op == SS_WIRE_KCV)
		return;
	random_digits(q->city, 6);
	random_bytes(q->historical, sizeof(q->historical));
	random_bytes(q->factor, sizeof(q->factor));
	if (q->op == SS_WIRE_AUTH)
		random_bytes(q->original, sizeof(q->original));
	if (q->op == SS_WIRE_ORDER)
		q->order = (enum ss_order)(1 + random_below(SS_ORDERS - 1));
	if (q->op == SS_WIRE_WRAP_PIN)
		random_digits(q->pin, 4 + random_below(13));
	*a = (struct ss_arithmetic){ q->master.cipher,
		(enum ss_derive)random_below(3), (enum ss_derive)random_below(3),
		(enum ss_derive)random_below(3), (enum ss_cut)random_below(2),
		(enum ss_cut)random_below(2), (enum ss_mac_start)random_below(2),
		(enum ss_mac_rule)random_below(2), (enum ss_pad)random_below(3),
		(enum ss_pad)random_below(3), { { 0 } } };
	random_bytes(&a->header[0][0], sizeof(a->header));
}

static void
test_requests(void)
{
	struct ss_wire_request q, got;
	struct ss_bytes b = { 0 };
	size_t longest = 0;
	int i, same = 0, hidden = 0, cut = 0, n;
	char pin[SS_PIN_DIGITS_MAX + 4];

	for (i = 0; i < 2000; i++) {
		random_request(&q);
		ss_bytes_reset(&b);
		ss_wire_request_write(&q, &b);
		longest = b.len > longest ? b.len : longest;
		/* Cut anywhere it is none. */
		n = (int)random_below((unsigned)b.len - 1);
		snprintf(pin, sizeof(pin), "\"%s\"", q.pin);
		if (i % 2 == 0) {
			cut += ss_wire_request_read(b.data, (size_t)n,
			    &got) == SS_EINVALID;
			continue;
		}
		same += ss_wire_request_read(b.data, b.len - 1, &got) == 0 &&
		    memcmp(&q, &got, sizeof(q)) == 0;
		hidden += strstr(b.data, pin) == NULL || q.pin[0] == '\0';
	}
	ok(same == 1000, "%d requests come back as they were", same);
	ok(hidden == 1000, "and their PINs are taken out of the line");
	ok(cut == 1000, "%d cut ones are none", cut);
	ok(longest < 1024, "the longest has %zu bytes", longest);
	ss_bytes_free(&b);
}

/* The PIN that is looked for, so written that looking does not find itself. */
#define MASK 0x5a
static const uint8_t masked[] = { '5' ^ MASK, '8' ^ MASK, '2' ^ MASK,
	'9' ^ MASK, '1' ^ MASK, '7' ^ MASK, '3' ^ MASK, '0' ^ MASK,
	'6' ^ MASK, '4' ^ MASK };

static void
unmask(char pin[sizeof(masked) + 1])
{
	size_t i;

	for (i = 0; i < sizeof(masked); i++)
		pin[i] = (char)(masked[i] ^ MASK);
	pin[i] = '\0';
}

#if defined(__SANITIZE_ADDRESS__) || defined(__clang__)
#define CAN_LOOK false	/* its own memory is not to be read so */
#else
#define CAN_LOOK (getenv("SS_SLOW") == NULL)
#endif

static bool
is_here(const uint8_t *p)
{
	size_t i;

	for (i = 0; i < sizeof(masked); i++)
		if (p[i] != (masked[i] ^ MASK))
			return false;
	return true;
}

/* How often it is in this process. */
static int
look(void)
{
	uintptr_t from, to, p;
	char line[512], mode;
	int found = 0;
	FILE *f = fopen("/proc/self/maps", "r");

	if (f == NULL)
		return -1;
	while (fgets(line, sizeof(line), f) != NULL) {
		if (sscanf(line, "%" SCNxPTR "-%" SCNxPTR " %c", &from, &to,
		    &mode) != 3 || mode != 'r' || strstr(line, "[v") != NULL)
			continue;
		for (p = from; p + sizeof(masked) <= to; p++)
			found += is_here((const uint8_t *)p);
	}
	fclose(f);
	return found;
}

static void
test_looking(void)
{
	char *copy;

	if (!CAN_LOOK)
		return;
	copy = malloc(sizeof(masked) + 1);
	ok(copy != NULL && look() == 0, "a PIN that is not in memory");
	unmask(copy);
	ok(look() == 1, "is found when it is");
	ss_wipe(copy, sizeof(masked));
	free(copy);
}

/* Answers what is asked, in the order of one PIN. */
#define ANSWER(rest) "read -r l; echo '{\"v\":1," rest "}';"
#define HELPER "exec:" \
	ANSWER("\"n\":1,\"op\":\"hello\",\"masters\":[{\"region\":\"110100\"," \
	    "\"key\":\"STK\",\"version\":1,\"cipher\":\"sm4\"," \
	    "\"test\":false,\"kcv\":\"010203\"}]") \
	ANSWER("\"n\":2,\"op\":\"kcv\",\"kcv\":\"010203\"")

static int
wrap(const char *uri, struct ss_secured *out)
{
	static const uint8_t bytes[SS_HISTORICAL_LEN] = { 1, 2, 3 };
	struct ss_passphrase none = { NULL, NULL };
	struct ss_keystore *ks;
	struct ss_arithmetic a;
	char pin[sizeof(masked) + 1];
	int r;

	ss_arithmetic_init(&a, SS_SM4);
	if ((r = ss_keystore_open(&ks, uri, &none)) != 0)
		return r;
	unmask(pin);
	r = ss_keystore_wrap_pin(ks, &(struct ss_card_of){ &a, "110100", bytes,
	    0, false }, SS_KEY_STK, bytes, pin, out);
	ss_wipe(pin, sizeof(pin));
	ss_keystore_close(ks);
	return r;
}

static void
test_client(void)
{
	struct ss_secured out;

	ok(wrap(HELPER ANSWER("\"n\":3,\"op\":\"wrap-pin\",\"data\":\"00112233"
	    "445566778899aabbccddeeff00112233\"") "read l", &out) == 0 &&
	    out.len == 20 && out.data[19] == 0x33, "a PIN is wrapped");
	ok(!CAN_LOOK || look() == 0, "and not in memory any more");
	ok(wrap(HELPER "read l; exit 3", &out) == SS_EIO && out.len == 0,
	    "%s", ss_message());
	ok(!CAN_LOOK || look() == 0, "nor when the helper ended");
	ok(wrap(HELPER "read l; echo \"$l\"; sleep 100", &out) == SS_ECRYPTO &&
	    out.data[0] == 0, "%s", ss_message());
	ok(wrap(HELPER ANSWER("\"n\":3,\"op\":\"wrap-pin\",\"data\":"
	    "\"00112233\"") "sleep 100", &out) == SS_ECRYPTO,
	    "%s", ss_message());
}

static int
say(char out[SS_PASSPHRASE_MAX], void *ctx)
{
	(void)ctx;
	strcpy(out, "none");
	return 0;
}

static void
test_service(void)
{
	struct ss_wire_request *q;
	struct ss_bytes line = { 0 }, out = { 0 };
	struct ss_service *s = NULL;
	struct ss_keystore *ks;
	struct ss_passphrase ask = { say, NULL };
	void *page;
	bool made;

	ok(ss_keystore_edit(&ks, "file:keys", &ask, &made) == 0 &&
	    ss_keystore_put_test(ks, "110100", 1) == 0 &&
	    ss_service_open(&s, &(struct ss_service_setup){ .keys = ks }) == 0,
	    "a service");
	ok(ss_secret_new(&page, sizeof(*q)) == 0, "a request");
	q = page;
	*q = (struct ss_wire_request){ .number = 1, .op = SS_WIRE_WRAP_PIN,
		.master = { "110100", SS_KEY_STK, 1, SS_SM4, false },
		.city = "110100" };
	ss_arithmetic_init(&q->arithmetic, SS_SM4);
	unmask(q->pin);
	ss_wire_request_write(q, &line);
	ss_secret_free(page, sizeof(*q));
	ok(ss_service_answer(s, line.data, line.len - 1, &out) == 0 &&
	    strstr(out.data, "\"data\":\"") != NULL, "wraps a PIN");
	ok(!CAN_LOOK || look() == 0, "and forgets it");
	ss_bytes_free(&line);
	ss_bytes_free(&out);
	ss_service_close(s);
	ss_keystore_close(ks);
	unlink("keys.lock");
}

int
main(void)
{
	char dir[] = "/tmp/sscard-exec.XXXXXX";

	if (mkdtemp(dir) == NULL || chdir(dir) == -1)
		return 1;
	test_requests();
	test_looking();
	test_client();
	test_service();
	rmdir(dir);
	return done();
}
