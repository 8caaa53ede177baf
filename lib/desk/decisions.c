#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/input.h"
#include "base/line.h"
#include "base/record.h"
#include "base/text.h"
#include "desk/decisions.h"

struct entry {
	char *id, *check, *note;
	bool ok;
	size_t line;
	atomic_bool used;
};

struct ss_decisions {
	const struct ss_words *words;
	char *attest;		/* names, each followed by a comma */
	struct entry *entries;	/* sorted by id, then check */
	size_t count, cap;
};

/* The manual checks are those that say what they are about. */
static int
check_word(const struct ss_words *words, const char *check)
{
	struct ss_bytes all = { 0 };
	const struct ss_value *v;
	const char *word;
	void *iter = NULL;

	while (ss_value_each(ss_words_set(words, "check"), &iter, &word, &v)) {
		if (ss_words_about(words, "check", word) == NULL)
			continue;
		if (strcmp(word, check) == 0) {
			ss_bytes_free(&all);
			return 0;
		}
		ss_bytes_addf(&all, "%s%s", all.len > 0 ? ", " : "", word);
	}
	ss_fail(SS_EINVALID, "no manual check is called \"%.40s\"; "
	    "there are: %s", check, all.len > 0 ? all.data : "none");
	ss_bytes_free(&all);
	return SS_EINVALID;
}

static int
take_attest(struct ss_decisions *d, const char *attest)
{
	char *name, *save = NULL, *copy;
	struct ss_bytes b = { 0 };
	int r = 0;

	if ((copy = strdup(attest)) == NULL)
		return ss_fail(SS_EMEMORY, "out of memory");
	ss_bytes_addc(&b, ',');
	for (name = strtok_r(copy, ", ", &save); r == 0 && name != NULL;
	    name = strtok_r(NULL, ", ", &save)) {
		if ((r = check_word(d->words, name)) != 0)
			ss_fail_in(r, "--attest");
		ss_bytes_addf(&b, "%s,", name);
	}
	free(copy);
	if (r == 0)
		r = ss_bytes_check(&b);
	d->attest = b.data;
	return r;
}

static int
compare(const void *a, const void *b)
{
	const struct entry *x = a, *y = b;
	int c = strcmp(x->id, y->id);

	return c != 0 ? c : strcmp(x->check, y->check);
}

static void
free_entry(struct entry *e)
{
	free(e->id);
	free(e->check);
	free(e->note);
}

/* Takes one decision out of a parsed line. */
static int
add(struct ss_decisions *d, const struct ss_value *v, size_t line)
{
	const char *id = ss_value_string(ss_value_get(v, "id"));
	const char *check = ss_value_string(ss_value_get(v, "check"));
	const char *note = ss_value_string(ss_value_get(v, "note"));
	const struct ss_value *ok = ss_value_get(v, "ok");
	struct entry *p, e = { .line = line };
	int r;

	if (id == NULL || check == NULL || ss_value_kind(ok) != SS_BOOL)
		return ss_fail(SS_EINVALID, "--decisions: line %zu: {\"id\": "
		    "text, \"check\": name, \"ok\": true or false} is wanted",
		    line);
	if ((r = check_word(d->words, check)) != 0)
		return ss_fail_in(r, "--decisions: line %zu", line);
	if (d->count == d->cap) {
		p = realloc(d->entries, (d->cap * 2 + 64) * sizeof(*p));
		if (p == NULL)
			return ss_fail(SS_EMEMORY, "out of memory");
		d->entries = p;
		d->cap = d->cap * 2 + 64;
	}
	e.ok = ss_value_bool(ok, false);
	e.id = strdup(id);
	e.check = strdup(check);
	e.note = note != NULL ? strdup(note) : NULL;
	d->entries[d->count++] = e;
	if (e.id == NULL || e.check == NULL || (note != NULL && e.note == NULL))
		return ss_fail(SS_EMEMORY, "out of memory");
	return 0;
}

static int
read_lines(struct ss_decisions *d, struct ss_lines *lines)
{
	struct ss_source source = ss_lines_source(lines);
	struct ss_value *v = NULL;
	struct ss_line line;
	enum ss_next what;
	size_t n;
	int r;

	while ((r = source.next(source.ctx, true, &line, &what)) == 0 &&
	    what == SS_LINE) {
		n = line.len;
		ss_trim(line.data, &n);
		if (n == 0)
			continue;
		r = line.full_len > line.len ? ss_fail(SS_EINVALID,
		    "longer than the line limit") :
		    ss_json_parse(line.data, line.len, &v);
		if (r != 0)
			return ss_fail_in(r, "--decisions: line %llu",
			    (unsigned long long)line.number);
		r = add(d, v, (size_t)line.number);
		ss_json_free(v);
		if (r != 0)
			return r;
	}
	return r;
}

static bool
agree(const struct entry *a, const struct entry *b)
{
	const char *x = a->note != NULL ? a->note : "";
	const char *y = b->note != NULL ? b->note : "";

	return a->ok == b->ok && strcmp(x, y) == 0;
}

/* Of equal entries the first is kept. */
static void
drop_equal(struct ss_decisions *d)
{
	size_t i, n = 1;

	for (i = 1; i < d->count; i++) {
		if (compare(&d->entries[n - 1], &d->entries[i]) == 0)
			free_entry(&d->entries[i]);
		else
			memmove(&d->entries[n++], &d->entries[i],
			    sizeof(*d->entries));
	}
	d->count = n;
}

/* Sorts, and refuses what contradicts itself. */
static int
sort(struct ss_decisions *d)
{
	const struct entry *a, *b;
	size_t i;

	if (d->count == 0)
		return 0;
	qsort(d->entries, d->count, sizeof(*d->entries), compare);
	for (i = 1; i < d->count; i++) {
		a = &d->entries[i - 1];
		b = &d->entries[i];
		if (compare(a, b) == 0 && !agree(a, b))
			return ss_fail(SS_EINVALID, "--decisions: lines %zu "
			    "and %zu contradict each other", a->line, b->line);
	}
	drop_equal(d);
	return 0;
}

int
ss_decisions_open(struct ss_decisions **out, const char *attest,
    const char *path, const struct ss_words *words)
{
	struct ss_input in = { .fd = -1 };
	struct ss_lines lines = { 0 };
	struct ss_decisions *d;
	int r = 0;

	*out = NULL;
	if ((d = calloc(1, sizeof(*d))) == NULL)
		return ss_fail(SS_EMEMORY, "out of memory");
	d->words = words;
	if (attest != NULL)
		r = take_attest(d, attest);
	if (r == 0 && path != NULL) {
		ss_input_init(&in, &path, 1, NULL);
		if ((r = ss_lines_init(&lines, &in, SS_LINE_LIMIT)) == 0 &&
		    (r = read_lines(d, &lines)) == 0)
			r = sort(d);
		ss_lines_wipe(&lines);
		ss_input_wipe(&in);
	}
	if (r != 0) {
		ss_decisions_close(d);
		return r;
	}
	*out = d;
	return 0;
}

void
ss_decisions_close(struct ss_decisions *d)
{
	if (d == NULL)
		return;
	while (d->count > 0)
		free_entry(&d->entries[--d->count]);
	free(d->entries);
	free(d->attest);
	free(d);
}

static bool
attested(const struct ss_decisions *d, const char *check)
{
	size_t n = strlen(check);
	const char *p;

	if (d->attest == NULL)
		return false;
	for (p = d->attest; (p = strstr(p, check)) != NULL; p += n)
		if (p[-1] == ',' && p[n] == ',')
			return true;
	return false;
}

bool
ss_decisions_find(struct ss_decisions *d, const char *id, const char *check,
    struct ss_decision *out)
{
	/* bsearch compares; it does not change the key's strings. */
	struct entry key = { .id = (char *)(uintptr_t)id,
		.check = (char *)(uintptr_t)check }, *e = NULL;

	if (d->count > 0)
		e = bsearch(&key, d->entries, d->count, sizeof(key), compare);
	if (e != NULL) {
		e->used = true;
		*out = (struct ss_decision){ e->ok, e->note };
		return true;
	}
	*out = (struct ss_decision){ true, NULL };
	return attested(d, check);
}

size_t
ss_decisions_unused(const struct ss_decisions *d)
{
	size_t i, n = 0;

	for (i = 0; i < d->count; i++)
		n += !d->entries[i].used;
	return n;
}
