/* Data objects: the first byte says in which form, the rest is walked, and
 * written again. */
#define _GNU_SOURCE	/* memfd_create */
#include "../fuzz-main.h"
#include "base/err.h"
#include "chip/tlv.h"

#define DEPTH 16

/* Walks a level to its end and writes it to out; false at a fault. */
static bool
again(struct ss_tlv_walk *walk, struct ss_bytes *out, int depth)
{
	struct ss_tlv_walk inside;
	struct ss_bytes b;
	struct ss_tlv t;
	size_t at;
	bool more;

	while (at = walk->at, ss_tlv_next(walk, &t, &more) == 0) {
		if (!more) {
			FUZZ_CHECK(ss_tlv_end(walk) == 0);
			return true;
		}
		FUZZ_CHECK(walk->at > at && walk->at <= walk->end &&
		    t.value + t.len == walk->data + walk->at && t.tag != 0);
		b = (struct ss_bytes){ 0 };
		/* What holds objects by its tag may still be something else. */
		if (depth < DEPTH && ss_tlv_inside(walk, &t, &inside) == 0 &&
		    again(&inside, &b, depth + 1))
			FUZZ_CHECK(ss_tlv_add(out, walk->form, t.tag, b.data,
			    b.len) == 0);
		else
			FUZZ_CHECK(ss_tlv_add(out, walk->form, t.tag, t.value,
			    t.len) == 0);
		ss_bytes_free(&b);
	}
	FUZZ_CHECK(ss_last_code() == SS_ECARD && walk->at == at &&
	    t.tag == 0 && ss_tlv_end(walk) == SS_ECARD);
	return false;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const uint16_t path[] = { 0x6f, 0xa5, 0x9f0c, 0 };
	struct ss_bytes once = { 0 }, twice = { 0 };
	struct ss_tlv_walk walk;
	struct ss_tlv t;
	enum ss_tlv_form form;
	int r;

	if (size == 0)
		return 0;
	form = data[0] & 1 ? SS_TLV_RECORD : SS_TLV_BER;
	r = ss_tlv_find(form, data + 1, size - 1, path, &t);
	FUZZ_CHECK(r == 0 ? t.value > data && t.tag == 0x9f0c &&
	    t.len <= (size_t)(data + size - t.value) : t.value == NULL &&
	    (r == SS_EMISSING || r == SS_ECARD));
	ss_tlv_open(&walk, form, data + 1, size - 1);
	if (again(&walk, &once, 0)) {
		FUZZ_CHECK(once.len < size);
		ss_tlv_open(&walk, form, once.data, once.len);
		FUZZ_CHECK(again(&walk, &twice, 0) && once.len == twice.len &&
		    (once.len == 0 || memcmp(once.data, twice.data,
		    once.len) == 0));
	}
	ss_bytes_free(&once);
	ss_bytes_free(&twice);
	return 0;
}
