#include "../fuzz/number.c"

static const struct fuzz_seed seeds[] = {
	FUZZ_SEED("\3" "11010519491231002X"),
	FUZZ_SEED("\3" "11010519491231002x"),
	FUZZ_SEED("\3" "91010519491231002X"),
	FUZZ_SEED("\0H12345678"),
	FUZZ_SEED("\0E12345678"),
	FUZZ_SEED("\0FRA110100123456"),
	FUZZ_SEED("\1张三·Ａ"),
	FUZZ_SEED("\10" "2026年11月3日"),
	FUZZ_SEED("\11" "20261103"),
	FUZZ_SEED("\12长期"),
	FUZZ_SEED("\13+86 138-0000-0000"),
	FUZZ_SEED("\5男"),
	FUZZ_SEED("\7CHN"),
	FUZZ_SEED("\22citizen"),
	FUZZ_SEED("\0{\"person\":{\"name\":\"张三\",\"id_number\":"
	    "\"11010519491231002X\",\"birth_date\":\"1949.12.31\","
	    "\"guardian\":{\"name\":\"李四\",\"id_number\":"
	    "\"11010519491231002X\",\"phone\":\"13800000000\"}},"
	    "\"region\":\"2201\",\"applied\":{\"through\":\"本人\"}}"),
	FUZZ_SEED("\0{\"person\":{\"姓名姓名姓名姓名姓名姓名姓名\":1}}"),
};

int
main(void)
{
	return fuzz_run(seeds, sizeof(seeds) / sizeof(*seeds), "forms");
}
