/* SPDX-License-Identifier: MIT
 *
 * vm/order.h: mailboxes that are not first in, first out: by priority, or by
 * turns among senders (rounds).
 *
 * Such a mailbox is the same list as any other, and appending to it is the
 * same. Its front part is in order; what has come since, the intake behind it,
 * is sorted in when the actor comes to take a message. So a function that says
 * priorities runs then, in the receiver's isolate, and nowhere else.
 *
 *     mail_first -> [ in order: AKT_MSG_SORTED ] -> [ intake ] -> mail_last
 *                                    ^ order->last
 *
 * Priorities have 256 levels, 0 the highest; the level of a sorted message is
 * in its `code`. The last message of each level and a bit for each that is not
 * empty make sorting in and taking constant.
 *
 * Fair: round n holds the n-th message of each sender, counted from the round
 * that is being taken (`now`). A sender's next message goes to the round after
 * its last one, or after `now`, whichever is later; so nobody gets two turns in
 * a round, and a round that has begun gets no new members.
 *
 * EXIT and DOWN are messages of whoever ended: at priority 0, or in its turn.
 * What is put in front (unstashed messages, the actor's own stop) stands in
 * front of its level, or of all rounds.
 *
 * Invariants
 *   O1  Sorted messages stand in front of all others, by level or round, and
 *       those of one level or round in the order they came.
 *   O2  Of one sender and level, what was sent first is taken first.
 *
 * Ownership: the mailbox owns its messages; the order is freed with the ext.
 * Threads: [owner].
 */
#ifndef AKT_VM_ORDER_H
#define AKT_VM_ORDER_H

#include "vm/actor.h"

#define AKT_LEVELS 256
#define AKT_LEVEL_NORMAL 127 /* of priority 0 */
#define AKT_ORDER_STEP 1024  /* messages sorted in before others may run */

/* Which of enum akt_extra the actor's rules ask for. */
uint8_t akt_order_extras(const struct akt_mailbox_rules *rules);

/* Sorts in up to `max` of the intake. True: all that was there when this began
 * to be called (after the last true) is sorted. */
bool akt_order_sort(struct akt_isolate *iso, struct akt_actor *a, uint32_t max);
/* A message that is not in the mailbox yet goes in front; one that was taken
 * from it before still has its level in `code`. */
void akt_order_put_front(struct akt_actor *a, struct akt_msg *m);
/* m has left the list; it stood behind `prev`. */
void akt_order_left(struct akt_actor *a, struct akt_msg *m,
                    struct akt_msg *prev);
/* The user message to drop for another one: the oldest of the lowest level, or
 * of the sender with the longest queue. NULL: there is none; else *prev stands
 * in front of it. Messages whose priority a function says count as priority 0
 * until it was asked. */
struct akt_msg *akt_order_victim(struct akt_isolate *iso, struct akt_actor *a,
                                 struct akt_msg **prev);
/* The rules have changed: all is intake again. */
void akt_order_reset(struct akt_actor *a);
void akt_order_free(struct akt_order *o); /* NULL allowed */

#endif
