/*
 * What an applicant is told: the card is ready to be collected; the
 * application was returned, with what to mend; it was rejected, for a reason.
 *
 * The texts are data (ss-notices(5)): notices.json, and over it the files of
 * the folder notices, named for their regions and inherited as policies are.
 * What a notice says of the person, the policy and the checks stands in its
 * placeholders; a part in [[ ]] is left out when one of those in it is empty.
 */
#ifndef SS_RULES_NOTICE_H
#define SS_RULES_NOTICE_H

#include "base/bytes.h"
#include "base/json.h"
#include "rules/schema.h"
#include "rules/words.h"

struct ss_notices;

enum ss_notice_kind {
	SS_NOTICE_NONE,
	SS_NOTICE_READY,
	SS_NOTICE_RETURNED,
	SS_NOTICE_REJECTED,
};

enum ss_notice_channel {
	SS_NOTICE_MAIL,
	SS_NOTICE_SMS,		/* no subject, a single line */
};

/* UTF-8. The lines of a mail's body end with LF. */
struct ss_notice {
	struct ss_bytes subject, body;
};

void ss_notice_init(struct ss_notice *);
void ss_notice_wipe(struct ss_notice *);

/*
 * data_dir and words are borrowed until close. SS_EMISSING when there is no
 * notices.json; SS_EPOLICY when it lacks a kind, a channel or a language, or
 * has a member or a placeholder that means nothing: the sentence names file,
 * member and cure. The files of regions are read when they are first needed.
 */
int ss_notices_open(struct ss_notices **out, const char *data_dir,
    const struct ss_words *words);
void ss_notices_close(struct ss_notices *);

/* What a state of ss-record(5) is told by: made, returned, rejected; none for
 * any other and for NULL. */
enum ss_notice_kind ss_notice_kind_for(const char *state);

/* "ready", "returned", "rejected"; "none". */
const char *ss_notice_kind_word(enum ss_notice_kind);

/*
 * Writes a notice about a record into *out, in place of what was there. The
 * texts are those of the record's region, or of the policy's where the record
 * lies outside of that. region_name is in Chinese, in full; NULL: as the
 * policy says. lang is "zh" or "en". The same arguments give the same bytes.
 * Any thread.
 *
 * SS_EINVALID for a language there is not, and when the record lacks what the
 * text cannot do without; SS_EPOLICY when the policy does, and for a region's
 * file that breaks the rules. No sentence holds anything of the record; on
 * failure *out is empty.
 */
int ss_notice_write(struct ss_notices *, const struct ss_policy *,
    const char *region_name, const struct ss_value *record,
    enum ss_notice_kind, enum ss_notice_channel, const char *lang,
    struct ss_notice *out);

#endif
