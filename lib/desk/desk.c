#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/text.h"
#include "desk/desk.h"

/* Kinds of documents are data in name only: each needs its check. */
static int
check_id_types(const struct ss_words *words, const char *data)
{
	const struct ss_value *v;
	const char *word;
	void *iter = NULL;

	while (ss_value_each(ss_words_set(words, "id_type"), &iter, &word, &v))
		if (ss_id_type_find(word) == NULL)
			return ss_fail(SS_EPOLICY, "%s/words.json: id_type.%s: "
			    "no such kind of document is known to this "
			    "version", data, word);
	return 0;
}

static int
open_data(struct ss_desk *desk, const char *data)
{
	struct ss_bytes path = { 0 };
	int r;

	ss_bytes_addf(&path, "%s/regions.tsv", data);
	if ((r = ss_bytes_check(&path)) == 0)
		r = ss_regions_open(&desk->regions, path.data);
	ss_bytes_free(&path);
	if (r != 0 || (r = ss_words_open(&desk->words, data)) != 0 ||
	    (r = check_id_types(desk->words, data)) != 0)
		return r;
	return ss_policies_open(&desk->policies, data, desk->words);
}

/* A region asked for exists and has a policy that loads, before any record. */
static int
check_region(struct ss_desk *desk)
{
	const struct ss_policy *policy;
	int first, last, r;
	char code[7];

	if (desk->region == NULL)
		return 0;
	if ((r = ss_region_code(desk->region, code)) != 0)
		return r;
	if (strspn(code, "0") != 6 &&
	    !ss_regions_life(desk->regions, code, &first, &last))
		return ss_fail(SS_EINVALID, "region %s: no code of GB/T 2260",
		    code);
	return ss_policies_get(desk->policies, code, &policy);
}

/* A dry run reads a register that is there and makes none. */
static int
open_registry(struct ss_desk *desk, const struct ss_desk_setup *setup)
{
	int r;
	bool none = setup->registry == NULL ||
	    strcmp(setup->registry, "none") == 0;

	if (none && setup->bound)
		return ss_fail(SS_EINVALID, "no register: only ss-apply, "
		    "ss-verify and ss-read work without one");
	if (none)
		return 0;
	r = ss_registry_open(&desk->registry, setup->registry,
	    setup->station, setup->dry_run || setup->looks ? NULL :
	    &desk->registry_made);
	return r == SS_EMISSING && !setup->bound && setup->dry_run &&
	    !setup->looks ? 0 : r;
}

int
ss_desk_open(struct ss_desk *desk, const struct ss_desk_setup *setup)
{
	unsigned i;
	int r;

	*desk = (struct ss_desk){
		.region = setup->region,
		.operator = setup->operator,
		.station = setup->station,
		.trust = setup->trust,
		.operators = setup->operators,
		.signer = setup->signer,
		.self = setup->self,
		.dry_run = setup->dry_run,
		.jobs = setup->jobs,
	};
	pthread_mutex_init(&desk->lock, NULL);
	if ((r = ss_proven_new(&desk->proven)) != 0 ||
	    (r = open_data(desk, setup->data)) != 0 ||
	    (r = check_region(desk)) != 0 ||
	    (r = ss_calendar_open(&desk->calendar, setup->data)) != 0 ||
	    (setup->files != NULL &&
	    (r = ss_files_open(&desk->files, setup->files)) != 0) ||
	    (r = open_registry(desk, setup)) != 0)
		goto fail;
	desk->hands = aligned_alloc(_Alignof(struct ss_hand),
	    setup->jobs * sizeof(*desk->hands));
	if (desk->hands == NULL) {
		r = ss_fail(SS_EMEMORY, "out of memory");
		goto fail;
	}
	memset(desk->hands, 0, setup->jobs * sizeof(*desk->hands));
	for (i = 0; i < setup->jobs; i++)
		if ((r = ss_sm3_new(&desk->hands[i].sm3)) != 0)
			goto fail;
	return 0;
fail:
	ss_desk_close(desk);
	return r;
}

void
ss_desk_close(struct ss_desk *desk)
{
	struct ss_hand *h;
	unsigned i;

	for (i = 0; desk->hands != NULL && i < desk->jobs; i++) {
		h = &desk->hands[i];
		ss_sm3_free(h->sm3);
		ss_form_free(&h->form);
		ss_bytes_free(&h->file);
		ss_bytes_free(&h->scratch);
		ss_bytes_free(&h->list);
		ss_codec_close(h->codec);
	}
	free(desk->hands);
	ss_proven_free(desk->proven);
	if (desk->own_operators)
		ss_operators_close(desk->operators);
	pthread_mutex_destroy(&desk->lock);
	ss_registry_close(desk->registry);
	ss_files_close(desk->files);
	ss_calendar_close(desk->calendar);
	ss_regions_close(desk->regions);
	ss_policies_close(desk->policies);
	ss_words_close(desk->words);
	*desk = (struct ss_desk){ 0 };
}

int
ss_desk_policy(struct ss_desk *desk, const char *region,
    const struct ss_policy **out)
{
	if (desk->region != NULL)
		region = desk->region;
	if (region == NULL)
		return ss_fail(SS_EINVALID, "region: is missing; give -R");
	return ss_policies_get(desk->policies, region, out);
}

int
ss_desk_operators(struct ss_desk *desk, struct ss_operators **out)
{
	int r = 0;

	pthread_mutex_lock(&desk->lock);
	if (desk->operators == NULL && desk->trust == NULL)
		r = ss_fail(SS_EAUTH, "no trust file to prove seals by; "
		    "--trust names one");
	else if (desk->operators == NULL)
		desk->own_operators = (r = ss_operators_open(&desk->operators,
		    desk->trust)) == 0;
	if (r == SS_EMISSING)
		r = ss_fail(SS_EAUTH, "seals cannot be proven: the trust file "
		    "%s is not there; ss-key operator import makes it, "
		    "--trust names another", desk->trust);
	else if (r == SS_EINVALID)	/* the file, not the record */
		r = ss_fail_in(SS_EAUTH, "seals cannot be proven");
	*out = r == 0 ? desk->operators : NULL;
	pthread_mutex_unlock(&desk->lock);
	return r;
}

int
ss_desk_within(const struct ss_desk *desk, char digits[7])
{
	size_t n = 6;
	int r;

	digits[0] = '\0';
	if (desk->region == NULL)
		return 0;
	if ((r = ss_region_code(desk->region, digits)) != 0)
		return r;
	while (n > 0 && strncmp(digits + n - 2, "00", 2) == 0)
		n -= 2;
	digits[n] = '\0';
	return 0;
}

int
ss_hand_codec(struct ss_hand *hand, const char *encoding,
    struct ss_codec **out)
{
	*out = NULL;
	if (hand->codec == NULL || strcmp(hand->encoding, encoding) != 0) {
		ss_codec_close(hand->codec);
		hand->codec = NULL;
		if (ss_codec_open(&hand->codec, encoding, "UTF-8") != 0)
			return ss_fail_in(SS_EPOLICY, "card.name_encoding");
		hand->encoding = encoding;
	}
	*out = hand->codec;
	return 0;
}
