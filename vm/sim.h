/* SPDX-License-Identifier: MIT
 *
 * vm/sim.h: what runs next in the simulated world.
 *
 * At each turn the world's schedule (vm/schedule.h) chooses among all that
 * could happen now, in any isolate:
 *
 *     arrivals   an isolate takes what was sent to it or is due
 *     an actor   that is ready has its turn, or goes on with one
 *     the clock  time goes on to the next timer, though others could run
 *
 * In the plain order arrivals come first, then the actor that ran last (for a
 * batch of AKT_BATCH turns), then the others first come first served, then
 * those that were preempted, and the clock never.
 *
 * Time stands still while something can run, with two exceptions. The clock
 * may be chosen, if the plan says so: a turn is late then, as on a machine that
 * is busy, but never by more than `late_ms`, so that no timeout fires that is
 * much longer.
 * And an instant has AKT_SIM_INSTANT turns at most, then a millisecond passes:
 * actors that never rest do not keep timers from firing.
 *
 * Threads: [worker], the only one there is.
 */
#ifndef AKT_VM_SIM_H
#define AKT_VM_SIM_H

#include "vm/sched.h"

#define AKT_SIM_INSTANT 1000u
#define AKT_SIM_CREEP_NS 1000000u
#define AKT_SIM_LONG_TURN 20 /* as many turns a preempted one counts as */
#define AKT_SIM_WINDOW 64    /* actors an isolate offers, of each list */

/* The isolate to visit: it is on no queue, and has been told whose turn it
 * is. NULL: nothing can run now. */
struct akt_isolate *akt_sim_pick(struct akt_worker *w);
/* When something is due, or could be; 0: never. */
uint64_t akt_sim_next_ns(const struct akt_node *node);
/* Nothing could run until then, and it is then now. */
void akt_sim_quiet(struct akt_node *node, uint64_t then_ns);

#endif
