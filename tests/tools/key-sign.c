/*
 * What an operator's key does, for the tests:
 *	key-sign sign URI TEXT		the public key and the signature, in hex
 *	key-sign check SPKI SIG TEXT	whether the signature is good
 *	key-sign who TRUST OPERATOR	by which name it works, and whether it has
 *					a key
 *	key-sign hold URI		signs, says so and waits for a line, closes
 *					the key, says so and waits for another
 * The passphrase is a line of descriptor 3.
 */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/err.h"
#include "base/text.h"
#include "cli/secret.h"
#include "front/who.h"

static int
ask(char out[SS_PASSPHRASE_MAX], void *ctx)
{
	(void)ctx;
	return ss_secret_read(&(struct ss_secret_source){ 3, "passphrase",
	    NULL }, out, SS_PASSPHRASE_MAX);
}

static void
print_hex(const void *data, size_t len)
{
	char hex[2 * SS_SPKI_MAX + 1];

	ss_hex(data, len, hex);
	puts(hex);
}

static int
sign(const char *uri, const char *text)
{
	uint8_t spki[SS_SPKI_MAX], sig[SS_SIGNATURE_MAX];
	struct ss_signer *signer;
	size_t spki_len, sig_len;
	int r;

	if ((r = ss_signer_open(&signer, uri,
	    &(struct ss_passphrase){ ask, NULL })) != 0)
		return r;
	if ((r = ss_public_write(ss_signer_public(signer), spki,
	    &spki_len)) == 0 && (r = ss_signer_sign(signer, text, strlen(text),
	    sig, &sig_len)) == 0) {
		print_hex(spki, spki_len);
		print_hex(sig, sig_len);
	}
	ss_signer_close(signer);
	return r;
}

static int
check(const char *spki_hex, const char *sig_hex, const char *text)
{
	uint8_t spki[SS_SPKI_MAX], sig[SS_SIGNATURE_MAX];
	const size_t spki_len = strlen(spki_hex) / 2,
	    sig_len = strlen(sig_hex) / 2;
	struct ss_public *public = NULL;
	int r;

	if (spki_len > sizeof(spki) || sig_len > sizeof(sig) ||
	    !ss_hex_read(spki_hex, spki, spki_len) ||
	    !ss_hex_read(sig_hex, sig, sig_len))
		return ss_fail(SS_EINVALID, "no hexadecimal digits");
	if ((r = ss_public_read(&public, spki, spki_len)) == 0)
		r = ss_public_check(public, text, strlen(text), sig, sig_len);
	ss_public_free(public);
	return r;
}

static int
who(const char *trust, const char *operator)
{
	struct ss_command command = { .name = "key-sign", .common = {
		.trust = trust, .operator = operator, .operator_fd = 3 } };
	struct ss_operators *operators;
	struct ss_who who;
	int r;

	if ((r = ss_who_open(&who, &command)) != 0)
		return r;
	printf("%s %s %s\n", command.common.operator,
	    who.signer != NULL ? "key" : "name",
	    who.operators != NULL ? "read" : "unread");
	if ((r = ss_who_operators(&who, &operators)) == 0)
		printf("%zu\n", ss_operators_count(operators));
	ss_who_close(&who);
	return r;
}

static void
wait_line(const char *said)
{
	char c;

	puts(said);
	fflush(stdout);
	while (read(STDIN_FILENO, &c, 1) == 1 && c != '\n')
		;
}

static int
hold(const char *uri)
{
	uint8_t sig[SS_SIGNATURE_MAX];
	struct ss_signer *signer;
	size_t len;
	int r;

	if ((r = ss_signer_open(&signer, uri,
	    &(struct ss_passphrase){ ask, NULL })) != 0)
		return r;
	r = ss_signer_sign(signer, "text", 4, sig, &len);
	wait_line("signed");
	ss_signer_close(signer);
	wait_line("closed");
	return r;
}

int
main(int argc, char **argv)
{
	int r = SS_EINVALID;

	if (argc == 4 && strcmp(argv[1], "sign") == 0)
		r = sign(argv[2], argv[3]);
	else if (argc == 5 && strcmp(argv[1], "check") == 0)
		r = check(argv[2], argv[3], argv[4]);
	else if (argc == 4 && strcmp(argv[1], "who") == 0)
		r = who(argv[2], argv[3]);
	else if (argc == 3 && strcmp(argv[1], "hold") == 0)
		r = hold(argv[2]);
	if (r != 0)
		fprintf(stderr, "key-sign: %s\n", ss_message());
	return r != 0;
}
