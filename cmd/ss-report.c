/* ss-report: what a region's administration counts, from the register. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/err.h"
#include "books/report.h"
#include "cli/options.h"

/* What is asked for, as it was given. */
static struct {
	const char *region, *format, *by, *since, *until, *population;
	const char *hanging, *mark, *data;
	bool numbers, dry_run;
	struct ss_stats stats;
	struct ss_period period;	/* of hanging */
} given;

static const struct ss_option options[] = {
	{ 'R', "region", "CODE", NULL, "of codes that begin so",
	    SS_OPTION_STRING, &given.region, 0, 0 },
	{ 0, "format", "NAME", NULL, "text, csv or json (default: text)",
	    SS_OPTION_STRING, &given.format, 0, 0 },
	{ 0, "by", "LEVEL", NULL, "of stats: province, city or county "
	    "(default: county)", SS_OPTION_STRING, &given.by, 0, 0 },
	{ 0, "by-day", NULL, NULL, "stats: a row for each day",
	    SS_OPTION_FLAG, &given.stats.by_day, 0, 0 },
	{ 0, "since", "DATE", NULL, "stats: events of this day or later",
	    SS_OPTION_STRING, &given.since, 0, 0 },
	{ 0, "until", "DATE", NULL, "stats: events of this day or before",
	    SS_OPTION_STRING, &given.until, 0, 0 },
	{ 0, "waits", NULL, NULL, "stats: waiting times, in hours",
	    SS_OPTION_FLAG, &given.stats.waits, 0, 0 },
	{ 0, "population", "FILE", NULL, "stats: CSV of code and number",
	    SS_OPTION_STRING, &given.population, 0, 0 },
	{ 0, "hanging", "PERIOD", NULL, "reconcile: each there for longer",
	    SS_OPTION_STRING, &given.hanging, 0, 0 },
	{ 0, "numbers", NULL, NULL, "stock: of card numbers",
	    SS_OPTION_FLAG, &given.numbers, 0, 0 },
	{ 0, "mark", "FILE", NULL, "losses: changes since FILE was written",
	    SS_OPTION_STRING, &given.mark, 0, 0 },
	{ 'n', "dry-run", NULL, NULL, "losses: the mark stays as it is",
	    SS_OPTION_FLAG, &given.dry_run, 0, 0 },
	{ 0 },
};

static int
put(const char *text, size_t len, void *ctx)
{
	(void)ctx;
	return fwrite(text, 1, len, stdout) == len ? 0 :
	    ss_fail_errno("standard output");
}

/* On its way for good; a pipe or a terminal cannot be synced. */
static int
flush(void)
{
	if (fflush(stdout) != 0 || (fsync(STDOUT_FILENO) == -1 &&
	    errno != EINVAL && errno != EROFS && errno != ENOTSUP))
		return ss_fail_errno("standard output");
	return 0;
}

static int
stats(struct ss_registry *reg, const struct ss_report *report)
{
	struct ss_population *people = NULL;
	int r;

	if (given.population != NULL &&
	    (r = ss_population_open(&people, given.population)) != 0)
		return r;
	given.stats.population = people;
	r = ss_report_stats(reg, report, &given.stats);
	ss_population_close(people);
	return r;
}

static int
hanging(struct ss_registry *reg, const struct ss_report *report)
{
	struct ss_calendar *calendar;
	int r;

	if ((r = ss_calendar_open(&calendar, given.data)) == 0)
		r = ss_report_hanging(reg, report, calendar, &given.period);
	ss_calendar_close(calendar);
	return r;
}

/* Sums that do not agree are no failure to read the register. */
static int
reconcile(struct ss_registry *reg, const struct ss_report *report)
{
	bool differs;
	int r;

	if (given.hanging != NULL)
		return hanging(reg, report);
	r = ss_report_reconcile(reg, report, &differs);
	return r == 0 && differs ? ss_fail(SS_EAUTH, "the register's sums do "
	    "not agree; run ss-registry audit") : r;
}

static int
stock(struct ss_registry *reg, const struct ss_report *report)
{
	return given.numbers ? ss_report_numbers(reg, report) :
	    ss_report_stock(reg, report);
}

static int
losses(struct ss_registry *reg, const struct ss_report *report)
{
	struct ss_mark *mark = NULL;
	int r = 0;

	if (given.mark != NULL)
		r = ss_mark_open(&mark, given.mark);
	if (r == 0 && (r = ss_report_losses(reg, report, mark)) == 0 &&
	    mark != NULL && !given.dry_run && (r = flush()) == 0)
		r = ss_mark_write(mark);
	ss_mark_close(mark);
	return r;
}

static const struct verb {
	const char *word;
	int (*run)(struct ss_registry *, const struct ss_report *);
} verbs[] = {
	{ "stats", stats }, { "reconcile", reconcile }, { "stock", stock },
	{ "losses", losses },
};

static const struct verb *
find_verb(const struct ss_command *command)
{
	size_t i;

	for (i = 0; i < sizeof(verbs) / sizeof(verbs[0]); i++)
		if (command->operand_count == 1 &&
		    strcmp(verbs[i].word, command->operand[0]) == 0)
			return &verbs[i];
	return NULL;
}

/* What was given beside a verb that does not take it. */
static const char *
stray(const struct verb *verb)
{
	const struct ss_stats *s = &given.stats;

	if (verb->run != stats && (given.by != NULL || s->by_day || s->waits ||
	    given.since != NULL || given.until != NULL ||
	    given.population != NULL))
		return "--by, --by-day, --since, --until, --waits and "
		    "--population go with stats";
	if (given.population != NULL && (s->by_day || s->waits))
		return "--population goes with neither --by-day nor --waits";
	if (given.hanging != NULL && verb->run != reconcile)
		return "--hanging goes with reconcile";
	if (given.numbers && verb->run != stock)
		return "--numbers goes with stock";
	if (given.numbers && given.region != NULL)
		return "a range of numbers is of no region";
	if ((given.mark != NULL || given.dry_run) && verb->run != losses)
		return "--mark and -n go with losses";
	return NULL;
}

static int
check_call(const struct ss_command *command, const struct verb *verb,
    struct ss_report *report)
{
	if (verb == NULL)
		return ss_usage_error(command, "stats, reconcile, stock or "
		    "losses is wanted");
	if (stray(verb) != NULL)
		return ss_usage_error(command, "%s", stray(verb));
	if (ss_report_read(report, given.region, given.format) != 0 ||
	    ss_stats_read(&given.stats, given.by, given.since,
	    given.until) != 0 || (given.hanging != NULL &&
	    ss_period_parse(given.hanging, &given.period) != 0))
		return ss_stop_error(command);
	return SS_CONTINUE;
}

/* The register is only looked at. */
static int
serve(struct ss_command *command, const struct verb *verb,
    struct ss_report *report)
{
	struct ss_common *c = &command->common;
	struct ss_regions *regions = NULL;
	struct ss_registry *reg = NULL;
	struct ss_bytes path = { 0 };
	int r;

	given.data = c->data;
	report->now = ss_now();
	ss_bytes_addf(&path, "%s/regions.tsv", c->data);
	if ((r = ss_bytes_check(&path)) == 0 &&
	    (r = ss_common_complete(command)) == 0 &&
	    (r = ss_regions_open(&regions, path.data)) == 0)
		r = ss_registry_open(&reg, c->registry,
		    command->name, NULL);
	report->regions = regions;
	if (r == 0)
		r = verb->run(reg, report);
	ss_registry_close(reg);
	ss_regions_close(regions);
	ss_bytes_free(&path);
	if (r == SS_EAUTH)
		ss_stop_error(command);
	if ((r == 0 || r == SS_EAUTH) && fflush(stdout) != 0)
		r = ss_fail_errno("standard output");
	return r == 0 ? SS_EXIT_OK : r == SS_EAUTH ? SS_EXIT_RECORDS :
	    ss_stop_error(command);
}

int
main(int argc, char **argv)
{
	struct ss_command command = {
		.name = "ss-report",
		.about = "Counts what the register has: stats, reconcile, "
		    "stock, losses.",
		.operands = "stats|reconcile|stock|losses",
		.takes = SS_TAKES_REGISTRY,
		.options = options,
	};
	struct ss_report report = { .sink = { .put = put } };
	const struct verb *verb;
	int status;

	status = ss_options_parse(&command, argc, argv);
	if (status == SS_CONTINUE)
		status = check_call(&command, verb = find_verb(&command),
		    &report);
	if (status == SS_CONTINUE)
		status = serve(&command, verb, &report);
	ss_options_wipe(&command);
	return status;
}
