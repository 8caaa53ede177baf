/*
 * Many software cards: made in one go, and listed. A feeder (ss-softcard(1))
 * is a folder with the folders in, where its cards are, and out.
 */
#ifndef SS_SOFTCARD_STOCK_H
#define SS_SOFTCARD_STOCK_H

#include "softcard/softcard.h"

/* What is asked for, as text where it is checked here. */
struct ss_batch {
	const struct ss_profiles *profiles;
	const char *profile;	/* its name */
	const char *region;	/* two, four or six digits */
	int64_t serial;		/* of the next card; negative: random */
	const char *ta1;	/* two hexadecimal digits; NULL: none */
	const char *fill;	/* the same */
	const char *link;	/* as ss_link_parse has it; NULL: none */
	bool t1, feeder;
	int key_version;
	long count;		/* 0: dir is a card, else so many within it */
};

/* SS_EINVALID, SS_EMISSING, SS_EEXISTS, SS_EIO. The serial goes on. */
int ss_stock_make(struct ss_batch *, const char *dir);

/*
 * Each card in a folder, and in its folders in and out, by name: its summary
 * (ss_softcard_summarize), or a part of it and "in_use" while another process
 * has it. A folder that is a card is that card. each returns 0 or a code,
 * which ends it.
 */
int ss_stock_each(const char *dir, const struct ss_profiles *,
    int (*each)(const struct ss_bytes *json, void *ctx), void *ctx);

#endif
