#include <stdio.h>
#include <string.h>

#include "base/child.h"
#include "base/err.h"
#include "base/files.h"
#include "base/mail.h"
#include "desk/notify.h"

#define LEFT_SIZE 40		/* of "sscard." and 32 digits, with NUL */
#define DIGITS 32
#define ID_MAX 320		/* that, @ and a domain */

/* The words of notice.sent. */
static const char begun[] = "begun", sent[] = "sent", failed[] = "failed",
    written[] = "written";

static const char *const channels[] = { "mail", "sms", "record" };

/* A message in work. */
struct message {
	struct ss_notify *notify;
	struct ss_turn *turn;
	enum ss_notice_kind kind;
	struct ss_notice text, brief;	/* brief: of the channel record */
	struct ss_bytes to;		/* "" when there is none */
	char left[LEFT_SIZE];
	char id[ID_MAX];
};

enum ss_notify_channel
ss_notify_channel_find(const char *word)
{
	int i;

	for (i = 0; i < SS_NOTIFY_CHANNELS && strcmp(channels[i], word) != 0;
	    i++)
		;
	return (enum ss_notify_channel)i;
}

/* The id, from what makes this message another one than any before it. */
static int
make_id(struct message *m)
{
	const struct ss_entry *e = m->turn->entry;
	const char *from = m->notify->from;
	struct ss_bytes b = { 0 };
	char hex[SS_SM3_HEX];
	int r;

	ss_bytes_addf(&b, "sscard notice\n%s\n%s\n%lld\n%s\n", e->id,
	    ss_notice_kind_word(m->kind), (long long)e->revision,
	    m->kind == SS_NOTICE_READY ? e->number : "");
	if ((r = ss_bytes_check(&b)) == 0 && (r = ss_sm3_hex(m->turn->hand->sm3,
	    b.data, b.len, hex)) == 0) {
		snprintf(m->left, sizeof(m->left), "sscard.%.*s", DIGITS, hex);
		snprintf(m->id, sizeof(m->id), "%s%s", m->left,
		    from != NULL ? strchr(from, '@') : "");
	}
	ss_bytes_free(&b);
	return r;
}

/* What the record says of this message already, by the id without its host,
 * which is that of whoever sends; NULL: nothing. */
static const struct ss_value *
earlier(const struct message *m)
{
	const struct ss_value *v = ss_record_get(m->turn->rec, "notice");
	const char *id = ss_value_string(ss_value_get(v, "message_id"));
	size_t n = strlen(m->left);

	return id != NULL && strncmp(id, m->left, n) == 0 &&
	    (id[n] == '\0' || id[n] == '@') ? v : NULL;
}

static bool
has_word(const struct ss_value *v, const char *member, const char *word)
{
	const char *text = ss_value_string(ss_value_member(v, member));

	return text != NULL && strcmp(text, word) == 0;
}

/* Whether the applicant has been told; SS_ESTATE when nobody knows. */
static int
check_earlier(const struct message *m, bool *told)
{
	const struct ss_notify *n = m->notify;
	const struct ss_value *v = earlier(m);

	*told = false;
	if (n->again || v == NULL)
		return 0;
	if (has_word(v, "sent", begun))
		return ss_fail(SS_ESTATE, "it is not known whether this "
		    "message was sent; look, then say --again");
	*told = has_word(v, "sent", sent) || has_word(v, "sent", written) ||
	    (n->send == NULL && n->out == NULL &&
	    ss_value_member(v, "sent") == NULL &&
	    has_word(v, "channel", channels[n->channel]) &&
	    has_word(v, "lang", n->lang));
	return 0;
}

static int
find_address(struct message *m)
{
	const struct ss_notify *n = m->notify;
	enum ss_entry_kind kind = n->channel == SS_NOTIFY_MAIL ?
	    SS_ENTRY_EMAIL : SS_ENTRY_PHONE;
	const char *text;
	int r;

	if (n->channel == SS_NOTIFY_RECORD)
		return 0;
	text = ss_record_string(m->turn->rec, n->to);
	if (text != NULL && (r = ss_entry_normalize(kind, NULL,
	    m->turn->desk->words, text, &m->to)) != 0)
		return ss_fail_in(r, "%s", n->to);
	if (m->to.len == 0 && (n->send != NULL || n->out != NULL))
		return ss_fail(SS_EINVALID, "%s: is missing; this message "
		    "needs an address", n->to);
	return ss_bytes_check(&m->to);
}

/* The record's region where the policy holds for it, else the policy's. */
static void
name_region(const struct message *m, struct ss_bytes *out)
{
	const char *code = m->turn->entry->region;
	const char *policy = m->turn->policy->region;
	size_t n = 6;

	while (n > 0 && memcmp(policy + n - 2, "00", 2) == 0)
		n -= 2;
	ss_regions_full_name(m->turn->desk->regions,
	    strncmp(code, policy, n) == 0 ? code : policy, out);
}

static int
write_text(struct message *m, enum ss_notice_channel channel,
    struct ss_notice *out)
{
	struct ss_bytes region = { 0 };
	int r;

	name_region(m, &region);
	if ((r = ss_bytes_check(&region)) == 0)
		r = ss_notice_write(m->notify->notices, m->turn->policy,
		    region.len > 0 ? region.data : NULL, m->turn->rec->root,
		    m->kind, channel, m->notify->lang, out);
	ss_bytes_free(&region);
	return r;
}

static int
write_texts(struct message *m)
{
	enum ss_notify_channel channel = m->notify->channel;
	int r;

	if ((r = write_text(m, channel == SS_NOTIFY_SMS ? SS_NOTICE_SMS :
	    SS_NOTICE_MAIL, &m->text)) == 0 && channel == SS_NOTIFY_RECORD)
		r = write_text(m, SS_NOTICE_SMS, &m->brief);
	return r;
}

static void
add_text(struct ss_bytes *b, const char *member, const struct ss_bytes *text)
{
	if (text->len > 0)
		ss_json_addn(b, member, text->data, text->len);
}

/* The member notice; how is what has become of it, NULL for nothing. */
static void
set_notice(struct message *m, const char *how)
{
	struct ss_bytes *b = ss_turn_write(m->turn, "notice");

	ss_json_add(b, "kind", ss_notice_kind_word(m->kind));
	ss_json_add(b, "channel", channels[m->notify->channel]);
	ss_json_add(b, "lang", m->notify->lang);
	add_text(b, "to", &m->to);
	add_text(b, "subject", &m->text.subject);
	add_text(b, "body", &m->text.body);
	add_text(b, "short", &m->brief.body);
	ss_json_add(b, "message_id", m->id);
	ss_json_addi(b, "revision", m->turn->entry->revision);
	if (how != NULL)
		ss_json_add(b, "sent", how);
	ss_json_close(b, '}');
}

static int
write_mail(const struct message *m, struct ss_bytes *out)
{
	const struct ss_value *authority = ss_value_get(
	    m->turn->policy->root, "authority");
	const struct ss_mail mail = {
		.from = m->notify->from,
		.from_name = ss_value_string(ss_value_member(authority,
		    m->notify->lang)),
		.to = m->to.data,
		.subject = m->text.subject.len > 0 ?
		    m->text.subject.data : "",
		.message_id = m->id,
		.date = m->turn->now,
		.body = m->text.body.data,
		.body_len = m->text.body.len,
	};

	return ss_mail_write(&mail, out);
}

/* A step of its own, durable when this returns. */
static int
store(struct message *m, const char *how)
{
	struct ss_turn *t = m->turn;

	ss_step_undo(t->step, t->rec);
	set_notice(m, how);
	ss_record_remove(t->rec, "already");
	return ss_step_now(t->step, t->rec, t->worker, SS_NOTIFY);
}

/*
 * What ended by itself and not with 0 has not sent. One that was stopped or
 * killed may have, and stays begun.
 */
static int
run_command(struct message *m, const struct ss_bytes *mail)
{
	const struct ss_notify *n = m->notify;
	char message[SS_MESSAGE_MAX];
	int code, r, status;

	if ((code = ss_child_run(n->send, mail->data, mail->len,
	    n->timeout_ms, &status)) == 0)
		return store(m, sent);
	memcpy(message, ss_message(), sizeof(message));
	if (status > 0 && status < 128 && (r = store(m, failed)) != 0)
		return r;
	m->turn->own = true;
	return ss_fail(code, "%s", message);
}

static int
send_mail(struct message *m, const struct ss_bytes *mail)
{
	int r;

	return (r = store(m, begun)) != 0 ? r : run_command(m, mail);
}

static int
put_mail(const struct message *m, const struct ss_bytes *mail)
{
	struct ss_bytes path = { 0 };
	int r;

	ss_bytes_addf(&path, "%s/%s.eml", m->notify->out, m->left);
	if ((r = ss_bytes_check(&path)) == 0)
		r = ss_file_write(path.data, mail->data, mail->len,
		    m->notify->again);
	ss_bytes_free(&path);
	return r;
}

/* Hands a message over, and says so in the record. */
static int
deliver(struct message *m)
{
	const struct ss_notify *n = m->notify;
	struct ss_turn *t = m->turn;
	bool dry = t->desk->dry_run;
	struct ss_bytes mail = { 0 };
	int r = 0;

	if ((n->send != NULL || n->out != NULL) &&
	    (r = ss_step_may(t->step, t->rec, SS_NOTIFY)) == 0)
		r = write_mail(m, &mail);
	if (r == 0 && n->send != NULL && !dry) {
		r = send_mail(m, &mail);
	} else if (r == 0) {
		if (n->out != NULL && !dry)
			r = put_mail(m, &mail);
		set_notice(m, n->out != NULL && !dry ? written : NULL);
		ss_turn_take(t, SS_NOTIFY, t->entry->at.state);
	}
	ss_bytes_free(&mail);
	return r;
}

static int
tell(struct message *m)
{
	struct ss_stand at = m->turn->entry->at;
	bool told;
	int r;

	if ((r = ss_life_step(SS_NOTIFY, &at)) != 0 ||
	    (r = make_id(m)) != 0 || (r = check_earlier(m, &told)) != 0)
		return r;
	if (told) {
		ss_record_already(m->turn->rec);
		return 0;
	}
	if ((r = find_address(m)) != 0 || (r = write_texts(m)) != 0)
		return r;
	return deliver(m);
}

static int
one(struct ss_turn *t, void *ctx)
{
	struct ss_notify *n = ctx;
	struct message m = { .notify = n, .turn = t,
		.kind = ss_notice_kind_for(ss_state_word(t->entry->at.state)) };
	int r;

	n->kinds[t->rec->slot] = m.kind;
	if (m.kind == SS_NOTICE_NONE) {
		t->rec->outcome = SS_PASSED;
		return 0;
	}
	ss_notice_init(&m.text);
	ss_notice_init(&m.brief);
	r = tell(&m);
	ss_notice_wipe(&m.text);
	ss_notice_wipe(&m.brief);
	ss_bytes_free(&m.to);
	return r;
}

int
ss_notify_open(struct ss_notify *n, struct ss_desk *desk, const char *data)
{
	int r;

	n->task = (struct ss_task){ .one = one, .ctx = n };
	if ((r = ss_notices_open(&n->notices, data, desk->words)) == 0)
		r = ss_task_open(&n->task, desk);
	return r;
}

void
ss_notify_close(struct ss_notify *n)
{
	ss_task_close(&n->task);
	ss_notices_close(n->notices);
	n->notices = NULL;
}

/* Those that are told once their group is stored. */
static int
end(struct ss_record *const *recs, size_t count, void *ctx)
{
	struct ss_task *task = ctx;
	struct ss_notify *n = task->ctx;
	size_t i;
	int r;

	if ((r = ss_task_work(task).end(recs, count, task)) != 0)
		return r;
	for (i = 0; i < count; i++)
		if (recs[i]->outcome == SS_DONE)
			n->counts[n->kinds[recs[i]->slot]]++;
	return 0;
}

struct ss_work
ss_notify_work(struct ss_notify *n)
{
	struct ss_work work = ss_task_work(&n->task);

	work.end = end;
	return work;
}

uint64_t
ss_notify_count(const struct ss_notify *n, enum ss_notice_kind kind)
{
	return n->counts[kind];
}
