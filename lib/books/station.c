#include <string.h>

#include "base/err.h"
#include "books/registry_own.h"
#include "books/station.h"

struct found {
	struct ss_station_counts *counts;
	bool yes;
};

static int
take_counts(const struct ss_cell *cells, void *ctx)
{
	struct found *found = ctx;

	*found->counts = (struct ss_station_counts){ ss_cell_int(&cells[0]),
		ss_cell_int(&cells[1]) };
	found->yes = true;
	return 0;
}

int
ss_station_lock(struct ss_registry *reg, struct ss_station_counts *counts)
{
	struct ss_arg name = ss_arg_text(reg->station);
	struct found found = { counts, false };
	int r;

	*counts = (struct ss_station_counts){ 0, 0 };
	r = ss_registry_do(reg, SS_Q_STATION, &name, 1, take_counts, &found,
	    NULL);
	if (r != 0 || found.yes)
		return r;
	if ((r = ss_registry_do(reg, SS_Q_ADD_STATION, &name, 1, NULL, NULL,
	    NULL)) != 0 || (r = ss_registry_do(reg, SS_Q_STATION, &name, 1,
	    take_counts, &found, NULL)) != 0)
		return r;
	return found.yes ? 0 : ss_fail(SS_EREGISTRY, "the register: station "
	    "%.64s cannot be entered", reg->station);
}

void
ss_station_statement(const struct ss_registry *reg,
    const struct ss_station_counts *counts, struct ss_statement *st)
{
	*st = (struct ss_statement){ SS_Q_SET_STATION, NULL, 3,
		{ ss_arg_text(reg->station), ss_arg_number(counts->events),
		ss_arg_number(counts->actions) } };
}

int
ss_station_set(struct ss_registry *reg, const struct ss_station_counts *counts)
{
	struct ss_statement st;

	ss_station_statement(reg, counts, &st);
	return reg->engine->run(reg->db, &st, NULL, NULL, NULL);
}

int
ss_action_digest(struct ss_sm3 *sm3, const struct ss_action *a,
    char out[SS_SM3_HEX])
{
	struct ss_bytes b = { 0 };
	int r;

	ss_bytes_addf(&b, "%s\n%lld\n%s\n%s\n%s\n%s\n%s\n%s\n", a->station,
	    (long long)a->number, a->time, a->operator, a->word, a->subject,
	    a->detail, a->prev);
	if ((r = ss_bytes_check(&b)) == 0)
		r = ss_sm3_hex(sm3, b.data, b.len, out);
	ss_bytes_free(&b);
	return r;
}

static int
take_digest(const struct ss_cell *cells, void *ctx)
{
	ss_cell_copy(&cells[0], ctx, SS_SM3_HEX);
	return 0;
}

/* The digest of one by its number; "" when it is not there. */
static int
find_digest(struct ss_registry *reg, int64_t number, char out[SS_SM3_HEX])
{
	out[0] = '\0';
	return ss_registry_do(reg, SS_Q_LAST_ACTION, (struct ss_arg[]){
	    ss_arg_text(reg->station), ss_arg_number(number) }, 2,
	    take_digest, out, NULL);
}

int
ss_action_there(struct ss_registry *reg, const struct ss_action_mark *mark,
    bool *out)
{
	char digest[SS_SM3_HEX];
	int r;

	*out = false;
	if (mark->number == 0)
		return 0;
	if ((r = find_digest(reg, mark->number, digest)) == 0)
		*out = strcmp(digest, mark->digest) == 0;
	return r;
}

int
ss_action_add(struct ss_registry *reg, struct ss_station_counts *counts,
    const char *operator, const char *word, const char *subject,
    const char *detail, struct ss_action_mark *mark)
{
	char prev[SS_SM3_HEX], time[SS_INSTANT_MAX];
	struct ss_action a = { reg->station, counts->actions + 1, time,
		operator, word, subject, detail, prev, mark->digest };
	int64_t written = 0;
	int r;

	ss_instant_format(ss_now(), time);
	if ((r = find_digest(reg, counts->actions, prev)) != 0 ||
	    (r = ss_action_digest(reg->sm3, &a, mark->digest)) != 0 ||
	    (r = ss_registry_do(reg, SS_Q_ADD_ACTION, (struct ss_arg[]){
	    ss_arg_text(a.station), ss_arg_number(a.number),
	    ss_arg_text(time), ss_arg_text(operator), ss_arg_text(word),
	    ss_arg_text(subject), ss_arg_text(detail), ss_arg_text(prev),
	    ss_arg_text(mark->digest) }, 9, NULL, NULL, &written)) != 0)
		return r;
	if (written == 0)
		return ss_fail(SS_EREGISTRY, "an action of station %.64s is "
		    "there already; run ss-registry audit", reg->station);
	mark->number = ++counts->actions;
	return 0;
}
