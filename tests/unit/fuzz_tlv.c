#include "../fuzz/tlv.c"

static const struct fuzz_seed seeds[] = {
	FUZZ_SEED("\0\x6f\x12\x84\5sx1.s\xa5\x09\x88\1\x1e\x9f\x0c\3\x86\1\3"),
	FUZZ_SEED("\0\0\xff\x84\x81\2ab\0\x85\x82\0\1c\xff"),
	FUZZ_SEED("\0\xa5\x0c\xa5\x0a\xa5\x08\xbf\x0c\5\xa5\3\x84\1x"),
	FUZZ_SEED("\1\1\4abcd\2\1" "1\3\4" "3.00\7\0"),
	FUZZ_SEED("\1\x4e\2\xd5\xc5\x0a\1" "1\xfe\0"),
};

int
main(void)
{
	return fuzz_run(seeds, sizeof(seeds) / sizeof(*seeds), "data objects");
}
