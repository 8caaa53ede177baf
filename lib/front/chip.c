#include <unistd.h>

#include "front/chip.h"

static void
tell(const char *sentence, void *ctx)
{
	ss_note(ctx, "%s", sentence);
}

void
ss_chip_setup(struct ss_terminal *t, struct ss_command *command)
{
	const struct ss_common *c = &command->common;

	t->reader = (struct ss_reader_setup){
		.name = c->reader,
		.trace = c->trace,
		.timeout_ms = c->timeout * INT64_C(1000),
		.stop = ss_run_asked(),
	};
	t->profile = c->profile;
	t->wait_ms = c->wait * INT64_C(1000);
	t->tell = tell;
	t->tell_ctx = command;
}

int
ss_chip_end(bool left, int status)
{
	if (left)
		_exit(status);
	return status;
}
