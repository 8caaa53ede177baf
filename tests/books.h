/*
 * What the unit tests of the register share: a register in a folder of its
 * own, records made up, steps taken one by one.
 *
 * SS_TEST_REGISTRY names another register, which its caller has emptied; then
 * every test of the run works in it.
 */
#ifndef SS_TESTS_BOOKS_H
#define SS_TESTS_BOOKS_H

#include <inttypes.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/err.h"
#include "books/audit.h"
#include "books/job.h"
#include "books/store.h"
#include "tap.h"

static char folder[] = "/tmp/sscard-books.XXXXXX";
static char name[512];			/* of the register */
static struct ss_sm3 *sm3;
static ss_instant now = 1772355600000;	/* 2026-03-01T09:00:00Z */
static int64_t revision = 1;		/* tells the records apart */

/* What a record is to say; NULL leaves it as it is in the register. */
struct facts {
	const char *person, *region, *kind, *number, *chip, *until;
	int64_t epoch;
};

/* A change with all that it brings; not to be moved. */
struct brought {
	struct ss_entry entry;
	struct ss_bytes record;
	struct ss_change change;
};

static inline const char *
either(const char *told, const char *had)
{
	return told != NULL ? told : had;
}

static inline void
write_record(struct ss_bytes *b, const struct ss_entry *e, struct facts f,
    enum ss_state state, bool card)
{
	const char *number = card ? either(f.number, e->number) : "";
	const char *until = either(f.until, e->until);
	const char *kind = either(f.kind, e->kind[0] != '\0' ? e->kind :
	    "new");

	ss_bytes_reset(b);
	ss_bytes_addf(b, "{\"applied\":{\"revision\":%" PRId64 "}", revision);
	if (number[0] != '\0')
		ss_bytes_addf(b, ",\"card\":{\"chip\":\"%s\",\"number\":"
		    "\"%s\"}", either(f.chip, e->chip), number);
	ss_bytes_addf(b, ",\"id\":\"%s\",\"kind\":\"%s\"", e->id,
	    kind);
	if (until[0] != '\0')
		ss_bytes_addf(b, ",\"loss\":{\"until\":\"%s\"}", until);
	ss_bytes_addf(b, ",\"person\":{\"social_number\":\"%s\"},"
	    "\"region\":\"%s\",%s\"state\":\"%s\"}",
	    either(f.person, e->person),
	    either(f.region, e->region[0] != '\0' ? e->region : "110101"),
	    strcmp(kind, "new") != 0 ? "\"replaces\":{}," : "",
	    ss_state_word(state));
}

static inline void
bring(struct brought *b, enum ss_step step, struct facts f)
{
	struct ss_stand at = b->entry.at;
	struct ss_value *root = NULL;

	if (ss_entry_status(&b->entry, now) != at.status)
		ss_life_step(SS_LAPSE, &at);
	ss_life_step(step, &at);
	write_record(&b->record, &b->entry, f, at.state,
	    step != SS_UNBIND && step != SS_GIVE_UP);
	b->change = (struct ss_change){ .entry = &b->entry,
		.after = b->entry, .step = step, .record = &b->record,
		.operator = "wang", .time = now, .epoch = f.epoch };
	revision++;
	if (ss_json_parse(b->record.data, b->record.len, &root) != 0 ||
	    ss_entry_read(&b->change.after, root, &b->record, sm3) != 0)
		printf("# %s\n", ss_message());
	ss_json_free(root);
}

static inline struct ss_entry
load(struct ss_registry *reg, const char *id)
{
	struct ss_entry e = { .events = 0 };

	snprintf(e.id, sizeof(e.id), "%s", id);
	if (ss_registry_load(reg, &e) != 0)
		printf("# %s\n", ss_message());
	return e;
}

/* Loads an application and takes one step of it; the change's code. */
static inline int
take(struct ss_registry *reg, const char *id, enum ss_step step,
    struct facts f)
{
	struct brought b = { .entry = load(reg, id) };
	int r;

	bring(&b, step, f);
	if ((r = ss_registry_store(reg, &b.change, 1)) == 0 &&
	    (r = b.change.code) != 0)
		printf("# %s: %s\n", id, b.change.message);
	ss_bytes_free(&b.record);
	return r;
}

/* From nothing to an approved application. */
static inline int
approve(struct ss_registry *reg, const char *id, struct facts f)
{
	int r = take(reg, id, SS_APPLY, f);

	return r != 0 ? r : take(reg, id, SS_APPROVE, (struct facts){ 0 });
}

static inline int
begin_job(struct ss_registry *reg, const char *id,
    const struct ss_card_numbers *numbers, struct ss_job *job)
{
	struct ss_entry e = load(reg, id);

	return ss_job_begin(reg, &e, numbers, now, job);
}

/* From approved to active, with a chip; an older card is not replaced. */
static inline int
activate(struct ss_registry *reg, const char *id, const char *chip,
    const struct ss_card_numbers *numbers)
{
	static const enum ss_step steps[] = { SS_MAKE, SS_FINISH, SS_COLLECT,
		SS_ACTIVATE };
	struct ss_job job;
	size_t i;
	int r;

	if ((r = begin_job(reg, id, numbers, &job)) != 0)
		return r;
	for (i = 0; r == 0 && i < sizeof(steps) / sizeof(steps[0]); i++)
		r = take(reg, id, steps[i], (struct facts){
		    .number = job.number, .chip = chip, .epoch = job.epoch });
	return r;
}

static inline struct ss_registry *
open_as(const char *station)
{
	struct ss_registry *reg;
	bool made;

	if (ss_registry_open(&reg, name, station, &made) != 0)
		printf("# %s\n", ss_message());
	return reg;
}

static inline bool
own_register(void)
{
	return getenv("SS_TEST_REGISTRY") != NULL;
}

/* Another register from here on, unless the caller has named one. */
static inline void
use(const char *file)
{
	if (own_register())
		snprintf(name, sizeof(name), "%s", getenv("SS_TEST_REGISTRY"));
	else
		snprintf(name, sizeof(name), "sqlite:%s/%s", folder, file);
}

static inline void
print_fault(const char *subject, const char *what, void *ctx)
{
	(void)ctx;
	printf("# %s: %s\n", subject, what);
}

static inline void
audit(struct ss_registry *reg, const char *when)
{
	struct ss_audit a = { 0 };
	int r = ss_audit_run(reg, &a, print_fault, NULL);

	ok(r == 0 && a.faults == 0 && a.events > 0, "audit: clean %s", when);
	if (r != 0)
		printf("# %s\n", ss_message());
}

static inline bool
begin_tests(void)
{
	return mkdtemp(folder) != NULL && ss_sm3_new(&sm3) == 0;
}

static inline int
end_tests(void)
{
	char command[64];

	ss_sm3_free(sm3);
	snprintf(command, sizeof(command), "rm -r %s", folder);
	ok(system(command) == 0, "cleaned up");
	return done();
}

#endif
