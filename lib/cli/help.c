#include <stdio.h>
#include <string.h>

#include "base/bytes.h"
#include "base/err.h"
#include "cli/help.h"

#define WIDTH 79
#define INDENT 8
#define HELP_COLUMN 30

struct synopsis {
	FILE *to;
	struct ss_bytes flags;	/* "[-nqv" in the making */
	int column;
};

static void
put_word(struct synopsis *s, const char *word)
{
	int n = (int)strlen(word);

	if (s->column + 1 + n > WIDTH) {
		fprintf(s->to, "\n%*s", INDENT, "");
		s->column = INDENT;
	} else {
		fputc(' ', s->to);
		s->column++;
	}
	fputs(word, s->to);
	s->column += n;
}

static void
add_flag(const struct ss_option *row, void *ctx)
{
	struct synopsis *s = ctx;

	if (row->arg == NULL && row->letter != 0)
		ss_bytes_addc(&s->flags, row->letter);
}

static void
put_option(const struct ss_option *row, void *ctx)
{
	const char *many = row->kind == SS_OPTION_MANY ? " ..." : "";
	struct ss_bytes word = { 0 };

	if (row->arg == NULL && row->letter != 0)
		return;
	if (row->arg == NULL)
		ss_bytes_addf(&word, "[--%s]", row->name);
	else if (row->letter != 0)
		ss_bytes_addf(&word, "[-%c %s]%s", row->letter, row->arg, many);
	else
		ss_bytes_addf(&word, "[--%s %s]%s", row->name, row->arg, many);
	if (!word.failed)
		put_word(ctx, word.data);
	ss_bytes_free(&word);
}

/* What stands in brackets stays on one line. */
static void
put_operands(struct synopsis *s, const char *operands)
{
	struct ss_bytes word = { 0 };
	const char *p;
	int depth = 0;

	for (p = operands; ; p++) {
		if (*p != '\0' && (*p != ' ' || depth > 0)) {
			depth += (*p == '[') - (*p == ']');
			ss_bytes_addc(&word, *p);
			continue;
		}
		if (word.len > 0 && !word.failed)
			put_word(s, word.data);
		ss_bytes_reset(&word);
		if (*p == '\0')
			break;
	}
	ss_bytes_free(&word);
}

void
ss_help_synopsis(struct ss_command *command, FILE *to)
{
	struct synopsis s = { .to = to };

	s.column = fprintf(to, "usage: %s", command->name);
	ss_bytes_adds(&s.flags, "[-");
	ss_options_each(command, add_flag, &s);
	ss_bytes_addc(&s.flags, ']');
	if (!s.flags.failed)
		put_word(&s, s.flags.data);
	ss_options_each(command, put_option, &s);
	put_operands(&s, command->operands);
	fputc('\n', to);
	ss_bytes_free(&s.flags);
}

static void
print_row(const struct ss_option *row, void *ctx)
{
	FILE *to = ctx;
	int n;

	n = row->letter != 0 ? fprintf(to, "  -%c, ", row->letter) :
	    fprintf(to, "      ");
	n += fprintf(to, "--%s", row->name);
	if (row->arg != NULL)
		n += fprintf(to, " %s", row->arg);
	if (n + 2 > HELP_COLUMN) {
		fputc('\n', to);
		n = 0;
	}
	fprintf(to, "%*s%s", HELP_COLUMN - n, "", row->help);
	if (row->env != NULL)
		fprintf(to, " ($%s)", row->env);
	fputc('\n', to);
}

int
ss_help_print(struct ss_command *command)
{
	ss_help_synopsis(command, stdout);
	printf("\n%s\n\n", command->about);
	ss_options_each(command, print_row, stdout);
	printf("\nSee %s(1) and sscard(7).\n", command->name);
	return fflush(stdout) == 0 && !ferror(stdout) ? 0 :
	    ss_fail_errno("standard output");
}
