/* The software card's folder: whole, copied, held, killed; hooks and time. */
#include <sys/wait.h>

#include <fcntl.h>
#include <signal.h>
#include <stddef.h>
#include <time.h>

#include "../card.h"
#include "softcard/softcard_own.h"

#define KILLS 300
#define PHOTO 4096

static struct ss_profiles *profiles;
static const struct ss_profile *gen3;
static char folder[] = "/tmp/sscard-card.XXXXXX";

static int
open_code(const char *dir)
{
	struct ss_softcard *card;
	int r = ss_softcard_open(&card, dir, profiles);

	ok((card == NULL) == (r != 0), "a card or a code");
	ss_softcard_close(card);
	return r;
}

static void
write_text(const char *dir, const char *name, const char *text, size_t len)
{
	char path[256];
	int fd;

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
	must(fd != -1 && write(fd, text, len) == (ssize_t)len, "write");
	close(fd);
}

static void
test_folder(void)
{
	const struct ss_softcard_setup setup = { .profile = gen3,
		.region = "440305", .key_version = 1 };
	struct ss_softcard_setup bad = setup;
	struct stat st;
	struct card c;
	char path[256];

	card_new(&c, folder, profiles, gen3);
	ok(ss_softcard_create(c.dir, &setup) == SS_EEXISTS, "never over one");
	ok(open_code(c.dir) == SS_EREADER &&
	    strstr(ss_message(), "in use") != NULL, "in use");
	snprintf(path, sizeof(path), "%s/memory", c.dir);
	ok(stat(path, &st) == 0 && (st.st_mode & 0777) == 0600, "memory 0600");
	snprintf(path, sizeof(path), "%s/card.json", c.dir);
	ok(stat(path, &st) == 0 && (st.st_mode & 0777) == 0600, "label 0600");
	ok(stat(c.dir, &st) == 0 && (st.st_mode & 0777) == 0700, "folder 0700");
	ss_softcard_close(c.card);
	ok(open_code(c.dir) == 0, "free again");
	c.card = NULL;
	snprintf(path, sizeof(path), "%s/none", folder);
	ok(open_code(path) == SS_EMISSING, "not there");
	snprintf(path, sizeof(path), "%s/none/none", folder);
	ok(ss_softcard_create(path, &setup) == SS_EIO, "nor its parent");
	ok(open_code(folder) == SS_ECARD, "a folder that is none");
	snprintf(path, sizeof(path), "%s/bad", folder);
	bad.region = "4403";
	ok(ss_softcard_create(path, &bad) == SS_EINVALID, "a region's digits");
	bad = setup;
	bad.key_version = 256;
	ok(ss_softcard_create(path, &bad) == SS_EINVALID, "a key's version");
	ok(stat(path, &st) == -1, "nothing was made");
	card_end(&c);
}

/* Labels and memories that are none. */
static void
test_faults(void)
{
	static const char *const labels[] = { "", "{", "[]", "{}",
		"{\"profile\":\"gen9\",\"region\":\"440305\",\"serial\":1,"
		"\"key_version\":1,\"ta1\":0,\"fill\":0}",
		"{\"profile\":\"gen3\",\"region\":\"44030x\",\"serial\":1,"
		"\"key_version\":1,\"ta1\":0,\"fill\":0}",
		"{\"profile\":\"gen3\",\"region\":\"440305\",\"serial\":-1,"
		"\"key_version\":1,\"ta1\":0,\"fill\":0}",
		"{\"profile\":\"gen2\",\"region\":\"440305\",\"serial\":1,"
		"\"key_version\":1,\"ta1\":0,\"fill\":0}\n",
		"{\"profile\":\"gen1\",\"region\":\"440305\",\"serial\":1,"
		"\"key_version\":1,\"ta1\":0,\"fill\":0}",
		"{\"profile\":\"gen3\",\"region\":\"440305\",\"serial\":1,"
		"\"key_version\":1,\"ta1\":0,\"fill\":0,"
		"\"hooks\":[{\"do\":\"sing\",\"n\":1}]}",
		"{\"profile\":\"gen3\",\"region\":\"440305\",\"serial\":1,"
		"\"key_version\":1,\"ta1\":0,\"fill\":0,"
		"\"hooks\":[{\"do\":\"lie\",\"n\":1,\"answer\":\"9\"}]}",
		"{\"profile\":\"gen3\",\"region\":\"440305\",\"serial\":1,"
		"\"key_version\":1,\"ta1\":0,\"fill\":0,\"link\":{\"ta1\":1}}",
	};
	char zeros[9000] = { 0 };
	struct card c;
	size_t i;
	int r;

	card_new(&c, folder, profiles, gen3);
	ss_softcard_close(c.card);
	c.card = NULL;
	for (i = 0; i < sizeof(labels) / sizeof(labels[0]); i++) {
		write_text(c.dir, "card.json", labels[i], strlen(labels[i]));
		r = open_code(c.dir);
		/* gen2 has the same files: only what is in them differs. */
		ok(strchr(labels[i], '\n') != NULL ? r == 0 : r == SS_ECARD,
		    "label %zu", i);
	}
	write_text(c.dir, "memory", zeros, sizeof(zeros));
	ok(open_code(c.dir) == SS_ECARD, "zeros are no memory");
	write_text(c.dir, "memory", zeros, 0);
	ok(open_code(c.dir) == SS_ECARD, "nor is nothing");
	card_end(&c);
}

/* The whole photo in one command, which is a chain of short ones. */
static void
write_photo(struct card *c, uint8_t fill)
{
	uint8_t command[5 + 255] = { 0x10, 0xd6, 0x88, 0x00, 255 };
	int i;

	memset(command + 5, fill, 255);
	for (i = 0; i < PHOTO / 255; i++)
		ss_softcard_transmit(c->card, command, sizeof(command),
		    c->response, &c->len);
	command[0] = 0x00;
	command[4] = PHOTO % 255;
	ss_softcard_transmit(c->card, command, 5 + PHOTO % 255, c->response,
	    &c->len);
}

/* Until it is killed: photos of bytes that are all equal, and either nothing
 * else, so that most kills hit a write, or PINs wrong and right. */
static void
toil(struct card *c, bool writes)
{
	uint8_t i;

	must(ss_softcard_open(&c->card, c->dir, profiles) == 0, "open");
	ss_softcard_power(c->card, true);
	enter_ssse(c);
	authenticate(c, SS_KEY_UKSSSE);
	for (i = 0; writes; i++)
		write_photo(c, i);
	for (i = 0;; i++) {
		write_photo(c, i);
		say(c, "0020000003000000");
		say(c, "0020000003123456");
		say(c, "805e010007123456ff654321");
		say(c, "805e010007654321ff123450");
		say(c, "805e010007123450ff654321");
		order(c, SS_ORDER_RELOAD_PIN, "123456", 0);
	}
}

/* Whether all bytes of the photo are equal. */
static bool
photo_is_whole(struct card *c)
{
	char command[11];
	uint8_t first = 0;
	int i, at;

	for (at = 0; at < PHOTO; at += 256) {
		snprintf(command, sizeof(command), "00b0%04x00", at);
		if (say(c, at == 0 ? "00b0880000" : command) != 0x9000)
			return false;
		if (at == 0)
			first = c->response[0];
		for (i = 0; i < 256; i++)
			if (c->response[i] != first)
				return false;
	}
	return true;
}

static bool
is_whole(struct card *c)
{
	unsigned int sw;

	if (ss_softcard_open(&c->card, c->dir, profiles) != 0)
		return false;
	ss_softcard_power(c->card, true);
	enter_ssse(c);
	if (authenticate(c, SS_KEY_UKSSSE) != 0x9000 ||
	    authenticate(c, SS_KEY_RKSSSE) != 0x9000 || !photo_is_whole(c))
		return false;
	/* One of the three, and some tries left. */
	if ((sw = say(c, "0020000003123456")) != 0x9000 &&
	    (sw = say(c, "0020000003654321")) != 0x9000 &&
	    (sw = say(c, "0020000003123450")) != 0x9000)
		return false;
	ss_softcard_reset(c->card);
	ss_softcard_close(c->card);
	c->card = NULL;
	return sw == 0x9000;
}

static void
test_kill(void)
{
	struct timespec nap = { 0, 0 };
	struct card c;
	int i, bad = 0, status;
	pid_t pid;

	card_new(&c, folder, profiles, gen3);
	ss_softcard_close(c.card);
	c.card = NULL;
	for (i = 0; i < (getenv("SS_SLOW") != NULL ? 5 : KILLS); i++) {
		if ((pid = fork()) == 0)
			toil(&c, i % 4 != 0);
		nap.tv_nsec = 500000 + (i * 7919) % 3000 * 1000;
		nanosleep(&nap, NULL);
		kill(pid, SIGKILL);
		waitpid(pid, &status, 0);
		bad += !is_whole(&c);
	}
	ok(bad == 0, "killed %d times, whole each time", i);
	card_end(&c);
}

/* A change that was written down when the process ended, len bytes of EE to
 * a place in the memory, at the byte where the photo's file begins. */
static int
pend(struct card *c, uint32_t len, size_t back)
{
	struct ss_soft_memory m;
	uint8_t change[8];
	char path[256];
	uint32_t at;
	int fd;

	ss_softcard_close(c->card);
	c->card = NULL;
	snprintf(path, sizeof(path), "%s/memory", c->dir);
	memset(change, 0xee, sizeof(change));
	fd = open(path, O_RDWR);
	must(fd != -1 && read(fd, &m, sizeof(m)) == sizeof(m), "memory");
	/* Room to redo, of the largest file's size, is behind that file. */
	at = m.size - 2 * 4096 - (uint32_t)back;
	must(pwrite(fd, &at, 4, offsetof(struct ss_soft_memory, redo_at)) ==
	    4 && pwrite(fd, &len, 4, offsetof(struct ss_soft_memory,
	    redo_len)) == 4 && pwrite(fd, change, sizeof(change),
	    (off_t)m.size - 4096) == sizeof(change), "memory");
	close(fd);
	return open_code(c->dir);
}

static void
test_redo(void)
{
	struct card c;

	card_new(&c, folder, profiles, gen3);
	ok(pend(&c, 8, 0) == 0, "a change that was not done yet");
	card_reopen(&c);
	enter_ssse(&c);
	authenticate(&c, SS_KEY_RKSSSE);
	said(&c, "00b088000a", "eeeeeeeeeeeeeeeeffff9000", "is done");
	said(&c, "00b08f0004", "6a82", "no other file");
	ok(pend(&c, 4097, 0) == SS_ECARD, "longer than any");
	ok(pend(&c, 8, 1 << 20) == SS_ECARD, "before the memory");
	ok(pend(&c, 8, (size_t)-4096) == SS_ECARD, "behind the files");
	ok(pend(&c, 8, (size_t)-4089) == SS_ECARD, "over their end");
	ok(pend(&c, 8, (size_t)-4088) == 0, "the last bytes");
	card_end(&c);
}

static void
set_hook(struct card *c, const char *word, const char *text)
{
	struct ss_softcard_hook h;

	must(ss_hook_parse(word, text, &h) == 0 &&
	    ss_softcard_set_hook(c->card, &h) == 0, word);
}

static void
test_hooks(void)
{
	struct ss_softcard_hook none = { 0 };
	struct card c;
	int i;

	card_new(&c, folder, profiles, gen3);
	set_hook(&c, "leave", "2");
	said(&c, "0020000003999999", "63c5", "a hook is for the next opening");
	said(&c, "0020000003123456", "9000", "and not for this one");
	card_reopen(&c);
	said(&c, "0020000003999999", "63c5", "the first command");
	say(&c, "0020000003999999");
	ok(c.code == SS_EREADER && c.len == 0, "it left after the second");
	say(&c, "0020000003999999");
	ok(c.code == SS_EREADER && strstr(ss_message(), "left") != NULL,
	    "and stays away");
	card_reopen(&c);
	said(&c, "0020000003999999", "63c3", "the second was done");
	said(&c, "0020000003123456", "9000", "the hook is forgotten");
	set_hook(&c, "leave-before", "1");
	card_reopen(&c);
	say(&c, "0020000003999999");
	ok(c.code == SS_EREADER, "it left before the first");
	card_reopen(&c);
	said(&c, "0020000003999999", "63c5", "which was not done");
	set_hook(&c, "lie", "2=0102039000");
	set_hook(&c, "lie", "1=");
	card_reopen(&c);
	said(&c, "0020000003123456", "", "no answer at all");
	said(&c, "0020000003123456", "0102039000", "and a lie");
	set_hook(&c, "mute", "1");
	ok(ss_softcard_set_hook(c.card, &none) == 0, "all taken back");
	card_reopen(&c);
	said(&c, "0020000003123456", "9000", "none happens");
	for (i = 0; i < 8; i++)
		set_hook(&c, "leave", "9");
	none.kind = SS_HOOK_LEAVE;
	none.n = 1;
	ok(ss_softcard_set_hook(c.card, &none) == SS_EINVALID, "eight at most");
	ok(ss_hook_parse("leave", "0", &none) == SS_EINVALID &&
	    ss_hook_parse("leave", "1x", &none) == SS_EINVALID &&
	    ss_hook_parse("leave", "1=90", &none) == SS_EINVALID &&
	    ss_hook_parse("leave", "4294967296", &none) == SS_EINVALID &&
	    ss_hook_parse("lie", "1", &none) == SS_EINVALID &&
	    ss_hook_parse("lie", "1=9", &none) == SS_EINVALID &&
	    ss_hook_parse("none", "1", &none) == SS_EINVALID &&
	    ss_hook_parse("sing", "1", &none) == SS_EINVALID, "no hooks");
	card_end(&c);
}

static void
test_tear(void)
{
	struct card c;

	card_new(&c, folder, profiles, gen3);
	set_hook(&c, "tear", "2");
	card_reopen(&c);
	enter_ssse(&c);
	authenticate(&c, SS_KEY_UKSSSE);
	said(&c, "00dc052c060504" "20260101", "9000", "the first write");
	say(&c, "00dc062c060604" "20360101");
	ok(c.code == SS_EREADER, "torn");
	card_reopen(&c);
	enter_ssse(&c);
	said(&c, "00b2052c06", "0504202601019000", "the first is whole");
	said(&c, "00b2062c06", "060420ffffff9000", "half of the second");
	card_end(&c);
}

/* A mute card: its process is still there, and has done what it was told. */
static void
test_mute(void)
{
	struct timespec nap = { 0, 50000000 };
	struct card c;
	int status;
	pid_t pid;

	card_new(&c, folder, profiles, gen3);
	set_hook(&c, "mute", "1");
	ss_softcard_close(c.card);
	c.card = NULL;
	if ((pid = fork()) == 0) {
		card_reopen(&c);
		say(&c, "0020000003999999");
		_exit(0);
	}
	nanosleep(&nap, NULL);
	ok(waitpid(pid, &status, WNOHANG) == 0, "it does not answer");
	kill(pid, SIGKILL);
	waitpid(pid, &status, 0);
	card_reopen(&c);
	said(&c, "0020000003999999", "63c4", "though it did what was said");
	card_end(&c);
}

static uint64_t
clock_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

static void
test_time(void)
{
	struct ss_link l;
	uint64_t start, took, want;
	struct card c;
	int i;

	card_new(&c, folder, profiles, gen3);
	enter_ssse(&c);
	authenticate(&c, SS_KEY_UKSSSE);
	start = clock_ns();
	for (i = 0; i < 1000; i++)
		say(&c, "00dc052c060504" "20260101");
	took = (clock_ns() - start) / 1000;
	ok(took < 100000 || getenv("SS_SLOW") != NULL,
	    "a record written takes less than 100 us");
	printf("# %g us\n", (double)took / 1e3);
	must(ss_link_parse("T0,18,write=3000,page=4", &l) == 0 &&
	    ss_softcard_set_link(c.card, &l) == 0, "link");
	want = ss_link_time(&l, 11, 2) + 2 * 3000000;
	start = clock_ns();
	say(&c, "00dc052c060504" "20260101");
	took = clock_ns() - start;
	ok(took >= want && (took < want + 20000000 ||
	    getenv("SS_SLOW") != NULL), "and as long as wire and chip take");
	card_reopen(&c);
	start = clock_ns();
	say(&c, "00a40000023f00");
	ok(clock_ns() - start >= ss_link_time(&l, 7, 2), "also next time");
	card_end(&c);
}

int
main(void)
{
	must(ss_profiles_open(&profiles, data_dir()) == 0 &&
	    ss_profiles_find(profiles, "gen3", &gen3) == 0 &&
	    mkdtemp(folder) != NULL, "start");
	test_folder();
	test_faults();
	test_hooks();
	test_tear();
	test_mute();
	test_time();
	test_redo();
	test_kill();
	rmdir(folder);
	ss_profiles_close(profiles);
	return done();
}
