/* Status words: every one has a row, a code and a sentence. */
#include <ctype.h>

#include "base/err.h"
#include "base/text.h"
#include "chip/status.h"
#include "../tap.h"

static const struct {
	uint16_t sw;
	int code;
	const char *says;
} known[] = {
	{ 0x63c0, SS_EBLOCKED, "x: wrong PIN or key, no try left, SW 63C0" },
	{ 0x63c1, SS_EAUTH, "x: wrong PIN or key, 1 try left, SW 63C1" },
	{ 0x63c2, SS_EAUTH, "x: wrong PIN or key, 2 tries left, SW 63C2" },
	{ 0x63cf, SS_EAUTH, "x: wrong PIN or key, 15 tries left, SW 63CF" },
	{ 0x6300, SS_EAUTH, "x: wrong PIN or key, SW 6300" },
	{ 0x6283, SS_EBLOCKED, "x: the application or file is locked, "
	    "SW 6283" },
	{ 0x6400, SS_ECARD, "x: not carried out, nothing was changed, "
	    "SW 6400" },
	{ 0x6581, SS_ECARD, "x: the card's memory has failed, SW 6581" },
	{ 0x6700, SS_ECARD, "x: wrong length, SW 6700" },
	{ 0x6882, SS_ECARD, "x: secure messaging is not supported, SW 6882" },
	{ 0x6901, SS_ECARD, "x: not accepted in the card's state, SW 6901" },
	{ 0x6981, SS_ECARD, "x: not a file of this kind, SW 6981" },
	{ 0x6982, SS_EAUTH, "x: not authenticated for this, SW 6982" },
	{ 0x6983, SS_EBLOCKED, "x: the PIN or key is blocked, SW 6983" },
	{ 0x6984, SS_ECARD, "x: no challenge was taken, SW 6984" },
	{ 0x6985, SS_ECARD, "x: conditions of use are not met, SW 6985" },
	{ 0x6986, SS_ECARD, "x: no file is selected, SW 6986" },
	{ 0x6987, SS_ECARD, "x: no MAC where one is needed, SW 6987" },
	{ 0x6988, SS_EAUTH, "x: wrong MAC, SW 6988" },
	{ 0x6a80, SS_ECARD, "x: the card does not take these data, SW 6A80" },
	{ 0x6a81, SS_EBLOCKED, "x: locked, or not supported, SW 6A81" },
	{ 0x6a82, SS_ECARD, "x: no such file on the card, SW 6A82" },
	{ 0x6a83, SS_ECARD, "x: no such record on the card, SW 6A83" },
	{ 0x6a84, SS_ECARD, "x: no space left in the file, SW 6A84" },
	{ 0x6a86, SS_ECARD, "x: wrong parameters P1 P2, SW 6A86" },
	{ 0x6a88, SS_ECARD, "x: no such key on the card, SW 6A88" },
	{ 0x6b00, SS_ECARD, "x: wrong parameters, or beyond the file, "
	    "SW 6B00" },
	{ 0x6d00, SS_ECARD, "x: the card does not know the command, "
	    "SW 6D00" },
	{ 0x6e00, SS_ECARD, "x: the card does not know the class, SW 6E00" },
	{ 0x9302, SS_EAUTH, "x: wrong MAC, SW 9302" },
	{ 0x9303, SS_EBLOCKED, "x: the application is locked for good, "
	    "SW 9303" },
	{ 0x9403, SS_ECARD, "x: no key of this index on the card, SW 9403" },
	{ 0x9406, SS_ECARD, "x: no MAC where one is needed, SW 9406" },
	{ 0x6110, SS_ECARD, "x: more data than were fetched, SW 6110" },
	{ 0x6c10, SS_ECARD, "x: another length expected, SW 6C10" },
	{ 0x6381, SS_ECARD, "x: a warning, the card was changed, SW 6381" },
	{ 0x63d1, SS_ECARD, "x: a warning, the card was changed, SW 63D1" },
	{ 0x9001, SS_ECARD, "x: an unknown status, SW 9001" },
	{ 0x0000, SS_ECARD, "x: an unknown status, SW 0000" },
};

static void
test_known(void)
{
	size_t i;

	for (i = 0; i < sizeof(known) / sizeof(*known); i++) {
		ss_fail(SS_EIO, "nothing");
		ok(ss_status_fail(known[i].sw, "x") == known[i].code &&
		    ss_last_code() == known[i].code, "%04X: its code",
		    known[i].sw);
		is(ss_message(), known[i].says, "its sentence");
	}
	ss_fail(SS_EIO, "nothing");
	ok(ss_status_fail(SS_SW_OK, "x") == 0 &&
	    strcmp(ss_message(), "nothing") == 0, "9000 is no failure");
}

/* All words there can be: each in a row, each row of some use. */
static void
test_all(void)
{
	const struct ss_sw *s;
	bool used[128] = { false };
	char end[16];
	int bad = 0, tries = 0, good = 0, idle = 0, r;
	unsigned int sw;
	size_t n;

	for (sw = 0; sw <= 0xffff; sw++) {
		s = ss_sw_find((uint16_t)sw);
		n = (size_t)(s - ss_sws);
		used[n < 128 ? n : 127] = true;
		r = ss_status_fail((uint16_t)sw, "verify");
		good += r == 0;
		tries += ss_sw_tries((uint16_t)sw) >= 0;
		snprintf(end, sizeof(end), ", SW %04X", sw);
		n = strlen(ss_message());
		bad += r != s->code || (r != 0 && (n < 9 ||
		    strcmp(ss_message() + n - 9, end) != 0));
	}
	ok(bad == 0, "each word has a sentence that ends with it");
	ok(good == 1, "one means success");
	ok(tries == 16 && ss_sw_tries(0x63c7) == 7 &&
	    ss_sw_tries(0x6983) == -1 && ss_sw_tries(0x63d0) == -1,
	    "sixteen count tries");
	for (s = ss_sws; s->mask != 0; s++) {
		idle += !used[s - ss_sws];
		bad += (s->sw & s->mask) != s->sw || ss_code_stops(s->code) ||
		    !(islower((unsigned char)s->text[0]));
	}
	ok(idle == 0 && used[s - ss_sws], "each row is of use");
	ok(bad == 0, "no row stops a run");
}

/* However long the subject is, the word is still there. */
static void
test_long(void)
{
	char what[3 * 300 + 1] = "";
	const char *says;
	int i;

	for (i = 0; i < 300; i++)
		memcpy(what + 3 * i, "卡", 4);
	ss_status_fail(0x63c3, what);
	says = ss_message();
	ok(ss_utf8_valid(says, strlen(says)) && strstr(says,
	    "卡: wrong PIN or key, 3 tries left, SW 63C3") != NULL,
	    "a long subject is cut");
	ss_status_fail(0x6a82, what);
	ok(strstr(ss_message(), "卡: no such file on the card, SW 6A82") !=
	    NULL, "in every sentence");
}

int
main(void)
{
	test_known();
	test_all();
	test_long();
	return done();
}
