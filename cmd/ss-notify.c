/* ss-notify: what applicants are told. */
#include <inttypes.h>
#include <string.h>

#include "base/err.h"
#include "base/mail.h"
#include "desk/notify.h"
#include "front/front.h"

static struct {
	const char *channel;
	long timeout;
	struct ss_notify notify;
} given = { .timeout = 60, .notify = { .lang = "zh" } };

static const struct ss_option options[] = {
	{ 0, "channel", "WORD", NULL, "mail, sms or record (default: mail "
	    "with --send or --out, else record)", SS_OPTION_STRING,
	    &given.channel, 0, 0 },
	{ 0, "lang", "LANG", NULL, "zh or en (default: zh)",
	    SS_OPTION_STRING, &given.notify.lang, 0, 0 },
	{ 0, "to", "MEMBER", NULL, "where the address is (default: "
	    "person.email or person.phone)", SS_OPTION_STRING,
	    &given.notify.to, 0, 0 },
	{ 0, "from", "ADDRESS", NULL, "the sender of mail", SS_OPTION_STRING,
	    &given.notify.from, 0, 0 },
	{ 0, "send", "COMMAND", NULL, "run this for each mail, which is its "
	    "standard input", SS_OPTION_STRING, &given.notify.send, 0, 0 },
	{ 0, "timeout", "S", NULL, "seconds that it may take (default: 60)",
	    SS_OPTION_NUMBER, &given.timeout, 1, 86400 },
	{ 0, "out", "DIR", NULL, "put each mail into a file there",
	    SS_OPTION_STRING, &given.notify.out, 0, 0 },
	{ 0, "again", NULL, NULL, "also what was sent, or may have been",
	    SS_OPTION_FLAG, &given.notify.again, 0, 0 },
	{ 0 },
};

/* Those of --send and --out. */
static int
check_mail(const struct ss_command *command)
{
	struct ss_notify *n = &given.notify;

	if (n->from != NULL && !ss_mail_address(n->from))
		return ss_usage_error(command, "--from: the form "
		    "name@example.org is wanted");
	if (n->send == NULL && n->out == NULL)
		return SS_CONTINUE;
	if (n->send != NULL && n->out != NULL)
		return ss_usage_error(command, "--send and --out exclude "
		    "each other");
	if (n->channel != SS_NOTIFY_MAIL)
		return ss_usage_error(command, "--send and --out go with "
		    "--channel mail");
	if (n->from == NULL)
		return ss_usage_error(command, "--send and --out need --from");
	return SS_CONTINUE;
}

static int
check(struct ss_front *f)
{
	struct ss_notify *n = &given.notify;

	if (given.channel == NULL)
		given.channel = n->send != NULL || n->out != NULL ? "mail" :
		    "record";
	n->channel = ss_notify_channel_find(given.channel);
	if (n->channel == SS_NOTIFY_CHANNELS)
		return ss_usage_error(&f->command, "--channel is mail, sms or "
		    "record");
	if (strcmp(n->lang, "zh") != 0 && strcmp(n->lang, "en") != 0)
		return ss_usage_error(&f->command, "--lang is zh or en");
	if (n->to != NULL && n->channel == SS_NOTIFY_RECORD)
		return ss_usage_error(&f->command, "--to goes with --channel "
		    "mail or sms");
	if (n->to == NULL)
		n->to = n->channel == SS_NOTIFY_MAIL ? "person.email" :
		    "person.phone";
	n->timeout_ms = given.timeout * INT64_C(1000);
	if (n->send != NULL)	/* one message at a time */
		f->command.common.jobs = 1;
	return check_mail(&f->command);
}

static int
open_task(struct ss_front *f, struct ss_desk *desk, struct ss_work *work,
    struct ss_source *source)
{
	int r;

	(void)source;
	if ((r = ss_notify_open(&given.notify, desk,
	    f->command.common.data)) == 0)
		*work = ss_notify_work(&given.notify);
	return r;
}

static void
close_task(struct ss_front *f)
{
	(void)f;
	ss_notify_close(&given.notify);
}

/* The summary's part: "3 ready, 1 returned". */
static void
summary(struct ss_bytes *b, void *ctx)
{
	uint64_t n;
	int kind;

	for (kind = SS_NOTICE_READY; kind <= SS_NOTICE_REJECTED; kind++)
		if ((n = ss_notify_count(ctx, (enum ss_notice_kind)kind)) > 0)
			ss_bytes_addf(b, "%s%" PRIu64 " %s",
			    b->len > 0 ? ", " : "", n,
			    ss_notice_kind_word((enum ss_notice_kind)kind));
}

int
main(int argc, char **argv)
{
	struct ss_front front = {
		.command = {
			.name = "ss-notify",
			.about = "Tells applicants that the card is ready, "
			    "what to mend, or why not.",
			.operands = "[file ...]",
			.takes = SS_TAKES_REGION | SS_TAKES_WHO |
			    SS_TAKES_RECORDS | SS_TAKES_REGISTRY,
			.options = options,
		},
		.check = check,
		.open = open_task,
		.close = close_task,
		.summary = summary,
		.ctx = &given.notify,
	};

	return ss_front_main(&front, argc, argv);
}
