/* SPDX-License-Identifier: MIT
 *
 * vm/world.h: everything that is not determined by the program is reached
 * through here: time, random numbers, and the choice of what runs next.
 *
 * Two worlds exist. The real one reads the clocks of the machine and makes no
 * choices (the first candidate is taken). The simulated one is a seed: time
 * stands still until nothing can run and then jumps to the next timer, and
 * every choice is drawn from the seed, so the same seed gives the same run.
 *
 * Threads: real: [any]. Simulated: the one thread that runs the node.
 */
#ifndef AKT_VM_WORLD_H
#define AKT_VM_WORLD_H

#include <stdbool.h>
#include <stdint.h>

#include "vm/base/random.h"

struct akt_world {
    bool simulated;
    uint64_t seed;
    /* simulated only */
    struct akt_random random;
    uint64_t now_ns;
    uint64_t trace_hash; /* of every choice made so far */
    uint64_t choices;
};

/* Where the simulated wall clock starts: 2026-01-01 00:00:00 UTC. */
#define AKT_SIM_EPOCH_NS 1767225600000000000u

void akt_world_real(struct akt_world *w);
void akt_world_simulated(struct akt_world *w, uint64_t seed);

uint64_t akt_world_mono_ns(struct akt_world *w);
uint64_t akt_world_wall_ns(struct akt_world *w);
/* The processor time that the calling thread has used, in either world: only
 * for limits on how long a simulated run may take. [any] */
uint64_t akt_world_cpu_ns(void);
/* A seed for somebody's random state. */
uint64_t akt_world_random(struct akt_world *w);
/* One of n candidates; n > 0. Always 0 in the real world. */
uint32_t akt_world_choose(struct akt_world *w, uint32_t n);
/* Simulated only: notes that something happened, for comparing runs. */
void akt_world_note(struct akt_world *w, uint64_t what);

#endif
