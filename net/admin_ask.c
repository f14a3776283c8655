/* SPDX-License-Identifier: MIT */
#include "net/admin_ask.h"

#include <inttypes.h>
#include <string.h>

void akt_admin_ask(struct akt_node *node, akt_pid pid, const char *word,
                   akt_outside_done done, void *ctx)
{
    size_t len = strlen(word);
    struct akt_msg *m = akt_msg_new(AKT_MSG_INFO, len);
    memcpy(m->body, word, len);
    m->target = pid;
    akt_outside_ask(node, m,
                    &(struct akt_outside_ask){AKT_ADMIN_ASK_MS, done, ctx});
}

void akt_admin_describe(struct akt_node *node, akt_pid pid, struct akt_buf *out)
{
    struct akt_actor *a = akt_actor_find(node->actors, pid);
    const char *kind = a ? akt_actor_kind(a)->name : "actor";
    if (kind[0] == '/')
        akt_buf_printf(out, "<%s>", kind);
    else
        akt_buf_printf(out, "<%s#%" PRIu64 ">", kind, akt_pid_serial(pid));
}

static struct akt_isolate *isolate_of(struct akt_node *node, akt_pid pid)
{
    struct akt_actor *a = akt_actor_find(node->actors, pid);
    /* relaxed: set before the pid was published */
    return a ? atomic_load_explicit(&a->isolate, memory_order_relaxed) : NULL;
}

/* The worker that runs a turn in the isolate now, or NULL. */
static struct akt_worker *worker_of(struct akt_node *node,
                                    struct akt_isolate *iso, akt_pid *who)
{
    for (uint32_t i = 0; iso && i < node->workers_len; i++) {
        struct akt_worker *w = &node->workers[i];
        /* relaxed: figures */
        if (!(atomic_load_explicit(&w->turn_seq, memory_order_relaxed) & 1))
            continue;
        who->bits = atomic_load_explicit(&w->actor, memory_order_relaxed);
        if (isolate_of(node, *who) == iso)
            return w;
    }
    return NULL;
}

void akt_admin_why_not(struct akt_node *node, akt_pid pid, enum akt_code code,
                       struct akt_buf *out)
{
    akt_pid who;
    if (code == AKT_UNKNOWN_MESSAGE) {
        akt_buf_puts(out, "it is part of the machine and has no state");
        return;
    }
    if (code != AKT_TIMEOUT) {
        akt_buf_printf(out, "no answer: %s", akt_code_name(code));
        return;
    }
    struct akt_worker *w = worker_of(node, isolate_of(node, pid), &who);
    if (!w) {
        akt_buf_printf(out,
                       "no answer within %d ms: all workers are busy, or it "
                       "has just begun something long",
                       AKT_ADMIN_ASK_MS);
        return;
    }
    akt_buf_puts(out, "no answer: ");
    if (akt_pid_eq(who, pid))
        akt_buf_puts(out, "it");
    else
        akt_admin_describe(node, who, out);
    akt_buf_printf(out, "%s has run for %" PRIu32 " ms on worker %" PRIu32,
                   akt_pid_eq(who, pid) ? "" : ", which has the same heap,",
                   atomic_load_explicit(&w->over_ticks, memory_order_relaxed),
                   w->index);
    akt_buf_puts(out, " without coming to a place where it can be stopped (a C "
                      "function)");
    if (node->place)
        node->place(w, out);
}
