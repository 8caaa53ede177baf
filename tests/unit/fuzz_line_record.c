#include "../fuzz/line-record.c"

static const struct fuzz_seed seeds[] = {
	FUZZ_SEED("\0{\"a\":1}\n{}\n\n not json\n{\"error\":{\"code\":\"x\"}}"),
	FUZZ_SEED("\1{\"a\" : 1.50 , \"b\":[ {\"c\":\"}]\\\"\"} ]}\r\n{ }\n"),
	FUZZ_SEED("\2{\"\\u0061\":true,\"b\":\"社\"}\n\xc9\xe7\n{\"zz\":1}"),
	FUZZ_SEED("\3{\"a\":null,\"b\":-0,\"c\":{}}\n{\"a\":\"\\u793e\\/\"}\n"),
	FUZZ_SEED("\1{\"\":1\0}\n[1\0]\n{\"a\":[-0\0,2]}\n"),
	FUZZ_SEED("\4{\"error\":null,\"x\":1e5}\n[1,2]\n\"s\"\n{\"\":\"\"}\n"),
};

/* The seeds, and one with lines about the limit. */
int
main(void)
{
	struct fuzz_seed all[7];
	static char text[14000];

	memcpy(all, seeds, sizeof(seeds));
	memset(text, 'x', sizeof(text));
	memcpy(text, "\1{\"a\":\"", 7);
	memcpy(text + 4089, "\"}\n{\"b\":\"", 9);
	memcpy(text + 8186, "\"}\n", 3);
	all[6] = (struct fuzz_seed){ text, sizeof(text) };
	return fuzz_run(all, 7, "lines and records");
}
