/* SPDX-License-Identifier: MIT
 *
 * vm/ready.h: in which order the ready actors of an isolate run.
 *
 * Actors of the normal class stand in the two lists of the isolate (woken and
 * preempted). For the others there is a struct made on first use. Of 16 picks,
 * AKT_PICKS says which class goes first; when it has nobody ready, and for what
 * is left of its picks, the next one in the order high, deadline, normal, low
 * goes. So with all of them always ready, of 16 picks high gets 8, deadline 4,
 * normal 3 and low 1: nobody starves.
 *
 * A pick is a batch of messages, or one slice of a handler. Who becomes
 * ready as high or deadline ends the batch of another class after its message.
 *
 * Of the class deadline the actor goes first whose next request, or the one it
 * is at, is due first; those with none last; equals in the order they became
 * ready. In simulation who goes of high and low is the seed's choice.
 *
 * Between isolates: vm/sched.h.
 *
 * Threads: [owner].
 */
#ifndef AKT_VM_READY_H
#define AKT_VM_READY_H

#include "vm/isolate.h"

#define AKT_PICKS 16

/* Adds an actor with AKT_X_CLASS. */
void akt_ready_push(struct akt_isolate *iso, struct akt_actor *a);
/* The next of another class than normal, or NULL: it is normal's turn.
 * `normal`: one of that class is ready. iso->classed is not 0. */
struct akt_actor *akt_ready_pick(struct akt_isolate *iso, bool normal);
/* For the queue that an isolate with work goes on. */
enum akt_rank akt_ready_rank(const struct akt_isolate *iso);
void akt_ready_free(struct akt_isolate *iso); /* [start] */

static inline void akt_ready_append(struct akt_actor **first,
                                    struct akt_actor **last,
                                    struct akt_actor *a)
{
    a->next_ready = NULL;
    if (*first)
        (*last)->next_ready = a;
    else
        *first = a;
    *last = a;
}

/* On the ready list, where it is not yet. */
static inline void akt_ready_add(struct akt_isolate *iso, struct akt_actor *a)
{
    a->ready = true;
    if (a->extras & AKT_X_CLASS) {
        akt_ready_push(iso, a);
        return;
    }
    akt_ready_append(&iso->ready_first, &iso->ready_last, a);
    iso->ready_count++;
}

/* Takes the i-th of a list; i is 0 but in simulation. */
static inline struct akt_actor *
akt_ready_take(struct akt_actor **first, struct akt_actor **last, uint32_t i)
{
    struct akt_actor *prev = NULL, *a = *first;
    while (i--) {
        prev = a;
        a = a->next_ready;
    }
    if (prev)
        prev->next_ready = a->next_ready;
    else
        *first = a->next_ready;
    if (*last == a)
        *last = prev;
    a->ready = false;
    return a;
}

#endif
