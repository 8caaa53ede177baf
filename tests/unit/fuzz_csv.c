#include "../fuzz/csv.c"

static const struct fuzz_seed seeds[] = {
	FUZZ_SEED("\0姓名,证件号码,备注\n张三,11010519491231002X,\"a,\"\"b\"\n"
	    "李四,1\n"),
	FUZZ_SEED("\1\xef\xbb\xbfname,id_number,photo,identity_file\r\n"
	    "\"Li\r\nSi\",11010519491231002X,a.jpg,/b.jpg\r\n"),
	FUZZ_SEED("\2\xd0\xd5\xc3\xfb,\xd6\xa4\xbc\xfe\xba\xc5\xc2\xeb\n"
	    "\xd5\xc5\xc8\xfd,11010519491231002X\n\n,\n"),
	FUZZ_SEED("\4name,id_number\na,1\nthis one is longer than its limit "
	    "of sixty-four bytes,12345678\n"),
	FUZZ_SEED("\10name,id_number,note,note,,\na,1,x,y,z,w\n"),
	FUZZ_SEED("\0id,kind,region,name,id_number,through,guardian_name\n"
	    "i,k,110101,n,1,holder,g\n"),
};

int
main(void)
{
	return fuzz_run(seeds, sizeof(seeds) / sizeof(*seeds), "sheets");
}
