/* What a key helper says, to each of the requests: the first byte is which. */
#define _GNU_SOURCE	/* memfd_create */
#include "../fuzz-main.h"
#include "base/err.h"
#include "trust/keystore_wire.h"

static struct ss_master masters[SS_WIRE_MASTERS_MAX];
static uint8_t kcv[SS_WIRE_MASTERS_MAX][SS_KCV_LEN];

static void
read_members(const struct ss_value *v)
{
	uint8_t bytes[SS_SECURED_MAX];
	size_t count, i;
	int r;

	r = ss_wire_masters_read(v, masters, kcv, &count);
	FUZZ_CHECK((r == 0 || r == SS_ECRYPTO) && (r == 0 || count == 0));
	for (i = 0; i < count; i++)
		FUZZ_CHECK(strlen(masters[i].region) == 6 &&
		    (unsigned)masters[i].key < SS_KEYS &&
		    masters[i].version > 0 && masters[i].version < 256);
	r = ss_wire_hex_read(v, "data", bytes, sizeof(bytes));
	FUZZ_CHECK(r == 0 || r == SS_ECRYPTO);
	r = ss_wire_hex_read(v, "auth", bytes, SS_AUTH_LEN);
	FUZZ_CHECK(r == 0 || r == SS_ECRYPTO);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct ss_wire_request q = { .number = 7, .pin = "58291730" };
	struct ss_value *v;
	bool lie;
	int r;

	if (size == 0)
		return 0;
	q.op = (enum ss_wire_op)(data[0] % SS_WIRE_OPS);
	r = ss_wire_answer_read((const char *)data + 1, size - 1, &q, &v,
	    &lie);
	FUZZ_CHECK((r == 0) == (v != NULL) && (!lie || r == SS_ECRYPTO));
	FUZZ_CHECK(r == 0 || strstr(ss_message(), q.pin) == NULL);
	FUZZ_CHECK(q.op == SS_WIRE_HELLO || r != SS_EAUTH);
	if (r == 0)
		read_members(v);
	ss_json_free(v);
	return 0;
}
