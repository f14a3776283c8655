/* SPDX-License-Identifier: MIT
 *
 * vm/isolate.h: a heap that hosts many actors; the unit of scheduling and
 * stealing.
 *
 * Everything an isolate holds belongs to the worker that runs it, which is
 * one at a time (vm/inbox.h, I1). The VM knows nothing of the language inside
 * it: a host is a table of functions, and the host pulls its work:
 *
 *     while ((t = akt_turn_next(iso))) {
 *         ... run what t says ...
 *         akt_turn_done(iso);   or one of its sisters
 *     }
 *
 * A turn runs one handler until it ends or waits, or until it is preempted. A
 * visit is the turns between taking an isolate from a queue and leaving it.
 *
 * Invariants
 *   S1  Between akt_turn_next and akt_turn_done (or a sister)
 *       exactly one actor is current.
 *   S2  Messages of the machine (starts, stops, links, ...) are handled
 *       between turns, never inside one.
 *
 * Threads: [owner] unless a line says otherwise.
 */
#ifndef AKT_VM_ISOLATE_H
#define AKT_VM_ISOLATE_H

#include "vm/actor.h"
#include "vm/inbox.h"
#include "vm/pending.h"
#include "vm/share.h"

struct akt_buf;
struct akt_ready;
struct akt_worker;

enum akt_turn_kind {
    AKT_TURN_INIT,         /* make the state, run init; msg: the arguments */
    AKT_TURN_MESSAGE,      /* run a handler for msg */
    AKT_TURN_RESUME,       /* go on with the handler in actor->fiber */
    AKT_TURN_UNWIND,       /* end the waiting handler, closing what it holds */
    AKT_TURN_TERMINATE,    /* run terminate; reason */
    AKT_TURN_PRE_RESTART,  /* run pre_restart on the old state; reason, msg */
    AKT_TURN_POST_RESTART, /* run post_restart on the new state; reason */
    AKT_TURN_UPGRADE,      /* change to the newest kind; ends by vm/upgrade.h */
    AKT_TURN_IDLE,         /* run idle; ends by vm/passivate.h */
    AKT_TURN_WAKE,         /* INIT, then wake with what idle has left */
    AKT_TURN_HEALTH,       /* run health; ends by vm/health.h */
    AKT_TURN_TASK          /* start the task of msg */
};

/* `msg` is borrowed until the end of the turn, or of the handler when that is
 * suspended; it is actor->current. */
struct akt_turn {
    enum akt_turn_kind kind;
    struct akt_actor *actor;
    struct akt_msg *msg;
    struct akt_reason *reason;
};

struct akt_remote_ties;
struct akt_tape;

struct akt_host {
    /* Runs turns until akt_turn_next returns NULL. */
    void (*visit)(struct akt_isolate *iso);
    /* Makes and ends what the isolate runs on; open is called at the first
     * visit that has a turn, close when the last actor is gone. */
    bool (*open)(struct akt_isolate *iso);
    void (*close)(struct akt_isolate *iso);
    /* Called when the isolate goes idle; may tidy up a little. */
    void (*idle)(struct akt_isolate *iso);
    /* Drops the handler in progress without running any of it. */
    void (*drop_fiber)(struct akt_isolate *iso, struct akt_actor *a);
    /* Drops the state of an actor; `final`: it will not start again. */
    void (*forget)(struct akt_isolate *iso, struct akt_actor *a, bool final);
    /* Answers the ask of m with what there is to know of the actor. */
    void (*info)(struct akt_isolate *iso, struct akt_actor *a,
                 struct akt_msg *m);
    /* Answers a question that came to the isolate, between two turns; it may
     * be closed. Borrows m. May be NULL. */
    void (*asked)(struct akt_isolate *iso, struct akt_msg *m);
    /* Appends where the handler in a->fiber stands. May be NULL. */
    void (*where)(struct akt_isolate *iso, struct akt_actor *a,
                  struct akt_buf *b);
    /* Exchanges what the host keeps of the strand in the foreground with what
     * is in `host`; all zero: nothing. May be NULL. */
    void (*exchange)(struct akt_actor *a, uint64_t host[2]);
    /* What the host holds for the actor that would be lost if its state were
     * dropped, in a word; NULL: nothing. May be NULL. */
    const char *(*holds)(struct akt_isolate *iso, struct akt_actor *a);
    /* Releases what spec holds for the host. */
    void (*spec_fini)(struct akt_spec *spec);
    /* The priority of a message for an actor whose rules say by_function, from
     * AKT_PRIORITY_MIN to AKT_PRIORITY_MAX; between turns or inside one of this
     * actor. May be NULL. */
    int (*priority)(struct akt_isolate *iso, struct akt_actor *a,
                    const struct akt_msg *m);
    /* The turn in progress is to be preempted at its next step. May be NULL. */
    void (*give_way)(struct akt_isolate *iso);
};

struct akt_isolate {
    /* any */
    _Alignas(64) struct akt_inbox inbox;
    _Atomic int32_t weight;        /* of its actors; negative: closed */
    _Atomic uint64_t nearest_ns;   /* its next deadline; 0: none */
    _Atomic bool keeps;            /* ... for one that keeps the program */
    _Atomic uint8_t rank;          /* enum akt_rank, while on a queue */
    _Atomic uint32_t shown_actors; /* owner: `actors` after the last visit */
    _Atomic uint64_t shown_bytes;  /* owner: the host's memory, likewise */
    _Atomic uint32_t shown_ready;  /* owner: ready actors, likewise */
    _Atomic uint32_t busy_us;      /* ticker: seen at work in this window */
    _Atomic uint32_t busy_percent; /* ticker: of a core, lately */
    _Atomic bool limited;          /* before it runs: has a share */
    _Atomic bool remote;           /* owner: has spoken to other nodes */
    struct akt_tape *tape;         /* vm/tape.h; NULL: none. Never changes */

    /* the scheduler's, under the lock of the queue it is on */
    _Alignas(64) struct akt_isolate *queue_next, *queue_prev;
    struct akt_queue *_Atomic queue;
    uint64_t queued_ns;         /* since when; real world only */
    struct akt_heap_node alarm; /* under the alarm lock */
    _Atomic uint64_t armed_ns;  /* its key; 0: not armed */

    /* owner */
    struct akt_node *node;
    struct akt_worker *worker; /* who runs it now */
    const struct akt_host *host;
    void *host_data; /* NULL: not open */
    uint32_t index;
    uint32_t actors;
    bool exclusive; /* one actor and what it needs */
    bool broken;    /* the host could not be opened */
    bool simulated; /* its node's world is */
    bool plain;     /* that is not, and it has no tape */
    struct akt_actor *ready_first, *ready_last;
    struct akt_actor *later_first, *later_last; /* preempted ones */
    uint32_t ready_count, later_count;
    uint32_t later_tick;       /* when a preempted one ran last */
    uint32_t passed_later;     /* picks since, while one waits */
    struct akt_ready *classes; /* other classes: vm/ready.h; NULL: none yet */
    uint32_t classed;          /* ready actors in there */
    struct akt_actor *current;
    struct akt_actor *batch; /* takes several messages in a row */
    uint32_t batch_left;
    uint32_t turns_left;
    uint32_t turns_more; /* than others, of this visit */
    uint32_t gives_way;  /* turn_seq of the turn that is to; 0: none yet */
    uint32_t gave;       /* how many did */
    struct akt_turn turn;
    struct akt_pendings pendings;
    uint64_t refs;
    struct akt_remote_ties *remote_ties; /* vm/remote.h; NULL: none */
    uint64_t traces;
    _Atomic uint64_t collections; /* the host's: of garbage */
    size_t memory_limit;
    struct akt_share share; /* of its processor time, if `limited` */
    _Atomic bool parked;    /* any: it waits for that, see vm/sched.c */
    struct akt_isolate *next_free;
};

/* Weights, of AKT_ISOLATE_WEIGHT: an idle behaviour actor costs little, a
 * process holds a coroutine for life, which garbage collection walks. */
#define AKT_ISOLATE_WEIGHT 4096
#define AKT_WEIGHT_BEHAVIOUR 1
#define AKT_WEIGHT_PROCESS 8
#define AKT_VISIT_TURNS 64 /* in simulation */
/* In the real world, where the ticker ends a visit that takes long: as many as
 * a turn sends before it gives way, so that its receivers keep up. With 2,048,
 * actors that ask again at once (savina/philosopher) kept who could answer
 * from running, and took 30 times as long. */
#define AKT_VISIT_TURNS_REAL 128
/* Actors that were preempted wait for so long for woken ones, and isolates
 * where all were for other isolates: so a slice of theirs is at most in so
 * many times the latency of the others. */
#define AKT_LATER_TICKS 4
#define AKT_LATER_PICKS 16 /* ... and for so many picks */
/* Messages an actor takes before the next one's turn; in the real world all
 * that wait, if those are more and the visit lasts. */
#define AKT_BATCH 32
/* So many in one mailbox are a crowd (vm/give_way.c): who has them gets as many
 * turns more in a visit. More than 2,048 would keep others waiting for long. */
#define AKT_CROWD 1024
#define AKT_TURNS_MORE 2048

struct akt_turn *akt_turn_next(struct akt_isolate *iso);
/* The handler ended; what it had to answer has been answered. */
void akt_turn_done(struct akt_isolate *iso);
/* It waits for a pending or a message; actor->fiber holds it. */
void akt_turn_suspended(struct akt_isolate *iso);
/* It would go on; actor->fiber holds it. */
void akt_turn_preempted(struct akt_isolate *iso);
/* Called once in about AKT_SAMPLE messages that the worker sends; this one goes
 * to `to`. A turn that sends and sends gives way to others, so that what it
 * sends is handled while it is in the cache. [worker] */
void akt_turn_sends(struct akt_worker *w, akt_pid to);
/* Whether the turn in progress was told to (host->give_way). */
bool akt_turn_gives_way(const struct akt_isolate *iso);
/* It raised. Takes the reference of `reason` and the report (akt_alloc'ed or
 * NULL); `code` selects from on_error. The asker is told. */
void akt_turn_failed(struct akt_isolate *iso, struct akt_reason *reason,
                     const char *code, char *report, uint32_t report_len);
/* It ends the actor in order. Takes the reference. */
void akt_turn_exit(struct akt_isolate *iso, struct akt_reason *reason);
/* It is a process whose function has ended. False: this is the end of the
 * actor, and is to be told by one of the next two. */
bool akt_turn_outlived(struct akt_isolate *iso);
/* It is main, and its text has run to the end. */
void akt_turn_finished(struct akt_isolate *iso);
/* It was ended by a deadline that it inherited: counted, no crash. */
void akt_turn_expired(struct akt_isolate *iso);

/* For a host that takes messages itself (receive): whether a message that
 * has left the mailbox is for a handler; if not, it is dealt with and gone
 * (or, for EXIT, DOWN and ticks, the caller frees it). */
bool akt_message_taken(struct akt_isolate *iso, struct akt_actor *a,
                       struct akt_msg *m);
/* For vm/strand.c: the message behind `prev` begins its turn, or the handler
 * in the foreground goes on. False: there is none. */
bool akt_turn_take(struct akt_isolate *iso, struct akt_actor *a,
                   struct akt_msg *prev);
bool akt_turn_resume(struct akt_isolate *iso, struct akt_actor *a);
/* A number no other ref in the node has; bit 63 is set. */
uint64_t akt_isolate_ref(struct akt_isolate *iso);
/* Puts the actor on the ready list if it is not there. */
void akt_isolate_ready(struct akt_isolate *iso, struct akt_actor *a);
/* One visit. True: it has more to do. [worker] */
bool akt_isolate_visit(struct akt_isolate *iso);
bool akt_isolate_has_work(const struct akt_isolate *iso);

/* In simulation somebody else chooses (vm/sim.c). */

/* Takes what has arrived, and what is due. [worker] */
void akt_isolate_arrive(struct akt_isolate *iso);
/* Up to `max` actors that may run next, in order; the woken ones, or those
 * that were preempted. [worker] */
uint32_t akt_isolate_ready_list(const struct akt_isolate *iso, bool preempted,
                                struct akt_actor **out, uint32_t max);
/* Who runs next where others than normal ones are ready (iso->classed), taken
 * off its list. [worker] */
struct akt_actor *akt_isolate_next(struct akt_isolate *iso);
/* The next visit is one turn, of this one of them. [worker] */
void akt_isolate_offer(struct akt_isolate *iso, struct akt_actor *a);

#endif
