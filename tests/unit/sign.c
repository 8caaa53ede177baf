/*
 * Signatures by the example of GB/T 32918.5-2017, annex A.2, and against what
 * openssl(1) makes; encodings that must be refused; private keys kept.
 */
#include <pthread.h>
#include <stdlib.h>

#include "base/err.h"
#include "base/sign.h"
#include "base/text.h"
#include "../sign-keys.h"
#include "../tap.h"

#define LEN(array) (sizeof(array) / sizeof((array)[0]))
#define TEXT "message digest"
#define SPKI_LEN 91

static const char point_hex[] = "04"
    "09f9df311e5421a150dd7d161e4bc5c672179fad1833fc076bb08ff356f35020"
    "ccea490ce26775a52dc6ea718cc1aa600aed05fbf35e084a6632f6072da9ad13";
static const char sig_hex[] = "3046"
    "022100f5a03b0648d2c4630eeac513e1bb81a15944da3827d5b74143ac7eaceee720b3"
    "022100b1b6aa29df212fd8763182bc0d421ca1bb9038fd1f7f42d4840b69c485bbc1aa";


static uint8_t point[SS_POINT_LEN], sig[SS_SIGNATURE_MAX];
static size_t sig_len;

static void
test_words(void)
{
	is(ss_algorithm_word(SS_SM2), "sm2", "the word of SM2");
	is(ss_algorithm_word(SS_P256), "p256", "of P-256");
	ok(ss_algorithm_find("sm2") == SS_SM2 &&
	    ss_algorithm_find("p256") == SS_P256, "found");
	ok(ss_algorithm_find("rsa") == SS_ALGORITHMS, "no other one is");
}

static void
test_example(void)
{
	struct ss_public *public;
	int i, bad = 0;

	ok(ss_public_of_point(&public, SS_SM2, point) == 0, "its key");
	ok(ss_public_check(public, TEXT, strlen(TEXT), sig, sig_len) == 0,
	    "the standard's signature is good");
	for (i = 0; i < (int)sig_len * 8; i++) {
		sig[i / 8] ^= (uint8_t)(1 << i % 8);
		bad += ss_public_check(public, TEXT, strlen(TEXT), sig,
		    sig_len) != SS_EAUTH;
		sig[i / 8] ^= (uint8_t)(1 << i % 8);
	}
	ok(bad == 0, "with any bit another it is not");
	ok(ss_public_check(public, "Message digest", strlen(TEXT), sig,
	    sig_len) == SS_EAUTH, "nor for another text");
	ss_public_free(public);
	ok(ss_public_of_point(&public, SS_P256, point) == SS_EINVALID &&
	    public == NULL, "its point is not on P-256");
}

/* SEQUENCE bodies that a lax reader would take for the same numbers. */
static void
test_der(void)
{
	static const char *const wrong[] = {
		"", "30", "3000", "3003020101", "30060201010201",
		"3006020101020101ff",			/* more behind it */
		"308106020101020101",			/* a long length */
		"3080020101020101" "0000",		/* none */
		"3007020101020101" "00",		/* more in it */
		"300702020001020101",			/* a zero too many */
		"3006020101020181",			/* negative */
		"30050201010200",			/* no number */
		"3106020101020101",			/* a SET */
		"3006030101020101",
		"3006020100020100",			/* out of range */
		"302702210101010101010101010101010101010101010101010101010101"
		    "01010101010101020101",
		"3026022100fffffffeffffffffffffffffffffffff7203df6b21c6052b53"
		    "bbf40939d54123020101",		/* the order */
		"3026022100ffffffffffffffffffffffffffffffffffffffffffffffffff"
		    "ffffffffffffff020101",
	};
	struct ss_public *public;
	uint8_t bytes[SS_SIGNATURE_MAX];
	size_t i, len;

	ss_public_of_point(&public, SS_SM2, point);
	for (i = 0; i < LEN(wrong); i++) {
		len = strlen(wrong[i]) / 2;
		ok(ss_hex_read(wrong[i], bytes, len) &&
		    ss_public_check(public, TEXT, strlen(TEXT), bytes,
		    len) == SS_EAUTH, "no signature: %.20s", wrong[i]);
	}
	/* r with a zero before it is the same number, and not the same. */
	memcpy(bytes, sig, sig_len);
	memmove(bytes + 5, bytes + 4, sig_len - 4);
	bytes[1]++;
	bytes[3]++;
	bytes[4] = 0;
	ok(ss_public_check(public, TEXT, strlen(TEXT), bytes, sig_len + 1) ==
	    SS_EAUTH, "nor the good one in other bytes");
	ss_public_free(public);
}

static void
test_public(void)
{
	struct ss_public *public, *again;
	uint8_t spki[SS_SPKI_MAX], other[SS_SPKI_MAX];
	enum ss_algorithm algorithm;
	size_t len = 0, other_len = 0, i, bad = 0;

	ss_public_of_point(&public, SS_SM2, point);
	ok(ss_public_write(public, spki, &len) == 0 && len == SPKI_LEN,
	    "an encoding of %d bytes", SPKI_LEN);
	ok(ss_public_read(&again, spki, len) == 0, "is read");
	ok(ss_public_write(again, other, &other_len) == 0 &&
	    other_len == len && memcmp(spki, other, len) == 0,
	    "and written the same");
	ok(ss_public_algorithm(again) == SS_SM2, "its algorithm is SM2");
	ss_public_free(again);
	ss_public_free(public);
	ok(ss_public_look(spki, len, &algorithm) == 0 && algorithm == SS_SM2,
	    "which is seen without it");
	ok(ss_public_read(&again, spki, len - 1) == SS_EINVALID &&
	    again == NULL, "one that is cut");
	ok(ss_public_read(&again, spki, len + 1) == SS_EINVALID,
	    "one with a byte behind it");
	ok(ss_public_read(&again, spki, 0) == SS_EINVALID, "none");
	for (i = 0; i < len * 8; i++) {
		spki[i / 8] ^= (uint8_t)(1 << i % 8);
		bad += ss_public_read(&again, spki, len) != SS_EINVALID;
		spki[i / 8] ^= (uint8_t)(1 << i % 8);
	}
	ok(bad == 0, "any bit another is no key: not on the curve, or not "
	    "one of the two");
	/* x and y of 0, and the numbers of the field that are too large. */
	memset(spki + 27, 0, 64);
	ok(ss_public_read(&again, spki, len) == SS_EINVALID, "zeros");
	memset(spki + 27, 0xff, 64);
	ok(ss_public_read(&again, spki, len) == SS_EINVALID, "too large");
	/* The same point, compressed: y is odd. */
	spki[1] = 0x39;
	spki[24] = 0x22;
	spki[26] = 0x03;
	memcpy(spki + 27, point + 1, 32);
	ok(ss_public_read(&again, spki, 59) == SS_EINVALID, "a half point");
}

static void
test_sign(enum ss_algorithm algorithm)
{
	const char *word = ss_algorithm_word(algorithm);
	struct ss_private *private, *again = NULL;
	struct ss_public *public, *other;
	struct ss_bytes pem = { 0 };
	uint8_t made[SS_SIGNATURE_MAX], one[SS_SPKI_MAX], two[SS_SPKI_MAX];
	size_t len, i, bad = 0;

	ok(ss_private_new(&private, algorithm) == 0 &&
	    ss_private_public(private, &public) == 0, "a %s key", word);
	ok(ss_public_algorithm(public) == algorithm, "is one");
	for (i = 0; i < 200; i++)
		bad += ss_private_sign(private, TEXT, strlen(TEXT), made,
		    &len) != 0 || ss_public_check(public, TEXT, strlen(TEXT),
		    made, len) != 0;
	ok(bad == 0, "what it checks itself");
	for (i = bad = 0; i < len * 8; i++) {
		made[i / 8] ^= (uint8_t)(1 << i % 8);
		bad += ss_public_check(public, TEXT, strlen(TEXT), made,
		    len) != SS_EAUTH;
		made[i / 8] ^= (uint8_t)(1 << i % 8);
	}
	ok(bad == 0, "and not with any bit another");
	ok(ss_private_sign(private, NULL, 0, made, &len) == 0 &&
	    ss_public_check(public, NULL, 0, made, len) == 0, "no text");
	ok(ss_private_write(private, "pass", &pem) == 0, "it is kept");
	ok(ss_private_look(pem.data, pem.len) == 0, "which is seen");
	ok(ss_private_read(&again, pem.data, pem.len, "pass") == 0, "read");
	ok(ss_private_public(again, &other) == 0 &&
	    ss_public_write(public, one, &len) == 0 &&
	    ss_public_write(other, two, &i) == 0 && i == len &&
	    memcmp(one, two, len) == 0, "and the same");
	ss_private_free(again);
	ok(ss_private_read(&again, pem.data, pem.len, "Pass") == SS_EAUTH &&
	    again == NULL, "not by another passphrase");
	pem.data[pem.len - 40] ^= 1;
	ok(ss_private_read(&again, pem.data, pem.len, "pass") != 0 &&
	    again == NULL, "nor altered");
	ss_public_free(other);
	ss_public_free(public);
	ss_private_free(private);
	ss_bytes_free(&pem);
}

/* Keys that openssl(1) made. */
static void
test_openssl(void)
{
	static const struct {
		const char *what, *pem;
		int code;
		const char *sentence;
	} keys[] = {
		{ "the standard's key", PEM_SM2, 0, "" },
		{ "one of P-256", PEM_P256, 0, "" },
		{ "one of P-384", PEM_P384, SS_EINVALID, "neither on" },
		{ "RSA", PEM_RSA, SS_EINVALID, "neither on" },
		{ "not encrypted", PEM_PLAIN, SS_EINVALID,
		    "openssl pkcs8 -topk8 -scrypt" },
		{ "nor by its older form", PEM_PLAIN_EC, SS_EINVALID,
		    "openssl pkcs8 -topk8 -scrypt" },
		{ "by PBKDF2", PEM_PBKDF2, SS_EINVALID,
		    "openssl pkcs8 -topk8 -scrypt" },
		{ "by scrypt and AES-128", PEM_AES128, SS_EINVALID,
		    "openssl pkcs8 -topk8 -scrypt" },
		{ "no PEM", "hello", SS_EINVALID, "no encrypted" },
		{ "nothing", "", SS_EINVALID, "no encrypted" },
		{ "a PEM of nothing", "-----BEGIN ENCRYPTED PRIVATE KEY-----\n"
		    "-----END ENCRYPTED PRIVATE KEY-----\n", SS_EINVALID,
		    "no encrypted" },
		{ "lines that overlap",
		    "-----BEGIN ENCRYPTED PRIVATE KEY-----END ENCRYPTED "
		    "PRIVATE KEY-----\n", SS_EINVALID, "no encrypted" },
	};
	struct ss_private *private;
	size_t i;
	int r;

	for (i = 0; i < LEN(keys); i++) {
		r = ss_private_read(&private, keys[i].pem,
		    strlen(keys[i].pem), "test");
		ok(r == keys[i].code && (r == 0) == (private != NULL) &&
		    (r == 0 || strstr(ss_message(), keys[i].sentence) != NULL),
		    "%s: %s", keys[i].what, r == 0 ? "read" : ss_message());
		ss_private_free(private);
	}
	ss_private_read(&private, PEM_SM2, strlen(PEM_SM2), "test");
	if (ok(private != NULL, "once more")) {
		struct ss_public *public = NULL;
		uint8_t spki[SS_SPKI_MAX];
		size_t len = 0;

		ss_private_public(private, &public);
		ss_public_write(public, spki, &len);
		ok(len == SPKI_LEN && memcmp(spki + SPKI_LEN - SS_POINT_LEN,
		    point, SS_POINT_LEN) == 0,
		    "the scalar of the standard has its point");
		ss_public_free(public);
	}
	ss_private_free(private);
}

/* Every byte of an envelope another, or cut there: never a key by chance, and
 * never a step outside it. The passphrase is tried where the form is good. */
static void
test_envelope(void)
{
	char pem[sizeof(PEM_SM2)];
	struct ss_private *private;
	size_t i, bad = 0;

	for (i = 0; i < sizeof(pem) - 1; i++) {
		memcpy(pem, PEM_SM2, sizeof(pem));
		if (pem[i] == '\n')
			continue;
		pem[i] = pem[i] == 'A' ? 'Q' : 'A';
		if (ss_private_look(pem, sizeof(pem) - 1) != 0)
			continue;
		/* A salt or a text; costs are bounded by the header. */
		if (i % 7 == 0 && ss_private_read(&private, pem,
		    sizeof(pem) - 1, "test") == 0) {
			bad++;
			ss_private_free(private);
		}
	}
	ok(bad == 0, "an altered envelope is no key");
	for (i = bad = 0; i < sizeof(pem) - 2; i++)
		bad += ss_private_look(PEM_SM2, i) == 0;
	ok(bad == 0, "nor one that is cut");
}

static struct ss_public *shared;
static int wrong_threads;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

static void *
check_much(void *ctx)
{
	int i, bad = 0;

	(void)ctx;
	for (i = 0; i < 100; i++)
		bad += ss_public_check(shared, i % 2 == 0 ? TEXT : "x",
		    i % 2 == 0 ? strlen(TEXT) : 1, sig, sig_len) !=
		    (i % 2 == 0 ? 0 : SS_EAUTH);
	pthread_mutex_lock(&lock);
	wrong_threads += bad;
	pthread_mutex_unlock(&lock);
	return NULL;
}

static void *
make_key(void *ctx)
{
	struct ss_private *private;
	int bad = ss_private_new(&private, SS_SM2) != 0;

	(void)ctx;
	ss_private_free(private);
	pthread_mutex_lock(&lock);
	wrong_threads += bad;
	pthread_mutex_unlock(&lock);
	return NULL;
}

static void
test_threads(void)
{
	pthread_t thread[4];
	size_t i;

	ss_public_of_point(&shared, SS_SM2, point);
	for (i = 0; i < LEN(thread); i++)
		pthread_create(&thread[i], NULL, check_much, NULL);
	for (i = 0; i < LEN(thread); i++)
		pthread_join(thread[i], NULL);
	for (i = 0; i < LEN(thread); i++)
		pthread_create(&thread[i], NULL, make_key, NULL);
	for (i = 0; i < LEN(thread); i++)
		pthread_join(thread[i], NULL);
	ok(wrong_threads == 0, "many threads, one key");
	ss_public_free(shared);
}

int
main(void)
{
	ss_hex_read(point_hex, point, sizeof(point));
	sig_len = strlen(sig_hex) / 2;
	ss_hex_read(sig_hex, sig, sig_len);
	test_words();
	test_example();
	test_der();
	test_public();
	test_sign(SS_SM2);
	test_sign(SS_P256);
	test_openssl();
	test_envelope();
	test_threads();
	return done();
}
