/* SPDX-License-Identifier: MIT
 *
 * vm/trace.h: the messages into and out of one actor, while somebody looks.
 *
 * Workers copy what they see, at most AKT_TRACE_BODY bytes of each message,
 * into a ring of AKT_TRACE_RING entries; the reader makes text of it. When
 * the reader is slow, what comes is dropped and counted.
 *
 * An actor that is not traced costs a test of a byte that is at hand
 * (actor->traced) for each message.
 *
 * Invariants
 *   R1  Entries of one actor are in the order in which they happened.
 *   R2  A worker holds the lock to copy one entry, a reader to copy a few.
 *
 * Ownership: a trace belongs to who started it.
 * Threads:   as each line says.
 */
#ifndef AKT_VM_TRACE_H
#define AKT_VM_TRACE_H

#include "vm/isolate.h"
#include "vm/node.h"

#define AKT_TRACES 8 /* at a time, in one node */
#define AKT_TRACE_RING 1024
#define AKT_TRACE_BODY 200

enum akt_trace_way {
    AKT_TRACE_IN, /* a handler, or a receive, takes it */
    AKT_TRACE_OUT,
    AKT_TRACE_REPLY_IN,
    AKT_TRACE_REPLY_OUT
};

struct akt_trace_entry {
    uint64_t us; /* since the node was made */
    akt_pid peer;
    uint64_t trace; /* 0: none */
    struct akt_parent parent;
    akt_pid origin;
    uint32_t size; /* of the message; the copy may be shorter */
    uint8_t way;   /* enum akt_trace_way */
    uint8_t type;  /* enum akt_msg_type */
    uint8_t flags; /* of the message */
    uint8_t code;  /* of a reply */
    bool ask;
    uint8_t len;
    char body[AKT_TRACE_BODY];
};

struct akt_trace;

/* [any] AKT_OK, AKT_NOPROC, AKT_LIMIT. */
enum akt_code akt_trace_start(struct akt_node *node, akt_pid pid,
                              struct akt_trace **out);
/* [any] */
void akt_trace_stop(struct akt_node *node, struct akt_trace *t);
/* [any] Takes up to max entries, oldest first; *dropped gets how many have
 * been dropped since the last call. */
size_t akt_trace_read(struct akt_node *node, struct akt_trace *t,
                      struct akt_trace_entry *out, size_t max,
                      uint64_t *dropped);
/* [any] An entry as a JSON object. */
void akt_trace_show(struct akt_buf *b, struct akt_node *node,
                    const struct akt_trace_entry *e);

static inline bool akt_is_traced(const struct akt_actor *a)
{
    /* relaxed: a wish that is seen soon */
    return atomic_load_explicit(&a->traced, memory_order_relaxed);
}

/* [owner] Of a traced actor. */
void akt_trace_note(struct akt_node *node, const struct akt_actor *a,
                    enum akt_trace_way way, const struct akt_msg *m);

/* [start] */
struct akt_traces *akt_traces_create(void);
void akt_traces_destroy(struct akt_traces *traces);

#endif
