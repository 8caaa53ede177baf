/*
 * Writes the message that its arguments and its standard input make:
 *
 *   write-mail FROM FROM_NAME TO TO_NAME SUBJECT ID MILLISECONDS <BODY
 *
 * A name of "" is none. Status 1 and the error's word and sentence on standard
 * error when it is refused.
 */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/err.h"
#include "base/mail.h"

int
main(int argc, char **argv)
{
	struct ss_bytes body = { 0 }, out = { 0 };
	struct ss_mail mail;
	ssize_t n;
	char *room;
	int r;

	if (argc != 8)
		return 2;
	while ((room = ss_bytes_room(&body, 65536)) != NULL &&
	    (n = read(0, room, 65536)) > 0)
		body.len += (size_t)n;
	mail = (struct ss_mail){ .from = argv[1], .from_name = argv[2],
		.to = argv[3], .to_name = argv[4], .subject = argv[5],
		.message_id = argv[6], .date = atoll(argv[7]),
		.body = body.data, .body_len = body.len };
	if ((r = ss_mail_write(&mail, &out)) != 0)
		fprintf(stderr, "%s: %s\n", ss_code_word(r), ss_message());
	else
		fwrite(out.data, 1, out.len, stdout);
	ss_bytes_free(&body);
	ss_bytes_free(&out);
	return r != 0 || fflush(stdout) != 0;
}
