#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "desk/perso_own.h"

void
ss_making_report(const struct ss_making *m, int code)
{
	const struct ss_terminal *t = m->terminal;
	char message[SS_MESSAGE_MAX], line[SS_MESSAGE_MAX];
	int64_t ms = m->counts.last_ms - m->counts.first_ms;

	if (m->perso->count == 0 || t->tell == NULL)
		return;
	memcpy(message, ss_message(), sizeof(message));
	if (code == 0)
		snprintf(line, sizeof(line), "%s: application %s made, %d.%d s",
		    ss_reader_name(t->opened), m->turn->entry->id,
		    (int)(ms / 1000), (int)(ms % 1000 / 100));
	else
		snprintf(line, sizeof(line), "%.200s: application %s: %.200s",
		    ss_reader_name(t->opened), m->turn->entry->id, message);
	t->tell(line, t->tell_ctx);
	if (code != 0)
		ss_fail(code, "%s", message);
}

/* The card stands in the reader before a record is taken for it. */
static int
wait_ready(void *ctx)
{
	return ss_terminal_ready(ctx, "put in a blank card");
}

static int
ready(unsigned worker, void *ctx)
{
	struct ss_task *task = ctx;
	struct ss_perso *p = task->ctx;

	if (worker >= p->count)
		return ss_fail(SS_EREADER, "no such reader");
	return ss_terminal_run(&p->terminals[worker], wait_ready,
	    &p->terminals[worker]);
}

/* What no card is made of waits for none. */
static bool
aside(const struct ss_record *rec, void *ctx)
{
	const struct ss_task *task = ctx;
	const char *id = ss_record_string(rec, "id");
	struct ss_entry e = { .events = 0 };

	if (id == NULL || strlen(id) >= sizeof(e.id))
		return true;
	memcpy(e.id, id, strlen(id) + 1);
	return ss_registry_load(task->desk->registry, &e) == 0 &&
	    e.at.state != SS_APPROVED && e.at.state != SS_MAKING;
}

/*
 * Applications in work, so that one that stands twice in the input is begun
 * again only when the first is done, and found so.
 */
struct ss_perso_ids {
	pthread_mutex_t lock;
	pthread_cond_t gone;
	char ids[SS_PERSO_READERS][SS_ID_SIZE];	/* by worker; "": none */
};

static bool
is_in_work(const struct ss_perso_ids *in, const char *id)
{
	unsigned i;

	for (i = 0; i < SS_PERSO_READERS; i++)
		if (strcmp(in->ids[i], id) == 0)
			return true;
	return false;
}

static struct ss_perso_ids *
ids_of(void *task)
{
	struct ss_perso *p = ((struct ss_task *)task)->ctx;

	return p->ids;
}

static const char *
id_of(const struct ss_record *rec)
{
	const char *id = ss_record_string(rec, "id");

	return id != NULL && *id != '\0' && strlen(id) < SS_ID_SIZE ? id :
	    NULL;
}

/* A worker's record is its own until ss_task's one has returned. The register
 * is looked at again then, by the task. */
static int
one_at_a_time(struct ss_record *rec, unsigned worker, void *ctx)
{
	struct ss_perso_ids *in = ids_of(ctx);
	const char *id = id_of(rec);
	struct ss_work task = ss_task_work(ctx);
	int r;

	if (id != NULL) {
		pthread_mutex_lock(&in->lock);
		while (is_in_work(in, id))
			pthread_cond_wait(&in->gone, &in->lock);
		snprintf(in->ids[worker], SS_ID_SIZE, "%s", id);
		pthread_mutex_unlock(&in->lock);
	}
	if ((r = task.begin(&rec, 1, ctx)) == 0)
		r = task.one(rec, worker, ctx);
	pthread_mutex_lock(&in->lock);
	in->ids[worker][0] = '\0';
	pthread_cond_broadcast(&in->gone);
	pthread_mutex_unlock(&in->lock);
	return r;
}

void
ss_perso_work_all(struct ss_work *work)
{
	work->begin = NULL;	/* a part of one */
	work->one = one_at_a_time;
	work->ready = ready;
	work->aside = aside;
}

static int
open_ids(struct ss_perso *p)
{
	if ((p->ids = calloc(1, sizeof(*p->ids))) == NULL)
		return ss_fail(SS_EMEMORY, "out of memory");
	pthread_mutex_init(&p->ids->lock, NULL);
	pthread_cond_init(&p->ids->gone, NULL);
	return 0;
}

struct match {
	const struct ss_reader_setup *setup;
	struct ss_bytes names;
	size_t count;
};

static int
find_readers(void *ctx)
{
	struct match *m = ctx;

	return ss_reader_match(m->setup, &m->names, &m->count);
}

/* A terminal for each reader that fits. One that cannot be opened is told, and
 * the others work. */
int
ss_perso_open_all(struct ss_perso *p, const char *data)
{
	struct match m = { .setup = &p->terminal.reader };
	struct ss_terminal *t;
	size_t n;
	const char *name;
	int r, last = 0;

	/* The service may be as silent as a card. */
	if ((r = open_ids(p)) != 0 ||
	    (r = ss_watch_open(&p->terminal.watch)) != 0)
		return r;
	p->terminal.reader.watch = p->terminal.watch;
	if ((r = ss_terminal_run(&p->terminal, find_readers, &m)) != 0)
		goto out;
	n = m.count;
	if (n == 0 || n > SS_PERSO_READERS) {
		r = ss_fail(SS_EINVALID, n == 0 ? "no reader fits" :
		    "%zu readers fit, more than can be driven", n);
		goto out;
	}
	if ((p->terminals = calloc(n, sizeof(*p->terminals))) == NULL) {
		r = ss_fail(SS_EMEMORY, "out of memory");
		goto out;
	}
	for (name = m.names.data; n > 0; n--, name += strlen(name) + 1) {
		t = &p->terminals[p->count];
		*t = p->terminal;
		t->watch = NULL;
		snprintf(t->name, sizeof(t->name), "%s", name);
		t->reader.name = t->name;
		if ((last = ss_terminal_open(t, data)) == 0) {
			p->count++;
			continue;
		}
		if (t->tell != NULL)
			t->tell(ss_message(), t->tell_ctx);
		p->left = p->left || ss_terminal_left(t);
		ss_terminal_close(t);
	}
	r = p->count > 0 ? 0 : last;
out:
	ss_bytes_free(&m.names);
	return r;
}

void
ss_perso_close_all(struct ss_perso *p)
{
	unsigned i;

	for (i = 0; i < p->count; i++)
		ss_terminal_close(&p->terminals[i]);
	if (p->ids != NULL) {
		pthread_cond_destroy(&p->ids->gone);
		pthread_mutex_destroy(&p->ids->lock);
	}
	free(p->ids);
	p->ids = NULL;
	if (ss_perso_left(p))
		return;
	free(p->terminals);
	p->terminals = NULL;
	p->count = 0;
}
