/* SPDX-License-Identifier: MIT */
#include "vm/sim.h"

#include "vm/events.h"
#include "vm/inject.h"
#include "vm/node.h"
#include "vm/sched_impl.h"

#define CANDIDATES 256

/* In the plain order. `actor` NULL: arrivals of `iso`; both NULL: the clock. */
struct candidates {
    uint64_t who[CANDIDATES + 1]; /* one more: the clock */
    struct akt_isolate *iso[CANDIDATES + 1];
    struct akt_actor *actor[CANDIDATES + 1];
    uint32_t n;
};

/* ---- nodes ---- */

static bool runs(const struct akt_node *node)
{
    /* relaxed: there is one thread */
    return !node->paused &&
           !atomic_load_explicit(&node->stopping, memory_order_relaxed);
}

static struct akt_node *running_from(struct akt_node *node)
{
    while (node && !runs(node))
        node = node->world_next;
    return node;
}

#define EACH_RUNNING(node, world)                       \
    struct akt_node *node = running_from(world->nodes); \
    node;                                               \
    node = running_from(node->world_next)

static bool is_shared(const struct akt_world *w)
{
    return w->nodes->world_next != NULL;
}

void akt_sim_pause(struct akt_node *node, bool pause)
{
    node->paused = pause;
}

/* ---- time ---- */

uint64_t akt_sim_next_ns(const struct akt_world *world)
{
    uint64_t next = akt_world_next_ns(world);
    for (EACH_RUNNING(node, world)) {
        /* relaxed: there is one thread */
        uint64_t alarm =
            atomic_load_explicit(&node->next_alarm_ns, memory_order_relaxed);
        next = !next || (alarm && alarm < next) ? alarm : next;
    }
    return next;
}

/* Where there are several nodes, what happens comes from outside for the one
 * it is for; and whoever ran last may be gone behind it. */
static void fire(struct akt_world *w)
{
    if (is_shared(w))
        akt_worker_set_self(NULL);
    akt_world_fire(w);
    for (EACH_RUNNING(node, w))
        akt_alarm_fire(node, w->now_ns);
}

static void pass(struct akt_world *w, uint64_t then_ns)
{
    if (then_ns > w->now_ns)
        w->now_ns = then_ns;
    for (EACH_RUNNING(node, w))
        akt_sched_set_tick(node, w->now_ns);
    fire(w);
}

void akt_sim_quiet(struct akt_world *w, uint64_t then_ns)
{
    pass(w, then_ns);
    w->busy_ns = w->now_ns;
}

bool akt_sim_waits(const struct akt_world *w)
{
    for (EACH_RUNNING(node, w))
        if (akt_alarm_any(node))
            return true;
    return akt_world_next_ns(w) &&
           (w->now_ns - w->instant_ns < AKT_SIM_IDLE_NS ||
            !akt_world_is_idle(w));
}

/* A turn begins. */
static void count_turn(struct akt_world *w)
{
    if (w->instant_ns != w->now_ns) {
        w->instant_ns = w->now_ns;
        w->instant_turns = 0;
    }
    if (++w->instant_turns > AKT_SIM_INSTANT)
        pass(w, w->now_ns + AKT_SIM_CREEP_NS);
}

/* ---- who could run ---- */

static void add(struct candidates *c, uint64_t who, struct akt_isolate *iso,
                struct akt_actor *a)
{
    if (c->n == CANDIDATES)
        return;
    c->who[c->n] = who;
    c->iso[c->n] = iso;
    c->actor[c->n++] = a;
}

static bool has_arrivals(struct akt_isolate *iso)
{
    uint64_t due = akt_pending_nearest(iso);
    if (due && due <= iso->node->world->now_ns)
        return true;
    /* without work it is visited to go idle */
    return akt_inbox_has(&iso->inbox) || !akt_isolate_has_work(iso);
}

static void add_arrivals(struct candidates *c, struct akt_isolate *iso)
{
    for (; iso; iso = iso->queue_next)
        if (has_arrivals(iso))
            add(c, akt_node_who(iso->node, AKT_WHO_ARRIVALS(iso->index)), iso,
                NULL);
}

static uint64_t classes_of(const struct akt_isolate *iso)
{
    return akt_node_who(iso->node, AKT_WHO_CLASSES(iso->index));
}

static void add_classes(struct candidates *c, struct akt_isolate *iso)
{
    for (; iso; iso = iso->queue_next)
        if (iso->classed)
            add(c, classes_of(iso), iso, NULL);
}

static void add_actors(struct candidates *c, struct akt_isolate *iso,
                       bool preempted)
{
    struct akt_actor *list[AKT_SIM_WINDOW];
    for (; iso; iso = iso->queue_next) {
        if (iso->classed) /* it chooses: vm/ready.h */
            continue;
        uint32_t n =
            akt_isolate_ready_list(iso, preempted, list, AKT_SIM_WINDOW);
        for (uint32_t i = 0; i < n; i++)
            if (!iso->node->faults || !akt_inject_holds(iso->node, list[i]))
                add(c, akt_node_who(iso->node, list[i]->self.bits), iso,
                    list[i]);
    }
}

static void swap(struct candidates *c, uint32_t i, uint32_t j)
{
    uint64_t who = c->who[i];
    struct akt_isolate *iso = c->iso[i];
    struct akt_actor *a = c->actor[i];
    c->who[i] = c->who[j];
    c->iso[i] = c->iso[j];
    c->actor[i] = c->actor[j];
    c->who[j] = who;
    c->iso[j] = iso;
    c->actor[j] = a;
}

/* The one that ran last goes on with its batch. */
static void last_first(struct candidates *c, const struct akt_world *w,
                       uint32_t from)
{
    if (w->row >= AKT_BATCH)
        return;
    for (uint32_t i = from; i < c->n; i++) {
        if (c->who[i] != w->last)
            continue;
        for (; i > from; i--) /* the others keep their order */
            swap(c, i, i - 1);
        return;
    }
}

static void add_clock(struct candidates *c, const struct akt_world *w)
{
    uint64_t next = akt_sim_next_ns(w);
    uint64_t late_ns = w->schedule.plan.late_ms * 1000000ull;
    bool may = next && next > w->now_ns && next - w->busy_ns <= late_ns;
    if (!may || c->n == 0)
        return;
    c->who[c->n] = AKT_WHO_CLOCK;
    c->iso[c->n] = NULL;
    c->actor[c->n++] = NULL;
}

static void park_over_share(struct akt_worker *w)
{
    struct akt_isolate *next, *iso = w->queue.first[AKT_RANK_NORMAL];
    for (; iso; iso = next) {
        next = iso->queue_next;
        if (akt_sched_park(iso))
            akt_queue_remove(&w->queue, iso);
    }
}

static struct akt_isolate *first_of(const struct akt_node *node)
{
    return node->workers[0].queue.first[AKT_RANK_NORMAL];
}

static void gather(struct akt_world *world, struct candidates *c)
{
    c->n = 0;
    for (EACH_RUNNING(node, world)) {
        akt_sched_gather(&node->workers[0]);
        park_over_share(&node->workers[0]);
        add_arrivals(c, first_of(node));
    }
    uint32_t actors = c->n;
    for (EACH_RUNNING(node, world))
        add_actors(c, first_of(node), false);
    last_first(c, world, actors);
    for (EACH_RUNNING(node, world))
        add_actors(c, first_of(node), true);
    for (EACH_RUNNING(node, world))
        add_classes(c, first_of(node));
    add_clock(c, world);
}

/* ---- the choice ---- */

static void begin_slice(struct akt_world *w, uint32_t slice)
{
    bool calls = slice & AKT_SLICE_CALLS;
    w->slice = w->slice_left = calls ? AKT_SLICE : slice;
    w->slice_calls = calls ? slice & ~AKT_SLICE_CALLS : 0;
}

static void choose_actor(struct akt_isolate *iso, struct akt_actor *a)
{
    struct akt_node *node = iso->node;
    struct akt_world *world = node->world;
    uint64_t who = akt_node_who(node, a->self.bits);
    world->row = world->last == who ? world->row + 1 : 0;
    world->last = who;
    akt_queue_remove(&node->workers[0].queue, iso);
    akt_isolate_offer(iso, a);
    if (node->faults)
        akt_inject_runs(node, a);
    count_turn(world);
}

/* Whom the news that wait are for, the first ones; 0: nobody. */
static uint64_t news_for(struct akt_isolate *iso, const struct akt_actor *a)
{
    const struct akt_msg *m = iso && !a ? akt_inbox_oldest(&iso->inbox) : NULL;
    return m ? m->target.bits : 0;
}

static void add_mark(struct akt_world *w, const struct candidates *c,
                     struct akt_pick p)
{
    const struct akt_sim_schedule *s = &w->schedule;
    struct akt_marks *marks = s->plan.marks;
    bool is_plain = s->by_hold || (!p.index && p.slice == AKT_SLICE);
    if (!marks || marks->len == AKT_MARKS || (is_plain && !s->began))
        return;
    uint64_t instead = s->began ? s->began->who : c->who[0];
    bool is_first = instead == c->who[0];
    struct akt_isolate *iso = c->iso[p.index];
    const struct akt_node *marked = iso ? iso->node : w->nodes;
    marks->list[marks->len++] = (struct akt_mark){
        .who = c->who[p.index],
        .instead = instead,
        .who_for = news_for(c->iso[p.index], c->actor[p.index]),
        .instead_for = is_first ? news_for(c->iso[0], c->actor[0]) : 0,
        .slice = p.slice,
        .hold = s->began ? s->began->hold : 0,
        .turn = akt_turns_next(&marked->workers[0]),
    };
}

/* True: the isolate has nothing to do and must be visited to go idle. */
static bool arrive(struct akt_isolate *iso)
{
    struct akt_worker *w = &iso->node->workers[0];
    iso->worker = w;
    akt_worker_set_self(w);
    akt_isolate_arrive(iso);
    if (akt_isolate_has_work(iso))
        return false;
    akt_queue_remove(&w->queue, iso);
    return true;
}

struct akt_isolate *akt_sim_pick(struct akt_world *world)
{
    struct candidates c;
    for (;;) {
        fire(world);
        gather(world, &c);
        if (c.n == 0)
            return NULL;
        struct akt_pick p = akt_sim_schedule_pick(&world->schedule, c.who, c.n);
        struct akt_isolate *iso = c.iso[p.index];
        akt_world_note(world, c.who[p.index]);
        add_mark(world, &c, p);
        world->choices += c.n > 1;
        begin_slice(world, p.slice);
        if (c.actor[p.index]) {
            choose_actor(iso, c.actor[p.index]);
            return iso;
        }
        if (iso && c.who[p.index] == classes_of(iso)) {
            choose_actor(iso, akt_isolate_next(iso));
            return iso;
        }
        if (!iso)
            pass(world, akt_sim_next_ns(world));
        else if (arrive(iso))
            return iso;
    }
}
