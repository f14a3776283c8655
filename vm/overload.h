/* SPDX-License-Identifier: MIT
 *
 * vm/overload.h: what happens when a mailbox is full.
 *
 * Ownership: takes messages. Threads: [owner] unless a line says otherwise.
 */
#ifndef AKT_VM_OVERLOAD_H
#define AKT_VM_OVERLOAD_H

#include "vm/isolate.h"

/* Policy drop_old: m comes in and another goes, a dead letter `overloaded`.
 * The oldest; in an ordered mailbox that of the lowest level, or of the sender
 * with the longest queue, which may be m. */
void akt_overload_drop_for(struct akt_isolate *iso, struct akt_actor *a,
                           struct akt_msg *m);

#endif
