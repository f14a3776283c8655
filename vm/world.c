/* SPDX-License-Identifier: MIT */
#include "vm/world.h"

#include <stdlib.h>
#include <sys/random.h>
#include <time.h>

void akt_world_real(struct akt_world *w)
{
    *w = (struct akt_world){0};
}

void akt_world_simulated(struct akt_world *w, uint64_t seed)
{
    *w = (struct akt_world){.simulated = true, .seed = seed};
    akt_random_seed(&w->random, seed);
    w->now_ns = 1000000000u; /* never 0, which means "none" elsewhere */
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

void akt_world_note(struct akt_world *w, uint64_t what)
{
    w->trace_hash = (w->trace_hash ^ what) * 0x100000001b3u;
}

uint32_t akt_world_choose(struct akt_world *w, uint32_t n)
{
    if (!w->simulated || n == 1)
        return 0;
    uint32_t i = (uint32_t)akt_random_below(&w->random, n);
    w->choices++;
    akt_world_note(w, i);
    return i;
}
