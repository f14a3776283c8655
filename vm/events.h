/* SPDX-License-Identifier: MIT
 *
 * vm/events.h: what has happened lately, kept per worker in rings that any
 * thread may read while the worker goes on writing.
 *
 * Two rings, because turns are a thousand times as frequent as all the rest.
 * A turn costs five plain stores, and its number is the one that the ticker
 * looks at anyway (worker->turn_seq). All other events go into a ring of
 * AKT_EVENTS entries; the same event about the same actor, again and again,
 * is one entry with a count for each second, so that a flood of dead letters
 * does not push everything else out.
 *
 * Invariants
 *   E1  A ring is written by its worker only; the one for events from other
 *       threads is written under a lock.
 *   E2  A reader gets an entry as it was written, or not at all: what was
 *       overwritten meanwhile counts as lost.
 *   E3  Writing never waits for a reader and allocates nothing.
 *
 * Threads: as each line says. Why it is built this way: vm/README.md,
 *          "Events".
 */
#ifndef AKT_VM_EVENTS_H
#define AKT_VM_EVENTS_H

#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "vm/base/buf.h"
#include "vm/isolate.h"
#include "vm/node.h"

#define AKT_EVENTS 4096 /* entries of a ring; a power of two */
#define AKT_TURNS 256   /* turns that are remembered; a power of two */

/* `other` is what the third column says. */
#define AKT_EVENT_KINDS(X)                             \
    X(SPAWN, "spawn")                 /* the parent */ \
    X(END, "end")                     /* none */       \
    X(CRASH, "crash")                 /* the sender */ \
    X(RESTART, "restart")             /* how many */   \
    X(LINKS, "links_told")            /* how many */   \
    X(MONITORS, "monitors_told")      /* how many */   \
    X(DEAD_LETTER, "dead_letter")     /* the sender */ \
    X(FULL, "mailbox_full")           /* the sender */ \
    X(PREEMPT, "preempt")             /* none */       \
    X(LONG_TURN, "long_turn")         /* ms */         \
    X(GROWTH, "mailbox_growth")       /* messages */   \
    X(RESTART_STORM, "restart_storm") /* restarts */   \
    X(MEMORY, "memory_high")          /* bytes */      \
    X(RELOAD, "reload")               /* none */       \
    X(START, "start")                 /* none */       \
    X(PARK, "park")                   /* none */       \
    X(REINSTATE, "reinstate")         /* none */       \
    X(REGISTER, "register")           /* none */       \
    X(OVERLOADED, "overloaded")       /* messages */   \
    X(RECOVERED, "recovered")         /* messages */   \
    X(PASSIVATED, "passivated")       /* bytes */      \
    X(WOKEN, "woken")                 /* none */       \
    X(SUSPENDED, "suspended")         /* none */       \
    X(HEALTH, "health")               /* its status */

enum akt_event_kind {
#define AKT_EVENT_ENUM(id, word) AKT_EV_##id,
    AKT_EVENT_KINDS(AKT_EVENT_ENUM)
#undef AKT_EVENT_ENUM
        AKT_EVENT_KIND_COUNT
};

/* How much it matters; of an end, it depends on the reason. */
enum akt_severity {
    AKT_SEV_TRACE,
    AKT_SEV_DEBUG,
    AKT_SEV_INFO,
    AKT_SEV_WARNING,
    AKT_SEV_ERROR,
    AKT_SEV_CRITICAL,
    AKT_SEV_COUNT
};

/* An event as a reader gets it. */
struct akt_event {
    uint64_t us; /* since the node was made */
    enum akt_event_kind kind;
    enum akt_code code; /* of an end, a crash, a dead letter */
    uint32_t count;     /* the same so many times within a second */
    uint32_t ring;      /* the worker; their number: from outside */
    akt_pid who;
    uint64_t other; /* a pid's bits, or a number */
};

/* What only the event stream tells (vm/stream.h); borrowed, NULL: nothing. */
struct akt_event_details {
    const struct akt_msg *msg; /* that was being handled, or was lost */
    const struct akt_reason *reason;
    const char *text; /* of a warning */
    const char *name; /* that an actor is registered under */
};

const char *akt_event_name(enum akt_event_kind kind);
const char *akt_severity_name(enum akt_severity severity);
enum akt_severity akt_event_severity(enum akt_event_kind kind,
                                     enum akt_code code);
/* Whether `other` is a pid. */
bool akt_event_is_about(enum akt_event_kind kind);
/* What `other` is called in the table of an event. */
const char *akt_event_other(enum akt_event_kind kind);

/* [any] Notes that something happened. */
void akt_event(struct akt_node *node, enum akt_event_kind kind, akt_pid who,
               enum akt_code code, uint64_t other);
/* [any] The same with what the stream tells; of `e` the time and the ring
 * are not looked at. */
void akt_event_told(struct akt_node *node, const struct akt_event *e,
                    const struct akt_event_details *d);
/* [any] Whether somebody subscribes to events of this kind. */
static inline bool akt_event_wanted(struct akt_node *node,
                                    enum akt_event_kind kind)
{
    /* relaxed: a wish that is seen soon */
    return atomic_load_explicit(&node->events_wanted, memory_order_relaxed) >>
               kind &
           1;
}

/* ---- reading: [any], each cursor by one thread at a time ---- */

/* Where a reader stands: for each ring the number of its next event. */
struct akt_event_cursor {
    uint32_t len;
    uint64_t *next;
    uint64_t lost; /* overwritten before they could be read */
};

/* At what comes from now on, or at the oldest that is still there. */
void akt_event_cursor_init(struct akt_event_cursor *c, struct akt_node *node,
                           bool oldest);
void akt_event_cursor_fini(struct akt_event_cursor *c);
/* Up to max of the next events, those of one call in the order of time;
 * returns how many. */
size_t akt_event_read(struct akt_node *node, struct akt_event_cursor *c,
                      struct akt_event *out, size_t max);

/* [any] The newest of ring i that `wanted` says yes to, at most max, newest
 * first. */
size_t akt_event_scan(struct akt_node *node, uint32_t ring,
                      bool (*wanted)(void *ctx, const struct akt_event *e),
                      void *ctx, struct akt_event *out, size_t max);
uint32_t akt_event_rings(const struct akt_node *node);

/* [any] An event as a JSON object. */
void akt_event_show(struct akt_buf *b, struct akt_node *node,
                    const struct akt_event *e);

/* ---- turns ---- */

struct akt_turn_entry {
    _Atomic uint64_t who;
    _Atomic uint64_t what; /* number + 1 << 40 | type, kind << 32 | ms */
    _Atomic uint64_t tag[2];
    _Atomic uint64_t from; /* pid of who sent the message, or 0 */
};

struct akt_turns {
    struct akt_turn_entry entries[AKT_TURNS];
};

/* A turn as a reader gets it. */
struct akt_turn_seen {
    akt_pid who;
    enum akt_turn_kind kind;
    enum akt_msg_type type; /* of a message */
    akt_pid from;           /* its sender; none: nobody */
    uint32_t ms;            /* since the node was made, about */
    uint32_t number;        /* from 0 */
    char tag[16];           /* the beginning of the message's; "": none */
};

/* [any] The last turns of a worker, newest first; returns how many. */
size_t akt_turns_read(struct akt_worker *w, struct akt_turn_seen *out,
                      size_t max);

/* [any] The turn that ran while turn_seq was `seq`, if it is remembered. */
bool akt_turns_find(struct akt_worker *w, uint32_t seq,
                    struct akt_turn_seen *out);

/* [owner] The number of the turn that begins next. */
static inline uint32_t akt_turns_next(const struct akt_worker *w)
{
    /* relaxed: its owner asks */
    return atomic_load_explicit(&w->turn_seq, memory_order_relaxed) >> 1;
}

/* [owner] With `seq` as it is while the turn runs, which has been stored. `t`
 * is no pointer, so that the compiler need not read again what was just set.
 * The first bytes of a message are its tag, as MessagePack; a block has at
 * least 16 of them, whatever its size (vm/message.c). */
static inline void akt_turns_note(struct akt_worker *w, uint32_t seq,
                                  struct akt_turn t)
{
    uint32_t n = seq >> 1;
    struct akt_turn_entry *e = &w->turns->entries[n & (AKT_TURNS - 1)];
    uint64_t tag[2] = {0, 0}, from = 0;
    uint32_t what = t.kind;
    if (t.kind == AKT_TURN_MESSAGE) {
        memcpy(tag, t.msg->body, sizeof tag);
        from = t.msg->sender.bits;
        what |= (uint32_t)t.msg->type << 4;
    }
    /* release: a reader that finds any of this (acquire) and then looks at
     * turn_seq sees that the turn before has been overwritten; `what` last,
     * since its number says that the others are there */
    atomic_store_explicit(&e->who, t.actor->self.bits, memory_order_release);
    atomic_store_explicit(&e->tag[0], tag[0], memory_order_release);
    atomic_store_explicit(&e->tag[1], tag[1], memory_order_release);
    atomic_store_explicit(&e->from, from, memory_order_release);
    atomic_store_explicit(
        &e->what, (uint64_t)(n + 1) << 40 | (uint64_t)what << 32 | w->now_ms,
        memory_order_release);
}

/* [start] */
struct akt_events *akt_events_create(struct akt_node *node);
void akt_events_destroy(struct akt_events *e);

#endif
