/* Lines that come from elsewhere into the trust file. */
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/line.h"
#include "front/key_operators_own.h"

#define LINE_MAX (16u << 10)

/* Lines that are to be imported. */
struct lines {
	struct ss_trusted *at;
	size_t count, cap;
};

static int
take_line(struct lines *l, const struct ss_line *line)
{
	struct ss_value *value = NULL;
	void *p;
	int r;

	if (l->count == l->cap) {
		l->cap = l->cap == 0 ? 4 : 2 * l->cap;
		if ((p = realloc(l->at, l->cap * sizeof(*l->at))) == NULL)
			return ss_fail(SS_EMEMORY, "out of memory");
		l->at = p;
	}
	if (line->code != 0)
		r = ss_fail(line->code, "%s", line->message);
	else if ((r = ss_json_parse(line->data, line->len, &value)) == 0)
		r = ss_trusted_read(&l->at[l->count], value);
	ss_json_free(value);
	if (r == 0)
		l->count++;
	else if (r == SS_EINVALID)
		r = ss_fail_in(r, "line %ju", (uintmax_t)line->number);
	return r;
}

static int
read_lines(const struct ss_key_work *c, struct lines *l)
{
	const struct ss_command *command = c->command;
	struct ss_source source;
	struct ss_lines lines;
	struct ss_input in;
	struct ss_line line;
	enum ss_next what = SS_LINE;
	int r;

	ss_input_init(&in, command->operand + 2, command->operand_count - 2,
	    NULL);
	if ((r = ss_lines_init(&lines, &in, LINE_MAX)) == 0) {
		source = ss_lines_source(&lines);
		while (r == 0 && what != SS_NO_MORE)
			if ((r = source.next(source.ctx, true, &line,
			    &what)) == 0 && what == SS_LINE)
				r = take_line(l, &line);
		ss_lines_wipe(&lines);
	}
	ss_input_wipe(&in);
	if (r == 0 && l->count == 0)
		r = ss_fail(SS_EINVALID, "there is no line to import");
	return r;
}

static void
add_words(struct ss_bytes *b, const char *rows, size_t size, size_t count)
{
	size_t i;

	for (i = 0; i < count; i++)
		ss_bytes_addf(b, "%s%s", i > 0 ? "," : "", rows + i * size);
	if (count == 0)
		ss_bytes_adds(b, "none");
}

static void
add_time(struct ss_bytes *b, const char *word, ss_instant when)
{
	char text[SS_INSTANT_MAX];

	if (when == 0)
		return;
	ss_instant_format(when, text);
	ss_bytes_addf(b, ", %s %s", word, text);
}

/* What the importer has to have seen. */
static int
show(const struct ss_key_work *c, const struct ss_trusted *t, bool further)
{
	struct ss_bytes b = { 0 };
	int r;

	ss_bytes_addf(&b, "%s: key %s, roles ", t->name, t->key);
	add_words(&b, t->roles[0], sizeof(t->roles[0]), t->role_count);
	ss_bytes_adds(&b, ", regions ");
	add_words(&b, t->regions[0], sizeof(t->regions[0]), t->region_count);
	add_time(&b, "from", t->from);
	add_time(&b, "until", t->until);
	add_time(&b, "revoked", t->revoked);
	if (further)
		ss_bytes_adds(&b, "; the name has another key already");
	if ((r = ss_bytes_check(&b)) == 0)
		ss_say(c->command, "%s", b.data);
	ss_bytes_free(&b);
	return r;
}

static int
show_all(const struct ss_key_work *c, const struct lines *l)
{
	struct ss_operators *o = NULL;
	const struct ss_trusted *t;
	bool further;
	int r;

	if ((r = ss_key_open_trust(c, &o)) == SS_EMISSING &&
	    c->command->common.trust != NULL)
		r = 0;
	for (t = l->at; r == 0 && t != NULL && t < l->at + l->count; t++) {
		further = o != NULL && ss_operators_find(o, t->key) == NULL &&
		    ss_key_count_fits(o, t->name, true) > 0;
		r = show(c, t, further);
	}
	ss_operators_close(o);
	return r;
}

static int
same(const struct ss_trusted *a, const struct ss_trusted *b, bool *is)
{
	struct ss_bytes one = { 0 }, two = { 0 };
	int r;

	if ((r = ss_trusted_write(a, &one)) == 0 &&
	    (r = ss_trusted_write(b, &two)) == 0)
		*is = one.len == two.len &&
		    memcmp(one.data, two.data, one.len) == 0;
	ss_bytes_free(&one);
	ss_bytes_free(&two);
	return r;
}

/* What was revoked here stays so. */
static int
import_one(struct ss_key_work *c, struct ss_operators *o,
    const struct ss_trusted *line)
{
	const struct ss_trusted *there = ss_operators_find(o, line->key);
	struct ss_trusted t = *line;
	bool is = false;
	int r;

	if (there != NULL && there->revoked != 0 &&
	    (t.revoked == 0 || there->revoked < t.revoked))
		t.revoked = there->revoked;
	if (there != NULL && (r = same(there, &t, &is)) != 0)
		return r;
	if (there != NULL && !is && !c->replace)
		return ss_fail(SS_EEXISTS, "the key %.16s is there already "
		    "with other facts; --replace replaces them", t.key);
	if ((r = ss_operators_put(o, &t)) == 0)
		r = ss_key_put_line(c, &t);
	return r;
}

static int
import_all(struct ss_key_work *c, const struct lines *l)
{
	struct ss_operators *o = NULL;
	size_t i;
	int r;

	r = ss_operators_edit(&o, c->command->common.trust);
	for (i = 0; r == 0 && i < l->count; i++)
		r = import_one(c, o, &l->at[i]);
	if (r == 0)
		r = ss_operators_save(o);
	if (r != 0)
		ss_bytes_reset(&c->out);
	ss_operators_close(o);
	return r;
}

int
ss_key_import(struct ss_key_work *c)
{
	struct lines l = { NULL, 0, 0 };
	size_t i;
	int r;

	c->begun = true;
	r = read_lines(c, &l);
	for (i = 0; r == 0 && i < l.count; i++)
		r = ss_key_lay_facts(c, &l.at[i]);
	if (r == 0 && (r = show_all(c, &l)) == 0 && !c->as_is &&
	    (c->role.count == 0 || c->region.count == 0)) {
		/* Nobody gives himself a role. */
		c->begun = false;
		r = ss_fail(SS_EINVALID, "nothing is imported; say what they "
		    "may do with --role and -R, or --as-is for what the lines "
		    "say");
	}
	if (r == 0)
		r = import_all(c, &l);
	free(l.at);
	return r;
}
