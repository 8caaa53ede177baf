/* Which PINs a region refuses, of every kind, and no others. */
#include "base/err.h"
#include "rules/pin.h"
#include "../tap.h"

static const char record[] = "{\"person\":{\"social_number\":"
    "\"11010519491231002X\",\"id_number\":\"E12345678\",\"birth_date\":"
    "\"1949-12-31\",\"phone\":\"+86 138-0013-8000\",\"guardian\":{\"phone\":"
    "\"010 6554 3321\",\"id_number\":\"440305198001017654\"}},"
    "\"card\":{\"number\":\"0000A7319\"}}";

/* Whether the kinds refuse it, and say which one without a digit of it. */
static bool
refuses(const char *kinds, const char *about, const char *pin)
{
	struct ss_value *weak = NULL, *root = NULL;
	struct ss_policy policy;
	const char *p;
	bool refused = false;

	memset(&policy, 0, sizeof(policy));
	policy.pin.initial = "123456";
	if ((kinds != NULL && ss_json_parse(kinds, strlen(kinds), &weak) != 0)
	    || ss_json_parse(about, strlen(about), &root) != 0) {
		ok(false, "%s", ss_message());
		goto out;
	}
	policy.pin.weak = weak;
	refused = ss_pin_check(&policy, root, pin) != 0;
	for (p = ss_message(); refused && *p != '\0'; p++)
		if (*p >= '0' && *p <= '9')
			ok(false, "a digit in %s", ss_message());
	if (refused && ss_last_code() != SS_EPOLICY)
		ok(false, "code %d", ss_last_code());
out:
	ss_json_free(root);
	ss_json_free(weak);
	return refused;
}

static const struct row {
	const char *kind, *pin;
	bool weak;
} rows[] = {
	{ "[\"initial\"]", "123456", true },
	{ "[\"initial\"]", "1234567", false },
	{ "[\"initial\"]", "12345", false },
	{ "[\"equal\"]", "0000", true },
	{ "[\"equal\"]", "9999999999999999", true },
	{ "[\"equal\"]", "0001", false },
	{ "[\"equal\"]", "1000", false },
	{ "[\"run\"]", "0123", true },
	{ "[\"run\"]", "3210", true },
	{ "[\"run\"]", "456789", true },
	{ "[\"run\"]", "987654", true },
	{ "[\"run\"]", "0123456789", true },
	{ "[\"run\"]", "890123", false },
	{ "[\"run\"]", "1357", false },
	{ "[\"run\"]", "12343", false },
	{ "[\"run\"]", "1111", false },
	{ "[\"number\"]", "110105", true },
	{ "[\"number\"]", "19491231", true },
	{ "[\"number\"]", "1002", true },		/* up to the X */
	{ "[\"number\"]", "12345678", true },		/* the passport's */
	{ "[\"number\"]", "007319", true },	/* over the letter */
	{ "[\"number\"]", "7319", true },
	{ "[\"number\"]", "110106", false },
	{ "[\"number\"]", "501011", false },		/* backwards */
	{ "[\"birth\"]", "19491231", true },
	{ "[\"birth\"]", "491231", true },
	{ "[\"birth\"]", "31121949", true },
	{ "[\"birth\"]", "311249", true },
	{ "[\"birth\"]", "12311949", true },
	{ "[\"birth\"]", "123149", true },
	{ "[\"birth\"]", "194912", true },
	{ "[\"birth\"]", "121949", true },
	{ "[\"birth\"]", "194931", true },
	{ "[\"birth\"]", "1231", true },
	{ "[\"birth\"]", "3112", true },
	{ "[\"birth\"]", "1949", true },
	{ "[\"birth\"]", "1950", false },
	{ "[\"birth\"]", "194930", false },
	{ "[\"birth\"]", "13800138", false },
	{ "[\"phone\"]", "13800138000", true },
	{ "[\"phone\"]", "0138000", true },
	{ "[\"phone\"]", "65543321", true },
	{ "[\"phone\"]", "13800138001", false },
	{ "[\"phone\"]", "861380013800", true },
	{ "[\"phone\"]", "1949", false },
	{ "[]", "123456", false },
	{ NULL, "123456", false },
	{ "[\"equal\",\"run\"]", "7777", true },
	{ "[\"equal\",\"run\"]", "7654", true },
	{ "[\"equal\",\"run\"]", "1949", false },
};

static void
test_long(void)
{
	char about[400];
	const char *tail;

	/* What lies behind the longest that is looked at is not read. */
	snprintf(about, sizeof(about), "{\"person\":{\"phone\":\"%063d71942638"
	    "\"}}", 0);
	ok(!refuses("[\"phone\"]", about, "71942638"), "a very long one");
	for (tail = "\"\",1,null,{},[\"1949\"],\"1949\",\"1949-12-3\","
	    "\"1949-12-311\""; tail != NULL; ) {
		size_t n = strcspn(tail, ",");

		snprintf(about, sizeof(about), "{\"person\":{\"birth_date\":"
		    "%.*s}}", (int)n, tail);
		ok(!refuses("[\"birth\"]", about, "1949"), "%s", about);
		tail = tail[n] == '\0' ? NULL : tail + n + 1;
	}
}

int
main(void)
{
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct row *r = &rows[i];

		ok(refuses(r->kind, record, r->pin) == r->weak, "%s %s %s",
		    r->kind != NULL ? r->kind : "none", r->pin, r->weak ?
		    "refused" : "taken");
		/* Without a record only the PIN itself can be weak. */
		if (r->kind != NULL && strchr("nbp", r->kind[2]) != NULL)
			ok(!refuses(r->kind, "{}", r->pin), "%s %s, no record",
			    r->kind, r->pin);
	}
	test_long();
	return done();
}
