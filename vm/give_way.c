/* SPDX-License-Identifier: MIT
 *
 * vm/give_way.c: a turn that sends and sends lets others run. Looked at when a
 * message is chosen as a sample (vm/metrics.h), so that others do not pay for
 * it.
 */
#include "vm/sched_impl.h"

#define SENDS_SAMPLES 2 /* in one turn: about 128 messages */

static uint32_t turn_seq(const struct akt_worker *w)
{
    /* relaxed: this thread writes it */
    return atomic_load_explicit(&w->turn_seq, memory_order_relaxed);
}

bool akt_turn_gives_way(const struct akt_isolate *iso)
{
    return iso->gives_way == turn_seq(iso->worker);
}

/* Whether this worker has others to run. */
static bool others_wait(const struct akt_isolate *iso)
{
    const struct akt_worker *w = iso->worker;
    /* relaxed: an early look, at what this thread has put there */
    return iso->ready_first || iso->later_first || akt_queue_len(&w->queue) ||
           atomic_load_explicit(&w->next, memory_order_relaxed);
}

void akt_turn_sends(struct akt_worker *w)
{
    uint32_t seq = turn_seq(w);
    if (w->sends_seq != seq)
        w->sends = 0;
    w->sends_seq = seq;
    if (++w->sends < SENDS_SAMPLES)
        return;
    w->sends = 0;
    /* relaxed: this thread writes it */
    struct akt_isolate *iso =
        atomic_load_explicit(&w->isolate, memory_order_relaxed);
    if (!iso || !iso->current || !iso->host->give_way || !others_wait(iso))
        return;
    iso->gives_way = seq;
    iso->host->give_way(iso);
}
