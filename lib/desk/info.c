#include <string.h>

#include "base/err.h"
#include "desk/info.h"

#define NATION "00"

int
ss_info_open(struct ss_info *info, struct ss_desk *desk, const char *data,
    const char *lang, enum ss_page_format format)
{
	*info = (struct ss_info){
		.desk = desk,
		.request = { .words = desk->words, .lang = lang,
			.format = format },
	};
	return ss_guide_open(&info->guide, data, desk->words);
}

void
ss_info_close(struct ss_info *info)
{
	ss_guide_close(info->guide);
	ss_bytes_free(&info->name);
	*info = (struct ss_info){ 0 };
}

/* The policy and the full name of a region. */
static int
set_region(struct ss_info *info, const char *region)
{
	int r;

	if ((r = ss_region_code(region != NULL ? region : NATION,
	    info->code)) != 0 ||
	    (r = ss_policies_get(info->desk->policies, info->code,
	    &info->request.policy)) != 0)
		return r;
	ss_bytes_reset(&info->name);
	ss_regions_full_name(info->desk->regions, info->code, &info->name);
	if (info->name.len == 0 && strspn(info->code, "0") != 6)
		return ss_fail(SS_EINVALID,
		    "region %s: no code of GB/T 2260", info->code);
	info->request.region = info->code;
	info->request.name = info->name.len > 0 ? info->name.data : NULL;
	return ss_bytes_check(&info->name);
}

int
ss_info_guide(struct ss_info *info, const char *region,
    const char *const *topics, size_t count, struct ss_bytes *out)
{
	int r;

	info->request.topics = topics;
	info->request.topic_count = count;
	if ((r = set_region(info, region)) != 0)
		return r;
	return ss_guide_write(info->guide, &info->request, out);
}

int
ss_info_documents(struct ss_info *info, const char *region,
    const struct ss_applicant *who, struct ss_bytes *out)
{
	int r;

	if ((r = set_region(info, region)) != 0)
		return r;
	return ss_guide_documents(info->guide, &info->request, who, out);
}

/* What a form says of its applicant; a number is not asked for. */
static int
read_applicant(struct ss_form *form, ss_day today, struct ss_applicant *who)
{
	const char *birth;
	int r;

	if (ss_form_get(form, SS_F_ID_NUMBER) != NULL &&
	    (r = ss_form_complete(form, today)) != 0)
		return r;
	birth = ss_form_get(form, SS_F_BIRTH_DATE);
	*who = (struct ss_applicant){ -1, ss_form_get(form, SS_F_ID_TYPE),
		ss_form_get(form, SS_F_THROUGH) };
	if (birth != NULL)
		who->age = ss_day_age(ss_day_parse(birth), today);
	if (who->through == NULL)
		who->through = ss_form_through(form);
	return 0;
}

int
ss_info_application(struct ss_info *info, const char *region,
    const struct ss_record *rec, struct ss_bytes *out)
{
	struct ss_form *form = &info->desk->hands[0].form;
	struct ss_applicant who;
	int r;

	if (rec->root == NULL)
		return ss_fail(SS_EINVALID, "%s", ss_record_message(rec));
	if (ss_value_kind(ss_record_get(rec, "person")) != SS_OBJECT)
		return ss_fail(SS_EINVALID, "person: is missing");
	if ((r = ss_form_read(form, rec, info->desk->words)) != 0)
		return r;
	if ((r = read_applicant(form, ss_instant_day(ss_now()), &who)) != 0)
		return r;
	if (region == NULL)
		region = ss_form_get(form, SS_F_REGION);
	return ss_info_documents(info, region, &who, out);
}
