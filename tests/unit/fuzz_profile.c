#include "../fuzz/profile.c"

static const struct fuzz_seed seeds[] = {
	FUZZ_SEED("{\"like\":\"gen2\",\"generation\":3,\"match\":{"
	    "\"cipher_code\":3,\"versions\":[\"3.00\"],\"maker\":\"4142\"},"
	    "\"arithmetic\":{\"cipher\":\"sm4\",\"mac_cut\":\"fold\"}}"),
	FUZZ_SEED("{\"files\":{\"EF06\":{\"items\":{\"name-rest\":null,"
	    "\"sex\":{\"record\":3},\"ethnic\":{\"record\":4},\"birthplace\":"
	    "{\"record\":5},\"birth-date\":{\"record\":6}}},\"EF07\":null}}"),
	FUZZ_SEED("{\"files\":{\"EF06\":{\"items\":{\"x\":{\"record\":8,"
	    "\"tag\":\"31\",\"format\":\"an\",\"len\":9,\"read\":\"free\","
	    "\"write\":\"never\",\"source\":null}}}}}"),
	FUZZ_SEED("{\"files\":{\"EF09\":{\"fid\":\"EF09\",\"sfi\":9,"
	    "\"kind\":\"binary\",\"size\":32768,\"read\":\"BK\","
	    "\"write\":\"never\"}}}"),
	FUZZ_SEED("{\"pin\":{\"verify\":\"00200000\",\"min\":6,\"initial\":"
	    "\"000000\"},\"blank\":{\"fill\":[\"ff\"]},\"select\":{"
	    "\"name\":\"A000000003\",\"fid\":\"3f00\"},\"keys\":{\"IRK\":"
	    "{\"kid\":\"01\"}},\"orders\":{\"block\":{\"auth\":\"none\"},"
	    "\"blocked_sw\":\"6283\"}}"),
};

int
main(void)
{
	return fuzz_run(seeds, sizeof(seeds) / sizeof(*seeds), "profiles");
}
