/*
 * The notices as they are installed, of every kind, channel and language; and
 * files of texts that are made for it in a folder of their own.
 */
#include <sys/stat.h>

#include <limits.h>
#include <pthread.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/err.h"
#include "base/text.h"
#include "rules/notice.h"
#include "rules/policy.h"
#include "../tap.h"

#define THREADS 8
#define NAME "张小明"
#define PERSON "\"person\":{\"name\":\"" NAME "\"," \
	"\"social_number\":\"11010519491231002X\"%s}"

static const char *const languages[] = { "zh", "en" };
static const char *data_dir;

/* An open data folder. */
struct data {
	char dir[32];		/* "" when it is the installed one */
	struct ss_words *words;
	struct ss_policies *policies;
	struct ss_notices *notices;
};

static void
must(bool good, const char *what)
{
	if (good)
		return;
	printf("Bail out! %s: %s\n", what, ss_message());
	exit(1);
}

static int
data_open(struct data *data)
{
	const char *dir = data->dir[0] != '\0' ? data->dir : data_dir;

	must(ss_words_open(&data->words, data_dir) == 0, "words");
	must(ss_policies_open(&data->policies, data_dir, data->words) == 0,
	    "policies");
	return ss_notices_open(&data->notices, dir, data->words);
}

static void
put_file(const struct data *data, const char *name, const char *text)
{
	char path[96];
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s", data->dir, name);
	must((f = fopen(path, "w")) != NULL, path);
	fputs(text, f);
	must(fclose(f) == 0, path);
}

/* A folder with notices.json as installed and a patch laid over it. */
static void
data_make(struct data *data, const char *patch)
{
	struct ss_bytes text = { 0 };
	struct ss_value *root, *over;
	char path[PATH_MAX];

	strcpy(data->dir, "/tmp/notice.XXXXXX");
	must(mkdtemp(data->dir) != NULL, "mkdtemp");
	snprintf(path, sizeof(path), "%s/notices", data->dir);
	must(mkdir(path, 0700) == 0, path);
	snprintf(path, sizeof(path), "%s/notices.json", data_dir);
	must(ss_json_read_file(path, &root) == 0, path);
	must(ss_json_parse(patch, strlen(patch), &over) == 0, patch);
	must(ss_value_merge(root, over) == 0, "merge");
	must(ss_value_write(root, &text) == 0, "write");
	put_file(data, "notices.json", text.data);
	ss_bytes_free(&text);
	ss_json_free(root);
	ss_json_free(over);
}

static void
data_close(struct data *data)
{
	static const char *const files[] = { "notices/44.json",
		"notices/4403.json", "notices/440300.json",
		"notices/440305.json", "notices/11.json", "notices",
		"notices.json", "" };
	char path[96];
	size_t i;

	ss_notices_close(data->notices);
	ss_policies_close(data->policies);
	ss_words_close(data->words);
	for (i = 0; data->dir[0] != '\0' && i < sizeof(files) /
	    sizeof(files[0]); i++) {
		snprintf(path, sizeof(path), "%s/%s", data->dir, files[i]);
		remove(path);
	}
}

/* A notice about a record of a region, by the policy that holds there. */
static int
tell(const struct data *data, const char *text, enum ss_notice_kind kind,
    enum ss_notice_channel channel, const char *lang, struct ss_notice *out)
{
	const struct ss_policy *policy;
	struct ss_value *record;
	int r;

	must(ss_json_parse(text, strlen(text), &record) == 0, text);
	must(ss_policies_get(data->policies, ss_value_string(ss_value_get(
	    record, "region")), &policy) == 0, "policy");
	r = ss_notice_write(data->notices, policy, NULL, record, kind,
	    channel, lang, out);
	ss_json_free(record);
	return r;
}

static const char *
text_of(const struct ss_bytes *b)
{
	return b->len > 0 ? b->data : "";
}

static bool
has(const struct ss_bytes *b, const char *text)
{
	return strstr(text_of(b), text) != NULL;
}

/* What every notice is: filled, and nothing left of how it was made. */
static bool
is_whole(const struct ss_notice *n, enum ss_notice_channel channel)
{
	const struct ss_bytes *b = &n->body;

	if (b->len == 0 || !ss_utf8_valid(b->data, b->len) ||
	    strpbrk(b->data, "{}[]") != NULL || strstr(b->data, "  ") != NULL ||
	    !has(b, NAME) || b->data[0] == ' ' || b->data[0] == '\n')
		return false;
	if (channel == SS_NOTICE_SMS)
		return n->subject.len == 0 && strchr(b->data, '\n') == NULL;
	return n->subject.len > 0 && b->data[b->len - 1] == '\n' &&
	    strpbrk(n->subject.data, "{}[]\n") == NULL &&
	    strstr(b->data, "\n\n\n") == NULL && strstr(b->data, "\n ") ==
	    NULL && b->data[b->len - 2] != '\n';
}

static void
record_of(char *out, size_t room, const char *region, const char *person,
    const char *check, const char *note)
{
	snprintf(out, room, "{\"id\":\"a-1\",\"region\":\"%s\"," PERSON
	    ",\"card\":{\"time\":\"2026-11-23T20:00:00Z\"},"
	    "\"review\":{\"checks\":[{\"check\":\"name\",\"ok\":true},"
	    "{\"check\":\"%s\",\"ok\":false%s%s%s}],\"mend\":[\"%s\","
	    "\"photo-size\"]}}", region, person, check, note[0] != '\0' ?
	    ",\"note\":\"" : "", note, note[0] != '\0' ? "\"" : "", check);
}

/* One record by all kinds, channels and languages. */
static int
tell_all(const struct data *data, const char *record)
{
	struct ss_notice n;
	int kind, channel, lang, bad = 0;

	ss_notice_init(&n);
	for (kind = SS_NOTICE_READY; kind <= SS_NOTICE_REJECTED; kind++)
		for (channel = SS_NOTICE_MAIL; channel <= SS_NOTICE_SMS;
		    channel++)
			for (lang = 0; lang < 2; lang++) {
				if (tell(data, record,
				    (enum ss_notice_kind)kind,
				    (enum ss_notice_channel)channel,
				    languages[lang], &n) == 0 && is_whole(&n,
				    (enum ss_notice_channel)channel))
					continue;
				bad++;
				printf("# %d %d %s: %s\n%s", kind, channel,
				    languages[lang], ss_message(),
				    text_of(&n.body));
			}
	ss_notice_wipe(&n);
	return bad;
}

static void
test_all(const struct data *data)
{
	static const char *const regions[] = { "110105", "220102", "441802",
		"460106", "350200", "000000" };
	char record[1024];
	size_t i;

	for (i = 0; i < sizeof(regions) / sizeof(regions[0]); i++) {
		record_of(record, sizeof(record), regions[i], "", "likeness",
		    "not him");
		ok(tell_all(data, record) == 0, "all notices in %s",
		    regions[i]);
		record_of(record, sizeof(record), regions[i],
		    ",\"collection\":\"post\"", "duplicate", "");
		ok(tell_all(data, record) == 0, "and by post");
	}
}

/* Every check that words.json has is told in its own texts. */
static void
test_words(const struct data *data)
{
	static const char *const texts[] = { "name.zh", "name.en", "text.zh",
		"text.en" };
	const struct ss_value *v, *own;
	struct ss_value *root;
	char path[PATH_MAX], record[1024];
	const char *word;
	void *iter = NULL;
	int i, bad;

	snprintf(path, sizeof(path), "%s/notices.json", data_dir);
	must(ss_json_read_file(path, &root) == 0, path);
	while (ss_value_each(ss_words_set(data->words, "check"), &iter, &word,
	    &v)) {
		own = ss_value_member(ss_value_get(root, "checks"), word);
		for (i = 0, bad = 0; i < 4; i++)
			bad += ss_value_string_len(ss_value_get(own,
			    texts[i])) == 0;
		record_of(record, sizeof(record), "110105", "", word,
		    "missing: address, identity (2)");
		bad += tell_all(data, record);
		record_of(record, sizeof(record), "220102", "", word, "");
		bad += tell_all(data, record);
		ok(bad == 0, "%s in both languages", word);
	}
	iter = NULL;
	while (ss_value_each(ss_words_set(data->words, "through"), &iter,
	    &word, &v))
		ok(ss_value_count(ss_value_member(ss_value_get(root,
		    "collect"), word)) > 0, "what %s brings", word);
	ss_json_free(root);
}

static size_t
characters(const struct ss_bytes *b)
{
	size_t i, n = 0;

	for (i = 0; i < b->len; i++)
		n += ((unsigned char)b->data[i] & 0xc0) != 0x80;
	return n;
}

static void
test_length(const struct data *data)
{
	struct ss_notice n;
	char record[1024];
	int kind;

	ss_notice_init(&n);
	record_of(record, sizeof(record), "441802", "", "photo-bytes", "");
	for (kind = SS_NOTICE_READY; kind <= SS_NOTICE_REJECTED; kind++) {
		must(tell(data, record, (enum ss_notice_kind)kind,
		    SS_NOTICE_SMS, "zh", &n) == 0, "sms");
		ok(characters(&n.body) <= 70, "%zu characters: %s",
		    characters(&n.body), n.body.data);
		must(tell(data, record, (enum ss_notice_kind)kind,
		    SS_NOTICE_SMS, "en", &n) == 0, "sms");
		ok(characters(&n.body) <= 160, "%zu characters: %s",
		    characters(&n.body), n.body.data);
	}
	ss_notice_wipe(&n);
}

static void
test_content(const struct data *data)
{
	struct ss_notice n;
	char record[1024];

	ss_notice_init(&n);
	record_of(record, sizeof(record), "441802", "", "documents",
	    "missing: relation, handler-identity (2)");
	must(tell(data, record, SS_NOTICE_READY, SS_NOTICE_MAIL, "zh", &n) == 0,
	    "ready");
	ok(has(&n.body, "尾号 002X") && !has(&n.body, "1949"),
	    "of the number only its end");
	ok(has(&n.body, "保留 6 个月。请在 2027-05-24 以前领取。\n逾期未领取"),
	    "until when, counted from the day in China");
	ok(has(&n.body, "\n- 用人单位：单位介绍信、单位经办人有效身份证件"
	    "（2 份）\n"), "who may collect, with what");
	ok(has(&n.body, "（清远市）\n"), "the policy's name of the region");
	must(tell(data, record, SS_NOTICE_RETURNED, SS_NOTICE_MAIL, "zh", &n)
	    == 0, "returned");
	ok(has(&n.body, "\n\n1. 申请材料不全，请补交：监护关系证明（户口簿或"
	    "出生医学证明）、单位经办人有效身份证件（2 份）\n"
	    "2. 照片尺寸不符，应为 358 × 441 像素\n\n"), "what to mend");
	must(tell(data, record, SS_NOTICE_RETURNED, SS_NOTICE_SMS, "en", &n)
	    == 0, "returned");
	ok(has(&n.body, "mending: documents missing, photo size. "),
	    "by its names");
	record_of(record, sizeof(record), "110105", "", "duplicate",
	    "this person stands earlier in the run");
	must(tell(data, record, SS_NOTICE_REJECTED, SS_NOTICE_SMS, "zh", &n)
	    == 0, "rejected");
	is(n.body.data, NAME "，您的社会保障卡申请未获批准，原因：重复申请。"
	    "咨询12333", "for what it was rejected, and for that alone");
	record_of(record, sizeof(record), "110105", "", "face", "太小");
	must(tell(data, record, SS_NOTICE_REJECTED, SS_NOTICE_MAIL, "zh", &n)
	    == 0, "rejected");
	ok(has(&n.body, "\n1. 照片中人像的位置或者大小不符（太小）：") &&
	    has(&n.body, "\n2. 照片尺寸"),
	    "for all when the policy has come to reject for none");
	record_of(record, sizeof(record), "110105",
	    ",\"collection\":\"post\"", "sex", "");
	must(tell(data, record, SS_NOTICE_READY, SS_NOTICE_MAIL, "en", &n)
	    == 0, "by post");
	ok(has(&n.body, "\n\nIt will be sent to the address you gave.\n") &&
	    !has(&n.body, "collected"), "by post nobody is to come");
	ok(!has(&n.body, "kept for"), "nor is it kept");
	ss_notice_wipe(&n);
}

/* What a record may lack and what not, and what it may not bring in. */
static void
test_record(const struct data *data)
{
	struct ss_notice n;
	int r;

	ss_notice_init(&n);
	ok(tell(data, "{\"id\":\"a\",\"region\":\"350200\",\"person\":{"
	    "\"name\":\"" NAME "\",\"social_number\":\"1234567\"}}",
	    SS_NOTICE_READY, SS_NOTICE_SMS, "zh", &n) == 0 &&
	    is_whole(&n, SS_NOTICE_SMS) && !has(&n.body, "尾号") &&
	    !has(&n.body, "最迟"), "blocks with nothing in them are left out");
	r = tell(data, "{\"id\":\"secret\",\"region\":\"350200\",\"person\":"
	    "{\"social_number\":\"12345678\"}}", SS_NOTICE_READY,
	    SS_NOTICE_SMS, "en", &n);
	ok(r == SS_EINVALID && n.body.len == 0, "no name, no notice");
	is(ss_message(), "the notice \"ready\" in en: nothing stands for "
	    "{name}; it is in no [[ ]]", "its sentence");
	ok(tell(data, "{\"id\":\"a\",\"region\":\"350200\",\"person\":{"
	    "\"name\":\"" NAME "\"}}", SS_NOTICE_RETURNED, SS_NOTICE_MAIL,
	    "en", &n) == SS_EINVALID && n.subject.len == 0,
	    "nothing to mend, no notice");
	ok(tell(data, "{\"id\":\"a\",\"region\":\"350200\",\"person\":{"
	    "\"name\":\"" NAME "\"},\"review\":{\"mend\":[\"x\\ny\",7]}}",
	    SS_NOTICE_RETURNED, SS_NOTICE_MAIL, "en", &n) == 0 &&
	    has(&n.body, "\n1. x y\n"), "a check that nobody knows");
	ok(tell(data, "{\"id\":\"{name}\",\"region\":\"350200\",\"person\":{"
	    "\"name\":\"a\\nBcc: {id}[[x]]\\u0085\\u001b\"}}", SS_NOTICE_READY,
	    SS_NOTICE_MAIL, "en", &n) == 0 &&
	    has(&n.body, "Dear a Bcc: {id}[[x]]   ,\n") &&
	    has(&n.body, "Application: {name}\n"),
	    "a name is no line and no placeholder");
	ok(tell(data, "{\"region\":\"35\"}", SS_NOTICE_READY, SS_NOTICE_MAIL,
	    "fr", &n) == SS_EINVALID, "no French");
	ok(tell(data, "{\"region\":\"35\"}", SS_NOTICE_NONE, SS_NOTICE_MAIL,
	    "en", &n) == SS_EINVALID, "no kind");
	ss_notice_wipe(&n);
	ok(ss_notice_kind_for("made") == SS_NOTICE_READY &&
	    ss_notice_kind_for("returned") == SS_NOTICE_RETURNED &&
	    ss_notice_kind_for("rejected") == SS_NOTICE_REJECTED &&
	    ss_notice_kind_for("approved") == SS_NOTICE_NONE &&
	    ss_notice_kind_for(NULL) == SS_NOTICE_NONE, "kinds by states");
	is(ss_notice_kind_word(SS_NOTICE_READY), "ready", "and their words");
}

#define SMS(text) "{\"ready\":{\"sms\":{\"en\":\"" text "\"}}}"

/* A file that is refused, and what is said of it after its name. */
static const struct {
	const char *patch, *said;
} refused[] = {
	{ "{\"ready\":null}", "ready: is missing; write it" },
	{ "{\"returned\":{\"sms\":null}}",
	    "returned.sms: is missing; write it" },
	{ "{\"rejected\":{\"mail\":{\"subject\":{\"en\":null}}}}",
	    "rejected.mail.subject.en: is missing; write it" },
	{ "{\"redy\":{}}", "no such member \"redy\"; perhaps \"ready\"" },
	{ "{\"ready\":{\"sms\":{\"fr\":\"x\"}}}",
	    "ready.sms: no such member \"fr\"" },
	{ "{\"ready\":{\"mail\":{\"body\":{\"zh\":\"x\"}}}}",
	    "ready.mail.body.zh: an array of lines is wanted, not a string" },
	{ "{\"ready\":{\"mail\":{\"body\":{\"zh\":[\"\",1]}}}}",
	    "ready.mail.body.zh.line 2: a string is wanted, not" },
	{ SMS(""), "ready.sms.en: an empty text; write one" },
	{ SMS("a\\nb"), "ready.sms.en: a control character" },
	{ SMS("{nmae}"),
	    "ready.sms.en: no such placeholder {nmae}; perhaps {name}" },
	{ SMS("{photo.widht}"), "{photo.widht}; perhaps {photo.width}" },
	{ SMS("{}"), "no such placeholder {}" },
	{ SMS("{name"), "a brace that stands alone" },
	{ SMS("name}"), "a brace that stands alone" },
	{ SMS("{{name}}"), "a brace that stands alone" },
	{ SMS("[[x {id} [[{name}]] ]]"), "[[ inside of [[ ]]" },
	{ SMS("x {id}]]"), "]] without [[" },
	{ SMS("[[{id}"), "[[ without ]]" },
	{ SMS("a [[b]] c"), "[[ ]] without a placeholder is never left out" },
	{ SMS("{mend}"), "{mend} has no place here: it is a list" },
	{ SMS("{note}"), "{note} has no place here: it is for the text" },
	{ SMS("{by_post}"), "{by_post} writes nothing; put it" },
	{ SMS("{collect.seal_uncollected}"), "writes nothing; put it" },
	{ "{\"checks\":{\"sex\":{\"text\":{\"zh\":\"{mend}\"}}}}",
	    "checks.sex.text.zh: {mend} has no place here" },
	{ "{\"checks\":{\"sexx\":{}}}",
	    "checks: no such word \"sexx\"; perhaps \"sex\"" },
	{ "{\"checks\":{\"sex\":{\"note\":{}}}}",
	    "checks.sex: no such member \"note\"" },
	{ "{\"collect\":{\"holder\":[\"idenity\"]}}",
	    "collect.holder: no such word \"idenity\"; perhaps \"identity\"" },
	{ "{\"collect\":{\"holders\":[]}}",
	    "collect: no such word \"holders\"; perhaps \"holder\"" },
	{ "{\"collect\":{\"holder\":[1]}}",
	    "collect.holder: a word is wanted, not" },
	{ "{\"collect\":[]}", "collect: an object is wanted, not" },
};

static void
test_refused(void)
{
	char want[256], got[256];
	struct data data;
	size_t i;

	for (i = 0; i < sizeof(refused) / sizeof(refused[0]); i++) {
		data_make(&data, refused[i].patch);
		snprintf(want, sizeof(want), "%s/notices.json: ", data.dir);
		if (!ok(data_open(&data) == SS_EPOLICY && data.notices ==
		    NULL && strncmp(ss_message(), want, strlen(want)) == 0 &&
		    strstr(ss_message(), refused[i].said) != NULL, "%s",
		    refused[i].said)) {
			snprintf(got, sizeof(got), "%.200s", ss_message());
			printf("# %s\n", got);
		}
		data_close(&data);
	}
	data_make(&data, "{}");
	put_file(&data, "notices.json", "{");
	ok(data_open(&data) == SS_EPOLICY, "no JSON");
	data_close(&data);
	data_make(&data, "{}");
	snprintf(want, sizeof(want), "%s/notices.json", data.dir);
	remove(want);
	ok(data_open(&data) == SS_EMISSING && data.notices == NULL, "no file");
	data_close(&data);
}

static const char *
sms_of(const struct data *data, const char *region, struct ss_notice *n)
{
	char record[256];

	snprintf(record, sizeof(record), "{\"id\":\"a\",\"region\":\"%s\","
	    PERSON "}", region, "");
	return tell(data, record, SS_NOTICE_READY, SS_NOTICE_SMS, "en", n) ==
	    0 ? n->body.data : ss_message();
}

static void *
tell_many(void *ctx)
{
	static const char *const regions[] = { "110101", "440305", "440303",
		"440106", "441802", "350200", "220102", "440300" };
	const struct data *data = ctx;
	struct ss_notice n;
	void *bad = NULL;
	int i;

	ss_notice_init(&n);
	for (i = 0; i < 200; i++)
		if (strcmp(sms_of(data, regions[i % 8], &n), i % 8 == 1 ?
		    "county" : i % 8 == 2 || i % 8 == 7 ? "city" : i % 8 == 3 ||
		    i % 8 == 4 ? "province" : "nation") != 0)
			bad = ctx;
	ss_notice_wipe(&n);
	return bad;
}

static void
make_regions(struct data *data)
{
	data_make(data, SMS("nation"));
	put_file(data, "notices/44.json", SMS("province"));
	put_file(data, "notices/440300.json", SMS("city"));
	put_file(data, "notices/440305.json", SMS("county"));
}

static void
test_threads(void)
{
	pthread_t threads[THREADS];
	struct data data;
	int i, bad = 0;
	void *wrong;

	make_regions(&data);
	must(data_open(&data) == 0, "open");
	for (i = 0; i < THREADS; i++)
		pthread_create(&threads[i], NULL, tell_many, &data);
	for (i = 0; i < THREADS; i++) {
		pthread_join(threads[i], &wrong);
		bad += wrong != NULL;
	}
	ok(bad == 0, "each region has its texts, in any thread");
	data_close(&data);
}

/* Lines that have nothing in them. */
static void
test_lines(void)
{
	struct ss_notice n;
	struct data data;

	ss_notice_init(&n);
	data_make(&data, "{\"ready\":{\"mail\":{\"body\":{\"en\":[\"\","
	    "\"[[{by_post}x]]\",\"\",\"{id}\",\"\",\"[[{by_post}x]]"
	    "[[{until}]]\",\"\",\"b\",\"\",\"[[{by_post}x]]\"]}}}}");
	must(data_open(&data) == 0, "open");
	must(tell(&data, "{\"id\":\"a\",\"region\":\"110101\"}",
	    SS_NOTICE_READY, SS_NOTICE_MAIL, "en", &n) == 0, "lines");
	is(n.body.data, "a\n\nb\n", "what is left out leaves no gap");
	data_close(&data);
	ss_notice_wipe(&n);
}

static void
test_regions(void)
{
	const struct ss_policy *policy;
	struct ss_value *record = NULL;
	struct ss_notice n;
	struct data data;

	ss_notice_init(&n);
	make_regions(&data);
	put_file(&data, "notices/11.json", SMS("{nam}"));
	must(data_open(&data) == 0, "open");
	is(sms_of(&data, "440305", &n), "county", "the county's own");
	is(sms_of(&data, "441802", &n), "province", "the province's");
	ok(strstr(sms_of(&data, "110101", &n), "/notices/11.json: "
	    "ready.sms.en: no such placeholder {nam}; perhaps {name}") != NULL,
	    "a region's bad file is its own trouble");
	is(sms_of(&data, "350200", &n), "nation", "and no other's");
	put_file(&data, "notices/11.json", SMS("mended"));
	is(sms_of(&data, "110101", &n), "mended", "until it is mended");
	must(ss_policies_get(data.policies, "11", &policy) == 0 &&
	    ss_json_parse("{\"region\":\"440305\"}", 19, &record) == 0, "11");
	ok(ss_notice_write(data.notices, policy, NULL, record,
	    SS_NOTICE_READY, SS_NOTICE_SMS, "en", &n) == 0 &&
	    strcmp(n.body.data, "mended") == 0,
	    "another region's policy brings its texts");
	ss_json_free(record);
	data_close(&data);
	make_regions(&data);
	put_file(&data, "notices/4403.json", SMS("again"));
	must(data_open(&data) == 0, "open");
	ok(strstr(sms_of(&data, "440303", &n), "/notices/440300.json: there "
	    "is a shorter name for this region too") != NULL,
	    "two files of one region are refused");
	data_close(&data);
	ss_notice_wipe(&n);
}

int
main(void)
{
	struct data data = { .dir = "" };

	if ((data_dir = getenv("SSCARD_DATA")) == NULL)
		data_dir = "lib/data";
	must(data_open(&data) == 0, "the installed notices");
	test_all(&data);
	test_words(&data);
	test_length(&data);
	test_content(&data);
	test_record(&data);
	data_close(&data);
	test_refused();
	test_lines();
	test_threads();
	test_regions();
	return done();
}
