/* SPDX-License-Identifier: MIT
 *
 * vm/route.h: routers, and how their senders find a routee.
 *
 * A router is an actor whose record has a route: a strategy and a list of
 * routees. It carries AKT_LOAD_LOOK, so a sender learns of it from a word that
 * it reads anyway. The choice is made in the sender's turn; the router itself
 * sees none of these messages. It only keeps the list up to date.
 *
 * A list is never changed, but replaced. Its readers are workers, each of
 * which says in a counter of its own (akt_worker.reading) whether it is between
 * akt_route_enter and akt_route_leave. Who replaces a list waits until every
 * worker that was inside at that moment has left; what is inside is a choice
 * and a post, so that takes no time.
 *
 * Invariants
 *   C1  A reader that got a list may use it until it leaves.
 *   C2  When akt_route_set has returned, every message for which a routee of
 *       the list before was chosen has been posted, or will be by a sender
 *       that waits for room; so a note to that routee comes behind it.
 *
 * Ownership: a route belongs to the router's record, and ends with it.
 * Threads:   as each line says.
 */
#ifndef AKT_VM_ROUTE_H
#define AKT_VM_ROUTE_H

#include "vm/isolate.h"
#include "vm/sched.h"

#define AKT_ROUTEES_MAX 65536

enum akt_route_strategy {
    AKT_ROUTE_ROUND_ROBIN,
    AKT_ROUTE_RANDOM,
    AKT_ROUTE_SMALLEST_MAILBOX,
    AKT_ROUTE_CONSISTENT_HASH,
    /* the host's: more than one routee, or one after the other */
    AKT_ROUTE_BROADCAST,
    AKT_ROUTE_SCATTER_GATHER,
    AKT_ROUTE_TAIL_CHOPPING
};

struct akt_route_config {
    enum akt_route_strategy strategy;
    uint64_t key; /* the host's: how to get the key of a message */
    uint64_t within_ns;
    uint64_t interval_ns;
};

static inline bool akt_route_is_many(const struct akt_route_config *c)
{
    return c->strategy >= AKT_ROUTE_BROADCAST;
}

struct akt_route;

/* [any] `seed` decides what `random` chooses. */
struct akt_route *akt_route_create(const struct akt_route_config *config,
                                   uint64_t seed);
/* [any] When no reader can have it. NULL allowed. */
void akt_route_destroy(struct akt_route *r);

/* [worker] Around everything that reads a route. What is between them neither
 * waits, nor raises, nor ends an actor; not nested. */
static inline void akt_route_enter(struct akt_worker *w)
{
    /* relaxed: its only writer. seq_cst: with the load of the list behind it,
     * pairs with the exchange of the list and the load of this in set; one of
     * the two sees the other */
    atomic_store_explicit(
        &w->reading,
        atomic_load_explicit(&w->reading, memory_order_relaxed) + 1,
        memory_order_seq_cst);
}

static inline void akt_route_leave(struct akt_worker *w)
{
    /* release: pairs with the load in set, what was read has been read */
    atomic_store_explicit(
        &w->reading,
        atomic_load_explicit(&w->reading, memory_order_relaxed) + 1,
        memory_order_release);
}

/* Inside: the route of an actor that is alive, or NULL. */
const struct akt_route_config *akt_route_of(const struct akt_actor *a);

/* Inside: chooses a routee for one message; false: there is none. `hash`: of
 * the key, for consistent_hash. While the router itself does not run (it
 * starts again) and no routee is alive, that is the router: its mailbox keeps
 * the message. */
bool akt_route_pick(struct akt_node *node, struct akt_actor *router,
                    uint64_t hash, akt_pid *to);
/* Inside: the routees that are alive, at most `max` from *cursor on. */
uint32_t akt_route_list(struct akt_node *node, const struct akt_actor *router,
                        uint32_t *cursor, akt_pid *pids, uint32_t max);

/* [owner] Of the router, outside. Copies pids. */
void akt_route_set(struct akt_node *node, struct akt_actor *router,
                   const akt_pid *pids, uint32_t len);
/* [owner] The router has ended: nobody finds it any more. */
void akt_route_end(struct akt_node *node, struct akt_actor *router);

/* [owner] Of the router, which is the parent: the child ends, for good, once
 * it has handled all it has and nobody waits to be let in. False: no child. */
bool akt_route_retire(struct akt_isolate *iso, struct akt_actor *router,
                      akt_pid child);

#endif
