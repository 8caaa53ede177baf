/* The guide as it is installed, over every policy; and guides and policies
 * that are made for it in a folder of their own. */
#include <sys/stat.h>

#include <dirent.h>
#include <limits.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/err.h"
#include "base/text.h"
#include "rules/figure.h"
#include "rules/guide.h"
#include "rules/policy.h"
#include "rules/region.h"
#include "../tap.h"

/* Sets every member that the nation leaves out. */
#define FULL "{\"website\":\"https://www.example.gov.cn/card\"," \
	"\"paper_card\":{\"valid\":\"60 days\",\"at_most\":\"6 months\"}," \
	"\"collect\":{\"uncollected_after\":\"6 months\"," \
	"\"seal_uncollected\":true}}"

static const char *const languages[] = { "zh", "en" };
static char data_dir[PATH_MAX];

/* An open data folder. */
struct data {
	char dir[32];		/* "" when it is the installed one */
	struct ss_words *words;
	struct ss_policies *policies;
	struct ss_guide *guide;
};

static int
data_open(struct data *data)
{
	const char *dir = data->dir[0] != '\0' ? data->dir : data_dir;
	int r;

	data->policies = NULL;
	data->guide = NULL;
	if ((r = ss_words_open(&data->words, dir)) == 0 &&
	    (r = ss_policies_open(&data->policies, dir, data->words)) == 0)
		r = ss_guide_open(&data->guide, dir, data->words);
	return r;
}

static void
data_close(struct data *data)
{
	static const char *const files[] = { "words.json", "guide.json",
		"policies/00.json", "policies", "." };
	char path[64];
	size_t i;

	ss_guide_close(data->guide);
	ss_policies_close(data->policies);
	ss_words_close(data->words);
	for (i = 0; data->dir[0] != '\0' && i < 5; i++) {
		snprintf(path, sizeof(path), "%s/%s", data->dir, files[i]);
		if (i < 4)
			remove(path);
		else
			rmdir(data->dir);
	}
}

static void
must(bool good, const char *what)
{
	if (good)
		return;
	printf("Bail out! %s: %s\n", what, ss_message());
	exit(1);
}

/* An installed file with a patch or two laid over it, in another folder. */
static void
copy_file(const char *dir, const char *name, const char *patch,
    const char *more)
{
	const char *const patches[] = { patch, more };
	struct ss_value *root, *over;
	struct ss_bytes text = { 0 };
	char path[PATH_MAX + 32];
	size_t i;
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s", data_dir, name);
	must(ss_json_read_file(path, &root) == 0, name);
	for (i = 0; i < 2; i++) {
		if (patches[i] == NULL)
			continue;
		must(ss_json_parse(patches[i], strlen(patches[i]), &over) == 0,
		    patches[i]);
		must(ss_value_merge(root, over) == 0, "merge");
		ss_json_free(over);
	}
	must(ss_value_write(root, &text) == 0, "write");
	snprintf(path, sizeof(path), "%s/%s", dir, name);
	must((f = fopen(path, "w")) != NULL, path);
	fputs(text.data, f);
	must(fclose(f) == 0, path);
	ss_bytes_free(&text);
	ss_json_free(root);
}

/* Opens a folder whose national policy and guide are patched. */
static int
data_make(struct data *data, const char *policy, const char *more,
    const char *guide)
{
	char path[64];

	strcpy(data->dir, "/tmp/guide.XXXXXX");
	must(mkdtemp(data->dir) != NULL, "mkdtemp");
	snprintf(path, sizeof(path), "%s/policies", data->dir);
	must(mkdir(path, 0700) == 0, path);
	copy_file(data->dir, "words.json", NULL, NULL);
	copy_file(data->dir, "guide.json", guide, NULL);
	copy_file(data->dir, "policies/00.json", policy, more);
	return data_open(data);
}

static int
write_guide(const struct data *data, const char *region, const char *lang,
    enum ss_page_format format, struct ss_bytes *out)
{
	struct ss_guide_request request = { .words = data->words,
		.lang = lang, .format = format };
	char code[7];
	int r;

	if ((r = ss_region_code(region, code)) != 0 ||
	    (r = ss_policies_get(data->policies, region,
	    &request.policy)) != 0)
		return r;
	request.region = code;
	ss_bytes_reset(out);
	return ss_guide_write(data->guide, &request, out);
}

/* The longest line in columns: what takes three bytes takes two. */
static int
widest(const char *s)
{
	int columns = 0, most = 0;

	for (; *s != '\0'; s++) {
		if (*s == '\n')
			columns = 0;
		else if (((unsigned char)*s & 0xf0) == 0xe0)
			columns += 2;
		else if (((unsigned char)*s & 0xc0) != 0x80)
			columns++;
		if (columns > most)
			most = columns;
	}
	return most;
}

static bool
ends_with(const struct ss_bytes *b, const char *end)
{
	return b->len >= strlen(end) &&
	    strcmp(b->data + b->len - strlen(end), end) == 0;
}

static bool
is_good_json(const struct ss_bytes *b)
{
	struct ss_value *v = NULL;
	bool good;

	good = ss_json_parse(b->data, b->len, &v) == 0 &&
	    ss_value_count(ss_value_get(v, "topics")) == 5 &&
	    ss_value_get(v, "policy.photo.width") != NULL &&
	    strchr(b->data, '\n') == b->data + b->len - 1;
	ss_json_free(v);
	return good;
}

static bool
is_good(const struct ss_bytes *b, enum ss_page_format format)
{
	if (b->len == 0 || !ss_utf8_valid(b->data, b->len))
		return false;
	switch (format) {
	case SS_PAGE_TEXT:
		return widest(b->data) <= 78 && strpbrk(b->data, "{}") == NULL;
	case SS_PAGE_MARKDOWN:
		return strncmp(b->data, "# ", 2) == 0 &&
		    strpbrk(b->data, "{}") == NULL;
	case SS_PAGE_HTML:
		return strncmp(b->data, "<!DOCTYPE html>\n", 16) == 0 &&
		    ends_with(b, "</html>\n") &&
		    strpbrk(strstr(b->data, "</style>"), "{}") == NULL &&
		    strstr(b->data, "<script") == NULL;
	default:
		return is_good_json(b);
	}
}

static void
test_region(const struct data *data, const char *region)
{
	struct ss_bytes out = { 0 };
	int format, lang;

	for (lang = 0; lang < 2; lang++)
		for (format = SS_PAGE_TEXT; format <= SS_PAGE_JSON; format++)
			if (!ok(write_guide(data, region, languages[lang],
			    (enum ss_page_format)format, &out) == 0 &&
			    is_good(&out, (enum ss_page_format)format),
			    "%s in %s, format %d", region, languages[lang],
			    format))
				printf("# %s\n", ss_message());
	ss_bytes_free(&out);
}

static void
test_regions(const struct data *data)
{
	char path[PATH_MAX + 16], region[8];
	struct dirent *e;
	DIR *dir;

	snprintf(path, sizeof(path), "%s/policies", data_dir);
	must((dir = opendir(path)) != NULL, path);
	while ((e = readdir(dir)) != NULL)
		if (sscanf(e->d_name, "%6[0-9].json", region) == 1)
			test_region(data, region);
	closedir(dir);
	test_region(data, "220102");
	test_region(data, "350200");
}

static void
has(const struct ss_bytes *b, const char *text, bool wanted)
{
	bool found = b->len > 0 && strstr(b->data, text) != NULL;
	char name[128];
	size_t i;

	snprintf(name, sizeof(name), "%s", text);
	for (i = 0; name[i] != '\0'; i++)
		if (strchr("\n\033#", name[i]) != NULL)
			name[i] = '.';
	ok(found == wanted, "%s '%s'", wanted ? "has" : "has no", name);
}

static void
test_request(const struct data *data)
{
	static const char *const two[] = { "loss", "functions" };
	static const char *const none[] = { "lose" };
	struct ss_guide_request request = { .words = data->words,
		.region = "220102", .name = "吉林省长春市南关区",
		.lang = "zh", .topics = two, .topic_count = 2 };
	struct ss_bytes out = { 0 };

	must(ss_policies_get(data->policies, "220102",
	    &request.policy) == 0, "220102");
	ok(ss_guide_write(data->guide, &request, &out) == 0, "two topics");
	has(&out, "吉林省长春市南关区社会保障卡服务指南\n====", true);
	has(&out, "\n功能与用途\n", true);
	has(&out, "\n权利与义务\n", false);
	ok(strstr(out.data, "功能与用途") < strstr(out.data, "挂失、补卡"),
	    "in the guide's order");
	request.lang = "en";
	ss_bytes_reset(&out);
	ok(ss_guide_write(data->guide, &request, &out) == 0, "in English");
	has(&out, "guide for Changchun (220102)\n", true);
	request.lang = "fr";
	ss_bytes_reset(&out);
	ss_bytes_adds(&out, "before");
	ok(ss_guide_write(data->guide, &request, &out) == SS_EINVALID,
	    "no French");
	request.lang = "en";
	request.topics = none;
	request.topic_count = 1;
	ok(ss_guide_write(data->guide, &request, &out) == SS_EINVALID,
	    "no such topic");
	is(out.data, "before", "a failure leaves what was there");
	is(ss_guide_topic(data->guide, 4), "rights", "the fifth topic");
	ok(ss_guide_topic(data->guide, 5) == NULL, "and no sixth");
	ss_bytes_free(&out);
}

#define EVIL "a<b>&\\\"'*_[x](y)`|\\\\\\u001b[1m\\nz {name}"

static void
test_escaping(void)
{
	struct ss_bytes out = { 0 };
	struct data data;

	must(data_make(&data, FULL, "{\"website\":\"javascript:x\","
	    "\"telephone\":\"1<2\",\"authority\":{\"zh\":\"" EVIL "\","
	    "\"en\":\"x\"},\"guide\":{\"loss\":[{\"zh\":\"" EVIL "\",\"en\":"
	    "\"" EVIL "\"}],\"use\":[{\"zh\":\"1. x\",\"en\":\"- x\"}]}}",
	    NULL) == 0, "evil data");
	write_guide(&data, "00", "zh", SS_PAGE_HTML, &out);
	has(&out, "<p>a&lt;b&gt;&amp;&quot;&#39;*_[x](y)`|\\ [1m z {name}</p>",
	    true);
	has(&out, "：a&lt;b&gt;", true);
	has(&out, "a<b>", false);
	has(&out, "href=\"javascript", false);
	has(&out, "href=\"tel:1", false);
	has(&out, "\033", false);
	write_guide(&data, "00", "zh", SS_PAGE_MARKDOWN, &out);
	has(&out, "a\\<b\\>\\&\"'\\*\\_\\[x\\](y)\\`\\|\\\\ \\[1m z {name}\n",
	    true);
	has(&out, "\n1\\. x\n", true);
	write_guide(&data, "00", "en", SS_PAGE_MARKDOWN, &out);
	has(&out, "\n\\- x\n", true);
	write_guide(&data, "00", "en", SS_PAGE_TEXT, &out);
	has(&out, "\na<b>&\"'*_[x](y)`|\\ [1m z {name}\n", true);
	has(&out, "\033", false);
	write_guide(&data, "00", "en", SS_PAGE_JSON, &out);
	ok(is_good_json(&out), "JSON with all of it");
	has(&out, "\"text\":\"a<b>&\\\"'*_[x](y)`|\\\\ [1m z {name}\"", true);
	data_close(&data);
	ss_bytes_free(&out);
}

/* Whether guide.json speaks of a member, in a text or in a condition. */
static bool
is_mentioned(const char *guide, const char *path)
{
	char text[80];
	size_t i;
	static const char *const forms[] = { "{%s}", "\"%s\"", "\"%s=" };

	if (strcmp(path, "apply.documents") == 0)
		return strstr(guide, "\"documents\"") != NULL;
	if (strncmp(path, "guide.", 6) == 0)
		return true;
	for (i = 0; i < 3; i++) {
		const char *mark = strstr(forms[i], "%s");

		snprintf(text, sizeof(text), "%.*s%s%s",
		    (int)(mark - forms[i]), forms[i], path, mark + 2);
		if (strstr(guide, text) != NULL)
			return true;
	}
	return false;
}

/* Those that hold a figure which the public must know. */
static bool
is_required(const struct ss_schema *row)
{
	static const char *const groups[] = { "apply.", "photo.", "card.",
		"production.", "paper_card.", "loss.", "fee.", "pin.",
		"collect.", "replace.", "employer." };
	size_t i;

	if ((row->type == SS_TYPE_STRING || row->type >= SS_TYPE_PATTERNS) ||
	    strncmp(row->path, "photo.background.", 17) == 0)
		return false;
	for (i = 0; i < sizeof(groups) / sizeof(groups[0]); i++)
		if (strncmp(row->path, groups[i], strlen(groups[i])) == 0)
			return true;
	return false;
}

/* A value as JSON that a member has not got now. */
static void
another(const struct ss_schema *row, const struct ss_policy *policy,
    struct ss_bytes *out)
{
	const struct ss_value *v = ss_value_get(policy->root, row->path);
	size_t i, count = ss_value_count(v);
	int64_t n = 0;

	switch (row->type) {
	case SS_TYPE_INT:
		ss_value_int(v, &n);
		ss_bytes_addi(out, n < row->max ? n + 1 : n - 1);
		break;
	case SS_TYPE_BOOL:
		ss_bytes_adds(out, ss_value_bool(v, false) ? "false" : "true");
		break;
	case SS_TYPE_TERM:
		ss_bytes_adds(out, "\"17 months\"");
		break;
	case SS_TYPE_LIST:
		ss_json_open(out, NULL, '[');
		for (i = 0; i + 1 < count; i++)
			ss_json_add(out, NULL, ss_value_string(ss_value_at(v,
			    i)));
		ss_json_close(out, ']');
		break;
	case SS_TYPE_LISTS:
		ss_bytes_adds(out, "{\"apply\":[\"manager\"]}");
		break;
	case SS_TYPE_MAP:
		ss_bytes_adds(out, "{\"relation\":\"minor\"}");
		break;
	case SS_TYPE_PATTERNS:
		ss_bytes_adds(out, "{\"household\":\"^x$\"}");
		break;
	case SS_TYPE_TEXT:
		ss_bytes_adds(out, "{\"zh\":\"甲\",\"en\":\"changed\"}");
		break;
	case SS_TYPE_TEXTS:
		ss_bytes_adds(out, "[{\"zh\":\"甲\",\"en\":\"changed\"}]");
		break;
	case SS_TYPE_STRING:
		if (row->words == NULL) {
			ss_bytes_adds(out, "\"changed\"");
			break;
		}
		/* FALLTHROUGH */
	case SS_TYPE_WORD:
		for (i = 0; strcmp(row->words[i], ss_value_string(v)) == 0;)
			i++;
		ss_bytes_addf(out, "\"%s\"", row->words[i]);
		break;
	}
}

/* {"photo":{"face":{"width_min":VALUE}}} from photo.face.width_min. */
static void
patch_for(const char *path, const char *value, struct ss_bytes *out)
{
	const char *dot;
	int depth = 1;

	ss_bytes_reset(out);
	for (; (dot = strchr(path, '.')) != NULL; path = dot + 1, depth++)
		ss_bytes_addf(out, "{\"%.*s\":", (int)(dot - path), path);
	ss_bytes_addf(out, "{\"%s\":%s", path, value);
	while (depth-- > 0)
		ss_bytes_addc(out, '}');
}

/* The whole guide as it is, and as it is after a change. */
static void
differs(const struct data *before, const char *path, const char *value)
{
	struct ss_bytes patch = { 0 }, a = { 0 }, b = { 0 };
	struct data after;
	int i;

	patch_for(path, value, &patch);
	must(data_make(&after, FULL, patch.data, NULL) == 0, patch.data);
	for (i = 0; i < 2; i++) {
		must(write_guide(before, "00", languages[i], SS_PAGE_TEXT,
		    &a) == 0, path);
		ok(write_guide(&after, "00", languages[i], SS_PAGE_TEXT,
		    &b) == 0 && strcmp(a.data, b.data) != 0,
		    "%s: %s in %s", path, value, languages[i]);
	}
	data_close(&after);
	ss_bytes_free(&patch);
	ss_bytes_free(&a);
	ss_bytes_free(&b);
}

static void
test_member(const struct data *before, const char *guide,
    const struct ss_schema *row)
{
	const struct ss_policy *policy;
	struct ss_bytes value = { 0 };
	int i;

	if (is_required(row))
		ok(is_mentioned(guide, row->path), "the guide speaks of %s",
		    row->path);
	if (!is_mentioned(guide, row->path))
		return;
	must(ss_policies_get(before->policies, "00", &policy) == 0, "00");
	another(row, policy, &value);
	differs(before, row->path, value.data);
	if (row->optional && ss_value_get(policy->root, row->path) != NULL &&
	    strcmp(row->path, "name") != 0)
		differs(before, row->path, "null");
	/* A largest figure of 0 would contradict the smallest. */
	if (row->type == SS_TYPE_INT && row->min == 0 &&
	    strstr(row->path, "_max") == NULL && ss_figure_truth(policy, row->path))
		differs(before, row->path, "0");
	for (i = 0; row->type == SS_TYPE_WORD && row->words[i] != NULL; i++) {
		ss_bytes_reset(&value);
		ss_bytes_addf(&value, "\"%s\"", row->words[i]);
		if (strcmp(row->words[i], ss_value_string(ss_value_get(
		    policy->root, row->path))) != 0)
			differs(before, row->path, value.data);
	}
	ss_bytes_free(&value);
}

/* No digit stands in a text of guide.json: all figures are the policy's. */
static void
test_no_figures(const char *guide)
{
	bool inside = false;
	int digits = 0;

	for (; *guide != '\0'; guide++) {
		if (*guide == '{' || *guide == '}')
			inside = *guide == '{' && guide[1] != '"';
		if (!inside && *guide >= '0' && *guide <= '9')
			digits++;
	}
	ok(digits == 0, "no figure of its own");
}

static void
test_members(void)
{
	const struct ss_schema *table;
	struct ss_value *root = NULL;
	struct ss_bytes guide = { 0 };
	char path[PATH_MAX + 16];
	struct data before;
	size_t i, n;

	snprintf(path, sizeof(path), "%s/guide.json", data_dir);
	must(ss_json_read_file(path, &root) == 0 &&
	    ss_value_write(root, &guide) == 0, path);
	must(data_make(&before, FULL, NULL, NULL) == 0, "full policy");
	test_no_figures(guide.data);
	table = ss_schema_table(&n);
	for (i = 0; i < n; i++)
		test_member(&before, guide.data, &table[i]);
	differs(&before, "apply.documents.household", "\"foreign\"");
	differs(&before, "apply.documents.identity", "null");
	data_close(&before);
	ss_bytes_free(&guide);
	ss_json_free(root);
}

#define PART(block) "{\"parts\":{\"photo\":[" block "]}}"
#define TEXT(members) "{\"type\":\"paragraph\",\"zh\":\"x\"," members "}"

static void
test_broken(void)
{
	static const struct {
		const char *guide, *message;
	} bad[] = {
		{ "{\"when\":{\"always\":[" TEXT("\"en\":\"{photo.widht}\"")
		    "]}}",
		    "always: block 1: no such placeholder "
		    "\"photo.widht\"" },
		{ "{\"when\":{\"minor\":null}}", "minor: an array is wanted" },
		{ "{\"when\":{\"minor\":[{\"type\":\"documents\"}]}}",
		    "minor: block 1: no place for \"documents\"" },
		{ "{\"labels\":{\"skip\":{\"en\":\"x } y\"}}}",
		    "labels: a brace that stands alone \"} y\"" },
		{ "{\"labels\":{\"skip\":null}}",
		    "labels: no text in both languages for \"skip\"" },
		{ "{\"labels\":{\"skap\":{}}}",
		    "labels: no such member \"skap\"" },
		{ "{\"extra\":1}", "guide: no such member \"extra\"" },
		{ PART("{\"type\":\"paragraf\"}"),
		    "photo: block 1: no such type of block \"paragraf\"" },
		{ PART("{}"), "photo: block 1: no such type of block \"\"" },
		{ PART(TEXT("\"en\":\"{}\"")),
		    "photo: block 1: no such placeholder \"\"" },
		{ PART(TEXT("\"en\":\"{\"")),
		    "photo: block 1: a brace that stands alone \"{\"" },
		{ PART(TEXT("\"en\":\"x\"") "," TEXT("\"en\":\"{a.b\"")),
		    "photo: block 2: a brace that stands alone \"{a.b\"" },
		{ PART(TEXT("\"en\":\"\"")),
		    "photo: block 1: no text in both languages" },
		{ PART(TEXT("\"en\":\"x\",\"if\":null")),
		    "photo: block 1: a condition is a string" },
		{ PART(TEXT("\"en\":\"x\",\"iff\":\"fee.first\"")),
		    "photo: block 1: no such member \"iff\"" },
		{ PART(TEXT("\"en\":\"x\",\"if\":\"fee.frist\"")),
		    "photo: block 1: no such condition \"fee.frist\"" },
		{ PART(TEXT("\"en\":\"x\",\"unless\":[\"fee.first\","
		    "\"apply.through=guardain\"]")),
		    "photo: block 1: no such condition "
		    "\"apply.through=guardain\"" },
		{ PART(TEXT("\"en\":\"x\",\"if\":\"fee.first=0\"")),
		    "photo: block 1: no such condition \"fee.first=0\"" },
		{ PART(TEXT("\"en\":\"x\",\"if\":true")),
		    "photo: block 1: a condition is a string" },
		{ PART("{\"type\":\"list\",\"items\":[{\"zh\":\"x\"}]}"),
		    "photo: block 1: no text in both languages" },
		{ PART("{\"type\":\"list\",\"items\":[3]}"),
		    "photo: block 1: an object is wanted" },
		{ PART("{\"type\":\"list\",\"items\":{}}"),
		    "photo: block 1: an array is wanted" },
		{ PART("{\"type\":\"list\"}"), "photo: block 1: no text" },
		{ PART("{\"type\":\"table\",\"rows\":[{\"label\":{\"zh\":"
		    "\"x\",\"en\":\"x\"},\"value\":\"x\"}]}"),
		    "photo: block 1: no text in both languages for "
		    "\"a value\"" },
		{ PART("{\"type\":\"include\",\"part\":\"photo\"}"),
		    "photo: block 1: no such part \"photo\"" },
		{ "{\"parts\":{\"photo\":null}}",
		    "no such part \"photo\"" },
		{ "{\"documents\":{\"blocks\":{}}}",
		    "documents: an array is wanted" },
		{ "{\"topics\":[]}", "functions: here stands topic" },
	};
	struct data data;
	size_t i;
	int r;

	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		r = data_make(&data, NULL, NULL, bad[i].guide);
		if (!ok(r == SS_EPOLICY && data.guide == NULL &&
		    strstr(ss_message(), bad[i].message) != NULL &&
		    strstr(ss_message(), "guide.json: ") != NULL, "%s",
		    bad[i].message))
			printf("# %d %s\n", r, ss_message());
		data_close(&data);
	}
}

/* "kind kind+kind photo" of the JSON for an applicant. */
static void
documents_are(const struct data *data, const char *region,
    const struct ss_applicant *who, const char *want)
{
	struct ss_guide_request request = { .words = data->words,
		.lang = "zh", .format = SS_PAGE_JSON };
	struct ss_bytes out = { 0 }, got = { 0 };
	const struct ss_value *list, *v;
	struct ss_value *root = NULL;
	int64_t copies = 0;
	char code[7];
	size_t i;

	must(ss_region_code(region, code) == 0 && ss_policies_get(
	    data->policies, region, &request.policy) == 0, region);
	request.region = code;
	must(ss_guide_documents(data->guide, &request, who, &out) == 0 &&
	    ss_json_parse(out.data, out.len, &root) == 0, "documents");
	list = ss_value_get(root, "documents");
	for (i = 0; i < ss_value_count(list); i++) {
		v = ss_value_at(list, i);
		ss_value_int(ss_value_get(v, "copies"), &copies);
		ss_bytes_addf(&got, "%s*%d ", ss_value_string(ss_value_get(v,
		    "kind")), (int)copies);
	}
	ss_bytes_adds(&got, ss_value_get(root, "photo.width") != NULL ?
	    "photo" : "-");
	is(got.data, want, want);
	ss_json_free(root);
	ss_bytes_free(&out);
	ss_bytes_free(&got);
}

static void
test_documents(const struct data *data)
{
	documents_are(data, "00", &(struct ss_applicant){ 3, NULL, NULL },
	    "identity*1 guardian-identity*1 relation*1 photo");
	documents_are(data, "00", &(struct ss_applicant){ 30, "citizen",
	    NULL }, "identity*1 photo");
	documents_are(data, "00", &(struct ss_applicant){ -1, NULL, NULL },
	    "identity*1 photo");
	documents_are(data, "00", &(struct ss_applicant){ 41, "passport",
	    "holder" }, "identity*1 photo");
	documents_are(data, "00", &(struct ss_applicant){ 70, NULL, "proxy" },
	    "identity*1 proxy-identity*1 authorisation*1 photo");
	documents_are(data, "00", &(struct ss_applicant){ 25, NULL,
	    "employer" },
	    "identity*1 employer-letter*1 handler-identity*2 photo");
	documents_are(data, "4601", &(struct ss_applicant){ 3, NULL, NULL },
	    "identity*1 guardian-identity*1 relation*1 -");
	documents_are(data, "4601", &(struct ss_applicant){ 7, NULL, NULL },
	    "identity*1 guardian-identity*1 relation*1 photo");
}

static void
test_documents_pages(const struct data *data)
{
	struct ss_guide_request request = { .words = data->words,
		.region = "460100", .name = "海南省海口市", .lang = "zh" };
	struct ss_applicant child = { 3, NULL, NULL }, old = { 60, NULL,
		"employer" };
	struct ss_bytes out = { 0 };
	int format, lang;

	must(ss_policies_get(data->policies, "4601",
	    &request.policy) == 0, "4601");
	ss_guide_documents(data->guide, &request, &child, &out);
	has(&out, "申请人年龄：3 周岁", true);
	has(&out, "  - 监护人有效身份证件\n", true);
	has(&out, "代办人", false);
	has(&out, "未满 7 周岁，可以不提交照片", true);
	has(&out, "358", false);
	ss_bytes_reset(&out);
	ss_guide_documents(data->guide, &request, &old, &out);
	has(&out, "单位经办人有效身份证件（共 2 份）\n", true);
	has(&out, "358 × 441", true);
	has(&out, "监护", false);
	for (format = SS_PAGE_TEXT; format < SS_PAGE_JSON; format++)
		for (lang = 0; lang < 2; lang++) {
			request.format = (enum ss_page_format)format;
			request.lang = languages[lang];
			ss_bytes_reset(&out);
			ok(ss_guide_documents(data->guide, &request, &child,
			    &out) == 0 && is_good(&out, request.format),
			    "a page in %s, format %d", request.lang, format);
		}
	ss_bytes_free(&out);
}

static void
test_refused(void)
{
	struct ss_applicant proxy = { 30, NULL, "proxy" };
	struct ss_applicant foreigner = { 30, "passport", NULL };
	struct ss_guide_request request = { .region = "000000",
		.lang = "en", .format = SS_PAGE_JSON };
	struct ss_bytes out = { 0 };
	struct data data;

	must(data_make(&data, "{\"apply\":{\"id_types\":[\"citizen\"],"
	    "\"through\":[\"holder\"]}}", NULL, NULL) == 0, "strict data");
	request.words = data.words;
	must(ss_policies_get(data.policies, "00", &request.policy) == 0,
	    "00");
	ok(ss_guide_documents(data.guide, &request, &proxy, &out) ==
	    SS_EPOLICY && out.len == 0, "no proxies: %s", ss_message());
	ok(ss_guide_documents(data.guide, &request, &foreigner, &out) ==
	    SS_EPOLICY && out.len == 0, "no passports: %s", ss_message());
	must(write_guide(&data, "00", "zh", SS_PAGE_TEXT, &out) == 0, "00");
	has(&out, "委托代办人办理的", false);
	has(&out, "由用人单位办理的", false);
	has(&out, "所有申请人：", true);
	has(&out, "监护关系证明（", true);
	data_close(&data);
	ss_bytes_free(&out);
}

static void
figure_is(const char *path, const char *value, const char *zh, const char *en)
{
	const char *const want[] = { zh, en };
	struct ss_bytes patch = { 0 }, out = { 0 };
	const struct ss_policy *policy;
	struct data data;
	int i;

	patch_for(path, value, &patch);
	must(data_make(&data, patch.data, NULL, NULL) == 0 &&
	    ss_policies_get(data.policies, "00", &policy) == 0, patch.data);
	for (i = 0; i < 2; i++) {
		ss_bytes_reset(&out);
		if (ss_figure_show(policy, data.words, path, languages[i],
		    &out) == 0)
			is(out.data, want[i], path);
		else
			ok(false, "%s: %s", path, ss_message());
	}
	data_close(&data);
	ss_bytes_free(&patch);
	ss_bytes_free(&out);
}

static void
test_figures(const struct data *data)
{
	const struct ss_policy *policy;
	struct ss_bytes out = { 0 };

	figure_is("production.within", "\"15 minutes\"", "15 分钟",
	    "15 minutes");
	figure_is("production.within", "\"24 hours\"", "24 小时", "24 hours");
	figure_is("production.within", "\"1 day\"", "1 天", "1 day");
	figure_is("production.within", "\"3 working days\"", "3 个工作日",
	    "3 working days");
	figure_is("production.within", "\"1 working day\"", "1 个工作日",
	    "1 working day");
	figure_is("production.within", "\"6 months\"", "6 个月", "6 months");
	figure_is("production.within", "\"10 years\"", "10 年", "10 years");
	figure_is("fee.first", "0", "免费", "free of charge");
	figure_is("fee.first", "2000", "20 元", "20 yuan");
	figure_is("fee.first", "2050", "20.5 元", "20.5 yuan");
	figure_is("fee.first", "2005", "20.05 元", "20.05 yuan");
	figure_is("fee.first", "5", "0.05 元", "0.05 yuan");
	figure_is("photo.max_bytes", "51200", "50 KB", "50 KB");
	figure_is("photo.max_bytes", "51201", "51201 字节", "51201 bytes");
	figure_is("card.name_bytes", "1", "1 字节", "1 byte");
	figure_is("photo.min_bytes", "0", "0 字节", "0 bytes");
	figure_is("photo.width", "358", "358", "358");
	figure_is("photo.progressive", "true", "是", "yes");
	figure_is("photo.progressive", "false", "否", "no");
	figure_is("apply.through", "[\"holder\",\"proxy\"]", "本人、代办人",
	    "the applicant in person, a proxy");
	figure_is("pin.initial", "\"0000\"", "0000", "0000");
	must(ss_policies_get(data->policies, "00", &policy) == 0, "00");
	ok(ss_figure_show(policy, data->words, "photo.widht", "zh", &out) ==
	    SS_EINVALID, "no such member");
	ok(ss_figure_show(policy, data->words, "paper_card.valid", "zh",
	    &out) == SS_EMISSING, "left out by the policy");
	ok(!ss_figure_truth(policy, "fee.first") &&
	    ss_figure_truth(policy, "fee.replacement") &&
	    ss_figure_truth(policy, "pin.before") &&
	    !ss_figure_truth(policy, "paper_card.valid") &&
	    !ss_figure_truth(policy, "photo.progressive") &&
	    ss_figure_truth(policy, "apply.through") &&
	    !ss_figure_truth(policy, "nothing"), "what is true");
	ss_bytes_free(&out);
}

int
main(void)
{
	const char *dir = getenv("SSCARD_DATA");
	struct data data = { .dir = "" };

	snprintf(data_dir, sizeof(data_dir), "%s",
	    dir != NULL ? dir : "lib/data");
	if (!ok(data_open(&data) == 0, "opens the data")) {
		printf("# %s\n", ss_message());
		data_close(&data);
		return done();
	}
	test_regions(&data);
	test_request(&data);
	test_escaping();
	test_members();
	test_broken();
	test_documents(&data);
	test_documents_pages(&data);
	test_refused();
	test_figures(&data);
	data_close(&data);
	return done();
}
