/* SPDX-License-Identifier: MIT
 *
 * vm/world.h: everything that is not determined by the program is reached
 * through here: time, random numbers, and the choice of what runs next.
 *
 * Two worlds exist. The real one reads the clocks of the machine and makes no
 * choices (the first candidate is taken). The simulated one is a seed: every
 * choice is drawn from it, so the same seed gives the same run. Time stands
 * still until nothing can run and then jumps to the next timer; vm/sim.h has
 * the exceptions.
 *
 * Several simulated nodes may live in one world, as on machines that are side
 * by side: they have its time and its choices, so that seeds explore what
 * happens between nodes as they do what happens between isolates. The first
 * one is at home: it owns the world, akt_node_run of it runs all of them, and
 * its limits and its end are those of the run.
 *
 *     of the world   time, seed and choices, what is to happen, files, the
 *                    arena of the hosts (so the memory that is measured, too)
 *     of a node      actors, names, isolates, alarms, faults (vm/inject.h),
 *                    figures, events, log, exit code
 *     nobody else's  recordings and replays: a world of these has one node
 *
 * Threads: real: [any]. Simulated: the one thread that runs the nodes.
 */
#ifndef AKT_VM_WORLD_H
#define AKT_VM_WORLD_H

#include <stdbool.h>
#include <stdint.h>

#include "vm/base/heap.h"
#include "vm/base/random.h"
#include "vm/schedule.h"

struct akt_arena;
struct akt_disk;
struct akt_node;

/* Something that happens at a time, beside timers of actors. */
struct akt_later {
    struct akt_heap_node node; /* key: when */
    void (*fire)(struct akt_later *self);
    bool idle; /* goes on by itself: alone it keeps no program (vm/sim.h) */
};

/* Nodes that ever were in one world: their numbers stand in choices. */
#define AKT_WORLD_NODES 8191u

struct akt_world {
    bool simulated;
    bool taped;  /* recorded or replayed: what can follow from the seed does */
    bool replay; /* simulated, and every choice stands on a tape */
    uint64_t seed;
    /* simulated only */
    struct akt_node *nodes; /* by world_next, as they came; the first: home */
    uint32_t numbers;       /* given out */
    struct akt_random random;
    struct akt_sim_schedule schedule; /* who runs next */
    uint64_t now_ns;
    uint64_t trace_hash; /* of every choice made so far */
    uint64_t choices;
    struct akt_heap later;
    struct akt_disk *disk;   /* vm/disk.h; made on first use */
    struct akt_arena *arena; /* the host's; made on first use */
    bool no_arena;           /* there was no address space */
    /* vm/sim.c */
    uint64_t busy_ns;       /* since when there was always something to do */
    uint64_t instant_ns;    /* the last one a turn began at ... */
    uint32_t instant_turns; /* ... and how many did */
    uint64_t last;          /* whose turn it was: vm/schedule.h */
    uint32_t row;           /* for how many turns */
    uint32_t replay_at;     /* vm/replay.c: the isolate that ran last */
    /* lua/preempt.c: the slice and what is left of it */
    uint32_t slice, slice_left, slice_calls;
};

/* Where the simulated wall clock starts: 2026-01-01 00:00:00 UTC. */
#define AKT_SIM_EPOCH_NS 1767225600000000000u

void akt_world_real(struct akt_world *w);
void akt_world_simulated(struct akt_world *w, uint64_t seed);
/* The same with a plan of the schedule; it is borrowed. */
void akt_world_planned(struct akt_world *w, uint64_t seed,
                       const struct akt_sim_plan *plan);
void akt_world_fini(struct akt_world *w); /* forgets what is to happen */

uint64_t akt_world_mono_ns(struct akt_world *w);
/* The same or up to 10 ms later; cheaper. */
uint64_t akt_world_soon_ns(struct akt_world *w);
uint64_t akt_world_wall_ns(struct akt_world *w);
/* The processor time that the calling thread has used, in either world: only
 * for limits on how long a simulated run may take. [any] */
uint64_t akt_world_cpu_ns(void);
/* A seed for somebody's random state. */
uint64_t akt_world_random(struct akt_world *w);
/* The same; simulated: always this one for this `who`, whatever ran before, so
 * that an actor draws the same numbers under every schedule. */
uint64_t akt_world_random_of(struct akt_world *w, uint64_t who);
/* One of n candidates; n > 0. Always 0 in the real world. */
uint32_t akt_world_choose(struct akt_world *w, uint32_t n);
/* Simulated only: `what->fire` is called at that time, or now if it is past.
 * Whoever asked owns it. */
void akt_world_at(struct akt_world *w, struct akt_later *what, uint64_t at_ns);
void akt_world_cancel(struct akt_world *w, struct akt_later *what);
uint64_t akt_world_next_ns(const struct akt_world *w); /* 0: nothing */
void akt_world_fire(struct akt_world *w);              /* all that is due */
/* Simulated only: a node comes and goes. It comes between two visits or in one
 * of another node, and goes likewise. */
void akt_world_join(struct akt_world *w, struct akt_node *node);
void akt_world_leave(struct akt_world *w, struct akt_node *node);
/* Whether all that is to happen is idle. */
bool akt_world_is_idle(const struct akt_world *w);
/* Simulated only: notes that something happened, for comparing runs. */
void akt_world_note(struct akt_world *w, uint64_t what);

#endif
