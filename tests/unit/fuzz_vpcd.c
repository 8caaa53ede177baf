#include "../fuzz/vpcd.c"

static const struct fuzz_seed seeds[] = {
	FUZZ_SEED("\0\1\4\0\1\1\0\1\4\0\5\0\x84\0\0\x8\0\1\0"),
	FUZZ_SEED("\0\1\2\0\7\0\xa4\0\0\2?\0\0\5\0\xc0\0\0\x17\0\0\0\1\3"),
	FUZZ_SEED("\0\1\1\0\x14\0\xa4\4\0\xfsx1.sh.\xc9\xe7\xbb\xe1\xb1\xa3"
	    "\xd5\xcf\0\5\0\xb2\1\x2c\x12\xff\xff\0\1"),
};

int
main(void)
{
	return fuzz_run(seeds, sizeof(seeds) / sizeof(*seeds),
	    "messages of a virtual reader");
}
