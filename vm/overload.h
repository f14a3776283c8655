/* SPDX-License-Identifier: MIT
 *
 * vm/overload.h: what happens when a mailbox is full.
 *
 * Ownership: takes messages. Threads: [owner] unless a line says otherwise.
 */
#ifndef AKT_VM_OVERLOAD_H
#define AKT_VM_OVERLOAD_H

#include "vm/isolate.h"

/* Policy drop_old: a message has come in, and if that is one too many another
 * goes, a dead letter `overloaded`. The oldest; in an ordered mailbox that of
 * the lowest level, or of the sender with the longest queue, which may be the
 * one that has come. */
void akt_overload_drop_over(struct akt_isolate *iso, struct akt_actor *a);

/* ---- signals ----
 *
 * A mailbox is overloaded once it holds `signal` messages of its rules, or,
 * without that, once a sender has found it full; it has recovered when it holds
 * less than three quarters of that. Each is said once a crossing, as an event,
 * and to the actor by Kind:overloaded and Kind:recovered before its next
 * message, if it has these. What is over before it could be told is not told.
 */

/* [any] A sender found it full. */
void akt_overload_found(struct akt_node *node, struct akt_isolate *from,
                        struct akt_actor *a);
/* FULL has arrived. Takes m. */
void akt_overload_on_full(struct akt_isolate *iso, struct akt_actor *a,
                          struct akt_msg *m);
/* With AKT_X_SIGNALS: a message has come in, or has left. */
void akt_overload_look(struct akt_isolate *iso, struct akt_actor *a);
/* A SIGNAL was taken. True: a callback is to be called; m->code says for
 * what, AKT_OVERLOADED or AKT_OK. */
bool akt_overload_taken(struct akt_actor *a, struct akt_msg *m);
/* Whether the rules want a look at each message. */
uint8_t akt_overload_extras(const struct akt_kind *kind,
                            const struct akt_mailbox_rules *rules);

#endif
