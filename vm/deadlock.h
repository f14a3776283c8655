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
/* The same for a handler of `a` whose wait is nobody's edge, since the actor
 * goes on meanwhile: whether someone in the chain waits for the answer to what
 * this handler handles. [owner] of a */
uint32_t akt_edge_closes(struct akt_node *node, struct akt_actor *a,
                         akt_pid target, akt_pid chain[AKT_CHAIN_MAX]);
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
