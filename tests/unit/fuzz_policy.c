#include "../fuzz/policy.c"

static const struct fuzz_seed seeds[] = {
	FUZZ_SEED("{\"name\":{\"zh\":\"省\",\"en\":\"P\"},"
	    "\"apply\":{\"through\":[\"holder\",\"proxy\"],"
	    "\"guardian_below\":16,\"documents\":{\"household\":\"minor\"}}}"),
	FUZZ_SEED("{\"apply\":{\"social_number\":{\"passport\":\"^[0-9]{8}$\""
	    ",\"tw-permit\":null}}}"),
	FUZZ_SEED("{\"photo\":{\"width\":358,\"max_age\":\"6 months\","
	    "\"face\":{\"width_min\":200},\"progressive\":false}}"),
	FUZZ_SEED("{\"pin\":{\"before\":\"use\",\"initial\":\"123456\"},"
	    "\"fee\":{\"first\":0},\"card\":{\"validity\":null,"
	    "\"name_encoding\":\"GB18030\"}}"),
	FUZZ_SEED("{\"photo.width\":300,\"photo\":{\"face.width_min\":1}}"),
	FUZZ_SEED("{\"guide\":{\"use\":[{\"zh\":\"用\",\"en\":\"use\"}]}}"),
};

int
main(void)
{
	return fuzz_run(seeds, sizeof(seeds) / sizeof(*seeds), "policies");
}
