#include "../fuzz/key-answer.c"

#define HEAD "{\"v\":1,\"n\":7,\"op\":"

static const struct fuzz_seed seeds[] = {
	FUZZ_SEED("\0" HEAD "\"hello\",\"masters\":[{\"region\":\"110100\","
	    "\"key\":\"IRK\",\"version\":1,\"cipher\":\"sm4\",\"test\":true,"
	    "\"kcv\":\"07ec87\"}]}"),
	FUZZ_SEED("\1" HEAD "\"kcv\",\"kcv\":\"07ec87\"}"),
	FUZZ_SEED("\2" HEAD "\"auth\",\"auth\":\"0102030405060708\"}"),
	FUZZ_SEED("\3" HEAD "\"order\",\"data\":\"01020304\"}"),
	FUZZ_SEED("\4" HEAD "\"wrap-pin\",\"error\":{\"code\":\"policy\","
	    "\"message\":\"no 58291730\"}}"),
};

int
main(void)
{
	return fuzz_run(seeds, sizeof(seeds) / sizeof(*seeds),
	    "answers of a key helper");
}
