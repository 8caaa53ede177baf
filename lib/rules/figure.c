#include <string.h>

#include "base/err.h"
#include "rules/figure.h"

/* The names of units by enum ss_unit; English takes an s for more than one. */
static const struct {
	const char *zh, *en;
} units[] = {
	{ "分钟", "minute" },
	{ "小时", "hour" },
	{ "天", "day" },
	{ "个工作日", "working day" },
	{ "个月", "month" },
	{ "年", "year" },
};

static bool
is_zh(const char *lang)
{
	return strcmp(lang, "zh") == 0;
}

static const struct ss_value *
member(const struct ss_policy *policy, const char *path)
{
	const struct ss_value *v = ss_value_get(policy->root, path);

	return ss_value_kind(v) <= SS_NULL ? NULL : v;
}

/* A number, a space, and a unit that agrees with it. */
static void
show_unit(int64_t n, const char *zh, const char *en, const char *lang,
    struct ss_bytes *out)
{
	ss_bytes_addi(out, n);
	ss_bytes_addc(out, ' ');
	ss_bytes_adds(out, is_zh(lang) ? zh : en);
	if (!is_zh(lang) && n != 1)
		ss_bytes_addc(out, 's');
}

static int
show_term(const char *text, const char *lang, struct ss_bytes *out)
{
	struct ss_period period;
	int r;

	if ((r = ss_period_parse(text, &period)) != 0)
		return r;
	show_unit(period.n, units[period.unit].zh, units[period.unit].en, lang,
	    out);
	return 0;
}

/* Fen as yuan, without zeros at the end. */
static void
show_fen(int64_t fen, const char *lang, struct ss_bytes *out)
{
	int jiao = (int)(fen % 100 / 10), rest = (int)(fen % 10);

	if (fen == 0) {
		ss_bytes_adds(out, is_zh(lang) ? "免费" : "free of charge");
		return;
	}
	ss_bytes_addi(out, fen / 100);
	if (rest != 0)
		ss_bytes_addf(out, ".%d%d", jiao, rest);
	else if (jiao != 0)
		ss_bytes_addf(out, ".%d", jiao);
	ss_bytes_adds(out, is_zh(lang) ? " 元" : " yuan");
}

static void
show_int(int64_t n, const char *unit, const char *lang, struct ss_bytes *out)
{
	if (strcmp(unit, "fen") == 0) {
		show_fen(n, lang, out);
	} else if (strcmp(unit, "byte") != 0) {
		ss_bytes_addi(out, n);
	} else if (n != 0 && n % 1024 == 0) {
		ss_bytes_addi(out, n / 1024);
		ss_bytes_adds(out, " KB");
	} else {
		show_unit(n, "字节", "byte", lang, out);
	}
}

/* The words of a list, or the names of a map that are not null. */
static void
show_words(const struct ss_value *v, const struct ss_schema *row,
    const struct ss_words *words, const char *lang, struct ss_bytes *out)
{
	const char *between = "", *word;
	const struct ss_value *value;
	void *iter = NULL;
	size_t i;

	if (ss_value_kind(v) == SS_OBJECT) {
		while (ss_value_each(v, &iter, &word, &value)) {
			if (ss_value_kind(value) == SS_NULL)
				continue;
			ss_bytes_adds(out, between);
			ss_bytes_adds(out, ss_words_label(words, row->set,
			    word, lang));
			between = is_zh(lang) ? "、" : ", ";
		}
		return;
	}
	for (i = 0; i < ss_value_count(v); i++) {
		ss_bytes_adds(out, between);
		ss_bytes_adds(out, ss_words_label(words, row->set,
		    ss_value_string(ss_value_at(v, i)), lang));
		between = is_zh(lang) ? "、" : ", ";
	}
}

static void
show_texts(const struct ss_value *v, const char *lang, struct ss_bytes *out)
{
	size_t i;

	for (i = 0; i < ss_value_count(v); i++) {
		ss_bytes_adds(out, i == 0 ? "" : is_zh(lang) ? "；" : "; ");
		ss_bytes_adds(out, ss_value_string(ss_value_get(
		    ss_value_at(v, i), lang)));
	}
}

int
ss_figure_show(const struct ss_policy *policy, const struct ss_words *words,
    const char *path, const char *lang, struct ss_bytes *out)
{
	const struct ss_schema *row = ss_schema_find(path);
	const struct ss_value *v = member(policy, path);
	int64_t n = 0;

	if (row == NULL)
		return ss_fail(SS_EINVALID, "no policy member %s", path);
	if (v == NULL)
		return ss_fail(SS_EMISSING, "the policy leaves out %s", path);
	switch (row->type) {
	case SS_TYPE_INT:
		ss_value_int(v, &n);
		show_int(n, row->unit, lang, out);
		break;
	case SS_TYPE_BOOL:
		if (ss_value_bool(v, false))
			ss_bytes_adds(out, is_zh(lang) ? "是" : "yes");
		else
			ss_bytes_adds(out, is_zh(lang) ? "否" : "no");
		break;
	case SS_TYPE_TERM:
		return show_term(ss_value_string(v), lang, out);
	case SS_TYPE_LIST:
	case SS_TYPE_MAP:
	case SS_TYPE_LISTS:
	case SS_TYPE_PATTERNS:
		show_words(v, row, words, lang, out);
		break;
	case SS_TYPE_TEXT:
		ss_bytes_adds(out, ss_value_string(ss_value_get(v, lang)));
		break;
	case SS_TYPE_TEXTS:
		show_texts(v, lang, out);
		break;
	default:
		ss_bytes_adds(out, ss_value_string(v));
		break;
	}
	return ss_bytes_check(out);
}

bool
ss_figure_truth(const struct ss_policy *policy, const char *path)
{
	const struct ss_schema *row = ss_schema_find(path);
	const struct ss_value *v = member(policy, path);
	int64_t n = 0;

	if (row == NULL || v == NULL)
		return false;
	switch (row->type) {
	case SS_TYPE_INT:
		return ss_value_int(v, &n) && n != 0;
	case SS_TYPE_BOOL:
		return ss_value_bool(v, false);
	case SS_TYPE_WORD:
		return strcmp(ss_value_string(v), row->words[0]) != 0;
	case SS_TYPE_STRING:
	case SS_TYPE_TERM:
		return ss_value_string_len(v) > 0;
	default:
		return ss_value_count(v) > 0;
	}
}
