/* SPDX-License-Identifier: MIT
 *
 * vm/inbox.h: where messages for the actors of one isolate arrive from other
 * threads, and the hand-over between "nobody runs this isolate" and "somebody
 * must run it".
 *
 * Many threads push, one thread (the owner: the worker that runs the isolate)
 * takes. All of it is one atomic word:
 *
 *     IDLE    nobody runs the isolate and nobody has to
 *     EMPTY   it is queued or running; nothing has arrived
 *     else    it is queued or running; the newest of the blocks that arrived
 *
 *     push  IDLE -> block   the pusher must queue the isolate
 *           EMPTY, block -> block on top
 *     take  block -> EMPTY  the whole chain at once, so there is no ABA
 *     idle  EMPTY -> IDLE   by the owner, as its last access to the isolate
 *     wake  IDLE -> EMPTY   the waker must queue the isolate
 *
 * Invariants
 *   I1  For every time the word became IDLE, exactly one push or wake is told
 *       to queue the isolate; so it is on at most one queue, and a block that
 *       was pushed is always in front of an owner that will take it.
 *   I2  Blocks pushed by one thread come out in the order they were pushed.
 *
 * Ownership: push takes the block; take hands the chain to the owner.
 * Threads:   push and wake [any]; take and idle [owner].
 * Why it is built this way: vm/README.md, "Mailboxes". Model:
 * tests/models/inbox.pml. Stress: tests/stress/stress_inbox.c.
 */
#ifndef AKT_VM_INBOX_H
#define AKT_VM_INBOX_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "vm/message.h"

#define AKT_INBOX_EMPTY ((uintptr_t)0)
#define AKT_INBOX_IDLE ((uintptr_t)1)

struct akt_inbox {
    _Atomic uintptr_t word;
};

static inline void akt_inbox_init(struct akt_inbox *in)
{
    atomic_init(&in->word, AKT_INBOX_IDLE);
}

/* [any] True: the caller must queue the isolate. */
static inline bool akt_inbox_push(struct akt_inbox *in, struct akt_msg *m)
{
    /* relaxed: the value is only compared; the CAS below orders */
    uintptr_t old = atomic_load_explicit(&in->word, memory_order_relaxed);
    do
        m->next = old == AKT_INBOX_IDLE ? NULL : (struct akt_msg *)old;
    /* release: pairs with the acquire in take, the block's contents go with
     * it. acquire: when the word was IDLE, pairs with the release in
     * try_idle, all that the last owner did to the isolate is seen by whom
     * the caller queues it for. */
    while (!atomic_compare_exchange_weak_explicit(&in->word, &old, (uintptr_t)m,
                                                  memory_order_acq_rel,
                                                  memory_order_relaxed));
    return old == AKT_INBOX_IDLE;
}

/* [any] The same for blocks that are linked, the newest first; they are taken
 * as if they had been pushed one by one. */
static inline bool akt_inbox_push_chain(struct akt_inbox *in,
                                        struct akt_msg *newest,
                                        struct akt_msg *oldest)
{
    /* as in push */
    uintptr_t old = atomic_load_explicit(&in->word, memory_order_relaxed);
    do
        oldest->next = old == AKT_INBOX_IDLE ? NULL : (struct akt_msg *)old;
    while (!atomic_compare_exchange_weak_explicit(
        &in->word, &old, (uintptr_t)newest, memory_order_acq_rel,
        memory_order_relaxed));
    return old == AKT_INBOX_IDLE;
}

/* [owner] Whether something has arrived. */
static inline bool akt_inbox_has(struct akt_inbox *in)
{
    /* relaxed: an early look */
    return atomic_load_explicit(&in->word, memory_order_relaxed) >
           AKT_INBOX_IDLE;
}

/* [owner] The block that arrived first, which stays; or NULL. */
static inline const struct akt_msg *akt_inbox_oldest(struct akt_inbox *in)
{
    /* acquire: pairs with the release in push */
    uintptr_t word = atomic_load_explicit(&in->word, memory_order_acquire);
    if (word <= AKT_INBOX_IDLE)
        return NULL;
    const struct akt_msg *m = (const struct akt_msg *)word;
    while (m->next)
        m = m->next;
    return m;
}

/* [owner] The blocks in the order they arrived, or NULL. */
static inline struct akt_msg *akt_inbox_take(struct akt_inbox *in)
{
    /* relaxed: an early look; a block missed now is seen at try_idle (IDLE is
     * met only when the node is destroyed) */
    if (!akt_inbox_has(in))
        return NULL;
    /* acquire: pairs with the release in push */
    uintptr_t word = atomic_exchange_explicit(&in->word, AKT_INBOX_EMPTY,
                                              memory_order_acquire);
    struct akt_msg *newest = (struct akt_msg *)word, *oldest = NULL;
    while (newest) {
        struct akt_msg *next = newest->next;
        newest->next = oldest;
        oldest = newest;
        newest = next;
    }
    return oldest;
}

/* [owner] True: the isolate is idle and no longer the caller's. */
static inline bool akt_inbox_try_idle(struct akt_inbox *in)
{
    uintptr_t empty = AKT_INBOX_EMPTY;
    /* release: pairs with the acquire in push and wake, the next owner sees
     * the isolate as this one left it */
    return atomic_compare_exchange_strong_explicit(
        &in->word, &empty, AKT_INBOX_IDLE, memory_order_release,
        memory_order_relaxed);
}

/* [any] True: the isolate was idle and the caller must queue it. */
static inline bool akt_inbox_wake(struct akt_inbox *in)
{
    uintptr_t idle = AKT_INBOX_IDLE;
    /* acquire: pairs with the release in try_idle */
    return atomic_compare_exchange_strong_explicit(
        &in->word, &idle, AKT_INBOX_EMPTY, memory_order_acq_rel,
        memory_order_relaxed);
}

#endif
