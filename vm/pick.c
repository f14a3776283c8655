/* SPDX-License-Identifier: MIT
 *
 * vm/pick.c: which isolate a worker takes next, and what it takes from others.
 */
#include "vm/node.h"
#include "vm/sched_impl.h"

struct akt_isolate *akt_sched_take_next(struct akt_worker *w)
{
    /* relaxed: an early look */
    if (!atomic_load_explicit(&w->next, memory_order_relaxed))
        return NULL;
    return atomic_exchange_explicit(&w->next, NULL, memory_order_acq_rel);
}

/* How many workers share the work, the first ones of all. */
static uint32_t team_len(const struct akt_node *node)
{
    /* relaxed: figures, and one that is a tick old is no harm */
    uint32_t ns = atomic_load_explicit(&node->work_ns, memory_order_relaxed);
    return ns < AKT_LIGHT_NS
               ? atomic_load_explicit(&node->team_len, memory_order_relaxed)
               : node->workers_len;
}

static bool is_in_team(const struct akt_worker *w)
{
    return w->index < team_len(w->node);
}

/* relaxed: the ticker's, about a visit that takes long */
static bool is_stuck(const struct akt_worker *w)
{
    return atomic_load_explicit(&w->stuck, memory_order_relaxed);
}

/* Whether it seems to be at work, and to come to its queue soon. */
static bool goes_on(const struct akt_worker *w)
{
    /* relaxed: a hint */
    return !is_stuck(w) && !atomic_load_explicit(&w->stats.asleep_since_ns,
                                                 memory_order_relaxed);
}

void akt_sched_move(struct akt_worker *w, struct akt_queue *to)
{
    struct akt_isolate *iso = akt_sched_take_next(w);
    enum akt_rank rank = AKT_RANK_NORMAL;
    while (iso) {
        akt_queue_push(to, iso, rank);
        rank = AKT_RANK_HIGH;
        iso = akt_queue_pop(&w->queue, &rank);
    }
}

void akt_sched_hand_over(struct akt_worker *w)
{
    uint32_t n = team_len(w->node);
    if (w->index < n || !akt_sched_has_own(w))
        return;
    struct akt_worker *to = &w->node->workers[w->index % n];
    if (!goes_on(to))
        return;
    akt_sched_move(w, &to->queue);
    akt_sched_wake(to);
}

bool akt_sched_has_waited(struct akt_worker *w, uint64_t now_ns,
                          uint64_t patience_ns)
{
    struct akt_queue *q = &w->queue;
    struct akt_isolate *iso = NULL;
    if (akt_queue_len(q) == 0)
        return false;
    pthread_mutex_lock(&q->lock);
    for (int i = 0; i < AKT_RANKS && !iso; i++)
        iso = q->first[i];
    bool waited = iso && now_ns >= iso->queued_ns + patience_ns;
    pthread_mutex_unlock(&q->lock);
    return waited;
}

/* Whether what waits there for long enough is w's to take; how long is said. */
static bool may_take(const struct akt_worker *w, struct akt_worker *victim,
                     uint64_t *patience_ns)
{
    bool is_in = is_in_team(w);
    *patience_ns = is_in ? AKT_PATIENCE_NS : AKT_TICK_NS;
    return is_in || is_stuck(victim);
}

/* Takes half of what another worker has, woken ones first. */
static struct akt_isolate *steal_from(struct akt_worker *w,
                                      struct akt_worker *victim)
{
    struct akt_isolate *got = NULL;
    uint64_t patience_ns;
    if (akt_queue_len(&victim->queue) == 0 ||
        !may_take(w, victim, &patience_ns))
        return NULL;
    if (!akt_sched_has_waited(victim, akt_node_now(w->node), patience_ns)) {
        w->may_steal_soon = true;
        return NULL;
    }
    uint32_t n = (akt_queue_len(&victim->queue) + 1) / 2;
    for (uint32_t i = 0; i < n; i++) {
        enum akt_rank rank = AKT_RANK_HIGH;
        struct akt_isolate *iso = akt_queue_pop(&victim->queue, &rank);
        if (!iso)
            break;
        if (got)
            akt_queue_push(&w->queue, iso, rank);
        else
            got = iso;
    }
    return got;
}

bool akt_sched_wants_help(struct akt_worker *w, uint64_t now_ns)
{
    struct akt_node *node = w->node;
    uint32_t n = team_len(node);
    /* relaxed: a figure; who is not in the team sleeps if there is no other
     * work */
    bool idle =
        n + atomic_load_explicit(&node->sleepers, memory_order_relaxed) >
        node->workers_len;
    return (idle || is_stuck(w)) &&
           akt_sched_has_waited(w, now_ns,
                                idle ? AKT_PATIENCE_NS : AKT_TICK_NS);
}

static struct akt_isolate *steal(struct akt_worker *w)
{
    struct akt_node *node = w->node;
    for (uint32_t i = 1; i < node->workers_len; i++) {
        struct akt_worker *victim =
            &node->workers[(w->index + i) % node->workers_len];
        struct akt_isolate *iso = steal_from(w, victim);
        if (iso) {
            akt_count(&w->stats.steals);
            w->spin_ns = SPIN_MAX_NS;
            return iso;
        }
    }
    return NULL;
}

/* What another worker made ready and has not come to for a whole tick. */
static struct akt_isolate *steal_next(struct akt_worker *w)
{
    struct akt_node *node = w->node;
    for (uint32_t i = 1; i < node->workers_len; i++) {
        struct akt_worker *victim =
            &node->workers[(w->index + i) % node->workers_len];
        if (!is_stuck(victim))
            continue;
        struct akt_isolate *iso = akt_sched_take_next(victim);
        if (iso) {
            akt_count(&w->stats.steals);
            return iso;
        }
    }
    return NULL;
}

static uint32_t tick_of(const struct akt_node *node)
{
    /* relaxed: the time, exact to a tick */
    return atomic_load_explicit(&node->tick, memory_order_relaxed);
}

/* From its own queue; remembers when one of low rank had its turn. */
static struct akt_isolate *pick_own(struct akt_worker *w, enum akt_rank rank)
{
    struct akt_isolate *iso = akt_queue_pop(&w->queue, &rank);
    if (iso && rank == AKT_RANK_LOW) {
        w->low_tick = tick_of(w->node);
        w->low_pick = w->picks;
    }
    return iso;
}

/* One of low rank that nobody let go first for too long. By time, since its
 * slice is as long as many visits; and by picks, since on a busy machine a
 * slice takes long by the clock, and others must get between two of them. */
static struct akt_isolate *pick_low(struct akt_worker *w)
{
    uint32_t now = tick_of(w->node);
    if (now - w->low_tick < AKT_LATER_TICKS ||
        w->picks - w->low_pick < AKT_LATER_PICKS)
        return NULL;
    w->low_tick = now;
    w->low_pick = w->picks;
    return pick_own(w, AKT_RANK_LOW);
}

static bool has_high(const struct akt_queue *q)
{
    /* relaxed: an early look */
    return atomic_load_explicit(&q->high, memory_order_relaxed) != 0;
}

static struct akt_isolate *pick_high(struct akt_worker *w)
{
    if (has_high(&w->queue))
        return akt_queue_pop_from(&w->queue, AKT_RANK_HIGH);
    if (has_high(&w->node->outside))
        return akt_queue_pop_from(&w->node->outside, AKT_RANK_HIGH);
    return NULL;
}

struct akt_isolate *akt_sched_pick(struct akt_worker *w)
{
    struct akt_isolate *iso = NULL;
    uint32_t n = ++w->picks;
    enum akt_rank first =
        n % AKT_HIGH_PICK == 0 ? AKT_RANK_NORMAL : AKT_RANK_HIGH;
    if (n % AKT_FAIR_PICK == 0)
        iso = akt_queue_pop_from(&w->node->outside, AKT_RANK_HIGH);
    if (!iso)
        iso = pick_low(w);
    if (!iso && first == AKT_RANK_HIGH)
        iso = pick_high(w);
    if (!iso)
        iso = akt_sched_take_next(w);
    if (!iso)
        iso = pick_own(w, first);
    if (!iso)
        iso = akt_queue_pop_from(&w->node->outside, AKT_RANK_HIGH);
    if (!iso)
        iso = steal(w);
    if (!iso)
        iso = steal_next(w);
    return iso;
}
