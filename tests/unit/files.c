/* The file store: whole files under their digest, kept once. */
#define _XOPEN_SOURCE 700	/* nftw */
#include <sys/stat.h>

#include <fcntl.h>
#include <ftw.h>
#include <pthread.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/err.h"
#include "base/files.h"
#include "../tap.h"

#define SM3 "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0"
#define PLACE "66/c7/f0f462eeedd9d1f2d46bdc10e4e2" \
	"4167c4875cf2f7a2297da02b8f4ba8e0"

static struct ss_files *files;
static int entries;

static int
count_one(const char *path, const struct stat *st, int type, struct FTW *at)
{
	(void)path;
	(void)st;
	(void)at;
	entries += type == FTW_F;
	return 0;
}

static int
remove_one(const char *path, const struct stat *st, int type, struct FTW *at)
{
	(void)st;
	(void)type;
	(void)at;
	return remove(path);
}

/* How many files there are below the store, whatever their names. */
static int
count(void)
{
	entries = 0;
	nftw("store", count_one, 8, FTW_PHYS);
	return entries;
}

static mode_t
mode_of(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 ? st.st_mode & 07777 : 0;
}

static const char *
content(void)
{
	static struct ss_bytes b;

	ss_bytes_free(&b);
	return ss_files_get(files, SM3, 100, &b) != 0 ? ss_message() :
	    b.len > 0 ? b.data : "";
}

static void
test_put(void)
{
	struct stat first, second;
	struct ss_bytes b = { 0 };

	is(ss_files_dir(files), "store/deep", "the folder's name");
	ok(access("store", F_OK) == -1, "nothing is made before it is needed");
	ok(ss_files_sync(files) == 0, "nor by a sync of nothing");
	ok(ss_files_get(files, SM3, 9, &b) == SS_EMISSING, "a missing file");
	umask(0);
	ok(ss_files_put(files, SM3, "abc", 3) == 0, "put");
	umask(022);
	is(content(), "abc", "got");
	ok(mode_of("store/deep/" PLACE) == 0600, "mode 0600");
	ok(mode_of("store") == 0700 && mode_of("store/deep") == 0700 &&
	    mode_of("store/deep/66/c7") == 0700, "in folders of mode 0700");
	stat("store/deep/" PLACE, &first);
	ok(ss_files_put(files, SM3, "abc", 3) == 0, "put again");
	stat("store/deep/" PLACE, &second);
	ok(first.st_ino == second.st_ino && count() == 1, "is kept once");
	ok(ss_files_sync(files) == 0 && ss_files_sync(files) == 0, "durable");
	ss_bytes_adds(&b, "<");
	ok(ss_files_get(files, SM3, 3, &b) == 0 &&
	    strcmp(b.data, "<abc") == 0, "appended");
	ok(ss_files_get(files, SM3, 2, &b) == SS_EINVALID, "longer than max");
	ss_bytes_free(&b);
}

static void
test_broken(void)
{
	ok(truncate("store/deep/" PLACE, 1) == 0 &&
	    ss_files_put(files, SM3, "abc", 3) == 0, "one cut short");
	is(content(), "abc", "is put again");
	ok(count() == 1, "without leaving anything");
	unlink("store/deep/" PLACE);
	mkdir("store/deep/" PLACE, 0700);
	ok(ss_files_put(files, SM3, "abc", 3) == SS_EIO && count() == 0,
	    "where a folder stands, nothing is left");
	rmdir("store/deep/" PLACE);
	rmdir("store/deep/66/c7");
	rmdir("store/deep/66");
	close(open("store/deep/66", O_CREAT | O_WRONLY, 0600));
	ok(ss_files_put(files, SM3, "abc", 3) == SS_EIO, "below a file");
	ok(strstr(ss_message(), "store/deep/66") != NULL, "names it");
	unlink("store/deep/66");
	ok(ss_files_put(files, SM3, "", 0) == 0, "nothing at all");
	is(content(), "", "is kept too");
	unlink("store/deep/" PLACE);
}

static void *
put_many(void *arg)
{
	char sm3[65];
	int i, *failed = arg;

	for (i = 0; i < 200; i++) {
		snprintf(sm3, sizeof(sm3), "%02x%062x", i % 8, i % 50);
		*failed += ss_files_put(files, sm3, sm3, 64) != 0;
	}
	return NULL;
}

static void
test_threads(void)
{
	pthread_t thread[4];
	int failed[4] = { 0 }, i;

	for (i = 0; i < 4; i++)
		pthread_create(&thread[i], NULL, put_many, &failed[i]);
	for (i = 0; i < 4; i++)
		pthread_join(thread[i], NULL);
	ok(failed[0] + failed[1] + failed[2] + failed[3] == 0,
	    "four threads put the same files");
	ok(count() == 200, "each is there once");
}

int
main(void)
{
	char dir[] = "/tmp/files.XXXXXX";

	if (mkdtemp(dir) == NULL || chdir(dir) == -1)
		exit(1);
	ok(ss_files_open(&files, "store/deep") == 0, "opened");
	test_put();
	test_broken();
	test_threads();
	ss_files_close(files);
	ss_files_close(NULL);
	nftw(dir, remove_one, 8, FTW_DEPTH | FTW_PHYS);
	return done();
}
