#include <string.h>

#include "base/line.h"
#include "base/text.h"

int
ss_lines_init(struct ss_lines *ls, struct ss_input *in, size_t limit)
{
	*ls = (struct ss_lines){ .in = in, .limit = limit };
	return ss_sm3_new(&ls->sm3);
}

void
ss_lines_wipe(struct ss_lines *ls)
{
	ss_sm3_free(ls->sm3);
	ls->sm3 = NULL;
}

/* Moves n bytes of the buffer into the long line's digest. */
static int
swallow(struct ss_lines *ls, size_t n)
{
	const char *p = ls->in->buf.data + ls->in->pos;
	int r;

	if (ls->long_len == 0)
		memcpy(ls->head, p, SS_LINE_HEAD);
	if (n > 0 && (r = ss_sm3_update(ls->sm3, p, n)) != 0)
		return r;
	ls->long_len += n;
	ls->in->pos += n;
	ls->seen = 0;
	return 0;
}

static int
end_long(struct ss_lines *ls, struct ss_line *line)
{
	uint8_t digest[SS_SM3_LEN];
	int r;

	line->data = ls->head;
	line->len = SS_LINE_HEAD;
	line->full_len = ls->long_len;
	ls->long_len = 0;
	if ((r = ss_sm3_final(ls->sm3, digest)) == 0)
		ss_hex(digest, sizeof(digest), line->sm3);
	return r;
}

/*
 * Takes the next n bytes, and skip bytes of newline after them, as a line or
 * as the end of a long one.
 */
static int
take(struct ss_lines *ls, size_t n, size_t skip, struct ss_line *line)
{
	int r;

	*line = (struct ss_line){ .number = ++ls->number };
	if (ls->long_len > 0 || n > ls->limit) {
		r = swallow(ls, n);
		ls->in->pos += skip;
		return r != 0 ? r : end_long(ls, line);
	}
	line->data = ls->in->buf.data + ls->in->pos;
	line->len = line->full_len = n;
	ls->in->pos += n + skip;
	ls->seen = 0;
	return 0;
}

static int
next(void *ctx, bool wait, struct ss_line *line, enum ss_next *what)
{
	struct ss_lines *ls = ctx;
	struct ss_input *in = ls->in;
	enum ss_fill fill = SS_FILLED;
	const char *end;
	size_t left;
	int r;

	*what = SS_LINE;
	for (;;) {
		left = in->buf.len - in->pos;
		/* The buffer is NULL before the first bytes. */
		end = left == ls->seen ? NULL : memchr(in->buf.data +
		    in->pos + ls->seen, '\n', left - ls->seen);
		if (end != NULL)
			return take(ls, (size_t)(end - in->buf.data) - in->pos,
			    1, line);
		if (fill == SS_FILE_END && left + ls->long_len > 0)
			return take(ls, left, 0, line);
		ls->seen = left;
		if ((left > ls->limit || ls->long_len > 0) &&
		    (r = swallow(ls, left)) != 0)
			return r;
		if ((r = ss_input_fill(in, wait, &fill)) != 0)
			return r;
		if (fill == SS_NOT_YET || fill == SS_INPUT_END) {
			*what = fill == SS_NOT_YET ? SS_NO_LINE_YET :
			    SS_NO_MORE;
			return 0;
		}
	}
}

struct ss_source
ss_lines_source(struct ss_lines *ls)
{
	return (struct ss_source){ next, ls, ls->in };
}

static int
next_one(void *ctx, bool wait, struct ss_line *line, enum ss_next *what)
{
	struct ss_one *one = ctx;

	(void)wait;
	*what = one->given ? SS_NO_MORE : SS_LINE;
	one->given = true;
	*line = (struct ss_line){ .data = one->text.data, .number = 1,
		.len = one->text.len, .full_len = one->text.len };
	return 0;
}

struct ss_source
ss_one_source(struct ss_one *one)
{
	return (struct ss_source){ next_one, one, NULL };
}
