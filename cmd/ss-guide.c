/* ss-guide: what a region publishes, and what one applicant must bring. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/err.h"
#include "base/line.h"
#include "cli/run.h"
#include "desk/info.h"

#define DOCUMENTS "documents"

static const char *format = "text", *lang = "zh", *id_type, *through;
static long age = -1;
static bool proxy;

static const struct ss_option options[] = {
	{ 0, "format", "FORMAT", NULL,
	    "text, markdown, html or json (default: text)", SS_OPTION_STRING,
	    &format, 0, 0 },
	{ 0, "lang", "LANG", NULL, "zh or en (default: zh)",
	    SS_OPTION_STRING, &lang, 0, 0 },
	{ 0, "age", "YEARS", NULL, "the applicant's age", SS_OPTION_NUMBER,
	    &age, 0, 150 },
	{ 0, "id-type", "TYPE", NULL, "the applicant's identity document",
	    SS_OPTION_STRING, &id_type, 0, 0 },
	{ 0, "through", "WHO", NULL, "holder, guardian, proxy or employer",
	    SS_OPTION_STRING, &through, 0, 0 },
	{ 0, "proxy", NULL, NULL, "the same as --through proxy",
	    SS_OPTION_FLAG, &proxy, 0, 0 },
	{ 0 },
};

/* The words that options may also say in Chinese or in other ways. */
static int
find_words(const struct ss_command *command, const struct ss_words *words)
{
	struct {
		const char **word, *set;
	} given[] = { { &id_type, "id_type" }, { &through, "through" } };
	const char *word;
	size_t i;

	for (i = 0; i < sizeof(given) / sizeof(given[0]); i++) {
		if (*given[i].word == NULL)
			continue;
		word = ss_words_find(words, given[i].set, *given[i].word);
		if (word == NULL)
			return ss_usage_error(command,
			    "\"%s\" is no word of words.json, set %s",
			    *given[i].word, given[i].set);
		*given[i].word = word;
	}
	return SS_CONTINUE;
}

static int
find_format(const struct ss_command *command, enum ss_page_format *out)
{
	static const char *const words[] = { "text", "markdown", "html",
		"json" };
	size_t i;

	if (strcmp(lang, "zh") != 0 && strcmp(lang, "en") != 0)
		return ss_usage_error(command, "--lang takes zh or en");
	for (i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (strcmp(words[i], format) == 0) {
			*out = (enum ss_page_format)i;
			return SS_CONTINUE;
		}
	return ss_usage_error(command,
	    "--format takes text, markdown, html or json");
}

static int
check_topics(const struct ss_command *command, const struct ss_guide *guide)
{
	const char *topic, *known;
	size_t i, j;

	for (i = 0; i < command->operand_count; i++) {
		topic = command->operand[i];
		for (j = 0; (known = ss_guide_topic(guide, j)) != NULL; j++)
			if (strcmp(known, topic) == 0)
				break;
		if (known == NULL)
			return ss_usage_error(command, "no topic \"%s\"",
			    topic);
	}
	return SS_CONTINUE;
}

/* Puts the page out, or says why there is none. */
static int
finish(const struct ss_command *command, int r, struct ss_bytes *page)
{
	size_t len = page->len;

	if (r == 0) {
		page->len = 0;
		if (fwrite(page->data, 1, len, stdout) == len &&
		    fflush(stdout) == 0)
			return SS_EXIT_OK;
		ss_fail_errno("standard output");
	}
	return ss_stop_error(command);
}

/* Every application of standard input; a bad one is named and passed over. */
static int
applications(struct ss_run *run, struct ss_info *info, struct ss_bytes *page)
{
	const struct ss_command *command = run->command;
	struct ss_source source = ss_run_lines(run);
	struct ss_record rec = { 0 };
	struct ss_line line;
	enum ss_next what;
	int r, status = SS_EXIT_OK;

	while ((r = source.next(source.ctx, true, &line, &what)) == 0 &&
	    what == SS_LINE && status != SS_EXIT_STOPPED) {
		if ((r = ss_record_keep(&rec, &line)) != 0 ||
		    (r = ss_record_parse(&rec)) != 0)
			break;
		r = ss_info_application(info, command->common.region, &rec,
		    page);
		if (r == 0 || ss_code_stops(r)) {
			if (finish(command, r, page) != SS_EXIT_OK)
				status = SS_EXIT_STOPPED;
			continue;
		}
		if (!command->common.quiet)
			fprintf(stderr, "%s: record %" PRIu64 ": %s: %s\n",
			    command->name, line.number, ss_code_word(r),
			    ss_message());
		status = SS_EXIT_RECORDS;
	}
	ss_record_free(&rec);
	return r == 0 || status == SS_EXIT_STOPPED ? status :
	    ss_stop_error(command);
}

static int
serve(struct ss_command *command, struct ss_info *info)
{
	const char *const *topics = command->operand;
	const struct ss_applicant who = { (int)age, id_type, through };
	size_t count = command->operand_count;
	struct ss_bytes page = { 0 };
	struct ss_run run = { 0 };
	int status;

	if (age >= 0 || id_type != NULL || through != NULL) {
		if (count > 1 || (count == 1 &&
		    strcmp(topics[0], DOCUMENTS) != 0))
			return ss_usage_error(command, "an applicant has no "
			    "topic but documents");
		status = finish(command, ss_info_documents(info,
		    command->common.region, &who, &page), &page);
	} else if (count > 0 && (strcmp(topics[0], DOCUMENTS) == 0 ||
	    strcmp(topics[0], "-") == 0)) {
		command->operand++;
		command->operand_count--;
		if (ss_run_lonely(command))
			return ss_usage_synopsis(command);
		if ((status = ss_run_init(&run, command)) == SS_CONTINUE) {
			signal(SIGPIPE, SIG_DFL);
			status = applications(&run, info, &page);
			ss_run_end();
		}
	} else if ((status = check_topics(command, info->guide)) ==
	    SS_CONTINUE) {
		status = finish(command, ss_info_guide(info,
		    command->common.region, topics, count, &page), &page);
	}
	ss_run_wipe(&run);
	ss_bytes_free(&page);
	return status;
}

static int
run_desk(struct ss_command *command, enum ss_page_format page)
{
	const struct ss_common *c = &command->common;
	struct ss_desk desk = { 0 };
	struct ss_info info = { 0 };
	int status;

	if (ss_desk_open(&desk, &(struct ss_desk_setup){ .data = c->data,
	    .files = "", .region = c->region, .jobs = 1 }) != 0 ||
	    ss_info_open(&info, &desk, c->data, lang, page) != 0)
		status = ss_stop_error(command);
	else if ((status = find_words(command, desk.words)) == SS_CONTINUE)
		status = serve(command, &info);
	ss_info_close(&info);
	ss_desk_close(&desk);
	return status;
}

int
main(int argc, char **argv)
{
	struct ss_command command = {
		.name = "ss-guide",
		.about = "Shows what a region publishes about the card, or "
		    "the documents of an applicant.\nTopics: functions, "
		    "apply, use, loss, rights; or documents of the\n"
		    "applications in the files that follow or on standard "
		    "input.",
		.operands = "[topic ...]",
		.takes = SS_TAKES_REGION,
		.options = options,
	};
	enum ss_page_format page = SS_PAGE_TEXT;
	int status;

	status = ss_options_parse(&command, argc, argv);
	if (status == SS_CONTINUE && proxy && through != NULL &&
	    strcmp(through, "proxy") != 0)
		status = ss_usage_error(&command,
		    "--proxy and --through exclude each other");
	if (proxy)
		through = "proxy";
	if (status == SS_CONTINUE)
		status = find_format(&command, &page);
	if (status == SS_CONTINUE)
		status = run_desk(&command, page);
	ss_options_wipe(&command);
	return status;
}
