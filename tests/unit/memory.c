/*
 * Memory that runs out: each allocation of a small batch fails in its turn,
 * alone or with all that follow. Whatever goes out must be whole records, and
 * a run that says it went well must have given what it gives with memory.
 */
#define _GNU_SOURCE	/* memfd_create */
#include <sys/mman.h>

#include <errno.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/csv.h"
#include "base/stream.h"
#include "chip/profile.h"
#include "rules/form.h"
#include "rules/policy.h"
#include "rules/sheet.h"
#include "../tap.h"

/* The allocation that fails, counted down; below 0 none does. */
static atomic_long countdown = -1;
static bool ever_after;		/* those that follow fail too */

/* Where the program's own code stands: the linker says. */
extern const char __executable_start[], etext[];

/*
 * Only our own allocations fail. With those beneath, jansson 2.14 writes past
 * the end of a buffer (akheron/jansson issue 362) and the regcomp of glibc
 * 2.36 frees twice: nothing that could be mended here.
 */
__attribute__((unused)) static bool
fails(const void *caller)
{
	long n = countdown;

	if (n < 0 || (const char *)caller < __executable_start ||
	    (const char *)caller >= etext)
		return false;
	if (n > 0)
		n = atomic_fetch_sub(&countdown, 1);
	if (n == 1 || (n == 0 && ever_after)) {
		errno = ENOMEM;
		return true;
	}
	return false;
}

/* A sanitizer has an allocator of its own; so has valgrind. There nothing
 * fails, and only leaks and the like are looked for. */
#if !defined(__SANITIZE_ADDRESS__) && !defined(__clang__)
#define CALLER __builtin_return_address(0)

void *__libc_malloc(size_t);
void *__libc_calloc(size_t, size_t);
void *__libc_realloc(void *, size_t);
void *__libc_memalign(size_t, size_t);

void *
malloc(size_t size)
{
	return fails(CALLER) ? NULL : __libc_malloc(size);
}

void *
calloc(size_t n, size_t size)
{
	return fails(CALLER) ? NULL : __libc_calloc(n, size);
}

void *
realloc(void *p, size_t size)
{
	return fails(CALLER) ? NULL : __libc_realloc(p, size);
}

void *
aligned_alloc(size_t align, size_t size)
{
	return fails(CALLER) ? NULL : __libc_memalign(align, size);
}
#endif

static const char *data_dir;
static struct ss_words *words;
static unsigned jobs;
static int out_fd;

/* What a command does with a record, in short. */
static int
one(struct ss_record *rec, unsigned worker, void *ctx)
{
	struct ss_form form = { .text = { 0 } };
	int r;

	(void)worker;
	(void)ctx;
	if ((r = ss_form_read(&form, rec, words)) == 0 &&
	    (r = ss_form_complete(&form, 20000)) == 0 &&
	    (r = ss_form_check_other(&form, SS_F_GUARDIAN_ID_TYPE,
	    SS_F_GUARDIAN_ID_NUMBER, 20000)) == 0) {
		ss_form_write(&form, "person", ss_record_set(rec, "person"));
		ss_bytes_adds(ss_record_set(rec, "done"), "true");
		ss_record_remove(rec, "old");
	}
	ss_form_free(&form);
	return r;
}

static int
run(const struct ss_source *source)
{
	const struct ss_work work = { .one = one };
	struct ss_stream s = { .tool = "t", .limit = SS_LINE_LIMIT_MIN,
		.jobs = jobs, .out_fd = out_fd, .rejects_fd = -1 };

	return ss_stream_run(&s, source, &work);
}

static int
run_lines(const char *const *path)
{
	struct ss_source source;
	struct ss_lines lines;
	struct ss_input in;
	int r;

	ss_input_init(&in, path, 1, NULL);
	if ((r = ss_lines_init(&lines, &in, SS_LINE_LIMIT_MIN)) == 0) {
		source = ss_lines_source(&lines);
		r = run(&source);
		ss_lines_wipe(&lines);
	}
	ss_input_wipe(&in);
	return r;
}

static int
run_sheet(const char *const *path)
{
	struct ss_source source;
	struct ss_sheet *sheet = NULL;
	struct ss_csv *csv = NULL;
	struct ss_input in;
	int r;

	ss_input_init(&in, path, 1, NULL);
	if ((r = ss_csv_open(&csv, &in, NULL, SS_LINE_LIMIT_MIN)) == 0 &&
	    (r = ss_sheet_open(&sheet, data_dir, csv)) == 0) {
		source = ss_sheet_source(sheet, &in);
		r = run(&source);
	}
	ss_sheet_close(sheet);
	ss_csv_close(csv);
	ss_input_wipe(&in);
	return r;
}

static int
open_rules(const char *const *path)
{
	const struct ss_policy *policy;
	struct ss_policies *policies;
	struct ss_words *w;
	int r;

	(void)path;
	if ((r = ss_words_open(&w, data_dir)) != 0)
		return r;
	if ((r = ss_policies_open(&policies, data_dir, w)) == 0) {
		r = ss_policies_get(policies, "110101", &policy);
		ss_policies_close(policies);
	}
	ss_words_close(w);
	return r;
}

static int
open_profiles(const char *const *path)
{
	const struct ss_profile *profile;
	struct ss_profiles *profiles;
	int r;

	(void)path;
	if ((r = ss_profiles_open(&profiles, data_dir)) == 0) {
		r = ss_profiles_find(profiles, "gen3", &profile);
		ss_profiles_close(profiles);
	}
	return r;
}

/* What a run wrote. */
static void
collect(struct ss_bytes *out)
{
	char path[32];

	snprintf(path, sizeof(path), "/proc/self/fd/%d", out_fd);
	ss_bytes_reset(out);
	if (ss_bytes_read_file(out, path, "out", 1 << 20) != 0 ||
	    ftruncate(out_fd, 0) == -1 || lseek(out_fd, 0, SEEK_SET) == -1)
		exit(1);
	ss_bytes_addc(out, '\0');
}

/*
 * What is wrong with a line that is not the one it should be, the nth: it has
 * to carry the error, or not to claim that it was done.
 */
static const char *
line_fault(const char *line, size_t len, int64_t nth)
{
	const struct ss_value *number;
	struct ss_value *v;
	const char *fault = NULL, *code;
	int64_t n = nth;

	if (ss_json_parse(line, len, &v) != 0)
		return "torn";
	if ((number = ss_value_get(v, "n")) == NULL)
		number = ss_value_get(v, "line.number");
	ss_value_int(number, &n);
	code = ss_value_string(ss_value_get(v, "error.code"));
	if (n != nth)
		fault = "out of its place";
	else if (code == NULL && ss_value_get(v, "done") != NULL)
		fault = "not as it is with memory, but done";
	else if (code != NULL && ss_value_count(v) < 2)
		fault = "without its members";
	else if (code != NULL && strcmp(code, "memory") != 0 &&
	    strcmp(code, "crypto") != 0)
		fault = "with an error that blames the record";
	if (fault != NULL)
		printf("# %.*s\n", (int)len, line);
	ss_json_free(v);
	return fault;
}

/*
 * Compares line by line what there is with what there should be. A line may
 * also be as it came in, when there was no memory to say anything about it.
 */
static const char *
fault_of(const char *got, const char *want, const char *text)
{
	const char *fault = NULL;
	size_t n, m, t;
	int64_t nth;

	for (nth = 1; fault == NULL && *got != '\0'; nth++) {
		n = strcspn(got, "\n");
		m = strcspn(want, "\n");
		t = strcspn(text, "\n");
		if (got[n] == '\0' || want[m] == '\0')
			return "a line too many, or without an end";
		if ((n != m || memcmp(got, want, n) != 0) &&
		    (n != t || memcmp(got, text, n) != 0))
			fault = line_fault(got, n, nth);
		got += n + 1;
		want += m + 1;
		text += t + (text[t] == '\n');
	}
	return fault;
}

static int
armed(int (*scenario)(const char *const *), const char *const *path, long n)
{
	int r;

	countdown = n > 0 ? n : -1;
	r = scenario(path);
	countdown = n > 0 && countdown > 0 ? -2 : -1;
	return r;
}

static void
try_all(const char *name, int (*scenario)(const char *const *),
    const char *text)
{
	struct ss_bytes want = { 0 }, got = { 0 };
	int fd = memfd_create("in", 0), r, bad = 0;
	const char *fault, *rows = text;
	char path[32];
	const char *const paths[] = { path };
	long n;

	if (write(fd, text, strlen(text)) != (ssize_t)strlen(text))
		exit(1);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	r = armed(scenario, paths, 0);
	collect(&want);
	ok(r == 0, "%s, with memory", name);
	if (scenario == run_sheet)
		rows = strchr(text, '\n') + 1;
	for (n = 1; n < 100000; n++) {
		r = armed(scenario, paths, n);
		if (countdown == -2)
			break;	/* there are fewer than n */
		collect(&got);
		fault = fault_of(got.data, want.data, rows);
		if (fault == NULL && r == 0 &&
		    strcmp(got.data, want.data) != 0)
			fault = "not all there";
		if (fault == NULL && (r == 0 || r == SS_EMEMORY ||
		    r == SS_ECRYPTO))
			continue;
		if (bad++ < 5)
			printf("# allocation %ld: code %d (%s): %s\n", n, r,
			    r != 0 ? ss_message() : "", fault != NULL ? fault :
			    "the wrong code");
	}
	collect(&got);
	ok(bad == 0, "%s, %s%ld allocations, by %u", name, ever_after ?
	    "out of memory from each of " : "each failing of ", n - 1, jobs);
	ss_bytes_free(&want);
	ss_bytes_free(&got);
	close(fd);
}

#define PERSON "\"person\":{\"name\":\"张三\",\"id_number\":" \
	"\"11010519491231002X\",\"guardian\":{\"name\":\"李四\"," \
	"\"id_number\":\"11010519491231002x\"}}"

static const char batch[] =
    "{\"n\":1," PERSON ",\"old\":1}\n"
    "{\"n\":2," PERSON ",\"\\u006fld\":1,\"a\":1,\"b\":2,\"c\":3,\"d\":4,"
    "\"e\":5,\"f\":6,\"g\":7,\"h\":8,\"i\":9,\"j\":10,\"k\":11,\"l\":12,"
    "\"m\":13,\"o\":14,\"p\":15,\"q\":16,\"r\":17,\"s\":18}\n"
    "{\"n\":3,\"person\":{\"name\":\"x\"}}\n"
    "not a record\n"
    "\xc9\xe7\n"
    "{\"n\":6,\"error\":{\"code\":\"memory\"}}\n"
    "{\"n\":7,\"person\":{\"sex\":\"none\",\"id_number\":\"1\"}}\n"
    "{\"n\":8," PERSON "}";

static const char sheet[] =
    "姓名,证件号码,n,身份证件,监护人姓名,照片\n"
    "张三,11010519491231002X,a,id.jpg,李四,photo.jpg\n"
    "\"王,五\",11010519491231002x,b,,,\n"
    "one field\n";

static const char sheet_gb[] =
    "\xd0\xd5\xc3\xfb,\xd6\xa4\xbc\xfe\xba\xc5\xc2\xeb\n"
    "\xd5\xc5\xc8\xfd,11010519491231002X\n";

int
main(void)
{
	data_dir = getenv("SSCARD_DATA");
	if (data_dir == NULL)
		data_dir = "lib/data";
	out_fd = memfd_create("out", 0);
	if (ss_words_open(&words, data_dir) != 0) {
		printf("Bail out! %s\n", ss_message());
		return 1;
	}
	for (jobs = 1; jobs <= 2; jobs++)
		for (int i = 0; i < 2; i++) {
			ever_after = i == 1;
			try_all("records", run_lines, batch);
			try_all("a sheet", run_sheet, sheet);
			try_all("a sheet of GB18030", run_sheet, sheet_gb);
		}
	jobs = 1;
	try_all("the rules", open_rules, "");
	try_all("card profiles", open_profiles, "");
	ever_after = false;
	try_all("the rules", open_rules, "");
	try_all("card profiles", open_profiles, "");
	ss_words_close(words);
	return done();
}
