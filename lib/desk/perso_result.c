#include <string.h>

#include "base/err.h"
#include "base/text.h"
#include "desk/perso_own.h"

/* The last four of a sentence of ss_status_fail. */
#define SW_MARK ", SW "
#define SW_DIGITS 4

/* What is known of the chip and of the run. */
static void
add_chip(const struct ss_making *m, struct ss_bytes *b)
{
	const struct ss_reader_counts *n = &m->counts;

	ss_terminal_write(&m->session.who, b);
	ss_json_addi(b, "apdus", (int64_t)n->apdus);
	ss_json_addi(b, "ms", n->last_ms - n->first_ms);
}

void
ss_making_result(const struct ss_making *m, struct ss_bytes *b)
{
	if (m->job.number[0] != '\0')
		ss_json_add(b, "number", m->job.number);
	ss_json_add(b, "issued", m->issued);
	ss_json_add(b, "expires", m->expires);
	add_chip(m, b);
}

/* The status word that the sentence ends with; NULL when it has none. */
static const char *
status_word(const char *message)
{
	size_t len = strlen(message), mark = strlen(SW_MARK);

	if (len < mark + SW_DIGITS || memcmp(message + len - SW_DIGITS - mark,
	    SW_MARK, mark) != 0)
		return NULL;
	return message + len - SW_DIGITS;
}

void
ss_making_detail(const struct ss_making *m, struct ss_record *rec)
{
	const char *sw = status_word(ss_message());
	struct ss_bytes *b = &rec->detail;

	ss_bytes_reset(b);
	if (sw != NULL)
		ss_bytes_addf(b, "\"sw\":\"%s\"", sw);
	if (!m->open)
		return;
	if (b->len > 0)
		ss_bytes_addc(b, ',');
	ss_bytes_adds(b, "\"card\":");
	ss_json_open(b, NULL, '{');
	/* The number is not that of a card that was not for this record. */
	if (m->refused || m->other)
		add_chip(m, b);
	else
		ss_making_result(m, b);
	ss_json_close(b, '}');
}
