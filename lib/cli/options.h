/*
 * What a command was called with: options from argv and the environment, usage
 * errors, and the defaults of what was not said.
 */
#ifndef SS_CLI_OPTIONS_H
#define SS_CLI_OPTIONS_H

#include "cli/command.h"

#define SS_CONTINUE (-1)	/* no exit status: the command goes on */

#define SS_EXIT_OK 0
#define SS_EXIT_RECORDS 1	/* some record carries an error */
#define SS_EXIT_USAGE 2
#define SS_EXIT_STOPPED 3	/* could not run, or not go on */

/*
 * Fills what the rows point at, first from the environment. SS_CONTINUE, or
 * the status to exit with after --help, --version or a usage error, which have
 * been printed. Pointers given out point into argv and the environment.
 */
int ss_options_parse(struct ss_command *, int argc, char **argv);
void ss_options_wipe(struct ss_command *);

/* Prints "command: sentence" and how to get help; returns SS_EXIT_USAGE. */
int ss_usage_error(const struct ss_command *, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

/* Says something on standard error, unless it is to be quiet. */
void ss_note(const struct ss_command *, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

/* The same, quiet or not: what somebody has to see. */
void ss_say(const struct ss_command *, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

/* Shows the synopsis on standard error; returns SS_EXIT_USAGE. */
int ss_usage_synopsis(struct ss_command *);

/*
 * Fills those of files, registry, keys, operator and station that the command
 * takes and were not given: in the folder below $XDG_STATE_HOME or $HOME, the
 * login name, the host name. The person "-" is read from standard input, one
 * line, since everybody sees what stands on a command line. SS_EMISSING when
 * there is neither folder; SS_EINVALID for names that are not UTF-8, and for no
 * line.
 */
int ss_common_complete(struct ss_command *);

/*
 * Prints "command: ss_message()", before any record: SS_EXIT_USAGE when what
 * the command was called with is invalid, else SS_EXIT_STOPPED.
 */
int ss_stop_error(const struct ss_command *);

#endif
