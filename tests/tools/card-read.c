/*
 * A session with the card in a reader, with test keys, step by step:
 *
 *   card-read [-r READER] [-t TRACE] [-m MS] [-p PROFILE] STEP...
 *
 * -m is the time that the card has for an answer, 10000 at first. Steps:
 *
 *   list            the names of all PC/SC readers
 *   reader          opens the reader and says its name
 *   wait MS, gone MS   until a card is there, or is gone
 *   open            the session; prints what the card says of itself
 *   genuine         INTERNAL AUTHENTICATE
 *   read            all items and files; prints their lengths
 *   write           what stands on the card already, once more
 *   hold            until the standard input ends
 *   close, eject    ends the session
 *   counts          the commands since it began
 *
 * Status 1 and the error's word and sentence on standard error when a step
 * fails; 3 when it is the watch that says so.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/err.h"
#include "card/session.h"
#include "../test-keys.h"

struct run {
	char **steps;
	struct ss_reader_setup setup;
	const char *profile;
	struct ss_reader *reader;
	struct ss_session session;
	bool open;
};

static int
list(struct run *run)
{
	struct ss_bytes names = { 0 };
	size_t count, i;
	const char *p;
	int r = ss_reader_list(&names, &count,
	    &(struct ss_reader_setup){ .timeout_ms = 30000 });

	(void)run;
	for (p = names.data, i = 0; r == 0 && i < count; i++, p += strlen(p) +
	    1)
		puts(p);
	ss_bytes_free(&names);
	return r;
}

static int
reader(struct run *run)
{
	int r = 0;

	if (run->reader == NULL &&
	    (r = ss_reader_open(&run->reader, &run->setup)) == 0)
		puts(ss_reader_name(run->reader));
	return r;
}

static int
open_session(struct run *run)
{
	const struct ss_identity *who = &run->session.who;
	int r;

	if (run->reader == NULL &&
	    (r = ss_reader_open(&run->reader, &run->setup)) != 0)
		return r;
	if ((r = ss_session_open(&run->session, run->reader, test_keys(),
	    run->setup.profiles, run->profile)) != 0)
		return r;
	run->open = true;
	printf("%s %s %s %s\n", who->profile->name, who->version, who->city,
	    who->chip);
	return 0;
}

static int
genuine(struct run *run)
{
	int r = ss_session_genuine(&run->session);

	if (r == 0)
		printf("genuine, keys of version %d\n",
		    run->session.key_version);
	return r;
}

/* Reads a file and, when it is asked to, writes it again. */
static int
file(struct run *run, const struct ss_card_file *f, bool write_too)
{
	static uint8_t values[SS_ITEMS_MAX][SS_ITEM_LEN_MAX];
	struct ss_bytes b = { 0 };
	size_t i;
	int r;

	if (f->binary) {
		r = ss_session_read_binary(&run->session, f, f->size, &b);
		if (r == 0 && write_too)
			r = ss_session_write_binary(&run->session, f, b.data,
			    b.len);
		printf("%s %zu\n", f->name, b.len);
		ss_bytes_free(&b);
		return r;
	}
	if ((r = ss_session_read_items(&run->session, f, values)) != 0)
		return r;
	for (i = 0; i < f->items_count; i++) {
		if (write_too && f->items[i].write >= 0 &&
		    (r = ss_session_write_item(&run->session, f, &f->items[i],
		    values[i])) != 0)
			return r;
		printf("%s %s %u\n", f->name, f->items[i].name,
		    f->items[i].len);
	}
	return 0;
}

static int
all(struct run *run, bool write_too)
{
	const struct ss_profile *p = run->session.who.profile;
	size_t i;
	int r = 0;

	for (i = 0; i < p->files_count && r == 0; i++)
		r = file(run, &p->files[i], write_too);
	return r;
}

static int
step(struct run *run, const char *name)
{
	const struct ss_reader_counts *counts;

	if (strcmp(name, "list") == 0)
		return list(run);
	if (strcmp(name, "reader") == 0)
		return reader(run);
	if (strcmp(name, "open") == 0)
		return open_session(run);
	if (strcmp(name, "wait") == 0 || strcmp(name, "gone") == 0)
		return ss_reader_wait(run->reader, name[0] == 'w',
		    atoll(*run->steps++));
	if (strcmp(name, "genuine") == 0)
		return genuine(run);
	if (strcmp(name, "read") == 0 || strcmp(name, "write") == 0)
		return all(run, name[0] == 'w');
	if (strcmp(name, "hold") == 0) {
		while (getchar() != EOF)
			;
		return 0;
	}
	if (strcmp(name, "counts") == 0) {
		counts = ss_reader_counts(run->reader);
		printf("%lu commands\n", (unsigned long)counts->apdus);
		return 0;
	}
	if (strcmp(name, "close") != 0 && strcmp(name, "eject") != 0)
		return ss_fail(SS_EINVALID, "no step: %s", name);
	ss_session_close(&run->session, name[0] == 'e');
	return 0;
}

static int
work(void *ctx)
{
	struct run *run = ctx;
	int r = 0;

	while (*run->steps != NULL && r == 0) {
		r = step(run, *run->steps++);
		fflush(stdout);
	}
	return r;
}

static int
end(void *ctx)
{
	struct run *run = ctx;

	ss_reader_close(run->reader);
	return 0;
}

int
main(int argc, char **argv)
{
	static struct run run = { .setup = { .timeout_ms = 10000 } };
	const char *dir = getenv("SSCARD_DATA");
	struct ss_profiles *profiles = NULL;
	struct ss_watch *watch;
	int c, r;

	while ((c = getopt(argc, argv, "r:t:m:p:")) != -1) {
		if (c == 'r')
			run.setup.name = optarg;
		else if (c == 't')
			run.setup.trace = optarg;
		else if (c == 'm')
			run.setup.timeout_ms = atoll(optarg);
		else if (c == 'p')
			run.profile = optarg;
		else
			return 2;
	}
	run.steps = argv + optind;
	if ((r = ss_watch_open(&watch)) != 0 ||
	    (r = ss_profiles_open(&profiles, dir != NULL ? dir :
	    "lib/data")) != 0) {
		fprintf(stderr, "%s: %s\n", ss_code_word(r), ss_message());
		return 3;
	}
	run.setup.watch = watch;
	run.setup.profiles = profiles;
	if ((r = ss_watch_run(watch, work, &run)) != 0)
		fprintf(stderr, "%s: %s\n", ss_code_word(r), ss_message());
	if (ss_watch_left(watch))
		_exit(3);
	ss_watch_run(watch, end, &run);
	if (ss_watch_left(watch))
		_exit(3);
	ss_profiles_close(profiles);
	ss_watch_close(watch);
	return r != 0;
}
