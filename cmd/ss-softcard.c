/* ss-softcard: software cards, made, looked at and put into a reader. */
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/err.h"
#include "cli/run.h"
#include "softcard/insert.h"
#include "softcard/stock.h"

static const char *profile = "gen3", *ta1, *fill = "ff", *wire;
static long serial = -1, count, key_version = 1, port = SS_VPCD_PORT,
    wait_s = 10;
static bool feeder, t1, clear;
static struct {
	const char *word, *text;
} hooks[] = {
	{ "leave", NULL }, { "leave-before", NULL }, { "mute", NULL },
	{ "lie", NULL }, { "tear", NULL },
};

static const struct ss_option options[] = {
	{ 0, "profile", "NAME", NULL, "new: kind of card (gen3)",
	    SS_OPTION_STRING, &profile, 0, 0 },
	{ 0, "serial", "N", NULL, "new: of the first card (random)",
	    SS_OPTION_NUMBER, &serial, 0, UINT32_MAX },
	{ 0, "count", "N", NULL, "new: so many cards, as DIR/0001 and so on",
	    SS_OPTION_NUMBER, &count, 1, 9999 },
	{ 0, "feeder", NULL, NULL, "new: as a feeder, its cards in DIR/in",
	    SS_OPTION_FLAG, &feeder, 0, 0 },
	{ 0, "ta1", "HEX", NULL, "new: bit rate that its ATR offers",
	    SS_OPTION_STRING, &ta1, 0, 0 },
	{ 0, "t1", NULL, NULL, "new: with protocol T=1",
	    SS_OPTION_FLAG, &t1, 0, 0 },
	{ 0, "key-version", "N", NULL, "new: of its test keys (1)",
	    SS_OPTION_NUMBER, &key_version, 1, 255 },
	{ 0, "fill", "HEX", NULL, "new: of its blank files, 00 or ff (ff)",
	    SS_OPTION_STRING, &fill, 0, 0 },
	{ 0, "link", "WIRE", NULL, "new, hook: as slow as one such as T0,96",
	    SS_OPTION_STRING, &wire, 0, 0 },
	{ 0, "port", "N", NULL, "insert: of the virtual reader (35963)",
	    SS_OPTION_NUMBER, &port, 1, 65535 },
	{ 0, "wait", "S", NULL, "insert: until the reader shows it (10)",
	    SS_OPTION_NUMBER, &wait_s, 1, 3600 },
	{ 0, "leave", "N", NULL, "hook: it leaves when command N is done",
	    SS_OPTION_STRING, &hooks[0].text, 0, 0 },
	{ 0, "leave-before", "N", NULL, "hook: it leaves, command N undone",
	    SS_OPTION_STRING, &hooks[1].text, 0, 0 },
	{ 0, "mute", "N", NULL, "hook: command N is never answered",
	    SS_OPTION_STRING, &hooks[2].text, 0, 0 },
	{ 0, "lie", "N=HEX", NULL, "hook: command N has this for an answer",
	    SS_OPTION_STRING, &hooks[3].text, 0, 0 },
	{ 0, "tear", "N", NULL, "hook: it leaves in the midst of write N",
	    SS_OPTION_STRING, &hooks[4].text, 0, 0 },
	{ 0, "clear", NULL, NULL, "hook: none that was set before",
	    SS_OPTION_FLAG, &clear, 0, 0 },
	{ 0 },
};

static int
make_cards(struct ss_command *command, const struct ss_profiles *profiles)
{
	struct ss_batch s = { .profiles = profiles, .profile = profile,
		.region = command->common.region != NULL ?
		    command->common.region : "440300", .serial = serial,
		.ta1 = ta1, .fill = fill, .link = wire, .t1 = t1,
		.key_version = (int)key_version, .count = count,
		.feeder = feeder };
	size_t i;
	int r = 0;

	for (i = 1; r == 0 && i < command->operand_count; i++)
		r = ss_stock_make(&s, command->operand[i]);
	return r;
}

static int
put_line(const struct ss_bytes *json, void *ctx)
{
	(void)ctx;
	return fwrite(json->data, 1, json->len, stdout) == json->len &&
	    putchar('\n') != EOF ? 0 : ss_fail_errno("standard output");
}

static int
list_cards(struct ss_command *command, const struct ss_profiles *profiles)
{
	size_t i;
	int r = 0;

	for (i = 1; r == 0 && i < command->operand_count; i++)
		r = ss_stock_each(command->operand[i], profiles, put_line,
		    NULL);
	return r;
}

/* What is done to a card that is open. */
static int
show_card(struct ss_softcard *card)
{
	struct ss_bytes b = { 0 };
	int r;

	if ((r = ss_softcard_describe(card, &b)) == 0)
		r = put_line(&b, NULL);
	ss_bytes_free(&b);
	return r;
}

static int
hook_card(struct ss_softcard *card)
{
	struct ss_softcard_hook hook = { .kind = SS_HOOK_NONE };
	struct ss_link link;
	size_t i;
	int r = 0;

	if (clear)
		r = ss_softcard_set_hook(card, &hook);
	for (i = 0; r == 0 && i < sizeof(hooks) / sizeof(hooks[0]); i++)
		if (hooks[i].text != NULL && (r = ss_hook_parse(hooks[i].word,
		    hooks[i].text, &hook)) == 0)
			r = ss_softcard_set_hook(card, &hook);
	if (r == 0 && wire != NULL && (r = ss_link_parse(wire, &link)) == 0)
		r = ss_softcard_set_link(card, &link);
	return r;
}

static int
each_card(struct ss_command *command, const struct ss_profiles *profiles,
    int (*work)(struct ss_softcard *))
{
	struct ss_softcard *card;
	size_t i;
	int r = 0;

	for (i = 1; r == 0 && i < command->operand_count; i++)
		if ((r = ss_softcard_open(&card, command->operand[i],
		    profiles)) == 0) {
			r = work(card);
			ss_softcard_close(card);
		}
	return r;
}

/* The process that stays: it holds on to nothing of ours. */
static int
stay(const struct ss_insert *in, int fd)
{
	int null = open("/dev/null", O_RDWR);

	setsid();
	if (null != -1 && dup2(null, 0) != -1 && dup2(null, 1) != -1)
		dup2(null, 2);
	return ss_insert_serve(in, fd) == 0 ? SS_EXIT_OK : SS_EXIT_STOPPED;
}

static int
insert(struct ss_command *command, const struct ss_profiles *profiles)
{
	const struct ss_insert in = { .dirs = command->operand + 1,
		.count = command->operand_count - 1, .port = (uint16_t)port,
		.profiles = profiles };
	int ends[2], r;
	pid_t pid;

	if (pipe(ends) == -1 || (pid = fork()) == -1)
		return ss_fail_errno("cannot start the card's process");
	if (pid == 0) {
		close(ends[0]);
		_exit(stay(&in, ends[1]));
	}
	close(ends[1]);
	if ((r = ss_insert_wait(ends[0], wait_s * 1000)) != 0)
		kill(pid, SIGTERM);
	close(ends[0]);
	return r;
}

static int
eject(struct ss_command *command, const struct ss_profiles *profiles)
{
	bool was;
	size_t i;
	int r = 0;

	(void)profiles;
	for (i = 1; r == 0 && i < command->operand_count; i++)
		if ((r = ss_insert_end(command->operand[i], &was)) == 0 &&
		    !was)
			ss_note(command, "%s was in no reader",
			    command->operand[i]);
	return r;
}

static const struct verb {
	const char *word;
	int (*run)(struct ss_command *, const struct ss_profiles *);
	int (*each)(struct ss_softcard *);	/* or this, to each card */
} verbs[] = {
	{ "new", make_cards, NULL }, { "list", list_cards, NULL },
	{ "show", NULL, show_card }, { "insert", insert, NULL },
	{ "eject", eject, NULL }, { "reset", NULL, ss_softcard_reset },
	{ "hook", NULL, hook_card },
};

static int
serve(struct ss_command *command)
{
	struct ss_profiles *profiles = NULL;
	const struct verb *verb = NULL;
	size_t i;
	int r;

	for (i = 0; i < sizeof(verbs) / sizeof(verbs[0]); i++)
		if (command->operand_count > 0 &&
		    strcmp(verbs[i].word, command->operand[0]) == 0)
			verb = &verbs[i];
	if (verb == NULL || command->operand_count < 2)
		return ss_usage_error(command, "new, list, show, insert, eject,"
		    " reset or hook is wanted, and folders");
	if ((r = ss_profiles_open(&profiles, command->common.data)) == 0)
		r = verb->run != NULL ? verb->run(command, profiles) :
		    each_card(command, profiles, verb->each);
	ss_profiles_close(profiles);
	if (r == 0 && fflush(stdout) != 0)
		r = ss_fail_errno("standard output");
	return r == 0 ? SS_EXIT_OK : ss_stop_error(command);
}

int
main(int argc, char **argv)
{
	struct ss_command command = {
		.name = "ss-softcard",
		.about = "Makes software cards and puts them into a virtual "
		    "reader.",
		.operands = "new|list|show|insert|eject|reset|hook dir ...",
		.takes = SS_TAKES_REGION,
		.options = options,
	};
	int status;

	if ((status = ss_options_parse(&command, argc, argv)) == SS_CONTINUE)
		status = serve(&command);
	ss_options_wipe(&command);
	return status;
}
