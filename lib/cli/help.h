/*
 * The synopsis and --help of a command, made from its option table. The man
 * page's SYNOPSIS says the same, which is a test; completions read --help.
 */
#ifndef SS_CLI_HELP_H
#define SS_CLI_HELP_H

#include <stdio.h>

#include "cli/command.h"

/* "usage: ss-x [-qv] [-R CODE] ... [file ...]", folded at 80 columns. */
void ss_help_synopsis(struct ss_command *, FILE *);

/* Synopsis, purpose and options on standard output; SS_EIO. */
int ss_help_print(struct ss_command *);

#endif
