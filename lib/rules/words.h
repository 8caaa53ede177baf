/*
 * The vocabulary: the words that records and policies use for document types,
 * relations, ethnic groups and so on, with their Chinese and English labels
 * and the other ways people write them. Data: words.json.
 */
#ifndef SS_RULES_WORDS_H
#define SS_RULES_WORDS_H

#include <stddef.h>

#include "base/json.h"

struct ss_words;

int ss_words_open(struct ss_words **out, const char *data_dir);
void ss_words_close(struct ss_words *);

/* A word's label, lang being "zh" or "en"; the word itself when it has none. */
const char *ss_words_label(const struct ss_words *, const char *set,
    const char *word, const char *lang);

/* What a word is about, a member of the record; NULL: it does not say. */
const char *ss_words_about(const struct ss_words *, const char *set,
    const char *word);

/*
 * The word that a text means: the word itself, one of its labels, or another
 * way of writing it. NULL when it means none. Borrowed.
 */
const char *ss_words_find(const struct ss_words *, const char *set,
    const char *text);

/* SS_EINVALID, "not one of: " and the first words of the set. */
int ss_words_fail(const struct ss_words *, const char *set);

/* The words of a set, for messages and loops; NULL when there is none. */
const struct ss_value *ss_words_set(const struct ss_words *, const char *set);

#endif
