/*
 * ss-key(1): one call of it, and what its verbs have in common. What a verb
 * has given by then comes out also when it fails.
 */
#ifndef SS_FRONT_KEY_WORK_H
#define SS_FRONT_KEY_WORK_H

#include "base/bytes.h"
#include "cli/options.h"
#include "trust/service.h"

struct ss_key_work {
	struct ss_command *command;
	struct ss_bytes out;	/* for standard output */
	bool begun;		/* what fails is not the call's form */

	/* as they were given */
	struct ss_strings region, role;
	const char *key, *cipher, *level, *kcv;
	const char *signer, *algorithm, *from, *until, *at;
	long version, components, component_fd, work;
	bool replace, as_is, valid;
	struct ss_service_setup service;
};

struct ss_key_verb {
	const char *word;
	/* Usage beyond the table: SS_CONTINUE or a status. */
	int (*check)(struct ss_key_work *);
	int (*run)(struct ss_key_work *);	/* a code */
};

#endif
