/*
 * The terminal that a command was called with.
 */
#ifndef SS_FRONT_CHIP_H
#define SS_FRONT_CHIP_H

#include "cli/run.h"
#include "desk/terminal.h"

/* Fills what the options say: reader, profile, waits, trace; the operator is
 * told on standard error, and a signal ends a wait. */
void ss_chip_setup(struct ss_terminal *, struct ss_command *);

/* The status, for main to return; but where a session was left, whose thread
 * waits for ever, the process ends with it at once. */
int ss_chip_end(bool left, int status);

#endif
