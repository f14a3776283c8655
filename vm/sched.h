/* SPDX-License-Identifier: MIT
 *
 * vm/sched.h: which isolate runs next, on which thread.
 *
 * Each worker is an OS thread with a queue of its own and a libuv loop. It
 * takes, in this order: isolates of high rank, the isolate it made ready last
 * (`next`), its queue by rank, the queue for work from outside, and then half
 * of another worker's queue. Every AKT_HIGH_PICK-th pick passes those of high
 * rank by, every AKT_FAIR_PICK-th begins with the work from outside, and one of
 * low rank goes first when none had its turn for AKT_LATER_TICKS and
 * AKT_LATER_PICKS, so that nothing starves. The rank is high while an actor of
 * the class high or deadline is ready in the isolate or has made it run, low
 * when only preempted actors or those of the class low are, else normal.
 *
 * A worker takes from another what has waited there for AKT_PATIENCE_NS. As
 * long as there is a message between isolates for each AKT_LIGHT_NS of work,
 * only the workers of a team do that: such messages can cost more between two
 * workers than the work with them, so that both together would do less than one
 * alone (vm/team.h). Who is not in the team takes what comes from outside, and
 * what a worker does not come to for a tick because of a long turn; what that
 * makes ready it hands over, unless who would get it sleeps or is in a long
 * turn.
 *
 * What is ready at a worker that a turn in C holds up becomes work from
 * outside, so that workers which are busy come to it as well.
 *
 * A worker with nothing to do spins for a moment and then sleeps in its loop.
 * Nobody wakes it for a message: the ticker, a thread that looks once a
 * millisecond, wakes a sleeper when work has waited. Work from outside (a job,
 * a signal, a due alarm) wakes at once.
 *
 * Invariants
 *   W1  An isolate is on at most one queue (vm/inbox.h, I1).
 *   W2  Work put on the outside queue, or handed over to another worker, is
 *       seen: the pusher reads the number of sleepers after the push, a
 *       sleeper looks at the queue after it has counted itself, both with a
 *       read-modify-write of that number; of two of these the later one sees
 *       all that was done before the earlier.
 *   W3  The last worker to go to sleep decides, under the sleep lock, whether
 *       anything can still happen. While a worker counts as a sleeper it
 *       fires no alarms, and all that its loop makes ready stands in its
 *       queue before the outside counter (vm/node.h) goes down.
 *
 * Threads: as each line says.
 */
#ifndef AKT_VM_SCHED_H
#define AKT_VM_SCHED_H

#include <pthread.h>
#include <uv.h>

#include "vm/isolate.h"

#define AKT_TICK_NS 1000000u   /* one look of the ticker; the slice of a turn */
#define AKT_PATIENCE_NS 20000u /* before others take an isolate */
#define AKT_LIGHT_NS 1000u     /* of work for a message between isolates */
#define AKT_FAIR_PICK 61
#define AKT_HIGH_PICK 4
#define AKT_WORKERS_MAX 256

struct akt_queue {
    pthread_mutex_t lock;
    struct akt_isolate *first[AKT_RANKS], *last[AKT_RANKS];
    _Atomic uint32_t len;  /* changed under the lock, read by any */
    _Atomic uint32_t high; /* likewise: those of AKT_RANK_HIGH */
};

/* `turns` is brought up to date at the end of a visit. */
/* What the watchdog wants of a worker: vm/watchdog.h. */
enum akt_where_state { AKT_WHERE_IDLE, AKT_WHERE_WANTED, AKT_WHERE_READY };

struct akt_worker_stats {
    _Atomic uint64_t turns, visits, steals, sleeps, preempts;
    _Atomic uint64_t collections; /* of heaps, that have ended; the host's */
    _Atomic uint64_t arrived;     /* by inboxes */
    _Atomic uint64_t sent, replies, crashes, restarts, spawned, ended;
    _Atomic uint64_t expired, passivated, woken;
    _Atomic uint64_t tasks_dropped;
    _Atomic uint64_t asleep_ns;       /* in all sleeps that are over */
    _Atomic uint64_t asleep_since_ns; /* 0: it is awake */
};

struct akt_metrics_shard;
struct akt_kind_counts;

struct akt_worker {
    struct akt_node *node;
    uint32_t index;
    pthread_t thread;
    struct akt_queue queue;
    struct akt_isolate *_Atomic next;
    /* read by the ticker */
    _Alignas(64) _Atomic uint32_t turn_seq; /* odd: a turn runs */
    _Atomic uint32_t visit_seq;             /* odd: a visit runs */
    _Atomic bool yield;                     /* ticker: leave the visit soon */
    _Atomic(void *) running;                /* the host's: what runs now */
    _Atomic bool armed;                     /* the host's: being preempted */
    _Atomic int cpu_clock;                  /* of its thread, a clockid_t */
    _Atomic uint32_t over_ticks;            /* ticks the turn is over */
    _Atomic bool stuck;                     /* ticker: a visit takes long */
    _Atomic uint64_t actor;                 /* pid: whose turn it is or was */
    struct akt_isolate *_Atomic isolate;    /* which it visits or has visited */
    _Atomic uint64_t busy_us;               /* ticker: time seen in visits */
    void (*preempt)(struct akt_worker *w);  /* the host's; set at start */
    _Atomic uint32_t heard;                 /* signals of preempt, handled */
    _Atomic uint32_t samples;               /* wanted: vm/profile.h */
    _Atomic uint32_t sampled_seq;           /* of which turn */
    _Atomic uint8_t where;                  /* enum akt_where_state */
    _Atomic uint32_t reading;               /* odd: a route, vm/route.h */
    char where_text[200];                   /* when READY: the ticker's */
    /* worker */
    _Alignas(64) uint32_t picks;
    uint32_t seen_tick;
    uint32_t low_tick;   /* when an isolate of low rank had its turn */
    uint32_t low_pick;   /* likewise, by picks */
    void *unsent;        /* links with what it has sent: vm/remote.h */
    bool polls;          /* other nodes have spoken since it slept */
    uint32_t spin_ns;    /* before it sleeps */
    bool may_steal_soon; /* another has work, which has not waited for long */
    uint64_t last_trace; /* vm/cause.h */
    struct akt_metrics_shard *shard; /* here to the blank: vm/metrics.h */
    struct akt_kind_counts *sample_kind;
    uint64_t sample_start_ns; /* of the turn; 0: it is no sample */
    uint32_t sample_left;     /* sends to the next sample */
    uint32_t sample_random;
    uint32_t sends, sends_seq; /* samples in a row of one turn, and which */
    akt_pid crowd;             /* vm/give_way.c, as what follows */
    uint32_t crowded;          /* visits in a row that had one */
    uint64_t ease_from_ns;     /* no wait before that */
    uint64_t ease_not_ns;      /* how long there is none behind one in vain */

    struct akt_turns *turns; /* vm/events.h */
    uint32_t now_ms;         /* since the node was made, a tick old at most */
    uv_loop_t loop;          /* real world only, with what follows */
    uv_async_t wakeup;
    uv_timer_t timer;
    pthread_mutex_t calls_lock;
    struct akt_worker_call *calls_first, *calls_last; /* under that lock */
    bool sleeping;                                    /* under the sleep lock */
    bool notified; /* likewise: it has been woken already */
    struct akt_worker_stats stats;
    /* the ticker's memory */
    uint32_t last_turn_seq, last_visit_seq;
    uint32_t stuck_ticks; /* in a row */
    uint64_t last_cpu_ns;
    bool had_next;
};

/* [any] The worker of the calling thread, or NULL. */
struct akt_worker *akt_worker_self(void);

/* [any] An isolate that must run, because its inbox said so. */
void akt_sched_queue(struct akt_isolate *iso);
void akt_sched_queue_as(struct akt_isolate *iso, enum akt_rank rank);
/* [any] A message for an actor of this rank went to an isolate that is queued
 * with a lower one. */
void akt_sched_promote(struct akt_isolate *iso, enum akt_rank rank);

/* [start] Makes workers and ticker, and runs until the node has ended. */
void akt_sched_run(struct akt_node *node);
/* [start] The same on this thread alone, every choice from the world. */
void akt_sched_run_simulated(struct akt_node *node);
/* [any] Calls f on the worker's thread, in its loop: at once if it sleeps, else
 * within a tick, or behind a turn that stays in C; in order. What was not
 * called when the workers leave their loops is dropped. Real world only. */
void akt_worker_call(struct akt_worker *w, void (*f)(void *ctx), void *ctx);
/* [any] Workers leave their loops. */
void akt_sched_stop(struct akt_node *node);
/* [any] The ticker looks now; also safe in a signal handler. */
void akt_sched_poke_ticker(struct akt_node *node);

/* [any] Compares the memory in use with the budget: node->pressure. */
void akt_sched_measure_memory(struct akt_node *node);

/* Alarms: when isolates that are idle must run. [owner] `keeps`: the program
 * does not end before (P3). */
void akt_alarm_set(struct akt_isolate *iso, uint64_t deadline_ns, bool keeps);
/* [any] Queues the isolates that are due; returns the next deadline or 0. */
uint64_t akt_alarm_fire(struct akt_node *node, uint64_t now_ns);
bool akt_alarm_any(struct akt_node *node);

/* Adds to a counter that one worker writes and others read. */
static inline void akt_count_by(_Atomic uint64_t *counter, uint64_t n)
{
    /* relaxed: one writer, and a reader may see an old figure */
    atomic_store_explicit(
        counter, atomic_load_explicit(counter, memory_order_relaxed) + n,
        memory_order_relaxed);
}

static inline void akt_count(_Atomic uint64_t *counter)
{
    akt_count_by(counter, 1);
}

#endif
