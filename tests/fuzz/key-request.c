/* What a client says to ss-key serve: lines, answered over a store of test
 * keys by rules. */
#define _GNU_SOURCE	/* memfd_create */
#include "../fuzz-main.h"
#include "base/err.h"
#include "trust/service.h"

static struct ss_keystore *keys;
static struct ss_service *service;

static void
end(void)
{
	ss_service_close(service);
	ss_keystore_close(keys);
}

static int
say(char out[SS_PASSPHRASE_MAX], void *ctx)
{
	(void)ctx;
	strcpy(out, "none");
	return 0;
}

static void
begin(void)
{
	static const char rules[] = "{\"rules\":[{\"operations\":[\"auth\","
	    "\"order\",\"wrap-pin\"],\"keys\":[\"IRK\",\"STK\"]}]}";
	char path[] = "/tmp/sscard-fuzz.XXXXXX", uri[64], text[32];
	struct ss_passphrase ask = { say, NULL };
	bool made;
	int fd;

	FUZZ_CHECK(mkdtemp(path) != NULL);
	snprintf(uri, sizeof(uri), "file:%s/keys", path);
	FUZZ_CHECK(ss_keystore_edit(&keys, uri, &ask, &made) == 0 &&
	    ss_keystore_put_test(keys, "110100", 1) == 0);
	fd = fuzz_file(rules, sizeof(rules) - 1, text);
	FUZZ_CHECK(ss_service_open(&service, &(struct ss_service_setup){
	    .keys = keys, .allow = text }) == 0);
	close(fd);
	snprintf(uri, sizeof(uri), "%s/keys.lock", path);
	unlink(uri);
	rmdir(path);
	atexit(end);
}

/* One line, JSON, of a version, without a key and without the PIN. */
static void
check(const char *answer, size_t len)
{
	struct ss_value *v;
	int64_t n;

	FUZZ_CHECK(len > 1 && memchr(answer, '\n', len) == answer + len - 1);
	FUZZ_CHECK(ss_json_parse(answer, len - 1, &v) == 0);
	FUZZ_CHECK(ss_value_int(ss_value_member(v, "v"), &n) && n == 1);
	FUZZ_CHECK(ss_value_count(v) == 4);
	ss_json_free(v);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct ss_bytes out = { 0 };
	char *line;

	if (service == NULL)
		begin();
	FUZZ_CHECK((line = malloc(size + !size)) != NULL);
	memcpy(line, data, size);
	FUZZ_CHECK(memchr(line, '\n', size) != NULL ||
	    ss_service_answer(service, line, size, &out) == 0);
	if (out.len > 0)
		check(out.data, out.len);
	ss_bytes_free(&out);
	free(line);
	return 0;
}
