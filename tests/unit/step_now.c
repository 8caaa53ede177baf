/* A step that is stored at once, and one that is not: which seals go on. */
#include <stdlib.h>
#include <unistd.h>

#include "base/err.h"
#include "desk/step.h"
#include "../tap.h"

#define TRUST "step.trust"

static const char form[] = "{\"v\":1,\"id\":\"a\",\"kind\":\"new\","
    "\"region\":\"110101\",\"person\":{\"social_number\":"
    "\"11010119600307100X\"},\"applied\":{\"by\":\"wang\",\"revision\":1},"
    "\"state\":\"applied\"}";

static int
ask(char out[SS_PASSPHRASE_MAX], void *ctx)
{
	(void)ctx;
	memcpy(out, "secret", 7);
	return 0;
}

/* An operator with a new key and one role; returns whether it went well. */
static bool
make_operator(struct ss_signer **signer, struct ss_operators *operators,
    const char *name, const char *role)
{
	const struct ss_passphrase passphrase = { ask, NULL };
	struct ss_trusted who = { .algorithm = SS_P256, .role_count = 1,
		.regions = { "000000" }, .region_count = 1, .from = 1000 };
	char key[64];

	snprintf(who.name, sizeof(who.name), "%s", name);
	snprintf(who.roles[0], sizeof(who.roles[0]), "%s", role);
	snprintf(key, sizeof(key), "file:%s.key", name);
	if (ss_signer_make(signer, key, SS_P256, &passphrase) != 0 ||
	    ss_public_write(ss_signer_public(*signer), who.spki,
	    &who.spki_len) != 0)
		return false;
	memcpy(who.key, ss_signer_key(*signer), sizeof(who.key));
	return ss_operators_put(operators, &who) == 0;
}

/* A clerk and a reviewer. */
static bool
make_operators(struct ss_signer *signers[2], struct ss_operators **operators)
{
	if (ss_operators_edit(operators, TRUST) != 0 ||
	    !make_operator(&signers[0], *operators, "wang", "clerk") ||
	    !make_operator(&signers[1], *operators, "li", "reviewer") ||
	    ss_operators_save(*operators) != 0)
		return false;
	ss_operators_close(*operators);
	return ss_operators_open(operators, TRUST) == 0;
}

/* A record in work, as a desk begins with it. */
static bool
begin(struct ss_stepper *st, struct ss_record *rec, const char *text)
{
	struct ss_record *all[] = { rec };
	struct ss_line line = { .data = text, .len = strlen(text),
		.full_len = strlen(text), .number = 1 };

	return ss_record_keep(rec, &line) == 0 && ss_record_parse(rec) == 0 &&
	    ss_step_begin(st, all, 1) == 0;
}

static int
hold(struct ss_stepper *st, struct ss_record *rec)
{
	ss_step_undo(st, rec);
	ss_json_add(ss_record_set(rec, "state"), NULL, "pending");
	ss_bytes_adds(ss_record_set(rec, "review"), "{}");
	return ss_step_now(st, rec, 0, SS_HOLD);
}

static size_t
seals_of(const struct ss_stepper *st)
{
	const struct ss_bytes *b = &st->slots[0].seals;
	size_t n = 0;
	const char *p = b->len > 0 ? b->data : "";

	while ((p = strstr(p, "\"covers\":")) != NULL) {
		n++;
		p++;
	}
	return n;
}

static void
test_steps(struct ss_desk *desk, struct ss_signer *reviewer)
{
	struct ss_stepper *one = malloc(sizeof(*one));
	struct ss_stepper *two = malloc(sizeof(*two));
	struct ss_record rec = { .number = 1 }, other = { .number = 1 };
	struct ss_bytes text = { 0 };

	ss_step_init(one, desk);
	ss_step_init(two, desk);
	ok(begin(one, &rec, form) && ss_step_now(one, &rec, 0,
	    SS_APPLY) == 0 && seals_of(one) == 1, "a form is sealed");
	desk->signer = reviewer;
	desk->operator = "li";
	desk->self = ss_operators_find(desk->operators,
	    ss_signer_key(reviewer));
	ok(ss_registry_record(desk->registry, "a", &text) == 0 &&
	    begin(one, &rec, text.data) && begin(two, &other, text.data),
	    "two desks look at it");
	ok(hold(two, &other) == 0 && seals_of(two) == 2, "one takes a step");
	ok(hold(two, &other) == 0 && seals_of(two) == 3, "and another one");
	ok(hold(one, &rec) == SS_ESTATE, "the other is too late");
	ok(seals_of(one) == 0, "and has no seal of what was not stored");
	ss_bytes_reset(&text);
	ok(ss_registry_record(desk->registry, "a", &text) == 0 &&
	    begin(one, &rec, text.data) && hold(one, &rec) == 0 &&
	    seals_of(one) == 4, "it goes on from what there is");
	ss_step_wipe(one);
	ss_step_wipe(two);
	ss_record_free(&rec);
	ss_record_free(&other);
	ss_bytes_free(&text);
	free(one);
	free(two);
}

int
main(void)
{
	char folder[] = "/tmp/sscard-step.XXXXXX";
	const char *data = getenv("SSCARD_DATA");
	struct ss_operators *operators = NULL;
	struct ss_signer *signers[2] = { NULL, NULL };
	struct ss_desk desk = { 0 };
	char path[4096];

	snprintf(path, sizeof(path), "%s", data != NULL ? data : "lib/data");
	data = realpath(path, NULL);
	if (mkdtemp(folder) == NULL || chdir(folder) != 0)
		return 1;
	ok(make_operators(signers, &operators), "a clerk and a reviewer");
	ok(ss_desk_open(&desk, &(struct ss_desk_setup){ .data = data,
	    .operator = "wang", .station = "s", .operators = operators,
	    .signer = signers[0],
	    .self = ss_operators_find(operators, ss_signer_key(signers[0])),
	    .registry = "sqlite:step.db", .jobs = 1 }) == 0, "a desk");
	test_steps(&desk, signers[1]);
	ss_desk_close(&desk);
	ss_signer_close(signers[0]);
	ss_signer_close(signers[1]);
	ss_operators_close(operators);
	free((char *)(uintptr_t)data);
	unlink("wang.key");
	unlink("li.key");
	unlink(TRUST);
	unlink(TRUST ".lock");
	unlink("step.db");
	unlink("step.db-wal");
	unlink("step.db-shm");
	ok(chdir("/") == 0 && rmdir(folder) == 0, "nothing is left");
	return done();
}
