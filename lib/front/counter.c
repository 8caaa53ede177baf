#include <string.h>

#include "front/chip.h"
#include "front/counter.h"
#include "front/keys.h"

int
ss_counter_check(struct ss_front *f, struct ss_counter *c, const char *attest)
{
	if (f->command.common.jobs > 1)
		return ss_usage_error(&f->command, "--jobs: a reader has one "
		    "card at a time");
	if (attest != NULL && strcmp(attest, "identity") != 0)
		return ss_usage_error(&f->command, "--attest is identity");
	c->attested = attest != NULL;
	return SS_CONTINUE;
}

static bool
is_named(const struct ss_front *f)
{
	const struct ss_common *c = &f->command.common;

	return c->card != NULL || c->person != NULL;
}

bool
ss_counter_feeds(const struct ss_front *f)
{
	return f->command.operand_count == 0;
}

int
ss_counter_begin(struct ss_front *f, struct ss_counter *c,
    struct ss_desk *desk, struct ss_source *source)
{
	bool first = f->command.operand_count == 0 && !is_named(f);
	int r;

	ss_chip_setup(&c->terminal, &f->command);
	if ((r = ss_keys_open(&f->command, &c->terminal.keys)) != 0 ||
	    (r = ss_counter_open(c, desk, f->command.common.data,
	    first)) != 0)
		return r;
	if (first)
		*source = ss_counter_source(c);
	return 0;
}

void
ss_counter_end(struct ss_counter *c)
{
	ss_counter_close(c);
	ss_keystore_close(c->terminal.keys);
	c->terminal.keys = NULL;
}
