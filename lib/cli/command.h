/*
 * A command as a table of its options, from which come their parsing, the
 * synopsis and --help.
 */
#ifndef SS_CLI_COMMAND_H
#define SS_CLI_COMMAND_H

#include <stdbool.h>
#include <stddef.h>

/* Every value given to an option that may be repeated. */
struct ss_strings {
	const char **at;
	size_t count;
};

enum ss_option_kind {
	SS_OPTION_FLAG,		/* to: bool */
	SS_OPTION_STRING,	/* to: const char * */
	SS_OPTION_NUMBER,	/* to: long, within min .. max */
	SS_OPTION_MANY,		/* to: struct ss_strings */
};

#define SS_FD_MAX 65535	/* the highest descriptor that an option takes */

struct ss_option {
	char letter;		/* 0: only the long name */
	const char *name;
	const char *arg;	/* what the value is called; NULL for a flag */
	const char *env;	/* the variable of its default; NULL: none */
	const char *help;	/* one line */
	enum ss_option_kind kind;
	void *to;
	long min, max;
};

/* The options that mean the same everywhere, as they were given. */
struct ss_common {
	const char *region;
	const char *registry;
	const char *files;
	const char *operator;	/* a name, or a key that proves it */
	long operator_fd;	/* where its passphrase is; -1: the terminal */
	const char *trust;	/* the file of operators' public keys */
	const char *station;
	const char *rejects;
	const char *card, *person;	/* whose record is taken */
	const char *keys;	/* the store of master keys */
	long passphrase_fd;	/* where its passphrase is; -1: the terminal */
	char typed[64];		/* a person's number from standard input */
	const char *reader;	/* NULL: the only one there is */
	const char *profile;	/* NULL: the one that fits the card */
	const char *trace;
	long wait, timeout;	/* seconds */
	const char *data;	/* the folder of the data files */
	char *made_files, *made_registry, *made_keys, *made_trust;	/* made
							 * up; freed by wipe */
	char host[256];
	long jobs;
	long limit;		/* longest line, bytes */
	bool dry_run, quiet, verbose;
};

/* Which of them a command takes; quiet, verbose, help, version: all do. */
enum {
	SS_TAKES_REGION = 1,
	SS_TAKES_FILES = 2,
	SS_TAKES_WHO = 4,	/* operator, trust, station */
	SS_TAKES_RECORDS = 8,	/* jobs, dry-run, rejects, line-limit */
	SS_TAKES_REGISTRY = 16,
	SS_TAKES_CARD = 32,	/* card and person */
	SS_TAKES_NONE = 64,	/* with the registry: also none */
	SS_TAKES_READER = 256,	/* reader, profile, wait, timeout, trace */
	SS_TAKES_KEYS = 128,	/* keys and passphrase-fd */
	SS_TAKES_TRUST = 512,	/* operator-fd and trust; with WHO too */
};

struct ss_command {
	const char *name;
	const char *about;	/* one sentence for --help */
	const char *operands;	/* "[file ...]", or "" */
	unsigned takes;
	const struct ss_option *options;	/* ends with name NULL */
	struct ss_common common;
	const char *const *operand;	/* set by ss_options_parse */
	size_t operand_count;
};

/* Calls each for every row: the command's own, then the common ones. */
void ss_options_each(struct ss_command *,
    void (*each)(const struct ss_option *, void *ctx), void *ctx);

#endif
