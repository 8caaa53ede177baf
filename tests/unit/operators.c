/*
 * The trust file: what is a line of it and what is none, who is valid where
 * and when, changing it, many keys, threads, memory that runs out.
 */
#define _GNU_SOURCE	/* mkdtemp beside the allocator's */
#include <sys/stat.h>

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/err.h"
#include "base/files.h"
#include "base/text.h"
#include "books/life.h"
#include "trust/operators.h"
#include "trust/signer.h"
#include "../sign-keys.h"
#include "../tap.h"

#define LEN(array) (sizeof(array) / sizeof((array)[0]))
#define NOW INT64_C(1790000000000)	/* 2026-09-21 */
#define MANY 10000

static atomic_long countdown = -1;
extern const char __executable_start[], etext[];

/* Only the program's own allocations fail, as in tests/unit/memory.c. */
__attribute__((unused)) static bool
fails(const void *caller)
{
	if (countdown < 0 || (const char *)caller < __executable_start ||
	    (const char *)caller >= etext || countdown == 0)
		return false;
	if (atomic_fetch_sub(&countdown, 1) != 1)
		return false;
	errno = ENOMEM;
	return true;
}

#if !defined(__SANITIZE_ADDRESS__) && !defined(__clang__)
#define CALLER __builtin_return_address(0)

void *__libc_malloc(size_t);
void *__libc_calloc(size_t, size_t);
void *__libc_realloc(void *, size_t);

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
#endif

static char path[64], folder[32];
static struct ss_trusted wang;

/* A line of a key that is made up: the point need not be on the curve. */
static void
make_up(struct ss_trusted *t, const char *name, unsigned number)
{
	struct ss_sm3 *sm3;

	*t = wang;
	snprintf(t->name, sizeof(t->name), "%s", name);
	memcpy(t->spki + 30, &number, sizeof(number));
	ss_sm3_new(&sm3);
	ss_sm3_hex(sm3, t->spki, t->spki_len, t->key);
	ss_sm3_free(sm3);
}

/* A real key with what most lines have. */
static void
make(struct ss_trusted *t, const char *name, enum ss_algorithm algorithm)
{
	struct ss_private *private;
	struct ss_public *public;
	struct ss_sm3 *sm3;

	memset(t, 0, sizeof(*t));
	snprintf(t->name, sizeof(t->name), "%s", name);
	t->algorithm = algorithm;
	ss_private_new(&private, algorithm);
	ss_private_public(private, &public);
	ss_public_write(public, t->spki, &t->spki_len);
	ss_public_free(public);
	ss_private_free(private);
	ss_sm3_new(&sm3);
	ss_sm3_hex(sm3, t->spki, t->spki_len, t->key);
	ss_sm3_free(sm3);
	strcpy(t->roles[0], "clerk");
	strcpy(t->roles[1], "counter");
	t->role_count = 2;
	strcpy(t->regions[0], "220100");
	t->region_count = 1;
	t->from = NOW;
	t->until = NOW + 1000000;
}

static void
put_text(const char *text, size_t len)
{
	ss_file_replace(path, text, len, 0644);
}

/* A line with one part another: what SS_EINVALID then names. */
static void
test_lines(void)
{
	static const struct {
		const char *from, *to, *named;
	} changes[] = {
		{ "{", "[", "line 2" },
		{ "}", "} ", NULL },
		{ "}", "", "line 2" },
		{ "}", ",\"x\":1}", "\"x\"" },
		{ "}", ",\"key\":\"\"}", "line 2" },
		{ "\"wang\"", "\"\"", "\"operator\"" },
		{ "\"wang\"", "1", "\"operator\"" },
		{ "\"wang\"", "null", "\"operator\"" },
		{ "\"wang\"", "\"file:wang\"", "\"operator\"" },
		{ "\"wang\"", "\"pkcs11:wang\"", "\"operator\"" },
		{ "\"wang\"", "\"a\\nb\"", "\"operator\"" },
		{ "\"wang\"", "\"a\\u0085b\"", "\"operator\"" },
		{ "\"wang\"", "\"a\\u0000b\"", "line 2" },
		{ "\"wang\"", "\"王\"", NULL },
		{ "\"operator\"", "\"Operator\"", "\"Operator\"" },
		{ "\"sm2\"", "\"p256\"", "\"algorithm\"" },
		{ "\"sm2\"", "\"rsa\"", "\"algorithm\"" },
		{ "\"sm2\"", "\"SM2\"", "\"algorithm\"" },
		{ "\"sm2\"", "[]", "\"algorithm\"" },
		{ "\"public\":\"M", "\"public\":\"N", "\"public\"" },
		{ "\"public\":\"M", "\"public\":\"-", "\"public\"" },
		{ "\"public\":\"M", "\"public\":\" M", "\"public\"" },
		{ "\"public\":\"", "\"public\":\"AAAA", "\"public\"" },
		{ "\"public\"", "\"publik\"", "\"publik\"" },
		{ "[\"clerk\",", "[\"Clerk\",", "\"roles\"" },
		{ "[\"clerk\",", "[\"admin\",", "\"roles\"" },
		{ "[\"clerk\",", "[\"counter\",", "\"roles\"" },
		{ "[\"clerk\",", "[1,", "\"roles\"" },
		{ "[\"clerk\",\"counter\"]", "\"clerk\"", "\"roles\"" },
		{ "[\"clerk\",\"counter\"]", "[]", NULL },
		{ "[\"clerk\",\"counter\"]", "[\"clerk\",\"reviewer\","
		    "\"maker\",\"counter\",\"manager\"]", NULL },
		{ "[\"clerk\",", "[\"\",\"\",\"\",\"\",\"\",\"\",\"\",\"\",",
		    "\"roles\"" },
		{ "[\"clerk\",", "[\"clerkclerkclerkclerk\",", "\"roles\"" },
		{ "\"220100\"", "\"22010\"", "\"regions\"" },
		{ "\"220100\"", "\"2201000\"", "\"regions\"" },
		{ "\"220100\"", "\"22010x\"", "\"regions\"" },
		{ "\"220100\"", "\"220001\"", "\"regions\"" },
		{ "\"220100\"", "\"000100\"", "\"regions\"" },
		{ "\"220100\"", "\"220100\",\"220100\"", "\"regions\"" },
		{ "\"220100\"", "220100", "\"regions\"" },
		{ "\"220100\"", "\"000000\"", NULL },
		{ "\"220100\"", "\"220102\"", NULL },
		{ "\"220100\"", "", NULL },
		{ "\"from\":\"2026", "\"from\":\"2026-", "\"from\"" },
		{ "\"from\":\"2026", "\"from\":\"2126", "\"until\"" },
		{ "\"from\":\"2026", "\"from\":\"1926", "\"from\"" },
		{ "\"from\"", "\"form\"", "\"form\"" },
		{ "\"until\"", "\"from\"", "line 2" },
		{ "\"until\":\"", "\"until\":\"x", "\"until\"" },
		{ "\"until\":", "\"revoked\":", NULL },
		{ "\"until\":\"", "\"revoked\":\"x", "\"revoked\"" },
	};
	struct ss_bytes line = { 0 }, text = { 0 };
	struct ss_operators *o;
	const char *at;
	char what[128];
	size_t i;
	int r;

	ss_trusted_write(&wang, &line);
	for (i = 0; i < LEN(changes); i++) {
		struct ss_trusted li;

		make_up(&li, "li", 7);
		ss_bytes_reset(&text);
		ss_trusted_write(&li, &text);
		ss_bytes_addc(&text, '\n');
		at = strstr(line.data, changes[i].from);
		if (changes[i].from[0] == '}')
			at = line.data + line.len - 1;
		ss_bytes_add(&text, line.data, (size_t)(at - line.data));
		ss_bytes_adds(&text, changes[i].to);
		ss_bytes_adds(&text, at + strlen(changes[i].from));
		ss_bytes_addc(&text, '\n');
		put_text(text.data, text.len);
		r = ss_operators_open(&o, path);
		snprintf(what, sizeof(what), "%s for %s", changes[i].to,
		    changes[i].from);
		ok(changes[i].named == NULL ? r == 0 &&
		    ss_operators_count(o) == 2 : r == SS_EINVALID &&
		    o == NULL && strstr(ss_message(), path) != NULL &&
		    strstr(ss_message(), "line 2") != NULL &&
		    strstr(ss_message(), changes[i].named) != NULL,
		    "%s: %s", what, r == 0 ? "read" : ss_message() +
		    strlen(path));
		ss_operators_close(o);
	}
	ss_bytes_reset(&text);
	ss_bytes_addf(&text, "%s\n%s\n", line.data, line.data);
	put_text(text.data, text.len);
	ok(ss_operators_open(&o, path) == SS_EINVALID &&
	    strstr(ss_message(), "line 2: \"key\": the same as in line 1") !=
	    NULL, "a key that stands twice");
	ss_bytes_reset(&text);
	ss_bytes_addf(&text, "%s\n\n", line.data);
	put_text(text.data, text.len);
	ok(ss_operators_open(&o, path) == SS_EINVALID, "an empty line");
	put_text(line.data, line.len);
	ok(ss_operators_open(&o, path) == 0 && ss_operators_count(o) == 1,
	    "no newline at the end");
	ss_operators_close(o);
	put_text("", 0);
	ok(ss_operators_open(&o, path) == 0 && ss_operators_count(o) == 0 &&
	    ss_operators_find(o, wang.key) == NULL &&
	    ss_operators_at(o, 0) == NULL, "an empty file");
	ss_operators_close(o);
	ss_bytes_free(&line);
	ss_bytes_free(&text);
}

static void
test_whole(void)
{
	struct ss_bytes one = { 0 }, two = { 0 };
	struct ss_value *value;
	struct ss_trusted t;
	size_t i;

	wang.revoked = NOW + 5000;
	ss_trusted_write(&wang, &one);
	wang.revoked = 0;
	ss_json_parse(one.data, one.len, &value);
	ok(ss_trusted_read(&t, value) == 0 && ss_trusted_write(&t, &two) == 0 &&
	    strcmp(one.data, two.data) == 0, "what is written is read");
	ok(t.revoked == NOW + 5000 && t.from == NOW && t.role_count == 2,
	    "all of it");
	ss_json_free(value);
	ss_bytes_free(&one);
	ss_bytes_free(&two);
	for (i = 0; i < SS_STEPS; i++)
		if (ss_life[i].role != NULL) {
			t = wang;
			t.role_count = 1;
			strcpy(t.roles[0], ss_life[i].role);
			ok(ss_trusted_check(&t) == 0, "%s may %s",
			    ss_life[i].role, ss_life[i].word);
		}
	for (i = 0; ss_role_at(i) != NULL; i++) {
		size_t j, n = 0;

		for (j = 0; j < SS_STEPS; j++)
			n += ss_life[j].role != NULL &&
			    strcmp(ss_life[j].role, ss_role_at(i)) == 0;
		ok(n > 0, "the role %s has steps", ss_role_at(i));
	}
}

static void
test_rights(void)
{
	static const struct {
		const char *own, *region;
		bool has;
	} regions[] = {
		{ "000000", "220102", true }, { "000000", "110000", true },
		{ "220000", "220102", true }, { "220000", "220000", true },
		{ "220000", "230102", false }, { "220000", "000000", false },
		{ "220100", "220102", true }, { "220100", "220100", true },
		{ "220100", "220200", false }, { "220100", "220000", false },
		{ "220102", "220102", true }, { "220102", "220103", false },
		{ "220102", "220100", false }, { "220100", "2201", false },
		{ "220100", "22010x", false }, { "000000", "", false },
	};
	struct ss_trusted t = wang;
	size_t i;

	for (i = 0; i < LEN(regions); i++) {
		strcpy(t.regions[0], regions[i].own);
		ok(ss_trusted_has_region(&t, regions[i].region) ==
		    regions[i].has, "%s has %s: %d", regions[i].own,
		    regions[i].region, regions[i].has);
	}
	strcpy(t.regions[0], "110000");
	strcpy(t.regions[1], "220000");
	t.region_count = 2;
	ok(ss_trusted_has_region(&t, "220102"), "one of two regions");
	t.region_count = 0;
	ok(!ss_trusted_has_region(&t, "220102"), "none has none");
	ok(ss_trusted_has_role(&t, "counter") &&
	    !ss_trusted_has_role(&t, "maker") &&
	    !ss_trusted_has_role(&t, ""), "roles");

	ok(ss_trusted_valid(&t, NOW - 1) == SS_EAUTH &&
	    strstr(ss_message(), "before") != NULL, "not yet");
	ok(ss_trusted_valid(&t, NOW) == 0, "from");
	ok(ss_trusted_valid(&t, t.until - 1) == 0, "until");
	ok(ss_trusted_valid(&t, t.until) == SS_EAUTH &&
	    strstr(ss_message(), "no longer") != NULL, "no longer");
	t.until = 0;
	ok(ss_trusted_valid(&t, NOW * 2) == 0, "without an end");
	t.revoked = NOW + 10;
	ok(ss_trusted_valid(&t, NOW + 9) == 0, "before it was revoked");
	ok(ss_trusted_valid(&t, NOW + 10) == SS_EAUTH &&
	    strstr(ss_message(), "revoked") != NULL, "since then");
}

static void
test_edit(void)
{
	struct ss_operators *o, *seen = NULL;
	struct ss_trusted li, t;
	struct stat st;
	char link[64];

	unlink(path);
	ok(ss_operators_open(&o, path) == SS_EMISSING && o == NULL &&
	    strstr(ss_message(), "--trust") != NULL, "none is there");
	ok(ss_operators_edit(&o, path) == 0, "one is made");
	ok(ss_operators_put(o, &wang) == 0 && access(path, F_OK) == -1,
	    "nothing before it is saved");
	umask(077);
	ok(ss_operators_save(o) == 0 && stat(path, &st) == 0 &&
	    (st.st_mode & 07777) == 0644, "for all to read");
	umask(022);
	make(&li, "li", SS_P256);
	ok(ss_operators_put(o, &li) == 0 && ss_operators_count(o) == 2,
	    "a second one");
	li.revoked = NOW;
	ok(ss_operators_put(o, &li) == 0 && ss_operators_count(o) == 2 &&
	    ss_operators_find(o, li.key)->revoked == NOW, "in its place");
	t = wang;
	t.key[0] = t.key[0] == '0' ? '1' : '0';
	ok(ss_operators_put(o, &t) == SS_EINVALID, "no key of another name");
	make_up(&t, "zhao", 3);
	ok(ss_operators_put(o, &t) == SS_EINVALID &&
	    ss_operators_count(o) == 2, "nor one that is no point");
	ok(ss_operators_save(o) == 0 && ss_operators_open(&seen, path) == 0 &&
	    ss_operators_count(seen) == 2 &&
	    ss_operators_find(seen, li.key)->revoked == NOW, "saved");
	ok(strcmp(ss_operators_path(seen), path) == 0, "its path");
	ok(ss_operators_put(seen, &li) == SS_EINVALID &&
	    ss_operators_save(seen) == SS_EINVALID, "not for changing");
	ss_operators_close(seen);
	ss_operators_close(o);

	snprintf(link, sizeof(link), "%s/link", folder);
	ok(symlink("trust", link) == 0 && ss_operators_edit(&o, link) == 0 &&
	    ss_operators_save(o) == 0 && lstat(link, &st) == 0 &&
	    S_ISLNK(st.st_mode), "a link stays one");
	ss_operators_close(o);
	chmod(path, 0664);
	ok(ss_operators_open(&o, path) == SS_EAUTH &&
	    strstr(ss_message(), "chmod 644") != NULL, "others may write");
	chmod(path, 0646);
	ok(ss_operators_edit(&o, path) == SS_EAUTH, "nor is it changed");
	chmod(path, 0644);
}

static struct ss_operators *shared;
static atomic_int wrong;

static void *
look(void *ctx)
{
	const struct ss_public *one, *two;
	int i;

	(void)ctx;
	for (i = 0; i < 200; i++) {
		const struct ss_trusted *t = ss_operators_find(shared,
		    wang.key);

		if (t == NULL || ss_operators_public(shared, t, &one) != 0 ||
		    ss_operators_public(shared, t, &two) != 0 || one != two)
			wrong++;
	}
	return NULL;
}

static void
test_threads(void)
{
	pthread_t thread[4];
	size_t i;

	if (!ok(ss_operators_open(&shared, path) == 0, "it is read"))
		return;
	for (i = 0; i < LEN(thread); i++)
		pthread_create(&thread[i], NULL, look, NULL);
	for (i = 0; i < LEN(thread); i++)
		pthread_join(thread[i], NULL);
	ok(wrong == 0, "a key is parsed once for all threads");
	ss_operators_close(shared);
}

static void
test_many(void)
{
	struct ss_bytes text = { 0 };
	const struct ss_public *public;
	const struct ss_trusted *found;
	struct ss_trusted t;
	struct ss_operators *o;
	int64_t before;
	unsigned i, bad = 0;

	for (i = 0; i < MANY; i++) {
		make_up(&t, "many", i);
		ss_trusted_write(&t, &text);
		ss_bytes_addc(&text, '\n');
	}
	put_text(text.data, text.len);
	before = ss_monotonic();
	ok(ss_operators_open(&o, path) == 0 && ss_operators_count(o) == MANY,
	    "%d keys", MANY);
	printf("# read in %d ms\n", (int)(ss_monotonic() - before));
	for (i = 0; i < MANY; i++) {
		found = ss_operators_find(o, ss_operators_at(o, i)->key);
		bad += found != ss_operators_at(o, i);
	}
	ok(bad == 0, "each is found");
	ok(ss_operators_find(o, "") == NULL && ss_operators_find(o, wang.key) ==
	    NULL, "no other one is");
	ok(ss_operators_public(o, ss_operators_at(o, 5), &public) ==
	    SS_EINVALID && public == NULL && strstr(ss_message(), path) != NULL,
	    "one that is no point is seen when it is used");
	ss_operators_close(o);
	ss_bytes_free(&text);
}

/* Each allocation of opening and changing fails in its turn. */
static void
test_memory(void)
{
	struct ss_operators *o = NULL;
	struct ss_trusted li;
	long n, seen = 0;
	int r, bad = 0;

	make(&li, "li", SS_SM2);
	for (n = 1; n < 500; n++) {
		unlink(path);
		countdown = n;
		if ((r = ss_operators_edit(&o, path)) == 0 &&
		    (r = ss_operators_put(o, &wang)) == 0 &&
		    (r = ss_operators_put(o, &li)) == 0 &&
		    (r = ss_operators_save(o)) == 0) {
			ss_operators_close(o);
			r = ss_operators_open(&o, path);
		}
		seen += r != 0;
		bad += r != 0 && r != SS_EMEMORY;
		bad += r == 0 && ss_operators_count(o) != 2;
		ss_operators_close(o);
		o = NULL;
		if (countdown > 0)
			break;
	}
	countdown = -1;
	ok(bad == 0 && n < 500, "memory that runs out is said, %ld times",
	    seen);
}

static int
tell(char out[SS_PASSPHRASE_MAX], void *ctx)
{
	(void)ctx;
	strcpy(out, "test");
	return 0;
}

/* The same of a key that is opened, and signs. */
static void
test_signer(void)
{
	struct ss_passphrase ask = { tell, NULL };
	struct ss_signer *s = NULL;
	uint8_t sig[SS_SIGNATURE_MAX];
	char uri[80];
	size_t len;
	long n, seen = 0;
	int r, bad = 0;

	ss_file_replace(path, PEM_SM2, strlen(PEM_SM2), 0600);
	snprintf(uri, sizeof(uri), "file:%s", path);
	for (n = 1; n < 500; n++) {
		countdown = n;
		if ((r = ss_signer_open(&s, uri, &ask)) == 0 &&
		    (r = ss_signer_sign(s, "a", 1, sig, &len)) == 0 &&
		    ss_public_check(ss_signer_public(s), "a", 1, sig,
		    len) != 0 && countdown > 0)
			bad++;
		seen += r != 0;
		bad += r != 0 && (r != SS_EMEMORY || s != NULL);
		ss_signer_close(s);
		s = NULL;
		if (countdown > 0)
			break;
	}
	countdown = -1;
	ok(bad == 0 && n < 500, "so it is of a private key, %ld times", seen);
	ok(ss_signer_open(&s, "wang", &ask) == SS_EINVALID && s == NULL &&
	    !ss_signer_is("wang") && ss_signer_is(uri), "a name is none");
	ok(ss_signer_make(&s, uri, SS_SM2, &ask) == SS_EEXISTS && s == NULL,
	    "one that is there is not replaced");
}

int
main(void)
{
	strcpy(folder, "/tmp/sscard-ops.XXXXXX");
	if (mkdtemp(folder) == NULL)
		return 1;
	snprintf(path, sizeof(path), "%s/trust", folder);
	make(&wang, "wang", SS_SM2);
	test_whole();
	test_lines();
	test_rights();
	test_edit();
	test_threads();
	test_many();
	test_memory();
	test_signer();
	if (chdir(folder) == 0) {
		unlink("trust");
		unlink("trust.lock");
		unlink("link");
	}
	rmdir(folder);
	return done();
}
