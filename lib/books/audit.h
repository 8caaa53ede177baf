/*
 * The audit of a register: every record against its digest and its columns,
 * every chain of events and of actions, every station's numbers, every step by
 * the table, every card against its application.
 */
#ifndef SS_BOOKS_AUDIT_H
#define SS_BOOKS_AUDIT_H

#include "books/registry.h"
#include "books/station.h"

struct ss_audit {
	int64_t applications, events, cards, actions, stations;
	int64_t faults;
};

/*
 * Calls fault for each thing that is wrong; subject is an application's id, a
 * card's chip or a station's name. 0 also when there are faults; SS_EREGISTRY
 * when it cannot be read.
 */
typedef void ss_fault_fn(const char *subject, const char *what, void *ctx);
int ss_audit_run(struct ss_registry *, struct ss_audit *, ss_fault_fn *fault,
    void *ctx);

/*
 * What else looks at all that the audit comes upon, in the same moment: by the
 * order of ids the events of each application in theirs, then at its end what
 * it is with its record (NULL: no JSON); behind them every station with its
 * events and actions, then these in order. A code other than 0 ends the audit.
 * None of them uses the register.
 */
struct ss_audit_eye {
	int (*event)(const struct ss_event *, void *ctx);
	int (*end)(const struct ss_entry *, const struct ss_value *record,
	    void *ctx);
	int (*station)(const char *name, int64_t events, int64_t actions,
	    void *ctx);
	int (*action)(const struct ss_action *, void *ctx);
	void *ctx;
};

/* The same, beside an eye with all of them. */
int ss_audit_watch(struct ss_registry *, struct ss_audit *,
    const struct ss_audit_eye *, ss_fault_fn *fault, void *ctx);

#endif
