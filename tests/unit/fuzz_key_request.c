#include "../fuzz/key-request.c"

#define ARITHMETIC \
	"\"arithmetic\":{\"diversify\":\"pair\",\"session\":\"short\"" \
	",\"mac_key\":\"short\",\"auth_cut\":\"fold\",\"mac_cut\":\"f" \
	"old\",\"mac_start\":\"zero\",\"mac_rule\":\"cbc\",\"pin_pad\"" \
	":\"80\",\"mac_pad\":\"80\",\"headers\":{\"reload_pin\":\"842" \
	"40001\",\"unblock_pin\":\"84240000\",\"block\":\"841e0000\"," \
	"\"block_forever\":\"841e0001\",\"unblock\":\"84180000\",\"bl" \
	"ock_card\":\"84160000\"}}"
#define MASTER(key) "\"master\":{\"region\":\"110100\",\"key\":\"" key \
	"\",\"version\":1,\"cipher\":\"sm4\"}"
#define CARD(n, op, key, more) "{\"v\":1,\"n\":" n ",\"op\":\"" op "\"," \
	MASTER(key) ",\"city\":\"110100\",\"historical\":" \
	"\"53534f53315343110100000007\",\"factor\":\"0102030405060708\"," \
	ARITHMETIC more "}"

static const struct fuzz_seed seeds[] = {
	FUZZ_SEED("{\"v\":1,\"n\":1,\"op\":\"hello\"}"),
	FUZZ_SEED("{\"v\":1,\"n\":2,\"op\":\"kcv\"," MASTER("IRK") "}"),
	FUZZ_SEED(CARD("3", "auth", "IRK",
	    ",\"original\":\"1112131415161718\"")),
	FUZZ_SEED(CARD("4", "order", "STK", ",\"order\":\"unblock_pin\"")),
	FUZZ_SEED(CARD("5", "wrap-pin", "STK", ",\"pin\":\"58291730\"")),
};

static bool
is_done(const char *data, size_t len)
{
	struct ss_bytes out = { 0 };
	char line[SS_WIRE_REQUEST_MAX];
	bool done_well;

	if (service == NULL)
		begin();
	memcpy(line, data, len);
	done_well = ss_service_answer(service, line, len, &out) == 0 &&
	    strstr(out.data, "\"error\"") == NULL;
	ss_bytes_free(&out);
	return done_well;
}

int
main(void)
{
	int i;

	/* What mutations begin with is all answered well. */
	for (i = 0; i < 5; i++)
		ok(is_done(seeds[i].data, seeds[i].len), "seed %d", i);
	return fuzz_run(seeds, sizeof(seeds) / sizeof(*seeds),
	    "requests to a key helper");
}
