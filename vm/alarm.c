/* SPDX-License-Identifier: MIT
 *
 * vm/alarm.c: when idle isolates must run. One heap for the node, because it
 * holds isolates, not timers: an isolate sets its alarm when it goes idle with
 * an earlier deadline than the one that is set, and leaves a set one alone
 * when the deadline has moved away, so an ask that is answered in time costs
 * nothing here. `nearest_ns` is what the isolate really waits for; an alarm
 * that rings too early is set again, or dropped.
 */
#include <stddef.h>

#include "vm/node.h"

static struct akt_isolate *isolate_of(struct akt_heap_node *n)
{
    return (struct akt_isolate *)(void *)((char *)n -
                                          offsetof(struct akt_isolate, alarm));
}

static void publish_next(struct akt_node *node)
{
    struct akt_heap_node *n = akt_heap_first(&node->alarms);
    /* relaxed: an early look for akt_alarm_fire; the heap is read under the
     * lock */
    atomic_store_explicit(&node->next_alarm_ns, n ? n->key : 0,
                          memory_order_relaxed);
}

/* Under the alarm lock. */
static void arm(struct akt_node *node, struct akt_isolate *iso,
                uint64_t deadline_ns)
{
    akt_heap_push(&node->alarms, &iso->alarm, deadline_ns);
    atomic_store_explicit(&iso->armed_ns, deadline_ns, memory_order_relaxed);
}

__attribute__((noinline)) static void set_armed(struct akt_isolate *iso,
                                                uint64_t deadline_ns)
{
    struct akt_node *node = iso->node;
    pthread_mutex_lock(&node->alarm_lock);
    if (akt_heap_has(&iso->alarm))
        akt_heap_remove(&node->alarms, &iso->alarm);
    arm(node, iso, deadline_ns);
    publish_next(node);
    pthread_mutex_unlock(&node->alarm_lock);
}

void akt_alarm_set(struct akt_isolate *iso, uint64_t deadline_ns, bool keeps)
{
    /* relaxed: only the owner writes it */
    if (!deadline_ns &&
        !atomic_load_explicit(&iso->nearest_ns, memory_order_relaxed))
        return;
    /* relaxed: read when all workers sleep, by the last one to lie down */
    atomic_store_explicit(&iso->keeps, keeps, memory_order_relaxed);
    /* seq_cst, both: settle writes armed_ns and then reads nearest_ns. Either
     * it sees the new deadline, or this sees that nothing is armed */
    atomic_store_explicit(&iso->nearest_ns, deadline_ns, memory_order_seq_cst);
    uint64_t armed = atomic_load_explicit(&iso->armed_ns, memory_order_seq_cst);
    if (deadline_ns && !(armed && armed <= deadline_ns))
        set_armed(iso, deadline_ns);
}

/* Takes the first alarm off; sets it again if the isolate waits for later.
 * True: it is really due. Under the alarm lock. */
static bool settle(struct akt_node *node, struct akt_isolate *iso,
                   uint64_t now_ns)
{
    akt_heap_remove(&node->alarms, &iso->alarm);
    /* seq_cst, both: see akt_alarm_set */
    atomic_store_explicit(&iso->armed_ns, 0, memory_order_seq_cst);
    uint64_t nearest =
        atomic_load_explicit(&iso->nearest_ns, memory_order_seq_cst);
    if (nearest > now_ns)
        arm(node, iso, nearest);
    return nearest && nearest <= now_ns;
}

/* A due alarm. True: the caller must queue the isolate. Else somebody has it,
 * and may be past looking at its timers but not idle yet, so this rings again
 * a little later. */
static bool ring(struct akt_node *node, struct akt_isolate *iso,
                 uint64_t now_ns)
{
    if (!settle(node, iso, now_ns))
        return false;
    if (akt_inbox_wake(&iso->inbox))
        return true;
    /* acquire: pairs with the release in park_over_share (vm/sched.c) */
    if (atomic_exchange_explicit(&iso->parked, false, memory_order_acquire))
        return true;
    arm(node, iso, now_ns + AKT_TICK_NS);
    return false;
}

/* Outside the alarm lock, since queueing may take the sleep lock, under which
 * the last sleeper takes the alarm lock. */
static void queue_all(struct akt_isolate *iso)
{
    while (iso) {
        struct akt_isolate *next = iso->queue_next;
        akt_sched_queue(iso);
        iso = next;
    }
}

uint64_t akt_alarm_fire(struct akt_node *node, uint64_t now_ns)
{
    uint64_t next =
        atomic_load_explicit(&node->next_alarm_ns, memory_order_relaxed);
    if (!next || next > now_ns)
        return next;
    struct akt_isolate *due = NULL, **last = &due;
    pthread_mutex_lock(&node->alarm_lock);
    struct akt_heap_node *n;
    while ((n = akt_heap_first(&node->alarms)) && n->key <= now_ns) {
        struct akt_isolate *iso = isolate_of(n);
        if (ring(node, iso, now_ns)) {
            /* it is on no queue, and it is this thread that queues it */
            *last = iso;
            last = &iso->queue_next;
        }
    }
    *last = NULL;
    publish_next(node);
    n = akt_heap_first(&node->alarms);
    next = n ? n->key : 0;
    /* what is on no heap and on no queue yet must not look like the end */
    if (due)
        akt_node_hold(node);
    pthread_mutex_unlock(&node->alarm_lock);
    if (due) {
        queue_all(due);
        akt_node_release(node);
    }
    return next;
}

/* Under the alarm lock: an alarm that is not only for quiet pendings (P3).
 * Mostly it is the first one. */
static bool any_keeps(const struct akt_node *node)
{
    for (uint32_t i = 0; i < node->alarms.len; i++)
        if (atomic_load_explicit(&isolate_of(node->alarms.slots[i].node)->keeps,
                                 memory_order_relaxed))
            return true;
    return false;
}

/* Whether any isolate waits for a time that keeps the program alive; drops
 * alarms nobody needs any more. When no isolate runs. */
bool akt_alarm_any(struct akt_node *node)
{
    pthread_mutex_lock(&node->alarm_lock);
    struct akt_heap_node *n;
    while ((n = akt_heap_first(&node->alarms))) {
        struct akt_isolate *iso = isolate_of(n);
        uint64_t nearest =
            atomic_load_explicit(&iso->nearest_ns, memory_order_acquire);
        if (nearest == n->key)
            break;
        settle(node, iso, 0);
    }
    publish_next(node);
    bool any = any_keeps(node);
    pthread_mutex_unlock(&node->alarm_lock);
    return any;
}
