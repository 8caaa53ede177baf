/* ss-key: master keys and operators' keys, and how they come into being. */
#include <stdio.h>
#include <string.h>

#include "base/err.h"
#include "front/key_masters.h"
#include "front/key_operators.h"
#include "trust/components.h"

static struct ss_key_work call = {
	.version = 1, .components = 2, .component_fd = -1,
};

static const struct ss_option options[] = {
	{ 'R', "region", "CODE", NULL, "whose key it is; operator: where, "
	    "each", SS_OPTION_MANY, &call.region, 0, 0 },
	{ 0, "key", "KEY", NULL, "IRK, STK, UKSSSE, BK, PUK or RKSSSE",
	    SS_OPTION_STRING, &call.key, 0, 0 },
	{ 0, "cipher", "CIPHER", NULL, "3des or sm4",
	    SS_OPTION_STRING, &call.cipher, 0, 0 },
	{ 0, "key-version", "N", NULL, "of the keys (default: 1)",
	    SS_OPTION_NUMBER, &call.version, 1, 255 },
	{ 0, "components", "N", NULL, "how many people type (default: 2)",
	    SS_OPTION_NUMBER, &call.components, SS_COMPONENTS_MIN,
	    SS_COMPONENTS_MAX },
	{ 0, "component-fd", "N", NULL, "components from this descriptor",
	    SS_OPTION_NUMBER, &call.component_fd, 0, SS_FD_MAX },
	{ 0, "kcv", "HEX", NULL, "the check value that the key must have",
	    SS_OPTION_STRING, &call.kcv, 0, 0 },
	{ 0, "replace", NULL, NULL, "import: also a key that is there",
	    SS_OPTION_FLAG, &call.replace, 0, 0 },
	{ 0, "level", "LEVEL", NULL, "ministry, province or city",
	    SS_OPTION_STRING, &call.level, 0, 0 },
	{ 0, "work", "N", NULL, "cost of trying a passphrase (new: 17)",
	    SS_OPTION_NUMBER, &call.work, 10, 19 },
	{ 0, "allow", "FILE", NULL, "serve: rules of what a client may do",
	    SS_OPTION_STRING, &call.service.allow, 0, 0 },
	{ 0, "log", "FILE", NULL, "serve: what was asked is added to it",
	    SS_OPTION_STRING, &call.service.log, 0, 0 },
	{ 'o', "operator", "URI", NULL, "the private key: file:PATH or "
	    "pkcs11:...", SS_OPTION_STRING, &call.signer, 0, 0 },
	{ 0, "algorithm", "NAME", NULL, "sm2 or p256 (default: sm2)",
	    SS_OPTION_STRING, &call.algorithm, 0, 0 },
	{ 0, "role", "ROLE", NULL, "clerk, reviewer, maker, counter "
	    "or manager",
	    SS_OPTION_MANY, &call.role, 0, 0 },
	{ 0, "from", "TIME", NULL, "valid from (default: now)",
	    SS_OPTION_STRING, &call.from, 0, 0 },
	{ 0, "until", "TIME", NULL, "valid until (default: two years on)",
	    SS_OPTION_STRING, &call.until, 0, 0 },
	{ 0, "at", "TIME", NULL, "revoke: since when (default: now)",
	    SS_OPTION_STRING, &call.at, 0, 0 },
	{ 0, "as-is", NULL, NULL, "import: roles and regions of the lines",
	    SS_OPTION_FLAG, &call.as_is, 0, 0 },
	{ 0, "valid", NULL, NULL, "list: only keys that are valid now",
	    SS_OPTION_FLAG, &call.valid, 0, 0 },
	{ 0 },
};

static const struct ss_key_verb *
find_verb(const struct ss_command *command)
{
	const char *word = command->operand_count > 0 ?
	    command->operand[0] : "";
	const struct ss_key_verb *verb;

	if (strcmp(word, ss_key_operators.word) == 0)
		return &ss_key_operators;
	for (verb = ss_key_masters; verb->word != NULL; verb++)
		if (strcmp(verb->word, word) == 0)
			return verb;
	return NULL;
}

static int
serve(struct ss_command *command, const struct ss_key_verb *verb)
{
	int r;

	if ((r = ss_common_complete(command)) == 0)
		r = verb->run(&call);
	/* What was done by then is said. */
	if (call.out.len > 0 && fwrite(call.out.data, 1, call.out.len,
	    stdout) != call.out.len && r == 0)
		r = ss_fail_errno("standard output");
	if (fflush(stdout) != 0 && r == 0)
		r = ss_fail_errno("standard output");
	ss_bytes_free(&call.out);
	if (r == 0)
		return SS_EXIT_OK;
	return ss_stop_error(command) == SS_EXIT_USAGE && !call.begun ?
	    SS_EXIT_USAGE : SS_EXIT_STOPPED;
}

int
main(int argc, char **argv)
{
	struct ss_command command = {
		.name = "ss-key",
		.about = "Keeps master keys, and the keys of operators.",
		.operands = "test|list|import|passwd|serve|operator "
		    "[new|list|revoke|export|import] [argument ...]",
		.takes = SS_TAKES_KEYS | SS_TAKES_TRUST,
		.options = options,
	};
	const struct ss_key_verb *verb = NULL;
	int status;

	call.command = &command;
	status = ss_options_parse(&command, argc, argv);
	if (status == SS_CONTINUE)
		status = (verb = find_verb(&command)) != NULL ?
		    verb->check(&call) : ss_usage_error(&command, "test, "
		    "list, import, passwd, serve or operator is wanted");
	if (status == SS_CONTINUE && verb != NULL)
		status = serve(&command, verb);
	ss_options_wipe(&command);
	return status;
}
