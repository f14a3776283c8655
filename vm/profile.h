/* SPDX-License-Identifier: MIT
 *
 * vm/profile.h: where the workers spend their time.
 *
 * While a profile is on, the ticker asks every worker once a tick
 * (akt_profile_tick), by worker->samples and the signal that preempts. The
 * host answers at the next place where it can look at its stack, with a line
 * for the sample: the frames from the outermost to the innermost, with ';'
 * between them. Samples that come while it cannot answer (a C function runs)
 * are counted and are in the next answer, so that the time is charged to the
 * line that called that function.
 *
 * Ticks in which a worker runs no turn are "(machine)" or "(idle)".
 *
 * Threads: as each line says. One profile at a time.
 */
#ifndef AKT_VM_PROFILE_H
#define AKT_VM_PROFILE_H

#include "vm/base/buf.h"
#include "vm/node.h"

#define AKT_PROFILE_FRAMES 64   /* of a stack, the innermost ones */
#define AKT_PROFILE_TEXT 4096   /* bytes of a stack */
#define AKT_PROFILE_STACKS 4096 /* different ones; the rest is "(other)" */

/* [any] Starts one, of one actor or of all (none). False: one is on. */
bool akt_profile_start(struct akt_node *node, akt_pid pid);
/* [any] Ends it. Appends a line `stack count` for each; returns the number of
 * samples. */
uint64_t akt_profile_stop(struct akt_node *node, struct akt_buf *folded);

/* [ticker] */
void akt_profile_tick(struct akt_node *node);

static inline bool akt_is_profiled(struct akt_node *node)
{
    /* relaxed: a wish that is seen soon */
    return atomic_load_explicit(&node->profiling, memory_order_relaxed);
}

static inline bool akt_has_samples(struct akt_worker *w)
{
    /* relaxed: likewise */
    return atomic_load_explicit(&w->samples, memory_order_relaxed) > 0;
}

/* [worker] Takes the samples that are due and answers them. `stack` is that
 * of `a`; it is not theirs if they are of a turn that has ended meanwhile. */
void akt_profile_answer(struct akt_worker *w, const struct akt_actor *a,
                        const char *stack);

/* [start] */
struct akt_profile *akt_profile_create(void);
void akt_profile_destroy(struct akt_profile *p);

#endif
