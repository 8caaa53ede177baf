/*
 * The audit of a register: every record against its digest and its columns,
 * every chain of events and of actions, every station's numbers, every step by
 * the table, every card against its application.
 */
#ifndef SS_BOOKS_AUDIT_H
#define SS_BOOKS_AUDIT_H

#include "books/registry.h"

struct ss_audit {
	int64_t applications, events, cards, actions, stations;
	int64_t faults;
};

/*
 * Calls fault for each thing that is wrong; subject is an application's id, a
 * card's chip or a station's name. 0 also when there are faults; SS_EREGISTRY
 * when it cannot be read.
 */
int ss_audit_run(struct ss_registry *, struct ss_audit *,
    void (*fault)(const char *subject, const char *what, void *ctx),
    void *ctx);

#endif
