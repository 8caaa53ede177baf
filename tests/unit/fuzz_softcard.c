#include "../fuzz/softcard.c"

static const struct fuzz_seed seeds[] = {
	FUZZ_SEED("\0\0\0\xff\5\0\xb2\1\x2c\x12\1\2\xff\xc\0\xdc\5\x2c\6\5\4"
	    " & \1"),
	FUZZ_SEED("\1\0\0\1\2\1\5\xff\x9\0\xd6\x88\0\4\xff\xd8\xff\xe0\xff\5"
	    "\0\xb0\x88\0\4"),
	FUZZ_SEED("\2\0\0\1\4\2\0\2\1\4\0\4\1\6\0\7\0\4\1"),
	FUZZ_SEED("\5\0\0\1\3\2\2\2\4\2\x14\2\4\2\3\2\5\0\0"),
	FUZZ_SEED("\4\xff\x16\0\xa4\4\0\xfsx1.sh.\xc9\xe7\xbb\xe1\xb1\xa3\xd5"
	    "\xcf\0\xff\5\0\xb2\3\x2c\0\xff\7\x10\xd6\x88\0\2\1\2"),
	FUZZ_SEED("\3\xff\7\0\xa4\0\0\2?\0\xff\5\0\xc0\0\0\x17\xff\7\0\xa4\0"
	    "\0\2\xdf\1\xff\5\0\x84\0\0\x10"),
};

int
main(void)
{
	return fuzz_run(seeds, sizeof(seeds) / sizeof(*seeds),
	    "commands to a software card");
}
