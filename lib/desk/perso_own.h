/*
 * The making of a card: what its parts share.
 */
#ifndef SS_DESK_PERSO_OWN_H
#define SS_DESK_PERSO_OWN_H

#include "books/job.h"
#include "chip/item.h"
#include "desk/perso.h"

/* One card in work. */
struct ss_making {
	struct ss_perso *perso;
	struct ss_terminal *terminal;
	struct ss_turn *turn;
	struct ss_job job;	/* epoch 0: none yet; chip "": not bound */
	char issued[SS_DATE_MAX], expires[SS_DATE_MAX];
	struct ss_contents wanted;
	const struct ss_profile *filled;	/* that wanted is filled for */
	struct ss_session session;
	struct ss_reader_counts counts;
	bool open;		/* a session has been: who it is, is known */
	bool refused;		/* the card is not for this record */
	bool other;		/* nor is it used: another was begun */
};

/* perso_data: what is to stand on a card of this profile, from the record;
 * what was filled for the same profile before is kept. */
int ss_making_fill(struct ss_making *, const struct ss_profile *);

/* perso_data: the dates, from the record where a run has begun it. */
int ss_making_dates(struct ss_making *);

/* perso_card: a key is used by what the register knows of its tries. */
int ss_making_use_key(struct ss_making *, int key);

/* perso_card: whether nothing has been written; and its writing. A card that
 * was begun is read first, and only what differs is written. */
int ss_making_check_blank(struct ss_making *);
int ss_making_write(struct ss_making *, bool begun);

/* perso_result: the member card, and the same for the error of a failure. */
void ss_making_result(const struct ss_making *, struct ss_bytes *);
void ss_making_detail(const struct ss_making *, struct ss_record *);

/* perso_all: a terminal for each reader that fits, one that cannot be opened
 * being told; their work, and a line on each card that is done. */
int ss_perso_open_all(struct ss_perso *, const char *data);
void ss_perso_close_all(struct ss_perso *);
void ss_perso_work_all(struct ss_work *);
void ss_making_report(const struct ss_making *, int code);

#endif
