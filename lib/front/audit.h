/* ss-registry audit: the register checked, with its seals, against signed
 * checkpoints, and a new one of them. */
#ifndef SS_FRONT_AUDIT_H
#define SS_FRONT_AUDIT_H

#include "cli/options.h"

struct ss_audit_call {
	struct ss_command *command;
	const char *region;		/* of who signs; NULL: any */
	const char *checkpoint;		/* the file to be made; NULL: none */
	struct ss_strings against;	/* files */
	bool dry_run;			/* nothing is made */

	/* Where faults go, a line each, without its newline; codes. */
	int (*put)(const char *line, size_t len);
	int (*flush)(void);
};

/* The whole of it; an exit status. */
int ss_front_audit(const struct ss_audit_call *);

#endif
