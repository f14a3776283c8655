/* SPDX-License-Identifier: MIT
 *
 * vm/remote.h: actors of other nodes, as the machine sees them.
 *
 * A pid whose node index is not AKT_PID_NODE_SELF is of another node. What is
 * posted to it goes to whoever keeps the links (net/network.h), by a table of
 * functions; what comes from there is posted like any message. All that an
 * actor has to do with others (monitors, links, asks) stays in its record and
 * in its isolate's pendings, as it does for local ones: when a node is gone
 * each isolate looks for what it had to do with it. So nothing has to be kept
 * twice, and each is told once.
 *
 * Local sends never come near any of this: they find the actor first.
 *
 * Invariants
 *   R1  When a node is gone, everybody who waits for, monitors or is linked to
 *       one of its actors is told `noconnection` once, behind all that came
 *       from it.
 *   R2  A message from another node keeps to the bounds of its receiver: over
 *       them it is dropped, or waits and is not released before it is in.
 *   R3  What other nodes' actors want to be told of is bounded.
 *
 * Ownership: posts take the block. Threads: as each line says.
 */
#ifndef AKT_VM_REMOTE_H
#define AKT_VM_REMOTE_H

#include "vm/isolate.h"
#include "vm/node.h"

/* Indexes, of all nodes ever heard of: bit 15 of one would make refs of pids.
 */
#define AKT_NODES_MAX 32766u
/* Of a pid whose node cannot be reached from here, on any node: a client of
 * another node. Nobody has this index. */
#define AKT_NODE_NOBODY 32767u

/* The name of an actor stands in front of a message to this pid's slot. */
#define AKT_SLOT_NAMED 0u

struct akt_metrics_sink;

struct akt_remote {
    /* [any] Takes m, without looking at credit. `from`: the isolate that the
     * calling thread runs, or NULL. Without connection: akt_bounce. */
    void (*post)(struct akt_remote *r, struct akt_isolate *from,
                 struct akt_msg *m);
    /* [owner] AKT_OK: taken; AKT_NOCONNECTION: taken, a dead letter;
     * AKT_OVERLOADED: no credit, not taken. */
    enum akt_code (*send)(struct akt_remote *r, struct akt_isolate *iso,
                          struct akt_msg *m);
    /* [owner] As akt_send_wait: it waits for credit. */
    void (*wait)(struct akt_remote *r, struct akt_isolate *iso,
                 struct akt_msg *m);
    /* [worker] The end of a visit: writes what it has sent (w->unsent). */
    void (*flush)(struct akt_remote *r, struct akt_worker *w);
    /* [any] A message of akt_remote_arrive that had to wait has been let in,
     * or dropped. */
    void (*released)(struct akt_remote *r, uint64_t token, uint32_t size);
    /* [ticker] This worker stays in a turn, and does not look into its loop:
     * somebody else reads what other nodes say to it. Each tick, as long as
     * that lasts. */
    void (*stand_in)(struct akt_remote *r, struct akt_worker *stuck);
    /* [any] The name of a node; false: there is none with this index. */
    bool (*name)(struct akt_remote *r, uint32_t index, char *out, size_t len);
    /* [any] The figures of links, for vm/metrics_read.h. NULL: none. */
    void (*metrics)(struct akt_remote *r, const struct akt_metrics_sink *to);
};

static inline bool akt_pid_is_remote(akt_pid pid)
{
    return akt_pid_node(pid) > AKT_PID_NODE_SELF;
}

/* For vm/send.c, as the functions above; a node without network bounces. */
void akt_remote_post(struct akt_node *node, struct akt_isolate *from,
                     struct akt_msg *m);
enum akt_code akt_remote_send(struct akt_isolate *iso, struct akt_msg *m);
void akt_remote_wait(struct akt_isolate *iso, struct akt_msg *m);

/* [any] A message from another node: an AKT_MSG_USER made by akt_msg_new_ack,
 * of any other type that may travel (net/wire.h) by akt_msg_new. Its pids are
 * of this node. True: released at once; false: by `released`, with this token
 * (1 to 2^62 - 1). */
bool akt_remote_arrive(struct akt_node *node, struct akt_msg *m,
                       uint64_t token);

/* [any] The node with this index is gone (R1). */
void akt_remote_gone(struct akt_node *node, uint32_t index);

/* For vm/mailbox.c and vm/send.c: who waits by this acknowledgement. */
static inline bool akt_remote_is_token(uint64_t ack)
{
    return ack && ack >> 62 == 0; /* ids of pendings have bit 63 */
}
void akt_remote_release(struct akt_node *node, struct akt_msg *m);

/* For vm/ties.c and vm/isolate.c. [owner] */

/* Monitors and links that actors of one other node have on those of one
 * isolate; more are refused with `limit`. Counted loosely: an end of some is
 * noticed when the count is full, so up to a sixteenth less. */
#define AKT_REMOTE_TIES_MAX 262144u
/* Whether an actor of that node may have one more. */
bool akt_remote_may_tie(struct akt_isolate *iso, uint32_t node);
/* The actor has to do with one of another node now. */
void akt_remote_note(struct akt_isolate *iso, const struct akt_actor *a);
void akt_remote_on_gone(struct akt_isolate *iso, struct akt_msg *m);
void akt_remote_fini(struct akt_isolate *iso);

#endif
