/* SPDX-License-Identifier: MIT
 *
 * vm/sched_impl.h: what the files of the scheduler share.
 */
#ifndef AKT_VM_SCHED_IMPL_H
#define AKT_VM_SCHED_IMPL_H

#include "vm/node.h"

/* Before it sleeps, if there was a steal or may soon be one. */
#define SPIN_MAX_NS 100000

void akt_worker_init(struct akt_worker *w, struct akt_node *node,
                     uint32_t index);
void akt_worker_fini(struct akt_worker *w);
void akt_worker_visit(struct akt_worker *w, struct akt_isolate *iso);
void akt_worker_set_self(struct akt_worker *w);

/* How many turns a visit has at most. */
static inline uint32_t akt_visit_turns(const struct akt_node *node)
{
    return node->world->simulated ? AKT_VISIT_TURNS : AKT_VISIT_TURNS_REAL;
}

void akt_queue_init(struct akt_queue *q);
void akt_queue_fini(struct akt_queue *q);
void akt_queue_push(struct akt_queue *q, struct akt_isolate *iso,
                    enum akt_rank rank);
uint32_t akt_queue_len(const struct akt_queue *q);
/* One of that rank, or else the highest there is. `rank` gets which. NULL: it
 * is empty. */
struct akt_isolate *akt_queue_pop(struct akt_queue *q, enum akt_rank *rank);
struct akt_isolate *akt_queue_pop_from(struct akt_queue *q, enum akt_rank rank);
/* It is on q. */
void akt_queue_remove(struct akt_queue *q, struct akt_isolate *iso);
/* To the front of those of its rank, if it is on q; false: it is not. */
bool akt_queue_hasten(struct akt_queue *q, struct akt_isolate *iso);
/* What a visit in which w->crowd was set leads to: vm/give_way.c. [worker] */
void akt_sched_ease(struct akt_worker *w);
/* An isolate that has used its share stays in nobody's queue, and not idle, so
 * that no message queues it: its alarm does (vm/alarm.c). True: it is no longer
 * the caller's. [worker] */
bool akt_sched_park(struct akt_isolate *iso);
/* What the worker runs next, or NULL: vm/pick.c. [worker] */
struct akt_isolate *akt_sched_pick(struct akt_worker *w);
/* Whether what waits on the queue of a worker does so for that long. [any] */
bool akt_sched_has_waited(struct akt_worker *w, uint64_t now_ns,
                          uint64_t patience_ns);
/* Whether a sleeper should look for what a worker does not come to. [ticker] */
bool akt_sched_wants_help(struct akt_worker *w, uint64_t now_ns);
/* What is ready at a worker that is not in the team goes to one that is
 * in it, unless that one sleeps or is in a long turn. [worker] */
void akt_sched_hand_over(struct akt_worker *w);
/* All that is ready at a worker goes to another queue. [any] */
void akt_sched_move(struct akt_worker *w, struct akt_queue *to);
/* Whether it has something ready itself. [any] as a hint */
bool akt_sched_has_own(struct akt_worker *w);
/* What that worker made ready last, if it is still there. [any] */
struct akt_isolate *akt_sched_take_next(struct akt_worker *w);
/* In simulation: puts all isolates that are ready on one list of w->queue.
 * [worker] */
void akt_sched_gather(struct akt_worker *w);

/* Wakes a sleeping worker if there is one. What the caller did before is seen
 * by a worker that goes to sleep behind it. */
void akt_sched_wake_one(struct akt_node *node);
void akt_sched_wake(struct akt_worker *w); /* this one, if it sleeps */
void akt_sched_wake_one_locked(struct akt_node *node); /* the sleep lock */
/* Under the sleep lock, by the last worker to go to sleep: whether another
 * has found something to do in its loop and is about to wake up. */
bool akt_sched_is_queued_any(struct akt_node *node);

/* The number of a tick is the time in ms since the start, so that others can
 * tell cheaply how long something has lasted. */
void akt_sched_set_tick(struct akt_node *node, uint64_t now_ns);
void akt_ticker_start(struct akt_node *node);
void akt_ticker_stop(struct akt_node *node);

/* Under the sleep lock, by the last worker to go to sleep: whether something
 * is left to do after all. Begins the end when nothing can happen. */
bool akt_node_all_asleep(struct akt_node *node);
/* Ends what takes too long to end, and obeys signals; by the ticker, or
 * between visits in simulation. */
void akt_node_check_exit(struct akt_node *node);

/* [worker] Calls what was handed to akt_worker_call, or only drops it. */
void akt_worker_run_calls(struct akt_worker *w, bool drop);

#endif
