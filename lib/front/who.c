#include <stdio.h>
#include <string.h>

#include "base/err.h"
#include "cli/secret.h"
#include "front/who.h"

/* How the secret of a key is asked for. */
struct asking {
	struct ss_secret_source source;
	char prompt[256];
	bool fresh;
};

static int
ask(char out[SS_PASSPHRASE_MAX], void *ctx)
{
	const struct asking *a = ctx;

	return a->fresh ? ss_secret_choose(&a->source, out,
	    SS_PASSPHRASE_MAX) : ss_secret_read(&a->source, out,
	    SS_PASSPHRASE_MAX);
}

/* The query of a token's URI says nothing to who is asked. A token has its
 * PIN, which nobody chooses here. */
static void
begin_asking(struct asking *a, const struct ss_command *command,
    const char *uri, bool fresh)
{
	const bool token = strncmp(uri, "pkcs11:", 7) == 0;

	snprintf(a->prompt, sizeof(a->prompt), "%s %s %.*s", token ? "PIN" :
	    "passphrase", fresh && !token ? "for" : "of",
	    (int)(token ? strcspn(uri, "?") : strlen(uri)), uri);
	a->fresh = fresh && !token;
	a->source = (struct ss_secret_source){ command->common.operator_fd,
		a->prompt, "--operator-fd" };
}

int
ss_who_make(const struct ss_command *command, const char *uri,
    enum ss_algorithm algorithm, struct ss_signer **out)
{
	struct asking a = { .fresh = false };

	begin_asking(&a, command, uri, true);
	return ss_signer_make(out, uri, algorithm,
	    &(struct ss_passphrase){ ask, &a });
}

int
ss_who_operators(struct ss_who *who, struct ss_operators **out)
{
	int r = 0;

	if (who->operators == NULL)
		r = who->trust != NULL ? ss_operators_open(&who->operators,
		    who->trust) : ss_fail(SS_EMISSING, "no home for trust; "
		    "give --trust");
	*out = who->operators;
	return r;
}

/* Whose key it is, and that it is good today. */
static int
find_self(struct ss_who *who)
{
	const char *key = ss_signer_key(who->signer);
	char why[SS_MESSAGE_MAX];

	who->self = ss_operators_find(who->operators, key);
	if (who->self == NULL)
		return ss_fail(SS_EAUTH, "%s does not know the key %.16s; "
		    "ss-key operator import makes it known, --trust names "
		    "another file", who->trust, key);
	if (ss_trusted_valid(who->self, ss_now()) == 0)
		return 0;
	memcpy(why, ss_message(), sizeof(why));
	return ss_fail(SS_EAUTH, "%s; ss-key operator new makes another", why);
}

int
ss_who_open(struct ss_who *who, struct ss_command *command)
{
	struct ss_common *c = &command->common;
	struct ss_operators *operators;
	struct asking a = { .fresh = false };
	int r;

	*who = (struct ss_who){ .trust = c->trust };
	if (c->operator == NULL || !ss_signer_is(c->operator))
		return 0;
	begin_asking(&a, command, c->operator, false);
	/* What can be refused is, before anybody types. */
	if ((r = ss_who_operators(who, &operators)) == 0 &&
	    (r = ss_signer_open(&who->signer, c->operator,
	    &(struct ss_passphrase){ ask, &a })) == 0 &&
	    (r = find_self(who)) == 0) {
		c->operator = who->self->name;
		return 0;
	}
	ss_who_close(who);
	return r;
}

void
ss_who_close(struct ss_who *who)
{
	ss_signer_close(who->signer);
	ss_operators_close(who->operators);
	*who = (struct ss_who){ .trust = NULL };
}
