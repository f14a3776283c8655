/* SPDX-License-Identifier: MIT
 *
 * vm/mailbox.h: an actor's mailbox: a plain list that only its owner touches,
 * and senders that wait for room in it.
 *
 * How much it holds is published for senders (`load_here` and `load_away`,
 * vm/actor.h). Who waits stands in `ext->over_first`, in order, and is let in
 * as messages leave; meanwhile AKT_LOAD_WAITERS makes others wait behind them.
 * What came behind them all the same (its sender had not seen the mark yet, or
 * may overfill) stands there too, as its sender may have one that waits; so
 * does the end of an actor of another node, which may have sent some of these.
 *
 * Ownership: what is put in is the mailbox's, what is taken the caller's.
 * Threads:   as each line says.
 */
#ifndef AKT_VM_MAILBOX_H
#define AKT_VM_MAILBOX_H

#include "vm/isolate.h"
#include "vm/ready.h"
#include "vm/tape.h"

/* [any] What is in it, with marks. */
static inline uint64_t akt_mailbox_load(const struct akt_actor *a)
{
    /* relaxed: a figure, which only the owner writes */
    return atomic_load_explicit(&a->load_here, memory_order_relaxed);
}

/* As akt_mailbox_holds, of what it is now, whatever a tape says. */
static inline bool akt_mailbox_holds_now(const struct akt_actor *a,
                                         uint64_t quarters)
{
    struct akt_mailbox_policy policy;
    /* relaxed: set before the pid was published */
    akt_mailbox_unpack(atomic_load_explicit(&a->limit, memory_order_relaxed),
                       &policy);
    /* relaxed: a figure compared with a bound */
    uint64_t load = (akt_mailbox_load(a) & ~AKT_LOAD_MARKS) +
                    atomic_load_explicit(&a->load_away, memory_order_relaxed);
    if (policy.max == UINT32_MAX)
        return load >> AKT_LOAD_BYTES_BITS >= AKT_LOAD_MAX;
    uint64_t bytes = load & ((1ull << AKT_LOAD_BYTES_BITS) - 1);
    return (load >> AKT_LOAD_BYTES_BITS) * 4 >= policy.max * quarters ||
           bytes * 4 >= ((uint64_t)policy.max_kb << 10) * quarters;
}

/* [any] Whether there is room for sure; if not, akt_mailbox_is_full decides.
 * Of what nobody needs to write on a tape. */
static inline bool akt_mailbox_has_room(const struct akt_actor *a)
{
    /* relaxed: a figure compared with a bound, set before the pid was */
    uint64_t limit = atomic_load_explicit(&a->limit, memory_order_relaxed);
    uint64_t load = akt_mailbox_load(a) +
                    atomic_load_explicit(&a->load_away, memory_order_relaxed);
    uint64_t kb =
        load << (64 - AKT_LOAD_BYTES_BITS) >> (74 - AKT_LOAD_BYTES_BITS);
    return load < (uint64_t)AKT_LOAD_MAX << AKT_LOAD_BYTES_BITS && /* no mark */
           load >> AKT_LOAD_BYTES_BITS < limit >> 32 &&
           kb < (uint32_t)limit >> 2;
}

/* [any] Whether it holds `quarters` quarters of its bound. */
static inline bool akt_mailbox_holds(const struct akt_actor *a,
                                     uint64_t quarters)
{
    return akt_input_rare(akt_mailbox_holds_now(a, quarters));
}

/* [any] Whether it holds so many times its bound; once: or senders wait. */
static inline bool akt_mailbox_is_full(const struct akt_actor *a,
                                       uint64_t times)
{
    bool waiters = times == 1 && akt_mailbox_load(a) & AKT_LOAD_WAITERS;
    return akt_input_rare(waiters || akt_mailbox_holds_now(a, 4 * times));
}

/* [owner] For akt_mailbox_put: it is busy, or has no state to run with. */
void akt_mailbox_wake_otherwise(struct akt_isolate *iso, struct akt_actor *a);

/* [owner] A message has come: the actor is made ready, if it may run. */
static inline void akt_mailbox_wake(struct akt_isolate *iso,
                                    struct akt_actor *a)
{
    if (a->busy || a->state != AKT_A_RUNNING)
        akt_mailbox_wake_otherwise(iso, a);
    else if (!a->ready && iso->batch != a) /* as akt_isolate_ready */
        akt_ready_add(iso, a);
}

/* [owner] Behind the others, whatever it is; loads and readiness follow. */
static inline void akt_mailbox_link(struct akt_actor *a, struct akt_msg *m)
{
    m->next = NULL;
    if (a->mail_first)
        a->mail_last->next = m;
    else
        a->mail_first = m;
    a->mail_last = m;
    /* relaxed: written by the owner only, others read a figure */
    atomic_store_explicit(&a->load_here,
                          akt_mailbox_load(a) + AKT_LOAD(m->size),
                          memory_order_relaxed);
}

/* [owner] Puts in a user message for which there is room, if that is all there
 * is to do; false: akt_mailbox_append has more to look at. The path of most
 * messages. */
static inline bool akt_mailbox_put(struct akt_isolate *iso, struct akt_actor *a,
                                   struct akt_msg *m)
{
    if (a->finished || a->goal || a->extras & (AKT_X_SIGNALS | AKT_X_WAITERS))
        return false;
    akt_mailbox_link(a, m);
    akt_mailbox_wake(iso, a);
    return true;
}

/* [owner] A user message that came by the inbox: put in, or made to wait. */
void akt_mailbox_arrive(struct akt_isolate *iso, struct akt_actor *a,
                        struct akt_msg *m);
/* [owner] Puts a message behind (or before) the others. */
void akt_mailbox_append(struct akt_isolate *iso, struct akt_actor *a,
                        struct akt_msg *m);
void akt_mailbox_prepend(struct akt_isolate *iso, struct akt_actor *a,
                         struct akt_msg *m);
/* [owner] Takes m, the first one, from an actor that has none of AKT_X_TAKING
 * and for which nobody waits. */
static inline void akt_mailbox_take_first(struct akt_actor *a,
                                          struct akt_msg *m)
{
    a->mail_first = m->next;
    if (a->mail_last == m)
        a->mail_last = NULL;
    /* relaxed: as in akt_mailbox_link */
    atomic_store_explicit(&a->load_here,
                          akt_mailbox_load(a) - AKT_LOAD(m->size),
                          memory_order_relaxed);
}
/* [owner] Takes the first, or the one behind `prev`. */
struct akt_msg *akt_mailbox_take(struct akt_isolate *iso, struct akt_actor *a,
                                 struct akt_msg *prev);
/* [owner] Nobody gets in before one that is on its way and waits for room. */
void akt_mailbox_close(struct akt_actor *a);
/* [owner] For vm/inject.c. Nothing gets in, by its policy; or what waits does
 * now. */
void akt_mailbox_set_full(struct akt_actor *a, bool full);

/* [owner] Whether m may be stashed: as many as may wait in the mailbox. */
bool akt_stash_has_room(const struct akt_actor *a, const struct akt_msg *m);
/* [owner] The first (or all) of the stash goes in front of the mailbox, in
 * order; returns how many. */
uint32_t akt_mailbox_unstash(struct akt_isolate *iso, struct akt_actor *a,
                             bool all);

#endif
