#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "books/registry_ops.h"

struct ss_registry {
	const struct ss_registry_ops *ops;
	void *db;
	char *station;
	pthread_mutex_t lock;
	struct ss_sm3 *sm3;
};

static const struct ss_registry_ops *const kinds[] = { &ss_registry_sqlite };

/* The back end for a name, and what stands behind its prefix. */
static const struct ss_registry_ops *
find_kind(const char *name, const char **where)
{
	size_t i, n;

	*where = name;
	if (name[0] == '/')
		return &ss_registry_sqlite;
	for (i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		n = strlen(kinds[i]->prefix);
		if (strncmp(name, kinds[i]->prefix, n) == 0) {
			*where = name + n;
			return kinds[i];
		}
	}
	return NULL;
}

int
ss_registry_open(struct ss_registry **out, const char *name,
    const char *station, bool *made)
{
	struct ss_registry *reg;
	const char *where;
	int r;

	*out = NULL;
	if (made != NULL)
		*made = false;
	if ((reg = calloc(1, sizeof(*reg))) == NULL)
		return ss_fail(SS_EMEMORY, "out of memory");
	pthread_mutex_init(&reg->lock, NULL);
	if ((reg->ops = find_kind(name, &where)) == NULL)
		r = ss_fail(SS_EINVALID, "a register is sqlite:PATH or an "
		    "absolute path");
	else if ((reg->station = strdup(station)) == NULL)
		r = ss_fail(SS_EMEMORY, "out of memory");
	else if ((r = ss_sm3_new(&reg->sm3)) == 0)
		r = reg->ops->open(&reg->db, where, made);
	if (r != 0) {
		ss_registry_close(reg);
		return r;
	}
	*out = reg;
	return 0;
}

void
ss_registry_close(struct ss_registry *reg)
{
	if (reg == NULL)
		return;
	if (reg->db != NULL)
		reg->ops->close(reg->db);
	ss_sm3_free(reg->sm3);
	free(reg->station);
	pthread_mutex_destroy(&reg->lock);
	free(reg);
}

int
ss_registry_load(struct ss_registry *reg, struct ss_entry *entry)
{
	int r;

	pthread_mutex_lock(&reg->lock);
	r = reg->ops->load(reg->db, entry);
	pthread_mutex_unlock(&reg->lock);
	return r;
}

int
ss_registry_load_open(struct ss_registry *reg, struct ss_entry *entry)
{
	int r;

	pthread_mutex_lock(&reg->lock);
	r = reg->ops->load_open(reg->db, entry);
	pthread_mutex_unlock(&reg->lock);
	return r;
}

int
ss_registry_record(struct ss_registry *reg, const char *id,
    struct ss_bytes *out)
{
	int r;

	pthread_mutex_lock(&reg->lock);
	r = reg->ops->record(reg->db, id, out);
	pthread_mutex_unlock(&reg->lock);
	return r;
}

int
ss_registry_had(struct ss_registry *reg, const char *id, const char *sm3,
    bool *out)
{
	int r;

	pthread_mutex_lock(&reg->lock);
	r = reg->ops->had(reg->db, id, sm3, out);
	pthread_mutex_unlock(&reg->lock);
	return r;
}

int
ss_event_digest(struct ss_sm3 *sm3, const struct ss_event *e,
    char out[SS_SM3_HEX])
{
	struct ss_bytes b = { 0 };
	int r;

	ss_bytes_addf(&b, "%s\n%lld\n%s\n%s\n%s\n%s\n%s\n%lld\n%s\n%s\n",
	    e->id, (long long)e->number, e->step, e->state, e->time,
	    e->operator, e->station, (long long)e->station_number,
	    e->record_sm3, e->prev);
	if ((r = ss_bytes_check(&b)) == 0)
		r = ss_sm3_hex(sm3, b.data, b.len, out);
	ss_bytes_free(&b);
	return r;
}

int
ss_form_digest(struct ss_sm3 *sm3, const struct ss_value *record,
    char out[SS_SM3_HEX])
{
	static const char *const members[] = { "kind", "region", "person",
		"photo.sm3" };
	const struct ss_value *all = ss_value_get(record, "documents"), *one;
	struct ss_bytes b = { 0 };
	size_t i;
	int r = 0;

	for (i = 0; r == 0 && i < sizeof(members) / sizeof(members[0]); i++) {
		one = ss_value_get(record, members[i]);
		if (one != NULL)
			r = ss_value_write(one, true, &b);
		ss_bytes_addc(&b, '\n');
	}
	for (i = 0; r == 0 && i < ss_value_count(all); i++) {
		one = ss_value_at(all, i);
		ss_bytes_addf(&b, "%s %s\n",
		    ss_value_string(ss_value_get(one, "kind")),
		    ss_value_string(ss_value_get(one, "sm3")));
	}
	if (r == 0 && (r = ss_bytes_check(&b)) == 0)
		r = ss_sm3_hex(sm3, b.data, b.len, out);
	ss_bytes_free(&b);
	return r;
}

static int
refuse(struct ss_change *c, int code)
{
	c->code = code;
	snprintf(c->message, sizeof(c->message), "%s", ss_message());
	return 0;
}

/* What the entry becomes: the table, and what the change brings. */
static int
step(const struct ss_change *c, struct ss_entry *after)
{
	enum ss_status no_card = SS_NO_CARD;
	int r;

	*after = *c->entry;
	if ((r = ss_life_step(c->step, &after->state, &no_card)) != 0)
		return r;
	memcpy(after->person, c->person, sizeof(after->person));
	memcpy(after->region, c->region, sizeof(after->region));
	memcpy(after->record_sm3, c->record_sm3, sizeof(after->record_sm3));
	memcpy(after->form_sm3, c->form_sm3, sizeof(after->form_sm3));
	after->revision = c->revision;
	after->events++;
	ss_instant_format(c->time, after->changed);
	return 0;
}

/* The row of the application, and its event. *done false: it collided. */
static int
store_row(struct ss_registry *reg, const struct ss_change *c,
    struct ss_entry *after, int64_t station_number, bool *done)
{
	const struct ss_event e = { after->id, after->events,
		ss_life[c->step].word, ss_state_word(after->state),
		after->changed, c->operator, reg->station, station_number,
		after->record_sm3, c->entry->head, after->head };
	int r;

	if ((r = ss_event_digest(reg->sm3, &e, after->head)) != 0)
		return r;
	r = c->entry->state == SS_STATE_NONE ?
	    reg->ops->insert(reg->db, after, c->record, done) :
	    reg->ops->update(reg->db, after, c->record, c->entry->events,
	    done);
	if (r != 0 || !*done)
		return r;
	return reg->ops->add_event(reg->db, &e);
}

static int
store_one(struct ss_registry *reg, struct ss_change *c,
    struct ss_entry *after, int64_t *station_events)
{
	struct ss_entry other = { 0 };
	bool done = false;
	int r;

	if ((r = step(c, after)) != 0)
		return refuse(c, r);
	if ((r = store_row(reg, c, after, *station_events + 1, &done)) != 0)
		return r;
	if (done) {
		++*station_events;
		return 0;
	}
	memcpy(other.person, after->person, sizeof(other.person));
	if ((r = reg->ops->load_open(reg->db, &other)) != 0)
		return r;
	if (c->entry->state == SS_STATE_NONE || (other.state !=
	    SS_STATE_NONE && strcmp(other.id, after->id) != 0))
		return refuse(c, ss_fail(SS_EEXISTS, "the id is taken, or "
		    "this person has an open application"));
	return refuse(c, ss_fail(SS_ESTATE, "the application was changed by "
	    "another station meanwhile; run again"));
}

static int
store_all(struct ss_registry *reg, struct ss_change *changes, size_t n,
    struct ss_entry *after)
{
	int64_t events;
	size_t i;
	int r;

	if ((r = reg->ops->get_station(reg->db, reg->station, &events)) != 0)
		return r;
	for (i = 0; r == 0 && i < n; i++)
		if (changes[i].code == 0)
			r = store_one(reg, &changes[i], &after[i], &events);
	if (r == 0)
		r = reg->ops->set_station(reg->db, reg->station, events);
	return r;
}

int
ss_registry_store(struct ss_registry *reg, struct ss_change *changes, size_t n)
{
	struct ss_entry *after;
	size_t i;
	int r;

	if ((after = calloc(n, sizeof(*after))) == NULL)
		return ss_fail(SS_EMEMORY, "out of memory");
	pthread_mutex_lock(&reg->lock);
	if ((r = reg->ops->begin(reg->db)) == 0) {
		r = store_all(reg, changes, n, after);
		if (r != 0 || (r = reg->ops->commit(reg->db)) != 0)
			reg->ops->rollback(reg->db);
	}
	pthread_mutex_unlock(&reg->lock);
	for (i = 0; r == 0 && i < n; i++)
		if (changes[i].code == 0)
			*changes[i].entry = after[i];
	free(after);
	return r;
}

int
ss_filter_check(struct ss_filter *f)
{
	const char **times[] = { &f->since, &f->until };
	ss_instant t;
	size_t i;
	int r;

	if (f->state != NULL && ss_state_find(f->state) == SS_STATES)
		return ss_fail(SS_EINVALID, "no state is called \"%.20s\"",
		    f->state);
	for (i = 0; i < 2; i++) {
		if (*times[i] == NULL)
			continue;
		if ((r = ss_instant_parse(*times[i], &t)) != 0)
			return r;
		ss_instant_format(t, f->utc[i]);
		*times[i] = f->utc[i];
	}
	return 0;
}

int
ss_registry_each(struct ss_registry *reg, const struct ss_filter *filter,
    int (*each)(const struct ss_entry *, const char *record, void *ctx),
    void *ctx)
{
	return reg->ops->each(reg->db, filter, each, ctx);
}

int
ss_registry_events(struct ss_registry *reg, const char *id,
    int (*each)(const struct ss_event *, void *ctx), void *ctx)
{
	return reg->ops->events(reg->db, id, each, ctx);
}

int
ss_registry_stations(struct ss_registry *reg,
    int (*each)(const char *station, int64_t events, void *ctx), void *ctx)
{
	return reg->ops->stations(reg->db, each, ctx);
}

int
ss_registry_begin(struct ss_registry *reg)
{
	return reg->ops->begin(reg->db);
}

int
ss_registry_look(struct ss_registry *reg)
{
	return reg->ops->look(reg->db);
}

int
ss_registry_put(struct ss_registry *reg, const struct ss_entry *entry,
    const struct ss_bytes *record)
{
	bool done;
	int r;

	if ((r = reg->ops->insert(reg->db, entry, record, &done)) != 0)
		return r;
	return done ? 0 : ss_fail(SS_EEXISTS, "application %s, or another "
	    "open one of its person, is in the register", entry->id);
}

int
ss_registry_put_event(struct ss_registry *reg, const struct ss_event *e)
{
	int64_t events;
	int r;

	if ((r = reg->ops->add_event(reg->db, e)) != 0 ||
	    (r = reg->ops->get_station(reg->db, e->station, &events)) != 0)
		return r;
	if (e->station_number <= events)
		return 0;
	return reg->ops->set_station(reg->db, e->station, e->station_number);
}

int
ss_registry_end(struct ss_registry *reg, bool store)
{
	int r = 0;

	if (!store || (r = reg->ops->commit(reg->db)) != 0)
		reg->ops->rollback(reg->db);
	return r;
}
