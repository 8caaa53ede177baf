/*
 * The information desk (ss-guide): the guide of a region, and the documents
 * that one applicant must bring.
 */
#ifndef SS_DESK_INFO_H
#define SS_DESK_INFO_H

#include "base/record.h"
#include "desk/desk.h"
#include "rules/guide.h"

struct ss_info {
	struct ss_desk *desk;		/* borrowed */
	struct ss_guide *guide;
	struct ss_guide_request request;
	struct ss_bytes name;		/* of the region */
	char code[7];
};

/* lang and format are those of every page. */
int ss_info_open(struct ss_info *, struct ss_desk *, const char *data,
    const char *lang, enum ss_page_format format);
void ss_info_close(struct ss_info *);

/*
 * Append a page. region is two, four or six digits; NULL: the application's
 * own, or the nation. SS_EINVALID for a region or an application that cannot
 * be read; else as ss_guide_write and ss_guide_documents.
 */
int ss_info_guide(struct ss_info *, const char *region,
    const char *const *topics, size_t count, struct ss_bytes *out);
int ss_info_documents(struct ss_info *, const char *region,
    const struct ss_applicant *, struct ss_bytes *out);
int ss_info_application(struct ss_info *, const char *region,
    const struct ss_record *, struct ss_bytes *out);

#endif
