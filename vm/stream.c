/* SPDX-License-Identifier: MIT */
#include "vm/stream.h"

#include <pthread.h>
#include <stdio.h>

#include "vm/base/alloc.h"
#include "vm/tape.h"
#include "vm/cause.h"
#include "vm/pack.h"
#include "vm/send.h"

#define KIND_NAME 65 /* bytes, as in vm/metrics.h */

_Static_assert(AKT_EVENT_KIND_COUNT <= 64, "kinds are bits of a word");

struct subscription {
    akt_pid pid; /* none: free */
    struct akt_event_filter filter;
    uint32_t max;
    char kind[KIND_NAME];
    char tag[AKT_STREAM_TAG];
    struct akt_parent parent; /* of what it sends while it handles one */
    size_t parent_len;
    /* by many, under the lock for reading */
    _Atomic uint64_t delivered, lost;
    _Atomic uint64_t unsaid; /* lost, and it has not been told */
};

struct akt_stream {
    pthread_rwlock_t lock;
    struct subscription subs[AKT_SUBSCRIBERS];
    _Atomic uint64_t published, delivered, lost;
    _Atomic bool lagging; /* somebody may have to be told */
};

/* U1: what happens while this thread publishes is not published. */
static _Thread_local bool publishing;

struct akt_stream *akt_stream_create(void)
{
    struct akt_stream *s = akt_calloc(sizeof *s);
    pthread_rwlockattr_t attr;
    pthread_rwlockattr_init(&attr);
    /* a flood of events must not keep somebody from unsubscribing */
    pthread_rwlockattr_setkind_np(&attr,
                                  PTHREAD_RWLOCK_PREFER_WRITER_NONRECURSIVE_NP);
    pthread_rwlock_init(&s->lock, &attr);
    pthread_rwlockattr_destroy(&attr);
    return s;
}

void akt_stream_destroy(struct akt_stream *s)
{
    pthread_rwlock_destroy(&s->lock);
    akt_free(s, sizeof *s);
}

static void count(_Atomic uint64_t *counter, uint64_t n)
{
    /* relaxed: a figure */
    atomic_fetch_add_explicit(counter, n, memory_order_relaxed);
}

static uint64_t get(_Atomic uint64_t *counter)
{
    return atomic_load_explicit(counter, memory_order_relaxed);
}

/* ---- filters ---- */

static bool is_of_kind(struct akt_node *node, akt_pid who, const char *name)
{
    struct akt_actor *a = akt_actor_find(node->actors, who);
    return a && strcmp(akt_actor_kind(a)->name, name) == 0;
}

bool akt_event_passes(struct akt_node *node, const struct akt_event_filter *f,
                      const struct akt_event *e)
{
    if (f->kinds && !(f->kinds >> e->kind & 1))
        return false;
    if (akt_event_severity(e->kind, e->code) < f->severity)
        return false;
    bool about = akt_pid_is_none(f->about) || akt_pid_eq(f->about, e->who) ||
                 (akt_event_is_about(e->kind) && e->other == f->about.bits);
    return about && (!f->kind || is_of_kind(node, e->who, f->kind));
}

/* U2, under the lock: an echo of an event. */
static bool is_echo(const struct akt_stream *stream,
                    const struct akt_event_details *d)
{
    const struct akt_msg *m = d ? d->msg : NULL;
    if (!m || m->type != AKT_MSG_USER || m->flags & AKT_MSG_TICK)
        return false;
    for (int i = 0; i < AKT_SUBSCRIBERS; i++) {
        const struct subscription *s = &stream->subs[i];
        if (!akt_pid_is_none(s->pid) && akt_pid_eq(s->pid, m->sender) &&
            memcmp(s->parent.bytes, m->parent.bytes, s->parent_len) == 0)
            return true;
    }
    return false;
}

static bool is_its_own(const struct subscription *s, const struct akt_event *e)
{
    return e->kind == AKT_EV_PREEMPT && akt_pid_eq(s->pid, e->who);
}

/* ---- publishing ---- */

/* Takes no reference: the bodies of events are copied for each. */
static void post(struct akt_node *node, akt_pid to, const struct akt_buf *body,
                 uint64_t trace)
{
    struct akt_msg *m = akt_msg_new(AKT_MSG_USER, body->len);
    memcpy(m->body, body->data, body->len);
    m->target = to;
    m->trace = trace;
    m->parent.bytes[0] = AKT_PARENT_EVENT;
    /* relaxed: the time, exact to a tick */
    m->sent_tick = atomic_load_explicit(&node->tick, memory_order_relaxed);
    akt_post(node, NULL, m);
}

static bool has_room(struct akt_node *node, const struct subscription *s,
                     const struct akt_actor *a)
{
    /* relaxed: a reading of the memory in use */
    return akt_actor_queued(a) < s->max && akt_send_has_room(a) &&
           !atomic_load_explicit(&node->pressure, memory_order_relaxed);
}

static void say_lagged(struct akt_node *node, struct subscription *s)
{
    if (!get(&s->unsaid))
        return;
    /* relaxed: a figure; one of several threads gets it */
    uint64_t n = atomic_exchange_explicit(&s->unsaid, 0, memory_order_relaxed);
    struct akt_buf b = AKT_BUF_INIT;
    akt_pack_string(&b, "lagged", 6);
    akt_pack_number(&b, n);
    if (n)
        post(node, s->pid, &b, 0);
    akt_buf_fini(&b);
}

static void lose(struct akt_stream *stream, struct subscription *s)
{
    count(&stream->lost, 1);
    count(&s->lost, 1);
    count(&s->unsaid, 1);
    /* relaxed: the ticker sees it soon */
    atomic_store_explicit(&stream->lagging, true, memory_order_relaxed);
}

/* What is published, and its bytes once somebody wants them. */
struct news {
    const struct akt_event *event;
    const struct akt_event_details *details;
    struct akt_buf table;
};

static void deliver(struct akt_node *node, struct subscription *s,
                    struct news *n)
{
    struct akt_buf body = AKT_BUF_INIT;
    if (!n->table.len)
        akt_event_pack(&n->table, node, n->event, n->details);
    akt_pack_string(&body, s->tag, strlen(s->tag));
    akt_buf_add(&body, n->table.data, n->table.len);
    say_lagged(node, s);
    const struct akt_msg *m = n->details ? n->details->msg : NULL;
    post(node, s->pid, &body, m ? m->trace : 0);
    akt_buf_fini(&body);
    count(&node->stream->delivered, 1);
    count(&s->delivered, 1);
}

static void offer(struct akt_node *node, struct subscription *s, struct news *n)
{
    struct akt_actor *a = akt_actor_find(node->actors, s->pid);
    if (!a || is_its_own(s, n->event) ||
        !akt_event_passes(node, &s->filter, n->event))
        return;
    if (has_room(node, s, a))
        deliver(node, s, n);
    else
        lose(node->stream, s);
}

void akt_stream_publish(struct akt_node *node, const struct akt_event *e,
                        const struct akt_event_details *d)
{
    struct akt_stream *stream = node->stream;
    struct news n = {.event = e, .details = d};
    if (publishing)
        return;
    publishing = true;
    pthread_rwlock_rdlock(&stream->lock);
    akt_input_ticket();
    bool echo = is_echo(stream, d);
    for (int i = 0; i < AKT_SUBSCRIBERS && !echo; i++)
        if (!akt_pid_is_none(stream->subs[i].pid))
            offer(node, &stream->subs[i], &n);
    pthread_rwlock_unlock(&stream->lock);
    publishing = false;
    count(&stream->published, 1);
    akt_buf_fini(&n.table);
}

/* True: it has still to be told. */
static bool tell_if_room(struct akt_node *node, struct subscription *s)
{
    struct akt_actor *a = akt_actor_find(node->actors, s->pid);
    if (!a || !get(&s->unsaid))
        return false;
    bool room = has_room(node, s, a);
    if (room)
        say_lagged(node, s);
    return !room;
}

void akt_stream_tick(struct akt_node *node)
{
    struct akt_stream *stream = node->stream;
    bool lagging = false;
    /* relaxed, here and below: who loses something now sets it again */
    if (!atomic_load_explicit(&stream->lagging, memory_order_relaxed))
        return;
    atomic_store_explicit(&stream->lagging, false, memory_order_relaxed);
    publishing = true;
    pthread_rwlock_rdlock(&stream->lock);
    akt_input_ticket();
    for (int i = 0; i < AKT_SUBSCRIBERS; i++)
        lagging |= tell_if_room(node, &stream->subs[i]);
    pthread_rwlock_unlock(&stream->lock);
    publishing = false;
    if (lagging)
        atomic_store_explicit(&stream->lagging, true, memory_order_relaxed);
}

/* ---- subscribing ---- */

/* Under the lock for writing. */
static void publish_wanted(struct akt_node *node)
{
    uint64_t wanted = 0;
    for (int i = 0; i < AKT_SUBSCRIBERS; i++) {
        const struct subscription *s = &node->stream->subs[i];
        if (!akt_pid_is_none(s->pid))
            wanted |= s->filter.kinds ? s->filter.kinds : UINT64_MAX;
    }
    /* relaxed: a wish that is seen soon; the rest is under the lock */
    atomic_store_explicit(&node->events_wanted, wanted, memory_order_relaxed);
}

/* Under the lock for writing: the place of this actor, or (`any`) a free one;
 * that of an actor that has ended is free. */
static struct subscription *place(struct akt_node *node, akt_pid pid, bool any)
{
    struct subscription *found = NULL;
    for (int i = 0; i < AKT_SUBSCRIBERS; i++) {
        struct subscription *s = &node->stream->subs[i];
        if (akt_pid_eq(s->pid, pid))
            return s;
        if (any && !found && !akt_actor_find(node->actors, s->pid))
            found = s;
    }
    return found;
}

/* The tag as akt_cause_note sees it, without what stands behind it. */
static void note_parent(struct subscription *s)
{
    struct akt_buf head = AKT_BUF_INIT;
    akt_pack_string(&head, s->tag, strlen(s->tag));
    size_t max = sizeof s->parent.bytes;
    s->parent_len = head.len < max ? head.len : max;
    memcpy(s->parent.bytes, head.data, s->parent_len);
    akt_buf_fini(&head);
}

static void fill(struct subscription *s, const struct akt_subscribe *how)
{
    const char *kind = how->filter.kind;
    *s = (struct subscription){.pid = how->pid, .filter = how->filter};
    s->max = how->max ? how->max : AKT_STREAM_MAX;
    snprintf(s->kind, sizeof s->kind, "%s", kind ? kind : "");
    snprintf(s->tag, sizeof s->tag, "%s", how->tag ? how->tag : "event");
    s->filter.kind = kind ? s->kind : NULL;
    note_parent(s);
}

/* Under the lock for writing. */
static enum akt_code add(struct akt_node *node, const struct akt_subscribe *how)
{
    struct akt_actor *a = akt_actor_find(node->actors, how->pid);
    if (!a)
        return AKT_NOPROC;
    if (akt_node_is_guardian(node, how->pid))
        return AKT_DENIED;
    struct subscription *s = place(node, how->pid, true);
    if (!s)
        return AKT_LIMIT;
    fill(s, how);
    /* relaxed: its owner sees it soon; an actor that ends at this moment
     * leaves a place that counts as free */
    atomic_store_explicit(&a->subscribed, true, memory_order_relaxed);
    return AKT_OK;
}

enum akt_code akt_subscribe(struct akt_node *node,
                            const struct akt_subscribe *how)
{
    struct akt_stream *stream = node->stream;
    pthread_rwlock_wrlock(&stream->lock);
    akt_input_ticket();
    enum akt_code code = add(node, how);
    publish_wanted(node);
    pthread_rwlock_unlock(&stream->lock);
    return code;
}

bool akt_unsubscribe(struct akt_node *node, akt_pid pid)
{
    struct akt_stream *stream = node->stream;
    pthread_rwlock_wrlock(&stream->lock);
    akt_input_ticket();
    struct subscription *s = place(node, pid, false);
    if (s)
        *s = (struct subscription){.pid = AKT_PID_NONE};
    publish_wanted(node);
    pthread_rwlock_unlock(&stream->lock);
    return s != NULL;
}

uint32_t akt_stream_stats(struct akt_node *node, struct akt_stream_stats *all,
                          struct akt_subscriber_stats each[AKT_SUBSCRIBERS])
{
    struct akt_stream *stream = node->stream;
    uint32_t n = 0;
    pthread_rwlock_rdlock(&stream->lock);
    akt_input_ticket();
    for (int i = 0; i < AKT_SUBSCRIBERS; i++) {
        struct subscription *s = &stream->subs[i];
        if (akt_actor_find(node->actors, s->pid))
            each[n++] = (struct akt_subscriber_stats){
                s->pid, get(&s->delivered), get(&s->lost)};
    }
    pthread_rwlock_unlock(&stream->lock);
    *all =
        (struct akt_stream_stats){n, get(&stream->published),
                                  get(&stream->delivered), get(&stream->lost)};
    return n;
}

/* ---- history ---- */

struct search {
    struct akt_node *node;
    const struct akt_event_filter *filter;
};

static bool is_wanted(void *ctx, const struct akt_event *e)
{
    const struct search *s = ctx;
    return akt_event_passes(s->node, s->filter, e);
}

/* Into `all`, which has room, and is in the order of time; `some` are newest
 * first. From the back, so that those of one ring keep their order. */
static void merge(struct akt_event *all, size_t len,
                  const struct akt_event *some, size_t n)
{
    for (size_t to = len + n; n > 0; to--) {
        if (len > 0 && all[len - 1].us > some->us) {
            all[to - 1] = all[--len];
        } else {
            all[to - 1] = *some++;
            n--;
        }
    }
}

size_t akt_event_history(struct akt_node *node,
                         const struct akt_event_filter *f,
                         struct akt_event *out, size_t max)
{
    struct search search = {node, f};
    size_t len = 0, room = max + AKT_EVENTS;
    struct akt_event *all = akt_alloc(room * sizeof *all);
    struct akt_event *some = akt_alloc(AKT_EVENTS * sizeof *some);
    for (uint32_t i = 0; i < akt_event_rings(node); i++) {
        size_t n =
            akt_event_scan(node, i, is_wanted, &search, some, AKT_EVENTS);
        merge(all, len, some, n);
        len += n;
        size_t over = len > max ? len - max : 0;
        memmove(all, all + over, (len - over) * sizeof *all);
        len -= over;
    }
    memcpy(out, all, len * sizeof *all);
    akt_free(some, AKT_EVENTS * sizeof *some);
    akt_free(all, room * sizeof *all);
    return len;
}
