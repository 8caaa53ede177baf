/*
 * Passphrases, PINs and key components, typed at the terminal without an echo
 * or read from a descriptor that was inherited; never from argv or the
 * environment, which others can see.
 */
#ifndef SS_CLI_SECRET_H
#define SS_CLI_SECRET_H

#include <stdbool.h>
#include <stddef.h>

struct ss_secret_source {
	long fd;		/* one secret a line; -1: the terminal */
	const char *prompt;	/* "passphrase of file:keys": what is asked */
	const char *option;	/* "--passphrase-fd": what gives a descriptor */
};

/*
 * One line without its end, as text with a NUL into size bytes, which are
 * zeros on failure. What follows the line stays to be read. A signal that
 * comes meanwhile is acted on when the terminal echoes again. SS_EINVALID for
 * no terminal, an empty line, one that is too long, the end of the descriptor;
 * SS_EIO.
 */
int ss_secret_read(const struct ss_secret_source *, char *out, size_t size);

/* The same of one that is new: a terminal is asked twice, until both are the
 * same, three times at most. A descriptor has it once. */
int ss_secret_choose(const struct ss_secret_source *, char *out, size_t size);

/* Writes on the terminal, whatever standard error is; SS_EINVALID without. */
int ss_terminal_say(const char *fmt, ...)
    __attribute__((format(printf, 1, 2)));

/* Takes away what stands on the terminal, what has scrolled out of it too. */
int ss_terminal_clear(void);

/* Whether y is typed, and not n; asked three times at most. */
int ss_terminal_confirm(const char *question, bool *yes);

#endif
