#include <sys/prctl.h>
#include <sys/resource.h>

#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <pwd.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/bytes.h"
#include "base/err.h"
#include "base/record.h"
#include "base/stream.h"
#include "base/text.h"
#include "cli/help.h"
#include "cli/options.h"

#define ROWS_MAX 96	/* options of one command */
#define LONG_BASE 256	/* getopt's values of options without a letter */

int
ss_usage_error(const struct ss_command *command, const char *fmt, ...)
{
	va_list ap;

	fprintf(stderr, "%s: ", command->name);
	va_start(ap, fmt);
	vfprintf(stderr, fmt, ap);
	va_end(ap);
	fprintf(stderr, "; see %s --help\n", command->name);
	return SS_EXIT_USAGE;
}

static void
say(const struct ss_command *command, const char *fmt, va_list ap)
{
	fprintf(stderr, "%s: ", command->name);
	vfprintf(stderr, fmt, ap);
	fputc('\n', stderr);
}

void
ss_note(const struct ss_command *command, const char *fmt, ...)
{
	va_list ap;

	if (command->common.quiet)
		return;
	va_start(ap, fmt);
	say(command, fmt, ap);
	va_end(ap);
}

void
ss_say(const struct ss_command *command, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	say(command, fmt, ap);
	va_end(ap);
}

int
ss_stop_error(const struct ss_command *command)
{
	fprintf(stderr, "%s: %s\n", command->name, ss_message());
	return ss_last_code() == SS_EINVALID ? SS_EXIT_USAGE : SS_EXIT_STOPPED;
}

int
ss_usage_synopsis(struct ss_command *command)
{
	ss_help_synopsis(command, stderr);
	return SS_EXIT_USAGE;
}

/* prefix and a path in the folder of what this user's programs keep. */
static int
state_path(const char *prefix, const char *name, const char *option,
    char **out)
{
	const char *state = getenv("XDG_STATE_HOME"), *home = getenv("HOME");
	struct ss_bytes path = { 0 };

	if (state != NULL && state[0] == '/')
		ss_bytes_addf(&path, "%s%s/sscard/%s", prefix, state, name);
	else if (home != NULL && home[0] == '/')
		ss_bytes_addf(&path, "%s%s/.local/state/sscard/%s", prefix,
		    home, name);
	else
		return ss_fail(SS_EMISSING, "no home for %s; give %s", name,
		    option);
	*out = path.data;
	return ss_bytes_check(&path);
}

static void
complete_operator(struct ss_common *c)
{
	const char *name = getenv("LOGNAME");
	struct passwd *pw;

	if (name == NULL || *name == '\0')
		name = (pw = getpwuid(getuid())) != NULL ? pw->pw_name : "";
	c->operator = name;
}

/* Of one line of UTF-8: it goes into records and chains. */
static bool
is_name(const char *text)
{
	const char *p;

	for (p = text; *p != '\0'; p++)
		if ((unsigned char)*p < 0x20 || *p == 0x7f)
			return false;
	return ss_utf8_valid(text, strlen(text));
}

static int
complete_who(struct ss_common *c)
{
	if (c->operator == NULL)
		complete_operator(c);
	if (c->station == NULL) {
		if (gethostname(c->host, sizeof(c->host) - 1) != 0)
			c->host[0] = '\0';
		c->station = c->host;
	}
	if (c->trust == NULL && state_path("", "trust", "--trust",
	    &c->made_trust) == 0)
		c->trust = c->made_trust;
	if (*c->operator == '\0')
		return ss_fail(SS_EINVALID, "who works is not known; say "
		    "--operator");
	if (!is_name(c->operator))
		return ss_fail(SS_EINVALID, "--operator: not UTF-8, or more "
		    "than a line");
	if (!is_name(c->station))
		return ss_fail(SS_EINVALID, "--station: not UTF-8, or more "
		    "than a line");
	return 0;
}

/* A line, byte by byte, so that what follows it is not lost. */
static int
read_person(struct ss_common *c)
{
	size_t n = 0;
	ssize_t got;
	char ch;

	while (n < sizeof(c->typed) - 1) {
		if ((got = read(STDIN_FILENO, &ch, 1)) == -1 && errno == EINTR)
			continue;
		if (got != 1 || ch == '\n')
			break;
		c->typed[n++] = ch;
	}
	c->typed[n] = '\0';
	c->person = c->typed;
	return n > 0 && n < sizeof(c->typed) - 1 ? 0 : ss_fail(SS_EINVALID,
	    "--person -: a number in a line of standard input is wanted");
}

int
ss_common_complete(struct ss_command *command)
{
	struct ss_common *c = &command->common;
	int r;

	if (c->person != NULL && strcmp(c->person, "-") == 0 &&
	    (r = read_person(c)) != 0)
		return r;
	if ((command->takes & SS_TAKES_WHO) != 0 &&
	    (r = complete_who(c)) != 0)
		return r;
	/* Not every call needs one. */
	if ((command->takes & (SS_TAKES_WHO | SS_TAKES_TRUST)) != 0 &&
	    c->trust == NULL && state_path("", "trust", "--trust",
	    &c->made_trust) == 0)
		c->trust = c->made_trust;
	if ((command->takes & SS_TAKES_FILES) != 0 && c->files == NULL) {
		if ((r = state_path("", "files", "--files",
		    &c->made_files)) != 0)
			return r;
		c->files = c->made_files;
	}
	if ((command->takes & SS_TAKES_REGISTRY) != 0 && c->registry == NULL) {
		if ((r = state_path("sqlite:", "registry.db", "--registry",
		    &c->made_registry)) != 0)
			return r;
		c->registry = c->made_registry;
	}
	if ((command->takes & SS_TAKES_KEYS) != 0 && c->keys == NULL) {
		if ((r = state_path("file:", "keys", "--keys",
		    &c->made_keys)) != 0)
			return r;
		c->keys = c->made_keys;
	}
	return 0;
}

static int
set_number(const struct ss_command *command, const struct ss_option *row,
    const char *value)
{
	char *end;
	long n;

	errno = 0;
	n = strtol(value, &end, 10);
	if (errno != 0 || end == value || *end != '\0' || n < row->min ||
	    n > row->max)
		return ss_usage_error(command,
		    "--%s takes a whole number from %ld to %ld", row->name,
		    row->min, row->max);
	*(long *)row->to = n;
	return SS_CONTINUE;
}

static int
add_string(const struct ss_command *command, struct ss_strings *list,
    const char *value)
{
	const char **p;

	p = realloc(list->at, (list->count + 1) * sizeof(*p));
	if (p == NULL) {
		ss_fail(SS_EMEMORY, "out of memory");
		return ss_stop_error(command);
	}
	list->at = p;
	p[list->count++] = value;
	return SS_CONTINUE;
}

static int
set(const struct ss_command *command, const struct ss_option *row,
    const char *value)
{
	switch (row->kind) {
	case SS_OPTION_FLAG:
		*(bool *)row->to = true;
		return SS_CONTINUE;
	case SS_OPTION_STRING:
		*(const char **)row->to = value;
		return SS_CONTINUE;
	case SS_OPTION_NUMBER:
		return set_number(command, row, value);
	case SS_OPTION_MANY:
		return add_string(command, row->to, value);
	}
	return SS_CONTINUE;
}

struct getopt_tables {
	struct option longs[ROWS_MAX + 1];
	char shorts[2 * ROWS_MAX + 2];
	struct ss_option rows[ROWS_MAX];
	size_t count;
};

static void
add_row(const struct ss_option *row, void *ctx)
{
	struct getopt_tables *t = ctx;
	struct option *o;
	size_t n = strlen(t->shorts);

	if (t->count == ROWS_MAX)
		return;
	t->rows[t->count] = *row;
	o = &t->longs[t->count];
	o->name = row->name;
	o->has_arg = row->arg != NULL ? required_argument : no_argument;
	o->val = row->letter != 0 ? row->letter : LONG_BASE + (int)t->count;
	if (row->letter != 0) {
		t->shorts[n++] = row->letter;
		if (row->arg != NULL)
			t->shorts[n++] = ':';
	}
	t->count++;
}

static int
from_environment(const struct ss_command *command,
    const struct getopt_tables *t)
{
	const char *value;
	size_t i;
	int r;

	for (i = 0; i < t->count; i++) {
		if (t->rows[i].env == NULL ||
		    (value = getenv(t->rows[i].env)) == NULL || *value == '\0')
			continue;
		if ((r = set(command, &t->rows[i], value)) != SS_CONTINUE)
			return r;
	}
	return SS_CONTINUE;
}

static const struct ss_option *
row_of(const struct getopt_tables *t, int value)
{
	size_t i;

	for (i = 0; i < t->count; i++)
		if (t->longs[i].val == value)
			return &t->rows[i];
	return NULL;
}

static int
bad_option(const struct ss_command *command, char **argv, int c)
{
	const char *word = argv[optind > 1 ? optind - 1 : 1];

	if (c == ':')
		return ss_usage_error(command, "%s takes a value", word);
	if (optopt != 0 && optopt < LONG_BASE)
		return ss_usage_error(command, "no option -%c", optopt);
	/* What follows a name may be about a person: --name=..., --name... */
	return ss_usage_error(command, "no option %.*s",
	    (int)strspn(word, "-abcdefghijklmnopqrstuvwxyz"), word);
}

static int
parse(struct ss_command *command, const struct getopt_tables *t, int argc,
    char **argv)
{
	const struct ss_option *row;
	int c, r;

	opterr = 0;
	while ((c = getopt_long(argc, argv, t->shorts, t->longs, NULL)) != -1) {
		if (c == 'h')
			return ss_help_print(command) == 0 ? SS_EXIT_OK :
			    ss_stop_error(command);
		if (c == 'V') {
			printf("%s (sscard) %s\n", command->name, SS_VERSION);
			if (fflush(stdout) == 0)
				return SS_EXIT_OK;
			ss_fail_errno("standard output");
			return ss_stop_error(command);
		}
		if ((row = row_of(t, c)) == NULL)
			return bad_option(command, argv, c);
		if ((r = set(command, row, optarg)) != SS_CONTINUE)
			return r;
	}
	command->operand = (const char *const *)argv + optind;
	command->operand_count = (size_t)(argc - optind);
	return SS_CONTINUE;
}

/*
 * A descriptor 0 to 2 that came closed would be given to the next file that is
 * opened, and records would go into it.
 */
static void
hold_descriptors(void)
{
	int fd;

	for (fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
		if (fcntl(fd, F_GETFD) == -1 && errno == EBADF)
			open("/dev/null", fd == STDIN_FILENO ? O_WRONLY :
			    O_RDONLY);
}

/* What is in work is about people: a crash leaves no core file of it. */
static void
forbid_core(void)
{
	const struct rlimit none = { 0, 0 };

	setrlimit(RLIMIT_CORE, &none);
	/* The limit does not bind where core_pattern is a pipe; this does. */
	prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
}

int
ss_options_parse(struct ss_command *command, int argc, char **argv)
{
	struct getopt_tables t = { .shorts = ":" };
	const char *data = getenv("SSCARD_DATA");
	int r;

	hold_descriptors();
	forbid_core();
	command->common.jobs = 1;
	command->common.passphrase_fd = command->common.operator_fd = -1;
	command->common.limit = SS_LINE_LIMIT;
	command->common.wait = 60;
	command->common.timeout = 10;
	command->common.data = data != NULL && *data != '\0' ? data :
	    SS_DATADIR;
	ss_options_each(command, add_row, &t);
	if ((r = from_environment(command, &t)) != SS_CONTINUE ||
	    (r = parse(command, &t, argc, argv)) != SS_CONTINUE)
		return r;
	if (access(command->common.data, R_OK | X_OK) == 0)
		return SS_CONTINUE;
	ss_fail(SS_EMISSING, "no data in %s: %s; install sscard or set "
	    "SSCARD_DATA", command->common.data, strerror(errno));
	return ss_stop_error(command);
}

static void
wipe_row(const struct ss_option *row, void *ctx)
{
	struct ss_strings *list = row->to;

	(void)ctx;
	if (row->kind == SS_OPTION_MANY) {
		free(list->at);
		*list = (struct ss_strings){ 0 };
	}
}

void
ss_options_wipe(struct ss_command *command)
{
	ss_options_each(command, wipe_row, NULL);
	free(command->common.made_files);
	free(command->common.made_registry);
	free(command->common.made_keys);
	free(command->common.made_trust);
	command->common.made_files = command->common.made_registry =
	    command->common.made_keys = command->common.made_trust = NULL;
}
