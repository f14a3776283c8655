/* SPDX-License-Identifier: MIT
 *
 * vm/ticker.c: the thread that looks at the workers once a millisecond. It
 * preempts turns that are over their slice, wakes sleepers for work that has
 * waited, fires alarms when all workers are stuck in long turns, measures the
 * memory in use, and obeys signals. It parks when all workers sleep.
 */
#include <errno.h>
#include <time.h>

#include "vm/base/alloc.h"
#include "vm/node.h"
#include "vm/profile.h"
#include "vm/remote.h"
#include "vm/sched_impl.h"
#include "vm/stream.h"
#include "vm/watchdog.h"

#define PARK_TICKS 3   /* ticks with everybody asleep before it parks */
#define MEMORY_TICKS 8 /* ticks between two looks at the memory */
#define BUSY_WINDOW_US 50000
#define STUCK_TICKS 3 /* then others do what the worker does not come to */

void akt_sched_poke_ticker(struct akt_node *node)
{
    sem_post(&node->ticker_sem);
}

static void wait_tick(struct akt_node *node)
{
    struct timespec until;
    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_nsec += AKT_TICK_NS;
    if (until.tv_nsec >= 1000000000) {
        until.tv_nsec -= 1000000000;
        until.tv_sec++;
    }
    while (sem_timedwait(&node->ticker_sem, &until) == -1 && errno == EINTR)
        ;
}

static void park(struct akt_node *node)
{
    akt_sched_measure_memory(node); /* what the next one to wake will see */
    atomic_store_explicit(&node->ticker_parked, true, memory_order_relaxed);
    /* acq_rel: a worker that takes itself off the sleepers behind this sees
     * that the ticker is parked; one in front of it is seen here */
    bool asleep =
        atomic_fetch_add_explicit(&node->sleepers, 0, memory_order_acq_rel) ==
        node->workers_len;
    if (asleep)
        while (sem_wait(&node->ticker_sem) == -1 && errno == EINTR)
            ;
    atomic_store_explicit(&node->ticker_parked, false, memory_order_relaxed);
}

static void add_us(_Atomic uint64_t *counter, uint32_t us)
{
    /* relaxed: only the ticker writes */
    atomic_store_explicit(
        counter, atomic_load_explicit(counter, memory_order_relaxed) + us,
        memory_order_relaxed);
}

static void account_visit(struct akt_worker *w, uint32_t us)
{
    /* acquire: pairs with the release in akt_worker_visit */
    struct akt_isolate *iso =
        atomic_load_explicit(&w->isolate, memory_order_acquire);
    add_us(&w->busy_us, us);
    /* relaxed: only the ticker writes */
    if (iso)
        atomic_store_explicit(
            &iso->busy_us,
            us + atomic_load_explicit(&iso->busy_us, memory_order_relaxed),
            memory_order_relaxed);
}

/* What was seen of an isolate in this window counts half, what was before the
 * other half. */
static void settle_busy(struct akt_isolate *iso, uint32_t window_us)
{
    /* relaxed: only the ticker writes, and who places may see an old figure */
    uint64_t us = atomic_load_explicit(&iso->busy_us, memory_order_relaxed);
    uint32_t before =
        atomic_load_explicit(&iso->busy_percent, memory_order_relaxed);
    uint32_t now = (uint32_t)(us * 100 / window_us);
    atomic_store_explicit(&iso->busy_us, 0, memory_order_relaxed);
    atomic_store_explicit(&iso->busy_percent, (before + now + 1) / 2,
                          memory_order_relaxed);
}

/* For vm/place.c. */
static void measure_homes(struct akt_node *node, uint32_t us)
{
    node->busy_window_us += us;
    if (node->busy_window_us < BUSY_WINDOW_US)
        return;
    pthread_mutex_lock(&node->isolates_lock);
    for (uint32_t i = 0; i < node->homes_len; i++)
        settle_busy(node->homes[i], node->busy_window_us);
    pthread_mutex_unlock(&node->isolates_lock);
    node->busy_window_us = 0;
}

static void measure_team(struct akt_node *node, uint64_t turns, uint32_t us)
{
    bool light = atomic_load_explicit(&node->work_ns, memory_order_relaxed) <
                 AKT_LIGHT_NS;
    uint64_t more = turns - node->last_turns;
    node->last_turns = turns;
    akt_team_tick(&node->team, more, us, light && more);
    /* relaxed: a figure */
    atomic_store_explicit(&node->team_len, node->team.active,
                          memory_order_relaxed);
}

/* How long workers work for each message between isolates, and how many of
 * them share it: vm/pick.c. What is far over the bound must not be remembered
 * for long. */
static void measure_work(struct akt_node *node, uint32_t us)
{
    uint64_t arrived = 0, at_work = 0, turns = 0;
    for (uint32_t i = 0; i < node->workers_len; i++) {
        struct akt_worker *w = &node->workers[i];
        /* relaxed: a figure */
        arrived +=
            atomic_load_explicit(&w->stats.arrived, memory_order_relaxed);
        turns += atomic_load_explicit(&w->stats.turns, memory_order_relaxed);
        at_work += w->last_visit_seq & 1;
    }
    uint64_t n = arrived - node->last_arrived;
    uint64_t now = us * at_work * 1000 / (n ? n : 1);
    uint64_t before =
        atomic_load_explicit(&node->work_ns, memory_order_relaxed);
    node->last_arrived = arrived;
    now = now < 8 * AKT_LIGHT_NS ? now : 8 * AKT_LIGHT_NS;
    /* relaxed: only the ticker writes, others may see an old figure */
    if (at_work)
        atomic_store_explicit(&node->work_ns, (uint32_t)(before + now) / 2,
                              memory_order_relaxed);
    measure_team(node, turns, us);
}

/* The time since the last look goes to whoever is seen at work now. */
static void account(struct akt_worker *w, uint32_t turn, uint32_t visit,
                    uint32_t us)
{
    if (visit & 1)
        account_visit(w, us);
    akt_pid pid = {atomic_load_explicit(&w->actor, memory_order_relaxed)};
    struct akt_actor *a =
        turn & 1 ? akt_actor_find(w->node->actors, pid) : NULL;
    if (a)
        add_us(&a->cpu_us, us);
}

/* Whether its turn has had the processor since it was first seen, or since the
 * last time it had: on a busy machine it is not to blame for the time that
 * others took. */
static bool has_run(struct akt_worker *w, bool same_turn)
{
    struct timespec ts;
    /* relaxed: set before the first turn */
    int clock = atomic_load_explicit(&w->cpu_clock, memory_order_relaxed);
    if (clock_gettime((clockid_t)clock, &ts) != 0)
        return true;
    uint64_t cpu_ns = (uint64_t)ts.tv_sec * 1000000000u + (uint64_t)ts.tv_nsec;
    bool has = same_turn && cpu_ns - w->last_cpu_ns >= AKT_TICK_NS / 4;
    if (has || !same_turn)
        w->last_cpu_ns = cpu_ns;
    return has;
}

static void look_at(struct akt_worker *w, uint32_t us)
{
    uint32_t turn = atomic_load_explicit(&w->turn_seq, memory_order_relaxed);
    uint32_t visit = atomic_load_explicit(&w->visit_seq, memory_order_relaxed);
    account(w, turn, visit, us);
    bool same_visit = visit == w->last_visit_seq && (visit & 1);
    bool same_turn = turn == w->last_turn_seq && (turn & 1);
    /* relaxed: all of these are wishes that the worker sees soon */
    atomic_store_explicit(&w->stuck, same_visit, memory_order_relaxed);
    if (same_visit)
        atomic_store_explicit(&w->yield, true, memory_order_relaxed);
    bool ran = has_run(w, same_turn);
    if (same_turn) {
        if (ran)
            atomic_fetch_add_explicit(&w->over_ticks, 1, memory_order_relaxed);
        if (w->preempt)
            w->preempt(w);
    } else {
        atomic_store_explicit(&w->over_ticks, 0, memory_order_relaxed);
    }
    w->last_turn_seq = turn;
    w->last_visit_seq = visit;
}

/* What is ready at a worker becomes work from outside, which busy workers look
 * for too. Under the sleep lock, so that who decides that all is done does not
 * find it nowhere (W3). */
static void release_queue(struct akt_worker *w)
{
    struct akt_node *node = w->node;
    pthread_mutex_lock(&node->sleep_lock);
    akt_sched_move(w, &node->outside);
    akt_sched_wake_one_locked(node);
    pthread_mutex_unlock(&node->sleep_lock);
}

/* A turn that is preempted lets its worker look into its loop and its queue;
 * one that stays in C does not. */
static void stand_in(struct akt_worker *w)
{
    struct akt_remote *r = w->node->remote;
    /* relaxed: written by this thread */
    bool stuck = atomic_load_explicit(&w->stuck, memory_order_relaxed);
    w->stuck_ticks = stuck ? w->stuck_ticks + 1 : 0;
    if (w->stuck_ticks < STUCK_TICKS)
        return;
    if (r)
        r->stand_in(r, w);
    if (w->node->workers_len > 1 && akt_sched_has_own(w))
        release_queue(w);
}

/* What a worker made ready last has waited if it was there at the last look. */
static bool has_waited(struct akt_worker *w)
{
    bool next = atomic_load_explicit(&w->stuck, memory_order_relaxed) &&
                atomic_load_explicit(&w->next, memory_order_relaxed);
    bool waited = next && w->had_next;
    w->had_next = next;
    return waited || akt_sched_wants_help(w, akt_node_now(w->node));
}

void akt_sched_measure_memory(struct akt_node *node)
{
    uint64_t used = (uint64_t)akt_alloc_total();
    uint64_t budget = node->config.memory_bytes;
    uint8_t pressure = used >= budget ? 2 : used >= budget / 10 * 9 ? 1 : 0;
    /* relaxed: spawns and sends see it soon */
    atomic_store_explicit(&node->pressure, pressure, memory_order_relaxed);
}

void akt_sched_set_tick(struct akt_node *node, uint64_t now_ns)
{
    uint64_t tick = (now_ns - node->started_ns) / AKT_TICK_NS;
    /* relaxed: a figure; a little late is fine */
    atomic_store_explicit(&node->tick, (uint32_t)tick, memory_order_relaxed);
}

static void tick(struct akt_node *node, uint32_t n, uint64_t *last_ns)
{
    uint64_t now_ns = akt_node_now(node);
    uint32_t us = (uint32_t)((now_ns - *last_ns) / 1000);
    *last_ns = now_ns;
    akt_sched_set_tick(node, now_ns);
    bool waited = false;
    for (uint32_t i = 0; i < node->workers_len; i++) {
        look_at(&node->workers[i], us);
        stand_in(&node->workers[i]);
        waited |= has_waited(&node->workers[i]);
    }
    measure_homes(node, us);
    measure_work(node, us);
    uint64_t next =
        atomic_load_explicit(&node->next_alarm_ns, memory_order_relaxed);
    if (next && next + AKT_TICK_NS <= akt_node_now(node))
        akt_alarm_fire(node, akt_node_now(node));
    if (waited || akt_queue_len(&node->outside))
        akt_sched_wake_one(node);
    if (n % MEMORY_TICKS == 0)
        akt_sched_measure_memory(node);
    if (akt_is_profiled(node))
        akt_profile_tick(node);
    akt_watchdog_tick(node);
    akt_stream_tick(node);
}

static void *ticker_main(void *arg)
{
    struct akt_node *node = arg;
    uint32_t n = 0, idle = 0;
    uint64_t last_ns = akt_node_now(node);
    /* also while workers are leaving: a turn without end must be preempted */
    while (!atomic_load_explicit(&node->ticker_done, memory_order_relaxed)) {
        akt_node_check_exit(node);
        bool asleep =
            atomic_load_explicit(&node->sleepers, memory_order_relaxed) ==
            node->workers_len;
        idle = asleep ? idle + 1 : 0;
        bool exiting =
            atomic_load_explicit(&node->exiting, memory_order_relaxed);
        if (idle > PARK_TICKS && !exiting) {
            park(node);
            last_ns = akt_node_now(node);
        } else {
            wait_tick(node);
        }
        tick(node, ++n, &last_ns);
    }
    return NULL;
}

void akt_ticker_start(struct akt_node *node)
{
    akt_sched_measure_memory(node);
    pthread_create(&node->ticker, NULL, ticker_main, node);
}

void akt_ticker_stop(struct akt_node *node)
{
    /* relaxed: seen a tick later at most, and the semaphore wakes it */
    atomic_store_explicit(&node->ticker_done, true, memory_order_relaxed);
    akt_sched_poke_ticker(node);
    pthread_join(node->ticker, NULL);
}
