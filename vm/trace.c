/* SPDX-License-Identifier: MIT */
#include "vm/trace.h"

#include <inttypes.h>
#include <string.h>

#include "vm/base/alloc.h"
#include "vm/cause.h"
#include "vm/show.h"

struct akt_trace {
    akt_pid pid;
    uint32_t first, len; /* of the ring */
    uint64_t dropped;
    struct akt_trace_entry ring[AKT_TRACE_RING];
};

struct akt_traces {
    pthread_mutex_t lock; /* of all that is in here */
    struct akt_trace *active[AKT_TRACES];
};

struct akt_traces *akt_traces_create(void)
{
    struct akt_traces *traces = akt_calloc(sizeof *traces);
    pthread_mutex_init(&traces->lock, NULL);
    return traces;
}

void akt_traces_destroy(struct akt_traces *traces)
{
    for (int i = 0; i < AKT_TRACES; i++)
        akt_free(traces->active[i], sizeof **traces->active);
    pthread_mutex_destroy(&traces->lock);
    akt_free(traces, sizeof *traces);
}

/* ---- start, stop ---- */

static void mark(struct akt_node *node, akt_pid pid, bool on)
{
    struct akt_actor *a = akt_actor_find(node->actors, pid);
    /* relaxed: its owner sees it soon. If another actor has the record by
     * now, its messages find no trace; that costs it a little. */
    if (a)
        atomic_store_explicit(&a->traced, on, memory_order_relaxed);
}

static bool add(struct akt_traces *traces, struct akt_trace *t)
{
    for (int i = 0; i < AKT_TRACES; i++) {
        if (!traces->active[i]) {
            traces->active[i] = t;
            return true;
        }
    }
    return false;
}

enum akt_code akt_trace_start(struct akt_node *node, akt_pid pid,
                              struct akt_trace **out)
{
    struct akt_traces *traces = node->traces;
    if (!akt_actor_find(node->actors, pid))
        return AKT_NOPROC;
    struct akt_trace *t = akt_calloc(sizeof *t);
    t->pid = pid;
    pthread_mutex_lock(&traces->lock);
    bool ok = add(traces, t);
    if (ok)
        mark(node, pid, true);
    pthread_mutex_unlock(&traces->lock);
    if (!ok) {
        akt_free(t, sizeof *t);
        return AKT_LIMIT;
    }
    *out = t;
    return AKT_OK;
}

void akt_trace_stop(struct akt_node *node, struct akt_trace *t)
{
    struct akt_traces *traces = node->traces;
    bool others = false;
    pthread_mutex_lock(&traces->lock);
    for (int i = 0; i < AKT_TRACES; i++) {
        struct akt_trace *other = traces->active[i];
        if (other == t)
            traces->active[i] = NULL;
        else if (other && akt_pid_eq(other->pid, t->pid))
            others = true;
    }
    if (!others)
        mark(node, t->pid, false);
    pthread_mutex_unlock(&traces->lock);
    akt_free(t, sizeof *t);
}

/* ---- writing ---- */

static void copy_body(struct akt_trace_entry *e, const struct akt_msg *m)
{
    const char *bytes = m->body;
    size_t len = m->size;
    if (m->flags & AKT_MSG_REASON) {
        const struct akt_reason *reason = akt_msg_reason(m);
        bytes = reason->bytes;
        len = reason->len;
    }
    e->size = (uint32_t)len;
    e->len = (uint8_t)(len < AKT_TRACE_BODY ? len : AKT_TRACE_BODY);
    memcpy(e->body, bytes, e->len);
}

static void fill(struct akt_trace_entry *e, enum akt_trace_way way,
                 const struct akt_msg *m)
{
    bool in = way == AKT_TRACE_IN || way == AKT_TRACE_REPLY_IN;
    e->peer = in ? m->sender : m->target;
    e->trace = m->trace;
    e->parent = akt_cause_of(m);
    e->origin = m->origin;
    e->way = (uint8_t)way;
    e->type = m->type;
    e->flags = m->flags;
    e->code = m->code;
    e->ask = m->type == AKT_MSG_USER && m->ask;
    copy_body(e, m);
}

static void append(struct akt_trace *t, const struct akt_trace_entry *e)
{
    if (t->len == AKT_TRACE_RING) {
        t->dropped++;
        return;
    }
    struct akt_trace_entry *to =
        &t->ring[(t->first + t->len++) % AKT_TRACE_RING];
    memcpy(to, e, offsetof(struct akt_trace_entry, body) + e->len);
}

static void tell(struct akt_node *node, const struct akt_actor *a,
                 enum akt_trace_way way, const struct akt_msg *m)
{
    /* acquire: pairs with the release of who sets it, after what it uses */
    void (*on_trace)(struct akt_node *, const struct akt_actor *, int,
                     const struct akt_msg *) =
        atomic_load_explicit(&node->on_trace, memory_order_acquire);
    if (on_trace)
        on_trace(node, a, (int)way, m);
}

void akt_trace_note(struct akt_node *node, const struct akt_actor *a,
                    enum akt_trace_way way, const struct akt_msg *m)
{
    struct akt_traces *traces = node->traces;
    struct akt_trace_entry e;
    tell(node, a, way, m);
    e.us = (akt_world_mono_ns(node->world) - node->started_ns) / 1000;
    fill(&e, way, m);
    pthread_mutex_lock(&traces->lock);
    for (int i = 0; i < AKT_TRACES; i++) {
        struct akt_trace *t = traces->active[i];
        if (t && akt_pid_eq(t->pid, a->self))
            append(t, &e);
    }
    pthread_mutex_unlock(&traces->lock);
}

/* ---- reading ---- */

size_t akt_trace_read(struct akt_node *node, struct akt_trace *t,
                      struct akt_trace_entry *out, size_t max,
                      uint64_t *dropped)
{
    struct akt_traces *traces = node->traces;
    pthread_mutex_lock(&traces->lock);
    size_t n = 0;
    for (; n < max && t->len; n++, t->len--) {
        const struct akt_trace_entry *e = &t->ring[t->first];
        memcpy(&out[n], e, offsetof(struct akt_trace_entry, body) + e->len);
        t->first = (t->first + 1) % AKT_TRACE_RING;
    }
    *dropped = t->dropped;
    t->dropped = 0;
    pthread_mutex_unlock(&traces->lock);
    return n;
}

static const char *type_name(const struct akt_trace_entry *e)
{
    if (e->type == AKT_MSG_EXIT)
        return "exit";
    if (e->type == AKT_MSG_DOWN)
        return e->flags & AKT_MSG_RESTARTED ? "restarted" : "down";
    if (e->type == AKT_MSG_REPLY)
        return e->code == AKT_OK ? "reply" : "error";
    return e->flags & AKT_MSG_TICK ? "timer" : e->ask ? "ask" : "send";
}

static void show_id(struct akt_buf *b, const char *key, uint64_t id)
{
    akt_show_key(b, key);
    akt_buf_printf(b, "\"%016" PRIx64 "\"", id);
}

void akt_trace_show(struct akt_buf *b, struct akt_node *node,
                    const struct akt_trace_entry *e)
{
    bool in = e->way == AKT_TRACE_IN || e->way == AKT_TRACE_REPLY_IN;
    akt_buf_putc(b, '{');
    akt_show_key(b, "at_ms");
    akt_buf_printf(b, "%" PRIu64 ".%03u", e->us / 1000,
                   (unsigned)(e->us % 1000));
    akt_show_field(b, "way", in ? "in" : "out");
    akt_show_field(b, "type", type_name(e));
    akt_show_pid(b, in ? "from" : "to", node, e->peer);
    akt_show_number(b, "bytes", e->size);
    if (e->trace)
        show_id(b, "trace", e->trace);
    akt_cause_show(b, node, &e->parent, e->origin);
    if (e->type == AKT_MSG_REPLY && e->code != AKT_OK)
        akt_show_field(b, "code", akt_code_name((enum akt_code)e->code));
    akt_show_key(b, "values");
    akt_show_values(b, e->body, e->len, 4 * AKT_TRACE_BODY);
    akt_buf_putc(b, '}');
}
