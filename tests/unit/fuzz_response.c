#include "../fuzz/response.c"

static const struct fuzz_seed seeds[] = {
	FUZZ_SEED("\0\7\0\xa4\0\0\2\x3f\0\2\x61\3\5abc\x90\0"),
	FUZZ_SEED("\1\5\0\xb2\1\4\0\2\x6c\4\6abcd\x90\0"),
	FUZZ_SEED("\0\5\0\xb0\0\0\0\4ab\x61\2\2\x6c\1\3c\x61\1\3d\x90\0"),
	FUZZ_SEED("\1\x0a\0\x88\0\0\4abcd\4\2\x6c\2\4xy\x63\xc2"),
	FUZZ_SEED("\2\x0b\0\xd6\0\0\0\0\2xy\1\1\2\x69\x82"),
	FUZZ_SEED("\0\4\x84\x16\0\0\2\x6a\x81"),
};

int
main(void)
{
	return fuzz_run(seeds, sizeof(seeds) / sizeof(*seeds), "exchanges");
}
