/* SPDX-License-Identifier: MIT
 *
 * vm/stream.h: events as messages to the actors that subscribe to them.
 *
 * akt_event (vm/events.h) writes what happens into rings. With subscribers,
 * the thread on which it happens also makes a message of it,
 *
 *     ("event", { type =, severity =, at =, pid =, ... })
 *
 * and posts it. Nobody waits for a subscriber: one whose mailbox has no room,
 * or more in it than it has said, loses the event, which is counted; as soon
 * as there is room it gets ("lagged", n). Without subscribers an event costs
 * one load more (akt_event_wanted).
 *
 * Invariants
 *   U1  What the stream does makes no events: messages of it that come to
 *       nothing are no dead letters, and what happens on a thread while it
 *       publishes is not published.
 *   U2  Subscribers cannot feed themselves or one another: what comes to
 *       nothing of what one of them sends while it handles an event is not
 *       published, nor is its preemption told to itself.
 *   U3  A subscription ends with its actor, and when that restarts. It keeps
 *       nothing alive.
 *
 * Ownership: the node owns subscriptions; names and tags are copied.
 * Threads:   [any]. A lock for reading is held while events are published,
 *            under which blocks are posted and nothing waits.
 */
#ifndef AKT_VM_STREAM_H
#define AKT_VM_STREAM_H

#include "vm/events.h"

#define AKT_SUBSCRIBERS 64
#define AKT_STREAM_MAX 4096   /* messages in a mailbox; more are lost */
#define AKT_STREAM_BYTES 4096 /* of a message, or a reason, in an event */
#define AKT_STREAM_TAG 64     /* bytes, the end included */

/* Which events; all that is zero or NULL: any. */
struct akt_event_filter {
    uint64_t kinds; /* bits by enum akt_event_kind */
    enum akt_severity severity;
    akt_pid about;    /* it, its children, its messages */
    const char *kind; /* the name of the actor's */
};

struct akt_subscribe {
    struct akt_event_filter filter;
    akt_pid pid;
    const char *tag; /* NULL: "event" */
    uint32_t max;    /* 0: AKT_STREAM_MAX */
};

/* Takes the place of what the actor had. AKT_NOPROC, AKT_LIMIT; AKT_DENIED:
 * it is no actor of a script. */
enum akt_code akt_subscribe(struct akt_node *node,
                            const struct akt_subscribe *how);
/* False: it had no subscription. Events that are on the way still come. */
bool akt_unsubscribe(struct akt_node *node, akt_pid pid);

struct akt_stream_stats {
    uint32_t subscribers;
    uint64_t published, delivered, lost; /* also by those that are gone */
};

struct akt_subscriber_stats {
    akt_pid pid;
    uint64_t delivered, lost;
};

/* Returns how many subscribers there are in `each`. */
uint32_t akt_stream_stats(struct akt_node *node, struct akt_stream_stats *all,
                          struct akt_subscriber_stats each[AKT_SUBSCRIBERS]);

/* Whether a filter lets an event through. */
bool akt_event_passes(struct akt_node *node, const struct akt_event_filter *f,
                      const struct akt_event *e);
/* The newest `max` that pass, oldest first, out of the rings; returns how
 * many. */
size_t akt_event_history(struct akt_node *node,
                         const struct akt_event_filter *f,
                         struct akt_event *out, size_t max);
/* The table of an event; `d` may be NULL. */
void akt_event_pack(struct akt_buf *b, struct akt_node *node,
                    const struct akt_event *e,
                    const struct akt_event_details *d);

/* ---- for the machine ---- */

void akt_stream_publish(struct akt_node *node, const struct akt_event *e,
                        const struct akt_event_details *d);
/* Tells those that have lost events and have room again. */
void akt_stream_tick(struct akt_node *node);
/* [owner] The actor ends, or drops its state. */
static inline void akt_stream_forget(struct akt_node *node, struct akt_actor *a)
{
    /* relaxed: a subscription that comes at this moment is found dead later */
    if (atomic_load_explicit(&a->subscribed, memory_order_relaxed))
        (void)akt_unsubscribe(node, a->self);
}

/* [start] */
struct akt_stream *akt_stream_create(void);
void akt_stream_destroy(struct akt_stream *s);

#endif
