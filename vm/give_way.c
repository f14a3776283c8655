/* SPDX-License-Identifier: MIT
 *
 * vm/give_way.c: a turn that sends and sends lets others run. Looked at when a
 * message is chosen as a sample (vm/metrics.h), so that others do not pay for
 * it.
 *
 * If the receiver's mailbox is long already (a crowd), it gives way at once,
 * and the receiver goes next if this worker has it. If it is another worker's,
 * and all that this one runs only makes the crowd larger, the worker waits a
 * moment: what is handled soon after it was sent is still in the cache.
 */
#include "vm/mailbox.h"
#include "vm/sched_impl.h"

#define SENDS_SAMPLES 2 /* in one turn: about 128 messages */
#define EASED 64        /* messages fewer end a wait */
#define EASE_NS 100000  /* a wait, at most */
#define EASE_PAUSES 32  /* between two looks */
/* After a wait in vain there is none for as long, then twice as long, up to
 * this: for a receiver that is slow, waiting is of no use. */
#define EASE_NOT_MAX_NS (64 * EASE_NS)

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

/* 0 also if there is no such actor here. */
static uint32_t messages_for(const struct akt_node *node, akt_pid pid)
{
    const struct akt_actor *a = akt_actor_find_now(node->actors, pid);
    if (!a)
        return 0;
    /* relaxed: figures */
    uint64_t load = (akt_mailbox_load(a) & ~AKT_LOAD_MARKS) +
                    atomic_load_explicit(&a->load_away, memory_order_relaxed);
    return (uint32_t)(load >> AKT_LOAD_BYTES_BITS);
}

/* Whether some of the crowd were handled within the time for it. */
static bool has_eased(const struct akt_worker *w, uint32_t was)
{
    uint64_t until_ns = akt_node_now(w->node) + EASE_NS;
    do {
        for (int i = 0; i < EASE_PAUSES; i++)
            __builtin_ia32_pause();
        if (messages_for(w->node, w->crowd) + EASED <= was)
            return true;
    } while (akt_node_now(w->node) < until_ns);
    return false;
}

static void ease(struct akt_worker *w)
{
    uint32_t was = messages_for(w->node, w->crowd);
    if (was < AKT_CROWD || akt_node_now(w->node) < w->ease_from_ns)
        return;
    if (has_eased(w, was)) {
        w->ease_not_ns = 0;
        return;
    }
    if (w->ease_not_ns < EASE_NOT_MAX_NS)
        w->ease_not_ns = w->ease_not_ns ? 2 * w->ease_not_ns : EASE_NS;
    w->ease_from_ns = akt_node_now(w->node) + w->ease_not_ns;
}

static struct akt_isolate *isolate_of(const struct akt_node *node, akt_pid pid)
{
    const struct akt_actor *a = akt_actor_find_now(node->actors, pid);
    /* relaxed: set before the pid was published */
    return a ? atomic_load_explicit(&a->isolate, memory_order_relaxed) : NULL;
}

/* Out of line: called behind visits in which somebody sent to a crowd. */
__attribute__((noinline)) static void look_at_crowd(struct akt_worker *w)
{
    struct akt_isolate *to = isolate_of(w->node, w->crowd);
    if (!to || akt_queue_hasten(&w->queue, to))
        w->crowded = 0;
    else if (++w->crowded > akt_queue_len(&w->queue))
        ease(w);
    w->crowd = AKT_PID_NONE;
}

void akt_sched_ease(struct akt_worker *w)
{
    if (w->crowd.bits)
        look_at_crowd(w);
    else
        w->crowded = 0;
}

/* Who is in another isolate gets its turn at the end of this visit. */
static void leave_to(struct akt_worker *w, const struct akt_isolate *iso,
                     akt_pid crowd)
{
    w->crowd = crowd;
    /* relaxed: this thread reads it */
    if (isolate_of(w->node, crowd) != iso)
        atomic_store_explicit(&w->yield, true, memory_order_relaxed);
}

void akt_turn_sends(struct akt_worker *w, akt_pid to)
{
    bool crowd = messages_for(w->node, to) >= AKT_CROWD;
    uint32_t seq = turn_seq(w);
    if (w->sends_seq != seq)
        w->sends = 0;
    w->sends_seq = seq;
    if (++w->sends < SENDS_SAMPLES && !crowd)
        return;
    w->sends = 0;
    /* relaxed: this thread writes it */
    struct akt_isolate *iso =
        atomic_load_explicit(&w->isolate, memory_order_relaxed);
    if (!iso || !iso->current || !iso->host->give_way)
        return;
    if (crowd)
        leave_to(w, iso, to);
    else if (!others_wait(iso))
        return;
    iso->gives_way = seq;
    iso->host->give_way(iso);
}
