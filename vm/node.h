/* SPDX-License-Identifier: MIT
 *
 * vm/node.h: one running machine: its workers, isolates, actors and names,
 * and how it starts and ends.
 *
 * Life of a node: akt_node_create, akt_node_main (the first actor),
 * akt_node_run (returns when the program has ended), akt_node_destroy.
 *
 * The program ends when nothing can happen any more, when main has crashed,
 * at akt_node_exit, or by SIGINT and SIGTERM. It ends in order: `/user` is
 * stopped depth-first, with AKT_EXIT_MS for everybody together.
 *
 * Threads: as each line says.
 */
#ifndef AKT_VM_NODE_H
#define AKT_VM_NODE_H

#include <semaphore.h>

#include "vm/base/random.h"
#include "vm/isolate.h"
#include "vm/sched.h"
#include "vm/team.h"
#include "vm/world.h"

#define AKT_EXIT_MS 5000
#define AKT_HELD_MS 1000      /* then, for workers to leave their loops */
#define AKT_MEMORY_PERCENT 75 /* of what the machine or cgroup has */
#define AKT_ISOLATE_MEMORY (256u << 20)
#define AKT_HOMES_PER_WORKER 8
#define AKT_KEPT_BYTES (512u << 10) /* the heap of an empty home, at most */
#define AKT_SPREAD 32               /* first children go to homes one by one */
#define AKT_RUN 32                  /* later ones in runs of this many */

struct akt_crashes;
struct akt_events;
struct akt_gates;
struct akt_evictor;
struct akt_faults;
struct akt_names;
struct akt_buf;
struct akt_metrics;
struct akt_outside;
struct akt_profile;
struct akt_recording;
struct akt_remote;
struct akt_stream;
struct akt_topics;
struct akt_traces;
struct akt_watchdog;
struct akt_zones;

struct akt_config {
    uint32_t workers;    /* 0: one a core */
    uint32_t max_actors; /* 0: AKT_ACTORS_DEFAULT */
    size_t memory_bytes; /* 0: AKT_MEMORY_PERCENT of what there is */
    const char *name;    /* of the node; NULL: "aktvm" */
    bool simulated;
    uint64_t seed;
    /* simulated: the node lives in this one with others, and borrows it; seed,
     * plan and limits are those of the first node. NULL: one of its own */
    struct akt_world *world;
    /* real: it is recorded there; simulated: it is replayed from there. NULL:
     * neither. The caller's, who closes it when the node is gone */
    struct akt_recording *recording;
    struct akt_sim_plan plan; /* simulated: who runs next; zero: at random */
    uint64_t max_turns;       /* simulated: give up after; 0: never. A turn
                               * that is preempted counts as 20 */
    uint32_t max_cpu_ms;      /* simulated: the same, of processor time */
    bool guest;               /* in another's process: catches no signals */
    uint32_t max_run_ms;      /* cut off after, by on_late; 0: never */
    bool keep_sigint;         /* real: it is the caller's to catch */
    const char *crash_dir;    /* NULL: no crash files */
    uint32_t long_turn_ms;    /* 0: AKT_LONG_TURN_MS */
};

struct akt_node_stats {
    uint64_t actors, isolates, workers, turns, visits, steals, sleeps, preempts;
    uint64_t collections;
    uint64_t team; /* vm/team.h */
    uint64_t sent, replies, crashes, restarts, spawned, ended, expired;
    uint64_t tasks_dropped;
    uint64_t passivated, woken; /* since the start */
    uint64_t away;              /* passivated now */
    uint64_t dead_letters[AKT_CODE_COUNT];
    int64_t memory_bytes;
};

/* Waits of handlers in actors that go on meanwhile: vm/deadlock.h. */
struct akt_sides {
    pthread_mutex_t lock;
    struct akt_map edges;    /* wait -> edge of the strand that handles it */
    struct akt_map requests; /* that strand's wait -> key of `edges` */
    _Atomic uint32_t len;    /* not less than there are */
};
void akt_sides_init(struct akt_sides *s);
void akt_sides_fini(struct akt_sides *s);

struct akt_node {
    struct akt_world *world; /* config's, or its own */
    struct akt_world own_world;
    struct akt_node *world_next; /* vm/world.h, all three */
    uint32_t world_number;       /* 0: at home, or alone */
    bool paused;                 /* simulated: it does not run: vm/sim.h */
    struct akt_faults *faults;   /* vm/inject.h; NULL: none, always if real */
    struct akt_config config;
    struct akt_recording *recording; /* config's: vm/tape.h */
    uint64_t started_ns;
    struct akt_actor_table *actors;
    struct akt_names *names;
    struct akt_sides sides;
    struct akt_topics *topics;
    struct akt_metrics *metrics;
    struct akt_gates *gates;
    struct akt_zones *zones;
    struct akt_events *events;
    struct akt_stream *stream;
    _Atomic uint64_t events_wanted; /* vm/stream.h: bits by kind */
    struct akt_evictor *evictor;    /* vm/evict.h */
    struct akt_watchdog *watchdog;
    struct akt_traces *traces;
    struct akt_profile *profile;
    _Atomic bool profiling;
    struct akt_crashes *crashes;      /* NULL: no crash files */
    struct akt_outside *outside_asks; /* vm/outside.h */
    struct akt_remote *remote;        /* vm/remote.h; NULL: no network */
    uint64_t ref_mask; /* in all refs, so that no two nodes make the same */
    akt_pid root, system, user, main;
    void *host_data; /* the host's */
    /* Told when an actor of the machine's tree fails or a stuck main is
     * found; set by the host before run. [worker] */
    void (*on_report)(struct akt_node *node, const char *text, size_t len,
                      const char *fate);
    void (*on_stuck)(struct akt_node *node);
    /* Told by the ticker when a turn that cannot be cut off, in C, keeps the
     * end of the program waiting: it must end the process, or is told again. */
    void (*on_held)(struct akt_node *node);
    void (*on_late)(struct akt_node *node); /* a limit of config is reached */
    /* Simulated: nothing can run until time passes. True: something has been
     * made ready. */
    bool (*on_idle)(struct akt_node *node);
    /* Replay: a step is over. False: enough. */
    bool (*on_step)(struct akt_node *node);
    /* A message of a traced actor; way: enum akt_trace_way (vm/trace.h). May
     * be set while the node runs. */
    void (*_Atomic on_trace)(struct akt_node *node, const struct akt_actor *a,
                             int way, const struct akt_msg *m);
    void (*on_dead_letter)(struct akt_node *node, const struct akt_msg *m,
                           enum akt_code why);
    /* Adds where the turn of a worker is stuck, if the host knows; NULL: it
     * never does. [any] */
    void (*place)(struct akt_worker *w, struct akt_buf *out);

    /* A watchdog barks; `what` is the word of the event. [any] */
    void (*on_warning)(struct akt_node *node, const char *what,
                       const char *text);

    /* isolates */
    pthread_mutex_t isolates_lock;
    struct akt_isolate **isolates;
    uint32_t isolates_len, isolates_cap;
    struct akt_isolate *isolates_free;
    struct akt_isolate **homes;
    uint32_t homes_len, homes_cap, homes_cursor;
    _Atomic uint32_t isolates_open;
    _Atomic uint32_t away;   /* actors that are passivated */
    uint32_t busy_window_us; /* the ticker's */
    uint64_t last_arrived;   /* the ticker's */
    struct akt_team team;    /* the ticker's, as what follows */
    uint64_t last_turns;
    /* it writes, others read: */
    _Atomic uint32_t work_ns;  /* of a message between isolates, of late */
    _Atomic uint32_t team_len; /* workers that share light work */

    /* scheduling */
    struct akt_worker *workers;
    uint32_t workers_len;
    struct akt_queue outside;
    pthread_mutex_t sleep_lock;
    _Atomic uint32_t sleepers;
    _Atomic uint32_t tick;
    _Atomic bool stopping; /* workers leave their loops */
    pthread_mutex_t alarm_lock;
    struct akt_heap alarms;
    _Atomic uint64_t next_alarm_ns; /* 0: none */
    pthread_t ticker;
    sem_t ticker_sem;
    _Atomic bool ticker_parked;
    _Atomic bool ticker_done;  /* the workers have left */
    _Atomic uint64_t external; /* things outside that will cause messages */

    /* pressure and ends */
    _Atomic uint8_t pressure; /* 0, 1: over 90 %, 2: over the budget */
    _Atomic int signals;
    bool late; /* the ticker's */
    _Atomic bool exiting;
    _Atomic int exit_code;
    _Atomic uint64_t exit_deadline_ns;
    _Atomic uint64_t dead_letters[AKT_CODE_COUNT];
};

/* [any] `/`, `/system` or `/user`. */
static inline bool akt_node_is_guardian(const struct akt_node *node,
                                        akt_pid pid)
{
    return akt_pid_eq(pid, node->root) || akt_pid_eq(pid, node->system) ||
           akt_pid_eq(pid, node->user);
}

/* Who an actor or isolate of this node is among all of its world
 * (vm/schedule.h): where pids have the index of the node. */
static inline uint64_t akt_node_who(const struct akt_node *node, uint64_t who)
{
    return who + ((uint64_t)node->world_number << 48);
}

struct akt_node *akt_node_create(const struct akt_config *config);
void akt_node_destroy(struct akt_node *node);
/* [start] Makes the first actor. Takes spec and args (body: arguments). */
akt_pid akt_node_main(struct akt_node *node, const struct akt_kind *kind,
                      struct akt_spec *spec, struct akt_msg *args);
/* [start] Runs to the end; returns the exit code. */
int akt_node_run(struct akt_node *node);

/* [any] Begins the end; the first call decides the code. */
void akt_node_exit(struct akt_node *node, int code);
/* [any] The code of the end is 1 if it would have been 0. */
void akt_node_exit_fails(struct akt_node *node);
/* [any] Something outside the workers will cause messages: while the counter
 * is above 0 the program does not end by itself. Raise it before the work
 * leaves the workers, lower it after its message was posted. */
void akt_node_hold(struct akt_node *node);
void akt_node_release(struct akt_node *node);
/* [any] Bytes in use: of the process; simulated: of the world's memory (Lua),
 * since in the process there may be other worlds, and threads. */
int64_t akt_node_memory(const struct akt_node *node);
void akt_node_stats(struct akt_node *node, struct akt_node_stats *out);
/* What the clocks say; on a thread that visits a taped isolate it is what the
 * tape says, and calls count: what only shows or measures something reads
 * the clocks of `world`. [any] */
bool akt_node_is_exiting(struct akt_node *node); /* on a tape, likewise */
uint64_t akt_node_now(struct akt_node *node);
/* The same or up to 10 ms later, for a sixth of the price: for deadlines of
 * seconds that nobody has chosen. */
uint64_t akt_node_soon(struct akt_node *node);
uint64_t akt_node_wall(struct akt_node *node);

/* [any] An isolate for `weight` more, of this host; never fails. */
struct akt_isolate *akt_isolate_place(struct akt_node *node,
                                      const struct akt_host *host,
                                      struct akt_actor *parent,
                                      uint32_t weight);
/* [any] One of its own. */
struct akt_isolate *akt_isolate_own(struct akt_node *node,
                                    const struct akt_host *host,
                                    uint32_t weight, size_t memory_limit);
/* [any] Nobody has posted to it yet: it gets this share of a core. */
void akt_isolate_limit(struct akt_isolate *iso, uint32_t percent);
void akt_isolate_unplace(struct akt_isolate *iso, uint32_t weight);
/* [owner] Whether it stays open without actors. */
bool akt_isolate_is_kept(struct akt_isolate *iso);
/* [owner] True: it had no actors left and is closed now. */
bool akt_isolate_try_close(struct akt_isolate *iso);

#endif
