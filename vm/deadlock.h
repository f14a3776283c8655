/* SPDX-License-Identifier: MIT
 *
 * vm/deadlock.h: finding a circle of actors that each wait for the next one's
 * answer, at the moment it closes.
 *
 * A waiter publishes its edge, one word: the slot it waits for and the low
 * bits of the number of its wait. Then it walks. The last one to publish sees
 * the whole circle, because publishing and walking are sequentially
 * consistent. Whoever answers takes the edge back first (a compare-and-swap
 * from exactly that word), whoever forwards moves it; so a circle that is
 * about to dissolve is not reported. A circle that is found is read again.
 *
 * An actor that goes on while a handler of it waits has no edge of its own.
 * What such a handler waits for is kept under the wait of who asked for it, in
 * one locked map of the node (the sides); a walk looks there first.
 *
 * Threads: publish, clear and walk [owner] of the waiter; settle and move
 *          [any].
 */
#ifndef AKT_VM_DEADLOCK_H
#define AKT_VM_DEADLOCK_H

#include "vm/node.h"

#define AKT_CHAIN_MAX 64 /* actors in a circle that is looked for */

/* Publishes that `a` waits for `target` under the number `ask`. Returns the
 * length of the circle this closes, or 0; the actors are in `chain`. */
uint32_t akt_edge_publish(struct akt_node *node, struct akt_actor *a,
                          akt_pid target, uint64_t ask,
                          akt_pid chain[AKT_CHAIN_MAX]);
/* The same for one strand of several (vm/strand.h). `claims`: while it waits
 * the actor keeps messages waiting, so its wait is the actor's. `request`: it
 * handles this ask of `asker` (0: none), whose wait is over only when it has
 * gone on: a side edge. `passes`: the target takes what it is asked beside its
 * handlers that wait; only the one that handles it can keep it waiting. */
struct akt_edge_wait {
    akt_pid target;
    uint64_t ask;
    akt_pid asker;
    uint64_t request;
    bool claims, passes;
};
uint32_t akt_edge_publish_wait(struct akt_node *node, struct akt_actor *a,
                               const struct akt_edge_wait *w,
                               akt_pid chain[AKT_CHAIN_MAX]);
/* The wait `ask` of one of a's strands is over. */
void akt_edge_clear_side(struct akt_node *node, const struct akt_actor *a,
                         uint64_t ask);
void akt_edge_clear(struct akt_actor *a);
/* The asker's wait `ask` is about to be answered. */
void akt_edge_settle(struct akt_node *node, akt_pid asker, akt_pid target,
                     uint64_t ask);
/* It will be answered by `to` instead of `from`. */
void akt_edge_move(struct akt_node *node, akt_pid asker, uint64_t ask,
                   akt_pid from, akt_pid to);
/* Whether `a` waits for `target` now. */
bool akt_edge_is(const struct akt_actor *a, akt_pid target);

#endif
