/* SPDX-License-Identifier: MIT
 *
 * net/wire.h: a message of the machine as the head and body of one on a link.
 *
 * Pids are written as they are on the sending node; the receiver gives their
 * node indexes those it has for the same nodes (net/link.h). Little endian:
 *
 *     0  type       enum akt_msg_type
 *     1  flags      those that may travel
 *     2  code       of a reply; of a reason
 *     3  parts      which of the following there are: AKT_WIRE_*
 *     4  target     slot and generation; its node is the receiver
 *     12 sender     a pid, or 0; AKT_WIRE_OUTSIDE: an ask by a thread that runs
 *                   no actor, its answer comes back to that
 *     .. ask        8 bytes: who waits for an answer, or which monitor
 *     .. remaining  4 bytes: ms to the deadline, at least 1
 *     .. cause      trace, parent, origin: 8, 16 and 8 bytes
 *
 * The body is the message's, or the value of a reason (AKT_WIRE_REASON); in
 * front of a message to a name stands the name, as a MessagePack string.
 *
 * What is read has what its type needs, and nothing else: a target (or a name),
 * an ask where the machine uses it as a key, somebody who is tied or answered.
 *
 * Threads: any; plain functions.
 */
#ifndef AKT_NET_WIRE_H
#define AKT_NET_WIRE_H

#include <stdbool.h>

#include "vm/message.h"

enum akt_wire_parts {
    AKT_WIRE_ASK = 1,
    AKT_WIRE_DEADLINE = 2,
    AKT_WIRE_CAUSE = 4,
    AKT_WIRE_REASON = 8,
    AKT_WIRE_ALL = 15
};

#define AKT_WIRE_HEAD_MAX 64
/* No actor has the last slot. */
#define AKT_WIRE_OUTSIDE akt_pid_make(AKT_PID_NODE_SELF, AKT_PID_SLOT_MAX, 0)

/* Whether another node may send messages of this type. */
bool akt_wire_may_travel(enum akt_msg_type type);

/* Writes the head of m; `now_ns`: what deadlines are counted from. Returns its
 * length. */
size_t akt_wire_head(const struct akt_msg *m, uint64_t now_ns,
                     char out[AKT_WIRE_HEAD_MAX]);
/* The block whose body goes behind it: m, or one with the value of its reason,
 * and m is freed. */
struct akt_msg *akt_wire_body(struct akt_msg *m);

/* What came: a new block, or NULL: nonsense. Pids in the head and the body
 * still are the sender's. A message of a script has room for an
 * acknowledgement. */
struct akt_wire_in {
    const char *head, *body;
    size_t head_len, body_len;
    uint64_t now_ns;
    const char *name; /* out: it is for one of this name, which is in body */
    size_t name_len;
    char *name_room;       /* NULL, or AKT_NAME_MAX bytes where `name` goes */
    struct akt_msg *block; /* NULL, or a large one that has the body, and
                            * becomes the message or is freed; name_room */
};
struct akt_msg *akt_wire_read(struct akt_wire_in *in);

/* What one node tells of another: its index there, name, incarnation and
 * address. */
struct akt_wire_node {
    uint16_t index;
    uint64_t incarnation;
    char name[65], address[256];
};
struct akt_buf;
void akt_wire_put_node(const struct akt_wire_node *n, struct akt_buf *out);
bool akt_wire_get_node(const char *p, size_t len, struct akt_wire_node *out);

#endif
