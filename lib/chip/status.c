#include "base/err.h"
#include "chip/status.h"

/* Single words stand before the ranges that they are in. */
const struct ss_sw ss_sws[] = {
	{ SS_SW_OK, 0xffff, SS_OK, "done" },
	{ 0x6283, 0xffff, SS_EBLOCKED, "the application or file is locked" },
	{ 0x6300, 0xffff, SS_EAUTH, "wrong PIN or key" },
	{ 0x63c0, 0xffff, SS_EBLOCKED, "wrong PIN or key, no try left" },
	{ 0x63c1, 0xffff, SS_EAUTH, "wrong PIN or key, 1 try left" },
	{ 0x63c0, 0xfff0, SS_EAUTH, "wrong PIN or key" },
	{ 0x6400, 0xffff, SS_ECARD, "not carried out, nothing was changed" },
	{ 0x6581, 0xffff, SS_ECARD, "the card's memory has failed" },
	{ 0x6700, 0xffff, SS_ECARD, "wrong length" },
	{ 0x6882, 0xffff, SS_ECARD, "secure messaging is not supported" },
	{ 0x6901, 0xffff, SS_ECARD, "not accepted in the card's state" },
	{ 0x6981, 0xffff, SS_ECARD, "not a file of this kind" },
	{ 0x6982, 0xffff, SS_EAUTH, "not authenticated for this" },
	{ 0x6983, 0xffff, SS_EBLOCKED, "the PIN or key is blocked" },
	{ 0x6984, 0xffff, SS_ECARD, "no challenge was taken" },
	{ 0x6985, 0xffff, SS_ECARD, "conditions of use are not met" },
	{ 0x6986, 0xffff, SS_ECARD, "no file is selected" },
	{ 0x6987, 0xffff, SS_ECARD, "no MAC where one is needed" },
	{ 0x6988, 0xffff, SS_EAUTH, "wrong MAC" },
	{ 0x6a80, 0xffff, SS_ECARD, "the card does not take these data" },
	{ 0x6a81, 0xffff, SS_EBLOCKED, "locked, or not supported" },
	{ 0x6a82, 0xffff, SS_ECARD, "no such file on the card" },
	{ 0x6a83, 0xffff, SS_ECARD, "no such record on the card" },
	{ 0x6a84, 0xffff, SS_ECARD, "no space left in the file" },
	{ 0x6a86, 0xffff, SS_ECARD, "wrong parameters P1 P2" },
	{ 0x6a88, 0xffff, SS_ECARD, "no such key on the card" },
	{ 0x9302, 0xffff, SS_EAUTH, "wrong MAC" },
	{ 0x9303, 0xffff, SS_EBLOCKED, "the application is locked for good" },
	{ 0x9403, 0xffff, SS_ECARD, "no key of this index on the card" },
	{ 0x9406, 0xffff, SS_ECARD, "no MAC where one is needed" },
	{ 0x6100, 0xff00, SS_ECARD, "more data than were fetched" },
	{ 0x6200, 0xff00, SS_ECARD, "a warning, nothing was changed" },
	{ 0x6300, 0xff00, SS_ECARD, "a warning, the card was changed" },
	{ 0x6400, 0xff00, SS_ECARD, "not carried out, nothing was changed" },
	{ 0x6500, 0xff00, SS_ECARD, "failed, the card was changed" },
	{ 0x6700, 0xff00, SS_ECARD, "wrong length" },
	{ 0x6800, 0xff00, SS_ECARD, "not supported in this class" },
	{ 0x6900, 0xff00, SS_ECARD, "command not allowed" },
	{ 0x6a00, 0xff00, SS_ECARD, "wrong parameters" },
	{ 0x6b00, 0xff00, SS_ECARD, "wrong parameters, or beyond the file" },
	{ 0x6c00, 0xff00, SS_ECARD, "another length expected" },
	{ 0x6d00, 0xff00, SS_ECARD, "the card does not know the command" },
	{ 0x6e00, 0xff00, SS_ECARD, "the card does not know the class" },
	{ 0x6f00, 0xff00, SS_ECARD, "the card does not say why" },
	{ 0x0000, 0x0000, SS_ECARD, "an unknown status" },
};

const struct ss_sw *
ss_sw_find(uint16_t sw)
{
	const struct ss_sw *s = ss_sws;

	while ((sw & s->mask) != s->sw)
		s++;
	return s;
}

int
ss_sw_tries(uint16_t sw)
{
	return (sw & 0xfff0) == 0x63c0 ? sw & 0xf : -1;
}

int
ss_status_fail(uint16_t sw, const char *what)
{
	const struct ss_sw *s = ss_sw_find(sw);

	if (s->code == SS_OK)
		return 0;
	if (ss_sw_tries(sw) > 1)
		return ss_fail(s->code, "%.200s: %s, %d tries left, SW %04X",
		    what, s->text, ss_sw_tries(sw), sw);
	return ss_fail(s->code, "%.200s: %s, SW %04X", what, s->text, sw);
}
