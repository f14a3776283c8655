/* SPDX-License-Identifier: MIT */
#include "vm/sched.h"

#include <assert.h>
#include <sched.h>
#include <time.h>
#include <string.h>
#include <unistd.h>

#include "vm/node.h"
#include "vm/ready.h"
#include "vm/replay.h"
#include "vm/remote.h"
#include "vm/sched_impl.h"
#include "vm/stream.h"
#include "vm/sim.h"

#define SIM_MEMORY_VISITS 16 /* between two looks at the memory in use */
#define SIM_CLOCK_VISITS 16  /* ... at the processor time used */
#define SPIN_NS 10000        /* looking at the queues before going to sleep */
#define PAUSES 8             /* between two looks */

static _Thread_local struct akt_worker *self;

struct akt_worker *akt_worker_self(void)
{
    return self;
}

void akt_worker_set_self(struct akt_worker *w)
{
    self = w;
}

/* ---- queues ---- */

void akt_queue_init(struct akt_queue *q)
{
    memset(q, 0, sizeof *q);
    pthread_mutex_init(&q->lock, NULL);
}

void akt_queue_fini(struct akt_queue *q)
{
    pthread_mutex_destroy(&q->lock);
}

static void set_len(struct akt_queue *q, int delta)
{
    /* relaxed: written under the lock; others only look whether to try */
    uint32_t len = atomic_load_explicit(&q->len, memory_order_relaxed);
    atomic_store_explicit(&q->len, len + (uint32_t)delta, memory_order_relaxed);
}

uint32_t akt_queue_len(const struct akt_queue *q)
{
    return atomic_load_explicit(&q->len, memory_order_relaxed);
}

static void add_high(struct akt_queue *q, enum akt_rank rank, int delta)
{
    if (rank != AKT_RANK_HIGH)
        return;
    /* relaxed: like `len` */
    uint32_t high = atomic_load_explicit(&q->high, memory_order_relaxed);
    atomic_store_explicit(&q->high, high + (uint32_t)delta,
                          memory_order_relaxed);
}

/* Behind `prev`, or in front. */
static void link_behind(struct akt_queue *q, struct akt_isolate *prev,
                        struct akt_isolate *iso, enum akt_rank rank)
{
    struct akt_isolate **next = prev ? &prev->queue_next : &q->first[rank];
    iso->queue = q;
    iso->queue_prev = prev;
    iso->queue_next = *next;
    if (*next)
        (*next)->queue_prev = iso;
    else
        q->last[rank] = iso;
    *next = iso;
    /* relaxed: a hint for akt_sched_promote, which looks under the lock */
    atomic_store_explicit(&iso->rank, (uint8_t)rank, memory_order_relaxed);
    set_len(q, 1);
    add_high(q, rank, 1);
}

static void link_last(struct akt_queue *q, struct akt_isolate *iso,
                      enum akt_rank rank)
{
    iso->queued_ns = iso->simulated ? 0 : akt_world_mono_ns(iso->node->world);
    link_behind(q, q->last[rank], iso, rank);
}

static enum akt_rank rank_of(const struct akt_isolate *iso)
{
    /* relaxed: under the lock of its queue, or as a hint */
    return (enum akt_rank)atomic_load_explicit(&iso->rank,
                                               memory_order_relaxed);
}

static void unlink_isolate(struct akt_queue *q, struct akt_isolate *iso)
{
    enum akt_rank rank = rank_of(iso);
    if (iso->queue_prev)
        iso->queue_prev->queue_next = iso->queue_next;
    else
        q->first[rank] = iso->queue_next;
    if (iso->queue_next)
        iso->queue_next->queue_prev = iso->queue_prev;
    else
        q->last[rank] = iso->queue_prev;
    atomic_store_explicit(&iso->queue, NULL, memory_order_relaxed);
    atomic_store_explicit(&iso->rank, 0, memory_order_relaxed);
    set_len(q, -1);
    add_high(q, rank, -1);
}

void akt_queue_push(struct akt_queue *q, struct akt_isolate *iso,
                    enum akt_rank rank)
{
    pthread_mutex_lock(&q->lock);
    link_last(q, iso, rank);
    pthread_mutex_unlock(&q->lock);
}

struct akt_isolate *akt_queue_pop(struct akt_queue *q, enum akt_rank *rank)
{
    if (akt_queue_len(q) == 0)
        return NULL;
    pthread_mutex_lock(&q->lock);
    struct akt_isolate *iso = q->first[*rank];
    for (int i = 0; i < AKT_RANKS && !iso; i++)
        iso = q->first[i];
    if (iso) {
        *rank = rank_of(iso);
        unlink_isolate(q, iso);
    }
    pthread_mutex_unlock(&q->lock);
    return iso;
}

struct akt_isolate *akt_queue_pop_from(struct akt_queue *q, enum akt_rank rank)
{
    return akt_queue_pop(q, &rank);
}

void akt_queue_remove(struct akt_queue *q, struct akt_isolate *iso)
{
    pthread_mutex_lock(&q->lock);
    unlink_isolate(q, iso);
    pthread_mutex_unlock(&q->lock);
}

void akt_sched_promote(struct akt_isolate *iso, enum akt_rank rank)
{
    /* acquire is not needed: whatever is found is looked at again under the
     * lock of that queue */
    struct akt_queue *q =
        atomic_load_explicit(&iso->queue, memory_order_relaxed);
    if (!q)
        return;
    pthread_mutex_lock(&q->lock);
    if (atomic_load_explicit(&iso->queue, memory_order_relaxed) == q &&
        rank_of(iso) > rank) {
        unlink_isolate(q, iso);
        link_last(q, iso, rank);
    }
    pthread_mutex_unlock(&q->lock);
}

bool akt_queue_hasten(struct akt_queue *q, struct akt_isolate *iso)
{
    /* relaxed: as in akt_sched_promote */
    if (atomic_load_explicit(&iso->queue, memory_order_relaxed) != q)
        return false;
    pthread_mutex_lock(&q->lock);
    bool here = atomic_load_explicit(&iso->queue, memory_order_relaxed) == q;
    if (here && iso->queue_prev) {
        enum akt_rank rank = rank_of(iso);
        unlink_isolate(q, iso);
        link_behind(q, NULL, iso, rank);
    }
    pthread_mutex_unlock(&q->lock);
    return here;
}

/* ---- waking ---- */

/* Under the sleep lock. */
static bool notify(struct akt_worker *w)
{
    if (!w->sleeping || w->notified)
        return false;
    w->notified = true;
    uv_async_send(&w->wakeup);
    return true;
}

void akt_sched_wake_one_locked(struct akt_node *node)
{
    for (uint32_t i = 0; i < node->workers_len; i++)
        if (notify(&node->workers[i]))
            return;
}

/* W2, of what was put on the queue of this worker. */
void akt_sched_wake(struct akt_worker *w)
{
    struct akt_node *node = w->node;
    /* acq_rel: as in akt_sched_wake_one */
    if (!atomic_fetch_add_explicit(&node->sleepers, 0, memory_order_acq_rel))
        return;
    pthread_mutex_lock(&node->sleep_lock);
    notify(w);
    pthread_mutex_unlock(&node->sleep_lock);
}

void akt_sched_wake_one(struct akt_node *node)
{
    /* acq_rel, and a read-modify-write so that it has a place in the order of
     * all changes of the counter (W2): a sleeper that counts itself behind it
     * sees what was done before it (the release goes on through the chain of
     * read-modify-writes), one that did so in front of it is seen here */
    if (!atomic_fetch_add_explicit(&node->sleepers, 0, memory_order_acq_rel))
        return;
    pthread_mutex_lock(&node->sleep_lock);
    akt_sched_wake_one_locked(node);
    pthread_mutex_unlock(&node->sleep_lock);
}

static void queue_outside(struct akt_node *node, struct akt_isolate *iso,
                          enum akt_rank rank)
{
    akt_queue_push(&node->outside, iso, rank);
    akt_sched_wake_one(node);
}

void akt_sched_queue(struct akt_isolate *iso)
{
    akt_sched_queue_as(iso, AKT_RANK_NORMAL);
}

/* Of normal rank: it becomes this worker's next; what was goes on its queue. */
void akt_sched_queue_as(struct akt_isolate *iso, enum akt_rank rank)
{
    struct akt_worker *w = self;
    if (!w || w->node != iso->node) {
        queue_outside(iso->node, iso, rank);
        return;
    }
    if (rank != AKT_RANK_NORMAL) {
        akt_queue_push(&w->queue, iso, rank);
        return;
    }
    /* Only this worker puts something here, so an empty place stays empty.
     * release: pairs with the exchange of a thief, which sees the isolate as
     * it was left. */
    if (!atomic_load_explicit(&w->next, memory_order_relaxed)) {
        atomic_store_explicit(&w->next, iso, memory_order_release);
        return;
    }
    struct akt_isolate *old =
        atomic_exchange_explicit(&w->next, iso, memory_order_acq_rel);
    if (old)
        akt_queue_push(&w->queue, old, AKT_RANK_NORMAL);
}

/* ---- a visit ---- */

static void count_visit(struct akt_worker *w)
{
    /* relaxed: the ticker compares two looks */
    atomic_store_explicit(
        &w->visit_seq,
        atomic_load_explicit(&w->visit_seq, memory_order_relaxed) + 1,
        memory_order_relaxed);
}

/* The processor time of the calling thread; simulated: the time. */
static uint64_t cpu_ns(struct akt_node *node)
{
    struct timespec ts;
    if (node->world->simulated)
        return node->world->now_ns;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &ts);
    return (uint64_t)ts.tv_sec * 1000000000u + (uint64_t)ts.tv_nsec;
}

static bool park_over_share(struct akt_isolate *iso)
{
    struct akt_node *node = iso->node;
    uint64_t until_ns = akt_share_wait(&iso->share, akt_node_now(node));
    /* relaxed: the end of the program waits for nobody's share */
    if (!until_ns || atomic_load_explicit(&node->exiting, memory_order_relaxed))
        return false;
    akt_alarm_set(iso, until_ns, true); /* it has work left */
    /* release: pairs with the exchange in ring; whoever queues it then sees
     * all this. An alarm that rings before finds it taken, and rings again */
    atomic_store_explicit(&iso->parked, true, memory_order_release);
    return true;
}

/* acquire: pairs with the release in akt_isolate_limit */
static bool is_limited(struct akt_isolate *iso)
{
    return atomic_load_explicit(&iso->limited, memory_order_acquire);
}

bool akt_sched_park(struct akt_isolate *iso)
{
    return is_limited(iso) && park_over_share(iso);
}

static bool visit_isolate(struct akt_isolate *iso, bool limited)
{
    if (!limited)
        return akt_isolate_visit(iso);
    uint64_t before = cpu_ns(iso->node);
    bool more = akt_isolate_visit(iso);
    akt_share_spend(&iso->share, cpu_ns(iso->node) - before);
    return more;
}

void akt_worker_visit(struct akt_worker *w, struct akt_isolate *iso)
{
    bool limited = is_limited(iso);
    if (limited && park_over_share(iso))
        return;
    iso->worker = w;
    /* release: pairs with the acquire in account_visit (vm/ticker.c), which
     * sees the isolate as it was made */
    atomic_store_explicit(&w->isolate, iso, memory_order_release);
    count_visit(w);
    atomic_store_explicit(&w->yield, false, memory_order_relaxed);
    bool more = visit_isolate(iso, limited);
    if (w->unsent)
        w->node->remote->flush(w->node->remote, w);
    count_visit(w);
    akt_count(&w->stats.visits);
    akt_count_by(&w->stats.turns,
                 akt_visit_turns(w->node) + iso->turns_more - iso->turns_left);
    if (more) {
        akt_queue_push(&w->queue, iso, akt_ready_rank(iso));
        return;
    }
    akt_alarm_set(iso, akt_pending_nearest(iso), akt_pending_keeps(iso));
    if (!akt_inbox_try_idle(&iso->inbox))
        akt_queue_push(&w->queue, iso, AKT_RANK_NORMAL);
}

/* ---- sleeping ---- */

bool akt_sched_has_own(struct akt_worker *w)
{
    return atomic_load_explicit(&w->next, memory_order_relaxed) ||
           akt_queue_len(&w->queue);
}

static bool has_work(struct akt_worker *w)
{
    if (akt_sched_has_own(w) || akt_queue_len(&w->node->outside))
        return true;
    return atomic_load_explicit(&w->node->stopping, memory_order_relaxed);
}

/* libuv runs due timers before it polls, and would then poll for ever. */
static void on_timer(uv_timer_t *timer)
{
    uv_stop(timer->loop);
}

static void on_wakeup(uv_async_t *async)
{
    akt_worker_run_calls(async->data, false);
}

static void arm_timer(struct akt_worker *w, uint64_t deadline_ns)
{
    if (!deadline_ns)
        return;
    uint64_t now_ns = akt_node_now(w->node);
    uint64_t wait_ns = deadline_ns > now_ns ? deadline_ns - now_ns : 0;
    uv_update_time(&w->loop);
    uv_timer_start(&w->timer, on_timer, (wait_ns + 999999) / 1000000, 0);
}

static void sleep_in_loop(struct akt_worker *w, uint64_t deadline_ns)
{
    arm_timer(w, deadline_ns);
    akt_count(&w->stats.sleeps);
    uint64_t since_ns = akt_node_now(w->node);
    /* relaxed: figures for people */
    atomic_store_explicit(&w->stats.asleep_since_ns, since_ns,
                          memory_order_relaxed);
    uv_run(&w->loop, UV_RUN_ONCE);
    akt_count_by(&w->stats.asleep_ns, akt_node_now(w->node) - since_ns);
    atomic_store_explicit(&w->stats.asleep_since_ns, 0, memory_order_relaxed);
    uv_timer_stop(&w->timer);
}

bool akt_sched_is_queued_any(struct akt_node *node)
{
    for (uint32_t i = 0; i < node->workers_len; i++) {
        struct akt_worker *w = &node->workers[i];
        /* relaxed: a sleeper that found work in its loop did so before it
         * lowered the outside counter, which the caller has acquired */
        if (akt_sched_has_own(w))
            return true;
    }
    return false;
}

/* Under the sleep lock: this worker is no sleeper any more. */
static void leave_sleepers(struct akt_worker *w)
{
    struct akt_node *node = w->node;
    w->sleeping = false;
    /* acq_rel: either the ticker's look at the sleepers sees this, or this
     * sees that the ticker is parked */
    atomic_fetch_sub_explicit(&node->sleepers, 1, memory_order_acq_rel);
    if (atomic_load_explicit(&node->ticker_parked, memory_order_relaxed))
        akt_sched_poke_ticker(node);
}

/* True: the worker has counted itself among the sleepers. */
static bool go_to_sleep(struct akt_worker *w)
{
    struct akt_node *node = w->node;
    pthread_mutex_lock(&node->sleep_lock);
    w->sleeping = true;
    w->notified = false;
    /* acq_rel: pairs with the one in akt_sched_wake_one (W2) */
    uint32_t n =
        1 + atomic_fetch_add_explicit(&node->sleepers, 1, memory_order_acq_rel);
    bool stay_awake = has_work(w);
    if (!stay_awake && n == node->workers_len)
        stay_awake = akt_node_all_asleep(node);
    if (stay_awake)
        leave_sleepers(w);
    pthread_mutex_unlock(&node->sleep_lock);
    return !stay_awake;
}

static void wake_up(struct akt_worker *w)
{
    struct akt_node *node = w->node;
    /* the ticker may have been parked, and the time it last said be old */
    akt_sched_set_tick(node, akt_node_now(node));
    pthread_mutex_lock(&node->sleep_lock);
    leave_sleepers(w);
    pthread_mutex_unlock(&node->sleep_lock);
}

static struct akt_isolate *spin(struct akt_worker *w)
{
    uint64_t since_ns = akt_node_now(w->node), spun_ns;
    do {
        w->may_steal_soon = false;
        struct akt_isolate *iso = akt_sched_pick(w);
        if (iso)
            return iso;
        for (int i = 0; i < PAUSES; i++)
            __builtin_ia32_pause();
        spun_ns = akt_node_now(w->node) - since_ns;
    } while (spun_ns < w->spin_ns ||
             (w->may_steal_soon && spun_ns < SPIN_MAX_NS));
    w->spin_ns = SPIN_NS;
    return NULL;
}

static uint64_t read_clock(struct akt_worker *w)
{
    uint64_t now_ns = akt_node_now(w->node);
    w->now_ms = (uint32_t)((now_ns - w->node->started_ns) / 1000000);
    return now_ns;
}

/* Sockets, jobs and due alarms get a look once a tick while work goes on. */
static void poll_if_due(struct akt_worker *w)
{
    uint32_t tick = atomic_load_explicit(&w->node->tick, memory_order_relaxed);
    if (tick == w->seen_tick)
        return;
    w->seen_tick = tick;
    uv_run(&w->loop, UV_RUN_NOWAIT);
    akt_alarm_fire(w->node, read_clock(w));
}

/* Alarms are fired only by a worker that is no sleeper: when an alarm is off
 * the heap and its isolate on no queue yet, the last one to go to sleep must
 * not think that all is done (W3). */
static void rest(struct akt_worker *w)
{
    uint64_t deadline_ns = akt_alarm_fire(w->node, akt_node_now(w->node));
    w->polls = false;
    if (!has_work(w) && go_to_sleep(w)) {
        sleep_in_loop(w, deadline_ns);
        wake_up(w);
        akt_alarm_fire(w->node, read_clock(w));
    }
}

static void work(struct akt_worker *w)
{
    struct akt_node *node = w->node;
    while (!atomic_load_explicit(&node->stopping, memory_order_relaxed)) {
        akt_sched_hand_over(w);
        struct akt_isolate *iso = akt_sched_pick(w);
        if (!iso)
            iso = w->polls ? NULL : spin(w); /* news comes by the loop */
        if (iso) {
            akt_worker_visit(w, iso);
            akt_sched_ease(w);
            poll_if_due(w);
        } else {
            rest(w);
        }
    }
}

/* ---- threads ---- */

void akt_worker_init(struct akt_worker *w, struct akt_node *node,
                     uint32_t index)
{
    w->node = node;
    w->index = index;
    akt_queue_init(&w->queue);
    if (node->world->simulated)
        return; /* it sleeps in no loop, and thousands of nodes come and go */
    uv_loop_init(&w->loop);
    uv_async_init(&w->loop, &w->wakeup, on_wakeup);
    w->wakeup.data = w;
    pthread_mutex_init(&w->calls_lock, NULL);
    uv_timer_init(&w->loop, &w->timer);
}

static void close_handle(uv_handle_t *handle, void *arg)
{
    (void)arg;
    if (!uv_is_closing(handle))
        uv_close(handle, NULL);
}

void akt_worker_fini(struct akt_worker *w)
{
    akt_queue_fini(&w->queue);
    if (w->node->world->simulated)
        return;
    akt_worker_run_calls(w, true);
    pthread_mutex_destroy(&w->calls_lock);
    uv_walk(&w->loop, close_handle, NULL);
    uv_run(&w->loop, UV_RUN_DEFAULT);
    uv_loop_close(&w->loop);
}

static void *worker_main(void *arg)
{
    clockid_t clock = CLOCK_THREAD_CPUTIME_ID;
    self = arg;
    pthread_getcpuclockid(pthread_self(), &clock);
    /* relaxed: for the ticker, which looks at turns that take long */
    atomic_store_explicit(&self->cpu_clock, (int)clock, memory_order_relaxed);
    work(self);
    akt_msg_pool_release();
    self = NULL;
    return NULL;
}

void akt_sched_run(struct akt_node *node)
{
    for (uint32_t i = 1; i < node->workers_len; i++)
        pthread_create(&node->workers[i].thread, NULL, worker_main,
                       &node->workers[i]);
    node->workers[0].thread = pthread_self();
    akt_ticker_start(node); /* behind these, since it uses `thread` */
    worker_main(&node->workers[0]);
    for (uint32_t i = 1; i < node->workers_len; i++)
        pthread_join(node->workers[i].thread, NULL);
    akt_ticker_stop(node);
}

void akt_sched_stop(struct akt_node *node)
{
    atomic_store_explicit(&node->stopping, true, memory_order_seq_cst);
    pthread_mutex_lock(&node->sleep_lock);
    for (uint32_t i = 0; i < node->workers_len && !node->world->simulated; i++)
        uv_async_send(&node->workers[i].wakeup);
    pthread_mutex_unlock(&node->sleep_lock);
}

/* ---- simulation ---- */

/* One list: the choice is the seed's. */
static void mix_ranks(struct akt_queue *q, enum akt_rank rank)
{
    struct akt_isolate *iso;
    while ((iso = q->first[rank])) {
        unlink_isolate(q, iso);
        link_last(q, iso, AKT_RANK_NORMAL);
    }
}

void akt_sched_gather(struct akt_worker *w)
{
    struct akt_isolate *iso, *next = akt_sched_take_next(w);
    if (next)
        akt_queue_push(&w->queue, next, AKT_RANK_NORMAL);
    while ((iso = akt_queue_pop_from(&w->node->outside, AKT_RANK_HIGH)))
        akt_queue_push(&w->queue, iso, AKT_RANK_NORMAL);
    struct akt_queue *q = &w->queue;
    mix_ranks(q, AKT_RANK_HIGH);
    mix_ranks(q, AKT_RANK_LOW);
}

/* What comes from outside is not simulated. */
static void wait_for_outside(void)
{
    usleep(100);
}

static bool any_is_held(const struct akt_world *world)
{
    bool held = false;
    for (struct akt_node *n = world->nodes; n; n = n->world_next)
        /* acquire: pairs with the release in akt_node_release */
        held |= atomic_load_explicit(&n->external, memory_order_acquire) > 0;
    return held;
}

/* The first end that must not wait any more, or `next`. */
static uint64_t cut_ns(const struct akt_world *world, uint64_t next)
{
    for (struct akt_node *n = world->nodes; n; n = n->world_next) {
        /* relaxed: there is one thread */
        uint64_t at =
            atomic_load_explicit(&n->exit_deadline_ns, memory_order_relaxed);
        if (at && (!next || next > at) &&
            !atomic_load_explicit(&n->stopping, memory_order_relaxed))
            next = at + 1; /* something hangs in the end */
    }
    return next;
}

static void check_exits(struct akt_world *world)
{
    for (struct akt_node *n = world->nodes; n; n = n->world_next)
        akt_node_check_exit(n);
}

/* Nothing can run: time passes, or the end begins. */
static void pass_time(struct akt_node *node)
{
    struct akt_world *world = node->world;
    uint64_t next = 0;
    if (node->on_idle && node->on_idle(node))
        return;
    if (akt_sim_waits(world))
        next = akt_sim_next_ns(world);
    else if (!any_is_held(world) && akt_node_all_asleep(node))
        return;
    next = cut_ns(world, next);
    if (next)
        akt_sim_quiet(world, next);
    else
        wait_for_outside();
    check_exits(world);
}

/* When a run must be over, 0: never. */
static uint64_t cpu_limit_ns(const struct akt_config *c)
{
    if (!c->max_cpu_ms)
        return 0;
    return akt_world_cpu_ns() + c->max_cpu_ms * 1000000ull;
}

/* Of all nodes; a turn that was preempted is a long one. */
static uint64_t turns_of(const struct akt_world *world)
{
    uint64_t turns = 0;
    for (const struct akt_node *n = world->nodes; n; n = n->world_next) {
        const struct akt_worker_stats *s = &n->workers[0].stats;
        turns += atomic_load_explicit(&s->turns, memory_order_relaxed) +
                 atomic_load_explicit(&s->preempts, memory_order_relaxed) *
                     (AKT_SIM_LONG_TURN - 1);
    }
    return turns;
}

/* What goes on for ever ends here. */
static void check_limits(struct akt_node *node, uint32_t visits,
                         uint64_t limit_ns)
{
    uint64_t turns = turns_of(node->world);
    if (visits > turns) /* timers go off, and nobody takes their messages */
        turns = visits;
    bool over = node->config.max_turns && turns >= node->config.max_turns;
    if (limit_ns && visits % SIM_CLOCK_VISITS == 0)
        over = over || akt_world_cpu_ns() > limit_ns;
    if (!over)
        return;
    if (node->on_late)
        node->on_late(node);
    akt_node_exit(node, 1);
    akt_sched_stop(node);
}

static void run_replay(struct akt_worker *w)
{
    struct akt_node *node = w->node;
    self = w;
    while (!atomic_load_explicit(&node->stopping, memory_order_relaxed)) {
        if (!akt_replay_step(w))
            break;
        akt_sched_set_tick(node, read_clock(w));
        if (node->on_step && !node->on_step(node))
            break;
    }
    akt_msg_pool_release();
    self = NULL;
}

static void visit_simulated(struct akt_isolate *iso)
{
    struct akt_node *node = iso->node;
    self = &node->workers[0];
    akt_sched_set_tick(node, read_clock(self));
    akt_worker_visit(self, iso);
    akt_node_check_exit(node);
    akt_stream_tick(node);
}

void akt_sched_run_simulated(struct akt_node *node)
{
    struct akt_world *world = node->world;
    if (world->replay) {
        run_replay(&node->workers[0]);
        return;
    }
    uint64_t limit_ns = cpu_limit_ns(&node->config);
    uint32_t visits = 0;
    self = &node->workers[0];
    while (!atomic_load_explicit(&node->stopping, memory_order_relaxed)) {
        struct akt_isolate *iso = akt_sim_pick(world);
        if (!iso) {
            pass_time(node);
            continue;
        }
        visit_simulated(iso);
        check_limits(node, visits, limit_ns);
        /* long turns take time (lua/preempt.c), so alarms may be due */
        akt_alarm_fire(iso->node, world->now_ns);
        if (++visits % SIM_MEMORY_VISITS == 0)
            akt_sched_measure_memory(iso->node);
    }
    akt_msg_pool_release();
    self = NULL;
}
