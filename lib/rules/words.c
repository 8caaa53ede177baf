#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "rules/words.h"

/* One way to write one word of one set. */
struct entry {
	const char *set, *text, *word;
};

struct ss_words {
	struct ss_value *root;
	struct entry *entries;	/* sorted by set, then text */
	size_t count;
};

static int
compare(const void *a, const void *b)
{
	const struct entry *x = a, *y = b;
	int c = strcmp(x->set, y->set);

	return c != 0 ? c : strcmp(x->text, y->text);
}

static int
add(struct ss_words *words, const char *set, const char *text,
    const char *word)
{
	struct entry *p;

	if (text == NULL)
		return ss_fail(SS_EINVALID, "%s.%s: a label is not a string",
		    set, word);
	if (words->count % 64 == 0) {
		p = realloc(words->entries,
		    (words->count + 64) * sizeof(*p));
		if (p == NULL)
			return ss_fail(SS_EMEMORY, "out of memory");
		words->entries = p;
	}
	words->entries[words->count++] = (struct entry){ set, text, word };
	return 0;
}

static int
add_word(struct ss_words *words, const char *set, const char *word,
    const struct ss_value *v)
{
	const struct ss_value *also = ss_value_get(v, "also");
	size_t i;
	int r;

	if ((r = add(words, set, word, word)) != 0 ||
	    (r = add(words, set, ss_value_string(ss_value_get(v, "zh")),
	    word)) != 0 ||
	    (r = add(words, set, ss_value_string(ss_value_get(v, "en")),
	    word)) != 0)
		return r;
	for (i = 0; r == 0 && i < ss_value_count(also); i++)
		r = add(words, set, ss_value_string(ss_value_at(also, i)),
		    word);
	return r;
}

static int
index_words(struct ss_words *words)
{
	const struct ss_value *set, *v;
	const char *name, *word;
	void *sets = NULL, *iter;
	int r = 0;

	while (r == 0 && ss_value_each(words->root, &sets, &name, &set)) {
		iter = NULL;
		while (r == 0 && ss_value_each(set, &iter, &word, &v))
			r = add_word(words, name, word, v);
	}
	if (r == 0)
		qsort(words->entries, words->count, sizeof(*words->entries),
		    compare);
	return r;
}

int
ss_words_open(struct ss_words **out, const char *data_dir)
{
	struct ss_bytes path = { 0 };
	struct ss_words *words;
	int r;

	*out = NULL;
	if ((words = calloc(1, sizeof(*words))) == NULL)
		return ss_fail(SS_EMEMORY, "out of memory");
	ss_bytes_addf(&path, "%s/words.json", data_dir);
	if ((r = ss_bytes_check(&path)) == 0 &&
	    (r = ss_json_read_file(path.data, &words->root)) == 0 &&
	    (r = index_words(words)) != 0)
		r = ss_fail_in(r, "%s", path.data);
	ss_bytes_free(&path);
	if (r != 0) {
		ss_words_close(words);
		return r;
	}
	*out = words;
	return 0;
}

void
ss_words_close(struct ss_words *words)
{
	if (words == NULL)
		return;
	ss_json_free(words->root);
	free(words->entries);
	free(words);
}

const struct ss_value *
ss_words_set(const struct ss_words *words, const char *set)
{
	return ss_value_get(words->root, set);
}

const char *
ss_words_label(const struct ss_words *words, const char *set,
    const char *word, const char *lang)
{
	const struct ss_value *v = ss_value_get(ss_words_set(words, set), word);
	const char *label = ss_value_string(ss_value_get(v, lang));

	return label != NULL ? label : word;
}

const char *
ss_words_about(const struct ss_words *words, const char *set, const char *word)
{
	return ss_value_string(ss_value_get(ss_value_get(ss_words_set(words,
	    set), word), "about"));
}

const char *
ss_words_find(const struct ss_words *words, const char *set, const char *text)
{
	const struct entry key = { set, text, NULL }, *found;

	found = bsearch(&key, words->entries, words->count, sizeof(key),
	    compare);
	return found != NULL ? found->word : NULL;
}

int
ss_words_fail(const struct ss_words *words, const char *set)
{
	struct ss_bytes all = { 0 };
	const struct ss_value *v;
	const char *known;
	void *iter = NULL;
	int r;

	while (ss_value_each(ss_words_set(words, set), &iter, &known, &v) &&
	    all.len < 120)
		ss_bytes_addf(&all, "%s%s", all.len > 0 ? ", " : "", known);
	if ((r = ss_bytes_check(&all)) == 0)
		r = ss_fail(SS_EINVALID, "not one of: %s%s",
		    all.len > 0 ? all.data : "", iter != NULL ? " ..." : "");
	ss_bytes_free(&all);
	return r;
}
