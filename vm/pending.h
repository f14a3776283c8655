/* SPDX-License-Identifier: MIT
 *
 * vm/pending.h: what an actor waits for: an answer, a point in time, or
 * whichever comes first.
 *
 * An ask, a spawn, a sleep, a wait for room in a mailbox, a job on another
 * thread and a timer are all one thing here: a number that an answer can
 * carry, and perhaps a deadline. Each isolate keeps its own, and a heap of
 * their deadlines, so none of it needs a lock.
 *
 * Invariants
 *   P1  An id is never used twice in an isolate; an answer to an id that is
 *       gone is a late reply: counted, never delivered.
 *   P2  A pending that belongs to an actor is on that actor's list and ends
 *       with it.
 *   P3  A program whose only deadlines are those of quiet pendings ends.
 *
 * Ownership: the isolate owns pendings; a pending owns its answer.
 * Threads:   [owner].
 */
#ifndef AKT_VM_PENDING_H
#define AKT_VM_PENDING_H

#include <stdbool.h>
#include <stdint.h>

#include "vm/base/heap.h"
#include "vm/message.h"

struct akt_actor;
struct akt_isolate;
struct akt_strand;
struct akt_timer;

enum akt_pending_type {
    AKT_P_CALL,      /* of the actor's handler: an answer or a time */
    AKT_P_TIMER,     /* a message to somebody, once or again and again */
    AKT_P_GRACE,     /* how long a handler, init or terminate may take */
    AKT_P_CHILD,     /* how long a child may take to stop */
    AKT_P_BACKOFF,   /* when to start again */
    AKT_P_PASSIVATE, /* when to look whether it is idle; quiet */
    AKT_P_HEALTH     /* the next health check, or the end of one; quiet */
};

/* Scripts open no more in one isolate; an id has room for 2^24, and what the
 * machine opens for itself is few per actor. */
#define AKT_PENDINGS_MAX (1 << 21)

struct akt_pending {
    struct akt_heap_node node; /* key: deadline */
    struct akt_actor *actor;
    struct akt_pending *next, *prev; /* of the actor */
    uint64_t id;                     /* 0: free */
    union {
        akt_pid target;          /* whom a call waits for */
        struct akt_timer *timer; /* timer: vm/timer.h, or NULL */
    };
    struct akt_strand *strand; /* that awaits it; NULL: the only one */
    struct akt_msg *msg;       /* call: the answer; timer: what is sent */
    uint64_t period_ns;        /* timer; 0: once */
    uint8_t type;
    uint8_t code;   /* call: AKT_OK, or why there is no answer */
    bool done;      /* call: answered or over its deadline */
    bool awaited;   /* call: the handler waits for this one */
    bool queued;    /* timer: a tick is in the mailbox */
    bool inherited; /* call: the deadline is not its own */
    bool asks;      /* call: an actor is to answer a message */
    bool passes;    /* call: no handler there that waits holds it up */
    bool paused;    /* timer: see vm/timer.h */
    bool quiet;     /* its deadline does not keep the program alive */
    uint32_t index;
    uint32_t next_free;
};

struct akt_pendings {
    struct akt_pending **chunks;
    uint32_t chunks_len;
    uint32_t free; /* index + 1 */
    uint32_t open;
    uint32_t quiet; /* of those in the heap */
    uint64_t serial;
    struct akt_heap heap;
};

void akt_pendings_init(struct akt_pendings *ps);
void akt_pendings_fini(struct akt_pendings *ps);

/* deadline_ns 0: none. Never fails. */
struct akt_pending *akt_pending_open(struct akt_isolate *iso,
                                     struct akt_actor *a,
                                     enum akt_pending_type type,
                                     uint64_t deadline_ns);
/* The same for what must not keep the program alive. */
struct akt_pending *akt_pending_open_quiet(struct akt_isolate *iso,
                                           struct akt_actor *a,
                                           enum akt_pending_type type,
                                           uint64_t deadline_ns);
struct akt_pending *akt_pending_find(struct akt_isolate *iso, uint64_t id);
/* The first open one at or after *at, or NULL; moves *at behind it. */
struct akt_pending *akt_pending_next(struct akt_isolate *iso, uint32_t *at);
/* Frees it and its message. */
void akt_pending_close(struct akt_isolate *iso, struct akt_pending *p);
/* Closes all of the actor, or those of one type. */
void akt_pending_close_all(struct akt_isolate *iso, struct akt_actor *a);
void akt_pending_close_type(struct akt_isolate *iso, struct akt_actor *a,
                            enum akt_pending_type type);
/* Takes the answer `m` (NULL: none, then `code` says why). Wakes the actor's
 * handler when it waits for this one. */
void akt_pending_answer(struct akt_isolate *iso, struct akt_pending *p,
                        struct akt_msg *m, enum akt_code code);
/* Handles all that are due. */
void akt_pending_fire(struct akt_isolate *iso, uint64_t now_ns);
/* A tick left the mailbox; false: it was cancelled, drop it. */
bool akt_pending_tick_taken(struct akt_isolate *iso, uint64_t id);
uint64_t akt_pending_nearest(const struct akt_isolate *iso); /* 0: none */
/* Whether there is a deadline that keeps the program alive. */
bool akt_pending_keeps(const struct akt_isolate *iso);

#endif
