/* SPDX-License-Identifier: MIT
 *
 * vm/watchdog.h: looks for what goes wrong slowly, and says so: turns that
 * take long, mailboxes that grow, children that are restarted again and
 * again, memory that runs out.
 *
 * Each is a line for the log (node->on_warning), an event (vm/events.h) and a
 * counter, once for each time it begins; of one sort at most
 * AKT_WARNINGS_A_SECOND lines a second are written, the next line says how
 * many were not.
 *
 * A long turn is one of two things. One that cannot be preempted holds its
 * worker: the ticker sees it, and asks the host where it is by worker->where,
 * which is a small protocol between the two threads:
 *
 *     IDLE -- ticker --> WANTED -- worker --> READY -- ticker --> IDLE
 *
 * One that is preempted holds nobody up, but its actor: it is counted in
 * slices.
 *
 * Threads: as each line says.
 */
#ifndef AKT_VM_WATCHDOG_H
#define AKT_VM_WATCHDOG_H

#include "vm/events.h"

#define AKT_LONG_TURN_MS 100
#define AKT_GROWTH_MESSAGES 10000 /* in a mailbox, and still growing ... */
#define AKT_GROWTH_LOOKS 5        /* ... at this many looks ... */
#define AKT_GROWTH_MS 100         /* ... at least so far apart */
#define AKT_STORM_RESTARTS 20     /* of one parent's children ... */
#define AKT_STORM_MS 10000        /* ... in this time */
#define AKT_WARNINGS_A_SECOND 5

/* [any] */
struct akt_warning {
    enum akt_event_kind kind;
    akt_pid who;      /* none: the node, or an isolate */
    uint64_t n;       /* the figure of the event */
    const char *text; /* without a newline */
};
void akt_warn(struct akt_node *node, const struct akt_warning *w);
/* [any] How often it was warned of this so far. */
uint64_t akt_warnings(struct akt_node *node, enum akt_event_kind kind);

/* [ticker] A look at everything that is due for one. */
void akt_watchdog_tick(struct akt_node *node);
/* [owner] Its handler in progress has been preempted once more. */
void akt_watchdog_preempted(struct akt_isolate *iso, struct akt_actor *a);
/* [owner] a restarts a child. */
void akt_watchdog_restarted(struct akt_isolate *iso, struct akt_actor *a);
/* [owner] The isolate uses so much; *warned is the caller's memory of it. */
void akt_watchdog_memory(struct akt_isolate *iso, size_t used, bool *warned);

/* [worker] Whether the ticker wants to know where this worker is. */
static inline bool akt_where_wanted(struct akt_worker *w)
{
    /* acquire: pairs with the release of the ticker, which has read the last
     * answer by then */
    return atomic_load_explicit(&w->where, memory_order_acquire) ==
           AKT_WHERE_WANTED;
}

/* [worker] After writing w->where_text; also from a signal handler. */
static inline void akt_where_ready(struct akt_worker *w)
{
    /* release: pairs with the acquire in the watchdog, which reads the text */
    atomic_store_explicit(&w->where, AKT_WHERE_READY, memory_order_release);
}

/* [start] */
struct akt_watchdog *akt_watchdog_create(void);
void akt_watchdog_destroy(struct akt_watchdog *dog);

#endif
