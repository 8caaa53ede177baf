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

/* Ends the process at once when a call to the reader never came back, for its
 * thread still waits; else nothing. */
void ss_chip_end(const struct ss_terminal *, int status);

#endif
