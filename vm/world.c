/* SPDX-License-Identifier: MIT */
#include "vm/world.h"

#include <stdlib.h>
#include <sys/random.h>
#include <time.h>

#include "vm/base/arena.h"
#include "vm/disk.h"
#include "vm/node.h"

/* splitmix64's finish: near seeds give far numbers. */
static uint64_t mix(uint64_t seed, uint64_t x)
{
    x = seed + x * 0x9e3779b97f4a7c15u;
    x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9u;
    x = (x ^ x >> 27) * 0x94d049bb133111ebu;
    return x ^ x >> 31;
}

void akt_world_real(struct akt_world *w)
{
    *w = (struct akt_world){0};
}

void akt_world_simulated(struct akt_world *w, uint64_t seed)
{
    akt_world_planned(w, seed, &(struct akt_sim_plan){0});
}

void akt_world_planned(struct akt_world *w, uint64_t seed,
                       const struct akt_sim_plan *plan)
{
    *w = (struct akt_world){.simulated = true, .seed = seed};
    akt_random_seed(&w->random, seed);
    /* a sequence of its own (vm/schedule.h, D2) */
    akt_sim_schedule_init(&w->schedule, plan, mix(seed, 1));
    akt_heap_init(&w->later);
    w->now_ns = 1000000000u; /* never 0, which means "none" elsewhere */
    w->busy_ns = w->now_ns;
}

void akt_world_fini(struct akt_world *w)
{
    if (!w->simulated)
        return;
    akt_disk_destroy(w->disk);
    akt_arena_destroy(w->arena);
    akt_sim_schedule_fini(&w->schedule);
    akt_heap_fini(&w->later);
}

static uint64_t read_clock(clockid_t id)
{
    struct timespec ts;
    clock_gettime(id, &ts);
    return (uint64_t)ts.tv_sec * 1000000000u + (uint64_t)ts.tv_nsec;
}

uint64_t akt_world_cpu_ns(void)
{
    return read_clock(CLOCK_THREAD_CPUTIME_ID);
}

uint64_t akt_world_mono_ns(struct akt_world *w)
{
    return w->simulated ? w->now_ns : read_clock(CLOCK_MONOTONIC);
}

/* The kernel's own clock is read in 4 ns instead of 23, and at most one of its
 * ticks, 10 ms, behind. */
uint64_t akt_world_soon_ns(struct akt_world *w)
{
    return w->simulated ? w->now_ns
                        : read_clock(CLOCK_MONOTONIC_COARSE) + 10000000;
}

uint64_t akt_world_wall_ns(struct akt_world *w)
{
    return w->simulated ? AKT_SIM_EPOCH_NS + w->now_ns
                        : read_clock(CLOCK_REALTIME);
}

uint64_t akt_world_random(struct akt_world *w)
{
    if (w->simulated)
        return akt_random_next(&w->random);
    uint64_t x = 0;
    if (getrandom(&x, sizeof x, 0) != sizeof x)
        x = read_clock(CLOCK_MONOTONIC);
    return x;
}

uint64_t akt_world_random_of(struct akt_world *w, uint64_t who)
{
    return w->simulated || w->taped ? mix(w->seed, who) : akt_world_random(w);
}

/* ---- what is to happen ---- */

void akt_world_at(struct akt_world *w, struct akt_later *what, uint64_t at_ns)
{
    akt_world_cancel(w, what);
    akt_heap_push(&w->later, &what->node, at_ns);
}

void akt_world_cancel(struct akt_world *w, struct akt_later *what)
{
    if (akt_heap_has(&what->node))
        akt_heap_remove(&w->later, &what->node);
}

uint64_t akt_world_next_ns(const struct akt_world *w)
{
    const struct akt_heap_node *n = akt_heap_first(&w->later);
    return n ? n->key : 0;
}

void akt_world_fire(struct akt_world *w)
{
    struct akt_heap_node *n;
    while ((n = akt_heap_first(&w->later)) && n->key <= w->now_ns) {
        struct akt_later *what = (struct akt_later *)(void *)n;
        akt_heap_remove(&w->later, n);
        what->fire(what);
    }
}

bool akt_world_is_idle(const struct akt_world *w)
{
    for (uint32_t i = 0; i < w->later.len; i++)
        if (!((struct akt_later *)(void *)w->later.slots[i].node)->idle)
            return false;
    return true;
}

/* ---- nodes ---- */

void akt_world_join(struct akt_world *w, struct akt_node *node)
{
    struct akt_node **end = &w->nodes;
    while (*end)
        end = &(*end)->world_next;
    *end = node;
    node->world_number = w->numbers++ % AKT_WORLD_NODES;
}

void akt_world_leave(struct akt_world *w, struct akt_node *node)
{
    struct akt_node **at = &w->nodes;
    while (*at && *at != node)
        at = &(*at)->world_next;
    if (*at)
        *at = node->world_next;
}

/* ---- choices ---- */

void akt_world_note(struct akt_world *w, uint64_t what)
{
    w->trace_hash = (w->trace_hash ^ what) * 0x100000001b3u;
}

uint32_t akt_world_choose(struct akt_world *w, uint32_t n)
{
    if (!w->simulated || w->replay || n == 1)
        return 0;
    uint32_t i = (uint32_t)akt_random_below(&w->random, n);
    w->choices++;
    akt_world_note(w, i);
    return i;
}
