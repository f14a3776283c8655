/* SPDX-License-Identifier: MIT
 *
 * vm/cause.h: which chain of messages a message belongs to, and what caused
 * it.
 *
 * `trace` is the chain: a message that is sent while another one is handled
 * has the trace of that one; one that nothing has caused, a root, gets a new
 * trace. `parent` and `origin` are the message that was being handled: how it
 * begins, which is its tag, and who sent it. With `sender` and the tag of the
 * message itself a report can so name three actors and two messages, however
 * long ago it was, without asking anybody.
 *
 * A trace is 64 bits, never 0. A node begins at a random number, whose top
 * byte differs for each of its workers, and counts: no two workers give out
 * the same one, and for two nodes (or two runs) to do so, both must begin
 * within what they give out, about one in 10^7 for a billion roots each.
 *
 * Messages that the machine makes (ticks, asks from outside, restarts) have no
 * trace until they are handled by an actor that needs one.
 *
 * Threads: [owner] of the actor whose turn it is, but for what says otherwise.
 */
#ifndef AKT_VM_CAUSE_H
#define AKT_VM_CAUSE_H

#include <string.h>

#include "vm/isolate.h"

/* The text of a parent and its end: 15 letters, "..." if there were more. */
#define AKT_CAUSE_TAG 20

/* `parent` of what the event stream sends begins with it, no message does. */
#define AKT_PARENT_EVENT ((char)0xc1)

/* [start] */
void akt_traces_begin(struct akt_node *node);

/* The trace of what actor `a` does now, made if it is its first use; 0: what
 * it does belongs to no chain (main, or a callback). */
uint64_t akt_cause_trace(struct akt_isolate *iso, struct akt_actor *a);
/* The same for all that `a` does from now on in this handler; 0: as it was.
 * Returns what it was. */
uint64_t akt_cause_set_trace(struct akt_actor *a, uint64_t trace);
/* akt_cause_note where that is not about a message of a script. */
void akt_cause_find(struct akt_isolate *iso, struct akt_actor *self,
                    struct akt_msg *m);

/* What `self` sends now. On the path of every send. */
static inline void akt_cause_note(struct akt_isolate *iso,
                                  struct akt_actor *self, struct akt_msg *m)
{
    const struct akt_msg *cause = self->current;
    if (!cause || cause->type != AKT_MSG_USER || !cause->trace) {
        akt_cause_find(iso, self, m);
        return;
    }
    m->trace = cause->trace;
    m->origin = cause->sender;
    memcpy(m->parent.bytes, cause->body, sizeof m->parent.bytes);
}

/* [any] A copy, or an answer, belongs where the original does. */
static inline void akt_cause_copy(struct akt_msg *to,
                                  const struct akt_msg *from)
{
    to->trace = from->trace;
    to->parent = from->parent;
    to->origin = from->origin;
}

/* [any] The parent of a message; of a tick, none. */
struct akt_parent akt_cause_of(const struct akt_msg *m);
/* [any] The tag of a parent; "": there is none. */
void akt_cause_tag(const struct akt_parent *parent, char out[AKT_CAUSE_TAG]);
/* [any] `"cause":{"tag":...,"from":...}`, or nothing. */
void akt_cause_show(struct akt_buf *b, struct akt_node *node,
                    const struct akt_parent *parent, akt_pid origin);

/* [any] A message of the event stream, which nobody misses. */
static inline bool akt_cause_is_event(const struct akt_msg *m)
{
    return m->type == AKT_MSG_USER && !(m->flags & AKT_MSG_TICK) &&
           m->parent.bytes[0] == AKT_PARENT_EVENT;
}

#endif
