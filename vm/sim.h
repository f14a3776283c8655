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
 * of all nodes in the world (vm/world.h), but for those that are paused. The
 * nodes stand in the plain order as they came.
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
 * Of several nodes each has a worker, and all are this thread; whose worker it
 * is changes with each visit, and between visits it is nobody's.
 *
 * When nothing runs, time goes on as long as a program of one of them has
 * something to wait for, and for AKT_SIM_IDLE_NS as long as networks have
 * (struct akt_later, idle): a link that is cut is given up within that.
 *
 * Threads: [worker], the only one there is.
 */
#ifndef AKT_VM_SIM_H
#define AKT_VM_SIM_H

#include "vm/sched.h"
#include "vm/world.h"

#define AKT_SIM_INSTANT 1000u
#define AKT_SIM_CREEP_NS 1000000u
#define AKT_SIM_LONG_TURN 20 /* as many turns a preempted one counts as */
#define AKT_SIM_WINDOW 64    /* actors an isolate offers, of each list */

#define AKT_SIM_IDLE_NS 60000000000u

/* The isolate to visit, of any node: it is on no queue, and has been told whose
 * turn it is. NULL: nothing can run now. */
struct akt_isolate *akt_sim_pick(struct akt_world *world);
/* When something is due, or could be; 0: never. */
uint64_t akt_sim_next_ns(const struct akt_world *world);
/* Whether there is something that is worth to let time pass for. */
bool akt_sim_waits(const struct akt_world *world);
/* Nothing could run until then, and it is then now. */
void akt_sim_quiet(struct akt_world *world, uint64_t then_ns);
/* A node that is paused has no turns and no timers, as a process that is
 * stopped; what was due in between is due when it goes on. */
void akt_sim_pause(struct akt_node *node, bool pause);

#endif
