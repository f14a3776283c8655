/* SPDX-License-Identifier: MIT
 *
 * vm/message.h: message blocks.
 *
 * One block is one message on its way from a sender to a mailbox: a fixed
 * header and the MessagePack bytes behind it, unchanged from send to receive.
 * What the machine says to an actor (links, starts, stops) travels in the
 * same blocks; their bodies hold a C struct instead.
 *
 *     [ next | target | sender | ask | deadline | trace | parent | origin ]
 *     [ size ... | body: size bytes ]
 *
 * Ownership: a block has one owner at a time. akt_post takes it.
 * Threads:   [any]. Blocks come from a pool of the calling thread and go back
 *            to the pool of the thread that frees them; pools exchange blocks
 *            in batches through one locked list, so a thread that only frees
 *            cannot hoard more than AKT_POOL_KEEP blocks a size.
 */
#ifndef AKT_VM_MESSAGE_H
#define AKT_VM_MESSAGE_H

#include <stddef.h>
#include <stdint.h>

#include "vm/pid.h"
#include "vm/reason.h"

#define AKT_MESSAGE_MAX (64u << 20) /* body bytes, over that: too_large */
#define AKT_MSG_RESIZE_MIN 4096     /* such bodies are in no pool */
#define AKT_POOL_KEEP 2048          /* blocks a thread keeps per size */

enum akt_msg_type {
    /* in order with user messages */
    AKT_MSG_USER,  /* (tag, ...) from a script */
    AKT_MSG_EXIT,  /* a linked actor ended; akt_msg_reason */
    AKT_MSG_DOWN,  /* a monitored actor ended; akt_msg_reason */
    AKT_MSG_REPLY, /* the answer to `ask`; code says whether it is an error */
    /* acted on by the machine when they arrive */
    AKT_MSG_START,
    AKT_MSG_STOP,
    AKT_MSG_KILL,
    AKT_MSG_LINK,
    AKT_MSG_UNLINK,
    AKT_MSG_MONITOR,
    AKT_MSG_DEMONITOR,
    AKT_MSG_CHILD_FAILED,     /* child -> parent: what now? */
    AKT_MSG_CHILD_HALTED,     /* child -> parent: ready to be restarted */
    AKT_MSG_CHILD_READY,      /* child -> parent: restarted */
    AKT_MSG_CHILD_ENDED,      /* child -> parent: gone; the slot may be freed */
    AKT_MSG_CHILD_NEW,        /* spawner -> `/user`: a detached child */
    AKT_MSG_CHILD_REINSTATED, /* child -> parent: what was before is forgotten
                               */
    AKT_MSG_HALT,             /* parent -> child: drop your state */
    AKT_MSG_RESTART,          /* parent -> child: start again after a delay */
    AKT_MSG_RESTART_ASKED,    /* somebody: restart by hand */
    AKT_MSG_REINSTATE,        /* somebody: go on, parked or suspended one */
    AKT_MSG_PASSIVATE,        /* the node has too many: vm/evict.h */
    AKT_MSG_INFO,             /* somebody asks what the host tells of it */
    AKT_MSG_UPGRADE,          /* to an isolate; body: pids that should look */
    AKT_MSG_NODE_GONE,        /* to an isolate; `ask` is the index of a node */
    AKT_MSG_HOST,             /* to an isolate: a question to its host */
    AKT_MSG_FULL,             /* somebody found the mailbox full */
    /* from the machine to the handlers of an actor, in its mailbox */
    AKT_MSG_SIGNAL, /* overloaded or recovered: vm/overload.h */
    AKT_MSG_TASK    /* never sent: what a task has as its message; `timer` is
                     * the number of its future */
};

enum akt_msg_flags {
    AKT_MSG_ACK = 1,        /* struct akt_msg_ack stands behind the body */
    AKT_MSG_TICK = 2,       /* of a timer; it has `timer`, no parent */
    AKT_MSG_REASON = 4,     /* the body is a struct akt_reason pointer */
    AKT_MSG_TAKEN = 8,      /* current, taken from within the handler */
    AKT_MSG_PLAIN = 16,     /* ... by a receive that has no end */
    AKT_MSG_RESTARTED = 32, /* DOWN: it was only restarted; MONITOR: wants to
                             * hear that too */
    AKT_MSG_LAST = 32,      /* STOP: once its mailbox is empty */
    AKT_MSG_LAGGED = 32,    /* USER: a note of vm/topic.h */
    AKT_MSG_LOOKED = 64,    /* its sender has done what AKT_LOAD_LOOK asks */
    /* the same bit as TAKEN, while it stands in a mailbox: vm/order.h */
    AKT_MSG_SORTED = AKT_MSG_TAKEN,
};

/* How a message begins: with its tag. Every block has as many bytes. */
struct akt_parent {
    char bytes[16];
};

struct akt_msg {
    struct akt_msg *next;
    akt_pid target;
    akt_pid sender;
    uint64_t ask;         /* 0: nobody waits */
    uint64_t deadline_ns; /* monotonic; 0: none */
    uint64_t trace;       /* this and the next ones: vm/cause.h */
    union {
        struct akt_parent parent; /* the message that caused this one */
        uint64_t timer;           /* of a tick: which timer */
    };
    akt_pid origin; /* who sent the parent */
    uint32_t size;  /* body bytes */
    uint8_t type;
    uint8_t flags;
    uint8_t pool; /* size class, or none: malloc */
    uint8_t code; /* enum akt_code, of a reply; in a mailbox: vm/order.h */
    uint32_t sent_tick;
    uint32_t stamp; /* when it was sent, of a sample: vm/metrics.h; 0: none */
    char body[];
};

/* Behind the body of a message whose sender waits for room. */
struct akt_msg_ack {
    uint64_t id;          /* pending id of the sender */
    uint64_t deadline_ns; /* not let in from then on; 0: for ever */
};

/* Never fails; the header is zeroed but for size, type and pool. */
struct akt_msg *akt_msg_new(enum akt_msg_type type, size_t size_bytes);
/* The same with a zeroed struct akt_msg_ack behind the body. */
struct akt_msg *akt_msg_new_ack(enum akt_msg_type type, size_t size_bytes);
/* The same message without that: nobody waits for room any more. The block may
 * be another one. */
struct akt_msg *akt_msg_without_ack(struct akt_msg *m);
/* Another size of a body, what fits of it stays; both are AKT_MSG_RESIZE_MIN or
 * more. Frees the old block. */
struct akt_msg *akt_msg_resize(struct akt_msg *m, size_t size_bytes);
/* Of such a block one for a message of another type, which keeps its body from
 * byte `front` on; for AKT_MSG_USER it gets a zeroed struct akt_msg_ack. */
struct akt_msg *akt_msg_reuse(struct akt_msg *m, enum akt_msg_type type,
                              size_t front);
/* Also drops the reason a block carries. NULL allowed. */
void akt_msg_free(struct akt_msg *m);
/* A block that carries a reason; takes the reference. */
struct akt_msg *akt_msg_with_reason(enum akt_msg_type type,
                                    struct akt_reason *reason);
/* The reason in such a block; borrowed. */
struct akt_reason *akt_msg_reason(const struct akt_msg *m);

struct akt_msg_ack *akt_msg_ack_of(struct akt_msg *m);

/* Gives the calling thread's blocks back to malloc; at its end. */
void akt_msg_pool_release(void);
/* Gives back what threads have left behind; when all have ended. */
void akt_msg_pool_fini(void);

#endif
